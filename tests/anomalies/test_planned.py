"""A launch that is in the calendar is expected; a crisis inside it is not."""

import math
from datetime import datetime, time

import msgspec
import pytest

from monitor.anomalies.baseline import Baseline
from monitor.anomalies.negative_share import NegativeShareTest
from monitor.anomalies.planned import Calendar, Lesson, expected_times
from monitor.anomalies.seasonal_counts import SeasonalCounts
from monitor.anomalies.slow_burn import SlowBurn
from monitor.clock import HOUR_US, MINUTE_US, from_datetime
from monitor.incidents import SEVERITIES
from monitor.topics import OpeningHours, PlannedEvent
from tests.anomalies.crowds import MONDAY_US, crowd, live, rhythm
from tests.anomalies.worlds import World


def usual(minute: int) -> float:
    return 0.6 * rhythm(minute)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


LAUNCH = PlannedEvent("Fibre", "launch", moment("2024-01-22 09:00"), moment("2024-01-22 21:00"), times=10.0)
FIRST = 21.375  # days from Monday 1 January 2024 to the launch


def launched(minute: int) -> float:
    return usual(minute) * (10.0 if 21 * 1440 + 540 <= minute < 21 * 1440 + 1260 else 1.0)


@pytest.fixture(scope="module")
def taught() -> dict[str, bytes]:
    states = {}
    for make in (SeasonalCounts, SlowBurn, NegativeShareTest):
        detector = make()
        live(detector, crowd(21, usual))
        states[make.name] = detector.snapshot()
    return states


def after(taught, make, *events):
    detector = make() if make is NegativeShareTest else make(events=events)
    detector.restore(taught[make.name])
    return detector


@pytest.mark.parametrize("make", [SeasonalCounts, SlowBurn])
def test_a_launch_alarms_unless_it_is_in_the_calendar(taught, make):
    planned, unplanned = (
        min(one.p_value for one in live(after(taught, make, *events), crowd(1, launched, first_day=21, seed=2)))
        for events in ((LAUNCH,), ())
    )
    assert unplanned < 1e-6
    assert planned > 1e-4


def test_a_crisis_inside_the_launch_is_seen_by_volume_and_by_tone(taught):
    def crisis(minute: int) -> float:
        return launched(minute) * (12.0 if minute >= 21 * 1440 + 15 * 60 else 1.0)

    def anger(minute: int) -> float:
        return 0.8 if minute >= 21 * 1440 + 15 * 60 else 0.1

    def seen(make, hours):
        signals = crowd(hours / 24, crisis, first_day=FIRST, negative=anger, seed=3)
        return min((one.p_value for one in live(after(taught, make, LAUNCH), signals)), default=1.0)

    for make, most in ((SeasonalCounts, 1e-5), (NegativeShareTest, 1e-4)):
        assert seen(make, 6) > 1e-4
        assert seen(make, 8) < most


def test_event_minutes_teach_what_events_bring_and_not_what_is_usual(taught):
    with_event, without = (after(taught, SeasonalCounts, LAUNCH) for _ in range(2))
    live(with_event, crowd(2, launched, first_day=21, seed=4))
    live(without, crowd(2, usual, first_day=21, seed=4))
    (a, _, _), (b, _, _) = (one.minute_band(MONDAY_US + 23 * 24 * HOUR_US) for one in (with_event, without))
    assert a == pytest.approx(b, rel=0.05)


def test_what_an_event_brings_is_learned_from_past_events_of_its_kind():
    nights = [OpeningHours((5,), time(18), time(20))]
    calendar = Calendar([PlannedEvent("Friday", "sale", weekly=tuple(nights))], "UTC")
    baseline = Baseline("UTC", calendar=calendar)
    start = MONDAY_US // MINUTE_US
    for minute in range(43 * 1440):
        is_on = minute // 1440 % 7 == 4 and 18 * 60 <= minute % 1440 < 20 * 60
        baseline.learn(start + minute, 14.0 if is_on else 2.0)
    friday = MONDAY_US + 46 * 24 * HOUR_US
    at_eight, at_nine = (baseline.band(friday + hour * HOUR_US)[0] for hour in (18, 21))
    assert at_eight / at_nine == pytest.approx(7.0, rel=0.15)
    assert set(baseline.state.lessons) == {"sale"}


