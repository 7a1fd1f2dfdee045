"""Gnip's idea: how far is this point above the one before, in Poisson intervals of that one.

``eta = (c - nu) / width`` with ``nu`` the point before and ``width`` the length of the central 99 % interval of a
Poisson distribution of mean ``nu``; a point is an hour, looked at every minute.

References
----------
.. [1] Trend Detection in Social Data, Gnip 2015: the point-by-point Poisson model ("last count").
"""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np

from monitor.backtest.rivals import FEWEST, Counts, Statistic, last_minutes
from monitor.stats.negative_binomial import interval

__all__ = ["PoissonPointwise"]

COVERAGE: Final = 0.99


class PoissonPointwise:
    """Rise over the hour before, in lengths of that hour's 99 % Poisson interval."""

    name: ClassVar[str] = "poisson_pointwise"
    meaning: ClassVar[str] = "How many Poisson intervals (99 %) above the hour before is the last hour?"

    def judge(self, counts: Counts, since: int = 0) -> Statistic:
        """Say how alarming each minute is; see :class:`~monitor.backtest.rivals.Rival`."""
        hour = last_minutes(counts, 60)
        before = last_minutes(counts, 60, ago=60)
        is_known = ~np.isnan(before) & (hour >= FEWEST)
        means, place = np.unique(np.maximum(np.where(is_known, before, 1.0), 1.0), return_inverse=True)
        bounds = [interval(float(mean), 0.0, COVERAGE) for mean in means]
        widths = np.array([upper - lower for lower, upper in bounds])
        return np.where(is_known, (hour - means[place]) / widths[place], -np.inf)[since:]
