"""Alarms, thresholds, detections, and how sure we are of them.

An alarm is the first step at which a method is at least as alarmed as its threshold. For half a day it is not raised
again, unless it gets worse: what is ten times rarer by the method's own measure is told once more, as an incident that
becomes more severe is, and so is what is ten times rarer again. Thresholds are set on streams used for nothing else, so
that these have no more alarms of all kinds than the budget. An alarm detects a crisis when it comes between a quarter
of an hour before the onset and a day after; who has not alarmed by then is given the whole day as delay (the restricted
mean of survival analysis), so that being late and being silent cannot be traded for each other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from monitor.backtest.trials import EARLY_US, HORIZON_US, INCIDENTS, REFRACTORY_US, WARNINGS, Stretch, Tier
from monitor.clock import HOUR_US, MINUTE_US

__all__ = [
    "HORIZONS_HOURS",
    "UNHEARD",
    "Detection",
    "Interval",
    "Threshold",
    "Thresholds",
    "alarms",
    "bootstrap",
    "calibrate",
    "detect",
    "exact_share",
    "false_alarms",
    "rate_interval",
    "recall",
]

HORIZONS_HOURS: Final = (1, 6, 24)
RESAMPLES: Final = 1000
COVERAGE: Final = 0.95
LEAST_SEVERITY: Final = {INCIDENTS: 1, WARNINGS: 2}
"""The methods that are the product as it comes, with the severity from which they count."""

TIMES_RARER: Final = 10.0
"""So much rarer than an alarm is what is worth another within half a day of it."""


MOST: Final = 1e6
"""Some ratios have no end."""


class Threshold(NamedTuple):
    """When a method alarms.

    Attributes
    ----------
    alarm
        From where on; infinite where it never does.
    worse
        From where on what it alarmed at has got worse, that is ten times rarer; infinite where that is unknown.
    step
        By how much more, positive, it must rise to have got worse again. The first such step was measured; further
        ones take it that the tail goes on as it did, for no calibration is long enough to see them.
    """

    alarm: float
    worse: float = math.inf
    step: float = math.inf

    def grades(self, values: npt.NDArray[np.floating]) -> list[int]:
        """Return how often each value has got worse: 0 below `worse`, 1 from there on, one more for each step."""
        above = np.clip(values - self.worse, 0.0, MOST) / self.step
        grades: list[int] = np.where(values >= self.worse, 1.0 + np.floor(above), 0.0).astype(int).tolist()
        return grades


UNHEARD: Final = Threshold(math.inf)

Thresholds = Mapping[Tier, Threshold]
"""Thresholds of a method, by what they are set for."""


class Interval(msgspec.Struct, frozen=True):
    """A number with the central 95 % interval of what chance would have made of it."""

    value: float
    low: float
    high: float

    def is_above(self, other: Interval) -> bool:
        """Tell whether the whole interval lies above the other's."""
        return self.low > other.high


@dataclass(frozen=True, slots=True)
class Detection:
    """What a method made of one crisis.

    Attributes
    ----------
    minutes
        From onset to alarm; those of the whole horizon if it was missed. An alarm before the onset counts as none.
    mentions, reach
        Mentions from onset to alarm, and the followers of their authors added up minute by minute: what was said
        before anybody was told.
    """

    seed: int
    volume: float
    minutes: float
    mentions: float
    reach: float
    is_detected: bool


