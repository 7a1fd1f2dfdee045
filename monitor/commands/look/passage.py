"""Items in, items out in the same order, each as soon as its pictures were looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future
from functools import partial
from queue import Queue
from threading import Thread
from typing import BinaryIO, Final

import msgspec

from monitor.commands.look.unread import Unread
from monitor.mentions import Item, Mention
from monitor.sources.ndjson import encode

__all__ = ["Looking", "Passage"]

MOST_WAITING: Final = 1_000
"""Items read and not yet written."""

Looking = Mapping[int, Future[bytes | Unread]]
"""Place of a picture in its post -> what it will look like."""


class Passage:
    """Writes items as our JSON lines on a thread of its own, so that reading never holds up what is ready.

    Attributes
    ----------
    passed, left_out
        Items written, and those our lines cannot hold (a time outside the years 1 to 9999, half a character).
    broken
        Records that held no item, as counted by whoever reads.
    seen, unread
        Pictures that have a fingerprint now, and why others have none.
    """

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._queue: Queue[tuple[Item, Looking] | None] = Queue(MOST_WAITING)
        self._fault: Exception | None = None
        self.passed = self.left_out = self.broken = self.seen = 0
        self.unread: Counter[Unread] = Counter()
        self._thread = Thread(target=self._run, name="passage", daemon=True)
        self._thread.start()

    def put(self, item: Item, looking: Looking) -> None:
        """Take the next item.

        Raises
        ------
        OSError
            If what came before could not be written.
        """
        if self._fault is not None:
            raise self._fault
        self._queue.put((item, looking))

    def close(self) -> None:
        """Write what is waiting.

        Raises
        ------
        OSError
            If it could not be written.
        """
        self._queue.put(None)
        self._thread.join()
        if self._fault is not None:
            raise self._fault

    def _run(self) -> None:
        while (entry := self._queue.get()) is not None:
            self._guarded(partial(self._write, *entry))
        self._guarded(self._out.flush)

    def _guarded(self, act: Callable[[], None]) -> None:
        """Act, unless something failed before: from then on everything is only taken, so that nobody waits forever."""
        if self._fault is None:
            try:
                act()
            except Exception as error:  # noqa: BLE001 - raised in the thread that reads
                self._fault = error

    def _write(self, item: Item, looking: Looking) -> None:
        if not all(picture.done() for picture in looking.values()):
            self._out.flush()  # what is ready shall not wait for a picture
        if isinstance(item, Mention) and looking:
            item = self._with_fingerprints(item, looking)
        try:
            line = encode(item)
        except ValueError:
            self.left_out += 1
            return
        self._out.write(line)
        self.passed += 1
        if self._queue.empty():
            self._out.flush()

    def _with_fingerprints(self, mention: Mention, looking: Looking) -> Mention:
        images = list(mention.images)
        for place, picture in looking.items():
            found = _result(picture)
            if isinstance(found, Unread):
                self.unread[found] += 1
            else:
                images[place] = msgspec.structs.replace(images[place], fingerprint=found)
                self.seen += 1
        return msgspec.structs.replace(mention, images=tuple(images))


def _result(picture: Future[bytes | Unread]) -> bytes | Unread:
    try:
        return picture.result()
    except CancelledError:
        return Unread.GIVEN_UP
