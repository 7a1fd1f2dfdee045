"""Days on which something goes wrong, in the ways it usually does."""

from __future__ import annotations

import math

from monitor.backtest.brands import Brand
from monitor.backtest.crowd import PRESS, bot, outlet, star
from monitor.backtest.plans import Event, Plan, Reaction, Spread
from monitor.backtest.rhythm import activity
from monitor.backtest.scenarios import Scenario, moment
from monitor.backtest.simulation import Simulation
from monitor.clock import HOUR_US, MINUTE_US, SECOND_US
from monitor.errors import InputRefused
from monitor.mentions import Mention

__all__ = ["COLD_START", "COORDINATED_BOTS", "INFLUENCER_SPARK", "SLOW_BURN", "TEN_PEOPLE", "TWO_TOPICS"]

_SHOCK = (
    *(Reaction("repost", "", 0.52), Reaction("quote", "shock", 0.17), Reaction("reply", "shock", 0.16)),
    *(Reaction("post", "outrage", 0.10), Reaction("post", "boycott", 0.05)),
)
_GRUMBLING = (
    *(Reaction("reply", "solidarity", 0.4), Reaction("repost", "", 0.4)),
    *(Reaction("quote", "slow", 0.1), Reaction("post", "slow", 0.1)),
)
_EXPERTS = Spread(
    reactions=(Reaction("repost", "", 0.6), Reaction("reply", "reply", 0.2), Reaction("quote", "insider", 0.2)),
    reproduction=lambda _: 0.3,
    is_new_crowd=True,
)
_RAMP_TIMES_USUAL = 3.0  # a slow burn adds three times the usual volume at its height


def _spark(simulation: Simulation, brand: Brand, start_us: int) -> Event:
    """Plant a shocking video by somebody with over a million followers."""
    event = simulation.event(brand, "influencer_spark", start_us, is_crisis=True)
    voice = star(simulation.rng, 1_000_000, 4_000_000, "star")

    def reproduction(at_us: int) -> float:
        hours = (at_us - start_us) / HOUR_US
        return 1.1 if hours < 1.5 else max(0.3, 1.1 - 0.2 * (hours - 1.5))

    spread = Spread(reactions=_SHOCK, reproduction=reproduction, is_new_crowd=True)
    video = Plan(brand, "influencer_rant", author=voice, network="x", lang="fr", spread=spread, event=event)
    video.reactions = 650 * simulation.size
    articles = [
        Plan(brand, "headline_crisis", author=outlet(paper, "feed"), network="feed", lang=paper.lang, event=event)
        for paper in PRESS[2:]
    ]

    def shown(post: Mention) -> None:
        event.mark(post.published_us, f"an account of {voice.followers:,} followers posts a video", post)
        for article in articles:
            article.links = post.links  # newspapers show the video

    video.then = shown
    simulation.plant(start_us, video)
    for article in articles:
        simulation.plant(start_us + int(simulation.rng.uniform(2, 9) * HOUR_US), article)
    return event


def _influencer(simulation: Simulation) -> None:
    _spark(simulation, simulation.brands[0], moment(simulation, 9, 22))


def _cold(simulation: Simulation) -> None:
    """Plant the same on the very first day, when nobody knows yet what is usual."""
    start_us = simulation.start_us + int(simulation.rng.uniform(8, 20) * HOUR_US)
    _spark(simulation, simulation.brands[0], start_us)


def _burn(simulation: Simulation, brand: Brand, start_us: int) -> Event:
    """Plant an outage that is not repaired: complaints grow for six to fourteen hours and more."""
    event = simulation.event(brand, "slow_burn", start_us, is_crisis=True)
    event.mark(start_us, "complaints about an outage begin to grow")
    event.limit = max(1, int(6 * simulation.strength * simulation.volume * brand.share))
    ramp_us = int(simulation.rng.uniform(6, 14) * HOUR_US)
    height = _RAMP_TIMES_USUAL * simulation.strength * simulation.volume * brand.share / 1440

    def share(at_us: int) -> float:
        """Return how far the ramp is up: it grows, stays for five hours and goes as it came."""
        past = (at_us - start_us) / ramp_us
        plateau = 5 * HOUR_US / ramp_us
        return max(0.0, min(1.0, past, 2 + plateau - past))

    def complaining(at_us: int) -> float:
        return height * share(at_us) * activity(at_us) * (1 - _mean_reproduction)

    _mean_reproduction = 0.6
    spread = Spread(reactions=_GRUMBLING, reproduction=lambda at_us: 0.4 + 0.6 * share(at_us), within_us=12 * HOUR_US)

    def complaint() -> Plan:
        register = "slow" if simulation.rng.random() < 0.85 else "outrage"
        return Plan(brand, register, spread=spread, event=event, is_new_crowd=simulation.rng.random() < 0.5)

    simulation.stream_in(start_us, start_us + 2 * ramp_us + 5 * HOUR_US, complaining, complaint)
    return event


