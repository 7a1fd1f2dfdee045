"""Several recordings -> one run of posts in the order they were published.

Recordings are often written newest first (search results, exports) or lie in several files. Those that follow the
clock are read straight through, one after another. All others are decoded once into a temporary file, and read back
in order of event time: memory holds sixteen bytes a post, however many there are.
"""

from __future__ import annotations

import stat
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import IO, BinaryIO, Final, Self

import msgspec
from xxhash import xxh3_64_hexdigest

from monitor.errors import RecordingBroken, RecordingUnreadable
from monitor.sources import Decoded
from monitor.sources.recordings import Position, Recording, fingerprint, open_recording, opened
from monitor.sources.spool import Spool, discard, instant_of, room, temporary_file

__all__ = ["OrderedRecordings", "Progress", "time_ordered"]

Progress = Callable[[str, int, int], None]
"""Called with what is being done (``checking``, ``sorting``), bytes done and bytes in all."""

_Reopen = Callable[["_File"], Recording]
_BATCH: Final = 4000
_ALL_CHECKED: Final = 50_000
_STRIDE: Final = 16


class _Cursor(msgspec.Struct, frozen=True, array_like=True):
    """Where a reading stands: in file `file` after `count` records or, when sorted, after `count` entries of all."""

    file: int = 0
    count: int = 0


class _File(msgspec.Struct, frozen=True):
    """A file and what a look at its times found."""

    name: str
    path: Path
    format: str
    size: int
    is_ordered: bool
    earliest_us: int
    latest_us: int


_encode: Final = msgspec.msgpack.Encoder().encode
_decode_cursor: Final = msgspec.msgpack.Decoder(_Cursor).decode


