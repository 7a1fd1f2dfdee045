"""The conversation below a post: who answers whom, which is not how it spreads.

Replies name what they answer (X, Bluesky, Mastodon), so that this tree has true edges. It is kept apart from that of
reshares: a post that everybody answers and nobody passes on is argued over, not spread. An angry crowd answers the post
itself, one step deep and wide, with a structural virality near 2; people who argue among themselves make long chains.
Only replies that are about the topic are seen: one that answers a reply we never saw hangs below a post that is taken
to answer the root.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nlargest
from typing import Final

import msgspec
from msgspec.structs import replace

from monitor.cascades import Cascade
from monitor.cascades.tree import KnownTree, Shape
from monitor.stats.distinct import DistinctCounter
from monitor.topics import Match

__all__ = ["SPOKEN_OF", "Conversation", "Conversations", "SavedConversations"]

SPOKEN_OF: Final = 3
"""Fewer replies are no conversation, and nothing is told of them."""

KEPT: Final = 250  # conversations remembered; twice as many are held before the idle ones go
WITHIN: Final = 2_000  # replies whose conversation is remembered; twice as many before the first go

NAMES_ONLY_PARENTS: Final = frozenset({"mastodon"})
"""Networks whose replies say what they answer, and not below which post."""


class Saved(msgspec.Struct, array_like=True):
    """A conversation as it is stored."""

    network: str
    root_id: str
    updated_us: int
    replies: int
    authors: bytes
    tree: KnownTree | None
    first: list[tuple[int, int | None, int]]


SavedConversations = tuple[list[tuple[int, Saved]], list[tuple[int, int]]]
"""By root, and the roots by reply."""


class Conversation:
    """The replies below one root: exact as long as :class:`monitor.cascades.tree.KnownTree` is.

    Attributes
    ----------
    network, root_id
        Of the root.
    updated_us
        Instant of the last reply.
    replies
        Replies seen.
    """

    __slots__ = ("_authors", "_first", "_tree", "network", "replies", "root_id", "updated_us")

    def __init__(self, network: str, root_id: str) -> None:
        self.network = network
        self.root_id = root_id
        self.updated_us = 0
        self.replies = 0
        self._first: list[tuple[int, int | None, int]] = []  # key, parent and author, while they are few
        self._tree: KnownTree | None = None
        self._authors: DistinctCounter | None = None

    def add(self, reply: int, parent: int | None, author: int, at_us: int) -> None:
        """Add a reply to `parent`, or to the root where that is ``None``, made at an instant."""
        self.replies += 1
        self.updated_us = max(self.updated_us, at_us)
        tree, authors = self._tree, self._authors
        if tree is not None and authors is not None:
            tree.add(reply, parent)
            authors.add(author)
            return
        self._first.append((reply, parent, author))
        if self.replies >= SPOKEN_OF:
            tree, authors = self._tree, self._authors = KnownTree(), DistinctCounter()
            for key, above, who in self._first:
                tree.add(key, above)
                authors.add(who)
            self._first = []

    def repliers(self) -> int:
        """Return how many different accounts reply: exact up to 255."""
        return len({author for _, _, author in self._first}) if self._authors is None else self._authors.estimate()

    def shape(self) -> Shape | None:
        """Return its depth, breadth and structural virality; ``None`` below `SPOKEN_OF` replies."""
        return None if self._tree is None else self._tree.shape()

    def told(self, cascade: Cascade) -> Cascade:
        """Return the cascade of the same root with what is said below it."""
        shape, repliers = self.shape(), self.repliers()
        if shape is None:
            return replace(cascade, replies=self.replies, repliers=repliers)
        return replace(
            cascade,
            replies=self.replies,
            repliers=repliers,
            reply_depth=shape.depth,
            reply_breadth=shape.breadth,
            reply_virality=shape.virality,
        )

    def state(self) -> Saved:
        """Return what is to be stored."""
        authors = b"" if self._authors is None else self._authors.snapshot()
        return Saved(self.network, self.root_id, self.updated_us, self.replies, authors, self._tree, self._first)

    @classmethod
    def of(cls, saved: Saved) -> Conversation:
        """Return what was stored."""
        found = cls(saved.network, saved.root_id)
        found.updated_us, found.replies = saved.updated_us, saved.replies
        found._tree, found._first = saved.tree, saved.first
        if saved.tree is not None:
            found._authors = DistinctCounter()
            found._authors.restore(saved.authors)
        return found


class Conversations:
    """The conversations of one topic, the hundreds that were heard last."""

    def __init__(self) -> None:
        self._below: dict[int, Conversation] = {}
        self._within: dict[int, int] = {}  # reply -> root of its conversation, where it did not name it

    def add(self, replies: Sequence[Match]) -> set[int]:
        """Count the replies of a minute, in canonical order; return the roots below which there is more to tell."""
        below, within = self._below, self._within
        changed: set[int] = set()
        for reply in replies:
            root = reply.root
            if reply.network in NAMES_ONLY_PARENTS:
                above = within.get(root, root)
                root = above if above in below else root
                within[reply.key] = root
            conversation = below.get(root)
            if conversation is None:
                conversation = below[root] = Conversation(reply.network, reply.root_id)
            parent = None if reply.parent == root else reply.parent
            conversation.add(reply.key, parent, reply.author, reply.published_us)
            if conversation.replies >= SPOKEN_OF:
                changed.add(root)
        self._forget()
        return changed & below.keys()

    def get(self, root: int) -> Conversation | None:
        """Return the conversation below a root, if any is remembered."""
        return self._below.get(root)

    def __getitem__(self, root: int) -> Conversation:
        return self._below[root]

    def state(self) -> SavedConversations:
        """Return what is to be stored."""
        return [(root, one.state()) for root, one in self._below.items()], list(self._within.items())

    @classmethod
    def of(cls, saved: SavedConversations) -> Conversations:
        """Return what was stored."""
        found = cls()
        found._below = {root: Conversation.of(one) for root, one in saved[0]}
        found._within = dict(saved[1])
        return found

    def _forget(self) -> None:
        if len(self._below) > 2 * KEPT:
            latest = nlargest(KEPT, self._below.items(), key=lambda entry: (entry[1].updated_us, entry[0]))
            self._below = dict(latest)
        if len(self._within) > 2 * WITHIN:
            self._within = dict(list(self._within.items())[-WITHIN:])
