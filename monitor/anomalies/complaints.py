"""Do more people complain in words of their own than usual at this hour? A slow rise of independent complaints.

A failure that is not repaired makes many people write, each for themselves, long before the volume of all mentions has
moved, and while the share of those who complain still looks like chance: volume and share rise together, and each is
seen late by itself. So complaints are counted as :mod:`monitor.anomalies.slow_burn` counts mentions, against their own
season, level and scatter. Reposts do not count: one harmless post that is passed on comes in bunches, people who
complain of their own accord hardly do, and what hardly bunches is told from chance much sooner.

The sum bounds the chance that it *stands* above a level; what counts is how often it begins to, which is far rarer. By
how much, each topic's own half days tell (:mod:`monitor.anomalies.episodes`): not at all on a young topic, by up to two
decades on one that has been known for weeks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar, Final

import msgspec

from monitor.anomalies import Verdict
from monitor.anomalies.episodes import of_tail
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
RATIO: Final = 3.0  # times the usual complaints
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

    def __init__(self, time_zone: str = "UTC", events: Sequence[PlannedEvent] = ()) -> None:
        self._rise = SlowBurn(time_zone, events=events, prior=PRIOR, earned=EARNED, ratios=(RATIO,))
        self._calm_us = -1  # start of the minute last judged, if it held no complaint

    def score(self, signal: Signal) -> Verdict:
        """Judge a minute before learning it."""
        count = _count(signal)
        if count:
            self._calm_us = -1
            said = self._rise.judge(signal.start_us, count)
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
        return self._rise.recompute(verdict)

    def supposing(self, verdict: Verdict, count: int) -> Verdict | None:
        """Return nothing: the sum rests on when what came, not on how much in all."""
        return self._rise.supposing(verdict, count)

    def learn(self, signal: Signal) -> None:
        """Take the minute just scored into what is normal."""
        count = _count(signal)
        if count:
            self._rise.absorb(signal.start_us, count)

    def skip(self, start_us: int, end_us: int) -> None:
        """Account for [start_us, end_us) as unseen: neither score it nor learn it as silence.

        A minute that was judged and is not to be learned still counts as silence in the sum.
        """
        if start_us == self._calm_us:
            self._rise.judge(start_us, 0.0)
        self._rise.skip(start_us, end_us)

    def dim(self, start_us: int, end_us: int, hidden: float) -> None:
        """Account for [start_us, end_us) as empty of what could be seen, a share of the sources being hidden."""
        self._rise.dim(start_us, end_us, hidden)

    def snapshot(self) -> bytes:
        """Return the whole state as msgpack."""
        return msgspec.msgpack.encode((self._rise.snapshot(), self._calm_us))

    def restore(self, state: bytes) -> None:
        """Take back a state that :meth:`snapshot` returned."""
        rise, self._calm_us = msgspec.msgpack.decode(state, type=tuple[bytes, int])
        self._rise.restore(rise)


def _count(signal: Signal) -> float:
    return float(round(signal.measures.get(MEASURE, 0.0) * signal.mentions))


def detector(topic: Topic) -> Complaints:
    """Return a fresh detector for a topic."""
    return Complaints(topic.time_zone, topic.events)
