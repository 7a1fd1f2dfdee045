"""What people said of the tone of posts: appended, read in order, and forgotten with the post."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, func, insert, null, select, update

from monitor.store.schema import tone_feedback
from monitor.tone import Correction
from monitor.tone.features import packed, unpacked

__all__ = ["append", "corrections", "forget", "forgotten"]


def append(connection: Connection, correction: Correction, *, actor: str, at_us: int, recorded_us: int) -> bool:
    """Append what somebody said of a post; return whether it is new, and not what they said of it before."""
    theirs = (tone_feedback.c.key == correction.key, tone_feedback.c.actor == actor)
    before = select(tone_feedback.c.said).where(*theirs).order_by(tone_feedback.c.number.desc()).limit(1)
    if connection.execute(before).scalar() == correction.said:
        return False
    row = {
        "topic": correction.topic,
        "key": correction.key,
        "said": correction.said,
        "lexicon": correction.lexicon,
        "features": packed(correction.features),
        "is_alarming": correction.is_alarming,
        "actor": actor,
        "at_us": at_us,
        "recorded_us": recorded_us,
    }
    connection.execute(insert(tone_feedback).values(row))
    return True


def corrections(connection: Connection, after: int) -> list[Correction]:
    """Return what was said since correction `after` (0 for all) and is not forgotten, in order."""
    table = tone_feedback.c
    query = (
        select(table.number, table.topic, table.key, table.said, table.lexicon, table.features, table.is_alarming)
        .where(table.number > after, table.features.is_not(None))
        .order_by(table.number)
    )
    return [
        Correction(
            row.number, row.topic, row.key, row.said, row.lexicon, unpacked(bytes(row.features)), row.is_alarming
        )
        for row in connection.execute(query)
    ]


def forget(connection: Connection, keys: Sequence[int]) -> None:
    """Drop the features of what was said of these posts; who said what and when stays."""
    statement = update(tone_feedback).where(tone_feedback.c.key == bindparam("sought")).values(features=null())
    connection.execute(statement, [{"sought": key} for key in keys])


def forgotten(connection: Connection) -> int:
    """Return how many corrections may no longer be learned from."""
    return connection.execute(select(func.count()).where(tone_feedback.c.features.is_(None))).scalar_one()
