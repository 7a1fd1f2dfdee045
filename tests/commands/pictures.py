"""Pictures made by formula, and a server on this machine that hands them out, well or badly."""

from __future__ import annotations

import io
import struct
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import numpy as np
from PIL import Image


def picture(seed: int, size: tuple[int, int] = (800, 600)) -> Image.Image:
    """A scene: patches of colour, others for every seed."""
    cells = np.random.default_rng(seed).integers(0, 256, (18, 24, 3), dtype=np.uint8)
    return Image.fromarray(cells).resize(size, Image.Resampling.BICUBIC)


def file_of(shown: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    stream = io.BytesIO()
    shown.save(stream, kind, **options)
    return stream.getvalue()


def bomb(side: int = 60_000) -> bytes:
    """A PNG of a few bytes that says it unpacks to a square of so many pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1 << 16))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


class Server:
    """Pictures on ``localhost``.

    Attributes
    ----------
    files
        Path -> body.
    moved
        Path -> where it redirects to.
    asked, hosts
        How often each path was asked for, and under which names of the host.
    endless, dripping
        Paths whose body never ends, and whose header never does, a byte at a time.
    """

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.port: int = server.server_address[1]
        self.files: dict[str, bytes] = {}
        self.moved: dict[str, str] = {}
        self.endless: set[str] = set()
        self.dripping: set[str] = set()
        self.asked: Counter[str] = Counter()
        self.hosts: list[str] = []
        self.is_over = Event()

    def at(self, path: str, host: str = "localhost") -> str:
        return f"http://{host}:{self.port}{path}"

    def put(self, path: str, body: bytes) -> str:
        self.files[path] = body
        return self.at(path)


class _Answer(BaseHTTPRequestHandler):
    pictures: Server

    def do_GET(self) -> None:
        pictures, path = self.pictures, self.path
        pictures.asked[path] += 1
        pictures.hosts.append(self.headers["Host"])
        if path in pictures.dripping:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not pictures.is_over.wait(0.02):
                self.wfile.write(b"a")
            return
        body = pictures.files.get(path)
        self.send_response(302 if path in pictures.moved else 200 if body or path in pictures.endless else 404)
        if path in pictures.moved:
            self.send_header("Location", pictures.moved[path])
        self.end_headers()
        self.wfile.write(body or b"")
        while path in pictures.endless and not pictures.is_over.is_set():
            self.wfile.write(bytes(1 << 16))

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:  # whoever asked has left
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[Server]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Answer", (_Answer,), {}))
    pictures = Server(server)
    server.RequestHandlerClass.pictures = pictures  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield pictures
    finally:
        pictures.is_over.set()
        server.shutdown()
        server.server_close()
        thread.join()
