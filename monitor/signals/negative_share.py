"""How many of those who spoke complain."""

from __future__ import annotations

from typing import ClassVar, Final

from monitor.signals import Minute

__all__ = ["NEGATIVE", "NegativeShare"]

NEGATIVE: Final = -0.05  # where VADER's authors put the border of negative, on the same scale (Hutto & Gilbert 2014)


class NegativeShare:
    """Share of authors whose mean tone is at or below :data:`NEGATIVE`."""

    name: ClassVar[str] = "negative_share"
    meaning: ClassVar[str] = "Share of distinct accounts whose mean tone is negative (-0.05 or below), 0 to 1."

    def __call__(self, minute: Minute) -> float | None:
        """Measure one window."""
        return sum(tone <= NEGATIVE for tone in minute.tones) / len(minute.tones)
