"""How large a cascade will become: the most likely final size and a central 80 % interval, learned from finished ones.

What is learned is the log of final over present size, at each of twelve ages from five minutes to four days
(:data:`monitor.cascades.lessons.RUNGS_S`), as three linear functions of when the posts came and what hour it is
(:class:`monitor.cascades.lessons.Lesson`): the most likely one, and the 10 % and 90 % quantiles. Between two of these
ages their answers are interpolated. Nothing in it knows how large cascades are, nor how fast: that is the *level*, one
for each kind of source by whose followers it gives, and each drawn to a common one.

"Most likely" is meant literally. Sizes are so skewed that mean, median and mode differ by factors; the size that is
most often nearly right is the mode, and a loss that hardly grows beyond the usual error finds it.

The interval is held to its promise online (adaptive conformal inference [1]_): at each age its ends move a step apart
when a finished cascade lies beyond one, and a ninth of a step back when it does not, until one in ten lies beyond each,
whatever the stream is like. They start as far apart as cascades that were left out differ from those learned from; for
a kind of source that taught little, as streams that were left out whole do.

Learning is by stochastic gradient (river), one small step for each age of each finished cascade, starting from
coefficients shipped with the package. These were fitted to public cascades by ``tests/benchmarks/cascade_prior.py``,
which says to which. What the hour does is fitted in local time, and which hour it is where a stream is at home is
learned from the stream (:class:`monitor.cascades.rhythm.Rhythm`).

Followers, where those of root and resharers are known, come in through the reproduction number that SEISMIC's estimate
gives. How many they are, and who has yet to react (:meth:`monitor.cascades.pulse.Pulse.unexposed`), did not make
forecasts better on cascades that were not learned from.

References
----------
.. [1] I. Gibbs & E. Candès, Adaptive conformal inference under distribution shift, NeurIPS 2021.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from math import exp, log
from operator import mul
from typing import Any, Final, NamedTuple

import msgspec
from river import linear_model, optim
from river.utils import VectorDict

from monitor.cascades.lessons import FEATURES, LESSON_POSTS, RUNGS_S, Known, Lesson, lesson, line
from monitor.cascades.pulse import Growth, Pulse
from monitor.cascades.rhythm import Rhythm

__all__ = ["FINISHED_SILENCE_S", "Forecast", "Forecaster", "Prior", "shipped_prior"]

FINISHED_SILENCE_S: Final = 172_800.0
"""A cascade silent for two days is finished: three in four have more than 94 % of their final size by then."""

FUNCTIONS: Final = ("low", "likely", "high")
WIDER: Final = 1.2  # so many median errors away the loss of the most likely size hardly grows any more
HASTE: Final = 0.02  # of learning that median error: a stream unlike all others makes it wide, and is learned
RATE: Final = 0.002  # of learning: five times as much costs more in noise than a changing stream gains
NEIGHBOUR: Final = 0.5  # weight of a lesson for the ages beside its own
OUTSIDE: Final = 0.1  # share of cascades that become smaller, and larger, than the interval says
STEP: Final = 0.05  # log: how far both ends move for each finished cascade, times what they miss it by
FURTHEST: Final = 7.0  # log: nothing is said to become more than about a thousand times larger


_APART: Final = tuple([log(after / before) for before, after in pairwise(RUNGS_S)])
_STILL: Final = (0.0, 0.0, 0.0)


class Prior(NamedTuple):
    """What a forecaster starts from.

    Attributes
    ----------
    day
        How busy the hours of a day are (:class:`monitor.cascades.rhythm.Rhythm`).
    rungs
        For each rung, in seconds, and each of "low", "likely" and "high" the coefficients of :data:`FEATURES`.
    near
        For each rung the relative error beyond which the loss hardly grows.
    """

    day: tuple[complex, ...]
    rungs: dict[float, dict[str, dict[str, float]]]
    near: dict[float, float]


class Forecast(msgspec.Struct, frozen=True, gc=False):
    """Posts of a cascade in the end, the root included.

    Attributes
    ----------
    final_size
        Most likely; never less than was seen.
    low, high
        Central 80 % interval; it contains `final_size`.
    """

    final_size: float
    low: float
    high: float


class _Likely(optim.losses.RegressionLoss):
    """Loss of a wrong log: ``near^2 (1 - exp(-e^2 / 2 near^2))``, where e is the relative error."""

    def __init__(self, near: float) -> None:
        self.near = near

    def __call__(self, y_true: Any, y_pred: Any) -> Any:
        return self.near**2 * (1.0 - exp(-0.5 * (_relative(y_pred - y_true) / self.near) ** 2))

    def gradient(self, y_true: Any, y_pred: Any) -> Any:
        relative = _relative(y_pred - y_true)
        return relative * (1.0 + relative) * exp(-0.5 * (relative / self.near) ** 2)

    def learn(self, error: float) -> None:
        """Follow the median error of the log, so that half of all errors lie within near."""
        is_wider = WIDER * abs(_relative(error)) > self.near
        self.near *= exp(HASTE if is_wider else -HASTE)

    def mean_func(self, y_pred: Any) -> Any:
        return y_pred


class _Saved(msgspec.Struct, array_like=True):
    evidence: list[float]
    learned: dict[int, tuple[float, list[list[float]]]]  # place of the rung -> near, coefficients of each function
    moved: dict[int, list[float]]  # place of the rung -> what each function was moved by


class Forecaster:
    """Forecasts the size of the cascades of one stream, and learns from those that finish.

    Parameters
    ----------
    prior
        Coefficients to start from; those shipped with the package if left out.
    learns
        Whether finished cascades change anything.

    Examples
    --------
    >>> pulse = Pulse(root_audience=2_000)
    >>> for age_s in range(0, 600, 20):
    ...     pulse.observe(age_s, followers=300)
    >>> forecaster = Forecaster()
    >>> forecast = forecaster.forecast(forecaster.lesson(pulse, 600))
    >>> 31 <= forecast.low <= forecast.final_size <= forecast.high
    True
    """

    def __init__(self, prior: Prior | None = None, *, learns: bool = True) -> None:
        self._prior = shipped_prior() if prior is None else prior
        self._learns = learns
        self._learned: dict[float, dict[str, Any]] = {}
        self._moved: dict[float, list[float]] = {}
        self._lines: dict[tuple[float, Known], list[tuple[float, ...]]] = {}  # what is known by now, ready for use
        self._rhythm = Rhythm(self._prior.day)

    def count(self, at_s: float, cascades: int = 1) -> None:
        """Count reshares of cascades, made within about ten minutes of an instant (seconds since the epoch)."""
        self._rhythm.count(at_s, cascades)

    def lesson(self, pulse: Pulse, age_s: float, at_s: float | None = None, growth: Growth | None = None) -> Lesson:
        """Describe a cascade at an age, to forecast it now and learn from it later (:func:`lesson`)."""
        return lesson(pulse, age_s, at_s, self._rhythm, growth)

    def forecast(self, seen: Lesson) -> Forecast:
        """Return the final size of a cascade as it was seen. Always finite."""
        low = likely = high = 0.0
        for rung, share in _around(seen.age_s):
            at_low, at_likely, at_high = self._at(rung, seen)
            low += share * at_low
            likely += share * at_likely
            high += share * at_high
        posts = seen.posts
        return Forecast(posts * exp(likely), posts * exp(min(low, high, likely)), posts * exp(max(low, high, likely)))

    def learn(self, lessons: Sequence[Lesson], final_size: int) -> None:
        """Learn from a finished cascade.

        Parameters
        ----------
        lessons
            The cascade as it was at some of `RUNGS_S`; those with fewer than `LESSON_POSTS` posts teach nothing.
        final_size
            Its posts in the end, the root included.
        """
        if not self._learns:
            return
        for seen in lessons:
            if seen.posts < LESSON_POSTS:
                continue
            place = RUNGS_S.index(seen.age_s)
            grown = log(max(final_size, seen.posts) / seen.posts)
            for beside in range(max(place - 1, 0), min(place + 2, len(RUNGS_S))):
                features = seen.features(RUNGS_S[beside])
                functions = self._own(RUNGS_S[beside])
                if beside == place:
                    low, likely, high = self._at(seen.age_s, seen)
                    functions["likely"].loss.learn(likely - grown)
                    self._cover(seen.age_s, is_below=grown < low, is_above=grown > high)
                for function in functions.values():
                    function.learn_one(features, grown, w=1.0 if beside == place else NEIGHBOUR)
                self._lines = {at: lines for at, lines in self._lines.items() if at[0] != RUNGS_S[beside]}

    def snapshot(self) -> bytes:
        """Return what was learned, as msgpack: empty if nothing was, else at most 10 kB."""
        if not self._learned and not any(self._rhythm.evidence):
            return b""
        learned = {
            RUNGS_S.index(rung): (
                functions["likely"].loss.near,
                [_listed(functions[what].weights) for what in FUNCTIONS],
            )
            for rung, functions in sorted(self._learned.items())
        }
        moved = {RUNGS_S.index(rung): by for rung, by in sorted(self._moved.items())}
        return msgspec.msgpack.encode(_Saved(self._rhythm.evidence, learned, moved))

    def restore(self, state: bytes) -> None:
        """Take back a state that :meth:`snapshot` returned."""
        self._learned, self._moved, self._lines, self._rhythm = {}, {}, {}, Rhythm(self._prior.day)
        if not state:
            return
        saved = msgspec.msgpack.decode(state, type=_Saved)
        self._rhythm = Rhythm(self._prior.day, saved.evidence)
        self._moved = {RUNGS_S[place]: by for place, by in saved.moved.items()}
        for place, (near, listed) in saved.learned.items():
            self._learned[RUNGS_S[place]] = {
                what: _function(what, dict(zip(FEATURES, values, strict=True)), near)
                for what, values in zip(FUNCTIONS, listed, strict=True)
            }

    def _own(self, rung: float) -> dict[str, Any]:
        """Return the functions of a rung, made from the prior when first learned."""
        if rung not in self._learned:
            self._learned[rung] = {
                what: _function(what, self._prior.rungs[rung][what], self._prior.near[rung]) for what in FUNCTIONS
            }
        return self._learned[rung]

    def _at(self, rung: float, seen: Lesson) -> list[float]:
        """Return the log of final over present size by each of `FUNCTIONS`, as if seen at about the age of a rung."""
        lines = self._lines.get((rung, seen.known))
        if lines is None:
            lines = self._lines[rung, seen.known] = [
                line(self._coefficients(rung, what), seen.known) for what in FUNCTIONS
            ]
        numbers = seen.numbers(rung)
        moved = self._moved.get(rung, _STILL)
        found = [sum(map(mul, one, numbers)) + by for one, by in zip(lines, moved, strict=True)]
        return [0.0 if one < 0.0 else FURTHEST if one > FURTHEST else one for one in found]

    def _cover(self, rung: float, *, is_below: bool, is_above: bool) -> None:
        """Move the ends of the interval of a rung, so that one cascade in ten lies beyond each."""
        moved = self._moved.setdefault(rung, [0.0, 0.0, 0.0])
        moved[0] -= STEP * (is_below - OUTSIDE)
        moved[2] += STEP * (is_above - OUTSIDE)

    def _coefficients(self, rung: float, what: str) -> Mapping[str, float]:
        if rung in self._learned:
            learned: Mapping[str, float] = self._learned[rung][what].weights
            return learned
        return self._prior.rungs[rung][what]


def _around(age_s: float) -> list[tuple[float, float]]:
    """Return the rungs around an age with the share of each, to interpolate between."""
    age = min(max(age_s, RUNGS_S[0]), RUNGS_S[-1])
    later = bisect_left(RUNGS_S, age)
    if RUNGS_S[later] == age:
        return [(age, 1.0)]
    before, after = RUNGS_S[later - 1], RUNGS_S[later]
    share = log(age / before) / _APART[later - 1]
    return [(before, 1.0 - share), (after, share)]


@lru_cache
def shipped_prior() -> Prior:
    """Return the prior shipped with the package."""
    text = resources.files("monitor.cascades").joinpath("forecast_prior.json").read_text("utf-8")
    document = json.loads(text)
    rungs = {
        float(rung): {what: dict(zip(FEATURES, values, strict=True)) for what, values in functions.items()}
        for rung, functions in document["rungs"].items()
    }
    near = {float(rung): value for rung, value in document["near"].items()}
    return Prior(tuple([complex(*wave) for wave in document["day"]]), rungs, near)


def _function(what: str, coefficients: Mapping[str, float], near: float) -> Any:
    losses = {"low": optim.losses.Quantile(OUTSIDE), "high": optim.losses.Quantile(1.0 - OUTSIDE)}
    loss = losses.get(what) or _Likely(near)
    function = linear_model.LinearRegression(optimizer=optim.SGD(RATE), loss=loss, intercept_lr=0.0)
    function._weights = VectorDict(dict(coefficients))  # noqa: SLF001 (river offers no other way)
    return function


def _listed(coefficients: Mapping[str, float]) -> list[float]:
    return [coefficients[name] for name in FEATURES]


def _relative(error: float) -> float:
    return exp(min(error, 3.0)) - 1.0
