"""What people do to an incident: a line on its timeline, and the columns that are theirs."""

from __future__ import annotations

from typing import Final, Literal

from sqlalchemy import Connection, func, insert, select, update

from monitor.errors import InputRefused
from monitor.incidents import TimelineEntry
from monitor.store.rows import timeline_rows
from monitor.store.schema import incidents, timeline

__all__ = ["Action", "act"]

Action = Literal["acknowledged", "note", "dismissed", "resolved"]

# Whoever dismisses or resolves an incident has taken note of it.
_ACKNOWLEDGES: Final = {"acknowledged", "dismissed", "resolved"}


def act(connection: Connection, entry: TimelineEntry, actor: str, recorded_us: int) -> TimelineEntry:
    """Write what `actor` did within the caller's transaction; return the entry with its place on the timeline.

    The first acknowledgement stays: it is what the time to acknowledge is measured by.

    Raises
    ------
    InputRefused
        If there is no such incident.
    """
    # Locked, so that two people acting at once get different places on the timeline.
    mine = incidents.c.id == entry.incident
    found = connection.execute(select(incidents.c.acknowledged_us).where(mine).with_for_update()).one_or_none()
    if found is None:
        message = f"there is no incident {entry.incident!r}; the list of incidents shows their ids"
        raise InputRefused(message)
    others = select(func.count()).where(timeline.c.incident == entry.incident, timeline.c.actor.is_not(None))
    # Places of what the system writes have no holes, so what people write has its own numbering. The two never meet
    # in the primary key, because their kinds differ.
    placed = _placed(entry, connection.execute(others).scalar_one())
    values = dict(zip(timeline.columns.keys(), timeline_rows([placed], recorded_us, actor)[0], strict=True))
    connection.execute(insert(timeline).values(values))
    changes: dict[str, object] = {}
    if entry.kind in _ACKNOWLEDGES and found.acknowledged_us is None:
        changes |= {"acknowledged_us": entry.at_us, "acknowledged_by": actor}
    if entry.kind == "dismissed":
        changes |= {"dismissed_us": entry.at_us}
    if changes:
        connection.execute(update(incidents).where(mine).values(changes))
    return placed


def _placed(entry: TimelineEntry, sequence: int) -> TimelineEntry:
    return TimelineEntry(
        incident=entry.incident,
        sequence=sequence,
        at_us=entry.at_us,
        kind=entry.kind,
        text=entry.text,
        evidence=entry.evidence,
        facts=entry.facts,
    )
