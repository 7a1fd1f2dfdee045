"""Real or made, on an incident: a flood may be watched, and neither raises an alarm nor hides one.

All tests but one see the mentions that are left (:mod:`monitor.crowds.coordination`), so severities rest on the lower
bound of the volume. What was set aside has one say only: when so much of it is rarer on this topic than the watch
budget allows (:mod:`monitor.anomalies.made_mentions`), the incident opens as a *watch* whose reason says so, with no
weight beside the reasons of a crisis.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import msgspec

from monitor.anomalies import Verdict
from monitor.clock import MINUTE_US
from monitor.crowds.authenticity import Authenticity, Way
from monitor.incidents import Reason
from monitor.incidents.lower_bound import HELD, Bounds
from monitor.incidents.severity import Assessment, Levels
from monitor.incidents.words import say
from monitor.topics import Match

__all__ = ["Crowd", "Told", "facts_of", "with_crowd"]

STEADY_US: Final = 10 * MINUTE_US
"""A verdict that changed is told when it has held for ten minutes."""

MADE: Final = frozenset({"coordinated", "mixed", "suspected"})
"""What is said of a crowd of which something was set aside."""

WHY: Final[dict[Way, float]] = {
    "": 0.0, "groups": 1.0, "few_hands": 2.0, "newcomers": 3.0, "nobodies": 4.0, "strangers": 5.0,
}  # fmt: skip


class Crowd(NamedTuple):
    """Who spoke, as of one minute.

    Attributes
    ----------
    mentions, aside
        How many mentions the minute had, and those of them that were set aside.
    recounts
        (start of an earlier minute, change of its count of kept mentions).
    made
        How rare it is on the topic that so much is set aside within an hour; ``None`` while nothing is.
    aside_within
        How many mentions were set aside in the last so many minutes.
    bounds
        What the lower bound is made from.
    """

    authenticity: Authenticity
    mentions: int = 0
    aside: Sequence[Match] = ()
    recounts: Sequence[tuple[int, int]] = ()
    made: Verdict | None = None
    aside_within: Callable[[int], int] = lambda _: 0
    bounds: Bounds | None = None


class Told(msgspec.Struct):
    """What the timeline says of it: the verdict last written, the present one, since when, and why it is held."""

    written: str = ""
    leaning: str = ""
    since_us: int = 0
    held: list[str] = []

    def hear_of(self, reasons: Sequence[Reason]) -> list[Reason]:
        """Return those of the reasons for which a page is held that were not written yet."""
        found = [reason for reason in reasons if reason.name in HELD and reason.name not in self.held]
        self.held += [reason.name for reason in found]
        return found

    def hear(self, verdict: str, at_us: int) -> bool:
        """Take in the verdict of a minute; return whether it is to be written: at once when first told, else steady."""
        if verdict == "cannot tell":
            return False
        if verdict != self.leaning:
            self.leaning, self.since_us = verdict, at_us
        if verdict == self.written or (self.written and at_us - self.since_us < STEADY_US):
            return False
        self.written = verdict
        return True


def facts_of(found: Authenticity) -> dict[str, float]:
    """Return the numbers its sentence is made from; -1 stands for unknown."""
    return {
        "made": float(found.made),
        "suspected": float(found.suspected),
        "mentions": float(found.mentions),
        "how": WHY[found.why],
        "accounts": float(found.accounts),
        "texts": float(found.texts),
        "roots": float(found.roots),
        "median": -1.0 if found.median_followers is None else found.median_followers,
        "together": -1.0 if found.opened_together is None else found.opened_together,
    }


def _called(found: Authenticity) -> str:
    return "suspected" if found.verdict == "cannot tell" and found.is_suspect else found.verdict


def with_crowd(assessment: Assessment, crowd: Crowd, levels: Levels) -> Assessment:
    """Return the assessment with what is to be said about who spoke; severities are never raised beyond a watch."""
    found, made = crowd.authenticity, crowd.made
    name = _called(found)
    if name not in MADE or made is None:
        return assessment
    severity = assessment.severity
    if severity is None:
        if made.p_value > levels.watch:
            return assessment
        severity = "watch"
    facts = facts_of(found)
    reason = Reason(
        name=name,
        text=say(name, facts),
        observed=facts["suspected" if name == "suspected" else "made"],
        p_value=made.p_value,
        facts=facts,
        tests=(made.detector,),
    )
    return Assessment(severity, (*assessment.reasons, reason))
