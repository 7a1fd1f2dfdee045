"""The shape of a cascade whose network says who passed on whom: exact, online, in bounded memory.

A cascade is a tree: the root post, and below each post those that were passed on from it. Kept are its size, the sum
of all depths, how many posts stand at each depth, and the Wiener index (the distances of all pairs added up). A new
post below `parent` is one link from it, so that the index grows by the distances from `parent` to everybody:

    with n posts before, W grows by  n + (sum of all depths) + sum over v of (n - 2 s_v)

where v are the parent and the ancestors between it and the root, and s_v the posts at or below v. That is as many
additions as the parent is deep. Structural virality [1]_ is the mean distance of two posts, W / (n (n - 1) / 2).

References
----------
.. [1] Goel, Anderson, Hofman & Watts, The structural virality of online diffusion, 2016, doi:10.1287/mnsc.2015.2158.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Final

import msgspec
from msgspec.structs import replace

from monitor.cascades import Cascade, Edges

__all__ = ["POSTS_KEPT", "KnownTree", "Shape", "shaped"]

POSTS_KEPT: Final = 256
"""Posts of a cascade that may still get children below them; twice as many are held before the idle ones go."""

_MOST_KEPT: Final = 2 * POSTS_KEPT

DEEPEST: Final = 64  # posts are counted at each depth up to here, and all deeper ones together


class Shape(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How a cascade spread.

    Attributes
    ----------
    depth, depth_low, depth_high
        Links from the root to the deepest post, and its central 80 % interval; all the same where it is known.
    breadth
        Most posts at one depth.
    virality, virality_low, virality_high
        Mean distance of two posts, and its interval: 1 to 2 for a broadcast, long for chains; 0 before any reshare.
    """

    depth: int
    depth_low: int
    depth_high: int
    breadth: int
    virality: float
    virality_low: float
    virality_high: float


def shaped(cascade: Cascade, edges: Edges, shape: Shape) -> Cascade:
    """Return the cascade with a shape that is measured or inferred."""
    return replace(
        cascade,
        edges=edges,
        depth=shape.depth,
        depth_low=shape.depth_low,
        depth_high=shape.depth_high,
        breadth=shape.breadth,
        virality=shape.virality,
        virality_low=shape.virality_low,
        virality_high=shape.virality_high,
    )


class _Post(msgspec.Struct, array_like=True, gc=False):
    """A post that may still get others below it."""

    above: int | None
    posts: int  # at or below it
    depth: int


class KnownTree(msgspec.Struct, array_like=True, gc=False):
    """A tree that grows by posts with known parents; a msgpack encoding of the whole struct is the snapshot.

    The shape is exact as long as `guessed` is 0. Of a large cascade the posts passed on least recently are forgotten,
    never before those below them; and a parent may have been published before we listened. Such a parent is taken to
    be a direct reshare of the root, as most are, and counted in `guessed`.

    Attributes
    ----------
    posts
        Posts of the tree, the root included.
    depths
        Sum of all depths.
    distances
        Sum of the distances of all pairs of posts.
    levels
        Posts at each depth; the last of `DEEPEST` holds all deeper ones.
    guessed
        Parents that were not remembered.
    kept
        Posts by key, those used last at the end; ``None`` for one below the root that has nothing below it.

    Examples
    --------
    >>> tree = KnownTree()
    >>> tree.add(2, None)
    >>> tree.add(3, 2)
    >>> tree.shape().depth, round(tree.shape().virality, 3)
    (2, 1.333)
    """

    posts: int = 1
    depths: int = 0
    distances: int = 0
    levels: list[int] = msgspec.field(default_factory=lambda: [1])
    guessed: int = 0
    kept: dict[int, _Post | None] = {}

    @classmethod
    def star(cls, reshares: int) -> KnownTree:
        """Return the tree of a root and so many direct reshares of it, none of them remembered."""
        return cls(1 + reshares, reshares, reshares * reshares, [1, reshares] if reshares else [1])

    def add(self, post: int, parent: int | None) -> None:
        """Add a post that passes on `parent`, or the root itself where that is ``None``.

        A post that is there already changes nothing.
        """
        self.add_all((post,), (parent,))

    def add_all(self, posts: Sequence[int], parents: Sequence[int | None], root: int | None = None) -> None:
        """Add posts in order, each with its parent, as :meth:`add` does one by one; `root` is told like ``None``."""
        kept = self.kept
        direct = 0  # of the root itself, kept already and yet to be counted
        for post, parent in zip(posts, parents, strict=True):
            if post in kept:
                continue
            if parent is None or parent in (root, post):
                kept[post] = None
                direct += 1
            else:
                self._hang(post, parent, direct)
                direct = 0
            if len(kept) > _MOST_KEPT:
                kept = self.kept = dict(islice(kept.items(), len(kept) - POSTS_KEPT, None))
        if direct:
            self._count_direct(direct)

    def shape(self) -> Shape:
        """Return the shape so far."""
        depth = len(self.levels) - 1
        pairs = self.posts * (self.posts - 1) // 2
        virality = self.distances / pairs if pairs else 0.0
        return Shape(depth, depth, depth, max(self.levels[1:], default=0), virality, virality, virality)

    def _count_direct(self, count: int) -> None:
        """Count so many posts below the root: distances grow by the posts and depths before each of them."""
        self.distances += count * (self.posts + self.depths + count - 1)
        self.posts += count
        self.depths += count
        if len(self.levels) == 1:
            self.levels.append(0)
        self.levels[1] += count

    def _guess(self, parent: int, posts: int) -> int:
        """Keep a parent that is not remembered, as a direct reshare; return how many that is more than were counted."""
        was_counted = posts > len(self.kept) + 1  # somebody was forgotten
        self.guessed += 1
        self.kept[parent] = None
        return 0 if was_counted else 1

    def _hang(self, post: int, parent: int, direct: int) -> None:
        """Count direct posts, then a new one below another: there, and at or below each of that one's ancestors."""
        kept = self.kept
        if parent not in kept:
            direct += self._guess(parent, self.posts + direct)
        if direct:
            self._count_direct(direct)
        posts = self.posts
        distances = self.distances + posts + self.depths
        # Ancestors are taken out and put back at the end: none is forgotten before those below it.
        one = kept.pop(parent) or _Post(None, 1, 1)
        depth = one.depth + 1
        kept[post] = _Post(parent, 1, depth)
        above = parent
        while True:
            kept[above] = one
            at_or_below = one.posts
            distances += posts - 2 * at_or_below
            one.posts = at_or_below + 1
            if one.above is None:
                break
            above = one.above
            one = kept.pop(above) or _Post(None, 1, 1)
        self.distances, self.posts = distances, posts + 1
        self.depths += depth
        levels = self.levels
        if depth < len(levels):
            levels[depth] += 1
        elif len(levels) <= DEEPEST:
            levels.append(1)
        else:
            levels[DEEPEST] += 1
