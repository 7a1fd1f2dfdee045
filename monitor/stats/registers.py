"""How many different keys went by, from 256 small registers in which no key can be found again.

References
----------
.. [1] Flajolet, Fusy, Gandouet, Meunier, HyperLogLog, AofA 2007; linear counting below 640 keys (Whang et al. 1990).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from xxhash import xxh3_64_intdigest

__all__ = ["REGISTERS", "estimate", "mark"]

REGISTERS: Final = 256
_BITS: Final = 56  # of the hash that are left for the rank
_SCALE: Final = 0.7213 / (1 + 1.079 / REGISTERS) * REGISTERS * REGISTERS


def mark(key: int) -> tuple[int, int]:
    """Return which register a key marks, and how high (1 to 57). A register keeps the highest mark it got.

    Examples
    --------
    >>> mark(7) == mark(7)
    True
    """
    height = xxh3_64_intdigest(key.to_bytes(8, "little", signed=True))
    return height % REGISTERS, _BITS + 1 - (height // REGISTERS).bit_length()


def estimate(marks: Mapping[int, int]) -> int:
    """Return how many different keys left these marks: a handful nearly always exactly, many with an error near 6 %.

    Examples
    --------
    >>> estimate({}), estimate(dict(map(mark, [5, 6, 7])))
    (0, 3)
    """
    empty = REGISTERS - len(marks)
    found = _SCALE / (empty + sum(math.ldexp(1.0, -rank) for rank in marks.values()))
    if empty and found <= 2.5 * REGISTERS:
        found = REGISTERS * math.log(REGISTERS / empty)
    return round(found)
