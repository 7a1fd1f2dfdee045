"""Server-sent events, as a capture holds them.

References
----------
.. [1] HTML Living Standard, section 9.2, "Server-sent events"
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from monitor.sources.lines import MAX_RECORD_BYTES, lines

__all__ = ["event", "events", "is_event_stream"]

_START: Final = re.compile(rb"\s*(?::[^\n]{0,40}\r?\n|(?:event|data|id|retry):)")


def is_event_stream(head: bytes) -> bool:
    """Tell whether a recording that begins with these bytes is a stream of events."""
    return _START.match(head) is not None


def events(stream: BinaryIO, limit: int = MAX_RECORD_BYTES) -> Iterator[bytes]:
    """Cut into events: the lines up to a blank one. A comment outside an event is a record of its own."""
    kept = bytearray()
    for line in lines(stream, limit):
        if line.isspace():
            if kept:
                yield bytes(kept)
                kept.clear()
        elif line.startswith(b":") and not kept:
            yield line
        else:
            kept += line[: limit + 1 - len(kept)]
    if kept:
        yield bytes(kept)


def event(record: bytes) -> tuple[str, bytes]:
    """Return the name and the data of an event; both empty for a comment."""
    name = ""
    data = []
    for line in record.splitlines():
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"event":
            name = value.decode(errors="replace")
        elif field == b"data":
            data.append(value)
    return name, b"\n".join(data)
