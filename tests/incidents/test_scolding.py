"""When answers to the brand are a scolding, and when they are applause, questions or too few to tell."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.incidents.scolding import is_scolding, tones_of
from tests.made import at, match

COUNTS = st.integers(0, 2_000)


@pytest.mark.parametrize("tones", [(5, 0, 0), (4, 1, 0), (8, 0, 1), (20, 0, 10), (5, 5, 0), (300, 100, 250)])
def test_sour_answers_without_much_praise_are_a_scolding(tones: tuple[int, int, int]) -> None:
    assert is_scolding(*tones)


@pytest.mark.parametrize("tones", [(0, 0, 0), (1, 4, 0), (0, 5, 0), (4, 0, 0), (6, 0, 3), (0, 20, 10), (50, 400, 260)])
def test_few_answers_questions_and_applause_are_none(tones: tuple[int, int, int]) -> None:
    assert not is_scolding(*tones)


@pytest.mark.parametrize("tones", [(0, 9, 0), (0, 300, 0), (3, 7, 0), (20, 80, 0), (200, 800, 0), (2_000, 8_000, 10)])
def test_a_contest_and_questions_are_none_though_one_in_five_is_read_as_sour(tones: tuple[int, int, int]) -> None:
    assert not is_scolding(*tones)


@given(COUNTS, COUNTS, COUNTS)
@example(sour=251, toneless=793, glad=70)  # scaled and cut to whole numbers, one more glad answer spoke against
def test_one_more_sour_answer_never_speaks_for_the_brand_and_one_more_glad_one_never_against_it(
    sour: int, toneless: int, glad: int
) -> None:
    if is_scolding(sour, toneless, glad):
        assert is_scolding(sour + 1, toneless, glad)
        assert is_scolding(sour + 1, max(0, toneless - 1), glad)
    else:
        assert not is_scolding(sour, toneless, glad + 1)


def test_an_answer_that_may_be_ironic_has_no_tone() -> None:
    start = at("09:00")
    answers = [
        match("1", start, tone=-0.6),
        match("2", start, tone=-0.6, is_ironic=True),
        match("3", start, tone=0.8, is_ironic=True),
        match("4", start, tone=0.1),
        match("5", start, tone=0.8),
    ]
    assert tones_of(answers) == (1, 3, 1)
