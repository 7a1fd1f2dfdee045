"""The sentences people read: what, how much beyond usual, since when, why. French and English are equals.

A sentence is made from a kind and its facts (named numbers), which are stored beside it, so that it can be said again
in the other language. No post text and no name ever enters a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal, get_args

from monitor.incidents.authenticity_words import CROWD, how
from monitor.incidents.fired import FIRED, joined
from monitor.incidents.written import odds, times, written

__all__ = ["SEVERITY_WORDS", "Language", "fill", "is_slow", "languages", "planned", "say", "typeset", "young"]

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
        "complaints": "{observed} complaints in people's own words came in {span}, where {lower} to {upper} are usual: "
        "{times} the expected {expected}. Normal minutes look like this {rarity}.",
        "velocity_slow": "{observed} mentions in {span}, {times} the expected {expected}: not many at once, but more "
        "than usual time and again. Normal minutes look like this {rarity}.",
        "complaints_slow": "{observed} complaints in people's own words came in {span}, {times} the expected "
        "{expected}: not many at once, but more than usual time and again. Normal minutes look like this {rarity}.",
        "agreement": "Several things are a little unusual at once: {agreeing}. Together that happens {rarity}.",
        "joint": "Volume, authors, reach, tone and replies taken together look unlike this topic's usual minutes; "
        "that happens {rarity}.",
        "negative": "{share} of the last {mentions} voices sound negative, against {usual} usually.",
        "own_reply": "{count} of the last {mentions} mentions answer or quote the brand's own posts without praise, "
        "against {usual} usually.",
        "influence": "{count} of the last {mentions} mentions come from accounts with 10,000 followers or more, "
        "against {usual} usually.",
        "alarming": "{count} of the last {mentions} mentions speak of complaint, outrage, boycott, law or safety, "
        "against {usual} usually.",
        "arguing": "{count} of the last {mentions} mentions are replies or quotes, against {usual} usually: people "
        "argue rather than pass on.",
        "new_authors": "{count} of the last {mentions} mentions come from people who had never spoken of this before, "
        "against {usual} usually.",
        "own_post": "One of the brand's own posts drew {count} answers and quotes and {reshares} reshares; posts of "
        "its account usually draw {lower} to {upper} answers. Of the reactions {share} are answers, against {usual} "
        "usually.",
        "own_post_liked": "One of the brand's own posts drew {count} answers and quotes for {approval}; usual for "
        "posts of its account: {odds}, with {lower} to {upper} answers.",
        "voices": "{accounts} influential accounts spoke within {span}, from {observed} circles, where {lower} to "
        "{upper} are usual (new to the subject: {newcomers}; press or public office: {officials}).",
        "new_voices": "{accounts} influential accounts spoke about this for the first time within {span}, from "
        "{observed} circles, where {lower} to {upper} are usual (press or public office: {officials}).",
        "spread": "One post was reshared {growth} times in the last hour and is {pace}; {size} reshares in all, "
        "potential audience {reach}.",
        "outlook": " It is expected to end between {final_low} and {final_high} reshares.",
        "young": " This topic has been heard for {known} only: what is usual here is partly taken from others like it.",
        "planned": " That is held against {planned} times the usual, because {event} is planned.",
        "planned_complaints": " Because {event} is planned, more mentions are expected, but not as many more "
        "complaints: these are held against {planned} times the usual.",
        "first_post": "The first post of what became this incident.",
        "opened": "Opened as {severity}.",
        "escalated": "Raised to {severity}.",
        "own_reply_posted": "The brand's own account replied.",
        "own_post_answered": "This post of the brand's own drew {count} answers and quotes and {reshares} reshares; "
        "posts of its account usually draw {lower} to {upper} answers. Pause replies under it; answer once, in one "
        "place.",
        "own_post_answered_liked": "This post of the brand's own drew {count} answers and quotes for {approval}; usual "
        "for posts of its account: {odds}. Pause replies under it; answer once, in one place.",
        "own_post_later": "A later post of the brand's own draws {count} answers and quotes, {share} of them negative, "
        "against {first} under the one the anger is about: no kinder. Add nothing under it for now.",
        "own_post_later_kinder": "A later post of the brand's own draws {count} answers and quotes, {share} of them "
        "negative, against {first} under the one the anger is about: kinder. Let it be the one place to answer.",
        "influencer": "An account with {followers} followers joined.",
        "cascade": "One post passed {size} reshares ({growth} in the last hour).",
        "jump": "Jumped to {there} at {clock}: {thing}, {lag} after {origin}.",
        "jump_to_press": "Reached the press at {clock}: {thing}, {lag} after {origin}.",
        "jump_from_press": "An article of the press reached {there} at {clock}, {lag} after it was published.",
        "peak": "Peak: {peak} mentions in one minute.",
        "moved": "The usual level itself has moved, from {before} to {after} mentions a day; from here on the new one "
        "counts as normal.",
        "settled": "People have spoken like this for {weeks} weeks running, neither more nor less: from here on it "
        "counts as normal.",
        "subsiding": "Nothing unusual for {quiet}; the incident is subsiding.",
        "paused": "Quiet since {clock}; kept open until a day has passed since the last sign, because crises sleep at "
        "night. No alarm until it comes back.",
        "reopened": "Unusual again.",
        "reopened_alarm": "Unusual again after a pause, as {severity}.",
        **CROWD["en"],
        "closed": "Closed: ordinary for {quiet}. In all {mentions} mentions by about {authors} accounts.",
    },
    "fr": {
        "velocity": "{observed} mentions en {span}, contre {lower} à {upper} d'habitude : {times} les "
        "{expected} attendues. Une minute normale y ressemble {rarity}.",
        "complaints": "{observed} plaintes, chacune avec ses propres mots, en {span}, contre {lower} à {upper} "
        "d'habitude : {times} les {expected} attendues. Une minute normale y ressemble {rarity}.",
        "velocity_slow": "{observed} mentions en {span}, {times} les {expected} attendues : pas beaucoup à la fois, "
        "mais plus que d'habitude à maintes reprises. Une minute normale y ressemble {rarity}.",
        "complaints_slow": "{observed} plaintes, chacune avec ses propres mots, en {span}, {times} les {expected} "
        "attendues : pas beaucoup à la fois, mais plus que d'habitude à maintes reprises. Une minute normale y "
        "ressemble {rarity}.",
        "agreement": "Plusieurs choses sont un peu inhabituelles en même temps : {agreeing}. Ensemble, cela arrive "
        "{rarity}.",
        "joint": "Volume, auteurs, portée, tonalité et réponses, pris ensemble, ne ressemblent pas aux minutes "
        "habituelles de ce sujet ; cela arrive {rarity}.",
        "negative": "{share} des {mentions} dernières voix sont négatives, contre {usual} d'habitude.",
        "own_reply": "{count} des {mentions} dernières mentions répondent aux publications de la marque ou les "
        "citent, sans en faire l'éloge, contre {usual} d'habitude.",
        "influence": "{count} des {mentions} dernières mentions viennent de comptes suivis par 10 000 personnes ou "
        "plus, contre {usual} d'habitude.",
        "alarming": "{count} des {mentions} dernières mentions parlent de plainte, d'indignation, de boycott, de droit "
        "ou de sécurité, contre {usual} d'habitude.",
        "arguing": "{count} des {mentions} dernières mentions sont des réponses ou des citations, contre {usual} "
        "d'habitude : on discute plus qu'on ne partage.",
        "new_authors": "{count} des {mentions} dernières mentions viennent de personnes qui n'en avaient jamais parlé, "
        "contre {usual} d'habitude.",
        "own_post": "Une publication de la marque a suscité {count} réponses et citations et {reshares} partages ; "
        "celles de ce compte en suscitent d'habitude {lower} à {upper}. Les réponses font {share} des réactions, "
        "contre {usual} d'habitude.",
        "own_post_liked": "Une publication de la marque a suscité {count} réponses et citations pour {approval} ; "
        "d'habitude, pour ce compte : {odds}, avec {lower} à {upper} réponses.",
        "voices": "{accounts} comptes influents se sont exprimés en {span}, issus de {observed} cercles, contre "
        "{lower} à {upper} d'habitude (nouveaux sur ce sujet : {newcomers} ; presse ou fonction publique : "
        "{officials}).",
        "new_voices": "{accounts} comptes influents en ont parlé pour la première fois en {span}, issus de {observed} "
        "cercles, contre {lower} à {upper} d'habitude (presse ou fonction publique : {officials}).",
        "spread": "Une publication a été repartagée {growth} fois en une heure et {pace} ; {size} partages en tout, "
        "audience potentielle {reach}.",
        "outlook": " Elle devrait finir entre {final_low} et {final_high} partages.",
        "young": " Ce sujet n'est écouté que depuis {known} : ce qui est habituel ici est en partie repris de sujets "
        "semblables.",
        "planned": " On compare ici à {planned} fois l'habitude, car le calendrier prévoit {event}.",
        "planned_complaints": " Comme le calendrier prévoit {event}, on attend plus de mentions, mais pas autant de "
        "plaintes en plus : on compare celles-ci à {planned} fois l'habitude.",
        "first_post": "La première publication de ce qui est devenu cet incident.",
        "opened": "Ouvert en {severity}.",
        "escalated": "Passe en {severity}.",
        "own_reply_posted": "Le compte de la marque a répondu.",
        "own_post_answered": "Cette publication de la marque a suscité {count} réponses et citations et {reshares} "
        "partages ; celles de ce compte en suscitent d'habitude {lower} à {upper}. Suspendez les réponses sous cette "
        "publication ; répondez une fois, à un seul endroit.",
        "own_post_answered_liked": "Cette publication de la marque a suscité {count} réponses et citations pour "
        "{approval} ; d'habitude, pour ce compte : {odds}. Suspendez les réponses sous cette publication ; répondez "
        "une fois, à un seul endroit.",
        "own_post_later": "Une publication ultérieure de la marque suscite {count} réponses et citations, dont {share} "
        "négatives, contre {first} sous celle qui a fâché : le ton ne s'adoucit pas. N'y ajoutez rien pour l'instant.",
        "own_post_later_kinder": "Une publication ultérieure de la marque suscite {count} réponses et citations, dont "
        "{share} négatives, contre {first} sous celle qui a fâché : le ton s'adoucit. Qu'elle reste le seul endroit où "
        "répondre.",
        "influencer": "Un compte suivi par {followers} personnes s'en mêle.",
        "cascade": "Une publication dépasse {size} partages ({growth} dans la dernière heure).",
        "jump": "Passé sur {there} à {clock} : {thing}, {lag} après {origin}.",
        "jump_to_press": "Repris par la presse à {clock} : {thing}, {lag} après {origin}.",
        "jump_from_press": "Un article de presse est arrivé sur {there} à {clock}, {lag} après sa parution.",
        "peak": "Pic : {peak} mentions en une minute.",
        "moved": "Le niveau habituel a lui-même changé, de {before} à {after} mentions par jour ; c'est désormais lui "
        "qui compte comme normal.",
        "settled": "On en parle ainsi depuis {weeks} semaines de suite, ni plus ni moins : c'est désormais ce qui "
        "compte comme normal.",
        "subsiding": "Rien d'inhabituel depuis {quiet} ; l'incident retombe.",
        "paused": "Calme depuis {clock} ; reste ouvert jusqu'à un jour après le dernier signe, car les crises dorment "
        "la nuit. Pas d'alerte tant que rien ne revient.",
        "reopened": "De nouveau inhabituel.",
        "reopened_alarm": "De nouveau inhabituel après une pause, en {severity}.",
        **CROWD["fr"],
        "closed": "Clos : ordinaire depuis {quiet}. En tout {mentions} mentions par environ {authors} comptes.",
    },
}


_SINGULAR: Final = re.compile(r"(?<![\d.,])(1 (?:mention|voice|reshare|circle|partage|cercle|réponse|answer))s\b")
"""One mention, in both languages."""


_FRENCH_GAPS: Final = (
    (re.compile(r" (?=[:»])|(?<=«) "), "\u00a0"),
    (re.compile(r" (?=[;!?%])|(?<=\d) (?=\d{3}(?!\d))|(?<=\d) (?=h\b)|(?<=\d h) (?=\d)"), "\u202f"),
)
"""Where a line of French may not break, and the space that belongs there: a whole one, or a narrow one.

