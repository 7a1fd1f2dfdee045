"""What a forecast is made from: a cascade at one age in a handful of numbers, none of which depends on its scale."""

from __future__ import annotations

from collections.abc import Mapping
from math import expm1, log, log1p
from typing import Final, Literal

import msgspec

from monitor.cascades.pulse import MEMORIES_S, Growth, Pulse
from monitor.cascades.rhythm import Rhythm

__all__ = ["FEATURES", "LESSON_POSTS", "RUNGS_S", "Known", "Lesson", "lesson", "line"]

RUNGS_S: Final = (
    300.0, 600.0, 1_200.0, 1_800.0, 3_600.0, 7_200.0, 14_400.0, 21_600.0, 43_200.0, 86_400.0, 172_800.0, 345_600.0,
)  # fmt: skip
"""Ages at which a cascade is looked at for what it can teach, in seconds: 5 minutes to 4 days."""

LESSON_POSTS: Final = 10
"""A cascade with fewer posts at an age teaches nothing about that age: most are over before they begin."""

Known = Literal["nothing", "root", "audience"]
"""Whose followers a source gives: nobody's, the root's only, or the resharers'."""

_WINDOWS: Final = tuple([(place, MEMORIES_S[place]) for place in (1, 3, 5, 7)])
_APART: Final = log(2.0)  # ages further from a rung than a factor of two are not told apart
_FLAT: Final = (0.0,) * 4
_USUAL: Final = 0.5  # log1p of the usual reproduction number
_SHAPE: Final = (
    "mean_log_age", "mean_age", "silence", "last_3_minutes", "last_20_minutes", "last_2_hours", "last_36_hours",
    "reproduction", "day_cosine", "day_sine", "half_day_cosine", "half_day_sine",
)  # fmt: skip
_LEVELS: Final = ("level", "age", "size", "below_10")
FEATURES: Final = (
    *_SHAPE,
    *_LEVELS,
    *(f"{level}/{known}" for known in ("nothing", "root", "audience") for level in _LEVELS),
)
"""Every number a forecast is linear in."""


class Lesson(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A cascade as it was at an age.

    Attributes
    ----------
    age_s
        Seconds since the root.
    posts
        Posts seen, the root included.
    known
        Whose followers are known; before the first reshare a known root stands for known resharers.
    shape
        Twelve numbers about when its posts came and what hour it is, the first seven near 0 for a steady cascade: mean
        log age, mean age and silence since the last reshare, each against a steady stream; reshares of the last 3
        minutes, 20 minutes, 2 hours and 36 hours, as the log of their ratio to a steady stream; the log of one plus the
        reproduction number, near 0 if it is the usual one, where it rests on the audiences of root and resharers, and
        0 elsewhere; cosine and sine of the local time of day and of its double, 0 if unknown.
    """

    age_s: float
    posts: int
    known: Known
    shape: tuple[float, ...]

    def features(self, rung_s: float) -> dict[str, float]:
        """Return the features in which the forecast of a rung is linear; those left out are 0."""
        numbers = self.numbers(rung_s)
        found = dict(zip((*_SHAPE, *_LEVELS), numbers, strict=True))
        return found | {f"{name}/{self.known}": found[name] for name in _LEVELS}

    def numbers(self, rung_s: float) -> tuple[float, ...]:
        """Return the same in short, to be multiplied by :func:`line`: shape, and levels once only."""
        reshares = max(self.posts - 1, 1)
        apart = min(max(log(self.age_s / rung_s), -_APART), _APART)
        return (*self.shape, 1.0, apart, log(reshares / 30), min(log(reshares / 10), 0.0))


def line(coefficients: Mapping[str, float], known: Known) -> tuple[float, ...]:
    """Return the coefficients of :meth:`Lesson.numbers`, those of what is known added to what is common."""
    levels = [coefficients[name] + coefficients[f"{name}/{known}"] for name in _LEVELS]
    return (*[coefficients[name] for name in _SHAPE], *levels)


def lesson(
    pulse: Pulse,
    age_s: float,
    at_s: float | None = None,
    rhythm: Rhythm | None = None,
    growth: Growth | None = None,
) -> Lesson:
    """Describe a cascade at an age.

    Parameters
    ----------
    pulse
        Holding no reshare made after that age.
    age_s
        Seconds since the root; an age before the last reshare counts as that of the last reshare, and at least 60.
    at_s
        The same instant in seconds since the epoch, if known.
    rhythm
        Tells the local time of the stream, if known.
    growth
        That of the pulse at the age, if it was worked out already.
    """
    age = max(float(age_s), float(pulse.last_s), 60.0)
    known: Known = "nothing" if pulse.root_audience is None else "root" if pulse.reshares else "audience"
    if pulse.known:
        known = "audience"
    hour = _FLAT if at_s is None or rhythm is None else rhythm.hour(at_s)
    return Lesson(age, pulse.reshares + 1, known, (*_times(pulse, age), _reproduction(pulse, age, growth), *hour))


def _reproduction(pulse: Pulse, age: float, growth: Growth | None) -> float:
    if not pulse.known or pulse.root_audience is None:
        return 0.0  # by count it says no more than when posts came
    return log1p((growth or pulse.growth(age)).reproduction) - _USUAL


def _times(pulse: Pulse, age: float) -> tuple[float, ...]:
    reshares = pulse.reshares
    if not reshares:
        return (0.0,) * 7
    counts = pulse.counts_at(age)
    silence = age - pulse.last_s
    recent = [
        log((counts[place] + 0.5) / (reshares * memory * -expm1(-age / memory) / age + 0.5))
        for place, memory in _WINDOWS
    ]
    return (
        1.0 + pulse.mean_log_age() - log1p(age),
        2.0 * pulse.age_sum / reshares / age - 1.0,
        log((silence + 1.0) * (reshares + 1) / age) / 2.0,
        *recent,
    )