def test_doubt_about_an_event_widens_what_is_normal():
    plain, eventful = Baseline("UTC"), Baseline("UTC", calendar=Calendar([LAUNCH], "UTC"))
    for baseline in (plain, eventful):
        for minute in range(20 * 1440):
            baseline.learn(MONDAY_US // MINUTE_US + minute, 3.0)
    noon = from_datetime(datetime.fromisoformat("2024-01-22T12:00+00:00"))
    mean, low, high = eventful.band(noon)
    usual_mean, _, usual_high = plain.band(noon)
    assert mean == pytest.approx(10 * usual_mean, rel=0.01)
    assert high / mean > usual_high / usual_mean
    assert low / mean < 0.5


def test_events_are_on_when_the_topics_own_clocks_say_so():
    paris = Calendar(
        [LAUNCH, PlannedEvent("Late show", weekly=(OpeningHours((5,), time(22), time.max),))], "Europe/Paris"
    )

    def on(text: str) -> str | None:
        start = from_datetime(datetime.fromisoformat(text))
        event = paris.at(start, start + 30 * MINUTE_US)
        return event.name if event else None

    assert (on("2024-01-22T08:00+00:00"), on("2024-01-22T07:00+00:00")) == ("Fibre", None)
    assert (on("2024-01-26T21:00+00:00"), on("2024-01-26T22:30+00:00")) == ("Late show", "Late show")
    assert (on("2024-01-26T20:30+00:00"), on("2024-01-26T23:00+00:00")) == (None, None)
    assert on("2024-01-25T21:00+00:00") is None


def test_a_written_number_yields_slowly_and_an_assumed_one_quickly():
    lesson = Lesson()
    for _ in range(3):
        lesson.learn(2.0)
    written, _ = expected_times(PlannedEvent("a", "launch", times=10.0), lesson)
    assumed, _ = expected_times(PlannedEvent("a", "launch"), lesson)
    assert 2.0 < assumed < 3.0 < written < 10.0


EARLY = PlannedEvent("Fibre", "launch", moment("2024-01-09 09:00"), moment("2024-01-09 21:00"), times=10.0)
EARLY_DAY = 8 * 1440


@pytest.fixture(scope="module")
def quiet() -> bytes:
    world = World(seed=11)
    for minute in range(EARLY_DAY):
        world.hear(minute, usual(minute), sour=0.2)
    return world.state.snapshot()


@pytest.mark.parametrize(("events", "crisis", "worst"), [((), False, 1), ((EARLY,), False, 0), ((EARLY,), True, 2)])
def test_a_launch_in_the_calendar_opens_nothing_and_a_crisis_inside_it_still_warns(quiet, events, crisis, worst):
    """Severities reached on the day of the launch: 0 none, 1 watch, 2 warning or more."""
    world = World(seed=12, events=events)
    world.state.restore(quiet)
    reached = 0
    for minute in range(EARLY_DAY, EARLY_DAY + 1200):
        is_crisis = crisis and minute >= EARLY_DAY + 15 * 60
        rate = launched(minute + 13 * 1440) * (3.0 if is_crisis else 1.0)
        closed = world.hear(minute, rate, sour=0.75 if is_crisis else 0.2)
        if closed is not None and closed.change is not None:
            reached = max(reached, 1 + SEVERITIES.index(closed.change.incident.severity))
    assert min(reached, 2) == worst


def paged_after(quiet: bytes, events: tuple[PlannedEvent, ...], brings: float) -> float:
    """Return the minutes to a critical incident of six angry people a minute, from three o'clock of the launch day.

    Others are `brings` times as many as usual, one in five of them sour as ever; infinite if nobody is paged.
    """
    world = World(seed=13, events=events)
    world.state.restore(quiet)
    for minute in range(EARLY_DAY + 9 * 60, EARLY_DAY + 18 * 60):
        since = minute - (EARLY_DAY + 15 * 60)
        calm, angry = brings * usual(minute), 6.0 if since >= 0 else 0.0
        closed = world.hear(minute, calm + angry, sour=(0.2 * calm + angry) / (calm + angry), alarm=int(since >= 0))
        if closed is not None and closed.change is not None and closed.change.incident.severity == "critical":
            return float(since)
    return math.inf


@pytest.mark.parametrize("brings", [1.0, 3.0])
def test_a_crisis_inside_a_planned_event_pages_nearly_as_soon_as_without_the_entry(quiet, brings):
    planned = msgspec.structs.replace(EARLY, times=8.0)
    with_entry, without = (paged_after(quiet, events, brings) for events in ((planned,), ()))
    assert without < 15
    assert with_entry <= without + 15


@pytest.mark.parametrize("times", [3.0, 8.0])
def test_as_many_more_who_grumble_as_ever_are_no_crisis(quiet, times):
    world = World(seed=14, events=(msgspec.structs.replace(EARLY, times=times),))
    world.state.restore(quiet)
    reached = set()
    for minute in range(EARLY_DAY + 9 * 60, EARLY_DAY + 21 * 60):
        closed = world.hear(minute, 8.0 * usual(minute), sour=0.2)
        if closed is not None and closed.change is not None:
            reached.add(closed.change.incident.severity)
    assert reached <= {"watch"}
