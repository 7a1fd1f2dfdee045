"""Several detectors, one budget of false alarms, one alarm.

Each detector gets a share of the budget and is held to it: its p-value is divided by its share (Bonferroni), so that
the smallest of them keeps the meaning of D1 whatever the detectors have in common. An alarm is the moment one of them
*begins* to be less likely than the budget allows. It is told once: for half a day nothing more is said, unless it
gets clearly worse.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from monitor.anomalies import Verdict
from monitor.clock import HOUR_US

__all__ = ["MINUTES_PER_MONTH", "Alarm", "AlarmState", "combined_p_value"]

MINUTES_PER_MONTH: Final = 43_829.0  # a twelfth of 365.2425 days
# "At most" is promised, and real streams are rougher than their own past: thresholds that held a budget on simulated
# streams were exceeded three- to fourfold on recorded ones. So a third of the budget is spent, by series of counts and
# by warnings and pages (monitor.incidents.severity) alike.
PRUDENCE: Final = 1.0 / 3.0
REFRACTORY_US: Final = 12 * HOUR_US
# "Clearly worse": a thousand times less likely than the worst already told.
CLEARLY: Final = 3.0
# An alarm is over for a detector when its -log10(p) has stayed below half of what raised it.
OVER: Final = 0.5
OVER_FOR_US: Final = 2 * HOUR_US
# What lasts two days is learned even so: it may be the new normal.
FROZEN_AT_MOST_US: Final = 48 * HOUR_US


def combined_p_value(verdicts: Sequence[Verdict], shares: Mapping[str, float]) -> float:
    """Return the p-value of the least likely verdict, each divided by its detector's share of the budget.

    Examples
    --------
    >>> numbers = {"observed": 0, "expected": 0, "lower": 0, "upper": 0}
    >>> one, two = (Verdict(detector=name, p_value=p, **numbers) for name, p in [("one", 1e-4), ("two", 1e-3)])
    >>> combined_p_value([one, two], {"one": 0.5, "two": 0.5})
    0.0002
    """
    return min((1.0, *(verdict.p_value / shares[verdict.detector] for verdict in verdicts)))


class AlarmState(msgspec.Struct):
    """Who is alarmed, when we last spoke and how bad it was then."""

    alarmed: dict[str, int] = {}  # detector -> since when it has been calm again, or -1
    last_us: int = -(1 << 62)
    worst: float = 0.0
    opened_us: int = -(1 << 62)


class Alarm:
    """Turns verdicts into alarms within a budget.

    Parameters
    ----------
    per_month
        False alarms a month that one is ready to bear. Positive.
    shares
        Share of the budget by detector; they add up to one.
    """

    def __init__(self, per_month: float, shares: Mapping[str, float]) -> None:
        self._threshold = -math.log10(PRUDENCE * per_month / MINUTES_PER_MONTH)
        self._shares = shares
        self.state = AlarmState()

    def is_frozen(self, at_us: int) -> bool:
        """Tell whether what happens now must not become the norm: an alarm is on."""
        return bool(self.state.alarmed) and at_us - self.state.opened_us < FROZEN_AT_MOST_US

    def hear(self, at_us: int, verdicts: Sequence[Verdict]) -> bool:
        """Take the verdicts of one moment; return whether to alarm now."""
        state = self.state
        begins = False
        strongest = 0.0
        was_calm = not state.alarmed
        for verdict in verdicts:
            strength = -math.log10(min(1.0, verdict.p_value / self._shares[verdict.detector]))
            strongest = max(strongest, strength)
            begins = self._follow(verdict.detector, at_us, strength) or begins
        if was_calm and state.alarmed:
            state.opened_us = at_us
        is_worse = strongest >= max(self._threshold, state.worst + CLEARLY)
        tells = is_worse if at_us - state.last_us < REFRACTORY_US else begins or (bool(state.alarmed) and is_worse)
        if tells:
            state.last_us = at_us
            state.worst = strongest
        elif strongest >= self._threshold:
            state.worst = max(state.worst, strongest)
        return tells

    def _follow(self, detector: str, at_us: int, strength: float) -> bool:
        """Follow one detector; return whether it begins to be alarmed."""
        alarmed = self.state.alarmed
        if strength >= self._threshold:
            begins = detector not in alarmed
            alarmed[detector] = -1
            return begins
        if detector in alarmed:
            if strength >= OVER * self._threshold:
                alarmed[detector] = -1
            elif alarmed[detector] < 0:
                alarmed[detector] = at_us
            elif at_us - alarmed[detector] >= OVER_FOR_US:
                del alarmed[detector]
        return False
