"""The sentences people read: what, how much beyond usual, since when, why. French and English are equals.

A sentence is made from a kind and its facts (named numbers), which are stored beside it, so that it can be said again
in the other language. No post text and no name ever enters a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal, get_args

__all__ = ["SEVERITY_WORDS", "Language", "languages", "say"]

Language = Literal["en", "fr"]

SEVERITY_WORDS: Final[dict[Language, tuple[str, ...]]] = {
    "en": ("calm", "watch", "warning", "critical"),
    "fr": ("calme", "veille", "alerte", "critique"),
}
"""State words by rank: 0 is no incident."""

_SENTENCES: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "velocity": "{observed} mentions in {span}, where {lower} to {upper} are usual: {times} the "
        "expected {expected}. Normal minutes look like this {rarity}.",
        "joint": "Volume, authors, reach, tone and replies taken together look unlike this topic's usual minutes; "
        "that happens {rarity}.",
        "negative": "{share} of the last {mentions} mentions sound negative, against {usual} usually.",
        "own_reply": "{count} of the last {mentions} mentions answer or quote the brand's own posts, against {usual} "
        "usually.",
        "influence": "{count} of the last {mentions} mentions come from accounts with 10,000 followers or more, "
        "against {usual} usually.",
        "spread": "One post was reshared {growth} times in the last hour and is {pace}; {size} reshares in all, "
        "potential audience {reach}.",
        "first_post": "The first post of what became this incident.",
        "opened": "Opened as {severity}.",
        "escalated": "Raised to {severity}.",
        "own_reply_posted": "The brand's own account replied.",
        "own_post_answered": "This post of the brand's own drew {count} answers and quotes within an hour.",
        "influencer": "An account with {followers} followers joined.",
        "cascade": "One post passed {size} reshares ({growth} in the last hour).",
        "peak": "Peak: {peak} mentions in one minute.",
        "subsiding": "Nothing unusual for {quiet}; the incident is subsiding.",
        "reopened": "Unusual again.",
        "closed": "Closed: ordinary for {quiet}. In all {mentions} mentions by about {authors} accounts.",
    },
    "fr": {
        "velocity": "{observed} mentions en {span}, contre {lower} à {upper} d'habitude : {times} les "
        "{expected} attendues. Une minute normale y ressemble {rarity}.",
        "joint": "Volume, auteurs, portée, tonalité et réponses, pris ensemble, ne ressemblent pas aux minutes "
        "habituelles de ce sujet ; cela arrive {rarity}.",
        "negative": "{share} des {mentions} dernières mentions sont négatives, contre {usual} d'habitude.",
        "own_reply": "{count} des {mentions} dernières mentions répondent aux publications de la marque ou les "
        "citent, contre {usual} d'habitude.",
        "influence": "{count} des {mentions} dernières mentions viennent de comptes suivis par 10 000 personnes ou "
        "plus, contre {usual} d'habitude.",
        "spread": "Une publication a été repartagée {growth} fois en une heure et {pace} ; {size} partages en tout, "
        "audience potentielle {reach}.",
        "first_post": "La première publication de ce qui est devenu cet incident.",
        "opened": "Ouvert en {severity}.",
        "escalated": "Passe en {severity}.",
        "own_reply_posted": "Le compte de la marque a répondu.",
        "own_post_answered": "Cette publication de la marque a suscité {count} réponses et citations en une heure.",
        "influencer": "Un compte suivi par {followers} personnes s'en mêle.",
        "cascade": "Une publication dépasse {size} partages ({growth} dans la dernière heure).",
        "peak": "Pic : {peak} mentions en une minute.",
        "subsiding": "Rien d'inhabituel depuis {quiet} ; l'incident retombe.",
        "reopened": "De nouveau inhabituel.",
        "closed": "Clos : ordinaire depuis {quiet}. En tout {mentions} mentions par environ {authors} comptes.",
    },
}


_SINGULAR: Final = re.compile(r"(?<![\d.,])(1 (?:mention|partage|réponse|answer))s\b")
"""One mention, in both languages."""


def languages() -> tuple[Language, ...]:
    """Return the languages everything can be said in."""
    return get_args(Language)


def say(kind: str, facts: Mapping[str, float], language: Language = "en") -> str:
    """Return the sentence of a reason or timeline entry.

    Parameters
    ----------
    kind
        Name of a reason or kind of a timeline entry the system writes.
    facts
        The numbers stored with it.
    """
    words = {name: _phrase(name, value, facts, language) for name, value in facts.items()}
    if "observed" in facts and "expected" in facts:
        words["times"] = _times(facts["observed"], facts["expected"], language)
    return _SINGULAR.sub(r"\1", _SENTENCES[language][kind].format_map(words))


def _phrase(name: str, value: float, facts: Mapping[str, float], language: Language) -> str:
    match name:
        case "span" | "quiet":
            return _duration(value, language)
        case "share" | "usual":
            return _percent(value, language)
        case "rarity":
            return _rarity(value, language)
        case "severity":
            return SEVERITY_WORDS[language][int(value)]
        case "pace":
            return _pace(value, language)
        case "expected":
            return _number(value, language, decimals=1)
        case _:
            return _number(value, language)


def _number(value: float, language: Language, decimals: int = 0) -> str:
    """Format a count; small ones may keep a decimal."""
    text = f"{value:,.{decimals}f}" if decimals and value < 10 and value != int(value) else f"{value:,.0f}"
    return text.replace(",", " ").replace(".", ",") if language == "fr" else text


def _percent(share: float, language: Language) -> str:
    return f"{share:.0%}" if language == "en" else f"{share:.0%}".replace("%", " %")


def _times(observed: float, expected: float, language: Language) -> str:
    ratio = observed / max(expected, 0.1)
    number = _number(ratio, language, decimals=1)
    return f"{number} times" if language == "en" else f"{number} fois"


def _duration(minutes: float, language: Language) -> str:
    if minutes < 1.5:
        return "one minute" if language == "en" else "une minute"
    if minutes < 120:
        return f"{minutes:.0f} minutes"
    if minutes < 48 * 60:
        return f"{minutes / 60:.0f} hours" if language == "en" else f"{minutes / 60:.0f} heures"
    return f"{minutes / 1440:.0f} days" if language == "en" else f"{minutes / 1440:.0f} jours"


def _pace(acceleration: float, language: Language) -> str:
    if acceleration >= 1.5:
        return "accelerating" if language == "en" else "accélère"
    return "steady" if language == "en" else "garde son rythme"


def _rarity(p_value: float, language: Language) -> str:
    """Turn the chance per minute into how often a normal topic does this."""
    days = 1 / (p_value * 1440)
    english = language == "en"
    if days < 1.5:
        return "about once a day or more" if english else "une fois par jour ou plus"
    if days < 14:
        return f"about once in {days:.0f} days" if english else f"environ une fois tous les {days:.0f} jours"
    if days < 700:
        return f"about once in {days / 30:.0f} months" if english else f"environ une fois tous les {days / 30:.0f} mois"
    return "less than once in two years" if english else "moins d'une fois en deux ans"
