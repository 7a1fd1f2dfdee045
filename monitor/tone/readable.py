"""A post as its author would read it out: no links, and hashtags as the words they run together."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import chain
from typing import Final

from monitor.tone.language import ENGLISH, FRENCH
from monitor.tone.lexicon import vocabulary
from monitor.tone.words import fold

__all__ = ["in_words", "readable"]

MOST_REMEMBERED: Final = 10_000
LETTERS: Final = range(10, 41)  # shorter ones are ordinary words by chance ("heroin"), longer ones nobody's sentence
SHORTEST: Final = 2  # "of", "on"; with single letters every word could be cut

_LINK: Final = re.compile(r"\b(?:https?://|www\.)\S+")
_HASHTAG: Final = re.compile(r"#(\w+)")
_HUMPS: Final = re.compile(r"[A-ZÀ-Þ]?[a-zß-ÿ]+|[A-ZÀ-Þ]+(?![a-zß-ÿ])|\d+")
_LOUD: Final = {
    said.replace(" ", ""): f" {said} "
    for said in (
        *("boycott", "balance ton", "shame on", "never again", "plus jamais"),
        *("arnaque", "scandale", "honte", "scam", "fail", "sucks"),
    )
}
_PARTS: Final = "able con down ing lent less ment over per rage super ton under"  # of other words
_WORDS: Final = tuple(
    (vocabulary(name) | little) - frozenset(_PARTS.split()) for name, little in (("fr", FRENCH), ("en", ENGLISH))
)
_LENGTHS: Final = range(SHORTEST, 1 + max(map(len, chain(*_WORDS))))


def readable(text: str) -> str:
    """Compose accents, write apostrophes one way, take out links, and read hashtags as words."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text).replace("’", "'")
    if "://" in text or "www." in text:
        text = _LINK.sub(" ", text)
    if "#" in text:
        text = _HASHTAG.sub(_spaced, text)
    return text


def _spaced(hashtag: re.Match[str]) -> str:
    read = _remembered if len(hashtag[1]) < LETTERS.stop else in_words
    return f" {read(hashtag[1])} "


def in_words(hashtag: str) -> str:
    """Return a hashtag, without its sign, as words with spaces between them; as it is where none are known in it.

    Capitals tell where words begin. Without any, it is cut into known words of one language, or from ``boycottacme``
    and ``acmefail`` the loud half.
    """
    words = _HUMPS.findall(hashtag)
    if len(words) != 1:
        return " ".join(words) or hashtag
    lowered = hashtag.lower()
    folded = fold(lowered)
    if any(folded in known for known in _WORDS):
        return hashtag
    cuts = [cut for cut in (_cut(folded, known) for known in _WORDS) if cut] if len(folded) in LETTERS else []
    if cuts:
        _, fewest = min((len(cut), cut) for cut in cuts)
        return " ".join(fewest).upper() if hashtag.isupper() else " ".join(fewest)
    for half, said in _LOUD.items():
        if lowered.startswith(half) or lowered.endswith(half):
            return lowered.replace(half, said, 1)
    return hashtag


_remembered: Final = lru_cache(maxsize=MOST_REMEMBERED)(in_words)


def _cut(text: str, known: frozenset[str]) -> list[str]:
    """Cut a text into the fewest known words; into none where it cannot be, or half of them would be crumbs.

    Costs at most the number of characters times the length of the longest word.
    """
    fewest: list[list[str] | None] = [[], *[None] * len(text)]
    for start in range(len(text)):
        before = fewest[start]
        if before is None:
            continue
        for length in _LENGTHS:
            end = start + length
            if end > len(text):
                break
            word = text[start:end]
            if word in known:
                found = fewest[end]
                if found is None or len(before) + 1 < len(found):
                    fewest[end] = [*before, word]
    whole = fewest[-1] or []
    return whole if 2 * sum([len(word) == SHORTEST for word in whole]) < len(whole) else []
