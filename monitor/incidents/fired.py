"""The tests that a reason may name as having fired: stable names, and what each looks at, in French and English.

Detectors go by their own names (:mod:`monitor.anomalies`); their chances are held against the topic's own past. The
tests of this table are not calibrated like that: they explain and confirm, and neither spend an alarm budget nor make a
warning by being rare.

=================  ==========================================================================================
test               kind
=================  ==========================================================================================
influential_share  beta-binomial: accounts with a large audience among the mentions of half an hour
alarming_share     beta-binomial: words of outrage, boycott, law or safety among them
arguing_share      beta-binomial: replies and quotes among them
new_author_share   beta-binomial: those by accounts that never spoke on the topic before among them
contested_post     negative binomial tail of the answers to one post of the brand's own, beta-binomial of their share,
                   exact interval of their tone (:mod:`monitor.incidents.own_posts`)
cascade_growth     a rule: twenty reshares within the hour, and not slowing down
lower_bound        everything weighed again, with mentions that prove nothing counted as often as usual
                   (:mod:`monitor.incidents.lower_bound`)
=================  ==========================================================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from monitor.incidents import Reason
    from monitor.incidents.words import Language

__all__ = [
    "ALARMING_SHARE",
    "ARGUING_SHARE",
    "CASCADE_GROWTH",
    "CONTESTED_POST",
    "FIRED",
    "INFLUENTIAL_SHARE",
    "LOWER_BOUND",
    "NEW_AUTHOR_SHARE",
    "UNCALIBRATED",
    "all_fired",
    "fired",
    "joined",
]

INFLUENTIAL_SHARE: Final = "influential_share"
ALARMING_SHARE: Final = "alarming_share"
ARGUING_SHARE: Final = "arguing_share"
NEW_AUTHOR_SHARE: Final = "new_author_share"
CONTESTED_POST: Final = "contested_post"
CASCADE_GROWTH: Final = "cascade_growth"
LOWER_BOUND: Final = "lower_bound"

UNCALIBRATED: Final = frozenset(
    {
        *(INFLUENTIAL_SHARE, ALARMING_SHARE, ARGUING_SHARE, NEW_AUTHOR_SHARE),
        *(CONTESTED_POST, CASCADE_GROWTH, LOWER_BOUND),
    }
)
"""Tests whose chance, if they have one, was never held against the topic's own past."""

FIRED: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "seasonal_counts": "the number of mentions",
        "slow_burn": "a slow rise of mentions",
        "complaints": "complaints in people's own words",
        "negative_share": "the share of negative voices",
        "own_replies": "answers to the brand's own posts",
        "voices": "people who matter",
        "made_mentions": "the number of coordinated mentions",
        "joint": "the measures taken together",
        "influential_share": "the share of accounts with a large audience",
        "alarming_share": "the share of words of outrage, boycott, law or safety",
        "arguing_share": "the share of replies and quotes",
        "new_author_share": "the share of people new to the subject",
        "contested_post": "answers against reshares under one of the brand's own posts",
        "cascade_growth": "the growth of a cascade of reshares",
        "lower_bound": "what is left without mentions that prove nothing",
    },
    "fr": {
        "seasonal_counts": "le nombre de mentions",
        "slow_burn": "une hausse lente des mentions",
        "complaints": "les plaintes exprimées avec leurs propres mots",
        "negative_share": "la part des voix négatives",
        "own_replies": "les réponses aux publications de la marque",
        "voices": "les personnes qui comptent",
        "made_mentions": "le nombre de mentions coordonnées",
        "joint": "les mesures prises ensemble",
        "influential_share": "la part des comptes à grande audience",
        "alarming_share": "la part des mots d'indignation, de boycott, de droit ou de sécurité",
        "arguing_share": "la part des réponses et des citations",
        "new_author_share": "la part des personnes nouvelles sur le sujet",
        "contested_post": "les réponses face aux partages sous une publication de la marque",
        "cascade_growth": "la croissance d'une cascade de partages",
        "lower_bound": "ce qui reste sans les mentions qui ne prouvent rien",
    },
}
"""What each test looks at; a reason may name any of these."""

_FRAMES: Final[dict[Language, tuple[str, str, str]]] = {
    "en": ("test: ", "tests: ", "Tests that fired: {}."),
    "fr": ("test\u00a0: ", "tests\u00a0: ", "Tests qui ont réagi\u00a0: {}."),
}


def fired(tests: Sequence[str], language: Language) -> str:
    """Say which tests a reason rests on; nothing if it names none.

    Examples
    --------
    >>> fired(("seasonal_counts", "slow_burn"), "en")
    'tests: the number of mentions and a slow rise of mentions'
    """
    known = FIRED[language]
    one, many, _ = _FRAMES[language]
    if not tests:
        return ""
    return (one if len(tests) == 1 else many) + joined([known.get(test, test) for test in tests], language)


def all_fired(reasons: Iterable[Reason], language: Language) -> str:
    """Say which tests the reasons of an incident rest on, each once, with its stable name; nothing without any."""
    known = FIRED[language]
    tests = dict.fromkeys(test for reason in reasons for test in reason.tests)
    named = joined([f"{known[test]} ({test})" if test in known else test for test in tests], language)
    return _FRAMES[language][-1].format(named) if named else ""


def joined(parts: Sequence[str], language: Language) -> str:
    """Return an enumeration."""
    if len(parts) < 2:
        return "".join(parts)
    return ", ".join(parts[:-1]) + {"en": " and ", "fr": " et "}[language] + parts[-1]
