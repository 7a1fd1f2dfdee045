"""Forecasts of cascade sizes: always a number, never below what was seen, and they learn."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.cascades.forecast import FUNCTIONS, Forecaster, shipped_prior
from monitor.cascades.lessons import FEATURES, LESSON_POSTS, RUNGS_S, Lesson
from monitor.cascades.pulse import Pulse
from monitor.cascades.recorded import RecordedCascade, answers
from monitor.cascades.rhythm import Rhythm

NOON = 1_500_033_600.0  # 12:00 UTC
DAY_S = 86_400


def steady(posts: int, age_s: int, root: int | None = 500, followers: int | None = 200) -> Pulse:
    pulse = Pulse(root_audience=root)
    for place in range(posts - 1):
        pulse.observe(place * age_s // posts, followers)
    return pulse


def recorded(name: str, root_s: float | None, size: int, seed: int = 1) -> RecordedCascade:
    """A cascade that fades over some hours, with one late reshare."""
    rng = random.Random(f"{name}{seed}")
    ages = sorted([rng.expovariate(1 / 4_000) for _ in range(size - 2)] + [60_000.0])
    return RecordedCascade(name, root_s, 1_000, [(age, 100) for age in ages])


def test_the_shipped_prior_has_every_coefficient_of_every_age() -> None:
    prior = shipped_prior()
    assert tuple(prior.rungs) == tuple(prior.near) == RUNGS_S
    for functions in prior.rungs.values():
        assert tuple(functions) == FUNCTIONS
        for coefficients in functions.values():
            assert tuple(coefficients) == FEATURES
            assert all(math.isfinite(value) for value in coefficients.values())


@given(
    ages=st.lists(st.integers(0, 10**8), max_size=50),
    followers=st.one_of(st.none(), st.integers(0, 10**9)),
    root=st.one_of(st.none(), st.integers(0, 10**9)),
    later=st.floats(0, 10**8),
    at_s=st.one_of(st.none(), st.floats(0, 4e9)),
)
def test_a_forecast_is_a_number_within_its_interval_and_not_below_what_was_seen(
    ages, followers, root, later, at_s
) -> None:
    pulse = Pulse(root_audience=root)
    for age in ages:
        pulse.observe(age, followers)
    forecaster = Forecaster()
    forecast = forecaster.forecast(forecaster.lesson(pulse, later, at_s))
    assert len(ages) + 1 <= forecast.low <= forecast.final_size <= forecast.high < math.inf


def test_followers_tell_through_the_reproduction_number_and_only_where_all_are_known() -> None:
    forecaster = Forecaster()
    by_few, by_many, unknown = (
        forecaster.lesson(steady(40, 3_600, root, followers), 3_600.0)
        for root, followers in ((500, 20), (500_000, 20), (None, 20))
    )
    assert by_few.shape[7] > by_many.shape[7]  # the audience of the root accounts for what came
    assert unknown.shape[7] == forecaster.lesson(steady(40, 3_600, 500, None), 3_600.0).shape[7] == 0.0


def test_between_two_ages_a_forecast_lies_between_what_both_say() -> None:
    forecaster = Forecaster()
    for age in (3_600, 7_200):
        near = [
            forecaster.forecast(Lesson(age + shift, 100, "audience", (0.0,) * 12)).final_size for shift in (-1, 0, 1)
        ]
        assert max(near) / min(near) < 1.01


def test_a_stream_unlike_all_others_is_learned() -> None:
    forecaster = Forecaster()
    seen = [forecaster.lesson(steady(20, 600), 600.0)]
    before = forecaster.forecast(seen[0])
    for _ in range(600):
        forecaster.learn(seen, 200)
    after = forecaster.forecast(seen[0])
    assert abs(math.log(after.final_size / 200)) < abs(math.log(before.final_size / 200)) / 2
    assert after.low <= 200 <= after.high
    assert after.high / after.low < before.high / before.low


@pytest.mark.parametrize(("larger", "spread"), [(0.2, 0.1), (1.0, 0.5), (3.0, 1.5)])
def test_whatever_the_stream_is_like_eight_in_ten_come_to_lie_within_the_interval(larger: float, spread: float) -> None:
    forecaster, chance = Forecaster(), random.Random(5)
    seen = forecaster.lesson(steady(500, 600), 600.0)
    within = []
    for _ in range(1_500):
        final = round(501 * math.exp(max(chance.gauss(larger, spread), 0.0)))
        forecast = forecaster.forecast(seen)
        within.append(forecast.low - 0.5 <= final <= forecast.high + 0.5)
        forecaster.learn([seen], final)
    assert 0.75 <= sum(within[500:]) / 1_000 <= 0.85
    assert forecaster.snapshot() != b""


def test_a_forecaster_that_does_not_learn_stays_as_it_is_and_so_do_small_cascades_leave_one() -> None:
    fixed, learning = Forecaster(learns=False), Forecaster()
    fixed.learn([fixed.lesson(steady(20, 600), 600.0)], 200)
    learning.learn([learning.lesson(steady(LESSON_POSTS - 1, 600), 600.0)], 200)
    assert fixed.snapshot() == learning.snapshot() == b""


def test_a_restored_forecaster_says_and_learns_the_same() -> None:
    forecaster, restored = Forecaster(), Forecaster()
    pulse = steady(40, 3_600)
    for hour in range(20):
        forecaster.count(NOON + 3_600 * hour)
        forecaster.learn([forecaster.lesson(pulse, 3_600.0, NOON)], 60 + hour)
    restored.restore(forecaster.snapshot())
    assert len(forecaster.snapshot()) < 5_000
    for one in (forecaster, restored):
        one.learn([one.lesson(pulse, 3_600.0, NOON)], 90)
    seen = forecaster.lesson(pulse, 5_000, NOON)
    assert restored.snapshot() == forecaster.snapshot()
    assert restored.lesson(pulse, 5_000, NOON) == seen
    assert restored.forecast(seen) == forecaster.forecast(seen)
    restored.restore(b"")
    assert restored.snapshot() == b""


@pytest.mark.parametrize("offset", [0, 5, 14])
def test_a_stream_shows_by_its_sleep_what_time_it_is_at_home(offset: int) -> None:
    day = shipped_prior().day
    usual, moved = Rhythm(day), Rhythm(day)
    rng = random.Random(3)
    for _ in range(3_000):
        at = rng.random() * DAY_S
        awake = 1.0 + sum(
            (wave * complex(math.cos(turn := 2 * math.pi * order * at / DAY_S), math.sin(turn))).real
            for order, wave in enumerate(day, 1)
        )
        if rng.random() * 2.0 < awake:
            usual.count(NOON - 12 * 3_600 + at)
            moved.count(NOON - 12 * 3_600 + at - 3_600 * offset)
    assert moved.hour(NOON - 3_600 * offset) == pytest.approx(usual.hour(NOON), abs=1e-6)
    assert math.hypot(*moved.hour(NOON)[:2]) > 0.9
    assert Rhythm(day).hour(NOON) == pytest.approx((0.0,) * 4, abs=1e-9)


def test_lots_counted_together_say_what_they_say_one_by_one() -> None:
    together, apart = Rhythm(shipped_prior().day), Rhythm(shipped_prior().day)
    for hour in range(30):
        together.count(NOON + 3_600 * hour, lots=hour)
        for _ in range(hour):
            apart.count(NOON + 3_600 * hour)
    assert together.evidence == apart.evidence


def test_what_is_said_rests_on_nothing_that_came_later() -> None:
    cascades = [recorded(f"c{place}", NOON + 30_000 * place, 30 + 7 * place) for place in range(24)]
    whole = answers(cascades, (600.0, 3_600.0, 21_600.0), Forecaster())
    for horizon in (600.0, 21_600.0):
        asked = cascades[15]
        now = asked.root_s + horizon
        past = [
            one._replace(reshares=[reshare for reshare in one.reshares if one.root_s + reshare[0] <= now])
            for one in cascades
            if one.root_s <= now
        ]
        assert answers(past, (horizon,), Forecaster())[asked.id, horizon] == whole[asked.id, horizon]


def test_finished_cascades_teach_those_that_come_after_them() -> None:
    cascades = [recorded(f"c{place}", NOON + 2 * DAY_S * place, 400) for place in range(40)]
    learned = answers(cascades, (3_600.0,), Forecaster())
    alone = answers(cascades[-1:], (3_600.0,), Forecaster())
    errors = [abs(math.log(said["c39", 3_600.0].forecast.final_size / 400)) for said in (learned, alone)]
    assert errors[0] < errors[1]


def test_cascades_without_a_time_teach_nothing() -> None:
    cascades = [recorded(f"c{place}", None, 300) for place in range(30)]
    forecaster = Forecaster()
    together = answers(cascades, (3_600.0,), forecaster)
    assert forecaster.snapshot() == b""
    assert together["c7", 3_600.0] == answers(cascades[7:8], (3_600.0,), Forecaster())["c7", 3_600.0]
