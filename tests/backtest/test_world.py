"""A story that goes its own way from a shared history is the story lived from the beginning."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.anomalies import NEVER_OPEN
from monitor.backtest.rhythm import midnight
from monitor.backtest.scenarios import scenario
from monitor.backtest.simulation import Simulation
from monitor.backtest.trials.campaign import watched
from monitor.backtest.trials.world import Plan, Watch, live, parts
from monitor.clock import DAY_US, MINUTE_US
from monitor.incidents import Incident, TimelineEntry
from monitor.pipeline import Outcome, Pipeline

TOPICS, BRANDS = watched(())
VOLUME = 24.0


def plan(*scenarios: str, **changes: object) -> Plan:
    """A world of a few days: how long they are changes no rule."""
    fields = {"rivals": ("hour_against_twelve",), "scenarios": scenarios}
    fields |= {"history_days": 4, "quiet_days": 6, "burn_in_days": 1}
    return Plan(seed=3, volume=VOLUME, topics=TOPICS, brands=BRANDS, **{**fields, **changes})  # type: ignore[arg-type]


def test_a_fork_of_a_simulation_says_what_the_whole_would_have_said() -> None:
    story = scenario("influencer_spark")
    whole = Simulation(seed=3, days=5, volume=VOLUME, brands=BRANDS[:1])
    expected = list(story.play(whole))
    long = Simulation(seed=3, days=9, volume=VOLUME, brands=BRANDS[:1])
    begin = list(long.mentions_until(midnight(long.start_us, 3)))
    fork = long.fork(5)
    assert [*begin, *story.play(fork)] == expected
    assert fork.truths() == whole.truths()


def test_a_fork_leaves_the_first_as_it_was() -> None:
    alone = Simulation(seed=3, days=5, volume=VOLUME, brands=BRANDS[:1])
    forked = Simulation(seed=3, days=5, volume=VOLUME, brands=BRANDS[:1])
    begin = list(forked.mentions_until(midnight(forked.start_us, 3)))
    list(scenario("influencer_spark").play(forked.fork(5)))
    assert [*begin, *forked.mentions()] == list(alone.mentions())


def test_a_fork_of_another_strength_is_the_whole_of_that_strength() -> None:
    story = scenario("influencer_spark")
    expected = list(story.play(Simulation(seed=3, days=5, volume=VOLUME, strength=0.25, brands=BRANDS[:1])))
    long = Simulation(seed=3, days=9, volume=VOLUME, brands=BRANDS[:1])
    begin = list(long.mentions_until(midnight(long.start_us, 3)))
    assert [*begin, *story.play(long.fork(5, 0.25))] == expected


def test_a_story_is_lived_once_for_each_strength_and_keeps_its_name() -> None:
    weaker = plan("influencer_spark", "cold_start", strengths=(1.0, 0.1), quiet_days=5)
    told = {one.story: int(one.counts.sum()) for one in live(weaker) if one.is_crisis}
    assert set(told) == {"influencer_spark", "influencer_spark x0.1", "cold_start", "cold_start x0.1"}
    assert told["influencer_spark x0.1"] < told["influencer_spark"]
    assert told["cold_start x0.1"] < told["cold_start"]
    assert parts(weaker) == 5


@pytest.fixture(scope="module")
def world() -> list:
    return live(plan("slow_burn", "cold_start"))


def test_a_story_from_a_shared_history_is_the_one_lived_from_the_beginning(world) -> None:
    (forked,) = [one for one in world if one.scenario == "slow_burn"]
    story = scenario("slow_burn")
    whole = Simulation(seed=3, days=6, volume=VOLUME, brands=BRANDS)
    watch = Watch(TOPICS, whole.start_us, whole.end_us)
    watch.hear(story.play(whole))
    watch.finish()
    track = watch.tracks[TOPICS[0].id]
    since = (forked.start_us - track.start_us) // 60_000_000
    until = since + len(forked.counts)
    assert np.array_equal(forked.counts, track.counts[since:until])
    assert forked.levels == tuple(level for level in track.levels if level.at_us >= forked.start_us)
    for name in track.verdicts.keys() - NEVER_OPEN:
        values = track.verdicts[name]
        assert np.array_equal(forked.said[f"badbuzz:{name}"], values[since:until]), name


def test_the_truth_travels_with_the_stretch(world) -> None:
    kinds = {one.scenario: (one.is_crisis, one.onset_us is None) for one in world}
    assert kinds == {
        "slow_burn": (True, False),
        "cold_start": (True, False),
        "quiet": (False, True),
        "first_days": (False, True),
    }


def test_a_flood_of_made_posts_is_heard_in_the_minute_the_product_speaks_up() -> None:
    """Whatever minutes were closed with it, as after a pause of the posts."""
    told = [
        one for one in live(plan("coordinated_bots", quiet_days=5)) if one.scenario == "coordinated_bots" and one.levels
    ]
    assert told
    for stretch in told:
        opened = (stretch.levels[0].at_us - stretch.start_us) // MINUTE_US - 1
        assert stretch.said["badbuzz:made_mentions"][opened] > 4.0


def test_all_our_tests_together_are_the_sum_of_what_each_finds_uncommon(world) -> None:
    told = next(one for one in world if one.onset_us is not None)
    single = [values for name, values in told.said.items() if name.startswith("badbuzz:") and name[8:] != "agreement"]
    assert len(single) > 4
    never_spoke = {"badbuzz:made_mentions", "badbuzz:agreement"}
    assert all(never_spoke <= one.said.keys() for one in world)
    uncommon = sum(np.maximum(values - 2.0, 0.0) for values in single)
    assert uncommon.max() > 3.0
    assert told.said["badbuzz"] == pytest.approx(uncommon, abs=1e-4)


def test_quiet_streams_count_after_the_burn_in_and_for_both_topics(world) -> None:
    quiet = [one for one in world if one.scenario == "quiet"]
    assert [one.topic for one in quiet] == [topic.id for topic in TOPICS]
    assert quiet[0].weeks == pytest.approx((6 - 1) / 7)
    assert quiet[0].start_us == midnight(midnight(quiet[0].start_us), 0)


def test_a_story_of_the_first_day_has_no_history(world) -> None:
    (cold,) = [one for one in world if one.scenario == "cold_start"]
    assert cold.onset_us is not None
    assert cold.onset_us - cold.start_us < DAY_US
    assert cold.counts.sum() > 0


def test_progress_is_told_part_by_part() -> None:
    steps: list[int] = []
    small = plan("cold_start", quiet_days=3)
    live(small, lambda: steps.append(1))
    assert len(steps) == parts(small) == 2


@pytest.mark.parametrize("name", ["outage_backfill", "weekly_promo"])
def test_every_kind_of_story_gives_stretches(name: str) -> None:
    told = [one for one in live(plan(name)) if one.scenario == name]
    assert [one.topic for one in told] == [TOPICS[0].id]
    assert all(one.onset_us is not None and one.counts.sum() > 0 for one in told)


def test_crises_of_two_kinds_are_scored_apart() -> None:
    told = {one.scenario: one.topic for one in live(plan("two_topics")) if one.is_crisis}
    first, second = TOPICS
    assert told == {"two_topics:influencer_spark": first.id, "two_topics:slow_burn": second.id}


def test_a_crisis_that_comes_back_after_a_pause_counts_as_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    name = TOPICS[0].id
    at_us = {"opened": DAY_US, "reopened": 2 * DAY_US}
    times = dict.fromkeys(("opened_us", "since_us", "peak_us", "updated_us", "worst_us"), DAY_US)
    lines = [
        TimelineEntry(incident="a", sequence=place, at_us=when, kind=kind, text="", facts={"severity": 2.0})
        for place, (kind, when) in enumerate(at_us.items())
    ]
    lines.append(TimelineEntry(incident="a", sequence=2, at_us=3 * DAY_US, kind="reopened", text=""))  # after minutes
    outcome = Outcome()
    outcome.incidents["a"] = Incident(id="a", topic=name, state="open", severity="warning", **times)
    outcome.timeline += lines
    monkeypatch.setattr(Pipeline, "finish", lambda _: outcome)
    watch = Watch(TOPICS, 0, 5 * DAY_US)
    watch.finish()
    assert [(told.at_us, told.severity) for told in watch.tracks[name].levels] == [(DAY_US, 2), (2 * DAY_US, 2)]
