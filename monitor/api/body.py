"""Reading what is posted, in bounded memory and time, before anything is known about its sender."""

from __future__ import annotations

import asyncio
from typing import Final

from fastapi import HTTPException
from fastapi.requests import Request as HttpRequest
from starlette.requests import ClientDisconnect

__all__ = ["BODIES_AT_ONCE", "BODY_SECONDS", "RETRY_AFTER_SECONDS", "Bodies", "busy"]

RETRY_AFTER_SECONDS: Final = "2"

BODIES_AT_ONCE: Final = 8
"""As much memory as so many of the largest bodies is spent on those that are still coming in."""

BODY_SECONDS: Final = 60.0
"""Whoever needs longer to send a body would keep its place from others."""


def busy(*, reason: str) -> HTTPException:
    """Return the answer that asks to send the same again in a moment."""
    return HTTPException(503, reason, {"Retry-After": RETRY_AFTER_SECONDS})


class Bodies:
    """The bodies that are coming in now.

    Parameters
    ----------
    most_bytes
        The largest body.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._coming_in = 0
        self._patience: set[asyncio.Timeout] = set()
        self._is_closed = False

    def close(self) -> None:
        """Read no more: whoever is still sending is asked to send again. To be called on the event loop."""
        self._is_closed = True
        for patience in self._patience:
            patience.reschedule(0)

    async def read(self, http: HttpRequest) -> bytes:
        """Return the body of a request, unless it is too large, too slow, packed, or there are too many of them.

        Raises
        ------
        HTTPException
            With the status and words to answer.
        """
        if http.headers.get("content-encoding", "identity") != "identity":
            raise HTTPException(415, "send the body as it is, without Content-Encoding")
        told = http.headers.get("content-length", "")
        if told.isascii() and told.isdigit() and int(told[:20]) > self._most_bytes:
            raise self._too_large()
        body = bytearray()
        patience = asyncio.timeout(0 if self._is_closed else BODY_SECONDS)
        self._patience.add(patience)
        try:
            async with patience:
                await self._read(http, body)
        except TimeoutError:
            raise self._too_late() from None
        except ClientDisconnect:
            raise HTTPException(400, "the body broke off") from None
        finally:
            self._patience.discard(patience)
            self._coming_in -= len(body)
        return bytes(body)

    async def _read(self, http: HttpRequest, body: bytearray) -> None:
        async for chunk in http.stream():
            if len(body) + len(chunk) > self._most_bytes:
                raise self._too_large()
            if self._coming_in + len(chunk) > BODIES_AT_ONCE * self._most_bytes:
                raise busy(reason="too many bodies are coming in; send the same again")
            body += chunk
            self._coming_in += len(chunk)

    def _too_late(self) -> HTTPException:
        if self._is_closed:
            return busy(reason="the service is stopping; send the same again")
        return HTTPException(408, f"the body took longer than {BODY_SECONDS:.0f} s; send it in parts")

    def _too_large(self) -> HTTPException:
        return HTTPException(413, f"the body is larger than {self._most_bytes} bytes; send it in parts")
