"""The last half hour as it was written down on an incident's timeline, to weigh a past moment again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from monitor.incidents.context import Context, ShareTest
from monitor.incidents.own_posts import Answered, OwnPosts

__all__ = ["TOLD", "Told"]

TOLD: Final = {"influence": "influential", "alarming": "alarming", "arguing": "arguing", "new_authors": "new_authors"}
"""Reasons that rest on shares of the last half hour, and the names of the shares."""


class Told(Context):
    """What was written down of the last half hour, in place of what was remembered of it."""

    def __init__(self, told: Mapping[str, Mapping[str, float]]) -> None:
        super().__init__()
        self.own_posts = _ToldPosts(told.get("own_post"))
        self._answers = told.get("own_reply", {})
        self._tests = {TOLD[name]: facts for name, facts in told.items() if name in TOLD}

    def answers(self, minutes: int) -> tuple[int, int, int]:
        """Return the answers that the timeline speaks of; none if it does not."""
        sour, toneless, glad = (int(self._answers.get(name, 0.0)) for name in ("sour", "toneless", "glad"))
        return sour, toneless, glad

    def test(self, share: str, minutes: int) -> ShareTest:
        """Return a test that was passed if the timeline says so."""
        facts = self._tests.get(share)
        if facts is None:
            return ShareTest(0, 0, 0.5, 1.0)
        return ShareTest(int(facts["count"]), int(facts["mentions"]), facts["usual"], facts["strength"])


class _ToldPosts(OwnPosts):
    """What the timeline said of a contested post of the brand's own."""

    def __init__(self, facts: Mapping[str, float] | None) -> None:
        super().__init__()
        self._facts = facts

    def contested(self, now_us: int) -> Answered | None:
        """Return the post if the timeline speaks of one."""
        return None if self._facts is None else Answered.told(self._facts)
