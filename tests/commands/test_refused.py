"""What cannot be used is refused in one clear sentence, with the right status, and nothing already stored is lost."""

from __future__ import annotations

import gzip
import importlib
import os
import pkgutil
import socket
import sqlite3
import subprocess
import tempfile
import typing
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

import monitor
from monitor.cli import COMMANDS
from monitor.store.database import open_store
from tests.commands.driving import (
    PYTHON,
    WATCHLIST,
    Done,
    Folder,
    badbuzz,
    is_one_sentence,
    lines,
    posts,
    process,
)

NOBODY = 65534


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def replayed(folder: Folder) -> Folder:
    """A folder in which a replay was finished."""
    assert folder.replay(folder.write("earlier", lines(posts(9)))).status == 0
    return folder


Recording = Callable[[Folder], Path]
UNREADABLE: dict[str, tuple[Recording, tuple[str, ...]]] = {
    "missing": (lambda folder: folder.path / "absent", ("absent: cannot be opened (No such file", "check the path")),
    "a folder": (lambda folder: folder.path, ("cannot be opened (Is a directory)", "check the path")),
    "UTF-16": (
        lambda folder: folder.write("x", lines(posts(3)).decode().encode("utf-16")),
        ("x: is in UTF-16", "iconv -f UTF-16 -t UTF-8"),
    ),
    "UTF-16 without a mark": (
        lambda folder: folder.write("x", lines(posts(3)).decode().encode("utf-16-le")),
        ("x: is in UTF-16", "iconv -f UTF-16 -t UTF-8"),
    ),
    "compressed UTF-16": (
        lambda folder: folder.write("x", gzip.compress(lines(posts(3)).decode().encode("utf-16"))),
        ("x: is in UTF-16", "iconv -f UTF-16 -t UTF-8"),
    ),
    "of no known format": (
        lambda folder: folder.write("x", b"Dear diary,\ntoday nothing happened.\n"),
        ("x: its beginning is in no format known", "--format", "csv, feed, jetstream"),
    ),
    "a picture": (
        lambda folder: folder.write("x", b"\x89PNG\r\n\x1a\n" + bytes(range(256))),
        ("x: its beginning is in no format known", "check that it holds posts"),
    ),
    "gzip cut off in its first bytes": (
        lambda folder: folder.write("x", gzip.compress(lines(posts(3)))[:12]),
        ("x: cannot be unpacked", "fetch the file again"),
    ),
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_an_unreadable_recording_is_refused_and_earlier_results_stay(kind: str, replayed: Folder) -> None:
    make, parts = UNREADABLE[kind]
    good, bad = replayed.write("good", lines(posts(3))), make(replayed)
    before = replayed.contents()
    for files in ([bad], [good, bad]):
        assert is_one_sentence(replayed.replay(*files), *parts)
        assert replayed.contents() == before
    assert is_one_sentence(badbuzz("check", replayed.topics, "--posts", bad), *parts)


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (("--map", "text=Corps"), "no column for published is recognised; name it with --map published=COLUMN"),
        (("--map", "published=Quand,text=Texte"), "there is no column 'Texte' for text"),
        (("--format", "csv"), "no column for published is recognised"),
    ],
)
def test_a_table_without_the_columns_is_refused_and_earlier_results_stay(
    options: tuple[str, str], part: str, replayed: Folder
) -> None:
    table = replayed.write("table", b"Quand;Corps\n2026-01-15 09:00:00;acme\n")
    before = replayed.contents()
    assert is_one_sentence(replayed.replay(table, *options), "table: ", part, "the header has: quand, corps")
    assert replayed.contents() == before


WATCHLISTS = {
    "indented with a tab": (b"topics:\n\t- id: acme\n", ":2: a tab is used for indentation", "replace it by spaces"),
    "empty": (b"", ":1: the file holds nothing", "write topics:"),
    "without topics": (b"topics: []\n", ":1: the list of topics is empty", "write topics:"),
    "in UTF-16": (WATCHLIST.encode("utf-16"), ":1: the byte 0xff is not UTF-8", "save the file as UTF-8"),
    "in Latin-1": ("topics:\n  - id: acme\n    query: société\n".encode("latin-1"), ":3: the byte 0xe9", "as UTF-8"),
    "with an id twice": (b"topics:\n  - {id: a, query: b}\n  - {id: a, query: c}\n", ":3: the id", "choose another"),
    "with a query that is none": (b"topics:\n  - id: a\n    query: (b\n", ":3: query, column 1", "never closed"),
}


