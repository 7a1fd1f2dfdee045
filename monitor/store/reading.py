"""What a restart begins from, and everything that was concluded, in an order that is always the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeVar, cast

import msgspec
from sqlalchemy import Column, Connection, RowMapping, Table, select, text

from monitor.clock import MINUTE_US
from monitor.mentions import Mention
from monitor.store import Checkpoint, schema
from monitor.store.rows import MATCH_COLUMNS, keys_of, match_of, mention_of, reading_of
from monitor.topics import Match, Reading, Topic
from monitor.windows import LATEST_HEARD_US

__all__ = [
    "MOST_ROOTS",
    "ORDERS",
    "read_all",
    "read_checkpoint",
    "read_remembered",
    "read_topic",
    "topics_with_mentions",
]

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


def read_topic(connection: Connection, identifier: str) -> Topic | None:
    """Return a topic as it was last watched; ``None`` if it never was."""
    table = schema.topics
    body = connection.execute(select(table.c.body).where(table.c.id == identifier)).scalar()
    return None if body is None else msgspec.json.decode(body, type=Topic)


def read_remembered(connection: Connection, topic: str, since_us: int) -> Iterator[tuple[Match, Mention]]:
    """Yield what is stored of a topic since an instant and was not late, a thousand in memory at a time."""
    table = schema.mentions
    query = select(table).where(table.c.topic == topic, table.c.published_us >= since_us, table.c.is_late.is_(False))
    ordered = query.order_by(table.c.published_us, table.c.key)
    with connection.execute(ordered, execution_options={"yield_per": 1000}) as result:
        for row in result.mappings():
            match = match_of(cast("RowMapping", {column.name: row[column.name] for column in MATCH_COLUMNS}))
            yield match, mention_of(match, row)


def read_checkpoint(connection: Connection) -> Checkpoint | None:
    """Return where the last commit left everything; ``None`` if there was none."""
    state = connection.execute(select(schema.state)).one_or_none()
    if state is None:
        return None
    cursors = connection.execute(select(schema.cursors.c.source, schema.cursors.c.position))
    saved = schema.topic_states.c
    rows = connection.execute(select(saved.topic, saved.next_us, saved.state))
    topic_states = {topic: (next_us, bytes(snapshot)) for topic, next_us, snapshot in rows}
    since_us = {topic: next_us for topic, (next_us, _) in topic_states.items()}
    return Checkpoint(
        cursors={source: bytes(position) for source, position in cursors},
        pipeline_state=bytes(state.pipeline),
        topic_states=topic_states,
        matches=_matches(connection, since_us),
        roots=_roots(connection, state.event_time_us),
        seen=_seen(connection),
        late=_late(connection, since_us),
    )


def _matches(connection: Connection, since_us: Mapping[str, int]) -> list[Match]:
    """Return what is not part of the topics' states, by the minute from which on it is not."""
    table = schema.mentions
    found: list[Match] = []
    for topic in topics_with_mentions(connection):
        query = select(*MATCH_COLUMNS).where(
            table.c.topic == topic, table.c.published_us >= since_us.get(topic, 0), table.c.is_late.is_(False)
        )
        found += [match_of(row) for row in connection.execute(query).mappings()]
    return sorted(found, key=lambda match: (match.published_us, match.key, match.topic))


def _late(connection: Connection, since_us: Mapping[str, int]) -> list[tuple[int, Match]]:
    """Return what came late and was heard by a minute that is not part of the topics' states, with that minute."""
    table = schema.mentions
    found: list[tuple[int, Match]] = []
    for topic in topics_with_mentions(connection):
        next_us = since_us.get(topic, 0)
        query = select(table.c.heard_us, *MATCH_COLUMNS).where(
            table.c.topic == topic,
            table.c.is_late.is_(True),
            table.c.published_us >= next_us - LATEST_HEARD_US,
            table.c.heard_us >= next_us,
        )
        for row in connection.execute(query).mappings():
            match = match_of(cast("RowMapping", {column.name: row[column.name] for column in MATCH_COLUMNS}))
            found.append((row["heard_us"], match))
    return found


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
