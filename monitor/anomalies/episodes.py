"""From a nominal tail to an honest one: how often *this* topic has looked at least this extreme.

A test's own arithmetic says "a chance of 10^-x". Real counts are rougher than any formula, so the largest x of each
past half day is kept, and the rate at which x is reached is read from those (:mod:`monitor.stats.block_maxima`).
History makes us more careful than theory, and bolder only where theory is known to be cautious: a statistic that looks
back over minutes stands above a level far longer than it takes to get there, so that episodes *begin* much more rarely
than a minute looks so. By how much depends on the topic; it must have shown it (`earned`).

What nobody learned from because an incident was open counts once, by its most extreme minute, in the half day in which
it began: were our own alarms left out of the record, the record would say that nothing alarming ever happens, and we
would alarm ever more; did they count by their first minute, the hundredth burst of its kind would be as rare as the
first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import msgspec

from monitor.anomalies.pooled import Pool
from monitor.clock import HOUR_US, MINUTE_US
from monitor.stats.block_maxima import ExtremeValues, fit

__all__ = ["THEORY_SCALE", "Blocks", "Episodes", "EpisodesState", "chance", "of_tail", "recomputed"]

BLOCK_US: Final = 12 * HOUR_US
BLOCK_MINUTES: Final = BLOCK_US // MINUTE_US
BLOCKS: Final = 84  # six weeks of half days
PRIOR_BLOCKS: Final = 12.0  # what is assumed of an unknown topic counts as much as six days of its own
# A wild half day must not make us deaf: beyond once a year it counts as once a year.
CEILING: Final = 1.0 / 730.0
# Theory: the chance of -log10(p) >= x falls tenfold when x grows by one.
THEORY_SCALE: Final = math.log10(math.e)


class Blocks(NamedTuple):
    """Spans of time of which the largest x is kept.

    Attributes
    ----------
    length_us
        Half a day holds a whole number of them.
    prior
        As how many the prior counts.
    """

    length_us: int
    prior: float


HALF_DAYS: Final = Blocks(BLOCK_US, PRIOR_BLOCKS)


class EpisodesState(msgspec.Struct, array_like=True):
    """The largest x of each past block (half a day, if nothing else was said), oldest first, and the one now open."""

    maxima: list[float] = []
    open_block: int = -1
    open_maximum: float = 0.0
    open_learned: int = 0
    has_onset: bool = False
    in_episode: bool = False
    volume: float = 0.0  # what was said a day when the half day began


class Episodes:
    """Calibrates one statistic of one topic.

    Parameters
    ----------
    prior
        Distribution of a half day's largest x on a topic of which nothing is known yet.
    bucket_us
        Length of a bucket.
    least_scale
        The scale of the fitted distribution is never taken to be smaller.
    lightest
        Nor its shape; below zero it has an upper end.
    has_theory
        Whether x is a nominal -log10(p), so that 10^-x bounds the answer from below.
    earned
        By how many decades history may find theory too cautious, once there is a lot of it: with n half days
        ``n / (n + 12)`` of that, which is what they weigh beside the prior. A young topic earns nothing.
    pool
        Where the prior depends on how much is said: the laws, and what tells how much was said a day until an instant.
    kept
        The blocks whose largest x is kept. Whatever they are, the prior and all answers are about half days.
    """

    def __init__(
        self,
        prior: ExtremeValues,
        bucket_us: int = MINUTE_US,
        *,
        least_scale: float = THEORY_SCALE,
        lightest: float = 0.0,
        has_theory: bool = True,
        earned: float = 0.0,
        pool: tuple[Pool, Callable[[int], float]] | None = None,
        kept: Blocks = HALF_DAYS,
    ) -> None:
        self.state = EpisodesState()
        self._prior = prior
        self._block_us, self._prior_blocks = kept
        self._bucket_us = bucket_us
        self._least_scale = least_scale
        self._lightest = lightest
        self._has_theory = has_theory
        self._earned = earned
        self._pool = pool
        self._fitted: ExtremeValues | None = None

    @property
    def fitted(self) -> ExtremeValues:
        """Distribution of a half day's largest x, prior and history pooled."""
        if self._fitted is None:
            prior = self._prior
            if self._pool is not None and self.state.volume > 0.0:
                prior = self._pool[0].law(self.state.volume)
            blocks = BLOCK_US / self._block_us
            found = fit(self.state.maxima, prior.over(1.0 / blocks), self._prior_blocks, self._lightest).over(blocks)
            self._fitted = ExtremeValues(found.location, max(found.scale, self._least_scale), found.shape)
        return self._fitted

    @property
    def blocks(self) -> int:
        """How many blocks of its own the answer rests on."""
        return len(self.state.maxima)

    @property
    def trust(self) -> float:
        """By how many decades history is believed against theory; not negative."""
        return self._earned * self.blocks / (self.blocks + self._prior_blocks)

    @property
    def factors(self) -> dict[str, float]:
        """What :func:`recomputed` needs beside the statistic."""
        half_days = {} if self._has_theory else {"half_days": float(self.blocks)}
        trust = {"trust": self.trust} if self._earned else {}
        return {**of_tail(self.fitted), **half_days, **trust}

    def p_value(self, nominal: float) -> float:
        """Return the chance a minute that an episode at least as extreme as `nominal` begins, in (0, 1]."""
        return chance(self.fitted, nominal, None if self._has_theory else self.blocks, self.trust)

    def nominal(self, p_value: float) -> float:
        """Return the nominal x that has this p-value; the inverse of :meth:`p_value` where theory bounds it."""
        return max(self.fitted.level(p_value * BLOCK_MINUTES), -math.log10(p_value) - self.trust)

    def learn(self, bucket: int, nominal: float, buckets: int = 1) -> None:
        """Take `buckets` buckets from `bucket` on into the history; the largest x among them was `nominal`."""
        state = self.state
        state.in_episode = False
        while buckets > 0:
            block = bucket * self._bucket_us // self._block_us
            self._open(block)
            end = -(-(block + 1) * self._block_us // self._bucket_us)
            here = max(1, min(buckets, end - bucket))
            state.open_learned += here
            state.open_maximum = max(state.open_maximum, nominal)
            bucket += here
            buckets -= here

    def onset(self, bucket: int, nominal: float) -> None:
        """Take a bucket that is *not* to be learned; a run of them counts once, by the most extreme."""
        state = self.state
        if not state.in_episode:
            self._open(bucket * self._bucket_us // self._block_us)
            state.in_episode = state.has_onset = True
        state.open_maximum = max(state.open_maximum, nominal)

    def restore(self, state: EpisodesState) -> None:
        """Take back the state of another with the same settings."""
        self.state = state
        self._fitted = None

    def _open(self, block: int) -> None:
        """Begin a block; keep the one before, unless most of it was neither seen nor the begin of an episode."""
        state = self.state
        if block == state.open_block:
            return
        if state.has_onset or state.open_learned * self._bucket_us * 2 >= self._block_us:
            most = state.open_maximum
            state.maxima.append(min(most, self.fitted.level(CEILING)) if most > 0.0 else 0.0)
            del state.maxima[:-BLOCKS]
            self._fitted = None
        if self._pool is not None:
            state.volume = self._pool[1](block * self._block_us)
            self._fitted = None
        state.open_block = block
        state.open_maximum = 0.0
        state.open_learned = 0
        state.has_onset = False


def of_tail(tail: ExtremeValues) -> dict[str, float]:
    """Return the factors of a verdict that say how large its statistic gets in half a day."""
    return {"tail_location": tail.location, "tail_scale": tail.scale, "tail_shape": tail.shape}


def recomputed(statistic: float, factors: Mapping[str, float]) -> float:
    """Return the p-value of a statistic, from nothing but the factors of a verdict.

    Parameters
    ----------
    statistic
        What was calibrated.
    factors
        ``tail_location``, ``tail_scale`` and ``tail_shape`` say how large it gets in half a day; ``half_days``, where
        there is no theory, from how many that is known; ``trust`` how far history is believed against theory. With
        ``is_early`` nothing could be said yet.
    """
    if "is_early" in factors:
        return 1.0
    tail = ExtremeValues(factors["tail_location"], factors["tail_scale"], factors["tail_shape"])
    half_days = factors.get("half_days")
    return chance(tail, statistic, None if half_days is None else int(half_days), factors.get("trust", 0.0))


def chance(tail: ExtremeValues, nominal: float, half_days: int | None = None, trust: float = 0.0) -> float:
    """Return the chance a minute that an episode at least as extreme as `nominal` begins.

    Parameters
    ----------
    tail
        Distribution of a half day's largest.
    half_days
        From how many that is known, where `nominal` is no -log10(p) that bounds the answer from below.
    trust
        How many decades below that bound the answer may lie.
    """
    if nominal <= 0.0:
        return 1.0
    least = math.pow(10.0, -min(nominal + trust, 300.0))
    if half_days is not None:
        # Without theory to lean on, n half days cannot tell more than "ten times rarer than anything seen".
        least = 0.1 / BLOCK_MINUTES / (half_days + 1)
    return min(1.0, max(tail.rate(nominal) / BLOCK_MINUTES, least))
