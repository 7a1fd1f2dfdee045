import random

import pytest

from monitor.stats.season import Season


def test_what_was_never_seen_is_ordinary() -> None:
    assert Season.flat(2, 48).factor(1, 30)[0] == 1.0


def test_one_visit_by_hand() -> None:
    season = Season.flat(2, 48)
    season.learn(0, 10, 3.0, 4.0)
    # Smoothed by (1/4, 1/2, 1/4): seen 6, weight 2; pooled (6 + 4) / (2 + 4) = 5/3; own (6 + 4 * 5/3) / (2 + 4).
    assert season.factor(0, 10)[0] == pytest.approx((6.0 + 20.0 / 3.0) / 6.0)
    # The other class only borrows.
    assert season.factor(1, 10)[0] == pytest.approx(5.0 / 3.0)


def test_midnight_has_neighbours_on_both_sides() -> None:
    season = Season.flat(1, 48)
    season.learn(0, 47, 2.0, 4.0)
    assert season.factor(0, 0)[0] > 1.0
    assert season.factor(0, 1)[0] == 1.0


def test_with_much_evidence_the_factor_is_what_was_seen_and_doubt_falls() -> None:
    season = Season.flat(2, 48)
    before = season.factor(0, 20)[1]
    rng = random.Random(3)
    for _ in range(300):
        for cell in (19, 20, 21):
            season.learn(0, cell, rng.gammavariate(4.0, 0.5), 4.0)
    value, doubt = season.factor(0, 20)
    assert value == pytest.approx(2.0, rel=0.1)
    assert doubt < before / 10


def test_a_factor_lies_between_what_was_seen_and_one() -> None:
    season = Season.flat(2, 48)
    season.learn(0, 5, 0.0, 3.0)
    assert 0.0 < season.factor(0, 5)[0] < 1.0


def test_fading_is_forgetting_as_many_visits_with_nothing_to_learn() -> None:
    faded, visited = Season.flat(1, 4), Season.flat(1, 4)
    for season in (faded, visited):
        season.learn(0, 2, 3.0, 4.0)
    faded.fade(0, 3)
    for cell in range(4):
        for _ in range(3):
            visited.learn(0, cell, 0.0, 0.0)
    assert faded.factor(0, 2) == pytest.approx(visited.factor(0, 2), rel=1e-5)
