"""The journey of a post on one page: step, advance, snapshot, restore. Pure: no I/O, no clock, no thread."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import msgspec

from monitor.alerts import Alert
from monitor.anomalies import Verdict
from monitor.cascades import Cascade
from monitor.incidents import Incident, TimelineEntry
from monitor.mentions import Deletion, Mention
from monitor.signals import Signal
from monitor.topics import Match

__all__ = ["Judged", "Kept", "Outcome"]


class Kept(msgspec.Struct, frozen=True, gc=False):
    """A matched mention to store. `is_late`: it came behind the watermark and moved no verdict."""

    match: Match
    mention: Mention
    is_late: bool


class Judged(msgspec.Struct, frozen=True):
    """A closed window with what every detector said of it (first the seasonal count model)."""

    signal: Signal
    verdicts: tuple[Verdict, ...]


@dataclass(slots=True)
class Outcome:
    """Everything one batch changed; committed in one transaction or not at all.

    Attributes
    ----------
    counts
        Increments by name: ``read``, ``malformed``, ``ignored``, ``duplicates``, ``late``, ``misdated``, ``posts``
        (first sights), ``matched`` (posts on at least one topic), ``mentions`` (post-topic pairs), ``reposts``
        (posts that are reposts) ...
    kept
        Matched mentions to store.
    judged
        Windows closed, in order of (topic, start).
    cascades
        Latest state of each cascade that changed.
    incidents
        Latest version of each incident that changed, by id.
    timeline, alerts
        New entries, in order.
    deletions
        To be honoured by the store.
    changed
        Topics whose state must be saved.
    first_seen
        Keys of items seen for the first time.
    """

    counts: Counter[str] = field(default_factory=Counter)
    kept: list[Kept] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)
    cascades: list[Cascade] = field(default_factory=list)
    incidents: dict[str, Incident] = field(default_factory=dict)
    timeline: list[TimelineEntry] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    deletions: list[Deletion] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    first_seen: list[int] = field(default_factory=list)
