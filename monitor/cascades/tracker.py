"""The cascades of one topic, counted reshare by reshare in bounded memory."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nlargest, nsmallest
from typing import Final

import msgspec

from monitor.cascades import Cascade
from monitor.clock import MINUTE_US
from monitor.stats.distinct import SAMPLE_SIZE, DistinctCounter
from monitor.topics import Match

__all__ = ["HALF_SPAN_MINUTES", "ROOTS_KEPT", "SPAN_MINUTES", "CascadeTracker"]

ROOTS_KEPT: Final = 2_000
POSTS_KEPT: Final = 32  # a snapshot carries up to twice as many, 2 kB; an older root is dated by its first reshare
SLACK: Final = 8  # an eighth more roots than kept are let in before any goes
SPAN_MINUTES: Final = 60
HALF_SPAN_MINUTES: Final = SPAN_MINUTES // 2


class CascadeTracker:
    """Follows every cascade of one topic.

    Reposts and quotes are reshares; a reply is not. Work per reshare is constant. The `roots_kept` most recently
    reshared roots are remembered; an older one that comes back starts again from zero, and `evicted` counts the
    roots let go.

    Parameters
    ----------
    topic
        Topic id.
    roots_kept
        How many cascades to remember. Positive.

    Notes
    -----
    A small cascade takes 1 kB and a large one at most 55 kB; in a snapshot 90 bytes and at most 3 kB. With more than
    about 256 authors a cascade's authors are an estimate (:class:`monitor.stats.distinct.DistinctCounter`), and the
    followers of later reshares are scaled by the share of those that came from new authors.
    """

    def __init__(self, topic: str, roots_kept: int = ROOTS_KEPT) -> None:
        self._topic = topic
        self._kept = roots_kept
        self._tallies: dict[int, _Tally] = {}
        self._posts: dict[int, tuple[int, float]] = {}  # recent possible roots: key -> (published_us, tone)
        self.evicted = 0

    def __len__(self) -> int:
        return len(self._tallies)

    def add(self, matches: Sequence[Match]) -> list[Cascade]:
        """Count a minute's matches and return the cascades that changed, ordered by root.

        Parameters
        ----------
        matches
            All matches of one minute of this topic, ordered by (published_us, key).
        """
        arrived = {match.key: (match.published_us, match.tone) for match in matches if match.kind != "repost"}
        self._posts |= arrived
        tallies = self._tallies
        changed = {}
        for match in matches:
            if match.kind == "repost" or match.kind == "quote":  # noqa: PLR1714 - a set costs a third more here
                root = match.root
                tally = tallies.get(root)
                if tally is None:
                    tally = tallies[root] = _Tally(match.network, match.root_id, match.published_us)
                    tally.date(self._posts.get(root))
                tally.count(match)
                changed[root] = tally
        for root in tallies.keys() & arrived.keys():
            if tallies[root].date(arrived[root]):
                changed[root] = tallies[root]
        self._forget()
        return [changed[root].cascade(self._topic, root) for root in sorted(changed)]

    def largest(self, n: int) -> list[Cascade]:
        """Return the `n` cascades with the most reshares, largest first."""
        top = nsmallest(n, self._tallies.items(), key=lambda entry: (-entry[1].size, entry[0]))
        return [tally.cascade(self._topic, root) for root, tally in top]

    def growing(self, now_us: int, n: int) -> list[Cascade]:
        """Return the `n` cascades with the most reshares in the hour up to `now_us`, fastest first.

        Cascades that were not reshared in that hour are left out. `updated_us` of what is returned is `now_us`.
        """
        since_us = now_us - SPAN_MINUTES * MINUTE_US
        alive = [
            tally.cascade(self._topic, root, now_us)
            for root, tally in self._tallies.items()
            if tally.updated_us > since_us
        ]
        grown = [cascade for cascade in alive if cascade.growth_per_hour]
        return nsmallest(n, grown, key=lambda cascade: (-cascade.growth_per_hour, -cascade.acceleration, cascade.root))

    def snapshot(self) -> bytes:
        """Return the whole state as msgpack: empty when nothing was seen, about 90 bytes for a small cascade."""
        if not self._tallies and not self._posts:
            return b""
        state = _State(
            evicted=self.evicted,
            posts=[(key, *post) for key, post in self._posts.items()],
            tallies=[(root, self._tallies[root].state()) for root in sorted(self._tallies)],
        )
        return msgspec.msgpack.encode(state)

    def restore(self, state: bytes) -> None:
        """Take back a state that :meth:`snapshot` returned."""
        saved = msgspec.msgpack.decode(state, type=_State) if state else _State(0, [], [])
        self.evicted = saved.evicted
        self._posts = {key: (published_us, tone) for key, published_us, tone in saved.posts}
        self._tallies = {root: _Tally.of(tally) for root, tally in saved.tallies}

    def _forget(self) -> None:
        """Keep the roots reshared last and the posts published last, whatever order they are held in."""
        if len(self._posts) > 2 * POSTS_KEPT:
            self._posts = dict(nlargest(POSTS_KEPT, self._posts.items(), key=lambda post: (post[1][0], post[0])))
        # Some more than kept are let in before any goes, so that looking for the idle ones is rare.
        if len(self._tallies) > self._kept + self._kept // SLACK:
            surplus = len(self._tallies) - self._kept
            self.evicted += surplus
            idle = nsmallest(surplus, self._tallies.items(), key=lambda entry: (entry[1].updated_us, entry[0]))
            for root, _ in idle:
                del self._tallies[root]


class _Saved(msgspec.Struct, frozen=True, array_like=True):
    """A tally as it is stored."""

    network: str
    root_id: str
    started_us: int
    is_dated: bool
    tone: float | None
    updated_us: int
    size: int
    exact_size: int
    exact_reach: int
    followers: int
    authors: bytes
    minutes: list[tuple[int, int]]


class _State(msgspec.Struct, frozen=True, array_like=True):
    evicted: int
    posts: list[tuple[int, int, float]]
    tallies: list[tuple[int, _Saved]]


class _Tally:
    """Counters of one cascade."""

    __slots__ = (
        "authors",
        "exact_reach",
        "exact_size",
        "followers",
        "is_dated",
        "minutes",
        "network",
        "root_id",
        "size",
        "started_us",
        "tone",
        "updated_us",
    )

    def __init__(self, network: str, root_id: str, started_us: int) -> None:
        self.network = network
        self.root_id = root_id
        self.started_us = started_us
        self.is_dated = False  # until the root itself is seen, its first reshare dates it
        self.tone: float | None = None
        self.updated_us = started_us
        self.size = 0
        self.exact_size = 0  # reshares, and followers of distinct authors, while authors were counted exactly
        self.exact_reach = 0
        self.followers = 0  # of all reshares after that
        self.authors = DistinctCounter()
        self.minutes: dict[int, int] = {}  # minute since the epoch -> reshares; the last sixty

    @classmethod
    def of(cls, saved: _Saved) -> _Tally:
        tally = cls(saved.network, saved.root_id, saved.started_us)
        tally.is_dated = saved.is_dated
        tally.tone = saved.tone
        tally.updated_us = saved.updated_us
        tally.size = saved.size
        tally.exact_size = saved.exact_size
        tally.exact_reach = saved.exact_reach
        tally.followers = saved.followers
        tally.authors.restore(saved.authors)
        tally.minutes = dict(saved.minutes)
        return tally

    def state(self) -> _Saved:
        return _Saved(
            network=self.network,
            root_id=self.root_id,
            started_us=self.started_us,
            is_dated=self.is_dated,
            tone=self.tone,
            updated_us=self.updated_us,
            size=self.size,
            exact_size=self.exact_size,
            exact_reach=self.exact_reach,
            followers=self.followers,
            authors=self.authors.snapshot(),
            minutes=list(self.minutes.items()),
        )

    def date(self, post: tuple[int, float] | None) -> bool:
        """Take time and tone from the root itself; tell whether that was news."""
        if post is None or self.is_dated:
            return False
        self.started_us, self.tone = post
        self.is_dated = True
        return True

    def count(self, match: Match) -> None:
        """Count one reshare."""
        self.size += 1
        self.updated_us = max(self.updated_us, match.published_us)
        if self.tone is None and match.kind == "repost":
            self.tone = match.tone  # a repost has its root's
        authors = self.authors
        if authors.is_exact:
            self.exact_size = self.size
            if authors.add(match.author):
                self.exact_reach += match.followers or 0
        else:
            authors.add(match.author)
            self.followers += match.followers or 0
        minutes = self.minutes
        minute = match.published_us // MINUTE_US
        if minute in minutes:
            minutes[minute] += 1
        else:
            minutes[minute] = 1
            oldest = self.updated_us // MINUTE_US - SPAN_MINUTES
            self.minutes = {seen: count for seen, count in minutes.items() if seen > oldest}

    def cascade(self, topic: str, root: int, at_us: int | None = None) -> Cascade:
        """Return the cascade as of its last reshare, or of a later `at_us`."""
        as_of_us = self.updated_us if at_us is None else max(at_us, self.updated_us)
        now = as_of_us // MINUTE_US
        recent = sum(count for minute, count in self.minutes.items() if minute > now - HALF_SPAN_MINUTES)
        growth = sum(count for minute, count in self.minutes.items() if minute > now - SPAN_MINUTES)
        authors, reach = self._audience()
        return Cascade(
            topic=topic,
            network=self.network,
            root=root,
            root_id=self.root_id,
            started_us=self.started_us,
            updated_us=as_of_us,
            size=self.size,
            authors=authors,
            potential_reach=reach,
            growth_per_hour=growth,
            acceleration=(recent + 1) / (growth - recent + 1),
            tone=self.tone or 0.0,
        )

    def _audience(self) -> tuple[int, int]:
        """Return distinct authors and the sum of their followers."""
        if self.authors.is_exact:
            return self.authors.estimate(), self.exact_reach
        later = self.size - self.exact_size
        authors = min(max(self.authors.estimate(), SAMPLE_SIZE), SAMPLE_SIZE + later)
        return authors, self.exact_reach + self.followers * (authors - SAMPLE_SIZE) // max(later, 1)
