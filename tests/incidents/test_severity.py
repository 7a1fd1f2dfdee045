"""Which reasons make which severity: a spike is not a crisis."""

from __future__ import annotations

import msgspec
import pytest

from monitor.anomalies import Verdict
from monitor.anomalies.combination import PRUDENCE
from monitor.cascades import Cascade
from monitor.clock import MINUTE_US
from monitor.incidents.context import SHARES, Context, ContextState
from monitor.incidents.severity import Assessment, Levels, assess
from monitor.topics import Match, Policy
from tests.incidents.crowd import Crowd
from tests.made import at, match

LEVELS = Levels.of(Policy(), detectors=3)


def volume(p_value: float) -> Verdict:
    return Verdict(detector="counts", p_value=p_value, observed=48, expected=11, lower=6, upper=17, span_minutes=15)


class World:
    """A topic's last hour, and what its share tests say of the newest minute."""

    def __init__(self) -> None:
        self.context = Context()
        self.crowd = Crowd()
        self.verdicts: list[Verdict] = []

    def hear(self, start_us: int, matches: list[Match]) -> None:
        self.context.add(start_us, matches)
        self.verdicts = self.crowd.judge(start_us, matches)

    def learn(self) -> None:
        self.context.learn()
        self.crowd.learn()


def usual_world(days: int = 4) -> World:
    """Days of ordinary chatter: one mention in five negative, few replies to the brand."""
    world = World()
    for minute in range(0, days * 1440, 3):
        start = at("00:00") + minute * MINUTE_US
        world.hear(start, [match(str(minute), start, tone=-0.5 if minute % 15 == 0 else 0.1)])
        world.learn()
    return world


def burst(world: World, **changes: object) -> World:
    start = at("00:00", "2026-01-19")
    world.hear(start, [match(f"burst-{number}", start + number, **changes) for number in range(30)])
    return world


def scolded(world: World, kind: str = "quote", sour: int = 11) -> World:
    """Thirty answer the brand; by default eleven of them complain, too few for the crowd to have turned by that."""
    start = at("00:00", "2026-01-19")
    tones = [-0.5 if number < sour else 0.0 for number in range(30)]
    answers = [match(f"{n}", start + n, tone=tone, kind=kind, answers_own=True) for n, tone in enumerate(tones)]
    world.hear(start, answers)
    return world


def weigh(world: World, p_value: float, *growing: Cascade) -> Assessment:
    return assess([volume(p_value), *world.verdicts], world.context, growing, LEVELS)


def test_an_ordinary_minute_is_no_incident() -> None:
    assert weigh(usual_world(), 0.2).severity is None


def test_a_rare_minute_is_watched() -> None:
    assessment = weigh(burst(usual_world(), tone=0.3), LEVELS.watch)
    assert assessment.severity == "watch"
    assert [reason.name for reason in assessment.reasons] == ["velocity"]


def complaining(p_value: float) -> Verdict:
    return Verdict(
        detector="complaints", p_value=p_value, observed=12, expected=2, lower=0, upper=5, span_minutes=180,
        unit="complaints",
    )  # fmt: skip


def test_complaints_that_grow_are_watched_by_themselves_and_add_to_a_crowd_that_turned() -> None:
    world = usual_world()
    world.verdicts.append(complaining(LEVELS.watch))
    assessment = weigh(world, 0.5)
    assert assessment.severity == "watch"
    assert [reason.name for reason in assessment.reasons] == ["complaints"]
    world.verdicts[-1] = complaining(1.01 * LEVELS.watch)
    assert weigh(world, 0.5).severity is None
    turned = scolded(usual_world())
    assert weigh(turned, 0.5).severity == "watch"
    turned.verdicts.append(complaining(LEVELS.warning))
    assert weigh(turned, 0.5).severity == "warning"


def test_complaints_and_volume_without_a_crowd_that_turned_page_nobody() -> None:
    world = usual_world()
    world.verdicts.append(complaining(1e-12))
    assessment = weigh(world, 1e-30)
    assert assessment.severity == "watch"
    assert {reason.name for reason in assessment.reasons} == {"velocity", "complaints"}


