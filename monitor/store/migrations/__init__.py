"""How the tables came to be what they are, one numbered step a file; applied by :func:`migrate`."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, inspect, text

from monitor.errors import StoreTooNew, StoreUnavailable

__all__ = ["HEAD", "migrate", "revision_of", "too_new"]

HEAD: Final = "0001"
"""The newest step; a database that says so needs nothing, and Alembic is not even imported."""

_MIGRATION_LOCK: Final = 0x62616462757A7B


def revision_of(connection: Connection, place: str) -> str | None:
    """Return the step a database is at; ``None`` for an empty one.

    Raises
    ------
    StoreUnavailable
        If the database belongs to another program.
    """
    tables = inspect(connection).get_table_names()
    if not tables:
        return None
    if "alembic_version" not in tables or "topic_states" not in tables:
        message = f"the database {place} belongs to another program (it holds {min(tables)!r}); use an empty one"
        raise StoreUnavailable(message)
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def too_new(place: str, step: str) -> str:
    """Say that a database is at a step this version does not know."""
    return f"the database {place} was written by a newer badbuzz (step {step}); upgrade badbuzz to read it"


def migrate(connection: Connection, place: str) -> None:
    """Bring the tables to the newest step, inside the caller's writing transaction.

    Raises
    ------
    StoreTooNew
        If the database is at a step this version does not know.
    """
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
    current = revision_of(connection, place)
    steps = ScriptDirectory(__path__[0])
    if current is not None and current not in {step.revision for step in steps.walk_revisions()}:
        raise StoreTooNew(too_new(place, current))
    context = MigrationContext.configure(connection)
    with Operations.context(context):
        for step in reversed(list(steps.iterate_revisions("head", current))):
            step.module.upgrade()
            context.stamp(steps, step.revision)
