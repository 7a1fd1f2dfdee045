"""The store: everything that survives a restart, behind one door."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self, TypeVar

import msgspec
from sqlalchemy import Connection, Engine, RowMapping, Table, select
from sqlalchemy.exc import DataError

from monitor.cascades import Cascade
from monitor.clock import SECOND_US
from monitor.errors import StoreError, StoreUnavailable
from monitor.incidents import Incident, TimelineEntry
from monitor.mentions import Mention
from monitor.store import Checkpoint, Commit, connections, corrections, erasing, outbox, people, reading, rows, schema
from monitor.store.migrations import HEAD, migrate, revision_of
from monitor.store.statements import storable_text
from monitor.store.writing import BatchWriter
from monitor.tone import Correction
from monitor.topics import Match, Topic

if TYPE_CHECKING:
    from monitor.topic_state import Judged

__all__ = ["PUBLIC_FOLLOWERS", "Store", "open_store"]

PUBLIC_FOLLOWERS: Final = 10_000
"""Who has this many followers speaks in public; see :func:`monitor.store.rows.mention_rows`."""

SCRUB_EVERY_US: Final = 30 * SECOND_US
"""Erased text is gone from the write-ahead log too after this long; the promise is a minute."""

ERASED_AT_ONCE: Final = 2_000

Value = TypeVar("Value")


def open_store(address: str | Path, *, create: bool = True, public_followers: int = PUBLIC_FOLLOWERS) -> Store:
    """Open a database, make or upgrade its tables if need be.

    Parameters
    ----------
    address
        A path, ``sqlite:///PATH`` or ``postgresql://USER@HOST/NAME``.
    create
        Whether to make the database if there is none.
    public_followers
        Handles are kept only of the brand's own accounts, of those with this many followers, and of verified press and
        public offices.

    Raises
    ------
    StoreTooNew
        If a newer version wrote it.
    StoreUnavailable
        If it cannot be opened, is something else, or is missing and `create` is false.
    """
    url = connections.parse_address(address)
    place = connections.place_of(url)
    if url.get_backend_name() == "sqlite":
        _check_path(Path(place), create=create)
    engine = connections.engine_of(url)
    with ExitStack() as undo:
        undo.callback(engine.dispose)
        with connections.said_plainly(place):
            _prepare(engine, place, create=create)
        undo.pop_all()
    return Store(engine, place, public_followers)


def _check_path(path: Path, *, create: bool) -> None:
    if path.is_dir():
        message = f"the database {path} is a folder; give the path of a file in it, such as {path / 'badbuzz.db'}"
        raise StoreUnavailable(message)
    if not create and not path.exists():
        message = f"there is no database {path}; `badbuzz run` and `badbuzz replay` make one"
        raise StoreUnavailable(message)


def _prepare(engine: Engine, place: str, *, create: bool) -> None:
    with engine.connect() as connection:
        revision = revision_of(connection, place)
    if revision is None and not create:
        message = f"the database {place} is empty; `badbuzz run` and `badbuzz replay` fill it"
        raise StoreUnavailable(message)
    if revision != HEAD:
        with connections.begin(engine, place) as connection:
            migrate(connection, place)


class Store:
    """A database of mentions, signals, incidents and everything a restart needs. Made by :func:`open_store`.

    One thread ingests: :meth:`load`, then :meth:`commit` after each batch. Everything else may be called from any
    thread, and from other processes on the same database.

    Attributes
    ----------
    engine
        For whoever reads the tables of :mod:`monitor.store.schema`.
    place
        What to call the database in a message; holds no password.
    """

    def __init__(self, engine: Engine, place: str, public_followers: int) -> None:
        self.engine = engine
        self.place = place
        self._writer = BatchWriter(engine.dialect, public_followers)
        self._lock: connections.FileLock | None = None
        self._ingest: Connection | None = None
        self._failed: Commit | None = None
        self._is_unscrubbed = False
        self._scrubbed_us = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database and of the right to ingest into it."""
        self._let_go()
        if self._is_unscrubbed:
            self._scrub()
        self.engine.dispose()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def claim(self) -> None:
        """Take the exclusive right to ingest; kept until :meth:`close` or the end of the process.

        :meth:`load` and :meth:`commit` claim by themselves; a service does it at its start, to fail early.

        Raises
        ------
        StoreUnavailable
            If another process has it.
        """
        self._claimed()

    def _claimed(self) -> Connection:
        if self._ingest is not None:
            return self._ingest
        is_sqlite = self.engine.dialect.name == "sqlite"
        if is_sqlite and self._lock is None:
            self._lock = connections.FileLock(Path(self.place).resolve())
        with connections.said_plainly(self.place), ExitStack() as undo:
            connection = undo.enter_context(self.engine.connect().execution_options(writing=True))
            connection.detach()  # not to be handed to anybody else: on PostgreSQL the right belongs to the session
            if not is_sqlite:
                connections.claim_advisory_lock(connection, self.place)
            with connection.begin():
                self._writer.begin(connection)
            undo.pop_all()
        self._ingest = connection
        return connection

    def _let_go(self) -> None:
        connection, self._ingest = self._ingest, None
        if connection is not None:
            connection.close()  # for good, since it is detached; what was not committed is rolled back

    def commit(self, commit: Commit) -> None:
        """Write a batch, all of it or nothing.

        After an error the batch may be committed again, as the same `outcome`: nothing is written twice, even if the
        connection broke before the database could say that it had written it.

        Raises
        ------
        StoreFull
            If no space is left.
        StoreUnavailable
            If the database is locked or cannot be reached.
        """
        with connections.said_plainly(self.place):
            connection = self._claimed()
            try:
                erased = self._write(connection, commit)
            except BaseException:
                self._failed = commit
                self._let_go()
                raise
        self._failed = None
        self._is_unscrubbed |= erased > 0
        if self._is_unscrubbed and commit.recorded_us >= self._scrubbed_us + SCRUB_EVERY_US:
            self._scrub()
            self._scrubbed_us = commit.recorded_us

    def _write(self, connection: Connection, commit: Commit) -> int:
        try:
            with connection.begin():
                if self._was_written_after_all(connection, commit):
                    return 0
                return self._writer.write(connection, commit, storable=False)
        except (UnicodeEncodeError, OverflowError, DataError):
            # Something a network sent cannot be stored as it is. It must not stop everything else.
            with connection.begin():
                self._writer.begin(connection)
                return self._writer.write(connection, commit, storable=True)

    def _was_written_after_all(self, connection: Connection, commit: Commit) -> bool:
        failed = self._failed
        is_repeated = failed is not None and failed.outcome is commit.outcome
        return failed is not None and is_repeated and self._writer.is_written(connection, failed)

    def load(self) -> Checkpoint | None:
        """Return what to go on from; ``None`` if nothing was ever committed.

        Raises
        ------
        StoreUnavailable
            If another process ingests into this database.
        """
        self._failed = None  # whoever starts afresh from what is stored repeats nothing
        with connections.said_plainly(self.place):
            connection = self._claimed()
            try:
                with connection.begin():
                    return reading.read_checkpoint(connection)
            except BaseException:
                self._let_go()
                raise

    def save_topics(self, topics: Sequence[Topic]) -> None:
        """Write what is watched now; other topics stay, as no longer watched."""
        with connections.begin(self.engine, self.place) as connection:
            connection.execute(schema.topics.update().values(active=False))
            saved = [(topic.id, msgspec.json.encode(topic).decode(), True) for topic in topics]
            self._writer.statements.topics.run_storable(connection, saved)

    def outbox(self, now_us: int, limit: int = 100) -> list[outbox.Pending]:
        """Return at most `limit` alerts that are due to be sent, oldest first."""
        with self._reading() as connection:
            return outbox.pending(connection, now_us, limit)

    def mark_sent(self, number: int, sent_us: int) -> None:
        """Take an alert out of the outbox: it was sent."""
        with connections.begin(self.engine, self.place) as connection:
            outbox.mark_sent(connection, number, sent_us)

    def mark_failed(self, number: int, next_attempt_us: int) -> None:
        """Leave an alert in the outbox, not to be tried again before `next_attempt_us`."""
        with connections.begin(self.engine, self.place) as connection:
            outbox.mark_failed(connection, number, next_attempt_us)

    def act(
        self, incident: str, action: people.Action, *, actor: str, text: str, at_us: int, recorded_us: int
    ) -> TimelineEntry:
        """Write what a person did to an incident onto its timeline.

        Parameters
        ----------
        text
            One plain sentence, or the note itself.
        at_us, recorded_us
            When, on the incident's time line and on the wall clock; they differ in a drill.

        Raises
        ------
        InputRefused
            If there is no such incident.
        """
        entry = TimelineEntry(
            incident=incident, sequence=0, at_us=at_us, kind=action, text=storable_text(text), evidence=()
        )
        with connections.begin(self.engine, self.place) as connection:
            return people.act(connection, entry, storable_text(actor), recorded_us)

    def correct(self, correction: Correction, *, actor: str, at_us: int, recorded_us: int) -> bool:
        """Append what a person said of how a post sounds; return whether they had not said so before.

        Parameters
        ----------
        correction
            Its number does not count; it gets the next.
        """
        actor = storable_text(actor)
        with connections.begin(self.engine, self.place) as connection:
            return corrections.append(connection, correction, actor=actor, at_us=at_us, recorded_us=recorded_us)

    def corrections(self, after: int = 0) -> tuple[list[Correction], int]:
        """Return what people said of the tone of posts since correction `after`, in order.

        The second number is how many corrections were forgotten with their posts since the beginning: when it grows,
        whoever learned from them must learn the others afresh.
        """
        with self._reading() as connection:
            return corrections.corrections(connection, after), corrections.forgotten(connection)

    def purge(self, before_us: int) -> int:
        """Erase text, handle and address of everything published before an instant; return how many rows it was.

        Many short transactions: ingest goes on meanwhile.
        """
        erased = 0
        with self._reading() as connection:
            topics = reading.topics_with_mentions(connection)
        for topic in topics:
            while changed := self._purge_some(topic, before_us):
                erased += changed
        if erased:
            self._scrub()
        return erased

    def _purge_some(self, topic: str, before_us: int) -> int:
        with connections.begin(self.engine, self.place) as connection:
            changed = erasing.erase_old(connection, topic, before_us, ERASED_AT_ONCE)
            self._count_erased(connection, changed)
            return changed

    def forget(self, author: int) -> int:
        """Erase what an author published, and its reposts; return how many rows it was.

        Parameters
        ----------
        author
            The author's pseudonym (:func:`monitor.mentions.author_key`).
        """
        with connections.begin(self.engine, self.place) as connection:
            erased = erasing.erase_keys(connection, erasing.author_keys(connection, [author]))
            self._count_erased(connection, erased)
        if erased:
            self._scrub()
        return erased

    def _count_erased(self, connection: Connection, erased: int) -> None:
        if erased:
            self._writer.statements.counts.run(connection, [("erased", erased)])

    def _scrub(self) -> None:
        """Empty the write-ahead log, where erased text lingers; if something is in the way, next time.

        What was committed is committed: whatever happens here is no reason to say that it was not.
        """
        self._is_unscrubbed = self.engine.dialect.name == "sqlite"
        if self._is_unscrubbed:
            with suppress(StoreError), connections.said_plainly(self.place):
                self._is_unscrubbed = not connections.empty_log(self.engine)

    def incidents(self) -> Iterator[Incident]:
        """Yield every incident, by opening time, then id."""
        return self._all(schema.incidents, rows.incident_of)

    def timeline(self) -> Iterator[TimelineEntry]:
        """Yield every line of every timeline, by incident, event time, place."""
        return self._all(schema.timeline, rows.timeline_entry_of)

    def judged(self) -> Iterator[Judged]:
        """Yield every closed minute with its verdicts, by topic, then time."""
        return self._all(schema.signals, rows.judged_of)

    def topic(self, identifier: str) -> Topic | None:
        """Return a topic as it was last watched; ``None`` if it never was."""
        with self._reading() as connection:
            return reading.read_topic(connection, identifier)

    def remembered(self, topic: str, since_us: int) -> Iterator[tuple[Match, Mention]]:
        """Yield what is stored of a topic since an instant and was not late, in order of publication.

        The mention has what is kept of it: no text once that was erased, the author's handle only of public accounts.
        """
        with self._reading() as connection:
            yield from reading.read_remembered(connection, topic, since_us)

    def cascades(self) -> Iterator[Cascade]:
        """Yield the latest state of every cascade, by topic, start, root."""
        return self._all(schema.cascades, rows.cascade_of)

    def counts(self) -> dict[str, int]:
        """Return the counts since the beginning, by name; see :class:`monitor.pipeline.Outcome`."""
        with self._reading() as connection:
            table = schema.counts
            found = connection.execute(select(table.c.name, table.c.value).order_by(table.c.name))
            return {name: value for name, value in found}  # noqa: C416 - dict() of rows has no types

    def event_time_us(self) -> int | None:
        """Return the newest event time committed; ``None`` if nothing was ever committed."""
        with self._reading() as connection:
            newest: int | None = connection.execute(select(schema.state.c.event_time_us)).scalar()
            return newest

    def _all(self, table: Table, value_of: Callable[[RowMapping], Value]) -> Iterator[Value]:
        with self._reading() as connection:
            yield from reading.read_all(connection, table, value_of)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with connections.said_plainly(self.place), self.engine.connect() as connection:
            yield connection
