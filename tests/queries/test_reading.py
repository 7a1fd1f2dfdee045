from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import OperationalError

from monitor.errors import StoreError, StoreTooNew, StoreUnavailable
from monitor.queries import Reading, freshness, topics_now
from monitor.store import schema


def test_the_reader_cannot_write(path: Path) -> None:
    with (
        pytest.raises(StoreUnavailable) as refused,
        Reading(f"sqlite:///{path}").snapshot() as connection,
    ):
        connection.execute(insert(schema.counts), [{"name": "read", "value": 1}])
    assert isinstance(refused.value.__cause__, OperationalError)
    assert "readonly" in str(refused.value.__cause__)


def test_a_missing_database_is_not_created(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    with pytest.raises(StoreUnavailable, match=r"none\.db cannot be read"), Reading(f"sqlite:///{path}").snapshot():
        pass
    assert not path.exists()


def test_a_database_without_our_tables_says_so(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    sqlite3.connect(path).close()
    path.touch()
    with (
        pytest.raises(StoreUnavailable, match="holds no badbuzz tables yet"),
        Reading(f"sqlite:///{path}").snapshot() as connection,
    ):
        freshness(connection, 0)


def test_a_file_that_is_no_database_says_so(tmp_path: Path) -> None:
    path = tmp_path / "text.db"
    path.write_text("not a database " * 100)
    with (
        pytest.raises(StoreUnavailable, match="is not a badbuzz database"),
        Reading(f"sqlite:///{path}").snapshot() as connection,
    ):
        freshness(connection, 0)


@pytest.mark.parametrize(
    ("change", "fault", "said"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", StoreTooNew, r"newer badbuzz \(step 9999\); upgrade"),
        ("ALTER TABLE state DROP COLUMN watermark_us", StoreUnavailable, "written by another version of badbuzz"),
    ],
)
def test_a_database_of_another_version_says_so(
    path: Path, tmp_path: Path, change: str, fault: type[StoreError], said: str
) -> None:
    other = tmp_path / "other.db"
    shutil.copy(path, other)
    with sqlite3.connect(other) as store:
        store.execute(change)
    store.close()
    with pytest.raises(fault, match=said), Reading(f"sqlite:///{other}").snapshot() as connection:
        freshness(connection, 0)


@pytest.mark.parametrize("url", ["mysql://user:secret@host/db", "://"])
def test_what_is_no_address_of_a_store_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(StoreUnavailable) as refused:
        Reading(url)
    assert "secret" not in str(refused.value)


def test_a_path_is_an_address_too(path: Path, now_us: int) -> None:
    with Reading(str(path)).snapshot() as connection:
        assert freshness(connection, now_us).recorded_us is not None


def test_a_snapshot_sees_one_commit_while_the_service_writes(path: Path, tmp_path: Path, now_us: int) -> None:
    copy = tmp_path / "live.db"
    copy.write_bytes(path.read_bytes())
    writer = sqlite3.connect(copy, isolation_level=None)
    writer.execute("PRAGMA journal_mode=WAL")
    with Reading(f"sqlite:///{copy}").snapshot() as connection:
        before = freshness(connection, now_us)
        writer.execute("UPDATE state SET recorded_us = recorded_us + 1000000")
        assert freshness(connection, now_us) == before
    with Reading(f"sqlite:///{copy}").snapshot() as connection:
        assert freshness(connection, now_us).recorded_us == (before.recorded_us or 0) + 1_000_000
    writer.close()


def test_a_store_at_rest_in_wal_mode_can_be_read(path: Path, tmp_path: Path, now_us: int) -> None:
    copy = tmp_path / "rest.db"
    copy.write_bytes(path.read_bytes())
    writer = sqlite3.connect(copy)
    writer.execute("PRAGMA journal_mode=WAL")
    writer.close()
    with Reading(f"sqlite:///{copy}").snapshot() as connection:
        assert topics_now(connection, freshness(connection, now_us))


def test_a_folder_with_odd_characters_is_opened(path: Path, tmp_path: Path, now_us: int) -> None:
    folder = tmp_path / "a b?c#d%20é"
    folder.mkdir()
    (folder / "x.db").write_bytes(path.read_bytes())
    with Reading(f"sqlite:///{quote(str(folder))}/x.db").snapshot() as connection:
        assert freshness(connection, now_us).recorded_us is not None
