"""How much of the talk answers the brand itself."""

from __future__ import annotations

from typing import ClassVar

from monitor.signals import Minute

__all__ = ["AnswersOwnShare"]


class AnswersOwnShare:
    """Share of mentions that answer the brand: when it rises, look at what the brand has just said."""

    name: ClassVar[str] = "answers_own_share"
    meaning: ClassVar[str] = "Share of mentions that reply to or quote one of the brand's own accounts, 0 to 1."

    def __call__(self, minute: Minute) -> float | None:
        """Measure one window."""
        return sum(match.answers_own for match in minute.matches) / len(minute.matches)
