"""The open incident as the tracker keeps it, what is saved of it, and what a minute changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from monitor.crowds.authenticity import Authenticity
from monitor.incidents import SEVERITIES, Incident, IncidentState, Reason, Severity, TimelineEntry
from monitor.incidents.authenticity import Told
from monitor.incidents.context import ContextState
from monitor.incidents.freezing import Freezing
from monitor.incidents.late import LateMention, LateMentions
from monitor.stats.distinct import DistinctCounter

__all__ = ["CASCADE_STEPS", "MOST_EVIDENCE", "Change", "Open", "Past", "TrackerState"]

CASCADE_STEPS: Final = (50, 200, 1_000, 5_000, 20_000)
"""Sizes at which a cascade earns a line on the timeline."""

MOST_EVIDENCE: Final = 20


class Change(msgspec.Struct, frozen=True):
    """What one minute did to a topic's incident. `announce`: the outside world should hear of it."""

    incident: Incident
    entries: tuple[TimelineEntry, ...]
    announce: bool


class Open(msgspec.Struct):
    """The open incident, while it lasts."""

    id: str
    state: IncidentState
    severity: Severity
    alarm: Severity  # the highest since it opened or, after a pause, was taken up again
    opened_us: int
    alarmed_us: int
    since_us: int
    peak_us: int
    unusual_us: int
    worst_us: int
    reasons: tuple[Reason, ...]
    mentions: int
    evidence: list[str]
    peak_mentions: int = 0
    authors: bytes = b""
    sequence: int = 0
    influencers: int = 0
    cascade_step: int = 0
    answered: bool = False
    named_own_posts: list[str] = []
    jumps: list[int] = []  # groups of those told
    peak_told_us: int | None = None
    set_aside: int = 0
    authenticity: Authenticity | None = None
    told: Told = msgspec.field(default_factory=Told)
    paused_us: int | None = None

    def count_late(self, late: LateMentions, authors: DistinctCounter) -> None:
        """Count what came late and was published since it began."""
        taken = late.take(self.since_us)
        self.mentions += len(taken)
        authors.add_all(one.author for one in taken)
        self.gather(one.evidence for one in taken if one.evidence)

    def gather(self, names: Iterable[str]) -> None:
        """Add evidence while there is room for it."""
        for name in names:
            if len(self.evidence) < MOST_EVIDENCE and name not in self.evidence:
                self.evidence.append(name)

    def raise_to(self, severity: Severity) -> None:
        """Say that it is that bad now."""
        self.alarm = severity
        self.severity = max(self.severity, severity, key=SEVERITIES.index)

    def version(self, topic: str, end_us: int, authors: int) -> Incident:
        """Return the incident as it is at `end_us`."""
        has_paused = self.alarmed_us != self.opened_us
        return Incident(
            id=self.id,
            topic=topic,
            state=self.state,
            severity=self.severity,
            opened_us=self.opened_us,
            since_us=self.since_us,
            peak_us=self.peak_us,
            updated_us=end_us,
            worst_us=self.worst_us,
            closed_us=end_us if self.state == "closed" else None,
            reasons=self.reasons,
            mentions=self.mentions,
            authors=authors,
            peak_mentions=self.peak_mentions,
            evidence=tuple(self.evidence),
            set_aside=self.set_aside,
            authenticity=self.authenticity,
            paused_us=self.paused_us,
            resumed_us=self.alarmed_us if has_paused else None,
            resumed=self.alarm if has_paused else None,
        )


class Past(msgspec.Struct):
    """The incident that closed last, and the next place on its timeline."""

    incident: Incident
    id: str
    sequence: int


class TrackerState(msgspec.Struct):
    """All a tracker remembers."""

    context: ContextState
    incident: Open | None = None
    slow_have_spoken: dict[str, int] = {}  # test -> until when it may only repeat itself
    freezing: Freezing = msgspec.field(default_factory=Freezing)
    past: Past | None = None
    late: list[LateMention] = []
