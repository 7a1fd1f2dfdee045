"""How much of the talk is talking back."""

from __future__ import annotations

from typing import ClassVar

from monitor.signals import Minute

__all__ = ["ReplyShare"]


class ReplyShare:
    """Share of replies and quotes: people answering somebody in their own words."""

    name: ClassVar[str] = "reply_share"
    meaning: ClassVar[str] = "Share of mentions that are replies or quotes, 0 to 1."

    def __call__(self, minute: Minute) -> float | None:
        """Measure one window."""
        return (minute.kinds["reply"] + minute.kinds["quote"]) / len(minute.matches)
