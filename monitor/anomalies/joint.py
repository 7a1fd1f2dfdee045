"""Do the measures of this minute go together as they usually do? Half-space trees over all of them.

River's ``StandardScaler | QuantileFilter(HalfSpaceTrees)`` on the symmetric logarithm of every measure. The trees
say how empty the neighbourhood of this minute is among the topic's recent minutes; the quantile filter keeps the
emptiest hundredth out of what is learned; and how empty is too empty is read from the topic's own past half days
(:mod:`monitor.anomalies.episodes`).

The drivers are the measures furthest from their own running mean, in their own standard deviations.

References
----------
.. [1] S. C. Tan, K. M. Ting, T. F. Liu, Fast anomaly detection for streaming data, IJCAI 2011.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, Final

import msgspec
from river import anomaly, preprocessing

from monitor.anomalies import Verdict
from monitor.anomalies.episodes import Episodes, EpisodesState
from monitor.clock import MINUTE_US
from monitor.signals import Signal
from monitor.signals.family import measures
from monitor.stats.block_maxima import ExtremeValues
from monitor.topics import Topic

__all__ = ["Joint", "detector"]

# Small trees: 310 nodes are enough for a dozen measures, and a topic must stay small.
TREES: Final = 10
HEIGHT: Final = 4
WINDOW: Final = 250  # minutes; fits a byte, so that a snapshot holds one byte a node
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
    masses: bytes
    counter: int
    is_first_window: bool
    quantile: bytes


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
        self._features = sorted(["mentions", *(measure.name for measure in measures())])
        self._episodes = Episodes(PRIOR, least_scale=0.05, lightest=-0.3, has_theory=False)
        self._cursor = -1
        self._emptiness = 0.0
        self._usual = 0.0
        self._spread = 0.0
        self._scaler: Any = None  # river ships no types
        self._filter: Any = None

    def score(self, signal: Signal) -> Verdict:
        """Judge a minute before learning it."""
        bucket = signal.start_us // MINUTE_US
        self._pass_silence(bucket)
        self._emptiness = 0.0
        distances: dict[str, float] = {}
        if signal.mentions and self._scaler is not None:
            distances = self._scaler.transform_one(self._vector(signal))
            filled = 1.0 - self._filter.score_one(distances)
            if filled < 1.0:  # 1 while the trees have not seen a whole window
                self._emptiness = -math.log10(max(filled, 1e-9))
        p_value = self._episodes.p_value(self._emptiness) if self._episodes.blocks >= GRACE_BLOCKS else 1.0
        return self._verdict(p_value, distances)

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
        if self._scaler is None:
            self._plant()
        if self._emptiness > 0.0:
            miss = self._emptiness - self._usual
            self._usual += (1.0 - KEEP) * miss
            self._spread += (1.0 - KEEP) * (miss * miss - self._spread)
        vector = self._vector(signal)
        self._scaler.learn_one(vector)
        self._filter.learn_one(self._scaler.transform_one(vector))

    def skip(self, start_us: int, end_us: int) -> None:
        """Account for [start_us, end_us) as unseen: neither score it nor learn it as silence."""
        first = start_us // MINUTE_US
        self._pass_silence(first)
        if self._emptiness > 0.0 and self._cursor == first:
            self._episodes.onset(first, self._emptiness)
        self._cursor = max(self._cursor, -(-end_us // MINUTE_US))

    def snapshot(self) -> bytes:
        """Return the whole state as msgpack."""
        masses, counter, is_first, quantile = b"", 0, True, b""
        counts, means, variances = {}, {}, {}
        if self._scaler is not None:
            trees = self._filter.anomaly_detector
            masses = bytes(mass for node in _nodes(trees) for mass in (node.l_mass, node.r_mass))
            counter, is_first = trees.counter, trees._first_window  # noqa: SLF001 (river offers no other way)
            quantile = self._filter.quantile._quantile.__getstate__()  # noqa: SLF001 (the same)
            counts, means, variances = self._scaler.counts, self._scaler.means, self._scaler.vars
        state = _State(
            self._features,
            self._episodes.state,
            self._cursor,
            self._emptiness,
            self._usual,
            self._spread,
            [counts.get(name, 0) for name in self._features],
            [means.get(name, 0.0) for name in self._features],
            [variances.get(name, 0.0) for name in self._features],
            masses,
            counter,
            is_first,
            quantile,
        )
        return msgspec.msgpack.encode(state)

    def restore(self, state: bytes) -> None:
        """Take back a state that :meth:`snapshot` returned; one of other measures is of no use and is let go."""
        found = msgspec.msgpack.decode(state, type=_State)
        if found.features != self._features:
            return
        self._episodes.restore(found.episodes)
        self._cursor = found.cursor
        self._emptiness, self._usual, self._spread = found.emptiness, found.usual, found.spread
        self._scaler = self._filter = None
        if not found.masses:
            return
        self._plant()
        for place, name in enumerate(self._features):
            if found.counts[place]:
                self._scaler.counts[name] = found.counts[place]
                self._scaler.means[name] = found.means[place]
                self._scaler.vars[name] = found.variances[place]
        trees = self._filter.anomaly_detector
        for place, node in enumerate(_nodes(trees)):
            node.l_mass, node.r_mass = found.masses[2 * place], found.masses[2 * place + 1]
        trees.counter, trees._first_window = found.counter, found.is_first_window  # noqa: SLF001 (as above)
        self._filter.quantile._quantile.__setstate__(found.quantile)  # noqa: SLF001 (as above)
        self._filter.quantile._is_updated = True  # noqa: SLF001 (as above)

    def _plant(self) -> None:
        """Make scaler and trees. River shapes the trees by the first vector it learns, so it gets a complete one."""
        trees: Any = anomaly.HalfSpaceTrees(
            n_trees=TREES,
            height=HEIGHT,
            window_size=WINDOW,
            limits=dict.fromkeys(self._features, LIMITS),
            seed=self._seed,
        )
        trees.learn_one(dict.fromkeys(self._features, 0.0))
        for node in _nodes(trees):
            node.l_mass = 0
        trees.counter = 0
        self._scaler = preprocessing.StandardScaler()
        self._filter = anomaly.QuantileFilter(trees, q=FILTER)

    def _vector(self, signal: Signal) -> dict[str, float]:
        """Return the symmetric logarithm of every measure: counts are heavy-tailed, and tone may be negative."""
        values = {name: math.copysign(math.log1p(abs(x)), x) for name, x in signal.measures.items()}
        values["mentions"] = math.log1p(signal.mentions)
        return values

    def _pass_silence(self, bucket: int) -> None:
        if 0 <= self._cursor < bucket:
            self._episodes.learn(self._cursor, 0.0, bucket - self._cursor)
        self._cursor = max(self._cursor, bucket)

    def _verdict(self, p_value: float, distances: dict[str, float]) -> Verdict:
        ordered = sorted(distances.items(), key=lambda item: (-abs(item[1]), item[0]))
        far = [(name, distance) for name, distance in ordered[:3] if abs(distance) >= FAR]
        side = 1.96 * math.sqrt(self._spread)
        tail = self._episodes.fitted
        factors = {f"{name}_deviations": distance for name, distance in far}
        factors |= {"tail_location": tail.location, "tail_scale": tail.scale, "tail_shape": tail.shape}
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


def _nodes(trees: Any) -> list[Any]:
    return [node for tree in trees.trees for node in tree.iter_dfs()]


def detector(_topic: Topic) -> Joint:
    """Return a fresh detector for a topic."""
    return Joint()
