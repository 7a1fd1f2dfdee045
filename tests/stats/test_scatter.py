import random

import pytest

from monitor.stats.scatter import Scatter


def poisson(rng: random.Random, mean: float) -> int:
    """Count the arrivals of a unit of time."""
    count, at = 0, rng.expovariate(mean)
    while at < 1.0:
        count += 1
        at += rng.expovariate(mean)
    return count


def learn(scatter: Scatter, mean: float, count: float) -> None:
    scatter.learn(mean, (count - mean) ** 2 - mean, 1, 1.0)


def test_without_evidence_the_prior_stands() -> None:
    assert Scatter().fit() == (0.5, 0.5)


def test_one_window_by_hand() -> None:
    scatter = Scatter()
    scatter.learn(1.0, 9.0, 1, 1.0)
    # Weight 1/8: s11 = 2.5 + 1/8, s12 = 1/8, s22 = 20 + 1/8, t1 = 1.25 + 9/8, t2 = 10 + 9/8.
    determinant = 2.625 * 20.125 - 0.125**2
    assert scatter.fit() == pytest.approx(
        ((2.375 * 20.125 - 11.125 * 0.125) / determinant, (11.125 * 2.625 - 2.375 * 0.125) / determinant)
    )


def test_pure_chance_is_recognised_as_pure_chance() -> None:
    rng = random.Random(1)
    scatter = Scatter()
    for _ in range(20_000):
        mean = rng.choice((0.5, 2.0, 8.0, 30.0))
        learn(scatter, mean, poisson(rng, mean))
    c, a = scatter.fit()
    assert c < 0.05
    assert a < 0.02


def test_a_wandering_rate_and_bunches_are_told_apart() -> None:
    rng = random.Random(2)
    wandering, bunching = Scatter(), Scatter()
    for _ in range(40_000):
        mean = rng.choice((0.5, 2.0, 8.0, 30.0))
        learn(wandering, mean, poisson(rng, mean * rng.gammavariate(2.0, 0.5)))
        learn(bunching, mean, 3.0 * poisson(rng, mean / 3.0))
    assert wandering.fit() == pytest.approx((0.0, 0.5), abs=0.12)
    assert bunching.fit() == pytest.approx((2.0, 0.0), abs=0.25)


def test_neither_part_is_ever_negative() -> None:
    steady = Scatter()
    for _ in range(2_000):
        learn(steady, 10.0, 10.0)
    assert min(steady.fit()) >= 0.0
