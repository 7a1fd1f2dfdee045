from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event

from monitor import queries
from monitor.clock import DAY_US, HOUR_US, MINUTE_US
from monitor.queries import Reading


@pytest.mark.parametrize("minutes", [5, 15, 60])
def test_every_mention_of_the_span_is_in_exactly_one_bucket(
    look: Connection, path: Path, end_us: int, minutes: int
) -> None:
    buckets = queries.observed_and_expected(look, "acme", end_us - DAY_US, end_us, minutes)
    with sqlite3.connect(path) as oracle:
        query = "SELECT sum(mentions) FROM signals WHERE topic = 'acme' AND start_us >= ? AND start_us < ?"
        (counted,) = oracle.execute(query, (end_us - DAY_US, end_us)).fetchone()
    oracle.close()
    assert sum(bucket.observed for bucket in buckets) == counted
    assert len(buckets) == 1440 // minutes
    assert buckets[-1].start_us + minutes * MINUTE_US == end_us


def test_ordinary_buckets_fall_into_their_band(look: Connection, end_us: int) -> None:
    buckets = queries.observed_and_expected(look, "train", end_us - DAY_US, end_us, 15)
    inside = [b for b in buckets if b.band is not None and b.band.lower <= b.observed <= b.band.upper]
    assert len(inside) / len(buckets) > 0.9


def test_the_crisis_is_above_its_band(look: Connection, end_us: int) -> None:
    buckets = queries.observed_and_expected(look, "acme", end_us - DAY_US, end_us, 15)
    assert all(bucket.is_above for bucket in buckets[-2:])


def test_own_posts_are_ours_in_order(look: Connection, end_us: int) -> None:
    span = ("acme", end_us - DAY_US, end_us)
    assert queries.own_posts(look, *span) == [end_us - age * MINUTE_US for age in (600, 72, 8)]


def test_posts_are_ranked_by_what_they_drew_within_the_span(look: Connection, end_us: int) -> None:
    posts = queries.top_posts(look, "acme", end_us - DAY_US, end_us)
    assert [post.id for post in posts[:2]] == ["1001", "1000"]
    assert [post.responses for post in posts] == sorted((post.responses for post in posts), reverse=True)
    assert all(post.text is not None for post in posts)


def test_a_root_from_before_the_span_counts_by_what_it_draws_within(look: Connection, end_us: int) -> None:
    posts = queries.top_posts(look, "acme", end_us - 30 * MINUTE_US, end_us)
    assert posts[0].id == "1001"
    assert posts[0].published_us < end_us - 30 * MINUTE_US


def test_only_public_figures_are_named(look: Connection, path: Path, end_us: int) -> None:
    authors = queries.authors_who_matter(look, "acme", end_us - DAY_US, end_us)
    assert [author.handle for author in authors] == ["lea_au_micro", "gazette_du_port", "<i>x</i>![a](b)"]
    with sqlite3.connect(path) as oracle:
        private = "SELECT count(*), count(DISTINCT author) FROM mentions WHERE topic = 'acme' AND handle IS NULL"
        mentions, accounts = oracle.execute(private + " AND published_us >= ?", (end_us - DAY_US,)).fetchone()
    oracle.close()
    bands = queries.audience_bands(look, "acme", end_us - DAY_US, end_us)
    assert sum(band.mentions for band in bands) == mentions
    assert sum(band.accounts for band in bands) == accounts


def test_an_author_is_answered_once_the_brand_posts_in_their_conversation(look: Connection, end_us: int) -> None:
    authors = {a.handle: a for a in queries.authors_who_matter(look, "acme", end_us - DAY_US, end_us)}
    assert authors["lea_au_micro"].answered
    assert not authors["gazette_du_port"].answered
    before = queries.authors_who_matter(look, "acme", end_us - DAY_US, end_us - 10 * MINUTE_US)
    assert not any(author.answered for author in before)


def test_audiences_are_ordered_with_the_unknown_last(look: Connection, end_us: int) -> None:
    bands = queries.audience_bands(look, "acme", end_us - DAY_US, end_us)
    assert [band.at_least for band in bands] == [10_000, 1_000, 100, 0]


def test_hashtags_are_compared_with_the_span_before(look: Connection, end_us: int) -> None:
    found = {tag.tag: tag for tag in queries.hashtags(look, "acme", end_us - HOUR_US, end_us)}
    assert found["acmegate"].before == 0
    assert found["acmegate"].mentions > 100
    assert found["fibre"].before > 0


def test_the_fastest_cascade_leads_and_a_lost_root_is_said(look: Connection, end_us: int) -> None:
    rows = queries.leading_cascades(look, "acme", end_us - DAY_US, end_us)
    assert [row.cascade.root_id for row in rows] == ["1001", "1002", "1003", "1900"]
    assert rows[0].root is not None
    assert rows[0].root.handle == "lea_au_micro"
    assert rows[3].root is None


def test_our_own_answer_is_shown_as_the_root_of_what_it_set_off(look: Connection, end_us: int) -> None:
    answer = next(r for r in queries.leading_cascades(look, "acme", end_us - DAY_US, end_us) if r.recent == 9)
    assert answer.root is not None
    assert (answer.root.id, answer.root.kind, answer.root.is_own) == ("1003", "reply", True)
    drew = {post.id: post.responses for post in queries.top_posts(look, "acme", end_us - DAY_US, end_us, 20)}
    assert drew["1003"] == 9


