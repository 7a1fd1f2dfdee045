from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from monitor.clock import MINUTE_US, SECOND_US, SystemClock
from tests.dashboards.story import commit, tell


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The story, told once as of now."""
    path = tmp_path_factory.mktemp("story") / "told.db"
    tell(f"sqlite:///{path}", SystemClock().now_us())
    return path


@pytest.fixture
def story(told: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the story that the war room of this test reads, committed five seconds ago."""
    path = tmp_path / "badbuzz.db"
    shutil.copy(told, path)
    silent_for(path, 5)
    monkeypatch.setenv("BADBUZZ_STORE", f"sqlite:///{path}")
    monkeypatch.setattr("sys.argv", ["war_room.py"])
    return path


def silent_for(path: Path, seconds: int) -> None:
    """Make the last commit `seconds` old."""
    engine = create_engine(f"sqlite:///{path}")
    now_us = SystemClock().now_us()
    with engine.begin() as connection:
        watermark_us = connection.exec_driver_sql("SELECT watermark_us FROM state").scalar_one()
        assert watermark_us > now_us - 30 * MINUTE_US
        commit(connection, now_us - seconds * SECOND_US, watermark_us)
    engine.dispose()
