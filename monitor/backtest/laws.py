"""Random laws of public attention: how fast people react, how many follow them, how large a fashion grows.

Every function draws from the ``random.Random`` it is given, so that a seed fixes everything.
"""

from __future__ import annotations

import math
from random import Random
from typing import Final

from monitor.clock import SECOND_US

__all__ = [
    "FOLLOWERS_EXPONENT",
    "followers",
    "mean_root_followers",
    "pareto_size",
    "poisson",
    "reaction_delay_us",
]

_REACTION_C: Final = 6.265725e-4  # per second; SEISMIC, R package `seismic`
_REACTION_THETA: Final = 0.2314843  # SEISMIC, R package `seismic`
_REACTION_FLAT: Final = 300.0  # seconds during which people react at a constant rate; SEISMIC
_PROMPT_SHARE: Final = _REACTION_C * _REACTION_FLAT
FOLLOWERS_EXPONENT: Final = 2.016  # power law of audience sizes, R package `evently`


def reaction_delay_us(rng: Random, within_us: int | None = None) -> int:
    """Draw how long after a post somebody reacts to it, in microseconds.

    The density is constant for five minutes and falls as a power law after: ``phi(s) = c`` for ``s <= 300`` and
    ``c (s/300)^-(1+theta)`` beyond. Half of all reactions come within 41 minutes, one in ten after a month.

    Parameters
    ----------
    within_us
        Draw only among reactions quicker than this; ``None`` for all. Positive.

    References
    ----------
    .. [1] Zhao et al., SEISMIC, KDD 2015, doi:10.1145/2783258.2783401; constants of the R package `seismic`.
    """
    share = rng.random() * (1.0 if within_us is None else _share_within(within_us / SECOND_US))
    if share <= _PROMPT_SHARE:
        return int(share / _REACTION_C * SECOND_US)
    # The tail's survival function is (c * 300 / theta) (s/300)^-theta; c is given to seven digits, hence the max.
    survival = max(1e-9, 1.0 - share)
    seconds = _REACTION_FLAT * (_PROMPT_SHARE / _REACTION_THETA / survival) ** (1 / _REACTION_THETA)
    return int(min(seconds, 1e10) * SECOND_US)


def _share_within(seconds: float) -> float:
    if seconds <= _REACTION_FLAT:
        return _REACTION_C * seconds
    later: float = (seconds / _REACTION_FLAT) ** -_REACTION_THETA
    return 1.0 - _PROMPT_SHARE / _REACTION_THETA * later


def followers(uniform: float, least: float, most: float) -> int:
    """Return the follower count at rank `uniform`, a number in (0, 1], of a power law between two bounds.

    Notes
    -----
    The exponent is 2.016, so that without `most` the mean would be all but infinite.
    """
    return int(min(most, least * uniform ** (-1 / (FOLLOWERS_EXPONENT - 1))))


def mean_root_followers(least: float) -> float:
    """Return the mean of the square root of follower counts that start at `least`, without an upper bound."""
    tail = FOLLOWERS_EXPONENT - 1
    return tail / (tail - 0.5) * math.sqrt(least)


def poisson(rng: Random, mean: float) -> int:
    """Draw a Poisson count; `mean` is not negative.

    Notes
    -----
    Multiplies uniforms (Knuth, TAOCP 3.4.1) below 30 and rounds a normal above, where the two laws differ by less
    than anything here could notice.
    """
    if mean <= 0:
        return 0
    if mean > 30:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    limit = math.exp(-mean)
    count, product = 0, rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count


def pareto_size(rng: Random, least: float, most: float, exponent: float = 1.2) -> int:
    """Draw the size of a harmless cascade: Pareto with tail `exponent`, from `least`, cut at `most`."""
    return int(min(most, least * (1.0 - rng.random()) ** (-1 / exponent)))
