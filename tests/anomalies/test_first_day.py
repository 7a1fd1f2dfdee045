"""A topic of which only hours are known: what it may conclude, what it may not, and how it says so."""

from __future__ import annotations

import math
import random
from datetime import datetime

import pytest

from monitor.anomalies import Verdict
from monitor.anomalies.family import detectors, judges_of
from monitor.anomalies.first_day import PROFILES, FirstDay
from monitor.anomalies.negative_share import NegativeShareTest
from monitor.anomalies.own_replies import OwnReplies
from monitor.anomalies.seasonal_counts import SeasonalCounts
from monitor.anomalies.share import ShareDetector
from monitor.clock import HOUR_US, MINUTE_US
from monitor.incidents.budget import Budget
from monitor.incidents.explanation import explain, moments_of
from monitor.incidents.severity import Levels
from monitor.topic_state import Closed
from monitor.topics import PlannedEvent, Policy
from tests.anomalies.crowds import MONDAY_US, crowd, live
from tests.anomalies.worlds import World
from tests.made import topic

TRIES = range(6)
WATCH = Levels.of(Policy(), 5).watch


def young(**settings: object) -> SeasonalCounts:
    return next(one for one in detectors(topic(**settings)) if isinstance(one, SeasonalCounts))


def steep(minute: int) -> float:
    """A day with a tenth of its noon at four in the morning; one on average."""
    return 1.4 * math.exp(1.15 * (math.cos(2 * math.pi * (minute - 14 * 60) / 1440) - 0.3))


def least(said: list[Verdict]) -> float:
    return min((one.p_value for one in said), default=1.0)


def begun(detector: SeasonalCounts, hours: float, per_minute: float, seed: int, start: int = 0) -> list[Verdict]:
    """Listen from a minute of Monday on to ordinary hours."""
    detector.skip(MONDAY_US + start * MINUTE_US, MONDAY_US + start * MINUTE_US)
    rate = [per_minute * steep(minute) for minute in range(17 * 1440)]
    return live(detector, crowd(hours / 24, rate.__getitem__, first_day=start / 1440, seed=seed))


@pytest.mark.parametrize("start", [0, 4 * 60, 9 * 60, 20 * 60])
@pytest.mark.parametrize("per_minute", [0.02, 0.2, 2.0, 20.0])
def test_an_ordinary_first_day_spends_no_budget_whenever_it_begins(per_minute: float, start: int) -> None:
    """Its first morning above all, which it cannot know: six days of each volume, and none worth a watch."""
    for seed in TRIES:
        assert least(begun(young(), 24, per_minute, seed, start)) > WATCH


def test_a_topic_first_heard_at_night_is_granted_a_morning_twice_as_steep_as_usual() -> None:
    night = FirstDay()
    for cell in range(10):
        night.learn(cell, PROFILES[-1][cell] * 60, 30)
    usual, busiest, _ = night.expect(24, 0.05, 0.25)
    assert usual < 0.5 * busiest
    assert busiest == pytest.approx(2 * PROFILES[-1][24], rel=0.1)


@pytest.mark.parametrize("start", [0, 9 * 60, 20 * 60])
@pytest.mark.parametrize("per_minute", [0.04, 0.4])
def test_a_spark_after_three_hours_is_seen_within_ten_minutes(per_minute: float, start: int) -> None:
    for seed in TRIES:
        detector = young()
        begun(detector, 3, per_minute, seed, start)
        now = start + 180
        burst = crowd(10 / 1440, lambda _: 4.0 + 30 * per_minute, first_day=now / 1440, seed=seed)
        assert least(live(detector, burst, frozen=True)) <= WATCH


def test_nothing_is_said_in_the_first_hour_however_loud() -> None:
    detector = young()
    begun(detector, 0.8, 0.5, seed=1)
    assert detector.judge(MONDAY_US + 55 * MINUTE_US, 5_000.0).p_value == 1.0
    assert detector.judge(MONDAY_US + 55 * MINUTE_US, 5_000.0).factors["is_early"]


def test_a_series_of_anything_is_no_topic_like_others_and_spends_the_day_learning() -> None:
    detector = SeasonalCounts()
    begun(detector, 12, 0.5, seed=1)
    assert detector.judge(MONDAY_US + 12 * HOUR_US, 60.0).p_value == 1.0
    assert "known_minutes" not in detector.judge(MONDAY_US + 12 * HOUR_US, 60.0).factors


def test_the_doubt_is_in_the_interval_and_shrinks_with_what_was_heard() -> None:
    doubts = []
    for mentions in (1.0, 10.0, 100.0):
        heard = FirstDay()
        heard.learn(20, mentions, 30)
        doubts.append(heard.expect(21, 0.5, 2.5)[2])
    assert doubts[0] > 2 * doubts[1] > 2 * doubts[2]
    bands = []
    for hours in (4, 15 * 24 + 4):
        detector = young()
        begun(detector, hours, 1.0, seed=2, start=9 * 60)
        expected, lower, upper = detector.minute_band(MONDAY_US + int((9 + hours) * HOUR_US))
        bands.append((upper - lower) / expected)
    assert bands[0] > 1.3 * bands[1]


def test_the_last_hours_count_most_because_an_hour_resembles_the_one_before_it() -> None:
    quieter, louder = FirstDay(), FirstDay()
    for cell in range(16, 36):
        quieter.learn(cell, 90.0 if cell < 26 else 10.0, 30)
        louder.learn(cell, 10.0 if cell < 26 else 90.0, 30)
    assert louder.expect(36, 0.5, 2.5)[0] > 2 * quieter.expect(36, 0.5, 2.5)[0]


