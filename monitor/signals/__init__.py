"""Match -> Signal: what we measure about a topic in one minute of event time.

A :class:`Signal` holds one number per measure. Each measure is a file here with one class implementing
:class:`Measure`; :func:`monitor.signals.family.measures` discovers them by file, and ``tests/contracts/test_measures.py``
checks every one. A measure is a pure function of the minute's matches in canonical order (event time, then key).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol

import msgspec

from monitor.clock import MINUTE_US
from monitor.topics import Match

__all__ = ["Measure", "Signal"]


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """The measures of one topic over one window [start_us, end_us) of event time, one minute long.

    Attributes
    ----------
    mentions
        How many mentions fell into the window (velocity, per minute). The brand's own posts are not counted.
    measures
        Further measures by name (see the members of this family); a measure that is undefined in this minute,
        such as the tone of no posts, is absent.
    """

    topic: str
    start_us: int
    mentions: int
    measures: dict[str, float]

    @property
    def end_us(self) -> int:
        """End of the window, exclusive, microseconds since the Unix epoch."""
        return self.start_us + MINUTE_US


class Measure(Protocol):
    """One number about one minute of one topic."""

    name: ClassVar[str]
    """Column of ``signals.csv``, key in :attr:`Signal.measures`; snake case, unit included where it has one."""
    meaning: ClassVar[str]
    """One plain sentence for people, with the unit and the range."""

    def __call__(self, matches: Sequence[Match]) -> float | None:
        """Measure one window.

        Parameters
        ----------
        matches
            The window's matches except the brand's own posts, ordered by (published_us, key). Never empty.

        Returns
        -------
        float or None
            Finite; ``None`` when the measure is undefined for these matches.
        """
        ...
