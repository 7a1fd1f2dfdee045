"""What the two velocity detectors see, and what they do not fall for."""

import math
import random
from collections.abc import Callable
from typing import Any

import pytest

from monitor.anomalies import Verdict
from monitor.anomalies.seasonal_counts import SeasonalCounts
from monitor.anomalies.slow_burn import SlowBurn
from monitor.clock import DAY_US, HOUR_US, MINUTE_US
from monitor.stats.block_maxima import ExtremeValues
from monitor.stats.negative_binomial import log_tail

MONDAY_US = 1_704_067_200_000_000
Detector = SeasonalCounts | SlowBurn
BOTH = pytest.mark.parametrize("make", [SeasonalCounts, SlowBurn])


def rhythm(minute: int) -> float:
    return 1.0 + 0.7 * math.cos(2 * math.pi * (minute - 14 * 60) / 1440)


def live(detector: Detector, days: float, rate: Callable[[int], float], seed: int = 1, first: int = 0) -> list[Verdict]:
    rng = random.Random(seed)
    said = []
    for minute in range(first, first + round(days * 1440)):
        mean = rate(minute)
        count = sum(rng.random() < mean / 25 for _ in range(25))
        if count:
            start_us = MONDAY_US + minute * MINUTE_US
            said.append(detector.judge(start_us, float(count)))
            detector.absorb(start_us, float(count))
    return said


def usual(minute: int) -> float:
    return 0.5 * rhythm(minute)


def test_a_spark_is_seen_in_the_minute_it_happens() -> None:
    detector = SeasonalCounts()
    live(detector, 15, usual)
    verdict = detector.judge(MONDAY_US + 15 * DAY_US, 25.0)
    assert verdict.p_value < 1e-6
    assert verdict.observed >= 25.0
    assert verdict.observed > verdict.upper >= verdict.expected >= verdict.lower
    assert verdict.drivers == ("mentions",)


def test_a_slow_burn_is_seen_within_hours() -> None:
    detector = SlowBurn()
    live(detector, 15, usual)
    said = live(detector, 0.25, lambda minute: 3 * usual(minute), seed=2, first=15 * 1440)
    verdict = min(said, key=lambda one: one.p_value)
    assert verdict.p_value < 1e-4
    assert verdict.span_minutes > 30
    assert verdict.observed > verdict.upper


@BOTH
def test_the_same_count_that_is_usual_at_noon_is_unusual_at_night(make: type[Detector]) -> None:
    at_noon, at_night = make(), make()
    for detector in (at_noon, at_night):
        live(detector, 21, usual)
    noon = live(at_noon, 0.1, lambda _: 0.85, seed=5, first=21 * 1440 + 13 * 60)
    night = live(at_night, 0.1, lambda _: 0.85, seed=5, first=21 * 1440 + 60)
    assert min(one.p_value for one in night) < min(one.p_value for one in noon)


@BOTH
def test_three_ordinary_weeks_raise_no_alarm(make: type[Detector]) -> None:
    assert min(one.p_value for one in live(make(), 21, usual)) > 3e-6


@BOTH
def test_the_first_day_is_silent_whatever_its_volume(make: type[Detector]) -> None:
    assert {one.p_value for one in live(make(), 0.9, lambda minute: 8 * rhythm(minute))} == {1.0}


def test_something_enormous_is_said_even_on_the_first_day() -> None:
    detector = SeasonalCounts()
    live(detector, 0.4, usual)
    assert detector.judge(MONDAY_US + 10 * HOUR_US, 60.0).p_value == 1.0
    assert detector.judge(MONDAY_US + 10 * HOUR_US, 2_000.0).p_value < 1e-3


def test_even_something_enormous_is_not_said_in_the_first_hour() -> None:
    detector = SeasonalCounts()
    live(detector, 0.03, usual)
    assert detector.judge(MONDAY_US + 50 * MINUTE_US, 5_000.0).p_value == 1.0


@BOTH
def test_four_mentions_are_never_a_matter_of_velocity(make: type[Detector]) -> None:
    detector = make()
    detector.skip(MONDAY_US, MONDAY_US)
    assert detector.judge(MONDAY_US + 30 * DAY_US, 4.0).p_value == 1.0
    assert detector.judge(MONDAY_US + 30 * DAY_US, 40.0).p_value < (1e-6 if make is SeasonalCounts else 1.0)


