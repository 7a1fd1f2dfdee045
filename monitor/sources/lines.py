"""A stream -> lines, in constant memory whatever the stream holds."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, BinaryIO, Final, cast

__all__ = ["MAX_RECORD_BYTES", "buffered", "lines"]

MAX_RECORD_BYTES: Final = 1 << 20
"""The longest record that is read; a longer one is cut to one byte more, so that its length tells."""


def buffered(stream: BinaryIO) -> io.BufferedReader[Any]:
    """Return the same bytes as a stream that can be looked into before reading."""
    if isinstance(stream, io.BufferedReader):
        return stream  # one around another would lose what it had read when the one inside breaks off
    return io.BufferedReader(cast("Any", stream), 1 << 18)


def lines(stream: BinaryIO, limit: int = MAX_RECORD_BYTES) -> Iterator[bytes]:
    """Cut a stream into lines, each with its line end.

    A line longer than `limit` bytes is given as its first `limit` + 1 and the rest is read past, piece by piece.
    """
    while line := stream.readline(limit + 1):
        if len(line) > limit and not line.endswith(b"\n"):
            _read_past(stream)
        yield line


def _read_past(stream: BinaryIO) -> None:
    while piece := stream.readline(1 << 16):
        if piece.endswith(b"\n"):
            return
