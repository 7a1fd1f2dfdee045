import random

import pytest

from monitor.anomalies.episodes import Episodes, recomputed
from monitor.clock import MINUTE_US
from monitor.stats.block_maxima import ExtremeValues

PRIOR = ExtremeValues(2.0, 0.6, 0.1)
BLOCK = 720


def lived(blocks: int, seed: int = 1) -> Episodes:
    """A process twice as rough as theory: a minute reaches x with a chance of 10^(-x/2)."""
    episodes = Episodes(PRIOR)
    rng = random.Random(seed)
    for block in range(blocks):
        largest = max(rng.expovariate(2.302585 / 2) for _ in range(BLOCK))
        episodes.learn(block * BLOCK, largest, BLOCK)
    return episodes


def test_the_rate_of_half_days_is_the_rate_that_was_seen() -> None:
    episodes = lived(85)
    # Theory would say 1e-8.
    assert episodes.p_value(8.0) == pytest.approx(1e-4, rel=0.6)


def test_history_never_makes_bolder_than_theory() -> None:
    quiet = Episodes(PRIOR)
    quiet.learn(0, 0.0, 100 * BLOCK)
    assert quiet.p_value(4.0) >= 1e-4


def test_where_theory_is_cautious_history_is_believed_as_far_as_it_was_earned() -> None:
    quiet, rough = Episodes(PRIOR, earned=2.0), Episodes(PRIOR, earned=2.0)
    said = []
    for block in range(24):
        said.append(quiet.p_value(4.0))
        quiet.learn(block * BLOCK, 0.1, BLOCK)
        rough.learn(block * BLOCK, 3.8, BLOCK)
    quiet.learn(24 * BLOCK, 0.1, BLOCK)
    rough.learn(24 * BLOCK, 3.8, BLOCK)
    assert said[0] >= 1e-4  # nothing was earned yet
    assert said == sorted(said, reverse=True)
    assert quiet.trust == pytest.approx(2.0 * 24 / 36)
    assert quiet.p_value(4.0) == pytest.approx(10 ** -(4.0 + quiet.trust))
    assert rough.p_value(4.0) > 1e-4  # its own half days come close to it: they are believed, not theory


def test_a_chance_that_was_earned_is_recomputed_from_the_factors() -> None:
    episodes = Episodes(PRIOR, earned=2.0)
    episodes.learn(0, 0.1, 30 * BLOCK)
    assert recomputed(6.0, episodes.factors) == episodes.p_value(6.0) < 1e-6


def test_a_chance_without_a_theory_is_recomputed_from_the_factors() -> None:
    episodes = Episodes(PRIOR, has_theory=False)
    episodes.learn(0, 0.1, 30 * BLOCK)
    half_days = episodes.factors["half_days"]
    assert recomputed(20.0, episodes.factors) == episodes.p_value(20.0) == 0.1 / (BLOCK * (half_days + 1))


def test_more_extreme_is_never_likelier_and_chances_are_chances() -> None:
    episodes = lived(40)
    p_values = [episodes.p_value(x / 4) for x in range(200)]
    assert p_values == sorted(p_values, reverse=True)
    assert all(0.0 < p <= 1.0 for p in p_values)
    assert episodes.p_value(0.0) == 1.0


def test_nominal_is_the_inverse_of_the_p_value() -> None:
    episodes = lived(40)
    trusting = Episodes(PRIOR, earned=2.0)
    trusting.learn(0, 0.1, 30 * BLOCK)
    for p_value in (1e-3, 1e-5, 1e-7):
        for one in (episodes, trusting):
            assert one.p_value(one.nominal(p_value)) == pytest.approx(p_value, rel=1e-6)


def test_an_episode_counts_once_by_its_most_extreme_minute_in_the_half_day_in_which_it_began() -> None:
    episodes = lived(10)
    for minute in range(3 * BLOCK):
        episodes.onset(10 * BLOCK + minute, 5.0 + min(minute, 3 * BLOCK - minute) / 2000)
    episodes.learn(14 * BLOCK, 1.0, 2 * BLOCK)
    # Ten half days, the one in which it began, and the two learned since: those within are left out.
    assert episodes.blocks == 12
    assert episodes.state.maxima[10] == pytest.approx(5.54)


def test_a_burst_that_comes_every_week_is_not_as_rare_after_weeks_as_the_first_one_was() -> None:
    episodes, rng, said = Episodes(PRIOR), random.Random(1), []
    for block in range(8 * 14):
        start = block * BLOCK
        if block % 14 < 13:
            episodes.learn(start, max(rng.expovariate(2.302585) for _ in range(BLOCK)), BLOCK)
            continue
        said.append(episodes.p_value(9.0))
        for minute, nominal in enumerate((4.0, 6.5, 9.0, 9.0, 5.0)):
            episodes.onset(start + minute, nominal)
        episodes.learn(start + 5, 1.0, BLOCK - 5)
    assert said[-1] > 20.0 * said[0]  # by its first minute alone it would get rarer and rarer


def test_one_wild_half_day_does_not_deafen() -> None:
    calm, shaken = lived(60), lived(60)
    calm.learn(60 * BLOCK, 2.0, BLOCK)
    shaken.learn(60 * BLOCK, 250.0, BLOCK)
    for episodes in (calm, shaken):
        episodes.learn(61 * BLOCK, 1.0, BLOCK)
    assert shaken.nominal(1e-5) < 1.4 * calm.nominal(1e-5)


def test_a_half_day_mostly_unseen_is_not_kept() -> None:
    episodes = Episodes(PRIOR)
    episodes.learn(0, 1.0, 200)
    episodes.learn(BLOCK, 1.0, BLOCK)
    episodes.learn(2 * BLOCK, 1.0, BLOCK)
    assert episodes.blocks == 1


def test_memory_is_bounded() -> None:
    episodes = Episodes(PRIOR)
    episodes.learn(0, 1.0, 365 * 1440)
    assert episodes.blocks == 84


def test_a_day_of_five_minute_buckets_has_two_half_days() -> None:
    episodes = Episodes(PRIOR, 5 * MINUTE_US)
    for bucket in range(289):
        episodes.learn(bucket, 1.0)
    assert episodes.blocks == 2
