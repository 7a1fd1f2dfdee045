from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from monitor.clock import from_datetime
from monitor.queries import Reading
from tests.dashboards.story import tell

NOW_US = from_datetime(datetime(2026, 1, 15, 21, 52, 7, tzinfo=UTC))


@pytest.fixture(scope="session")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The story as of a winter evening: always the same rows."""
    path = tmp_path_factory.mktemp("story") / "badbuzz.db"
    tell(f"sqlite:///{path}", NOW_US)
    return path


@pytest.fixture
def look(path: Path) -> Iterator[Connection]:
    with Reading(f"sqlite:///{path}").snapshot() as connection:
        yield connection


@pytest.fixture
def now_us() -> int:
    return NOW_US


@pytest.fixture
def end_us() -> int:
    """The watermark of the story."""
    return from_datetime(datetime(2026, 1, 15, 21, 51, tzinfo=UTC))
