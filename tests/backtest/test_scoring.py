from __future__ import annotations

import math

import numpy as np
import pytest
from msgspec.structs import astuple

from monitor.backtest.trials import INCIDENTS, WARNINGS, Tier
from monitor.backtest.trials.scoring import (
    UNHEARD,
    Interval,
    Threshold,
    alarms,
    bootstrap,
    calibrate,
    detect,
    exact_share,
    false_alarms,
    rate_interval,
    recall,
)
from monitor.clock import HOUR_US, MINUTE_US
from tests.backtest.streams import START_US, crisis, level, quiet, stretch


def at_least(value: float) -> Threshold:
    """Return a threshold beyond which nothing is worse."""
    return Threshold(value)


FIVE = at_least(5.0)
WORSE = Threshold(3.0, 8.0)


def test_an_alarm_is_known_at_the_end_of_the_first_minute_that_reaches_the_threshold() -> None:
    told = stretch({"one": [0, 2, 3, 9]})
    assert alarms(told, "one", at_least(3.0)) == [START_US + 3 * MINUTE_US]
    assert alarms(told, "one", at_least(9.5)) == []


def test_nothing_more_is_heard_for_twelve_hours_after_an_alarm_that_gets_no_worse() -> None:
    told = stretch({"one": [9.0] * (30 * 60)})
    hours = [(alarm - START_US - MINUTE_US) / HOUR_US for alarm in alarms(told, "one", at_least(1.0))]
    assert hours == [0, 12, 24]


