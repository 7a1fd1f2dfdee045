"""The real Prometheus and Alertmanager, and badbuzz, each in a folder of its own, on loopback only."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
import yaml

from monitor.signatures import HEADER, sign

ROOT = Path(__file__).parents[2]
SECRET = b"a secret only this test knows"

TOPICS = """
topics:
  - {id: acme, name: Acme Télécom, query: acme, owner: social}
  - {id: globex, name: Globex, query: globex, owner: social}
"""


def wait_until(holds: Callable[[], Any], seconds: float, what: str) -> Any:
    """Return the first true value of `holds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := holds():
            return found
        time.sleep(0.05)
    pytest.fail(f"after {seconds:.0f} s: {what}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Daemon:
    """A server process; it answers on `ready` when it is up, and its output goes to `log`."""

    def __init__(self, command: list[str], log: Path, ready: str) -> None:
        self._command, self._log, self._ready = command, log, ready
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("BADBUZZ_")}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment
            )

    def wait_until_ready(self) -> None:
        wait_until(self._is_ready, 60, f"{self._command[0]} is not ready: {self.tail()}")

    def _is_ready(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            pytest.fail(f"{self._command[0]} ended: {self.tail()}")
        try:
            return httpx.get(self._ready, timeout=2, trust_env=False).is_success
        except httpx.HTTPError:
            return False

    def tail(self) -> str:
        return self._log.read_text("utf-8", "replace")[-3000:] if self._log.exists() else ""

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> int:
        """Ask it to end, and return its exit status."""
        if self._process is None or self._process.poll() is not None:
            return 0
        self._process.terminate()
        try:
            return self._process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise


class Sink:
    """What Alertmanager delivered: (receiver, payload, when)."""

    def __init__(self) -> None:
        self.received: list[tuple[str, dict[str, Any], float]] = []
        sink = self

        class Endpoint(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                payload = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                sink.received.append((self.path.strip("/"), payload, time.monotonic()))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def alerts(self, receiver: str, alertname: str, status: str, **labels: str) -> list[dict[str, Any]]:
        """Return every delivered statement about such an alert, in order."""
        wanted = {"alertname": alertname, **labels}
        return [
            alert
            for name, payload, _ in list(self.received)
            for alert in payload["alerts"]
            if name == receiver and alert["status"] == status and wanted.items() <= alert["labels"].items()
        ]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Badbuzz:
    """One instance of the service."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        (folder / "topics.yaml").write_text(TOPICS, "utf-8")
        (folder / "ingest.secret").write_bytes(SECRET)
        settings = {
            "listen": f"127.0.0.1:{self.port}",
            "store": "badbuzz.db",
            "topics": "topics.yaml",
            "clock": "event",
            "ingest_secret_file": "ingest.secret",
        }
        (folder / "badbuzz.yaml").write_text(yaml.safe_dump(settings), "utf-8")
        command = [sys.executable, "-m", "monitor.cli", "run", "--config", str(folder / "badbuzz.yaml")]
        self.daemon = Daemon(command, folder / "log", f"{self.url}/readyz")

    def ingest(self, body: bytes) -> dict[str, Any]:
        headers = {HEADER: sign(SECRET, body, int(time.time())), "Content-Type": "application/x-ndjson"}
        answer = httpx.post(f"{self.url}/ingest", content=body, headers=headers, timeout=60, trust_env=False)
        assert answer.status_code == 200, answer.text
        taken: dict[str, Any] = answer.json()
        return taken

    def metrics(self) -> str:
        return httpx.get(f"{self.url}/metrics", timeout=10, trust_env=False).text


class Chain:
    """Two instances of badbuzz fed alike, one Prometheus, one Alertmanager, one sink."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.sink = Sink()
        stack.callback(self.sink.close)
        self.instances = []
        for name in ("a", "b"):
            instance = Badbuzz(folder / name)
            stack.callback(instance.daemon.stop)
            self.instances.append(instance)
        # Three minutes last twenty seconds here: a Prometheus that waits for them to start would page for absence.
        for instance in self.instances:
            instance.daemon.wait_until_ready()
        self.alertmanager_url = f"http://127.0.0.1:{free_port()}"
        self.alertmanager = _alertmanager(folder / "alertmanager", self.alertmanager_url, self.sink.url)
        stack.callback(self.alertmanager.stop)
        targets = [f"127.0.0.1:{instance.port}" for instance in self.instances]
        self.prometheus_url = f"http://127.0.0.1:{free_port()}"
        self.prometheus = _prometheus(folder / "prometheus", self.prometheus_url, targets, self.alertmanager_url)
        stack.callback(self.prometheus.stop)
        for daemon in (self.prometheus, self.alertmanager):
            daemon.wait_until_ready()

    def ingest(self, body: bytes) -> None:
        with ThreadPoolExecutor() as pool:
            answers = list(pool.map(lambda instance: instance.ingest(body), self.instances))
        assert answers[0] == answers[1]
        assert answers[0]["malformed_count"] == 0

    def fires(self, **labels: str) -> bool:
        """Tell whether an alert with these labels fires in Prometheus."""
        answer = httpx.get(f"{self.prometheus_url}/api/v1/alerts", timeout=10, trust_env=False).json()
        return any(
            alert["state"] == "firing" and labels.items() <= alert["labels"].items()
            for alert in answer["data"]["alerts"]
        )


COMPRESSED = {
    "brands.rules.yml": ("keep_firing_for: 1h", "keep_firing_for: 15s"),
    "service.rules.yml": ("for: 3m", "for: 20s"),
}


def _prometheus(folder: Path, url: str, targets: list[str], alertmanager_url: str) -> Daemon:
    """Run our own rules, in which an hour lasts a quarter of a minute and three minutes last twenty seconds.

    A busy machine that closes weeks of windows may need as long to answer a scrape.
    """
    rules = folder / "rules"
    rules.mkdir(parents=True)
    for path in (ROOT / "rules/prometheus").glob("*.rules.yml"):
        shutil.copy(path, rules)
    for name, (duration, here) in COMPRESSED.items():
        text = (rules / name).read_text("utf-8")
        assert duration in text
        (rules / name).write_text(text.replace(duration, here), "utf-8")
    config = yaml.safe_load((ROOT / "rules/prometheus/prometheus.yml").read_text("utf-8"))
    config["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    config["rule_files"] = [str(rules / "*.rules.yml")]
    config["scrape_configs"][0]["static_configs"] = [{"targets": targets}]
    static = [{"targets": [alertmanager_url.removeprefix("http://")]}]
    config["alerting"]["alertmanagers"] = [{"static_configs": static}]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config), "utf-8")
    command = [
        "prometheus",
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={url.removeprefix('http://')}",
        "--rules.alert.resend-delay=2s",
    ]
    return Daemon(command, folder / "log", f"{url}/-/ready")


def _alertmanager(folder: Path, url: str, sink_url: str) -> Daemon:
    """Run our own example: its routes and inhibitions, with every receiver a webhook of this test."""
    folder.mkdir()
    config = yaml.safe_load((ROOT / "rules/alertmanager/alertmanager.yml").read_text("utf-8"))
    for receiver in config["receivers"]:
        name = receiver["name"]
        receiver.clear()
        receiver |= {"name": name, "webhook_configs": [{"url": f"{sink_url}/{name}", "send_resolved": True}]}
    for route in (config["route"], *config["route"]["routes"]):
        route |= {"group_wait": "1s", "group_interval": "1s", "repeat_interval": "1h"}
    (folder / "alertmanager.yml").write_text(yaml.safe_dump(config), "utf-8")
    command = [
        "prometheus-alertmanager",
        f"--config.file={folder / 'alertmanager.yml'}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address={url.removeprefix('http://')}",
        "--cluster.listen-address=",
    ]
    return Daemon(command, folder / "log", f"{url}/-/ready")


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    missing = [name for name in ("prometheus", "prometheus-alertmanager") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    with ExitStack() as stack:
        yield Chain(tmp_path_factory.mktemp("paging"), stack)


@pytest.fixture(scope="session", name="wait_until")
def _wait_until() -> Callable[[Callable[[], Any], float, str], Any]:
    return wait_until


@pytest.fixture
def lone_alertmanager(tmp_path: Path) -> Iterator[str]:
    """The address of an Alertmanager nobody has told anything yet."""
    if shutil.which("prometheus-alertmanager") is None:
        pytest.skip("not installed: prometheus-alertmanager")
    url = f"http://127.0.0.1:{free_port()}"
    daemon = _alertmanager(tmp_path / "alertmanager", url, "http://127.0.0.1:9")
    try:
        daemon.wait_until_ready()
        yield url
    finally:
        daemon.stop()