@pytest.mark.parametrize("kind", WATCHLISTS)
def test_a_bad_watchlist_is_refused_by_every_command_and_earlier_results_stay(kind: str, replayed: Folder) -> None:
    content, *parts = WATCHLISTS[kind]
    topics = replayed.write("bad.yaml", content)
    before = replayed.contents()
    done = badbuzz("replay", replayed.path / "earlier", "--topics", topics, "--output", replayed.output)
    assert is_one_sentence(done, topics, *parts)
    assert replayed.contents() == before
    checked = badbuzz("check", topics)
    assert checked.status == 1
    assert f"{topics}{parts[0]}" in checked.err
    settings = replayed.write("settings.yaml", f"topics: {topics}\nstore: live.db\nlisten: 127.0.0.1:0\n".encode())
    assert is_one_sentence(badbuzz("run", "--config", settings), topics, *parts)
    assert not (replayed.path / "live.db").exists()


@pytest.fixture
def ordinary_user() -> Iterator[Folder]:
    """A folder of an ordinary user's, in which a replay was finished: permissions mean nothing to root."""
    with tempfile.TemporaryDirectory() as name:
        folder = Folder(Path(name))
        assert folder.replay(folder.write("posts", lines(posts(9)))).status == 0
        for module in pkgutil.walk_packages(monitor.__path__, "monitor."):
            if ".migrations." not in module.name:  # Alembic's own
                importlib.import_module(module.name)  # an ordinary user may not be allowed to read root's Python
        if os.geteuid() != 0:
            yield folder
            return
        for path in (folder.path, *folder.path.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, 0)
        try:
            yield folder
        finally:
            os.setresuid(0, 0, 0)


def test_what_may_not_be_read_or_written_is_refused(ordinary_user: Folder) -> None:
    folder = ordinary_user
    locked = folder.path / "locked"
    locked.mkdir()
    recording, topics, database = folder.path / "posts", folder.topics, folder.output / "replay.db"
    settings = folder.write("settings.yaml", f"store: {database}\ntopics: {topics}\nlisten: 127.0.0.1:0\n".encode())
    counts = folder.write("counts.csv", b"timestamp,value\n2026-01-15 09:00:00,3\n")
    replayed = ("replay", recording, "--topics", topics, "--output")
    refused: list[tuple[Path, int, tuple[object, ...], tuple[object, ...]]] = [
        (recording, 0, (*replayed, folder.output), ("cannot be opened (Permission denied)", "its permissions")),
        (recording, 0, ("check", topics, "--posts", recording), ("cannot be opened (Permission", "its permissions")),
        (topics, 0, (*replayed, folder.output), ("cannot be read (Permission denied)", "its permissions")),
        (topics, 0, ("run", "--config", settings), ("cannot be read (Permission denied)", "its permissions")),
        (topics, 0, ("simulate", "quiet", "--topics", topics, "--output", "-"), ("cannot be read (Permission",)),
        (topics, 0, ("backtest", recording, "--topics", topics), ("cannot be read (Permission denied)",)),
        (settings, 0, ("run", "--config", settings), ("Permission denied", "name a settings file that can be read")),
        (database, 0, (*replayed, folder.output), ("cannot be opened", "that you may write in it")),
        (database, 0, ("run", "--config", settings), ("cannot be opened", "that you may write in it")),
        (database, 0, ("explain", "--store", database), ("cannot be read", "that this user may read it")),
        (database, 0o400, ("run", "--config", settings), ("cannot be written", "its -wal and -shm")),
        (counts, 0, ("detect", counts, "--output", "-"), ("Permission denied", "the permissions")),
        (locked, 0o500, (*replayed, locked), ("cannot be opened", "that you may write in it")),
        (locked, 0o500, (*replayed, locked / "out"), ("cannot be made a folder (Permission", "name another --output")),
        (folder.output, 0o500, ("run", "--config", settings), ("cannot be written", "and its folder")),
    ]
    before = folder.contents()
    for path, mode, command, said in refused:
        usual = path.stat().st_mode
        path.chmod(mode)
        done = badbuzz(*command)
        path.chmod(usual)
        assert is_one_sentence(done, path, *said)
        for beside in ("replay.db-shm", "replay.db-wal"):  # SQLite leaves them when it may not write
            (folder.output / beside).unlink(missing_ok=True)
        assert folder.contents() == before, command
    assert folder.replay(recording).status == 0, "once it may"


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_takes_a_file_that_may_not_be_read_for_wrong_usage(name: str) -> None:
    command = getattr(importlib.import_module(f"monitor.commands.{name}"), name)
    hints = typing.get_type_hints(command, include_extras=True)
    paths = {name: hint.__metadata__[0] for name, hint in hints.items() if "Path" in str(typing.get_args(hint)[:1])}
    assert [name for name, option in paths.items() if option.readable] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_number_with_a_fraction_has_an_upper_bound_so_that_infinity_is_wrong_usage(name: str) -> None:
    command = getattr(importlib.import_module(f"monitor.commands.{name}"), name)
    hints = typing.get_type_hints(command, include_extras=True)
    numbers = {name: hint.__metadata__[0] for name, hint in hints.items() if "float" in str(typing.get_args(hint)[:1])}
    assert [name for name, option in numbers.items() if option.max is None or option.min is None] == []


