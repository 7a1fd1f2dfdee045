"""Real or made? The evidence, each piece as the log of a likelihood ratio: made over real, in nats.

Every piece compares two ways in which the same numbers may have come about: by people as they usually are on this topic
(a Beta distribution around what is usual there), or by accounts somebody made or steers. Pieces are added;
none is a threshold. Where accounts can be steered without showing in a piece, the made side is a mixture with the
usual one, so that finding nothing speaks against by at most the log of that share.

What steered accounts look like comes from the literature: nobody follows them, they were opened together, they act in
step, and few hands write much. How strongly each is believed is written here and was not fitted.

References
----------
.. [1] D. Pacheco et al., Uncovering coordinated networks on social media, ICWSM 2021 (co-reshare, shared texts).
.. [2] K.-C. Yang, P.-M. Hui, F. Menczer, Bot Electioneering Volume, WWW companion 2019 (young accounts, repeats).
.. [3] R. E. Kass, A. E. Raftery, Bayes factors, J. Am. Stat. Assoc. 90 (1995) 773-795.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import exp, lgamma, log, log1p
from typing import Final

__all__ = ["opened_together", "rhythm", "share"]

MADE: Final = (2.0, 1.0)
"""Beta distribution of a telling share among steered accounts: two thirds, and very uncertain."""

UNSEEN: Final = 0.2
"""One time in five, steered accounts do not show in a given piece: then they look as usual."""

ANY: Final = (1.0, 1.0)
FEW: Final = 2.0
SPREAD: Final = 100.0
"""Opening dates: the share of one batch may be any. Several batches are a Dirichlet of weight two, a handful of
fortnights; a crowd is one of weight a hundred, as usual on the topic give or take."""

REGULAR: Final = 10.0
"""Shape of the gamma distribution of gaps of a metronome: a third of scatter; independent people have shape one."""

LEAST_GAPS: Final = 8
SHORTEST_S: Final = 0.5
LEAST_MEAN_S: Final = 5.0
"""Whole seconds make short gaps look regular: below this mean nothing is said."""


def share(count: int, of: int, usual: tuple[float, float], made: tuple[float, float] = MADE) -> float:
    """Return the evidence of a telling share.

    Parameters
    ----------
    count, of
        How many have the property, of how many; 0 <= count <= of. Fewer than usual count as the usual number.
    usual, made
        Beta distributions of the share: of the topic's ordinary half hours, and among steered accounts.

    Examples
    --------
    >>> share(9, 10, (4.0, 36.0)) > 8, share(1, 10, (4.0, 36.0)) < 0
    (True, True)
    >>> -1.61 < share(0, 10_000, (4.0, 36.0)) < -1.4  # finding nothing weighs no more than this
    True
    """
    seen = max(float(count), of * usual[0] / (usual[0] + usual[1]))
    return _mixed(_beta_binomial(seen, of, *made) - _beta_binomial(seen, of, *usual))


def opened_together(counts: Mapping[int, int], usual: Callable[[int], float], fortnights: int) -> float:
    """Return the evidence of the dates at which accounts were opened: a batch among them, or several.

    Parameters
    ----------
    counts
        Accounts by fortnight of opening.
    usual
        Share of the topic's accounts that were opened in a fortnight, in (0, 1).
    fortnights
        How many fortnights a batch may have been opened in; before looking, one is as likely as another.

    Examples
    --------
    >>> even = lambda _: 1 / 200
    >>> opened_together({7: 6, **dict.fromkeys(range(10, 20), 1)}, even, 200) > 5
    True
    >>> opened_together(dict.fromkeys(range(10), 1), even, 200) < 0
    True
    """
    total = sum(counts.values())
    fortnight = max(counts, key=lambda one: (counts[one] * (1.0 - usual(one)), -one))
    expected = usual(fortnight)
    real = _beta_binomial(counts[fortnight], total, expected * SPREAD, (1.0 - expected) * SPREAD)
    one = _beta_binomial(counts[fortnight], total, *ANY) - real - log(fortnights)
    several = lgamma(FEW) - lgamma(FEW + total) - lgamma(SPREAD) + lgamma(SPREAD + total)
    for fortnight, count in counts.items():
        expected = usual(fortnight)
        several += lgamma(FEW * expected + count) - lgamma(FEW * expected)
        several -= lgamma(SPREAD * expected + count) - lgamma(SPREAD * expected)
    most = max(one, several)
    return _mixed(most + log(exp(one - most) + exp(several - most)) - log(2.0))


def rhythm(gaps: int, sum_s: float, sum_log_s: float) -> float:
    """Return the evidence of a steady beat: gaps as of a metronome against gaps as of people who know not each other.

    Parameters
    ----------
    gaps
        How many gaps between one post and the next.
    sum_s, sum_log_s
        Sum of the gaps in seconds, and of their natural logarithms, each gap at least half a second.
    """
    if gaps < LEAST_GAPS or sum_s < LEAST_MEAN_S * gaps:
        return 0.0
    mean_log = sum_log_s / gaps - log(sum_s / gaps)
    regular = REGULAR * log(REGULAR) - lgamma(REGULAR) + (REGULAR - 1.0) * mean_log - REGULAR
    return max(0.0, _mixed(gaps * (regular + 1.0)))


def _mixed(ratio: float) -> float:
    """Return the log ratio when steered accounts look as usual in one case of five."""
    if ratio > 0:
        return ratio + log(1.0 - UNSEEN) + log1p(UNSEEN / (1.0 - UNSEEN) * exp(-ratio))
    return log(UNSEEN + (1.0 - UNSEEN) * exp(ratio))


def _beta_binomial(count: float, of: int, a: float, b: float) -> float:
    """Return the log chance of one given order of `count` among `of` under a Beta(a, b)."""
    return lgamma(a + count) + lgamma(b + of - count) - lgamma(a + b + of) + lgamma(a + b) - lgamma(a) - lgamma(b)
