"""When people speak: the day, the week, the mood, and chance.

Posts of a minute are negative binomial around ``mu = level * hour(t) * weekday(t) * exp(mood(t))``; the mood is an
AR(1) process in logarithms.
"""

from __future__ import annotations

import math
from datetime import datetime, time, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from monitor.backtest.laws import poisson
from monitor.clock import HOUR_US, MINUTE_US, from_datetime, to_datetime

__all__ = ["HOURS", "PARIS", "WEEKDAYS", "Rhythm", "activity", "midnight"]

PARIS: Final = ZoneInfo("Europe/Paris")
# Share of the busiest usual hour at the start of each local hour: our choice after French evenings, with the
# trough at a tenth to an eighth of the peak.
HOURS: Final = (
    *(0.42, 0.26, 0.17, 0.13, 0.12, 0.14, 0.26, 0.45, 0.62, 0.72, 0.78, 0.83),
    *(0.90, 0.86, 0.78, 0.76, 0.78, 0.83, 0.88, 0.93, 0.98, 1.00, 0.90, 0.66),
)
WEEKDAYS: Final = (1.0, 1.03, 1.04, 1.02, 0.98, 0.78, 0.74)  # Monday first; weekends at three quarters
_MEAN: Final = sum(HOURS) / 24 * sum(WEEKDAYS) / 7
_MOOD_STEP_US: Final = 5 * MINUTE_US
_MOOD_MEMORY: Final = math.exp(-_MOOD_STEP_US / (2 * HOUR_US))  # moods last about two hours


def activity(instant_us: int) -> float:
    """Return how awake the country is at an instant: about 0.1 at night, 1 on a weekday evening."""
    local = to_datetime(instant_us).astimezone(PARIS)
    part = local.minute / 60
    now, then = HOURS[local.hour], HOURS[(local.hour + 1) % 24]
    return (now + (then - now) * part) * WEEKDAYS[local.weekday()]


def midnight(instant_us: int, days_later: int = 0) -> int:
    """Return the instant at which the local day of `instant_us`, or one some days later, begins."""
    day = to_datetime(instant_us).astimezone(PARIS).date() + timedelta(days=days_later)
    return from_datetime(datetime.combine(day, time(), PARIS))


class Rhythm:
    """Draws how many people speak about a brand of their own accord in each successive minute.

    Parameters
    ----------
    rng
        Seeded by the caller.
    per_day
        Mean number in a day, over a week. Positive.
    dispersion
        The k of the negative binomial over five minutes: the variance is ``mu + mu^2/k``. Positive.
    mood
        Standard deviation of the AR(1) process in logarithms.
    """

    def __init__(self, rng: Random, per_day: float, dispersion: float = 6.0, mood: float = 0.2) -> None:
        self._rng = rng
        self._per_minute = per_day / 1440 / _MEAN
        self._dispersion = dispersion
        self._sd = mood
        self._mood = rng.gauss(0, mood)
        self._rate = 0.0

    def count(self, minute_us: int) -> int:
        """Draw the count of the minute that starts at `minute_us`; minutes must come in order."""
        if minute_us % _MOOD_STEP_US == 0 or not self._rate:
            self._rate = self._next_rate(minute_us)
        return poisson(self._rng, self._rate)

    def _next_rate(self, minute_us: int) -> float:
        noise = self._sd * math.sqrt(1 - _MOOD_MEMORY**2)
        self._mood = _MOOD_MEMORY * self._mood + self._rng.gauss(0, noise)
        # exp of a normal has mean exp(sd^2/2), which is divided out to keep the level what was asked for.
        level = self._per_minute * activity(minute_us) * math.exp(self._mood - self._sd**2 / 2)
        return level * self._rng.gammavariate(self._dispersion, 1 / self._dispersion)
