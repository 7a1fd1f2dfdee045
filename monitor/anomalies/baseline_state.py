"""What a baseline remembers, and the two values it computes with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from monitor.anomalies.first_day import FirstDay
from monitor.anomalies.planned import NOTHING, Lesson, Planned
from monitor.stats.scatter import Scatter
from monitor.stats.season import Season

__all__ = ["BaselineState", "Expectation", "Slot", "clip", "excess_of"]

# An outlier is learned as a count four standard deviations above what was expected, once a day has been seen.
CLIP: Final = 4.0
MOST_TIMES: Final = 100.0  # of the usual, that one event may teach
MOST_LESSONS: Final = 32


class Slot(NamedTuple):
    """What holds during one slot."""

    number: int
    first: int
    end: int
    of_class: int
    cell: int
    factor: float
    per_bucket: float
    tempered: float
    season_doubt: float
    planned: Planned = NOTHING


class Expectation(NamedTuple):
    """What a window should have held.

    Attributes
    ----------
    mean
        Mentions, at this hour of this day.
    tempered
        Mentions, half-way (geometrically) between this hour and an average hour.
    doubt
        Relative variance of the expectation itself.
    """

    mean: float
    tempered: float
    doubt: float


class BaselineState(msgspec.Struct, array_like=True):
    """All that a baseline remembers. Buckets and slots are counted from the Unix epoch."""

    season: Season
    scatters: list[Scatter]
    begun: int = -1
    cursor: int = -1
    learned: int = 0
    num: float = 0.0
    den: float = 0.0
    plain: float = 0.0  # like den, were every factor one
    slot_learned: float = 0.0
    slot_count: float = 0.0
    presented: int = -1  # the last bucket whose count was given
    before: list[tuple[int, float, float, float]] = []  # slots before; see _close_slot
    recent: list[tuple[int, float]] = []  # bucket, count; the last hour
    unseen: list[tuple[int, int, float]] = []  # half-open ranges of buckets, the share hidden; the last hour
    lessons: dict[str, Lesson] = {}  # of past events, by kind
    event: str = ""  # the kind of the event now on; what it brought so far, and what would have come without it
    event_seen: float = 0.0
    event_expected: float = 0.0
    first_day: FirstDay | None = None  # until a day was seen, where the pooled profile of brands applies

    def counts(self, spans: Sequence[int]) -> list[float]:
        """Return what was given for each span (ascending) that ends with the present bucket."""
        present = self.cursor
        sums = [0.0] * len(spans)
        total = 0.0
        place = 0
        for bucket, count in reversed(self.recent):
            while bucket <= present - spans[place]:
                sums[place] = total
                place += 1
                if place == len(sums):
                    return sums
            total += count
        for rest in range(place, len(sums)):
            sums[rest] = total
        return sums

    def tumbled(self, slot: Slot, width: int, slot_buckets: int) -> tuple[list[float], float, int]:
        """Return the sums of the tumbling windows that end in this slot (empty ones left out), their mean, how many."""
        if width <= slot_buckets:
            sums: dict[int, float] = {}
            for bucket, count in self.recent:
                if bucket >= slot.first:
                    sums[bucket // width] = sums.get(bucket // width, 0.0) + count
            return list(sums.values()), slot.per_bucket * width, slot_buckets // width
        together = width // slot_buckets
        others = self.before[1 - together :]
        whole = [number for number, _, _, held in others if held >= 0.0]
        if slot.number % together != together - 1 or whole != [*range(slot.number + 1 - together, slot.number)]:
            return [], 0.0, 0
        mean = (slot.per_bucket + sum(expected for _, expected, _, _ in others)) * slot_buckets
        return [self.slot_count + sum(held for _, _, _, held in others)], mean, 1

    def forget(self, before: int) -> None:
        """Let go of what no window reaches that ends now or later: buckets before this one."""
        while self.recent and self.recent[0][0] < before:
            self.recent.pop(0)
        while self.unseen and self.unseen[0][1] <= before:
            self.unseen.pop(0)

    def learn_level(self, slot: Slot, count: float, keep: float) -> None:
        """Take in a slot that held `count`; what is older keeps `keep` of its weight."""
        self.num = keep * self.num + count
        self.den = keep * self.den + slot.factor * self.slot_learned
        self.plain = keep * self.plain + self.slot_learned
        if self.first_day is not None:
            self.first_day.learn(slot.cell, count, self.slot_learned)

    def take_back(self, buckets: float) -> None:
        """Take back so many buckets that were learned as silence and turn out not to have been seen."""
        here = min(self.slot_learned, buckets)
        self.slot_learned -= here
        if self.plain > 0.0:
            kept = max(0.5, 1.0 - (buckets - here) / self.plain)
            self.den *= kept
            self.plain *= kept

    def end_event(self, following: str) -> None:
        """Learn what the event that is over brought, and begin the one that follows, if any."""
        if self.event and self.event_expected > 0.0:
            times = (self.event_seen + 1.0) / (self.event_expected + 1.0)
            self.lessons.setdefault(self.event, Lesson()).learn(min(times, MOST_TIMES))
            if len(self.lessons) > MOST_LESSONS:
                del self.lessons[next(iter(self.lessons))]
        self.event, self.event_seen, self.event_expected = following, 0.0, 0.0

    def hidden(self, bucket: int) -> float:
        """Return the share of what a bucket usually holds that nobody could see."""
        return next((share for first, last, share in self.unseen if first <= bucket < last), 0.0)

    def recount(self, bucket: int, change: float, slot_first: int) -> None:
        """Correct what a bucket of the last hour held; the slot still being learned begins at `slot_first`."""
        for place, (at, count) in enumerate(self.recent):
            if at == bucket:
                changed = max(-count, change)
                self.recent[place] = (at, count + changed)
                break
        else:
            if change <= 0 or bucket >= self.cursor:
                return
            changed = change
            self.recent = sorted([*self.recent, (bucket, float(change))])
        if slot_first <= bucket < self.cursor and self.slot_learned:
            self.slot_count = max(0.0, self.slot_count + changed)


def clip(mean: float, scatter: float) -> float:
    """Return the largest count that is learned as it is."""
    return 1.0 + mean + CLIP * math.sqrt(mean + scatter * mean * mean)


def excess_of(sums: Sequence[float], mean: float, windows: int) -> float:
    """Return ``(Y - M)^2 - M`` added up over so many windows of expectation `mean`; those not in `sums` were empty."""
    excess = windows * (mean * mean - mean)
    for held in sums:
        excess += held * held - 2.0 * mean * held
    return excess
