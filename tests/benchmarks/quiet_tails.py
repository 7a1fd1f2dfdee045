"""How extreme quiet topics look, by how much is said about them: where the detectors' priors come from.

Run ``python -m tests.benchmarks.quiet_tails`` (some minutes). Simulated brands of which nothing is wrong are heard for
some weeks at several volumes. For each statistic that is calibrated on a topic's past half days
(:mod:`monitor.anomalies.episodes`) the largest value of each half day after the first week is collected and a
generalised extreme value distribution fitted, which is what a topic of that size may assume of itself before it has a
past of its own (:mod:`monitor.anomalies.pooled`). Seeds from 9000 on are used for nothing else.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator

from monitor.anomalies.episodes import Episodes
from monitor.anomalies.slow_burn import SlowBurn
from monitor.backtest.brands import EXAMPLE_BRANDS
from monitor.backtest.scenarios import scenario
from monitor.backtest.simulation import Simulation
from monitor.mentions import Mention
from monitor.pipeline import Pipeline
from monitor.stats.block_maxima import ExtremeValues, fit
from monitor.topics import Account, Topic

VOLUMES = (20, 100, 500, 2_500)
SEEDS = (9_000, 9_001, 9_002)
FAR = 4_000_000_000_000_000
BURN_IN = 14  # half days


def maxima(volume: float, seed: int, days: int) -> dict[str, list[float]]:
    """Return the largest value of each half day of a quiet topic, by detector and statistic."""
    brand = EXAMPLE_BRANDS[0]
    topic = Topic(id=brand.topic, name=brand.topic, query=brand.topic, accounts=(Account(brand.account),))
    pipeline = Pipeline([topic], b"secret")
    simulation = Simulation(seed=seed, days=days, volume=float(volume), brands=(brand,))
    items: list[Mention] = []
    for item in scenario("quiet").play(simulation):
        if isinstance(item, Mention):
            items.append(item)
        if len(items) == 2_000:
            pipeline.step("x", items, FAR)
            items = []
    pipeline.step("x", items, FAR)
    pipeline.finish()
    found: dict[str, list[float]] = {}
    for state in pipeline._states.values():
        for detector in state._learners:
            for place, lived in calibrations(detector):
                found[f"{detector.name}{place}"] = lived.state.maxima[BURN_IN:]
    return found


def calibrations(detector: object) -> Iterator[tuple[str, Episodes]]:
    """Yield each calibration of a detector, or of the one inside it, with its place."""
    for attribute, value in vars(detector).items():
        if isinstance(value, Episodes):
            yield attribute, value
        elif isinstance(value, SlowBurn):
            yield from calibrations(value)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=28)
    asked = parser.parse_args()
    for volume in VOLUMES:
        pooled: dict[str, list[float]] = {}
        for seed in SEEDS:
            for name, values in maxima(volume, seed, asked.days).items():
                pooled.setdefault(name, []).extend(values)
        for name, values in sorted(pooled.items()):
            law = fit(values, ExtremeValues(1.0, 0.5, 0.1), 2.0)
            numbers = [round(number, 3) for number in (law.location, law.scale, law.shape)]
            print(json.dumps({"mentions_a_day": volume, "statistic": name, "half_days": len(values), "law": numbers}))
