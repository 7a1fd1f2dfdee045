"""Promised against achieved, as series: a monitor whose alarms are too often false must say so of itself.

They are there once they are known: a rate that nobody has measured yet is no 0. By day and by night together; a budget
is broken where either is.
"""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Gauge

from monitor.incidents import Severity
from monitor.incidents.promise import Achieved

__all__ = ["Promised"]


class Promised:
    """What became of each topic's alarm budget, severity by severity."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, meaning: str) -> Gauge:
            return Gauge(f"badbuzz_{name}", meaning, ("topic", "severity"), registry=registry)

        self._promised = gauge("alarm_budget_promised_per_month", "False alarms a month promised at most.")
        self._raised = gauge("alarm_budget_raised_per_month", "Alarms a month in the last 90 days, false or not.")
        self._dismissed = gauge("alarm_budget_dismissed_per_month", "Of these, dismissed as false.")
        self._broken = gauge("alarm_budget_broken", "1 while more were dismissed than promised, beyond doubt, else 0.")

    def show(self, topic: str, kept: Iterable[tuple[Severity, Achieved]]) -> None:
        """Take in what a topic's budgets, of a severity by day and by night or of both, have come to."""
        together: dict[Severity, list[Achieved]] = {}
        for severity, achieved in kept:
            together.setdefault(severity, []).append(achieved)
        for severity, parts in together.items():
            self._promised.labels(topic, severity).set(sum(one.promised for one in parts))
            self._raised.labels(topic, severity).set(sum(one.raised.per_month for one in parts))
            self._dismissed.labels(topic, severity).set(sum(one.dismissed.per_month for one in parts))
            self._broken.labels(topic, severity).set(any(one.standing == "broken" for one in parts))

    def hide(self, topic: str) -> None:
        """Let go of a topic's series."""
        for family in (self._promised, self._raised, self._dismissed, self._broken):
            family.remove_by_labels({"topic": topic})
