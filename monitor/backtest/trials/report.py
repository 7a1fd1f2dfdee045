"""What a back-test found, as values: what ``--json`` writes and the table and the page are made of."""

from __future__ import annotations

from typing import Literal

import msgspec

from monitor.backtest.trials.scoring import Interval

__all__ = ["Confusion", "Curve", "FalseAlarms", "Method", "Report", "Scores", "Settings", "Standing", "Stands"]

Stands = Literal["clear", "better", "level", "worse"]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What was run. Seeds for thresholds are used for nothing else; `quiet_days` are those that count, a stream."""

    calibration_seeds: tuple[int, ...]
    test_seeds: tuple[int, ...]
    volumes: tuple[float, ...]
    strengths: tuple[float, ...]
    budget_per_week: float
    history_days: int
    quiet_days: int
    refractory_hours: float
    early_minutes: float
    version: str


class Method(msgspec.Struct, frozen=True, kw_only=True):
    """One way to raise alarms.

    Attributes
    ----------
    thresholds, worse
        From where on it alarms, and from where on it does so again within half a day. By volume, those of the first day
        of watching apart, as in ``60 first day``; ``None`` where none keeps the budget, empty if none is set.
    step
        By how much more it must rise within half a day to do so once more; ``None`` where that is unknown.
    """

    name: str
    meaning: str
    is_ours: bool
    thresholds: dict[str, float | None]
    worse: dict[str, float | None]
    step: dict[str, float | None]


class FalseAlarms(msgspec.Struct, frozen=True, kw_only=True):
    """False incidents a topic-week on held-out quiet streams.

    Attributes
    ----------
    by_volume
        With each tier's own threshold.
    one_threshold
        By tier, with one threshold for all: how evenly a method treats the loud and the quiet.
    unevenness
        Highest over lowest of these, each with half an alarm added so that none is zero; 1 is even.
    first_days
        Alarms a topic-week on the first day of watching, on streams that set none of its thresholds.
    """

    method: str
    rate: Interval
    by_volume: dict[str, float]
    one_threshold: dict[str, float]
    unevenness: float | None
    first_days: Interval


class Scores(msgspec.Struct, frozen=True, kw_only=True):
    """What a method made of one scenario's crises. Minutes of misses count as a day.

    A story that was not of the usual strength is a scenario of its own, as in ``slow_burn x0.25``, and where there are
    several strengths so are all of them together, as in ``slow_burn x*``.

    Attributes
    ----------
    recall
        Share detected within 1, 6 and 24 hours.
    median_minutes, p90_minutes
        From onset to alarm.
    mentions_before, reach_before
        Median mentions, and median potential reach, between onset and alarm.
    by_volume
        Share detected within six hours, by tier.
    """

    scenario: str
    method: str
    trials: int
    recall: dict[str, Interval]
    median_minutes: Interval
    p90_minutes: Interval
    mentions_before: float
    reach_before: float
    by_volume: dict[str, float]


class Confusion(msgspec.Struct, frozen=True, kw_only=True):
    """How severe the product as it comes took a scenario to be within a day.

    Attributes
    ----------
    shares
        Of the trials, by severity.
    warned, paged
        Shares that became a warning or critical, and critical, with their exact intervals.
    alarmed
        Shares detected, by method.
    """

    scenario: str
    is_crisis: bool
    trials: int
    shares: dict[str, float]
    warned: Interval
    paged: Interval
    alarmed: dict[str, float]


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """What a method trades for what, over budgets; one point a budget.

    Attributes
    ----------
    false_per_week
        Achieved on held-out quiet streams.
    mean_minutes
        Mean delay over all crises, a miss counting as a day (with the above: AMOC).
    recall, precision
        Within six hours; were there one crisis a topic in thirteen weeks.
    average_precision
        Area under precision over recall.
    """

    method: str
    budgets: tuple[float, ...]
    false_per_week: tuple[float, ...]
    mean_minutes: tuple[float, ...]
    recall: tuple[float, ...]
    precision: tuple[float, ...]
    average_precision: float


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Ours against the best of the rivals on one scenario, by recall within six hours and by median minutes.

    Attributes
    ----------
    recall_stands, minutes_stand
        ``clear``: better than every rival, and no interval overlaps ours; ``better``; ``level``; or ``worse``.
    """

    scenario: str
    recall: Interval
    rival_recall: Interval
    best_recall: str
    recall_stands: Stands
    minutes: Interval
    rival_minutes: Interval
    best_minutes: str
    minutes_stand: Stands


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a back-test found."""

    settings: Settings
    scenarios: dict[str, str]
    methods: tuple[Method, ...]
    false_alarms: tuple[FalseAlarms, ...]
    scores: tuple[Scores, ...]
    confusion: tuple[Confusion, ...]
    curves: tuple[Curve, ...]
    standings: tuple[Standing, ...]
