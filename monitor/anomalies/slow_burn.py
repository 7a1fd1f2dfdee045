"""Has the rate of mentions quietly multiplied? A cumulative sum of evidence, for what no single window shows.

Every quarter of an hour adds the log-likelihood ratio of "so many times the normal rate" against "the normal rate",
both negative binomial, where how many times is not known: the mean of the likelihoods of several multiples, from half
as much again to twelve times. The sum never falls below zero. While nothing has changed, the chance that it stands
above ``h`` is at most ``exp(-h)`` (Lundberg's inequality, since the likelihood ratio has expectation one), so the sum
over ln 10 is a nominal ``-log10(p)``. Real counts wander and cluster, so this is then calibrated on the topic's own
past half days like every other statistic (:mod:`monitor.anomalies.episodes`).

The sum is capped where its p-value passes 1e-7: it need not grow further to be believed, and comes down in time.

References
----------
.. [1] M. Hoehle, M. Paul, Count data regression charts for the monitoring of surveillance time series,
   Comput. Stat. Data Anal. 52 (2008) 4357-4368.
.. [2] D. Siegmund, Sequential Analysis, Springer 1985, sections II.5 and VIII.2 (Lundberg's bound, reflected sums).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar, Final

import msgspec

from monitor.anomalies import Verdict
from monitor.anomalies.baseline import LEAST, Baseline
from monitor.anomalies.baseline_state import BaselineState
from monitor.anomalies.episodes import Episodes, EpisodesState, recomputed
from monitor.anomalies.planned import Calendar
from monitor.clock import DAY_US, MINUTE_US
from monitor.signals import Signal
from monitor.stats.block_maxima import ExtremeValues
from monitor.stats.negative_binomial import interval, log_likelihood_ratio
from monitor.topics import PlannedEvent, Topic

__all__ = ["SlowBurn", "detector"]

BLOCK_US: Final = 15 * MINUTE_US
RATIOS: Final = (1.5, 2.0, 3.0, 6.0, 12.0)
GRACE_US: Final = 2 * DAY_US  # a slow test needs a day more than the fast one to know the hours of the day
# Largest nominal -log10(p) of a half day on a topic without history: a little rougher than what simulated streams with
# benign cascades showed, as recorded ones are.
PRIOR: Final = ExtremeValues(0.9, 0.6, 0.2)
# However loud one quarter of an hour was, it adds no more than this many nats (seven to one): a single spike is the
# other detector's business, and here would only teach the calibration to expect spikes.
MOST: Final = 2.0
CAP_P: Final = 1e-7
FEWEST: Final = 5.0  # fewer mentions than these are never a matter of velocity
NOTABLE: Final = 1e-2  # below this p-value the verdict speaks of the whole rise, otherwise of the minute
LN10: Final = math.log(10.0)


class _State(msgspec.Struct, array_like=True):
    baseline: BaselineState
    episodes: EpisodesState
    evidence: float = 0.0  # nats, of the quarters that are over
    block: int = -1  # the open quarter, and what is known of it before the bucket last judged
    held: float = 0.0
    expected: float = 0.0
    open_evidence: float = 0.0
    since: int = -1  # first bucket of the present rise; what the rise held, quarters that are over
    rise_held: float = 0.0
    rise_expected: float = 0.0
    judged: int = -1  # the bucket last judged, to be added when the next one comes
    judged_count: float = 0.0
    judged_expected: float = 0.0
    judged_evidence: float = 0.0
    nominal: float = 0.0


class SlowBurn:
    """Cumulative sum of negative binomial log-likelihood ratios of mention counts.

    Parameters
    ----------
    time_zone
        IANA name of the zone whose clocks the season follows.
    bucket_us
        Length of the windows that signals come in.
    events
        What is planned.
    prior, earned
        What is assumed of a topic without history, and by how many decades its own may find the bound of the sum too
        cautious; see :mod:`monitor.anomalies.episodes`.
    ratios
        The multiples of the usual rate that are looked for, equally likely.
    """

    name: ClassVar[str] = "slow_burn"
    judges_silence: ClassVar[bool] = True
    bin_minutes: ClassVar[int] = 1

    def __init__(
        self,
        time_zone: str = "UTC",
        bucket_us: int = MINUTE_US,
        events: Sequence[PlannedEvent] = (),
        *,
        prior: ExtremeValues = PRIOR,
        earned: float = 0.0,
        ratios: Sequence[float] = RATIOS,
    ) -> None:
        self.bucket_us = bucket_us
        self._baseline = Baseline(time_zone, bucket_us, self._add_silence, Calendar(events, time_zone))
        self._episodes = Episodes(prior, bucket_us, earned=earned)
        self._ratios = ratios
        self._width = max(1, BLOCK_US // bucket_us)
        self._span = max(span for span in (1, *self._baseline.spans) if span <= self._width)
        self._state = _State(self._baseline.state, self._episodes.state)

    def score(self, signal: Signal) -> Verdict:
        """Judge a minute before learning it."""
        return self.judge(signal.start_us, float(signal.mentions))

    def recompute(self, verdict: Verdict) -> float:
        """Return the p-value of a verdict from its factors."""
        return recomputed(verdict.factors["nominal"], verdict.factors)

    def supposing(self, verdict: Verdict, count: int) -> Verdict | None:
        """Return nothing: the sum rests on when what came, not on how much in all."""
        return None

    def adds(self, signal: Signal) -> dict[str, int]:
        """Return what a minute adds to what a verdict counts."""
        return {"observed": signal.mentions}

    def learn(self, signal: Signal) -> None:
        """Take the minute just scored into what is normal."""
        self.absorb(signal.start_us, float(signal.mentions))

    def judge(self, start_us: int, count: float) -> Verdict:
        """Judge `count` mentions in the bucket at `start_us`, before learning it."""
        state = self._state
        bucket = start_us // self.bucket_us
        self._add_judged(bucket)
        self._baseline.present(bucket, count)
        self._enter(bucket // self._width)
        state.judged, state.judged_count = bucket, count
        state.judged_expected = self._baseline.per_bucket
        state.judged_evidence = self._evidence(state.held + count, state.expected + state.judged_expected)
        state.nominal = max(0.0, state.evidence + state.judged_evidence) / LN10
        p_value = 1.0
        if self._baseline.learned_us >= GRACE_US and state.rise_held + state.held + count >= FEWEST:
            p_value = self._episodes.p_value(state.nominal)
        return self._verdict(start_us, count, p_value)

    def absorb(self, start_us: int, count: float) -> None:
        """Learn `count` mentions in the bucket at `start_us`, which was just judged."""
        bucket = start_us // self.bucket_us
        if bucket < self._baseline.state.cursor:
            return
        self._add_judged(bucket)
        self._baseline.learn(bucket, count)
        self._episodes.learn(bucket, self._state.nominal if count > 0 and self._state.judged == bucket else 0.0)

    def skip(self, start_us: int, end_us: int) -> None:
        """Account for [start_us, end_us) as unseen: neither score it nor learn it as silence.

        The sum moves on while an incident is open, because every minute is judged then; what is normal does not.
        """
        first = start_us // self.bucket_us
        self._add_judged(first)
        if self._state.judged == first:
            self._episodes.onset(first, self._state.nominal)
        self._baseline.skip(first, -(-end_us // self.bucket_us))

    def dim(self, start_us: int, end_us: int, hidden: float) -> None:
        """Account for [start_us, end_us) as empty of what could be seen, a share of the sources being hidden.

        The sum expects what it would of all sources: it can lose evidence by that, never gain any.
        """
        first, end = start_us // self.bucket_us, -(-end_us // self.bucket_us)
        self._add_judged(first)
        cursor = self._baseline.next_bucket
        self._baseline.skip(first, first)
        slot = self._baseline.slot_buckets
        for start in range(max(first, cursor), end, slot):
            stop = min(start + slot, end)
            self._add_silence(start, stop)
            self._baseline.skip(start, stop, hidden)

    @property
    def baseline(self) -> BaselineState:
        """What is normal."""
        return self._baseline.state

    @property
    def per_minute(self) -> float:
        """What is usual in a minute of an average hour."""
        return self._baseline.level * MINUTE_US / self.bucket_us

    def take_back(self, hidden_us: float) -> None:
        """Take back so much time that was learned as silence and turns out not to have been seen."""
        self._baseline.state.take_back(hidden_us / self.bucket_us)

    def rebase(self, per_minute: float) -> None:
        """Take a new level at once: the normal itself has moved, and what was evidence against the old one is none."""
        self._baseline.rebase(per_minute)
        state = self._state
        state.evidence = state.open_evidence = state.held = state.expected = state.rise_held = state.rise_expected = 0.0
        state.since = state.judged if state.judged >= 0 else self._baseline.next_bucket

    def recount(self, start_us: int, change: int) -> None:
        """Count `change` mentions more in a minute that was judged before: some turned out to be made, or real.

        The open quarter of an hour is weighed anew; quarters that are over stay as they were judged.
        """
        bucket = start_us // self.bucket_us
        self._baseline.recount(bucket, change)
        state = self._state
        if bucket == state.judged:
            state.judged_count = max(0.0, state.judged_count + change)
            state.judged_evidence = self._evidence(
                state.held + state.judged_count, state.expected + state.judged_expected
            )
        elif bucket // self._width == state.block:
            state.held = max(0.0, state.held + change)
            state.open_evidence = self._evidence(state.held, state.expected)

    def snapshot(self) -> bytes:
        """Return the whole state as msgpack."""
        return msgspec.msgpack.encode(self._state)

    def restore(self, state: bytes) -> None:
        """Take back a state that :meth:`snapshot` returned."""
        self._state = msgspec.msgpack.decode(state, type=_State)
        self._baseline.restore(self._state.baseline)
        self._episodes.restore(self._state.episodes)

    def _evidence(self, held: float, expected: float) -> float:
        """Log-likelihood ratio of the open quarter, in nats."""
        mean = max(expected, LEAST)
        scatter = self._baseline.scatter(self._span, mean) + self._baseline.doubt
        found = [log_likelihood_ratio(held, mean, scatter, ratio) for ratio in self._ratios]
        best = max(found)
        return min(MOST, best + math.log(sum([math.exp(one - best) for one in found]) / len(found)))

    def _add_silence(self, first: int, end: int) -> None:
        """Add a run of empty buckets of one slot."""
        self._add_judged(end)
        self._episodes.learn(first, 0.0, end - first)
        state = self._state
        if state.evidence == 0.0 == state.held:
            # Silence is evidence against a rise, and there is none to take back: only the open quarter matters.
            self._enter((end - 1) // self._width)
            first = max(first, state.block * self._width)
            state.expected += self._baseline.per_bucket * (end - first)
            return
        while first < end:
            block = first // self._width
            self._enter(block)
            stop = min(end, (block + 1) * self._width)
            state.expected += self._baseline.per_bucket * (stop - first)
            state.open_evidence = self._evidence(state.held, state.expected)
            first = stop

    def _add_judged(self, bucket: int) -> None:
        """Add the bucket last judged, if time has moved beyond it to `bucket`."""
        state = self._state
        if 0 <= state.judged < bucket:
            state.held += state.judged_count
            state.expected += state.judged_expected
            state.open_evidence = state.judged_evidence
            state.judged = -1

    def _enter(self, block: int) -> None:
        """Close the open quarter if `block` is another one."""
        state = self._state
        if block == state.block:
            return
        evidence = state.evidence + state.open_evidence
        if evidence > 0.0:
            state.evidence = min(evidence, LN10 * self._episodes.nominal(CAP_P))
            if state.since < 0:
                state.since = state.block * self._width
            state.rise_held += state.held
            state.rise_expected += state.expected
        else:
            state.evidence = state.rise_held = state.rise_expected = 0.0
            state.since = -1
        state.block, state.held, state.expected, state.open_evidence = block, 0.0, 0.0, 0.0

    def _verdict(self, start_us: int, count: float, p_value: float) -> Verdict:
        state, baseline = self._state, self._baseline
        span = 1
        mean, lower, upper = baseline.band(start_us)
        if p_value < NOTABLE:
            since = state.since if state.since >= 0 else state.block * self._width
            span = state.judged + 1 - since
            count = state.rise_held + state.held + count
            mean = state.rise_expected + state.expected + state.judged_expected
            lower, upper = interval(mean, baseline.scatter(baseline.hour, mean) + baseline.doubt)
        factors = {
            "level_per_minute": self.per_minute,
            "season": baseline.season,
            "evidence_nats": state.nominal * LN10,
            "nominal": state.nominal,
            **self._episodes.factors,
            **baseline.planned.factors,
        }
        if p_value == 1.0 and state.nominal > 0.0:
            factors["is_early"] = 1.0
        return Verdict(
            detector=self.name,
            p_value=p_value,
            observed=count,
            expected=mean,
            lower=lower,
            upper=upper,
            span_minutes=max(1, span * self.bucket_us // MINUTE_US),
            factors=factors,
            drivers=("mentions",),
        )


def detector(topic: Topic) -> SlowBurn:
    """Return a fresh detector for a topic."""
    return SlowBurn(topic.time_zone, events=topic.events)
