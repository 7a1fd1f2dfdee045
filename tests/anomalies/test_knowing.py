"""What a topic knows that it does not know: gaps, partial blindness, crises that last, levels that move."""

from __future__ import annotations

from functools import cache

import msgspec
import pytest

from monitor.anomalies.seasonal_counts import SeasonalCounts
from monitor.anomalies.slow_burn import SlowBurn
from monitor.clock import DAY_US, HOUR_US, MINUTE_US
from tests.anomalies.crowds import MONDAY_US, crowd, live, rhythm
from tests.anomalies.worlds import World

BOTH = pytest.mark.parametrize("make", [SeasonalCounts, SlowBurn])


def usual(minute: int) -> float:
    return 0.5 * rhythm(minute)


@cache
def taught(make, times: float) -> bytes:
    detector = make()
    live(detector, crowd(14, lambda minute: times * usual(minute)))
    return detector.snapshot()


def after_two_weeks(make, times: float = 1.0):
    detector = make()
    detector.restore(taught(make, times))
    return detector


@BOTH
def test_partial_blindness_is_not_learned_as_silence(make) -> None:
    blind, silent = after_two_weeks(make), after_two_weeks(make)
    start, end = MONDAY_US + 14 * DAY_US, MONDAY_US + 16 * DAY_US
    before = blind._baseline.band(end)[0]
    blind.dim(start, end, 0.4)
    for detector in (blind, silent):
        live(detector, crowd(0.05, usual, first_day=16, seed=3))
    assert blind._baseline.band(end)[0] == pytest.approx(before, rel=0.05)
    assert silent._baseline.band(end)[0] < 0.8 * before


def test_partial_blindness_lowers_what_is_expected_and_widens_the_interval() -> None:
    whole, part = after_two_weeks(SeasonalCounts, 20.0), after_two_weeks(SeasonalCounts, 20.0)
    noon = MONDAY_US + 14 * DAY_US + 12 * HOUR_US
    for detector, hidden in ((whole, 0.0), (part, 0.4)):
        detector.judge(noon, 10.0, hidden)
    (mean, low, high), (less, lower, upper) = whole.minute_band(noon), part.minute_band(noon)
    assert less == pytest.approx(0.6 * mean)
    assert (upper - lower) / less > 1.3 * (high - low) / mean


@BOTH
def test_what_comes_while_a_source_is_blind_alarms_only_when_it_is_too_much(make) -> None:
    """The estimate of what is hidden may be wrong: nothing was hidden after all, and nothing is alarming either."""
    for times, least, most in ((0.6, 1e-4, 1.0), (1.0, 1e-4, 1.0), (12.0, 0.0, 1e-5)):
        detector = after_two_weeks(make)
        end = MONDAY_US + 14 * DAY_US + 10 * HOUR_US
        said = [1.0]
        rates = [times * usual(minute) for minute in range(15 * 1440)]
        for one in crowd(6 / 24, rates.__getitem__, first_day=14 + 10 / 24, seed=4):
            detector.dim(end, one.start_us, 0.4)
            said.append(detector.score(msgspec.structs.replace(one, hidden=0.4)).p_value)
            detector.skip(one.start_us, one.end_us)
            end = one.end_us
        assert least <= min(said) <= most


def level(world: World) -> float:
    """Mentions a minute at an average hour."""
    counts = SeasonalCounts()
    counts.restore(world.saved(SeasonalCounts.name))
    return counts._baseline.level


def test_what_turns_out_to_have_been_hidden_is_no_silence_after_all() -> None:
    """A source is known to be blind only after a quarter of an hour, which its silence took to tell."""
    levels = {}
    for knowing, since in (("at once", 0), ("late", 15), ("never", 60)):
        world = World()
        for minute in range(2 * 1440):
            world.hear(minute, 1.0)
        gaps: list[tuple[int, int, float]] = []
        for start in range(2 * 1440, 4 * 1440, 40):
            gap = (MONDAY_US + start * MINUTE_US, MONDAY_US + (start + 20) * MINUTE_US, 0.8)
            for minute in range(40):
                known = [gap] if since <= minute else []
                world.hear(start + minute, 0.2 if minute < 20 else 1.0, [*gaps, *known])
            gaps += known
        levels[knowing] = level(world)
    assert levels["late"] == pytest.approx(levels["at once"], rel=0.04)
    assert levels["never"] < 0.9 * levels["at once"]


