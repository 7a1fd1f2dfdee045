"""A stream of JSON -> one JSON object a record, whether written as lines, one big array, or over several lines."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from itertools import islice
from typing import Any, BinaryIO, Final

import msgspec

from monitor.sources.lines import MAX_RECORD_BYTES, buffered, lines
from monitor.sources.reasons import FAILURES

__all__ = ["PAGE_BYTES", "first_objects", "json_records"]

PAGE_BYTES: Final = 16 << 20
"""The longest answer of an API kept as one record: a page of 500 posts with everything it refers to is about 2 MiB."""

_decode: Final = msgspec.json.Decoder(dict[str, Any]).decode
_SPREAD: Final = re.compile(rb"\s*\{\s*\n")
_MARK: Final = re.compile(rb'["\\{}\[\]]')
_CHUNK: Final = 1 << 18


def json_records(stream: BinaryIO, limit: int = MAX_RECORD_BYTES) -> Iterator[bytes]:
    """Cut into records: the objects of an array, objects that span lines, or else plain lines."""
    rest = buffered(stream)
    head = rest.peek(64)[:64]
    if head.lstrip().startswith(b"["):
        return _objects(rest, 1, limit)
    if _SPREAD.match(head):
        return _objects(rest, 0, limit)
    return lines(rest, limit)


@lru_cache(maxsize=4)
def first_objects(head: bytes) -> tuple[dict[str, Any], ...]:
    """Return the first objects that can be read whole from the beginning of a recording.

    When the beginning is but a part of one big object, those are the objects in its arrays: the posts of a page.
    """
    records = json_records(io.BytesIO(head), len(head))
    return _readable(records) or _readable(_objects(buffered(io.BytesIO(head)), 2, len(head)))


def _readable(records: Iterator[bytes]) -> tuple[dict[str, Any], ...]:
    found = []
    for record in islice(records, 64):
        with suppress(*FAILURES):
            found.append(_decode(record))
    return tuple(found)


def _objects(stream: io.BufferedReader[Any], level: int, limit: int) -> Iterator[bytes]:
    """Give what is nested one deeper than `level`; what is longer than `limit` as its first `limit` + 1 bytes."""
    nesting = _Nesting()
    kept = bytearray()
    while chunk := stream.read1(_CHUNK):
        start = 0
        for place, depth in nesting.changes(chunk):
            if depth == level + 1 and not kept and nesting.is_opening:
                start = place
            elif depth == level and not nesting.is_opening:
                kept += chunk[start : place + 1][: limit + 1 - len(kept)]
                yield bytes(kept)
                kept.clear()
        if nesting.depth > level:
            kept += chunk[start:][: limit + 1 - len(kept)]
    if kept:
        yield bytes(kept)


class _Nesting:
    """Follows braces and brackets outside strings, over chunks cut anywhere."""

    def __init__(self) -> None:
        self.depth = 0
        self.is_opening = False
        self._in_string = False
        self._is_escaped = False  # the chunk's first byte follows a backslash

    def changes(self, chunk: bytes) -> Iterator[tuple[int, int]]:
        """Give each place where the depth changes, with the depth after it."""
        passed = 0 if self._is_escaped else -1
        self._is_escaped = False
        for mark in _MARK.finditer(chunk):
            place = mark.start()
            if place == passed:
                continue
            byte = chunk[place]
            if byte == 0x5C:
                passed = place + 1
                self._is_escaped = passed == len(chunk)
            elif byte == 0x22:
                self._in_string = not self._in_string
            elif not self._in_string:
                self.is_opening = byte in b"{["
                self.depth = max(0, self.depth + (1 if self.is_opening else -1))
                yield place, self.depth
