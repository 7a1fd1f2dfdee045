"""Days on which nothing goes wrong, however loud some of them are."""

from __future__ import annotations

import math

from monitor.backtest.brands import Brand
from monitor.backtest.crowd import PRESS, brand_account, outlet
from monitor.backtest.plans import Event, Plan, Reaction, Spread
from monitor.backtest.rhythm import PARIS, activity, midnight
from monitor.backtest.scenarios import Scenario, moment
from monitor.backtest.simulation import Simulation
from monitor.clock import DAY_US, HOUR_US, MINUTE_US, to_datetime

__all__ = ["LAUNCH", "QUIET", "TV_SPIKE", "WEEKLY_PROMO"]

_VIEWERS = Spread(
    reactions=(Reaction("repost", "", 0.5), Reaction("reply", "reply", 0.4), Reaction("quote", "tv", 0.1)),
    reproduction=lambda _: 0.2,
    is_new_crowd=True,
)
_LAUNCH_REACTIONS = (
    *(Reaction("repost", "", 0.5), Reaction("reply", "launch", 0.2)),
    *(Reaction("post", "launch", 0.2), Reaction("quote", "launch", 0.1)),
)
_PLAYERS = Spread(
    reactions=(Reaction("repost", "", 0.75), Reaction("reply", "weekly", 0.2), Reaction("post", "weekly", 0.05)),
    reproduction=lambda _: 0.15,
    within_us=5 * HOUR_US,
)


def _nothing(_: Simulation) -> None:
    """Plant nothing."""


def _air(simulation: Simulation) -> None:
    """Plant a television programme that mentions the brand: eight times the usual, gone within two hours."""
    brand = simulation.brands[0]
    start_us = moment(simulation, 20.6, 21.4)
    event = simulation.event(brand, "tv_spike", start_us, is_crisis=False)
    event.mark(start_us, "a television programme mentions the brand")
    peak = 8 * simulation.strength * simulation.volume / 1440

    def watching(at_us: int) -> float:
        minutes = (at_us - start_us) / MINUTE_US
        return peak * min(1.0, 0.3 + minutes / 6) * math.exp(-max(0.0, minutes - 12) / 22)

    def remark() -> Plan:
        register = "tv" if simulation.rng.random() < 0.9 else "joke"
        return Plan(brand, register, spread=_VIEWERS, event=event, is_new_crowd=True)

    simulation.stream_in(start_us, start_us + 2 * HOUR_US, watching, remark)


def _launch(simulation: Simulation) -> None:
    """Plant a product launch from the brand's own account: loud, glad, and fading over the day."""
    brand = simulation.brands[0]
    start_us = moment(simulation, 9.5, 12.5)
    event = simulation.event(brand, "launch", start_us, is_crisis=False)

    def reproduction(at_us: int) -> float:
        return max(0.2, 0.7 - 0.08 * (at_us - start_us) / HOUR_US)

    spread = Spread(reactions=_LAUNCH_REACTIONS, reproduction=reproduction, is_new_crowd=True)
    for network in ("x", "mastodon", "bluesky"):
        own = brand_account(brand, network, is_support=False)
        share = 1.0 if network == "x" else 0.2
        post = Plan(brand, "own_launch", author=own, network=network, lang="fr", spread=spread, event=event)
        post.reactions = 220 * share * simulation.size
        post.then = lambda mention: event.mark(mention.published_us, "the brand presents a product", mention)
        simulation.plant(start_us + int(simulation.rng.random() * MINUTE_US), post)
    for paper in PRESS:
        article = Plan(brand, "headline_launch", author=outlet(paper, "feed"), network="feed", lang=paper.lang)
        article.event = event
        simulation.plant(start_us + int(simulation.rng.uniform(5, 240) * MINUTE_US), article)

    def interested(at_us: int) -> float:
        hours = (at_us - start_us) / HOUR_US
        return 4 * simulation.strength * simulation.volume / 1440 * activity(at_us) * math.exp(-hours / 4)

    def remark() -> Plan:
        return Plan(brand, "launch", spread=spread, event=event, is_new_crowd=True)

    simulation.stream_in(start_us, start_us + DAY_US, interested, remark)


def _weekly(simulation: Simulation) -> None:
    """Plant a competition on the brand's own account every Wednesday at six in the evening."""
    first = (2 - to_datetime(simulation.start_us).astimezone(PARIS).weekday()) % 7
    for day in range(first, simulation.days, 7):
        at_us = midnight(simulation.start_us, day) + 18 * HOUR_US + int(simulation.rng.random() * 5 * MINUTE_US)
        event = simulation.event(simulation.brands[0], "weekly_promo", at_us, is_crisis=False)
        simulation.plant(at_us, _promotion(simulation.brands[0], event, 160 * simulation.size))


def _promotion(brand: Brand, event: Event, reactions: float) -> Plan:
    own = brand_account(brand, "x", is_support=False)
    plan = Plan(brand, "own_weekly", author=own, network="x", lang="fr", spread=_PLAYERS, event=event)
    plan.reactions = reactions
    plan.then = lambda post: event.mark(post.published_us, "the weekly competition opens", post)
    return plan


QUIET = Scenario("quiet", "Ordinary days, harmless fashions included.", _nothing)
TV_SPIKE = Scenario("tv_spike", "A television programme mentions the brand; not a crisis.", _air)
LAUNCH = Scenario("launch", "The brand presents a product people like; not a crisis.", _launch)
WEEKLY_PROMO = Scenario("weekly_promo", "A competition every Wednesday at six; not a crisis.", _weekly)