def _slow(simulation: Simulation) -> None:
    _burn(simulation, simulation.brands[0], moment(simulation, 7, 12))


def _bots(simulation: Simulation) -> None:
    """Plant some forty new accounts that post the same words within the same minute, again and again."""
    brand, rng = simulation.brands[0], simulation.rng
    start_us = moment(simulation, 8, 20)
    event = simulation.event(brand, "coordinated_bots", start_us, is_crisis=True)
    event.mark(start_us, "new accounts begin to post the same words together")
    size = max(2, int(max(12 * simulation.strength, 40 * simulation.size)))
    at_us = start_us
    while at_us < start_us + 3 * HOUR_US:
        words = simulation.words(brand, "bot", "fr")
        for number in rng.sample(range(size + 10), size):
            post = Plan(brand, "bot", author=bot(number, start_us), network="x", lang="fr", text=words, event=event)
            simulation.plant(at_us + int(rng.random() * 60 * SECOND_US), post)
        at_us += int(rng.uniform(8, 15) * MINUTE_US)


def _insiders(simulation: Simulation) -> None:
    """Plant ten people who matter, within three hours, while nearly nobody else has noticed."""
    brand, rng = simulation.brands[0], simulation.rng
    start_us = moment(simulation, 9, 18)
    event = simulation.event(brand, "ten_people", start_us, is_crisis=True)
    others = max(0, math.floor(10 * simulation.strength + 0.5) - 1)
    times = sorted((0.0, *(rng.random() * 3 for _ in range(others))))
    for hours in times:
        author = star(rng, 20_000, 300_000, rng.choice(("presse", "elu", "expert")))
        post = Plan(brand, "insider", author=author, network="x", lang="fr", spread=_EXPERTS, event=event, reactions=1)
        post.then = lambda mention: event.mark(mention.published_us, "somebody who matters speaks", mention)
        simulation.plant(start_us + int(hours * HOUR_US), post)


def _two(simulation: Simulation) -> None:
    """Plant a spark on the first brand and a slow burn on the second that overlap, with posts that name both."""
    if len(simulation.brands) < 2:
        message = "two_topics needs a watchlist with at least two topics; add one or choose influencer_spark"
        raise InputRefused(message)
    first, second = simulation.brands[:2]
    spark_us = moment(simulation, 14, 19)
    event = _spark(simulation, first, spark_us)
    _burn(simulation, second, spark_us - int(simulation.rng.uniform(2, 5) * HOUR_US))
    pace = simulation.strength * simulation.volume / 1440

    def plan() -> Plan:
        return Plan(first, "both", event=event, is_new_crowd=True)

    simulation.stream_in(spark_us, spark_us + 6 * HOUR_US, lambda at_us: pace * activity(at_us), plan)


INFLUENCER_SPARK = Scenario(
    "influencer_spark", "A video by somebody with over a million followers spreads at once.", _influencer
)
SLOW_BURN = Scenario("slow_burn", "Complaints about an outage grow for hours to four times the usual.", _slow)
COORDINATED_BOTS = Scenario("coordinated_bots", "New accounts post the same words within the same minute.", _bots)
TEN_PEOPLE = Scenario(
    "ten_people", "Ten people who matter speak within three hours; the volume hardly moves.", _insiders
)
COLD_START = Scenario("cold_start", "An influencer's video on the first day of watching.", _cold, days=2)
TWO_TOPICS = Scenario("two_topics", "Two brands burn at once, and some posts name both.", _two)
