"""A simulation: ordinary days of several brands, and what a scenario plants into them, as one stream of posts.

Posts exist only from the moment they are published until those they provoke are; memory does not grow with the
length of the simulation.
"""

from __future__ import annotations

import copy
import math
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from heapq import heappop, heappush
from itertools import accumulate
from random import Random
from typing import Final

from monitor.backtest.brands import EXAMPLE_BRANDS, Brand
from monitor.backtest.chatter import Chatter
from monitor.backtest.crowd import LEAST_FOLLOWERS
from monitor.backtest.laws import mean_root_followers, poisson, reaction_delay_us
from monitor.backtest.plans import Event, Plan, Spread, TopicTruth
from monitor.backtest.rhythm import activity, midnight
from monitor.backtest.writer import Writer
from monitor.clock import HOUR_US, MINUTE_US
from monitor.mentions import Gap, Mention

__all__ = [
    "DEFAULT_START_US",
    "DEFAULT_VOLUME",
    "LEAST_STRENGTH",
    "MOST_DAYS",
    "MOST_STRENGTH",
    "MOST_VOLUME",
    "Simulation",
]

DEFAULT_START_US: Final = 1_767_567_600_000_000  # Monday 5 January 2026, midnight in Paris
DEFAULT_VOLUME: Final = 1_800.0  # mentions a day: two a minute in the evening
MOST_VOLUME: Final = 1_000_000.0  # mentions a day: twelve a second, already minutes of work for each day
MOST_DAYS: Final = 366
LEAST_STRENGTH: Final = 0.001  # a story of which hardly a post is left
MOST_STRENGTH: Final = 100.0
_QUARTER_US: Final = 15 * MINUTE_US
_MOST_AUDIENCE: Final = 8.0


