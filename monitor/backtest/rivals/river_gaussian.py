"""River's GaussianScorer as it comes, on mentions in five minutes."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from river import anomaly

from monitor.backtest.rivals import STEP, Counts, Statistic

__all__ = ["RiverGaussian"]


class RiverGaussian:
    """Deviations from the mean of everything seen, by river's own estimates.

    The scorer's own score, ``2 |CDF(y) - 0.5|``, rounds to one beyond eight deviations, where no threshold could be
    set any more; the deviations have the same order. Fewer mentions than usual are no alarm.
    """

    name: ClassVar[str] = "river_gaussian"
    meaning: ClassVar[str] = "River's GaussianScorer with its own settings, on mentions in five minutes."

    def judge(self, counts: Counts, since: int = 0) -> Statistic:
        """Say how alarming each minute is; see :class:`~monitor.backtest.rivals.Rival`."""
        scorer: Any = anomaly.GaussianScorer()  # type: ignore[no-untyped-call] # river ships no types
        said = np.full(len(counts), -np.inf)
        for end in range(STEP, len(counts) + 1, STEP):
            held = float(counts[end - STEP : end].sum())
            normal = scorer.gaussian
            if end > since and normal.n_samples >= scorer.grace_period and normal.sigma > 0.0:
                said[end - 1] = (held - normal.mu) / normal.sigma
            scorer.learn_one(None, held)
        return said[since:]
