"""Mentions that turn out to be made are taken back from the windows and from what is being learned."""

from __future__ import annotations

import pytest

from monitor.anomalies.seasonal_counts import SeasonalCounts
from monitor.anomalies.slow_burn import SlowBurn
from monitor.clock import DAY_US, MINUTE_US
from tests.made import at

START = at("00:00", "2026-01-05")
NOW = START + 5 * DAY_US + 600 * MINUTE_US


def learned(kind: type[SeasonalCounts] | type[SlowBurn]) -> SeasonalCounts | SlowBurn:
    """A detector that knows five days of three mentions every tenth minute."""
    one = kind()
    for minute in range(5 * 1440 + 600):
        if minute % 10 == 0:
            one.judge(START + minute * MINUTE_US, 3.0)
            one.absorb(START + minute * MINUTE_US, 3.0)
    return one


@pytest.mark.parametrize("kind", [SeasonalCounts, SlowBurn])
def test_after_a_recount_it_judges_as_if_they_had_never_been_counted(
    kind: type[SeasonalCounts] | type[SlowBurn],
) -> None:
    flooded, spared = learned(kind), learned(kind)
    for minute in range(5):
        at_us = NOW + minute * MINUTE_US
        flooded.judge(at_us, 1.0)  # it turns out to be made
        spared.judge(at_us, 0.0)
        flooded.absorb(at_us, 1.0)
        spared.absorb(at_us, 0.0)
    for minute in range(5):
        flooded.recount(NOW + minute * MINUTE_US, -1)
    after_us = NOW + 5 * MINUTE_US
    one, other = flooded.judge(after_us, 5.0), spared.judge(after_us, 5.0)
    assert one.factors["nominal"] == pytest.approx(other.factors["nominal"]) != 0.0
    assert one.observed == other.observed


def test_what_was_real_after_all_counts_again() -> None:
    one, twin = learned(SeasonalCounts), learned(SeasonalCounts)
    for detector, count in ((one, 0.0), (twin, 40.0)):
        detector.judge(NOW, count)
        detector.absorb(NOW, count)
    one.recount(NOW, 40)
    after_us = NOW + MINUTE_US
    assert one.judge(after_us, 1.0).observed == twin.judge(after_us, 1.0).observed


def test_more_mentions_are_as_unlikely_as_if_they_had_been_counted() -> None:
    one, twin = learned(SeasonalCounts), learned(SeasonalCounts)
    assert isinstance(one, SeasonalCounts)
    one.judge(NOW, 2.0)
    assert one.with_more(lambda _: 60) == pytest.approx(twin.judge(NOW, 62.0).p_value)
    assert one.with_more(lambda _: 0) == 1.0


def test_less_than_nothing_is_nothing() -> None:
    one = learned(SeasonalCounts)
    one.judge(NOW, 2.0)
    one.recount(NOW, -50)
    assert one.judge(NOW + MINUTE_US, 0.0).observed == 0.0


def test_a_recount_of_a_minute_that_held_nothing_is_saved_as_it_is_read() -> None:
    one, twin = learned(SeasonalCounts), SeasonalCounts()
    one.absorb(NOW + MINUTE_US, 1.0)
    one.recount(NOW - MINUTE_US, 4)
    twin.restore(one.snapshot())
    assert twin.snapshot() == one.snapshot()


def test_a_sum_that_begins_anew_with_a_moved_level_says_since_when_it_counts() -> None:
    one = learned(SlowBurn)
    for minute in range(24):
        one.judge(NOW + minute * MINUTE_US, 2.0)
        one.absorb(NOW + minute * MINUTE_US, 2.0)
    one.rebase(0.3)
    verdicts = []
    for minute in range(24, 120):
        verdicts.append(one.judge(NOW + minute * MINUTE_US, 9.0))
        one.skip(NOW + minute * MINUTE_US, NOW + (minute + 1) * MINUTE_US)
    rises = [verdict for verdict in verdicts if verdict.span_minutes > 1]
    assert len(rises) > 60
    assert {verdict.observed - 9.0 * verdict.span_minutes for verdict in rises} == {2.0 - 9.0}  # the minute it moved in
