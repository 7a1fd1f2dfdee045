"""The brand answers a complaint with condescension, and the answer becomes the story."""

from __future__ import annotations

import math
from collections.abc import Callable

from monitor.backtest.brands import Brand
from monitor.backtest.crowd import PRESS, brand_account, outlet, star
from monitor.backtest.plans import Event, Plan, Reaction, Spread
from monitor.backtest.rhythm import activity, midnight
from monitor.backtest.scenarios import Scenario, moment
from monitor.backtest.simulation import Simulation
from monitor.clock import HOUR_US, MINUTE_US, SECOND_US
from monitor.mentions import Author, Mention

__all__ = ["OWN_REPLY_BACKLASH", "Backlash", "plan_own_reply"]

_INDIGNATION = (
    Reaction("reply", "reply_own", 0.30),
    Reaction("quote", "quote_own", 0.26),
    Reaction("repost", "", 0.30),
    Reaction("post", "outrage", 0.07),
    Reaction("post", "boycott", 0.04),
    Reaction("post", "crisis_joke", 0.03),
)
_SYMPATHY = Spread(reactions=(Reaction("reply", "solidarity", 1.0),), reproduction=lambda _: 0.0)


class Backlash:
    """The chain of causes: every step is planted by the one before.

    Parameters
    ----------
    answered_us
        When the brand answers, which is when the crisis begins.
    """

    def __init__(self, simulation: Simulation, brand: Brand, event: Event, answered_us: int) -> None:
        self._simulation = simulation
        self._brand = brand
        self._event = event
        self._answered_us = answered_us
        self._capture = f"https://captures.example/c/{answered_us // SECOND_US}"
        self._noticed_us = answered_us + int(simulation.rng.uniform(50, 80) * MINUTE_US)
        self._anger = Spread(reactions=_INDIGNATION, reproduction=self._reproduction, is_new_crowd=True)

    def plant(self) -> None:
        """Plant the complaint it begins with, about half an hour before the answer."""
        at_us = self._answered_us - int(self._simulation.rng.uniform(18, 40) * MINUTE_US)
        complaint = Plan(self._brand, "complaint_root", network="x", lang="fr", spread=_SYMPATHY, reactions=3)
        complaint.event, complaint.then = self._event, self._answer
        self._simulation.plant(at_us, complaint)

    def _answer(self, complaint: Mention) -> None:
        self._event.mark(complaint.published_us, "a customer complains", complaint)
        answer = self._say("own_condescending", brand_account(self._brand, "x", is_support=True), 36)
        answer.kind, answer.target = "reply", complaint
        answer.then = self._spread
        self._simulation.plant(self._answered_us, answer)

    def _spread(self, answer: Mention) -> None:
        self._event.mark(answer.published_us, "the brand answers with condescension", answer)
        for paper, earliest, latest, reactions in ((PRESS[0], 9, 16, 26.0), (PRESS[1], 14, 24, 12.0)):
            quote = self._say("press_quote", outlet(paper, "x"), reactions)
            self._follow(quote, self._later(earliest, latest), "a press account quotes the answer", answer)
        voice = star(self._simulation.rng, 900_000, 2_500_000, "star")
        quote = self._say("influencer_quote", voice, 560)
        quote.links = (self._capture,)
        self._follow(quote, self._noticed_us, f"an account of {voice.followers:,} followers quotes the answer", answer)
        until_us = self._noticed_us + 14 * HOUR_US
        self._simulation.stream_in(self._noticed_us, until_us, self._joining, self._testimony)
        apology = self._say("own_statement", brand_account(self._brand, "x", is_support=False), 40)
        self._follow(apology, self._later(100, 150), "the brand apologises")
        self._articles()

    def _articles(self) -> None:
        morning_us = midnight(self._answered_us, 1) + int(self._simulation.rng.uniform(7, 9) * HOUR_US)
        for paper, at_us in ((PRESS[3], self._later(130, 220)), (PRESS[2], morning_us), (PRESS[4], morning_us)):
            article = self._say("headline_crisis", outlet(paper, "feed"), 0)
            article.network, article.lang, article.spread = "feed", paper.lang, None
            article.links = (self._capture,)  # newspapers show what the influencer showed
            self._follow(article, at_us, "a newspaper publishes an article")

    def _say(self, register: str, author: Author, reactions: float) -> Plan:
        return Plan(
            self._brand,
            register,
            author=author,
            network="x",
            lang="fr",
            spread=self._anger,
            reactions=reactions * self._simulation.size,
            event=self._event,
        )

    def _follow(self, plan: Plan, at_us: int, what: str, quoted: Mention | None = None) -> None:
        if quoted is not None:
            plan.kind, plan.target = "quote", quoted
        plan.then = _marking(self._event, what)
        self._simulation.plant(at_us, plan)

    def _later(self, earliest: float, latest: float) -> int:
        return self._answered_us + int(self._simulation.rng.uniform(earliest, latest) * MINUTE_US)

    def _reproduction(self, at_us: int) -> float:
        """Return the reproduction number: below one among the first, above once it is everywhere, then waning."""
        if at_us < self._noticed_us:
            return 0.75
        hours = (at_us - self._noticed_us) / HOUR_US
        return 1.06 if hours < 1.5 else max(0.3, 1.06 - 0.2 * (hours - 1.5))

    def _joining(self, at_us: int) -> float:
        """Return how many people a minute come with a story of their own."""
        hours = (at_us - self._noticed_us) / HOUR_US
        return 3 * self._simulation.size * activity(at_us) * math.exp(-hours / 3)

    def _testimony(self) -> Plan:
        register = self._simulation.rng.choice(("outrage", "outrage", "boycott", "crisis_joke", "quote_own"))
        return Plan(self._brand, register, spread=self._anger, event=self._event, is_new_crowd=True)


def _marking(event: Event, what: str) -> Callable[[Mention], None]:
    return lambda post: event.mark(post.published_us, what, post)


def plan_own_reply(simulation: Simulation) -> None:
    """Plant the backlash on the first brand, some time between the afternoon and late evening."""
    brand = simulation.brands[0]
    answered_us = moment(simulation, 16.5, 21.75)
    event = simulation.event(brand, "own_reply_backlash", answered_us, is_crisis=True)
    Backlash(simulation, brand, event, answered_us).plant()


OWN_REPLY_BACKLASH = Scenario(
    "own_reply_backlash",
    "The brand's condescending answer to a complaint is quoted, then taken up by an influencer and the press.",
    plan_own_reply,
)
