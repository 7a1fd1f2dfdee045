"""One batch, one transaction: all of it or nothing, on both kinds of database."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec.structs import replace
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from monitor.cascades import Cascade
from monitor.clock import SECOND_US
from monitor.errors import StoreFull, StoreUnavailable
from monitor.incidents import Incident, Reason, TimelineEntry
from monitor.mentions import Deduplicator, Engagement, mention_key
from monitor.store import connections, reading, writing
from monitor.store.database import open_store

INCIDENT = Incident(
    id="sncf-20260115T0010",
    topic="sncf",
    state="open",
    severity="warning",
    opened_us=600 * SECOND_US,
    since_us=300 * SECOND_US,
    peak_us=540 * SECOND_US,
    worst_us=540 * SECOND_US,
    updated_us=600 * SECOND_US,
    reasons=(Reason(name="velocity", text="Ten times the usual.", observed=40.0, expected=4.0, p_value=1e-9),),
    mentions=40,
    authors=31,
    peak_mentions=12,
    evidence=("x:1", "x:2"),
)
ENTRY = TimelineEntry(
    incident=INCIDENT.id, sequence=0, at_us=600 * SECOND_US, kind="opened", text="Opened.", facts={"observed": 40.0}
)
CASCADE = Cascade(
    topic="sncf",
    network="x",
    root=mention_key("x", "1"),
    root_id="1",
    started_us=1,
    updated_us=2,
    size=3,
    authors=2,
    potential_reach=5_000_000_000,
    growth_per_hour=3,
    acceleration=1.5,
    tone=-0.5,
)


def test_what_was_committed_is_there_after_a_restart(posts, open_again):
    store = open_again()
    store.commit(posts.commit(range(100)))
    store.commit(posts.commit(range(100, 150)))
    store.close()
    store = open_again()
    checkpoint = store.load()
    assert checkpoint.cursors == {"file": b"149"}
    assert checkpoint.pipeline_state == b"149"
    assert checkpoint.topic_states == {"sncf": (posts.start_us, b"sncf 149")}
    assert checkpoint.seen == [mention_key("x", str(number)) for number in range(150)]
    assert store.counts() == {"posts": 150, "mentions": 150}
    assert store.event_time_us() == posts.start_us + 149 * SECOND_US


def test_an_empty_database_has_no_checkpoint(store, posts):
    assert store.load() is None
    assert store.event_time_us() is None


def test_every_field_of_a_mention_is_stored(store, posts, rows_of):
    engagement = Engagement(replies=1, reposts=2, quotes=3, likes=4)
    one = posts.kept(7, engagement=engagement, root_author=5, is_own=True, answers_own=True, is_late=True)
    store.commit(posts.commit([one]))
    columns = (
        "topic,published_us,key,network,id,kind,author,handle,followers,root,root_id,root_author,lang,hashtags,text,"
        "url,term,is_own,answers_own,is_late,replies,reposts,quotes,likes"
    )
    (row,) = rows_of(f"SELECT {columns} FROM mentions")
    match, mention = one.match, one.mention
    assert row == (
        *("sncf", match.published_us, match.key, "x", "7", "post", match.author, "handle7", 7, match.key, "7", 5),
        *("fr", "greve sncf", mention.text, mention.url, match.term, True, True, True, 1, 2, 3, 4),
    )


@pytest.mark.parametrize(
    ("who", "is_stored"),
    [
        ({"followers": 9_999}, False),
        ({"followers": None}, False),
        ({"followers": 10_000}, True),
        ({"followers": 5, "verified": True}, False),
        ({"followers": 5, "role": "press"}, False),
        ({"followers": 5, "verified": True, "role": "press"}, True),
        ({"followers": 5, "is_own": True}, True),
    ],
)
def test_handles_are_stored_of_public_figures_only(tmp_path, posts, who, is_stored):
    with open_store(tmp_path / "b.db") as store:
        store.commit(posts.commit([posts.kept(3, **who)]))
        with store.engine.connect() as connection:
            handle = connection.exec_driver_sql("SELECT handle FROM mentions").scalar_one()
    assert handle == ("handle3" if is_stored else None)


def test_a_failed_batch_leaves_nothing_behind(store, posts, rows_of, monkeypatch):
    store.commit(posts.commit(range(10)))

    def fail(*_):
        raise RuntimeError("in the middle")

    with monkeypatch.context() as patch:
        patch.setattr(writing.BatchWriter, "_write_seen", fail)
        with pytest.raises(RuntimeError):
            store.commit(posts.commit(range(10, 20)))
    assert rows_of("SELECT count(*) FROM mentions") == [(10,)]
    assert store.counts() == {"posts": 10, "mentions": 10}
    store.commit(posts.commit(range(10, 20)))
    assert rows_of("SELECT count(*) FROM mentions") == [(20,)]
    assert store.counts() == {"posts": 20, "mentions": 20}
    assert len(store.load().seen) == 20


def test_conclusions_are_stored_in_their_latest_version(store, posts):
    later = replace(INCIDENT, state="closed", closed_us=9, severity="critical", mentions=90)
    changes = {"incidents": {INCIDENT.id: INCIDENT}, "timeline": [ENTRY], "cascades": [CASCADE]}
    store.commit(posts.commit(range(1), **changes))
    grown = replace(CASCADE, size=8)
    store.commit(posts.commit(range(1, 2), incidents={later.id: later}, timeline=[ENTRY], cascades=[CASCADE, grown]))
    assert list(store.incidents()) == [later]
    assert list(store.timeline()) == [ENTRY]
    assert list(store.cascades()) == [grown]


def test_a_root_that_was_forgotten_and_comes_back_keeps_its_larger_life(store, posts):
    large = replace(CASCADE, size=500, authors=400, estimated_reach=90, final_size=600, edges="inferred", depth=4)
    back = replace(CASCADE, size=1, authors=1, potential_reach=7, updated_us=9_000, started_us=8_999, growth_per_hour=1)
    kept = replace(large, updated_us=9_000, growth_per_hour=1)
    store.commit(posts.commit(range(1), cascades=[large]))
    store.commit(posts.commit(range(1, 2), cascades=[back]))
    assert list(store.cascades()) == [kept]
    outgrown = replace(back, size=501, authors=300)
    store.commit(posts.commit(range(2, 3), cascades=[replace(back, size=2), outgrown]))
    assert list(store.cascades()) == [outgrown]
    store.commit(posts.commit(range(3, 4), cascades=[replace(large, size=900), replace(back, size=2)]))
    (within_a_batch,) = store.cascades()
    assert (within_a_batch.size, within_a_batch.authors, within_a_batch.updated_us) == (900, 400, 9_000)


def test_a_new_version_of_an_incident_leaves_what_people_did(store, posts, rows_of):
    store.commit(posts.commit(range(1), incidents={INCIDENT.id: INCIDENT}))
    for number, action in enumerate(("acknowledged", "dismissed")):
        store.act(INCIDENT.id, action, actor="Ana", text="Seen.", at_us=7 + number, recorded_us=70)
    store.commit(posts.commit(range(1, 2), incidents={INCIDENT.id: replace(INCIDENT, state="closed")}))
    query = "SELECT state, acknowledged_us, acknowledged_by, dismissed_us FROM incidents"
    assert rows_of(query) == [("closed", 7, "Ana", 8)]


@pytest.mark.parametrize(
    "hostile",
    [
        {"text": "before\0after \U0001f6c4"},
        {"text": "half a \ud83d pair"},
        {"lang": "\udfff"},
        {"term": "a\0b", "root_id": "1\0"},
        {"followers": 1 << 70},
        {"engagement": Engagement(likes=1 << 40)},
    ],
    ids=["nul", "surrogate", "surrogate in language", "nul in a match", "followers", "likes"],
)
def test_what_no_database_can_hold_is_stored_as_near_as_can_be(store, posts, rows_of, hostile):
    store.commit(posts.commit([posts.kept(0), posts.kept(1, **hostile), posts.kept(2)]))
    store.commit(posts.commit(range(3, 6)))
    assert rows_of("SELECT id FROM mentions ORDER BY published_us") == [(str(number),) for number in range(6)]
    assert store.counts() == {"posts": 6, "mentions": 6}
    assert len(store.load().seen) == 6


def test_a_post_that_comes_again_after_the_memory_of_posts_is_not_an_error(store, posts, rows_of):
    store.commit(posts.commit(range(5)))
    store.commit(posts.commit(range(3, 8)))
    assert rows_of("SELECT count(*) FROM mentions") == [(8,)]


def test_a_batch_that_was_written_though_the_answer_got_lost_is_not_written_twice(store, posts):
    store.commit(posts.commit(range(10)))
    batch = posts.commit(range(10, 20))

    def lose_the_answer(connection):
        connection.connection.dbapi_connection.commit()
        raise OperationalError("COMMIT", None, ConnectionError("reset by peer"))

    event.listen(store.engine, "commit", lose_the_answer)
    with pytest.raises((StoreUnavailable, OperationalError)):
        store.commit(batch)
    event.remove(store.engine, "commit", lose_the_answer)
    # Whoever tries again may do so later on the clock.
    store.commit(replace(batch, recorded_us=batch.recorded_us + 1))
    assert store.counts() == {"posts": 20, "mentions": 20}
    store.commit(posts.commit(range(20, 30)))
    assert store.counts() == {"posts": 30, "mentions": 30}


def test_a_batch_that_failed_and_was_not_written_is_written_the_second_time(store, posts, monkeypatch):
    store.commit(posts.commit(range(10)))
    batch = posts.commit(range(10, 20))
    with monkeypatch.context() as patch:
        patch.setattr(writing.BatchWriter, "_erase", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            store.commit(batch)
    store.commit(batch)
    assert store.counts() == {"posts": 20, "mentions": 20}


def test_the_memory_of_posts_is_bounded_and_forgets_as_if_never_restarted(address, posts, open_again, monkeypatch):
    monkeypatch.setattr(writing, "MOST_SEEN", 80)
    monkeypatch.setattr(reading, "GENERATION", 10)
    never_restarted = Deduplicator(10, 7)
    for first in range(0, 510, 17):
        numbers = range(first, first + 17)
        never_restarted.first_sights([mention_key("x", str(number)) for number in numbers])
        store = open_again()
        store.commit(posts.commit(numbers))
        store.close()
    seen = open_again().load().seen
    assert 70 <= len(seen) <= 80 + 17
    restarted = Deduplicator(10, 7)
    restarted.first_sights(seen)
    everything = [mention_key("x", str(number)) for number in range(first + 17)]
    assert len(restarted) == len(never_restarted)
    assert restarted.first_sights(everything) == never_restarted.first_sights(everything)


def test_the_memory_of_posts_is_that_of_the_deduplicator():
    deduplicator = Deduplicator()
    assert deduplicator._size == reading.GENERATION
    assert deduplicator._size * (deduplicator._limit + 1) == writing.MOST_SEEN


def test_a_full_disk_is_said_nothing_is_lost_and_writing_goes_on_when_there_is_space(tmp_path, posts):
    with open_store(tmp_path / "b.db") as store:
        store.commit(posts.commit(range(100)))
        pages = store._claimed().exec_driver_sql("PRAGMA page_count").scalar_one()
        store._claimed().exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
        store._claimed().rollback()
        batch = posts.commit(range(100, 5_000))
        with pytest.raises(StoreFull, match=r"no space left for the database .*b\.db; what was committed is safe"):
            store.commit(batch)
        assert store.counts() == {"posts": 100, "mentions": 100}
        # The cap was the connection's, which was given up: there is space again.
        store.commit(batch)
        assert store.counts() == {"posts": 5_000, "mentions": 5_000}
        assert store._claimed().exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
        store._claimed().rollback()


@pytest.mark.postgresql
def test_a_full_disk_under_postgresql_is_said_in_the_same_words(postgresql_address, posts):
    with open_store(postgresql_address) as store:
        with store.engine.begin() as connection:
            connection.exec_driver_sql(
                "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'no space' USING ERRCODE = '53100'; END $$"
            )
            connection.exec_driver_sql("CREATE TRIGGER full_disk BEFORE INSERT ON state EXECUTE FUNCTION full_disk()")
        batch = posts.commit(range(10))
        with pytest.raises(StoreFull, match="no space left for the database postgresql://badbuzz@/"):
            store.commit(batch)
        assert store.counts() == {}
        with store.engine.begin() as connection:
            connection.exec_driver_sql("DROP TRIGGER full_disk ON state")
        store.commit(batch)
        assert store.counts() == {"posts": 10, "mentions": 10}


@pytest.mark.postgresql
def test_a_server_that_went_away_is_said_and_found_again(postgresql_address, posts):
    with open_store(postgresql_address) as store:
        store.commit(posts.commit(range(10)))
        with store.engine.connect() as other:
            other.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                "AND datname = current_database()"
            )
        batch = posts.commit(range(10, 20))
        with pytest.raises(StoreUnavailable, match="cannot be used"):
            store.commit(batch)
        store.commit(batch)
        assert store.counts() == {"posts": 20, "mentions": 20}


def test_a_locked_database_is_said(tmp_path, posts, monkeypatch):
    monkeypatch.setattr(connections, "PATIENCE_SECONDS", 0.05)
    with open_store(tmp_path / "b.db") as store:
        other = sqlite3.connect(tmp_path / "b.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        batch = posts.commit(range(10))
        with pytest.raises(StoreUnavailable, match=r"b\.db is locked by another program"):
            store.commit(batch)
        other.execute("ROLLBACK")
        other.close()
        store.commit(batch)
        assert store.counts() == {"posts": 10, "mentions": 10}


def test_two_stores_never_ingest_into_one_database(address, posts, open_again, monkeypatch):
    first, second = open_again(), open_again()
    first.claim()
    with monkeypatch.context() as patch:
        patch.setattr(connections, "LOCK_PATIENCE_SECONDS", 0.01)
        for refused in (second.claim, second.load, lambda: second.commit(posts.commit(range(3)))):
            with pytest.raises(StoreUnavailable, match="another badbuzz is already writing to the database"):
                refused()
    assert second.counts() == {}
    first.close()
    second.commit(posts.commit(range(3)))


@pytest.mark.postgresql
def test_a_session_that_is_only_just_ending_is_waited_for(postgresql_address):
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    with open_store(postgresql_address) as first, open_store(postgresql_address) as second:
        first.claim()
        with ThreadPoolExecutor(1) as pool, second.engine.connect() as looking:
            claiming = pool.submit(second.claim)
            while not looking.exec_driver_sql(waiting).scalar_one():
                assert not claiming.done()
            first.close()
            claiming.result()


def test_one_database_under_two_names_is_still_one(tmp_path, posts):
    (tmp_path / "alias.db").symlink_to(tmp_path / "b.db")
    with open_store(tmp_path / "b.db") as first, open_store(tmp_path / "alias.db") as second:
        first.claim()
        with pytest.raises(StoreUnavailable, match="another badbuzz is already writing"):
            second.claim()


@pytest.mark.postgresql
def test_a_server_that_goes_away_while_loading_is_found_again(postgresql_address, posts):
    with open_store(postgresql_address) as store:
        store.commit(posts.commit(range(10)))
        with store.engine.connect() as other:
            other.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                "AND datname = current_database()"
            )
        with pytest.raises(StoreUnavailable, match="cannot be used"):
            store.load()
        assert store.load().cursors == {"file": b"9"}


def test_a_process_that_was_killed_leaves_no_lock_behind(address, open_again):
    program = (
        "import os, signal, sys; from monitor.store.database import open_store;"
        "open_store(sys.argv[1]).claim(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", program, address], check=False)
    assert killed.returncode == -9
    open_again().claim()


def test_counts_add_up_and_zeros_are_not_stored(store, posts):
    store.commit(posts.commit(range(1), counts=Counter(read=5, malformed=0)))
    store.commit(posts.commit(range(1, 2), counts=Counter(read=6, late=1)))
    assert store.counts() == {"late": 1, "read": 11}
