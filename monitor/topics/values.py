"""The small notations of a watchlist: accounts, opening hours, alarm budgets, time zones, labels.

Each function reads one value as written, or raises ``ValueError`` with what is wrong, which value, and the remedy.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable
from datetime import datetime, time
from typing import Final, NoReturn
from zoneinfo import ZoneInfo, available_timezones

from monitor.topics import Account, OpeningHours
from monitor.topics.folding import fold

__all__ = [
    "did_you_mean",
    "read_account",
    "read_identifier",
    "read_kind",
    "read_label_name",
    "read_language",
    "read_moment",
    "read_opening_hours",
    "read_rate",
    "read_time_zone",
    "read_times",
    "read_words",
]

_DAYS: Final = {
    "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6, "sun": 7,
    "lun": 1, "mar": 2, "mer": 3, "jeu": 4, "ven": 5, "sam": 6, "dim": 7,
}  # fmt: skip
_DAYS_OF: Final = {"day": 1.0, "week": 7.0, "month": 30.0}
_CLOCK: Final = re.compile(r"(\d{1,2})(?:[:h](\d{2})?)?")
_SET_BY_ALERTS: Final = frozenset({"alertname", "topic", "severity", "page", "source", "job", "instance"})
_MIDNIGHT: Final = time(0, 0)
_END_OF_DAY: Final = time(23, 59, 59, 999999)
"""Stands for 24:00, which Python's times cannot say."""


def _refuse(text: str) -> NoReturn:
    raise ValueError(text)


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """Return a remedy: the nearest known word, or all of them."""
    words = list(known)
    near = difflib.get_close_matches(given.casefold(), words, 1)
    return f"did you mean {near[0]}?" if near else f"choose one of {', '.join(words)}"


def read_identifier(text: str) -> str:
    """Read a topic's id: 1 to 40 of ``a-z 0-9 _ -``."""
    if re.fullmatch(r"[a-z0-9_-]{1,40}", text):
        return text
    suggested = re.sub(r"[^a-z0-9_-]+", "-", fold(text)).strip("-")[:40] or "my-topic"
    _refuse(f'id "{text}" may only hold up to 40 of a-z, 0-9, _ and -; write {suggested}')


def read_words(text: str) -> str:
    """Read a name or an owner: 1 to 100 characters on one line."""
    words = text.strip()
    if not words or len(words) > 100 or not words.isprintable():
        _refuse(f'"{words[:40]}" must have 1 to 100 printable characters on one line; shorten or clean it')
    return words


def read_account(text: str) -> Account:
    """Read ``@acme`` (every network) or ``bluesky:@acme.fr`` (one of them); an id may stand for the handle.

    Examples
    --------
    >>> read_account("bluesky:@acme.fr"), read_account("did:plc:abc").network
    (Account(handle='acme.fr', network='bluesky'), None)
    """
    found = re.fullmatch(r"(?:(?!did:|https?:)([a-z][a-z0-9_]*):)?(@?)([^\s@][^\s]*)", text)
    if found is None:
        _refuse(f'account "{text}" cannot be read; write "@handle" or "network:@handle", as in "bluesky:@acme.fr"')
    return Account(found[3], found[1])


def read_language(text: str) -> str:
    """Read a language: two or three letters (ISO 639)."""
    if not re.fullmatch(r"[A-Za-z]{2,3}", text):
        _refuse(f'language "{text}" must be two or three letters, as in fr or en')
    return text.lower()


def read_rate(text: str) -> float:
    """Read ``2/month`` (or ``/day``, ``/week``) as a number a day; a month has thirty days.

    Examples
    --------
    >>> read_rate("3/month"), read_rate("0.5/day")
    (0.1, 0.5)
    """
    found = re.fullmatch(r"\s*([0-9.]+)\s*/\s*([a-z]+)\s*", text)
    try:
        number = float(found[1]) if found else math.nan
    except ValueError:
        number = math.nan
    if found is None or not 0 < number < math.inf or found[2] not in _DAYS_OF:
        _refuse(f'"{text}" is not a rate; write a positive number and /day, /week or /month, as in 2/month')
    return number / _DAYS_OF[found[2]]


