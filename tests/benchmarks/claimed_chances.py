"""Is a claimed chance an achieved one? What each test claims where it alarms so often on quiet simulated topics.

    python -m tests.benchmarks.claimed_chances 0 5 --volume 60 --volume 240

Quiet topics are listened to for six weeks, of which the first two do not count. For each test and volume the level is
found at which it alarms once in two, in ten and in twenty topic-weeks; an alarm is followed by half a day of silence.
One alarm in two topic-weeks is a chance of 10^-4.3 a minute, one in ten 10^-5, one in twenty 10^-5.3: a test that
claims exactly that is calibrated, one that claims less is careful, one that claims more breaks its promise. Seeds below
100 were used for development.
"""

from __future__ import annotations

import argparse
import math

from monitor.backtest.trials import OURS, QUIET, Stretch
from monitor.backtest.trials.campaign import watched
from monitor.backtest.trials.scoring import calibrate
from monitor.backtest.trials.world import Plan, live

VOLUMES = (60.0, 240.0)
PER_WEEK = (0.5, 0.1, 0.05)
MINUTES_A_WEEK = 10_080


def listened(seeds: range, volume: float) -> list[Stretch]:
    """Return the quiet stretches of some worlds."""
    topics, brands = watched(())
    worlds = [Plan(seed=seed, volume=volume, topics=topics, brands=brands) for seed in seeds]
    return [one for world in worlds for one in live(world) if one.scenario == QUIET]


def main() -> None:
    """Print claimed against achieved chances."""
    parser = argparse.ArgumentParser(description="Measure whether a claimed chance is an achieved one.")
    parser.add_argument("first", type=int)
    parser.add_argument("last", type=int)
    parser.add_argument("--volume", type=float, action="append")
    given = parser.parse_args()
    for volume in given.volume or VOLUMES:
        quiet = listened(range(given.first, given.last + 1), volume)
        weeks = sum(one.weeks for one in quiet)
        print(f"{volume:g} mentions a day, {weeks:.0f} topic-weeks: -log10 of the chance")
        for name in sorted({name for one in quiet for name in one.said}):
            heard = [one for one in quiet if name in one.said]
            claims = ", ".join(
                f"{-math.log10(rate / MINUTES_A_WEEK):.1f} achieved, {calibrate(heard, name, rate):.2f} claimed"
                for rate in PER_WEEK
                if rate * weeks >= 1.0
            )
            print(f"  {name.removeprefix(f'{OURS}:'):<16} {claims}")


if __name__ == "__main__":
    main()
