"""``badbuzz bench``: what this machine can take, stage by stage and end to end.

The posts are synthetic, of the size and shape of the real wires: X API v2 lines of about 2 KB with their ``includes``,
and Jetstream lines of about 600 bytes. A fifth of them name one of the topics. They are dated at a fixed pace, so that
minutes close and detectors work as they do live.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from random import Random
from statistics import median
from typing import Annotated, Any, Final, TypeVar

import msgspec
import typer

from monitor.api.intake import LARGEST_BATCH
from monitor.clock import SECOND_US, SystemClock, rfc3339
from monitor.mentions import Mention
from monitor.pipeline import Outcome
from monitor.sources import Decoded, Format
from monitor.sources.jetstream import Jetstream
from monitor.sources.x_v2 import XV2
from monitor.store import Commit
from monitor.store.database import Store, open_store
from monitor.topics import Topic
from monitor.topics.matcher import Matcher
from monitor.worker import Worker, calm_collector

__all__ = ["bench"]

Prepared = TypeVar("Prepared")

START_US: Final = 1_768_513_920 * SECOND_US
BATCH: Final = LARGEST_BATCH
FORMATS: Final[dict[str, Callable[[], Format]]] = {"x_v2": XV2, "jetstream": Jetstream}
WIRES: Final = tuple(FORMATS)
SYLLABLES: Final = ("ba", "ko", "li", "mar", "ten", "vu", "sol", "ri", "dan", "pel", "zo", "nor", "tik", "gau", "fen")
SENTENCES: Final = """
le train de ce matin était plein alors nous avons pris le suivant avec les enfants et leurs vélos jusqu à la gare
quelqu un sait si la boutique du centre ouvre dimanche parce que je voudrais changer mon téléphone avant lundi
they said the parcel would come on tuesday between nine and noon so i am working from home with the cat today
new menu at the corner place near the station we tried it yesterday and my sister took three pictures of the table
j attends toujours ma commande depuis mardi et personne ne répond merci pour rien the app keeps crashing again thanks
"""
WORDS: Final = SENTENCES.split()


@dataclass(frozen=True)
class Load:
    """What is measured on; the options of the command."""

    posts: int
    topics: int
    matching: float
    pace: int
    repeats: int


class Figures(msgspec.Struct):
    """Posts a second of one stage over the repeats: the median, and the slowest and fastest."""

    posts_per_second: float
    slowest: float
    fastest: float
    cpu_microseconds_per_post: float


def bench(
    posts: Annotated[int, typer.Option(min=10_000, help="Posts per wire and repeat.")] = 200_000,
    topics: Annotated[int, typer.Option(min=1, help="Topics watched.")] = 1_000,
    matching: Annotated[float, typer.Option(min=0.0, max=1.0, help="Share of posts that name a topic.")] = 0.2,
    pace: Annotated[int, typer.Option(min=1, help="Posts per second of event time.")] = 5_000,
    repeats: Annotated[int, typer.Option(min=1, help="Runs of each stage.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Measure decode, match, measure, commit and end to end (bytes in to committed) on one core."""
    load = Load(posts, topics, matching, pace, repeats)
    report: dict[str, Any] = dict(asdict(load))
    # Processes of their own, that hold nothing but the product: their peak memory is the product's. They come first,
    # because Linux counts what a process inherited from its parent's peak as its own.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as alone:
        whole = dict(zip(WIRES, alone.map(partial(_measure_alone, load), WIRES), strict=True))
    for wire, (end_to_end, line_bytes, peak) in whole.items():
        stages = {**dict(_stages(wire, load)), "end_to_end": end_to_end}
        report[wire] = {
            "bytes_per_line": line_bytes,
            "peak_memory_bytes": peak,
            **{name: msgspec.to_builtins(figures) for name, figures in stages.items()},
        }
    if as_json:
        print(json.dumps(report, indent=2))
    else:
        _print_table(report)


