"""Every detector of this package, discovered by file: a module with a function ``detector(topic)`` is a member."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from functools import cache
from importlib import import_module

import monitor.anomalies
from monitor.anomalies import Detector, Judge, seasonal_counts
from monitor.anomalies.agreement import Agreement
from monitor.anomalies.seasonal_counts import SeasonalCounts
from monitor.topics import Topic

__all__ = ["detectors", "judges_of"]


@cache
def _makers() -> tuple[Callable[[Topic], Detector], ...]:
    """Return what makes the detectors other than that of velocity, in the order of their files."""
    names = sorted(f"monitor.anomalies.{module.name}" for module in pkgutil.iter_modules(monitor.anomalies.__path__))
    modules = [import_module(name) for name in names if name not in {__name__, seasonal_counts.__name__}]
    return tuple(module.detector for module in modules if hasattr(module, "detector"))


def detectors(topic: Topic) -> tuple[SeasonalCounts, *tuple[Detector, ...]]:
    """Return a fresh detector of each kind for a topic: that of velocity, which knows what to expect, comes first."""
    return seasonal_counts.detector(topic), *(make(topic) for make in _makers())


def judges_of(topic: Topic) -> dict[str, Judge]:
    """Return, by name, what can say of each verdict on a topic how it came about: detectors and their agreement."""
    return {one.name: one for one in (*detectors(topic), Agreement())}
