"""What a restart begins from, and everything that was concluded, in an order that is always the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from sqlalchemy import Column, Connection, RowMapping, Select, Table, select, text

from monitor.clock import MINUTE_US
from monitor.store import Checkpoint, schema
from monitor.store.rows import MATCH_COLUMNS, keys_of, match_of, reading_of
from monitor.topics import Reading

__all__ = ["MOST_ROOTS", "ORDERS", "read_all", "read_checkpoint", "topics_with_mentions"]

MOST_ROOTS: Final = 200_000
"""As many recent roots as :mod:`monitor.recognition` remembers."""

GENERATION: Final = 500_000
"""Keys in one generation of :class:`monitor.mentions.Deduplicator`."""

Value = TypeVar("Value")

# Jumps from topic to topic along the primary key instead of reading every row.
_TOPICS: Final = text(
    "WITH RECURSIVE found(topic) AS ("
    " SELECT min(topic) FROM mentions"
    " UNION ALL SELECT (SELECT min(topic) FROM mentions WHERE topic > found.topic) FROM found"
    " WHERE found.topic IS NOT NULL"
    ") SELECT topic FROM found WHERE topic IS NOT NULL"
).columns(Column("topic", schema.Word))

ORDERS: Final[dict[Table, tuple[str, ...]]] = {
    schema.incidents: ("opened_us", "id"),
    schema.timeline: ("incident", "at_us", "sequence", "kind"),
    schema.signals: ("topic", "start_us"),
    schema.cascades: ("topic", "started_us", "root"),
}


def topics_with_mentions(connection: Connection) -> list[str]:
    """Return the topics something was stored for, in order."""
    return list(connection.execute(_TOPICS).scalars())


def read_all(connection: Connection, table: Table, value_of: Callable[[RowMapping], Value]) -> Iterator[Value]:
    """Yield every row of a table as a value, in the table's order of :data:`ORDERS`, a thousand in memory at a time."""
    query = select(table).order_by(*[table.c[name] for name in ORDERS[table]])
    with connection.execute(query, execution_options={"yield_per": 1000}) as result:
        for row in result.mappings():
            yield value_of(row)


def read_checkpoint(connection: Connection) -> Checkpoint | None:
    """Return where the last commit left everything; ``None`` if there was none."""
    state = connection.execute(select(schema.state)).one_or_none()
    if state is None:
        return None
    cursors = connection.execute(select(schema.cursors.c.source, schema.cursors.c.position))
    topic_states = connection.execute(select(schema.topic_states.c.topic, schema.topic_states.c.state))
    return Checkpoint(
        cursors={source: bytes(position) for source, position in cursors},
        pipeline_state=bytes(state.pipeline),
        topic_states={topic: bytes(saved) for topic, saved in topic_states},
        open_matches=[match_of(row) for row in connection.execute(_open(state.watermark_us)).mappings()],
        roots=_roots(connection, state.event_time_us),
        seen=_seen(connection),
    )


def _open(watermark_us: int) -> Select[tuple[object, ...]]:
    table = schema.mentions
    query: Select[tuple[object, ...]] = select(*MATCH_COLUMNS)
    return query.where(
        table.c.topic.in_(select(_TOPICS.subquery().c.topic)),
        table.c.published_us >= watermark_us - watermark_us % MINUTE_US,
        table.c.is_late.is_(False),
    ).order_by(table.c.published_us, table.c.key, table.c.topic)


def _roots(connection: Connection, newest_us: int) -> dict[int, tuple[Reading, tuple[tuple[str, str], ...]]]:
    """Return what reposts inherit, oldest root first: what the newest :data:`MOST_ROOTS` roots matched."""
    terms: dict[int, dict[str, str]] = {}
    read: dict[int, RowMapping] = {}
    for row in _newest_first(connection, newest_us):
        key = row["root"] if row["kind"] == "repost" else row["key"]
        if key not in terms and len(terms) == MOST_ROOTS:
            break
        # The oldest row speaks last, and so has the last word: the root itself rather than a repost of it.
        terms.setdefault(key, {})[row["topic"]] = row["term"]
        read[key] = row
    return {key: (reading_of(read[key]), tuple(sorted(terms[key].items()))) for key in reversed(terms)}


def _newest_first(connection: Connection, newest_us: int) -> Iterator[RowMapping]:
    """Yield what reposts inherit, of every mention, going back in time.

    The table is in order of topic, then time. So we look back in steps, each twice as long as the one before, and
    sort only within a step: whoever stops early has read little more than was needed.
    """
    table = schema.mentions
    columns = [table.c[name] for name in ("kind", "key", "root", "topic", "term", *Reading.__struct_fields__)]
    wanted = select(*columns).where(table.c.topic.in_(select(_TOPICS.subquery().c.topic)))
    newest_first = (table.c.published_us.desc(), table.c.key, table.c.topic)
    until_us: int | None = None
    step_us = MINUTE_US
    while until_us is None or until_us > 0:
        since_us = newest_us - step_us
        query = wanted if since_us <= 0 else wanted.where(table.c.published_us >= since_us)
        if until_us is not None:
            query = query.where(table.c.published_us < until_us)
        yield from connection.execute(query.order_by(*newest_first)).mappings()
        until_us, step_us = since_us, step_us * 2


def _seen(connection: Connection) -> list[int]:
    blocks = connection.execute(select(schema.seen.c.block, schema.seen.c["keys"]).order_by(schema.seen.c.block)).all()
    keys = [key for _, block in blocks for key in keys_of(block)]
    # From the first key of a generation on, so that the deduplicator forgets the same keys at the same time as one
    # that was never restarted.
    before = blocks[0].block if blocks else 0
    return keys[-before % GENERATION :]
