"""One batch at a time: through the pipeline, then committed in one transaction. Used live and in a replay alike."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from monitor.clock import MINUTE_US, Clock, SteadyClock
from monitor.errors import StoreUnavailable
from monitor.mentions import Heartbeat
from monitor.pipeline import Outcome, Pipeline
from monitor.sources import Decoded
from monitor.store import Commit
from monitor.store.database import Store
from monitor.topics import Topic

__all__ = ["Worker", "calm_collector"]

CLOCK_MARGIN_US: Final = 5 * MINUTE_US
"""Servers' clocks differ; a post dated further ahead than this is misdated."""


class Worker:
    """Runs batches through the pipeline and commits each in one transaction."""

    def __init__(
        self, store: Store, topics: Sequence[Topic], clock: Clock, *, author_secret: bytes, lateness_us: int
    ) -> None:
        self._store = store
        self._topics = topics
        self._clock = clock
        self._steady = SteadyClock(clock)
        self._secret = author_secret
        self._lateness_us = lateness_us
        self.pipeline = Pipeline(topics, author_secret, lateness_us)
        self._heeded = 0  # number of the last correction learned
        self._forgotten = 0  # corrections that may no longer be learned from

    def resume(self) -> dict[str, bytes]:
        """Forget everything in memory and go on from the last commit; return the sources' cursors.

        Raises
        ------
        StoreError
            If the last commit cannot be read.
        """
        self.pipeline = Pipeline(self._topics, self._secret, self._lateness_us)
        checkpoint = self._store.load()
        self._heeded = self._forgotten = 0
        if checkpoint is None:
            return {}
        if checkpoint.pipeline_state is not None:
            try:
                self.pipeline.restore(
                    checkpoint.pipeline_state,
                    checkpoint.topic_states,
                    checkpoint.matches,
                    checkpoint.roots,
                    checkpoint.seen,
                    checkpoint.late,
                )
            except msgspec.MsgspecError as error:
                message = (
                    f"what the database {self._store.place} remembers of the topics was written by another badbuzz "
                    f"({error}); go on with that one, or start with a new database"
                )
                raise StoreUnavailable(message) from error
        self.heed()
        return checkpoint.cursors

    def heed(self) -> None:
        """Learn what people said of the tone of posts since the last time.

        To be called between batches. What was learned is not saved with a batch: it is learned again from the store
        after a restart, which takes 25 microseconds a correction, and whenever one of them has to be forgotten.

        Raises
        ------
        StoreError
            If the store cannot be read; nothing was learned.
        """
        corrections, forgotten = self._store.corrections(self._heeded)
        if forgotten != self._forgotten:
            corrections, forgotten = self._store.corrections()
            self.pipeline.unlearn()
            self._forgotten = forgotten
        if corrections:
            self.pipeline.heed(corrections)
            self._heeded = corrections[-1].number

    def step(self, source: str, decoded: Decoded, outcome: Outcome) -> Counter[str]:
        """Run what a source yielded through the pipeline, adding to `outcome`; return what was counted."""
        step = self.pipeline.step(source, decoded.items, self._not_after_us)
        step.counts.update(
            read=decoded.read,
            malformed=len(decoded.malformed),
            ignored=decoded.ignored,
            derived_ids=decoded.derived_ids,
        )
        outcome.add(step)
        return step.counts

    def let_pass(self, source: str, until_us: int, outcome: Outcome) -> None:
        """Move a source's event time on, adding to `outcome`: a heartbeat of ours, which is not counted as one."""
        step = self.pipeline.step(source, [Heartbeat(source=source, at_us=until_us)], self._not_after_us)
        del step.counts["heartbeats"]
        outcome.add(step)

    def prepare(self, outcome: Outcome, cursors: Mapping[str, bytes]) -> Commit:
        """Return the commit of an outcome, which may be tried more than once."""
        return Commit(
            outcome=outcome,
            cursors=dict(cursors),
            pipeline_state=self.pipeline.snapshot(),
            topic_states=self.pipeline.topic_states(),
            watermark_us=self.pipeline.watermark_us,
            event_time_us=self.pipeline.event_time_us,
            recorded_us=self._clock.now_us(),
        )

    def commit(self, prepared: Commit) -> None:
        """Write a commit that :meth:`prepare` made.

        Raises
        ------
        StoreError
            Nothing was committed. Until a repeat succeeds, or :meth:`resume`, memory is ahead of the store.
        """
        self._store.commit(prepared)

    @property
    def _not_after_us(self) -> int:
        return self._steady.latest_us() + CLOCK_MARGIN_US


def calm_collector() -> None:
    """Tell Python's cycle collector to leave alone what lives as long as the process, and to come more rarely.

    Posts and matches are in no cycles and are freed at once; by default the collector would still walk over every
    topic's state each time some thousands of them were made.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(500_000, 20, 50)
