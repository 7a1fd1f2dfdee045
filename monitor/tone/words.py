"""A post as words: what is left of it once links, handles, accents and capitals are out of the way."""

from __future__ import annotations

import re
import unicodedata
from itertools import chain
from sys import intern
from typing import Final

__all__ = ["fold", "heard", "readable", "tokens_of", "words_of"]

MOST_REMEMBERED: Final = 50_000

# A word, with the tail of "don't"; a pause; an emoji; an emoticon. A handle is one token and no word.
_TOKEN: Final = re.compile(
    r"\w+(?:'t\b)?"
    r"|[:;=]['-]?[()DPdp/\\|*](?!\w)"
    r"|[.,;:!?…\n]+"
    r"|[☀-➿⬀-⯿\U0001f000-\U0001faff]"
    r"|@\w+"
)
_TRIPLE: Final = re.compile(r"([aeiouylrsntmhfg])\1\1")
_LENGTHENED: Final = ""  # remembered behind the tokens of "nuuuul": that looks faster than searching every text would
_LINK: Final = re.compile(r"\b(?:https?://|www\.)\S+")
_HASHTAG: Final = re.compile(r"#(\w+)")
_HUMPS: Final = re.compile(r"[A-ZÀ-Þ]?[a-zß-ÿ]+|[A-ZÀ-Þ]+(?![a-zß-ÿ])|\d+")
_LOUD: Final = ("boycott", "balanceton", "shameon", "arnaque", "scandale", "honte", "scam", "fail", "sucks")


def readable(text: str) -> str:
    """Compose accents, write apostrophes one way, take out links, and read hashtags as words."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text).replace("’", "'")
    if "://" in text or "www." in text:
        text = _LINK.sub(" ", text)
    if "#" in text:
        text = _HASHTAG.sub(_split_hashtag, text)
    return text


def _split_hashtag(hashtag: re.Match[str]) -> str:
    """Return ``#BoycottAcme`` as ``Boycott Acme``; from ``#boycottacme`` and ``#acmefail`` cut the loud half."""
    words = _HUMPS.findall(hashtag[1])
    if len(words) == 1:
        lowered = hashtag[1].lower()
        for half in _LOUD:
            if half in lowered and (lowered.startswith(half) or lowered.endswith(half)):
                return f" {lowered.replace(half, f' {half} ', 1)} "
    return f" {' '.join(words) or hashtag[1]} "


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
