"""The measures, found by file, and the one call that applies them all."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import cast

from monitor import signals
from monitor.signals import Measure, Minute, Signal
from monitor.topics import Match

__all__ = ["measure_minute", "measures"]


@cache
def measures() -> tuple[Measure, ...]:
    """Return one instance of every measure of this family, in alphabetical order of their files."""
    names = sorted(module.name for module in pkgutil.iter_modules(signals.__path__))
    modules = [
        import_module(f"{signals.__name__}.{name}") for name in names if f"{signals.__name__}.{name}" != __name__
    ]
    return tuple(_measure_of(module) for module in modules)


def measure_minute(topic: str, start_us: int, matches: Sequence[Match]) -> Signal:
    """Measure one topic over one minute.

    Parameters
    ----------
    topic
        Topic id.
    start_us
        Start of the minute, microseconds since the Unix epoch.
    matches
        All of the minute's matches on the topic, the brand's own posts included, ordered by (published_us, key).

    Returns
    -------
    Signal
        The brand's own posts are left out; when there were no others, `mentions` is 0 and nothing is measured.
    """
    others = [match for match in matches if not match.is_own]
    values: dict[str, float] = {}
    if others:
        minute = Minute(others)
        for measure in measures():
            value = measure(minute)
            if value is not None:
                values[measure.name] = value
    return Signal(topic=topic, start_us=start_us, mentions=len(others), measures=values)


def _measure_of(module: ModuleType) -> Measure:
    (found,) = (
        member
        for _, member in inspect.getmembers(module, inspect.isclass)
        if member.__module__ == module.__name__ and hasattr(member, "meaning")
    )
    return cast("Measure", found())
