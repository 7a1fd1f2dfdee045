"""The last hour against the past twelve: a test that several listening products describe for themselves."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from monitor.backtest.rivals import FEWEST, Counts, Statistic, last_minutes

__all__ = ["HourAgainstTwelve"]


class HourAgainstTwelve:
    """Ratio of the last hour to the mean hour of the twelve before it; a mean below one counts as one."""

    name: ClassVar[str] = "hour_against_twelve"
    meaning: ClassVar[str] = "How many times the mean of the twelve hours before does the last hour hold?"

    def judge(self, counts: Counts, since: int = 0) -> Statistic:
        """Say how alarming each minute is; see :class:`~monitor.backtest.rivals.Rival`."""
        hour = last_minutes(counts, 60)
        usual = last_minutes(counts, 720, ago=60) / 12
        ratio = hour / np.maximum(usual, 1.0)
        return np.where(np.isnan(ratio) | (hour < FEWEST), -np.inf, ratio)[since:]
