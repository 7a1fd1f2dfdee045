"""The statements a batch is made of, compiled once: plain SQL that takes plain tuples.

Rows of a batch go to the driver's ``executemany`` as tuples. Building a dict and an expression for every row, as
convenient as that is, costs more than all the rest of the commit.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Sequence
from operator import index
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Connection, Dialect, Integer, Table, case
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import Insert as PostgresqlInsert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert

from monitor.cascades import LASTING
from monitor.store import schema

__all__ = ["Insertion", "Row", "Statements", "storable_text"]

Row = tuple[Any, ...]

# Python's SQLite driver looks for an adapter of every value that is no int, float or str. If there is none it asks the
# value itself, which costs ten times as much as binding it, and a third of a row's values are None, True or False.
_NOTHING: Final[dict[None, None]] = {}
sqlite3.register_adapter(type(None), _NOTHING.get)
sqlite3.register_adapter(bool, index)


class Insertion:
    """Insert rows into one table, in the order of its columns; `on_conflict` says what meets a row already there.

    Parameters
    ----------
    table
        Where to.
    columns
        Names of the columns a row gives, in order.
    """

    def __init__(
        self,
        dialect: Dialect,
        table: Table,
        columns: Sequence[str],
        on_conflict: Callable[[SqliteInsert | PostgresqlInsert], SqliteInsert | PostgresqlInsert],
    ) -> None:
        insert = (sqlite if dialect.name == "sqlite" else postgresql).insert(table)
        compiled = on_conflict(insert).compile(dialect=dialect, column_keys=list(columns))
        self._sql = str(compiled)
        self._storable = [_storable_of(table.c[name].type) for name in columns]

    def run(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Insert `rows` as they are."""
        if rows:
            connection.exec_driver_sql(self._sql, list(rows))

    def run_storable(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Insert `rows` with what no database can hold replaced: see :func:`storable_text`."""
        self.run(connection, [tuple(f(v) for f, v in zip(self._storable, row, strict=True)) for row in rows])


def storable_text(value: str) -> str:
    """Return a text without NUL (PostgreSQL refuses it) and without lone surrogates (no encoding has them).

    Examples
    --------
    >>> storable_text("a" + chr(0) + "b" + chr(0xD800))
    'a\ufffdb?'
    """
    return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _storable_of(kind: object) -> Callable[[Any], Any]:
    if isinstance(kind, Integer):
        limit = 1 << (63 if isinstance(kind, BigInteger) else 31)
        return lambda value: min(max(value, -limit), limit - 1) if isinstance(value, int) else value
    return lambda value: storable_text(value) if isinstance(value, str) else value


class Statements:
    """Every insertion of a batch, for one kind of database."""

    def __init__(self, dialect: Dialect) -> None:
        def insertion(table: Table, on_conflict: str = "update", keep: Collection[str] = ()) -> Insertion:
            columns = [c.name for c in table.columns if c.autoincrement is not True and c.name not in keep]
            return Insertion(dialect, table, columns, _CONFLICTS[on_conflict](table, columns))

        self.mentions = insertion(schema.mentions, "ignore")
        self.signals = insertion(schema.signals)
        self.cascades = insertion(schema.cascades, "outgrow")
        # What people did to an incident is theirs: a new version of the incident leaves it alone.
        self.incidents = insertion(schema.incidents, keep={"acknowledged_us", "acknowledged_by", "dismissed_us"})
        self.timeline = insertion(schema.timeline, "ignore")
        self.alerts = insertion(schema.alerts, "ignore", keep={"sent_us", "attempts", "next_attempt_us"})
        self.topics = insertion(schema.topics)
        self.topic_states = insertion(schema.topic_states)
        self.seen = insertion(schema.seen)
        self.counts = insertion(schema.counts, "add")
        self.cursors = insertion(schema.cursors)
        self.state = insertion(schema.state)


_OnConflict = Callable[[SqliteInsert | PostgresqlInsert], SqliteInsert | PostgresqlInsert]


def _ignore(_table: Table, _columns: Sequence[str]) -> _OnConflict:
    return lambda insert: insert.on_conflict_do_nothing()


def _update(table: Table, columns: Sequence[str]) -> _OnConflict:
    keys = [c.name for c in table.primary_key]
    return lambda insert: insert.on_conflict_do_update(
        index_elements=keys, set_={name: insert.excluded[name] for name in columns if name not in keys}
    )


def _add(table: Table, columns: Sequence[str]) -> _OnConflict:
    keys = [c.name for c in table.primary_key]
    return lambda insert: insert.on_conflict_do_update(
        index_elements=keys,
        set_={name: table.c[name] + insert.excluded[name] for name in columns if name not in keys},
    )


def _outgrow(table: Table, columns: Sequence[str]) -> _OnConflict:
    """Update, but keep what a root that was forgotten and came back has yet to outgrow."""

    def newest(insert: SqliteInsert | PostgresqlInsert, name: str) -> ColumnElement[Any]:
        new = insert.excluded[name]
        return case((insert.excluded.size >= table.c.size, new), else_=table.c[name]) if name in LASTING else new

    keys = [c.name for c in table.primary_key]
    return lambda insert: insert.on_conflict_do_update(
        index_elements=keys, set_={name: newest(insert, name) for name in columns if name not in keys}
    )


_CONFLICTS: Final = {"ignore": _ignore, "update": _update, "add": _add, "outgrow": _outgrow}
