"""Ten people who matter at low volume: when are they seen, and how often wrongly?

    python -m tests.benchmarks.ten_people 201 220

Plays the story `ten_people` for each seed through the whole pipeline, two weeks of ordinary days before it, and prints
how long after the first of the ten the warning comes, how many of them had spoken by then, and how many incidents the
voices raised on ordinary days. Seeds below 200 were used for development.
"""

from __future__ import annotations

import statistics
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from monitor.backtest.brands import EXAMPLE_BRANDS
from monitor.backtest.scenarios import scenario
from monitor.backtest.simulation import Simulation
from monitor.clock import HOUR_US, MINUTE_US
from monitor.incidents import SEVERITIES
from monitor.pipeline import Outcome, Pipeline
from monitor.sources.dates import rfc3339_us
from monitor.topics.watchlist import read_watchlists

DAYS = 16
WATCHLIST = Path(__file__).parents[2] / "rules" / "topics" / "example.yaml"
VOICES = {"voices", "new_voices"}


def outcomes(simulation: Simulation, name: str) -> Iterator[Outcome]:
    """Play a story through a fresh pipeline that watches the first brand."""
    topics = [topic for topic in read_watchlists([WATCHLIST]) if topic.id == EXAMPLE_BRANDS[0].topic]
    pipeline = Pipeline(topics, b"benchmark")
    batch = []
    for item in scenario(name).play(simulation):
        batch.append(item)
        if len(batch) == 500:
            yield pipeline.step("simulation", batch, 1 << 62)
            batch = []
    yield pipeline.step("simulation", batch, 1 << 62)
    yield pipeline.finish()


def story(seed: int) -> tuple[list[int], list[tuple[int, str]]]:
    """Return when the ten spoke, and when each incident of which voices were a reason was raised, to which severity."""
    simulation = Simulation(seed=seed, days=DAYS, brands=EXAMPLE_BRANDS[:1])
    lines = [line for outcome in outcomes(simulation, "ten_people") for line in outcome.timeline]
    voiced = {(line.incident, line.at_us) for line in lines if line.kind in VOICES}
    raised = [
        (line.at_us, SEVERITIES[int(line.facts["severity"]) - 1])
        for line in lines
        if line.kind in {"opened", "escalated"} and (line.incident, line.at_us) in voiced
    ]
    (truth,) = scenario("ten_people").truth(simulation).topics
    return [rfc3339_us(step.at) for step in truth.milestones], raised


def main() -> None:
    """Print the table of the seeds given."""
    first, last = int(sys.argv[1]), int(sys.argv[2])
    warned: list[float | None] = []
    false: Counter[str] = Counter()
    for seed in range(first, last + 1):
        spoke, raised = story(seed)
        false.update([severity for at_us, severity in raised if at_us < spoke[0]])
        since = [((at_us - spoke[0]) / MINUTE_US, severity) for at_us, severity in raised if at_us >= spoke[0]]
        found = next((minutes for minutes, severity in since if severity != "watch" and minutes <= 360), None)
        warned.append(found)
        by_then = sum(at_us <= spoke[0] + (found or 0.0) * MINUTE_US for at_us in spoke)
        in_hour = sum(at_us <= spoke[0] + HOUR_US for at_us in spoke)
        told = "no warning" if found is None else f"warning after {found:.0f} min, {by_then} of ten had spoken"
        print(f"seed {seed}: {told}; in the first hour {in_hour} spoke", flush=True)
    seen = [minutes for minutes in warned if minutes is not None]
    median = f"{statistics.median(seen):.0f} min" if seen else "never"
    print(f"warned {len(seen)} of {len(warned)}, {sum(at <= 60 for at in seen)} within the hour, median {median}")
    print(f"false by voices on {len(warned) * (DAYS - 2)} ordinary topic-days: {dict(false)}")


if __name__ == "__main__":
    main()
