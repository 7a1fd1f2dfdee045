"""What others do to find a spike: counts of mentions -> how alarming each minute is.

A family: each file is one rival implementing :class:`Rival`, discovered by file, and
``tests/contracts/test_rivals.py`` puts every one through the same contract. A rival is given the same minutes as our
own detectors, and a back-test sweeps the one threshold that its users would have to pick, so that all are compared at
the same rate of false alarms and only the method differs.

R1: *A rival says how alarming, never whether.* The larger the number, the more alarming; minus infinity is silence
(not enough history, or fewer mentions than the method looks at). The unit is the rival's own.
"""

from __future__ import annotations

from typing import ClassVar, Final, Protocol

import numpy as np
import numpy.typing as npt

__all__ = ["FEWEST", "STEP", "Counts", "Rival", "Statistic", "last_minutes"]

Counts = npt.NDArray[np.int64]
"""Mentions of each minute, shape (n,)."""

Statistic = npt.NDArray[np.float64]
"""How alarming each minute is, shape (n,)."""

STEP: Final = 5
"""Minutes in a bucket of those rivals that take one number at a time: what NAB's recordings of mentions have."""

FEWEST: Final = 5
"""A ratio of next to nothing is no alarm: rivals that divide are given a window only if it holds so many mentions."""


class Rival(Protocol):
    """One way to judge how many mentions there were."""

    name: ClassVar[str]
    """In tables, files and options; snake case."""
    meaning: ClassVar[str]
    """One plain sentence."""

    def judge(self, counts: Counts, since: int = 0) -> Statistic:
        """Say how alarming each minute is, from what had been published by its end.

        Parameters
        ----------
        counts
            Mentions of each minute from the first that was watched, shape (n,).
        since
            Minutes before this one are history, and need no answer.

        Returns
        -------
        Statistic
            Shape (n - since,); never NaN. Minute i depends on no later count.
        """
        ...


def last_minutes(counts: Counts, minutes: int, ago: int = 0) -> npt.NDArray[np.float64]:
    """Return the sum of the `minutes` minutes that end `ago` minutes before the end of each minute.

    NaN where they begin before the first.

    Examples
    --------
    >>> last_minutes(np.array([1, 2, 3, 4]), 2)
    array([nan,  3.,  5.,  7.])
    >>> last_minutes(np.array([1, 2, 3, 4]), 2, ago=1)
    array([nan, nan,  3.,  5.])
    """
    upto = np.concatenate(([0], np.cumsum(counts)))
    sums = np.full(len(counts), np.nan)
    first = minutes + ago - 1
    if first < len(counts):
        ends = np.arange(first, len(counts)) + 1 - ago
        sums[first:] = upto[ends] - upto[ends - minutes]
    return sums
