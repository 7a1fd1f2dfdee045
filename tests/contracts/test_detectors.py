"""What every detector of the family promises."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterator

import msgspec
import pytest

from monitor.anomalies import Detector, Summing, Verdict
from monitor.anomalies.family import detectors
from monitor.clock import DAY_US, HOUR_US, MINUTE_US
from monitor.queries.recount import first_minute_us
from monitor.signals import Signal, Voice
from monitor.signals.family import measures
from monitor.topics import Topic

TOPIC = Topic(id="acme", name="Acme", query="acme", time_zone="Europe/Paris")
MONDAY_US = 1_704_067_200_000_000  # 2024-01-01T00:00:00Z
NAMES = tuple(detector.name for detector in detectors(TOPIC))
SUMMING = tuple(detector.name for detector in detectors(TOPIC) if isinstance(detector, Summing))
MEASURES = tuple(measure.name for measure in measures())


def fresh(name: str) -> Detector:
    (found,) = [detector for detector in detectors(TOPIC) if detector.name == name]
    return found


def signal(start_us: int, mentions: int, rng: random.Random) -> Signal:
    values = {name: rng.random() if "share" in name else rng.lognormvariate(3.0, 1.0) for name in MEASURES}
    return Signal(
        topic="acme", start_us=start_us, mentions=mentions, measures=values if mentions else {}, **aside(mentions)
    )


def aside(mentions: int) -> dict[str, int]:
    """Beside many mentions a quarter as many are made, beside few none."""
    return {"set_aside": mentions // 4, "made_within_hour": 2 * (mentions // 4)}


def minutes(count: int, seed: int = 1, rate: float = 0.7) -> Iterator[Signal]:
    """Yield ordinary minutes, empty ones included; nights are quiet."""
    rng = random.Random(seed)
    for minute in range(count):
        mood = 0.3 + (1.0 - math.cos(2 * math.pi * minute / 1440)) / 2
        mentions = sum(rng.random() < rate * mood / 3 for _ in range(3))
        yield signal(MONDAY_US + minute * MINUTE_US, mentions, rng)


def live(detector: Detector, signals: Iterator[Signal]) -> list[float]:
    """Judge and learn what was published; return the p-values."""
    p_values = []
    for one in signals:
        if one.mentions:
            p_values.append(detector.score(one).p_value)
            detector.learn(one)
    return p_values


def test_the_family_has_a_detector_of_velocity_first_and_no_name_twice() -> None:
    assert NAMES[0] == "seasonal_counts"
    assert len(set(NAMES)) == len(NAMES) >= 3


@pytest.mark.parametrize("name", NAMES)
def test_a_restored_detector_says_exactly_the_same(name: str) -> None:
    original, twin = fresh(name), fresh(name)
    days = minutes(10 * 1440)
    for one in days:
        if one.start_us >= MONDAY_US + 9 * DAY_US + 7 * HOUR_US + 13 * MINUTE_US:
            break
        if one.mentions:
            original.score(one)
            original.learn(one)
    twin.restore(original.snapshot())
    assert twin.snapshot() == original.snapshot()
    for one in days:
        if one.mentions:
            assert twin.score(one) == original.score(one)
            twin.learn(one)
            original.learn(one)
    assert twin.snapshot() == original.snapshot()


@pytest.mark.parametrize("name", NAMES)
def test_a_snapshot_between_score_and_learn_loses_nothing(name: str) -> None:
    original, twin = fresh(name), fresh(name)
    live(original, minutes(3 * 1440))
    last = signal(MONDAY_US + 3 * DAY_US, 4, random.Random(3))
    original.score(last)
    twin.restore(original.snapshot())
    original.learn(last)
    twin.learn(last)
    assert twin.snapshot() == original.snapshot()


@pytest.mark.parametrize("name", NAMES)
def test_the_same_minutes_give_the_same_verdicts(name: str) -> None:
    assert live(fresh(name), minutes(3 * 1440)) == live(fresh(name), minutes(3 * 1440))


@pytest.mark.parametrize("name", NAMES)
def test_it_learns_after_it_scores_and_by_learning_alone(name: str) -> None:
    """Asked twice about a burst it says the same; told it was ordinary, it finds the next one less unlikely."""
    detector, taught = fresh(name), fresh(name)
    for one in (detector, taught):
        live(one, minutes(9 * 1440))
    rng = random.Random(4)
    loud = {**signal(0, 9, rng).measures, **{measure: 0.9 for measure in MEASURES if "share" in measure}}
    start_us = MONDAY_US + 9 * DAY_US
    for minute in range(240):
        at_us = start_us + minute * MINUTE_US
        burst = Signal(topic="acme", start_us=at_us, mentions=9, measures=loud, voices=voices(minute), **aside(9))
        first, second = detector.score(burst), detector.score(burst)
        assert first == second
        detector.skip(burst.start_us, burst.end_us)
        taught.score(burst)
        taught.learn(burst)
    later = Signal(
        topic="acme", start_us=start_us + 2 * DAY_US, mentions=9, measures=loud, voices=voices(0), **aside(9)
    )
    untold, told = detector.score(later), taught.score(later)
    assert told.p_value >= untold.p_value


@pytest.mark.parametrize("name", NAMES)
def test_p_values_are_chances_and_scores_lie_between_0_and_1(name: str) -> None:
    detector = fresh(name)
    rng = random.Random(5)
    live(detector, minutes(8 * 1440))
    for minute in range(60):
        verdict = detector.score(signal(MONDAY_US + 8 * DAY_US + minute * MINUTE_US, 3**minute % 100_003, rng))
        assert 0.0 < verdict.p_value <= 1.0
        assert 0.0 <= verdict.score <= 1.0
        assert verdict.detector == name
        assert verdict.lower <= verdict.upper
        assert verdict.span_minutes >= 1
        assert all(math.isfinite(number) for number in verdict.factors.values())


@pytest.mark.parametrize("name", NAMES)
def test_the_grace_period_is_silent(name: str) -> None:
    assert set(live(fresh(name), minutes(20 * 60, rate=3.0))) == {1.0}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_at_all_is_said_in_the_first_hour(name: str) -> None:
    """However loud and sour: what began before we listened cannot be told from what is usual."""
    detector = fresh(name)
    live(detector, minutes(30))
    rng = random.Random(6)
    for minute in range(30, 59):
        one = signal(MONDAY_US + minute * MINUTE_US, 3_000, rng)
        loud = {**one.measures, **{measure: 1.0 for measure in MEASURES if "share" in measure}}
        assert detector.score(msgspec.structs.replace(one, measures=loud, voices=voices(minute))).p_value == 1.0
        detector.skip(one.start_us, one.end_us)


@pytest.mark.parametrize("name", NAMES)
def test_ordinary_weeks_are_rarely_unlikely(name: str) -> None:
    p_values = live(fresh(name), minutes(21 * 1440))
    # Minutes look at least this extreme about once in three weeks; clusters of them make a few more.
    assert sum(p < 1 / (21 * 1440) for p in p_values) <= 30


@pytest.mark.parametrize("name", NAMES)
def test_skipping_teaches_nothing_about_what_is_normal(name: str) -> None:
    """The same burst, learned or skipped: only the learned one is expected afterwards."""
    learner, skipper, untouched = fresh(name), fresh(name), fresh(name)
    for detector in (learner, skipper, untouched):
        live(detector, minutes(4 * 1440))
    start_us = MONDAY_US + 4 * DAY_US
    rng = random.Random(9)
    loud = {**signal(start_us, 50, rng).measures, **{name: 1.0 for name in MEASURES if "share" in name}}
    crowd = [
        Signal(
            topic="acme",
            start_us=start_us + minute * MINUTE_US,
            mentions=50,
            measures=loud,
            **aside(50),
            voices=tuple([Voice(100 * minute + place, minute, False, -0.5) for place in range(3)]),
        )
        for minute in range(6 * 60)
    ]
    for one in crowd:
        for detector in (learner, skipper):
            detector.score(one)
        learner.learn(one)
        skipper.skip(one.start_us, one.end_us)
    untouched.skip(start_us, start_us + 6 * HOUR_US)
    later = signal(start_us + 24 * HOUR_US, 1, rng)
    expected = [detector.score(later).expected for detector in (learner, skipper, untouched)]
    assert expected[1] == pytest.approx(expected[2], rel=1e-6)
    assert expected[0] > expected[1] or name == "joint"


@pytest.mark.parametrize("name", NAMES)
def test_memory_stays_bounded_over_a_hundred_thousand_minutes(name: str) -> None:
    detector = fresh(name)
    live(detector, minutes(45 * 1440, rate=0.3))
    halfway = len(detector.snapshot())
    later = (
        Signal(topic="acme", start_us=one.start_us + 45 * DAY_US, mentions=one.mentions, measures=one.measures)
        for one in minutes(25 * 1440, seed=2, rate=0.3)
    )
    live(detector, later)
    assert len(detector.snapshot()) <= 1.2 * halfway < 6_000


@pytest.mark.parametrize("name", NAMES)
def test_silence_left_out_equals_silence_given_minute_by_minute(name: str) -> None:
    given, left_out = fresh(name), fresh(name)
    for detector in (given, left_out):
        detector.skip(MONDAY_US, MONDAY_US)  # says since when we watch, though nothing was published yet
    for one in minutes(6 * 1440, rate=0.1):
        verdict = given.score(one)
        given.learn(one)
        if one.mentions:
            assert left_out.score(one).p_value == pytest.approx(verdict.p_value, rel=1e-6)
            left_out.learn(one)


@pytest.mark.parametrize("name", NAMES)
def test_a_minute_of_the_past_changes_nothing(name: str) -> None:
    detector = fresh(name)
    live(detector, minutes(2 * 1440))
    late = signal(MONDAY_US + 60 * MINUTE_US, 500, random.Random(2))
    detector.learn(late)
    after = signal(MONDAY_US + 2 * DAY_US, 1, random.Random(2))
    twin = fresh(name)
    live(twin, minutes(2 * 1440))
    assert detector.score(after) == twin.score(after)


@pytest.mark.parametrize("name", NAMES)
def test_a_verdicts_p_value_can_be_recomputed_from_its_factors_exactly(name: str) -> None:
    """From the first minute through the grace period to a burst, by a detector that has learned nothing."""
    detector, stranger = fresh(name), fresh(name)
    rng = random.Random(11)
    said = []
    for one in minutes(9 * 1440):
        said.append(detector.score(one))
        detector.learn(one)
    for minute in range(40):
        one = signal(MONDAY_US + 9 * DAY_US + minute * MINUTE_US, 3 * minute, rng)
        loud = {**one.measures, **{name: 0.9 for name in MEASURES if "share" in name}}
        said.append(detector.score(msgspec.structs.replace(one, measures=loud, voices=voices(minute))))
        detector.skip(one.start_us, one.end_us)
    stored = msgspec.msgpack.decode(msgspec.msgpack.encode(said), type=list[Verdict])
    assert [stranger.recompute(verdict) for verdict in stored] == [verdict.p_value for verdict in said]
    assert len({verdict.p_value for verdict in said}) >= 3 or name == "moved_baseline"
    assert min(verdict.p_value for verdict in said) < 1e-2 or name in ("moved_baseline", "joint")


@pytest.mark.parametrize("name", NAMES)
def test_supposing_what_was_counted_changes_nothing_and_supposing_less_makes_it_likelier(name: str) -> None:
    detector = fresh(name)
    rng = random.Random(12)
    live(detector, minutes(9 * 1440))
    asked = 0
    for minute in range(30):
        one = signal(MONDAY_US + 9 * DAY_US + minute * MINUTE_US, 2 * minute, rng)
        loud = {**one.measures, **{name: 0.9 for name in MEASURES if "share" in name}}
        verdict = detector.score(msgspec.structs.replace(one, measures=loud, voices=voices(minute)))
        detector.skip(one.start_us, one.end_us)
        count = round(verdict.factors.get("count", verdict.observed))
        same = detector.supposing(verdict, count)
        if same is None:
            continue
        assert detector.recompute(same) == same.p_value == pytest.approx(verdict.p_value)
        fewer = [detector.supposing(verdict, less) for less in range(count + 1)]
        p_values = [one.p_value for one in fewer if one is not None]
        assert len(p_values) == count + 1
        assert p_values == sorted(p_values, reverse=True)
        asked += 1
    assert asked > 5 or name in ("complaints", "slow_burn", "joint", "moved_baseline")


@pytest.mark.parametrize("name", SUMMING)
def test_what_a_verdict_counted_is_the_sum_of_the_minutes_it_reaches_back_to(name: str) -> None:
    """On ordinary days, in a burst that is not learned, and on days on which everything is more and worse."""
    detector = fresh(name)
    assert isinstance(detector, Summing)
    live(detector, minutes(9 * 1440))
    asked = [(one.start_us, detector.adds(one)) for one in minutes(9 * 1440) if one.mentions]
    spans = set()
    for one in minutes(3 * 1440, seed=5, rate=1.4):
        at_us = one.start_us + 9 * DAY_US
        is_burst = 900 < (one.start_us - MONDAY_US) // MINUTE_US < 960
        worse = {measure: value**0.4 if "share" in measure else value for measure, value in one.measures.items()}
        later = Signal(topic="acme", start_us=at_us, mentions=one.mentions * (6 if is_burst else 1), measures=worse)
        if not later.mentions:
            continue
        asked.append((at_us, detector.adds(later)))
        verdict = detector.score(later)
        if is_burst:
            detector.skip(later.start_us, later.end_us)
        else:
            detector.learn(later)
        first_us = first_minute_us(at_us, verdict, detector)
        counted = Counter[str]()
        for start_us, added in reversed(asked):
            if start_us < first_us:
                break
            counted.update(added)
        told = {"observed": verdict.observed, **verdict.factors}
        assert {number: told[number] for number in counted} == counted
        spans.add(verdict.span_minutes)
    assert max(spans) > 60 or name == "seasonal_counts"
    assert len(spans) > 3


def voices(minute: int) -> tuple[Voice, ...]:
    """Return people who matter, two more of them every minute."""
    return tuple(Voice(author, author, is_official=True, tone=-0.8) for author in range(2 * minute, 2 * minute + 2))
