"""Made streams of signals, minute by minute, for the tests of detectors."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator

from monitor.anomalies import Detector, Verdict
from monitor.clock import MINUTE_US
from monitor.signals import Signal

MONDAY_US = 1_704_067_200_000_000  # 2024-01-01T00:00:00Z


def poisson(mean: float, rng: random.Random) -> int:
    """Return a Poisson count, by multiplication of uniform numbers in steps of mean 20 at most."""
    total = 0
    while mean > 0.0:
        step, product, count = min(mean, 20.0), 1.0, -1
        while product > math.exp(-step):
            product *= rng.random()
            count += 1
        total += count
        mean -= step
    return total


def rhythm(minute: int) -> float:
    return 1.0 + 0.7 * math.cos(2 * math.pi * (minute - 14 * 60) / 1440)


def crowd(
    days: float,
    rate: Callable[[int], float],
    *,
    first_day: float = 0.0,
    negative: Callable[[int], float] = lambda _: 0.2,
    answers: Callable[[int], float] = lambda _: 0.1,
    seed: int = 1,
    every: bool = False,
) -> Iterator[Signal]:
    """Yield the minutes that hold something (or `every` one): mentions at `rate` a minute, and what they are like."""
    rng = random.Random(seed)
    first = round(first_day * 1440)
    for minute in range(first, first + round(days * 1440)):
        mentions = poisson(rate(minute), rng)
        if not mentions and not every:
            continue
        angry = sum(rng.random() < negative(minute) for _ in range(mentions))
        answering = sum(rng.random() < answers(minute) for _ in range(mentions))
        measures = {
            "distinct_authors": float(mentions),
            "negative_share": angry / max(1, mentions),
            "cool_answers_share": answering / max(1, mentions),
        }
        yield Signal(topic="acme", start_us=MONDAY_US + minute * MINUTE_US, mentions=mentions, measures=measures)


def live(detector: Detector, signals: Iterator[Signal], *, frozen: bool = False) -> list[Verdict]:
    """Judge, then learn or skip, each minute; return the verdicts."""
    said = []
    for one in signals:
        said.append(detector.score(one))
        if frozen:
            detector.skip(one.start_us, one.end_us)
        else:
            detector.learn(one)
    return said
