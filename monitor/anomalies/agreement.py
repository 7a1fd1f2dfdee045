"""Are several tests a little surprised at once? Fisher's combination of their p-values, softly thresholded.

A failure that is not repaired moves complaints, the share of sour voices and the volume together, each by less than
would open an incident. So what each test finds beyond one minute in a hundred is added up, in decades: the soft-
thresholded Fisher statistic [1]_, whose usual p-value supposes tests that know nothing of each other. Ours read the
same posts. Therefore how large the sum gets in half a day is learned from the topic's own past
(:mod:`monitor.anomalies.episodes`), as it is for every test.

One test by itself is no agreement: the sum is learned then, but nothing is said. Tests that may open nothing do not
count either, nor does that of what was made: a flood of copies is no witness for people. What is said on a topic's
first day is judged by what is usual of others, and teaches nothing.

References
----------
.. [1] H. Zhang, T. Tong, J. Landers, Z. Wu, TFisher: a powerful truncation and weighting procedure for combining
   p-values, Ann. Appl. Stat. 14 (2020) 178-201.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

import msgspec

from monitor.anomalies import NEVER_AGREE, Verdict
from monitor.anomalies.episodes import Episodes, EpisodesState, recomputed
from monitor.anomalies.pooled import AGREEMENTS
from monitor.clock import DAY_US, MINUTE_US
from monitor.signals import Signal
from monitor.stats.block_maxima import ExtremeValues

__all__ = ["COMMON", "UNIT", "Agreement", "had_said"]

UNIT: Final = "decades"
COMMON: Final = 2.0
"""Decades: what one minute in a hundred looks like is no surprise."""
UNCOMMON: Final = 10.0**-COMMON
FEWEST: Final = 2
PRIOR: Final = ExtremeValues(0.8, 0.8, 0.2)  # while not even the volume is known
MEDIAN: Final = math.log(2.0)  # events a half day at the median of its largest
CENTRAL: Final = (-math.log(0.025), -math.log(0.975))  # ... and at the ends of the central 95 %


class _State(msgspec.Struct, array_like=True):
    episodes: EpisodesState
    begun: int = -1  # the first minute heard of
    cursor: int = -1  # the first minute not accounted for
    judged: int = -1  # the minute last weighed, and what the tests made of it
    decades: float = 0.0
    heard: int = 0  # mentions in all
    is_first_day: bool = False  # whether what was weighed last was judged by what is usual of others


class Agreement:
    """Weighs what the detectors of one topic say of a minute together.

    Used as a :class:`~monitor.anomalies.Detector`, but that it is asked last and told what the others said.
    """

    name: ClassVar[str] = "agreement"

    def __init__(self) -> None:
        self._episodes = Episodes(PRIOR, has_theory=False, pool=(AGREEMENTS, self._mentions_a_day))
        self._state = _State(self._episodes.state)

    def weigh(self, signal: Signal, verdicts: Sequence[Verdict]) -> Verdict | None:
        """Return what the verdicts of a minute amount to together, before it is learned.

        Returns
        -------
        Verdict or None
            ``observed`` is the sum in decades; the drivers are the tests that found more than the common, the most
            surprised first. Nothing if they are fewer than two.
        """
        minute = signal.start_us // MINUTE_US
        self._pass_silence(minute)
        state = self._state
        state.heard += signal.mentions
        found = {
            one.detector: -math.log10(one.p_value)
            for one in verdicts
            if one.p_value < UNCOMMON and one.detector not in NEVER_AGREE
        }
        state.judged, state.decades = minute, _sum(found)
        state.is_first_day = any("known_minutes" in one.factors for one in verdicts)
        if len(found) < FEWEST:
            return None
        witnesses = tuple(sorted(found, key=lambda name: (-found[name], name)))
        tail = self._episodes.fitted
        return Verdict(
            detector=self.name,
            p_value=self._episodes.p_value(state.decades),
            observed=state.decades,
            expected=max(0.0, tail.level(MEDIAN)),
            lower=max(0.0, tail.level(CENTRAL[0])),
            upper=max(0.0, tail.level(CENTRAL[1])),
            span_minutes=max(one.span_minutes for one in verdicts if one.detector in found),
            unit=UNIT,
            factors={
                **found,
                **self._episodes.factors,
            },
            drivers=witnesses,
        )

    def recompute(self, verdict: Verdict) -> float:
        """Return the p-value of a verdict from its factors, exactly."""
        return recomputed(_sum(_found(verdict)), verdict.factors)

    def supposing(self, verdict: Verdict, count: int) -> Verdict | None:
        """Return nothing: agreement is no count."""
        return None

    def learn(self, signal: Signal) -> None:
        """Take the minute just weighed into what is normal."""
        minute = signal.start_us // MINUTE_US
        self._pass_silence(minute)
        state = self._state
        if minute >= state.cursor:
            is_own = state.judged == minute and not state.is_first_day  # or it says nothing of later half days
            self._episodes.learn(minute, state.decades if is_own else 0.0)
            state.cursor = minute + 1

    def skip(self, start_us: int, end_us: int) -> None:
        """Account for [start_us, end_us) as unseen: neither weigh it nor learn it as silence."""
        first = start_us // MINUTE_US
        self._pass_silence(first)
        state = self._state
        if state.judged == first == state.cursor and state.decades > 0.0:
            self._episodes.onset(first, state.decades)
        state.cursor = max(state.cursor, -(-end_us // MINUTE_US))

    def snapshot(self) -> bytes:
        """Return the whole state as msgpack."""
        return msgspec.msgpack.encode(self._state)

    def restore(self, state: bytes) -> None:
        """Take back a state that :meth:`snapshot` returned."""
        self._state = msgspec.msgpack.decode(state, type=_State)
        self._episodes.restore(self._state.episodes)

    def _pass_silence(self, minute: int) -> None:
        state = self._state
        if state.begun < 0:
            state.begun = state.cursor = minute
        if state.cursor < minute:
            self._episodes.learn(state.cursor, 0.0, minute - state.cursor)
            state.cursor = minute

    def _mentions_a_day(self, until_us: int) -> float:
        days = (until_us // MINUTE_US - self._state.begun) * MINUTE_US / DAY_US
        return self._state.heard / max(1.0, days)


def had_said(agreement: Verdict, other: Verdict) -> Verdict:
    """Return an agreement had one of its tests said something else, all others what they did.

    Of a test that had nothing to say the agreement knows nothing: what it would have added counts.
    """
    found = _found(agreement)
    found.pop(other.detector, None)
    if other.p_value < UNCOMMON and other.detector not in NEVER_AGREE:
        found[other.detector] = -math.log10(other.p_value)
    factors = {name: value for name, value in agreement.factors.items() if name not in agreement.drivers} | found
    p_value = recomputed(_sum(found), factors) if len(found) >= FEWEST else 1.0
    witnesses = tuple(sorted(found, key=lambda name: (-found[name], name)))
    return msgspec.structs.replace(agreement, p_value=p_value, observed=_sum(found), factors=factors, drivers=witnesses)


def _found(verdict: Verdict) -> dict[str, float]:
    return {name: verdict.factors[name] for name in verdict.drivers}


def _sum(found: Mapping[str, float]) -> float:
    return math.fsum(value - COMMON for value in found.values())
