"""The negative binomial: counts that scatter more than chance alone would make them.

Parametrised by its mean ``m`` and its scatter ``a`` (often written 1/k): the variance is ``m + a m**2`` and ``a = 0``
is the Poisson distribution. Tails are computed as logarithms, so that an event of chance 1e-300 is still told apart
from one of 1e-200.

References
----------
.. [1] DLMF 8.17 (incomplete beta) and 8.9 (incomplete gamma); Numerical Recipes, 3rd ed., sections 6.2 and 6.4.
.. [2] J. M. Hilbe, Negative Binomial Regression, 2nd ed., section 8.2 (the NB2 parametrisation).
"""

from __future__ import annotations

import math
from typing import Final

__all__ = ["interval", "log_likelihood_ratio", "log_mass", "log_tail", "quantile"]

# Below this scatter the Poisson distribution differs by less than a millionth of the variance for any mean < 1.
POISSON_BELOW: Final = 1e-6
TINY: Final = 1e-300
PRECISION: Final = 1e-13


def log_mass(count: float, mean: float, scatter: float) -> float:
    """Return the logarithm of the chance of exactly `count`.

    Examples
    --------
    >>> round(math.exp(log_mass(2, 3.0, 0.5)), 6)
    0.1728
    """
    if mean <= 0.0:
        return 0.0 if count == 0 else -math.inf
    if scatter < POISSON_BELOW:
        return count * math.log(mean) - mean - math.lgamma(count + 1.0)
    size = 1.0 / scatter
    ways = math.lgamma(count + size) - math.lgamma(size) - math.lgamma(count + 1.0)
    return ways + count * math.log(scatter * mean / (1.0 + scatter * mean)) - size * math.log1p(scatter * mean)


def log_tail(count: float, mean: float, scatter: float) -> float:
    """Return the logarithm of the chance of `count` or more; exact far into the tail.

    `count` need not be whole: between whole numbers the tail is interpolated by the incomplete beta function.

    Examples
    --------
    >>> log_tail(0, 3.0, 0.5)
    0.0
    >>> round(math.exp(log_tail(2, 3.0, 0.5)), 6)
    0.648
    >>> round(log_tail(1000, 3.0, 0.5) / math.log(10))
    -219
    """
    if count <= 0.0:
        return 0.0
    if mean <= 0.0:
        return -math.inf
    if scatter < POISSON_BELOW:
        return _log_gamma_lower(count, mean)
    size = 1.0 / scatter
    odds = scatter * mean
    return _log_beta_regularised(odds / (1.0 + odds), 1.0 / (1.0 + odds), count, size)


def quantile(chance: float, mean: float, scatter: float) -> int:
    """Return the smallest whole number that is reached or undercut with at least `chance`.

    Examples
    --------
    >>> quantile(0.5, 3.0, 0.5), quantile(0.975, 100.0, 0.0)
    (2, 120)
    """
    if mean <= 0.0:
        return 0
    log_rest = math.log1p(-chance)
    low = -1
    high = max(1, math.ceil(mean + 3.0 * math.sqrt(mean + scatter * mean * mean)))
    while log_tail(high + 1, mean, scatter) > log_rest:
        low, high = high, 2 * high + 1
    while high - low > 1:
        middle = (low + high) // 2
        # The chance of at most `middle` is the complement of the tail that begins one above it.
        if log_tail(middle + 1, mean, scatter) > log_rest:
            low = middle
        else:
            high = middle
    return high


def interval(mean: float, scatter: float, coverage: float = 0.95) -> tuple[float, float]:
    """Return the central interval that holds at least `coverage` of the distribution, from one count to another.

    Examples
    --------
    >>> interval(10.0, 0.0)
    (4.0, 17.0)
    """
    side = (1.0 - coverage) / 2.0
    return float(quantile(side, mean, scatter)), float(quantile(1.0 - side, mean, scatter))


def log_likelihood_ratio(count: float, mean: float, scatter: float, ratio: float) -> float:
    """Return how much better `count` fits a mean `ratio` times as large, in nats.

    ``y ln r - (y + k) ln((r m + k) / (m + k))`` with ``k = 1 / scatter``; for scatter 0, ``y ln r - (r - 1) m``.
    Its exponential has expectation 1 as long as the mean has not changed (Wald).

    Examples
    --------
    >>> log_likelihood_ratio(0, 4.0, 0.0, 2.0)
    -4.0
    """
    gain = count * math.log(ratio)
    if scatter < POISSON_BELOW:
        return gain - (ratio - 1.0) * mean
    size = 1.0 / scatter
    # log1p keeps the small mean of an empty minute exact.
    return gain - (count + size) * math.log1p((ratio - 1.0) * mean / (mean + size))


def _log_beta_regularised(x: float, complement: float, a: float, b: float) -> float:
    """Return ln I_x(a, b), where `complement` is 1 - x."""
    front = a * math.log(x) + b * math.log(complement) + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    if x < (a + 1.0) / (a + b + 2.0):
        return min(0.0, front - math.log(a) + math.log(_beta_fraction(x, a, b)))
    rest = math.exp(min(0.0, front - math.log(b) + math.log(_beta_fraction(complement, b, a))))
    return math.log1p(-min(rest, 1.0 - 1e-16))


def _beta_fraction(x: float, a: float, b: float) -> float:
    """Evaluate the continued fraction of I_x(a, b) by Lentz's method (DLMF 8.17.22).

    For x below (a + 1) / (a + b + 2), the only place it is used, no partial denominator vanishes.
    """
    c = 1.0
    d = 1.0 / (1.0 - (a + b) * x / (a + 1.0))
    value = d
    m = 0.0
    while m < 2000.0:
        m += 1.0
        at = a + 2.0 * m
        step = m * (b - m) * x / ((at - 1.0) * at)
        d = 1.0 / (1.0 + step * d)
        c = 1.0 + step / c
        value *= d * c
        step = -(a + m) * (a + b + m) * x / (at * (at + 1.0))
        d = 1.0 / (1.0 + step * d)
        c = 1.0 + step / c
        change = d * c
        value *= change
        if -PRECISION < change - 1.0 < PRECISION:
            break
    return value


def _log_gamma_lower(a: float, x: float) -> float:
    """Return ln P(a, x), the chance that a Poisson count of mean `x` is `a` or more."""
    front = a * math.log(x) - x - math.lgamma(a)
    if x < a + 1.0:
        term = total = 1.0 / a
        place = a
        while term > total * PRECISION:
            place += 1.0
            term *= x / place
            total += term
        return min(0.0, front + math.log(total))
    rest = math.exp(min(0.0, front + math.log(_gamma_fraction(a, x))))
    return math.log1p(-min(rest, 1.0 - 1e-16))


def _gamma_fraction(a: float, x: float) -> float:
    """Evaluate the continued fraction of Q(a, x) by Lentz's method (DLMF 8.9.2)."""
    b = x + 1.0 - a
    c = 1.0 / TINY
    d = 1.0 / _away_from_zero(b)
    value = d
    for i in range(1, 2000):
        step = -i * (i - a)
        b += 2.0
        d = 1.0 / _away_from_zero(step * d + b)
        c = _away_from_zero(b + step / c)
        value *= d * c
        if abs(d * c - 1.0) < PRECISION:
            break
    return value


def _away_from_zero(value: float) -> float:
    return value if abs(value) > TINY else TINY
