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

    __slots__ = ("_authors", "_exact_reach", "_exact_views", "_followers", "_later", "_views")

    def __init__(self) -> None:
        self._authors = DistinctCounter()
        self._exact_reach = 0  # followers and views of distinct authors, while authors were counted exactly
        self._exact_views = 0
        self._later = 0  # reshares after that, and what all of them brought
        self._followers = 0
        self._views = 0

    def count(self, authors: Sequence[int], followers: Sequence[int | None], root_author: int | None) -> None:
        """Count reshares by their authors and the followers of each; who passes on their own post brings none."""
        counted = self._authors
        while authors and counted.is_exact:
            # As many as there is room for, new or not, cannot end exactness before the last.
            room = SAMPLE_SIZE - counted.estimate()
            some, authors = authors[:room], authors[room:]
            brought, followers = followers[:room], followers[room:]
            if root_author in some or not counted.add_new(some):
                brought = [
                    one
                    for author, one in zip(some, brought, strict=True)
                    if counted.add(author) and author != root_author
                ]
            reach, seen = _brought(brought)
            self._exact_reach += reach
            self._exact_views += seen
        if authors:
            counted.add_all(authors)
            reach, seen = _brought(followers)
            self._later += len(authors)
            self._followers += reach
            self._views += seen

    def told(self) -> tuple[int, int, int]:
        """Return distinct authors, and the followers and views they brought."""
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
            self._authors.snapshot(),
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
        sharers._authors.restore(saved.authors)
        sharers._exact_reach, sharers._exact_views = saved.exact_reach, saved.exact_views
        sharers._later, sharers._followers, sharers._views = saved.later, saved.followers, saved.views
        return sharers


class LastHour(msgspec.Struct, array_like=True):
    """Reshares of the last sixty minutes and of their later half: how many there were before each minute with any."""

    minutes: list[int] = []
    before: list[int] = []
    total: int = 0

    def add(self, minute: int, count: int) -> None:
        """Count reshares of a minute, not before any other."""
        minutes, before = self.minutes, self.before
        if not minutes or minute > minutes[-1]:
            minutes.append(minute)
            before.append(self.total)
            if minutes[0] <= minute - 2 * SPAN_MINUTES:
                passed = bisect_right(minutes, minute - SPAN_MINUTES)
                del minutes[:passed], before[:passed]
        self.total += count

    def at(self, minute: int) -> tuple[int, int]:
        """Return the reshares of the earlier and of the later half of the hour up to the end of a minute."""
        minutes, total = self.minutes, self.total
        if not minutes or minutes[-1] <= minute - SPAN_MINUTES:
            return 0, 0
        since = self.before[bisect_right(minutes, minute - SPAN_MINUTES)]
        if minutes[-1] <= minute - HALF_SPAN_MINUTES:
            return total - since, 0
        halfway = self.before[bisect_right(minutes, minute - HALF_SPAN_MINUTES)]
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
