"""Nobody looks: alarms at random. What a method is worth is how far it lies above this."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np

from monitor.backtest.rivals import Counts, Statistic

__all__ = ["Chance"]

MIXER: Final = 0x9E3779B97F4A7C15


class Chance:
    """A number out of a hat for every minute; the hat knows only how much was said before, so that it is repeatable."""

    name: ClassVar[str] = "chance"
    meaning: ClassVar[str] = "Alarms at random, as a floor for everybody."

    def judge(self, counts: Counts, since: int = 0) -> Statistic:
        """Say how alarming each minute is; see :class:`~monitor.backtest.rivals.Rival`."""
        place = np.arange(len(counts), dtype=np.uint64) + (np.cumsum(counts).astype(np.uint64) << np.uint64(32))
        # The finaliser of SplitMix64 (Steele et al., OOPSLA 2014); the highest 53 bits make a uniform number.
        mixed = place * np.uint64(MIXER)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
        return ((mixed >> np.uint64(11)) / float(1 << 53))[since:]
