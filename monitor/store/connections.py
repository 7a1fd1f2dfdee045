"""How we reach a database: its address, its settings, its exclusive lock, and what its errors mean to people."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from monitor.errors import StoreError, StoreFull, StoreUnavailable

__all__ = [
    "FileLock",
    "begin",
    "claim_advisory_lock",
    "empty_log",
    "engine_of",
    "parse_address",
    "place_of",
    "said_plainly",
]

PATIENCE_SECONDS: Final = 10
"""How long a writer waits for another one; the longest transaction, one batch, takes well under a second."""

LOCK_PATIENCE_SECONDS: Final = 5.0
"""How long whoever wants to ingest into a PostgreSQL database waits for its last session to end."""

INGEST_LOCK: Final = 0x62616462757A7A  # "badbuzz": the advisory lock of whoever ingests into a PostgreSQL database

_SQLITE_SETTINGS: Final = (
    "PRAGMA page_size = 8192",  # measured: a tenth faster than 4096 for our rows; holds a topic's state in few pages
    "PRAGMA journal_mode = WAL",  # readers never wait for the writer
    "PRAGMA synchronous = FULL",  # a power cut loses no committed batch (sqlite.org/pragma.html#pragma_synchronous)
    "PRAGMA secure_delete = ON",  # what is erased is overwritten with zeros
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -65536",  # 64 MiB
    "PRAGMA wal_autocheckpoint = 8000",  # 64 MiB: pages that change in every batch are copied once in many
    "PRAGMA journal_size_limit = 67108864",
)

_FULL_SQLITE: Final = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE}
_SQLITE_REASONS: Final = {
    sqlite3.SQLITE_NOTADB: "is not a badbuzz database; give the path of another file",
    sqlite3.SQLITE_CORRUPT: "is damaged; restore a backup or start with a new file",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; check that the folder exists and that you may write in it",
    sqlite3.SQLITE_READONLY: "cannot be written; check the permissions of the file, its -wal and -shm, and its folder",
    sqlite3.SQLITE_PERM: "cannot be opened; check the permissions of the file",
    sqlite3.SQLITE_BUSY: "is locked by another program; close it, or try again",
    sqlite3.SQLITE_LOCKED: "is locked by another program; close it, or try again",
    sqlite3.SQLITE_IOERR: "cannot be read or written; check the disk",
}


def parse_address(address: str | Path) -> URL:
    """Return the SQLAlchemy URL of a database given as a path or a URL.

    Raises
    ------
    StoreUnavailable
        If it is a URL of something else than SQLite or PostgreSQL.
    """
    text = str(address)
    if "://" not in text:
        return URL.create("sqlite", database=text)
    try:
        url = make_url(text)
    except ArgumentError as error:
        message = "the database's address cannot be read; write sqlite:///PATH or postgresql://USER@HOST/NAME"
        raise StoreUnavailable(message) from error
    backend = url.get_backend_name()
    if backend == "sqlite" and url.database:
        return URL.create("sqlite", database=url.database)
    if backend in {"postgresql", "postgres"}:
        return url.set(drivername="postgresql+psycopg")
    message = f"the database {text.partition('://')[0]}:// is not supported; use sqlite:///PATH or postgresql://..."
    raise StoreUnavailable(message)


def place_of(url: URL) -> str:
    """Return what to call a database in a message: a path, or a URL without its password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return url.set(drivername="postgresql").render_as_string(hide_password=True)


def engine_of(url: URL) -> Engine:
    """Return an engine for `url`; nothing is opened yet.

    Raises
    ------
    StoreUnavailable
        If PostgreSQL is asked for and its driver is not installed.
    """
    # Positional parameters let batches go to the driver as plain tuples. Parameters hold what people posted, so
    # they must never appear in an error.
    if url.get_backend_name() != "sqlite":
        try:
            return create_engine(url, paramstyle="format", hide_parameters=True)
        except ModuleNotFoundError as error:
            message = "PostgreSQL needs its driver; install it with: pip install 'badbuzz[postgresql]'"
            raise StoreUnavailable(message) from error
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": PATIENCE_SECONDS})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, so that schema changes are in the transaction too
    for setting in _SQLITE_SETTINGS:
        connection.execute(setting).close()


