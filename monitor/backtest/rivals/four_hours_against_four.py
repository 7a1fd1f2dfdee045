"""Four hours against the four before: how OSoMe's BotSlayer finds what trends."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from monitor.backtest.rivals import FEWEST, Counts, Statistic, last_minutes

__all__ = ["FourHoursAgainstFour"]


class FourHoursAgainstFour:
    """Ratio of the last four hours to the four before; fewer than five mentions there count as five."""

    name: ClassVar[str] = "four_hours_against_four"
    meaning: ClassVar[str] = "How many times the four hours before do the last four hours hold?"

    def judge(self, counts: Counts, since: int = 0) -> Statistic:
        """Say how alarming each minute is; see :class:`~monitor.backtest.rivals.Rival`."""
        last = last_minutes(counts, 240)
        ratio = last / np.maximum(last_minutes(counts, 240, ago=240), FEWEST)
        return np.where(np.isnan(ratio) | (last < FEWEST), -np.inf, ratio)[since:]