def test_an_alarm_that_gets_worse_is_told_once_more_and_then_for_twelve_hours_nothing() -> None:
    said = np.full(30 * 60, 4.0)
    said[[60, 120, 700]] = 9.0
    minutes = [(alarm - START_US) // MINUTE_US for alarm in alarms(stretch({"one": said.tolist()}), "one", WORSE)]
    assert minutes == [1, 61, 781, 1501]
    worst_first = stretch({"one": [9.0, 4.0, 9.0]})
    assert len(alarms(worst_first, "one", WORSE)) == 1


def test_how_bad_an_alarm_was_is_forgotten_with_the_next_one() -> None:
    said = np.zeros(15 * 60)
    said[[0, 780, 790]] = 9.0, 4.0, 9.0
    minutes = [(alarm - START_US) // MINUTE_US for alarm in alarms(stretch({"one": said.tolist()}), "one", WORSE)]
    assert minutes == [1, 781, 791]


def test_a_step_of_five_minutes_counts_the_same() -> None:
    told = stretch({"one": [0, 9, 9]}, step_us=5 * MINUTE_US)
    assert alarms(told, "one", at_least(1.0)) == [START_US + 10 * MINUTE_US]
    assert told.weeks == pytest.approx(15 / 10080)


def test_the_product_as_it_comes_alarms_when_an_incident_reaches_the_severity() -> None:
    told = stretch({"one": [0.0]}, levels=(level(10, 1), level(25, 2)))
    assert alarms(told, INCIDENTS, UNHEARD) == [START_US + 10 * MINUTE_US, START_US + 25 * MINUTE_US]
    assert alarms(told, WARNINGS, UNHEARD) == [START_US + 25 * MINUTE_US]


def test_the_threshold_is_the_least_that_keeps_the_budget() -> None:
    fortnight = [quiet(1, [1, 2, 3, 4, 5, 6, 7]), quiet(2, [1, 2, 3, 4, 5, 6, 7.5])]
    threshold = calibrate(fortnight, "badbuzz", per_week=1.0)
    assert threshold == Threshold(7.0)
    assert false_alarms(fortnight, "badbuzz", {Tier(100.0): threshold}) == [1, 1]
    assert calibrate(fortnight, "badbuzz", per_week=0.5) == Threshold(7.5)


def test_what_is_worse_is_ten_times_rarer_and_within_the_budget() -> None:
    weeks = [quiet(seed, [1, 1, 1, 1, 1, 1, 2 + seed % 20]) for seed in range(40)]  # two of each from 2 to 21
    threshold = calibrate(weeks, "badbuzz", per_week=1.0)
    assert threshold == Threshold(2.0, 20.0, 18.0)
    for one in weeks:  # a quarter of an hour before, what is no worse than an alarm
        one.said["badbuzz"][6 * 1440 + 705] = 2.0
    assert sum(false_alarms(weeks, "badbuzz", {Tier(100.0): threshold})) == 44
    stricter = calibrate(weeks, "badbuzz", per_week=1.0)
    assert stricter == Threshold(3.0, 20.0, 18.0)
    assert sum(false_alarms(weeks, "badbuzz", {Tier(100.0): stricter})) == 38


def test_a_method_whose_largest_value_comes_too_often_is_heard_above_it() -> None:
    week = quiet(1, [1.0] * 7)
    threshold = calibrate([week], "badbuzz", per_week=0.5)
    assert 1.0 < threshold.alarm < 1.0 + 1e-6
    assert alarms(week, "badbuzz", threshold) == []
    assert threshold.worse == math.inf


@pytest.mark.parametrize("said", [0.0, -math.inf])
def test_a_method_that_never_spoke_on_quiet_streams_is_heard_when_it_does(said: float) -> None:
    week = quiet(1, [said] * 7)
    threshold = calibrate([week], "badbuzz", per_week=0.5)
    assert alarms(week, "badbuzz", threshold) == []
    assert len(alarms(quiet(2, [said] * 6 + [0.1]), "badbuzz", threshold)) == 1


def test_a_detection_lies_between_a_quarter_before_and_a_day_after() -> None:
    assert detect(crisis(1, 30), "badbuzz", FIVE).minutes == 30
    assert detect(crisis(1, -15), "badbuzz", FIVE).is_detected
    assert detect(crisis(1, -15), "badbuzz", FIVE).minutes == 0
    assert not detect(crisis(1, -16), "badbuzz", FIVE).is_detected
    assert detect(crisis(1, 1440), "badbuzz", FIVE).is_detected
    assert not detect(crisis(1, 1441), "badbuzz", FIVE).is_detected


def test_a_miss_counts_as_a_day() -> None:
    missed = detect(crisis(1, None), "badbuzz", FIVE)
    assert (missed.is_detected, missed.minutes) == (False, 1440)


def test_an_alarm_shortly_before_the_crisis_hides_it() -> None:
    told = crisis(1, 30)
    told.said["badbuzz"][700] = 5.0
    assert not detect(told, "badbuzz", FIVE).is_detected


def test_a_crisis_worse_than_the_alarm_before_it_is_seen() -> None:
    told = crisis(1, 30, value=9.0)
    told.said["badbuzz"][700] = 5.0
    assert detect(told, "badbuzz", Threshold(5.0, 8.0)).minutes == 30
    told.said["badbuzz"][700] = 8.0
    assert not detect(told, "badbuzz", Threshold(5.0, 8.0)).is_detected


@pytest.mark.parametrize(("value", "is_seen"), [(10.9, False), (11.0, True), (np.inf, True)])
def test_a_crisis_is_seen_after_an_alarm_that_had_got_worse_if_it_is_worse_by_as_much_again(value, is_seen) -> None:
    told = crisis(1, 30, value=value)
    told.said["badbuzz"][690:700] = 5.0
    told.said["badbuzz"][700] = 8.0
    assert detect(told, "badbuzz", Threshold(5.0, 8.0, 3.0)).is_detected == is_seen


def test_what_was_said_before_the_alarm_is_counted_from_the_onset() -> None:
    found = detect(crisis(1, 30), "badbuzz", FIVE)
    assert (found.mentions, found.reach) == (30, 30 * 50)


def test_recall_is_by_horizon() -> None:
    found = [detect(crisis(seed, after), "badbuzz", FIVE) for seed, after in enumerate((30, 90, 700, None))]
    assert [recall(found, hours).mean() for hours in (1, 6, 24)] == [0.25, 0.5, 0.75]


def mean_of(values: np.ndarray, topics: list[int]) -> Interval:
    return bootstrap([(topic, 1.0) for topic in topics], values, lambda drawn: drawn.mean(axis=-1))


def test_the_interval_holds_the_value_and_shrinks_with_more_topics() -> None:
    one, other = (mean_of(values, list(range(len(values)))) for values in (np.arange(5.0), np.tile(np.arange(5.0), 20)))
    assert one.low < other.low < other.value == 2.0 < other.high < one.high


def test_trials_of_one_topic_are_drawn_together() -> None:
    both = mean_of(np.tile([0.0, 1.0], 20), [place // 2 for place in range(40)])
    assert both.low == both.high == 0.5  # every topic has one of each
    apart = mean_of(np.tile([0.0, 1.0], 20), list(range(40)))
    assert apart.low < 0.5 < apart.high


def test_intervals_are_clear_only_without_overlap() -> None:
    assert Interval(0.9, 0.8, 1.0).is_above(Interval(0.5, 0.3, 0.79))
    assert not Interval(0.9, 0.8, 1.0).is_above(Interval(0.5, 0.3, 0.8))


def test_a_rate_is_alarms_over_weeks() -> None:
    weeks = [quiet(seed, [0] * 7) for seed in range(4)]
    found = rate_interval([0, 2, 0, 2], weeks)
    assert found.value == pytest.approx(1.0)
    assert 0.0 <= found.low < 1.0 < found.high <= 2.0


def test_an_exact_share_is_as_unsure_as_few_trials_make_it() -> None:
    """Against the tables of Clopper and Pearson."""
    assert astuple(exact_share(1, 10)) == pytest.approx((0.1, 0.0025, 0.4450), abs=1e-4)
    assert astuple(exact_share(30, 60)) == pytest.approx((0.5, 0.3681, 0.6319), abs=1e-4)
    assert astuple(exact_share(60, 60)) == pytest.approx((1.0, 0.9404, 1.0), abs=1e-4)
