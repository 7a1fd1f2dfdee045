"""Do the measures of this minute go together as they usually do? Half-space trees over all of them.

The symmetric logarithm of every measure, in its own standard deviations, falls through the trees of
:mod:`monitor.stats.half_spaces`. They say how empty the neighbourhood of this minute is among the topic's recent
minutes; the emptiest hundredth (a quantile followed by river) is kept out of what is learned; and how empty is too
empty is read from the topic's own past half days (:mod:`monitor.anomalies.episodes`).

The drivers are the measures furthest from their own running mean, in their own standard deviations.

References
----------
.. [1] S. C. Tan, K. M. Ting, T. F. Liu, Fast anomaly detection for streaming data, IJCAI 2011.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any, ClassVar, Final, NamedTuple

import msgspec
from river import stats

from monitor.anomalies import Verdict
from monitor.anomalies.episodes import Episodes, EpisodesState, recomputed
from monitor.clock import MINUTE_US
from monitor.signals import Signal
from monitor.signals.family import measures
from monitor.stats.block_maxima import ExtremeValues
from monitor.stats.half_spaces import HalfSpaces, Shape, grown
from monitor.topics import Topic

__all__ = ["Joint", "detector"]

# Small trees: 310 nodes are enough for a dozen measures, and a topic must stay small.
# Parts of other measures: they would weigh twice.
REDUNDANT: Final = frozenset({"complaints_share", "cool_answers_share"})
TREES: Final = 10
HEIGHT: Final = 4
LIMITS: Final = (-3.0, 3.0)  # standard deviations between which the trees split
FILTER: Final = 0.99
GRACE_BLOCKS: Final = 14  # a week of half days
# Emptiness lies between 0 and log10(31); half a day's largest is typically two thirds of that.
PRIOR: Final = ExtremeValues(0.9, 0.12, -0.1)
FAR: Final = 1.0
KEEP: Final = 0.999


class _State(msgspec.Struct, array_like=True):
    features: list[str]
    episodes: EpisodesState
    cursor: int
    emptiness: float
    usual: float
    spread: float
    counts: list[int]
    means: list[float]
    variances: list[float]
    before: bytes
    now: bytes
    counter: int
    is_first_window: bool
    quantile: bytes


class _Looked(NamedTuple):
    """One minute as the trees saw it."""

    bucket: int
    measured: list[float | None]
    scaled: list[float | None]
    passed: list[int]
    full: float


@cache
def _features() -> tuple[str, ...]:
    return tuple(sorted({"mentions", *(measure.name for measure in measures())} - REDUNDANT))


class Joint:
    """Half-space trees over the joint vector of signal measures.

    Parameters
    ----------
    seed
        Shapes the trees.
    """

    name: ClassVar[str] = "joint"
    judges_silence: ClassVar[bool] = False

    def __init__(self, seed: int = 1) -> None:
        self._seed = seed
        self._episodes = Episodes(PRIOR, least_scale=0.05, lightest=-0.3, has_theory=False)
        self._cursor = -1
        self._emptiness = 0.0
        self._usual = 0.0
        self._spread = 0.0
        self._counts: list[int] = []  # of each measure, with its running mean and variance; nothing before it is needed
        self._means: list[float] = []
        self._variances: list[float] = []
        self._trees: HalfSpaces | None = None
        self._quantile: Any = None  # river ships no types
        self._looked: _Looked | None = None

    def score(self, signal: Signal) -> Verdict:
        """Judge a minute before learning it."""
        bucket = signal.start_us // MINUTE_US
        self._pass_silence(bucket)
        self._emptiness = 0.0
        scaled: Sequence[float | None] = ()
        self._looked = None
        if signal.mentions and self._trees is not None:
            looked = self._look(self._trees, bucket, signal)
            scaled = looked.scaled
            if looked.full < 1.0:  # 1 while the trees have not seen a whole window
                self._emptiness = -math.log10(max(looked.full, 1e-9))
        p_value = self._episodes.p_value(self._emptiness) if self._episodes.blocks >= GRACE_BLOCKS else 1.0
        return self._verdict(p_value, scaled)

    def recompute(self, verdict: Verdict) -> float:
        """Return the p-value of a verdict from its factors."""
        return recomputed(verdict.observed, verdict.factors)

    def supposing(self, verdict: Verdict, count: int) -> Verdict | None:
        """Return nothing: emptiness is no count."""
        return None

    def learn(self, signal: Signal) -> None:
        """Take the minute just scored into what is normal."""
        bucket = signal.start_us // MINUTE_US
        self._pass_silence(bucket)
        if bucket < self._cursor:
            return
        self._cursor = bucket + 1
        self._episodes.learn(bucket, self._emptiness)
        if not signal.mentions:
            return
        trees = self._trees or self._plant()
        if self._emptiness > 0.0:
            miss = self._emptiness - self._usual
            self._usual += (1.0 - KEEP) * miss
            self._spread += (1.0 - KEEP) * (miss * miss - self._spread)
        self._learn_point(trees, self._look(trees, bucket, signal))
        self._looked = None

    def _learn_point(self, trees: HalfSpaces, looked: _Looked) -> None:
        """Count the point in the trees as it was judged, unless it is among the emptiest; then follow the measures."""
        if 1.0 - looked.full < (self._quantile.get() or math.inf):
            trees.learn(looked.passed)
        self._quantile.update(1.0 - looked.full)
        counts, means, variances = self._counts, self._means, self._variances
        for place, value in enumerate(looked.measured):
            if value is not None:
                counts[place] += 1
                miss = value - means[place]
                means[place] += miss / counts[place]
                variances[place] += (miss * (value - means[place]) - variances[place]) / counts[place]

    def skip(self, start_us: int, end_us: int) -> None:
        """Account for [start_us, end_us) as unseen: neither score it nor learn it as silence."""
        first = start_us // MINUTE_US
        self._pass_silence(first)
        if self._emptiness > 0.0 and self._cursor == first:
            self._episodes.onset(first, self._emptiness)
        self._cursor = max(self._cursor, -(-end_us // MINUTE_US))

    def snapshot(self) -> bytes:
        """Return the whole state as msgpack."""
        trees = self._trees
        state = _State(
            list(_features()),
            self._episodes.state,
            self._cursor,
            self._emptiness,
            self._usual,
            self._spread,
            self._counts,
            self._means,
            self._variances,
            bytes(trees.before) if trees is not None else b"",
            bytes(trees.now) if trees is not None else b"",
            trees.count if trees is not None else 0,
            trees is None or trees.is_first,
            self._quantile._quantile.__getstate__() if trees is not None else b"",  # noqa: SLF001 (the only way)
        )
        return msgspec.msgpack.encode(state)

    def restore(self, state: bytes) -> None:
        """Take back a state that :meth:`snapshot` returned; one of other measures is of no use and is let go."""
        found = msgspec.msgpack.decode(state, type=_State)
        if found.features != list(_features()):
            return
        self._episodes.restore(found.episodes)
        self._cursor = found.cursor
        self._emptiness, self._usual, self._spread = found.emptiness, found.usual, found.spread
        self._counts, self._means, self._variances = found.counts, found.means, found.variances
        self._trees = self._quantile = self._looked = None
        if not found.before:
            return
        trees = self._trees = HalfSpaces(self._shape())
        trees.before, trees.now = bytearray(found.before), bytearray(found.now)
        trees.count, trees.is_first = found.counter, found.is_first_window
        self._quantile = stats.Quantile(q=FILTER)
        self._quantile._quantile.__setstate__(found.quantile)  # noqa: SLF001 (the only way)
        self._quantile._is_updated = True  # noqa: SLF001 (the same)

    def _shape(self) -> Shape:
        return grown(_features(), TREES, HEIGHT, LIMITS, self._seed)

    def _plant(self) -> HalfSpaces:
        size = len(_features())
        self._trees = HalfSpaces(self._shape())
        self._quantile = stats.Quantile(q=FILTER)
        self._counts, self._means, self._variances = [0] * size, [0.0] * size, [0.0] * size
        return self._trees

    def _look(self, trees: HalfSpaces, bucket: int, signal: Signal) -> _Looked:
        """Measure a minute, unless that was just done."""
        if self._looked is None or self._looked.bucket != bucket:
            logarithms, scaled = self._scaled(signal)
            passed = trees.passed(scaled)
            self._looked = _Looked(bucket, logarithms, scaled, passed, trees.fullness(passed))
        return self._looked

    def _scaled(self, signal: Signal) -> tuple[list[float | None], list[float | None]]:
        """Return the measures' logarithms, and those in standard deviations from their mean; ``None`` for none.

        Counts are heavy-tailed, and tone may be negative: the symmetric logarithm is taken.
        """
        measured = signal.measures
        logarithms: list[float | None] = []
        scaled: list[float | None] = []
        for place, name in enumerate(_features()):
            value = measured.get(name) if name != "mentions" else float(signal.mentions)
            if value is None:
                logarithms.append(None)
                scaled.append(None)
                continue
            value = math.log1p(value) if value >= 0.0 else -math.log1p(-value)
            logarithms.append(value)
            variance = self._variances[place]
            scaled.append((value - self._means[place]) / math.sqrt(variance) if variance > 0.0 else 0.0)
        return logarithms, scaled

    def _pass_silence(self, bucket: int) -> None:
        if 0 <= self._cursor < bucket:
            self._episodes.learn(self._cursor, 0.0, bucket - self._cursor)
        self._cursor = max(self._cursor, bucket)

    def _verdict(self, p_value: float, scaled: Sequence[float | None]) -> Verdict:
        distances = {name: value for name, value in zip(_features(), scaled, strict=False) if value is not None}
        ordered = sorted(distances.items(), key=lambda item: (-abs(item[1]), item[0]))
        far = [(name, distance) for name, distance in ordered[:3] if abs(distance) >= FAR]
        side = 1.96 * math.sqrt(self._spread)
        factors = {f"{name}_deviations": distance for name, distance in far}
        factors |= self._episodes.factors
        if self._episodes.blocks < GRACE_BLOCKS:
            factors["is_early"] = 1.0
        return Verdict(
            detector=self.name,
            p_value=p_value,
            observed=self._emptiness,
            expected=self._usual,
            lower=max(0.0, self._usual - side),
            upper=self._usual + side,
            unit="decades of emptiness",
            factors=factors,
            drivers=tuple(name for name, _ in far),
        )


def detector(_topic: Topic) -> Joint:
    """Return a fresh detector for a topic."""
    return Joint()
