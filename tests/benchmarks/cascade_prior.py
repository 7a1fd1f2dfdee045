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
from typing import NamedTuple, get_args

import numpy as np
import numpy.typing as npt

import monitor.cascades
from monitor.cascades.forecast import NEIGHBOUR, OUTSIDE, WIDER, Forecaster, Prior
from monitor.cascades.lessons import FEATURES, LESSON_POSTS, RUNGS_S, Known, Lesson
from monitor.cascades.recorded import RecordedCascade, answers

Array = npt.NDArray[np.float64]

SETS = ("weibo_ced", "casflow_weibo_sample", "auspol", "smh", "seismic_example")
SMALL = 0.2  # weight of a cascade with fewer than LESSON_POSTS posts
SMOOTH = 0.005  # width of the rounded tip of the quantile loss
PARTS = 3  # of which each is left out in turn, to see how often its cascades lie beyond the interval
CREDIBLE = 10  # cascades of a stream, or of a kind of source, that count half as much, together, as endlessly many


class Taught(NamedTuple):
    """A cascade's lessons, its final size, the root included, and its places among streams and in its own."""

    lessons: Sequence[Lesson]
    final_size: int
    stream: int = 0
    place: int = 0


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
    return fit([taught for stream, cascades in enumerate(streams) for taught in teach(cascades, day, stream)], day)


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


def teach(cascades: Sequence[RecordedCascade], day: tuple[complex, ...], stream: int = 0) -> list[Taught]:
    """Return what the cascades of one stream teach in hindsight."""
    lessons: dict[str, list[Lesson]] = {}
    answers(cascades, (), Forecaster(Prior(day, {}, {}), learns=False), lessons)
    return [
        Taught(lessons[cascade.id], len(cascade.reshares) + 1, stream, place) for place, cascade in enumerate(cascades)
    ]


class Rows(NamedTuple):
    """The lessons that teach a rung something, one a row."""

    features: Array
    grown: Array
    weights: Array
    asked: npt.NDArray[np.bool_]
    """Whether a forecast for such a cascade is looked at: its age is that of the rung, and it is large enough."""
    stream: npt.NDArray[np.int_]
    part: npt.NDArray[np.int_]


def fit(taught: Sequence[Taught], day: tuple[complex, ...]) -> Prior:
    """Return the prior that minimises the losses over what was taught."""
    prior = Prior(day, {}, {})
    for place, rung in enumerate(RUNGS_S):
        prior.rungs[rung], prior.near[rung] = _fit_rung(_rows(rung, RUNGS_S[max(place - 1, 0) : place + 2], taught))
    return prior


def _rows(rung: float, ages: Sequence[float], taught: Sequence[Taught]) -> Rows:
    found = [
        (lesson, one)
        for age in ages
        for one in taught
        for lesson in one.lessons
        if lesson.age_s == age and lesson.posts > 1
    ]
    features = np.zeros((len(found), len(FEATURES)))
    for row, (lesson, _) in enumerate(found):
        for name, value in lesson.features(rung).items():
            features[row, FEATURES.index(name)] = value
    large = np.array([lesson.posts >= LESSON_POSTS for lesson, _ in found])
    own = np.array([lesson.age_s == rung for lesson, _ in found])
    return Rows(
        features,
        np.log([one.final_size / lesson.posts for lesson, one in found]),
        np.where(own, 1.0, NEIGHBOUR) * np.where(large, 1.0, SMALL),
        own & large,
        np.array([one.stream for _, one in found]),
        np.array([one.place % PARTS for _, one in found]),
    )


def _fit_rung(rows: Rows) -> tuple[dict[str, dict[str, float]], float]:
    features, grown, weights = rows[:3]
    ridge = np.diag([_penalty(name) for name in FEATURES])
    # What few sources know is fitted last, to what is left over: it shall not pull on what all share.
    known = [FEATURES.index(name) for name in ("reproduction", "level/audience")]
    shared = features.copy()
    shared[:, known[0]] = 0.0
    likely, near = _likely(shared, grown, weights, ridge)
    left = grown - shared @ likely
    likely[known] += _likely(features[:, known], left, weights, ridge[known][:, known])[0]
    low, high = _ends(rows, ridge)
    fitted = {"low": low, "likely": likely, "high": high}
    return {what: dict(zip(FEATURES, values.tolist(), strict=True)) for what, values in fitted.items()}, near


def _ends(rows: Rows, ridge: Array) -> tuple[Array, Array]:
    """Return the ends of the interval: quantiles, moved apart for cascades and streams that taught nothing.

    They are moved until one in ten lies beyond each, of cascades that were left out; for a kind of source of which
    nothing is known, of streams that were left out whole. As what comes will be another stream, it is streams that are
    counted, not cascades; a stream of few tells little and counts less, by its credibility. By that of all cascades of
    its kind a source is placed between the two.
    """
    low, high = (_end(rows, ridge, level, sign) for level, sign in ((OUTSIDE, -1.0), (1.0 - OUTSIDE, 1.0)))
    return low, high


def _end(rows: Rows, ridge: Array, level: float, sign: float) -> Array:
    end = _quantile(rows.features, rows.grown, rows.weights, ridge, level)
    if not rows.asked.any():
        return end
    streams = rows.stream[rows.asked]
    votes = (1.0 / (np.bincount(streams) + CREDIBLE))[streams]

    def needed(groups: npt.NDArray[np.int_]) -> float:
        """Return how far the end must be moved to hold nine in ten of the cascades of groups that were left out."""
        beyond = sign * _above(rows, ridge, level, end, groups)[rows.asked]
        return max(_value_at(beyond, votes, 1.0 - OUTSIDE), 0.0)

    alike = needed(rows.part)
    unlike = max(needed(rows.stream), alike)
    moved = end.copy()
    moved[FEATURES.index("level")] += sign * alike
    for place in [FEATURES.index(f"level/{known}") for known in get_args(Known)]:
        taught = rows.features[rows.asked, place].sum()
        moved[place] += sign * (unlike - alike) * CREDIBLE / (taught + CREDIBLE)
    return moved


def _above(rows: Rows, ridge: Array, level: float, end: Array, groups: npt.NDArray[np.int_]) -> Array:
    """Return how far each cascade lies above an end that was fitted to all groups but its own."""
    above = np.zeros(len(rows.grown))
    for group in np.unique(groups):
        taught, out = groups != group, groups == group
        other = _quantile(rows.features[taught], rows.grown[taught], rows.weights[taught], ridge, level, end)
        above[out] = rows.grown[out] - rows.features[out] @ other
    return above


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
        near = float(width) or max(WIDER * _value_at(np.abs(error), weights), 0.06)
        bent = weights * np.exp(-0.5 * (error / near) ** 2) * np.clip(1.0 + error, 0.2, 3.0)
        found = _solve(features, grown, bent, ridge)
    return found, near


def _value_at(values: Array, weights: Array, level: float = 0.5) -> float:
    """Return the value below which lies such a share of the weight."""
    order = np.argsort(values)
    passed = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(passed, passed[-1] * level)])


def _quantile(
    features: Array, grown: Array, weights: Array, ridge: Array, level: float, start: Array | None = None
) -> Array:
    """Minimise the quantile loss by majorisation (Hunter & Lange, Quantile regression via an MM algorithm, 2000)."""
    found = _solve(features, grown, weights, ridge) if start is None else start
    push = (2.0 * level - 1.0) * (features.T @ weights)
    tips = (1.0, 30, 60) if start is None else (0.1, 15, 20)
    for tip in (*np.geomspace(tips[0], SMOOTH, tips[1]), *[SMOOTH] * tips[2]):
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
