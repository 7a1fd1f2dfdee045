"""How many complain in words of their own."""

from __future__ import annotations

from typing import ClassVar

from monitor.signals import Minute
from monitor.signals.negative_share import NEGATIVE

__all__ = ["ComplaintsShare"]


class ComplaintsShare:
    """Share of mentions that are complaints in people's own words; each account counts once.

    A repost agrees with a complaint and is none of its own: one loud post that many pass on is one complaint, a hundred
    people who each write about the same failure are a hundred. A post that may be ironic counts as none.
    """

    name: ClassVar[str] = "complaints_share"
    meaning: ClassVar[str] = (
        "Accounts that complain in words of their own (tone below -0.25, no reposts) per mention, 0 to 1."
    )

    def __call__(self, minute: Minute) -> float | None:
        """Measure one window."""
        complaining = {
            match.author
            for match in minute.matches
            if match.tone < NEGATIVE and match.kind != "repost" and not match.is_ironic
        }
        return len(complaining) / len(minute.matches)
