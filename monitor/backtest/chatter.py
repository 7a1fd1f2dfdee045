"""What is said of a brand on any ordinary day, whatever else happens."""

from __future__ import annotations

from bisect import bisect
from collections import deque
from collections.abc import Iterator
from itertools import accumulate
from random import Random
from typing import Final

from monitor.backtest.brands import Brand
from monitor.backtest.crowd import PRESS, brand_account, network_and_language, outlet
from monitor.backtest.laws import pareto_size, poisson
from monitor.backtest.plans import Plan, Reaction, Spread
from monitor.backtest.rhythm import PARIS, Rhythm
from monitor.clock import MINUTE_US, to_datetime
from monitor.mentions import Kind, Mention

__all__ = ["EVERYDAY", "QUIET_REPRODUCTION", "Chatter"]

QUIET_REPRODUCTION: Final = 0.38  # quiet topics have 0.3 to 0.6 reactions a post; our choice within that
_REGISTERS: Final = (
    *(("chatter", 30), ("question", 16), ("praise", 13), ("joke", 8), ("billing", 8), ("parcel", 7)),
    *(("technician", 6), ("outage", 6), ("reply", 5), ("headline", 3), ("quote", 2)),
)
_NAMES: Final = tuple(name for name, _ in _REGISTERS)
_UPTO: Final = tuple(accumulate(weight for _, weight in _REGISTERS))
_ASKS: Final = frozenset({"question", "parcel", "technician", "outage", "billing"})
_MARVELS_PER_WEEK: Final = 4.0  # harmless cascades: 3 to 5 a topic-week, or false alarms are underestimated
_MARVELS_EXPONENT: Final = 1.2
_OPEN_HOURS: Final = range(8, 20)

EVERYDAY: Final = Spread(
    reactions=(Reaction("repost", "", 0.7), Reaction("reply", "reply", 0.22), Reaction("quote", "quote", 0.08)),
    reproduction=lambda _: QUIET_REPRODUCTION,
)


class Chatter:
    """Plans the ordinary posts on one brand, minute by minute.

    Parameters
    ----------
    rng
        This brand's own, so that its ordinary days are the same in every scenario of a seed.
    per_day
        Mean mentions in a day, reactions included. Positive.
    """

    def __init__(self, rng: Random, brand: Brand, per_day: float) -> None:
        self.rng = rng
        self._brand = brand
        self._per_day = per_day
        self._rhythm = Rhythm(rng, per_day * (1 - QUIET_REPRODUCTION))
        self._recent: deque[Mention] = deque(maxlen=40)

    def plans(self, minute_us: int) -> Iterator[tuple[int, Plan]]:
        """Yield when and what, for the minute that starts at `minute_us`; minutes must come in order."""
        rng = self.rng
        for _ in range(self._rhythm.count(minute_us)):
            yield minute_us + int(rng.random() * MINUTE_US), self._plan(_NAMES[bisect(_UPTO, rng.random() * _UPTO[-1])])
        if minute_us % (60 * MINUTE_US) == 0:
            yield from self._hourly(minute_us)

    def heard(self, mention: Mention, plan: Plan) -> tuple[int, Plan] | None:
        """Take note of a post of this brand; return the brand's own answer to it, and when, if there is one."""
        if mention.kind != "repost" and mention.network != "feed" and plan.event is None:
            self._recent.append(mention)
        if plan.register not in _ASKS or plan.event is not None or self.rng.random() > 0.45:
            return None
        answered_us = mention.published_us + int(self.rng.lognormvariate(3.2, 0.7) * MINUTE_US)  # 25 min in median
        if to_datetime(answered_us).astimezone(PARIS).hour not in _OPEN_HOURS:
            return None
        thanks = Spread(reactions=(Reaction("reply", "thanks", 1.0),), reproduction=lambda _: 0.0)
        return answered_us, Plan(
            self._brand,
            "own_polite",
            kind="reply",
            author=brand_account(self._brand, mention.network, is_support=True),
            target=mention,
            spread=thanks,
            reactions=0.3,
        )

    def _plan(self, register: str) -> Plan:
        if register == "headline":
            paper = PRESS[int(self.rng.random() * len(PRESS))]
            return Plan(self._brand, register, author=outlet(paper, "feed"), network="feed", lang=paper.lang)
        if register in {"reply", "quote"} and self._recent:
            target = self._recent[int(self.rng.random() * len(self._recent))]
            kind: Kind = "reply" if register == "reply" else "quote"
            return Plan(self._brand, register, kind=kind, target=target, spread=EVERYDAY)
        return Plan(self._brand, "chatter" if register in {"reply", "quote"} else register, spread=EVERYDAY)

    def _hourly(self, hour_us: int) -> Iterator[tuple[int, Plan]]:
        """Yield what comes once in a while: a harmless post that many pass on, the day's news, the brand's own."""
        rng = self.rng
        local_hour = to_datetime(hour_us).astimezone(PARIS).hour
        size = self._per_day / 1800
        for _ in range(poisson(rng, _MARVELS_PER_WEEK / 7 / 16 if local_hour >= 8 else 0.0)):
            reactions = pareto_size(rng, max(2.0, 10 * size), max(20.0, 300 * size), _MARVELS_EXPONENT)
            register = "joke" if rng.random() < 0.6 else "praise"
            yield self._within_hour(hour_us), Plan(self._brand, register, spread=EVERYDAY, reactions=reactions)
        if local_hour == 9 and rng.random() < 0.8:
            yield from self._news(hour_us, size)
        if local_hour in {10, 17}:
            network, lang = network_and_language(rng)
            own = brand_account(self._brand, network, is_support=False)
            plan = Plan(
                self._brand, "own_promo", author=own, network=network, lang=lang, spread=EVERYDAY, reactions=5 * size
            )
            yield self._within_hour(hour_us), plan

    def _news(self, hour_us: int, size: float) -> Iterator[tuple[int, Plan]]:
        """Yield the day's press article and those who talk about it within two hours."""
        paper = PRESS[int(self.rng.random() * len(PRESS))]
        at_us = self._within_hour(hour_us)
        yield at_us, Plan(self._brand, "headline", author=outlet(paper, "feed"), network="feed", lang=paper.lang)
        for _ in range(poisson(self.rng, 12 * size)):
            yield at_us + int(self.rng.expovariate(1 / 40) * MINUTE_US), Plan(self._brand, "chatter", spread=EVERYDAY)

    def _within_hour(self, hour_us: int) -> int:
        return hour_us + int(self.rng.random() * 60 * MINUTE_US)
