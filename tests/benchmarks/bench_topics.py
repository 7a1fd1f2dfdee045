"""What judging costs: microseconds and bytes per topic and minute, with ten thousand topics in memory.

Run ``python -m tests.benchmarks.bench_topics``. Real topic states (measures, detectors, cascades, incidents) are closed
minute by minute, every minute with as many posts as `--posts` says, made up but no two alike. Printed are the
cost of each detector by itself on a topic that has learned three weeks; processor time and resident memory for each
topic and minute of all detectors together; and of whole topics, with everything around them, and the bytes of their
snapshot. The best minute counts. With ``--fast`` a hundredth
of the topics.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import time
from pathlib import Path

from monitor.anomalies import Detector
from monitor.anomalies.family import detectors
from monitor.clock import MINUTE_US
from monitor.mentions import mention_key
from monitor.signals.family import measure_minute
from monitor.topic_state import TopicState
from monitor.topics import Match, Topic

START_US = 1_704_067_200_000_000  # 2024-01-01T00:00:00Z
KINDS = ("post", "reply", "repost", "quote")


def resident() -> int:
    """Return the bytes of this process that are in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


def posts(topic: str, start_us: int, count: int, rng: random.Random) -> list[Match]:
    """Return a minute's matches, as varied as a quiet brand's."""
    found = []
    for place in range(count):
        identifier = f"{topic}-{start_us}-{place}"
        key = mention_key("x", identifier)
        kind = rng.choice(KINDS)
        root = key if kind == "post" else rng.getrandbits(40)
        found.append(
            Match(
                topic, key, identifier, start_us + place, "x", kind,
                author=rng.getrandbits(60), followers=int(rng.lognormvariate(5.0, 2.0)), root=root,
                root_id=str(root), tone=rng.gauss(0.0, 0.4), hashtags=("#a",) if place % 3 == 0 else (),
                answers_own=rng.random() < 0.1,
            )
        )  # fmt: skip
    return found


def whole(topics: int, minutes: int, per_minute: int) -> dict[str, float]:
    """Return what whole topics cost, all of them in memory."""
    rng = random.Random(1)
    gc.collect()
    before = resident()
    states = [TopicState(Topic(id=f"t{place}", name="t", query="t"), detectors) for place in range(topics)]
    for state in states:
        state.watch_since(START_US)
    spent = 0.0
    best = float("inf")
    for minute in range(minutes):
        start_us = START_US + minute * 7 * MINUTE_US
        made = [posts(f"t{place}", start_us, per_minute, rng) for place in range(topics)]
        start = time.process_time()
        for state, matches in zip(states, made, strict=True):
            state.close(start_us, matches, ())
        took = time.process_time() - start
        spent += took
        best = min(best, took)
    del made
    gc.collect()
    return {
        "topics": topics,
        "minutes": minutes,
        "posts_per_minute": per_minute,
        "us_per_topic_minute": round(best / topics * 1e6, 1),
        "us_per_topic_minute_mean": round(spent / topics / minutes * 1e6, 1),
        "resident_bytes_per_topic": round((resident() - before) / topics),
        "snapshot_bytes": round(sum(len(state.snapshot()) for state in states[:20]) / min(20, topics)),
    }


def judging(topics: int, minutes: int, per_minute: int) -> dict[str, float]:
    """Return what the detectors alone cost, of so many topics."""
    rng = random.Random(3)
    topic = Topic(id="acme", name="Acme", query="acme")
    for detector in detectors(topic):  # what all topics share is there before we measure
        detector.learn(measure_minute("acme", START_US, posts("acme", START_US, per_minute, rng)))
    gc.collect()
    before = resident()
    families = [detectors(topic) for _ in range(topics)]
    best = float("inf")
    for minute in range(minutes):
        start_us = START_US + minute * 7 * MINUTE_US
        signals = [measure_minute("acme", start_us, posts("acme", start_us, per_minute, rng)) for _ in range(50)]
        start = time.process_time()
        for place, family in enumerate(families):
            for detector in family:
                detector.score(signals[place % 50])
                detector.learn(signals[place % 50])
        best = min(best, time.process_time() - start)
    gc.collect()
    return {
        "topics": topics,
        "minutes": minutes,
        "us_per_topic_minute": round(best / topics * 1e6, 1),
        "resident_bytes_per_topic": round((resident() - before) / topics),
    }


def each(per_minute: int) -> dict[str, dict[str, float]]:
    """Return what each detector costs by itself: microseconds to score and to learn one minute, bytes saved."""
    rng = random.Random(2)
    topic = Topic(id="acme", name="Acme", query="acme")
    signals = [
        measure_minute(
            "acme", START_US + minute * MINUTE_US, posts("acme", START_US + minute * MINUTE_US, per_minute, rng)
        )
        for minute in range(0, 21 * 1440, 7)
    ]
    found: dict[str, dict[str, float]] = {}
    for detector in detectors(topic):
        spent = float("inf")
        for part in range(0, len(signals), 720):
            spent = min(spent, _spent(detector, signals[part : part + 720]))
        found[detector.name] = {"us_per_minute": round(spent * 1e6, 1), "snapshot_bytes": len(detector.snapshot())}
    return found


def _spent(detector: Detector, signals: list) -> float:  # type: ignore[type-arg]
    start = time.process_time()
    for signal in signals:
        detector.score(signal)
        detector.learn(signal)
    return (time.process_time() - start) / len(signals)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fast", action="store_true", help="a hundredth of the topics")
    parser.add_argument("--topics", type=int, default=10_000)
    parser.add_argument("--minutes", type=int, default=15)
    parser.add_argument("--posts", type=int, default=3)
    asked = parser.parse_args()
    number = asked.topics // 100 if asked.fast else asked.topics
    print(json.dumps({"each detector": each(asked.posts)}))
    print(json.dumps({"all detectors": judging(number, asked.minutes, asked.posts)}))
    print(json.dumps({"whole topics": whole(number, asked.minutes, asked.posts)}))
