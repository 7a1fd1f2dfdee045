"""Which reasons make which severity: a spike is not a crisis."""

from __future__ import annotations

import pytest

from monitor.anomalies import Verdict
from monitor.cascades import Cascade
from monitor.clock import MINUTE_US
from monitor.incidents.context import Context
from monitor.incidents.severity import Assessment, Levels, assess
from monitor.topics import Match, Policy
from tests.made import at, match

LEVELS = Levels.of(Policy(), detectors=3)


def volume(p_value: float) -> Verdict:
    return Verdict(detector="counts", p_value=p_value, observed=48, expected=11, lower=6, upper=17, span_minutes=15)


def usual_context() -> Context:
    """A day of ordinary chatter: one mention in five negative, few replies to the brand."""
    context = Context()
    for minute in range(0, 1440, 3):
        start = at("00:00") + minute * MINUTE_US
        context.add(start, [match(str(minute), start, tone=-0.5 if minute % 15 == 0 else 0.1)])
        context.learn()
    return context


def burst(context: Context, **changes: object) -> Context:
    start = at("00:00", "2026-01-16")
    context.add(start, [match(f"burst-{number}", start + number, **changes) for number in range(30)])
    return context


def weigh(context: Context, p_value: float, *growing: Cascade) -> Assessment:
    return assess([volume(p_value)], context, growing, LEVELS)


def test_an_ordinary_minute_is_no_incident() -> None:
    assert weigh(usual_context(), 0.2).severity is None


def test_a_rare_minute_is_watched() -> None:
    assessment = weigh(burst(usual_context(), tone=0.3), LEVELS.watch)
    assert assessment.severity == "watch"
    assert [reason.name for reason in assessment.reasons] == ["velocity"]


def test_a_happy_peak_however_large_is_never_more_than_watched() -> None:
    viral = Cascade(
        topic="acme", network="x", root=1, root_id="1", started_us=0, updated_us=0, size=900, authors=880,
        potential_reach=10**6, growth_per_hour=700, acceleration=3.0, tone=0.8,
    )  # fmt: skip
    assessment = weigh(burst(usual_context(), tone=0.8, kind="repost", followers=50_000), 1e-30, viral)
    assert assessment.severity == "watch"
    assert {reason.name for reason in assessment.reasons} == {"velocity", "influence", "spread"}


def test_a_rare_and_indignant_minute_is_a_warning_and_a_rarer_one_critical() -> None:
    angry = burst(usual_context(), tone=-0.7)
    assert weigh(angry, LEVELS.watch).severity == "warning"
    assert weigh(angry, LEVELS.extreme).severity == "critical"


def test_a_storm_of_answers_to_the_brand_is_a_crisis_reason_of_its_own() -> None:
    answered = burst(usual_context(), tone=0.0, kind="reply", answers_own=True)
    assessment = weigh(answered, LEVELS.extreme)
    assert assessment.severity == "critical"
    assert "own_reply" in {reason.name for reason in assessment.reasons}


def test_a_crowd_that_turned_is_seen_before_it_is_louder() -> None:
    turned = weigh(burst(usual_context(), tone=0.0, kind="quote", answers_own=True), 0.5)
    assert turned.severity == "watch"
    assert [reason.name for reason in turned.reasons] == ["own_reply"]
    both = weigh(burst(usual_context(), tone=-0.9, kind="quote", answers_own=True), 0.5)
    assert both.severity == "warning"


def test_on_its_first_day_a_topic_is_not_judged_by_what_is_usual_elsewhere() -> None:
    context = Context()
    for minute in range(300):
        start = at("00:00") + minute * MINUTE_US
        context.add(start, [match(str(minute), start, tone=-0.9)])
        assert weigh(context, 0.5).severity is None
        context.learn()


def test_a_few_sour_posts_open_nothing() -> None:
    context = usual_context()
    context.add(at("00:00", "2026-01-16"), [match(f"sour-{number}", at("00:00"), tone=-0.9) for number in range(4)])
    assert weigh(context, 0.5).severity is None


@pytest.mark.parametrize(("budget", "level"), [(1.0, 1 / 1440), (0.5, 0.5 / 1440)])
def test_the_watch_level_spends_the_budget_of_a_day(budget: float, level: float) -> None:
    assert Levels.of(Policy(watches_per_day=budget), detectors=1).watch == pytest.approx(level)


def test_reasons_come_with_the_numbers_they_say() -> None:
    reason = weigh(burst(usual_context(), tone=-0.7), LEVELS.extreme).reasons[0]
    assert (reason.observed, reason.expected, reason.lower, reason.upper) == (48, 11, 6, 17)
    assert "48" in reason.text
    assert "6 to 17" in reason.text


def test_own_posts_are_no_evidence_against_the_brand() -> None:
    context = usual_context()
    own: list[Match] = [match("own", at("23:59"), tone=-0.9, is_own=True)]
    context.add(at("23:59"), own)
    assert context.test("negative", 1).mentions == 0
