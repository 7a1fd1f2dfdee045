"""A text as words: what is left of it once accents and capitals are out of the way."""

from __future__ import annotations

import re
import unicodedata
from itertools import chain
from sys import intern
from typing import Final

__all__ = ["fold", "heard", "tokens_of", "words_of"]

MOST_REMEMBERED: Final = 50_000

# A word, with the tail of "don't"; a pause; an emoji; an emoticon. A handle is one token and no word.
_TOKEN: Final = re.compile(
    r"\w+(?:'t\b)?"
    r"|[:;=]['-]?[()DPdp/\\|*](?!\w)"
    r"|[.,;:!?…\n]+"
    r"|[☀-➿⬀-⯿\U0001f000-\U0001faff]"
    r"|@\w+"
)
_TRIPLE: Final = re.compile(r"([^\W\d_wx])\1\1")  # of any letter but those of "www" and of kisses, "xxx"
_LENGTHENED: Final = ""  # remembered behind the tokens of "nuuuul": that looks faster than searching every text would


def tokens_of(text: str) -> list[str]:
    """Return the words, pauses, emoji and emoticons of a text, as they are written."""
    return _TOKEN.findall(text)


def words_of(text: str) -> list[str]:
    """Return the tokens of a text, folded.

    Examples
    --------
    >>> words_of("C'est ÉCŒURANT, don't!")
    ['c', 'est', 'ecoeurant', ',', "don't", '!']
    """
    return heard(text)[0]


def heard(text: str) -> tuple[list[str], bool]:
    """Return the tokens of a text, folded, and whether any holds the same letter three times, as "nuuuul" does."""
    words = list(chain.from_iterable(map(_tokens_between_spaces, text.lower().split(" "))))
    if _LENGTHENED not in words:
        return words, False
    return [word for word in words if word], True


class _Chunks(dict[str, tuple[str, ...]]):
    """What stands between two spaces -> its folded tokens: mostly one word, and mostly one we met before."""

    def __missing__(self, chunk: str) -> tuple[str, ...]:
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        # Interned, because a dictionary finds a word of its own faster than an equal one.
        folded = list(filter(None, [word if word.isascii() else fold(word) for word in tokens_of(chunk)]))
        if _TRIPLE.search(chunk):
            folded.append(_LENGTHENED)
        words = self[intern(chunk)] = tuple(map(intern, folded))
        return words


_tokens_between_spaces: Final = _Chunks().__getitem__


def fold(word: str) -> str:
    """Return a word in lower case without accents.

    Examples
    --------
    >>> fold("ÉCŒURANTE")
    'ecoeurante'
    """
    decomposed = unicodedata.normalize("NFKD", word.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
