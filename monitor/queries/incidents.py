"""One incident: what it is, its timeline, and the posts that show it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from monitor.incidents import Incident, Reason, TimelineEntry
from monitor.mentions import mention_key
from monitor.queries.posts import POST_COLUMNS, Post, post_of
from monitor.store.schema import incidents, mentions, timeline

__all__ = [
    "IncidentRow",
    "TimelineRow",
    "evidence_posts",
    "incident",
    "incident_row",
    "incident_timeline",
    "incidents_of",
    "recent_incidents",
]

MOST_LISTED = 200


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
    row = connection.execute(select(incidents).where(incidents.c.id == identifier)).first()
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
    return [incident_row(row) for row in connection.execute(query)]


def recent_incidents(connection: Connection, limit: int, topic: str | None = None) -> list[IncidentRow]:
    """Return the newest incidents of all topics, or of one, newest first, at most `limit`."""
    query = select(incidents).order_by(incidents.c.opened_us.desc(), incidents.c.id).limit(limit)
    if topic is not None:
        query = query.where(incidents.c.topic == topic)
    return [incident_row(row) for row in connection.execute(query)]


def incident_timeline(connection: Connection, identifier: str) -> list[TimelineRow]:
    """Return the timeline of an incident, oldest first."""
    query = (
        select(timeline)
        .where(timeline.c.incident == identifier)
        .order_by(timeline.c.at_us, timeline.c.recorded_us, timeline.c.sequence)
    )
    return [
        TimelineRow(
            TimelineEntry(
                incident=row.incident,
                sequence=row.sequence,
                at_us=row.at_us,
                kind=row.kind,
                text=row.text,
                evidence=msgspec.json.decode(row.evidence, type=tuple[str, ...]),
                facts=msgspec.json.decode(row.facts, type=dict[str, float]),
            ),
            row.recorded_us,
            row.actor,
        )
        for row in connection.execute(query)
    ]


def evidence_posts(connection: Connection, topic: str, names: Iterable[str]) -> dict[str, Post]:
    """Return the stored posts of a topic among `names` (``network:id``); what was erased is absent."""
    keys = {mention_key(*name.split(":", 1)): name for name in names if ":" in name}
    chosen = select(*POST_COLUMNS).where(mentions.c.topic == topic)
    # Roots are found by the index of roots, all others by that of keys, which leaves the roots out.
    roots = chosen.where(mentions.c.root.in_(keys), mentions.c.key == mentions.c.root)
    others = chosen.where(mentions.c.key.in_(keys), mentions.c.key != mentions.c.root)
    return {keys[row.key]: post_of(row) for row in connection.execute(roots.union_all(others))}


def incident_row(row: Row[*tuple[Any, ...]]) -> IncidentRow:
    """Read a whole row of the table."""
    return IncidentRow(
        Incident(
            id=row.id,
            topic=row.topic,
            state=row.state,
            severity=row.severity,
            opened_us=row.opened_us,
            since_us=row.since_us,
            peak_us=row.peak_us,
            updated_us=row.updated_us,
            closed_us=row.closed_us,
            reasons=msgspec.json.decode(row.reasons, type=tuple[Reason, ...]),
            mentions=row.mentions,
            authors=row.authors,
            peak_mentions=row.peak_mentions,
            evidence=msgspec.json.decode(row.evidence, type=tuple[str, ...]),
            drill=row.drill,
        ),
        row.acknowledged_us,
        row.acknowledged_by,
        row.dismissed_us,
    )
