"""The worker's thread: takes requests from the intake, commits what they say, answers them; until told to stop."""

from __future__ import annotations

import logging
import math
import threading
import traceback
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from monitor.api.intake import Intake, Request, Verdict
from monitor.clock import SECOND_US, Clock
from monitor.errors import StoreError, StoreFull
from monitor.mentions import Gap
from monitor.metrics import Metrics
from monitor.pipeline import Outcome
from monitor.service.presence import Presence
from monitor.sources.ndjson import Ndjson
from monitor.worker import Worker

__all__ = ["LiveService", "places"]

log = logging.getLogger("badbuzz.service")

STORE_RETRY_SECONDS: Final = 2.0

PULSE_SECONDS: Final = 20.0
"""We commit at least this often, so that everybody can see that we are alive."""

TICK_SECONDS: Final = 1.0
"""How often time passes when nothing is posted."""


@dataclass(slots=True)
class _Batch:
    """What some requests said, to be told once it is committed."""

    outcome: Outcome = field(default_factory=Outcome)
    by_source: dict[str, Counter[str]] = field(default_factory=dict)
    malformed: Counter[tuple[str, str]] = field(default_factory=Counter)
    gaps: list[Gap] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)


class LiveService:
    """Works through the intake, in a thread of its own.

    Parameters
    ----------
    follows_wall_clock
        Whether time also moves when nothing is posted (live), or only with the data (drills, recorded days).
    silence_us
        A source silent for longer was blind; silence that long is a gap, never "quiet".
    """

    def __init__(
        self,
        worker: Worker,
        intake: Intake,
        metrics: Metrics,
        clock: Clock,
        *,
        follows_wall_clock: bool,
        silence_us: int,
    ) -> None:
        self._worker = worker
        self._intake = intake
        self._metrics = metrics
        self._clock = clock
        self._presence = Presence(clock, silence_us, follows_wall_clock=follows_wall_clock)
        self._absent: set[str] = set()  # not waited for; what was logged of it
        self._committed_at = -math.inf
        self._stop = threading.Event()
        self._format = Ndjson()

    def stop(self) -> None:
        """Take no more requests; answer what waits, and return from :meth:`run`."""
        self._stop.set()
        self._intake.close()

    @property
    def watermark_us(self) -> int:
        """Event time up to which minutes are closed."""
        return self._worker.pipeline.watermark_us

    def resume(self) -> None:
        """Go on from the last commit; call once, before :meth:`run`.

        Raises
        ------
        StoreError
            If the last commit cannot be read.
        """
        self._presence.restore(self._worker.resume())
        for name, source in self._presence.sources.items():
            self._metrics.heard(name, source.heard_us)
            self._metrics.source_up(name, is_up=False)

    def run(self) -> None:
        """Work until :meth:`stop`, whatever a batch may do (D4). Nobody is left without an answer."""
        is_sound = True
        try:
            while is_sound and not self._stop.is_set():
                is_sound = self.step(self._intake.take(TICK_SECONDS))
            while is_sound and (requests := self._intake.take(0.0)):
                is_sound = self.step(requests)
        finally:
            self._intake.close()
            while requests := self._intake.take(0.0):
                _give_back(requests)

    def step(self, requests: Sequence[Request]) -> bool:
        """Work through some requests, possibly none, and let time pass.

        Returns
        -------
        bool
            Whether memory agrees with the store: if not, we were told to stop before the store could be read.
        """
        try:
            self._work(requests)
        except StoreError as error:
            log.error("batch_not_committed requests=%d message=%s", len(requests), error)  # noqa: TRY400 - a state
            _give_back(requests)
            return self._recover()
        except Exception as error:  # noqa: BLE001 - the one broad one: recorded, answered, memory rebuilt (D4)
            what, where = type(error).__name__, places(error)  # never its words: they may be those of a post
            log.error("batch_failed requests=%d error=%s at=%s", len(requests), what, where)  # noqa: TRY400
            if len(requests) == 1:
                _give_back(requests)
                return self._recover()
            # One by one, so that the others need not suffer for the one that cannot be processed.
            return self._recover() and all(self.step([request]) for request in requests)
        else:
            return True
        finally:
            _give_back(requests)  # whoever has no answer yet

    def _recover(self) -> bool:
        """Forget what memory holds and read the last commit, for as long as that takes."""
        self._presence.undo()
        while True:
            try:
                self._worker.resume()
            except StoreError as error:
                self._set_writable(is_writable=False)
                log.error("store_unavailable message=%s", error)  # noqa: TRY400 - a state, not a crash
                if self._stop.wait(STORE_RETRY_SECONDS):
                    return False
            else:
                self._set_writable(is_writable=True)
                return True

    def _work(self, requests: Sequence[Request]) -> None:
        batch = _Batch()
        for source in self._presence.strangers:
            self._worker.pipeline.forget(source)
        if requests:
            self._worker.heed()
        for request in requests:
            self._read(request, batch)
        self._let_time_pass(batch.outcome)
        is_due = self._clock.monotonic_seconds() - self._committed_at >= PULSE_SECONDS
        if requests or batch.outcome.judged or batch.outcome.incidents or is_due:
            self._commit(batch, requests)
        for request, verdict in zip(requests, batch.verdicts, strict=True):
            request.answer(verdict)

    def _read(self, request: Request, batch: _Batch) -> None:
        source = self._presence.name_of(request.source)
        decoded = self._format.decode(request.records)
        batch.verdicts.append(Verdict.of(decoded))
        batch.malformed.update((source, bad.reason) for bad in decoded.malformed)
        decoded.items = self._presence.attend(source, decoded.items, self._worker.pipeline.event_time_us)
        batch.gaps += [item for item in decoded.items if isinstance(item, Gap)]
        batch.by_source.setdefault(source, Counter()).update(self._worker.step(source, decoded, batch.outcome))

    def _let_time_pass(self, outcome: Outcome) -> None:
        """Move time on for those who are heard; of all others it is hidden what they usually say."""
        absent = self._presence.absent(self._worker.pipeline.event_time_us)
        self._worker.pipeline.miss(absent)
        self._tell_absent(absent)
        for source, position_us in self._presence.positions().items():
            if source not in absent:
                self._worker.let_pass(source, position_us, outcome)

    def _tell_absent(self, absent: Mapping[str, int]) -> None:
        for source in sorted(absent.keys() - self._absent):
            behind_us = self._worker.pipeline.event_time_us - absent[source]
            log.info("source_not_waited_for source=%s behind_seconds=%d", source, behind_us // SECOND_US)
        for source in sorted(self._absent - absent.keys()):
            log.info("source_waited_for source=%s", source)
        self._absent = set(absent)

    def _commit(self, batch: _Batch, requests: Sequence[Request]) -> None:
        """Commit, waiting for as long as the disk is full: nothing is lost, ingest answers 503 meanwhile."""
        began = self._clock.monotonic_seconds()
        commit = self._worker.prepare(batch.outcome, self._presence.save())
        while True:
            try:
                self._worker.commit(commit)
                break
            except StoreFull as error:
                self._set_writable(is_writable=False)
                log.error("store_full message=%s", error)  # noqa: TRY400 - a state, not a crash
                for request in requests:  # what is sent again after all was committed changes nothing
                    request.fail("no space left on the disk; send the same again")
                if self._stop.wait(STORE_RETRY_SECONDS):
                    raise
        self._presence.commit()
        self._committed_at = self._clock.monotonic_seconds()
        self._set_writable(is_writable=True)
        self._tell(batch, self._committed_at - began)

    def _tell(self, batch: _Batch, commit_seconds: float) -> None:
        """Show what was committed."""
        self._metrics.observe(
            batch.outcome,
            watermark_us=self._worker.pipeline.watermark_us,
            commit_seconds=commit_seconds,
            by_source=batch.by_source,
        )
        for (source, reason), records in batch.malformed.items():
            self._metrics.malformed(source, reason, records)
        for gap in batch.gaps:
            self._metrics.gap(gap.source, max(0, gap.end_us - gap.start_us) / SECOND_US)
            log.warning("gap source=%s seconds=%d", gap.source, (gap.end_us - gap.start_us) // SECOND_US)
        for source in self._presence.sources:
            self._metrics.source_up(source, is_up=self._presence.is_heard(source) and source not in self._absent)
        for entry in batch.outcome.timeline:
            log.info("incident_%s incident=%s", entry.kind, entry.incident)

    def _set_writable(self, *, is_writable: bool) -> None:
        self._intake.is_writable = is_writable
        self._metrics.store_writable(is_writable=is_writable)


def _give_back(requests: Sequence[Request]) -> None:
    for request in requests:
        request.fail("it could not be processed; send it again")


def places(error: BaseException) -> str:
    """Say where an error came from, innermost first, without its words."""
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
