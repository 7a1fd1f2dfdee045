import math
import random

import pytest

from monitor.stats.shares import UsualShare, log_likelihood_ratio


def blocks(share: float, wandering: float, voices: int, number: int, seed: int = 1) -> list[int]:
    rng = random.Random(seed)
    strength = 1.0 / wandering - 1.0
    found = []
    for _ in range(number):
        mood = rng.betavariate(share * strength, (1.0 - share) * strength)
        found.append(sum(rng.random() < mood for _ in range(voices)))
    return found


@pytest.mark.parametrize("wandering", [0.01, 0.05, 0.2])
@pytest.mark.parametrize("voices", [8, 60])
def test_mean_and_wandering_are_found(wandering: float, voices: int) -> None:
    usual = UsualShare(0.2, 40.0)
    for count in blocks(0.35, wandering, voices, 6_000):
        usual.learn(count, voices)
    assert usual.mean == pytest.approx(0.35, abs=0.02)
    assert usual.wandering == pytest.approx(wandering, rel=0.35)


def test_a_block_is_worth_no_more_than_its_wandering_allows() -> None:
    usual = UsualShare(0.2, 40.0)
    usual.learn(9_000, 10_000)
    assert usual.voices <= 1.0 / usual.wandering + 40.0
    assert usual.mean < 0.6


def test_nothing_learned_is_the_prior_and_forgetting_returns_to_it() -> None:
    usual = UsualShare(0.2, 40.0)
    assert usual.mean == pytest.approx(0.2)
    usual.learn(30, 30)
    usual.fade(1e-9)
    assert usual.mean == pytest.approx(0.2)


def test_the_likelihood_ratio_has_expectation_one() -> None:
    """Summed over every outcome with its chance, exp(ratio) is one: it may be bet on (Wald)."""
    mean, wandering, voices = 0.3, 0.05, 12
    strength = 1.0 / wandering - 1.0
    alpha, beta = mean * strength, (1.0 - mean) * strength

    def mass(count: int) -> float:
        lgamma = math.lgamma
        ways = math.comb(voices, count)
        return ways * math.exp(
            lgamma(count + alpha) + lgamma(voices - count + beta) - lgamma(voices + alpha + beta)
            + lgamma(alpha + beta) - lgamma(alpha) - lgamma(beta)
        )  # fmt: skip

    total = sum(
        mass(count) * math.exp(log_likelihood_ratio(count, voices, mean, wandering, 2.5)) for count in range(voices + 1)
    )
    assert total == pytest.approx(1.0)
