"""A replay is killed 25 times at random moments, and every count still is what it must be.

The oracle is the generator of the posts: it knows what it planted and counts it in plain dictionaries. None of our
code takes part, neither in making the posts nor in counting them.
"""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
import sys
import time
from collections import Counter
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from unittest import mock

import psutil
import pytest

from monitor.cli import main

pytestmark = pytest.mark.timeout(400)

KILLS = 25
POSTS = 60_000
START = datetime(2026, 1, 15, 6, tzinfo=UTC)
HOURS = 30  # a day of the ordinary has to be learned before anything is unusual
NAMES = {"zephyr": "Zéphyrine", "boreal": "Borealis", "caldera": "Caldéra"}
CHATTER = ("encore une fois", "le service client", "ne répond pas", "et le colis", "est en retard", "depuis lundi")
LATENESS = 700  # more than the latest duplicate, so that the recording is read as it lies there
LOOK_EVERY = 0.005
FORKING = get_context("forkserver")
"""Each replay is a process of its own; what it imports is imported once for all of them."""
FORKING.set_forkserver_preload(["monitor.commands.replay"])
OUTPUTS = ("incidents.jsonl", "timeline.jsonl", "signals.csv", "cascades.csv")
COUNTS = ("read", "malformed", "duplicates", "late", "posts", "matched", "mentions", "reposts")


class Planted(NamedTuple):
    """What there is to find."""

    counts: Counter[str]
    minutes: Counter[tuple[str, str]]
    """Mentions by (topic, minute as in ``signals.csv``)."""

    @property
    def topics(self) -> Counter[str]:
        by_topic: Counter[str] = Counter()
        for (topic, _), mentions in self.minutes.items():
            by_topic[topic] += mentions
        return by_topic


class Post(NamedTuple):
    number: int
    seconds: float
    topics: tuple[str, ...]
    text: str


