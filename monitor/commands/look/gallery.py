"""Addresses of pictures -> what they look like, several at a time, each address once."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Set
from concurrent.futures import Future
from threading import BoundedSemaphore, Thread
from typing import Final

from monitor.commands.look.fetching import Fetcher
from monitor.commands.look.pdq import fingerprint_of
from monitor.commands.look.unread import CannotRead, Unread
from monitor.mentions import Image, Mention

__all__ = ["MOST_REMEMBERED", "Gallery", "address_of"]

MOST_REMEMBERED: Final = 4_096
"""Addresses whose pictures need not be fetched again; some 3 MB."""

_CONTENT_ID: Final = re.compile(r"baf[a-z2-7]{50,}")
_DID: Final = re.compile(r"did:[a-z]+:[\w.%-]+", re.ASCII)


def address_of(mention: Mention, image: Image) -> str | None:
    """Return where a picture of a post lies on the web; ``None`` if nothing says.

    Bluesky names pictures by their content; its own public server has them by author and content.
    """
    address = image.address
    if address is None:
        return None
    if mention.network == "bluesky" and _CONTENT_ID.fullmatch(address) and _DID.fullmatch(mention.author.id):
        return f"https://cdn.bsky.app/img/feed_thumbnail/plain/{mention.author.id}/{address}@jpeg"
    return address if address[:8].lower().startswith(("http://", "https://")) else None


class Gallery:
    """Looks at pictures on a thread of its own; nothing of them is kept but what they look like.

    Parameters
    ----------
    at_once
        How many pictures are fetched beside each other. Positive. Asking for one more waits until one of them is known,
        for as long as one picture may take; when none is by then, pictures are passed over without waiting until one
        is: whoever shows slow pictures in large numbers shall not hold up the posts of others.
    seconds, private_hosts
        As for :class:`monitor.commands.look.fetching.Fetcher`.
    """

    def __init__(self, at_once: int, seconds: float, private_hosts: Set[str] = frozenset()) -> None:
        self._loop = asyncio.new_event_loop()
        self._fetcher = Fetcher(seconds, private_hosts)
        self._places = BoundedSemaphore(at_once)
        self._seconds = self._patience = seconds
        self._known: OrderedDict[str, Future[bytes | Unread]] = OrderedDict()
        self._thread = Thread(target=self._loop.run_forever, name="gallery", daemon=True)
        self._thread.start()

    def ask(self, address: str) -> Future[bytes | Unread]:
        """Return what lies there will look like, or why it cannot be read. To be called from one thread."""
        known = self._known.get(address)
        if known is not None:
            self._known.move_to_end(address)
            return known
        if not self._places.acquire(timeout=self._patience):
            self._patience = 0.0
            return _no_time()
        self._patience = self._seconds
        asked = self._known[address] = asyncio.run_coroutine_threadsafe(self._looked(address), self._loop)
        if len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)
        return asked

    def give_up(self) -> None:
        """Look at nothing more; what was asked for and is not known yet stays unread."""
        for asked in self._known.values():
            asked.cancel()

    def close(self) -> None:
        """Give up what is not known yet, and stop."""
        self.give_up()
        asyncio.run_coroutine_threadsafe(self._closed(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _closed(self) -> None:
        under_way = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*under_way, return_exceptions=True)
        await self._fetcher.close()
        await self._loop.shutdown_default_executor()

    async def _looked(self, address: str) -> bytes | Unread:
        try:
            return await asyncio.to_thread(fingerprint_of, await self._fetcher.fetch(address))
        except CannotRead as fault:
            return fault.why
        except Exception:  # noqa: BLE001 - a stranger's address or answer never ends the filter
            return Unread.UNREACHABLE
        finally:
            self._places.release()  # before anybody can know the result, and ask for the next


def _no_time() -> Future[bytes | Unread]:
    passed_over: Future[bytes | Unread] = Future()
    passed_over.set_result(Unread.NO_TIME)
    return passed_over
