"""Who may have seen it, and who is new: the published formula, its bounds, and a memory that forgets in order."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.cascades.audience import OTHER_POPULATION, SMALL, Newcomers, estimated_reach, views


def accounts(count: int, seed: int = 1) -> list[int]:
    random = Random(seed)
    return [random.getrandbits(64) - (1 << 63) for _ in range(count)]


@pytest.mark.parametrize(
    ("followers", "seen"),
    [(0, 0), (1_000, 150), (SMALL, 15_000), (5_050_000, 530_250), (10_000_000, 600_000), (80_000_000, 4_800_000)],
)
def test_fifteen_per_cent_look_at_small_accounts_and_six_at_large_ones(followers: int, seen: int) -> None:
    assert views(followers) == seen


@given(st.integers(0, 200_000_000))
def test_the_more_followers_the_more_views_but_for_rounding(followers: int) -> None:
    assert 0 <= views(followers) <= 0.15 * followers + 1
    assert followers > 5_000_000 or views(followers) <= views(followers + 1_000)


@given(seen=st.integers(0, 10**12), more=st.integers(0, 10**9), network=st.sampled_from(("x", "bluesky", "forum")))
def test_reach_grows_and_is_never_more_than_views_or_people(seen: int, more: int, network: str) -> None:
    reach = estimated_reach(seen, network)
    assert reach <= seen
    assert reach <= estimated_reach(seen + more, network) <= 240_000_000


def test_audiences_overlap_as_random_ones_of_a_population_do() -> None:
    parts = [0.3, 0.2, 0.05]
    once = 1.0
    for part in parts:
        once *= 1 - part  # nobody sees any of many small pieces of these
    views_of_all = round(OTHER_POPULATION * sum(parts))
    assert estimated_reach(views_of_all, "forum") < OTHER_POPULATION * (1 - once)
    assert estimated_reach(1_000, "forum") == 1_000


def test_everybody_is_new_once() -> None:
    known, people = Newcomers(), accounts(2_000)
    assert sum(known.meet(people)) == 2_000
    assert sum(known.meet(people)) < 100  # forgotten because two others took their place


def test_those_who_spoke_long_ago_are_forgotten_first() -> None:
    people = accounts(40_000)
    for others, remembered in ((4_000, 0.91), (8_000, 0.74), (16_000, 0.41)):
        known = Newcomers()
        known.meet(people[: others + 200])
        still = sum(not known.meet([person])[0] for person in people[:200]) / 200
        assert still == pytest.approx(remembered, abs=0.12)


def test_few_newcomers_are_taken_for_known() -> None:
    known = Newcomers()
    known.meet(accounts(30_000, seed=2))
    assert sum(known.meet(accounts(20_000, seed=3))) > 19_980


@pytest.mark.parametrize("people", [1, 30, 2_000, 40_000])
def test_to_meet_many_at_once_is_to_meet_them_one_by_one(people: int) -> None:
    random, keys = Random(people), accounts(people)
    together, apart = Newcomers(), Newcomers()
    for count in (1, 64, 65, 5_000):
        crowd = random.choices(keys, k=count)
        assert together.meet(crowd) == [new for one in crowd for new in apart.meet([one])]
    assert together.snapshot() == apart.snapshot()


@pytest.mark.parametrize("count", [0, 1, 500, 9_000, 60_000])
def test_the_memory_is_taken_back_whole_and_small(count: int) -> None:
    known, again = Newcomers(), Newcomers()
    known.meet(accounts(count))
    state = known.snapshot()
    assert len(state) <= min(4 * count, 32_768)
    again.restore(state)
    later = accounts(300, seed=9) + accounts(count)[-300:]
    assert again.meet(later) == known.meet(later)
    assert again.snapshot() == known.snapshot()
