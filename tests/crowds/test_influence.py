"""Influence: expected exposure, from figures that can be checked by hand."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.crowds.influence import (
    POPULATION,
    Influence,
    Speaker,
    h_index,
    influences,
    reach,
    ripeness,
    seen_share,
)

LONG_AGO = 30 * 86_400.0


def crowd(count: int = 200, seed: int = 5) -> list[Speaker]:
    """Accounts of 100 to 100,000 followers that draw a repost a post for every thousand followers."""
    chance = random.Random(seed)
    found = []
    for account in range(count):
        followers = round(10 ** chance.uniform(2, 5))
        posts = tuple((round(chance.expovariate(1_000 / followers)), LONG_AGO) for _ in range(chance.randint(1, 4)))
        found.append(Speaker(account=account, followers=followers, posts=posts))
    return found


def one(speaker: Speaker, among: list[Speaker], **options: object) -> Influence:
    resharers = options.pop("resharers", [500] * 50)
    sizes = options.pop("sizes", {1: 100})
    (found,) = influences([*among, speaker], resharers, sizes, wanted={speaker.account}, most=9, **options)  # type: ignore[arg-type]
    return found


def wrote(account: int, followers: int | None, reposts: list[int], age: float = LONG_AGO, **known: object) -> Speaker:
    posts = tuple((count, age) for count in reposts)
    return Speaker(account=account, followers=followers, posts=posts, **known)  # type: ignore[arg-type]


def test_without_reposts_only_its_own_followers_see_a_post() -> None:
    found = one(wrote(1, 2_000, [0, 0, 0]), [], resharers=[])
    assert found.expected == pytest.approx(reach([2_000 * 0.15]))
    assert (found.lower, found.upper) == (pytest.approx(reach([150])), pytest.approx(reach([600])))
    assert found.audience == pytest.approx(math.log10(2_001))


def test_the_topic_teaches_what_a_post_of_such_an_account_draws() -> None:
    small, large = (one(wrote(999, followers, []), crowd()).reposts for followers in (500, 50_000))
    assert small == pytest.approx(0.5, rel=0.8)
    assert large == pytest.approx(50, rel=0.4)


def test_one_lucky_post_moves_less_than_many() -> None:
    once, often, never = (one(wrote(999, 1_000, posts), crowd()).reposts for posts in ([100], [100] * 10, []))
    assert never < once < often < 100 / ripeness(LONG_AGO)
    assert once < 50 < often


def test_influence_is_not_fame() -> None:
    """A small account that is always passed on reaches more than a larger one nobody passes on."""
    heard, famous = wrote(998, 1_000, [150] * 12), wrote(999, 60_000, [0] * 12)
    ranked = influences([*crowd(), heard, famous], [800] * 99, {1: 9}, wanted={998, 999}, most=2)
    assert [found.account for found in ranked] == [998, 999]
    assert ranked[0].direct < ranked[1].direct


def test_those_the_press_speaks_through_are_learnt_apart() -> None:
    press = [wrote(1_000 + n, 5_000, [40, 60], role="press") for n in range(20)]
    others = [wrote(2_000 + n, 5_000, [0, 1]) for n in range(40)]
    newcomer = {role: one(wrote(1, 5_000, [], role=role), press + others) for role in ("press", None)}
    assert newcomer["press"].reposts > 5 * newcomer[None].reposts


def test_being_passed_on_in_several_communities_reaches_more_people() -> None:
    sizes = {1: 50, 2: 50}
    narrow, wide = (
        one(wrote(999, 100, [3_000] * 5, passed_on_in=circles), crowd(), sizes=sizes, resharers=[2_000], population=2e5)
        for circles in ({1: 10}, {1: 5, 2: 5})
    )
    assert wide.expected > 1.2 * narrow.expected
    assert narrow.expected < 1e5 + 100  # half of the accounts stand for half of the people
    assert (narrow.communities, wide.communities) == (1, 2)


def test_a_post_of_a_minute_ago_says_little_yet() -> None:
    fresh, ripe = (one(wrote(999, 20_000, [0] * 6, age=age), crowd()).reposts for age in (60.0, LONG_AGO))
    assert fresh > 2 * ripe


def test_the_interval_holds_what_is_expected_and_widens_with_chance() -> None:
    for found in influences(crowd(), [500] * 9, {1: 9}, wanted=set(range(200)), most=200):
        assert 0 <= found.lower <= found.expected <= found.upper <= POPULATION
        assert found.repost_bounds[0] <= found.repost_bounds[1]


def test_four_of_five_next_posts_lie_within_the_bounds() -> None:
    chance = random.Random(11)
    inside = []
    known = crowd(600, seed=8)
    found = {each.account: each for each in influences(known, [500], {1: 9}, wanted=set(range(600)), most=600)}
    for speaker in known:
        drawn = round(chance.expovariate(1_000 / (speaker.followers or 1)))
        low, high = found[speaker.account].repost_bounds
        inside.append(low <= drawn <= high)
    assert sum(inside) / len(inside) > 0.8


def test_ranks_are_of_those_wanted_and_settled_by_account_when_equal() -> None:
    twins = [wrote(account, 700, [2]) for account in (5, 3, 4)]
    assert [found.account for found in influences(twins, [], {}, wanted={3, 4, 5}, most=2)] == [3, 4]
    assert influences(twins, [], {}, wanted=set(), most=2) == []
    assert influences([], [], {}, wanted={1}, most=2) == []


@given(st.lists(st.integers(0, 10**9), max_size=20))
def test_overlapping_audiences_never_reach_more_than_their_sum_or_everybody(audiences: list[int]) -> None:
    assert reach(audiences) <= min(sum(audiences) * (1 + 1e-9), POPULATION)


@given(st.lists(st.integers(0, 30), max_size=40))
def test_h_index_is_what_it_says(reposts: list[int]) -> None:
    h = h_index(reposts)
    assert sum(count >= h for count in reposts) >= h
    assert sum(count >= h + 1 for count in reposts) < h + 1


@given(st.floats(0, 1e10))
def test_shares_are_shares(number: float) -> None:
    assert 0 <= ripeness(number) <= 1
    assert 0.06 <= seen_share(number) <= 0.15
