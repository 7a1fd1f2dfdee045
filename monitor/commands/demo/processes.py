"""The programs a demo runs: started in their own sessions, watched, and stopped whatever happens."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from monitor.errors import MonitorError, PortInUse

__all__ = ["Programs", "free_port"]

_PORTS_TRIED: Final = 50
_SECONDS_TO_STOP: Final = 10.0
_TELL_TO_STOP: Final = (signal.SIGINT, signal.SIGTERM)


class Programs:
    """Programs running beside us; leaving the context stops them, the last started first.

    Parameters
    ----------
    folder
        Where what they print goes, a ``.log`` file each.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for program in reversed(self._running.values()):
            program.terminate()
        for program in reversed(self._running.values()):
            try:
                program.wait(_SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()

    def start(self, name: str, arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Start ``python -m`` with arguments, in a session of its own so that Ctrl-C reaches only us."""
        with self._log(name).open("wb") as log, _unbroken():
            self._running[name] = subprocess.Popen(  # noqa: S603 - our own interpreter and modules, no shell
                [sys.executable, "-m", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )

    def check(self) -> None:
        """Make sure that all are running.

        Raises
        ------
        MonitorError
            If one has stopped; the message has the last thing it said.
        """
        for name, program in self._running.items():
            status = program.poll()
            if status is not None:
                said = self._log(name).read_text("utf-8", "replace").strip().splitlines() or ["nothing"]
                message = f"the {name} stopped with status {status}; the last it said was: {said[-1]}"
                raise MonitorError(message)

    def _log(self, name: str) -> Path:
        return self._folder / f"{name.replace(' ', '-')}.log"


@contextmanager
def _unbroken() -> Iterator[None]:
    """Put off what Ctrl-C and SIGTERM do: between starting a program and knowing it, nobody would stop it."""
    came: list[int] = []
    usual = {number: signal.signal(number, lambda which, _: came.append(which)) for number in _TELL_TO_STOP}
    try:
        yield
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)
    if came:
        signal.raise_signal(came[0])


def free_port(wanted: int) -> int:
    """Return `wanted`, or the next port on the loopback where nobody listens.

    Raises
    ------
    PortInUse
        If none of the next fifty is free.
    """
    for port in range(wanted, min(wanted + _PORTS_TRIED, 65_536)):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    message = f"no port from {wanted} on is free on 127.0.0.1; stop what listens there, or give another --port"
    raise PortInUse(message)
