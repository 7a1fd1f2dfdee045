"""Wiring and lifecycle of the live service; the one place where everything meets.

D3: *One thread owns the pipeline.* HTTP requests wait in a bounded queue; the worker takes all that wait, runs the
pipeline, commits everything in one transaction, and only then are the requests answered. So 200 means stored, and a
client that got no answer simply sends again: posts are recognised by their id.

D4: *After anything unexpected the worker forgets its memory and reads the last commit.* What was in flight is answered
with an error and is sent again by its owner; nothing half-done survives.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import signal
import socket
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Final

import uvicorn
from prometheus_client import CollectorRegistry

from monitor import __version__
from monitor.alerts import alert_of
from monitor.api.app import Edge, create_app
from monitor.api.intake import Intake, Request, Verdict
from monitor.clock import DAY_US, SECOND_US, Clock
from monitor.desk import Desk
from monitor.errors import PortInUse, SettingInvalid, StoreError, StoreFull
from monitor.mentions import Gap, Heartbeat, Item
from monitor.metrics import Metrics
from monitor.notifiers import Notifier
from monitor.notifiers.delivery import Delivery
from monitor.notifiers.webhook import Webhook
from monitor.pipeline import Outcome
from monitor.queries import Reading
from monitor.settings import Settings
from monitor.sources import Decoded
from monitor.sources.ndjson import Ndjson
from monitor.sources.reasons import REASONS
from monitor.store.database import Store, open_store
from monitor.topics import Topic
from monitor.topics.watchlist import read_watchlists
from monitor.worker import Worker

__all__ = ["LiveService", "serve"]

log = logging.getLogger("badbuzz.service")

STORE_RETRY_SECONDS: Final = 2.0

PULSE_US: Final = 20 * SECOND_US
"""We commit at least this often, so that everybody can see that we are alive."""

PURGE_EVERY_SECONDS: Final = 3600.0


class LiveService:
    """The worker thread: takes requests from the intake until told to stop.

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
        self._follows_wall_clock = follows_wall_clock
        self._silence_us = silence_us
        self._last_heard: dict[str, int] = {}
        self._committed_us = 0
        self._stop = threading.Event()
        self._format = Ndjson()

    def stop(self) -> None:
        """Ask the worker to answer what it has and return."""
        self._stop.set()
        self._intake.close()

    @property
    def watermark_us(self) -> int:
        """Event time up to which minutes are closed."""
        return self._worker.pipeline.watermark_us

    def resume(self) -> None:
        """Go on from the last commit; call once, before :meth:`run`."""
        self._worker.resume()

    def run(self) -> None:
        """Work until :meth:`stop`. Survives whatever a batch may do to it (D4)."""
        while not self._stop.is_set():
            self._supervise(self._intake.take(timeout_seconds=1.0))
        self._supervise(self._intake.take(timeout_seconds=0.0))

    def _supervise(self, requests: Sequence[Request]) -> None:
        try:
            self._work(requests)
        except Exception as error:  # the one broad one: recorded, answered, and memory rebuilt (D4)
            log.exception("batch_failed error=%s requests=%d", type(error).__name__, len(requests))
            for request in requests:
                request.fail("the batch could not be processed; send it again")
            self._recover()

    def _recover(self) -> None:
        while not self._stop.is_set():
            try:
                self._worker.resume()
            except StoreError as error:
                self._set_writable(is_writable=False)
                log.error("store_unavailable message=%s", error)  # noqa: TRY400 - a state, not a crash
                self._stop.wait(STORE_RETRY_SECONDS)
            else:
                self._set_writable(is_writable=True)
                return

    def _work(self, requests: Sequence[Request]) -> None:
        outcome = Outcome()
        by_source: dict[str, Counter[str]] = {}
        answers: list[tuple[Request, Verdict]] = []
        for source, group in _by_source(requests).items():
            returned = self._returned_from_silence(source)
            counts = by_source.setdefault(source, Counter())
            for request in group:
                decoded = self._format.decode(request.records)
                for bad in decoded.malformed:
                    self._metrics.malformed(source, bad.reason)
                answers.append((request, Verdict.of(decoded)))
                decoded.items[:0] = returned
                returned = []
                counts += self._worker.step(source, decoded, outcome)
        if self._follows_wall_clock:
            self._let_time_pass(outcome)
        now = self._clock.now_us()
        if requests or outcome.changed or now - self._committed_us >= PULSE_US:
            self._commit(outcome, by_source)
            self._committed_us = now
        for request, verdict in answers:
            request.answer(verdict)
        self._metrics.queue(self._intake.posts, self._intake.capacity_posts)

    def _returned_from_silence(self, source: str) -> list[Item]:
        """Return the gap that ends now, if the source had fallen silent."""
        now = self._clock.now_us()
        last = self._last_heard.get(source)
        self._last_heard[source] = now
        if not self._follows_wall_clock or last is None or now - last <= self._silence_us:
            return []
        seconds = (now - last) / SECOND_US
        log.warning("source_returned source=%s silent_seconds=%.0f", source, seconds)
        self._metrics.gap(source, seconds)
        return [Gap(source=source, start_us=last, end_us=now, reason="silence")]

    def _let_time_pass(self, outcome: Outcome) -> None:
        now = self._clock.now_us()
        for source, last in self._last_heard.items():
            is_heard = now - last <= self._silence_us
            self._metrics.source_up(source, is_up=is_heard)
            if is_heard:
                self._worker.step(source, Decoded([Heartbeat(source=source, at_us=now)], []), outcome)
            else:
                self._worker.pipeline.leave(source)

    def _commit(self, outcome: Outcome, by_source: dict[str, Counter[str]]) -> None:
        """Commit, waiting for as long as the disk is full: nothing is lost, ingest answers 503 meanwhile."""
        began = self._clock.monotonic_seconds()
        commit = self._worker.prepare(outcome, {})
        while True:
            try:
                self._worker.commit(commit)
                break
            except StoreFull as error:
                self._set_writable(is_writable=False)
                log.error("store_full message=%s", error)  # noqa: TRY400 - a state, not a crash
                if self._stop.wait(STORE_RETRY_SECONDS):
                    raise
        self._set_writable(is_writable=True)
        self._metrics.observe(
            outcome,
            watermark_us=self._worker.pipeline.watermark_us,
            commit_seconds=self._clock.monotonic_seconds() - began,
            by_source=by_source,
        )
        for entry in outcome.timeline:
            log.info("incident_%s incident=%s", entry.kind, entry.incident)

    def _set_writable(self, *, is_writable: bool) -> None:
        self._intake.is_writable = is_writable
        self._metrics.store_writable(is_writable=is_writable)


