"""Recorded posts: a file, or standard input, in any format, plain or compressed, read in batches from any place.

Formats are recognised by content, never by the name of the file. A broken record never stops the reading; a file
that breaks off gives everything before the break and then says so.
"""

from __future__ import annotations

import io
import os
import stat
import sys
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec
from xxhash import xxh3_64_hexdigest

from monitor.errors import InputRefused, RecordingBroken, RecordingUnreadable
from monitor.sources import Decoded, Format
from monitor.sources.compression import BREAKS, CountedStream, unpacked
from monitor.sources.family import format_named, format_types, formats

__all__ = ["Position", "Recording", "fingerprint", "open_recording", "opened"]

_HEAD: Final = 1 << 16
_BATCH_BYTES: Final = 8 << 20  # a batch of long records ends here, so that memory stays bounded


class Position(msgspec.Struct, frozen=True):
    """How far a recording was read: `records` of them. Reading on from there gives exactly the rest."""

    records: int = 0


class Recording:
    """A recording whose format is known. Made by :func:`open_recording`.

    Attributes
    ----------
    name
        The path, or ``-``.
    format
        The format it is in.
    bytes_total
        Size of the file as it lies on disk; ``None`` for a pipe.
    """

    def __init__(
        self, source: BinaryIO, *, name: str, kind: str = "auto", columns: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.bytes_total = _size(source)
        self._counted = CountedStream(source)
        self._stream = self._guarded_stream()
        self.format = self._recognised(kind, columns)

    def __enter__(self) -> Recording:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def bytes_read(self) -> int:
        """Bytes of the file read so far, compressed as it lies on disk: for a progress bar."""
        return self._counted.count

    def batches(self, size: int = 2000, after: Position | None = None) -> Iterator[tuple[Decoded, Position]]:
        """Decode the recording, once, in batches.

        Parameters
        ----------
        size
            Records in a batch; fewer when they are long. Changes nothing in what is decoded.
        after
            Where an earlier reading of the same recording stood; its records are passed over.

        Yields
        ------
        tuple
            What a batch held, and the position after it.

        Raises
        ------
        RecordingBroken
            If the file breaks off, after everything before the break was given.
        RecordingUnreadable
            If it is a table without the columns it needs.
        """
        number = 0 if after is None else after.records
        for records in self.cuts(size, number):
            decoded = self.format.decode(records, number + 1)
            number += len(records)
            yield decoded, Position(number)

    def cuts(self, size: int, passed: int = 0) -> Iterator[list[bytes]]:
        """Give the records, once, in batches as they are, after passing over the first `passed`.

        Raises
        ------
        RecordingBroken
            If the file breaks off, after everything before the break was given.
        RecordingUnreadable
            If it is a table without the columns it needs.
        """
        number = passed
        try:
            records = self.format.records(self._stream)
            for _ in islice(records, passed):
                pass
            breaking = None
            while breaking is None:
                batch, breaking = _take(records, size)
                number += len(batch)
                if batch:
                    yield batch
                elif breaking is None:
                    return
            raise breaking
        except InputRefused as error:
            message = f"{self.name}: {error}"
            raise RecordingUnreadable(message) from error
        except BREAKS as error:
            message = (
                f"{self.name}: the file breaks off after record {number:,} ({error}); "
                "what came before was read, fetch the file again for the rest"
            )
            raise RecordingBroken(message) from error

    def close(self) -> None:
        """Close the file."""
        self._stream.close()
        self._counted.close()

    def _guarded_stream(self) -> io.BufferedReader[Any]:
        try:
            stream = unpacked(self._counted)
            head = stream.peek(4)
        except BREAKS as error:
            message = f"{self.name}: cannot be unpacked ({error}); fetch the file again"
            raise RecordingUnreadable(message) from error
        if head[:2] in {b"\xff\xfe", b"\xfe\xff"} or (len(head) >= 4 and head[:4:2] == b"\0\0" != head[1:4:2]):
            raise RecordingUnreadable(_UTF16.format(self.name))
        if head.startswith(b"\xef\xbb\xbf"):
            stream.read(3)
        elif len(head) >= 4 and head[1:4:2] == b"\0\0":
            raise RecordingUnreadable(_UTF16.format(self.name))
        return stream

    def _recognised(self, kind: str, columns: Mapping[str, str] | None) -> Format:
        if kind != "auto":
            return format_named(kind, columns)
        try:
            head = self._stream.peek(_HEAD)[:_HEAD]
        except BREAKS as error:
            message = f"{self.name}: cannot be unpacked ({error}); fetch the file again"
            raise RecordingUnreadable(message) from error
        if not head.strip():
            return format_named("ndjson", None)  # nothing in it: any format reads no posts
        for candidate in formats(columns):
            if candidate.recognises(head):
                return candidate
        if columns:  # whoever names columns means a table; reading it will say which column is not there
            return format_named("csv", columns)
        message = (
            f"{self.name}: its beginning is in no format known here; say which it is with --format "
            f"({', '.join(format_types())}), or check that it holds posts"
        )
        raise RecordingUnreadable(message)


_UTF16: Final = "{}: is in UTF-16; convert it with: iconv -f UTF-16 -t UTF-8"


def open_recording(
    path: str | Path,
    *,
    format: str = "auto",  # noqa: A002  as on the command line
    columns: Mapping[str, str] | None = None,
    name: str | None = None,
) -> Recording:
    """Open recorded posts.

    Parameters
    ----------
    path
        A file, or ``-`` for standard input.
    format
        Name of a format, or ``auto`` to recognise it by its content.
    columns
        For tables: which column holds which of our fields, such as ``{"text": "body"}``.
    name
        What messages call it, when that is not the path.

    Raises
    ------
    RecordingUnreadable
        If it cannot be opened, unpacked or recognised.
    """
    name = name or str(path)
    source = opened(path, name)
    try:
        return Recording(source, name=name, kind=format, columns=columns)
    except RecordingUnreadable:
        source.close()
        raise


def opened(path: str | Path, name: str) -> BinaryIO:
    """Open a file, or standard input for ``-``; `name` is what a message calls it.

    Raises
    ------
    RecordingUnreadable
        If it cannot be opened.
    """
    if str(path) == "-":
        if sys.stdin is None:
            message = f"{name}: standard input is closed; pipe the posts in, or name a file"
            raise RecordingUnreadable(message)
        return sys.stdin.buffer
    try:
        return Path(path).open("rb")
    except OSError as error:
        message = f"{name}: cannot be opened ({error.strerror}); check the path and its permissions"
        raise RecordingUnreadable(message) from error


def _size(source: BinaryIO) -> int | None:
    status = os.fstat(source.fileno())
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def fingerprint(path: Path) -> str:
    """Return what tells a file from its changed self: size, and a hash of its first and last 64 KiB."""
    size = path.stat().st_size
    with path.open("rb") as file:
        first = file.read(_HEAD)
        file.seek(max(0, size - _HEAD))
        last = file.read(_HEAD)
    return f"{size}-{xxh3_64_hexdigest(first + last)}"


def _take(records: Iterator[bytes], size: int) -> tuple[list[bytes], Exception | None]:
    batch: list[bytes] = []
    weight = 0
    try:
        for record in records:
            batch.append(record)
            weight += len(record)
            if len(batch) >= size or weight >= _BATCH_BYTES:
                break
    except BREAKS as error:
        return batch, error
    return batch, None
