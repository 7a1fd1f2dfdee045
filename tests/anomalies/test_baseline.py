import math
import random
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from monitor.anomalies.baseline import Baseline
from monitor.anomalies.planned import Calendar
from monitor.clock import DAY_US, HOUR_US, MINUTE_US, from_datetime
from monitor.topics import PlannedEvent

MONDAY = 1_704_067_200_000_000 // MINUTE_US  # 2024-01-01T00:00Z, in minutes
WEEK = 7 * 1440


def counts(minutes: int, rate: float, seed: int = 1) -> list[int]:
    """Counts a minute: nights a fifth of days, weekends half of working days."""
    rng = random.Random(seed)
    found = []
    for minute in range(minutes):
        day = 0.2 + 1.6 * max(0.0, -math.cos(2 * math.pi * minute / 1440)) * math.pi / 2
        mean = rate * day * (0.5 if minute // 1440 % 7 >= 5 else 1.0)
        found.append(sum(rng.random() < mean / 20 for _ in range(20)))
    return found


def taught(minutes: int, rate: float, zone: str = "UTC", calendar: Calendar | None = None) -> Baseline:
    baseline = Baseline(zone, calendar=calendar)
    for minute, count in enumerate(counts(minutes, rate)):
        baseline.learn(MONDAY + minute, float(count))
    return baseline


def test_nothing_known_is_a_mention_every_five_minutes() -> None:
    baseline = Baseline("UTC")
    assert baseline.band(MONDAY * MINUTE_US)[0] == pytest.approx(0.2)


def test_the_hours_of_the_day_are_learned() -> None:
    baseline = taught(3 * WEEK, 2.0)
    noon, night = (MONDAY + 3 * WEEK + hour * 60 for hour in (12, 0))
    assert baseline.band(noon * MINUTE_US)[0] == pytest.approx(2.0 * (0.2 + 1.6 * math.pi / 2), rel=0.25)
    assert baseline.band(night * MINUTE_US)[0] == pytest.approx(2.0 * 0.2, rel=0.4)


def test_weekends_are_told_from_working_days_once_two_weeks_were_seen() -> None:
    baseline = taught(3 * WEEK, 2.0)
    noon = MONDAY + 3 * WEEK + 12 * 60
    working = baseline.band(noon * MINUTE_US)[0]
    weekend = baseline.band((noon + 5 * 1440) * MINUTE_US)[0]
    assert weekend / working == pytest.approx(0.5, abs=0.15)


def test_the_season_follows_local_clocks_over_a_change_of_clocks() -> None:
    """Eight o'clock in Paris is seven in UTC in winter and six in summer."""
    baseline = Baseline("Europe/Paris")
    winter = 1_771_200_000_000_000 // MINUTE_US  # 2026-02-16T00:00Z, a Monday
    for day in range(35):
        for minute in range(1440):
            local = minute + 60
            baseline.learn(winter + day * 1440 + minute, 5.0 if 8 * 60 <= local % 1440 < 20 * 60 else 0.0)
    summer = 1_774_828_800_000_000 // MINUTE_US  # 2026-03-30T00:00Z, a Monday
    at_six, at_five = (baseline.band((summer + hour * 60 + 15) * MINUTE_US)[0] for hour in (7, 5))
    assert at_six > 3.0
    assert at_five < 1.0


def test_one_wild_hour_hardly_moves_the_norm() -> None:
    calm, shaken = taught(WEEK, 2.0), taught(WEEK, 2.0)
    for minute in range(60):
        calm.learn(MONDAY + WEEK + minute, 2.0)
        shaken.learn(MONDAY + WEEK + minute, 2000.0)
    assert shaken.level < 1.15 * calm.level


def test_the_norm_follows_a_lasting_change_within_a_fortnight() -> None:
    baseline = taught(2 * WEEK, 1.0)
    before = baseline.level
    for minute, count in enumerate(counts(2 * WEEK, 4.0, seed=2)):
        baseline.learn(MONDAY + 2 * WEEK + minute, float(count))
    assert baseline.level > 3.0 * before


def test_a_crisis_skipped_for_a_week_leaves_the_norm_as_it_was_and_learning_goes_on() -> None:
    baseline = taught(2 * WEEK, 2.0)
    before = baseline.level
    for minute in range(2 * WEEK, 3 * WEEK):
        baseline.present(MONDAY + minute, 40.0)
        baseline.skip(MONDAY + minute, MONDAY + minute + 1)
    assert baseline.level == pytest.approx(before)
    for minute, count in enumerate(counts(WEEK, 2.0, seed=4)):
        baseline.learn(MONDAY + 3 * WEEK + minute, float(count))
    assert baseline.level == pytest.approx(before, rel=0.2)


def test_an_outage_is_no_silence() -> None:
    blind, silent = taught(WEEK, 2.0), taught(WEEK, 2.0)
    blind.skip(MONDAY + WEEK, MONDAY + WEEK + 2 * 1440)
    before = blind.level
    for baseline in (blind, silent):
        baseline.present(MONDAY + WEEK + 2 * 1440, 1.0)
    assert blind.level == pytest.approx(before)
    assert silent.level < 0.8 * before


def test_minutes_not_seen_are_not_expected_either() -> None:
    baseline = taught(WEEK, 2.0)
    baseline.skip(MONDAY + WEEK, MONDAY + WEEK + 15)
    baseline.present(MONDAY + WEEK + 15, 1.0)
    assert baseline.expect(15).mean == pytest.approx(baseline.per_bucket)


def test_minutes_judged_while_an_incident_is_open_still_count_in_the_window() -> None:
    baseline = taught(WEEK, 2.0)
    for minute in range(10):
        baseline.present(MONDAY + WEEK + minute, 7.0)
        baseline.skip(MONDAY + WEEK + minute, MONDAY + WEEK + minute + 1)
    baseline.present(MONDAY + WEEK + 10, 7.0)
    assert baseline.count(5) == 35.0
    assert baseline.expect(5).mean == pytest.approx(5 * baseline.per_bucket, rel=0.01)


def test_sliding_windows_hold_what_was_given() -> None:
    baseline = Baseline("UTC")
    for minute in range(120):
        baseline.learn(MONDAY + minute, float(minute % 7))
    baseline.present(MONDAY + 120, 3.0)
    given = [float(minute % 7) for minute in range(120)] + [3.0]
    assert baseline.counts() == [sum(given[-span:]) for span in (5, 15, 60)]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Paris", "America/New_York"])
def test_a_year_of_silence_equals_its_minutes_given_one_by_one_events_and_changes_of_clocks_included(zone: str) -> None:
    launch = from_datetime(datetime(2024, 4, 2, 9, tzinfo=ZoneInfo(zone)))  # after twelve weeks of silence
    assert MONDAY < launch // MINUTE_US < MONDAY + 120 * 1440
    event = PlannedEvent("Fibre", "launch", *(datetime.fromisoformat(f"2024-04-02 {hour}:00") for hour in ("09", "21")))
    at_once, slot_by_slot = (taught(WEEK, 1.0, zone, Calendar([event], zone)) for _ in range(2))
    end = MONDAY + WEEK + 120 * 1440
    at_once.present(end, 1.0)
    for minute in range(MONDAY + WEEK, end, 30):
        slot_by_slot.wait(minute)
    slot_by_slot.present(end, 1.0)
    # Whole weeks at once are an approximation, of something that is next to nothing by then.
    for baseline in (at_once, slot_by_slot):
        assert baseline.expect(60).mean < 0.02
        assert baseline.state.lessons["launch"].events == 1.0
    assert at_once.state.lessons["launch"].times == pytest.approx(slot_by_slot.state.lessons["launch"].times, rel=0.05)
    assert at_once.season == pytest.approx(slot_by_slot.season, abs=0.1)
    assert at_once.learned_us == slot_by_slot.learned_us


@pytest.mark.parametrize("bucket_us", [5 * MINUTE_US, 10 * MINUTE_US, 20 * MINUTE_US, HOUR_US, 4 * HOUR_US, DAY_US])
def test_any_length_of_bucket_learns_its_level(bucket_us: int) -> None:
    baseline = Baseline("UTC", bucket_us)
    rng = random.Random(8)
    for bucket in range(600):
        baseline.learn(MONDAY * MINUTE_US // bucket_us + bucket, float(rng.randint(8, 12)))
    assert baseline.level == pytest.approx(10.0, rel=0.1)
    assert baseline.scatter(baseline.spans[0], 10.0) < 0.3