@pytest.mark.parametrize(
    "option", [("--volume", "inf"), ("--volume", "nan"), ("--volume", "1e12"), ("--days", "367"), ("--days", "1")]
)
def test_a_simulation_nobody_could_wait_for_is_refused_before_anything_is_written(
    option: tuple[str, str], folder: Folder
) -> None:
    done = badbuzz("simulate", "quiet", *option, "--output", folder.path / "posts")
    assert (done.status, done.out) == (2, "")
    assert f"Invalid value for '{option[0]}': Input should be " in done.err
    assert not (folder.path / "posts").exists()


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_an_output_that_cannot_be_a_folder_is_refused(place: str, folder: Folder) -> None:
    file = folder.write("file", b"precious")
    output = folder.path / place
    done = badbuzz("replay", folder.write("posts", lines(posts(3))), "--topics", folder.topics, "--output", output)
    assert is_one_sentence(done, f"{output}: cannot be made a folder", "name another --output")
    assert file.read_bytes() == b"precious"


def test_an_output_whose_place_is_taken_is_said_and_written_later(folder: Folder) -> None:
    recording = folder.write("posts", lines(posts(9)))
    (folder.output / "signals.csv").mkdir(parents=True)
    assert is_one_sentence(folder.replay(recording), "signals.csv: cannot be written (Is a directory)", "same command")
    (folder.output / "signals.csv").rmdir()
    assert folder.replay(recording).status == 0
    assert len(folder.rows("signals.csv")) == 1


def test_a_database_of_a_newer_version_is_left_alone(replayed: Folder) -> None:
    database = replayed.output / "replay.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = replayed.contents()
    parts = (database, "was written by a newer badbuzz (step 9999)", "upgrade badbuzz")
    assert is_one_sentence(replayed.replay(replayed.path / "earlier"), *parts)
    text = f"store: {database}\ntopics: {replayed.topics}\nlisten: 127.0.0.1:0\n"
    assert is_one_sentence(badbuzz("run", "--config", replayed.write("settings.yaml", text.encode())), *parts)
    assert replayed.contents() == before


def test_what_is_no_database_is_left_alone(folder: Folder) -> None:
    folder.output.mkdir()
    (folder.output / "replay.db").write_bytes(b"A letter to my grandmother, and surely no database.\n" * 99)
    before = folder.contents()
    done = folder.replay(folder.write("posts", lines(posts(3))))
    assert is_one_sentence(done, folder.output / "replay.db", "is not a badbuzz database", "another file")
    assert folder.contents() == before


def test_a_second_process_on_the_same_database_is_refused(replayed: Folder) -> None:
    recording = replayed.path / "earlier"
    with open_store(replayed.output / "replay.db") as store:
        store.claim()
        parts = ("another badbuzz is already writing to the database", replayed.output / "replay.db", "stop it first")
        assert is_one_sentence(replayed.replay(recording), *parts)
        text = f"store: {replayed.output / 'replay.db'}\ntopics: {replayed.topics}\nlisten: 127.0.0.1:0\n"
        assert is_one_sentence(badbuzz("run", "--config", replayed.write("settings.yaml", text.encode())), *parts)
        assert store.counts()["posts"] == 9
    assert replayed.replay(recording).status == 0


