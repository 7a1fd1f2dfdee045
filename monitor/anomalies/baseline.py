"""What is normal for one topic: level times season, with how far counts scatter around it.

Shared by the detectors that judge velocity. Counts arrive by *buckets* (minutes in the service). Within one *slot*
(half an hour of local time) the expectation is constant; what was seen is learned when the slot is over. So a slot in
which nothing was published costs one update, whether its minutes were given one by one or not at all.

A slot in which a planned event is on is expected to hold a multiple of the usual, with more doubt, and teaches what
such events bring, not what is usual (:mod:`monitor.anomalies.planned`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from monitor.anomalies.baseline_state import BaselineState, Expectation, Slot, clip, excess_of
from monitor.anomalies.first_day import BUNCHING, CELLS, FirstDay
from monitor.anomalies.planned import Calendar, Planned
from monitor.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from monitor.stats.calendar import is_weekend, local_seconds
from monitor.stats.negative_binomial import interval
from monitor.stats.scatter import Scatter
from monitor.stats.season import Season

__all__ = ["LEAST", "PRIOR_PER_MINUTE", "Baseline"]

# A level forgets half in four days: it follows a change of level within a week, and a weekend does not empty it.
HALF_LIFE_US: Final = 4 * DAY_US
# Before anything was seen, one mention every five minutes is believed with the weight of half a mention.
PRIOR_MENTIONS: Final = 0.5
PRIOR_PER_MINUTE: Final = 0.2
SCATTER_KEEP_US: Final = 14 * DAY_US
# Half an hour tells no more of that half hour of other days than so many mentions would: rates differ by half.
VISIT_WORTH: Final = 4.0
LEVEL_FIRST_US: Final = 6 * HOUR_US  # before that the level itself is too uncertain to compare an hour with
LONGEST_LESSON_US: Final = 30 * MINUTE_US
LEAST: Final = 1e-9  # mentions; an expectation is never nothing
SLOT_US: Final = 30 * MINUTE_US
SPANS: Final = (5 * MINUTE_US, 15 * MINUTE_US, HOUR_US)


class Baseline:
    """Level, season and scatter of one topic.

    Parameters
    ----------
    time_zone
        IANA name of the zone whose clocks the season follows.
    bucket_us
        Length of a bucket, a divisor or a multiple of half an hour.
    on_silence
        Called with (first bucket, end) of each run of empty buckets within one slot, before it is learned.
    calendar
        The planned events.
    is_pooled
        Whether its first day may be assumed to be like that of others (:mod:`monitor.anomalies.first_day`).
    """

    def __init__(
        self,
        time_zone: str,
        bucket_us: int = MINUTE_US,
        on_silence: Callable[[int, int], None] | None = None,
        calendar: Calendar | None = None,
        *,
        is_pooled: bool = False,
    ) -> None:
        self._on_silence = on_silence
        self._calendar = calendar or Calendar()
        self.bucket_us = bucket_us
        self.slot_buckets = max(1, SLOT_US // bucket_us)
        spans = [span // bucket_us for span in SPANS if span % bucket_us == 0]
        self.spans = tuple(spans) if SPANS[0] % bucket_us == 0 else tuple(sorted({1, *spans}))
        self.hour = self.spans[-1]
        self._week = 7 * DAY_US // bucket_us
        self._slots_kept = -(-self.hour // self.slot_buckets)
        self._zone = time_zone
        self._cells = max(1, DAY_US // (self.slot_buckets * bucket_us))
        self._keep = 0.5 ** (self.slot_buckets * bucket_us / HALF_LIFE_US)
        self._prior_buckets = PRIOR_MENTIONS / (PRIOR_PER_MINUTE * bucket_us / MINUTE_US)
        # Windows tumble for learning the scatter: of one bucket, and of every span.
        self._windows = tuple(dict.fromkeys((1, *self.spans)))
        self._windows_keep = [0.5 ** (n * bucket_us / SCATTER_KEEP_US) for n in self._windows]
        self.state = BaselineState(Season.flat(2, self._cells), [Scatter() for _ in self._windows])
        if is_pooled and self._cells == CELLS:
            self.state.first_day = FirstDay()
        self._fits: list[tuple[float, float] | None] = [None] * len(self._windows)
        self._slot: Slot | None = None
        self._doubt: float | None = None
        self._band: tuple[int, float, float, float] | None = None

    @property
    def level(self) -> float:
        """Mentions per bucket at an average hour (posterior mean of a Gamma)."""
        return (self.state.num + PRIOR_MENTIONS) / (self.state.den + self._prior_buckets)

    @property
    def season(self) -> float:
        """Factor of the present slot."""
        return self._now().factor

    @property
    def planned(self) -> Planned:
        """What the calendar makes of the present slot."""
        return self._now().planned

    @property
    def learned_us(self) -> int:
        """How much time was learned so far; series of long buckets must have many of them to count."""
        return self.state.learned * min(self.bucket_us, LONGEST_LESSON_US)

    @property
    def per_bucket(self) -> float:
        """Mentions expected in one bucket of the present slot."""
        return self._now().per_bucket

    @property
    def doubt(self) -> float:
        """Relative variance of the expectation itself, in the present slot."""
        if self._doubt is None:
            self._doubt = self._doubt_in(self._now())
        return self._doubt

    def scatter(self, buckets: int, mean: float) -> float:
        """Return the scatter (1/k) of windows that long and of that expectation, without doubt about the mean."""
        if self.state.first_day is not None:
            return BUNCHING / mean
        place = self._windows.index(buckets)
        fitted = self._fits[place]
        if fitted is None:
            fitted = self._fits[place] = self.state.scatters[place].fit()
        return fitted[1] + fitted[0] / mean

    def expect(self, buckets: int) -> Expectation:
        """Return what the last `buckets` buckets, the present one included, should have held."""
        now = self._now()
        end = self.state.cursor + 1
        start = max(end - buckets, self.state.begun)
        inside = end - max(start, now.first)
        mean, tempered = now.per_bucket * inside, now.tempered * inside
        if start < now.first:
            for number, per_bucket, per_bucket_tempered, _ in self.state.before:
                first = number * self.slot_buckets
                inside = min(first + self.slot_buckets, end) - max(start, first)
                if inside > 0:
                    mean += per_bucket * inside
                    tempered += per_bucket_tempered * inside
        partly = 0.0
        for first, last, share in self.state.unseen:
            unseen = (min(last, end) - max(first, start)) * share
            if unseen > 0.0:
                mean -= now.per_bucket * unseen
                tempered -= now.tempered * unseen
                partly += now.per_bucket * unseen if share < 1.0 else 0.0
        mean = max(mean, LEAST)
        # What was hidden may have been less than we think, or more: it is all in doubt.
        return Expectation(mean, max(tempered, LEAST), self.doubt + (partly / mean) ** 2)

    def count(self, buckets: int) -> float:
        """Return what was given for the last `buckets` buckets, the present one included."""
        return self.counts()[self.spans.index(buckets)]

    def counts(self) -> list[float]:
        """Return what was given for each span that ends with the present bucket."""
        return self.state.counts(self.spans)

    def band(self, start_us: int) -> tuple[float, float, float]:
        """Return (expected, lower, upper) of the bucket at `start_us`; lower and upper hold 95 % of what is normal."""
        slot = self._slot_at(start_us // self.bucket_us // self.slot_buckets)
        if self._band is None or self._band[0] != slot.number:
            low, high = interval(slot.per_bucket, self.scatter(1, slot.per_bucket) + self._doubt_in(slot))
            self._band = (slot.number, slot.per_bucket, float(low), float(high))
        hidden = self.state.hidden(start_us // self.bucket_us)
        if not 0.0 < hidden < 1.0:
            return self._band[1:]
        mean = slot.per_bucket * (1.0 - hidden)
        low, high = interval(mean, self.scatter(1, mean) + self._doubt_in(slot) + (hidden / (1.0 - hidden)) ** 2)
        return mean, float(low), float(high)

    @property
    def next_bucket(self) -> int:
        """The first bucket not accounted for; -1 before anything was seen."""
        state = self.state
        return state.cursor + 1 if state.begun >= 0 and state.presented == state.cursor else state.cursor

    def restore(self, state: BaselineState) -> None:
        """Take back the state of another baseline with the same settings."""
        self.state = state
        self._slot = self._doubt = self._band = None
        self._fits = [None] * len(self._windows)

    # -- time passes

    def wait(self, bucket: int) -> None:
        """Learn the silence up to `bucket`, of which nothing is known yet."""
        if self.state.begun >= 0 and bucket > self.state.cursor:
            self._pass_empty(bucket)

    def rebase(self, per_minute: float) -> None:
        """Take a new mean level at once: the normal itself has moved. It then weighs no more than a day of its own."""
        state = self.state
        before = self.level
        kept = min(1.0, DAY_US / self.bucket_us / max(state.plain, 1.0))
        state.den *= kept
        state.plain *= kept
        per_bucket = per_minute * self.bucket_us / MINUTE_US  # without season, like `plain`
        state.num = max(0.0, per_bucket * (state.plain + self._prior_buckets) - PRIOR_MENTIONS)
        times = self.level / before
        state.before = [(number, times * mean, times * tempered, -1.0) for number, mean, tempered, _ in state.before]
        self._slot = self._doubt = self._band = None

    def present(self, bucket: int, count: float, hidden: float = 0.0) -> bool:
        """Move to `bucket`, which held `count`; the buckets in between were empty. ``False`` if it is in the past.

        `hidden` is the share of the usual sources that could not be seen meanwhile, in [0, 1).
        """
        state = self.state
        if state.begun < 0:
            state.begun = state.cursor = bucket
        if bucket < state.cursor:
            return False
        self._pass_empty(bucket)
        if state.recent and state.recent[-1][0] == bucket:
            state.recent.pop()
        if count > 0.0:
            state.recent.append((bucket, count))
        if state.unseen and state.unseen[-1][0] == bucket:
            state.unseen.pop()
        if hidden > 0.0:
            state.unseen.append((bucket, bucket + 1, hidden))
        state.presented = bucket
        return True

    def recount(self, bucket: int, change: float) -> None:
        """Correct what a bucket of the last hour held: in the windows, and in the slot still being learned."""
        if self.state.begun >= 0:
            self.state.recount(bucket, change, self._now().first)

    def learn(self, bucket: int, count: float) -> None:
        """Take a bucket into what is normal."""
        if self.present(bucket, count):
            self.state.slot_count += count
            self._pass(1, learned=True)

    def skip(self, first: int, end: int, hidden: float = 1.0) -> None:
        """Pass over [first, end) without learning; of what was not presented before, a share was `hidden`."""
        state = self.state
        if state.begun < 0:
            state.begun = state.cursor = first
        if first > state.cursor:
            self._pass_empty(first)
        if state.presented == state.cursor < end:
            self._pass(1, learned=False)
        if state.cursor >= end:
            return
        if state.unseen and state.unseen[-1][1:] == (state.cursor, hidden):
            state.unseen[-1] = (state.unseen[-1][0], end, hidden)
        else:
            state.unseen.append((state.cursor, end, hidden))
        self._pass(end - state.cursor, learned=False)
        self._forget()

    def _pass_empty(self, bucket: int) -> None:
        """Learn the silence from the cursor to `bucket`."""
        state = self.state
        if state.presented == state.cursor < bucket:  # presented, but nobody said to learn it
            self._pass(1, learned=False)
        self._pass(bucket - state.cursor, learned=True, silent=True)
        self._forget()

    def _pass(self, buckets: int, *, learned: bool, silent: bool = False) -> None:
        state = self.state
        until = state.cursor + buckets
        since = state.cursor
        while state.cursor < until:
            if silent and state.cursor - since >= 2 * self._week and self._pass_silent_week(until):
                continue
            slot = self._now()
            stop = min(until, slot.end)
            if silent and self._on_silence is not None:
                self._on_silence(state.cursor, stop)
            if learned:
                state.slot_learned += stop - state.cursor
                state.learned += stop - state.cursor
            state.cursor = stop
            if stop == slot.end:
                self._close_slot()

    def _pass_silent_week(self, until: int) -> bool:
        """Learn at once, if it holds no event, one more week of a silence that has lasted two: all factors are one."""
        state = self.state
        end = state.cursor + self._week
        if end >= until or not self._calendar.is_free(state.cursor * self.bucket_us, end * self.bucket_us):
            return False
        if self._on_silence is not None:
            self._on_silence(state.cursor, end)
        slots = self._week // self.slot_buckets
        keep = self._keep**slots
        seen = self.slot_buckets * (1.0 - keep) / (1.0 - self._keep)
        state.num *= keep
        state.den = keep * state.den + seen
        state.plain = keep * state.plain + seen
        state.season.fade(0, 5)
        state.season.fade(1, 2)
        for place, scatter in enumerate(state.scatters):
            scatter.fade(self._windows_keep[place] ** (self._week // self._windows[place]))
        state.learned += self._week
        state.cursor = end
        state.before = []
        self._fits = [None] * len(self._windows)
        self._slot = self._doubt = None
        return True

    def _forget(self) -> None:
        self.state.forget(self.state.cursor + 1 - max(self.hour, 2 * self.slot_buckets))

    # -- slots

    def _now(self) -> Slot:
        if self._slot is None:
            self._slot = self._slot_at(self.state.cursor // self.slot_buckets)
        return self._slot

    def _slot_at(self, number: int) -> Slot:
        if self._slot is not None and self._slot.number == number:
            return self._slot
        of_class, cell = self._place(number)
        factor, doubt = self.state.season.factor(of_class, cell)
        per_bucket, tempered = self.level * factor, self.level * math.sqrt(factor)
        if self.state.first_day is not None:
            per_bucket, tempered, doubt = self.state.first_day.expect(cell, PRIOR_MENTIONS, self._prior_buckets)
        first = number * self.slot_buckets
        end = first + self.slot_buckets
        planned = self._calendar.expect(first * self.bucket_us, end * self.bucket_us, self.state.lessons)
        per_bucket, tempered, doubt = per_bucket * planned.times, tempered * planned.times, doubt + planned.doubt
        return Slot(number, first, end, of_class, cell, factor, per_bucket, tempered, doubt, planned)

    def _place(self, number: int) -> tuple[int, int]:
        slot_us = self.slot_buckets * self.bucket_us
        local = local_seconds(self._zone, number * slot_us // SECOND_US)
        return int(is_weekend(local)), local * SECOND_US // slot_us % self._cells

    def _doubt_in(self, slot: Slot) -> float:
        """Relative variance of what is expected: of the season, a Gamma posterior, and scatter over the hours seen."""
        if self.state.first_day is not None:  # which says how sure it is
            return slot.season_doubt
        scatter = self.scatter(self.hour, self.level * self.hour)
        of_level = scatter / max(1.0, (self.state.den + self._prior_buckets) / self.hour)
        return slot.season_doubt + 1.0 / (self.state.num + PRIOR_MENTIONS) + of_level

    def _close_slot(self) -> None:
        """Learn the slot that ends here and begin the next."""
        state = self.state
        slot = self._now()
        event, times, _ = slot.planned
        if event != state.event:
            state.end_event(event)
        if event:
            state.event_seen += state.slot_count
            state.event_expected += slot.per_bucket / times * state.slot_learned
        elif state.slot_learned:
            # Ratios to the level without season keep the factors around one; ratios to the level with season would
            # let the two drift apart, one up and one down.
            flat = (state.num + PRIOR_MENTIONS) / (state.plain + self._prior_buckets) * state.slot_learned
            count = state.slot_count
            if self.learned_us > DAY_US:
                mean = slot.per_bucket * state.slot_learned
                if count > mean:
                    count = min(count, clip(mean, self.scatter(self.hour, mean) + self.doubt))
            if self.learned_us > LEVEL_FIRST_US:
                if state.slot_learned == self.slot_buckets:
                    self._learn_scatter(slot)
                state.season.learn(slot.of_class, slot.cell, count / flat, flat / (1.0 + flat / VISIT_WORTH))
            state.learn_level(slot, count, self._keep)
        if self.learned_us >= DAY_US:
            state.first_day = None
        held = state.slot_count if state.slot_learned == self.slot_buckets and not event else -1.0
        state.before.append((slot.number, slot.per_bucket, slot.tempered, held))
        del state.before[: -self._slots_kept]
        state.slot_count = state.slot_learned = 0.0
        self._slot = self._doubt = None

    def _learn_scatter(self, slot: Slot) -> None:
        """Compare the squared misses of tumbling windows with the variance of pure chance.

        ``E[(Y - M)^2 - M] = M^2 / k`` for each window; windows count with weight ``(1 + M)^-2``, so that a small
        expectation, which knows nothing about scatter, says nothing.
        """
        state = self.state
        is_young = self.learned_us <= DAY_US
        for place, width in enumerate(self._windows):
            sums, mean, windows = state.tumbled(slot, width, self.slot_buckets)
            if windows == 0:
                continue
            cap = clip(mean, self.scatter(width, mean) + self.doubt) if sums and not is_young else math.inf
            excess = excess_of([min(held, cap) for held in sums], mean, windows)
            state.scatters[place].learn(mean, excess, windows, self._windows_keep[place] ** windows)
            self._fits[place] = None
