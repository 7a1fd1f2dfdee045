"""Are more mentions made than is usual here? Those of the last hour that count as made, against the topic's past.

On most topics hardly a mention is ever said to be made (:mod:`monitor.crowds.coordination`). So a handful of copies is
rarer than many times as many people, and must not be weighed as if it were one more burst of mentions. What counts is
how often so many were made within an hour, whatever the volume. Of each past half day the most is kept, for six weeks.
One with as many or more counts fully, one with fewer as the third power of the part it reached, since half again as
many are some three times as rare. Other topics stand in for what is not known yet, with the weight of six days: there
an hour with `k` or more comes once in 5,000 `k` minutes, ten times as many ten times as rarely.

What nobody learned from because an incident was open counts once, by its most, in the half day in which it began, and
none counts as more than what comes once a year (:mod:`monitor.anomalies.episodes`): spam that is daily business is soon
usual, and one flood is not.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from typing import ClassVar, Final, NamedTuple

import msgspec

from monitor.anomalies import Verdict
from monitor.anomalies.episodes import BLOCK_MINUTES, BLOCKS, CEILING, PRIOR_BLOCKS
from monitor.clock import MINUTE_US
from monitor.signals import Signal
from monitor.topics import Topic

__all__ = ["UNIT", "MadeMentions", "detector"]

UNIT: Final = "made_mentions"
SPAN: Final = 60  # minutes
FEWEST: Final = 4  # fewer in an hour are never said to be made
FIRST_HOUR: Final = 60  # minutes: nothing is said in it
# Minutes until an hour with one or more, times as long for so many more. Of 5,480 half days of eight recorded cashtags
# (tests/benchmarks/authenticity.py) 2.7 % had an hour with 4 or more, 1.3 % with 10, 0.35 % with 40 and 0.11 % with
# 100; this says 3.6 %, 1.4 %, 0.36 % and 0.14 %. Recorded airlines and simulated quiet topics had none.
MINUTES_EACH: Final = 5_000.0
UNKNOWN: Final = PRIOR_BLOCKS * BLOCK_MINUTES / MINUTES_EACH
# Of the powers 1 to 3 the one that sees most. With each the cashtags keep what is claimed of them down to 1e-5 a minute
# (32 half days of the 39 claimed); what is rarer, 16 at 1e-6 for 4, holds the pumps and rumours they were recorded for.
STEEP: Final = 3
RARE: Final = 40  # of so many half days one may have more than the upper bound
MOST: Final = "most_"


class _State(msgspec.Struct, array_like=True):
    begun: int = -1  # the first minute heard of
    cursor: int = -1  # the first minute not accounted for
    judged: int = -1  # the minute last judged, and how many of the hour that ended with it were made
    count: int = 0
    maxima: list[int] = []  # the most of each past half day, oldest first
    usual: float = 0.0  # the sum of those that were learned
    block: int = -1  # the half day now open
    most: int = 0
    most_learned: int = 0
    learned: int = 0
    has_onset: bool = False
    in_episode: bool = False


class MadeMentions:
    """Judges how many mentions of the last hour count as made."""

    name: ClassVar[str] = "made_mentions"
    judges_silence: ClassVar[bool] = False

    def __init__(self) -> None:
        self._state = _State()

    def score(self, signal: Signal) -> Verdict:
        """Judge a minute before learning it."""
        minute = signal.start_us // MINUTE_US
        self._pass_silence(minute)
        state = self._state
        state.judged, state.count = minute, signal.made_within_hour
        past = _Past.of(state.maxima)
        factors = past.factors
        if minute - state.begun < FIRST_HOUR:
            factors["is_early"] = 1.0
        return Verdict(
            detector=self.name,
            p_value=_chance(state.count, factors),
            observed=float(state.count),
            expected=state.usual / past.half_days if past.half_days else 0.0,
            lower=0.0,
            upper=float(sorted(state.maxima)[-1 - past.half_days // RARE]) if past.half_days else 0.0,
            span_minutes=SPAN,
            unit=UNIT,
            factors=factors,
            drivers=(self.name,),
        )

    def recompute(self, verdict: Verdict) -> float:
        """Return the p-value of a verdict from its factors."""
        return _chance(round(verdict.observed), verdict.factors)

    def supposing(self, verdict: Verdict, count: int) -> Verdict | None:
        """Return the verdict had `count` been made in its hour."""
        return msgspec.structs.replace(verdict, observed=float(count), p_value=_chance(count, verdict.factors))

    def learn(self, signal: Signal) -> None:
        """Take the minute just scored into what is normal."""
        minute = signal.start_us // MINUTE_US
        self._pass_silence(minute)
        state = self._state
        if minute >= state.cursor:
            self._learn(minute, 1)
            if state.judged == minute:
                state.most = max(state.most, state.count)
                state.most_learned = max(state.most_learned, state.count)
            state.cursor = minute + 1

    def skip(self, start_us: int, end_us: int) -> None:
        """Account for [start_us, end_us) as unseen: neither score it nor learn it as silence."""
        first = start_us // MINUTE_US
        self._pass_silence(first)
        state = self._state
        if state.judged == first == state.cursor and state.count:
            if not state.in_episode:
                self._open(first // BLOCK_MINUTES)
                state.in_episode = state.has_onset = True
            state.most = max(state.most, state.count)
        state.cursor = max(state.cursor, -(-end_us // MINUTE_US))

    def snapshot(self) -> bytes:
        """Return the whole state as msgpack."""
        return msgspec.msgpack.encode(self._state)

    def restore(self, state: bytes) -> None:
        """Take back a state that :meth:`snapshot` returned."""
        self._state = msgspec.msgpack.decode(state, type=_State)

    def _pass_silence(self, minute: int) -> None:
        state = self._state
        if state.begun < 0:
            state.begun = state.cursor = minute
        if state.cursor < minute:
            self._learn(state.cursor, minute - state.cursor)
            state.cursor = minute

    def _learn(self, minute: int, minutes: int) -> None:
        """Take so many minutes from `minute` on into the history; what they held is added by whoever knows."""
        state = self._state
        state.in_episode = False
        end = minute + minutes
        while minute < end:
            block = minute // BLOCK_MINUTES
            self._open(block)
            until = min(end, (block + 1) * BLOCK_MINUTES)
            state.learned += until - minute
            minute = until

    def _open(self, block: int) -> None:
        """Begin a half day; keep the one before, unless most of it was neither seen nor the begin of an episode."""
        state = self._state
        if block == state.block:
            return
        if state.has_onset or state.learned * 2 >= BLOCK_MINUTES:
            state.usual = (state.usual + state.most_learned) * min(1.0, BLOCKS / (len(state.maxima) + 1))
            state.maxima.append(_Past.of(state.maxima).reached(CEILING, state.most) if state.most else 0)
            del state.maxima[:-BLOCKS]
        state.block, state.most, state.most_learned, state.learned, state.has_onset = block, 0, 0, 0, False


class _Past(NamedTuple):
    """How many half days are known of a topic, and how many of them had so many made within an hour."""

    half_days: int
    most: Mapping[int, int]

    @classmethod
    def of(cls, maxima: list[int]) -> _Past:
        return cls(len(maxima), Counter([most for most in maxima if most]))

    @classmethod
    def told_by(cls, factors: Mapping[str, float]) -> _Past:
        most = {int(name[len(MOST) :]): round(days) for name, days in factors.items() if name.startswith(MOST)}
        return cls(round(factors["half_days"]), most)

    @property
    def factors(self) -> dict[str, float]:
        return {"half_days": float(self.half_days), **{f"{MOST}{most}": float(n) for most, n in self.most.items()}}

    def rate(self, count: int) -> float:
        """Return how many half days of one have so many or more."""
        known = sum([days * min(1.0, (most / count) ** STEEP) for most, days in self.most.items()])
        return (UNKNOWN / count + known) / (PRIOR_BLOCKS + self.half_days)

    def reached(self, rate: float, most: int) -> int:
        """Return the least count, `most` at most, that is reached in no more than this part of all half days."""
        return 1 + bisect_left(range(1, most), True, key=lambda count: self.rate(count) <= rate)


def _chance(count: int, factors: Mapping[str, float]) -> float:
    """Return the chance a minute that an hour with so many begins; 1 for few, and in the first hour."""
    if count < FEWEST or "is_early" in factors:
        return 1.0
    return min(1.0, _Past.told_by(factors).rate(count) / BLOCK_MINUTES)


def detector(_topic: Topic) -> MadeMentions:
    """Return a fresh detector for a topic."""
    return MadeMentions()
