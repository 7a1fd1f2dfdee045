"""Score ``badbuzz detect`` on made series of counts with crises of known onset, the way NAB scores its own.

Eight weeks of counts per five minutes: a rhythm of the day and the week that follows another clock than the detector's,
a rate that wanders over hours and days, bunches, benign bursts of all sizes with a heavy tail, and about three crises a
series (sparks, ramps, doublings, plateaus, spikes, double bursts) of 2 to 50 usual hours. In one of the two sets the
usual level moves for good by 2 to 3 times on one day. The rhythm is that of recorded streams about brands, and quiet
half days look like theirs or a little rougher; of NAB's files only the published range of volumes was taken.

With ``--rough`` the series are rougher: how much the minutes scatter, how often benign bursts come and how large they
are wanders from week to week, and sparks and spikes grow faster than the level. Chosen so that variance over mean
reaches what is published of NAB's files (1.7 to about a thousand) and that false episodes are as many as there.

Run ``python -m tests.benchmarks.made_series``: it says what three parts of the detectors are worth. Seeds below 5000
were used while choosing, those from there on (the default) only to report.
"""

from __future__ import annotations

import argparse
import math
from contextlib import ExitStack, nullcontext

import numpy as np

from monitor.anomalies.first_day import HOURS
from tests.benchmarks.nab import Series, alarms_of, one_size, score, still, together

ROWS = 16_000
ROW_US = 300_000_000
THURSDAY_US = 1_590_624_000_000_000
HOUR = 12  # rows
DAY = 24 * HOUR
WINDOWS = 0.1  # of the rows lie in one
USUAL_HOURS = {"spark": 10.0, "ramp": 18.0, "doubling": 12.0, "plateau": 18.0, "spike": 2.5, "double": 14.0}
BENIGN = ("spark", "spark", "spike", "doubling", "plateau")
MOVES = (2.0, 2.5, 3.0, 0.4)
ROUGH_BENIGN = ("spark", "spark", "spike", "spike", "doubling", "plateau")
ROUGH_CRISES = ("spark", "spark", "spike", "spike", "doubling", "double", "plateau", "ramp")
ABRUPT = ("spark", "spike", "double")


def shape(g: np.random.Generator, kind: str) -> np.ndarray:
    """Return how a burst of one mention spreads over the rows from its onset on."""
    hours = np.arange(40 * HOUR) / HOUR
    if kind == "spark":
        found = (1.0 + hours / g.choice([0.1, 0.3, 1.0, 2.0])) ** -(1.0 + g.uniform(0.5, 1.3))
    elif kind == "ramp":
        top = g.uniform(3.0, 10.0)
        found = np.where(hours < top, hours / top, np.exp(-np.maximum(0.0, hours - top) / g.uniform(3.0, 10.0)))
    elif kind == "doubling":
        every, top = g.uniform(0.3, 1.2), g.uniform(3.0, 6.0)
        since = hours - every * top
        found = np.where(since < 0.0, 2.0 ** (since / every), (1.0 + np.maximum(0.0, since)) ** -1.6)
    elif kind == "plateau":
        found = np.exp(-np.maximum(0.0, hours - g.uniform(3.0, 14.0)) / 1.5)
    elif kind == "spike":
        found = np.array([1.0, 0.3, 0.1])
    else:
        since = hours - g.uniform(2.0, 10.0)
        second = np.where(since < 0.0, 0.0, (1.0 + np.maximum(0.0, since) / 0.5) ** -1.7)
        found = 0.25 * (1.0 + hours / 0.3) ** -1.8 + second
    return found / found.sum()


def wander(g: np.random.Generator, hours: float, deviation: float) -> np.ndarray:
    """Return an autoregressive path that forgets in so many hours."""
    keep = math.exp(-1.0 / HOUR / hours)
    steps = g.normal(0.0, deviation * math.sqrt(1.0 - keep * keep), ROWS)
    path, now = np.empty(ROWS), g.normal(0.0, deviation)
    for row in range(ROWS):
        now = keep * now + steps[row]
        path[row] = now
    return path


def made(seed: int, *, moves: bool) -> Series:
    """Return one series and the windows around its crises."""
    g = np.random.default_rng(seed)
    mean = math.exp(g.uniform(math.log(0.4), math.log(90.0)))
    rhythm = rhythm_of(g)
    drift = wander(g, 2, g.uniform(0.15, 0.45)) + wander(g, 24, g.uniform(0.1, 0.35)) + wander(g, 168, 0.15)
    rate = mean * rhythm * np.exp(drift - 0.5 * drift.var())
    steady = g.uniform(0.8, 10.0)
    counts = g.poisson(rate * g.gamma(steady, 1.0 / steady, ROWS)).astype(float)
    hour = max(1.0, mean * HOUR)

    def burst(at: int, size: float, kind: str) -> None:
        spread = shape(g, kind)
        rows = at + g.choice(len(spread), g.poisson(size), p=spread)
        np.add.at(counts, rows[rows < ROWS], 1.0)

    a_week = g.uniform(3.0, 20.0)
    for at in np.flatnonzero(g.random(ROWS) < a_week / (7 * DAY) * rhythm / rhythm.mean()):
        hours = 0.3 * (g.pareto(1.1) + 1.0)
        kind = str(g.choice(BENIGN))
        most = 1.5 if kind == "spike" else 6.0
        burst(int(at), hour * (hours if hours < most else most * g.random()) + 2.0, kind)
    half, onsets = crises(g, rhythm)
    for at in onsets:
        kind = str(g.choice(list(USUAL_HOURS)))
        burst(at, hour * USUAL_HOURS[kind] * math.exp(g.normal(0.0, 0.8)) + 15.0, kind)
    if moves:
        move(g, counts)
    return labelled(counts, half, onsets)


