"""One batch, one transaction."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Final

from sqlalchemy import Connection, Dialect, delete, select

from monitor.cascades import latest
from monitor.mentions import mention_key
from monitor.store import Commit, rows, schema
from monitor.store.erasing import author_keys, erase_keys
from monitor.store.statements import Insertion, Row, Statements

__all__ = ["MOST_SEEN", "BatchWriter"]

MOST_SEEN: Final = 4_000_000
"""Keys of items kept for deduplication after a restart: what :class:`monitor.mentions.Deduplicator` remembers."""

Run = Callable[[Insertion, Connection, Sequence[Row]], None]


class BatchWriter:
    """Writes batches within the caller's transactions.

    Parameters
    ----------
    public_followers
        See :func:`monitor.store.rows.mention_rows`.
    """

    def __init__(self, dialect: Dialect, public_followers: int) -> None:
        self.statements = Statements(dialect)
        self._public_followers = public_followers
        self._blocks: deque[tuple[int, int]] = deque()  # (keys before it, its keys) of each block in the table
        self._next_block = 0

    def begin(self, connection: Connection) -> None:
        """Learn where the last writer stopped."""
        query = select(schema.seen.c.block, schema.seen.c.size).order_by(schema.seen.c.block)
        self._blocks = deque((block, size) for block, size in connection.execute(query))
        self._next_block = sum(self._blocks[-1]) if self._blocks else 0

    def write(self, connection: Connection, commit: Commit, *, storable: bool) -> int:
        """Write a batch; return how many rows it erased.

        Parameters
        ----------
        storable
            Replace what the database cannot hold. Slower, and hardly ever needed.
        """
        run: Run = Insertion.run_storable if storable else Insertion.run
        self._write_conclusions(connection, commit, run)
        erased = self._erase(connection, commit)
        counts = {**commit.outcome.counts, "erased": erased}
        run(self.statements.counts, connection, sorted(item for item in counts.items() if item[1]))
        self._write_position(connection, commit, run)
        return erased

    def is_written(self, connection: Connection, commit: Commit) -> bool:
        """Tell whether `commit` was the last batch written: an answer may get lost after the work was done."""
        table = schema.state
        row = connection.execute(
            select(table.c.pipeline, table.c.watermark_us, table.c.event_time_us, table.c.recorded_us)
        ).one_or_none()
        ours = (commit.pipeline_state, commit.watermark_us, commit.event_time_us, commit.recorded_us)
        return row is not None and (bytes(row.pipeline), *row[1:]) == ours

    def _write_conclusions(self, connection: Connection, commit: Commit, run: Run) -> None:
        into, outcome, recorded_us = self.statements, commit.outcome, commit.recorded_us
        # In the order of the table, which is measurably faster than in the order of arrival. Within a topic that is
        # the order of time, near enough.
        mentions = sorted(rows.mention_rows(outcome.kept, self._public_followers), key=itemgetter(0))
        run(into.mentions, connection, mentions)
        run(into.signals, connection, rows.signal_rows(outcome.judged))
        # A cascade may have changed in several minutes of the batch; PostgreSQL and we want the last only.
        run(into.cascades, connection, rows.cascade_rows(latest(outcome.cascades)))
        run(into.incidents, connection, rows.incident_rows(list(outcome.incidents.values())))
        run(into.timeline, connection, rows.timeline_rows(outcome.timeline, recorded_us))
        run(into.alerts, connection, rows.alert_rows(outcome.alerts, recorded_us))

    def _write_position(self, connection: Connection, commit: Commit, run: Run) -> None:
        into = self.statements
        states = [(topic, *snapshot) for topic, snapshot in sorted(commit.topic_states.items())]
        run(into.topic_states, connection, states)
        self._write_seen(connection, commit.outcome.first_seen, run)
        cursors = [(source, position, commit.recorded_us) for source, position in sorted(commit.cursors.items())]
        run(into.cursors, connection, cursors)
        state = (1, commit.pipeline_state, commit.watermark_us, commit.event_time_us, commit.recorded_us)
        run(into.state, connection, [state])

    def _write_seen(self, connection: Connection, keys: Sequence[int], run: Run) -> None:
        if not keys:
            return
        run(self.statements.seen, connection, [(self._next_block, len(keys), rows.packed(keys))])
        self._blocks.append((self._next_block, len(keys)))
        self._next_block += len(keys)
        while self._next_block - sum(self._blocks[0]) >= MOST_SEEN:
            block, _ = self._blocks.popleft()
            connection.execute(delete(schema.seen).where(schema.seen.c.block == block))

    def _erase(self, connection: Connection, commit: Commit) -> int:
        outcome = commit.outcome
        keys = [mention_key(one.network, one.id) for one in outcome.deletions if one.id is not None]
        keys += author_keys(connection, outcome.erased_authors)
        return erase_keys(connection, keys)
