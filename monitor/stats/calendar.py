"""Where an instant falls in the local day and week, cheaply and with daylight saving time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

__all__ = ["is_weekend", "local_seconds", "utc_offset"]

DAY: Final = 86_400


@lru_cache(maxsize=4096)
def _offset(zone: str, hour: int) -> int:
    moment = datetime.fromtimestamp(0, UTC) + timedelta(hours=hour)
    offset = moment.astimezone(ZoneInfo(zone)).utcoffset()
    return 0 if offset is None else round(offset.total_seconds())


@lru_cache(maxsize=4096)
def _offset_of_day(zone: str, day: int) -> int | None:
    """Return the offset that holds for a whole UTC day, or ``None`` if it changes within it."""
    first, last = _offset(zone, 24 * day), _offset(zone, 24 * day + 24)
    return first if first == last else None


def utc_offset(zone: str, second: int) -> int:
    """Return how many seconds local clocks are ahead of UTC at `second` since the Unix epoch.

    Looked up once an hour at most: clocks change on the hour of UTC, or on the half hour in one place (Lord Howe),
    where we are half an hour late twice a year.

    Examples
    --------
    >>> utc_offset("Europe/Paris", 1768513920), utc_offset("Europe/Paris", 1784152320)
    (3600, 7200)
    """
    offset = _offset_of_day(zone, second // DAY)
    return _offset(zone, second // 3600) if offset is None else offset


def local_seconds(zone: str, second: int) -> int:
    """Return the reading of local clocks, as seconds since 1970-01-01T00:00 on those clocks."""
    return second + utc_offset(zone, second)


def is_weekend(local: int) -> bool:
    """Tell whether a reading of local clocks falls on a Saturday or Sunday.

    Examples
    --------
    >>> is_weekend(0), is_weekend(2 * 86_400)
    (False, True)
    """
    # 1 January 1970 was a Thursday, two days before Saturday.
    return (local // DAY + 5) % 7 < 2
