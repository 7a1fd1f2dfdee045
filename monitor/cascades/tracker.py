"""The cascades of one topic, counted reshare by reshare in bounded memory."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nlargest, nsmallest
from typing import Final

import msgspec

from monitor.cascades import Cascade
from monitor.cascades.audience import Newcomers
from monitor.cascades.conversation import Conversations, SavedConversations
from monitor.cascades.forecast import FINISHED_SILENCE_S, Forecaster
from monitor.cascades.sharers import SPAN_MINUTES
from monitor.cascades.tally import Estimates, Root, Saved, Tally
from monitor.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from monitor.topics import Match

__all__ = ["ROOTS_KEPT", "CascadeTracker"]

ROOTS_KEPT: Final = 2_000
POSTS_KEPT: Final = 512  # a snapshot carries up to twice as many, 30 kB; an older root is dated by its first reshare
SLACK: Final = 8  # an eighth more roots than kept are let in before any goes
LOT_US: Final = 10 * MINUTE_US  # reshares are counted into the daily rhythm in lots, as the forecaster learned to
ACQUAINTED_US: Final = 2 * DAY_US  # before that everybody is new
FINISHED_US: Final = round(FINISHED_SILENCE_S * SECOND_US)


class CascadeTracker:
    """Follows every cascade of one topic.

    Reposts and quotes are reshares; replies are a conversation, counted apart. Work per reshare is constant. The
    `roots_kept` roots most recently reshared or answered are remembered; an older one that comes back starts again from
    zero, and `evicted` counts the roots let go. Whatever was not reshared for two days, or for longer than it had lived
    when it is let go, teaches the topic's forecaster what became of it.

    Parameters
    ----------
    topic
        Topic id.
    roots_kept
        How many cascades to remember. Positive.

    Notes
    -----
    A cascade of fewer than ten reshares takes 1 to 3 kB, and 90 to 360 bytes in a snapshot; one of thousands at most
    100 kB and 11 kB. Beside them a topic keeps up to 30 kB of recent posts, 32 kB of who spoke before, the
    conversations below some hundred posts, and what its forecaster learned. A minute costs about 2 microseconds a
    reshare or a reply, 3 for each cascade that changed in it, and 60 for each whose estimates were due
    (:mod:`monitor.cascades.tally`).

    With more than about 256 authors a cascade's authors are an estimate
    (:class:`monitor.stats.distinct.DistinctCounter`), and the followers of later reshares are scaled by the share of
    those that came from new authors.
    """

    def __init__(self, topic: str, roots_kept: int = ROOTS_KEPT) -> None:
        self._topic = topic
        self._kept = roots_kept
        self._tallies: dict[int, Tally] = {}
        self._posts: dict[int, Root] = {}  # recent possible roots
        self._conversations = Conversations()
        self._newcomers = Newcomers()
        self._first_words: frozenset[int] = frozenset()
        self._forecaster = Forecaster()
        self._lot: set[int] = set()  # roots reshared in the current lot
        self._since_us: int | None = None
        self._now_us = 0  # of the last minute with matches
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
        if not matches:
            return []
        self._advance(matches[0].published_us)
        posts, reshares, newcomers, replies = self._sorted(matches)
        self._posts |= posts
        tallies = self._tallies
        changed = {
            root: tallies.get(root) or self._tally(root, mine[0].network, mine[0].root_id, mine[0].published_us)
            for root, mine in reshares.items()
        }
        for root in tallies.keys() & posts.keys():
            if tallies[root].date(posts[root], self._forecaster):
                changed[root] = tallies[root]
        for root, mine in reshares.items():
            changed[root].take(mine, newcomers.get(root, 0), self._forecaster)
        self._lot |= reshares.keys()
        if replies:
            for root in sorted(self._conversations.add(replies)):
                below = self._conversations[root]
                changed[root] = self._tally(root, below.network, below.root_id, replies[0].published_us)
        self._forget()
        return [self._told(root, changed[root], changed[root].updated_us) for root in sorted(changed)]

    @property
    def first_words(self) -> frozenset[int] | None:
        """Keys of what newcomers to the topic said in the minute last added, as far as we know.

        ``None`` in the first two days, for which everybody is new.
        """
        return self._first_words if self._now_us - (self._since_us or 0) >= ACQUAINTED_US else None

    def largest(self, n: int) -> list[Cascade]:
        """Return the `n` cascades with the most reshares, largest first."""
        top = nsmallest(n, self._tallies.items(), key=lambda entry: (-entry[1].size, entry[0]))
        return [self._told(root, tally, tally.updated_us) for root, tally in top]

    def growing(self, now_us: int, n: int) -> list[Cascade]:
        """Return the `n` cascades with the most reshares in the hour up to `now_us`, fastest first.

        Cascades that were not reshared in that hour are left out. `updated_us` of what is returned is `now_us`.
        """
        since_us = now_us - SPAN_MINUTES * MINUTE_US
        alive = [
            (tally.recent(max(now_us, tally.updated_us)), root, tally)
            for root, tally in self._tallies.items()
            if tally.updated_us > since_us
        ]
        grown = [(-early - late, -late, root, tally) for (early, late), root, tally in alive if early or late]
        told = []
        for _, _, root, tally in nsmallest(n, grown, key=lambda one: one[:3]):
            as_of_us = max(now_us, tally.updated_us)
            told.append(self._told(root, tally, as_of_us, tally.estimated(as_of_us, self._forecaster)))
        return told

    def snapshot(self) -> bytes:
        """Return the whole state as msgpack: empty when nothing was seen."""
        if self._since_us is None:
            return b""
        state = _State(
            since_us=self._since_us,
            now_us=self._now_us,
            evicted=self.evicted,
            posts=list(self._posts.items()),
            tallies=[(root, self._tallies[root].state()) for root in sorted(self._tallies)],
            conversations=self._conversations.state(),
            newcomers=self._newcomers.snapshot(),
            forecaster=self._forecaster.snapshot(),
            lot=sorted(self._lot),
        )
        return msgspec.msgpack.encode(state)

    def restore(self, state: bytes) -> None:
        """Take back a state that :meth:`snapshot` returned."""
        saved = msgspec.msgpack.decode(state, type=_State) if state else _State()
        self._since_us, self._now_us = saved.since_us, saved.now_us
        self.evicted = saved.evicted
        self._posts = dict(saved.posts)
        self._tallies = {root: Tally.of(tally) for root, tally in saved.tallies}
        self._conversations = Conversations.of(saved.conversations)
        self._newcomers.restore(saved.newcomers)
        self._forecaster.restore(saved.forecaster)
        self._lot = set(saved.lot)

    def _told(self, root: int, tally: Tally, as_of_us: int, estimates: Estimates | None = None) -> Cascade:
        """Describe a cascade and what is said below its root; a reply may be later than the last reshare."""
        below = self._conversations.get(root)
        if below is None:
            return tally.told(self._topic, root, as_of_us, estimates)
        return below.told(tally.told(self._topic, root, max(as_of_us, below.updated_us), estimates))

    def _sorted(
        self, matches: Sequence[Match]
    ) -> tuple[dict[int, Root], dict[int, list[Match]], dict[int, int], list[Match]]:
        """Return what may be a root, reshares by root, how many of these are by newcomers, and replies."""
        posts: dict[int, Root] = {}
        reshares: dict[int, list[Match]] = {}
        newcomers: dict[int, int] = {}
        replies: list[Match] = []
        met = self._newcomers.meet([match.author for match in matches])
        self._first_words = frozenset(match.key for match, is_new in zip(matches, met, strict=True) if is_new)
        for match, is_new in zip(matches, met, strict=True):
            kind = match.kind
            if kind != "repost":
                posts[match.key] = Root(match.published_us, match.tone, match.followers)
                if kind == "reply":
                    replies.append(match)
                if kind != "quote":
                    continue
            root = match.root
            mine = reshares.get(root)
            if mine is None:
                reshares[root] = [match]
            else:
                mine.append(match)
            if is_new:
                newcomers[root] = newcomers.get(root, 0) + 1
        return posts, reshares, newcomers, replies

    def _tally(self, root: int, network: str, root_id: str, at_us: int) -> Tally:
        """Return the tally of a root, new with what is first heard of it, at an instant."""
        tally = self._tallies.get(root)
        if tally is None:
            tally = Tally(network, root_id, at_us, knows_crowd=at_us - (self._since_us or 0) >= DAY_US)
            tally.date(self._posts.get(root), self._forecaster)
            self._tallies[root] = tally
        return tally

    def _advance(self, now_us: int) -> None:
        """Learn from what is past once an instant is reached, before anything of it is told."""
        if self._since_us is None:
            self._since_us = self._now_us = now_us
        before_us, self._now_us = self._now_us, now_us
        if now_us // LOT_US > before_us // LOT_US:
            self._forecaster.count((before_us // LOT_US + 1) * LOT_US / SECOND_US, len(self._lot))
            self._lot = set()
        if now_us // HOUR_US > before_us // HOUR_US:
            silent_us = now_us - FINISHED_US
            ended = [
                (tally.updated_us, root)
                for root, tally in self._tallies.items()
                if tally.updated_us <= silent_us and not tally.is_taught
            ]
            for ended_us, root in sorted(ended):
                self._tallies[root].teach(ended_us + FINISHED_US, self._forecaster)

    def _forget(self) -> None:
        """Keep the roots reshared last and the posts published last, whatever order they are held in."""
        if len(self._posts) > 2 * POSTS_KEPT:
            latest = nlargest(POSTS_KEPT, self._posts.items(), key=lambda post: (post[1].published_us, post[0]))
            self._posts = dict(latest)
        # Some more than kept are let in before any goes, so that looking for the idle ones is rare.
        if len(self._tallies) > self._kept + self._kept // SLACK:
            surplus = len(self._tallies) - self._kept
            self.evicted += surplus
            idle = nsmallest(surplus, self._tallies.items(), key=self._heard_of)
            for root, tally in idle:
                if not tally.is_taught and self._now_us - tally.updated_us > tally.updated_us - tally.started_us:
                    tally.teach(self._now_us, self._forecaster)
                del self._tallies[root]

    def _heard_of(self, entry: tuple[int, Tally]) -> tuple[int, int]:
        """Return when a root was last reshared or answered, and the root."""
        root, tally = entry
        below = self._conversations.get(root)
        return (tally.updated_us if below is None else max(tally.updated_us, below.updated_us)), root


class _State(msgspec.Struct, frozen=True, array_like=True):
    since_us: int | None = None
    now_us: int = 0
    evicted: int = 0
    posts: list[tuple[int, Root]] = []
    tallies: list[tuple[int, Saved]] = []
    conversations: SavedConversations = ([], [])
    newcomers: bytes = b""
    forecaster: bytes = b""
    lot: list[int] = []
