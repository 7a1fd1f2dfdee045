"""Reshare cascades: how each root post spreads, and the repost graph behind it.

The hot path keeps plain counters per root (bounded, constant cost a repost); a networkx graph is built on demand
for what is burning.
"""

from __future__ import annotations

import msgspec

__all__ = ["Cascade"]


class Cascade(msgspec.Struct, frozen=True, kw_only=True):
    """The reshares (reposts and quotes) of one root on one topic, as of `updated_us`.

    Attributes
    ----------
    root, root_id, network
        Key and network identifier of the root post.
    size
        Reshares seen; the root itself is not counted.
    authors
        Distinct resharing authors (exact up to a bound, then an estimate).
    potential_reach
        Sum of the followers of distinct resharers: an upper bound on the direct audience, not readers.
    growth_per_hour
        Reshares in the last sixty minutes of event time.
    acceleration
        Reshares of the last thirty minutes over those of the thirty before, plus one on both sides; 1 is steady.
    tone
        The root's tone, -1 to 1.
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
