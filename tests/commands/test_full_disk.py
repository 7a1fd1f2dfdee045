"""A full disk: one sentence, nothing committed is lost, and everything goes on when there is room again."""

from __future__ import annotations

import errno
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest
import yaml

from monitor.commands import replay
from monitor.errors import SettingInvalid
from monitor.settings import Settings, author_secret
from tests.commands.driving import OUTPUTS, Done, Folder, crisis, lines, posts
from tests.commands.small_disks import Disk, disks
from tests.made import at, mention

STORY = crisis()


@pytest.fixture(params=disks(), ids=lambda kind: kind.name)
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    made: Disk = request.param(tmp_path)
    yield made
    made.close()


def committed(database: Path, name: str) -> int:
    """A count as it is committed."""
    return sum(value for (value,) in asked(database, "SELECT value FROM counts WHERE name = ?", name))


def asked(database: Path, query: str, *values: object) -> list[Any]:
    """Ask a copy of a database: SQLite does not look into somebody else's namespace."""
    with TemporaryDirectory() as folder:
        for part in (database, database.with_name(database.name + "-wal")):
            if part.exists():
                shutil.copy(part, folder)
        with closing(sqlite3.connect(Path(folder, database.name))) as connection:
            return connection.execute(query, values).fetchall()


def test_a_replay_that_fills_the_disk_goes_on_when_there_is_room(disk: Disk, tmp_path: Path) -> None:
    reference = Folder(tmp_path)
    recording = reference.write("posts", lines(STORY))
    assert reference.replay(recording).status == 0
    output = disk.folder / "out"
    command = disk.command("replay", recording, "--topics", reference.topics, "--output", output)

    def run() -> Done:
        done = subprocess.run(command, capture_output=True, timeout=50, check=False)
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    disk.fill("out/replay.db", (reference.output / "replay.db").stat().st_size * 6 // 10)
    full = run()
    assert full.status == 1
    assert full.err == (
        f"badbuzz: no space left for the database {output / 'replay.db'}; what was committed is safe, free some space\n"
    )
    assert 0 < committed(disk.seen / "out/replay.db", "read") < len(STORY)
    disk.free()
    done = run()
    assert (done.status, done.err) == (0, "")
    assert json.loads((disk.seen / "out/summary.json").read_text("utf-8"))["resumed"] is True
    for name in OUTPUTS[1:]:
        assert (disk.seen / "out" / name).read_bytes() == (reference.output / name).read_bytes(), name
    assert committed(disk.seen / "out/replay.db", "read") == len(STORY)


@pytest.mark.parametrize("name", OUTPUTS)
def test_outputs_that_do_not_fit_are_written_by_the_same_command_later(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Folder(tmp_path)
    recording = folder.write("posts", lines(STORY))
    opened = Path.open

    def full(path: Path, *arguments: Any, **options: Any) -> Any:
        if path.name == f"{name}.part":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        return opened(path, *arguments, **options)

    with monkeypatch.context() as no_room:
        no_room.setattr(Path, "open", full)
        done = folder.replay(recording)
    assert done.status == 1
    assert done.err == (
        f"badbuzz: {folder.output / name}: cannot be written (No space left on device); "
        "put that right and give the same command again\n"
    )
    assert not list(folder.output.glob("*.part"))
    assert folder.replay(recording).status == 0
    assert folder.summary["resumed"] is True
    assert folder.summary["posts_per_second"] == 0, "nothing was left to be read"
    assert folder.summary["read"] == len(STORY)


def test_what_is_malformed_needs_room_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(tmp_path)
    recording = folder.write("posts", lines(posts(10)) + b"broken\n" * 5 + lines(posts(10, 10)) + b"broken\n")
    opened = Path.open

    def full(path: Path, *arguments: Any, **options: Any) -> Any:
        if path.name == "quarantine.jsonl" and path.exists():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        return opened(path, *arguments, **options)

    monkeypatch.setattr(replay, "BATCH_RECORDS", 13)
    with monkeypatch.context() as no_room:
        no_room.setattr(Path, "open", full)
        done = folder.replay(recording)
    assert done.status == 1
    assert done.err.startswith(f"badbuzz: {folder.output / 'quarantine.jsonl'}: cannot be written (No space left")
    assert folder.replay(recording).status == 0
    assert [bad["record"] for bad in folder.rows("quarantine.jsonl")] == [11, 12, 13, 14, 15, 26]
    assert (folder.summary["posts"], folder.summary["malformed"]) == (20, 6)


class FullFile:
    """A temporary file on a full disk: what is written waits in memory, and writing it out fails again and again."""

    def __init__(self, *_: object, **__: object) -> None:
        self._file = open("/dev/full", "wb")  # noqa: SIM115, PTH123 - a file that outlives this line

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("way", ["newest first", "standard input"])
def test_a_temporary_file_that_does_not_fit_is_said_in_one_sentence(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Folder(tmp_path)
    monkeypatch.setattr("monitor.sources.spool.NamedTemporaryFile", FullFile)
    mixed = lines(posts(10_000)[::-1])
    done = folder.replay("-", stdin=mixed) if way == "standard input" else folder.replay(folder.write("mixed", mixed))
    assert done.status == 1
    assert done.err == (
        "badbuzz: the posts cannot be put in order of time: a temporary file cannot be written "
        "(No space left on device); make room, or set TMPDIR to a folder that has it\n"
    )


def wait_until(holds: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + 25
    while time.monotonic() < deadline:
        if found := holds():
            return found
        time.sleep(0.05)
    pytest.fail(what)


class Service:
    """`badbuzz run` on a disk."""

    def __init__(self, disk: Disk, path: Path, name: str = "badbuzz", port: int | None = None) -> None:
        if port is None:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
        self.port = port
        self._url = f"http://127.0.0.1:{port}"
        settings = {
            "listen": f"127.0.0.1:{port}",
            "store": str(disk.folder / f"{name}.db"),
            "topics": str(Folder(path).topics),
            "clock": "event",
        }
        config = path / f"{name}-{port}.yaml"
        config.write_text(yaml.safe_dump(settings), "utf-8")
        self.log = config.with_suffix(".log")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(disk.command("run", "--config", config), stdout=log, stderr=log)

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self._url + path, timeout=10, trust_env=False)

    def send(self, start: int, count: int = 40) -> int:
        """Send posts; return the status of the answer."""
        body = lines(
            [
                mention(str(number), at("09:00") + number * 10**6, "Acme " + "x" * 400)
                for number in range(start, start + count)
            ]
        )
        return httpx.post(f"{self._url}/ingest", content=body, timeout=20, trust_env=False).status_code

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self.get("/readyz").is_success
        except httpx.HTTPError:
            return False

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(15)

    def refusal(self) -> str:
        """What it says when it does not even start."""
        assert self.process.wait(30) == 1
        return self.log.read_text().splitlines()[-1]


@pytest.fixture
def service(disk: Disk, tmp_path: Path) -> Iterator[Service]:
    made = Service(disk, tmp_path)
    wait_until(made.is_ready, "the service is not ready")
    yield made
    if made.process.poll() is None:
        made.process.kill()
        made.process.wait()


def send_until_full(service: Service, start: int) -> int:
    """Send batches of forty posts until one is refused; return the number of its first post."""
    for number in range(start, start + 40_000, 40):
        status = service.send(number)
        if status == 503:
            return number
        assert status == 200
    pytest.fail("the disk never was full")


def test_a_service_whose_disk_is_full_says_so_stays_up_and_goes_on_by_itself(
    disk: Disk, service: Service, tmp_path: Path
) -> None:
    assert service.send(0) == 200
    disk.fill("badbuzz.db", 16 * 8192)
    refused = send_until_full(service, 40)
    assert service.send(refused) == 503, "also what comes later is refused at once"
    assert service.get("/readyz").status_code == 503
    assert service.get("/healthz").status_code == 200
    assert "badbuzz_store_writable 0" in service.get("/metrics").text
    topics = service.get("/api/topics")
    assert topics.status_code == 200
    assert {topic["id"] for topic in topics.json()} == {"acme", "globex"}
    disk.free()
    wait_until(service.is_ready, "the service does not notice that there is room again")
    assert service.send(refused) == 200, "what was refused is sent again"
    assert "badbuzz_store_writable 1" in service.get("/metrics").text
    kept = refused + 40
    assert committed(disk.seen / "badbuzz.db", "posts") == kept
    disk.fill("badbuzz.db", 0)
    refused = send_until_full(service, kept)
    assert service.stop() == 0, "a full disk does not keep it from stopping"
    said = service.log.read_text()
    assert "no space left for the database" in said
    assert "Traceback" not in said
    assert committed(disk.seen / "badbuzz.db", "posts") == refused
    kept_posts = asked(disk.seen / "badbuzz.db", "SELECT count(*), count(DISTINCT key) FROM mentions")
    assert kept_posts == [(refused, refused)]


def test_half_a_key_of_pseudonyms_is_never_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(store=str(tmp_path / "badbuzz.db"))

    def full(path: Path, *_: Any) -> int:
        with path.open("w") as file:
            file.write("half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    with monkeypatch.context() as no_room:
        no_room.setattr(Path, "write_text", full)
        with pytest.raises(SettingInvalid, match=r"badbuzz\.db\.author-key cannot be made \(No space left on device\)"):
            author_secret(settings)
    first = author_secret(settings)
    assert first == author_secret(settings) != author_secret(Settings(store=str(tmp_path / "other.db")))
    assert (tmp_path / "badbuzz.db.author-key").stat().st_mode & 0o777 == 0o600
