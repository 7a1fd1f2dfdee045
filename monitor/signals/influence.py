"""How influential those who spoke are together."""

from __future__ import annotations

import math
from typing import ClassVar

from monitor.signals import Minute

__all__ = ["Influence"]


class Influence:
    """Sum of the orders of magnitude of the audiences.

    Notes
    -----
    Not the raw sum of followers: follower counts follow a power law with an exponent near 2 (2.276 in Kwak et al.
    2010), so that the variance of a sum does not exist and one celebrity a week would be all it ever says. On the
    logarithm ten accounts with a thousand followers each outweigh one with ten million. Followers say little about
    influence beyond their order of magnitude anyway (Cha et al. 2010).

    An account whose followers are unknown counts as the average of those that are known in the same minute.
    """

    name: ClassVar[str] = "influence"
    meaning: ClassVar[str] = (
        "Sum over distinct accounts of log10(1 + followers); 0 or more, 3 for one account with 999 followers."
    )

    def __call__(self, minute: Minute) -> float | None:
        """Measure one window."""
        known = minute.known_followers
        if not known:
            return None
        return math.fsum(math.log10(1 + count) for count in known) * len(minute.followers) / len(known)
