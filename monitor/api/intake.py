"""The bounded queue between HTTP and the worker: back-pressure instead of loss."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future

import msgspec

from monitor.sources import Decoded, Malformed

__all__ = ["Intake", "Refused", "Request", "Verdict"]

MOST_MALFORMED_TOLD = 20


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
        self.records = [line for line in body.splitlines() if line.strip()]
        self.verdict: Future[Verdict] = Future()

    def answer(self, verdict: Verdict) -> None:
        """Tell the sender that everything is committed."""
        if not self.verdict.cancelled():
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
    """

    def __init__(self, capacity_posts: int) -> None:
        self.capacity_posts = capacity_posts
        self.is_writable = True
        self._waiting: deque[Request] = deque()
        self._posts = 0
        self._is_closed = False
        self._changed = threading.Condition()

    @property
    def posts(self) -> int:
        """Lines waiting now."""
        return self._posts

    def offer(self, request: Request) -> bool:
        """Queue a request; ``False`` when there is no room, the disk is full, or the service is stopping."""
        with self._changed:
            is_full = self._posts > 0 and self._posts + len(request.records) > self.capacity_posts
            if is_full or self._is_closed or not self.is_writable:
                return False
            self._waiting.append(request)
            self._posts += len(request.records)
            self._changed.notify()
            return True

    def take(self, timeout_seconds: float, most_posts: int = 20_000) -> list[Request]:
        """Take what waits, up to about `most_posts` lines; empty when nothing came in time."""
        with self._changed:
            if not self._waiting:
                self._changed.wait_for(lambda: bool(self._waiting) or self._is_closed, timeout_seconds)
            taken: list[Request] = []
            lines = 0
            while self._waiting and (not taken or lines + len(self._waiting[0].records) <= most_posts):
                request = self._waiting.popleft()
                lines += len(request.records)
                taken.append(request)
            self._posts -= lines
            return taken

    def close(self) -> None:
        """Take no more requests, and wake the worker."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
