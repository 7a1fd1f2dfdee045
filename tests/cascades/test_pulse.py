"""The pulse of a cascade: constant size, any order, and a reproduction number with an honest interval."""

from __future__ import annotations

import heapq
import math
import random

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.cascades.pulse import AUDIENCE_CEILING, MEMORIES_S, Pulse

reshares = st.lists(
    st.tuples(st.integers(0, 500_000), st.one_of(st.none(), st.integers(0, 2_000_000))), min_size=1, max_size=60
)


def pulse_of(events, root_audience=None):
    pulse = Pulse(root_audience=root_audience)
    for age, followers in events:
        pulse.observe(age, followers)
    return pulse


def numbers(pulse, age):
    return (
        *pulse.counts_at(age), *pulse.exposed_at(age), pulse.reshares, pulse.known, pulse.known_audience,
        pulse.known_squares, pulse.age_sum, pulse.mean_log_age(),
    )  # fmt: skip


@given(events=reshares, later=st.integers(0, 100_000))
def test_the_sums_kept_online_are_those_over_all_reshares(events, later) -> None:
    pulse = pulse_of(sorted(events, key=lambda event: event[0]))
    now = max(age for age, _ in events) + later
    for place, memory in enumerate(MEMORIES_S):
        weights = [math.exp((age - now) / memory) for age, _ in events]
        audiences = [min(followers or 0, AUDIENCE_CEILING) for _, followers in events]
        exposed = sum(weight * audience for weight, audience in zip(weights, audiences, strict=True))
        assert pulse.counts_at(now)[place] == pytest.approx(sum(weights), rel=1e-7, abs=1e-12)
        assert pulse.exposed_at(now)[place] == pytest.approx(exposed, rel=1e-7, abs=1e-6)
    assert pulse.mean_log_age() == pytest.approx(sum(math.log1p(age) for age, _ in events) / len(events))


@given(events=reshares, seed=st.integers(0, 9))
def test_the_order_in_which_reshares_come_does_not_matter(events, seed) -> None:
    shuffled = list(events)
    random.Random(seed).shuffle(shuffled)
    assert numbers(pulse_of(shuffled), 600_000) == pytest.approx(numbers(pulse_of(sorted(events, key=str)), 600_000))


@given(events=reshares, cut=st.integers(0, 60))
def test_two_pulses_of_one_root_add_up_to_that_of_all(events, cut) -> None:
    merged = pulse_of(events[:cut], root_audience=7)
    merged.merge(pulse_of(events[cut:]))
    assert merged.root_audience == 7
    assert numbers(merged, 600_000) == pytest.approx(numbers(pulse_of(events), 600_000))


@given(events=reshares, cut=st.integers(0, 60), batch=st.integers(1, 20))
def test_a_snapshot_goes_on_exactly_and_batches_change_nothing(events, cut, batch) -> None:
    events = [(age, followers) for age, followers in sorted(events, key=lambda event: event[0])]
    whole = pulse_of(events, root_audience=50)
    resumed = pulse_of(events[:cut], root_audience=50)
    resumed = msgspec.msgpack.decode(msgspec.msgpack.encode(resumed), type=Pulse)
    for age, followers in events[cut:]:
        resumed.observe(age, followers)
    assert resumed == whole
    batched = Pulse(root_audience=50)
    for start in range(0, len(events), batch):
        part = events[start : start + batch]
        batched.observe_all([age for age, _ in part], [followers for _, followers in part])
    assert batched == whole


@given(
    drawn=st.lists(st.tuples(st.integers(0, 2_500), st.one_of(st.none(), st.integers(0, 2_000_000))), min_size=100),
    batch=st.integers(20, 50),
)
@settings(max_examples=30, suppress_health_check=[HealthCheck.data_too_large, HealthCheck.too_slow])
def test_many_reshares_at_once_are_to_the_last_bit_what_they_are_one_by_one(drawn, batch) -> None:
    events = sorted(drawn, key=lambda event: event[0])
    batched = Pulse(root_audience=50)
    for start in range(0, len(events), batch):
        part = events[start : start + batch]
        batched.observe_all([age for age, _ in part], [followers for _, followers in part])
    assert batched == pulse_of(events, root_audience=50)


