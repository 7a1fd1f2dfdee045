"""``badbuzz run`` as a process: killed, told to stop, broken, started again."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
import yaml

from monitor.clock import DAY_US, MINUTE_US
from tests.made import mention
from tests.service.rig import NOON, body, story

KILLS = 5
POSTS = 4_000
NAMES = {"zephyr": "Zéphyrine", "boreal": "Borealis"}
RUN = "from monitor.cli import main; main()"


class Service:
    """A folder with settings, and the process that serves them."""

    def __init__(self, folder: Path, names: dict[str, str]) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        settings = {"listen": f"127.0.0.1:{self.port}", "store": "b.db", "topics": "topics.yaml", "clock": "event"}
        (folder / "badbuzz.yaml").write_text(yaml.safe_dump(settings), "utf-8")
        topics = [{"id": topic, "name": name, "query": name} for topic, name in names.items()]
        (folder / "topics.yaml").write_text(json.dumps({"topics": topics}), "utf-8")  # JSON is YAML
        self.process: subprocess.Popen[bytes] | None = None
        self.client = httpx.Client(base_url=self.url, timeout=30, trust_env=False, verify=False)

    def start(self, program: str = RUN, *, is_waited_for: bool = True) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("BADBUZZ_")}
        command = [sys.executable, "-c", program, "run", "--config", str(self.folder / "badbuzz.yaml")]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
        if is_waited_for:
            self.wait_until(lambda: self.get("/readyz").is_success)

    def wait_until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 40
        while time.monotonic() < deadline:
            assert self.process is not None
            assert self.process.poll() is None, self.log
            try:
                if holds():
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.02)
        pytest.fail(self.log)

    def kill(self) -> None:
        assert self.process is not None
        assert self.process.poll() is None, "the kill hits a running process"
        self.process.kill()
        assert self.process.wait() == -signal.SIGKILL

    def end(self) -> int:
        """Wait for the end, and return the exit status."""
        assert self.process is not None
        return self.process.wait(30)

    def close(self) -> None:
        self.client.close()
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text("utf-8", "replace")

    def post(self, content: bytes) -> httpx.Response:
        return self.client.post("/ingest", content=content)

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Query a copy of the database, so that recovery is left to the next start."""
        copy = self.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for file in self.folder.glob("b.db*"):
            shutil.copy(file, copy)
        with closing(sqlite3.connect(copy / "b.db")) as connection:
            return connection.execute(query).fetchall()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def make_service(tmp_path: Path) -> Iterator[Callable[..., Service]]:
    with ExitStack() as stack:

        def make(names: dict[str, str] | None = None) -> Service:
            service = Service(tmp_path, names or {"acme": "Acme", "zen": "zenphone"})
            stack.callback(service.close)
            return service

        yield make


START = datetime(2026, 1, 15, 6, tzinfo=UTC)


def plant(posts: int, random: Random) -> tuple[list[list[bytes]], Counter[tuple[str, str]]]:
    """Write posts of four hours, in batches, some lines twice; count in plain Python what is in them."""
    planted: Counter[tuple[str, str]] = Counter()
    lines: list[bytes] = []
    for number in range(posts):
        moment = START + timedelta(seconds=number * 4 * 3600 / posts)
        topics = random.choice([(), ("zephyr",), ("boreal",), ("zephyr", "boreal")])
        text = " et ".join(["rien", *[NAMES[topic] for topic in topics]])
        published_at = moment.isoformat().replace("+00:00", "Z")
        post = {"network": "x", "id": str(number), "published_at": published_at, "text": text}
        lines += [json.dumps(post).encode() + b"\n"] * random.choice([1, 1, 1, 2])
        planted.update((topic, f"{moment:%H:%M}") for topic in topics)
    return [lines[start : start + 40] for start in range(0, len(lines), 40)], planted


@pytest.mark.timeout(300)
def test_killed_at_random_moments_the_service_loses_nothing_and_counts_nothing_twice(make_service) -> None:
    random = Random(20261121)
    batches, planted = plant(POSTS, random)
    service = make_service(NAMES)
    service.start()
    acknowledged = threading.Semaphore(0)
    errors: Counter[str] = Counter()

    def send_all() -> None:
        for batch in batches:
            while True:
                try:
                    if service.post(b"".join(batch)).status_code == 200:
                        acknowledged.release()
                        break
                except httpx.TransportError as error:
                    errors[type(error).__name__] += 1
                time.sleep(0.01)

    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(send_all)
        sent = 0
        for _ in range(KILLS):
            for _ in range(random.randrange(5, 20)):
                assert acknowledged.acquire(timeout=60)
                sent += 1
            time.sleep(random.uniform(0, 0.02))
            service.kill()
            ((stored,),) = service.ask("SELECT value FROM counts WHERE name = 'read'")
            assert stored >= sum(len(batch) for batch in batches[:sent]), "what was answered with 200 is committed"
            service.start()
        assert not sending.done(), "the kills hit while posts were coming in"
        sending.result(120)
    assert errors, "the sender noticed"
    service.process.terminate()
    assert service.end() == 0
    per_minute = (
        "SELECT topic, strftime('%H:%M', published_us / 1000000, 'unixepoch'), count(*) FROM mentions GROUP BY 1, 2"
    )
    assert {(topic, minute): count for topic, minute, count in service.ask(per_minute)} == planted
    counts = dict(service.ask("SELECT name, value FROM counts"))
    assert counts["posts"] == POSTS
    assert counts["mentions"] == planted.total()
    judged = (
        "SELECT topic, strftime('%H:%M', start_us / 1000000, 'unixepoch'), mentions FROM signals WHERE mentions > 0"
    )
    told = {(topic, minute): count for topic, minute, count in service.ask(judged)}
    still_open = {(topic, minute): count for (topic, minute), count in planted.items() if minute >= "09:58"}
    assert told | still_open == planted


