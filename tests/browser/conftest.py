from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

from monitor.clock import SystemClock
from tests.dashboards.conftest import silent_for
from tests.dashboards.listening import Service, listening
from tests.dashboards.story import tell

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-gpu",
]


@dataclass
class WarRoom:
    """A war room that serves a store of its own, and what browsers that visit it complain about."""

    address: str
    store: Path
    service: Service
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        # Opened below its root, Streamlit's own client first asks for its server beside the page, then at the root.
        if message.type == "error" and "/_stcore/" not in message.location.get("url", ""):
            self.errors.append(f"{message.text} {message.location}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.address, self.address.replace("http", "ws", 1), "data:", "blob:")):
            self.outside.append(request.url)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("needs the system's chromium")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[WarRoom]:
    """The war room as an installed one is started, from a folder that is not ours."""
    folder = tmp_path_factory.mktemp("war room")
    store = folder / "badbuzz.db"
    tell(f"sqlite:///{store}", SystemClock().now_us())
    shutil.copy(store, store.with_suffix(".told"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "dashboards", f"sqlite:///{store}"]
    command += ["--server.address=127.0.0.1", f"--server.port={port}"]
    with listening() as service, (folder / "log").open("wb") as log:
        environment = {**os.environ, "BADBUZZ_API": service.address}
        server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT, env=environment)
        try:
            wait_until_healthy(f"http://127.0.0.1:{port}", server, folder / "log")
            yield WarRoom(f"http://127.0.0.1:{port}", store, service)
        finally:
            server.kill()
            server.wait()


def wait_until_healthy(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    clock = SystemClock()
    give_up = clock.monotonic_seconds() + 40
    while clock.monotonic_seconds() < give_up and server.poll() is None:
        try:
            with urlopen(f"{address}/_stcore/health", timeout=2):
                return
        except (URLError, OSError):
            continue
    pytest.fail(f"the war room did not start:\n{log.read_text(errors='replace')}")


@pytest.fixture
def war_room(served: WarRoom) -> WarRoom:
    """The war room with the story as told, committed five seconds ago, and nothing complained about yet."""
    shutil.copy(served.store.with_suffix(".told"), served.store)
    silent_for(served.store, 5)
    served.errors.clear()
    served.outside.clear()
    served.service.told.clear()
    return served


@pytest.fixture
def width() -> int:
    """Of the window; a test of the layout says its own."""
    return 1440


@pytest.fixture
def page(browser: Browser, war_room: WarRoom, width: int) -> Iterator[Page]:
    context: BrowserContext = browser.new_context(viewport={"width": width, "height": 844}, locale="en-GB")
    context.set_default_timeout(30_000)
    expect.set_options(timeout=30_000)
    found = context.new_page()
    war_room.watch(found)
    yield found
    context.close()
