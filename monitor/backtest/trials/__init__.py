"""Labelled streams through the production pipeline, and what everybody said of them.

A *world* (:mod:`~monitor.backtest.trials.world`) is one seed at one volume: quiet weeks of two topics, and every
scenario planted into the same history. From it come :class:`Stretch` es: one topic, minute by minute, with the truth
about it, what each test of the production topic state said, and what each rival said of the same minutes. The rest is
arithmetic on stretches: ``scoring`` (alarms, thresholds, detections, intervals), ``curves``, ``campaign`` (which
worlds, and the whole report), ``tables`` and ``page`` (the report for people). ``rehearsal`` is the other question:
what would this watchlist have told me about these posts?

Methods are named by a word: a rival's name, ``badbuzz`` for all our tests together (the sum of
:mod:`monitor.anomalies.agreement`, one test being enough), or ``badbuzz:<detector>`` for one of them alone. They are
compared at thresholds set on worlds that are used for nothing else. ``badbuzz_incidents`` and ``badbuzz_warnings`` are
the product as it comes, with nothing set.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from monitor.clock import DAY_US, HOUR_US, MINUTE_US

__all__ = [
    "ALL",
    "EARLY_US",
    "FIRST_DAY",
    "FIRST_DAYS",
    "HORIZON_US",
    "INCIDENTS",
    "OURS",
    "QUIET",
    "REFRACTORY_US",
    "TIMES",
    "WARNINGS",
    "Level",
    "Stretch",
    "Tier",
    "Values",
]

OURS: Final = "badbuzz"
INCIDENTS: Final = "badbuzz_incidents"
WARNINGS: Final = "badbuzz_warnings"

TIMES: Final = " x"
"""Stands between the name of a story and how strong it is, as in ``slow_burn x0.25``."""

ALL: Final = " x*"
"""Stands behind the name of a story where those of every strength are meant."""

QUIET: Final = "quiet"
FIRST_DAYS: Final = "first_days"
"""Streams on which nothing happens: once known, and on the first day of watching."""

REFRACTORY_US: Final = 12 * HOUR_US
"""After an alarm on a topic a method is not heard for half a day, unless what it sees gets worse."""

EARLY_US: Final = 15 * MINUTE_US
"""An alarm so little before the onset counts as a detection: the onset is not sharp either."""

HORIZON_US: Final = DAY_US
"""An alarm later than this after the onset is a miss, and a miss counts as so much delay."""

FIRST_DAY: Final = " first day"
"""Stands behind a volume where what is said of it is of the first day of watching, as in ``60 first day``."""

Values = npt.NDArray[np.float32]


class Tier(NamedTuple):
    """What a threshold is set for: a volume, on the first day of watching or later.

    Who is still learning how loud a topic is raises alarms more or less readily than later, each method in its own way;
    so a threshold that keeps the budget later says nothing about that day.
    """

    volume: float
    is_first_day: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """An incident reached a severity: 1 watch, 2 warning, 3 critical."""

    at_us: int
    incident: str
    severity: int


@dataclass(slots=True)
class Stretch:
    """One topic over consecutive minutes, with what is true and what everybody said.

    Attributes
    ----------
    seed, volume, topic
        Where it comes from. `volume` is the mean mentions a day.
    is_first_day
        Whether what happens, or the quiet, is of the first day of watching.
    strength
        How strong what was planted is, times the usual.
    scenario, is_crisis, onset_us
        What was planted; ``None`` where nothing was. Where a scenario plants crises of several kinds, the scenario and
        the kind, as in ``two_topics:slow_burn``: what one finds in a minute and the other in hours has no median.
    start_us, step_us
        Start of the first value, and the time between values.
    counts, reach
        Mentions, and followers of their distinct authors; empty where the values are not of single minutes.
    said
        Method -> how alarming, known at the end of each step.
    levels
        What the product as it comes made of it, in order.
    """

    seed: int
    volume: float
    topic: str
    start_us: int
    said: dict[str, Values]
    scenario: str = QUIET
    is_crisis: bool = False
    onset_us: int | None = None
    step_us: int = MINUTE_US
    counts: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    reach: Values = field(default_factory=lambda: np.zeros(0, np.float32))
    levels: tuple[Level, ...] = ()
    strength: float = 1.0
    is_first_day: bool = False

    @property
    def tier(self) -> Tier:
        """Which thresholds hold for it."""
        return Tier(self.volume, self.is_first_day)

    @property
    def story(self) -> str:
        """What its trials are called: the scenario, and its strength if that is not the usual."""
        return self.scenario if self.strength == 1.0 else f"{self.scenario}{TIMES}{self.strength:g}"

    @property
    def weeks(self) -> float:
        """Length in weeks."""
        steps = max((len(values) for values in self.said.values()), default=0)
        return steps * self.step_us / (7 * DAY_US)
