"""River's HalfSpaceTrees as they come, on mentions in five minutes."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
from river import anomaly, compose, preprocessing

from monitor.backtest.rivals import STEP, Counts, Statistic

__all__ = ["RiverHalfSpaceTrees"]


class RiverHalfSpaceTrees:
    """Half-space trees behind the scaler that river's own example puts before them.

    Nearly all of their scores lie just below one; minus the logarithm of what is left to one has the same order.
    """

    name: ClassVar[str] = "river_half_space_trees"
    meaning: ClassVar[str] = "River's HalfSpaceTrees with their own settings, on mentions in five minutes."

    def judge(self, counts: Counts, since: int = 0) -> Statistic:
        """Say how alarming each minute is; see :class:`~monitor.backtest.rivals.Rival`."""
        trees = compose.Pipeline(preprocessing.MinMaxScaler(), anomaly.HalfSpaceTrees(seed=42))
        said = np.full(len(counts), -np.inf)
        for end in range(STEP, len(counts) + 1, STEP):
            point = {"mentions": float(counts[end - STEP : end].sum())}
            if end > since:
                score = trees.score_one(point)
                if score > 0.0:  # zero until its first window is full
                    said[end - 1] = -math.log10(max(1e-12, 1.0 - score))
            trees.learn_one(point)
        return said[since:]