def test_after_a_day_the_topics_own_hours_take_over() -> None:
    detector = young()
    begun(detector, 23, 1.0, seed=3)
    before = detector.judge(MONDAY_US + 23 * HOUR_US, 1.0)
    begun(detector, 3, 1.0, seed=4, start=23 * 60)
    after = detector.judge(MONDAY_US + 26 * HOUR_US, 1.0)
    assert before.factors["known_minutes"] == 23 * 60
    assert "known_minutes" not in after.factors


def test_what_nobody_saw_teaches_nothing_and_does_not_count_as_known() -> None:
    blind, seeing = young(), young()
    begun(blind, 3, 1.0, seed=5, start=8 * 60)
    begun(seeing, 3, 1.0, seed=5, start=8 * 60)
    until = MONDAY_US + 16 * HOUR_US
    blind.skip(MONDAY_US + 11 * HOUR_US, until)
    a, b = blind.judge(until, 1.0), seeing.judge(until, 1.0)
    assert a.factors["known_minutes"] == pytest.approx(180)
    assert b.factors["known_minutes"] == pytest.approx(480)  # silence, as far as it knows
    assert a.expected > 2.0 * b.expected
    assert least(live(blind, crowd(0.2, lambda minute: 1.0 * steep(minute), first_day=16 / 24, seed=6))) > WATCH


def test_a_launch_that_was_planned_is_expected_on_the_first_day_too() -> None:
    start, end = (datetime(2024, 1, 1, hour) for hour in (12, 15))  # noqa: DTZ001 - local, as in a calendar
    told = PlannedEvent("Spring", "launch", start, end, times=8.0)
    surprised, expecting = young(time_zone="UTC"), young(time_zone="UTC", events=(told,))
    for detector in (surprised, expecting):
        begun(detector, 12, 0.3, seed=7)
    loud = [least(live(one, crowd(0.02, lambda _: 4.0, first_day=0.5, seed=8))) for one in (surprised, expecting)]
    assert loud[1] > 10 * loud[0]


@pytest.mark.parametrize("make", [NegativeShareTest, OwnReplies])
def test_a_crowd_that_turns_on_the_first_day_is_seen_once_it_was_heard_for_hours(make: type[ShareDetector]) -> None:
    for seed in TRIES:
        detector = make()
        ordinary = live(detector, crowd(0.25, lambda _: 0.6, seed=seed))
        turned = crowd(1 / 24, lambda _: 2.0, first_day=0.25, negative=lambda _: 0.85, answers=lambda _: 0.8, seed=seed)
        assert least(ordinary) == 1.0
        assert least(live(detector, turned, frozen=True)) <= WATCH


@pytest.mark.parametrize("share", [0.4, 0.65, 0.9])
@pytest.mark.parametrize("make", [NegativeShareTest, OwnReplies])
def test_a_topic_that_was_always_sour_has_not_turned(make: type[ShareDetector], share: float) -> None:
    """What shares are elsewhere is no evidence: an airline is complained about from the first minute on."""
    for seed in TRIES:
        detector = make()
        sour = crowd(1.0, lambda _: 0.5, negative=lambda _: share, answers=lambda _: share, seed=seed)
        assert least(live(detector, sour)) > WATCH


@pytest.fixture(scope="module")
def crisis() -> tuple[World, list[Closed]]:
    """Seven hours of which the last two are a crisis."""
    world = World(seed=3)
    heard = [
        world.hear(minute, 3.0 if minute >= 300 else 0.1, sour=0.8 if minute >= 300 else 0.1) for minute in range(420)
    ]
    return world, [closed for closed in heard if closed is not None]


def test_a_crisis_on_the_first_day_is_told_with_how_little_is_known(crisis: tuple[World, list[Closed]]) -> None:
    told = [entry for closed in crisis[1] if closed.change is not None for entry in closed.change.entries]
    (opened,) = [entry for entry in told if entry.kind == "opened"]
    assert opened.at_us - MONDAY_US <= (5 * 60 + 15) * MINUTE_US
    assert opened.facts["known"] == pytest.approx(300, abs=15)
    assert "heard for 5 hours only" in opened.text


def test_its_explanation_is_recomputed_exactly_and_says_how_little_is_known(crisis: tuple[World, list[Closed]]) -> None:
    world, heard = crisis
    judges = judges_of(world.topic)
    moments = moments_of([entry for closed in heard if closed.change is not None for entry in closed.change.entries])
    assert moments
    for moment in moments:
        (judged,) = [one.judged for one in heard if one.judged and one.judged.signal.start_us == moment.start_us]
        assert [judges[one.detector].recompute(one) for one in judged.verdicts] == [
            one.p_value for one in judged.verdicts
        ]
        explanation = explain(moment, judged.verdicts, Budget(world.topic, judges).at(moment.start_us), judges)
        assert explanation.is_reproduced
        assert "heard for 5 hours only" in explanation.sentences("en")[0]
        assert "que depuis 5 heures" in explanation.sentences("fr")[0]


def test_a_first_night_and_morning_open_nothing() -> None:
    for seed in TRIES:
        world = World(seed=seed)
        rng = random.Random(seed)
        level = rng.choice([0.02, 0.1, 0.5])
        changes = [world.hear(minute, level * steep(minute), sour=0.2) for minute in range(1440)]
        assert not any(closed is not None and closed.change is not None for closed in changes)
