"""Telling French from English on a handful of words."""

from __future__ import annotations

import pytest

from monitor.tone.language import language_of
from monitor.tone.words import words_of


@pytest.mark.parametrize(
    ("text", "declared", "language"),
    [
        ("Où est passé mon colis, ça fait trois jours que j'attends", None, "fr"),
        ("Where is my parcel, I have waited for three days", None, "en"),
        ("Acme", None, "either"),
        ("Acme", "fr", "fr"),
        ("Acme", "en-GB", "en"),
        ("Acme", "und", "either"),
        ("Acme", "qht", "either"),
        ("¿Dónde está mi paquete?", "es", "other"),
        ("Ce n'est pas le lieu pour ça", "es", "fr"),
        ("This is not the place for that", "de", "en"),
        ("I have been waiting for my refund", "fr", "en"),
    ],
)
def test_little_words_decide_and_the_declaration_is_a_hint(text: str, declared: str | None, language: str) -> None:
    assert language_of(words_of(text), declared) == language