@BOTH
def test_an_outage_is_not_followed_by_an_alarm(make: type[Detector]) -> None:
    detector = make()
    live(detector, 15, usual)
    detector.skip(MONDAY_US + 15 * DAY_US, MONDAY_US + 17 * DAY_US)
    assert min(one.p_value for one in live(detector, 1, usual, seed=3, first=17 * 1440)) > 1e-5


@BOTH
def test_after_a_crisis_that_was_skipped_the_ordinary_is_ordinary_again(make: type[Detector]) -> None:
    detector = make()
    live(detector, 15, usual)
    rng = random.Random(4)
    for minute in range(15 * 1440, 17 * 1440):
        start_us = MONDAY_US + minute * MINUTE_US
        detector.judge(start_us, float(rng.randint(5, 20)))
        detector.skip(start_us, start_us + MINUTE_US)
    said = live(detector, 3, usual, seed=6, first=17 * 1440)
    assert min(one.p_value for one in said[len(said) // 3 :]) > 1e-5
    fresh = min(one.p_value for one in live(detector, 0.2, lambda minute: 8 * usual(minute), 7, 20 * 1440))
    assert fresh < 1e-4


def test_single_wild_minutes_do_not_make_it_deaf_to_a_loud_hour() -> None:
    """Each window is held against its own past: the minutes' is no excuse for the hour."""
    detector, rng = SeasonalCounts(), random.Random(1)
    start = 15 * 1440 + 13 * 60
    said = []
    for minute in range(start + 60):
        mean = usual(minute) * (4.0 if minute >= start else 1.0)
        count = sum(rng.random() < mean / 25 for _ in range(25))
        if minute < start and rng.random() < 2 / 1440:
            count += rng.randrange(60)
        at_us = MONDAY_US + minute * MINUTE_US
        said.append(detector.judge(at_us, float(count)))
        detector.absorb(at_us, float(count))
    found = min(said[start:], key=lambda one: one.p_value)
    assert found.p_value < 1e-4
    assert found.span_minutes == 60
    assert detector.recompute(found) == found.p_value


def test_a_rise_is_found_sooner_when_its_size_need_not_be_guessed() -> None:
    def found(seed: int, **settings: Any) -> float:
        detector = SlowBurn(**settings)
        live(detector, 15, usual, seed)
        said = live(detector, 0.5, lambda minute: 2 * usual(minute), seed + 50, 15 * 1440)
        return min(one.p_value for one in said)

    for seed in range(3):
        assert found(seed) < found(seed, ratios=(3.0,)) / 2.0


def test_the_verdict_can_be_recomputed_from_its_factors() -> None:
    detector = SeasonalCounts()
    live(detector, 15, usual)
    verdict = detector.judge(MONDAY_US + 15 * DAY_US, 12.0)
    factors = verdict.factors
    nominal = -log_tail(verdict.observed, factors["tempered"], factors["scatter"]) / math.log(10)
    assert nominal == pytest.approx(factors["nominal"])
    tail = ExtremeValues(factors["tail_location"], factors["tail_scale"], factors["tail_shape"])
    by_itself = max(tail.rate(nominal) / 720, 10**-nominal)
    assert 2.0 * by_itself == pytest.approx(verdict.p_value)  # the least likely of three windows, worth two choices


def test_the_band_of_a_minute_takes_the_silence_before_it_into_account() -> None:
    stale, silent = SeasonalCounts(), SeasonalCounts()
    for detector in (stale, silent):
        live(detector, 8, usual)
    before = stale.minute_band(MONDAY_US + 8 * DAY_US)[0]
    assert silent.minute_band(MONDAY_US + 15 * DAY_US)[0] < before / 2


def test_a_minute_judged_twice_counts_once() -> None:
    once, twice = SlowBurn(), SlowBurn()
    for detector in (once, twice):
        live(detector, 5, usual)
    twice.judge(MONDAY_US + 5 * DAY_US, 3.0)
    assert twice.judge(MONDAY_US + 5 * DAY_US, 9.0) == once.judge(MONDAY_US + 5 * DAY_US, 9.0)
