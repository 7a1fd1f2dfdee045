"""A topic's alarm budget at a given minute: what it may spend by day, and what by night.

The day is when the brand is there to answer: its opening hours, or 08:00 to 22:00 where none are given. Where the
policy says how many of the false alarms may fall at night, the rest belongs to the day, each spread evenly over its
own hours; otherwise both have the same level.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time
from typing import Final

from monitor.anomalies import NEVER_OPEN
from monitor.anomalies.agreement import Agreement
from monitor.clock import SECOND_US
from monitor.incidents.severity import Levels
from monitor.stats.calendar import DAY, local_seconds
from monitor.topics import OpeningHours, Topic

__all__ = ["Budget"]

USUAL_HOURS: Final = (OpeningHours((1, 2, 3, 4, 5, 6, 7), time(8), time(22)),)
WEEK: Final = 7 * DAY


class Budget:
    """The levels of one topic.

    Parameters
    ----------
    detectors
        Names of the detectors that judge it; those that may open an incident by themselves share
        three quarters of the watch budget equally.
    """

    def __init__(self, topic: Topic, detectors: Iterable[str]) -> None:
        self._zone = topic.time_zone
        openers = max(1, len(set(detectors) - NEVER_OPEN - {Agreement.name}))
        self._open = _seconds_of_the_week(topic.opening_hours or USUAL_HOURS)
        day = sum(end - start for start, end in self._open) / WEEK
        if not 0.0 < day < 1.0:  # never closed, or never open: there is no night to tell apart
            day = 1.0
        self._by_day = Levels.of(topic.policy, openers, day_share=day)
        self._by_night = Levels.of(topic.policy, openers, day_share=day, is_night=day < 1.0)

    def is_night(self, at_us: int) -> bool:
        """Tell whether nobody of the brand is there to answer."""
        second = (local_seconds(self._zone, at_us // SECOND_US) + 3 * DAY) % WEEK  # 1970 began on a Thursday
        return not any(start <= second < end for start, end in self._open)

    def at(self, at_us: int) -> Levels:
        """Return the levels of a minute."""
        if self._by_day == self._by_night:
            return self._by_day
        return self._by_night if self.is_night(at_us) else self._by_day


def _seconds_of_the_week(hours: Iterable[OpeningHours]) -> list[tuple[int, int]]:
    """Return when it is open, in seconds since Monday midnight: disjoint, sorted."""
    spans = sorted(
        ((weekday - 1) * DAY + _second(one.opens), (weekday - 1) * DAY + _second(one.closes))
        for one in hours
        for weekday in one.weekdays
    )
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _second(clock: time) -> int:
    return clock.hour * 3600 + clock.minute * 60 + clock.second + bool(clock.microsecond)  # time.max is 24:00
