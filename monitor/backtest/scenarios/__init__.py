"""What can be planted into ordinary days, and how the posts then reach us.

A family: each file holds scenarios of one nature, discovered by file. A :class:`Scenario` plans posts on a
:class:`~monitor.backtest.simulation.Simulation` and declares what is true about them; nothing of that reaches the
monitor but the posts.
"""

from __future__ import annotations

import difflib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from monitor.backtest.plans import Truth
from monitor.backtest.rhythm import midnight
from monitor.backtest.simulation import Simulation
from monitor.clock import HOUR_US, rfc3339
from monitor.errors import InputRefused
from monitor.mentions import Item, Mention

__all__ = ["Delivery", "Scenario", "as_published", "moment", "scenario", "scenarios"]

Delivery = Callable[[Simulation, Iterator[Mention]], Iterator[Item]]


def as_published(_: Simulation, mentions: Iterator[Mention]) -> Iterator[Item]:
    """Deliver every post once, in order of publication."""
    return mentions


@dataclass(frozen=True)
class Scenario:
    """A labelled story.

    Attributes
    ----------
    name
        What the command line calls it.
    meaning
        One plain sentence.
    plan
        Plants the story into a simulation before it runs.
    deliver
        How posts reach us.
    days
        Usual length: three weeks of ordinary days, the day of the story, and the day after.
    """

    name: str
    meaning: str
    plan: Callable[[Simulation], None]
    deliver: Delivery = as_published
    days: int = 23

    def play(self, simulation: Simulation) -> Iterator[Item]:
        """Plant the story and yield what a source would deliver."""
        self.plan(simulation)
        return self.deliver(simulation, simulation.mentions())

    def truth(self, simulation: Simulation) -> Truth:
        """Return what was planted and what became of it, once the simulation has been played to its end."""
        return Truth(
            scenario=self.name,
            seed=simulation.seed,
            volume=simulation.volume,
            strength=simulation.strength,
            start=rfc3339(simulation.start_us),
            end=rfc3339(simulation.end_us),
            posts=simulation.posts,
            reposts=simulation.reposts,
            duplicates=simulation.duplicates,
            gaps=tuple((gap.source, rfc3339(gap.start_us), rfc3339(gap.end_us)) for gap in simulation.gaps),
            topics=simulation.truths(),
        )


def moment(simulation: Simulation, earliest: float, latest: float) -> int:
    """Draw an instant on the day of the story, the last but one, between two hours after its midnight."""
    day_us = midnight(simulation.start_us, max(0, simulation.days - 2))
    return day_us + int(simulation.rng.uniform(earliest, latest) * HOUR_US)


@cache
def scenarios() -> dict[str, Scenario]:
    """Return every scenario by name, in the order of the files' names and then as written in them."""
    found = {}
    for member in sorted(module.name for module in pkgutil.iter_modules(__path__)):
        for value in vars(import_module(f"{__name__}.{member}")).values():
            if isinstance(value, Scenario):
                found[value.name] = value
    return found


def scenario(name: str) -> Scenario:
    """Return a scenario by name.

    Raises
    ------
    InputRefused
        If there is none of that name.
    """
    known = scenarios()
    if name in known:
        return known[name]
    close = difflib.get_close_matches(name, known, 1)
    hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}"
    message = f"there is no scenario named {name!r}; {hint}"
    raise InputRefused(message)
