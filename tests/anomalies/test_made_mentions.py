"""What counts as made is held against how much of it there usually is on the topic."""

from __future__ import annotations

import pytest

from monitor.anomalies import Verdict
from monitor.anomalies.agreement import Agreement
from monitor.anomalies.made_mentions import MadeMentions
from monitor.clock import DAY_US, HOUR_US, MINUTE_US
from monitor.incidents.budget import Budget
from monitor.signals import Signal
from tests.made import at, topic

START = at("00:00", "2026-01-05")
WATCH = Budget(topic(), ("seasonal_counts", "slow_burn", "complaints", "made_mentions")).at(START).watch


def minute(at_us: int, within_hour: int) -> Signal:
    return Signal(topic="acme", start_us=at_us, mentions=1, measures={}, made_within_hour=within_hour)


def known(half_days: int, *most: int, skipped: int = 0) -> MadeMentions:
    """A detector that has known a topic for so long; in the first half days so many were made within an hour."""
    one = MadeMentions()
    one.skip(START, START)
    for place, count in enumerate(most):
        tell(one, START + place * DAY_US // 2 + HOUR_US, count)
    one.skip(START + half_days * DAY_US // 2, START + half_days * DAY_US // 2 + skipped)
    return one


def tell(one: MadeMentions, start_us: int, count: int, *, is_frozen: bool = False) -> float:
    """So many are made within an hour, a quarter of them each time; return the chance of all of them."""
    verdict = said(one, start_us, 0)
    for quarter in range(1, 5):
        at_us = start_us + 15 * quarter * MINUTE_US
        signal = minute(at_us, count * quarter // 4)
        verdict = one.score(signal)
        if is_frozen:
            one.skip(signal.start_us, signal.start_us + 15 * MINUTE_US)
        else:
            one.learn(signal)
    return verdict.p_value


def said(one: MadeMentions, at_us: int, count: int) -> Verdict:
    return one.score(minute(at_us, count))


def after(half_days: float) -> int:
    return START + round(half_days * DAY_US / 2)


def test_a_handful_where_nothing_was_ever_made_is_as_rare_as_a_watch() -> None:
    one = known(42)
    assert said(one, after(42), 3).p_value == 1.0  # that few are never called made
    assert said(one, after(42), 5).p_value <= WATCH
    assert said(one, after(42), 10).p_value <= WATCH / 4


def test_of_an_unknown_topic_what_others_look_like_is_believed() -> None:
    """Once in five thousand minutes for each: four in two weeks, fifty in half a year."""
    one = known(0)
    at_us = after(0) + 2 * HOUR_US
    assert [1 / said(one, at_us, count).p_value for count in (4, 50)] == pytest.approx([20_000, 250_000])
    assert said(known(0), after(0) + 59 * MINUTE_US, 50).p_value == 1.0


def test_as_many_again_as_often_is_usual_and_more_than_ever_is_not() -> None:
    spammed = known(84, *[12] * 84)
    assert said(spammed, after(84), 12).p_value * 720 == pytest.approx(7 / 8, rel=0.02)
    assert said(spammed, after(84), 30).p_value > WATCH
    assert said(spammed, after(84), 60).p_value <= WATCH


def test_one_flood_does_not_make_it_deaf_to_the_next() -> None:
    one = known(40)
    first = tell(one, after(40), 1_000)
    again = tell(one, after(43), 1_000)
    assert again <= 3 * first < WATCH / 100
    assert tell(one, after(46), 10) > WATCH  # of which there have just been many


def test_a_flood_that_comes_every_day_is_no_news_in_the_end() -> None:
    one = known(28)
    told = [tell(one, after(28 + 2 * day), 300) for day in range(20)]
    assert told[0] < told[5] < told[9]
    assert [p_value <= WATCH for p_value in (told[0], told[1], told[-1])] == [True, True, False]


def test_however_long_a_flood_lasts_it_counts_as_one_and_never_while_it_lasts() -> None:
    one = known(40)
    found = [tell(one, after(40) + hour * HOUR_US, 200, is_frozen=True) for hour in range(11)]
    assert max(found) == min(found)
    later = said(one, after(60), 200)
    assert sum(days for name, days in later.factors.items() if name.startswith("most_")) == 1.0
    assert later.expected == 0.0


def test_what_was_not_seen_is_neither_silence_nor_made() -> None:
    outage = 4 * DAY_US
    assert said(known(40, skipped=outage), after(40) + outage, 9).p_value == said(known(40), after(40), 9).p_value


def test_it_remembers_six_weeks_or_so() -> None:
    one = known(300, 40, 40, 40)
    verdict = said(one, after(300), 9)
    assert verdict.factors["half_days"] == 84.0
    assert verdict.p_value <= WATCH
    assert said(known(20, 40, 40, 40), after(20), 9).p_value > WATCH
    assert len(one.snapshot()) < 300


def test_what_is_expected_is_the_usual_most_of_a_half_day() -> None:
    verdict = said(known(11, *[24, 6] * 5), after(11), 24)
    assert verdict.expected == pytest.approx(15.0)
    assert verdict.upper >= 24.0


def test_it_agrees_with_nobody() -> None:
    """A flood must not help to make anything of what people say."""
    agreement = Agreement()
    complaints = Verdict(detector="complaints", p_value=1e-4, observed=9, expected=1, lower=0, upper=3)
    made = said(known(40), after(40), 100)
    assert made.p_value < 1e-5
    assert agreement.weigh(minute(after(40), 100), [complaints, made]) is None