def test_what_was_reshared_in_a_span_is_told_though_it_goes_on_after_it(look: Connection, end_us: int) -> None:
    before = queries.leading_cascades(look, "acme", end_us - DAY_US, end_us - 30 * MINUTE_US)
    assert [row.cascade.root_id for row in before] == ["1001", "1002"]
    assert all(row.cascade.updated_us >= end_us - 30 * MINUTE_US for row in before)


def test_recent_reshares_are_those_of_the_last_hour(look: Connection, path: Path, end_us: int) -> None:
    (counted,) = _counted(path, "root_id = '1001' AND kind = 'repost' AND published_us >= ?", end_us - HOUR_US)
    found = {r.cascade.root_id: r.recent for r in queries.leading_cascades(look, "acme", end_us - DAY_US, end_us)}
    assert found["1001"] == counted > 0


def test_voices_count_everybody_but_us(look: Connection, path: Path, end_us: int) -> None:
    voices = queries.voices(look, "acme", end_us - HOUR_US, end_us)
    with sqlite3.connect(path) as oracle:
        sums = "count(*), sum(tone < -0.25), sum(answers_own), sum(alarm_words > 0), sum(is_ironic)"
        query = f"SELECT {sums} FROM mentions WHERE topic = 'acme'"
        within = " AND NOT is_own AND published_us >= ? AND published_us < ?"
        counted = oracle.execute(query + within, (end_us - HOUR_US, end_us)).fetchone()
    oracle.close()
    assert (voices.mentions, voices.negative, voices.answers_own, voices.alarming, voices.ironic) == counted
    assert voices.share(voices.negative) > 0.5


def test_nobody_is_a_voice_too(look: Connection, end_us: int) -> None:
    voices = queries.voices(look, "acme", end_us + DAY_US, end_us + 2 * DAY_US)
    assert (voices.mentions, voices.tone, voices.share(voices.negative)) == (0, None, 0.0)


def test_a_topic_is_found_by_id(look: Connection) -> None:
    found = queries.topic(look, "acme")
    assert found is not None
    assert found.name == "Acme Télécom"
    assert queries.topic(look, "nobody") is None


def test_every_query_of_a_page_is_an_indexed_search(path: Path, end_us: int) -> None:
    """A scan of a whole table would make a page of a large store slow; the planner says so."""
    asked: list[str] = []
    reading = queries.Reading(f"sqlite:///{path}")

    def plan(connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            rows = connection.connection.driver_connection.execute("EXPLAIN QUERY PLAN " + statement, parameters)
            asked.extend(f"{row[3]} <- {statement}" for row in rows)

    event.listen(reading._engine, "before_cursor_execute", plan)
    with reading.snapshot() as look:
        fresh = queries.freshness(look, end_us)
        span = (look, "acme", end_us - DAY_US, end_us)
        queries.topics_now(look, fresh)
        queries.observed_and_expected(*span, 15)
        queries.evidence_posts(look, "acme", ["x:1001", "x:1003"])
        for query in (
            queries.own_posts,
            queries.top_posts,
            queries.authors_who_matter,
            queries.audience_bands,
            queries.hashtags,
            queries.leading_cascades,
            queries.voices,
            queries.incidents_of,
        ):
            query(*span)
    scans = [line for line in asked if line.startswith("SCAN")]
    small = ("SCAN topics", "SCAN incidents", "SCAN state", "SCAN alembic_version")
    assert asked
    assert [line for line in scans if not line.startswith(small)] == []


def _counted(path: Path, where: str, *values: object) -> tuple[int]:
    with sqlite3.connect(path) as oracle:
        found: tuple[int] = oracle.execute(f"SELECT count(*) FROM mentions WHERE {where}", values).fetchone()
    oracle.close()
    return found


def test_what_is_answered_and_not_reshared_follows_what_is(path: Path, tmp_path: Path, end_us: int) -> None:
    copy = tmp_path / "copy.db"
    shutil.copy(path, copy)
    with sqlite3.connect(copy) as store:
        columns = [row[1] for row in store.execute("PRAGMA table_info(cascades)")]
        changed = {"root": "root + n", "size": "0", "replies": "10 * n", "root_id": "'talk ' || n"}
        chosen = ", ".join(changed.get(name, name) for name in columns)
        numbers = "(SELECT 1 AS n UNION SELECT 2 UNION SELECT 3)"
        store.execute(f"INSERT INTO cascades SELECT {chosen} FROM cascades, {numbers} WHERE root_id = '1002'")
    store.close()
    with Reading(f"sqlite:///{copy}").snapshot() as look:
        rows = queries.leading_cascades(look, "acme", end_us - DAY_US, end_us)
        few = queries.leading_cascades(look, "acme", end_us - DAY_US, end_us, 3)
    assert [row.cascade.root_id for row in rows] == ["1001", "1002", "1003", "1900", "talk 3", "talk 2"]
    assert [row.cascade.root_id for row in few] == ["1001", "1002", "1003"]
