"""A share that wanders: its mean, and how far it strays from one block of time to the next.

Of ``n`` voices ``k`` have a property. The share itself differs from hour to hour, so ``k`` is beta-binomial: with mean
``p`` and wandering ``r`` (the intra-class correlation) its variance is ``n p (1 - p) (1 + (n - 1) r)``. Both are
learned online from blocks of time; a block is worth ``n / (1 + (n - 1) r)`` independent voices, so however loud one
was, it cannot teach more than ``1 / r`` of them.

References
----------
.. [1] Kleinman, Proportions with extraneous variance, J. Am. Stat. Assoc. 68 (1973) 46-54: the moment estimators.
"""

from __future__ import annotations

import math
from typing import Final

import msgspec

__all__ = ["UsualShare", "log_likelihood_ratio"]

# Before anything was seen: half an hour of a hundred voices tells as much as twenty-five. Worth ten
# large blocks.
PRIOR_WANDERING: Final = 0.03
PRIOR_BLOCKS: Final = 10.0
LEAST_WANDERING: Final = 0.002
MOST_WANDERING: Final = 0.5


class UsualShare(msgspec.Struct, array_like=True):
    """Mean and wandering of one share, learned with exponential forgetting.

    Attributes
    ----------
    prior
        The share before anything was seen, in (0, 1); it weighs `prior_voices` voices.
    successes, voices
        What was learned, in independent voices.
    misses, room
        Moment estimate of the wandering: how much more the blocks missed than chance alone would, over how much they
        could have.
    """

    prior: float
    prior_voices: float
    successes: float = 0.0
    voices: float = 0.0
    misses: float = 0.0
    room: float = 0.0

    @property
    def mean(self) -> float:
        """The usual share, in (0, 1)."""
        return (self.successes + self.prior * self.prior_voices) / (self.voices + self.prior_voices)

    def own(self, prior_voices: float) -> float:
        """Return the usual share were the prior worth only so many voices."""
        return (self.successes + self.prior * prior_voices) / (self.voices + prior_voices)

    @property
    def wandering(self) -> float:
        """Intra-class correlation of blocks, in (0, 1): 0 would be a share that never changes."""
        found = (self.misses + PRIOR_WANDERING * PRIOR_BLOCKS) / (self.room + PRIOR_BLOCKS)
        return min(MOST_WANDERING, max(LEAST_WANDERING, found))

    def beta(self) -> tuple[float, float]:
        """Return the parameters of the Beta distribution of a block's share, doubt about the mean included."""
        mean = self.mean
        spread = min(MOST_WANDERING, self.wandering + 1.0 / (self.voices + self.prior_voices + 1.0))
        strength = 1.0 / spread - 1.0
        return mean * strength, (1.0 - mean) * strength

    def fade(self, keep: float) -> None:
        """Forget: everything keeps `keep` of its weight."""
        self.successes *= keep
        self.voices *= keep
        self.misses *= keep
        self.room *= keep

    def learn(self, count: int, voices: int, keep: float = 1.0) -> None:
        """Take in one block in which `count` of `voices` had the property; what is older keeps `keep` of its weight.

        Examples
        --------
        >>> usual = UsualShare(0.2, 40.0)
        >>> for _ in range(500):
        ...     usual.learn(3, 10)
        >>> round(usual.mean, 2)
        0.3
        """
        mean, wandering = self.mean, self.wandering
        self.fade(keep)
        if voices <= 0:
            return
        worth = voices / (1.0 + (voices - 1.0) * wandering)
        self.successes += worth * count / voices
        self.voices += worth
        if voices > 1:
            # Each block weighs as the inverse variance of its estimate, as a part of that of a large block.
            weight = (worth * (voices - 1.0) / voices * wandering) ** 2
            chance = mean * (1.0 - mean)
            missed = ((count - voices * mean) ** 2 / chance - voices) / (voices * (voices - 1.0))
            self.misses += weight * min(missed, 1.0)
            self.room += weight


def log_likelihood_ratio(count: int, voices: int, usual: float, wandering: float, odds: float) -> float:
    """Return how much better `count` of `voices` fits a share with `odds` times the usual odds, in nats.

    Both shares are beta-binomial with the same `wandering`. Its exponential has expectation one as long as the usual
    share holds.

    Examples
    --------
    >>> log_likelihood_ratio(0, 0, 0.2, 0.05, 3.0)
    0.0
    >>> log_likelihood_ratio(6, 10, 0.2, 0.05, 3.0) > 0 > log_likelihood_ratio(2, 10, 0.2, 0.05, 3.0)
    True
    """
    if voices <= 0:
        return 0.0
    raised = odds * usual / (1.0 + (odds - 1.0) * usual)
    strength = 1.0 / wandering - 1.0
    return _log_mass(count, voices, raised * strength, (1.0 - raised) * strength) - _log_mass(
        count, voices, usual * strength, (1.0 - usual) * strength
    )


def _log_mass(count: int, voices: int, alpha: float, beta: float) -> float:
    """Return the logarithm of the beta-binomial mass, without the binomial coefficient (which cancels)."""
    lgamma = math.lgamma
    return (
        lgamma(count + alpha) + lgamma(voices - count + beta) - lgamma(alpha) - lgamma(beta)
        - lgamma(voices + alpha + beta) + lgamma(alpha + beta)
    )  # fmt: skip