@given(events=reshares, root=st.one_of(st.none(), st.integers(0, 10**9)), age=st.floats(0, 1e8))
def test_growth_is_always_finite_and_in_order(events, root, age) -> None:
    growth = pulse_of(events, root).growth(age)
    assert 0.0 <= growth.reproduction_low <= growth.reproduction <= growth.reproduction_high < math.inf
    assert 0.0 <= growth.per_hour < math.inf
    assert growth.doubling_s is None or growth.doubling_s > 0.0


def test_a_cascade_without_reshares_has_a_growth() -> None:
    growth = Pulse(root_audience=100).growth(60.0)
    assert (growth.per_hour, growth.doubling_s) == (0.0, None)
    assert growth.reproduction_low <= growth.reproduction_high


def test_a_pulse_of_a_million_reshares_is_as_small_as_one_of_ten() -> None:
    small, large = (pulse_of([(at, 100 + at % 1000) for at in range(0, 100_000, step)]) for step in (10_000, 1))
    assert len(msgspec.msgpack.encode(large)) < len(msgspec.msgpack.encode(small)) + 40 < 300


def test_a_steady_stream_has_the_rate_it_has_and_doubles_in_its_age() -> None:
    growth = pulse_of([(at, None) for at in range(0, 7_200, 10)]).growth(7_200)
    assert growth.per_hour == pytest.approx(360.0, rel=0.02)
    assert growth.doubling_s == pytest.approx(7_200.0, rel=0.02)
    assert growth.by == "count"


THETA = 0.2314843


def outbreak(rng: random.Random, reproduction: float, root: int, until_s: float) -> list[tuple[float, int]]:
    """Return a cascade of the process SEISMIC assumes, with log-normal audiences of 300 in the mean."""
    seen: list[tuple[float, int]] = []
    waiting = [(0.0, root)]
    while waiting:
        age, audience = heapq.heappop(waiting)
        if age:
            seen.append((age, audience))
        expected, product, children = math.exp(-reproduction * audience / 300), rng.random(), 0
        while product > expected:
            product *= rng.random()
            children += 1
        for _ in range(children):
            flat = rng.random() < THETA / (1 + THETA)
            born = age + 300 * (rng.random() if flat else rng.random() ** (-1 / THETA))
            if born <= until_s:
                heapq.heappush(waiting, (born, max(1, int(rng.lognormvariate(math.log(300) - 0.72, 1.2)))))
    return seen


@pytest.mark.parametrize(("reproduction", "age_s"), [(0.4, 3_600), (0.8, 3_600), (0.8, 21_600), (1.1, 3_600)])
@pytest.mark.parametrize("known", [True, False])
def test_the_interval_of_the_reproduction_number_holds_the_truth_about_as_often_as_it_says(
    reproduction: float, age_s: int, known: bool
) -> None:
    rng = random.Random(11)
    held, found = 0, []
    for _ in range(100):
        events = [(age, audience if known else None) for age, audience in outbreak(rng, reproduction, 20_000, age_s)]
        growth = pulse_of(events, 20_000 if known else None).growth(age_s)
        assert growth.by == ("audience" if known else "count")
        held += growth.reproduction_low <= reproduction <= growth.reproduction_high
        found.append(growth.reproduction)
    assert held >= 68
    if known:
        assert held <= 95
        assert sorted(found)[50] == pytest.approx(reproduction, rel=0.2)


@pytest.mark.parametrize("followers", [0, 100])
@pytest.mark.parametrize("days", [1, 2, 7, 365, 11_000])
def test_of_a_cascade_long_silent_nothing_is_known_but_what_is_usual(days: int, followers: int) -> None:
    pulse = Pulse(root_audience=followers)
    for place in range(10):
        pulse.observe(30 * place, followers)
    growth = pulse.growth(days * 86_400)
    assert 0 <= growth.reproduction_low <= growth.reproduction <= 0.61
    assert growth.reproduction_high < 2
