"""A text as a handful of numbers that only we can make: what is kept of a post that somebody corrected.

Words and pairs of neighbouring words are hashed under the deployment's secret into 65,536 buckets. Several words of any
vocabulary share each bucket and nobody without the secret knows which, so that a stored correction holds no text.
Handles, links, numbers and the little words that every text has are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from hashlib import blake2b
from itertools import pairwise
from typing import Final

import numpy as np

from monitor.tone.language import LITTLE_WORDS
from monitor.tone.readable import readable
from monitor.tone.words import words_of

__all__ = ["Features", "packed", "unpacked"]

MOST_WORDS: Final = 100  # a post is shorter; of an article we learn from the beginning
CHARACTERS_READ: Final = 2_000
_PERSON: Final = b"badbuzz tone"  # keeps these hashes apart from the authors' pseudonyms, made with the same secret


class Features:
    """Makes the features of texts.

    Parameters
    ----------
    secret
        The deployment's, at most 64 bytes.

    Examples
    --------
    >>> features = Features(b"secret")
    >>> features.of("@acme the parcel never came") == features.of("Parcel NEVER came https://example.org")
    True
    >>> features.of("@acme 42 !") , Features(b"another").of("parcel") == features.of("parcel")
    ((), False)
    """

    def __init__(self, secret: bytes) -> None:
        self._bucket: Callable[[str], int] = lru_cache(maxsize=20_000)(partial(_bucket, secret))

    def of(self, text: str) -> tuple[int, ...]:
        """Return the buckets of a text, ascending, each once."""
        words = [word for word in words_of(readable(text[:CHARACTERS_READ])) if _speaks(word)][:MOST_WORDS]
        pairs = [f"{first} {second}" for first, second in pairwise(words)]
        return tuple(sorted({self._bucket(form) for form in (*words, *pairs)}))


def _speaks(word: str) -> bool:
    if word[0] == "@" or word in LITTLE_WORDS:
        return False
    # A word of letters, or one character that is neither letter nor pause: an emoji.
    return word[0].isalpha() if word[0].isalnum() or word[0] == "_" else ord(word[0]) > 0x2600


def _bucket(secret: bytes, form: str) -> int:
    digest = blake2b(form.encode("utf-8", "replace"), digest_size=2, key=secret, person=_PERSON).digest()
    return int.from_bytes(digest, "little")


def packed(buckets: Sequence[int]) -> bytes:
    """Return buckets as two bytes each.

    Examples
    --------
    >>> unpacked(packed((3, 65_535)))
    (3, 65535)
    """
    return np.array(buckets, "<u2").tobytes()


def unpacked(data: bytes) -> tuple[int, ...]:
    """Return the buckets that :func:`packed` packed."""
    return tuple(np.frombuffer(data, "<u2").tolist())
