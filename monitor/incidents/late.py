"""What came late, until an incident takes it: an open incident counts it once, at whatever time it was published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from monitor.topics import Match
from monitor.windows import LATEST_HEARD_US

__all__ = ["LateMention", "LateMentions"]

MOST: Final = 2_048
"""Remembered; of a larger back-fill an incident counts the latest."""


class LateMention(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Who said it and when; `evidence` is ``network:id``, empty for a repost."""

    published_us: int
    author: int
    evidence: str


class LateMentions:
    """What came late to one topic within the last hours and belongs to no incident yet."""

    def __init__(self) -> None:
        self._waiting: list[LateMention] = []

    def add(self, start_us: int, late: Sequence[Match]) -> None:
        """Take in what the minute that starts at `start_us` heard late, and forget what is old; ours is left out."""
        heard = [
            LateMention(match.published_us, match.author, "" if match.kind == "repost" else match.evidence)
            for match in late
            if not match.is_own
        ]
        recent = [one for one in self._waiting if one.published_us >= start_us - LATEST_HEARD_US]
        self._waiting = [*recent, *heard][-MOST:]

    def take(self, since_us: int) -> list[LateMention]:
        """Return what was published since an instant, in the order heard; it is not returned again."""
        taken = [one for one in self._waiting if one.published_us >= since_us]
        if taken:
            self._waiting = [one for one in self._waiting if one.published_us < since_us]
        return taken

    def snapshot(self) -> list[LateMention]:
        """Return the state, to be encoded at once."""
        return self._waiting

    def restore(self, state: list[LateMention]) -> None:
        """Take back a state that :meth:`snapshot` returned."""
        self._waiting = state