@pytest.mark.parametrize(
    ("start", "blind", "told"),
    [
        pytest.param(36 * 60, (10, 70), 130, id="silence of a spike that has just subsided"),
        pytest.param(72 * 60, (-240, -10), 5, id="silence before a spike that has just begun"),
    ],
)
def test_of_what_turns_out_to_have_been_hidden_all_that_was_learned_is_taken_back_and_no_more(
    start: int, blind: tuple[int, int], told: int
) -> None:
    levels = []
    first, end = (start + minute for minute in blind)
    gap = (MONDAY_US + first * MINUTE_US, MONDAY_US + end * MINUTE_US, 1.0)
    for known in (first, start + told):
        world = World()
        for minute in range(start + 4 * 60):
            rate = 0.0 if first <= minute < end else 15.0 if start <= minute < start + 10 else 1.0
            world.hear(minute, rate, [gap] if minute >= known else [])
        levels.append(level(world))
    assert levels[1] == pytest.approx(levels[0], rel=0.01)


@pytest.mark.parametrize("share", [0.3, 0.45, 0.55, 0.8, 1.0])
def test_too_much_of_what_is_left_alarms_however_much_is_hidden(share: float) -> None:
    world = World()
    for minute in range(3 * 1440):
        world.hear(minute, 1.0)
    start = 3 * 1440
    gap = (MONDAY_US + start * MINUTE_US, MONDAY_US + (start + 240) * MINUTE_US, share)
    before = level(world)

    def severities(first: int, last: int, rate: float, tone: float) -> set[str]:
        heard = [world.hear(minute, rate, [gap], tone=tone) for minute in range(first, last)]
        return {one.change.incident.severity for one in heard if one is not None and one.change is not None}

    assert severities(start, start + 120, max(0.05, 1.0 - share), 0.1) == set()
    assert "critical" in severities(start + 120, start + 180, 15.0, -0.8)
    assert level(world) == pytest.approx(before, rel=0.001)


def test_while_most_is_hidden_who_is_left_may_be_angrier_than_everybody_usually_is() -> None:
    world = World()
    for minute in range(3 * 1440):
        world.hear(minute, 1.0, sour=0.2)
    start = 3 * 1440
    gap = (MONDAY_US + start * MINUTE_US, MONDAY_US + (start + 1440) * MINUTE_US, 0.8)
    heard = [world.hear(minute, 0.2, [gap], sour=0.9) for minute in range(start, start + 1440)]
    assert all(one is None or one.change is None for one in heard)


@pytest.fixture(scope="module")
def lasting() -> tuple[list[float], list[bool]]:
    """A crisis of two days, eight times as loud, and ten days after: what was expected each noon, what was open."""
    world = World()
    expected, is_hot = [], []
    for day in range(28):
        for minute in range(day * 1440, day * 1440 + 1440):
            is_crisis = 14 <= day < 16
            world.hear(minute, usual(minute) * (8.0 if is_crisis else 1.0), tone=-0.8 if is_crisis else 0.1)
        expected.append(world.expected((day + 1) * 1440 + 720))
        is_hot.append(world.state.is_hot)
    return expected, is_hot


def test_a_crisis_does_not_become_the_new_normal_while_it_lasts(lasting) -> None:
    expected, is_hot = lasting
    assert is_hot[14]
    assert expected[15] < 1.35 * expected[13]


def test_after_a_crisis_the_baseline_is_what_it_was(lasting) -> None:
    expected, is_hot = lasting
    assert expected[20] == pytest.approx(expected[13], rel=0.25)
    assert not any(is_hot[18:])


@pytest.mark.parametrize("seed", [2, 3, 8])
def test_a_level_that_moved_for_good_is_learned_within_the_week_and_the_incident_says_so(seed: int) -> None:
    world = World(seed=seed)
    told = []
    for minute in range(25 * 1440):
        closed = world.hear(minute, usual(minute) * (5.0 if minute >= 15 * 1440 else 1.0))
        if closed is not None and closed.change is not None:
            told += [entry for entry in closed.change.entries if entry.kind == "moved"]
    assert world.expected(25 * 1440 + 720) == pytest.approx(5 * usual(720), rel=0.25)
    assert not world.state.is_hot
    (entry,) = told
    assert entry.facts["after"] / entry.facts["before"] == pytest.approx(5.0, rel=0.3)
    assert entry.at_us < MONDAY_US + 20 * DAY_US
