import math
from random import Random
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.backtest.laws import followers, mean_root_followers, pareto_size, poisson, reaction_delay_us
from monitor.clock import SECOND_US


def test_reactions_are_as_quick_as_seismic_measured():
    rng = Random(1)
    delays = [reaction_delay_us(rng) / SECOND_US for _ in range(20_000)]
    # By hand: c * 300 = 0.188 within five minutes; half when (t/300)^-theta = 0.5 / 0.812, so at 2,437 s.
    assert sum(delay <= 300 for delay in delays) / 20_000 == pytest.approx(0.188, abs=0.01)
    assert median(delays) == pytest.approx(2_437, rel=0.06)


@given(st.integers(1, 10**9), st.integers())
def test_a_bounded_reaction_keeps_its_bound(within_seconds, seed):
    delay = reaction_delay_us(Random(seed), within_seconds * SECOND_US)
    assert 0 <= delay <= within_seconds * SECOND_US + 1


def test_a_bound_keeps_the_shape_below_it():
    rng = Random(2)
    bounded = [reaction_delay_us(rng, 3600 * SECOND_US) for _ in range(10_000)]
    free = [delay for delay in (reaction_delay_us(rng) for _ in range(20_000)) if delay < 3600 * SECOND_US]
    assert median(bounded) == pytest.approx(median(free), rel=0.06)


@given(st.floats(1e-9, 1.0))
def test_followers_stay_between_their_bounds(uniform):
    assert 40 <= followers(uniform, 40, 200_000) <= 200_000


def test_ten_times_the_followers_are_ten_to_the_1_016_times_rarer():
    rng = Random(3)
    counts = [followers(1 - rng.random(), 40, 1e9) for _ in range(100_000)]
    ratio = sum(count >= 400 for count in counts) / sum(count >= 4_000 for count in counts)
    assert ratio == pytest.approx(10**1.016, rel=0.1)


def test_the_mean_root_of_followers_is_what_sampling_gives():
    rng = Random(4)
    sampled = sum(math.sqrt(followers(1 - rng.random(), 40, 1e12)) for _ in range(100_000)) / 100_000
    assert mean_root_followers(40) == pytest.approx(sampled, rel=0.05)


@pytest.mark.parametrize("mean", [0.0, 0.4, 3.0, 29.0, 31.0, 400.0])
def test_poisson_counts_have_mean_and_variance_alike(mean):
    rng = Random(5)
    counts = [poisson(rng, mean) for _ in range(20_000)]
    average = sum(counts) / len(counts)
    variance = sum((count - average) ** 2 for count in counts) / len(counts)
    assert average == pytest.approx(mean, rel=0.03)
    assert variance == pytest.approx(mean, rel=0.06)


@given(st.integers())
def test_a_harmless_cascade_stays_between_its_bounds(seed):
    assert 10 <= pareto_size(Random(seed), 10, 300) <= 300
