from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.clock import MINUTE_US
from monitor.queries.expectation import DEFAULT_DISPERSION, MinuteSums, band, dispersion, fill, usual


def test_a_band_holds_what_it_promises_of_a_negative_binomial() -> None:
    """Mean 60, variance 60 + 0.5/sqrt(60) * 3600 = 292: r = 60**2/232.4, p = 60/292.4."""
    random = np.random.default_rng(7)
    variance = 60 + 0.5 / math.sqrt(60) * 3600
    counts = random.negative_binomial(3600 / (variance - 60), 60 / variance, 40_000)
    usual_hour = band(1.0, 60, 0.5)
    inside = np.mean((counts >= usual_hour.lower) & (counts <= usual_hour.upper))
    inner = np.mean((counts >= usual_hour.inner_lower) & (counts <= usual_hour.inner_upper))
    assert inside == pytest.approx(0.95, abs=0.012)
    assert inner == pytest.approx(0.50, abs=0.03)


@given(st.floats(0.001, 1e4), st.sampled_from([1, 5, 15, 30, 60, 240]), st.floats(0, 5))
def test_a_band_is_nested_and_never_negative(rate: float, minutes: int, alpha: float) -> None:
    found = band(rate, minutes, alpha)
    assert 0 <= found.lower <= found.inner_lower <= found.inner_upper <= found.upper
    assert found.expected == pytest.approx(rate * minutes)


@given(st.floats(1, 100), st.floats(0, 3))
def test_an_hour_is_relatively_narrower_than_a_minute(rate: float, alpha: float) -> None:
    minute, hour = band(rate, 1, alpha), band(rate, 60, alpha)
    assert hour.upper / hour.expected <= minute.upper / minute.expected + 1e-9


def test_a_topic_nobody_speaks_of_expects_nothing() -> None:
    assert band(0.0, 60, 0.5).upper == 0


def test_dispersion_is_found_again_in_intervals_made_from_it() -> None:
    """Mean 20 and k = 4 give a variance of 120, so an interval 2 * 1.96 * sqrt(120) wide."""
    width = 2 * 1.959964 * math.sqrt(20 + 20**2 / 4)
    assert dispersion([MinuteSums(15, 300, 20.0, width**2)]) == pytest.approx(0.25)


def test_quiet_minutes_say_nothing_about_dispersion() -> None:
    assert dispersion([MinuteSums(1, 1, 0.02, 1.0)]) == DEFAULT_DISPERSION


def test_after_the_last_known_minute_the_same_hour_of_yesterday_is_usual() -> None:
    known = {0: 5.0, 1: 9.0, 2: 7.0}
    assert fill(known, 5, a_day=3) == [5.0, 9.0, 7.0, 5.0, 9.0]


def test_before_the_first_known_minute_nothing_is_usual() -> None:
    assert fill({2: 4.0}, 3, a_day=48) == [None, None, 4.0]


def test_nothing_known_is_nothing_usual() -> None:
    assert fill({}, 2, a_day=48) == [None, None]


@given(
    st.dictionaries(st.integers(0, 40), st.floats(0, 1e3), max_size=20), st.integers(1, 41), st.sampled_from([4, 48])
)
def test_filled_values_stay_between_the_known_ones(known: dict[int, float], length: int, a_day: int) -> None:
    inside = [value for place, value in known.items() if place < length]
    values = [value for value in fill(known, length, a_day) if value is not None]
    if inside:
        assert min(inside) - 1e-9 <= min(values)
        assert max(values) <= max(inside) + 1e-9
    else:
        assert values == []


def test_an_empty_bucket_between_two_known_ones_was_observed_as_zero_with_a_band() -> None:
    sums = {0: MinuteSums(2, 3, 1.0, 4.0), 2: MinuteSums(1, 1, 3.0, 4.0)}
    buckets = usual(sums, first_us=0, length=3, minutes=5, late={})
    assert [bucket.observed for bucket in buckets] == [3, 0, 1]
    assert [bucket.start_us for bucket in buckets] == [0, 5 * MINUTE_US, 10 * MINUTE_US]
    assert [bucket.band and bucket.band.expected for bucket in buckets] == [5.0, 10.0, 15.0]


def test_what_came_late_is_counted_where_it_was_published_and_told_apart() -> None:
    sums = {0: MinuteSums(minutes=5, mentions=3, expected=1.0, square_width=0.0)}
    buckets = usual(sums, first_us=0, length=3, minutes=5, late={0: 2, 1: 400})
    assert [(bucket.observed, bucket.late) for bucket in buckets] == [(5, 2), (400, 400), (0, 0)]
    assert not buckets[1].is_above, "counted, not judged"