PLANNED = {"planned": 2.75, "event": 1.0}


def test_within_a_planned_event_complaints_stand_for_velocity() -> None:
    world = burst(usual_world(), tone=-0.7, alarm_words=2)

    def severity(p_value: float, **factors: float) -> str | None:
        said = msgspec.structs.replace(complaining(p_value), factors=factors)
        return assess([volume(0.5), said, *world.verdicts], world.context, [], LEVELS).severity

    assert severity(0.9 * LEVELS.page, **PLANNED) == "critical"
    assert severity(1.1 * LEVELS.page, **PLANNED) == "warning"
    assert severity(1e-12) == "warning"


def test_within_a_planned_event_complaints_without_a_crowd_that_turned_page_nobody() -> None:
    said = msgspec.structs.replace(complaining(1e-12), factors=PLANNED)
    world = burst(usual_world(), tone=0.3)
    found = assess([volume(1e-30), said, *world.verdicts], world.context, [], LEVELS)
    assert found.severity == "watch"
    assert [(reason.name, reason.weight) for reason in found.reasons] == [("complaints", 3.0), ("velocity", 3.0)]
    assert "because a launch is planned" in found.reasons[0].text.lower()


def test_a_happy_peak_however_large_is_never_more_than_watched() -> None:
    viral = Cascade(
        topic="acme", network="x", root=1, root_id="1", started_us=0, updated_us=0, size=900, authors=880,
        potential_reach=10**6, growth_per_hour=700, acceleration=3.0, tone=0.8,
    )  # fmt: skip
    assessment = weigh(burst(usual_world(), tone=0.8, kind="repost", followers=50_000), 1e-30, viral)
    assert assessment.severity == "watch"
    assert {reason.name for reason in assessment.reasons} == {"velocity", "influence", "spread"}


def test_a_rare_and_indignant_minute_is_a_warning_and_a_rarer_one_critical() -> None:
    angry = burst(usual_world(), tone=-0.7)
    assert weigh(angry, LEVELS.watch).severity == "warning"
    assert weigh(angry, LEVELS.extreme).severity == "critical"


@pytest.mark.parametrize("budget", [0.01, 0.1, 1.0, 2.0])
def test_a_warning_is_as_rare_as_the_budget_of_warnings_and_a_page_as_that_of_pages(budget: float) -> None:
    angry = burst(usual_world(), tone=-0.7, alarm_words=2)
    calm = [msgspec.structs.replace(verdict, p_value=1.0) for verdict in angry.verdicts]  # it explains, and opens not

    def severity(policy: Policy, p_value: float) -> str | None:
        levels = Levels.of(policy, detectors=3)
        return assess([volume(p_value), *calm], angry.context, [], levels).severity

    few = Policy(warnings_per_month=budget, pages_per_month=2.0)
    allowed = min(1.0, budget / (0.1 * 30)) * Levels.of(few, detectors=3).watch
    assert severity(few, 1.01 * allowed) == "watch"
    assert severity(few, 0.99 * allowed) in ("warning", "critical")
    few = Policy(warnings_per_month=2.0, pages_per_month=budget)
    allowed = Levels.of(few, detectors=3).page
    assert severity(few, 1.01 * allowed) == "warning"
    assert severity(few, 0.99 * allowed) == "critical"


def test_a_storm_of_answers_to_the_brand_is_a_crisis_reason_of_its_own() -> None:
    assessment = weigh(scolded(usual_world(), "reply"), LEVELS.extreme)
    assert assessment.severity == "critical"
    assert "own_reply" in {reason.name for reason in assessment.reasons}


@pytest.mark.parametrize("misread", [0, 6])
def test_a_contest_or_questions_under_a_post_of_the_brand_page_nobody(misread: int) -> None:
    assessment = weigh(scolded(usual_world(), "reply", misread), LEVELS.extreme)
    assert assessment.severity == "watch"
    assert [reason.name for reason in assessment.reasons] == ["velocity", "arguing"]


