"""Plain, gzip or zstd, told apart by their first bytes and unpacked in constant memory, also one inside another."""

from __future__ import annotations

import gzip
import io
import zlib
from typing import Any, BinaryIO, Final

import zstandard

__all__ = ["BREAKS", "CountedStream", "unpacked"]

BREAKS: Final = (EOFError, OSError, zlib.error, zstandard.ZstdError)
"""What reading raises where compressed bytes end too early or make no sense."""

_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_CHUNK: Final = 1 << 18
_ZSTD_CHUNK: Final = 1 << 9  # at most some 16 MB when unpacked: a zstd block of 4 bytes can stand for 128 KiB
_MOST_LAYERS: Final = 4


class CountedStream(io.RawIOBase):
    """A stream that knows how much of it was read; closing it closes the one beneath."""

    def __init__(self, stream: BinaryIO | gzip.GzipFile) -> None:
        self._stream = stream
        self.count = 0

    def readable(self) -> bool:
        """Return whether bytes can be read: always."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, as soon as there are any."""
        read = getattr(self._stream, "read1", self._stream.read)
        data: bytes = read(size)
        self.count += len(data)
        return data

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]  # typeshed: Buffer, 3.12+
        """Fill `buffer` with what there is, and return how much."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close this and the stream beneath."""
        if not self.closed:
            self._stream.close()
        super().close()


def unpacked(stream: CountedStream) -> io.BufferedReader[Any]:
    """Return what is inside: unpacked as often as it is packed, at most four times."""
    inside: io.BufferedReader[Any] = io.BufferedReader(stream, _CHUNK)
    for _ in range(_MOST_LAYERS):
        head = inside.peek(4)
        if head.startswith(_GZIP):
            # Counted, because that hands on what there is; a GzipFile read directly loses its last piece at a break.
            inside = io.BufferedReader(CountedStream(gzip.GzipFile(fileobj=inside)), _CHUNK)
        elif head.startswith(_ZSTD):
            inside = io.BufferedReader(_Zstd(inside), _CHUNK)
        else:
            break
    return inside


class _Zstd(io.RawIOBase):
    """Unpacks zstd frames one after another, and notices a frame that was cut off (the library's reader does not)."""

    def __init__(self, packed: io.BufferedReader[Any]) -> None:
        self._packed = packed
        self._frame: zstandard.ZstdDecompressionObj | None = None
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]  # typeshed: Buffer, 3.12+
        while not self._ready:
            packed = self._packed.read(_ZSTD_CHUNK)
            if not packed:
                if self._frame is not None:
                    message = "the last zstd frame is not whole"
                    raise EOFError(message)
                return 0
            self._ready = memoryview(b"".join(self._unpack(packed)))
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size

    def _unpack(self, packed: bytes) -> list[bytes]:
        pieces = []
        while packed:
            if self._frame is None:
                self._frame = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj()
            pieces.append(self._frame.decompress(packed))
            if not self._frame.eof:
                break
            packed = self._frame.unused_data
            self._frame = None
        return pieces
