"""Hashtags read as the words they run together."""

from __future__ import annotations

import pytest

from monitor.tone import readable as module
from monitor.tone.readable import in_words, readable
from monitor.tone.scorer import ToneScorer

SCORER = ToneScorer()
ORDINARY = "heroin talent download badminton therapist washington retirement classement télétravail panneau approach"


@pytest.mark.parametrize(
    ("hashtag", "words"),
    [
        ("neveragain", "never again"),
        ("worstserviceever", "worst service ever"),
        ("WORSTSERVICEEVER", "WORST SERVICE EVER"),
        ("serviceclientnul", "service client nul"),
        ("plusjamais", "plus jamais"),
        ("vousêtesnuls", "vous etes nuls"),
        ("BoycottAcme", "Boycott Acme"),
    ],
)
def test_a_hashtag_is_cut_at_its_capitals_or_into_known_words(hashtag: str, words: str) -> None:
    assert in_words(hashtag).split() == words.split()


@pytest.mark.parametrize(
    ("hashtag", "lang"),
    [
        *((one, "en") for one in ("shameonacme", "shameonyou", "neveragain", "acmefail", "notgoodenough")),
        *((one, "fr") for one in ("plusjamaisacme", "serviceclientnul", "honteàacme", "acmearnaque", "rasleboltotal")),
    ],
)
def test_a_loud_hashtag_without_capitals_sounds_negative(hashtag: str, lang: str) -> None:
    assert SCORER.score(f"#{hashtag}", lang).value < -0.25


@pytest.mark.parametrize("hashtag", ORDINARY.split())
def test_an_ordinary_word_is_left_whole(hashtag: str) -> None:
    assert in_words(hashtag) == hashtag


def test_a_known_word_is_not_cut_at_a_loud_half() -> None:
    assert in_words("honteux") == "honteux"


def test_the_cost_grows_with_the_length_not_with_its_square(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in looked-up words: of what is nobody's sentence nothing is looked up."""
    looked_up = 0

    class Counting(frozenset[str]):
        def __contains__(self, word: object) -> bool:
            nonlocal looked_up
            looked_up += 1
            return super().__contains__(word)

    monkeypatch.setattr(module, "_WORDS", tuple(Counting(known) for known in module._WORDS))
    longest = module.LETTERS.stop - 1
    in_words("on" * (longest // 2))
    most, looked_up = looked_up, 0
    assert 0 < most <= 2 * (1 + longest * len(module._LENGTHS))
    in_words("on" * 1_000)
    assert looked_up <= 2


def test_what_is_remembered_of_hashtags_is_bounded() -> None:
    module._remembered.cache_clear()
    readable(f"#{'a' * 1_900}")
    assert module._remembered.cache_info().currsize == 0
    readable("#acme")
    assert module._remembered.cache_info().currsize == 1
    assert module._remembered.cache_info().maxsize == module.MOST_REMEMBERED
