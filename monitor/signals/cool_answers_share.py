"""How much of the talk answers the brand itself, and not to applaud."""

from __future__ import annotations

from typing import ClassVar, Final

from monitor.signals import Minute
from monitor.topics import Match

__all__ = ["CoolAnswersShare", "is_cool"]

GLAD: Final = 0.25  # the mirror image of where a mention sounds negative


def is_cool(match: Match) -> bool:
    """Tell whether a mention does not sound glad, or only ironically so."""
    return match.tone <= GLAD or match.is_ironic


class CoolAnswersShare:
    """Share of mentions that answer the brand and do not sound glad; a launch draws answers too, but glad ones."""

    name: ClassVar[str] = "cool_answers_share"
    meaning: ClassVar[str] = (
        "Share of mentions that reply to or quote one of the brand's own accounts and do not sound glad "
        "(tone up to 0.25, or ironic), 0 to 1."
    )

    def __call__(self, minute: Minute) -> float | None:
        """Measure one window."""
        cool = sum(match.answers_own and is_cool(match) for match in minute.matches)
        return cool / len(minute.matches)