def _stages(wire: str, load: Load) -> Iterator[tuple[str, Figures]]:
    format_, topics = FORMATS[wire](), _topics(load.topics)
    lines = list(_lines(wire, load, topics))
    batches = [lines[start : start + BATCH] for start in range(0, len(lines), BATCH)]
    decoded = [format_.decode(batch) for batch in batches]
    mentions = [[item for item in part.items if isinstance(item, Mention)] for part in decoded]
    matcher = Matcher(topics)
    yield "decode", _timed(load, lambda: nullcontext(batches), partial(_decode, format_))
    yield "match", _timed(load, lambda: nullcontext(mentions), partial(_match, matcher))
    yield "measure", _timed(load, lambda: _fresh(topics), partial(_measure, decoded))
    commits = _prepared(decoded, topics)
    yield "commit", _timed(load, lambda: _fresh(topics), partial(_commit, commits))


def _measure_alone(load: Load, wire: str) -> tuple[Figures, int, int]:
    """Measure end to end from a file: (figures, bytes per line, peak memory of this process in bytes)."""
    topics = _topics(load.topics)
    with tempfile.TemporaryDirectory() as folder:
        recording = Path(folder) / "posts.jsonl"
        with recording.open("wb") as file:
            file.writelines(line + b"\n" for line in _lines(wire, load, topics))
        run = partial(_end_to_end, FORMATS[wire](), recording)
        figures = _timed(load, lambda: _fresh(topics), run)
        line_bytes = round(recording.stat().st_size / load.posts)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return figures, line_bytes, peak * (1 if sys.platform == "darwin" else 1024)


def _timed(
    load: Load, prepare: Callable[[], AbstractContextManager[Prepared]], run: Callable[[Prepared], None]
) -> Figures:
    """Time `run` on what `prepare` sets up anew each time; setting up is not timed."""
    walls, cpus = [], []
    for _ in range(load.repeats):
        with prepare() as prepared:
            calm_collector()
            wall, cpu = time.perf_counter(), time.process_time()
            run(prepared)
            walls.append(time.perf_counter() - wall)
            cpus.append(time.process_time() - cpu)
    return Figures(
        round(load.posts / median(walls)),
        round(load.posts / max(walls)),
        round(load.posts / min(walls)),
        round(median(cpus) / load.posts * 1e6, 2),
    )


@contextmanager
def _fresh(topics: Sequence[Topic]) -> Iterator[tuple[Store, Worker]]:
    """Open an empty database and a worker on it."""
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "bench.db") as store:
        store.save_topics(topics)
        worker = Worker(store, topics, SystemClock(), author_secret=b"bench", lateness_us=60 * SECOND_US)
        worker.resume()
        yield store, worker


def _decode(format_: Format, batches: Sequence[Sequence[bytes]]) -> None:
    for batch in batches:
        format_.decode(batch)


def _match(matcher: Matcher, batches: Sequence[Sequence[Mention]]) -> None:
    for mentions in batches:
        matcher.match(mentions)


def _measure(decoded: Sequence[Decoded], fresh: tuple[Store, Worker]) -> None:
    """Everything between decoding and committing: deduplicate, match, measure, judge."""
    _, worker = fresh
    for part in decoded:
        worker.step("bench", part, Outcome())


def _prepared(decoded: Sequence[Decoded], topics: Sequence[Topic]) -> list[Commit]:
    with _fresh(topics) as (_, worker):
        commits = []
        for part in decoded:
            outcome = Outcome()
            worker.step("bench", part, outcome)
            commits.append(worker.prepare(outcome, {}))
        return commits


def _commit(commits: Sequence[Commit], fresh: tuple[Store, Worker]) -> None:
    store, _ = fresh
    for commit in commits:
        store.commit(commit)


