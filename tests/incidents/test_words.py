"""Sentences: complete in both languages, plain, and never a name or a post's text."""

from __future__ import annotations

import re

import pytest

from monitor.incidents.words import _SENTENCES, SEVERITY_WORDS, languages, say, typeset
from tests.made import may_break_before_a_sign

FACTS = {
    "made": 90.0, "suspected": 80.0, "how": 1.0, "texts": 3.0, "roots": 1.0, "median": 0.0, "together": 0.6,
    "observed": 48.0, "expected": 11.2, "lower": 6.0, "upper": 17.0, "span": 15.0, "rarity": 1e-5, "share": 0.61,
    "mentions": 1234.0, "usual": 0.2, "count": 30.0, "growth": 80.0, "pace": 1.7, "size": 200.0, "reach": 120000.0,
    "severity": 3.0, "followers": 41000.0, "peak": 25.0, "quiet": 180.0, "authors": 700.0,
    "before": 800.0, "after": 2400.0, "reshares": 4.0, "clock": 860.0, "lag": 12.0,
    "thing": 1.0, "origin": 1.0, "there": 2.0, "final_low": 310.0, "final_high": 1900.0,
    "accounts": 6.0, "newcomers": 5.0, "officials": 2.0, "approval": 3.0, "agreeing": 2.0, "complaints": 2.5,
    "copied": 600.0, "silent": 12.0, "surplus": 590.0, "first": 0.9, "event": 1.0, "weeks": 4.0,
}  # fmt: skip


