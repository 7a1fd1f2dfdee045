"""Opening the store to look, never to touch."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from monitor.errors import StoreTooNew, StoreUnavailable
from monitor.store.connections import parse_address, place_of
from monitor.store.migrations import HEAD, too_new

__all__ = ["Reading"]

WAIT_SECONDS: Final = 3
"""How long a look may wait for a connection or a lock before the page says so and tries again."""


class Reading:
    """A store opened read only: SQLite with ``mode=ro``, PostgreSQL in read-only transactions.

    Nothing is opened before :meth:`snapshot` and nothing stays open after it: a store that does not exist yet can be
    waited for, one that was replaced is seen, and a page left open in a browser holds nothing.

    Parameters
    ----------
    address
        A path, or a URL such as ``sqlite:////var/lib/badbuzz/badbuzz.db`` or ``postgresql://user@host/badbuzz``.

    Raises
    ------
    StoreUnavailable
        If `address` is the URL of something else, or the driver of PostgreSQL is not installed.
    """

    def __init__(self, address: str) -> None:
        url = parse_address(address)
        self._place = place_of(url)
        self._engine = _file(Path(url.database or "")) if url.get_backend_name() == "sqlite" else _server(url)

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Yield a connection on which every statement sees the same commit.

        Raises
        ------
        StoreUnavailable
            If the database is missing, locked, unreachable, of another version or holds no tables of ours.
        StoreTooNew
            If a newer version wrote it.
        """
        try:
            with self._engine.connect() as connection:
                if connection.dialect.name == "sqlite":
                    connection.exec_driver_sql("BEGIN")
                self._refuse_newer(connection)
                yield connection
        except DBAPIError as error:
            raise StoreUnavailable(self._explain(str(error.orig))) from error

    def _refuse_newer(self, connection: Connection) -> None:
        step = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if step is not None and step > HEAD:
            raise StoreTooNew(too_new(self._place, step))

    def _explain(self, said: str) -> str:
        if "no such table" in said or ("relation" in said and "does not exist" in said):
            return f"the database {self._place} holds no badbuzz tables yet; start `badbuzz run` with this store"
        if "no such column" in said or ("column" in said and "does not exist" in said):
            return (
                f"the database {self._place} was written by another version of badbuzz; stop this program and the "
                "service, then start both from the same version"
            )
        if "locked" in said:
            return f"the database {self._place} is busy; nothing is lost, the next look may succeed"
        if "not a database" in said:
            return f"the database {self._place} is not a badbuzz database; give the path of another file"
        return f"the database {self._place} cannot be read; check that it exists and that this user may read it"


def _file(path: Path) -> Engine:
    def connect() -> sqlite3.Connection:
        # isolation_level None: we say BEGIN ourselves, so that one page is one snapshot.
        uri = f"{path.absolute().as_uri()}?mode=ro"
        return sqlite3.connect(uri, uri=True, timeout=WAIT_SECONDS, isolation_level=None)

    return create_engine("sqlite://", creator=connect, poolclass=NullPool, hide_parameters=True)


def _server(url: URL) -> Engine:
    try:
        return create_engine(
            url,
            poolclass=NullPool,
            hide_parameters=True,
            connect_args={"connect_timeout": WAIT_SECONDS},
            isolation_level="REPEATABLE READ",
            execution_options={"postgresql_readonly": True},
        )
    except ModuleNotFoundError as error:
        message = "PostgreSQL needs its driver; install it with: pip install 'badbuzz[postgresql]'"
        raise StoreUnavailable(message) from error
