"""How those who spoke sound."""

from __future__ import annotations

import math
from typing import ClassVar

from monitor.signals import Minute

__all__ = ["MeanTone"]


class MeanTone:
    """Mean over distinct authors of each one's mean tone.

    Notes
    -----
    A mean over authors, neither over posts nor over distinct texts: a flood from one account is one voice, while a
    thousand people who repost one angry text are a thousand people who agree with it.
    """

    name: ClassVar[str] = "tone"
    meaning: ClassVar[str] = "Mean tone over distinct accounts, from -1 (indignant) to 1 (delighted)."

    def __call__(self, minute: Minute) -> float | None:
        """Measure one window."""
        return math.fsum(minute.tones) / len(minute.tones)
