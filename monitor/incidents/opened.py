"""The open incident as the tracker keeps it, what is saved of it, and what a minute changed."""

from __future__ import annotations

import msgspec

from monitor.crowds.authenticity import Authenticity
from monitor.incidents import Incident, IncidentState, Reason, Severity, TimelineEntry
from monitor.incidents.authenticity import Told
from monitor.incidents.context import ContextState
from monitor.incidents.freezing import Freezing

__all__ = ["Change", "Open", "TrackerState"]


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
    opened_us: int
    since_us: int
    peak_us: int
    unusual_us: int
    worst_us: int
    reasons: tuple[Reason, ...]
    mentions: int
    peak_mentions: int
    authors: bytes
    evidence: list[str]
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


class TrackerState(msgspec.Struct):
    """All a tracker remembers."""

    context: ContextState
    incident: Open | None = None
    slow_have_spoken: dict[str, int] = {}  # test -> until when it may only repeat itself
    freezing: Freezing = msgspec.field(default_factory=Freezing)