@pytest.mark.parametrize("is_listening", [True, False], ids=["listening", "only bound"])
def test_a_port_in_use_is_refused_before_anything_is_opened(is_listening: bool, folder: Folder) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(is_listening))
        other.bind(("127.0.0.1", 0))
        if is_listening:
            other.listen()
        address = f"127.0.0.1:{other.getsockname()[1]}"
        text = f"store: live.db\ntopics: {folder.topics}\nlisten: {address}\n"
        done = badbuzz("run", "--config", folder.write("settings.yaml", text.encode()))
    assert is_one_sentence(done, f"cannot listen on {address}: Address already in use", "set `listen`")
    assert not (folder.path / "live.db").exists()


SETTINGS = {
    "absent": (None, "No such file or directory", "name a settings file"),
    "not YAML": (b"listen: [\n", ":2:", "settings are YAML"),
    "a tab": (b"\tlisten: x\n", ":1:", "settings are YAML"),
    "a control character": (b"listen: \x07\n", "cannot be read as YAML", "remove control characters"),
    "very deep": (b"listen: " + b"[" * 3000, "cannot be read as YAML", "lists within lists"),
    "UTF-16": ("listen: 127.0.0.1:1\n".encode("utf-16"), "not UTF-8", "save the settings file as UTF-8"),
    "a number for a name": (b"1: 2\n", "1 is not a setting", "the settings are listen, store"),
    "misspelt": (b"lisen: 127.0.0.1:1\n", "lisen is not a setting", "the settings are listen, store"),
    "NaN": (b"lateness_seconds: .nan\n", "lateness_seconds is 'nan'", "less than or equal to 3600"),
    "infinite": (b"silence_seconds: .inf\n", "silence_seconds is 'inf'", "less than or equal to 2592000"),
    "beyond 64 bits": (b"text_days: 99999999999999999999\n", "text_days is '9999", "less than or equal to 36500"),
    "no port": (b"listen: 127.0.0.1\n", "'127.0.0.1' is not an address", "write HOST:PORT"),
}


@pytest.mark.parametrize("kind", SETTINGS)
def test_bad_settings_are_refused(kind: str, folder: Folder) -> None:
    content, *parts = SETTINGS[kind]
    path = folder.path / "settings.yaml"
    if content is not None:
        path.write_bytes(content)
    assert is_one_sentence(badbuzz("run", "--config", path), path, *parts)


def test_a_bad_setting_of_the_environment_is_refused(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BADBUZZ_WEBHOOKS", "not JSON")
    assert is_one_sentence(badbuzz("run"), "environment: ", "webhooks", "written as JSON")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("{posts}",),
        ("{posts}", "--topics", "{topics}"),
        ("{posts}", "{options}", "--limit", "0"),
        ("{posts}", "{options}", "--limit", "many"),
        ("{posts}", "{options}", "--lateness", "-1"),
        ("{posts}", "{options}", "--lateness", "nan"),
        ("{posts}", "{options}", "--lateness", "1e999"),
        ("{posts}", "{options}", "--format", "xml"),
        ("{posts}", "{options}", "--map", "text"),
        ("{posts}", "{options}", "--map", "text="),
        ("{posts}", "{options}", "--map", "=body"),
        ("{posts}", "{options}", "--map", "words=body"),
        ("{posts}", "{options}", "--map", "text=a,text=b"),
        ("{posts}", "{options}", "--unknown"),
    ],
)
def test_wrong_usage_has_a_status_of_its_own_and_makes_nothing(arguments: tuple[str, ...], folder: Folder) -> None:
    values = {"{posts}": (folder.write("posts", lines(posts(3))),), "{topics}": (folder.topics,)}
    given = [part for name in arguments for part in {**values, "{options}": folder.options()}.get(name, (name,))]
    done = badbuzz("replay", *given)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("Usage: ")
    assert "Traceback" not in done.err
    assert not folder.output.exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_an_output_nobody_can_take_is_said_in_one_sentence(folder: Folder) -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = subprocess.run([*PYTHON, "check", folder.topics], stdout=full, stderr=subprocess.PIPE, check=False)
    assert is_one_sentence(Done(done.returncode, "", done.stderr.decode()), "the output: No space left on device")


def test_standard_input_that_is_closed_and_a_terminal_without_accents_cost_nothing_but_a_sentence(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    done = process("replay", "-", *folder.options(), preexec_fn=lambda: os.close(0))
    assert is_one_sentence(done, "-: standard input is closed", "pipe the posts in, or name a file")
    done = process("check", folder.topics)
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("acme \\xb7 Acme T\\xe9l\\xe9com \\xb7 ours")
