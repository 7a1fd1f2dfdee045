"""Since when: the change is found, wherever the window of the test that was alarmed began."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest

from monitor.anomalies import Verdict
from monitor.clock import MINUTE_US
from monitor.incidents.context import Context
from monitor.incidents.onset import began_us, change_point
from tests.made import at, match

NOON = at("12:00")


def said(p_value: float, span_minutes: int, detector: str = "counts", expected: float = 0.2) -> Verdict:
    return Verdict(
        detector=detector, p_value=p_value, observed=9, expected=expected * span_minutes, lower=0, upper=6,
        span_minutes=span_minutes, factors={"usual": 0.1},
    )  # fmt: skip


def heard(counts: Sequence[int], tone: Sequence[float] = ()) -> Context:
    """Return what was heard in each of the minutes before noon, the last of them at 11:59."""
    context = Context()
    for place, count in enumerate(counts):
        start_us = NOON - (len(counts) - place) * MINUTE_US
        tones = tone[place] if tone else 0.0
        posts = [match(f"{place}-{number}", start_us + number, tone=tones) for number in range(count)]
        if posts:
            context.add(start_us, posts)
    return context


def minutes_before_noon(context: Context, *verdicts: Verdict) -> float:
    fired = [verdict for verdict in verdicts if verdict.p_value < 1e-3]
    return (NOON - began_us(context, NOON - MINUTE_US, verdicts, fired)) / MINUTE_US


@pytest.mark.parametrize("burst", [1, 5, 12, 40])
def test_a_jump_is_dated_to_the_minute_whatever_window_saw_it(burst: int) -> None:
    quiet = [int(Random(place).random() < 0.2) for place in range(60 - burst)]
    for span in (5, 15, 60):
        assert minutes_before_noon(heard([*quiet, *[6] * burst]), said(1e-6, span)) == burst


def test_complaints_are_dated_where_the_volume_shows_nothing() -> None:
    counts, tone = [1] * 60, [0.0] * 48 + [-0.9] * 12
    alone = minutes_before_noon(heard(counts, tone), said(0.5, 5, expected=1.0), said(1e-6, 15, "voices", 1.0))
    assert alone == 15
    share = said(1e-6, 15, "negative_share", 1.0)
    assert minutes_before_noon(heard(counts, tone), said(0.5, 5, expected=1.0), share) == 12


def test_what_shows_no_change_began_with_the_longest_window_an_hour_before_at_most() -> None:
    assert minutes_before_noon(heard([0] * 59 + [1]), said(1e-6, 5), said(1e-6, 30), said(0.5, 60)) == 30
    assert minutes_before_noon(heard([0] * 59 + [1]), said(1e-6, 240)) == 60


def test_where_nothing_was_ever_said_one_mention_is_no_change_and_two_at_once_are() -> None:
    assert change_point([(30, 1)], 60, [0.0]) is None
    assert change_point([(59, 2)], 60, [0.0]) == 59


def test_no_rise_is_no_change_and_the_greatest_of_two_is_taken() -> None:
    assert change_point([], 60, [0.5]) is None
    assert change_point([(minute, 1) for minute in range(60)], 60, [1.0]) is None
    assert change_point([(0, 30)], 60, [1.0]) is None
    assert change_point([(20, 4), (50, 30), (55, 30)], 60, [0.5]) == 50
    assert change_point([(20, 0), (50, 30), (51, 0)], 60, [0.5]) == 50
    assert change_point([(20, 0, 4), (50, 30, 0), (55, 30, 0)], 60, [0.5, 0.01]) == 50
    assert change_point([(20, 0, 9), (50, 6, 0), (55, 6, 0)], 60, [0.5, 0.01]) == 20
