"""French or English? Told from the little words, with what the network declares as a hint."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Literal

__all__ = ["ENGLISH", "FRENCH", "LITTLE_WORDS", "Language", "language_of"]

Language = Literal["fr", "en", "either", "other"]

DECLARED_WEIGHT: Final = (
    2  # a declared language counts as two little words: people do not change their settings to post
)
ENOUGH: Final = 4  # little words that outweigh a declared third language; Spanish shares two or three with French

_FRENCH_WORDS: Final = """
a ai au aucun aucune aussi aux avec avez avoir bien c ca ce ces cette chez comme d dans de depuis des donc du elle en
encore est et etait etes etre fait il ils j jamais je l la le les leur ma mais merci mes mon ne nous on ou par pas plus
pour pourquoi qu quand que qui rien sa se ses si son sont suis sur ta toujours tous tout tres tu un une va vos votre
vous y
"""
_ENGLISH_WORDS: Final = """
a about after all am an and are as at be been but by can could did didn't do does doesn't don't for from get had has
have he her his how i i'm if in is isn't it it's just me my never no not of on or our please she so still than thanks
that the their there they this to u us was we were what when where who why will with would you your
"""
FRENCH: Final = frozenset(_FRENCH_WORDS.split())
ENGLISH: Final = frozenset(_ENGLISH_WORDS.split())
LITTLE_WORDS: Final = FRENCH | ENGLISH
"""Words that every text of the language has, folded."""

_UNSAID: Final = frozenset(
    {"", "und", "zxx", "mul", "mis", "art", "qam", "qct", "qht", "qme", "qst"}
)  # ISO 639's and X's


def language_of(words: Sequence[str], declared: str | None) -> Language:
    """Return the language of a short text.

    Parameters
    ----------
    words
        Folded.
    declared
        As the network or the author says, such as ``fr``, ``en-GB`` or X's ``und``.

    Returns
    -------
    Language
        ``either`` when nothing tells them apart; ``other`` when a third language is declared and the words do not
        contradict it.

    Examples
    --------
    >>> language_of(["where", "is", "my", "refund"], "fr"), language_of(["boycott"], None), language_of(["hola"], "es")
    ('en', 'either', 'other')
    """
    said_french, said_english, is_third = _declaration(declared)
    french = len(FRENCH.intersection(words)) + said_french
    english = len(ENGLISH.intersection(words)) + said_english
    if is_third and max(french, english) < ENOUGH:
        return "other"
    if french == english:
        return "either"
    return "fr" if french > english else "en"


@lru_cache(maxsize=256)
def _declaration(declared: str | None) -> tuple[int, int, bool]:
    """Return how many little words a declared language is worth, French and English, and whether it is a third one."""
    said = (declared or "")[:3].lower().partition("-")[0]
    is_third = said not in ("fr", "en") and said not in _UNSAID
    return DECLARED_WEIGHT * (said == "fr"), DECLARED_WEIGHT * (said == "en"), is_third
