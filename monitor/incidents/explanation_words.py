"""The words of an explanation: what was seen, what drives it, what would have changed it. French and English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final

from monitor.incidents import SEVERITIES, Severity
from monitor.incidents.fired import joined
from monitor.incidents.words import Language, fill, is_slow, planned, typeset, young

__all__ = ["difference", "driven", "otherwise", "remark", "seen"]

_SEEN: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "mentions": "{observed} mentions came in {span}, where {expected} were expected and {lower} to {upper} are "
        "usual; an ordinary minute of this topic looks at least this extreme {rarity}.",
        "complaints": "{observed} complaints came in {span}, each in its own words, where {expected} were expected and "
        "{lower} to {upper} are usual; an ordinary minute of this topic looks at least this extreme {rarity}.",
        "mentions_slow": "{observed} mentions came in {span}, where {expected} were expected: not many at once, but "
        "more than usual time and again; an ordinary minute of this topic looks at least this extreme {rarity}.",
        "complaints_slow": "{observed} complaints came in {span}, each in its own words, where {expected} were "
        "expected: not many at once, but more than usual time and again; an ordinary minute of this topic looks at "
        "least this extreme {rarity}.",
        "negative": "{count} of {mentions} voices sounded negative within {span}: {share}, where {usual} is usual; an "
        "ordinary minute of this topic looks at least this extreme {rarity}.",
        "own_reply": "{count} of {mentions} mentions answered or quoted the brand's own posts without praise "
        "within {span}: {share}, "
        "where {usual} is usual; an ordinary minute of this topic looks at least this extreme {rarity}.",
        "voices": "{observed} separate circles of people who matter spoke within {span}, where {expected} were "
        "expected; an ordinary minute of this topic looks at least this extreme {rarity}.",
        "agreement": "Several things were a little unusual at once: {agreeing}; taken together, an ordinary minute of "
        "this topic looks at least this extreme {rarity}.",
        "joint": "Volume, authors, reach, tone and replies went together as they usually do not; an ordinary minute "
        "of this topic looks at least this extreme {rarity}.",
    },
    "fr": {
        "mentions": "{observed} mentions sont arrivées en {span}, alors qu'on en attendait {expected} et que {lower} à "
        "{upper} sont habituelles ; une minute ordinaire de ce sujet est au moins aussi extrême {rarity}.",
        "complaints": "{observed} plaintes sont arrivées en {span}, chacune avec ses propres mots, alors qu'on en "
        "attendait {expected} et que {lower} à {upper} sont habituelles ; une minute ordinaire de ce sujet est "
        "au moins aussi extrême {rarity}.",
        "mentions_slow": "{observed} mentions sont arrivées en {span}, alors qu'on en attendait {expected} : pas "
        "beaucoup à la fois, mais plus que d'habitude à maintes reprises ; une minute ordinaire de ce sujet est au "
        "moins aussi extrême {rarity}.",
        "complaints_slow": "{observed} plaintes sont arrivées en {span}, chacune avec ses propres mots, alors qu'on en "
        "attendait {expected} : pas beaucoup à la fois, mais plus que d'habitude à maintes reprises ; une minute "
        "ordinaire de ce sujet est au moins aussi extrême {rarity}.",
        "negative": "{count} voix sur {mentions} étaient négatives en {span} : {share}, contre {usual} d'habitude ; "
        "une minute ordinaire de ce sujet est au moins aussi extrême {rarity}.",
        "own_reply": "{count} mentions sur {mentions} répondaient aux publications de la marque ou les citaient, "
        "sans éloge, en "
        "{span} : {share}, contre {usual} d'habitude ; une minute ordinaire de ce sujet est au moins aussi extrême "
        "{rarity}.",
        "voices": "{observed} cercles distincts de personnes qui comptent ont parlé en {span}, alors qu'on en "
        "attendait {expected} ; une minute ordinaire de ce sujet est au moins aussi extrême {rarity}.",
        "agreement": "Plusieurs choses étaient un peu inhabituelles en même temps : {agreeing} ; prises ensemble, une "
        "minute ordinaire de ce sujet est au moins aussi extrême {rarity}.",
        "joint": "Volume, auteurs, portée, ton et réponses allaient ensemble comme d'habitude ils ne vont pas ; une "
        "minute ordinaire de ce sujet est au moins aussi extrême {rarity}.",
    },
}

_DRIVERS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "velocity": "the number of mentions",
        "complaints": "people who complain in their own words",
        "negative": "negative voices",
        "own_reply": "answers without praise to the brand's own posts",
        "own_post": "one of the brand's own posts that is answered rather than reshared",
        "influence": "people with a large audience",
        "alarming": "words of outrage, boycott, law or safety",
        "arguing": "people who argue rather than pass on",
        "new_authors": "people who had never spoken of this before",
        "spread": "one post being passed on",
        "agreement": "several things a little unusual at once",
        "joint": "measures that do not usually go together",
        "voices": "people who matter",
        "new_voices": "people who matter and had not spoken before",
        "coordinated": "mentions that look coordinated",
        "mixed": "mentions of which some look coordinated",
        "suspected": "mentions that may be coordinated",
        "copied": "mentions that repeat others' words",
        "unproven": "accounts of which nothing is known",
        "drowned": "mentions left out because they prove nothing",
    },
    "fr": {
        "velocity": "le nombre de mentions",
        "complaints": "des gens qui se plaignent avec leurs propres mots",
        "negative": "des voix négatives",
        "own_reply": "des réponses sans éloge aux publications de la marque",
        "own_post": "une publication de la marque à laquelle on répond plus qu'on ne la partage",
        "influence": "des personnes à grande audience",
        "alarming": "des mots d'indignation, de boycott, de droit ou de sécurité",
        "arguing": "des gens qui discutent plus qu'ils ne partagent",
        "new_authors": "des personnes qui n'en avaient jamais parlé",
        "spread": "une publication qui se propage",
        "agreement": "plusieurs choses un peu inhabituelles en même temps",
        "joint": "des mesures qui d'habitude ne vont pas ensemble",
        "voices": "des personnes qui comptent",
        "new_voices": "des personnes qui comptent et n'avaient pas encore parlé",
        "coordinated": "des mentions qui semblent coordonnées",
        "mixed": "des mentions dont certaines semblent coordonnées",
        "suspected": "des mentions peut-être coordonnées",
        "copied": "des mentions qui répètent les mots d'autres",
        "unproven": "des comptes dont on ne sait rien",
        "drowned": "des mentions laissées de côté parce qu'elles ne prouvent rien",
    },
}

_CHANGES: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "fewer_mentions": "at most {count} mentions in {span}",
        "more_mentions": "at least {count} mentions in {span}",
        "usual_mentions": "no more mentions than usual",
        "fewer_negative": "at most {count} negative voices of {mentions} ({share})",
        "more_negative": "at least {count} negative voices of {mentions} ({share})",
        "fewer_complaints": "at most {count} complaints in {span}",
        "more_complaints": "at least {count} complaints in {span}",
        "usual_complaints": "no more complaints than usual",
        "usual_negative": "no more negative voices than usual",
        "fewer_own_reply": "at most {count} answers without praise to the brand's own posts among {mentions} "
        "mentions ({share})",
        "more_own_reply": "at least {count} answers without praise to the brand's own posts among {mentions} "
        "mentions ({share})",
        "usual_own_reply": "no more answers without praise to the brand's own posts than usual",
        "fewer_voices": "at most {count} circles of people who matter",
        "more_voices": "at least {count} circles of people who matter",
        "without_own_post": "no post of the brand's own answered as much",
        "without_influence": "no people with a large audience",
        "without_alarming": "no words of outrage, boycott, law or safety",
        "without_arguing": "people who pass on rather than argue",
        "without_new_authors": "no more newcomers than usual",
        "without_spread": "no post being passed on so fast",
        "without_joint": "measures that go together as usual",
        "without_voices": "none of these circles of people who matter",
        "fewer_coordinated": "at most {count} mentions that look coordinated in {span}",
        "fewer_suspected": "at most {count} mentions that may be coordinated in {span}",
        "without_copied": "as many mentions in people's own words",
        "without_unproven": "as many mentions by accounts of which something is known",
        "without_drowned": "every mention counted alike",
    },
    "fr": {
        "fewer_mentions": "avec au plus {count} mentions en {span}",
        "more_mentions": "avec au moins {count} mentions en {span}",
        "usual_mentions": "sans plus de mentions que d'habitude",
        "fewer_negative": "avec au plus {count} voix négatives sur {mentions} ({share})",
        "more_negative": "avec au moins {count} voix négatives sur {mentions} ({share})",
        "fewer_complaints": "avec au plus {count} plaintes en {span}",
        "more_complaints": "avec au moins {count} plaintes en {span}",
        "usual_complaints": "sans plus de plaintes que d'habitude",
        "usual_negative": "sans plus de voix négatives que d'habitude",
        "fewer_own_reply": "avec au plus {count} réponses sans éloge aux publications de la marque sur "
        "{mentions} mentions "
        "({share})",
        "more_own_reply": "avec au moins {count} réponses sans éloge aux publications de la marque sur "
        "{mentions} mentions "
        "({share})",
        "usual_own_reply": "sans plus de réponses sans éloge aux publications de la marque que d'habitude",
        "fewer_voices": "avec au plus {count} cercles de personnes qui comptent",
        "more_voices": "avec au moins {count} cercles de personnes qui comptent",
        "without_own_post": "sans publication de la marque qui suscite autant de réponses",
        "without_influence": "sans comptes à grande audience",
        "without_alarming": "sans mots d'indignation, de boycott, de droit ou de sécurité",
        "without_arguing": "avec des gens qui partagent plus qu'ils ne discutent",
        "without_new_authors": "sans plus de nouveaux venus que d'habitude",
        "without_spread": "sans publication qui se propage aussi vite",
        "without_joint": "avec des mesures qui vont ensemble comme d'habitude",
        "without_voices": "sans aucun de ces cercles de personnes qui comptent",
        "fewer_coordinated": "avec au plus {count} mentions d'apparence coordonnée en {span}",
        "fewer_suspected": "avec au plus {count} mentions peut-être coordonnées en {span}",
        "without_copied": "avec autant de mentions, chacune avec ses propres mots",
        "without_unproven": "avec autant de mentions de comptes dont on sait quelque chose",
        "without_drowned": "avec toutes les mentions comptées de la même manière",
    },
}

_FRAMES: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "driven": "It is a {severity} because of {drivers}: {points} in all.",
        "driver": "{driver} ({points})",
        "point": "{number} point",
        "points": "{number} points",
        "or": ", or ",
        "with": "with {changes}, ",
        "none": "no incident would have opened",
        "lower": "it would have stayed a {severity}",
        "higher": "it would have been a {severity}",
        "nothing": "No single change of these numbers would have changed the verdict.",
        "identical": "Recomputed: identical ({minutes} minutes, {mentions} mentions, {verdicts} verdicts).",
        "different": "Recomputed: {differences} of the numbers stored of {minutes} minutes, {mentions} mentions and "
        "{verdicts} verdicts do not come out again.",
        "erased": "The words of {erased} of these posts have been erased since; they stay in the count.",
        "set_aside": "In {set_aside} of these minutes posts were set aside as coordinated: there only their number was "
        "compared.",
        "difference": "{what}: stored {stored}, now {found}",
        "gone": "nothing",
        "unreproduced": "Weighed again, the stored verdicts do not give this severity: the alarm budget or the product "
        "has changed since.",
        "missing": "The minute that made the incident what it is, is not stored any more.",
    },
    "fr": {
        "driven": "C'est un {severity} à cause de ceci : {drivers} ; {points} en tout.",
        "driver": "{driver} ({points})",
        "point": "{number} point",
        "points": "{number} points",
        "or": ", ou ",
        "with": "{changes}, ",
        "none": "aucun incident ne se serait ouvert",
        "lower": "ce serait resté un {severity}",
        "higher": "cela aurait été un {severity}",
        "nothing": "Aucun changement d'un seul de ces nombres n'aurait changé le verdict.",
        "identical": "Recalculé : identique ({minutes} minutes, {mentions} mentions, {verdicts} verdicts).",
        "different": "Recalculé : {differences} des nombres enregistrés de {minutes} minutes, {mentions} mentions et "
        "{verdicts} verdicts ne se retrouvent pas.",
        "erased": "Les mots de {erased} de ces publications ont été effacés depuis ; elles restent comptées.",
        "set_aside": "Dans {set_aside} de ces minutes, des publications ont été mises de côté comme coordonnées : seul "
        "leur nombre y a été comparé.",
        "difference": "{what} : {stored} enregistré, {found} maintenant",
        "gone": "rien",
        "unreproduced": "Pesés de nouveau, les verdicts enregistrés ne donnent pas cette gravité : le budget d'alertes "
        "ou le produit a changé depuis.",
        "missing": "La minute qui a fait de l'incident ce qu'il est n'est plus enregistrée.",
    },
}

# "Une critique" is a review and "une alerte critique" would be two severities at once: the state words need a noun.
_NOUNS: Final[dict[Language, dict[Severity, str]]] = {
    "en": {"watch": "watch", "warning": "warning", "critical": "critical incident"},
    "fr": {"watch": "incident en veille", "warning": "incident en alerte", "critical": "incident critique"},
}


def seen(kind: str, facts: Mapping[str, float], language: Language) -> str:
    """Say what was seen, what was expected, and how unlikely that is.

    Examples
    --------
    >>> facts = {"observed": 14.0, "span": 12.0, "expected": 0.8, "lower": 0.0, "upper": 2.0, "rarity": 1e-6}
    >>> seen("mentions", facts, "en")
    '14 mentions came in 12 minutes, where 0.8 were expected and 0 to 2 are usual; an ordinary minute of this topic
    looks at least this extreme about once in 23 months.'
    """
    told = f"{kind}_slow" if is_slow(facts) else kind
    said = fill(_SEEN[language].get(told, _SEEN[language][kind]), facts, language)
    return said + planned(kind, facts, language) + young(facts, language)


def driven(severity: Severity, weights: Sequence[tuple[str, float]], language: Language) -> str:
    """Say what drives it: each reason with its points.

    Examples
    --------
    >>> driven("warning", [("velocity", 2.0), ("negative", 1.0)], "en")
    'It is a warning because of the number of mentions (2 points) and negative voices (1 point): 3 points in all.'
    """
    frames = _FRAMES[language]
    drivers = [
        frames["driver"].format(driver=_DRIVERS[language].get(name, name), points=_points(weight, language))
        for name, weight in weights
    ]
    points = _points(sum(weight for _, weight in weights), language)
    said = frames["driven"].format(
        severity=_NOUNS[language][severity], drivers=joined(drivers, language), points=points
    )
    return typeset(said, language)


def otherwise(
    severity: Severity, changes: Sequence[tuple[str, Mapping[str, float], Severity | None]], language: Language
) -> str:
    """Say what would have changed the verdict.

    Parameters
    ----------
    changes
        (what changes, its numbers, the severity that comes of it), those of one outcome together.

    Examples
    --------
    >>> few = ("fewer_negative", {"count": 4.0, "mentions": 12.0, "share": 1 / 3}, "watch")
    >>> otherwise("warning", [few, ("without_spread", {}, "watch")], "en")
    'With at most 4 negative voices of 12 (33%), or no post being passed on so fast, it would have stayed a watch.'
    """
    frames = _FRAMES[language]
    if not changes:
        return frames["nothing"]
    said = []
    for outcome, group in groupby(changes, key=lambda change: change[2]):
        phrases = [fill(_CHANGES[language][kind], facts, language) for kind, facts, _ in group]
        said.append(frames["with"].format(changes=frames["or"].join(phrases)) + _outcome(severity, outcome, language))
    text = " ; ".join(said) if language == "fr" else "; ".join(said)
    return typeset(f"{text[0].upper()}{text[1:]}.", language)


def remark(kind: str, facts: Mapping[str, float], language: Language) -> str:
    r"""Say how the recomputation came out: ``identical``, ``different``, ``erased``, ``unreproduced`` or ``missing``.

    Examples
    --------
    >>> remark("identical", {"minutes": 63.0, "mentions": 1242.0, "verdicts": 441.0}, "fr")
    'Recalculé\xa0: identique (63 minutes, 1\u202f242 mentions, 441 verdicts).'
    """
    return fill(_FRAMES[language][kind], facts, language)


def difference(what: str, stored: float | None, found: float | None, language: Language) -> str:
    """Say which number is not what was stored.

    Examples
    --------
    >>> difference("mentions", 14.0, None, "en")
    'mentions: stored 14, now nothing'
    """
    frames = _FRAMES[language]
    numbers = [frames["gone"] if number is None else f"{number:.17g}" for number in (stored, found)]
    return typeset(frames["difference"].format(what=what, stored=numbers[0], found=numbers[1]), language)


def _outcome(severity: Severity, outcome: Severity | None, language: Language) -> str:
    if outcome is None:
        return _FRAMES[language]["none"]
    frame = "lower" if SEVERITIES.index(outcome) < SEVERITIES.index(severity) else "higher"
    return _FRAMES[language][frame].format(severity=_NOUNS[language][outcome])


def _points(weight: float, language: Language) -> str:
    number = f"{weight:g}".replace(".", "," if language == "fr" else ".")
    is_one = weight < 2 if language == "fr" else weight == 1
    return _FRAMES[language]["point" if is_one else "points"].format(number=number)
