"""Text -> instant: the ways in which posts, feeds and tables write a time.

All return microseconds since the Unix epoch and raise :class:`ValueError` on what is not a possible time. A date in
1970 or 2099 is possible; whether it is believable is for the pipeline to say.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Final

__all__ = ["any_us", "day_us", "rfc822_us", "rfc3339_us", "snowflake_us", "twitter_us", "unix_us"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY: Final = (datetime.min.replace(tzinfo=UTC) - _EPOCH).days
_LAST_DAY: Final = (datetime.max.replace(tzinfo=UTC) - _EPOCH).days
_parse: Final = datetime.fromisoformat
_MONTHS: Final = {
    name: f"-{number:02}-"
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), start=1
    )
}
_FIRST_SNOWFLAKE: Final = 29_700_859_247
_SNOWFLAKE_EPOCH_MS: Final = 1_288_834_974_657
_LAST_US: Final = 253_402_300_799_999_999  # 9999-12-31T23:59:59.999999Z, where datetime ends
_DAYS: Final = ("%d/%m/%Y", "%Y/%m/%d")
_SLASHED: Final = tuple(day + hour for day in _DAYS for hour in (" %H:%M:%S", " %H:%M", ""))


def rfc3339_us(text: str) -> int:
    """Read RFC 3339 (or any ISO 8601 instant with an offset).

    Examples
    --------
    >>> rfc3339_us("2026-01-15T21:52:00Z"), rfc3339_us("2026-01-15T22:52:00.5+01:00")
    (1768513920000000, 1768513920500000)
    """
    try:
        since = _parse(text) - _EPOCH
    except (ValueError, TypeError) as error:  # TypeError: without an offset nothing can be subtracted
        message = f"the time {text[:40]!r} is not RFC 3339, such as 2026-01-15T21:52:00Z"
        raise ValueError(message) from error
    if not _FIRST_DAY <= since.days <= _LAST_DAY:  # an offset led out of the years 1 to 9999
        message = f"the time {text[:40]!r} is beyond the years 1 to 9999 in UTC"
        raise ValueError(message)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


@lru_cache(maxsize=8192)
def day_us(day: str) -> int:
    """Read an ISO 8601 date as the start of that day in UTC; the age of an account needs no more.

    Examples
    --------
    >>> day_us("2026-01-15") == rfc3339_us("2026-01-15T00:00:00Z")
    True
    """
    return rfc3339_us(f"{day}T00:00:00Z")


def twitter_us(text: str) -> int:
    """Read the time of a v1.1 tweet.

    Examples
    --------
    >>> twitter_us("Wed Oct 10 20:19:24 +0000 2018")
    1539202764000000
    """
    try:
        since = _parse(text[26:] + _MONTHS[text[4:7]] + text[8:10] + "T" + text[11:19] + text[20:25]) - _EPOCH
    except (ValueError, TypeError, KeyError) as error:
        message = f"the time {text[:40]!r} is not like Wed Oct 10 20:19:24 +0000 2018"
        raise ValueError(message) from error
    return (since.days * 86_400 + since.seconds) * 1_000_000


def rfc822_us(text: str) -> int:
    """Read the date of a mail or an RSS item; without a zone it is taken as UTC.

    Examples
    --------
    >>> rfc822_us("Wed, 10 Oct 2018 20:19:24 GMT"), rfc822_us("10 Oct 18 22:19 +0200")
    (1539202764000000, 1539202740000000)
    """
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, IndexError, OverflowError) as error:  # what the mail parser raises on odd input
        raise ValueError(str(error)) from error
    return rfc3339_us((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat())


def unix_us(number: float) -> int:
    """Read a Unix time in seconds, milliseconds or microseconds, told apart by size.

    Seconds until the year 5138, milliseconds after 1973 and microseconds after 1973 never overlap.

    Examples
    --------
    >>> unix_us(1424159328), unix_us(1424159328000), unix_us(1424159328000000), unix_us(1424159328.25)
    (1424159328000000, 1424159328000000, 1424159328000000, 1424159328250000)
    """
    size = abs(number)
    factor = 1_000_000 if size < 1e11 else 1_000 if size < 1e14 else 1
    instant = round(number * factor)  # raises ValueError on NaN and OverflowError on infinity
    if not 0 <= instant <= _LAST_US:
        message = f"{number!r} is not a Unix time"
        raise ValueError(message)
    return instant


def snowflake_us(identifier: str) -> int:
    """Read when an X post was made from its own id, to the millisecond.

    Notes
    -----
    X ids made since November 2010 hold, above their lowest 22 bits, milliseconds since 1288834974657 (Twitter's
    2010 ``snowflake`` repository, ``IdWorker.scala``, ``twepoch``).

    Examples
    --------
    >>> snowflake_us("1382486521165582340")
    1618445446660000
    """
    number = int(identifier)
    if not _FIRST_SNOWFLAKE <= number < 1 << 63:
        message = f"the id {identifier[:40]!r} holds no time"
        raise ValueError(message)
    return ((number >> 22) + _SNOWFLAKE_EPOCH_MS) * 1000


def any_us(text: str) -> int:
    """Read a time however a table or feed writes it; without a zone it is UTC, and 3/4/2026 is the third of April.

    Examples
    --------
    >>> any_us("2015-03-01 00:09:00") == any_us("2015-03-01T01:09+01:00") == any_us("1425168540")
    True
    >>> any_us("Sun, 01 Mar 2015 00:09:00 GMT") == any_us("Sun Mar 01 00:09:00 +0000 2015")
    True
    >>> any_us("01/03/2015 00:09") == any_us("2015-03-01 00:09")
    True
    """
    text = text.strip()
    if text.replace(".", "", 1).isdecimal() and len(text) != 8:  # eight digits are a date, 20150301
        try:
            return unix_us(float(text) if "." in text else int(text))
        except OverflowError as error:
            raise ValueError(str(error)) from error
    for read in (_iso_us, twitter_us, rfc822_us, _slashed_us):
        try:
            return read(text)
        except ValueError:
            continue
    message = f"the time {text[:40]!r} is not like 2026-01-15 21:52:00 (UTC), RFC 3339 or a Unix time"
    raise ValueError(message)


def _iso_us(text: str) -> int:
    moment = _parse(text.removesuffix(" UTC").removesuffix(" GMT"))
    return rfc3339_us((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat())


def _slashed_us(text: str) -> int:
    for pattern in _SLASHED:
        try:
            moment = datetime.strptime(text, pattern).replace(tzinfo=UTC)
        except ValueError:
            continue
        return rfc3339_us(moment.isoformat())
    message = f"{text[:40]!r} is not a date"
    raise ValueError(message)
