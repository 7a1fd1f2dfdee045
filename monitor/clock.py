"""Time: the one module that may read the wall clock, and the conversions every edge shares.

Inside the pipeline an instant is an ``int``: microseconds since 1970-01-01T00:00:00Z, in names ending in
``_us``. That is exact, sorts, and costs nothing on the hot path. At every edge (files, HTTP, screens) it is
RFC 3339 in UTC.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Final, Protocol

__all__ = [
    "DAY_US",
    "HOUR_US",
    "MINUTE_US",
    "SECOND_US",
    "Clock",
    "SteadyClock",
    "SystemClock",
    "from_datetime",
    "rfc3339",
    "to_datetime",
]

SECOND_US: Final = 1_000_000
MINUTE_US: Final = 60 * SECOND_US
HOUR_US: Final = 60 * MINUTE_US
DAY_US: Final = 24 * HOUR_US


class Clock(Protocol):
    """Whatever tells the time; tests pass one they set by hand."""

    def now_us(self) -> int:
        """Return the wall-clock instant in microseconds since the Unix epoch, UTC."""
        ...

    def monotonic_seconds(self) -> float:
        """Return seconds on a clock that never jumps; only differences mean anything."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now_us(self) -> int:
        """Return the wall-clock instant in microseconds since the Unix epoch, UTC."""
        return time.time_ns() // 1000

    def monotonic_seconds(self) -> float:
        """Return seconds on a clock that never jumps; only differences mean anything."""
        return time.monotonic()


class SteadyClock:
    """A clock that nobody sets: what another one said when this was made, plus the time that has passed since.

    It stands still while a machine sleeps, where the system's clock is set forward.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._origin_us = clock.now_us() - round(clock.monotonic_seconds() * SECOND_US)

    def now_us(self) -> int:
        """Return the instant in microseconds since the Unix epoch."""
        return self._origin_us + round(self._clock.monotonic_seconds() * SECOND_US)

    def monotonic_seconds(self) -> float:
        """Return seconds on a clock that never jumps."""
        return self._clock.monotonic_seconds()

    def latest_us(self) -> int:
        """Return the latest it can be: what this clock or the other says. Setting that one back changes nothing."""
        return max(self.now_us(), self._clock.now_us())


def from_datetime(moment: datetime) -> int:
    """Return an aware datetime as microseconds since the Unix epoch.

    Raises
    ------
    ValueError
        If `moment` has no time zone: a naive time is a guess.

    Examples
    --------
    >>> from_datetime(datetime(2026, 1, 15, 21, 52, tzinfo=UTC))
    1768513920000000
    """
    if moment.tzinfo is None:
        message = f"the time {moment.isoformat()} has no zone; write it with an offset, such as Z"
        raise ValueError(message)
    # timestamp() is a float with 53 bits: exact to the microsecond until the year 2255.
    return round(moment.timestamp() * 1e6)


def to_datetime(instant_us: int) -> datetime:
    """Return microseconds since the Unix epoch as an aware UTC datetime.

    Examples
    --------
    >>> to_datetime(1768513920000000).isoformat()
    '2026-01-15T21:52:00+00:00'
    """
    seconds, micros = divmod(instant_us, SECOND_US)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros)


def rfc3339(instant_us: int) -> str:
    """Return microseconds since the Unix epoch as RFC 3339 in UTC, without a needless fraction.

    Examples
    --------
    >>> rfc3339(1768513920000000), rfc3339(1768513920250000)
    ('2026-01-15T21:52:00Z', '2026-01-15T21:52:00.250000Z')
    """
    return to_datetime(instant_us).isoformat().replace("+00:00", "Z")