def test_applause_under_a_launch_is_no_crisis_though_some_only_ask() -> None:
    world = usual_world()
    start = at("00:00", "2026-01-19")
    sour = [match(f"a{n}", start + n, kind="reply", answers_own=True, tone=-0.5 if n % 3 else 0.7) for n in range(30)]
    world.hear(start, sour)
    assert "own_reply" in {reason.name for reason in weigh(world, LEVELS.extreme).reasons}
    world = usual_world()
    asking = [match(f"a{n}", start + n, kind="reply", answers_own=True, tone=0.0 if n % 3 else 0.7) for n in range(30)]
    world.hear(start, asking)
    assert "own_reply" not in {reason.name for reason in weigh(world, LEVELS.extreme).reasons}
    world = usual_world()
    glad = [match(f"a{n}", start + n, kind="reply", answers_own=True, tone=0.7 if n % 3 else 0.0) for n in range(30)]
    world.hear(start, glad)
    assessment = weigh(world, LEVELS.extreme)
    assert "own_reply" not in {reason.name for reason in assessment.reasons}
    assert assessment.severity == "watch"


def test_words_of_boycott_law_and_safety_are_a_reason_of_their_own_and_no_crisis_alone() -> None:
    assessment = weigh(burst(usual_world(), alarm_words=2), LEVELS.extreme)
    assert {reason.name: reason.weight for reason in assessment.reasons} == {"velocity": 3.0, "alarming": 1.0}
    assert assessment.severity == "watch"
    calm = weigh(burst(usual_world()), LEVELS.extreme)
    assert [reason.name for reason in calm.reasons] == ["velocity"]


def newcomers(world: World, new: int, of: int = 40, *, is_known: bool = True) -> World:
    start = at("00:00", "2026-01-19")
    crowd = [match(f"crowd-{number}", start + number, tone=0.3) for number in range(of)]
    world.context.add(start, crowd, first_words={one.key for one in crowd[:new]} if is_known else None)
    world.verdicts = world.crowd.judge(start, crowd)
    return world


def test_a_crowd_that_never_spoke_before_is_a_reason_of_its_own() -> None:
    (new, velocity) = sorted(weigh(newcomers(usual_world(), 31), LEVELS.watch).reasons, key=lambda one: one.weight)
    assert velocity.name == "velocity"
    assert (new.name, new.weight, new.tests) == ("new_authors", 0.5, ("new_author_share",))
    assert (new.observed, new.facts["mentions"]) == (31, 49)  # those of the half hour before included
    assert "never spoken of this before" in new.text
    assert weigh(newcomers(usual_world(), 31), 0.5).severity is None  # by itself it is nothing


@pytest.mark.parametrize(("new", "of", "is_known"), [(4, 4, True), (2, 40, True), (40, 40, False)])
def test_few_newcomers_or_days_in_which_everybody_is_one_are_no_reason(new: int, of: int, *, is_known: bool) -> None:
    found = weigh(newcomers(usual_world(), new, of, is_known=is_known), LEVELS.watch)
    assert [reason.name for reason in found.reasons] == ["velocity"]


def test_what_nobody_could_tell_counts_as_was_assumed_and_is_remembered() -> None:
    context, twin = Context(), Context()
    for minute in range(500):
        start = at("00:00") + minute * MINUTE_US
        context.add(start, [match(str(minute), start)], first_words=None)
        context.learn()
    assert context.test("new_authors", 30).usual == pytest.approx(SHARES["new_authors"])
    assert context.test("new_authors", 30).mentions == 0
    twin.restore(msgspec.msgpack.decode(msgspec.msgpack.encode(context.snapshot()), type=ContextState))
    for one in (context, twin):
        one.add(at("12:00"), [match("new", at("12:00"))], first_words={match("new", at("12:00")).key})
    assert context.test("new_authors", 30) == twin.test("new_authors", 30)
    assert context.test("new_authors", 30).count == 1


def test_arguing_is_told_from_passing_on() -> None:
    arguing = weigh(burst(usual_world(), kind="quote"), LEVELS.watch)
    assert {reason.name: reason.weight for reason in arguing.reasons} == {"velocity": 1.0, "arguing": 0.5}
    passing_on = weigh(burst(usual_world(), kind="repost"), LEVELS.watch)
    assert [reason.name for reason in passing_on.reasons] == ["velocity"]