def read_moment(text: str) -> datetime:
    """Read ``2026-03-02 09:00``, a moment on the topic's own clocks; a date alone is its midnight.

    Examples
    --------
    >>> read_moment("2026-03-02 09:00")
    datetime.datetime(2026, 3, 2, 9, 0)
    """
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None:
        _refuse(f'"{text}" is not a moment; write it as 2026-03-02 09:00, on the clocks of the topic\'s time_zone')
    return found


def read_times(text: str) -> float:
    """Read how many times the usual is expected: a number from 0.1 to 1000.

    Examples
    --------
    >>> read_times("2.5")
    2.5
    """
    try:
        times = float(text)
    except ValueError:
        times = math.nan
    if not 0.1 <= times <= 1000:
        _refuse(f'times "{text}" must be a number from 0.1 to 1000: how many times the usual mentions are expected')
    return times


def read_kind(text: str) -> str:
    """Read the kind of an event: one word."""
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,19}", text):
        _refuse(f'kind "{text}" must be one word of small letters, as in launch, match or sale')
    return text


def read_time_zone(text: str) -> str:
    """Read an IANA time zone such as ``Europe/Paris``."""
    try:
        ZoneInfo(text)
    except (ValueError, OSError, KeyError):  # what a path, a folder and an unknown name raise
        names = {name.casefold(): name for name in available_timezones()}
        near = difflib.get_close_matches(text.casefold(), names, 1)
        remedy = f"did you mean {names[near[0]]}?" if near else "write an IANA name such as Europe/Paris"
        _refuse(f'time zone "{text}" is unknown; {remedy}')
    return text


def read_label_name(text: str) -> str:
    """Read the name of a label as Prometheus allows it, without those that alerts set themselves."""
    if not re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*", text) or text.startswith("__"):
        _refuse(f'label "{text}" may only hold letters, digits and _, and begin with a letter; rename it')
    if text in _SET_BY_ALERTS:
        _refuse(f'label "{text}" is set by every alert itself; rename it')
    return text


def read_opening_hours(days: str, hours: str) -> tuple[OpeningHours, ...]:
    """Read ``mon-fri`` with ``08:00-20:00``; what goes past midnight is cut there, into the next day.

    Examples
    --------
    >>> read_opening_hours("sat", "22h-2h")
    (OpeningHours(weekdays=(6,), opens=datetime.time(22, 0), closes=datetime.time(23, 59, 59, 999999)),
     OpeningHours(weekdays=(7,), opens=datetime.time(0, 0), closes=datetime.time(2, 0)))
    """
    weekdays = _weekdays(days)
    ends = re.split(r"\s*[-–—]\s*", hours.strip())
    if len(ends) != 2:
        _refuse(f'hours "{hours}" must be two times, as in 08:00-20:00')
    opens, closes = (_time(end, hours) for end in ends)
    if opens in (closes, _END_OF_DAY):
        _refuse(f'hours "{hours}" begin and end at the same time; for the whole day write 00:00-24:00')
    if opens < closes:
        return (OpeningHours(weekdays, opens, closes),)
    evening = OpeningHours(weekdays, opens, _END_OF_DAY)
    if closes == _MIDNIGHT:
        return (evening,)
    return evening, OpeningHours(tuple(sorted(day % 7 + 1 for day in weekdays)), _MIDNIGHT, closes)


def _weekdays(text: str) -> tuple[int, ...]:
    days: set[int] = set()
    for part in text.split(","):
        ends = [_day(word, text) for word in re.split(r"\s*[-–—]\s*", part.strip())]
        if len(ends) > 2:
            _refuse(f'days "{text}" cannot be read; write mon-fri, or mon,wed,fri')
        day = ends[0]
        days.add(day)
        while day != ends[-1]:
            day = day % 7 + 1
            days.add(day)
    return tuple(sorted(days))


def _day(word: str, text: str) -> int:
    day = _DAYS.get(word.casefold()) or _DAYS.get(fold(word)[:3] if len(word) > 3 else "")
    if day is None:
        _refuse(f'day "{word}" in "{text}" is unknown; use mon tue wed thu fri sat sun, or lun mar mer jeu ven sam dim')
    return day


def _time(text: str, hours: str) -> time:
    found = _CLOCK.fullmatch(text)
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (99, 0)
    if (hour, minute) == (24, 0):
        return _END_OF_DAY
    if hour > 23 or minute > 59:
        _refuse(f'"{text}" in hours "{hours}" is not a time; write it as 08:00 or 8h')
    return time(hour, minute)
