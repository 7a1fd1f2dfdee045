"""Edge: what survives a restart. SQLite by default, PostgreSQL by URL; one transaction per batch.

:func:`monitor.store.database.open_store` is the door. Behind it: ``connections`` (addresses, settings, locks, what
errors mean), ``migrations``, ``schema`` (the tables), ``writing`` with ``statements`` and ``rows`` (a batch),
``reading`` (a restart, and everything in order), ``erasing``, ``outbox``, ``people``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    # Whoever only reads the tables must not pay for loading every detector.
    from monitor.pipeline import Outcome, TopicSnapshot
    from monitor.topics import Match, Reading

__all__ = ["Checkpoint", "Commit"]


class Commit(msgspec.Struct, kw_only=True):
    """One batch to commit: all of it or nothing.

    Attributes
    ----------
    outcome
        What the pipeline made of the batch.
    cursors
        Where each source stands *after* this batch, opaque bytes by source name.
    pipeline_state
        The pipeline's own small state (watermark, counts so far).
    topic_states
        Of the topics whose turn it is: (start of the first minute that is not part of it, state).
    watermark_us, event_time_us
        The watermark, and the newest event time seen.
    recorded_us
        Wall-clock time of the commit.
    """

    outcome: Outcome
    cursors: dict[str, bytes]
    pipeline_state: bytes
    topic_states: dict[str, TopicSnapshot]
    watermark_us: int
    event_time_us: int
    recorded_us: int


class Checkpoint(msgspec.Struct, kw_only=True):
    """Where the last commit left everything; what a restart begins from.

    Attributes
    ----------
    matches
        Those that are not late and not part of their topic's state, ordered by (published_us, key, topic).
    roots
        For recent cascade roots: key -> how it reads, and (topic id, term) of its topics; reposts inherit from here.
    seen
        Keys of recent items in order of first sight.
    late
        Those that came late and were heard by a minute that is not part of their topic's state: its start, and they.
    """

    cursors: dict[str, bytes]
    pipeline_state: bytes | None
    topic_states: dict[str, TopicSnapshot]
    matches: list[Match]
    roots: dict[int, tuple[Reading, tuple[tuple[str, str], ...]]]
    seen: list[int]
    late: list[tuple[int, Match]]
