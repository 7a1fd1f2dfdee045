import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.stats.block_maxima import ExtremeValues, fit, l_moments

FLAT = ExtremeValues(0.0, 1.0, 0.0)


def test_l_moments_by_hand() -> None:
    # Pairs of (1, 2, 4): half the mean absolute difference is (1 + 3 + 2) / 3 / 2 = 1; l3 = (4 - 2 * 2 + 1) / 3.
    mean, second, skewness = l_moments([4.0, 1.0, 2.0])
    assert (mean, second, skewness) == pytest.approx((7.0 / 3.0, 1.0, 1.0 / 3.0))


@given(st.lists(st.floats(-100.0, 100.0), min_size=3, max_size=50), st.floats(0.1, 10.0), st.floats(-5.0, 5.0))
def test_l_moments_follow_scale_and_shift(values: list[float], scale: float, shift: float) -> None:
    mean, second, _ = l_moments(values)
    moved = l_moments([scale * value + shift for value in values])
    assert moved[0] == pytest.approx(scale * mean + shift, abs=1e-6)
    assert moved[1] == pytest.approx(scale * second, abs=1e-6)


def test_equal_values_have_no_spread_and_no_skewness() -> None:
    assert l_moments([2.0] * 5) == (2.0, 0.0, 0.0)


def test_the_rate_by_hand() -> None:
    assert FLAT.rate(math.log(60.0)) == pytest.approx(1.0 / 60.0)
    # Shape 1/2: (1 + 0.5 * 6)^-2 = 1/16.
    assert ExtremeValues(0.0, 1.0, 0.5).rate(6.0) == pytest.approx(1.0 / 16.0)


@given(st.floats(-3, 3), st.floats(0.1, 5), st.floats(-0.3, 0.35), st.floats(1e-6, 10.0))
def test_level_and_rate_are_inverse(location: float, scale: float, shape: float, rate: float) -> None:
    found = ExtremeValues(location, scale, shape)
    assert found.rate(found.level(rate)) == pytest.approx(rate, rel=1e-6)


def test_the_shape_tends_to_gumbel_as_it_vanishes() -> None:
    assert ExtremeValues(1.0, 2.0, 2e-6).rate(9.0) == pytest.approx(ExtremeValues(1.0, 2.0, 0.0).rate(9.0), rel=1e-4)


def test_beyond_a_light_tails_end_there_is_nothing() -> None:
    assert ExtremeValues(0.0, 1.0, -0.25).rate(4.1) == 0.0
    assert ExtremeValues(0.0, 1.0, 0.25).rate(-4.1) == math.inf


def test_without_values_the_prior_stands_but_for_the_doubt_of_a_forecast() -> None:
    prior = ExtremeValues(2.0, 0.5, 0.1)
    found = fit([], prior, 10.0)
    assert found.shape == pytest.approx(0.2)
    assert l_moments_of(found) == pytest.approx(l_moments_of(prior))


def l_moments_of(law: ExtremeValues) -> tuple[float, float]:
    gamma = math.gamma(1.0 - law.shape)
    return (
        law.location + law.scale * (gamma - 1.0) / law.shape,
        law.scale * gamma * (2.0**law.shape - 1.0) / law.shape,
    )


def test_many_values_of_a_law_give_the_law_back() -> None:
    rng = random.Random(11)
    law = ExtremeValues(2.0, 0.7, 0.2)
    values = [law.level(-math.log(rng.random())) for _ in range(20_000)]
    found = fit(values, FLAT, 12.0)
    assert (found.location, found.scale, found.shape) == pytest.approx((2.0, 0.7, 0.2), abs=0.03)


@given(st.lists(st.floats(0.0, 50.0), max_size=84))
def test_the_shape_stays_between_its_bounds(values: list[float]) -> None:
    assert 0.0 <= fit(values, FLAT, 12.0).shape <= 0.35
