"""Each piece of evidence: a case by hand, a property, a limit."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.crowds import likelihood

USUAL = (4.0, 36.0)


def even(_: int) -> float:
    return 1 / 200


def test_a_share_is_weighed_as_worked_by_hand() -> None:
    """Two of two: under Beta(2, 1) 2/3 x 3/4, under Beta(4, 36) 4/40 x 5/41; one time in five it is hidden."""
    ratio = (1 / 2) / (4 / 40 * 5 / 41)
    assert likelihood.share(2, 2, USUAL) == pytest.approx(math.log(0.8 * ratio + 0.2))


@given(st.integers(1, 500), st.data())
def test_more_of_a_telling_share_is_never_less_evidence(of: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, of - 1))
    assert likelihood.share(count + 1, of, USUAL) >= likelihood.share(count, of, USUAL) - 1e-9


@given(st.integers(0, 300), st.integers(0, 300))
def test_no_piece_speaks_against_by_more_than_what_may_stay_hidden(count: int, others: int) -> None:
    assert likelihood.share(count, count + others, USUAL) >= math.log(0.2) - 1e-9


def test_accounts_opened_together_stand_out_also_when_most_were_not() -> None:
    strangers = dict.fromkeys(range(1_000, 1_060), 1)
    assert likelihood.opened_together(strangers, even, 300) < 0
    assert likelihood.opened_together({**strangers, 7: 40}, even, 300) > 20
    assert likelihood.opened_together({7: 12, 8: 7, **dict.fromkeys(range(100, 107), 1)}, even, 300) > 10


def test_a_fortnight_in_which_everybody_came_is_no_evidence() -> None:
    """When a network opens its doors, its users are opened together."""
    assert likelihood.opened_together({7: 10, 8: 60, 9: 30}, lambda one: {7: 0.1, 8: 0.6, 9: 0.29}[one], 300) < 0


def beat(gaps: list[float]) -> float:
    return likelihood.rhythm(len(gaps), sum(gaps), sum(map(math.log, gaps)))


def test_a_metronome_is_heard_and_people_are_not() -> None:
    random = Random(1)
    assert beat([60 + random.uniform(-6, 6) for _ in range(20)]) > 10
    assert max(beat([max(0.5, random.expovariate(1 / 60)) for _ in range(20)]) for _ in range(200)) < 3


def test_too_few_gaps_or_too_short_ones_say_nothing() -> None:
    assert beat([60.0] * 7) == 0
    assert beat([1.0] * 500) == 0  # whole seconds, many posts a second
