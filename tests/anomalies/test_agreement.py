"""Several tests a little surprised at once are rarer than any of them; how rare, the topic's own past says."""

from __future__ import annotations

import random

import msgspec
import pytest

from monitor.anomalies import Verdict
from monitor.anomalies.agreement import Agreement, had_said
from monitor.clock import DAY_US, MINUTE_US
from monitor.signals import Signal
from tests.made import at

START_US = at("00:00")


def said(detector: str, p_value: float, span_minutes: int = 1) -> Verdict:
    return Verdict(
        detector=detector, p_value=p_value, observed=1, expected=1, lower=0, upper=2, span_minutes=span_minutes
    )


def minute(number: int, mentions: int = 2) -> Signal:
    return Signal(topic="acme", start_us=START_US + number * MINUTE_US, mentions=mentions, measures={})


def quiet(number: int, seed: int = 3) -> list[Verdict]:
    """What tests say of an ordinary minute: independent, each as often surprised as it claims."""
    rng = random.Random(f"{seed} {number}")
    return [said(name, 1.0 - rng.random()) for name in ("complaints", "negative_share", "seasonal_counts")]


def known(days: int = 21, every: int = 20) -> Agreement:
    """An agreement that has followed a topic for weeks."""
    agreement = Agreement()
    for number in range(0, days * 1440, every):
        agreement.weigh(minute(number), quiet(number))
        agreement.learn(minute(number))
    return agreement


SLIGHT = [said("complaints", 1e-4), said("negative_share", 2e-4, 60), said("seasonal_counts", 0.5)]


def test_tests_that_agree_are_rarer_together_than_each_alone() -> None:
    found = known().weigh(minute(21 * 1440), SLIGHT)
    assert found is not None
    assert found.p_value < 5e-5
    assert found.observed == pytest.approx(2.0 + 1.7, abs=0.01)  # decades beyond one in a hundred
    assert found.drivers == ("complaints", "negative_share")
    assert found.span_minutes == 60  # it looks back as far as the test that looks back furthest
    assert found.lower <= found.expected <= found.upper < found.observed


def test_one_surprised_test_is_no_agreement_and_is_learned_all_the_same() -> None:
    agreement = known()
    calm = known()
    alone = [said("complaints", 1e-6), said("negative_share", 0.011), said("voices", 1.0)]
    for day in range(21, 35):
        assert agreement.weigh(minute(day * 1440), alone) is None
        agreement.learn(minute(day * 1440))
        calm.learn(minute(day * 1440))
    wary, bold = (one.weigh(minute(35 * 1440), SLIGHT) for one in (agreement, calm))
    assert wary is not None
    assert bold is not None
    assert wary.p_value > 2 * bold.p_value


@pytest.mark.parametrize("name", ["joint", "moved_baseline"])
def test_what_may_open_nothing_cannot_agree_either(name: str) -> None:
    assert known().weigh(minute(21 * 1440), [said("complaints", 1e-6), said(name, 1e-9)]) is None


def test_a_topic_whose_tests_often_agree_is_not_alarmed_by_it() -> None:
    used_to = known()
    for day in range(21, 35):
        used_to.weigh(minute(day * 1440), SLIGHT)
        used_to.learn(minute(day * 1440))
    found = used_to.weigh(minute(36 * 1440), SLIGHT)
    assert found is not None
    assert found.p_value > 5e-5  # 2e-5 on a topic that is not used to it


def test_a_crisis_is_learned_as_one_event_however_long_it_lasts() -> None:
    long, short = known(), known()
    for number in range(21 * 1440, 23 * 1440):
        for agreement in (long, short) if number == 21 * 1440 else (long,):
            agreement.weigh(minute(number, mentions=0), SLIGHT)
        for agreement in (long, short):
            agreement.skip(minute(number).start_us, minute(number).end_us)
    after = [agreement.weigh(minute(24 * 1440), SLIGHT) for agreement in (long, short)]
    assert after[0] == after[1]


def test_an_outage_is_not_learned_as_silence() -> None:
    blind, silent = known(7), known(7)
    blind.skip(minute(7 * 1440).start_us, minute(21 * 1440).start_us)
    told, other = (one.weigh(minute(21 * 1440), SLIGHT) for one in (blind, silent))
    assert told is not None
    assert other is not None
    assert told.factors["half_days"] < other.factors["half_days"]
    assert told.p_value > other.p_value


def test_a_minute_that_was_not_weighed_is_no_onset() -> None:
    """What was said of the minute before, half days ago and learned, is not what began when the world went dark."""
    unweighed, calm = known(), known()
    for agreement in (unweighed, calm):
        agreement.weigh(minute(21 * 1440), SLIGHT)
        agreement.learn(minute(21 * 1440))
    dark = minute(22 * 1440, mentions=0)
    calm.weigh(dark, [])
    for agreement in (unweighed, calm):
        agreement.skip(dark.start_us, minute(23 * 1440).start_us)
    assert unweighed.weigh(minute(23 * 1440), SLIGHT) == calm.weigh(minute(23 * 1440), SLIGHT)


def test_a_verdict_can_be_recomputed_exactly_and_a_forged_one_cannot() -> None:
    agreement = known()
    found = agreement.weigh(minute(21 * 1440), SLIGHT)
    assert found is not None
    assert Agreement().recompute(found) == found.p_value
    forged = msgspec.structs.replace(found, factors=found.factors | {"complaints": 3.0})
    assert Agreement().recompute(forged) > found.p_value


def test_had_a_test_said_something_else_it_would_amount_to_what_it_then_weighs() -> None:
    agreement = known()
    found = agreement.weigh(minute(21 * 1440), SLIGHT)
    assert found is not None
    for p_value in (1e-6, 9e-3, 0.5):
        other = said("seasonal_counts", p_value)
        instead = known().weigh(minute(21 * 1440), [*SLIGHT[:2], other])
        assert instead is not None
        supposed = had_said(found, other)
        assert (supposed.p_value, supposed.observed, supposed.drivers) == (
            instead.p_value,
            pytest.approx(instead.observed),
            instead.drivers,
        )
    assert had_said(found, said("complaints", 1.0)).p_value == 1.0  # one test is left


def test_it_goes_on_exactly_after_a_restart_and_stays_small() -> None:
    whole, broken = Agreement(), Agreement()
    sizes = []
    for number in range(0, 60 * 1440, 37):
        verdicts = quiet(number, seed=5)
        assert whole.weigh(minute(number), verdicts) == broken.weigh(minute(number), verdicts)
        for one in (whole, broken):
            one.learn(minute(number))
        if number % (37 * 50) == 0:
            snapshot = broken.snapshot()
            broken = Agreement()
            broken.restore(snapshot)
            sizes.append(len(snapshot))
    assert broken.snapshot() == whole.snapshot()
    assert max(sizes) < 1_000


def test_on_ordinary_weeks_it_claims_no_more_than_it_keeps() -> None:
    agreement = Agreement()
    level, alarms, weeks, last = 1e-3, 0, 0, -DAY_US
    for number in range(0, 180 * 1440, 15):
        found = agreement.weigh(minute(number), quiet(number, seed=7))
        agreement.learn(minute(number))
        if number >= 30 * 1440 and found is not None and found.p_value <= level:
            alarms += number - last >= 720
            last = number
    weeks = 150 / 7
    assert alarms / weeks < 1.5 * level * 7 * 1440  # a thousandth of all minutes is ten a week
