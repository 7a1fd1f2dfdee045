"""Numbers as one word: a complaint counts the hours and the calls, and any count is the same complaint.

``x`` in a phrase of the lexicon stands for any number from two to 999, in digits or as a word, ``xh``, ``xmin`` and
``xj`` for "48h", "20min" and "3j", ``xe`` for any ordinal but the first, ``xa`` for a year long past, and one mark
for a row of them ("personne...", "normal ??").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

__all__ = ["counted"]

_LARGEST: Final = 999
_LONG_PAST: Final = range(1800, 2000)  # what happened then alarms nobody now
_COUNTS: Final = """
deux trois quatre cinq six sept huit dix onze douze treize quatorze quinze seize vingt trente quarante cinquante
soixante cent plusieurs nieme
two three four five seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen
twenty thirty forty fifty sixty ninety hundred several
"""
_ORDINALS: Final = """
deuxieme seconde troisieme quatrieme cinquieme sixieme septieme huitieme neuvieme dixieme onzieme douzieme vingtieme
centieme enieme nieme
second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth twentieth hundredth umpteenth nth
"""
_UNITS: Final = {"h": "xh", "hr": "xh", "hrs": "xh", "min": "xmin", "mins": "xmin", "mn": "xmin", "j": "xj"}
_ORDINAL_ENDINGS: Final = ("e", "eme", "ieme", "nd", "rd", "th", "st")
_MARKS: Final = {"??": "?", "???": "?", "?!": "?", "!?": "?", "..": ".", "...": ".", "…": "."}


def _written() -> dict[str, str]:
    written = dict.fromkeys(_COUNTS.split(), "x") | dict.fromkeys(_ORDINALS.split(), "xe") | _MARKS
    written |= {f"{year}": "xa" for year in _LONG_PAST}
    for number in range(2, _LARGEST + 1):
        written[f"{number}"] = "x"
        written |= {f"{number}{unit}": meant for unit, meant in _UNITS.items()}
        written |= {f"{number}{ending}": "xe" for ending in _ORDINAL_ENDINGS}
    return written


_WRITTEN: Final = _written()
_FORMS: Final = _WRITTEN.keys()


def counted(words: Sequence[str]) -> Sequence[str]:
    """Return the words with their numbers as the lexicon writes them; the same words where there are none.

    Examples
    --------
    >>> counted(["depuis", "trois", "jours"]), counted(["for", "the", "4th", "time"]), counted(["48h"])
    (['depuis', 'x', 'jours'], ['for', 'the', 'xe', 'time'], ['xh'])
    """
    return words if _FORMS.isdisjoint(words) else [_WRITTEN.get(word, word) for word in words]
