"""Stories in which the posts are in order and their delivery is not."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from random import Random

import msgspec

from monitor.backtest.scenarios import Scenario, moment
from monitor.backtest.scenarios.own_reply import plan_own_reply
from monitor.backtest.simulation import Simulation
from monitor.clock import HOUR_US, MINUTE_US, SECOND_US
from monitor.mentions import Gap, Item, Mention

__all__ = ["DISORDER", "OUTAGE_BACKFILL"]

_REDELIVERED_SHARE = 0.03
_DELAYED_SHARE = 0.10
_MUCH_DELAYED_SHARE = 0.005


def _lose_sight(simulation: Simulation) -> None:
    """Declare two to four hours in which X cannot be seen."""
    start_us = moment(simulation, 12, 16)
    end_us = start_us + int(simulation.rng.uniform(2, 4) * HOUR_US)
    simulation.gaps.append(Gap(source="x", start_us=start_us, end_us=end_us, reason="outage"))


def _backfilled(simulation: Simulation, mentions: Iterator[Mention]) -> Iterator[Item]:
    """Withhold what a gap hides; when it ends, deliver the gap and then all of it at once, late."""
    held: list[Mention] = []
    gaps = list(simulation.gaps)
    for mention in mentions:
        if gaps and mention.published_us >= gaps[0].end_us:
            gap = gaps.pop(0)
            yield gap
            for place, late in enumerate(held):
                yield msgspec.structs.replace(late, received_us=gap.end_us + place * SECOND_US // 50)
            held.clear()
        if gaps and mention.network == gaps[0].source and mention.published_us >= gaps[0].start_us:
            held.append(mention)
        else:
            yield mention
    yield from held


def _disordered(simulation: Simulation, mentions: Iterator[Mention]) -> Iterator[Item]:
    """Deliver one post in ten late and out of order, a few very late, and one in thirty again."""
    rng = Random(f"{simulation.seed}/delivery")
    waiting: list[tuple[int, int, Mention]] = []
    for serial, mention in enumerate(mentions):
        now_us = mention.published_us
        while waiting and waiting[0][0] <= now_us:
            yield heappop(waiting)[2]
        received_us = now_us + _delay_us(rng)
        heappush(waiting, (received_us, 2 * serial, msgspec.structs.replace(mention, received_us=received_us)))
        if rng.random() < _REDELIVERED_SHARE:
            simulation.duplicates += 1
            again_us = received_us + int(rng.random() * 10 * MINUTE_US)
            heappush(waiting, (again_us, 2 * serial + 1, msgspec.structs.replace(mention, received_us=again_us)))
    while waiting:
        yield heappop(waiting)[2]


def _delay_us(rng: Random) -> int:
    chance = rng.random()
    if chance < _MUCH_DELAYED_SHARE:
        return int(rng.uniform(5, 40) * MINUTE_US)
    if chance < _MUCH_DELAYED_SHARE + _DELAYED_SHARE:
        return int(min(4.0, rng.expovariate(1.5)) * MINUTE_US)
    return int(rng.random() * 2 * SECOND_US)


OUTAGE_BACKFILL = Scenario(
    "outage_backfill",
    "X cannot be seen for hours, then all of it comes at once; not a crisis.",
    _lose_sight,
    _backfilled,
)
DISORDER = Scenario(
    "disorder",
    "The own-reply backlash, with posts delivered out of order, late and twice.",
    plan_own_reply,
    _disordered,
)
