"""Whether those who used hashtags used the same one."""

from __future__ import annotations

from typing import ClassVar

from monitor.signals import Minute

__all__ = ["HashtagConcentration"]


class HashtagConcentration:
    """Share of hashtag-using authors who share the most common hashtag.

    Notes
    -----
    Undefined when fewer than two accounts used a hashtag: one account always agrees with itself.
    """

    name: ClassVar[str] = "hashtag_concentration"
    meaning: ClassVar[str] = "Share of the accounts using hashtags that used the most common one; above 0, up to 1."

    def __call__(self, minute: Minute) -> float | None:
        """Measure one window."""
        authors = minute.hashtag_authors.values()
        users = set().union(*authors)
        if len(users) < 2:
            return None
        return max(map(len, authors)) / len(users)
