"""Are there more mentions than normal for this hour of this day? Sliding windows of 5, 15 and 60 minutes.

Each window is compared with its own past half days: where single minutes are wild, five of them prove little, and an
hour may still be out of the ordinary. The least likely of the three counts. See :mod:`monitor.anomalies.baseline` and
:mod:`monitor.anomalies.episodes` for what is normal and how often it is left.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Final, NamedTuple

import msgspec

from monitor.anomalies import Verdict
from monitor.anomalies.baseline import PRIOR_PER_MINUTE, Baseline
from monitor.anomalies.baseline_state import BaselineState
from monitor.anomalies.episodes import Blocks, Episodes, EpisodesState, chance, of_tail, recomputed
from monitor.anomalies.first_day import LAW, PRIOR_HOURS, REMARKABLE
from monitor.anomalies.planned import Calendar
from monitor.clock import DAY_US, HOUR_US, MINUTE_US
from monitor.signals import Signal
from monitor.stats.block_maxima import ExtremeValues
from monitor.stats.negative_binomial import interval, log_tail
from monitor.topics import PlannedEvent, Topic

__all__ = ["SeasonalCounts", "detector"]

# Fewer mentions in an hour than these are never a matter of velocity, whatever was expected.
FEWEST: Final = 5
# Nothing is said in the first hour. For the rest of the first day a topic like others is judged by what those look like
# (monitor.anomalies.first_day). Of any other series a day must be seen before "normal for this hour" means anything;
# only something fifty times what the busiest reading of the little we know allows may be said before.
FIRST_HOUR_US: Final = HOUR_US
GRACE_US: Final = DAY_US
ENORMOUS: Final = 50.0
# Largest -log10(p) of a half day on a topic without history: simulated streams with daily cascades.
PRIOR: Final = ExtremeValues(2.5, 0.8, 0.1)
UNREMARKABLE: Final = 1.5  # fewer standard deviations than these above the expectation are not looked into: p is 1
# Below this p-value the verdict speaks of the window that stands out, otherwise of the minute.
NOTABLE: Final = 1e-2
HOURS: Final = Blocks(HOUR_US, PRIOR_HOURS)  # no half day of a first day's own is over yet
LN10: Final = math.log(10.0)


class _State(msgspec.Struct, array_like=True):
    baseline: BaselineState
    episodes: list[EpisodesState]  # by window, shortest first; and -log10(p) of each
    nominals: list[float]
    judged: int
    hours: EpisodesState | None = None  # of the first day, by the hour


class _Reading(NamedTuple):
    """The least likely of the windows that end with one minute."""

    p_value: float
    nominal: float
    place: int


class SeasonalCounts:
    """Seasonal negative binomial test of mention velocity.

    Parameters
    ----------
    time_zone
        IANA name of the zone whose clocks the season follows.
    bucket_us
        Length of the windows that signals come in.
    events
        What is planned.
    is_pooled
        Whether what topics usually look like may be assumed of this one's first day; otherwise that day is spent
        learning.
    prior
        What is assumed of a topic without history; see :mod:`monitor.anomalies.episodes`.
    explains
        Which part of what is planned an event explains of what is counted; see :mod:`monitor.anomalies.planned`.
    """

    name: ClassVar[str] = "seasonal_counts"
    judges_silence: ClassVar[bool] = True
    bin_minutes: ClassVar[int] = 1

    def __init__(
        self,
        time_zone: str = "UTC",
        bucket_us: int = MINUTE_US,
        events: Sequence[PlannedEvent] = (),
        *,
        is_pooled: bool = False,
        prior: ExtremeValues = PRIOR,
        explains: float = 1.0,
    ) -> None:
        self.bucket_us = bucket_us
        calendar = Calendar(events, time_zone, explains=explains)
        self._baseline = Baseline(time_zone, bucket_us, calendar=calendar, is_pooled=is_pooled)
        self._episodes = [Episodes(prior, bucket_us) for _ in self._baseline.spans]
        self._hours = Episodes(LAW, bucket_us, kept=HOURS) if is_pooled else None
        self._nominals = [0.0] * len(self._episodes)
        self._judged = -1

    @property
    def is_first_day(self) -> bool:
        """Whether it judges by what is usual of others."""
        return self._law_of_first_day is not None

    def score(self, signal: Signal) -> Verdict:
        """Judge a minute before learning it."""
        return self.judge(signal.start_us, float(signal.mentions), signal.hidden)

    def recompute(self, verdict: Verdict) -> float:
        """Return the p-value of a verdict from its factors."""
        factors = verdict.factors
        p_value = _recomputed(factors["nominal"], factors)
        if p_value >= NOTABLE:  # it speaks of the minute, and of another window no more than how unlikely that was
            return p_value
        nominal = _nominal(verdict.observed, factors["tempered"], factors["scatter"])
        return _recomputed(nominal, factors)

    def supposing(self, verdict: Verdict, count: int) -> Verdict | None:
        """Return the verdict had `count` been counted in its window."""
        factors = verdict.factors
        if _recomputed(factors["nominal"], factors) >= NOTABLE:
            return None
        nominal = 0.0
        if count >= FEWEST and count > max(factors["tempered"], verdict.expected):
            nominal = _nominal(count, factors["tempered"], factors["scatter"])
        return msgspec.structs.replace(
            verdict,
            observed=float(count),
            p_value=_recomputed(nominal, factors),
            factors={**factors, "nominal": nominal},
        )

    def adds(self, signal: Signal) -> dict[str, int]:
        """Return what a minute adds to what a verdict counts."""
        return {"observed": signal.mentions}

    def learn(self, signal: Signal) -> None:
        """Take the minute just scored into what is normal."""
        self.absorb(signal.start_us, float(signal.mentions))

    def judge(self, start_us: int, count: float, hidden: float = 0.0) -> Verdict:
        """Judge `count` mentions in the bucket at `start_us`, of which a share was `hidden`, before learning it."""
        bucket = start_us // self.bucket_us
        self._pass_silence(bucket)
        self._baseline.present(bucket, count, hidden)
        counts = self._baseline.counts()
        self._nominals = self._tails(counts)
        self._judged = bucket
        return self._verdict(start_us, count, self._least_likely(self._nominals, counts))

    def absorb(self, start_us: int, count: float) -> None:
        """Learn `count` mentions in the bucket at `start_us`, which was just judged."""
        bucket = start_us // self.bucket_us
        self._pass_silence(bucket)
        if bucket < self._baseline.state.cursor:
            return
        self._baseline.learn(bucket, count)
        is_judged = count > 0 and self._judged == bucket
        for episodes, nominal in self._pasts():
            episodes.learn(bucket, nominal if is_judged else 0.0)
        if self._baseline.state.first_day is None:
            self._hours = None

    def skip(self, start_us: int, end_us: int) -> None:
        """Account for [start_us, end_us) as unseen: neither score it nor learn it as silence."""
        first = start_us // self.bucket_us
        self._pass_silence(first)
        if self._judged == first:
            for episodes, nominal in self._pasts():
                episodes.onset(first, nominal)
        self._baseline.skip(first, -(-end_us // self.bucket_us))

    def dim(self, start_us: int, end_us: int, hidden: float) -> None:
        """Account for [start_us, end_us) as empty of what could be seen, a share of the sources being hidden."""
        first = start_us // self.bucket_us
        self._pass_silence(first)
        self._baseline.skip(first, -(-end_us // self.bucket_us), hidden)

    def take_back(self, hidden_us: float) -> None:
        """Take back so much time that was learned as silence and turns out not to have been seen."""
        self._baseline.state.take_back(hidden_us / self.bucket_us)

    def rebase(self, per_minute: float) -> None:
        """Take a new level at once: the normal itself has moved."""
        self._baseline.rebase(per_minute)

    def recount(self, start_us: int, change: int) -> None:
        """Count `change` mentions more in a minute that was judged before: some turned out to be made, or real."""
        self._baseline.recount(start_us // self.bucket_us, change)

    def with_more(self, more: Callable[[int], int]) -> float:
        """Return the p-value of the minute last judged, had there been more mentions.

        Parameters
        ----------
        more
            How many more in the window of so many minutes that ends with it.
        """
        minutes = [max(1, span * self.bucket_us // MINUTE_US) for span in self._baseline.spans]
        counts = [seen + more(window) for seen, window in zip(self._baseline.counts(), minutes, strict=True)]
        return self._least_likely(self._tails(counts), counts).p_value

    def minute_band(self, start_us: int) -> tuple[float, float, float]:
        """Return (expected, lower, upper) of the one bucket at `start_us`; 95 % of what is normal lies within.

        Like :meth:`score`, takes it that the buckets between the last call and `start_us` were empty.
        """
        bucket = start_us // self.bucket_us
        self._pass_silence(bucket)
        self._baseline.wait(bucket)
        return self._baseline.band(start_us)

    def snapshot(self) -> bytes:
        """Return the whole state as msgpack."""
        episodes = [one.state for one in self._episodes]
        hours = None if self._hours is None else self._hours.state
        state = _State(self._baseline.state, episodes, self._nominals, self._judged, hours)
        return msgspec.msgpack.encode(state)

    def restore(self, state: bytes) -> None:
        """Take back a state that :meth:`snapshot` returned."""
        found = msgspec.msgpack.decode(state, type=_State)
        self._baseline.restore(found.baseline)
        for episodes, state_of_one in zip(self._episodes, found.episodes, strict=True):
            episodes.restore(state_of_one)
        if found.hours is None:
            self._hours = None
        elif self._hours is not None:
            self._hours.restore(found.hours)
        self._nominals = found.nominals
        self._judged = found.judged

    def adopt(self, baseline: BaselineState) -> None:
        """Take over what another has learned to be normal of the same counts, which stays its own."""
        copied = msgspec.msgpack.decode(msgspec.msgpack.encode(baseline), type=BaselineState)
        self._baseline.restore(copied)

    def _pass_silence(self, bucket: int) -> None:
        """Tell the calibration of the buckets since the last call, which were empty."""
        cursor = self._baseline.next_bucket
        if 0 <= cursor < bucket:
            for episodes, _ in self._pasts():
                episodes.learn(cursor, 0.0, bucket - cursor)

    def _pasts(self) -> list[tuple[Episodes, float]]:
        """Return the records of the past that are kept now, each with what it makes of the bucket last judged."""
        if self._hours is not None and self.is_first_day:  # half days are of what is judged by the topic's own hours
            return [(self._hours, max(self._nominals))]
        return list(zip(self._episodes, self._nominals, strict=True))

    @property
    def _law_of_first_day(self) -> ExtremeValues | None:
        """How large the surprises of half a day get, on the first day of a topic like others."""
        return None if self._hours is None or self._baseline.state.first_day is None else self._hours.fitted

    def _tails(self, counts: Sequence[float]) -> list[float]:
        """Return -log10 of the tail of what each window held; 0 if it is not worth looking into."""
        baseline = self._baseline
        found = [0.0] * len(self._episodes)
        for place, (span, count) in enumerate(zip(baseline.spans, counts, strict=True)):
            if count < FEWEST:
                continue
            expected = baseline.expect(span)
            mean = expected.tempered
            if count > max(mean, expected.mean):
                found[place] = _nominal(count, mean, baseline.scatter(span, mean) + expected.doubt)
        return found

    def _least_likely(self, nominals: Sequence[float], counts: Sequence[float]) -> _Reading:
        """Return the calibrated p-value of the window that is least likely by its own past, and which it is."""
        least = _Reading(1.0, 0.0, 0)
        for place, nominal in enumerate(nominals):
            if nominal > 0.0:
                p_value = self._believed(nominal, place, counts[place])
                if p_value < least.p_value or (p_value == least.p_value and nominal > least.nominal):
                    least = _Reading(p_value, nominal, place)
        return least

    def _believed(self, nominal: float, place: int, count: float) -> float:
        """Return the calibrated p-value of `count` in one of the windows; 1 while too little is known."""
        baseline = self._baseline
        if baseline.learned_us < FIRST_HOUR_US:
            return 1.0
        law = self._law_of_first_day
        if law is not None:
            p_value = chance(law, nominal)
            return p_value if p_value <= REMARKABLE else 1.0
        if baseline.learned_us < GRACE_US:
            span = baseline.spans[place]
            usual = max(baseline.expect(span).mean, PRIOR_PER_MINUTE * span * self.bucket_us / MINUTE_US)
            if count < ENORMOUS * usual:
                return 1.0
        return min(1.0, _choices(len(self._episodes)) * self._episodes[place].p_value(nominal))

    def _verdict(self, start_us: int, count: float, reading: _Reading) -> Verdict:
        baseline = self._baseline
        p_value = reading.p_value
        span = baseline.spans[reading.place] if p_value < NOTABLE else 1
        expected = baseline.expect(span)
        mean, tempered = expected.mean, expected.tempered
        if span == 1:
            mean, lower, upper = baseline.band(start_us)
        else:
            count = baseline.count(span)
            lower, upper = interval(mean, baseline.scatter(span, mean) + expected.doubt)
        factors = {
            "level_per_minute": baseline.level * MINUTE_US / self.bucket_us,
            "season": baseline.season,
            "tempered": tempered,
            "scatter": baseline.scatter(span, tempered) + expected.doubt,
            "nominal": reading.nominal,
            **baseline.planned.factors,
        }
        law = self._law_of_first_day
        if law is not None:
            factors |= {**of_tail(law), "known_minutes": baseline.learned_us / MINUTE_US}
        else:
            factors |= {**self._episodes[reading.place].factors, "choices": _choices(len(self._episodes))}
        if p_value == 1.0 and (baseline.learned_us < GRACE_US or law is not None):
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


def _nominal(count: float, mean: float, scatter: float) -> float:
    """Return -log10 of the chance of `count` or more; 0 if it is not worth looking into."""
    if (count - mean) ** 2 < UNREMARKABLE**2 * (mean + scatter * mean * mean):
        return 0.0
    return -log_tail(count, mean, scatter) / LN10


def _choices(windows: int) -> float:
    """Return from how many independent ones the least likely window was chosen.

    Each holds all the shorter ones, so that three count as two.
    """
    return (windows + 1) / 2


def _recomputed(nominal: float, factors: Mapping[str, float]) -> float:
    """Return the p-value of a window from the factors of its verdict: of ``choices`` it was the least likely."""
    return min(1.0, factors.get("choices", 1.0) * recomputed(nominal, factors))


def detector(topic: Topic) -> SeasonalCounts:
    """Return a fresh detector for a topic."""
    return SeasonalCounts(topic.time_zone, events=topic.events, is_pooled=True)