class Simulation:
    """A seeded world that is talking.

    Parameters
    ----------
    seed
        Fixes every post. The ordinary days of a brand are the same in every scenario of one seed.
    start_us, days
        From when, and for how many local days; `start_us` is a midnight in Paris.
    volume
        Mean mentions a day of the first brand; the others follow by their shares. Positive.
    strength
        How strong what is planted is, times the usual. Positive.
    brands
        Who is talked about. At least one.
    """

    def __init__(
        self,
        *,
        seed: int,
        days: int,
        start_us: int = DEFAULT_START_US,
        volume: float = DEFAULT_VOLUME,
        strength: float = 1.0,
        brands: Sequence[Brand] = EXAMPLE_BRANDS,
    ) -> None:
        self.seed = seed
        self.start_us = start_us
        self.end_us = midnight(start_us, days)
        self.days = days
        self.volume = volume
        self.strength = strength
        self.brands = tuple(brands)
        self.rng = Random(f"{seed}/event")
        self.events: list[Event] = []
        self.gaps: list[Gap] = []
        self.duplicates = 0
        self.posts = 0
        self.reposts = 0
        self._writer = Writer(brands)
        self._chatter = [
            Chatter(Random(f"{seed}/{place}"), brand, volume * brand.share) for place, brand in enumerate(brands)
        ]
        self._places = {brand.topic: place for place, brand in enumerate(brands)}
        self._pending: list[tuple[int, int, Plan]] = []
        self._planned = 0
        self._reached_us = start_us
        self._serials: Counter[int] = Counter()
        self._arrivals: list[tuple[int, int, Callable[[int], float], Callable[[], Plan]]] = []

    @property
    def size(self) -> float:
        """How large events should be: their strength times the square root of the volume relative to the usual one."""
        return self.strength * math.sqrt(self.volume / DEFAULT_VOLUME)

    def plant(self, at_us: int, plan: Plan) -> None:
        """Plan a post for an instant; what falls behind the end of the simulation is never seen."""
        if at_us < self.end_us:
            self._planned += 1
            heappush(self._pending, (at_us, self._planned, plan))

    def stream_in(
        self, start_us: int, end_us: int, per_minute: Callable[[int], float], plan: Callable[[], Plan]
    ) -> None:
        """Let people join of their own accord during [start_us, end_us), `per_minute` of an instant on average."""
        self._arrivals.append((start_us, end_us, per_minute, plan))

    def words(self, brand: Brand, register: str, lang: str) -> str:
        """Return words about a brand, for those who all say the same."""
        return self._writer.phrase(self.rng, brand, register, lang)

    def event(self, brand: Brand, kind: str, onset_us: int, *, is_crisis: bool) -> Event:
        """Declare something planted on a brand."""
        event = Event(brand.topic, kind, is_crisis, onset_us)
        self.events.append(event)
        return event

    def mentions(self) -> Iterator[Mention]:
        """Yield every post in order of publication, from where the last call stopped."""
        return self.mentions_until(self.end_us)

    def mentions_until(self, until_us: int) -> Iterator[Mention]:
        """Yield every post before an instant, a whole minute, in order of publication, from where we stopped."""
        while self._reached_us < until_us:
            minute_us = self._reached_us
            for chatter in self._chatter:
                for at_us, plan in chatter.plans(minute_us):
                    self.plant(at_us, plan)
            self._join(minute_us)
            self._reached_us = minute_us + MINUTE_US
            while self._pending and self._pending[0][0] < self._reached_us:
                at_us, _, plan = heappop(self._pending)
                yield self._publish(max(at_us, minute_us), plan)

    @property
    def earliest_us(self) -> int:
        """When the first of all that is planted so far happens; the end of the simulation if nothing is."""
        times = [at_us for at_us, _, _ in self._pending]
        times += [start_us for start_us, _, _, _ in self._arrivals] + [gap.start_us for gap in self.gaps]
        return min((*times, self.end_us))

    def fork(self, days: int, strength: float = 1.0) -> Simulation:
        """Return a copy that goes its own way from here and lasts `days` from the same beginning.

        What is said on it is what a simulation of `days` and `strength` would have said, had it been given the same
        plans at its start, as long as they begin after this moment.
        """
        twin = copy.deepcopy(self)
        twin.days, twin.strength = days, strength
        twin.end_us = midnight(self.start_us, days)
        return twin

    def truths(self) -> tuple[TopicTruth, ...]:
        """Return what was planted, and one quiet entry for every topic where nothing was."""
        planted = {event.topic for event in self.events}
        quiet = (TopicTruth(id=b.topic, is_crisis=False, kind="quiet") for b in self.brands if b.topic not in planted)
        return (*(event.truth() for event in self.events), *quiet)

    def _join(self, minute_us: int) -> None:
        for start_us, end_us, per_minute, plan in self._arrivals:
            if start_us <= minute_us < end_us:
                for _ in range(poisson(self.rng, per_minute(minute_us))):
                    self.plant(minute_us + int(self.rng.random() * MINUTE_US), plan())

    def _publish(self, at_us: int, plan: Plan) -> Mention:
        place = self._places[plan.brand.topic]
        chatter = self._chatter[place]
        rng = chatter.rng if plan.event is None else self.rng
        stream = place if plan.event is None else 15
        self._serials[stream] += 1
        # Four bits of stream and eighteen of counter: no two items of a millisecond share an identifier.
        serial = (stream & 15) << 18 | self._serials[stream] & 0x3FFFF
        mention = self._writer.write(rng, plan, at_us // 1000 * 1000, serial)
        self.posts += 1
        self.reposts += mention.kind == "repost"
        if plan.event is not None:
            plan.event.count(mention.published_us)
        answer = chatter.heard(mention, plan)
        if answer is not None:
            self.plant(*answer)
        if plan.spread is not None:
            self._provoke(rng, mention, plan, plan.spread)
        if plan.then is not None:
            plan.then(mention)
        return mention

    def _provoke(self, rng: Random, mention: Mention, plan: Plan, spread: Spread) -> None:
        event = plan.event
        if event is not None and event.posts >= event.limit:
            return
        audience = 1.0
        if mention.author.followers is not None and plan.author is None:
            # Square roots, or the few with a huge audience would decide alone whether anything spreads.
            audience = min(_MOST_AUDIENCE, math.sqrt(mention.author.followers) / mean_root_followers(LEAST_FOLLOWERS))
        own = plan.reactions + spread.reproduction(mention.published_us) * audience
        weights = list(accumulate(reaction.weight for reaction in spread.reactions))
        for _ in range(poisson(rng, own)):
            reaction = spread.reactions[bisect(weights, rng.random() * weights[-1])]
            target = mention
            if plan.target is not None and (mention.kind == "repost" or rng.random() > spread.deep_share):
                target = plan.target
            delay_us = reaction_delay_us(rng, spread.within_us)
            self.plant(
                _awake(rng, mention.published_us + delay_us),
                Plan(
                    plan.brand,
                    reaction.register,
                    kind=reaction.kind,
                    target=None if reaction.kind == "post" else target,
                    spread=spread,
                    event=event,
                    is_new_crowd=spread.is_new_crowd,
                ),
            )


def _awake(rng: Random, at_us: int) -> int:
    """Put off what somebody asleep would have done: some hours at a time, until they are up."""
    for _ in range(6):
        if rng.random() < 1.6 * _activity(at_us // _QUARTER_US):
            break
        at_us += int((0.5 + 2.5 * rng.random()) * HOUR_US)
    return at_us


@lru_cache(maxsize=4096)
def _activity(quarter: int) -> float:
    return activity(quarter * _QUARTER_US)
