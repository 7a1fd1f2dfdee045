"""Every command of the README is run, in order, in one folder; every file it shows is used."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")

BACKGROUND = ("badbuzz run ", "streamlit run ")
"""Commands that run until they are told to stop."""

ELSEWHERE = {"make demo": "tests/commands/test_demo.py", "make test": ".ci/run"}
"""Commands too large to run inside a test, and what runs them."""

ONE_WORLD = "badbuzz backtest cold_start --quick --seeds 1 --calibration-seeds 1 --rival hour_against_twelve"

QUICKER = {
    "badbuzz bench --json": "badbuzz bench --json --posts 10000 --topics 50 --repeats 1",
    "badbuzz backtest --volume 60 --volume 240 --strength 1 --strength 0.25 --strength 0.0625 --seeds 40 "
    "--calibration-seeds 40 --each-detector": f"{ONE_WORLD} --volume 10 --strength 1 --strength 0.0625",
    "badbuzz backtest --html backtest.html": f"{ONE_WORLD} --volume 10 --html backtest.html",
}
"""Commands whose result a test does not need at full size."""

LONGEST_SECONDS = 200
"""After this a command has hung or should be in `QUICKER`; the error then names it."""

NEEDS = {"promtool": "prometheus", "amtool": "prometheus-alertmanager", "curl": "curl", "streamlit": "streamlit"}
"""Programs of the README that the project does not install itself."""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    return [line for block in blocks("sh") for line in block.splitlines() if line.strip()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which the README's commands work as they do in a clone, with the README's own files."""
    for name in ("rules", "dashboards", "tests"):
        (tmp_path / name).symlink_to(ROOT / name)
    for block in blocks("yaml"):
        first = block.partition("\n")[0]
        (tmp_path / first.removeprefix("# ")).write_text(block, "utf-8")
    return tmp_path


@pytest.fixture
def environment() -> dict[str, str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "STREAMLIT_SERVER_HEADLESS": "true", "STREAMLIT_SERVER_PORT": str(free_port())}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Background:
    """Commands started and left running until the end of the README."""

    def __init__(self) -> None:
        self._running: list[tuple[str, subprocess.Popen[bytes]]] = []

    def start(self, command: str, folder: Path, environment: dict[str, str], log: Path) -> None:
        with log.open("ab") as output:
            process = subprocess.Popen(
                ["bash", "-c", f"exec env {command}"], cwd=folder, env=environment, stdout=output, stderr=output
            )
        self._running.append((command, process))
        if "badbuzz run" in command:
            for port in ports():
                wait_for_port(port, process, log)

    def stop(self) -> None:
        gone = [command for command, process in self._running if process.poll() is not None]
        for _, process in self._running:
            process.send_signal(signal.SIGTERM)
            process.wait(20)
        assert not gone, f"stopped by themselves: {gone}"


def wait_for_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text("utf-8")
        if taken(port):
            return
        time.sleep(0.1)
    raise AssertionError(log.read_text("utf-8"))


@pytest.fixture
def background() -> Iterator[Background]:
    started = Background()
    yield started
    started.stop()


def ports() -> list[int]:
    """Where the README says that its commands listen."""
    return sorted({int(port) for port in re.findall(r"\b127\.0\.0\.1:(\d+)", README)})


def taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_stranger_on_a_port_is_noticed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port: int = stranger.getsockname()[1]
        assert taken(port)
    assert not taken(port)


def missing_programs() -> list[str]:
    used = " ".join(commands())
    found = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return [package for program, package in NEEDS.items() if program in used and not shutil.which(program, path=found)]


@pytest.mark.timeout(600)
def test_every_command_of_the_readme_works_in_order(
    folder: Path, environment: dict[str, str], background: Background
) -> None:
    if missing := missing_programs():
        pytest.skip(f"not installed: {', '.join(missing)}")
    strangers = [port for port in ports() if taken(port)]
    assert not strangers, f"something else listens on {strangers}, where the README's commands will; stop it first"
    for command in commands():
        if command in ELSEWHERE:
            assert (ROOT / ELSEWHERE[command]).exists()
            assert (
                subprocess.run(
                    ["make", "--dry-run", command.split()[1]], cwd=ROOT, capture_output=True, check=False
                ).returncode
                == 0
            )
        elif any(word in command for word in BACKGROUND):
            environment["STREAMLIT_SERVER_PORT"] = str(free_port())
            background.start(command, folder, environment, folder / "background.log")
        else:
            done = subprocess.run(
                ["bash", "-o", "pipefail", "-c", QUICKER.get(command, command)],
                cwd=folder,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
                timeout=LONGEST_SECONDS,
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
            assert done.stdout or "curl" not in command, command


def test_every_command_that_is_made_quicker_or_run_elsewhere_stands_in_the_readme() -> None:
    """Else a number changed in the README would let its command run for an hour here."""
    assert sorted({*QUICKER, *ELSEWHERE} - set(commands())) == []


def test_every_yaml_of_the_readme_says_its_file_name() -> None:
    assert [block.partition("\n")[0] for block in blocks("yaml")] == ["# brand.yaml", "# badbuzz.yaml"]


def test_every_path_the_readme_links_to_exists() -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []
