"""Stories with a known truth, through the whole pipeline: the post that is to blame is named, and the press is seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.backtest.brands import EXAMPLE_BRANDS
from monitor.backtest.plans import TopicTruth
from monitor.backtest.scenarios import scenario
from monitor.backtest.simulation import Simulation
from monitor.clock import MINUTE_US
from monitor.incidents import TimelineEntry
from monitor.pipeline import Pipeline
from monitor.sources.dates import rfc3339_us
from monitor.topics.watchlist import read_watchlists

WATCHLIST = Path(__file__).parents[2] / "rules" / "topics" / "example.yaml"


def played(name: str, seed: int, days: int = 4, volume: float = 300) -> tuple[list[TimelineEntry], TopicTruth]:
    simulation = Simulation(seed=seed, days=days, volume=volume, brands=EXAMPLE_BRANDS[:1])
    topics = [topic for topic in read_watchlists([WATCHLIST]) if topic.id == EXAMPLE_BRANDS[0].topic]
    pipeline = Pipeline(topics, b"secret")
    lines = pipeline.step("simulation", list(scenario(name).play(simulation)), 1 << 62).timeline
    lines += pipeline.finish().timeline
    (truth,) = scenario(name).truth(simulation).topics
    return lines, truth


@pytest.mark.parametrize("seed", [31, 32, 33])
def test_the_condescending_answer_is_named_first_with_the_advice_to_pause(seed: int) -> None:
    lines, truth = played("own_reply_backlash", seed)
    posts = {step.what: step.post for step in truth.milestones}
    onset_us = rfc3339_us(truth.onset or "") - MINUTE_US
    named = [line for line in lines if line.kind == "own_post_answered" and line.at_us >= onset_us]
    assert named[0].evidence == (posts["the brand answers with condescension"],)
    assert "Pause replies" in named[0].text
    assert len(named) == 1


def test_the_apology_is_told_apart_from_the_answer_the_anger_is_about() -> None:
    lines, truth = played("own_reply_backlash", 31, volume=1_500)
    posts = {step.what: step.post for step in truth.milestones}
    onset_us = rfc3339_us(truth.onset or "") - MINUTE_US
    named = [line for line in lines if line.kind.startswith("own_post_") and line.at_us >= onset_us]
    assert [line.evidence[0] for line in named if line.kind == "own_post_answered"] == [
        posts["the brand answers with condescension"]
    ]
    (later,) = [line for line in named if line.kind.startswith("own_post_later")]
    assert later.evidence[0] == posts["the brand apologises"]
    assert "Pause replies" not in later.text


def test_the_article_that_shows_what_the_crowd_showed_has_reached_the_press() -> None:
    lines, truth = played("own_reply_backlash", 31)
    articles = {step.post for step in truth.milestones if step.what == "a newspaper publishes an article"}
    (quote,) = [step.post for step in truth.milestones if "followers quotes" in step.what]
    reached = [line for line in lines if line.kind == "jump_to_press"]
    assert reached
    assert reached[0].evidence[0] == quote
    assert reached[0].evidence[1] in articles
    assert reached[0].text.startswith("Reached the press at ")


@pytest.mark.parametrize("name", ["launch", "weekly_promo"])
def test_what_people_like_is_not_named_as_contested(name: str) -> None:
    lines, _ = played(name, 31, days=6)
    assert [line for line in lines if line.kind in {"own_post_answered", "own_post"}] == []


@pytest.mark.parametrize("seed", [32, 37, 40])
def test_a_launch_that_people_like_is_watched_and_disturbs_nobody(seed: int) -> None:
    """On these days some of the first answers are questions, or praise that might be irony."""
    lines, _ = played("launch", seed, volume=600)
    assert {line.facts["severity"] for line in lines if line.kind in {"opened", "escalated"}} == {1.0}