def needed(sentence: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", sentence)) - {"times", "odds"}


def test_french_and_english_say_the_same_things_with_the_same_facts() -> None:
    english, french = (_SENTENCES[language] for language in languages())
    assert english.keys() == french.keys()
    assert {kind: needed(text) for kind, text in english.items()} == {
        kind: needed(text) for kind, text in french.items()
    }
    assert len(SEVERITY_WORDS["en"]) == len(SEVERITY_WORDS["fr"])


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("kind", sorted(_SENTENCES["en"]))
def test_every_sentence_can_be_said(kind: str, language: str) -> None:
    sentence = say(kind, {**FACTS, "known": 300.0, "planned": 8.0}, language)  # type: ignore[arg-type]
    assert "{" not in sentence
    assert sentence.endswith(".")
    assert language == "en" or not may_break_before_a_sign(sentence)


def test_the_velocity_sentence_reads_well() -> None:
    assert say("velocity", FACTS) == (
        "48 mentions in 15 minutes, where 6 to 17 are usual: 4.3 times the expected 11. "
        "Normal minutes look like this about once in 2 months."
    )


def test_hardly_any_expected_is_not_none_and_the_ratio_is_that_of_the_numbers_shown() -> None:
    rare = {**FACTS, "observed": 5.0, "lower": 0.0, "upper": 1.0}
    assert "250 times the expected 0.02." in say("velocity", {**rare, "expected": 0.02})
    assert "500 fois les 0,01 attendues." in say("velocity", {**rare, "expected": 1e-9}, "fr")
    assert "50 times the expected 0.1." in say("velocity", {**rare, "expected": 0.1})


def test_a_slow_rise_does_not_say_that_what_alarmed_is_usual() -> None:
    slow = {"observed": 21.0, "expected": 6.3, "lower": 1.0, "upper": 21.0, "span": 480.0, "rarity": 2e-5}
    assert say("complaints", slow) == (
        "21 complaints in people's own words came in 8 hours, 3.3 times the expected 6.3: not many at once, but more "
        "than usual time and again. Normal minutes look like this about once a month."
    )
    for kind in ("velocity", "complaints"):
        assert "d'habitude :" not in say(kind, slow, "fr").replace("\xa0", " ")
        assert "where 1 to 21 are usual" in say(kind, slow | {"observed": 22.0})


def test_numbers_are_written_as_each_language_writes_them() -> None:
    assert "1,234 voices" in say("negative", FACTS, "en")
    assert "1 234 dernières voix" in say("negative", FACTS, "fr").replace("\u202f", " ").replace("\xa0", " ")


def test_one_mention_is_not_one_mentions() -> None:
    assert say("peak", {"peak": 1.0}) == "Peak: 1 mention in one minute."
    assert say("peak", {"peak": 21.0}) == "Peak: 21 mentions in one minute."
    assert say("peak", {"peak": 1.0}, "fr") == "Pic\xa0: 1 mention en une minute."


def test_a_post_of_our_own_is_weighed_against_likes_where_they_are_known_and_says_so() -> None:
    known = {"count": 12.0, "reshares": 1.0, "lower": 0.0, "upper": 4.0, "share": 0.8, "usual": 1 / 21}
    assert say("own_post", {**known, "approval": 3.0}) == (
        "One of the brand's own posts drew 12 answers and quotes for 3 likes and reposts; usual for posts of its "
        "account: 1 for 20, with 0 to 4 answers."
    )
    assert "likes" not in say("own_post", known)
    answered = say("own_post_answered", {**known, "approval": 0.0, "usual": 0.75}, "fr")
    assert "pour aucun j'aime ni partage\u202f; d'habitude, pour ce compte\xa0: 3 pour 1." in answered
    assert "one like or repost" in say("own_post", {**known, "approval": 1.0})


def test_what_jumped_is_said_with_the_time_on_local_clocks_and_how_long_it_took() -> None:
    facts = {"thing": 1.0, "origin": 1.0, "there": 2.0, "lag": 12.0, "clock": 860.0}
    assert say("jump", facts) == "Jumped to Bluesky at 14:20: the same link, 12 minutes after X."
    assert "the same image, by its description, 12 minutes" in say("jump", {**facts, "thing": 5.0})
    assert "la même image, d'après son aspect, 12 minutes" in say("jump", {**facts, "thing": 6.0}, "fr")
    assert "la même image, 12 minutes" in say("jump", {**facts, "thing": 4.0}, "fr")
    assert say("jump_to_press", {**facts, "there": 4.0}) == (
        "Reached the press at 14:20: the same link, 12 minutes after X."
    )
    assert say("jump_to_press", {**facts, "there": 4.0}, "fr") == (
        "Repris par la presse à 14\u202fh\u202f20\xa0: le même lien, 12 minutes après X."
    )


@pytest.mark.parametrize(("language", "outlook"), [("en", "between 310 and 1,900"), ("fr", "entre 310 et 1 900")])
def test_how_far_a_cascade_will_go_is_said_once_it_is_forecast(language: str, outlook: str) -> None:
    without = {name: value for name, value in FACTS.items() if not name.startswith("final")}
    assert outlook in say("spread", FACTS, language).replace("\u202f", " ").replace("\xa0", " ")  # type: ignore[arg-type]
    assert say("spread", FACTS, language).startswith(say("spread", without, language))  # type: ignore[arg-type]


@pytest.mark.parametrize(("language", "words"), [("en", "once in two years"), ("fr", "fois en deux ans")])
def test_a_chance_too_small_for_a_number_is_still_said(language, words):
    facts = dict.fromkeys(("observed", "expected", "lower", "upper", "span"), 1.0) | {"rarity": 0.0}
    assert words in say("velocity", facts, language)


@pytest.mark.parametrize("text", ["à 14:20", "https://exemple.fr/?a=1", "12:30:05", "un:deux", "1234 5678", "1234 56"])
def test_signs_that_are_no_punctuation_of_french_stay_as_they_are(text: str) -> None:
    assert typeset(text, "fr") == text


def test_english_is_set_as_it_is_written() -> None:
    assert typeset("a : b ; c ! « d » 1 234 50 %", "en") == "a : b ; c ! « d » 1 234 50 %"


def test_what_the_calendar_made_larger_is_said_so() -> None:
    planned = {**FACTS, "planned": 8.0, "event": 1.0}
    assert say("velocity", planned) == say("velocity", FACTS) + (
        " That is held against 8 times the usual, because a launch is planned."
    )
    assert say("complaints", {**planned, "planned": 2.75}, "fr").endswith(
        "Comme le calendrier prévoit un lancement, on attend plus de mentions, mais pas autant de plaintes en "
        "plus\u00a0: on compare celles-ci à 2,8 fois l'habitude."
    )
