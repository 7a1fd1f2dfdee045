"""The running service: HTTP in front, and three threads around one store."""

from __future__ import annotations

import logging
import signal
import socket
import threading
from collections.abc import Callable, Sequence
from random import Random
from typing import Final

import uvicorn
from prometheus_client import CollectorRegistry

from monitor import __version__
from monitor.alerts import alert_of
from monitor.api.app import Edge, create_app
from monitor.api.body import Bodies
from monitor.api.intake import Intake
from monitor.clock import DAY_US, SECOND_US, Clock, SteadyClock
from monitor.desk import Desk
from monitor.errors import MonitorError, StoreError
from monitor.metrics import Metrics
from monitor.notifiers import Notifier
from monitor.notifiers.delivery import Delivery
from monitor.notifiers.webhook import Webhook
from monitor.queries import Reading, answered_up_to, freshness, incident_timeline, promises
from monitor.service.live import LiveService, places
from monitor.settings import Settings, author_secret, secret_lines
from monitor.sources.reasons import REASONS
from monitor.store.database import Store
from monitor.topics import Topic
from monitor.worker import Worker, calm_collector

__all__ = ["Running"]

log = logging.getLogger("badbuzz.service")

PURGE_EVERY_SECONDS: Final = 3600.0
PROMISES_EVERY_SECONDS: Final = 900.0

RESTART_SECONDS: Final = 5.0
"""A thread beside the worker that failed begins again after this long."""

GRACE_SECONDS: Final = 3
"""How long requests in flight may take to be answered once we were told to stop."""

PATIENCE_SECONDS: Final = 10.0
"""How long we wait for our threads to end; what is not committed by then will be sent again."""


