"""YAML text -> a tree in which every value knows its line.

A reduced YAML, read from the parser's events: mappings, lists and scalars, where every scalar is the text that was
written. So ``08:00-20:00`` and ``no`` (Norwegian) stay what they are, an error can point at its line, and neither
aliases nor tags nor deep nesting can make a small file large.

One thing is added for people: the value of ``query:`` on one line may be written without YAML's quotes, although
``#tag`` would begin a comment there, and ``"a" OR b`` or ``@acme`` would be errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec
import yaml

__all__ = ["Entry", "Listing", "Located", "Problem", "Scalar", "Table", "read_tree"]

_DEEPEST: Final = 8
_QUERY: Final = re.compile(r"(?P<key>[ ]*(?:-[ ]+)*query:)(?:[ ]+(?P<value>[^\s|>\[{].*))?[ ]*")
_COMMENT: Final = re.compile(r"(?:^|\s)#(?=\s|$).*")
_YAML_QUOTED: Final = re.compile(r"""'(?:[^']|'')*'|"(?=[^"]*\\)(?:[^"\\]|\\.)*\"""")
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser where the platform's wheel has it
_EXPLAINED: Final = {
    "mapping values are not allowed": "a colon and a space stand inside a value; put the value between quotes",
    "cannot start any token": "a value cannot begin with this character in YAML; put the value between quotes",
    "found unexpected end of stream": "a quote opened here is never closed; add the closing quote",
}


class Scalar(msgspec.Struct, frozen=True):
    """A text as written, without its quotes; `is_empty` for nothing, ``~`` or ``null``."""

    text: str
    line: int
    is_empty: bool = False


class Listing(msgspec.Struct, frozen=True):
    """A list."""

    items: tuple[Located, ...]
    line: int


class Entry(msgspec.Struct, frozen=True):
    """One ``key: value``."""

    key: Scalar
    value: Located


class Table(msgspec.Struct, frozen=True):
    """A mapping, in the order written, keys possibly repeated."""

    entries: tuple[Entry, ...]
    line: int


Located = Scalar | Listing | Table


class Problem(msgspec.Struct, frozen=True):
    """Something wrong in a file of topics.

    Attributes
    ----------
    file
        As the user named it.
    line
        From 1; 0 for the file as a whole.
    text
        What, which value, and the remedy.
    picture
        Where a query is wrong: the query, and a caret below the place.
    """

    file: str
    line: int
    text: str
    picture: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}" if self.line else f"{self.file}: {self.text}"


class _Refused(Exception):
    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line
        self.text = text


def read_tree(text: str, file: str) -> Located | Problem:
    """Read YAML; `file` is for the problem. An empty file is an empty scalar."""
    text = text.replace("\r\n", "\n")
    for number, line in enumerate(text.split("\n"), 1):
        if "\t" in line[: len(line) - len(line.lstrip())]:
            return Problem(file, number, "a tab is used for indentation, which YAML forbids; replace it by spaces")
    forbidden = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if forbidden:
        number = text.count("\n", 0, forbidden.start()) + 1
        code = ord(forbidden[0])
        return Problem(file, number, f"the character U+{code:04X} is not allowed in YAML; remove it")
    try:
        return _Builder(yaml.parse(_with_quoted_queries(text), Loader=_LOADER)).document()
    except _Refused as refused:
        return Problem(file, refused.line, refused.text)
    except yaml.MarkedYAMLError as error:
        return Problem(file, *_explained(error))


def _explained(error: yaml.MarkedYAMLError) -> tuple[int, str]:
    said = error.problem or str(error)
    is_cut_short = "end of stream" in said or "found '<stream end>'" in said
    mark = (error.context_mark if is_cut_short else None) or error.problem_mark or error.context_mark
    unexplained = f"this cannot be read as YAML ({said}); check the indentation, the brackets and the quotes"
    text = next((text for sign, text in _EXPLAINED.items() if sign in said), unexplained)
    return (mark.line + 1 if mark else 0), text


def _with_quoted_queries(text: str) -> str:
    """Put the value of every ``query:`` between YAML's quotes, unless it is; keep the number of lines."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        start = _QUERY.fullmatch(line)
        if start is None:
            continue
        column = len(start["key"]) - len("query:")
        end = number + 1
        while end < len(lines) and lines[end].strip() and len(lines[end]) - len(lines[end].lstrip()) > column:
            end += 1
        parts = [_COMMENT.sub("", part).strip() for part in (start["value"] or "", *lines[number + 1 : end])]
        value = " ".join(part for part in parts if part)
        if value and not _YAML_QUOTED.fullmatch(value):
            quoted = value.replace("'", "''")
            lines[number:end] = [f"{start['key']} '{quoted}'", *[""] * (end - number - 1)]
    return "\n".join(lines)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


class _Builder:
    """Events -> tree."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = events

    def document(self) -> Located:
        next(self._events)  # the stream's start
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return Scalar("", 1, is_empty=True)
        tree = self._value(next(self._events), 0)
        next(self._events)  # the document's end
        more = next(self._events)
        if not isinstance(more, yaml.StreamEndEvent):
            raise _Refused(_line(more), "--- begins a second document; put it into a file of its own")
        return tree

    def _value(self, event: yaml.Event, depth: int) -> Located:
        line = _line(event)
        if isinstance(event, yaml.AliasEvent):
            raise _Refused(line, f"the alias *{event.anchor} is not accepted; write the value out")
        if depth > _DEEPEST:
            raise _Refused(line, f"values are nested deeper than {_DEEPEST}; a topic needs four levels at most")
        if isinstance(event, yaml.ScalarEvent):
            is_empty = event.style not in {*"'\"|>"} and event.value in {"", "~", "null"}
            return Scalar(event.value, line, is_empty)
        if isinstance(event, yaml.SequenceStartEvent):
            items = [self._value(item, depth + 1) for item in self._until(yaml.SequenceEndEvent)]
            return Listing(tuple(items), line)
        entries = []
        for event_of_key in self._until(yaml.MappingEndEvent):
            key = self._value(event_of_key, depth + 1)
            if not isinstance(key, Scalar):
                raise _Refused(key.line, "a key must be one word followed by a colon, not a list or a mapping")
            entries.append(Entry(key, self._value(next(self._events), depth + 1)))
        return Table(tuple(entries), line)

    def _until(self, end: type[yaml.Event]) -> Iterator[yaml.Event]:
        while not isinstance(event := next(self._events), end):
            yield event
