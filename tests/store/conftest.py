"""Both kinds of database, and batches to put into them."""

from __future__ import annotations

import os
import pwd
import shutil
import sqlite3
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import fields
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace

from monitor.clock import MINUTE_US, SECOND_US
from monitor.mentions import Author, Mention, mention_key
from monitor.pipeline import Kept, Outcome
from monitor.store import Commit
from monitor.store.database import Store, open_store
from monitor.topics import Match

START_US = 1_768_435_200_000_000  # 2026-01-15T00:00:00Z


def _binary(name: str) -> str | None:
    """Where a program of the PostgreSQL server is: on the PATH, or where Debian hides it."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(debian[-1]) if debian else shutil.which(name)


def _ordinary_user() -> str | None:
    """The server refuses to run as root; then somebody else must own it."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def _cluster(folder: Path, initdb: str, pg_ctl: str) -> Iterator[str]:
    """A throw-away cluster, reached through a Unix socket in its own folder."""
    user = _ordinary_user()
    if user is not None:
        shutil.chown(folder, user)

    def run(*command: str) -> None:
        # Not captured through a pipe: the server would inherit it, and we would wait for the server's end.
        with (folder / "out").open("ab") as out:
            environment = {"PATH": os.defpath, "LC_ALL": "C"}
            done = subprocess.run(command, user=user, cwd=folder, stdout=out, stderr=out, check=False, env=environment)
        assert done.returncode == 0, (folder / "out").read_text()

    data = str(folder / "data")
    settings = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off -c full_page_writes=off"
    run(initdb, "--pgdata", data, "--auth", "trust", "--username", "badbuzz", "--encoding", "UTF8", "--no-sync")
    run(pg_ctl, "--pgdata", data, "--wait", "--log", str(folder / "log"), "--options", settings, "start")
    try:
        yield str(folder)
    finally:
        run(pg_ctl, "--pgdata", data, "--mode", "immediate", "stop")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The folder of the socket of a throw-away PostgreSQL server; started once."""
    initdb, pg_ctl = _binary("initdb"), _binary("pg_ctl")
    if initdb is None or pg_ctl is None:
        pytest.skip("PostgreSQL's initdb is not installed")
    # Not under pytest's folder: the server runs as somebody who may not enter that, and a socket's path is short.
    with tempfile.TemporaryDirectory(prefix="pg-") as name, _cluster(Path(name), initdb, pg_ctl) as socket:
        yield socket


_numbers = count()


@pytest.fixture
def postgresql_address(postgresql_server: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(host=postgresql_server, user="badbuzz", dbname="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        yield f"postgresql://badbuzz@/{name}?host={postgresql_server}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty database is, one of each kind."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql_address"))
    return str(tmp_path / "badbuzz.db")


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    with open_store(address) as opened:
        yield opened


def kept(
    number: int, *, topic: str = "sncf", is_late: bool = False, heard_us: int | None = None, **changes: Any
) -> Kept:
    """Post `number`, published `number` seconds after the start, on one topic."""
    published_us = START_US + number * SECOND_US
    kind = changes.pop("kind", "post")
    root_id = str(changes.pop("root", number))
    hashtags = ("greve", "sncf") if number % 2 else ()
    followers, verified = changes.pop("followers", number % 500), changes.pop("verified", None)
    mention = Mention(
        network="x",
        id=str(number),
        kind=kind,
        published_us=published_us,
        author=Author(f"a{number % 50}", f"handle{number % 50}", followers, verified=verified),
        text=f"train {number} en retard, encore",
        lang="fr",
        hashtags=hashtags,
        root_id=None if root_id == str(number) else root_id,
        url=f"https://x.example/status/{number}",
    )
    match = Match(
        topic=topic,
        key=mention_key("x", str(number)),
        id=str(number),
        published_us=published_us,
        network="x",
        kind=kind,
        author=number % 50 - 25,
        followers=followers,
        root=mention_key("x", root_id),
        root_id=root_id,
        tone=-0.1 * (number % 10),
        hashtags=hashtags,
        term=f"term {root_id}",
        verified=verified,
    )
    for_match = {name: changes[name] for name in changes.keys() & {*Match.__struct_fields__}}
    for_mention = {name: changes[name] for name in changes.keys() & {*Mention.__struct_fields__} - {"author"}}
    assert changes.keys() == for_match.keys() | for_mention.keys()
    return Kept(replace(match, **for_match), replace(mention, **for_mention), is_late, heard_us)


def commit_of(numbers: range | list[Kept], cursor: int | None = None, **changes: Any) -> Commit:
    """A batch of these posts; the counts, the cursor and the pipeline's state all tell the number of the last."""
    posts = [kept(number) for number in numbers] if isinstance(numbers, range) else numbers
    last = cursor if cursor is not None else int(posts[-1].match.id)
    newest_us = max((one.match.published_us for one in posts), default=START_US)
    outcome = Outcome(
        counts=Counter(posts=len(posts), mentions=len(posts)),
        kept=posts,
        first_seen=list(dict.fromkeys(one.match.key for one in posts)),
    )
    for name in changes.keys() & {field.name for field in fields(Outcome)}:
        setattr(outcome, name, changes.pop(name))
    whole = {
        "outcome": outcome,
        "cursors": {"file": str(last).encode()},
        "pipeline_state": str(last).encode(),
        "topic_states": {topic: (START_US, f"{topic} {last}".encode()) for topic in {one.match.topic for one in posts}},
        "watermark_us": newest_us - MINUTE_US,
        "event_time_us": newest_us,
        "recorded_us": START_US + last,
    }
    return Commit(**whole | changes)


class Posts:
    """What tests make batches with."""

    start_us = START_US
    kept = staticmethod(kept)
    commit = staticmethod(commit_of)


@pytest.fixture(scope="session")
def posts() -> type[Posts]:
    return Posts


@pytest.fixture
def rows_of(address: str) -> Callable[[str], list[tuple[Any, ...]]]:
    """Ask the database itself, past all of our code."""

    def ask(query: str) -> list[tuple[Any, ...]]:
        if address.startswith("postgresql"):
            with psycopg.connect(address) as connection:
                return connection.execute(query).fetchall()
        with closing(sqlite3.connect(address)) as connection:
            return connection.execute(query).fetchall()

    return ask


@pytest.fixture
def open_again(address: str) -> Iterator[Callable[[], Store]]:
    """Open the same database, as after a restart; everything opened is closed in the end."""
    with ExitStack() as opened:
        yield lambda: opened.enter_context(open_store(address))
