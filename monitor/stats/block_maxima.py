"""How often something at least this extreme happens, learned from the largest value of each past block of time.

The block maxima of almost any process settle on a generalised extreme value distribution (Fisher-Tippett-Gnedenko).
We keep the last few dozen of them and fit it by L-moments, which are linear in the ordered values: hardly disturbed
by one outlier, and closed-form. Taking one value per block also unclusters: ten extreme minutes of one afternoon are
one event, not ten.

References
----------
.. [1] J. R. M. Hosking, L-moments, J. R. Stat. Soc. B 52 (1990) 105-124; equations for the GEV on p. 114.
.. [2] J. R. M. Hosking, J. R. Wallis, E. F. Wood, Technometrics 27 (1985) 251-261: the approximation of the shape.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import msgspec

__all__ = ["ExtremeValues", "fit", "l_moments"]

EULER: Final = 0.5772156649015329
HEAVIEST: Final = 0.35  # beyond it the sample cannot support the estimate


class ExtremeValues(msgspec.Struct, frozen=True, array_like=True):
    """A generalised extreme value distribution of block maxima; `shape` > 0 has a heavy upper tail."""

    location: float
    scale: float
    shape: float

    def rate(self, value: float) -> float:
        """Return how many separate events of at least `value` one block holds on average.

        Examples
        --------
        >>> ExtremeValues(2.0, 1.0, 0.0).rate(2.0)
        1.0
        """
        reduced = (value - self.location) / self.scale
        if abs(self.shape) < 1e-6:
            return math.exp(min(700.0, -reduced))
        room = 1.0 + self.shape * reduced
        if room <= 0.0:  # below everything possible, or above it
            return math.inf if self.shape > 0.0 else 0.0
        return math.exp(min(700.0, -math.log(room) / self.shape))

    def over(self, blocks: float) -> ExtremeValues:
        """Return the distribution of the largest of so many blocks, positive: of the same family, and the same shape.

        Examples
        --------
        >>> day = ExtremeValues(2.0, 1.0, 0.1).over(24)
        >>> round(day.rate(5.0) / ExtremeValues(2.0, 1.0, 0.1).rate(5.0), 9)
        24.0
        """
        grown = blocks**self.shape
        if abs(self.shape) < 1e-6:
            return ExtremeValues(self.location + self.scale * math.log(blocks), self.scale, self.shape)
        return ExtremeValues(self.location + self.scale * (grown - 1.0) / self.shape, self.scale * grown, self.shape)

    def level(self, rate: float) -> float:
        """Return the value that is reached `rate` times a block; the inverse of :meth:`rate`.

        Examples
        --------
        >>> gentle = ExtremeValues(2.0, 1.0, 0.1)
        >>> gentle.level(gentle.rate(7.5))
        7.5
        """
        if abs(self.shape) < 1e-6:
            return self.location - self.scale * math.log(rate)
        return self.location + self.scale * math.expm1(-self.shape * math.log(rate)) / self.shape


def l_moments(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the first two sample L-moments and the L-skewness (0 for fewer than three values, or equal ones).

    Examples
    --------
    >>> l_moments([1.0, 2.0, 3.0, 4.0])
    (2.5, 0.8333, 0.0)
    """
    n = len(values)
    if n == 0:
        return 0.0, 0.0, 0.0
    ordered = sorted(values)
    mean = sum(ordered) / n
    if n == 1:
        return mean, 0.0, 0.0
    first = sum(i * x for i, x in enumerate(ordered)) / (n * (n - 1))
    second = 2.0 * first - mean
    if n == 2 or second <= 1e-12:
        return mean, max(0.0, second), 0.0
    pairs = sum(i * (i - 1) * x for i, x in enumerate(ordered)) / (n * (n - 1) * (n - 2))
    return mean, second, (6.0 * pairs - 6.0 * first + mean) / second


def fit(values: Sequence[float], prior: ExtremeValues, weight: float, lightest: float = 0.0) -> ExtremeValues:
    """Fit block maxima, pooled with a prior that counts as much as `weight` blocks.

    Location and scale are pooled through the L-moments, which add up; the shape is kept within
    [`lightest`, 0.35]. A negative shape has an upper end that nothing exceeds.

    Examples
    --------
    >>> fit([], ExtremeValues(2.0, 0.5, 0.1), 10.0)
    ExtremeValues(location=2.0, scale=0.5, shape=0.1)
    """
    n = len(values)
    prior_mean, prior_second = _moments_of(prior)
    mean, second, skewness = l_moments(values)
    share = n / (n + weight)
    # A sample L-skewness needs about thirty values to mean anything.
    shape_share = n / (n + 3.0 * weight)
    shape = shape_share * min(HEAVIEST, max(lightest, _shape_of(skewness))) + (1.0 - shape_share) * prior.shape
    # A forecast from n values has a heavier tail than the law they came from: the exponential law, for one, becomes
    # a Pareto law of shape 1 / n (Geisser, Predictive Inference, 1993, section 3.2).
    shape = min(HEAVIEST, shape + 1.0 / (n + weight)) if n + weight > 0.0 else shape
    mean = share * mean + (1.0 - share) * prior_mean
    second = share * second + (1.0 - share) * prior_second
    unit_mean, unit_second = _moments_of(ExtremeValues(0.0, 1.0, shape))
    scale = second / unit_second
    return ExtremeValues(mean - scale * unit_mean, scale, shape)


def _moments_of(distribution: ExtremeValues) -> tuple[float, float]:
    """Return the first two L-moments of a distribution."""
    shape = distribution.shape
    if abs(shape) < 1e-6:
        return distribution.location + EULER * distribution.scale, math.log(2.0) * distribution.scale
    gamma = math.gamma(1.0 - shape)
    mean = distribution.location + distribution.scale * (gamma - 1.0) / shape
    return mean, distribution.scale * gamma * (2.0**shape - 1.0) / shape


def _shape_of(skewness: float) -> float:
    """Return the shape that has this L-skewness (Hosking, Wallis and Wood 1985; error below 9e-4)."""
    c = 2.0 / (3.0 + min(0.9, max(-0.9, skewness))) - math.log(2.0) / math.log(3.0)
    return -(7.8590 * c + 2.9554 * c * c)
