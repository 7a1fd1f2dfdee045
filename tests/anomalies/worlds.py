"""One topic closed minute by minute, with everything that belongs to it."""

from __future__ import annotations

import random
from collections.abc import Sequence

from monitor.anomalies.family import detectors
from monitor.anomalies.seasonal_counts import SeasonalCounts
from monitor.clock import MINUTE_US
from monitor.topic_state import Closed, TopicState
from tests.anomalies.crowds import MONDAY_US, poisson
from tests.made import match, topic


class World:
    """One topic, closed minute by minute."""

    def __init__(self, seed: int = 1, **settings: object) -> None:
        self.topic = topic(**settings)
        self.state = TopicState(self.topic, detectors)
        self.state.watch_since(MONDAY_US)
        self._rng = random.Random(seed)

    def hear(
        self,
        minute: int,
        rate: float,
        gaps: Sequence[tuple[int, int, float]] = (),
        sour: float = 0.0,
        alarm: int = 0,
        **changes: object,
    ) -> Closed | None:
        """Close a minute with posts at `rate`, of them a share `sour`, with words of `alarm`."""
        start = MONDAY_US + minute * MINUTE_US
        posts = poisson(rate, self._rng)
        if not posts and not self.state.is_hot:
            return None
        made = []
        for post in range(posts):
            tone = {"tone": -0.8, "alarm_words": alarm} if self._rng.random() < sour else {}
            made.append(match(f"{minute}-{post}", start + post, **changes, **tone))
        return self.state.close(start, made, gaps)

    def expected(self, minute: int) -> float:
        counts = SeasonalCounts(self.topic.time_zone, events=self.topic.events)
        counts.restore(self.saved("seasonal_counts"))
        return counts.minute_band(MONDAY_US + minute * MINUTE_US)[0]

    def saved(self, detector: str) -> bytes:
        return next(one.snapshot() for one in self.state._detectors if one.name == detector)
