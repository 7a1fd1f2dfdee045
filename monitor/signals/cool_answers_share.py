"""How much of the talk answers the brand itself, and not to applaud."""

from __future__ import annotations

from typing import ClassVar, Final

from monitor.signals import Minute

__all__ = ["CoolAnswersShare"]

GLAD: Final = 0.25  # the mirror image of where a mention sounds negative


class CoolAnswersShare:
    """Share of mentions that answer the brand and do not sound glad; a launch draws answers too, but glad ones."""

    name: ClassVar[str] = "cool_answers_share"
    meaning: ClassVar[str] = (
        "Share of mentions that reply to or quote one of the brand's own accounts and do not sound glad "
        "(tone up to 0.25, or ironic), 0 to 1."
    )

    def __call__(self, minute: Minute) -> float | None:
        """Measure one window."""
        cool = sum(match.answers_own and (match.tone <= GLAD or match.is_ironic) for match in minute.matches)
        return cool / len(minute.matches)
