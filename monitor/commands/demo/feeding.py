"""Posts on their way to the service: in signed batches, at the pace of a simulated clock."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Final

import httpx

from monitor.clock import SECOND_US, Clock
from monitor.errors import MonitorError
from monitor.mentions import Gap, Item, Mention
from monitor.signatures import HEADER, sign
from monitor.sources.ndjson import encode

__all__ = ["Feed", "ahead", "arrived_us", "batches", "until"]

_PATIENCE_SECONDS: Final = 120.0
_SHORTEST_WAIT_SECONDS: Final = 0.05


class Feed:
    """Sends items to ``POST /ingest``, and waits when the service says that it has no room.

    Parameters
    ----------
    client
        With the service's address as its base.
    secret
        Signs every body.
    """

    def __init__(self, client: httpx.Client, secret: bytes, clock: Clock) -> None:
        self._client = client
        self._secret = secret
        self._clock = clock
        self.sent = 0

    def send(self, items: Iterable[Item]) -> None:
        """Send items and return when they are committed.

        Raises
        ------
        MonitorError
            If the service refuses them, or has no room for two minutes.
        """
        lines = [encode(item) for item in items]
        if not lines:
            return
        body = b"".join(lines)
        give_up = self._clock.monotonic_seconds() + _PATIENCE_SECONDS
        answer = self._post(body)
        while answer.status_code in {429, 503} and self._clock.monotonic_seconds() < give_up:
            time.sleep(_wait_seconds(answer.headers.get("Retry-After", "")))
            answer = self._post(body)
        if answer.status_code != httpx.codes.OK:
            message = f"the service answered {answer.status_code} to {len(lines)} posts; see its log"
            raise MonitorError(message)
        self.sent += len(lines)

    def _post(self, body: bytes) -> httpx.Response:
        # Signed anew each time: a signature holds for five minutes.
        signature = sign(self._secret, body, self._clock.now_us() // SECOND_US)
        headers = {HEADER: signature, "Content-Type": "application/x-ndjson"}
        try:
            return self._client.post("/ingest", content=body, headers=headers)
        except httpx.TransportError as error:
            message = f"the service does not answer ({error}); see its log"
            raise MonitorError(message) from error


def _wait_seconds(retry_after: str) -> float:
    return max(_SHORTEST_WAIT_SECONDS, float(retry_after)) if retry_after.isdigit() else 1.0


def arrived_us(item: Item) -> int:
    """Return the event time an item brings the world to."""
    if isinstance(item, Mention):
        return item.published_us
    if isinstance(item, Gap):
        return item.end_us
    return item.at_us


def until(items: Iterator[Item], end_us: int, left: list[Item]) -> Iterator[Item]:
    """Yield items up to an instant; the first that is later goes into `left`, so that none is lost."""
    for item in items:
        if arrived_us(item) >= end_us:
            left.append(item)
            return
        yield item


def ahead(lists: Iterator[list[Item]]) -> Iterator[list[Item]]:
    """Yield what an iterator yields, which makes the next list while the last is being used."""
    with ThreadPoolExecutor(1) as pool:
        nothing: list[Item] = []
        coming = pool.submit(next, lists, nothing)
        while items := coming.result():
            coming = pool.submit(next, lists, nothing)
            yield items


def batches(items: Iterator[Item], size: int) -> Iterator[list[Item]]:
    """Yield lists of up to `size` items."""
    while batch := list(islice(items, size)):
        yield batch
