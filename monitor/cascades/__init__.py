"""Cascades: how one root post spreads. Its size, shape, speed and audience, and how far it will still go.

Kept are plain counters for each root, bounded and at a constant cost a repost. Who the people are that carry a topic
is :mod:`monitor.crowds`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

import msgspec

__all__ = ["LASTING", "Cascade", "Edges", "latest"]

Edges = Literal["measured", "inferred"]
"""Whether the network says who passed on whom, or it is inferred from who could have."""


class Cascade(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The reshares (reposts and quotes) of one root on one topic, and the replies below it, as of `updated_us`.

    Attributes
    ----------
    root, root_id, network
        Key and network identifier of the root post.
    size
        Reshares seen; the root itself is not counted.
    authors
        Distinct resharing authors (exact up to a bound, then an estimate).
    potential_reach
        Sum of the followers of the root's author and of distinct resharers: an upper bound on the direct audience.
    growth_per_hour
        Reshares in the last sixty minutes of event time.
    acceleration
        Reshares of the last thirty minutes over those of the thirty before, plus one on both sides; 1 is steady.
    tone
        The root's tone, -1 to 1.
    rate_per_hour
        Reshares an hour, over a recent window as long as the cascade's age warrants; 0 below ten reshares.
    doubling_s
        Seconds in which the posts double if that rate holds; ``None`` if nothing came recently.
    reproduction, reproduction_low, reproduction_high
        Further reshares that one reshare brings about, and its central 80 % interval; above 1 it feeds itself.
        ``None`` below ten reshares, as everything that is inferred.
    final_size, final_low, final_high
        Reshares in the end, as predicted from cascades that ended, and its central 80 % interval.
    estimated_reach
        Accounts that saw it at least once, as :mod:`monitor.cascades.audience` estimates them.
    new_author_share
        Share of authors who had never spoken on the topic, in [0, 1]; ``None`` while the topic itself is new.
    edges
        Whether the shape is measured or inferred; ``None`` where nothing is said of it.
    depth, depth_low, depth_high
        Links from the root to the deepest post, expected where inferred, and its 80 % interval.
    breadth
        Most posts at one depth.
    virality, virality_low, virality_high
        Structural virality, the mean distance of two posts, and its 80 % interval: 2 for a broadcast, long for chains.
    replies, repliers
        Replies to the root and to each other that are about the topic, and distinct authors of them: a conversation,
        which is not how a post spreads. They count in nothing above.
    reply_depth, reply_breadth, reply_virality
        Shape of that conversation, measured: links to the deepest reply, most at one depth, and structural virality;
        ``None`` below three replies (:mod:`monitor.cascades.conversation`).
    """

    topic: str
    network: str
    root: int
    root_id: str
    started_us: int
    updated_us: int
    size: int
    authors: int
    potential_reach: int
    growth_per_hour: int
    acceleration: float
    tone: float
    rate_per_hour: float = 0.0
    doubling_s: float | None = None
    reproduction: float | None = None
    reproduction_low: float | None = None
    reproduction_high: float | None = None
    final_size: int | None = None
    final_low: int | None = None
    final_high: int | None = None
    estimated_reach: int = 0
    new_author_share: float | None = None
    edges: Edges | None = None
    depth: int | None = None
    depth_low: int | None = None
    depth_high: int | None = None
    breadth: int | None = None
    virality: float | None = None
    virality_low: float | None = None
    virality_high: float | None = None
    replies: int = 0
    repliers: int = 0
    reply_depth: int | None = None
    reply_breadth: int | None = None
    reply_virality: float | None = None


LASTING: Final = (
    *("started_us", "size", "authors", "potential_reach", "estimated_reach", "new_author_share"),
    *("final_size", "final_low", "final_high", "edges", "depth", "depth_low", "depth_high", "breadth"),
    *("virality", "virality_low", "virality_high"),
    *("replies", "repliers", "reply_depth", "reply_breadth", "reply_virality"),
)
"""What stays of a cascade whose root was forgotten and came back, until it is larger than it ever was."""


def latest(cascades: Iterable[Cascade]) -> list[Cascade]:
    """Return the last of each root, in order of first appearance; whatever is :data:`LASTING` of the largest."""
    found: dict[tuple[str, int], Cascade] = {}
    for cascade in cascades:
        key = (cascade.topic, cascade.root)
        before = found.get(key)
        if before is None or cascade.size >= before.size:
            found[key] = cascade
        else:
            found[key] = msgspec.structs.replace(cascade, **{name: getattr(before, name) for name in LASTING})
    return list(found.values())
