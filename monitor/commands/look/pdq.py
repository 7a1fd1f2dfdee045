"""Bytes of a picture -> what it looks like: its PDQ hash, by Meta's published method.

The picture is shrunk to 64 x 64 shades of grey, and of its cosine transform the sixteen lowest frequencies each way,
without the constant, are compared with their median: 256 bits (Meta, *The TMK+PDQF video-hashing algorithm and the PDQ
image-hashing algorithm*, 2019). Meta's code shrinks by picking one in so many pixels of a blurred picture; for copies
at other sizes a good filter gives steadier bits, so we shrink with Pillow's and take Meta's steps from there.
"""

from __future__ import annotations

import threading
import warnings
from io import BytesIO
from typing import Final

import numpy as np
from PIL import Image, ImageOps

from monitor.commands.look.unread import CannotRead, Unread

__all__ = ["MOST_PIXELS", "fingerprint_of", "pdq"]

FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")
MOST_PIXELS: Final = 1 << 24
"""The largest picture unpacked, 4096 x 4096, the largest X serves: some 70 MB."""

LEAST_QUALITY: Final = 50
"""Meta's advice: below, a picture is so plain that its bits are noise."""

_SIDE: Final = 64
_DRAFT: Final = 4 * _SIDE  # a JPEG need not be unpacked any larger than this
_BITS: Final = 16

_Array = np.ndarray[tuple[int, int], np.dtype[np.float64]]
_cosines: Final[_Array] = np.sqrt(2 / _SIDE) * np.cos(
    np.pi / (2 * _SIDE) * np.outer(np.arange(1, _BITS + 1), 2 * np.arange(_SIDE) + 1)
)
_one_at_a_time: Final = threading.Lock()  # so that many large pictures take the memory of one


def fingerprint_of(data: bytes) -> bytes:
    """Return what a picture looks like, 32 bytes.

    Raises
    ------
    CannotRead
        If it is no picture, too large, or too plain to be told from others.
    """
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of broken metadata: the summary counts what matters
        try:
            small = _shrunk(data)
        except CannotRead:
            raise
        except Image.DecompressionBombError:
            raise CannotRead(Unread.TOO_LARGE) from None
        except Exception:  # noqa: BLE001 - whatever a decoder makes of hostile bytes, the post must pass
            raise CannotRead(Unread.NO_PICTURE) from None
    hashed, quality = pdq(small)
    if quality < LEAST_QUALITY:
        raise CannotRead(Unread.TOO_PLAIN)
    return hashed


def _shrunk(data: bytes) -> _Array:
    with Image.open(BytesIO(data), formats=FORMATS) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise CannotRead(Unread.TOO_LARGE)
        if min(picture.size) < _SIDE // 4:
            raise CannotRead(Unread.TOO_PLAIN)
        picture.draft("RGB", (_DRAFT, _DRAFT))
        upright = ImageOps.exif_transpose(picture)
        if upright.has_transparency_data:
            ground = Image.new("RGBA", upright.size, "white")
            ground.alpha_composite(upright.convert("RGBA"))
            upright = ground
        grey = upright.convert("L").resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    return np.asarray(grey, dtype=np.float64)


def pdq(small: _Array) -> tuple[bytes, int]:
    """Return the PDQ hash of a picture of 64 x 64 shades of grey, 0 to 255, and its quality, 0 to 100."""
    frequencies = _cosines @ small @ _cosines.T
    median = np.partition(frequencies, frequencies.size // 2 - 1, axis=None)[frequencies.size // 2 - 1]
    bits = (frequencies > median).ravel()[::-1]  # the reference prints the last bit first
    steps = sum(np.abs((np.diff(small, axis=axis) * 100 / 255).astype(int)).sum() for axis in (0, 1))
    return np.packbits(bits).tobytes(), min(100, int(steps) // 90)