def _by_source(requests: Iterable[Request]) -> dict[str, list[Request]]:
    groups: dict[str, list[Request]] = {}
    for request in requests:
        groups.setdefault(request.source, []).append(request)
    return groups


def serve(settings: Settings, clock: Clock) -> None:
    """Serve until told to stop (SIGTERM, SIGINT).

    Raises
    ------
    MonitorError
        A setting, watchlist, database or port that cannot be used; nothing was started.
    """
    topics = read_watchlists([settings.topics])
    with (
        _listening(settings) as listener,
        open_store(settings.store, public_followers=settings.public_followers) as store,
    ):
        store.claim()
        store.save_topics(topics)
        _Running(settings, clock, store, topics).until_told_to_stop(listener)


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    """Take the port before anything else starts, so that a port in use is one sentence."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError as error:
            message = f"cannot listen on {settings.listen}: {error.strerror}; stop what listens there, or set `listen`"
            raise PortInUse(message) from None
        yield listener


class _Running:
    """The running service: HTTP in front, and three threads around one store."""

    def __init__(self, settings: Settings, clock: Clock, store: Store, topics: Sequence[Topic]) -> None:
        self._settings, self._clock, self._store = settings, clock, store
        self._topics = {topic.id: topic for topic in topics}
        self._stop = threading.Event()
        self._follows_wall_clock = settings.clock == "wall"
        self._intake = Intake(settings.queue_posts)
        self._burning = [incident for incident in store.incidents() if incident.state != "closed"]
        self._firing = [alert_of(self._topics[one.topic], one) for one in self._burning if one.topic in self._topics]
        notifiers = [self._webhook(number) for number in range(len(settings.webhooks))]
        self._metrics = Metrics(
            CollectorRegistry(),
            topics,
            clock=clock,
            version=__version__,
            sources=["ingest"],
            malformed_reasons=tuple(REASONS),
            notifiers=[notifier.name for notifier in notifiers],
        )
        worker = Worker(
            store,
            topics,
            clock,
            author_secret=_author_secret(settings),
            lateness_us=round(settings.lateness_seconds * SECOND_US),
        )
        self._live = LiveService(
            worker,
            self._intake,
            self._metrics,
            clock,
            follows_wall_clock=self._follows_wall_clock,
            silence_us=round(settings.silence_seconds * SECOND_US),
        )
        delivery = Delivery(store, notifiers, clock=clock, tally=self._metrics, random=Random())  # noqa: S311 - jitter
        self._worker_thread = threading.Thread(target=self._live.run, name="worker")
        self._threads = [
            self._worker_thread,
            threading.Thread(target=delivery.run, args=(self._stop,), name="delivery"),
            threading.Thread(target=self._purge_regularly, name="retention"),
        ]

    def until_told_to_stop(self, listener: socket.socket) -> None:
        """Serve HTTP in this thread; on SIGTERM answer what is in flight, commit, and return."""
        # uvicorn raises the signal that stopped it once more when it is done; the rest of us stops in order.
        for told in (signal.SIGTERM, signal.SIGINT):
            signal.signal(told, lambda *_: None)
        self._live.resume()
        self._metrics.restore(self._burning, self._firing, self._live.watermark_us)  # a restart ends no page
        for thread in self._threads:
            thread.start()
        try:
            server = uvicorn.Server(
                uvicorn.Config(
                    create_app(self._edge(), __version__),
                    log_level="warning",
                    access_log=False,
                    timeout_graceful_shutdown=20,
                )
            )
            log.info("serving listen=%s store=%s", self._settings.listen, self._store.place)
            server.run(sockets=[listener])
        finally:
            self._stop.set()
            self._live.stop()
            for thread in self._threads:
                thread.join()
            log.info("stopped")

    def _webhook(self, number: int) -> Notifier:
        webhook = self._settings.webhooks[number]
        secret = next(iter(_lines(webhook.secret_file, f"webhooks.{number}.secret_file")), b"")
        return Webhook(
            str(webhook.url),
            secret,
            clock=self._clock,
            only_pages=webhook.only_pages,
            firing=self._firing,
            name="webhook" if number == 0 else f"webhook_{number + 1}",
        )

    def _edge(self) -> Edge:
        settings = self._settings
        reading = Reading(self._store.engine.url.render_as_string(hide_password=False))
        return Edge(
            intake=self._intake,
            reading=reading,
            desk=Desk(self._store, reading, self._clock, follows_wall_clock=self._follows_wall_clock),
            clock=self._clock,
            metrics_page=lambda: (self._metrics.exposition(), self._metrics.content_type),
            is_alive=self._worker_thread.is_alive,
            body_bytes=settings.body_bytes,
            ingest_secrets=_lines(settings.ingest_secret_file, "ingest_secret_file"),
            api_token=next(iter(_lines(settings.api_token_file, "api_token_file")), None),
        )

    def _purge_regularly(self) -> None:
        """Erase what is older than the settings allow, now and every hour."""
        while True:
            try:
                erased = self._store.purge(self._clock.now_us() - self._settings.text_days * DAY_US)
            except StoreError as error:
                log.error("retention_failed message=%s", error)  # noqa: TRY400 - tried again in an hour
            else:
                log.info("retention_done erased=%d", erased)
            if self._stop.wait(PURGE_EVERY_SECONDS):
                return


def _lines(path: Path | None, setting: str) -> list[bytes]:
    """Read secrets, one a line."""
    if path is None:
        return []
    try:
        found = [line.strip() for line in path.read_bytes().splitlines() if line.strip()]
    except OSError as error:
        message = f"{setting}: {path}: {error.strerror}; name a file that holds one secret a line"
        raise SettingInvalid(message) from None
    if not found:
        message = f"{setting}: {path} is empty; write one secret a line"
        raise SettingInvalid(message)
    return found


def _author_secret(settings: Settings) -> bytes:
    """Read the key of the pseudonyms; beside a SQLite store, make one at the first start."""
    path = settings.author_secret_file
    if path is None:
        if "://" in settings.store and not settings.store.startswith("sqlite:"):
            message = "author_secret_file: needed with a PostgreSQL store; name a file that holds a long random line"
            raise SettingInvalid(message)
        path = Path(settings.store.removeprefix("sqlite:///") + ".author-key")
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(32), "ascii")
    return hashlib.sha256(_lines(path, "author_secret_file")[0]).digest()
