"""Signal -> Verdict: whether this is too unlikely, given what is normal here at this hour.

What each says on its own: *seasonal_counts* (a spark), *slow_burn* (a slow rise), *complaints* (a slow rise of those
who complain; within a planned event also a sudden one), *negative_share* and *own_replies* (the crowd has turned, at
once or slowly), *voices* (people who matter), *made_mentions* (what was set aside as coordinated; a watch at most),
*joint* (an unusual mixture; opens nothing by itself), *moved_baseline* (the normal itself has moved; never alarms).
They are combined in the open: what several of them find a little unusual
at once is added up (:mod:`monitor.anomalies.agreement`), each is held to its share of the alarm budget, reasons add up
by :mod:`monitor.incidents.severity`, and each reason names the tests that fired.

A family: each file is one detector implementing :class:`Detector`, and ``tests/contracts/test_detectors.py`` puts
every one through the same contract. Detectors see only the minutes in which something was published (in order,
one topic each); between two calls all minutes were empty, and the detector accounts for them itself.

D1: *Score and p-value mean the same for all.* ``p_value`` is the chance that a normal minute of this topic looks at
least this extreme, so that 1e-4 is about once a week and 1e-7 about once in twenty years of minutes. ``score`` is
``min(1, -log10(p_value) / 10)``: 0 is nothing, 0.4 is once a week, 1 is beyond counting.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar, Final, Protocol, runtime_checkable

import msgspec

from monitor.signals import Signal

__all__ = ["MENTIONS", "NEVER_AGREE", "NEVER_OPEN", "Detector", "Judge", "Summing", "Verdict", "score_of"]

MENTIONS: Final = "mentions"
"""The unit of verdicts on volume."""

NEVER_OPEN: Final = frozenset({"joint", "moved_baseline"})
"""Detectors that spend no alarm budget: *joint* needs another's confirmation, *moved_baseline* only tells."""

NEVER_AGREE: Final = NEVER_OPEN | {"made_mentions"}
"""Detectors that count for nothing beside others: a flood must not help to make more than a watch of anything."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What one detector says about one topic at one moment, with everything needed to say why.

    Attributes
    ----------
    detector
        Name of the detector.
    p_value
        Chance that a normal minute looks at least this extreme, in (0, 1]; 1 during the grace period.
    observed, expected, lower, upper
        What was counted, what was expected and the central 95 % interval of the expectation, over the
        `span_minutes` minutes that ended with this one. In mentions, or as `unit` says.
    span_minutes
        Length of the window judged.
    unit
        What `observed` and `expected` count.
    factors
        Further named numbers that went into the verdict (dispersion, level, season ...), to recompute it.
    drivers
        Names of the measures that contributed most, most important first.
    """

    detector: str
    p_value: float
    observed: float
    expected: float
    lower: float
    upper: float
    span_minutes: int = 1
    unit: str = MENTIONS
    factors: dict[str, float] = {}
    drivers: tuple[str, ...] = ()

    @property
    def score(self) -> float:
        """How unlikely, from 0 (ordinary) to 1; see D1 of this package."""
        return score_of(self.p_value)


def score_of(p_value: float) -> float:
    """Return ``min(1, -log10(p_value) / 10)``.

    Examples
    --------
    >>> score_of(1.0), score_of(1e-4), score_of(0.0)
    (0.0, 0.4, 1.0)
    """
    if p_value <= 1e-10:
        return 1.0
    return max(0.0, -math.log10(min(1.0, p_value)) / 10)


class Judge(Protocol):
    """Can say of a verdict how it came about, whoever gave it and whatever was learned since."""

    name: ClassVar[str]

    def recompute(self, verdict: Verdict) -> float:
        """Return the p-value of a verdict of this kind of detector from its factors, exactly.

        Pure: what was learned since plays no part. A number that was tampered with gives another p-value.
        """
        ...

    def supposing(self, verdict: Verdict, count: int) -> Verdict | None:
        """Return the verdict had `count` been counted in the window it speaks of, all else being as it was.

        Pure, as :meth:`recompute`. ``None`` if it does not rest on a count in one window.
        """
        ...


@runtime_checkable
class Summing(Judge, Protocol):
    """Counts by adding minutes up, so that whoever has the minutes can count again."""

    bin_minutes: ClassVar[int]
    """Its windows begin at the first multiple of so many minutes (of the Unix epoch) that they reach back to."""

    def adds(self, signal: Signal) -> Mapping[str, int]:
        """Return what a minute adds to the numbers of a verdict: to ``observed``, or to the factors of these names."""
        ...


class Detector(Judge, Protocol):
    """Judges one topic, minute by minute, and learns what is normal there.

    A detector belongs to one topic, has bounded memory, reads no clock, draws no random number that is not seeded
    from its configuration, and gives the same verdicts after ``restore(snapshot())`` as without.
    """

    judges_silence: ClassVar[bool]
    """Whether it counts mentions, so that an empty minute tells it something; others are not asked about those."""

    def score(self, signal: Signal) -> Verdict:
        """Judge a minute *before* learning it. Minutes since the last call that were not given were empty."""
        ...

    def learn(self, signal: Signal) -> None:
        """Take the minute just scored into what is normal (robustly: an outlier may not become the norm)."""
        ...

    def skip(self, start_us: int, end_us: int) -> None:
        """Account for [start_us, end_us) as unseen: neither score it nor learn it as silence.

        Called for outages, and minute by minute while an incident is open on the topic, so that a crisis does
        not become the new normal.
        """
        ...

    def snapshot(self) -> bytes:
        """Return the whole state as msgpack."""
        ...

    def restore(self, state: bytes) -> None:
        """Take back a state that :meth:`snapshot` returned."""
        ...
