from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import astuple

from monitor.backtest.trials import INCIDENTS, WARNINGS
from monitor.backtest.trials.scoring import (
    Interval,
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


def test_an_alarm_is_known_at_the_end_of_the_first_minute_that_reaches_the_threshold() -> None:
    told = stretch({"one": [0, 2, 3, 9]})
    assert alarms(told, "one", 3.0) == [START_US + 3 * MINUTE_US]
    assert alarms(told, "one", 9.5) == []


def test_nothing_more_is_heard_for_twelve_hours_after_an_alarm() -> None:
    told = stretch({"one": [9.0] * (30 * 60)})
    hours = [(alarm - START_US - MINUTE_US) / HOUR_US for alarm in alarms(told, "one", 1.0)]
    assert hours == [0, 12, 24]


def test_a_step_of_five_minutes_counts_the_same() -> None:
    told = stretch({"one": [0, 9, 9]}, step_us=5 * MINUTE_US)
    assert alarms(told, "one", 1.0) == [START_US + 10 * MINUTE_US]
    assert told.weeks == pytest.approx(15 / 10080)


def test_the_product_as_it_comes_alarms_when_an_incident_reaches_the_severity() -> None:
    told = stretch({"one": [0.0]}, levels=(level(10, 1), level(25, 2)))
    assert alarms(told, INCIDENTS, np.inf) == [START_US + 10 * MINUTE_US]
    assert alarms(told, WARNINGS, np.inf) == [START_US + 25 * MINUTE_US]


def test_the_threshold_is_the_least_that_keeps_the_budget() -> None:
    fortnight = [quiet(1, [1, 2, 3, 4, 5, 6, 7]), quiet(2, [1, 2, 3, 4, 5, 6, 7.5])]
    threshold = calibrate(fortnight, "badbuzz", per_week=1.0)
    assert threshold == 7.0
    assert false_alarms(fortnight, "badbuzz", {100.0: threshold}) == [1, 1]
    assert calibrate(fortnight, "badbuzz", per_week=0.5) == 7.5


def test_a_method_whose_values_are_all_the_same_cannot_keep_a_budget() -> None:
    assert calibrate([quiet(1, [1.0] * 7)], "badbuzz", per_week=0.5) == np.inf


def test_a_detection_lies_between_a_quarter_before_and_a_day_after() -> None:
    assert detect(crisis(1, 30), "badbuzz", 5.0).minutes == 30
    assert detect(crisis(1, -15), "badbuzz", 5.0).is_detected
    assert detect(crisis(1, -15), "badbuzz", 5.0).minutes == 0
    assert not detect(crisis(1, -16), "badbuzz", 5.0).is_detected
    assert detect(crisis(1, 1440), "badbuzz", 5.0).is_detected
    assert not detect(crisis(1, 1441), "badbuzz", 5.0).is_detected


def test_a_miss_counts_as_a_day() -> None:
    missed = detect(crisis(1, None), "badbuzz", 5.0)
    assert (missed.is_detected, missed.minutes) == (False, 1440)


def test_an_alarm_shortly_before_the_crisis_hides_it() -> None:
    told = crisis(1, 30)
    told.said["badbuzz"][700] = 5.0
    found = detect(told, "badbuzz", 5.0)
    assert (found.is_detected, found.is_silenced) == (False, True)


def test_only_an_alarm_of_the_half_day_before_silences() -> None:
    assert not detect(crisis(1, 30), "badbuzz", 5.0).is_silenced
    assert not detect(crisis(1, -15), "badbuzz", 5.0).is_silenced
    assert detect(crisis(1, -16), "badbuzz", 5.0).is_silenced
    evening = START_US + 18 * HOUR_US
    assert detect(crisis(1, -359, onset_us=evening), "badbuzz", 5.0).is_silenced
    assert not detect(crisis(1, -361, onset_us=evening), "badbuzz", 5.0).is_silenced


def test_what_was_said_before_the_alarm_is_counted_from_the_onset() -> None:
    found = detect(crisis(1, 30), "badbuzz", 5.0)
    assert (found.mentions, found.reach) == (30, 30 * 50)


def test_recall_is_by_horizon() -> None:
    found = [detect(crisis(seed, after), "badbuzz", 5.0) for seed, after in enumerate((30, 90, 700, None))]
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
