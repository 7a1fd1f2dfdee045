"""How many of those who spoke complain."""

from __future__ import annotations

from typing import ClassVar, Final

from monitor.signals import Minute

__all__ = ["NEGATIVE", "NegativeShare"]

# One clear complaint; between this and zero lie half-hearted words, of which ordinary chatter has as many.
NEGATIVE: Final = -0.25


class NegativeShare:
    """Share of authors whose mean tone is below :data:`NEGATIVE`."""

    name: ClassVar[str] = "negative_share"
    meaning: ClassVar[str] = "Share of distinct accounts whose mean tone is negative (below -0.25), 0 to 1."

    def __call__(self, minute: Minute) -> float | None:
        """Measure one window."""
        return sum(tone < NEGATIVE for tone in minute.tones) / len(minute.tones)
