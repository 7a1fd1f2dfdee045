"""What a demo tells the person at the terminal: plain lines, with colour and a moving clock when it is a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.status import Status
from rich.text import Text

from monitor.backtest.plans import TopicTruth
from monitor.backtest.rhythm import PARIS
from monitor.clock import MINUTE_US, to_datetime
from monitor.commands.demo.lookout import Saying
from monitor.sources.dates import rfc3339_us

__all__ = ["Narrator", "local_time"]

_TOLD: Final = frozenset({"opened", "escalated", "reopened", "subsiding", "closed"})
_SPOKEN: Final = frozenset({"opened", "escalated", "reopened"})
_COLOURS: Final = {"watch": "yellow", "warning": "dark_orange", "critical": "bold red"}


def local_time(instant_us: int) -> str:
    """Return the day of the week, the hour and the minute in Paris."""
    return to_datetime(instant_us).astimezone(PARIS).strftime("%a %H:%M")


class Narrator:
    """Speaks to the terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status: Status | None = None
        self._last_said = ""

    def say(self, line: str = "", style: str = "") -> None:
        """Print one line."""
        self._console.print(Text(line, style), soft_wrap=True)

    @contextmanager
    def progress(self, what: str, days: int) -> Iterator[Progress]:
        """Show how many of the days are done, when this is a terminal."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("days"))
        with Progress(*columns, console=self._console, transient=True, disable=not self._console.is_terminal) as bar:
            bar.add_task(what, total=days)
            yield bar

    @contextmanager
    def clock(self) -> Iterator[None]:
        """Show the simulated time while it passes, when this is a terminal."""
        if not self._console.is_terminal:
            yield
            return
        with self._console.status("") as status:
            self._status = status
            yield
        self._status = None

    def tick(self, simulated_us: int, sent: int) -> None:
        """Show the simulated time."""
        if self._status is not None:
            self._status.update(f"simulated {local_time(simulated_us)}, {sent:,} posts sent")

    def report(self, saying: Saying) -> None:
        """Print one thing the service said; the same twice in a row is printed once."""
        line = Text(f"simulated {local_time(rfc3339_us(saying.at))}: {saying.incident.topic} ")
        line.append(saying.severity, _COLOURS.get(saying.severity, ""))
        line.append(f": {saying.text}")
        if line.plain != self._last_said:
            self._console.print(line, soft_wrap=True)
        self._last_said = line.plain

    def compare(self, planted: TopicTruth, said: Sequence[Saying]) -> None:
        """Print what was planted and what the service said, side by side in order of time."""
        onset_us = rfc3339_us(planted.onset) if planted.onset else 0
        lines = [(rfc3339_us(step.at), "planted", step.what) for step in planted.milestones]
        lines += [
            (rfc3339_us(saying.at), "service", f"{saying.severity}: {saying.text}")
            for saying in said
            if saying.incident.topic == planted.id and saying.kind in _TOLD
        ]
        for at_us, who, what in sorted(set(lines)):
            self.say(f"  {local_time(at_us)}  {who}  {what}", "cyan" if who == "planted" else "")
        opened = [
            rfc3339_us(saying.at)
            for saying in said
            if saying.incident.topic == planted.id and saying.kind in _SPOKEN and rfc3339_us(saying.at) >= onset_us
        ]
        if opened:
            self.say(
                f"The service spoke {(min(opened) - onset_us) // MINUTE_US} minutes after the crisis began.", "bold"
            )
        else:
            self.say("The service did not speak after the crisis began.", "bold")
