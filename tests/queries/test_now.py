from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import Connection, create_engine

from monitor.clock import MINUTE_US, SECOND_US
from monitor.queries import Reading, TopicNow, freshness, topics_now
from monitor.store import schema
from tests.dashboards.story import mark


def rows_of(look: Connection, now_us: int) -> dict[str, TopicNow]:
    return {row.topic.id: row for row in topics_now(look, freshness(look, now_us))}


def test_what_burns_comes_first(look: Connection, now_us: int) -> None:
    assert list(rows_of(look, now_us))[:4] == ["acme", "velo", "banque", "neuf"]


def test_each_topic_has_its_word(look: Connection, now_us: int) -> None:
    words = {name: row.state for name, row in rows_of(look, now_us).items()}
    assert words == {
        "acme": "critical",
        "velo": "warning",
        "banque": "blind",
        "neuf": "learning",
        "fleurs": "calm",
        "train": "calm",
    }


def test_the_last_hour_is_counted_as_the_minutes_say(look: Connection, path: Path, now_us: int, end_us: int) -> None:
    row = rows_of(look, now_us)["acme"]
    with sqlite3.connect(path) as oracle:
        query = "SELECT sum(mentions) FROM signals WHERE topic = 'acme' AND start_us >= ?"
        (counted,) = oracle.execute(query, (end_us - 60 * MINUTE_US,)).fetchone()
    oracle.close()
    assert row.mentions == counted > 500
    assert row.usual is not None
    assert row.usual.upper < counted


def test_a_silent_topic_is_judged_by_the_same_hour_of_yesterday(look: Connection, now_us: int) -> None:
    row = rows_of(look, now_us)["banque"]
    assert (row.mentions, row.last_known) == (0, "calm")
    assert row.usual is not None
    assert row.usual.lower > 5


def test_a_quiet_topic_may_be_silent_without_being_blind(tmp_path: Path, now_us: int, path: Path) -> None:
    copy = tmp_path / "quiet.db"
    copy.write_bytes(path.read_bytes())
    with sqlite3.connect(copy) as writer:
        writer.execute("UPDATE signals SET expected = 0.01, lower = 0, upper = 1 WHERE topic = 'banque'")
    writer.close()
    with Reading(f"sqlite:///{copy}").snapshot() as look:
        assert rows_of(look, now_us)["banque"].state == "calm"


def test_a_silent_service_blinds_all_topics_but_keeps_the_fire_first(look: Connection, now_us: int) -> None:
    rows = rows_of(look, now_us + 10 * MINUTE_US)
    assert {row.state for row in rows.values()} == {"blind"}
    assert next(iter(rows)) == "acme"
    assert rows["acme"].last_known == "critical"


def test_since_counts_from_the_last_change_of_state(look: Connection, now_us: int, end_us: int) -> None:
    rows = rows_of(look, now_us)
    assert rows["acme"].since_us == end_us - 36 * MINUTE_US
    assert rows["velo"].since_us == end_us - 60 * MINUTE_US
    assert rows["fleurs"].since_us is None


def test_a_dismissed_incident_burns_no_more(tmp_path: Path, now_us: int, path: Path) -> None:
    copy = tmp_path / "dismissed.db"
    copy.write_bytes(path.read_bytes())
    with sqlite3.connect(copy) as writer:
        writer.execute("UPDATE incidents SET dismissed_us = ? WHERE topic = 'acme'", (now_us,))
    writer.close()
    with Reading(f"sqlite:///{copy}").snapshot() as look:
        row = rows_of(look, now_us)["acme"]
    assert (row.state, row.incident) == ("calm", None)


def test_the_sparkline_is_the_last_day_in_half_hours(look: Connection, now_us: int, end_us: int) -> None:
    sparkline = rows_of(look, now_us)["train"].sparkline
    assert len(sparkline) == 48
    assert sparkline[-1].start_us + 30 * MINUTE_US == end_us
    assert all(bucket.band is not None for bucket in sparkline)


def test_an_empty_store_is_as_fresh_as_never(tmp_path: Path, now_us: int) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    engine = create_engine(url)
    schema.metadata.create_all(engine)
    mark(engine)
    engine.dispose()
    with Reading(url).snapshot() as look:
        fresh = freshness(look, now_us)
        assert fresh.recorded_us is None
        assert fresh.is_stale
        assert topics_now(look, fresh) == []


def test_age_is_told_from_the_callers_clock(look: Connection, now_us: int) -> None:
    assert freshness(look, now_us).age_us == 5 * SECOND_US
    assert freshness(look, now_us - 60 * SECOND_US).age_us == 0
