"""Do more people complain in words of their own than usual at this hour? A slow rise of independent complaints.

A failure that is not repaired makes many people write, each for themselves, long before the volume of all mentions has
moved, and while the share of those who complain still looks like chance: volume and share rise together, and each is
seen late by itself. So complaints are counted as :mod:`monitor.anomalies.slow_burn` counts mentions, against their own
season, level and scatter. Reposts do not count: one harmless post that is passed on comes in bunches, people who
complain of their own accord hardly do, and what hardly bunches is told from chance much sooner.

The sum bounds the chance that it *stands* above a level; what counts is how often it begins to, which is far rarer. By
how much, each topic's own half days tell (:mod:`monitor.anomalies.episodes`): not at all on a young topic, by up to two
decades on one that has been known for weeks.

Within a planned event, volume is expected to be large and says little of a crisis that begins there; complaints must
then tell as soon as volume does otherwise. So windows of 5, 15 and 60 minutes are judged, too
(:mod:`monitor.anomalies.seasonal_counts`), for which what is planned explains complaints only in part
(:mod:`monitor.anomalies.planned`). The less likely of the two counts, each held to half of the detector's budget.
The same windows are all there is on a topic's first day (:mod:`monitor.anomalies.first_day`), when no slow rise can be
told from an ordinary morning. Only topics of that age, or for which something is planned, carry that second test.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar, Final

import msgspec

from monitor.anomalies import Verdict
from monitor.anomalies.episodes import of_tail
from monitor.anomalies.seasonal_counts import SeasonalCounts
from monitor.anomalies.slow_burn import SlowBurn
from monitor.signals import Signal
from monitor.stats.block_maxima import ExtremeValues
from monitor.topics import PlannedEvent, Topic

__all__ = ["UNIT", "Complaints", "detector"]

UNIT: Final = "complaints"
MEASURE: Final = "complaints_share"
# Largest nominal -log10(p) of a half day on a topic without history. Simulated quiet topics of 20 to 500 mentions a day
# gave locations of 0.3 to 0.9, scales of 0.35 to 0.4 and shapes of 0.0 to 0.3 (tests/benchmarks/quiet_tails.py).
PRIOR: Final = ExtremeValues(0.6, 0.6, 0.2)
# The same of windows: of simulated quiet topics at 1,000 mentions a day the largest of a half day had locations and
# scales like these, at 60 and 240 a day less.
BURST_PRIOR: Final = ExtremeValues(1.6, 0.6, 0.05)
RATIO: Final = 3.0  # times the usual complaints
EXPLAINED: Final = 0.25  # who comes for a campaign complains a quarter as readily; past events soon correct it
TESTS: Final = 2.0  # within a planned event
EARNED: Final = 2.0  # decades; see tests/benchmarks/claimed_chances.py


class Complaints:
    """Cumulative sum of negative binomial log-likelihood ratios of complaints.

    Parameters
    ----------
    time_zone
        IANA name of the zone whose clocks the season follows.
    events
        What is planned.
    """

    name: ClassVar[str] = "complaints"
    judges_silence: ClassVar[bool] = True
    bin_minutes: ClassVar[int] = 1

    def __init__(self, time_zone: str = "UTC", events: Sequence[PlannedEvent] = ()) -> None:
        self._rise = SlowBurn(time_zone, events=events, prior=PRIOR, earned=EARNED, ratios=(RATIO,))
        burst = SeasonalCounts(time_zone, events=events, is_pooled=True, prior=BURST_PRIOR, explains=EXPLAINED)
        self._tests: tuple[SlowBurn] | tuple[SlowBurn, SeasonalCounts] = (self._rise, burst)
        self._is_planned = bool(events)
        self._calm_us = -1  # start of the minute last judged, if it held no complaint

    def score(self, signal: Signal) -> Verdict:
        """Judge a minute before learning it."""
        count = float(_count(signal))
        if count:
            self._calm_us = -1
            said, *at_once = [test.judge(signal.start_us, count) for test in self._tests]
            if at_once and "planned" in said.factors:
                said = _less_likely(said, at_once[0])
            elif at_once and "known_minutes" in at_once[0].factors:
                said = _chosen(at_once[0])
            return msgspec.structs.replace(said, detector=self.name, unit=UNIT, drivers=(MEASURE,))
        # Most minutes hold no complaint: silence, no evidence of a rise. It can wait until there is one.
        self._calm_us = signal.start_us
        return Verdict(
            detector=self.name,
            p_value=1.0,
            observed=0.0,
            expected=self._rise.per_minute,
            lower=0.0,
            upper=float(math.ceil(self._rise.per_minute)),
            unit=UNIT,
            factors={"nominal": 0.0, **of_tail(PRIOR)},
        )

    def recompute(self, verdict: Verdict) -> float:
        """Return the p-value of a verdict from its factors."""
        if verdict.factors.get("is_at_once"):
            return _AT_ONCE.recompute(verdict)
        return min(1.0, verdict.factors.get("choices", 1.0) * self._rise.recompute(verdict))

    def supposing(self, verdict: Verdict, count: int) -> Verdict | None:
        """Return the verdict had `count` come in its window; nothing of a sum, which rests on when what came."""
        return (_AT_ONCE if verdict.factors.get("is_at_once") else self._rise).supposing(verdict, count)

    def adds(self, signal: Signal) -> dict[str, int]:
        """Return what a minute adds to what a verdict counts."""
        return {"observed": _count(signal)}

    def learn(self, signal: Signal) -> None:
        """Take the minute just scored into what is normal."""
        count = float(_count(signal))
        if count:
            for test in self._tests:
                test.absorb(signal.start_us, count)
            self._settle()

    def skip(self, start_us: int, end_us: int) -> None:
        """Account for [start_us, end_us) as unseen: neither score it nor learn it as silence.

        A minute that was judged and is not to be learned still counts as silence in the sum.
        """
        for test in self._tests:
            if start_us == self._calm_us:
                test.judge(start_us, 0.0)
            test.skip(start_us, end_us)

    def dim(self, start_us: int, end_us: int, hidden: float) -> None:
        """Account for [start_us, end_us) as empty of what could be seen, a share of the sources being hidden."""
        for test in self._tests:
            test.dim(start_us, end_us, hidden)

    def take_back(self, hidden_us: float) -> None:
        """Take back so much time that was learned as silence and turns out not to have been seen."""
        for test in self._tests:
            test.take_back(hidden_us)

    def snapshot(self) -> bytes:
        """Return the whole state as msgpack."""
        self._settle()
        return msgspec.msgpack.encode((self._calm_us, [test.snapshot() for test in self._tests]))

    def restore(self, state: bytes) -> None:
        """Take back a state that :meth:`snapshot` returned."""
        self._calm_us, (rise, *burst) = msgspec.msgpack.decode(state, type=tuple[int, list[bytes]])
        self._rise.restore(rise)
        for test in self._tests[1:]:
            if burst:
                test.restore(burst[0])
            else:  # if anything is planned, it is for the first time
                test.adopt(self._rise.baseline)
        self._settle()

    def _settle(self) -> None:
        """Let go of the windows once they have nothing more to say."""
        if not self._is_planned and not all(test.is_first_day for test in self._tests[1:]):
            self._tests = (self._rise,)


_AT_ONCE: Final = SeasonalCounts()
"""Says of any verdict of its kind how it came about."""


def _less_likely(rise: Verdict, burst: Verdict) -> Verdict:
    """Return the less likely of two verdicts, as the one that was chosen of them."""
    return _chosen(burst, TESTS) if burst.p_value < rise.p_value else _chosen(rise, TESTS, is_at_once=False)


def _chosen(verdict: Verdict, tests: float = 1.0, *, is_at_once: bool = True) -> Verdict:
    choices = tests * verdict.factors.get("choices", 1.0)
    factors = {**verdict.factors, "choices": choices, "is_at_once": float(is_at_once)}
    return msgspec.structs.replace(verdict, p_value=min(1.0, tests * verdict.p_value), factors=factors)


def _count(signal: Signal) -> int:
    return round(signal.measures.get(MEASURE, 0.0) * signal.mentions)


def detector(topic: Topic) -> Complaints:
    """Return a fresh detector for a topic."""
    return Complaints(topic.time_zone, topic.events)