def _end_to_end(format_: Format, recording: Path, fresh: tuple[Store, Worker]) -> None:
    """Bytes in to committed: cut into lines, decode, deduplicate, match, measure, judge, commit."""
    _, worker = fresh
    with recording.open("rb", buffering=1 << 20) as file:
        lines = format_.records(file)
        while batch := list(islice(lines, BATCH)):
            outcome = Outcome()
            worker.step("bench", format_.decode(batch), outcome)
            worker.commit(worker.prepare(outcome, {}))


def _topics(count: int) -> list[Topic]:
    random = Random(7)
    names: dict[str, None] = {}
    while len(names) < count:
        names["".join(random.choices(SYLLABLES, k=3)) + random.choice(SYLLABLES)] = None
    return [
        Topic(id=f"t{number}", name=name, query=f'{name} OR #{name} OR "{name} service"')
        for number, name in enumerate(names)
    ]


class Texts:
    """Texts as long as in a recorded sample of X (78 letters on average), a fixed share of which name a topic."""

    def __init__(self, topics: Sequence[Topic], matching: float) -> None:
        self.random = Random(11)
        self._topics = topics
        self._matching = matching
        self._roots: dict[int, str] = {}
        self.posts: list[int] = []  # numbers of the lines so far that can be reposted

    def fresh(self) -> str:
        """Return the text of a new post."""
        words = self.random.choices(WORDS, k=self.random.randint(4, 28))
        if self.random.random() < self._matching:
            words[self.random.randrange(len(words))] = self.random.choice(self._topics).name
        return " ".join(words)

    def of_root(self, root: int) -> str:
        """Return the text of a root that is reposted, always the same."""
        if root not in self._roots:
            self._roots[root] = self.fresh()
        return self._roots[root]


