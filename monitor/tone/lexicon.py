"""The words we know: three files beside this one, written for this project, read once.

A line is ``form<TAB>valence<TAB>category``: a folded word or short phrase, how it sounds from -4 to 4, and its
category, which is one of

=================================== ==================================================================================
complaint, product                  something went wrong; something is broken
outrage, boycott, legal, safety     indignation and insult; leaving; the law; danger to people
thanks, applause                    gratitude; congratulation, which is often ironic beside a complaint
praise, mood                        liking; how the author feels
humour                              laughter: friendly alone, mocking beside a complaint
irony                               phrases that are seldom meant as they are said
scorn                               rolling eyes: blame alone, and beside praise a sign of irony
duty                                what one may expect; neutral unless denied ("ne repond pas", "no refund")
negation, negation_after            denies what follows it; denies what precedes it ("marche plus")
opinion                             denies what somebody thinks: reaches past "that it is a" ("I don't think it's bad")
intensifier, dampener               strengthens or weakens the next word by the number in the second column
but                                 what follows counts more than what came before
neutral                             a phrase whose words would mislead ("customer service", "merci d'avance")
=================================== ==================================================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Final

import msgspec

from monitor.tone.words import words_of

__all__ = ["ALARM", "SILENT", "Entry", "Sense", "lexicon", "vocabulary"]

ALARM: Final = frozenset({"complaint", "outrage", "boycott", "legal", "safety"})


SILENT: Final = frozenset({"but", "irony", "neutral", "negation", "negation_after", "opinion", "intensifier"})
"""Categories that only act on other words."""


class Sense(msgspec.Struct, frozen=True, gc=False):
    """What a word or phrase says: `valence` from -4 to 4 and category; `is_settled` when it holds its own negation."""

    valence: float
    category: str
    is_settled: bool = False


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A word of the lexicon.

    Attributes
    ----------
    sense
        What the word says alone; ``None`` for a word that only begins phrases or only strengthens.
    boost
        How much it strengthens the next word.
    phrases
        Of the phrases that begin with this word, by their second: the words after that, and the sense; the longest
        first.
    """

    sense: Sense | None = None
    boost: float = 0.0
    phrases: dict[str, list[tuple[list[str], Sense]]] = {}


def lexicon(*names: str) -> dict[str, Entry]:
    """Return the lexicon of these languages (``fr``, ``en``) together, emoji included.

    A form that two languages give opposite signs, or another part in the sentence, is left out.
    """
    plain: dict[str, Sense] = {}
    boosts: dict[str, float] = {}
    for name in names:
        _join(plain, _senses(name, ("intensifier", "dampener"), is_kept=False))
        boosts |= {form: sense.valence for form, sense in _senses(name, ("intensifier", "dampener"), is_kept=True)}
    plain |= dict(_senses("emoji", (), is_kept=False))
    return _entries(plain, boosts)


def vocabulary(name: str) -> frozenset[str]:
    """Return every word that stands in a form of one language (``fr``, ``en``)."""
    return frozenset(word for form, _ in _senses(name, (), is_kept=False) for word in words_of(form) if word.isalpha())


def _senses(name: str, categories: tuple[str, ...], *, is_kept: bool) -> Iterable[tuple[str, Sense]]:
    lines = files("monitor.tone").joinpath(f"lexicon_{name}.tsv").read_text("utf-8").splitlines()
    for line in lines:
        if not line.startswith("#"):
            form, valence, category = line.split("\t")
            if (category in categories) is is_kept:
                yield form, Sense(float(valence), category)


def _join(known: dict[str, Sense], more: Iterable[tuple[str, Sense]]) -> None:
    refused = set()
    for form, sense in more:
        other = known.get(form, sense)
        if other.valence * sense.valence < 0 or (other.valence == 0) != (sense.valence == 0):
            refused.add(form)
        known[form] = sense
    for form in refused:
        del known[form]


def _entries(plain: Mapping[str, Sense], boosts: Mapping[str, float]) -> dict[str, Entry]:
    strengthening = {form: Sense(boost, "intensifier") for form, boost in boosts.items() if " " in form}
    deniers = {form for form, sense in plain.items() if sense.category.startswith("negation")}
    alone: dict[str, Sense] = {}
    phrases: dict[str, dict[str, list[tuple[list[str], Sense]]]] = {}
    for form, sense in sorted([*plain.items(), *strengthening.items()], key=lambda entry: -len(words_of(entry[0]))):
        head, *tail = words_of(form)
        if tail:
            settled = msgspec.structs.replace(sense, is_settled=not deniers.isdisjoint([head, *tail]))
            phrases.setdefault(head, {}).setdefault(tail[0], []).append((tail[1:], settled))
        else:
            alone[head] = sense
    single_boosts = {form: boost for form, boost in boosts.items() if " " not in form}
    return {
        word: Entry(alone.get(word), single_boosts.get(word, 0.0), phrases.get(word, {}))
        for word in [*alone, *single_boosts, *phrases]
    }
