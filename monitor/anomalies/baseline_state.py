"""What a baseline remembers, and the two values it computes with."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from monitor.stats.scatter import Scatter
from monitor.stats.season import Season

__all__ = ["BaselineState", "Expectation", "Slot"]


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
    slot_learned: int = 0
    slot_count: float = 0.0
    presented: int = -1  # the last bucket whose count was given
    before: list[tuple[int, float, float, float]] = []  # slots before; see _close_slot
    recent: list[tuple[int, float]] = []  # bucket, count; the last hour
    unseen: list[tuple[int, int]] = []  # half-open ranges of buckets; the last hour


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
