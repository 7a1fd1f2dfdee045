"""How much of the talk is passing on."""

from __future__ import annotations

from typing import ClassVar

from monitor.signals import Minute

__all__ = ["RepostShare"]


class RepostShare:
    """Share of reposts: words passed on unchanged."""

    name: ClassVar[str] = "repost_share"
    meaning: ClassVar[str] = "Share of mentions that are reposts, 0 to 1."

    def __call__(self, minute: Minute) -> float | None:
        """Measure one window."""
        return minute.kinds["repost"] / len(minute.matches)
