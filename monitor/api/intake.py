"""The bounded queue between HTTP and the worker: back-pressure instead of loss."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future
from typing import Final

import msgspec

from monitor.sources import Decoded, Malformed

__all__ = ["LARGEST_BATCH", "MOST_BYTES", "MOST_LINES", "Intake", "Refused", "Request", "Verdict"]

MOST_LINES: Final = 100_000
"""Lines of one request: each costs memory, however short it is."""

MOST_BYTES: Final = 64 << 20
"""Bytes that may wait: lines may be long, so counting them is not enough."""

LARGEST_BATCH: Final = 32_768
"""Posts committed together when as many wait: every commit rewrites a page for each topic, so fewer are cheaper."""

MOST_MALFORMED_TOLD: Final = 20


class Refused(Exception):
    """The request could not be taken into account; it should be sent again."""


class Verdict(msgspec.Struct, frozen=True):
    """What became of one request, once committed.

    Attributes
    ----------
    read
        Lines that held something.
    accepted
        Posts and notices taken in (among them duplicates, which change nothing).
    malformed
        The first twenty lines that could not be used, with why.
    malformed_count
        How many there were.
    """

    read: int
    accepted: int
    malformed_count: int
    malformed: list[Malformed]

    @classmethod
    def of(cls, decoded: Decoded) -> Verdict:
        """Sum up a decoded request."""
        malformed = decoded.malformed
        return cls(decoded.read, len(decoded.items), len(malformed), malformed[:MOST_MALFORMED_TOLD])


class Request:
    """Posts somebody sent, waiting to be committed."""

    def __init__(self, source: str, body: bytes) -> None:
        self.source = source
        self.size = len(body)
        self.records = [line for line in body.splitlines() if line.strip()]
        self.verdict: Future[Verdict] = Future()

    def answer(self, verdict: Verdict) -> None:
        """Tell the sender that everything is committed, unless told before to send it again."""
        if not self.verdict.done():
            self.verdict.set_result(verdict)

    def fail(self, reason: str) -> None:
        """Tell the sender that nothing was committed."""
        if not self.verdict.done():
            self.verdict.set_exception(Refused(reason))


class Intake:
    """Requests waiting for the worker; full is full.

    Parameters
    ----------
    capacity_posts
        Lines that may wait. One request larger than this is taken when nothing else waits.

    Attributes
    ----------
    is_writable
        Whether commits succeed; while they do not, nothing is taken.
    """

    def __init__(self, capacity_posts: int) -> None:
        self.capacity_posts = capacity_posts
        self.is_writable = True
        self._waiting: deque[Request] = deque()
        self._posts = 0
        self._bytes = 0
        self._is_closed = False
        self._changed = threading.Condition()

    @property
    def posts(self) -> int:
        """Lines waiting now."""
        return self._posts

    @property
    def is_closed(self) -> bool:
        """Whether the service is stopping."""
        return self._is_closed

    def offer(self, request: Request) -> bool:
        """Queue a request; ``False`` when there is no room, the disk is full, or the service is stopping."""
        with self._changed:
            if self._is_closed or not self.is_writable or not self._has_room(request):
                return False
            self._waiting.append(request)
            self._posts += len(request.records)
            self._bytes += request.size
            self._changed.notify()
            return True

    def _has_room(self, request: Request) -> bool:
        if not self._waiting:
            return True
        return self._posts + len(request.records) <= self.capacity_posts and self._bytes + request.size <= MOST_BYTES

    def take(self, timeout_seconds: float, most_posts: int = LARGEST_BATCH) -> list[Request]:
        """Take what waits, up to about `most_posts` lines; empty when nothing came in time.

        A request whose sender left meanwhile is dropped: nobody was told that it is stored. From now on the sender
        of a request that is taken can leave without being noticed.
        """
        with self._changed:
            if not self._waiting:
                self._changed.wait_for(lambda: bool(self._waiting) or self._is_closed, timeout_seconds)
            taken: list[Request] = []
            lines = 0
            while self._waiting and (not taken or lines + len(self._waiting[0].records) <= most_posts):
                request = self._waiting.popleft()
                self._posts -= len(request.records)
                self._bytes -= request.size
                if request.verdict.set_running_or_notify_cancel():
                    lines += len(request.records)
                    taken.append(request)
            return taken

    def close(self) -> None:
        """Take no more requests, and wake the worker."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
