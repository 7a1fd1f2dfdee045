"""What came late is shown where it was published, told apart, and found without reading the rest."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, delete, insert

from monitor import queries
from monitor.clock import DAY_US, HOUR_US, MINUTE_US
from monitor.store.schema import mentions, signals
from tests.dashboards.story import post, tell
from tests.queries.conftest import NOW_US

LATE = 40


@pytest.fixture
def store(tmp_path: Path, end_us: int) -> str:
    """The story after an outage of six hours in the afternoon, of which forty posts came later."""
    url = f"sqlite:///{tmp_path / 'late.db'}"
    tell(url, NOW_US)
    engine = create_engine(url)
    out_us = end_us - 10 * HOUR_US
    with engine.begin() as connection:
        for table, at_us in ((mentions, mentions.c.published_us), (signals, signals.c.start_us)):
            connection.execute(
                delete(table).where(table.c.topic == "train", at_us >= out_us, at_us < out_us + 6 * HOUR_US)
            )
        rows = [post("train", f"l{number}", out_us + number * 9 * MINUTE_US, is_late=True) for number in range(LATE)]
        rows.append(post("train", "own", out_us + MINUTE_US, is_late=True, is_own=True))
        connection.execute(insert(mentions), rows)
    engine.dispose()
    return url


def test_the_curve_of_an_outage_holds_what_was_filled_in_later_at_its_event_time(store: str, end_us: int) -> None:
    with queries.Reading(store).snapshot() as look:
        buckets = queries.observed_and_expected(look, "train", end_us - DAY_US, end_us, 60)
        (train,) = [row for row in queries.topics_now(look, queries.freshness(look, NOW_US)) if row.topic.id == "train"]
    out = [bucket for bucket in buckets if end_us - 10 * HOUR_US <= bucket.start_us < end_us - 4 * HOUR_US]
    assert [(bucket.observed, bucket.late) for bucket in out] == [(7, 7), (7, 7), (6, 6), (7, 7), (7, 7), (6, 6)]
    assert all(bucket.late == 0 for bucket in buckets if bucket not in out)
    assert sum(bucket.late for bucket in train.sparkline) == LATE
    assert all(bucket.observed >= bucket.late for bucket in train.sparkline)


def test_what_is_erased_leaves_the_curve(store: str, end_us: int) -> None:
    engine = create_engine(store)
    with engine.begin() as connection:
        connection.execute(delete(mentions).where(mentions.c.id == "l0"))
    engine.dispose()
    with queries.Reading(store).snapshot() as look:
        buckets = queries.observed_and_expected(look, "train", end_us - DAY_US, end_us, 60)
    assert sum(bucket.late for bucket in buckets) == LATE - 1


def test_late_mentions_are_found_by_their_index(look: Connection, end_us: int) -> None:
    raw = look.connection.driver_connection
    assert raw is not None
    asked: list[str] = []
    raw.set_trace_callback(asked.append)
    queries.observed_and_expected(look, "acme", end_us - DAY_US, end_us, 15)
    raw.set_trace_callback(None)
    (late,) = [statement for statement in asked if "is_late" in statement]
    plan = [row[3] for row in raw.execute("EXPLAIN QUERY PLAN " + late)]
    assert plan[0].startswith("SEARCH mentions USING COVERING INDEX mentions_late"), plan
