"""The share tests: a crowd that turns at once or slowly, and what they do not fall for."""

import math

import pytest

from monitor.anomalies.negative_share import NegativeShareTest
from monitor.anomalies.own_replies import OwnReplies
from monitor.anomalies.share import ShareDetector
from monitor.stats.binomial import beta_binomial_upper_tail
from monitor.stats.block_maxima import ExtremeValues
from tests.anomalies.crowds import crowd, live, rhythm


def usual(minute: int) -> float:
    return 0.5 * rhythm(minute)


@pytest.fixture(scope="module")
def taught() -> dict[type[ShareDetector], bytes]:
    states = {}
    for make in (NegativeShareTest, OwnReplies):
        detector = make()
        live(detector, crowd(15, usual))
        states[make] = detector.snapshot()
    return states


def after(taught, make=NegativeShareTest):
    detector = make()
    detector.restore(taught[make])
    return detector


def test_a_crowd_that_turns_is_seen_within_half_an_hour_at_the_same_volume(taught):
    said = live(after(taught), crowd(0.02, usual, first_day=15.5, negative=lambda _: 0.85, seed=2))
    worst = min(said, key=lambda one: one.p_value)
    assert worst.p_value < 1e-4
    assert worst.observed > 0.6 > worst.upper >= worst.expected >= worst.lower
    assert worst.expected == pytest.approx(0.2, abs=0.05)
    assert worst.span_minutes <= 60
    assert worst.factors["is_slow"] == 0.0


def test_a_slow_turn_is_seen_within_a_day_though_no_hour_of_it_stands_out(taught):
    detector = after(taught)
    said = live(detector, crowd(1.0, usual, first_day=15.3, negative=lambda _: 0.42, seed=3))
    slow = [one for one in said if one.factors["is_slow"] and one.p_value < 1e-4]
    assert slow
    assert slow[0].span_minutes > 60
    assert not any(one.p_value < 1e-5 for one in said if not one.factors["is_slow"])


def test_ten_times_the_volume_at_the_usual_tone_is_no_turn(taught):
    said = live(after(taught), crowd(0.1, lambda minute: 10 * usual(minute), first_day=15.5, seed=4))
    assert min(one.p_value for one in said) > 1e-3


def test_answers_to_the_brand_are_judged_by_its_own_usual_ratio(taught):
    def stormy(_minute):
        return 0.6

    window_shop = after(taught, OwnReplies)
    help_desk = OwnReplies()
    live(help_desk, crowd(15, usual, answers=lambda _: 0.55))
    alarmed, calm = (
        min(one.p_value for one in live(detector, crowd(0.05, usual, first_day=15.5, answers=stormy, seed=5)))
        for detector in (window_shop, help_desk)
    )
    assert alarmed < 1e-4
    assert calm > 1e-2


def test_a_crisis_that_is_skipped_teaches_nothing_and_is_still_judged(taught):
    detector = after(taught)
    before = live(detector, crowd(0.01, usual, first_day=15.0, seed=6))[-1].expected
    said = live(detector, crowd(1.0, usual, first_day=15.3, negative=lambda _: 0.9, seed=7), frozen=True)
    assert said[-1].expected == pytest.approx(before, rel=0.02)
    assert max(one.p_value for one in said[len(said) // 2 :]) < 1e-3
    later = live(detector, crowd(1.0, usual, first_day=16.5, seed=8))
    assert min(one.p_value for one in later[3 * len(later) // 4 :]) > 1e-4


def test_however_loud_an_hour_is_it_is_worth_only_so_many_voices(taught):
    detector = after(taught)
    before = live(detector, crowd(0.01, usual, first_day=15.0, seed=6))[-1].expected
    live(detector, crowd(0.02, lambda _: 300.0, first_day=15.1, negative=lambda _: 1.0, seed=9))
    now = live(detector, crowd(0.01, usual, first_day=15.3, seed=10))[-1].expected
    assert now - before < 0.05


def test_the_verdict_can_be_recomputed_from_its_factors(taught):
    said = live(after(taught), crowd(0.02, usual, first_day=15.5, negative=lambda _: 0.85, seed=2))
    worst = min(said, key=lambda one: one.p_value)
    factors = worst.factors
    strength = 1.0 / factors["wandering"] - 1.0
    alpha, beta = factors["usual"] * strength, (1.0 - factors["usual"]) * strength
    tail = beta_binomial_upper_tail(int(factors["count"]), int(factors["voices"]), alpha, beta)
    assert -math.log10(tail) == pytest.approx(factors["nominal"])
    law = ExtremeValues(factors["tail_location"], factors["tail_scale"], factors["tail_shape"])
    bound = 10 ** -(factors["nominal"] + factors["trust"])
    assert 2 * max(law.rate(factors["nominal"]) / 720, bound) == pytest.approx(worst.p_value)


def test_on_the_first_day_it_knows_nothing_though_it_says_what_it_saw():
    said = live(NegativeShareTest(), crowd(0.9, usual, negative=lambda _: 0.9))
    assert {one.p_value for one in said} == {1.0}
    assert max(one.factors["nominal"] for one in said[:100]) > 2
