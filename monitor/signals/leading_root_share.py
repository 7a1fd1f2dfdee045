"""Whether one post is behind it."""

from __future__ import annotations

from collections import Counter
from typing import ClassVar

from monitor.signals import Minute

__all__ = ["LeadingRootShare"]


class LeadingRootShare:
    """Share of mentions with the most common root: near 1 when one post drives everything, near 0 for a chorus."""

    name: ClassVar[str] = "leading_root_share"
    meaning: ClassVar[str] = "Share of mentions that belong to the largest cascade or conversation, above 0, up to 1."

    def __call__(self, minute: Minute) -> float | None:
        """Measure one window."""
        roots = Counter([match.root for match in minute.matches])
        return max(roots.values()) / len(minute.matches)
