"""Edge in: bytes -> items, for every network, live or recorded.

A family: each file is one format implementing :class:`Format`, discovered by file and checked by
``tests/contracts/test_formats.py``. Decoding is pure and total: a record that cannot be used becomes a
:class:`Malformed` beside its good neighbours, never an exception. An author whom a record does not name has an
empty id, and a deletion that does not say when happened at 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import BinaryIO, ClassVar, Protocol

import msgspec

from monitor.mentions import Item

__all__ = ["Decoded", "Format", "Malformed"]


class Malformed(msgspec.Struct, frozen=True):
    """A record that could not be used.

    Attributes
    ----------
    record
        Its position in the recording, counted from 1 (the line number in line-based formats).
    reason
        One of a closed set of snake-case words, such as ``not_json``, ``no_id``, ``no_time``, ``too_long``.
    detail
        One plain sentence with the value and the remedy; never more than 200 characters of the record.
    """

    record: int
    reason: str
    detail: str


class Decoded(msgspec.Struct):
    """What a run of records held.

    Attributes
    ----------
    items
        In the order of the records.
    malformed
        Records that could not be used.
    read
        Posts and records met: every item, every malformed record, every ignored record.
    ignored
        Well-formed records that are not about posts (likes, follows, handle changes, keep-alives).
    derived_ids
        Mentions whose id was missing and was derived from their content.
    """

    items: list[Item]
    malformed: list[Malformed]
    read: int = 0
    ignored: int = 0
    derived_ids: int = 0

    def add(self, item: Item | None) -> None:
        """Take the item a record held, or count the record as ignored."""
        if item is None:
            self.ignored += 1
        else:
            self.items.append(item)


class Format(Protocol):
    """One wire or file format."""

    name: ClassVar[str]
    """What ``--format`` calls it."""

    def recognises(self, head: bytes) -> bool:
        """Tell whether a recording that begins with these bytes (up to 64 KiB) is in this format."""
        ...

    def records(self, stream: BinaryIO) -> Iterator[bytes]:
        """Cut a decompressed stream into records: lines, events of a stream, or a whole document."""
        ...

    def decode(self, records: Sequence[bytes], first: int = 1) -> Decoded:
        """Decode records, of which the first is number `first`. Total: never raises on any bytes."""
        ...
