"""What a young topic may assume of itself: how extreme topics of its size look on their quiet half days.

The laws were fitted to simulated quiet brands of several volumes by ``tests/benchmarks/quiet_tails.py``; their scale
is widened by three tenths, because recorded streams are rougher than simulated ones. A topic's size is its own, so
pooling shares a table and no state. Velocity has one prior for all volumes: extrapolated to where the alarm budget is
spent, its simulated laws came out alike.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from typing import NamedTuple

from monitor.stats.block_maxima import ExtremeValues

__all__ = ["AGREEMENTS", "EVIDENCE_OF_SHARES", "WINDOWS_OF_SHARES", "Pool"]


class Pool(NamedTuple):
    """Laws of a half day's largest statistic, by how much is said a day.

    Attributes
    ----------
    volumes
        Mentions (or voices) a day, ascending.
    laws
        One for each.
    """

    volumes: tuple[float, ...]
    laws: tuple[ExtremeValues, ...]

    def law(self, per_day: float) -> ExtremeValues:
        """Return the law at a volume, interpolated on the logarithm between its neighbours.

        Examples
        --------
        >>> pool = Pool((10.0, 1000.0), (ExtremeValues(0.0, 0.5, 0.1), ExtremeValues(2.0, 0.5, 0.1)))
        >>> pool.law(100.0).location, pool.law(1.0).location, pool.law(1e6).location
        (1.0, 0.0, 2.0)
        """
        place = bisect_left(self.volumes, per_day)
        if place == 0 or place == len(self.volumes):
            return self.laws[min(place, len(self.volumes) - 1)]
        left, right = self.volumes[place - 1], self.volumes[place]
        part = math.log(per_day / left) / math.log(right / left)
        low, high = self.laws[place - 1], self.laws[place]
        return ExtremeValues(
            low.location + part * (high.location - low.location),
            low.scale + part * (high.scale - low.scale),
            low.shape + part * (high.shape - low.shape),
        )


VOLUMES = (20.0, 100.0, 500.0, 2500.0)
WINDOWS_OF_SHARES = Pool(
    VOLUMES,
    (
        ExtremeValues(0.1, 0.45, 0.15),
        ExtremeValues(0.5, 0.9, 0.1),
        ExtremeValues(1.65, 0.65, 0.05),
        ExtremeValues(1.95, 0.6, 0.05),
    ),
)
EVIDENCE_OF_SHARES = Pool(
    VOLUMES,
    (
        ExtremeValues(0.45, 0.6, 0.2),
        ExtremeValues(0.7, 0.6, 0.2),
        ExtremeValues(0.9, 0.5, 0.2),
        ExtremeValues(0.9, 0.45, 0.15),
    ),
)
AGREEMENTS = Pool(
    VOLUMES,
    (
        ExtremeValues(0.15, 0.5, 0.3),
        ExtremeValues(0.45, 0.8, 0.25),
        ExtremeValues(1.2, 0.8, 0.05),
        ExtremeValues(1.4, 0.8, 0.05),
    ),
)
