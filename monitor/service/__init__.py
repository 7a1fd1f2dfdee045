"""Wiring and lifecycle of the live service; the one place where everything meets.

D3: *One thread owns the pipeline.* HTTP requests wait in a bounded queue; the worker takes all that wait, runs the
pipeline, commits everything in one transaction, and only then are the requests answered. So 200 means stored, and a
client that got no answer simply sends again: posts are recognised by their id.

D4: *After anything unexpected the worker forgets its memory and reads the last commit.* What was in flight is answered
with an error and is sent again by its owner; nothing half-done survives. A request that fails again alone is given
back alone. A worker that cannot even read the last commit ends the process: whoever runs it starts it afresh.

D6: *Time is told by the posts.* In between, it moves on at the pace of a clock that nobody sets, source by source, and
only while a source is heard; see :mod:`monitor.service.presence`.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from monitor.clock import Clock
from monitor.errors import PortInUse
from monitor.service.live import LiveService
from monitor.service.running import Running
from monitor.settings import Settings
from monitor.store.database import open_store
from monitor.topics.watchlist import read_watchlists

__all__ = ["LiveService", "serve"]


def serve(settings: Settings, clock: Clock) -> None:
    """Serve until told to stop (SIGTERM, SIGINT). To be called in the main thread, which alone hears signals.

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
        Running(settings, clock, store, topics).until_told_to_stop(listener)


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    """Take the port before anything else starts, so that a port in use is one sentence."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # The protocol is named, because only then does asyncio turn off Nagle's algorithm, which costs 40 ms an answer.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
            listener.listen()  # until then somebody else may bind it too
        except OSError as error:
            message = f"cannot listen on {settings.listen}: {error.strerror}; stop what listens there, or set `listen`"
            raise PortInUse(message) from None
        yield listener
