"""Has the normal itself moved? A Page-Hinkley test on whole days, for brands that simply become bigger or smaller.

Each local day's mentions are compared with what is usual on working days or weekends: the logarithm of their ratio, in
standard deviations of such logarithms, is what the test adds up. One day counts for at most three standard deviations,
so no single day, however wild, is a new normal; three or more that agree are. And only days that resemble each other
are a level: a crisis that fades from day to day is not.

This member never alarms (its p-value is 1). When it recognises a move, the verdict of the next minute says so
(``is_move``), with the level before and after; the detectors of velocity then take the new level at once instead of
approaching it over weeks, and an open incident notes it on its timeline. Days frozen because an incident is open are
looked at like all others: that is how a spike that never ends is told from one that does, while those detectors
learn nothing. Only a crisis is overlooked, for as long as :mod:`monitor.incidents.freezing` says. And a level is
returned to sooner than it was left: after two days near it, if it was left less than four weeks ago.

References
----------
.. [1] E. S. Page, Continuous inspection schemes, Biometrika 41 (1954) 100-115; river's implementation of the test.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar, Final

import msgspec
from river import drift

from monitor.anomalies import Verdict
from monitor.clock import DAY_US, MINUTE_US, SECOND_US
from monitor.signals import Signal
from monitor.stats.calendar import DAY, is_weekend, local_seconds
from monitor.topics import Topic

__all__ = ["MovedBaseline", "detector"]

MOST: Final = 3.0  # standard deviations one day may count for
DELTA: Final = 0.5
THRESHOLD: Final = 6.0  # three days of three deviations, less half a deviation each
GRACE_DAYS: Final = 7
STEADY_DAYS: Final = 3
STEADY: Final = 2.0  # the largest of them is at most so many times the smallest
RETURN_DAYS: Final = 2  # near a level that was left are enough to return to it
LEFT_DAYS: Final = 28  # for as long it is remembered
KEEP: Final = 0.5 ** (1.0 / 7.0)  # what is usual forgets half in a week
PRIOR_VARIANCE: Final = 0.1  # of the logarithm: days differ by a third
PRIOR_DAYS: Final = 4.0
LEAST_SEEN: Final = 0.5  # of a day; otherwise it says nothing
LONGEST_SILENCE: Final = 21  # days; after that it does not matter how long it lasted
WEEKEND_SHARE: Final = 2.0 / 7.0


class _State(msgspec.Struct, array_like=True):
    begun: int = -1
    day: int = -1  # local, counted from 1970; the one now open
    is_off: bool = False  # whether that is a weekend
    count: float = 0.0  # of the open day, so far; and the buckets of it that nobody saw
    unseen: float = 0.0
    frozen_count: float = 0.0  # of the buckets judged and not to be learned
    frozen: float = 0.0
    cursor: int = -1  # the first bucket not accounted for
    judged: int = -1
    judged_count: float = 0.0
    sums: list[float] = msgspec.field(default_factory=lambda: [0.0, 0.0])  # working days, weekends
    days: list[float] = msgspec.field(default_factory=lambda: [0.0, 0.0])
    variance: float = 0.0
    variance_days: float = 0.0
    levels: list[tuple[float, float]] = []  # logarithms of the last days' level, and of what was usual then
    is_pending: bool = False  # the test has spoken, the days are not steady yet
    test: tuple[int, float, float, float, float, float] = (0, 0.0, 0.0, 0.0, math.inf, -1.0)
    moved: int = -1  # the bucket whose verdict tells the last move, with the levels (per day) before and after
    before: float = 0.0
    after: float = 0.0
    is_untold: bool = False
    left: float = 0.0  # logarithm of the level left with the last move, and for how many days that may be taken back
    left_days: int = 0


class MovedBaseline:
    """Page-Hinkley test on the logarithm of daily mentions against what is usual.

    Parameters
    ----------
    time_zone
        IANA name of the zone whose days are meant.
    bucket_us
        Length of the windows that signals come in; at most a day.
    """

    name: ClassVar[str] = "moved_baseline"
    judges_silence: ClassVar[bool] = True

    def __init__(self, time_zone: str = "UTC", bucket_us: int = MINUTE_US) -> None:
        self.bucket_us = bucket_us
        self._zone = time_zone
        self._per_day = DAY_US / bucket_us
        self._state = _State()

    def score(self, signal: Signal) -> Verdict:
        """Say what is usual, and whether that has just been found to have moved; never alarms."""
        return self.judge(signal.start_us, float(signal.mentions))

    def judge(self, start_us: int, count: float) -> Verdict:
        """Do as :meth:`score` with `count` mentions in the bucket at `start_us`."""
        bucket = start_us // self.bucket_us
        self._advance(bucket)
        state = self._state
        if bucket >= state.cursor:
            state.judged, state.judged_count = bucket, count
            if state.is_untold:
                state.moved, state.is_untold = bucket, False
        usual = self._weekly_mean()
        side = 1.96 * math.sqrt(self._variance(usual))
        factors = {"is_move": float(state.moved == bucket >= 0)}
        if state.moved >= 0:
            factors |= {"from_per_day": state.before, "to_per_day": state.after}
        return Verdict(
            detector=self.name,
            p_value=1.0,
            observed=math.exp(state.levels[-1][0]) if state.levels else usual,
            expected=usual,
            lower=usual * math.exp(-side),
            upper=usual * math.exp(side),
            span_minutes=DAY_US // MINUTE_US,
            unit="mentions a day",
            factors=factors,
        )

    def recompute(self, verdict: Verdict) -> float:
        """Return 1: it never alarms."""
        return 1.0

    def supposing(self, verdict: Verdict, count: int) -> Verdict | None:
        """Return nothing: it judges days."""
        return None

    def learn(self, signal: Signal) -> None:
        """Take the minute just scored into what is normal."""
        self.absorb(signal.start_us, float(signal.mentions))

    def absorb(self, start_us: int, count: float) -> None:
        """Learn `count` mentions in the bucket at `start_us`, which was just judged."""
        bucket = start_us // self.bucket_us
        self._advance(bucket)
        state = self._state
        if bucket >= state.cursor:
            state.count += count
            self._reach(bucket + 1)

    def skip(self, start_us: int, end_us: int) -> None:
        """Account for [start_us, end_us) as unseen; a bucket that was judged was seen all the same."""
        first, end = start_us // self.bucket_us, -(-end_us // self.bucket_us)
        self._advance(first)
        state = self._state
        if state.judged == first == state.cursor < end:
            state.frozen_count += state.judged_count
            state.frozen += 1.0
            self._reach(first + 1)
        self._pass_unseen(end)

    def overlook(self, start_us: int, end_us: int) -> None:
        """Account for [start_us, end_us) as unseen though it was judged: a crisis is no level."""
        self._advance(start_us // self.bucket_us)
        self._pass_unseen(-(-end_us // self.bucket_us))

    def snapshot(self) -> bytes:
        """Return the whole state as msgpack."""
        return msgspec.msgpack.encode(self._state)

    def restore(self, state: bytes) -> None:
        """Take back a state that :meth:`snapshot` returned."""
        self._state = msgspec.msgpack.decode(state, type=_State)

    # -- time passes

    def _advance(self, bucket: int) -> None:
        """Move to a bucket; what was not heard of in between was empty."""
        state = self._state
        if state.begun < 0:
            state.begun = state.cursor = bucket
            self._open_day()
            state.unseen = self._per_day - (self._day_end() - bucket)
        longest = int(LONGEST_SILENCE * self._per_day)
        if bucket > state.cursor + longest:
            state.cursor = bucket - longest
            self._open_day()
        while state.cursor < bucket:
            self._reach(min(bucket, self._day_end()))

    def _pass_unseen(self, end: int) -> None:
        state = self._state
        while state.cursor < end:
            stop = min(end, self._day_end())
            state.unseen += stop - state.cursor
            self._reach(stop)

    def _reach(self, bucket: int) -> None:
        self._state.cursor = bucket
        self._state.judged = -1
        if self._local_day() != self._state.day:
            self._close_day()
            self._open_day()

    def _seconds(self) -> int:
        return self._state.cursor * self.bucket_us // SECOND_US

    def _local_day(self) -> int:
        return local_seconds(self._zone, self._seconds()) // DAY

    def _day_end(self) -> int:
        """Return the bucket at which the open day ends; clocks that change in between are met an hour off at most."""
        now = self._seconds()
        local = local_seconds(self._zone, now)
        return -(-(now + DAY - local % DAY) * SECOND_US // self.bucket_us)

    def _open_day(self) -> None:
        state = self._state
        state.day = self._local_day()
        state.is_off = is_weekend(local_seconds(self._zone, self._seconds()))
        state.count = state.unseen = state.frozen_count = state.frozen = 0.0

    def _close_day(self) -> None:
        """Test the day that is over, and learn it."""
        state = self._state
        seen = 1.0 - state.unseen / self._per_day
        learned = seen - state.frozen / self._per_day
        if seen < LEAST_SEEN:
            return
        usual, is_first = self._usual(state.is_off), not any(state.days)
        spread, before = math.sqrt(self._variance(usual)), self._weekly_mean()
        if learned >= LEAST_SEEN:
            self._learn_day(state.count / learned, usual, spread, is_first=is_first)
        if not is_first:
            ratio = math.log(((state.count + state.frozen_count) / seen + 1.0) / (usual + 1.0))
            level = math.log(before + 1.0)
            state.levels = [*state.levels, (level + ratio, level)][-STEADY_DAYS:]
            self._test(max(-MOST, min(MOST, ratio / spread)))

    def _learn_day(self, count: float, usual: float, spread: float, *, is_first: bool) -> None:
        """Take a day into what is usual; a wild one counts as one three standard deviations off."""
        state = self._state
        if not is_first:
            ratio = math.log((count + 1.0) / (usual + 1.0))
            ratio = max(-MOST * spread, min(MOST * spread, ratio))
            count = (usual + 1.0) * math.exp(ratio) - 1.0
            state.variance = KEEP * state.variance + max(0.0, ratio * ratio - 1.0 / (usual + 1.0))
            state.variance_days = KEEP * state.variance_days + 1.0
        state.sums = [KEEP * one for one in state.sums]
        state.days = [KEEP * one for one in state.days]
        state.sums[state.is_off] += max(0.0, count)
        state.days[state.is_off] += 1.0

    # -- what is usual

    def _usual(self, is_off: bool) -> float:
        """Return the usual mentions of a working day or a day of the weekend; each borrows one day from the other."""
        state = self._state
        days = sum(state.days)
        if days <= 0.0:
            return 0.0
        pooled = sum(state.sums) / days
        return (state.sums[is_off] + pooled) / (state.days[is_off] + 1.0)

    def _weekly_mean(self) -> float:
        working, off = self._usual(False), self._usual(True)
        return (1.0 - WEEKEND_SHARE) * working + WEEKEND_SHARE * off

    def _variance(self, usual: float) -> float:
        """Return the variance of a day's logarithm: chance, and days that differ."""
        state = self._state
        differ = (state.variance + PRIOR_DAYS * PRIOR_VARIANCE) / (state.variance_days + PRIOR_DAYS)
        return differ + 1.0 / (usual + 1.0)

    # -- the test

    def _test(self, place: float) -> None:
        state = self._state
        test = _page_hinkley(state.test)
        test.update(place)
        state.test = _state_of(test)
        state.is_pending = (state.is_pending and abs(place) >= 1.0) or test.drift_detected
        if test.drift_detected:
            state.test = _State().test
        levels = [level for level, _ in state.levels]
        if self._has_returned(levels[-RETURN_DAYS:]):
            self._move(state.levels[-RETURN_DAYS][1], sum(levels[-RETURN_DAYS:]) / RETURN_DAYS)
            state.left_days = 0
            return
        is_steady = len(levels) == STEADY_DAYS and max(levels) - min(levels) <= math.log(STEADY)
        mean, usual = sum(levels) / len(levels), state.levels[0][1]
        if state.is_pending and is_steady and abs(mean - usual) >= math.log(STEADY) / 2.0:
            self._move(usual, mean)
            state.left, state.left_days = usual, LEFT_DAYS if abs(mean - usual) >= math.log(STEADY) else 0

    def _has_returned(self, levels: Sequence[float]) -> bool:
        """Tell whether the last days look like the level that was left, not like the one it was left for."""
        state = self._state
        state.left_days = max(0, state.left_days - 1)
        near, now = math.log(STEADY) / 2.0, math.log(self._weekly_mean() + 1.0)
        is_near = all(abs(level - state.left) <= near < abs(level - now) for level in levels)
        return state.left_days > 0 and len(levels) == RETURN_DAYS and is_near

    def _move(self, usual: float, mean: float) -> None:
        """Take the level of the last days as the usual one; both are logarithms of the mentions a day and one more."""
        state = self._state
        before, after = max(0.0, math.exp(usual) - 1.0), max(0.0, math.exp(mean) - 1.0)
        times = after / max(self._weekly_mean(), 1e-9)
        kept = min(1.0, STEADY_DAYS / sum(state.days))
        state.sums = [times * kept * one for one in state.sums]
        state.days = [kept * one for one in state.days]
        state.before, state.after = before, after
        state.levels, state.is_pending, state.is_untold = [], False, True
        state.test = _State().test


def _page_hinkley(state: tuple[int, float, float, float, float, float]) -> Any:  # river ships no types
    test: Any = drift.PageHinkley(min_instances=GRACE_DAYS, delta=DELTA, threshold=THRESHOLD, alpha=1.0)
    days, mean, increase, decrease, least, most = state
    test._x_mean.n, test._x_mean._mean = days, mean  # noqa: SLF001 (river offers no other way)
    test._sum_increase, test._sum_decrease = increase, decrease  # noqa: SLF001 (the same)
    test._min_increase, test._max_decrease = least, most  # noqa: SLF001 (the same)
    return test


def _state_of(test: Any) -> tuple[int, float, float, float, float, float]:
    mean = test._x_mean  # noqa: SLF001 (as above)
    increase, decrease = float(test._sum_increase), float(test._sum_decrease)  # noqa: SLF001 (as above)
    least, most = float(test._min_increase), float(test._max_decrease)  # noqa: SLF001 (as above)
    return int(mean.n), float(mean.get()), increase, decrease, least, most


def detector(topic: Topic) -> MovedBaseline:
    """Return a fresh detector for a topic."""
    return MovedBaseline(topic.time_zone)