class OrderedRecordings:
    """Recordings in order of event time. Made by :func:`time_ordered`; a context that closes its files.

    Attributes
    ----------
    name
        What to store the cursor under. It follows from the content of the files and the way they are read, so that
        a cursor can never be used on a file that changed.
    is_sorted
        Whether the posts had to be sorted; else they come as they lie in the files.
    bytes_total
        Size of the files on disk.
    """

    def __init__(self, files: Sequence[_File], spool: Spool | None, reopen: _Reopen, closing: ExitStack) -> None:
        self._files = files
        self._spool = spool
        self._reopen = reopen
        self._closing = closing
        self._passed = 0
        self._recording: Recording | None = None
        self.is_sorted = spool is not None
        self.bytes_total = sum(file.size for file in files)
        contents = [f"{file.format}:{fingerprint(file.path)}" for file in files]
        self.name = "recording-" + xxh3_64_hexdigest(";".join((str(self.is_sorted), *contents)).encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the files and remove what was written to sort them."""
        self._closing.close()

    @property
    def bytes_read(self) -> int:
        """How far the reading is, of `bytes_total`."""
        return self._passed + (0 if self._recording is None else self._recording.bytes_read)

    def batches(self, size: int = 2000, after: bytes | None = None) -> Iterator[tuple[str, Decoded, bytes]]:
        """Give everything once: source name, what a batch held, and the cursor after it.

        Parameters
        ----------
        size
            Records in a batch, at most. Changes nothing in what is given.
        after
            Cursor of an earlier reading; what it had given is passed over.

        Raises
        ------
        RecordingBroken
            If a file breaks off, after everything before the break, and all other files, were given.
        """
        cursor = _Cursor() if after is None else _decode_cursor(after)
        given = self._straight(size, cursor) if self._spool is None else self._sorted(self._spool, size, cursor)
        for decoded, position in given:
            yield self.name, decoded, _encode(position)

    def _straight(self, size: int, cursor: _Cursor) -> Iterator[tuple[Decoded, _Cursor]]:
        fault: RecordingBroken | None = None
        for place, file in enumerate(self._files):
            if place >= cursor.file:
                passed = Position(cursor.count if place == cursor.file else 0)
                with self._reopen(file) as self._recording:
                    try:
                        for decoded, position in self._recording.batches(size, passed):
                            yield decoded, _Cursor(place, position.records)
                    except RecordingBroken as error:
                        fault = fault or error
            self._recording = None
            self._passed += file.size
        if fault is not None:
            raise fault

    def _sorted(self, spool: Spool, size: int, cursor: _Cursor) -> Iterator[tuple[Decoded, _Cursor]]:
        for start in range(cursor.count, len(spool), size):
            stop = min(start + size, len(spool))
            self._passed = self.bytes_total * stop // len(spool)
            yield spool.read(start, stop), _Cursor(0, stop)
        if spool.fault is not None:
            raise spool.fault


def _silent(_what: str, _done: int, _all: int) -> None:
    pass


def time_ordered(
    paths: Sequence[str | Path],
    *,
    lateness_us: int,
    format: str = "auto",  # noqa: A002  as on the command line
    columns: Mapping[str, str] | None = None,
    not_after_us: int = sys.maxsize,
    progress: Progress = _silent,
) -> OrderedRecordings:
    """Prepare recordings for being read in order of event time.

    Parameters
    ----------
    paths
        Files, in any order; ``-`` is standard input. It, and pipes, are first copied to a temporary file.
    lateness_us
        How far, in microseconds, a post may lie behind one before it without sorting. What the pipeline allows.
    format, columns
        As in :func:`monitor.sources.recordings.open_recording`.
    not_after_us
        The latest believable event time. A post dated later, or before 2006, does not make anything be sorted.
    progress
        Called from time to time while the files are checked and sorted.

    Raises
    ------
    RecordingUnreadable
        If a file cannot be opened, unpacked or recognised, lacks a column it needs, or there is no room for the
        temporary file.
    """

    def reopen(file: _File) -> Recording:
        return open_recording(file.path, format=file.format, columns=columns, name=file.name)

    with ExitStack() as closing:
        files = []
        for path in paths:
            name, place = str(path), _place(path, closing)
            with open_recording(place, format=format, columns=columns, name=name) as recording:
                files.append(_surveyed(recording, place, lateness_us, not_after_us, progress))
        files.sort(key=lambda file: (file.earliest_us, file.name))
        spool = None
        if not _follow_the_clock(files, lateness_us):
            spool = closing.enter_context(Spool(not_after_us))
            for file in files:
                with reopen(file) as recording:
                    spool.take(recording, partial(progress, "sorting"))
            spool.sort()
        return OrderedRecordings(files, spool, reopen, closing.pop_all())


def _place(path: str | Path, closing: ExitStack) -> Path:
    """Return where the recording can be read more than once."""
    if str(path) != "-" and not _is_pipe(Path(path)):
        return Path(path)
    source = opened(path, str(path))
    if str(path) != "-":
        closing.callback(source.close)
    copy = temporary_file()
    closing.callback(discard, copy)
    _copy(source, str(path), copy)
    return Path(copy.name)


def _is_pipe(path: Path) -> bool:
    try:
        return stat.S_ISFIFO(path.stat().st_mode)
    except OSError:  # opening it will say what is wrong
        return False


def _copy(source: BinaryIO, name: str, copy: IO[bytes]) -> None:
    try:
        while piece := source.read(1 << 20):
            with room():
                copy.write(piece)
    except OSError as error:
        message = f"{name}: cannot be read ({error.strerror}); save the posts in a file first"
        raise RecordingUnreadable(message) from error
    with room():
        copy.flush()


def _surveyed(recording: Recording, place: Path, lateness_us: int, not_after_us: int, progress: Progress) -> _File:
    """Look at the times of all records or, from the fifty-thousandth on, of every sixteenth."""
    size = recording.bytes_total or 0
    earliest, latest, is_ordered, number = 0, 0, True, 0
    with suppress(RecordingBroken):  # it says so when it is read
        for records in recording.cuts(_BATCH):
            looked_at = records if number < _ALL_CHECKED else records[::_STRIDE]
            number += len(records)
            for item in recording.format.decode(looked_at).items:
                instant = instant_of(item, latest, not_after_us)
                earliest = min(earliest or instant, instant)
                is_ordered = is_ordered and instant >= latest - lateness_us
                latest = max(latest, instant)
            progress("checking", recording.bytes_read, size)
    return _File(recording.name, place, recording.format.name, size, is_ordered, earliest, latest)


def _follow_the_clock(files: Sequence[_File], lateness_us: int) -> bool:
    return all(file.is_ordered for file in files) and all(
        after.earliest_us >= before.latest_us - lateness_us for before, after in pairwise(files)
    )
