"""The lexicon files: whole, folded, and without contradictions."""

from __future__ import annotations

from importlib.resources import files

import pytest

from monitor.tone import lexicon as module
from monitor.tone.lexicon import lexicon
from monitor.tone.words import words_of

NAMES = ("fr", "en", "emoji")
MODIFIERS = {"intensifier", "dampener"}


def rows(name: str) -> list[tuple[str, float, str]]:
    lines = files("monitor.tone").joinpath(f"lexicon_{name}.tsv").read_text("utf-8").splitlines()
    cells = [line.split("\t") for line in lines if not line.startswith("#")]
    return [(form, float(valence), category) for form, valence, category in cells]


@pytest.mark.parametrize("name", NAMES)
def test_every_form_is_folded_and_stands_once(name: str) -> None:
    forms = [(form, category in MODIFIERS) for form, _, category in rows(name)]
    assert len(forms) == len(set(forms))
    for form, _ in forms:
        assert " ".join(words_of(form)) in (form, form.replace("'", " "))


@pytest.mark.parametrize("name", NAMES)
def test_every_category_is_explained_and_every_valence_in_range(name: str) -> None:
    for form, valence, category in rows(name):
        assert category in (module.__doc__ or ""), form
        assert -4 <= valence <= 4, form


@pytest.mark.parametrize("name", ["fr", "en"])
def test_blame_is_negative_praise_is_positive_and_modifiers_have_the_right_sign(name: str) -> None:
    signs = {
        "praise": 1,
        "applause": 1,
        "thanks": 1,
        "humour": 1,
        "intensifier": 1,
        "negation": 0,
        "neutral": 0,
        "but": 0,
    }
    signs |= dict.fromkeys(("complaint", "product", "outrage", "boycott", "legal", "safety", "duty", "dampener"), -1)
    for form, valence, category in rows(name):
        expected = signs.get(category)
        assert expected is None or (valence > 0) - (valence < 0) == expected, form


@pytest.mark.parametrize("name", ["fr", "en"])
def test_french_and_english_are_equally_rich(name: str) -> None:
    count = {category: sum(row[2] == category for row in rows(name)) for category in {row[2] for row in rows(name)}}
    assert sum(count.values()) > 2_000
    assert min(count[category] for category in ("complaint", "outrage", "boycott", "legal", "safety", "praise")) > 60


def test_false_friends_are_left_out_when_the_language_is_unknown() -> None:
    french, english, either = lexicon("fr"), lexicon("en"), lexicon("fr", "en")
    assert french["hate"].sense is not None  # "j'ai hate de": looking forward
    assert english["hate"].sense is not None
    assert french["hate"].sense.valence > 0 > english["hate"].sense.valence
    assert "hate" not in either or either["hate"].sense is None