class Running:
    """Everything that runs, wired together.

    Raises
    ------
    MonitorError
        A setting or secret that cannot be used, or a store that cannot be read.
    """

    def __init__(self, settings: Settings, clock: Clock, store: Store, topics: Sequence[Topic]) -> None:
        self._settings, self._clock, self._store = settings, clock, store
        self._topics = {topic.id: topic for topic in topics}
        self._stop = threading.Event()
        self._reading = Reading(store.engine.url.render_as_string(hide_password=False))
        self._intake = Intake(settings.queue_posts)
        self._bodies = Bodies(settings.body_bytes)
        self._burning = [incident for incident in store.incidents() if incident.state != "closed"]
        self._firing = [alert_of(self._topics[one.topic], one) for one in self._burning if one.topic in self._topics]
        self._notifiers = [self._webhook(number) for number in range(len(settings.webhooks))]
        self._metrics = Metrics(
            CollectorRegistry(),
            topics,
            clock=clock,
            version=__version__,
            sources=["ingest"],
            malformed_reasons=tuple(REASONS),
            notifiers=[notifier.name for notifier in self._notifiers],
        )
        self._live = self._live_service(topics)
        self._worker = threading.Thread(target=self._work, name="worker", daemon=True)
        self._failure: str | None = None
        self._server = _Server(
            uvicorn.Config(
                create_app(self._edge(), __version__),
                log_config=None,
                log_level="warning",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                lifespan="off",
                ws="none",
                timeout_graceful_shutdown=GRACE_SECONDS,
            ),
            on_stop=self._close_doors,
        )

    def until_told_to_stop(self, listener: socket.socket) -> None:
        """Serve HTTP in this thread; on SIGTERM answer what is in flight, commit, and return.

        Raises
        ------
        StoreError
            If the last commit cannot be read; nothing was started.
        MonitorError
            If the worker stopped by itself.
        """
        # While the server runs it handles these itself; it raises the one that stopped it once more when it is done.
        for told in (signal.SIGTERM, signal.SIGINT):
            signal.signal(told, lambda *_: self._server.leave())
        self._live.resume()
        self._recall_answers()
        self._metrics.restore(self._burning, self._firing, self._live.watermark_us)  # a restart ends no page
        calm_collector()
        delivery = Delivery(
            self._store,
            self._notifiers,
            clock=SteadyClock(self._clock),  # a clock set back holds no page back
            tally=self._metrics,
            random=Random(),  # noqa: S311 - jitter
        )
        threads = [
            self._worker,
            self._beside("delivery", lambda: delivery.run(self._stop)),
            self._beside("retention", self._purge_regularly),
            self._beside("promises", self._show_promises),
        ]
        for thread in threads:
            thread.start()
        try:
            log.info("serving listen=%s store=%s", self._settings.listen, self._store.place)
            self._server.run(sockets=[listener])
        finally:
            self._begin_to_stop()
            self._wait_for(threads)
        if self._failure is not None:
            raise MonitorError(self._failure)

    def _close_doors(self) -> None:
        """Begin to stop, on the event loop."""
        self._bodies.close()
        self._begin_to_stop()

    def _begin_to_stop(self) -> None:
        self._stop.set()
        self._live.stop()

    def _wait_for(self, threads: Sequence[threading.Thread]) -> None:
        give_up = self._clock.monotonic_seconds() + PATIENCE_SECONDS
        for thread in threads:
            thread.join(max(0.0, give_up - self._clock.monotonic_seconds()))
        late = [thread.name for thread in threads if thread.is_alive()]
        log.info("stopped" if not late else "stopped without waiting for: " + ", ".join(late))

    def _work(self) -> None:
        """Run the worker; without it there is no service, so that whoever started us may start us afresh."""
        try:
            self._live.run()
        except Exception as error:  # noqa: BLE001 - whatever it is, it ends the service, loudly
            log.critical("worker_failed error=%s at=%s", type(error).__name__, places(error))
            self._failure = f"the worker failed ({type(error).__name__}); the log says where, start the service again"
        finally:
            self._server.leave()

    def _beside(self, name: str, work: Callable[[], None]) -> threading.Thread:
        """Make a thread whose work begins again when it fails: no page may be lost to one bad alert."""

        def keep_working() -> None:
            while not self._stop.is_set():
                try:
                    work()
                except Exception as error:  # noqa: BLE001 - recorded, and tried again
                    log.error("%s_failed error=%s at=%s", name, type(error).__name__, places(error))  # noqa: TRY400
                    self._stop.wait(RESTART_SECONDS)

        return threading.Thread(target=keep_working, name=name, daemon=True)

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

    def _show_promises(self) -> None:
        """Bring the series of promised and achieved alarms up to date, now and every quarter of an hour."""
        while True:
            for topic in self._topics:
                with self._reading.snapshot() as look:
                    end_us = freshness(look, self._clock.now_us()).watermark_us
                    kept = [(one.severity, one.kept) for one in promises(look, topic, end_us)]
                self._metrics.promised(topic, kept)
            if self._stop.wait(PROMISES_EVERY_SECONDS):
                return

    def _live_service(self, topics: Sequence[Topic]) -> LiveService:
        settings = self._settings
        worker = Worker(
            self._store,
            topics,
            self._clock,
            author_secret=author_secret(settings),
            lateness_us=round(settings.lateness_seconds * SECOND_US),
        )
        return LiveService(
            worker,
            self._intake,
            self._metrics,
            self._clock,
            follows_wall_clock=settings.clock == "wall",
            silence_us=round(settings.silence_seconds * SECOND_US),
        )

    def _webhook(self, number: int) -> Notifier:
        webhook = self._settings.webhooks[number]
        secret = next(iter(secret_lines(webhook.secret_file, f"webhooks.{number}.secret_file")), b"")
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
        return Edge(
            intake=self._intake,
            reading=self._reading,
            desk=Desk(
                self._store,
                self._reading,
                self._clock,
                author_secret=author_secret(settings),
                follows_wall_clock=settings.clock == "wall",
                answered=self._metrics.answered,
            ),
            clock=self._clock,
            metrics_page=self._metrics_page,
            is_alive=self._worker.is_alive,
            bodies=self._bodies,
            ingest_secrets=secret_lines(settings.ingest_secret_file, "ingest_secret_file"),
            api_tokens=secret_lines(settings.api_token_file, "api_token_file"),
        )

    def _recall_answers(self) -> None:
        """Take up what people said of the open incidents before: a restart begins no page again that they ended."""
        with self._reading.snapshot() as look:
            for incident in self._burning:
                severity = answered_up_to(incident_timeline(look, incident.id))
                if severity is not None:
                    self._metrics.answered(incident.id, severity)

    def _metrics_page(self) -> tuple[bytes, str]:
        # Asked now, because a worker that is held up would not say how full the queue is.
        self._metrics.queue(self._intake.posts, self._intake.capacity_posts)
        return self._metrics.exposition(), self._metrics.content_type


class _Server(uvicorn.Server):
    """Uvicorn, which says when it begins to stop: what waits is answered at once then, and nothing more is taken."""

    def __init__(self, config: uvicorn.Config, on_stop: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_stop = on_stop

    def leave(self) -> None:
        """Stop as soon as possible, even before having begun."""
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer what is in flight, and close."""
        self._on_stop()
        await super().shutdown(sockets)
