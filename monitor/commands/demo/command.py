"""The command itself: start everything, live through three weeks, play the day, compare."""

from __future__ import annotations

import os
import secrets
import signal
import sys
import tempfile
import time
import webbrowser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from types import FrameType
from typing import Annotated, Final, NoReturn

import httpx
import typer
import yaml
from rich.console import Console

from monitor.backtest.brands import EXAMPLE_BRANDS
from monitor.backtest.rhythm import midnight
from monitor.backtest.scenarios import scenario
from monitor.backtest.simulation import Simulation
from monitor.clock import DAY_US, HOUR_US, SECOND_US, SystemClock
from monitor.commands.demo.feeding import Feed, ahead, arrived_us, batches, until
from monitor.commands.demo.lookout import Lookout, Saying
from monitor.commands.demo.narrator import Narrator
from monitor.commands.demo.processes import Programs, free_port
from monitor.errors import InputRefused, MonitorError
from monitor.mentions import Item

__all__ = ["demo"]

_DAYS: Final = 23
_STORY: Final = "own_reply_backlash"
_VOLUME: Final = 1_200.0
_DAY_BEGINS: Final = 8 * HOUR_US
_DAY_ENDS: Final = 34 * HOUR_US  # ten the next morning, when the papers are out
_BATCH: Final = 4_000
_TICK_SECONDS: Final = 0.25
_START_SECONDS: Final = 30.0


def demo(
    seed: Annotated[int, typer.Option(help="Another seed is another day; the crisis comes at another time.")] = 3,
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Of the service; the next free one if taken.")] = 8700,
    keep: Annotated[
        Path | None, typer.Option(readable=False, help="Keep the database and the logs in this folder.")
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the war room in a browser, if there is a display.")] = True,
    speed: Annotated[
        float, typer.Option(min=1, max=1_000_000, help="Simulated seconds in one second, once the day begins.")
    ] = 900,
    once: Annotated[bool, typer.Option("--once", help="Leave when the day is over.")] = False,
) -> None:
    """Play a day in the life of a fictitious French brand through the real service, and open the war room.

    Three ordinary weeks come first, so that the service learns what is usual. Nothing is scripted on the detecting
    side: what it says, it found.
    """
    narrator = Narrator(Console(highlight=False))
    try:
        with ExitStack() as stack:
            stack.enter_context(_interruptible_by_sigterm())
            folder = _folder(stack, keep)
            stage = _Stage(stack, folder, port, narrator)
            _play(stage, seed, speed, opens_browser=browser)
            if not once:
                narrator.say("The war room stays open. Ctrl-C stops everything.")
                stage.stay()
    except (KeyboardInterrupt, _ToldToStop):
        narrator.say("Stopped.")


class _ToldToStop(BaseException):
    """SIGTERM came; like KeyboardInterrupt, nothing on the way may take it for a failure."""


@contextmanager
def _interruptible_by_sigterm() -> Iterator[None]:
    def interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
        # Make hands on the signal that its whole group gets: the second must not break off what the first began.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise _ToldToStop

    before = signal.signal(signal.SIGTERM, interrupt)
    yield
    signal.signal(signal.SIGTERM, before)  # once told, we are leaving


def _folder(stack: ExitStack, keep: Path | None) -> Path:
    if keep is None:
        return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="badbuzz-demo-")))
    try:
        keep.mkdir(parents=True, exist_ok=True)
        is_empty = not any(keep.iterdir())
    except OSError as error:
        message = f"cannot use the folder {keep}: {error.strerror}; name one that can be written to"
        raise InputRefused(message) from error
    if not is_empty:
        message = f"the folder {keep} is not empty; name a new one, so that no earlier database is mixed in"
        raise InputRefused(message)
    return keep.resolve()


class _Stage:
    """The service and the war room, running."""

    def __init__(self, stack: ExitStack, folder: Path, port: int, narrator: Narrator) -> None:
        self.narrator = narrator
        self.watchlist = _beside_war_room("rules/topics/example.yaml")
        self._clock = SystemClock()
        self._programs = stack.enter_context(Programs(folder))
        secret = secrets.token_hex(32).encode()
        service_port = free_port(port)
        self.service = f"http://127.0.0.1:{service_port}"
        self._programs.start(
            "service", ["monitor.cli", "run", "--config", str(self._settings(folder, service_port, secret))]
        )
        war_room_port = free_port(service_port + 1)
        self.war_room = f"http://127.0.0.1:{war_room_port}"
        addresses = {"BADBUZZ_STORE": f"sqlite:///{folder / 'badbuzz.db'}", "BADBUZZ_API": self.service}
        self._programs.start("war room", _streamlit(war_room_port), addresses)
        client = stack.enter_context(httpx.Client(base_url=self.service, timeout=60.0, trust_env=False))
        self._client = client
        self.feed = Feed(client, secret, self._clock)
        self.lookout = Lookout(client)

    def _settings(self, folder: Path, port: int, secret: bytes) -> Path:
        (folder / "ingest.secret").write_bytes(secret)
        (folder / "ingest.secret").chmod(0o600)
        path = folder / "settings.yaml"
        settings = {
            "listen": f"127.0.0.1:{port}",
            "store": "badbuzz.db",
            "topics": str(self.watchlist),
            "clock": "event",
            "ingest_secret_file": "ingest.secret",
        }
        path.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
        return path

    def wait_until_ready(self) -> None:
        """Return when the service can commit posts."""
        give_up = self.now() + _START_SECONDS
        while True:
            self._programs.check()
            try:
                if self._client.get("/readyz").is_success:
                    return
            except httpx.TransportError:
                pass
            if self.now() > give_up:
                message = f"the service was not ready after {_START_SECONDS:.0f} seconds; --keep DIR keeps its log"
                raise MonitorError(message)
            time.sleep(0.1)

    def stay(self) -> None:
        """Keep everything running until interrupted."""
        while True:
            self._programs.check()
            time.sleep(1.0)

    def now(self) -> float:
        """Return seconds on a clock that only moves forward."""
        return self._clock.monotonic_seconds()

    def today_us(self) -> int:
        """Return the instant at which today began."""
        return midnight(self._clock.now_us())


