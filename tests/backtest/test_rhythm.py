from datetime import UTC, datetime
from random import Random
from statistics import mean, variance

import pytest

from monitor.backtest.rhythm import Rhythm, activity, midnight
from monitor.clock import DAY_US, HOUR_US, MINUTE_US, from_datetime, rfc3339

MONDAY = from_datetime(datetime(2026, 1, 4, 23, tzinfo=UTC))


def test_a_week_has_the_volume_asked_for():
    counts = []
    for seed in range(8):
        rhythm = Rhythm(Random(seed), 2_000)
        counts.append(sum(rhythm.count(MONDAY + minute * MINUTE_US) for minute in range(7 * 1440)))
    assert mean(counts) / 7 == pytest.approx(2_000, rel=0.04)


def test_nights_are_an_eighth_of_evenings_and_sundays_three_quarters_of_mondays():
    assert activity(MONDAY + 4 * HOUR_US) == pytest.approx(activity(MONDAY + 21 * HOUR_US) / 8, rel=0.1)
    assert activity(MONDAY + 6 * DAY_US + 21 * HOUR_US) == pytest.approx(0.74 * activity(MONDAY + 21 * HOUR_US))


def test_counts_are_more_dispersed_than_poisson():
    counts = []
    for seed in range(400):
        rhythm = Rhythm(Random(seed), 20_000)
        counts.append(sum(rhythm.count(MONDAY + 21 * HOUR_US + minute * MINUTE_US) for minute in range(5)))
    assert variance(counts) > 5 * mean(counts)


def test_midnight_is_local_across_the_change_of_clocks():
    saturday = from_datetime(datetime(2026, 3, 28, 12, tzinfo=UTC))
    assert [rfc3339(midnight(saturday, days)) for days in (0, 1, 2)] == [
        "2026-03-27T23:00:00Z",
        "2026-03-28T23:00:00Z",
        "2026-03-29T22:00:00Z",
    ]
