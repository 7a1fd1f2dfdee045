import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.stats.negative_binomial import interval, log_likelihood_ratio, log_mass, log_tail, quantile

MEANS = st.floats(1e-3, 60.0)
SCATTERS = st.one_of(st.just(0.0), st.floats(1e-3, 3.0))


def summed_tail(count: int, mean: float, scatter: float) -> float:
    """The tail, added up term by term until nothing more comes."""
    total, k = 0.0, count
    term = 1.0
    while k <= mean or term > total * 1e-12:
        term = math.exp(log_mass(k, mean, scatter))
        total += term
        k += 1
    return total


def test_the_mass_by_hand() -> None:
    # Size 2, success chance 2 / (2 + 3) = 0.4: C(3, 2) 0.4^2 0.6^2 = 0.1728.
    assert math.exp(log_mass(2, 3.0, 0.5)) == pytest.approx(0.1728)


def test_the_mass_is_poisson_when_nothing_scatters() -> None:
    assert math.exp(log_mass(3, 2.0, 0.0)) == pytest.approx(math.exp(-2.0) * 8.0 / 6.0)
    assert log_mass(3, 2.0, 1.1e-6) == pytest.approx(log_mass(3, 2.0, 0.0), abs=1e-5)


@settings(max_examples=30)
@given(MEANS, SCATTERS)
def test_the_masses_add_up_to_one(mean: float, scatter: float) -> None:
    assert summed_tail(0, mean, scatter) == pytest.approx(1.0, rel=1e-6)


@settings(max_examples=50)
@given(st.integers(1, 400), MEANS, SCATTERS)
def test_the_tail_is_the_sum_of_the_masses(count: int, mean: float, scatter: float) -> None:
    expected = summed_tail(count, mean, scatter)
    if expected > 1e-290:
        assert math.exp(log_tail(count, mean, scatter)) == pytest.approx(expected, rel=1e-6)


def test_the_far_tail_is_told_apart_beyond_what_a_float_can_hold() -> None:
    # P(Y >= n) of a geometric law of mean 1 is exactly 2^-n.
    assert log_tail(5_000, 1.0, 1.0) == pytest.approx(-5_000 * math.log(2.0), rel=1e-9)


def test_nothing_or_more_is_certain_and_something_out_of_nothing_impossible() -> None:
    assert log_tail(0, 5.0, 0.3) == 0.0
    assert log_tail(1, 0.0, 0.3) == -math.inf


@given(st.integers(1, 200), MEANS, SCATTERS)
def test_more_is_never_likelier(count: int, mean: float, scatter: float) -> None:
    assert log_tail(count + 1, mean, scatter) <= log_tail(count, mean, scatter) + 1e-9


def test_the_interval_by_hand() -> None:
    # Poisson of mean 10: P(Y <= 3) = 0.0103, P(Y <= 4) = 0.0293, P(Y <= 16) = 0.973, P(Y <= 17) = 0.986.
    assert interval(10.0, 0.0) == (4, 17)


@given(MEANS, SCATTERS, st.floats(0.01, 0.99))
def test_a_quantile_is_the_first_number_that_reaches_its_chance(mean: float, scatter: float, chance: float) -> None:
    found = quantile(chance, mean, scatter)
    assert -math.expm1(log_tail(found + 1, mean, scatter)) >= chance - 1e-9
    if found > 0:
        assert -math.expm1(log_tail(found, mean, scatter)) < chance + 1e-9


def test_the_interval_of_nothing_is_nothing() -> None:
    assert interval(0.0, 0.5) == (0, 0)


def test_the_likelihood_ratio_is_that_of_the_two_masses() -> None:
    expected = log_mass(7, 6.0, 0.4) - log_mass(7, 2.0, 0.4)
    assert log_likelihood_ratio(7, 2.0, 0.4, 3.0) == pytest.approx(expected)


@settings(max_examples=15)
@given(st.floats(0.05, 20.0), st.floats(0.05, 1.0))
def test_the_likelihood_ratio_has_expectation_one(mean: float, scatter: float) -> None:
    terms = (math.exp(log_mass(k, mean, scatter) + log_likelihood_ratio(k, mean, scatter, 2.0)) for k in range(2_000))
    assert math.fsum(terms) == pytest.approx(1.0, rel=1e-3)


def test_without_change_there_is_no_evidence() -> None:
    assert log_likelihood_ratio(9, 4.0, 0.3, 1.0) == 0.0
