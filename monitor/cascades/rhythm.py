"""What time it is where people reshare: learned from when they do, since a network gives UTC and no country."""

from __future__ import annotations

import cmath
from collections.abc import Sequence
from functools import lru_cache
from math import exp, log, pi
from typing import Final

__all__ = ["Rhythm"]

DAY_S: Final = 86_400.0
SLOT_S: Final = 600.0
SLOTS: Final = 144  # of ten minutes in a day
OFFSETS: Final = 24
SLOTS_AN_OFFSET: Final = 6
EVIDENCE: Final = 0.05  # of one lot of reshares: those of one cascade come together and say little more than one
LEAST: Final = 0.1  # no hour is emptier than a tenth of the mean: a series of few waves may dip below zero


class Rhythm:
    """The hour of the day where a stream is at home, among the 24 whole hours from UTC.

    Parameters
    ----------
    day
        How busy the hours of a usual day are: the coefficient c of each harmonic k = 1, 2, ... of the level
        ``1 + sum of Re(c exp(2 pi i k t))``, t in days of the clock by which the day was measured.
    evidence
        For each offset the log of its likelihood, tempered; as left by another rhythm.

    Notes
    -----
    Sums only: the order of what is counted does not matter. Until a stream has shown when it sleeps, every hour is
    taken for likely, and the waves of :meth:`hour` cancel out.
    """

    def __init__(self, day: Sequence[complex], evidence: Sequence[float] = (0.0,) * OFFSETS) -> None:
        self.evidence = list(evidence)
        self._levels = _levels(tuple(day))
        self._turns: tuple[complex, ...] | None = None

    def count(self, at_s: float, lots: int = 1) -> None:
        """Count lots of reshares, each those of one cascade within about ten minutes of an instant."""
        slot = int(at_s % DAY_S / SLOT_S)
        levels = self._levels
        for offset in range(OFFSETS):
            said = EVIDENCE * levels[(slot + SLOTS_AN_OFFSET * offset) % SLOTS]
            evidence = self.evidence[offset]
            for _ in range(lots):  # one by one: to the last bit the same however lots are counted
                evidence += said
            self.evidence[offset] = evidence
        self._turns = None

    def hour(self, at_s: float) -> tuple[float, ...]:
        """Return cosine and sine of the local time of day, then of its double; near 0 as long as it is unknown."""
        if self._turns is None:
            self._turns = self._expected_turns()
        now = cmath.exp(2j * pi * (at_s % DAY_S) / DAY_S)
        day, half = self._turns
        day, half = day * now, half * now**2
        return day.real, day.imag, half.real, half.imag

    def _expected_turns(self) -> tuple[complex, ...]:
        most = max(self.evidence)
        likely = [exp(one - most) for one in self.evidence]
        return tuple(
            [
                sum(share * cmath.exp(2j * pi * order * offset / OFFSETS) for offset, share in enumerate(likely))
                / sum(likely)
                for order in (1, 2)
            ]
        )


@lru_cache(maxsize=16)
def _levels(day: tuple[complex, ...]) -> tuple[float, ...]:
    """Return the log of the level in each slot of the day; all topics begin with the same day."""
    return tuple([log(_level(day, (slot + 0.5) / SLOTS)) for slot in range(SLOTS)])


def _level(day: Sequence[complex], at: float) -> float:
    level = 1.0 + sum((wave * cmath.exp(2j * pi * order * at)).real for order, wave in enumerate(day, 1))
    return max(level, LEAST)
