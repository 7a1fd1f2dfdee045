"""The last hour in standard deviations of the hours of seven days: mean + 3 sd, with the 3 left open."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np

from monitor.backtest.rivals import FEWEST, Counts, Statistic, last_minutes

__all__ = ["WeekDeviations"]

HOURS: Final = 168
FEWEST_HOURS: Final = 24  # of history, before it says anything
LEAST_DEVIATION: Final = 0.5  # mentions; a week of next to nothing has no deviation to divide by


class WeekDeviations:
    """Deviations of the last hour from the mean of the 168 hours before it (of a day and more while it is young)."""

    name: ClassVar[str] = "week_deviations"
    meaning: ClassVar[str] = "How many standard deviations above the mean hour of the past seven days is the last hour?"

    def judge(self, counts: Counts, since: int = 0) -> Statistic:
        """Say how alarming each minute is; see :class:`~monitor.backtest.rivals.Rival`."""
        hour = last_minutes(counts, 60)
        known = ~np.isnan(hour)
        values = np.where(known, hour, 0.0)
        number = _of_hours_before(known.astype(np.float64))
        mean = _of_hours_before(values) / np.maximum(number, 1.0)
        square = _of_hours_before(values * values) / np.maximum(number, 1.0)
        deviation = np.sqrt(np.maximum(square - mean * mean, 0.0))
        far = (values - mean) / np.maximum(deviation, LEAST_DEVIATION)
        is_silent = ~known | (number < FEWEST_HOURS) | (hour < FEWEST)
        return np.where(is_silent, -np.inf, far)[since:]


def _of_hours_before(values: Statistic) -> Statistic:
    """Return the sums of the values 1, 2, ... :data:`HOURS` hours before each minute."""
    rows = -(-len(values) // 60)
    table = np.zeros((rows + 1, 60))
    table[1:].flat[: len(values)] = values
    upto = np.cumsum(table, axis=0)
    first = np.maximum(np.arange(rows) - HOURS, 0)
    return (upto[:-1] - upto[first]).ravel()[: len(values)]