def _begin_sqlite(connection: Connection) -> None:
    is_writing = connection.get_execution_options().get("writing", False)
    # A writer takes its place at once: one that starts by reading could find that another wrote in between.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")


@contextmanager
def begin(engine: Engine, place: str) -> Iterator[Connection]:
    """Run one short writing transaction on a connection of its own, from any thread."""
    with said_plainly(place), engine.connect().execution_options(writing=True) as connection, connection.begin():
        yield connection


def empty_log(engine: Engine) -> bool:
    """Move SQLite's write-ahead log into the database and cut it to nothing; tell whether no reader was in the way.

    See https://www.sqlite.org/pragma.html#pragma_wal_checkpoint.
    """
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout = 200")  # a long look at the war room may not hold ingest up
        try:
            busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {PATIENCE_SECONDS * 1000}")
    finally:
        connection.close()
    return not busy


@contextmanager
def said_plainly(place: str) -> Iterator[None]:
    """Turn what a database driver raises for reasons outside our code into a sentence about `place`."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        plain = _explain(error, place)
        if plain is None:
            raise
        raise plain from error


def _explain(error: DBAPIError | sqlite3.Error, place: str) -> StoreError | None:
    full = StoreFull(f"no space left for the database {place}; what was committed is safe, free some space")
    cause: Any = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", 0)
        if code in _FULL_SQLITE:
            return full
        reason = _SQLITE_REASONS.get(code & 0xFF)
        return StoreUnavailable(f"the database {place} {reason}") if reason else None
    state = getattr(cause, "sqlstate", None)
    # https://www.postgresql.org/docs/current/errcodes-appendix.html
    if state == "53100":
        return full
    # No state: never connected. 08 connection, 28 authorisation, 3D no such database, 40 rollback, 42501 privilege,
    # 53 resources, 55 lock or object state, 57 operator's intervention.
    if state is None or state == "42501" or state[:2] in _PG_OUTSIDE:
        return StoreUnavailable(f"the database {place} cannot be used: {_first_line(cause)}")
    return None


_PG_LOCK_NOT_AVAILABLE: Final = "55P03"
_PG_OUTSIDE: Final = {"08", "28", "3D", "40", "53", "55", "57"}


def _first_line(cause: object) -> str:
    lines = str(cause).strip().splitlines() or [type(cause).__name__]
    return lines[0][:300]


class FileLock:
    """The exclusive right to ingest into one SQLite database, held until released or the process ends.

    A file of its own beside the database: SQLite's locks on the database would be lost if we closed a second
    descriptor of it (https://www.sqlite.org/howtocorrupt.html, section 2.2).

    Raises
    ------
    StoreUnavailable
        If another process holds it, or the lock file cannot be made.
    """

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + "-ingest.lock")
        while not self._try(str(database)):
            pass  # whoever held it removed the file between our opening and our locking it

    def _try(self, place: str) -> bool:
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            message = f"the lock {self._path} cannot be made ({error.strerror}); check the permissions of its folder"
            raise StoreUnavailable(message) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._file)
            raise StoreUnavailable(_taken(place)) from error
        with suppress(FileNotFoundError):
            if self._path.stat().st_ino == os.fstat(self._file).st_ino:
                return True
        os.close(self._file)
        return False

    def release(self) -> None:
        """Let another process ingest."""
        self._path.unlink(missing_ok=True)
        os.close(self._file)


def claim_advisory_lock(connection: Connection, place: str) -> None:
    """Take the exclusive right to ingest into a PostgreSQL database, for as long as `connection` lives.

    Raises
    ------
    StoreUnavailable
        If another process holds it.
    """
    with connection.begin():
        # Who let go, or died, a moment ago may hold it still: the server ends a session after the client has left it.
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(LOCK_PATIENCE_SECONDS * 1000)}")
        try:
            connection.exec_driver_sql("SELECT pg_advisory_lock(%s)", (INGEST_LOCK,))
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) == _PG_LOCK_NOT_AVAILABLE:
                raise StoreUnavailable(_taken(place)) from error
            raise


def _taken(place: str) -> str:
    return f"another badbuzz is already writing to the database {place}; stop it first, or use another database"
