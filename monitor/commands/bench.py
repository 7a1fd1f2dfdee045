"""``badbuzz bench``: what this machine can take, stage by stage and end to end.

The posts are synthetic, of the size and shape of the real wires: X API v2 lines of about 2 KB with their ``includes``,
and Jetstream lines of about 600 bytes. A fifth of them name one of the topics. They are dated at a fixed pace, so that
minutes close and detectors work as they do live.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from statistics import median
from typing import Annotated, Any, Final

import msgspec
import typer

from monitor.clock import SECOND_US, SystemClock, rfc3339
from monitor.mentions import Mention
from monitor.pipeline import Outcome, Pipeline
from monitor.sources import Format
from monitor.sources.jetstream import Jetstream
from monitor.sources.x_v2 import XV2
from monitor.store.database import open_store
from monitor.topics import Topic
from monitor.topics.matcher import Matcher
from monitor.worker import Worker

__all__ = ["bench"]

START_US: Final = 1_768_513_920 * SECOND_US
BATCH: Final = 8_192
SYLLABLES: Final = ("ba", "ko", "li", "mar", "ten", "vu", "sol", "ri", "dan", "pel", "zo", "nor", "tik", "gau", "fen")
SENTENCES: Final = """
le train de ce matin est encore en retard et personne ne répond au téléphone depuis une heure
this parcel was never delivered and nobody answers the phone anymore great service as always merci beaucoup
j'attends toujours ma commande société réseau panne abonnés déçu colère remboursement facture service client
"""
WORDS: Final = SENTENCES.split()


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
    watched = _topics(topics)
    report: dict[str, Any] = {"posts": posts, "topics": topics, "matching": matching, "pace": pace, "repeats": repeats}
    for wire, format_, line in (("x_v2", XV2(), _x_line), ("jetstream", Jetstream(), _jetstream_line)):
        lines = _lines(line, posts, watched, matching, pace)
        report[wire] = {
            "bytes_per_line": round(sum(map(len, lines)) / len(lines)),
            **{name: msgspec.to_builtins(figures) for name, figures in _stages(format_, lines, watched, repeats)},
        }
        del lines
    report["peak_memory_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if as_json:
        print(json.dumps(report, indent=2))
    else:
        _print_table(report)


def _stages(
    format_: Format, lines: Sequence[bytes], topics: Sequence[Topic], repeats: int
) -> Iterator[tuple[str, Figures]]:
    batches = [lines[start : start + BATCH] for start in range(0, len(lines), BATCH)]
    yield "decode", _timed(repeats, len(lines), lambda: _decode(format_, batches))
    decoded = [[item for item in format_.decode(batch).items if isinstance(item, Mention)] for batch in batches]
    matcher = Matcher(topics)
    yield "match", _timed(repeats, len(lines), lambda: _match(matcher, decoded))
    yield "measure", _timed(repeats, len(lines), lambda: _measure(topics, decoded))
    outcomes = _prepared(topics, format_, batches)
    yield "commit", _timed(repeats, len(lines), lambda: _commit(outcomes, topics))
    yield "end_to_end", _timed(repeats, len(lines), lambda: _end_to_end(format_, b"\n".join(lines), topics))


def _timed(repeats: int, posts: int, run: Callable[[], None]) -> Figures:
    walls, cpus = [], []
    for _ in range(repeats):
        gc.collect()
        gc.freeze()
        wall, cpu = time.perf_counter(), time.process_time()
        run()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
        gc.unfreeze()
    return Figures(
        round(posts / median(walls)),
        round(posts / max(walls)),
        round(posts / min(walls)),
        round(median(cpus) / posts * 1e6, 2),
    )


def _decode(format_: Format, batches: Sequence[Sequence[bytes]]) -> None:
    for batch in batches:
        format_.decode(batch)


def _match(matcher: Matcher, decoded: Sequence[Sequence[Mention]]) -> None:
    for mentions in decoded:
        matcher.match(mentions)


def _measure(topics: Sequence[Topic], decoded: Sequence[Sequence[Mention]]) -> None:
    """Everything between decoding and committing: deduplicate, match, measure, judge."""
    pipeline = Pipeline(topics, b"bench")
    for mentions in decoded:
        pipeline.step("bench", mentions, START_US * 2)


def _prepared(topics: Sequence[Topic], format_: Format, batches: Sequence[Sequence[bytes]]) -> list[Any]:
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "bench.db") as store:
        worker = Worker(store, topics, SystemClock(), author_secret=b"bench", lateness_us=60 * SECOND_US)
        prepared = []
        for batch in batches:
            outcome = Outcome()
            worker.step("bench", format_.decode(batch), outcome)
            prepared.append(worker.prepare(outcome, {}))
        return prepared


def _commit(commits: Sequence[Any], topics: Sequence[Topic]) -> None:
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "bench.db") as store:
        store.save_topics(topics)
        for commit in commits:
            store.commit(commit)


def _end_to_end(format_: Format, recording: bytes, topics: Sequence[Topic]) -> None:
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "bench.db") as store:
        store.save_topics(topics)
        worker = Worker(store, topics, SystemClock(), author_secret=b"bench", lateness_us=60 * SECOND_US)
        lines = recording.split(b"\n")
        for start in range(0, len(lines), BATCH):
            outcome = Outcome()
            worker.step("bench", format_.decode(lines[start : start + BATCH]), outcome)
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


def _lines(
    line: Callable[[Random, int, int, str], dict[str, Any]],
    posts: int,
    topics: Sequence[Topic],
    matching: float,
    pace: int,
) -> list[bytes]:
    random = Random(11)
    encode = msgspec.json.Encoder().encode
    lines = []
    for number in range(posts):
        words = random.choices(WORDS, k=random.randint(20, 42))
        if random.random() < matching:
            words[random.randrange(len(words))] = random.choice(topics).name
        lines.append(encode(line(random, number, START_US + number * SECOND_US // pace, " ".join(words))))
    return lines


def _x_line(random: Random, number: int, at_us: int, text: str) -> dict[str, Any]:
    """One line of the X API v2 filtered stream; three in ten are retweets of one of ten thousand roots."""
    author, original = str(10**9 + random.randrange(10**8)), None
    identifier = str(1_482_000_000_000_000_000 + number * 4096)
    post = _x_post(random, identifier, author, at_us, text)
    users = [_x_user(random, author)]
    if random.random() < 0.3:
        root = random.randrange(10_000)
        owner = str(10**9 + root)
        original = _x_post(random, str(1_481_000_000_000_000_000 + root), owner, at_us - 3600 * SECOND_US, text)
        post["text"] = f"RT @u{owner}: {text}"[:140]
        post["referenced_tweets"] = [{"type": "retweeted", "id": original["id"]}]
        users.append(_x_user(random, owner))
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
        "created_at": rfc3339(at_us - at_us % 1000),
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
            "hashtags": [{"start": 0, "end": 5, "tag": random.choice(WORDS)}],
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
            }
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


def _jetstream_line(random: Random, number: int, at_us: int, text: str) -> dict[str, Any]:
    """One commit of Jetstream; three in ten are reposts of one of the posts before."""
    did = f"did:plc:{random.randrange(36**12):024x}"
    is_repost = number > 100 and random.random() < 0.3
    collection = "app.bsky.feed.repost" if is_repost else "app.bsky.feed.post"
    record: dict[str, Any] = {"$type": collection, "createdAt": rfc3339(at_us - at_us % 1000)}
    if is_repost:
        root = random.randrange(number)
        record["subject"] = {
            "uri": f"at://did:plc:{root:024x}/app.bsky.feed.post/{root:013x}",
            "cid": "bafyreib2rxk3rybk3aobmv5cjuql3bm2twh4jo5uxgf5kpqcsgz7soitae",
        }
    else:
        record |= {"langs": [random.choice(("fr", "en"))], "text": text}
    return {
        "did": did,
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
    for wire in ("x_v2", "jetstream"):
        for stage, figures in report[wire].items():
            if isinstance(figures, dict):
                speeds = (figures["posts_per_second"], figures["slowest"], figures["fastest"])
                cells = "".join(f"{speed:>12,.0f}" for speed in speeds)
                print(f"{stage:12}{wire:>12}{cells}{figures['cpu_microseconds_per_post']:>14.2f}")
    print(f"bytes per line: x_v2 {report['x_v2']['bytes_per_line']}, jetstream {report['jetstream']['bytes_per_line']}")
    print(f"peak memory: {report['peak_memory_bytes'] / 2**20:,.0f} MiB, of which the posts themselves are a part")
    sys.stdout.flush()
