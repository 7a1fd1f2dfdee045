"""Sentences: complete in both languages, plain, and never a name or a post's text."""

from __future__ import annotations

import re

import pytest

from monitor.incidents.words import _SENTENCES, SEVERITY_WORDS, languages, say

FACTS = {
    "observed": 48.0, "expected": 11.2, "lower": 6.0, "upper": 17.0, "span": 15.0, "rarity": 1e-5, "share": 0.61,
    "mentions": 1234.0, "usual": 0.2, "count": 30.0, "growth": 80.0, "pace": 1.7, "size": 200.0, "reach": 120000.0,
    "severity": 3.0, "followers": 41000.0, "peak": 25.0, "quiet": 180.0, "authors": 700.0,
}  # fmt: skip


def needed(sentence: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", sentence)) - {"times"}


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
    sentence = say(kind, FACTS, language)  # type: ignore[arg-type]
    assert "{" not in sentence
    assert sentence.endswith(".")


def test_the_velocity_sentence_reads_well() -> None:
    assert say("velocity", FACTS) == (
        "48 mentions in 15 minutes, where 6 to 17 are usual: 4.3 times the expected 11. "
        "Normal minutes look like this about once in 2 months."
    )


def test_numbers_are_written_as_each_language_writes_them() -> None:
    assert "1,234 mentions" in say("negative", FACTS, "en")
    assert "1 234 dernières mentions" in say("negative", FACTS, "fr").replace("\u202f", " ").replace("\xa0", " ")


def test_one_mention_is_not_one_mentions() -> None:
    assert say("peak", {"peak": 1.0}) == "Peak: 1 mention in one minute."
    assert say("peak", {"peak": 21.0}) == "Peak: 21 mentions in one minute."
    assert say("peak", {"peak": 1.0}, "fr") == "Pic : 1 mention en une minute."
