"""Is a crisis inside a planned event still paged, and a well-received launch left alone? The product as it comes.

    python -m tests.benchmarks.planned_crises 0 20

For each seed, one brand lives through three ordinary weeks (at 60, 240 or 1,000 mentions a day, by turns). Then each
story goes its own way from there, once without a calendar and once for each multiplier that the calendar gives a launch
from eight in the morning to nine the next. Printed are, for every story and multiplier, how many became a watch, a
warning and critical within five hours (the calm ones within the day), and the median minutes of those that did. The
crowds of *angry* write in words of their own, so many within an hour; *campaign* is eight times the usual, well
received; *grumbling* the same with as many who grumble as ever. Seeds below 100 were used for development.
"""

from __future__ import annotations

import argparse
import copy
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from itertools import groupby
from random import Random
from statistics import median
from typing import Final

import msgspec

from monitor.anomalies.family import detectors
from monitor.backtest.brands import EXAMPLE_BRANDS
from monitor.backtest.plans import Plan, Reaction, Spread
from monitor.backtest.rhythm import PARIS, activity, midnight
from monitor.backtest.scenarios import moment, scenario
from monitor.backtest.simulation import Simulation
from monitor.backtest.trials.campaign import watched
from monitor.clock import HOUR_US, MINUTE_US, to_datetime
from monitor.incidents import SEVERITIES
from monitor.mentions import Mention
from monitor.pipeline import Outcome, Pipeline
from monitor.topic_state import TopicState
from monitor.topics import PlannedEvent, Topic

VOLUMES: Final = (60.0, 240.0, 1000.0)
DAYS: Final = 23
TIMES: Final = (None, 3.0, 5.0, 8.0)
CAMPAIGN: Final = 8.0
OWN_ACCORD: Final = 0.62  # of the mentions of a campaign; the others pass them on
GRUMBLING: Final = 0.21
NEVER_US: Final = 1 << 62
(TOPIC, *_), _ = watched(())
BRAND: Final = msgspec.structs.replace(EXAMPLE_BRANDS[0], share=1.0)
_PASSED_ON = Spread(
    reactions=(Reaction("repost", "", 0.6), Reaction("reply", "launch", 0.3), Reaction("quote", "launch", 0.1)),
    reproduction=lambda _: 0.3,
    is_new_crowd=True,
)


def campaign(simulation: Simulation, grumbling: float = 0.0) -> None:
    """Plant eight times the usual mentions from nine in the morning to midnight."""
    day_us = midnight(simulation.start_us, simulation.days - 2)
    event = simulation.event(BRAND, "campaign", day_us + 9 * HOUR_US, is_crisis=False)

    def remark() -> Plan:
        sour = simulation.rng.random() < grumbling
        register = simulation.rng.choice(("outage", "billing", "technician")) if sour else "launch"
        return Plan(BRAND, register, event=event, spread=_PASSED_ON, is_new_crowd=True)

    def coming(at_us: int) -> float:
        return (CAMPAIGN - 1.0) * simulation.volume / 1440 * activity(at_us) * OWN_ACCORD

    simulation.stream_in(event.onset_us, day_us + 24 * HOUR_US, coming, remark)


def angry(simulation: Simulation, posts: int) -> None:
    """Plant so many angry posts within an hour."""
    start_us = moment(simulation, 10, 20)
    event = simulation.event(BRAND, "angry", start_us, is_crisis=True)

    def rant() -> Plan:
        register = simulation.rng.choice(("outrage", "outrage", "boycott", "slow"))
        return Plan(BRAND, register, event=event, is_new_crowd=True)

    simulation.stream_in(start_us, start_us + HOUR_US, lambda _: posts / 60, rant)


def both(simulation: Simulation, *plants: Callable[[Simulation], None]) -> None:
    """Plant one story into another."""
    for plant in plants:
        plant(simulation)