def plant(path: Path, random: Random) -> Planted:
    """Write a recording; return what is in it."""
    counts: Counter[str] = Counter()
    minutes: Counter[tuple[str, str]] = Counter()
    arrivals: list[tuple[float, str]] = []
    originals: list[Post] = []
    for number, (seconds, is_crisis) in enumerate(sorted(moments(random))):
        root = random.choice(originals[-5_000:]) if random.random() < 0.2 and originals else None
        # A repost comes a minute after its root at least, so that no jitter makes it arrive before.
        if root is not None and seconds - root.seconds > 60:
            post = Post(number, seconds, root.topics, random.choice([root.text, ""]))
        else:
            root, post = None, original(number, seconds, random, is_crisis=is_crisis)
            originals.append(post)
        line = line_of(post, root)
        arrival = seconds + random.uniform(0, 30)
        arrivals.append((arrival, line))
        for _ in range(random.random() < 0.1):
            counts["duplicates"] += 1
            arrivals.append((arrival + random.uniform(0, 600), line))
        for _ in range(random.random() < 0.01):
            counts["malformed"] += 1
            arrivals.append((arrival, random.choice(["{", "not json", line[: len(line) // 2], "[1]", '{"a":1}'])))
        counts["posts"] += 1
        counts["reposts"] += root is not None
        counts["matched"] += bool(post.topics)
        counts["mentions"] += len(post.topics)
        minute = (START + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:00Z")
        minutes.update((topic, minute) for topic in post.topics)
    counts["read"] = len(arrivals)
    path.write_text("".join(line + "\n" for _, line in sorted(arrivals)), encoding="utf-8")
    return Planted(counts, minutes)


def moments(random: Random) -> list[tuple[float, bool]]:
    """When posts are published, in seconds, and whether as part of the crisis: twenty minutes of the last hour."""
    ordinary = [(random.uniform(0, HOURS * 3600), False) for _ in range(POSTS * 9 // 10)]
    crisis = [(random.uniform(HOURS * 3600 - 2400, HOURS * 3600 - 1200), True) for _ in range(POSTS // 10)]
    return [(round(seconds, 3), is_crisis) for seconds, is_crisis in ordinary + crisis]


def original(number: int, seconds: float, random: Random, *, is_crisis: bool) -> Post:
    """A post that names no topic, one, or two."""
    topics = ("caldera",) if is_crisis else tuple(sorted(random.sample(list(NAMES), random.choice([0, 0, 0, 1, 1, 2]))))
    words = random.choices(CHATTER, k=4)
    for topic in topics:
        words.insert(random.randrange(len(words)), random.choice([NAMES[topic], NAMES[topic].upper()]))
    return Post(number, seconds, topics, " ".join(words))


def line_of(post: Post, root: Post | None) -> str:
    author = {"id": f"a{post.number * 7919 % 9973}", "followers": post.number * 31 % 5_000}
    line: dict[str, object] = {
        "network": "x",
        "id": str(post.number),
        "kind": "post",
        "published_at": (START + timedelta(seconds=post.seconds)).isoformat().replace("+00:00", "Z"),
        "author": author,
        "text": post.text,
        "lang": "fr",
    }
    if root is not None:
        line |= {"kind": "repost", "root_id": str(root.number), "parent_id": str(root.number)}
    return json.dumps(line, ensure_ascii=False)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Planted]:
    folder = tmp_path_factory.mktemp("recording")
    topics = [{"id": topic, "name": name, "query": name} for topic, name in NAMES.items()]
    (folder / "topics.yaml").write_text(json.dumps({"topics": topics}), encoding="utf-8")  # JSON is YAML
    return folder, plant(folder / "posts.ndjson", Random(20261121))


class Replay:
    """`badbuzz replay` of the recording into one folder, as often as need be."""

    def __init__(self, recording: Path, output: Path) -> None:
        self.output = output
        command = ["badbuzz", "replay", recording / "posts.ndjson", "--topics", recording / "topics.yaml"]
        self._command = [*map(str, command), "--output", str(output), "--lateness", str(LATENESS)]

    def start(self, *options: str) -> ForkServerProcess:
        process = FORKING.Process(target=main)
        with mock.patch.object(sys, "argv", [*self._command, *options]):  # the new process gets it too
            process.start()
        return process

    def finish(self, *options: str) -> float:
        """Replay to the good end; return how many processor seconds it worked."""
        process, worked = self.start(*options), 0.0
        watched = psutil.Process(process.pid)
        while process.is_alive():
            with suppress(psutil.NoSuchProcess):
                worked = processor_seconds(watched)
            time.sleep(LOOK_EVERY)
        assert process.exitcode == 0
        return worked

    def read_so_far(self, scratch: Path) -> int:
        """How many records are committed. Asked of a copy, so that recovery is left to the next replay."""
        if not (self.output / "replay.db").exists():
            return 0
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        for file in self.output.glob("replay.db*"):
            shutil.copy(file, scratch)
        with closing(sqlite3.connect(scratch / "replay.db")) as connection:
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'counts'").fetchone():
                return 0
            row = connection.execute("SELECT value FROM counts WHERE name = 'read'").fetchone()
            return int(row[0]) if row else 0

    @property
    def summary(self) -> dict[str, Any]:
        return dict(json.loads((self.output / "summary.json").read_text(encoding="utf-8")))

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        (database,) = self.output.glob("*.db")
        with closing(sqlite3.connect(database)) as connection:
            return connection.execute(query).fetchall()


def processor_seconds(process: psutil.Process) -> float:
    """How much a process has worked so far; unlike the time that passed, the same on a busy machine."""
    times = process.cpu_times()
    return times.user + times.system


class Pace:
    """Chooses when to kill, so that work goes on from round to round and no round gets to the end."""

    def __init__(self, total: int, start_seconds: float, whole_seconds: float) -> None:
        self._total = total
        self._start = start_seconds
        self._work = whole_seconds - start_seconds

    def seconds(self, done: int, kills_left: int, random: Random) -> float:
        """How long the next round may work. What it does not commit is lost, so it may take several shares."""
        left = (1 - done / self._total) * self._work
        return random.uniform(0.5 * self._start, self._start + min(0.6, 6 / (kills_left + 1)) * left)


def kill_after(seconds: float, process: ForkServerProcess, pause: float) -> None:
    """Kill a process once it has worked for so long, and prove that it was still running."""
    watched = psutil.Process(process.pid)
    with suppress(psutil.NoSuchProcess):
        while processor_seconds(watched) < seconds:
            time.sleep(LOOK_EVERY)
    time.sleep(pause)
    process.kill()
    process.join()
    assert process.exitcode == -9, "the kill hits a running process"


def agrees(replay: Replay, planted: Planted) -> None:
    """Compare everything that counts with what was planted."""
    summary = replay.summary
    assert {name: summary[name] for name in COUNTS} == {name: planted.counts[name] for name in COUNTS}
    assert Counter(summary["topics"]) == planted.topics
    assert Counter(dict(replay.ask("SELECT topic, count(*) FROM mentions GROUP BY topic"))) == planted.topics
    per_minute = (
        "SELECT topic, strftime('%Y-%m-%dT%H:%M:00Z', published_us / 1000000, 'unixepoch'), count(*) "
        "FROM mentions GROUP BY 1, 2"
    )
    assert {(topic, minute): found for topic, minute, found in replay.ask(per_minute)} == planted.minutes
    with (replay.output / "signals.csv").open(encoding="utf-8", newline="") as file:
        told = {(row["topic"], row["window_start"]): int(row["mentions"]) for row in csv.DictReader(file)}
    assert {window: mentions for window, mentions in told.items() if mentions} == planted.minutes


@pytest.fixture(scope="module")
def uninterrupted(recording: tuple[Path, Planted], tmp_path_factory: pytest.TempPathFactory) -> tuple[Replay, Pace]:
    folder, planted = recording
    replay = Replay(folder, tmp_path_factory.mktemp("uninterrupted"))
    first = Replay(folder, tmp_path_factory.mktemp("first"))
    return replay, Pace(planted.counts["read"], first.finish("--limit", "1"), replay.finish())


def test_a_replay_counts_what_is_in_the_recording(recording, uninterrupted):
    replay, _ = uninterrupted
    agrees(replay, recording[1])
    incidents = (replay.output / "incidents.jsonl").read_text(encoding="utf-8").splitlines()
    assert any(json.loads(line)["topic"] == "caldera" for line in incidents), "the crisis leaves its traces to compare"


def test_a_replay_killed_25_times_counts_and_tells_the_same(recording, uninterrupted, tmp_path):
    folder, planted = recording
    whole, pace = uninterrupted
    replay, random = Replay(folder, tmp_path / "killed"), Random(25)
    done = [0]
    for kill in range(KILLS):
        kill_after(pace.seconds(done[-1], KILLS - kill, random), replay.start(), random.uniform(0, 0.02))
        done.append(replay.read_so_far(tmp_path / "copy"))
    assert done == sorted(done), "what was committed stays committed"
    assert len(set(done)) >= 4, "the kills hit at different points, and work went on between them"
    assert done[-1] < planted.counts["read"]
    replay.finish()
    agrees(replay, planted)
    for name in OUTPUTS:
        assert (replay.output / name).read_bytes() == (whole.output / name).read_bytes(), name
