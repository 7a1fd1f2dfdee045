"""How many followers those who spoke have together."""

from __future__ import annotations

from typing import ClassVar

from monitor.signals import Minute

__all__ = ["PotentialReach"]


class PotentialReach:
    """Sum of the known follower counts of distinct authors.

    Notes
    -----
    Potential reach as listening tools define it: audiences that overlap are counted twice and followers are not
    readers. Accounts whose followers are unknown add nothing; when none is known there is no number at all.
    """

    name: ClassVar[str] = "potential_reach"
    meaning: ClassVar[str] = (
        "Sum of the followers of distinct accounts; 0 or more, an upper bound on the direct audience."
    )

    def __call__(self, minute: Minute) -> float | None:
        """Measure one window."""
        known = minute.known_followers
        return float(sum(known)) if known else None
