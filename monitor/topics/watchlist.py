"""YAML watchlists -> topics, or every problem of every file, each with its line and its remedy.

What a file may hold is published as a JSON schema, ``watchlist.schema.json`` beside this module and in
``rules/topics/``; editors complete and check with it. The reader takes the names of the keys from the same file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from importlib import resources
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import msgspec

from monitor.errors import WatchlistInvalid
from monitor.topics import OpeningHours, PlannedEvent, Policy, Topic
from monitor.topics.located import Listing, Located, Problem, Scalar, Table, read_tree
from monitor.topics.parser import QueryInvalid, parse_query
from monitor.topics.values import (
    did_you_mean,
    read_account,
    read_identifier,
    read_kind,
    read_label_name,
    read_language,
    read_moment,
    read_opening_hours,
    read_rate,
    read_time_zone,
    read_times,
    read_words,
)

__all__ = ["Watchlist", "inspect_watchlists", "read_watchlists", "schema"]

_T = TypeVar("_T")
_SCHEMA: Final = "watchlist.schema.json"
_LARGEST_FILE: Final = 64 * 1024 * 1024
_BUDGETS: Final = {
    "watch": ("watches_per_day", "watches_at_night", 1.0),
    "warning": ("warnings_per_month", "warnings_at_night", 30.0),
    "critical": ("pages_per_month", "pages_at_night", 30.0),
}
"""Key of ``alarm_budget`` -> (attributes of the policy, in all and at night, and days in its unit)."""


@cache
def schema() -> dict[str, Any]:
    """Return the published JSON schema of a file of topics."""
    return cast("dict[str, Any]", msgspec.json.decode(resources.files(__package__).joinpath(_SCHEMA).read_bytes()))


@dataclass(slots=True)
class Watchlist:
    """What files of topics hold.

    Attributes
    ----------
    topics
        In the order of the files, then of the lines; only those without a problem.
    places
        Topic id -> ``file:line``.
    problems
        Everything that is wrong, in the same order.
    """

    topics: list[Topic] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_watchlists(paths: Iterable[Path]) -> list[Topic]:
    """Read files, or folders of ``.yaml`` and ``.yml`` files.

    Raises
    ------
    WatchlistInvalid
        If anything is wrong: one line for each problem of each file.
    """
    watchlist = inspect_watchlists(paths)
    if watchlist.problems:
        raise WatchlistInvalid("\n".join(map(str, watchlist.problems)))
    return watchlist.topics


def inspect_watchlists(paths: Iterable[Path]) -> Watchlist:
    """Read files, or folders of ``.yaml`` and ``.yml`` files, and report problems instead of raising."""
    watchlist = Watchlist()
    read: set[Path] = set()
    for path in paths:
        for file in _files(path, watchlist.problems):
            if file.resolve() in read:  # named twice, or once by itself and once by its folder
                continue
            read.add(file.resolve())
            text = _text(file, watchlist.problems)
            if text is not None:
                _FileReader(str(file), watchlist).read(text)
    return watchlist


def _files(path: Path, problems: list[Problem]) -> list[Path]:
    if not path.is_dir():
        return [path]
    try:
        files = sorted(file for file in path.iterdir() if file.suffix in {".yaml", ".yml"})
    except OSError as error:
        problems.append(Problem(str(path), 0, f"the folder cannot be read ({error.strerror}); check its permissions"))
        return []
    if not files:
        problems.append(Problem(str(path), 0, "the folder holds no .yaml file; add one, or name another folder"))
    return files


def _text(file: Path, problems: list[Problem]) -> str | None:
    try:
        if file.exists() and not file.is_file():
            problems.append(Problem(str(file), 0, "this is not a regular file; name a YAML file or a folder of them"))
            return None
        if (size := file.stat().st_size) > _LARGEST_FILE:
            remedy = f"split it into files of at most {_LARGEST_FILE >> 20} MB"
            problems.append(Problem(str(file), 0, f"the file has {size >> 20} MB; {remedy}"))
            return None
        content = file.read_bytes()
    except OSError as error:
        remedy = "check the path and its permissions"
        problems.append(Problem(str(file), 0, f"the file cannot be read ({error.strerror}); {remedy}"))
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        text = f"the byte 0x{content[error.start]:02x} is not UTF-8; save the file as UTF-8"
        problems.append(Problem(str(file), line, text))
        return None


class _FileReader:
    """Reads one file into a watchlist."""

    def __init__(self, file: str, watchlist: Watchlist) -> None:
        self._file = file
        self._watchlist = watchlist
        self._fields: dict[str, Callable[[Located], object]] = {
            "id": lambda value: self._scalar(value, "id", read_identifier),
            "name": lambda value: self._scalar(value, "name", read_words),
            "query": self._query,
            "side": lambda value: self._choice(value, "side"),
            "accounts": lambda value: self._list(value, "accounts", read_account),
            "support": lambda value: self._list(value, "support", read_account),
            "hours": self._hours,
            "time_zone": lambda value: self._scalar(value, "time_zone", read_time_zone),
            "languages": lambda value: self._list(value, "languages", read_language),
            "events": self._events,
            "alarm_budget": self._budget,
            "page": lambda value: self._choice(value, "page"),
            "owner": lambda value: self._scalar(value, "owner", read_words),
            "labels": self._labels,
        }

    def read(self, text: str) -> None:
        """Add the topics and the problems of a file."""
        tree = read_tree(text, self._file)
        remedy = "write topics: and below it a list whose items begin with - id:"
        if isinstance(tree, Problem):
            self._watchlist.problems.append(tree)
        elif isinstance(tree, Scalar) and tree.is_empty:
            self._refuse(1, f"the file holds nothing; {remedy}")
        elif not isinstance(tree, Table):
            self._refuse(tree.line, f"a watchlist does not begin like this; {remedy}")
        else:
            topics = self._entries(tree, ["topics"], "a watchlist").get("topics")
            if topics is None:
                if not tree.entries:
                    self._refuse(tree.line, f"there are no topics; {remedy}")
            elif not isinstance(topics, Listing) or not topics.items:
                self._refuse(topics.line, f"the list of topics is empty; {remedy}")
            else:
                for item in topics.items:
                    self._topic(item)

    def _refuse(self, line: int, text: str, picture: str = "") -> None:
        self._watchlist.problems.append(Problem(self._file, line, text, picture))

    def _topic(self, item: Located) -> None:
        if not isinstance(item, Table):
            self._refuse(item.line, "a topic is a mapping; begin it with - id:")
            return
        problems = len(self._watchlist.problems)
        entries = self._entries(item, self._fields, "a topic")
        values = {key: self._fields[key](value) for key, value in entries.items()}
        given = {entry.key.text for entry in item.entries}
        for key in schema()["$defs"]["topic"]["required"]:
            if key not in given:
                self._refuse(item.line, f"the topic has no {key}; add {key}: below its first line")
        identifier = values.get("id")
        if isinstance(identifier, str):
            place = f"{self._file}:{item.line}"
            first = self._watchlist.places.setdefault(identifier, place)
            if first != place:
                self._refuse(entries["id"].line, f'the id "{identifier}" is already used at {first}; choose another')
        if len(self._watchlist.problems) == problems:
            self._watchlist.topics.append(_topic(values))

    def _entries(self, table: Table, known: Iterable[str], what: str) -> dict[str, Located]:
        """Return the values of known keys; report unknown, repeated and empty ones."""
        names = list(known)
        entries: dict[str, Located] = {}
        for entry in table.entries:
            key, value = entry.key.text, entry.value
            if key not in names:
                self._refuse(entry.key.line, f'unknown key "{key}" in {what}; {did_you_mean(key, names)}')
            elif key in entries:
                first = entries[key].line
                self._refuse(entry.key.line, f'the key "{key}" is already given on line {first}; keep one')
            elif isinstance(value, Scalar) and value.is_empty:
                self._refuse(entry.key.line, f"{key} is empty; give it a value or remove the line")
            else:
                entries[key] = value
        return entries

    def _scalar(self, value: Located, key: str, read: Callable[[str], _T]) -> _T | None:
        """Read one text, or report it and return None."""
        if not isinstance(value, Scalar):
            self._refuse(value.line, f"{key} must be one plain value, not a list or a mapping; write it out")
            return None
        try:
            return read(value.text)
        except ValueError as error:
            self._refuse(value.line, str(error))
            return None

    def _choice(self, value: Located, key: str) -> str | None:
        choices = schema()["$defs"]["topic"]["properties"][key]["enum"]

        def read(text: str) -> str:
            if text not in choices:
                message = f'{key} "{text}" is unknown; {did_you_mean(text, choices)}'
                raise ValueError(message)
            return text

        return self._scalar(value, key, read)

    def _list(self, value: Located, key: str, read: Callable[[str], _T]) -> tuple[_T, ...]:
        """Read a list; a single value stands for a list of one."""
        items = value.items if isinstance(value, Listing) else (value,)
        found = [self._scalar(item, f"an item of {key}", read) for item in items]
        return tuple(item for item in found if item is not None)

    def _query(self, value: Located) -> str | None:
        text = self._scalar(value, "query", str.strip)
        if text is None:
            return None
        try:
            parse_query(text)
        except QueryInvalid as error:
            self._refuse(value.line, f"query, column {error.column}: {error.problem}", error.picture)
            return None
        return text

    def _pairs(self, value: Located, key: str, example: str) -> list[tuple[Scalar, Located]]:
        if not isinstance(value, Table):
            self._refuse(value.line, f"{key} must be a mapping, as in {key}: {{{example}}}")
            return []
        return [(entry.key, entry.value) for entry in value.entries]

    def _hours(self, value: Located) -> tuple[OpeningHours, ...]:
        hours: list[OpeningHours] = []
        for days, times in self._pairs(value, "hours", "mon-fri: 08:00-20:00, sat: 09:00-18:00"):
            for read in self._list(times, f"hours of {days.text}", partial(read_opening_hours, days.text)):
                hours += read
        return tuple(hours)

    def _budget(self, value: Located) -> dict[str, float]:
        if not isinstance(value, Table):
            self._pairs(value, "alarm_budget", "watch: 1/day, critical: 2/month")
            return {}
        budget: dict[str, float] = {}
        for key, given in self._entries(value, _BUDGETS, "alarm_budget").items():
            attribute, at_night, days = _BUDGETS[key]
            if isinstance(given, Table):
                problems = len(self._watchlist.problems)
                parts = self._entries(given, ("day", "night"), f"{key} of alarm_budget")
                rates = {part: self._scalar(rate, f"{key} by {part}", read_rate) for part, rate in parts.items()}
                by_day, by_night = rates.get("day"), rates.get("night")
                if len(self._watchlist.problems) > problems:
                    continue
                if len(parts) < 2:
                    self._refuse(given.line, f"{key} must say both, as in {key}: {{day: 2/month, night: 1/month}}")
                if by_day is not None and by_night is not None:
                    budget[attribute], budget[at_night] = (by_day + by_night) * days, by_night * days
                continue
            rate = self._scalar(given, key, read_rate)
            if rate is not None:
                budget[attribute] = rate * days
        return budget

    def _events(self, value: Located) -> tuple[PlannedEvent, ...]:
        items = value.items if isinstance(value, Listing) else (value,)
        return tuple([event for item in items if (event := self._event(item)) is not None])

    def _event(self, item: Located) -> PlannedEvent | None:
        """Read one planned event, or report what is wrong and return None."""
        if not isinstance(item, Table):
            self._refuse(item.line, "an event is a mapping; begin it with - name:")
            return None
        readers: dict[str, Callable[[Located], object]] = {
            "name": lambda value: self._scalar(value, "name", read_words),
            "kind": lambda value: self._scalar(value, "kind", read_kind),
            "start": lambda value: self._scalar(value, "start", read_moment),
            "end": lambda value: self._scalar(value, "end", read_moment),
            "weekly": self._hours,
            "times": lambda value: self._scalar(value, "times", read_times),
        }
        problems = len(self._watchlist.problems)
        found = {key: readers[key](value) for key, value in self._entries(item, readers, "an event").items()}
        start, end = found.get("start"), found.get("end")
        if len(self._watchlist.problems) > problems:
            return None
        if "name" not in found:
            self._refuse(item.line, "the event has no name; add name: below its first line")
        elif ("start" in found) != ("end" in found) or ("start" in found) == ("weekly" in found):
            remedy = "give it start: and end:, or weekly: with days and times, as in weekly: {fri: 18:00-20:00}"
            self._refuse(item.line, f"when the event is cannot be told; {remedy}")
        elif isinstance(start, datetime) and isinstance(end, datetime) and end <= start:
            self._refuse(item.line, f"the event ends ({end}) before it begins ({start}); exchange start and end")
        else:
            return PlannedEvent(**cast("dict[str, Any]", found))
        return None

    def _labels(self, value: Located) -> dict[str, str]:
        labels: dict[str, str] = {}
        for key, given in self._pairs(value, "labels", "team: comms"):
            name = self._scalar(key, "a label's name", read_label_name)
            words = self._scalar(given, f"label {key.text}", read_words)
            if name in labels:
                self._refuse(key.line, f'the label "{name}" is given twice; keep one')
            elif name is not None and words is not None:
                labels[name] = words
        return labels


def _topic(values: dict[str, Any]) -> Topic:
    policy = dict(values.get("alarm_budget", {}))
    if "page" in values:
        policy["page_from"] = values["page"]
    renamed = {"support": "support_accounts", "hours": "opening_hours"}
    plain = {renamed.get(key, key): value for key, value in values.items() if key not in {"alarm_budget", "page"}}
    return Topic(**{"name": values["id"], **plain}, policy=Policy(**policy))
