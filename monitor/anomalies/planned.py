"""Planned events: how many times the usual a launch, a match or a sale brings, and when it is on.

The multiplier is the one written in the calendar, or one that kinds of events usually have, corrected by the past
events of the same kind on the same topic: the mean of their ratios, the written one counting as some of them. The
doubt about it (the relative variance between events) is learned alike, and is large, because no two launches are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from monitor.clock import SECOND_US, from_datetime
from monitor.stats.calendar import DAY, local_seconds
from monitor.topics import PlannedEvent

__all__ = ["Calendar", "Lesson", "expected_times"]

TIMES: Final = {"launch": 5.0, "match": 5.0, "sale": 3.0}
"""What an event brings that nobody put a number to, by kind; our choice, soon corrected by the topic's own events."""
OTHERWISE: Final = 3.0
WRITTEN_WORTH: Final = 3.0  # a written number counts as three past events, an assumed one as one
ASSUMED_WORTH: Final = 1.0
DOUBT: Final = 0.5  # relative variance between events; within one, half hours differ as much again at least
LEAST_DOUBT: Final = 0.25


class Lesson(msgspec.Struct, array_like=True):
    """What past events of one kind brought: how many, the sum of their multipliers, of their squares."""

    events: float = 0.0
    times: float = 0.0
    squares: float = 0.0

    def learn(self, times: float) -> None:
        """Take in one past event."""
        self.events += 1.0
        self.times += times
        self.squares += times * times


def _instant(local: datetime, time_zone: str) -> int:
    return from_datetime(local.replace(tzinfo=ZoneInfo(time_zone)))


class Calendar:
    """When which planned event is on.

    Parameters
    ----------
    events
        Of two at once, the one first written counts.
    time_zone
        IANA name of the zone in which weekly events recur.
    """

    def __init__(self, events: Sequence[PlannedEvent] = (), time_zone: str = "UTC") -> None:
        self._events = events
        self._zone = time_zone
        self._once = [
            (_instant(event.start, time_zone), _instant(event.end, time_zone))
            if event.start is not None and event.end is not None
            else (0, 0)
            for event in events
        ]

    def at(self, start_us: int, end_us: int) -> PlannedEvent | None:
        """Return the event that is on during any part of [start_us, end_us)."""
        for event, (starts_us, ends_us) in zip(self._events, self._once, strict=True):
            if starts_us < end_us and start_us < ends_us:
                return event
            if event.weekly and self._recurs(event, start_us, end_us):
                return event
        return None

    def _recurs(self, event: PlannedEvent, start_us: int, end_us: int) -> bool:
        start = local_seconds(self._zone, start_us // SECOND_US)
        length = (end_us - start_us) // SECOND_US
        for hours in event.weekly:
            opens, closes = _second(hours.opens), _second(hours.closes)
            for day in (start // DAY, (start + length) // DAY):
                begins = day * DAY + opens
                if (day + 3) % 7 + 1 in hours.weekdays and begins < start + length and start < day * DAY + closes:
                    return True
        return False


def expected_times(event: PlannedEvent, lesson: Lesson | None) -> tuple[float, float]:
    """Return (how many times the usual an event brings, the relative variance of that).

    Examples
    --------
    >>> expected_times(PlannedEvent("Spring collection", "launch", times=10.0), None)
    (10.0, 0.5)
    >>> expected_times(PlannedEvent("Derby", "match"), Lesson(3, 30.0, 300.0))
    (8.75, 0.25)
    """
    past = lesson or Lesson()
    worth, first = (ASSUMED_WORTH, TIMES.get(event.kind, OTHERWISE))
    if event.times is not None:
        worth, first = WRITTEN_WORTH, event.times
    times = (worth * first + past.times) / (worth + past.events)
    spread = past.squares - 2.0 * times * past.times + past.events * times * times
    doubt = (worth * DOUBT + spread / (times * times)) / (worth + past.events)
    return times, max(LEAST_DOUBT, doubt)


def _second(clock: time) -> int:
    return clock.hour * 3600 + clock.minute * 60 + clock.second + bool(clock.microsecond)  # time.max is 24:00
