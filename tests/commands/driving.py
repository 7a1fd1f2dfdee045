"""`badbuzz` as a person drives it: in this process where that is enough, else as a process of its own."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, NamedTuple
from unittest import mock

from monitor.cli import main
from monitor.clock import MINUTE_US, SECOND_US
from monitor.mentions import Author, Item, Mention
from monitor.sources.ndjson import encode
from tests.made import at, mention

PYTHON = (sys.executable, "-m", "monitor.cli")
WATCHLIST = """\
topics:
  - id: acme
    name: Acme Télécom
    query: acme
    accounts: "@acme"
    time_zone: UTC
  - {id: globex, query: globex, time_zone: UTC}
"""
OUTPUTS = ("summary.json", "incidents.jsonl", "timeline.jsonl", "signals.csv", "cascades.csv")


class Done(NamedTuple):
    """How a command ended and what it said."""

    status: int
    out: str
    err: str
    data: bytes = b""


class _Output(io.StringIO):
    """Standard output: text, and bytes beneath, kept apart."""

    def __init__(self) -> None:
        super().__init__()
        self.buffer = io.BytesIO()


def badbuzz(*arguments: object, stdin: bytes = b"") -> Done:
    """Run a command in this process."""
    out, err = _Output(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["badbuzz", *map(str, arguments)]),
        mock.patch.object(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(stdin))),
        mock.patch("logging.basicConfig"),  # a log that outlives the command is nobody's wish
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as left:
            status = left.code
    assert isinstance(status, int)
    return Done(status, out.getvalue(), err.getvalue(), out.buffer.getvalue())


def process(*arguments: object, **options: Any) -> Done:
    """Run a command as a process of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BADBUZZ_")}
    done = subprocess.run(
        [*PYTHON, *map(str, arguments)], capture_output=True, env=environment, timeout=50, check=False, **options
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def lines(items: Iterable[Item]) -> bytes:
    return b"".join(map(encode, items))


def posts(count: int, start: int = 0) -> list[Mention]:
    """Posts about Acme, one a second from nine o'clock."""
    return [mention(str(number), at("09:00") + number * SECOND_US) for number in range(start, start + count)]


CHAT = (
    *("today", "shop", "train", "coffee", "garden", "evening", "friend", "question", "window", "letter", "music"),
    *("summer", "bridge", "kitchen", "paper", "river", "market", "picture", "bicycle", "weather", "lunch", "station"),
)


def crisis(seed: int = 1) -> list[Mention]:
    """A day of the ordinary about two brands, then half an hour of indignation about one, still going on at the end."""
    random, chat = Random(seed), Random(seed)
    start, noon = at("10:00", "2026-01-14"), at("12:00")
    found: list[Mention] = []
    for number in range(1200):
        moment = start + random.randrange(noon - start)
        author = Author(f"a{number % 97}", f"a{number % 97}", random.randrange(2_000))
        brand = random.choice(["Acme", "Globex", "Acme and Globex", "nobody"])
        words = " ".join(chat.sample(CHAT, 5))  # or they would be copies, which people do not write all day
        found.append(mention(f"quiet{number}", moment, f"hello {brand} {words}", author=author))
    found.append(mention("own", noon, "We are Acme", author=Author("brand", "acme", 90_000, None, True)))
    for number in range(500):
        moment = noon + MINUTE_US + random.randrange(30 * MINUTE_US)
        author = Author(f"b{number}", f"b{number}", random.randrange(50_000))
        if number % 2:
            root = {"kind": "repost", "root_id": "own", "parent_id": "own", "text": "We are Acme"}
            found.append(mention(f"loud{number}", moment, author=author, **root))
        else:
            found.append(mention(f"loud{number}", moment, f"Shame on Acme, boycott! {number}", author=author))
    return sorted(found, key=lambda post: (post.published_us, post.id))


class Folder:
    """A watchlist, recordings, and the outputs of replaying them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.topics = self.write("topics.yaml", WATCHLIST.encode())
        self.output = path / "out"

    def write(self, name: str, content: bytes) -> Path:
        path = self.path / name
        path.write_bytes(content)
        return path

    def replay(self, *arguments: object, stdin: bytes = b"") -> Done:
        return badbuzz("replay", *arguments, *self.options(), stdin=stdin)

    def options(self) -> tuple[object, ...]:
        return "--topics", self.topics, "--output", self.output

    @property
    def summary(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.output / "summary.json").read_text("utf-8"))
        return found

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The rows of an output."""
        text = (self.output / name).read_bytes().decode()
        if name.endswith(".csv"):
            return list(csv.DictReader(io.StringIO(text, newline="")))
        return [json.loads(line) for line in text.split("\n")[:-1]]

    def results(self) -> dict[str, bytes]:
        """Every output that must be the same after every replay of the same posts."""
        found = {name: (self.output / name).read_bytes() for name in OUTPUTS[1:]}
        steady = {name: value for name, value in self.summary.items() if name not in {"seconds", "posts_per_second"}}
        return {**found, "summary.json": json.dumps(steady).encode()}

    def contents(self) -> dict[str, bytes]:
        """Everything that lies in the folder of outputs."""
        return {file.name: file.read_bytes() for file in sorted(self.output.iterdir())}


def accounts_for_everything(summary: dict[str, Any]) -> bool:
    parts = ("malformed", "ignored", "deletions", "gaps", "heartbeats", "duplicates", "posts")
    adds_up: bool = summary["read"] == sum(summary[part] for part in parts)
    return adds_up and sum(summary["malformed_reasons"].values()) == summary["malformed"]


def is_a_time(text: str) -> bool:
    """Whether it is RFC 3339 in UTC."""
    return text.endswith("Z") and datetime.fromisoformat(text).utcoffset() == timedelta(0)


def is_one_sentence(done: Done, *parts: object) -> bool:
    """Whether a command refused in one sentence that says all of `parts`."""
    assert done.err.startswith("badbuzz: "), done.err
    assert done.err.count("\n") == 1, done.err
    assert all(str(part) in done.err for part in parts), done.err
    return done.status == 1
