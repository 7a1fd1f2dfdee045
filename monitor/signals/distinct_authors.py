"""How many different accounts spoke."""

from __future__ import annotations

from typing import ClassVar

from monitor.signals import Minute

__all__ = ["DistinctAuthors"]


class DistinctAuthors:
    """Count authors, not posts: a hundred posts of one account are one voice."""

    name: ClassVar[str] = "distinct_authors"
    meaning: ClassVar[str] = "Distinct accounts that spoke in the minute; 1 or more."

    def __call__(self, minute: Minute) -> float | None:
        """Measure one window."""
        return float(len(minute.followers))