def _lines(wire: str, load: Load, topics: Sequence[Topic]) -> Iterator[bytes]:
    texts = Texts(topics, load.matching)
    encode = msgspec.json.Encoder().encode
    line = _x_line if wire == "x_v2" else _jetstream_line
    for number in range(load.posts):
        yield encode(line(texts, number, START_US + number * SECOND_US // load.pace))


def _x_line(texts: Texts, number: int, at_us: int) -> dict[str, Any]:
    """One line of the X API v2 filtered stream; three in ten are retweets of one of ten thousand roots."""
    random = texts.random
    author, original = str(10**9 + random.randrange(10**8)), None
    identifier = str(1_482_000_000_000_000_000 + number * 4096)
    users = [_x_user(random, author)]
    if random.random() < 0.3:
        root = random.randrange(10_000)
        owner, text = str(10**9 + root), texts.of_root(root)
        original = _x_post(random, str(1_481_000_000_000_000_000 + root), owner, at_us - 3600 * SECOND_US, text)
        post = _x_post(random, identifier, author, at_us, f"RT @u{owner}: {text}"[:140])
        post["referenced_tweets"] = [{"type": "retweeted", "id": original["id"]}]
        users.append(_x_user(random, owner))
    else:
        post = _x_post(random, identifier, author, at_us, texts.fresh())
    return {
        "data": post,
        "includes": {"users": users, **({"tweets": [original]} if original else {})},
        "matching_rules": [{"id": "1478000000000000001", "tag": "brands"}],
    }


def _x_post(random: Random, identifier: str, author: str, at_us: int, text: str) -> dict[str, Any]:
    return {
        "id": identifier,
        "edit_history_tweet_ids": [identifier],
        "author_id": author,
        "conversation_id": identifier,
        "created_at": rfc3339(at_us - at_us % SECOND_US).replace("Z", ".000Z"),
        "text": text,
        "lang": random.choice(("fr", "en")),
        "possibly_sensitive": False,
        "reply_settings": "everyone",
        "public_metrics": {
            "retweet_count": random.randrange(50),
            "reply_count": random.randrange(20),
            "like_count": random.randrange(500),
            "quote_count": 0,
            "bookmark_count": 0,
            "impression_count": random.randrange(100_000),
        },
        "entities": {
            "hashtags": [{"start": 0, "end": 5, "tag": text.rsplit(maxsplit=1)[-1]}],
            "urls": [
                {
                    "start": 100,
                    "end": 123,
                    "url": "https://t.co/abcdefghij",
                    "expanded_url": f"https://news.example/articles/2026/01/15/{identifier}",
                    "display_url": "news.example/articles/2026/…",
                    "status": 200,
                    "title": "An article about the things that people write about",
                }
            ],
        },
        "context_annotations": [
            {
                "domain": {"id": "47", "name": "Brand", "description": "Brands and Companies"},
                "entity": {"id": "10026378521", "name": "A company"},
            },
            {
                "domain": {"id": "30", "name": "Entities [Entity Service]"},
                "entity": {"id": "781974596", "name": "Rail"},
            },
        ],
    }


def _x_user(random: Random, identifier: str) -> dict[str, Any]:
    return {
        "id": identifier,
        "username": f"u{identifier}",
        "name": "Somebody from Somewhere",
        "created_at": "2014-05-06T07:08:09.000Z",
        "verified": False,
        "protected": False,
        "description": "Parents, trains, cheese. Opinions are those of the cheese. They/them, Lyon and elsewhere.",
        "profile_image_url": f"https://pictures.example/profile_images/{identifier}/normal.jpg",
        "public_metrics": {
            "followers_count": int(random.paretovariate(0.9) * 20),
            "following_count": random.randrange(2_000),
            "tweet_count": random.randrange(90_000),
            "listed_count": random.randrange(50),
        },
    }


def _jetstream_line(texts: Texts, number: int, at_us: int) -> dict[str, Any]:
    """One commit of Jetstream; three in ten are reposts of one of the posts before."""
    random = texts.random
    is_repost = bool(texts.posts) and random.random() < 0.3
    collection = "app.bsky.feed.repost" if is_repost else "app.bsky.feed.post"
    record: dict[str, Any] = {"$type": collection, "createdAt": rfc3339(at_us - at_us % 1000)}
    if is_repost:
        root = random.choice(texts.posts)
        record["subject"] = {
            "uri": f"at://did:plc:{root:024x}/app.bsky.feed.post/{root:013x}",
            "cid": "bafyreib2rxk3rybk3aobmv5cjuql3bm2twh4jo5uxgf5kpqcsgz7soitae",
        }
    else:
        texts.posts.append(number)
        link = {"$type": "app.bsky.richtext.facet#link", "uri": f"https://news.example/articles/{number}"}
        record |= {
            "langs": [random.choice(("fr", "en"))],
            "text": texts.fresh(),
            "facets": [{"features": [link], "index": {"byteStart": 0, "byteEnd": 4}}],
        }
    return {
        "did": f"did:plc:{number:024x}",
        "time_us": at_us,
        "kind": "commit",
        "commit": {
            "rev": f"3l3qo2v{number:06x}",
            "operation": "create",
            "collection": collection,
            "rkey": f"{number:013x}",
            "record": record,
            "cid": "bafyreidwaivazkwu67xztlmuobx35hs2lnfh3kolmgfmucldvhd3sgzcqi",
        },
    }


def _print_table(report: dict[str, Any]) -> None:
    print(f"{'stage':12}{'wire':>12}{'posts/s':>12}{'slowest':>12}{'fastest':>12}{'µs CPU/post':>14}")
    for wire in WIRES:
        for stage, figures in report[wire].items():
            if isinstance(figures, dict):
                speeds = (figures["posts_per_second"], figures["slowest"], figures["fastest"])
                cells = "".join(f"{speed:>12,.0f}" for speed in speeds)
                print(f"{stage:12}{wire:>12}{cells}{figures['cpu_microseconds_per_post']:>14.2f}")
    print(f"bytes per line: x_v2 {report['x_v2']['bytes_per_line']}, jetstream {report['jetstream']['bytes_per_line']}")
    for wire in WIRES:
        print(f"peak memory end to end, {wire}: {report[wire]['peak_memory_bytes'] / 2**20:,.0f} MiB")
