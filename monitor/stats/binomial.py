"""Counts of successes whose probability is itself uncertain."""

from __future__ import annotations

from math import exp, lgamma
from typing import Final

__all__ = ["beta_binomial_upper_tail"]

LARGEST_SAMPLE: Final = 500
"""Beyond this many trials the binomial noise is small beside the uncertainty of the share; the sample is scaled."""


def beta_binomial_upper_tail(count: int, trials: int, alpha: float, beta: float) -> float:
    """Return the chance of at least `count` successes in `trials`, the success share being Beta(alpha, beta).

    Parameters
    ----------
    count, trials
        ``0 <= count <= trials``.
    alpha, beta
        Positive parameters of the share's distribution; its mean is ``alpha / (alpha + beta)``.

    Returns
    -------
    float
        In (0, 1]; 1 when `count` is 0.

    Notes
    -----
    Samples above 500 trials are scaled down to 500, which errs on the side of a larger tail. Cost: at most 500 steps.

    Examples
    --------
    A share known to be uniform makes every count equally likely:

    >>> beta_binomial_upper_tail(8, 9, 1.0, 1.0)
    0.2

    References
    ----------
    .. [1] Johnson, Kemp and Kotz, *Univariate Discrete Distributions*, 3rd ed., section 6.2.2.
    """
    if count <= 0:
        return 1.0
    if trials > LARGEST_SAMPLE:
        count = count * LARGEST_SAMPLE // trials
        trials = LARGEST_SAMPLE
        if count == 0:
            return 1.0
    failures = trials - count
    log_mass = (
        lgamma(trials + 1) - lgamma(count + 1) - lgamma(failures + 1)
        + lgamma(count + alpha) + lgamma(failures + beta) - lgamma(trials + alpha + beta)
        + lgamma(alpha + beta) - lgamma(alpha) - lgamma(beta)
    )  # fmt: skip
    mass = exp(log_mass)
    tail = mass
    for successes in range(count, trials):
        mass *= (trials - successes) / (successes + 1) * (successes + alpha) / (trials - successes - 1 + beta)
        tail += mass
    return min(1.0, max(tail, 1e-300))