def pages(service: Service) -> list[str]:
    """The severities for which somebody is being paged."""
    found = [line for line in service.get("/metrics").text.splitlines() if line.startswith("badbuzz_incident_page{")]
    return [line.split('severity="')[1].split('"')[0] for line in found if line.endswith(" 1.0")]


@pytest.mark.parametrize("deed", ["dismiss", "resolve"])
def test_the_page_ends_when_somebody_says_it_is_nothing_or_dealt_with_and_a_restart_does_not_bring_it_back(
    deed: str, make_service
) -> None:
    service = make_service()
    service.start()
    assert service.post(body(story(NOON - 5 * DAY_US))).status_code == 200
    (severity,) = pages(service)
    (incident,) = service.get("/api/incidents").json()
    assert (incident["state"], incident["severity"]) == ("open", severity)
    say = f"{service.url}/api/incidents/{incident['id']}"
    for harmless in ("acknowledge", "note"):
        assert service.client.post(f"{say}/{harmless}", json={"actor": "Zoé", "text": "looking"}).is_success
    assert pages(service) == [severity], "having it is not the end of it"
    assert service.client.post(f"{say}/{deed}", json={"actor": "Zoé"}).is_success
    assert pages(service) == []
    service.process.terminate()
    assert service.end() == 0
    service.start()
    assert service.get("/api/incidents").json()[0]["state"] == "open"
    assert pages(service) == []


def test_told_to_stop_it_answers_what_is_in_flight_and_ends_well(make_service) -> None:
    service = make_service()
    service.start()
    posts = [[mention(f"{sender}-{number}", NOON + number) for number in range(3_000)] for sender in range(6)]
    with socket.create_connection(("127.0.0.1", service.port)) as stalled, ThreadPoolExecutor(6) as pool:
        stalled.sendall(b"POST /ingest HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{")
        sending = [pool.submit(service.post, body(batch)) for batch in posts]
        time.sleep(0.15)
        began = time.monotonic()
        service.process.terminate()
        answers = [one.result(30).status_code for one in sending]
        assert service.end() == 0
    assert time.monotonic() - began < 5
    assert set(answers) <= {200, 503}
    stored = {name.partition("-")[0] for (name,) in service.ask("SELECT id FROM mentions")}
    assert stored == {str(sender) for sender, status in enumerate(answers) if status == 200}
    assert "stopped" in service.log.splitlines()[-1]
    assert "Traceback" not in service.log


def test_killed_in_a_crisis_it_comes_back_in_the_same_crisis(make_service) -> None:
    service = make_service()
    service.start()
    assert service.post(body(story(NOON - 5 * 24 * 60 * MINUTE_US))).status_code == 200
    service.kill()  # right after the answer
    service.start()
    incident = service.get("/api/incidents").json()
    burning = gauges(service)
    assert [one["topic"] for one in incident] == ["acme"]
    assert [one["id"] for one in service.get("/api/topics").json() if one["state"] == "critical"] == ["acme"]
    assert burning["badbuzz_incident_severity"] == 3
    assert burning["badbuzz_incident_mentions"] == incident[0]["mentions"] > 0
    assert burning["badbuzz_incident_page"] == 1
    more = [
        mention(f"more-{number}", NOON - 4 * 24 * 60 * MINUTE_US + 62 * MINUTE_US, "Acme, a shame")
        for number in range(60)
    ]
    assert service.post(body([*more, mention("later", NOON)])).status_code == 200
    (after,) = service.get("/api/incidents").json()
    assert after["id"] == incident[0]["id"]
    assert after["mentions"] > incident[0]["mentions"]
    service.process.terminate()
    assert service.end() == 0


def gauges(service: Service) -> dict[str, float]:
    """What the page of metrics says about the incident of ``acme``."""
    lines = [line for line in service.get("/metrics").text.splitlines() if 'topic="acme"' in line]
    values = {line.partition("{")[0]: float(line.rpartition(" ")[2]) for line in lines if "page" not in line}
    values["badbuzz_incident_page"] = max(float(line.rpartition(" ")[2]) for line in lines if "incident_page" in line)
    return values


BROKEN_WORKER = f"""
from monitor.service.live import LiveService
def fail(self):
    raise RuntimeError("words of a post")
LiveService.run = fail
{RUN}
"""


def test_without_its_worker_the_service_ends_and_says_so(make_service) -> None:
    service = make_service()
    service.start(BROKEN_WORKER, is_waited_for=False)
    assert service.end() == 1
    assert service.log.splitlines()[-1].startswith("badbuzz: the worker failed (RuntimeError); ")
    assert "words of a post" not in service.log
    assert "Traceback" not in service.log


SLOW_START = f"""
import time
from monitor.worker import Worker
resume = Worker.resume
def slowly(self):
    print("resuming", flush=True)
    time.sleep(0.5)
    return resume(self)
Worker.resume = slowly
{RUN}
"""


def test_told_to_stop_while_starting_it_stops(make_service) -> None:
    service = make_service()
    service.start(SLOW_START, is_waited_for=False)
    service.wait_until(lambda: "resuming" in service.log)
    service.process.terminate()
    assert service.end() == 0


def test_answers_come_at_once(make_service) -> None:
    """Nagle's algorithm and the client's delayed acknowledgement together would make 40 ms of each."""
    service = make_service()
    service.start()

    def seconds() -> float:
        began = time.monotonic()
        assert service.post(body([mention("1", NOON)])).status_code == 200
        return time.monotonic() - began

    assert any(seconds() < 0.03 for _ in range(200))
