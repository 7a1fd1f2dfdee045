"""What the circumstances make of the words recognised in a text.

Alone, "outage" is a complaint and "called" says nothing. But "outage at nine, fixed by ten" praises, "called three
times" complains, and nobody is alarmed by the fire in "fire drill at 2pm" or "a novel about a fire". The distances
were set by us without fitting them to any corpus.
"""

from __future__ import annotations

from typing import Final

import msgspec

__all__ = ["PAUSES", "REACH", "Hit", "Reading", "is_done", "is_exclaimed", "is_turned", "weighed"]

REACH: Final = 3  # a negation or degree word acts on the next three words (VADER)
COMPARED: Final = 4  # "never" and the "such" that turns it are at most so many words apart
SAID: Final = 5  # ... what leaves a remedy open and the remedy, "he says the leak is fixed"
TOILED: Final = 6  # ... an effort and how often it was made
TAKEN_BACK: Final = 16  # ... a complaint and the remedy behind it
MENDED: Final = 4  # ... a remedy and what it mends in the same breath, "fixed my problem"
SETTLED: Final = 1.9  # a remedy behind a complaint praises as "reparee" does

PAUSES: Final = frozenset(".,;:!?…\n")
_SETTLED: Final = frozenset({"complaint", "product", "safety", "legal", "duty", "remedy"})  # indignation is not undone
_STAGED: Final = frozenset({"safety", "legal", "product"})
_AUTHOR_WORDS: Final = "j je m me moi mon ma mes nous notre nos i i'm my mine we us our"
_COMPARING_WORDS: Final = "aussi autant tel telle tels telles pareil pareille meilleur meilleure so such"
_OPEN_WORDS: Final = """
avant aucun aucune devait devrait dire disent dit doit encore etre faut jamais jure ni pas plus pour pretend promis
quand rien sans sera serai serait seront si soi toujours
be before can't claimed claims don't get gets getting hasn't haven't if isn't must need needs never no not promised
said says should still supposedly till to until want wants wasn't weren't when will won't would yet
"""
_AUTHOR: Final = frozenset(_AUTHOR_WORDS.split())
_COMPARING: Final = frozenset(_COMPARING_WORDS.split())
_OPEN: Final = frozenset(_OPEN_WORDS.split())


class Hit(msgspec.Struct, frozen=True, gc=False):
    """A word or phrase that was recognised: its place among the words, how it counts, its category."""

    place: int
    valence: float
    category: str


class Reading(msgspec.Struct):
    """What was recognised in one text.

    Attributes
    ----------
    hits, alarm_words
        What says something; what of it alarms, by place.
    but_at, settled_at
        Places of the last *but* and of the last remedy; -1 without.
    mends_until
        What is blamed up to here is mended by that remedy although it stands behind it.
    is_marked_ironic, is_staged
        A phrase of irony was found; one that tells of an announcement or a stage.
    toils, counts
        Places of efforts; how often they were made.
    """

    hits: list[Hit] = []
    alarm_words: dict[int, str] = {}
    but_at: int = -1
    settled_at: int = -1
    mends_until: int = -1
    is_marked_ironic: bool = False
    is_staged: bool = False
    toils: list[int] = []
    counts: list[Hit] = []

    def settle(self, start: int, end: int) -> None:
        """Remember the remedy at [start, end): one word mends what follows ("fixed my"), "back online" does not."""
        self.settled_at = start
        self.mends_until = start + MENDED if end == start + 1 else start


def is_turned(words: list[str], place: int) -> bool:
    """Tell whether the "never" at `place` strengthens: "jamais vu un service aussi rapide", "never had such help"."""
    return not _COMPARING.isdisjoint(words[place + 1 : place + 1 + COMPARED])


def is_exclaimed(words: list[str], start: int, end: int) -> bool:
    """Tell whether praise at [start, end) is a cry of its own, "Great, ...": next to a complaint it congratulates."""
    is_opening = start == 0 or words[start - 1][0] in "@.!?…\n"
    return is_opening and end < len(words) and words[end][0] in ",!…"


def is_done(words: list[str], place: int) -> bool:
    """Tell whether a remedy happened: not "until it is fixed", "il faut etre rembourse" or "fixed yet?"."""
    for word in reversed(words[max(0, place - SAID) : place]):
        if word[0] in PAUSES:
            break
        if word in _OPEN:
            return False
    pause = next((word for word in words[place:] if word[0] in ".!?…\n"), "")
    return "?" not in pause


def weighed(reading: Reading, words: list[str]) -> list[Hit]:
    """Return what was recognised once efforts are counted, complaints taken back and stages seen through."""
    hits = reading.hits
    if reading.toils and reading.counts:
        counts = [one for one in reading.counts if any(abs(one.place - toil) <= TOILED for toil in reading.toils)]
        hits = [*hits, *counts]
    if reading.settled_at >= 0:
        hits = _settled(reading, words, hits)
    if reading.is_staged and _AUTHOR.isdisjoint(words):
        hits = [hit for hit in hits if hit.category not in _STAGED]
    return hits


def _settled(reading: Reading, words: list[str], hits: list[Hit]) -> list[Hit]:
    """Take back what was settled; that is praise, unless there is more to blame behind it ("fixed, down again")."""
    settled_at = reading.settled_at
    left = [
        hit
        for hit in hits
        if hit.valence > 0 or hit.category not in _SETTLED or not _is_taken_back(reading, words, hit.place)
    ]
    if len(left) == len(hits):
        return hits
    left = [hit for hit in left if hit.place != settled_at]
    if all(hit.valence > 0 or hit.place < settled_at for hit in left):
        left.append(Hit(settled_at, SETTLED, "praise"))
    return left


def _is_taken_back(reading: Reading, words: list[str], place: int) -> bool:
    """Tell whether what is blamed at `place` was settled: "panne a 9h, reparee a 10h", "fixed my problem"."""
    settled_at = reading.settled_at
    if place <= settled_at:
        return settled_at - place <= TAKEN_BACK
    is_same_breath = reading.but_at < settled_at and all(word[0] not in PAUSES for word in words[settled_at:place])
    return place <= reading.mends_until and is_same_breath
