"""Fit the coefficients that a forecaster of cascade sizes starts from.

``python -m tests.benchmarks.cascade_prior --data DIR`` fits them to all cascades in a folder and writes
``monitor/cascades/forecast_prior.json``. Whatever is then measured on these cascades is flattered; the benchmark
(``cascades.py`` beside) therefore fits its own for each fold, by the same functions, to the cascades of the others.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

import monitor.cascades
from monitor.cascades.forecast import NEIGHBOUR, WIDER, Forecaster, Prior
from monitor.cascades.lessons import FEATURES, LESSON_POSTS, RUNGS_S, Lesson
from monitor.cascades.recorded import RecordedCascade, answers

Array = npt.NDArray[np.float64]

SETS = ("weibo_ced", "casflow_weibo_sample", "auspol", "smh", "seismic_example")
SMALL = 0.2  # weight of a cascade with fewer than LESSON_POSTS posts
SMOOTH = 0.005  # width of the rounded tip of the quantile loss


class Taught(NamedTuple):
    """A cascade's lessons and its final size, the root included."""

    lessons: Sequence[Lesson]
    final_size: int


def load(folder: Path, name: str) -> list[RecordedCascade]:
    with gzip.open(folder / f"{name}_index.csv.gz", "rt") as stream:
        index = list(csv.DictReader(stream))
    reshares: dict[str, list[tuple[float, int | None]]] = {row["cascade_id"]: [] for row in index}
    with gzip.open(folder / f"{name}_events.csv.gz", "rt") as stream:
        for row in csv.DictReader(stream):
            if row["idx"] != "0":
                followers = int(float(row["followers"])) if row["followers"] else None
                reshares[row["cascade_id"]].append((float(row["t_s"]), followers))
    return [
        RecordedCascade(
            row["cascade_id"],
            float(row["root_time_unix"]) if row["root_time_unix"] else None,
            int(float(row["root_followers"])) if row["root_followers"] else None,
            sorted(reshares[row["cascade_id"]], key=lambda reshare: reshare[0]),
        )
        for row in index
    ]


def prior_of(streams: Iterable[Sequence[RecordedCascade]]) -> Prior:
    """Return the prior that the cascades of some streams teach in hindsight."""
    streams = list(streams)
    day = _day([cascade for cascades in streams for cascade in cascades])
    return fit([taught for cascades in streams for taught in teach(cascades, day)], day)