def alarms(stretch: Stretch, method: str, threshold: Threshold) -> list[int]:
    """Return the instants at which a method alarms on a stretch."""
    if method in LEAST_SEVERITY:
        reached = [level for level in stretch.levels if level.severity >= LEAST_SEVERITY[method]]
        return _told([level.at_us for level in reached], [level.severity for level in reached], REFRACTORY_US)
    said = stretch.said[method]
    steps = np.flatnonzero(said >= threshold.alarm)
    places = _told(steps.tolist(), threshold.grades(said[steps]), REFRACTORY_US // stretch.step_us)
    return [stretch.start_us + (place + 1) * stretch.step_us for place in places]


def _told(moments: Sequence[int], grades: Sequence[int], silence: int) -> list[int]:
    """Keep the moments that are told: not those that follow within the silence and are no worse."""
    kept: list[int] = []
    worst = 0
    for moment, grade in zip(moments, grades, strict=True):
        if not kept or moment - kept[-1] >= silence or grade > worst:
            kept.append(moment)
            worst = grade
    return kept


def false_alarms(quiet: Sequence[Stretch], method: str, thresholds: Thresholds) -> list[int]:
    """Return the number of alarms on each quiet stretch."""
    return [len(alarms(stretch, method, thresholds.get(stretch.tier, UNHEARD))) for stretch in quiet]


def calibrate(quiet: Sequence[Stretch], method: str, per_week: float) -> Threshold:
    """Return the least threshold at which the alarms on these streams keep a budget.

    Parameters
    ----------
    per_week
        Alarms a topic-week, at most.

    Returns
    -------
    Threshold
        Where even the largest of these values comes too often, just above it; whatever a method says at all where it
        never spoke.
    """
    allowed = per_week * sum(stretch.weeks for stretch in quiet)
    values = np.unique(np.concatenate([stretch.said[method] for stretch in quiet]))
    values = values[np.isfinite(values)]

    def least(allowed: float, threshold_of: Callable[[float], Threshold]) -> float:
        low, high = 0, len(values)  # the answer lies in [low, high]; high stands for infinity
        while low < high:
            middle = (low + high) // 2
            threshold = threshold_of(float(values[middle]))
            if sum(len(alarms(stretch, method, threshold)) for stretch in quiet) <= allowed:
                high = middle
            else:
                low = middle + 1
        return float(values[low]) if low < len(values) else math.inf

    worse = least(allowed / TIMES_RARER, Threshold)
    step = worse - least(allowed, Threshold) if math.isfinite(worse) else 0.0
    step = step if step > 0.0 else math.inf
    alarm = least(allowed, lambda value: Threshold(value, worse, step))
    return Threshold(alarm if math.isfinite(alarm) else _beyond(values), worse, step)


def _beyond(values: npt.NDArray[np.floating]) -> float:
    """Return the least number of the same kind above all values, or of any where there are none."""
    return float(np.nextafter(values[-1], np.inf, dtype=values.dtype) if len(values) else np.finfo(values.dtype).min)


def detect(stretch: Stretch, method: str, threshold: Threshold) -> Detection:
    """Return what a method made of the event of a stretch."""
    onset_us = stretch.onset_us or stretch.start_us
    raised = alarms(stretch, method, threshold)
    in_time = [at_us for at_us in raised if onset_us - EARLY_US <= at_us <= onset_us + HORIZON_US]
    end_us = max(onset_us, in_time[0]) if in_time else onset_us + HORIZON_US
    begin = max(0, (onset_us - stretch.start_us) // MINUTE_US)
    end = (end_us - stretch.start_us) // MINUTE_US
    return Detection(
        seed=stretch.seed,
        volume=stretch.volume,
        minutes=(end_us - onset_us) / MINUTE_US,
        mentions=float(stretch.counts[begin:end].sum()),
        reach=float(stretch.reach[begin:end].sum()),
        is_detected=bool(in_time),
    )


def recall(detections: Sequence[Detection], hours: float) -> npt.NDArray[np.float64]:
    """Return 1 for each crisis detected within some hours of its onset, 0 for the others."""
    within = hours * HOUR_US / MINUTE_US
    return np.array([float(one.is_detected and one.minutes <= within) for one in detections])


def bootstrap(
    groups: Sequence[tuple[int, float]],
    values: npt.NDArray[np.float64],
    of: Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]],
) -> Interval:
    """Return a statistic of one value a trial, with its percentile interval over topics drawn with replacement.

    Parameters
    ----------
    groups
        The topic (seed and volume) of each trial; trials of one topic are drawn together. The same groups give the
        same draws, so that methods are compared on the same topics.
    values
        Shape (n,).
    of
        The statistic, over the last axis of an array.
    """
    if not len(values):
        return Interval(0.0, 0.0, 0.0)
    topics = sorted(set(groups))
    place = {topic: number for number, topic in enumerate(topics)}
    members = [np.flatnonzero([place[group] == number for group in groups]) for number in range(len(topics))]
    draws = np.random.default_rng(len(topics)).integers(0, len(topics), (RESAMPLES, len(topics)))
    if all(len(member) == 1 for member in members):
        drawn = of(values[np.concatenate(members)][draws])
    else:
        drawn = np.array([of(values[np.concatenate([members[one] for one in row])]) for row in draws])
    low, high = np.quantile(drawn, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2])
    return Interval(float(of(values)), float(low), float(high))


def exact_share(count: int, trials: int) -> Interval:
    """Return a share with the interval of Clopper and Pearson, which holds whatever the share and however few trials.

    Parameters
    ----------
    count, trials
        ``0 <= count <= trials``, one trial at least.

    Examples
    --------
    >>> [round(bound, 4) for bound in msgspec.structs.astuple(exact_share(0, 60))]
    [0.0, 0.0, 0.0596]

    References
    ----------
    .. [1] C. J. Clopper, E. S. Pearson, Biometrika 26 (1934) 404-413.
    """
    side = (1 - COVERAGE) / 2
    low = _share_at(count, trials, side) if count else 0.0
    high = _share_at(count + 1, trials, 1 - side) if count < trials else 1.0
    return Interval(count / trials, low, high)


def _share_at(least: int, trials: int, chance: float) -> float:
    """Return the share at which `least` or more of the trials have this chance, by bisection."""
    ways = [
        math.lgamma(trials + 1) - math.lgamma(count + 1) - math.lgamma(trials - count + 1)
        for count in range(least, trials + 1)
    ]
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        hit, miss = math.log(middle), math.log1p(-middle)
        tail = math.fsum(math.exp(way + count * hit + (trials - count) * miss) for count, way in enumerate(ways, least))
        low, high = (middle, high) if tail < chance else (low, middle)
    return (low + high) / 2


def rate_interval(counts: Sequence[int], quiet: Sequence[Stretch]) -> Interval:
    """Return alarms a topic-week over streams, with its percentile interval over streams drawn with replacement."""
    weeks = np.array([stretch.weeks for stretch in quiet])
    if not weeks.sum():
        return Interval(0.0, 0.0, 0.0)
    numbers = np.array(counts, float)
    draws = np.random.default_rng(len(quiet)).integers(0, len(quiet), (RESAMPLES, len(quiet)))
    drawn = numbers[draws].sum(axis=1) / weeks[draws].sum(axis=1)
    low, high = np.quantile(drawn, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2])
    return Interval(float(numbers.sum() / weeks.sum()), float(low), float(high))
