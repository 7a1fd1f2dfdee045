"""Around every endpoint: no web page may make a person's browser act on badbuzz, nor show or keep what it answers."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["HEADERS", "Guard"]

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Sent with every answer (OWASP ASVS 5.0, chapter 3.4)."""

_READING: Final = {"GET", "HEAD", "OPTIONS"}


class Guard:
    """Refuses whatever a browser posts, and adds :data:`HEADERS` to every answer.

    Nothing of ours runs in a browser. A page opened on the machine where badbuzz listens without a token could post to
    it all the same, but every browser then says where the page came from: in the header ``Origin``.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        is_from_a_page = any(name == b"origin" for name, _ in scope["headers"])
        if is_from_a_page and scope["method"] not in _READING:
            refusal = JSONResponse({"detail": "not from a web page"}, 403)
            await refusal(scope, receive, send_guarded)
        else:
            await self._app(scope, receive, send_guarded)