def rough(seed: int, *, moves: bool) -> Series:
    """Return one of the rougher series and the windows around its crises."""
    g = np.random.default_rng([seed, 1])
    mean = math.exp(g.uniform(math.log(0.4), math.log(90.0)))
    rhythm = rhythm_of(g)
    drift = wander(g, 2, g.uniform(0.15, 0.45)) + wander(g, 24, g.uniform(0.1, 0.35)) + wander(g, 168, 0.15)
    stormy = np.minimum(np.exp(wander(g, 72, 0.6)) * g.uniform(0.1, 0.6), 1.6)
    noise = g.normal(0.0, 1.0, ROWS) * stormy
    rate = mean * rhythm * np.exp(drift - 0.5 * drift.var() + noise - 0.5 * stormy * stormy)
    steady = g.uniform(0.8, 10.0)
    counts = g.poisson(rate * g.gamma(steady, 1.0 / steady, ROWS)).astype(float)
    hour = max(1.0, mean * HOUR)
    larger = np.exp(wander(g, 96, 0.6))
    loud = min(2.5, max(0.5, (mean / 10.0) ** 0.3))

    def burst(at: int, size: float, kind: str) -> None:
        spread = shape(g, kind)
        rows = at + g.choice(len(spread), g.poisson(size * (loud if kind in ABRUPT else 1.0)), p=spread)
        np.add.at(counts, rows[rows < ROWS], 1.0)

    a_week = g.uniform(6.0, 36.0)
    most = math.exp(g.uniform(math.log(5.0), math.log(30.0)))
    chance = a_week / (7 * DAY) * rhythm / rhythm.mean()
    for at in np.flatnonzero(g.random(ROWS) < chance * np.exp(wander(g, 96, 1.2) - 0.72)):
        hours = 0.3 * larger[at] * (g.pareto(1.0) + 1.0)
        kind = str(g.choice(ROUGH_BENIGN))
        top = most / 4.0 if kind == "spike" else most
        burst(int(at), hour * (hours if hours < top else top * g.random()) + 2.0, kind)
    half, onsets = crises(g, rhythm)
    for at in onsets:
        kind = str(g.choice(ROUGH_CRISES))
        burst(at, hour * USUAL_HOURS[kind] * math.exp(g.normal(0.8, 0.9)) + 15.0, kind)
    if moves:
        move(g, counts)
    return labelled(counts, half, onsets)


def rhythm_of(g: np.random.Generator) -> np.ndarray:
    """Return a factor for each row: the hour of the day and the weekend, on an unknown clock."""
    local = np.arange(ROWS) / HOUR + int(g.integers(-8, 4))
    rhythm = np.interp(local % 24.0, np.arange(25), [*HOURS, HOURS[0]]) ** g.uniform(0.5, 2.2)
    return rhythm / rhythm[:DAY].mean() * np.where((local // 24 + 3) % 7 >= 5, g.uniform(0.35, 1.0), 1.0)


def crises(g: np.random.Generator, rhythm: np.ndarray) -> tuple[int, list[int]]:
    """Return half the length of a window, and the rows in which crises begin."""
    wanted = 1 + g.poisson(2.4)
    half = int(ROWS * WINDOWS / wanted / 2)
    onsets: list[int] = []
    for _ in range(1000):
        at = int(g.integers(1000, ROWS - half - 300))
        apart = all(abs(at - other) > 2 * half + DAY // 2 for other in onsets)
        if len(onsets) < wanted and apart and g.random() < rhythm[at] / 1.2:  # people are awake when it happens
            onsets.append(at)
    return half, onsets


def move(g: np.random.Generator, counts: np.ndarray) -> None:
    """Multiply all counts from one day on."""
    times, since = float(g.choice(MOVES)), int(g.integers(10, 40)) * DAY
    late = counts[since:]
    counts[since:] = g.binomial(late.astype(int), times) if times < 1.0 else late + g.poisson(late * (times - 1.0))


def labelled(counts: np.ndarray, half: int, onsets: list[int]) -> Series:
    """Return the series of these counts with a window around each onset."""
    instants = [THURSDAY_US + row * ROW_US for row in range(ROWS)]
    windows = [(instants[max(0, at - half)], instants[min(ROWS - 1, at + half)]) for at in sorted(onsets)]
    return Series(instants, counts.tolist(), windows)


def neither() -> ExitStack:
    """Take away each window's own past and the several sizes of a rise together."""
    stack = ExitStack()
    stack.enter_context(together())
    stack.enter_context(one_size())
    return stack


WITHOUT = {
    "as it comes": nullcontext,
    "a moved level is not taken at once": still,
    "one past for all windows": together,
    "rises of one size": one_size,
    "the last two together": neither,
}


def main() -> None:
    """Print both sets, as it comes and with each part taken away."""
    parser = argparse.ArgumentParser(description="Score detect on made series of counts.")
    parser.add_argument("--seed", type=int, default=5000)
    parser.add_argument("--series", type=int, default=20)
    parser.add_argument("--rough", action="store_true")
    given = parser.parse_args()
    make = rough if given.rough else made
    for moves in (True, False):
        series = {str(seed): make(seed, moves=moves) for seed in range(given.seed, given.seed + given.series)}
        print("the usual level moves for good on one day" if moves else "the usual level stays")
        for name, taken_away in WITHOUT.items():
            with taken_away():
                found = score(series, {name: alarms_of(one) for name, one in series.items()})
            print(
                f"{name:>36}: {found.score:5.1f}   {found.hits} of {found.windows} crises, "
                f"{found.false_episodes_per_week:.2f} false episodes a series and week",
                flush=True,
            )


if __name__ == "__main__":
    main()