STORIES: Final[dict[str, Callable[[Simulation], None]]] = {
    "launch": scenario("launch").plan,
    "tv_spike": scenario("tv_spike").plan,
    "campaign": campaign,
    "grumbling": partial(campaign, grumbling=GRUMBLING),
    "own_reply_backlash": scenario("own_reply_backlash").plan,
    "influencer_spark": scenario("influencer_spark").plan,
    **{f"angry {posts}": partial(angry, posts=posts) for posts in (150, 250, 400)},
    "angry 400 in a campaign": lambda simulation: both(simulation, partial(angry, posts=400), campaign),
}


def heard(pipeline: Pipeline, posts: Sequence[Mention]) -> Iterator[Outcome]:
    for _, batch in groupby(posts, lambda post: post.published_us // (5 * MINUTE_US)):
        yield pipeline.step("simulation", list(batch), NEVER_US)


def with_calendar(pipeline: Pipeline, day_us: int, times: float | None) -> Pipeline:
    """Return a copy that goes its own way, as if it had been restarted with the event written into its watchlist."""
    twin = copy.deepcopy(pipeline)
    day = to_datetime(day_us).astimezone(PARIS).replace(tzinfo=None)
    event = PlannedEvent("Fibre", "launch", day + timedelta(hours=8), day + timedelta(hours=33), times=times)
    topic: Topic = msgspec.structs.replace(TOPIC, events=() if times is None else (event,))
    state = TopicState(topic, detectors)
    state.restore(pipeline._states[TOPIC.id].snapshot())  # as a restart would
    twin._topics, twin._states = {TOPIC.id: topic}, {TOPIC.id: state}
    return twin


def lived(seed: int) -> Iterator[tuple[str, float | None, list[float | None]]]:
    """Yield (story, multiplier, minutes to each severity) of one world."""
    long = Simulation(seed=seed, days=DAYS, volume=VOLUMES[seed % len(VOLUMES)], brands=(BRAND,))
    day_us = midnight(long.start_us, DAYS - 2)
    pipeline = Pipeline([TOPIC], b"benchmark")
    for _ in heard(pipeline, list(long.mentions_until(day_us))):
        pass
    for name, plant in STORIES.items():
        simulation = long.fork(DAYS)
        simulation.rng, simulation.events = Random(f"{seed}/event"), []
        plant(simulation)
        told = next((event for event in simulation.events if event.is_crisis), simulation.events[0])
        end_us = told.onset_us + 5 * HOUR_US if told.is_crisis else midnight(long.start_us, DAYS - 1)
        posts = list(simulation.mentions_until(end_us - end_us % MINUTE_US))
        for times in TIMES:
            reached: dict[int, float] = {}
            for outcome in heard(with_calendar(pipeline, day_us, times), posts):
                for line in outcome.timeline:
                    if line.kind in {"opened", "escalated"} and line.at_us >= told.onset_us:
                        for severity in range(round(line.facts["severity"])):
                            reached.setdefault(severity, (line.at_us - told.onset_us) / MINUTE_US)
            yield name, times, [reached.get(severity) for severity in range(len(SEVERITIES))]


def main() -> None:
    """Print the table of the seeds given."""
    parser = argparse.ArgumentParser(description="Measure crises inside planned events.")
    parser.add_argument("first", type=int)
    parser.add_argument("last", type=int)
    given = parser.parse_args()
    found: dict[tuple[str, float | None], list[list[float | None]]] = {}
    for seed in range(given.first, given.last + 1):
        for name, times, minutes in lived(seed):
            found.setdefault((name, times), []).append(minutes)
        print(f"seed {seed} done", flush=True)
    for (name, times), trials in found.items():
        said = f"{name}, {'no calendar' if times is None else f'planned {times:g} times'}:"
        for severity, word in enumerate(SEVERITIES):
            minutes = [trial[severity] for trial in trials if trial[severity] is not None]
            said += f"  {word} {len(minutes)}/{len(trials)}" + (f" {median(minutes):.0f} min" if minutes else "")
        print(said)


if __name__ == "__main__":
    main()