References
----------
.. [1] Imprimerie nationale, Lexique des règles typographiques en usage à l'Imprimerie nationale, 2002, p. 149.
"""


def typeset(text: str, language: Language) -> str:
    r"""Return a text with its spaces as printers of its language set them, so that no line begins with a sign.

    Examples
    --------
    >>> typeset("« Clos » : 1 234 mentions ; à 14 h 20 !", "fr")
    '«\xa0Clos\xa0»\xa0: 1\u202f234 mentions\u202f; à 14\u202fh\u202f20\u202f!'
    """
    if language == "fr":
        for place, space in _FRENCH_GAPS:
            text = place.sub(space, text)
    return text


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
    sentences = _SENTENCES[language]
    variant = "liked" if "approval" in facts else "alarm" if "severity" in facts else "slow"
    told = f"{kind}_{variant}" if variant != "slow" or is_slow(facts) else kind
    sentence = sentences.get(told, sentences[kind])
    if kind == "spread" and "final_low" in facts:  # forecast from ten reshares on
        sentence += _SENTENCES[language]["outlook"]
    said = fill(sentence, facts, language) + planned(kind, facts, language)
    return said + young(facts, language) if kind == "opened" else said


def is_slow(facts: Mapping[str, float]) -> bool:
    """Tell whether a count is unusual for how long it lasted: so much in all is within what is usual at times."""
    return "observed" in facts and facts["observed"] <= facts.get("upper", -1.0)


def planned(kind: str, facts: Mapping[str, float], language: Language) -> str:
    """Return the sentence to add to a reason when the calendar made what is expected larger; nothing otherwise."""
    if "planned" not in facts:
        return ""
    sentences = _SENTENCES[language]
    return fill(sentences.get(f"planned_{kind}", sentences["planned"]), facts, language)


def young(facts: Mapping[str, float], language: Language) -> str:
    """Return the sentence to add when a topic is judged in its first day; nothing otherwise."""
    return fill(_SENTENCES[language]["young"], facts, language) if "known" in facts else ""


def fill(sentence: str, facts: Mapping[str, float], language: Language) -> str:
    """Return a sentence with its blanks filled, each number written as its name and the language want it."""
    words = {name: _phrase(name, value, facts, language) for name, value in facts.items()}
    if "observed" in facts and "expected" in facts:
        words["times"] = times(facts["observed"], facts["expected"], language)
    if "approval" in facts:
        words["odds"] = odds(facts["usual"], language)
    return typeset(_SINGULAR.sub(r"\1", sentence.format_map(words)), language)


def _phrase(name: str, value: float, facts: Mapping[str, float], language: Language) -> str:
    """Write one fact as its name wants it."""
    if name == "how":
        return how(facts, language)
    if name == "agreeing":
        return _agreeing(facts, language)
    if name == "severity":
        return SEVERITY_WORDS[language][int(value)]
    return written(name, value, language)


def _agreeing(facts: Mapping[str, float], language: Language) -> str:
    """Name the tests that agree, the most surprised first."""
    known = FIRED[language]
    names = sorted(facts.keys() & known.keys(), key=lambda name: (-facts[name], name))
    return joined([known[name] for name in names], language)
