"""The normal itself moves; a crisis does not move it."""

import pytest

from monitor.anomalies.moved_baseline import MovedBaseline
from monitor.anomalies.seasonal_counts import SeasonalCounts
from monitor.clock import DAY_US, MINUTE_US
from monitor.signals import Signal
from tests.anomalies.crowds import MONDAY_US, crowd, live, rhythm


def usual(minute: int) -> float:
    weekend = minute // 1440 % 7 >= 5
    return 0.6 * rhythm(minute) * (0.6 if weekend else 1.0)


def moves(said):
    return [one for one in said if one.factors["is_move"]]


@pytest.fixture(scope="module")
def taught() -> bytes:
    detector = MovedBaseline()
    live(detector, crowd(28, usual))
    return detector.snapshot()


def after(taught) -> MovedBaseline:
    detector = MovedBaseline()
    detector.restore(taught)
    return detector


def test_quiet_months_have_no_move():
    for seed in range(3):
        assert not moves(live(MovedBaseline(), crowd(60, usual, seed=20 + seed)))


@pytest.mark.parametrize("times", [0.25, 3.0])
def test_a_level_that_moved_is_recognised_within_days_and_named_before_and_after(taught, times):
    said = live(after(taught), crowd(8, lambda minute: times * usual(minute), first_day=28, seed=2))
    (move,) = moves(said)
    factors = move.factors
    assert factors["to_per_day"] / factors["from_per_day"] == pytest.approx(times, rel=0.35)
    assert factors["from_per_day"] == pytest.approx(864 * 6.2 / 7, rel=0.25)
    assert said.index(move) / len(said) < 6 / 8


def test_one_wild_day_is_no_move_nor_is_a_crisis_that_fades(taught):
    wild = crowd(1, lambda minute: 30 * usual(minute), first_day=28, seed=3)
    assert not moves([*live(detector := after(taught), wild), *live(detector, crowd(10, usual, first_day=29, seed=4))])

    def fading(minute: int) -> float:
        return usual(minute) * max(1.0, 20.0 * 0.5 ** (minute / 1440 - 28))

    assert not moves(live(after(taught), crowd(10, fading, first_day=28, seed=5)))


def test_days_frozen_by_an_incident_are_looked_at_and_not_learned(taught):
    detector = after(taught)
    crisis = crowd(6, lambda minute: 4 * usual(minute), first_day=28, seed=6, every=True)
    said = live(detector, crisis, frozen=True)
    (move,) = moves(said)
    assert all(one.expected == pytest.approx(said[0].expected) for one in said[: said.index(move)])


def test_a_crisis_is_no_level_however_steady_nor_is_what_it_leaves_of_its_days(taught):
    detector = after(taught)
    said = []
    for one in crowd(8.5, lambda minute: 12 * usual(minute), first_day=28.4, seed=6, every=True):
        said.append(detector.score(one))
        detector.overlook(one.start_us, one.end_us)
    said += live(detector, crowd(6, usual, first_day=36.9, seed=7))
    assert not moves(said)
    assert all(one.expected == pytest.approx(said[0].expected, rel=0.1) for one in said)


@pytest.mark.parametrize("times", [0.25, 4.0])
def test_two_days_near_the_level_that_was_left_are_enough_to_return_to_it(taught, times):
    detector = after(taught)
    (gone,) = moves(live(detector, crowd(7, lambda minute: times * usual(minute), first_day=28, seed=2)))
    (back,) = moves(live(detector, crowd(2.1, usual, first_day=35, seed=3)))
    assert back.factors["to_per_day"] == pytest.approx(gone.factors["from_per_day"], rel=0.3)
    assert not moves(live(detector, crowd(14, usual, first_day=37.1, seed=4)))


def test_one_day_near_it_is_not_enough_nor_are_two_after_a_month(taught):
    detector = after(taught)

    def grown(minute: int) -> float:
        return usual(minute) * (1.0 if minute // 1440 in (36, 70, 71) else 4.0)

    assert len(moves(live(detector, crowd(45, grown, first_day=28, seed=2)))) == 1


def test_an_outage_is_no_move(taught):
    detector = after(taught)
    detector.skip(MONDAY_US + 28 * DAY_US, MONDAY_US + 38 * DAY_US)
    assert not moves(live(detector, crowd(10, usual, first_day=38, seed=7)))


def test_it_never_alarms(taught):
    said = live(after(taught), crowd(3, lambda minute: 50 * usual(minute), first_day=28, seed=8))
    assert {one.p_value for one in said} == {1.0}


def test_velocity_takes_the_new_level_at_once_when_told():
    told, untold = SeasonalCounts(), SeasonalCounts()
    for detector in (told, untold):
        live(detector, crowd(28, usual))
    told.rebase(3 * 0.53)
    noon = MONDAY_US + 28 * DAY_US + DAY_US // 2
    before, after_it = untold.minute_band(noon)[0], told.minute_band(noon)[0]
    assert after_it == pytest.approx(3 * before, rel=0.25)
    calm, alarmed = (
        min(one.p_value for one in live(detector, crowd(6, lambda minute: 3 * usual(minute), first_day=29, seed=10)))
        for detector in (told, untold)
    )
    assert calm > 1e-5 > alarmed


def test_days_of_silence_are_a_move_to_nothing_and_never_below():
    detector = MovedBaseline()
    told = []
    for day in (*range(14), *range(18, 24)):
        for number in range(60 if day % 7 < 5 else 20):
            at_us = MONDAY_US + day * DAY_US + (20 * number + 1) * MINUTE_US
            signal = Signal(topic="acme", start_us=at_us, mentions=1, measures={})
            told.append(detector.score(signal))
            detector.learn(signal)
    assert moves(told)
    assert all(one.factors["to_per_day"] >= 0.0 and one.lower <= one.upper for one in moves(told))


@pytest.mark.parametrize("minutes", [0.5, 5, 60, 8 * 60, 1440], ids=str)
@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "Pacific/Honolulu"])
def test_a_move_is_told_alike_however_long_the_windows_are(minutes, zone):
    bucket_us = int(minutes * MINUTE_US)
    detector = MovedBaseline(zone, bucket_us)
    told = []
    for bucket in range(MONDAY_US // bucket_us, (MONDAY_US + 28 * DAY_US) // bucket_us):
        day = (bucket * bucket_us - MONDAY_US) / DAY_US
        start_us, count = bucket * bucket_us, (300 if day < 18 else 900) * bucket_us / DAY_US
        verdict = detector.judge(start_us, count)
        if verdict.factors["is_move"]:
            told.append((day, verdict.factors["from_per_day"], verdict.factors["to_per_day"]))
        # Some hours of each day belong to an incident: counted, not learned.
        if minutes <= 60 and day % 1 < 0.25:
            detector.skip(start_us, start_us + bucket_us)
        else:
            detector.absorb(start_us, count)
    ((day, before, after_it),) = told
    assert 20 <= day <= 24
    assert before == pytest.approx(300, rel=0.02)
    assert 700 <= after_it <= 950  # the day of the move belongs to both