def _day(cascades: Sequence[RecordedCascade]) -> tuple[complex, ...]:
    """Return how busy the hours are, by the clock of UTC, from lots of ten minutes of each cascade."""
    lots = [
        cascade.root_s + (lot + 1.0) * 600.0
        for cascade in cascades
        if cascade.root_s is not None
        for lot in {age // 600.0 for age, _ in cascade.reshares}
    ]
    turns = 2.0 * np.pi * np.array(lots) / 86_400.0
    return tuple([complex(2.0 * np.exp(-1j * order * turns).mean()) if lots else 0j for order in (1, 2, 3)])


def teach(cascades: Sequence[RecordedCascade], day: tuple[complex, ...]) -> list[Taught]:
    """Return what the cascades of one stream teach in hindsight."""
    lessons: dict[str, list[Lesson]] = {}
    answers(cascades, (), Forecaster(Prior(day, {}, {}), learns=False), lessons)
    return [Taught(lessons[cascade.id], len(cascade.reshares) + 1) for cascade in cascades]


def fit(taught: Sequence[Taught], day: tuple[complex, ...]) -> Prior:
    """Return the prior that minimises the losses over what was taught."""
    at: dict[float, list[tuple[Lesson, int]]] = {rung: [] for rung in RUNGS_S}
    for lessons, final_size in taught:
        for lesson in lessons:
            if lesson.posts > 1:
                at[lesson.age_s].append((lesson, final_size))
    prior = Prior(day, {}, {})
    for place, rung in enumerate(RUNGS_S):
        rows = [
            (lesson, final_size, 1.0 if beside == rung else NEIGHBOUR)
            for beside in RUNGS_S[max(place - 1, 0) : place + 2]
            for lesson, final_size in at[beside]
        ]
        prior.rungs[rung], prior.near[rung] = _fit_rung(rung, rows)
    return prior


def _fit_rung(rung: float, rows: Sequence[tuple[Lesson, int, float]]) -> tuple[dict[str, dict[str, float]], float]:
    features = np.zeros((len(rows), len(FEATURES)))
    for row, (lesson, _, _) in enumerate(rows):
        for name, value in lesson.features(rung).items():
            features[row, FEATURES.index(name)] = value
    grown = np.log([final_size / lesson.posts for lesson, final_size, _ in rows])
    weights = np.array([weight * (1.0 if lesson.posts >= LESSON_POSTS else SMALL) for lesson, _, weight in rows])
    ridge = np.diag([_penalty(name) for name in FEATURES])
    likely, near = _likely(features, grown, weights, ridge)
    fitted = {
        "low": _quantile(features, grown, weights, ridge, 0.1),
        "likely": likely,
        "high": _quantile(features, grown, weights, ridge, 0.9),
    }
    return {what: dict(zip(FEATURES, values.tolist(), strict=True)) for what, values in fitted.items()}, near


def _penalty(name: str) -> float:
    """Return how strongly a coefficient is drawn to 0: in cascades that say so, a quarter to ten of them."""
    level, _, known = name.partition("/")
    if known and known != "root":  # few cascades: what is their own is drawn to what is common
        return {"level": 10.0}.get(level, 30.0)
    return {"level": 0.1, "age": 0.3, "size": 3.0, "below_10": 3.0}.get(level, 1.0)


def _solve(features: Array, target: Array, weights: Array, ridge: Array, push: Array | float = 0.0) -> Array:
    weighted = features.T * weights
    return np.linalg.solve(weighted @ features + ridge, weighted @ target + push)


def _likely(features: Array, grown: Array, weights: Array, ridge: Array) -> tuple[Array, float]:
    """Minimise Welsch's loss of the relative error by reweighted least squares, from wide to narrow."""
    found, near = _solve(features, grown, weights, ridge), 2.0
    for width in (*np.geomspace(2.0, 0.3, 12), *[0.3] * 10, *[0.0] * 20):
        error = np.exp(np.clip(features @ found - grown, -20.0, 3.0)) - 1.0
        near = float(width) or max(WIDER * _median(np.abs(error), weights), 0.06)
        bent = weights * np.exp(-0.5 * (error / near) ** 2) * np.clip(1.0 + error, 0.2, 3.0)
        found = _solve(features, grown, bent, ridge)
    return found, near


def _median(values: Array, weights: Array) -> float:
    order = np.argsort(values)
    passed = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(passed, passed[-1] / 2.0)])


def _quantile(features: Array, grown: Array, weights: Array, ridge: Array, level: float) -> Array:
    """Minimise the quantile loss by majorisation (Hunter & Lange, Quantile regression via an MM algorithm, 2000)."""
    found = _solve(features, grown, weights, ridge)
    push = (2.0 * level - 1.0) * (features.T @ weights)
    for tip in (*np.geomspace(1.0, SMOOTH, 30), *[SMOOTH] * 60):
        found = _solve(features, grown, weights / (np.abs(grown - features @ found) + tip), ridge, push)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True, help="folder of NAME_index.csv.gz and NAME_events.csv.gz")
    arguments = parser.parse_args()
    cascades = {name: load(arguments.data, name) for name in SETS}
    prior = prior_of(cascades.values())
    lines = [
        f'"fitted_to": {json.dumps({name: len(one) for name, one in cascades.items()})}',
        f'"features": {json.dumps(FEATURES)}',
        f'"day": {json.dumps([[round(wave.real, 4), round(wave.imag, 4)] for wave in prior.day])}',
    ]
    rungs = [
        f'"{rung:g}": {{\n' + ",\n".join(_listed(what, values) for what, values in functions.items()) + "\n}"
        for rung, functions in prior.rungs.items()
    ]
    lines.append(f'"near": {json.dumps({f"{rung:g}": round(near, 4) for rung, near in prior.near.items()})}')
    lines.append('"rungs": {\n' + ",\n".join(rungs) + "\n}")
    target = Path(monitor.cascades.__file__).parent / "forecast_prior.json"
    target.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


def _listed(what: str, coefficients: Mapping[str, float]) -> str:
    return f'"{what}": {json.dumps([round(coefficients[name], 4) for name in FEATURES])}'


if __name__ == "__main__":
    main()
