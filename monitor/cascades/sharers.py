"""Who reshared a post and when: exact counters that cost a fraction of a microsecond a reshare."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from monitor.cascades.audience import SMALL, views
from monitor.clock import MINUTE_US
from monitor.stats.distinct import SAMPLE_SIZE, DistinctCounter

__all__ = ["SPAN_MINUTES", "LastHour", "Reshare", "SavedSharers", "Sharers", "few_sharers", "last_hour"]

SPAN_MINUTES: Final = 60
HALF_SPAN_MINUTES: Final = SPAN_MINUTES // 2

Reshare = tuple[int, int, int | None]
"""Instant in microseconds, author and their followers."""


class SavedSharers(msgspec.Struct, array_like=True):
    """Sharers as they are stored."""

    few: list[int]
    authors: bytes
    exact_reach: int
    exact_views: int
    later: int
    followers: int
    views: int


class Sharers:
    """Counts the authors of one cascade's reshares and the followers they bring.

    Up to 255 authors everything is exact, whatever the order. Beyond, authors are an estimate
    (:class:`monitor.stats.distinct.DistinctCounter`), and the followers of later reshares are scaled by the share of
    those that came from new authors.
    """

    __slots__ = ("_authors", "_exact_reach", "_exact_views", "_few", "_followers", "_later", "_views")

    def __init__(self) -> None:
        self._few: set[int] = set()  # the authors themselves, until they are counted
        self._authors: DistinctCounter | None = None
        self._exact_reach = 0  # followers and views of distinct authors, while authors were counted exactly
        self._exact_views = 0
        self._later = 0  # reshares after that, and what all of them brought
        self._followers = 0
        self._views = 0

    def count(self, authors: Sequence[int], followers: Sequence[int | None], root_author: int | None) -> None:
        """Count reshares by their authors and the followers of each; who passes on their own post brings none."""
        counted = self._authors
        if counted is None:
            some = self._count_few(authors, followers, root_author)
            counted = self._authors
            if counted is None:
                return
            authors, followers = authors[some:], followers[some:]
        counted.add_all(authors)
        reach, seen = _brought(followers)
        self._later += len(authors)
        self._followers += reach
        self._views += seen

    def told(self) -> tuple[int, int, int]:
        """Return distinct authors, and the followers and views they brought."""
        if self._authors is None:
            return len(self._few), self._exact_reach, self._exact_views
        authors, later = self._authors.estimate(), self._later
        if not later:
            return authors, self._exact_reach, self._exact_views
        authors = min(max(authors, SAMPLE_SIZE), SAMPLE_SIZE + later)
        new = authors - SAMPLE_SIZE
        return (
            authors,
            self._exact_reach + self._followers * new // later,
            self._exact_views + self._views * new // later,
        )

    def state(self) -> SavedSharers:
        """Return what is to be stored."""
        return SavedSharers(
            sorted(self._few),
            b"" if self._authors is None else self._authors.snapshot(),
            self._exact_reach,
            self._exact_views,
            self._later,
            self._followers,
            self._views,
        )

    @classmethod
    def of(cls, saved: SavedSharers) -> Sharers:
        """Return what was stored."""
        sharers = cls()
        sharers._few = set(saved.few)
        if saved.authors:
            sharers._authors = DistinctCounter()
            sharers._authors.restore(saved.authors)
        sharers._exact_reach, sharers._exact_views = saved.exact_reach, saved.exact_views
        sharers._later, sharers._followers, sharers._views = saved.later, saved.followers, saved.views
        return sharers

    def _count_few(self, authors: Sequence[int], followers: Sequence[int | None], root_author: int | None) -> int:
        """Count reshares as long as authors are exact; return how many that were."""
        few = self._few
        reach, seen = self._exact_reach, self._exact_views
        done = 0
        for author, brought in zip(authors, followers, strict=True):
            done += 1
            if author in few:
                continue
            few.add(author)
            if brought and author != root_author:
                reach += brought
                seen += brought * 3 // 20 if brought <= SMALL else views(brought)
            if len(few) == SAMPLE_SIZE:
                counted = self._authors = DistinctCounter()
                if not counted.add_new(tuple(few)):  # two of them look alike
                    counted.add_all(few)
                self._few = set()
                break
        self._exact_reach, self._exact_views = reach, seen
        return done


class LastHour(msgspec.Struct, array_like=True, gc=False):
    """Reshares of the last sixty minutes and of their later half: how many there were before each minute with any.

    Attributes
    ----------
    minutes, before
        Minutes with reshares, in order, and the reshares before each.
    total
        All reshares.
    since, halfway
        Place of the first minute in the hour, and in the half hour, up to the last one.
    """

    minutes: list[int] = []
    before: list[int] = []
    total: int = 0
    since: int = 0
    halfway: int = 0

    def add(self, minute: int, count: int) -> None:
        """Count reshares of a minute, not before any other."""
        minutes, before = self.minutes, self.before
        if not minutes or minute > minutes[-1]:
            minutes.append(minute)
            before.append(self.total)
            since, halfway = self.since, self.halfway
            while minutes[halfway] <= minute - HALF_SPAN_MINUTES:
                halfway += 1
            while minutes[since] <= minute - SPAN_MINUTES:
                since += 1
            if minutes[0] <= minute - 2 * SPAN_MINUTES:
                del minutes[:since], before[:since]
                since, halfway = 0, halfway - since
            self.since, self.halfway = since, halfway
        self.total += count

    def at(self, minute: int) -> tuple[int, int]:
        """Return the reshares of the earlier and of the later half of the hour up to the end of a minute."""
        minutes, before, total = self.minutes, self.before, self.total
        if minutes and minute == minutes[-1]:
            halfway = before[self.halfway]
            return halfway - before[self.since], total - halfway
        if not minutes or minutes[-1] <= minute - SPAN_MINUTES:
            return 0, 0
        since = before[bisect_right(minutes, minute - SPAN_MINUTES)]
        if minutes[-1] <= minute - HALF_SPAN_MINUTES:
            return total - since, 0
        halfway = before[bisect_right(minutes, minute - HALF_SPAN_MINUTES)]
        return halfway - since, total - halfway


def _brought(followers: Iterable[int | None]) -> tuple[int, int]:
    """Return the followers that accounts bring, and the views."""
    reach = seen = 0
    for brought in followers:
        if brought:
            reach += brought
            seen += brought * 3 // 20 if brought <= SMALL else views(brought)
    return reach, seen


def last_hour(reshares: Sequence[Reshare], as_of_us: int) -> tuple[int, int]:
    """Return how many of a few reshares fall into the earlier and the later half of the hour up to an instant."""
    since_us = (as_of_us // MINUTE_US + 1) * MINUTE_US
    halfway_us, since_us = since_us - HALF_SPAN_MINUTES * MINUTE_US, since_us - SPAN_MINUTES * MINUTE_US
    early = late = 0
    for at_us, *_ in reshares:
        if at_us >= halfway_us:
            late += 1
        elif at_us >= since_us:
            early += 1
    return early, late


def few_sharers(reshares: Sequence[Reshare], root_author: int | None) -> tuple[int, int, int]:
    """Return distinct authors of a few reshares, and the followers and views they brought."""
    authors: set[int] = set()
    reach = seen = 0
    for _, author, followers in reshares:
        if author not in authors:
            authors.add(author)
            if followers and author != root_author:
                reach += followers
                seen += views(followers)
    return len(authors), reach, seen
