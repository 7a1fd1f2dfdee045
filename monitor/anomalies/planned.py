"""Planned events: how many times the usual a launch, a match or a sale brings, and when it is on.

The multiplier is the one written in the calendar, or one that kinds of events usually have, corrected by the past
events of the same kind on the same topic: the mean of their ratios, the written one counting as some of them. The
doubt about it (the relative variance between events) is learned alike, and is large, because no two launches are.

A campaign explains more mentions. It does not explain as many more complaints: of those it brings, few should have
reason to complain. Where complaints are counted, a number in the calendar says nothing of them; a part of it is assumed
(`explains`) until past events of the kind have shown how many there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from monitor.clock import SECOND_US, from_datetime
from monitor.stats.calendar import DAY, local_seconds
from monitor.topics import PlannedEvent

__all__ = ["KINDS", "NOTHING", "Calendar", "Lesson", "Planned", "expected_times"]

KINDS: Final = ("other", "launch", "match", "sale")
"""Kinds of events that have a word of their own, by the number that stands for them among a verdict's factors."""

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


class Planned(NamedTuple):
    """What the calendar makes of what is usual.

    Attributes
    ----------
    kind
        Under which it is learned what such events bring; empty when nothing is planned.
    times, doubt
        How many times the usual is expected, and the relative variance of that.
    """

    kind: str = ""
    times: float = 1.0
    doubt: float = 0.0

    @property
    def factors(self) -> dict[str, float]:
        """What a verdict says of it: ``planned``, how many times the usual, and ``event``, a place in :data:`KINDS`."""
        if not self.kind:
            return {}
        return {"planned": self.times, "event": float(KINDS.index(self.kind)) if self.kind in KINDS else 0.0}


NOTHING: Final = Planned()


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
    explains
        Which part, 0 to 1, of the mentions that an event is said to bring beyond the usual it explains of what is
        counted here.
    """

    def __init__(self, events: Sequence[PlannedEvent] = (), time_zone: str = "UTC", *, explains: float = 1.0) -> None:
        self._events = events
        self._explains = explains
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

    def is_free(self, start_us: int, end_us: int) -> bool:
        """Tell whether no event that happens once is on during any part of [start_us, end_us)."""
        return not any(starts_us < end_us and start_us < ends_us for starts_us, ends_us in self._once)

    def expect(self, start_us: int, end_us: int, lessons: Mapping[str, Lesson]) -> Planned:
        """Return what is to be expected during [start_us, end_us), given what past events brought, by kind."""
        event = self.at(start_us, end_us)
        if event is None:
            return NOTHING
        kind = event.kind if event.kind != "other" else event.name
        return Planned(kind, *expected_times(event, lessons.get(kind), self._explains))

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


def expected_times(event: PlannedEvent, lesson: Lesson | None, explains: float = 1.0) -> tuple[float, float]:
    """Return (how many times the usual an event brings, the relative variance of that).

    What it `explains` only in part was not written by anybody, and is assumed. In doubt is then what the event adds:
    how much comes without it is known.

    Examples
    --------
    >>> expected_times(PlannedEvent("Spring collection", "launch", times=10.0), None)
    (10.0, 0.5)
    >>> expected_times(PlannedEvent("Derby", "match"), Lesson(3, 30.0, 300.0))
    (8.75, 0.25)
    >>> expected_times(PlannedEvent("Spring collection", "launch", times=10.0), None, explains=0.5)
    (5.5, 0.33...)
    """
    past = lesson or Lesson()
    worth, first = (ASSUMED_WORTH, TIMES.get(event.kind, OTHERWISE))
    if event.times is not None:
        worth, first = WRITTEN_WORTH, event.times
    if explains < 1.0:
        worth, first = ASSUMED_WORTH, 1.0 + explains * (first - 1.0)
    times = (worth * first + past.times) / (worth + past.events)
    spread = past.squares - 2.0 * times * past.times + past.events * times * times
    doubt = (worth * DOUBT + spread / (times * times)) / (worth + past.events)
    doubt = max(LEAST_DOUBT, doubt)
    return times, doubt if explains == 1.0 else doubt * ((times - 1.0) / times) ** 2


def _second(clock: time) -> int:
    return clock.hour * 3600 + clock.minute * 60 + clock.second + bool(clock.microsecond)  # time.max is 24:00
