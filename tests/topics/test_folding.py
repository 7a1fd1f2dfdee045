import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.topics.folding import fold, fold_batch

SAME = [
    ("société", "SOCIETE"),
    ("Œuvre, cœur", "oeuvre, COEUR"),
    ("Straße", "STRASSE"),
    ("l’Oréal", "L'OREAL"),
    ("l´oréal l`oréal", "l'oreal l'oreal"),
    ("après–vente", "apres-vente"),
    ("« fin »", '" fin "'),
    ("ＡＣＭＥ", "acme"),
    ("𝗔𝗰𝗺𝗲", "acme"),
    ("ﬁn", "fin"),
    ("Łódź Ørsted Þór", "lodz orsted thor"),
    ("Ёлка", "елка"),
    ("ΟΔΟΣ", "οδος".replace("ς", "σ")),
    ("İstanbul ışık", "istanbul isik"),
    (unicodedata.normalize("NFD", "Genève à Noël"), unicodedata.normalize("NFC", "geneve a noel")),
    ("ac\u200bme\u00ad", "acme"),
    ("ac\u200dme", "acme"),
    ("\u202eacme\u202c", "acme"),
    ("👍🏽", "👍"),
    ("❤️", "❤"),
    ("Acme™ Acme®", "acme  acme "),
]


@pytest.mark.parametrize(("written", "other"), SAME)
def test_what_a_reader_takes_for_the_same_folds_to_the_same(written, other):
    assert fold(written) == fold(other)


def test_emoji_sequences_stay_what_they_are():
    assert fold("👩🏿\u200d🚒") == "👩\u200d🚒"
    assert fold("👩\u200d🚒") != fold("👩🚒")
    assert fold("🇫🇷") == "🇫🇷"


def test_half_a_surrogate_pair_becomes_encodable():
    assert fold("a\ud800b") == fold_batch("a\ud800b") == "a\ufffdb"


def test_every_character_folds_once_and_for_all_alone_and_in_a_batch():
    characters = [chr(code) for code in range(0x20000) if not 0xD800 <= code < 0xE000]
    folded = [fold(character) for character in characters]
    assert fold_batch("\n".join(characters)) == "\n".join(folded)
    assert [fold(text) for text in folded] == folded


@settings(deadline=None)
@given(st.text())
def test_folding_twice_changes_nothing_more(text):
    assert fold(fold(text)) == fold(text)


@settings(deadline=None)
@given(st.lists(st.text()))
def test_a_batch_folds_as_its_texts_do(texts):
    assert fold_batch("\x00".join(texts)) == "\x00".join(map(fold, texts))


@settings(deadline=None)
@given(st.text(st.sampled_from("aéœ\u200d\u0301👍🏽ﬁ'")), st.integers(7_990, 8_010))
def test_a_batch_folds_the_same_across_the_borders_of_its_pieces(text, length):
    whole = "x" * length + text + "é"
    assert fold_batch(whole) == fold(whole)
