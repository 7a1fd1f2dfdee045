"""What is remembered of the people who matter on one topic, and how many of them are usual."""

from __future__ import annotations

import math
from typing import Final

import msgspec

from monitor.anomalies.episodes import EpisodesState
from monitor.clock import DAY_US, MINUTE_US
from monitor.stats.scatter import Scatter

__all__ = ["Block", "Rate", "Speaker", "VoicesState"]

HALF_LIFE: Final = 7 * DAY_US // MINUTE_US
# Before anything was seen: one voice a day, or one in fifty of those who speak, with the weight of half a voice.
PRIOR_COUNT: Final = 0.5
PRIOR_MINUTES: Final = 720.0
PRIOR_CROWD: Final = 25.0
CLIP: Final = 4.0  # an outlier is learned as a count so many standard deviations above what was expected


class Speaker(msgspec.Struct, array_like=True, gc=False):
    """When an account that matters last spoke, who it stands with, what is known of it, and when it was last heard."""

    minute: int
    circle: int
    flags: int
    heard: int


class Rate(msgspec.Struct, array_like=True):
    """How many circles speak in windows of one length, with exponential forgetting."""

    span: int
    count: float = 0.0
    windows: float = 0.0
    crowd: float = 0.0
    scatter: Scatter = msgspec.field(default_factory=Scatter)

    def mean(self, crowd: float) -> float:
        """Return what to expect of a window in which `crowd` people speak."""
        count = self.count + PRIOR_COUNT
        by_time = count / (self.windows + PRIOR_MINUTES / self.span)
        return max(by_time, crowd * count / (self.crowd + PRIOR_CROWD))

    def spread(self, mean: float) -> float:
        """Return the scatter (1/k) of a window of that expectation, doubt about the rate included."""
        bunching, wandering = self.scatter.fit()
        return wandering + bunching / mean + 1.0 / (self.count + PRIOR_COUNT)

    def learn(self, count: int, crowd: float) -> None:
        """Take in one window."""
        keep = 0.5 ** (self.span / HALF_LIFE)
        mean = self.mean(crowd)
        held = float(count)
        if count > mean:
            held = min(held, mean + CLIP * math.sqrt(mean + self.spread(mean) * mean * mean))
        self.scatter.learn(mean, (held - mean) ** 2 - mean, 1, keep)
        self.count = keep * self.count + held
        self.windows = keep * self.windows + 1.0
        self.crowd = keep * self.crowd + crowd


class Block(msgspec.Struct, array_like=True):
    """The open window of one length, for learning; windows tumble."""

    number: int = -1
    crowd: float = 0.0
    is_unseen: bool = False


class VoicesState(msgspec.Struct, array_like=True):
    """All the detector remembers. `speakers` by pseudonym and `familiar` by half of it, least recent first."""

    episodes: EpisodesState
    rates: list[Rate]  # of each span: everybody, newcomers
    blocks: list[Block]
    speakers: dict[int, Speaker] = {}
    familiar: dict[int, None] = {}
    bins: list[tuple[int, float]] = []  # (number, people who spoke), the last three hours, oldest first
    begun: int = -1
    cursor: int = -1  # the first minute not accounted for
    judged: int = -1  # the minute last judged, whose crowd is part of bins and blocks only when time moves on
    judged_crowd: float = 0.0
    nominal: float = 0.0
