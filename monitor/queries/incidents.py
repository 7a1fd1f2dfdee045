"""One incident: what it is, its timeline, and the posts that show it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection, RowMapping, select

from monitor.incidents import SEVERITIES, Incident, Severity, TimelineEntry
from monitor.mentions import mention_key
from monitor.queries.posts import Post, post_of, rows_of_keys
from monitor.store.rows import incident_of, timeline_entry_of
from monitor.store.schema import incidents, timeline

__all__ = [
    "IncidentRow",
    "TimelineRow",
    "answered_up_to",
    "closed_since",
    "evidence_posts",
    "incident",
    "incident_row",
    "incident_timeline",
    "incidents_of",
    "recent_incidents",
]

MOST_LISTED = 200

ENDS_A_PAGE = ("dismissed", "resolved")


class IncidentRow(msgspec.Struct, frozen=True):
    """An incident, and what people did about it."""

    incident: Incident
    acknowledged_us: int | None = None
    acknowledged_by: str | None = None
    dismissed_us: int | None = None


class TimelineRow(msgspec.Struct, frozen=True):
    """A line of the timeline; `actor` is the person who wrote it, ``None`` when the system did."""

    entry: TimelineEntry
    recorded_us: int
    actor: str | None = None


def incident(connection: Connection, identifier: str) -> IncidentRow | None:
    """Return one incident, or ``None`` when there is none of that id."""
    row = connection.execute(select(incidents).where(incidents.c.id == identifier)).mappings().first()
    return None if row is None else incident_row(row)


def incidents_of(connection: Connection, topic: str, start_us: int, end_us: int) -> list[IncidentRow]:
    """Return the incidents of a topic that touch [start_us, end_us), newest first, at most two hundred."""
    query = (
        select(incidents)
        .where(incidents.c.topic == topic, incidents.c.since_us < end_us)
        .where((incidents.c.closed_us >= start_us) | incidents.c.closed_us.is_(None))
        .order_by(incidents.c.opened_us.desc())
        .limit(MOST_LISTED)
    )
    return [incident_row(row) for row in connection.execute(query).mappings()]


def recent_incidents(connection: Connection, limit: int, topic: str | None = None) -> list[IncidentRow]:
    """Return the newest incidents of all topics, or of one, newest first, at most `limit`."""
    query = select(incidents).order_by(incidents.c.opened_us.desc(), incidents.c.id).limit(limit)
    if topic is not None:
        query = query.where(incidents.c.topic == topic)
    return [incident_row(row) for row in connection.execute(query).mappings()]


def closed_since(connection: Connection, since_us: int, limit: int) -> list[IncidentRow]:
    """Return the incidents of all topics that ended since an instant, the worst and then the newest first."""
    query = select(incidents).where(incidents.c.state == "closed", incidents.c.closed_us >= since_us)
    rows = [incident_row(row) for row in connection.execute(query).mappings()]
    rows.sort(key=lambda row: (-SEVERITIES.index(row.incident.severity), -(row.incident.closed_us or 0)))
    return rows[:limit]


def incident_timeline(connection: Connection, identifier: str) -> list[TimelineRow]:
    """Return the timeline of an incident, oldest first."""
    query = (
        select(timeline)
        .where(timeline.c.incident == identifier)
        .order_by(timeline.c.at_us, timeline.c.recorded_us, timeline.c.sequence)
    )
    rows = connection.execute(query).mappings()
    return [TimelineRow(timeline_entry_of(row), row["recorded_us"], row["actor"]) for row in rows]


def answered_up_to(rows: Iterable[TimelineRow]) -> Severity | None:
    """Return the highest severity known when somebody last dismissed or resolved an incident; ``None`` if nobody did.

    For that severity nobody need be paged any more; for a higher one they must be, whatever was said before.
    """
    known = answered = 0
    for row in sorted(rows, key=lambda row: row.recorded_us):
        if row.entry.kind == "paused":
            known = answered = 0  # what comes back is judged anew
        elif row.actor is None:
            known = max(known, round(row.entry.facts.get("severity", 0.0)))
        elif row.entry.kind in ENDS_A_PAGE:
            answered = known
    return SEVERITIES[answered - 1] if answered else None


def evidence_posts(connection: Connection, topic: str, names: Iterable[str]) -> dict[str, Post]:
    """Return the stored posts of a topic among `names` (``network:id``); what was erased is absent."""
    keys = {mention_key(*name.split(":", 1)): name for name in names if ":" in name}
    return {keys[row.key]: post_of(row) for row in rows_of_keys(connection, topic, keys)}


def incident_row(row: RowMapping) -> IncidentRow:
    """Read a whole row of the table."""
    return IncidentRow(incident_of(row), row["acknowledged_us"], row["acknowledged_by"], row["dismissed_us"])
