"""Decoded posts on disk -> in order of event time, with sixteen bytes of memory a post."""

from __future__ import annotations

import mmap
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from tempfile import NamedTemporaryFile
from typing import IO, Final, Self

import msgspec
import numpy as np

from monitor.errors import RecordingBroken, RecordingUnreadable
from monitor.mentions import Deletion, Gap, Heartbeat, Item, Like, Mention
from monitor.sources import Decoded, Malformed
from monitor.sources.recordings import Recording
from monitor.windows import EARLIEST_US

__all__ = ["Spool", "discard", "instant_of", "room", "temporary_file"]

_BATCH: Final = 4000


class _Entry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the temporary file holds: one item, one malformed or ignored record, or how many ids a batch derived."""

    mention: Mention | None = None
    deletion: Deletion | None = None
    heartbeat: Heartbeat | None = None
    gap: Gap | None = None
    malformed: Malformed | None = None
    ignored: int = 0
    derived_ids: int = 0
    like: Like | None = None


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(_Entry).decode


def instant_of(item: Item, otherwise: int, not_after_us: int) -> int:
    """Return when an item happened; `otherwise` where it does not say, or says what cannot be (before 2006, later)."""
    match item:
        case Mention():
            instant = item.published_us
        case Gap():
            instant = item.start_us
        case _:
            instant = item.at_us
    return instant if EARLIEST_US <= instant <= not_after_us else otherwise


class Spool:
    """Decoded entries in a temporary file, and in memory where they lie and when they happened.

    Parameters
    ----------
    not_after_us
        What is dated later, or before 2006, stays behind its predecessor.
    """

    def __init__(self, not_after_us: int) -> None:
        self.fault: RecordingBroken | None = None
        self._not_after_us = not_after_us
        self._file = temporary_file()
        self._instants = array("q")
        self._ends = array("q", [0])
        self._order = np.empty(0, np.int64)
        self._bytes: mmap.mmap | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bytes is not None:
            self._bytes.close()
        discard(self._file)

    def __len__(self) -> int:
        return len(self._instants)

    def take(self, recording: Recording, told: Callable[[int, int], None]) -> None:
        """Add a whole recording; if it breaks off, keep what came before and remember the break.

        `told` is called from time to time with the bytes read and the bytes in all.
        """
        with room():
            try:
                for decoded, _ in recording.batches(_BATCH):
                    self._add_all(decoded)
                    told(recording.bytes_read, recording.bytes_total or 0)
            except RecordingBroken as error:
                self.fault = self.fault or error

    def _add_all(self, decoded: Decoded) -> None:
        instant = self._instants[-1] if self._instants else 0
        for item in decoded.items:
            instant = instant_of(item, instant, self._not_after_us)
            self._add(_entry_of(item), instant)
        for malformed in decoded.malformed:
            self._add(_Entry(malformed=malformed), instant)
        for _ in range(decoded.ignored):
            self._add(_Entry(ignored=1), instant)
        if decoded.derived_ids:
            self._add(_Entry(derived_ids=decoded.derived_ids), instant)

    def sort(self) -> None:
        """Put the entries in order; equal times stay as they came."""
        with room():
            self._file.flush()
        self._order = np.argsort(np.frombuffer(self._instants, np.int64), kind="stable")
        if self._ends[-1]:
            self._bytes = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)

    def read(self, start: int, stop: int) -> Decoded:
        """Return the entries from place `start` to before `stop` of the order."""
        decoded = Decoded([], [])
        data, ends = self._bytes, self._ends
        if data is None:
            return decoded
        for place in self._order[start:stop].tolist():
            entry = _decode(data[ends[place] : ends[place + 1]])
            item = entry.mention or entry.deletion or entry.heartbeat or entry.gap or entry.like
            if item is not None:
                decoded.items.append(item)
            elif entry.malformed is not None:
                decoded.malformed.append(entry.malformed)
            decoded.ignored += entry.ignored
            decoded.derived_ids += entry.derived_ids
        decoded.read = len(decoded.items) + len(decoded.malformed) + decoded.ignored
        return decoded

    def _add(self, entry: _Entry, instant: int) -> None:
        data = _encode(entry)
        self._file.write(data)
        self._instants.append(instant)
        self._ends.append(self._ends[-1] + len(data))


def _entry_of(item: Item) -> _Entry:
    match item:
        case Mention():
            return _Entry(mention=item)
        case Deletion():
            return _Entry(deletion=item)
        case Heartbeat():
            return _Entry(heartbeat=item)
        case Gap():
            return _Entry(gap=item)
        case Like():
            return _Entry(like=item)


def temporary_file() -> IO[bytes]:
    """Return a new file that vanishes when it is closed."""
    with room():
        return NamedTemporaryFile(prefix="badbuzz-", buffering=1 << 20)


def discard(file: IO[bytes]) -> None:
    """Close a temporary file; what a full disk would not take of it is not needed any more."""
    with suppress(OSError):
        file.close()


@contextmanager
def room() -> Iterator[None]:
    """Say what to do when a temporary file cannot be written.

    Raises
    ------
    RecordingUnreadable
        Instead of any :class:`OSError`.
    """
    try:
        yield
    except OSError as error:
        message = (
            f"the posts cannot be put in order of time: a temporary file cannot be written ({error.strerror}); "
            "make room, or set TMPDIR to a folder that has it"
        )
        raise RecordingUnreadable(message) from error
