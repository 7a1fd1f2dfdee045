"""Likes and reposts of the brand's own posts: what each minute told of them, kept until a topic's state holds it.

Networks tell of likes in three ways. Some send their own count along with an answer or a repost, and a later count
replaces an earlier one. Some send the post again, and the largest count holds, because an old copy may come again too.
Others send every single like; then the accounts are counted in registers (:mod:`monitor.stats.registers`), from which
nobody can be named. Either way a minute's knowledge is the same in whatever order, and however often, it came, and a
topic takes it in when it closes the minute.
"""

from __future__ import annotations

from typing import Final

import msgspec

from monitor.clock import DAY_US, MINUTE_US
from monitor.mentions import Engagement
from monitor.stats.registers import estimate, mark

__all__ = ["MOST_KEPT", "Approval", "Approvals", "ApprovalsState"]

MOST_KEPT: Final = 2_000
"""Minutes of posts kept for one topic; beyond them the oldest minute is forgotten."""


class Approval(msgspec.Struct, array_like=True):
    """What is known of the likes and reposts of one post.

    Attributes
    ----------
    at_us
        When the network counted; 0 if it never did.
    counted_likes, counted_reposts
        Its count.
    least_likes, least_reposts
        The largest count of any copy of the post that was sent again, nobody knows how old.
    marks
        Registers of the accounts whose single likes were seen.
    since_us
        Since when every single like is seen.
    """

    at_us: int = 0
    counted_likes: int = 0
    counted_reposts: int = 0
    least_likes: int = 0
    least_reposts: int = 0
    marks: dict[int, int] = {}
    since_us: int = 0

    def add(self, other: Approval) -> None:
        """Take in what is known besides; the order does not matter."""
        ours, theirs = ((one.at_us, one.counted_likes, one.counted_reposts) for one in (self, other))
        self.at_us, self.counted_likes, self.counted_reposts = max(ours, theirs)
        self.least_likes = max(self.least_likes, other.least_likes)
        self.least_reposts = max(self.least_reposts, other.least_reposts)
        for register, rank in other.marks.items():
            if self.marks.get(register, 0) < rank:
                self.marks[register] = rank
        self.since_us = max(self.since_us, other.since_us)

    def likes(self, published_us: int) -> int | None:
        """Return the likes of a post published then; ``None`` when not known, or of a part of its life only."""
        if self.at_us or self.least_likes:
            return max(self.counted_likes, self.least_likes)
        return estimate(self.marks) if self.marks and self.since_us <= published_us else None

    @property
    def reposts(self) -> int:
        """The reposts the network counted; 0 when it did not."""
        return max(self.counted_reposts, self.least_reposts)


class ApprovalsState(msgspec.Struct):
    """All that is remembered: topic -> start of the minute -> key of the post -> what that minute told of it."""

    since_us: int = 0
    blind_until_us: int = 0
    topics: dict[str, dict[int, dict[int, Approval]]] = {}


class Approvals:
    """What minutes told of the brand's own posts, until each topic's saved state holds it. Bounded memory."""

    def __init__(self) -> None:
        self._state = ApprovalsState()

    def hear(self, at_us: int) -> None:
        """Note that somebody's like of anything was seen: from the first one on, every like is."""
        state = self._state
        if not state.since_us or at_us < state.since_us:
            state.since_us = max(at_us, state.blind_until_us)

    def be_blind(self, until_us: int) -> None:
        """Note that something was missed: single likes of posts published before are no longer all known."""
        state = self._state
        state.blind_until_us = max(state.blind_until_us, until_us)
        if state.since_us:
            state.since_us = max(state.since_us, until_us)

    def count(self, topic: str, post: int, at_us: int, engagement: Engagement) -> None:
        """Note what the network counted of a post of the brand's own; nothing if it does not count likes."""
        if engagement.likes is not None:
            self._note(topic, post, at_us, Approval(at_us, engagement.likes, engagement.reposts or 0))

    def count_again(self, topic: str, post: int, at_us: int, engagement: Engagement) -> None:
        """Note what is said of itself by a copy, that came then, of a post of the brand's own.

        One without likes is taken for the first one sent twice, and says nothing.
        """
        if engagement.likes:
            approval = Approval(least_likes=engagement.likes, least_reposts=engagement.reposts or 0)
            self._note(topic, post, at_us, approval)

    def like(self, topic: str, post: int, at_us: int, person: int) -> None:
        """Note one person's like of a post of the brand's own."""
        self._note(topic, post, at_us, Approval(marks=dict([mark(person)]), since_us=self._state.since_us))

    def _note(self, topic: str, post: int, at_us: int, approval: Approval) -> None:
        minutes = self._state.topics.setdefault(topic, {})
        posts = minutes.setdefault(at_us - at_us % MINUTE_US, {})
        if post in posts:
            posts[post].add(approval)
            return
        posts[post] = approval
        while sum(map(len, minutes.values())) > MOST_KEPT or min(minutes) < max(minutes) - DAY_US:
            del minutes[min(minutes)]

    def between(self, topic: str, start_us: int, end_us: int) -> list[tuple[int, Approval]]:
        """Return what the minutes that begin in [start_us, end_us) told, in order: keys of posts, and what of them."""
        minutes = self._state.topics.get(topic)
        if not minutes:
            return []
        return [
            (post, minutes[minute][post])
            for minute in sorted(minutes)
            if start_us <= minute < end_us
            for post in sorted(minutes[minute])
        ]

    def forget(self, topic: str, before_us: int) -> None:
        """Forget a topic's minutes before an instant: its saved state holds them."""
        minutes = self._state.topics.get(topic)
        if minutes is None:
            return
        for minute in [minute for minute in minutes if minute < before_us]:
            del minutes[minute]
        if not minutes:
            del self._state.topics[topic]

    def snapshot(self) -> ApprovalsState:
        """Return the state, to be encoded at once."""
        return self._state

    def restore(self, state: ApprovalsState) -> None:
        """Take back a state that :meth:`snapshot` returned."""
        self._state = state
