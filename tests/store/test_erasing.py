"""What must be forgotten is gone, from the files too, and every count stays true."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import event

from monitor.clock import SECOND_US
from monitor.mentions import Deletion
from monitor.store import connections
from monitor.store.database import SCRUB_EVERY_US, open_store

SAYS = "SELECT id FROM mentions WHERE text IS NOT NULL OR handle IS NOT NULL OR url IS NOT NULL ORDER BY published_us"


@pytest.fixture
def conversation(posts):
    """A root (0), a reply to it (1), a quote of the reply (2), reposts of all three (3, 4, 5), something else (6)."""
    shape = [("post", 0), ("reply", 0), ("quote", 1), ("repost", 0), ("repost", 1), ("repost", 2), ("post", 6)]
    return [
        posts.kept(number, kind=kind, root=root, verified=True, role="press")
        for number, (kind, root) in enumerate(shape)
    ]


def erasing(posts, *ids):
    """A batch that says these items were deleted."""
    return posts.commit([], cursor=900, deletions=[Deletion(network="x", id=one, at_us=1) for one in ids])


def ids(rows):
    return "".join(row[0] for row in rows)


@pytest.mark.parametrize(
    ("deleted", "left"),
    [("0", "12456"), ("1", "02356"), ("2", "01346"), ("3", "012456"), ("06", "1245"), ("9", "0123456")],
    ids=["root", "reply", "quote", "repost", "two", "unknown"],
)
def test_a_deleted_item_and_its_reposts_say_nothing_any_more(store, posts, conversation, rows_of, deleted, left):
    store.commit(posts.commit(conversation))
    store.commit(erasing(posts, *deleted))
    assert ids(rows_of(SAYS)) == left
    assert rows_of("SELECT count(*) FROM mentions") == [(7,)]
    assert store.counts()["mentions"] == 7
    assert store.counts().get("erased", 0) == 7 - len(left)


def test_a_deletion_in_the_same_batch_as_its_post_is_honoured(store, posts, rows_of):
    batch = posts.commit(range(3), deletions=[Deletion(network="x", id="1", at_us=1)])
    store.commit(batch)
    assert ids(rows_of(SAYS)) == "02"


def test_an_item_of_another_network_with_the_same_id_is_left_alone(store, posts, rows_of):
    store.commit(posts.commit(range(3)))
    store.commit(posts.commit([], cursor=9, deletions=[Deletion(network="mastodon", id="1", at_us=1)]))
    assert ids(rows_of(SAYS)) == "012"


def test_an_author_who_left_takes_everything_with_them(store, posts, rows_of):
    store.commit(posts.commit(range(120)))
    store.commit(posts.commit([posts.kept(200, kind="repost", root=50)]))
    author = posts.kept(50).match.author
    store.commit(posts.commit([], cursor=900, erased_authors=[author]))
    assert rows_of(f"SELECT count(*) FROM mentions WHERE author = {author}") == [(4,)]
    left = rows_of(SAYS)
    assert len(left) == 120 - 3
    assert not {("0",), ("50",), ("100",), ("200",)} & set(left)


def test_forgetting_an_author_is_the_same_from_outside(store, posts, rows_of):
    store.commit(posts.commit(range(120)))
    author = posts.kept(7).match.author
    assert store.forget(author) == 3
    assert store.forget(author) == 0
    assert len(rows_of(SAYS)) == 117
    assert store.counts()["erased"] == 3


def test_what_is_too_old_is_erased_and_what_is_not_stays(store, posts, rows_of, monkeypatch):
    monkeypatch.setattr("monitor.store.database.ERASED_AT_ONCE", 7)
    store.commit(posts.commit([*(posts.kept(n) for n in range(100)), *(posts.kept(n, topic="edf") for n in range(50))]))
    before_us = posts.start_us + 60 * SECOND_US
    assert store.purge(before_us) == 60 + 50
    assert store.purge(before_us) == 0
    assert rows_of(SAYS) == [(str(number),) for number in range(60, 100)]
    assert store.counts() == {"posts": 150, "mentions": 150, "erased": 110}


def test_what_pictures_look_like_goes_when_it_is_old_though_the_post_was_taken_back_before(store, posts, rows_of):
    shown = [posts.kept(number, images=(4, 1 << 256 | 7)) for number in range(3)]
    store.commit(posts.commit([*shown, posts.kept(9, images=(6,))]))
    store.commit(erasing(posts, "1"))
    store.purge(posts.start_us + 2 * SECOND_US)
    assert rows_of("SELECT images FROM mentions ORDER BY published_us") == [
        ("",),
        ("",),
        (f"4 {1 << 256 | 7}",),
        ("6",),
    ]
    assert store.purge(posts.start_us + 2 * SECOND_US) == 0


def test_purging_waits_for_nobody_and_nobody_waits_long(store, posts, monkeypatch):
    monkeypatch.setattr("monitor.store.database.ERASED_AT_ONCE", 100)
    store.commit(posts.commit(range(1000)))
    commits = []
    event.listen(store.engine, "commit", commits.append)
    store.purge(posts.start_us + 1000 * SECOND_US)
    assert len(commits) >= 10


def files_with(folder: Path, words: bytes) -> list[str]:
    return [path.name for path in sorted(folder.iterdir()) if words in path.read_bytes()]


@pytest.mark.parametrize("how", ["deletion", "forget", "purge"])
def test_erased_text_is_in_no_file_any_more(tmp_path, posts, how):
    words = "quite unmistakable words"
    with open_store(tmp_path / "b.db") as store:
        said = [posts.kept(0, text="other words"), posts.kept(1, text=words), posts.kept(2, text=words * 400)]
        store.commit(posts.commit(said))
        assert files_with(tmp_path, words.encode()) != []
        if how == "deletion":
            batch = erasing(posts, "1", "2")
            batch.recorded_us += SCRUB_EVERY_US
            store.commit(batch)
        elif how == "forget":
            for number in (1, 2):
                store.forget(posts.kept(number).match.author)
        else:
            store.purge(posts.start_us + 9 * SECOND_US)
        assert files_with(tmp_path, words.encode()) == []


def test_erased_text_is_gone_within_the_promised_time_though_batches_come_faster(tmp_path, posts):
    words = "quite unmistakable words"
    with open_store(tmp_path / "b.db") as store:
        store.commit(posts.commit([posts.kept(0), posts.kept(1, text=words)]))
        first_seconds = range(100)
        gone_after = None
        for second in first_seconds:
            batch = erasing(posts, "1") if second == 5 else posts.commit(range(10 + second, 11 + second))
            batch.recorded_us = posts.start_us + second * SECOND_US
            store.commit(batch)
            if second >= 5 and not files_with(tmp_path, words.encode()):
                gone_after = second - 5
                break
    assert gone_after is not None
    assert gone_after <= 30


def test_a_reader_in_the_way_of_the_log_delays_erasing_it_but_stops_nobody(tmp_path, posts):
    words = "quite unmistakable words"
    with open_store(tmp_path / "b.db") as store:
        store.commit(posts.commit([posts.kept(1, text=words)]))
        with store.engine.connect() as reader:
            reader.exec_driver_sql("SELECT count(*) FROM mentions").scalar_one()
            assert store.forget(posts.kept(1).match.author) == 1
            store.commit(posts.commit(range(2, 5)))
            assert files_with(tmp_path, words.encode()) != []
        batch = posts.commit(range(5, 9))
        batch.recorded_us += 2 * SCRUB_EVERY_US
        store.commit(batch)
        assert files_with(tmp_path, words.encode()) == []


def test_a_log_that_cannot_be_emptied_is_no_reason_to_say_that_nothing_was_committed(tmp_path, posts, monkeypatch):
    def fail(_engine):
        failure = sqlite3.OperationalError("disk I/O error")
        failure.sqlite_errorcode = sqlite3.SQLITE_IOERR
        raise failure

    with open_store(tmp_path / "b.db") as store:
        store.commit(posts.commit(range(3)))
        with monkeypatch.context() as patch:
            patch.setattr(connections, "empty_log", fail)
            store.commit(erasing(posts, "1"))
            assert store._is_unscrubbed
        batch = posts.commit(range(3, 5))
        batch.recorded_us += 2 * SCRUB_EVERY_US
        store.commit(batch)
        assert not store._is_unscrubbed
        assert store.counts()["erased"] == 1
