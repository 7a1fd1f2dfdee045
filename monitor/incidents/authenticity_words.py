"""How accounts act together, in words. French and English are equals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from monitor.incidents.words import Language

__all__ = ["CROWD", "how"]

_GROUPS: Final = 1
_FEW_HANDS: Final = 2
_TRAITS: Final = {4: "nobodies", 5: "strangers"}

_SAID: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "hands": "{accounts} wrote them, again and again",
        "newcomers": "their accounts were opened within the last month",
        "nobodies": "hardly anybody follows their accounts",
        "strangers": "they are reposts by accounts of which their network tells nothing",
        "groups": "{accounts} carried {shared}",
        "shared": " and ",
        "median": "median followers {median}",
        "together": "{together} % of them opened within the same fortnight",
    },
    "fr": {
        "hands": "{accounts} les ont écrites, encore et encore",
        "newcomers": "leurs comptes ont été ouverts dans le dernier mois",
        "nobodies": "presque personne ne suit leurs comptes",
        "strangers": "ce sont des repartages par des comptes dont leur réseau ne dit rien",
        "groups": "{accounts} ont porté {shared}",
        "shared": " et ",
        "median": "nombre médian d'abonnés {median}",
        "together": "{together} % d'entre eux ouverts dans la même quinzaine",
    },
}

CROWD: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "coordinated": "{made} of the last {mentions} mentions look coordinated: {how}.",
        "mixed": "Part of it looks coordinated, {made} of the last {mentions} mentions: {how}.",
        "suspected": "{suspected} of the last {mentions} mentions may be coordinated, which cannot be told for sure: "
        "{how}.",
        "copied": "{copied} of the last {mentions} mentions repeat others' words: a petition, a campaign or steered "
        "accounts, nobody can tell. The rest is no crisis, so this is held at a warning: see who posts them.",
        "unproven": "{silent} of the last {mentions} mentions come from accounts of which their network tells nothing, "
        "far more than usual beside the others: people or steered accounts, nobody can tell. The rest is no crisis, so "
        "this is held at a warning: see who posts them.",
        "drowned": "{surplus} of the last {mentions} mentions are left out here: they repeat others' words, or come "
        "from accounts of which nothing is known, and would drown what the rest says.",
        "organic": "Nothing looks coordinated in the last {mentions} mentions.",
    },
    "fr": {
        "coordinated": "{made} des {mentions} dernières mentions paraissent coordonnées : {how}.",
        "mixed": "Une partie paraît coordonnée, {made} des {mentions} dernières mentions : {how}.",
        "suspected": "{suspected} des {mentions} dernières mentions sont peut-être coordonnées, sans qu'on puisse "
        "l'affirmer : {how}.",
        "copied": "{copied} des {mentions} dernières mentions répètent les mots d'autres : pétition, campagne ou "
        "comptes pilotés, rien ne permet de trancher. Le reste n'est pas une crise, on s'en tient donc à une alerte : "
        "regardez qui publie.",
        "unproven": "{silent} des {mentions} dernières mentions viennent de comptes dont leur réseau ne dit rien, bien "
        "plus que d'habitude à côté des autres : des gens ou des comptes pilotés, rien ne permet de trancher. Le reste "
        "n'est pas une crise, on s'en tient donc à une alerte : regardez qui publie.",
        "drowned": "{surplus} des {mentions} dernières mentions ne comptent pas ici : elles répètent les mots d'autres "
        "ou viennent de comptes dont on ne sait rien, et noieraient ce que dit le reste.",
        "organic": "Rien ne paraît coordonné dans les {mentions} dernières mentions.",
    },
}
"""What is said of those who speak; see :mod:`monitor.incidents.words`."""

_COUNTED: Final[dict[Language, dict[str, tuple[str, str]]]] = {
    "en": {
        "accounts": ("one account", "{} accounts"),
        "texts": ("one text", "{} texts"),
        "roots": ("reposts of one post", "reposts of {} posts"),
    },
    "fr": {
        "accounts": ("un même compte", "{} comptes"),
        "texts": ("un même texte", "{} textes"),
        "roots": ("les repartages d'une publication", "les repartages de {} publications"),
    },
}

NOTICEABLE: Final = 0.2
"""From one in five on it is worth saying that accounts were opened together."""


def how(facts: Mapping[str, float], language: Language) -> str:
    """Return what the facts of :func:`monitor.incidents.authenticity.facts_of` say of how it was done.

    Examples
    --------
    >>> facts = {"how": 1, "accounts": 41, "texts": 3, "roots": 0, "median": 0, "together": 0.6}
    >>> how(facts, "en")
    '41 accounts carried 3 texts; median followers 0; 60 % of them opened within the same fortnight'
    >>> how({"how": 2, "accounts": 11}, "fr")
    '11 comptes les ont écrites, encore et encore'
    >>> how({"how": 4, "accounts": 90}, "en")
    'hardly anybody follows their accounts'
    """
    said = _SAID[language]
    way = round(facts["how"])
    accounts = _counted("accounts", facts["accounts"], language)
    if way == _FEW_HANDS:
        return said["hands"].format(accounts=accounts).replace("un même compte les ont", "un même compte les a")
    if way != _GROUPS:
        return said[_TRAITS.get(way, "newcomers")]
    shared = [_counted(name, facts[name], language) for name in ("texts", "roots") if facts[name]]
    parts = [said["groups"].format(accounts=accounts, shared=said["shared"].join(shared))]
    if facts["median"] >= 0:
        parts.append(said["median"].format(median=_number(facts["median"], language)))
    if facts["together"] >= NOTICEABLE:
        parts.append(said["together"].format(together=round(100 * facts["together"])))
    return " ; ".join(parts) if language == "fr" else "; ".join(parts)


def _counted(name: str, count: float, language: Language) -> str:
    one, many = _COUNTED[language][name]
    return one if count <= 1 else many.format(_number(count, language))


def _number(value: float, language: Language) -> str:
    text = f"{value:,.0f}"
    return text.replace(",", " ") if language == "fr" else text