def _beside_war_room(name: str) -> Path:
    """Return a file of the project, found beside the installed war room."""
    found = find_spec("dashboards")
    if found is None or found.origin is None:
        message = "the war room is not installed; install badbuzz whole, with its package `dashboards`"
        raise MonitorError(message)
    return Path(found.origin).parent.parent / name


def _streamlit(port: int) -> list[str]:
    options = {
        "server.address": "127.0.0.1",
        "server.port": str(port),
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
    }
    page = str(_beside_war_room("dashboards/war_room.py"))
    return ["streamlit", "run", page, *(f"--{name}={value}" for name, value in options.items())]


def _play(stage: _Stage, seed: int, speed: float, *, opens_browser: bool) -> None:
    story = scenario(_STORY)
    # The story was the day before yesterday, so that everything shown lies in the past and is recent.
    simulation = Simulation(
        seed=seed,
        days=_DAYS,
        start_us=midnight(stage.today_us(), -_DAYS),
        volume=_VOLUME,
        brands=EXAMPLE_BRANDS,
    )
    day_us = midnight(simulation.start_us, _DAYS - 2)
    items = story.play(simulation)
    next_up: list[Item] = []
    stage.wait_until_ready()
    _point(stage, opens_browser=opens_browser)
    _live_through_history(stage, until(items, day_us + _DAY_BEGINS, next_up), simulation)
    stage.narrator.say("The day begins. A crisis will come; only its makers know when.")
    said = _live_the_day(stage, _Reel(next_up, items), day_us, speed)
    stage.narrator.say()
    stage.narrator.say("The day is over. What was planted, and what the service said of it:", "bold")
    stage.narrator.compare(simulation.events[0].truth(), said)


def _live_through_history(stage: _Stage, items: Iterator[Item], simulation: Simulation) -> None:
    begun = stage.now()
    with stage.narrator.progress("Three ordinary weeks", _DAYS - 2) as progress:
        for batch in ahead(batches(items, _BATCH)):
            stage.feed.send(batch)
            progress.update(progress.task_ids[0], completed=(arrived_us(batch[-1]) - simulation.start_us) // DAY_US)
    seconds = stage.now() - begun
    alarms = stage.lookout.news()
    count = len(stage.lookout.incidents)
    stage.narrator.say(
        f"Three ordinary weeks: {stage.feed.sent:,} posts on {len(simulation.brands)} topics in {seconds:.0f} s."
    )
    topics = sorted({saying.incident.topic for saying in alarms})
    stage.narrator.say(f"The service opened {count} incidents in them{': ' + ', '.join(topics) if topics else ''}.")


def _point(stage: _Stage, *, opens_browser: bool) -> None:
    narrator = stage.narrator
    narrator.say()
    narrator.say(f"War room   {stage.war_room}", "bold")
    narrator.say(f"Metrics    {stage.service}/metrics")
    narrator.say(f"API        {stage.service}/openapi.json")
    narrator.say()
    if opens_browser and _has_display():
        webbrowser.open(stage.war_room)


def _has_display() -> bool:
    """Tell whether a browser would have somewhere to appear."""
    if sys.platform == "darwin":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")) and bool(
        which("xdg-open") or which("chromium")
    )


@dataclass
class _Reel:
    """The posts still to come; `waiting` were taken out already."""

    waiting: list[Item]
    items: Iterator[Item]

    def up_to(self, instant_us: int) -> list[Item]:
        """Return what arrives before an instant."""
        if self.waiting and arrived_us(self.waiting[0]) >= instant_us:
            return []
        ready, self.waiting = self.waiting, []
        return ready + list(until(self.items, instant_us, self.waiting))


def _live_the_day(stage: _Stage, reel: _Reel, day_us: int, speed: float) -> list[Saying]:
    """Play the day; return everything the service said."""
    begun = stage.now()
    simulated_us = day_us + _DAY_BEGINS
    said: list[Saying] = []
    with stage.narrator.clock():
        while simulated_us < day_us + _DAY_ENDS:
            time.sleep(_TICK_SECONDS)
            simulated_us = day_us + _DAY_BEGINS + int((stage.now() - begun) * speed * SECOND_US)
            for batch in batches(iter(reel.up_to(min(simulated_us, day_us + _DAY_ENDS))), _BATCH):
                stage.feed.send(batch)
            for saying in stage.lookout.news():
                stage.narrator.report(saying)
                said.append(saying)
            stage.narrator.tick(simulated_us, stage.feed.sent)
    return said
