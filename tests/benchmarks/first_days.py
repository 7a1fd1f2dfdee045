"""The first day of a topic: what is raised for nothing, and how soon a crisis is seen.

    python -m tests.benchmarks.first_days 300 339

Listens to simulated topics for one day each through the whole pipeline, beginning at an hour that differs from seed to
seed (of the stories at midnight, because they happen by day), and prints incidents a first day with their exact 95 %
interval (Garwood), by kind of day; and for crises on that day how many are seen within an hour and within six, and the
median of the minutes (a miss counts as the day). Seeds below 100 were used for development, those from 9000 on for
what young topics assume of themselves.
"""

from __future__ import annotations

import statistics
import sys
from collections import Counter
from collections.abc import Sequence

from monitor.backtest.rhythm import midnight
from monitor.backtest.scenarios import scenario
from monitor.backtest.simulation import DEFAULT_START_US, Simulation
from monitor.backtest.trials.campaign import watched
from monitor.clock import DAY_US, HOUR_US, MINUTE_US
from monitor.incidents import SEVERITIES
from monitor.incidents.promise import poisson_interval
from monitor.mentions import Gap, Item, Mention
from monitor.pipeline import Outcome, Pipeline

VOLUMES = (20.0, 60.0, 240.0, 600.0)
CALM = ("quiet", "tv_spike", "launch", "weekly_promo", "outage_backfill")
CRISES = ("cold_start", "own_reply_backlash", "slow_burn", "coordinated_bots", "ten_people")
MISSED = 1440.0
FAR_US = 1 << 62


def first_day(story: str, seed: int, volume: float) -> tuple[int | None, list[tuple[int, int]]]:
    """Return the onset of what was planted, if anything was, and (instant, rank of severity) of what was raised."""
    (topic, _), (brand, _) = watched(())
    start_us = midnight(DEFAULT_START_US, seed % 7)
    simulation = Simulation(seed=seed, days=2, volume=volume, brands=(brand,), start_us=start_us)
    begin_us = start_us + (seed * 5 % 24 * HOUR_US if story == "quiet" else 0)
    pipeline = Pipeline([topic], b"benchmark")
    whole = Outcome()
    minute, batch = 0, list[Item]()
    for item in scenario(story).play(simulation):
        at_us = item.published_us if isinstance(item, Mention) else item.start_us if isinstance(item, Gap) else 0
        if begin_us <= at_us < begin_us + DAY_US:
            if at_us // MINUTE_US != minute:
                whole.add(pipeline.step("simulation", batch, FAR_US))
                minute, batch = at_us // MINUTE_US, []
            batch.append(item)
    whole.add(pipeline.step("simulation", batch, FAR_US))
    whole.add(pipeline.finish())
    raised = [
        (line.at_us, round(line.facts["severity"])) for line in whole.timeline if line.kind in {"opened", "escalated"}
    ]
    return (simulation.events[0].onset_us if simulation.events else None), raised


def rate(count: int, days: int) -> str:
    """Write incidents a first day with their interval."""
    low, high = poisson_interval(count)
    return f"{count / days:.3f} [{low / days:.3f} to {high / days:.3f}]"


def calm(story: str, seeds: Sequence[int]) -> None:
    """Print what calm first days raised."""
    worst: Counter[str] = Counter()
    for seed in seeds:
        for volume in VOLUMES:
            _, raised = first_day(story, seed, volume)
            worst[SEVERITIES[max(rank for _, rank in raised) - 1] if raised else "nothing"] += 1
    days = worst.total()
    warned = worst["warning"] + worst["critical"]
    print(f"{story}: {days} first days, raised {rate(days - worst['nothing'], days)}, a warning {rate(warned, days)}")


def crisis(story: str, seeds: Sequence[int]) -> None:
    """Print how soon crises of the first day were seen."""
    for volume in VOLUMES[1:]:
        minutes = []
        for seed in seeds:
            onset_us, raised = first_day(story, seed, volume)
            after = [(at_us - (onset_us or 0)) / MINUTE_US for at_us, _ in raised]
            minutes.append(next((one for one in after if one >= 0), MISSED))
        seen = [sum(one <= most for one in minutes) / len(minutes) for most in (60, 360)]
        print(
            f"{story}, {volume:.0f} a day: {len(minutes)} stories, seen within 1 h {seen[0]:.0%}, 6 h {seen[1]:.0%}, "
            f"median {statistics.median(minutes):.0f} minutes"
        )


if __name__ == "__main__":
    asked = range(int(sys.argv[1]), int(sys.argv[2]) + 1)
    for name in sys.argv[3:] or (*CALM, *CRISES):
        (calm if name in CALM else crisis)(name, asked)
