"""The service of :mod:`tests.service.rig` behind real HTTP on the loopback, its worker in a thread of its own."""

from __future__ import annotations

import socket
import time
from threading import Thread
from types import TracebackType
from typing import Any, Self

import httpx
import uvicorn

from monitor.api.app import Edge, create_app
from monitor.api.body import Bodies
from monitor.desk import Desk
from monitor.mentions import Item
from monitor.queries import Reading
from monitor.signatures import HEADER, sign
from tests.service.rig import Rig, body

__all__ = ["SECRET", "Served", "status_of"]

SECRET = b"a secret only this test knows"


class Served:
    """A client of a running service; leaving the context stops it.

    Parameters
    ----------
    secrets
        Who may sign; the client signs with :data:`SECRET` whenever there are any.
    """

    def __init__(
        self, rig: Rig, *, secrets: tuple[bytes, ...] = (), tokens: tuple[bytes, ...] = (), body_bytes: int = 100_000
    ) -> None:
        self.rig = rig
        self._signs = bool(secrets)
        reading = Reading(rig.address)
        edge = Edge(
            intake=rig.intake,
            reading=reading,
            desk=Desk(
                rig.store, reading, rig.clock, author_secret=b"secret", follows_wall_clock=rig.follows_wall_clock
            ),
            clock=rig.clock,
            metrics_page=lambda: (rig.metrics.exposition(), rig.metrics.content_type),
            is_alive=self._is_alive,
            bodies=Bodies(body_bytes),
            ingest_secrets=secrets,
            api_tokens=tokens,
        )
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen()
        host, port = self._socket.getsockname()
        self.address = f"http://{host}:{port}"
        config = uvicorn.Config(create_app(edge, "test"), log_config=None, lifespan="off", ws="none")
        self._server = uvicorn.Server(config)
        self._http = Thread(target=self._server.run, args=([self._socket],))
        self._worker = Thread(target=rig.live.run)
        token = {"Authorization": f"Bearer {tokens[0].decode()}"} if tokens else {}
        self.client = httpx.Client(base_url=self.address, trust_env=False, verify=False, timeout=20, headers=token)

    def __enter__(self) -> Self:
        self._worker.start()
        self._http.start()
        deadline = time.monotonic() + 20
        while not self._server.started:
            assert time.monotonic() < deadline
            time.sleep(0.005)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end_worker()
        self._server.should_exit = True
        self.client.close()
        self._http.join(20)
        self._socket.close()

    def _is_alive(self) -> bool:
        return self._worker.is_alive()

    def begin_post(self, length: int, content: bytes, headers: dict[str, str]) -> socket.socket:
        """Send the beginning of a body of `length` bytes, and return the connection."""
        host, port = self.address.removeprefix("http://").split(":")
        connection = socket.create_connection((host, int(port)), timeout=20)
        lines = ["POST /ingest HTTP/1.1", f"Host: {host}", f"Content-Length: {length}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + content)
        return connection

    def end_worker(self) -> None:
        self.rig.live.stop()
        self._worker.join(20)

    def signature(self, content: bytes, secret: bytes = SECRET, *, ago_seconds: int = 0) -> dict[str, str]:
        return {HEADER: sign(secret, content, self.rig.clock.now_us() // 1_000_000 - ago_seconds)}

    def ingest(self, *items: Item, lines: bytes = b"", source: str | None = None) -> httpx.Response:
        content = body(list(items)) + lines
        headers = self.signature(content) if self._signs else {}
        if source is not None:
            headers["X-Badbuzz-Source"] = source
        return self.client.post("/ingest", content=content, headers=headers)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.client.get(path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.client.post(path, **options)


def status_of(connection: socket.socket) -> int:
    """Read an answer to its end, and return its status."""
    answer = b""
    while piece := connection.recv(4096):
        answer += piece
    return int(answer.split()[1])
