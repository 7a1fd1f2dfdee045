"""Promised against achieved: how many alarms a topic raised, and what that says about its budget.

Nobody knows which alarms were false, except those that people dismissed. So two rates are told, each with the exact
interval of a Poisson count: of all alarms raised, and of those dismissed. Dismissed ones beyond doubt above the budget
break the promise. All alarms beyond doubt above it ask whether they were real. Everything else keeps it.

References
----------
.. [1] F. Garwood, Fiducial limits for the Poisson distribution, Biometrika 28 (1936) 437-442.
"""

from __future__ import annotations

import math
from typing import Final, Literal

import msgspec

from monitor.stats.negative_binomial import log_tail

__all__ = ["DAYS_PER_MONTH", "FEWEST_EXPECTED", "Achieved", "Rate", "Standing", "achieved", "poisson_interval"]

Standing = Literal["too early", "kept", "above", "broken"]

DAYS_PER_MONTH: Final = 30.0
FEWEST_EXPECTED: Final = 1.0
"""Before the budget itself would have allowed one alarm, silence proves nothing."""
STEPS: Final = 60


class Rate(msgspec.Struct, frozen=True):
    """A count, and the rate a month behind it with its central 95 % interval."""

    count: int
    per_month: float
    lower: float
    upper: float


class Achieved(msgspec.Struct, frozen=True):
    """What became of one promise.

    Attributes
    ----------
    promised
        False alarms a month, at most.
    days
        Observed.
    raised, dismissed
        All alarms, and those of them that people dismissed as false.
    standing
        ``broken``: more were dismissed than promised, beyond doubt. ``above``: more were raised than promised, beyond
        doubt, and some of them may have been real. ``too early``: nothing can be said yet. ``kept``: otherwise.
    """

    promised: float
    days: float
    raised: Rate
    dismissed: Rate
    standing: Standing


def achieved(promised: float, days: float, raised: int, dismissed: int) -> Achieved:
    """Hold what happened against what was promised.

    Parameters
    ----------
    promised
        False alarms a month. Positive.
    days
        Observed. Positive.
    raised, dismissed
        Alarms, and those of them that were dismissed.

    Examples
    --------
    >>> achieved(2.0, 90.0, 3, 1).standing, achieved(2.0, 90.0, 25, 20).standing, achieved(2.0, 5.0, 1, 0).standing
    ('kept', 'broken', 'too early')
    """
    all_of_them, false_ones = _rate(raised, days), _rate(dismissed, days)
    standing: Standing = "kept"
    if false_ones.lower > promised:
        standing = "broken"
    elif all_of_them.lower > promised:
        standing = "above"
    elif promised * days / DAYS_PER_MONTH < FEWEST_EXPECTED:
        standing = "too early"
    return Achieved(promised, days, all_of_them, false_ones, standing)


def poisson_interval(count: int, coverage: float = 0.95) -> tuple[float, float]:
    """Return Garwood's exact interval of a Poisson mean of which `count` was seen.

    Examples
    --------
    >>> [round(bound, 3) for bound in poisson_interval(0)], [round(bound, 3) for bound in poisson_interval(4)]
    ([0.0, 3.689], [1.09, 10.242])
    """
    side = (1.0 - coverage) / 2.0
    lower = 0.0 if count == 0 else _mean_with_tail(count, side)
    return lower, _mean_with_tail(count + 1, 1.0 - side)


def _mean_with_tail(count: int, chance: float) -> float:
    """Return the mean at which `count` or more have this chance, by bisection."""
    wanted = math.log(chance)
    low, high = 0.0, count + 10.0 * math.sqrt(count) + 20.0
    for _ in range(STEPS):
        middle = (low + high) / 2.0
        if log_tail(count, middle, 0.0) < wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2.0


def _rate(count: int, days: float) -> Rate:
    months = days / DAYS_PER_MONTH
    lower, upper = poisson_interval(count)
    return Rate(count, count / months, lower / months, upper / months)
