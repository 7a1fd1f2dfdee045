"""Complaints in people's own words: a slow rise of them, what is no rise, and how far a topic's past is believed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from monitor.anomalies.complaints import Complaints
from monitor.anomalies.slow_burn import SlowBurn
from monitor.clock import DAY_US, MINUTE_US
from monitor.signals import Signal
from monitor.topics import PlannedEvent
from tests.anomalies.crowds import MONDAY_US, live, poisson, rhythm

WATCH = 1 / 3 / 1440 / 6  # a third of once a day, shared by six detectors
USUAL = 0.008  # complaints a minute at an average hour, eleven a day
ONSET = 20 * 1440 + 9 * 60


def spoken(first_day: float, days: float, complaining=lambda _: USUAL, seed: int = 1) -> Iterator[Signal]:
    """Yield minutes with something in them: complaints at a rate of their own among four times as many others."""
    rng = random.Random(seed)
    for minute in range(round(first_day * 1440), round((first_day + days) * 1440)):
        complaints = poisson(complaining(minute) * rhythm(minute), rng)
        mentions = complaints + poisson(4 * USUAL * rhythm(minute), rng)
        if mentions:
            measures = {"complaints_share": complaints / mentions}
            yield Signal(topic="a", start_us=MONDAY_US + minute * MINUTE_US, mentions=mentions, measures=measures)


@pytest.fixture(scope="module")
def taught() -> bytes:
    detector = Complaints("UTC")
    live(detector, spoken(0, 20))
    return detector.snapshot()


def after(taught: bytes) -> Complaints:
    detector = Complaints("UTC")
    detector.restore(taught)
    return detector


def rising(minute: int) -> float:
    """Return the rate of a failure that more and more people notice: nine times the usual after eight hours."""
    return USUAL * (1 + 8 * min(1.0, max(0, minute - ONSET) / 480))


def test_complaints_that_slowly_multiply_are_seen_hours_before_the_volume_has_moved(taught):
    seen = []
    for seed in range(5):
        said = live(after(taught), spoken(20, 1, rising, seed), frozen=True)
        rare = [one for one in said if one.p_value <= WATCH]
        assert rare
        assert rare[0].unit == "complaints"
        assert rare[0].observed > rare[0].upper > rare[0].expected
        seen.append(rare[0])
    volume = SlowBurn("UTC")
    live(volume, spoken(0, 20))
    state = volume.snapshot()
    sooner = 0
    for seed in range(5):
        minutes = []
        for detector, past in ((Complaints("UTC"), taught), (SlowBurn("UTC"), state)):
            detector.restore(past)
            found = [one for one in spoken(20, 1, rising, seed) if _is_rare(detector, one)]
            minutes.append(found[0].start_us if found else MONDAY_US + 30 * DAY_US)
        sooner += minutes[1] - minutes[0] > 60 * MINUTE_US
    assert sooner >= 4


def _is_rare(detector: Complaints | SlowBurn, one: Signal) -> bool:
    p_value = detector.score(one).p_value
    detector.skip(one.start_us, one.end_us)
    return p_value <= WATCH


def test_usual_complaints_are_no_rise(taught):
    said = live(after(taught), spoken(20, 14, seed=2))
    assert min(one.p_value for one in said) > WATCH


def test_a_loud_quarter_of_an_hour_is_no_slow_rise(taught):
    def burst(minute: int) -> float:
        return 3.0 if 0 <= minute - ONSET < 12 else USUAL

    said = live(after(taught), spoken(20, 0.5, burst), frozen=True)
    assert min(one.p_value for one in said) > WATCH


def test_what_others_say_is_nothing_to_it(taught):
    calm = list(spoken(20, 1))
    louder = [
        Signal(
            topic="a", start_us=one.start_us, mentions=10 * one.mentions,
            measures={"complaints_share": one.measures["complaints_share"] / 10},
        )
        for one in calm
    ]  # fmt: skip
    first, second = live(after(taught), iter(calm)), live(after(taught), iter(louder))
    assert [one.p_value for one in first] == [one.p_value for one in second]


def test_a_topic_must_have_earned_to_be_believed_against_the_bound(taught):
    """The same evidence is less likely on a topic whose quiet half days are known than on one that is new."""
    known = [one for one in live(after(taught), spoken(20, 1, rising, 3), frozen=True) if one.factors["nominal"] > 2.5]
    young = Complaints("UTC")
    live(young, spoken(0, 3))
    fresh = [
        one
        for one in live(young, spoken(3, 1, lambda minute: rising(minute + 17 * 1440), 3), frozen=True)
        if one.factors["nominal"] > 2.5
    ]
    assert known
    assert fresh
    bound = 10.0 ** -fresh[0].factors["nominal"]
    assert fresh[0].p_value >= 10.0 ** -(fresh[0].factors["nominal"] + fresh[0].factors["trust"]) > 0.05 * bound
    assert known[0].factors["trust"] > 2 * fresh[0].factors["trust"]
    assert known[0].p_value < 0.1 * 10.0 ** -known[0].factors["nominal"]


def test_minutes_without_a_complaint_count_as_silence_while_nothing_is_learned(taught):
    """Through an incident, when every minute is judged and none is learned, usual complaints stay no rise."""
    detector = after(taught)
    heard = {one.start_us: one for one in spoken(20, 3, seed=6)}
    said = []
    for minute in range(20 * 1440, 23 * 1440):
        start_us = MONDAY_US + minute * MINUTE_US
        one = heard.get(start_us, Signal(topic="a", start_us=start_us, mentions=0, measures={}))
        said.append(detector.score(one))
        detector.skip(one.start_us, one.end_us)
    assert min(one.p_value for one in said) > WATCH


def test_what_half_hidden_sources_do_not_say_is_silence_and_no_rise(taught):
    detector = after(taught)
    said = []
    last_us = MONDAY_US + 20 * DAY_US
    for one in spoken(20, 2, seed=7):
        detector.dim(last_us, one.start_us, 0.45)
        said.append(detector.score(one).p_value)
        detector.skip(one.start_us, one.end_us)
        last_us = one.end_us
    assert min(said) > WATCH


LAUNCH_DAY = datetime.fromisoformat("2024-01-21 00:00")
LAUNCH = PlannedEvent("Fibre", "launch", LAUNCH_DAY, LAUNCH_DAY + timedelta(days=1), times=8.0)


def planned(taught: bytes, event: PlannedEvent) -> Complaints:
    detector = Complaints("UTC", [event])
    detector.restore(taught)  # learned before anything was planned
    return detector


def angry(minute: int) -> float:
    return 1.0 if minute >= ONSET else USUAL


def test_within_a_planned_event_a_burst_of_complaints_is_seen_at_once_and_says_what_it_is_held_against(taught):
    said = live(planned(taught, LAUNCH), spoken(20, 0.5, angry), frozen=True)
    rare = next(one for one in said if one.p_value <= 1e-6)
    assert rare.factors["planned"] == 2.75
    assert rare.span_minutes <= 60
    assert rare.observed > rare.upper
    detector = planned(taught, LAUNCH)
    assert [detector.recompute(one) for one in said] == [one.p_value for one in said]
    fewer = detector.supposing(rare, 1)
    assert fewer is not None
    assert fewer.p_value == detector.recompute(fewer) > 0.01


def test_within_a_planned_event_as_many_more_complaints_as_mentions_are_no_burst(taught):
    said = live(planned(taught, LAUNCH), spoken(20, 1, lambda _: 8 * USUAL))
    assert min(one.p_value for one in said) > 1e-4


def test_what_is_planned_for_another_day_changes_nothing(taught):
    later = PlannedEvent("Fibre", "launch", LAUNCH_DAY + timedelta(days=9), LAUNCH_DAY + timedelta(days=10), times=8.0)
    for complaining in (angry, rising, lambda _: USUAL):
        plain = live(after(taught), spoken(20, 1, complaining), frozen=True)
        assert live(planned(taught, later), spoken(20, 1, complaining), frozen=True) == plain


def test_past_events_teach_how_many_complain_at_the_next(taught):
    detector = planned(taught, LAUNCH)
    live(detector, spoken(20, 3, lambda minute: (10.0 if minute // 1440 == 20 else 1.0) * USUAL))
    again = PlannedEvent("Fibre 2", "launch", LAUNCH_DAY + timedelta(days=7), LAUNCH_DAY + timedelta(days=8), times=8.0)
    taught_twice = Complaints("UTC", [again])
    taught_twice.restore(detector.snapshot())
    said = live(taught_twice, spoken(27, 0.5, angry), frozen=True)
    assert max(one.factors.get("planned", 0.0) for one in said) > 4.0


def test_a_topic_with_a_calendar_remembers_both_tests(taught):
    original, twin = planned(taught, LAUNCH), Complaints("UTC", [LAUNCH])
    live(original, spoken(20, 0.45, angry), frozen=True)
    twin.restore(original.snapshot())
    assert twin.snapshot() == original.snapshot()
    later = list(spoken(20.45, 0.3, angry))
    assert live(twin, iter(later)) == live(original, iter(later))
