from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import Connection

from monitor import queries
from monitor.clock import DAY_US, MINUTE_US
from monitor.queries import IncidentRow


def burning(look: Connection, now_us: int) -> IncidentRow:
    row = queries.topics_now(look, queries.freshness(look, now_us))[0].incident
    assert row is not None
    return row


def test_an_incident_comes_back_whole(look: Connection, now_us: int) -> None:
    row = burning(look, now_us)
    assert queries.incident(look, row.incident.id) == row
    assert [reason.name for reason in row.incident.reasons] == ["velocity", "own_reply", "negative", "spread"]
    assert row.incident.reasons[0].facts["span"] == 15.0
    assert row.incident.set_aside == 12
    assert row.incident.authenticity is not None
    assert row.incident.authenticity.verdict == "organic"


def test_an_unknown_incident_is_none(look: Connection) -> None:
    assert queries.incident(look, "acme-19700101T0000") is None


def test_a_timeline_is_in_order_and_says_who(look: Connection, now_us: int) -> None:
    rows = queries.incident_timeline(look, burning(look, now_us).incident.id)
    times = [row.entry.at_us for row in rows]
    assert times == sorted(times)
    assert [row.actor for row in rows if row.entry.kind == "note"] == ["night desk"]


def test_evidence_is_found_and_what_was_erased_is_absent(look: Connection, now_us: int) -> None:
    found = burning(look, now_us).incident
    posts = queries.evidence_posts(look, "acme", [*found.evidence, "x:1003", "nonsense"])
    assert set(posts) == {*found.evidence, "x:1003"} - {"x:gone"}
    assert all(f"{post.network}:{post.id}" == name for name, post in posts.items())


def test_incidents_of_a_span_are_those_that_touch_it(look: Connection, now_us: int, end_us: int) -> None:
    identifier = burning(look, now_us).incident.id
    during = queries.incidents_of(look, "acme", end_us - 10 * MINUTE_US, end_us)
    before = queries.incidents_of(look, "acme", end_us - DAY_US, end_us - 60 * MINUTE_US)
    assert [row.incident.id for row in during] == [identifier]
    assert before == []


def test_evidence_belongs_to_one_topic(look: Connection) -> None:
    assert queries.evidence_posts(look, "velo", ["x:1001"]) == {}


def test_the_newest_incidents_come_first(look: Connection) -> None:
    assert [row.incident.topic for row in queries.recent_incidents(look, 10)] == ["acme", "velo"]
    assert [row.incident.topic for row in queries.recent_incidents(look, 10, "velo")] == ["velo"]
    assert len(queries.recent_incidents(look, 1)) == 1


def test_what_the_night_brought_is_told_the_worst_first(path: Path, tmp_path: Path, end_us: int) -> None:
    copy = tmp_path / "morning.db"
    copy.write_bytes(path.read_bytes())
    with sqlite3.connect(copy) as writer:
        writer.execute("UPDATE incidents SET state = 'closed', closed_us = ? WHERE topic = 'acme'", (end_us - DAY_US,))
        writer.execute("UPDATE incidents SET state = 'closed', closed_us = ? WHERE topic = 'velo'", (end_us,))
    writer.close()
    with queries.Reading(f"sqlite:///{copy}").snapshot() as look:
        closed = [row.incident.topic for row in queries.closed_since(look, end_us - DAY_US, 10)]
        assert closed == ["acme", "velo"]  # critical before warning, though it ended first
        assert len(queries.closed_since(look, end_us - DAY_US, 1)) == 1
        assert [row.incident.topic for row in queries.closed_since(look, end_us - DAY_US + 1, 10)] == ["velo"]


def test_what_still_burns_is_not_over(look: Connection) -> None:
    assert queries.closed_since(look, 0, 10) == []