def test_a_crowd_that_turned_is_seen_before_it_is_louder() -> None:
    turned = weigh(scolded(usual_world()), 0.5)
    assert turned.severity == "watch"
    assert [reason.name for reason in turned.reasons] == ["own_reply"]
    both = weigh(burst(usual_world(), tone=-0.9, kind="quote", answers_own=True), 0.5)
    assert both.severity == "warning"


def test_on_its_first_day_a_topic_is_not_judged_by_what_is_usual_elsewhere() -> None:
    world = World()
    for minute in range(300):
        start = at("00:00") + minute * MINUTE_US
        world.hear(start, [match(str(minute), start, tone=-0.9)])
        assert weigh(world, 0.5).severity is None
        world.learn()


def test_a_few_sour_posts_open_nothing() -> None:
    world = usual_world()
    world.hear(at("00:00", "2026-01-19"), [match(f"sour-{number}", at("00:00"), tone=-0.9) for number in range(4)])
    assert weigh(world, 0.5).severity is None


@pytest.mark.parametrize(("budget", "level"), [(1.0, PRUDENCE / 1440), (0.5, 0.5 * PRUDENCE / 1440)])
def test_the_watch_levels_spend_a_third_of_the_budget_of_a_day_and_a_quarter_of_it_together(
    budget: float, level: float
) -> None:
    levels = Levels.of(Policy(watches_per_day=budget), detectors=5)
    assert 5 * levels.opening("complaints") == pytest.approx(0.75 * level)
    assert levels.opening("agreement") == pytest.approx(0.25 * level)


def test_reasons_come_with_the_numbers_they_say() -> None:
    reason = weigh(burst(usual_world(), tone=-0.7), LEVELS.extreme).reasons[0]
    assert (reason.observed, reason.expected, reason.lower, reason.upper) == (48, 11, 6, 17)
    assert "48" in reason.text
    assert "6 to 17" in reason.text


def test_own_posts_are_no_evidence_against_the_brand() -> None:
    world = usual_world()
    before = world.verdicts[0].factors
    world.hear(at("23:59", "2026-01-18"), [match("own", at("23:59"), tone=-0.9, is_own=True)])
    said = world.verdicts[0]
    assert said.p_value == 1.0
    assert said.factors["count"] <= before["count"]


def test_each_reason_names_the_tests_that_fired_the_least_likely_first() -> None:
    world = burst(usual_world(), tone=-0.9)
    slow = msgspec.structs.replace(volume(LEVELS.extreme), detector="slow")
    calm = msgspec.structs.replace(volume(0.3), detector="calm")
    verdicts = [volume(LEVELS.watch), slow, calm, *world.verdicts]
    tests = {reason.name: reason.tests for reason in assess(verdicts, world.context, (), LEVELS).reasons}
    assert tests["velocity"] == ("slow", "counts")
    assert tests["negative"] == ("negative_share",)


def agreement(p_value: float) -> Verdict:
    return Verdict(
        detector="agreement", p_value=p_value, observed=6, expected=2, lower=1, upper=5, unit="decades",
        factors={"complaints": 3.5, "slow_burn": 3.1}, drivers=("complaints", "slow_burn"),
    )  # fmt: skip


def test_tests_that_agree_are_watched_and_named_though_none_would_be_by_itself() -> None:
    world = burst(usual_world(), tone=0.3)
    found = assess([volume(0.2), *world.verdicts, agreement(LEVELS.together)], world.context, [], LEVELS)
    assert found.severity == "watch"
    (reason,) = found.reasons
    assert (reason.name, reason.tests) == ("agreement", ("complaints", "slow_burn"))
    assert "complaints in people's own words and a slow rise of mentions" in reason.text


def test_agreement_adds_nothing_to_a_test_that_is_rare_by_itself() -> None:
    world = burst(usual_world(), tone=0.3)
    without, within = (
        assess([volume(LEVELS.watch), *world.verdicts, *others], world.context, [], LEVELS)
        for others in ((), (agreement(1e-9),))
    )
    assert without == within
