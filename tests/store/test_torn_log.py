"""A power cut, as far as it can be shown without one: the end of SQLite's write-ahead log torn, zeroed or flipped.

A disk that loses power may have written any part of what was not yet synced. Whatever part that is, the database must
open and hold exactly the first so-many batches: as many posts as the counts, the cursor, the memory of posts and the
pipeline's state say.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from monitor.mentions import mention_key
from monitor.store.database import open_store

CASES = 200
BATCH = 40
BATCHES = 30


@pytest.fixture(scope="module")
def crashed(tmp_path_factory, posts) -> Path:
    """A database with everything still in its log, as a crash leaves it."""
    alive, crashed = tmp_path_factory.mktemp("alive"), tmp_path_factory.mktemp("crashed")
    with open_store(alive / "b.db") as store:
        # The first batch is in the database itself, every other one in the log.
        store.commit(posts.commit(range(BATCH)))
        with closing(sqlite3.connect(alive / "b.db")) as other:
            assert other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
        for first in range(BATCH, BATCH * BATCHES, BATCH):
            store.commit(posts.commit(range(first, first + BATCH)))
        for name in ("b.db", "b.db-wal"):
            shutil.copy(alive / name, crashed / name)
    return crashed


def tear(log: Path, random: Random) -> str:
    """Damage a log as a power cut might; return how."""
    content = bytearray(log.read_bytes())
    place = random.randrange(len(content))
    how = random.choice(["cut", "zeroed", "flipped", "padded", "sector lost"])
    if how == "cut":
        del content[place:]
    elif how == "zeroed":
        content[place:] = bytes(len(content) - place)
    elif how == "flipped":
        content[place] ^= 1 << random.randrange(8)
    elif how == "padded":
        content[place:] = random.randbytes(len(content) - place)
    else:
        start = place - place % 512
        content[start : start + 512] = bytes(512)
    log.write_bytes(content)
    return f"{how} at {place}"


def batches_in(path: Path) -> int:
    """How many whole batches there are, if everything in the database agrees on it."""
    with open_store(path, create=False) as store:
        checkpoint = store.load()
        posts = store.counts()["posts"]
        with store.engine.connect() as connection:
            rows = connection.exec_driver_sql(
                "SELECT count(*), count(DISTINCT key), max(id + 0) + 1 FROM mentions"
            ).one()
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
    assert tuple(rows) == (posts, posts, posts)
    assert int(checkpoint.cursors["file"]) == posts - 1
    assert int(checkpoint.pipeline_state) == posts - 1
    assert checkpoint.topic_states.keys() == {"sncf"}
    assert checkpoint.topic_states["sncf"][1] == f"sncf {posts - 1}".encode()
    assert checkpoint.seen == [mention_key("x", str(number)) for number in range(posts)]
    batches, rest = divmod(posts, BATCH)
    assert rest == 0
    return batches


def test_a_torn_log_leaves_the_first_batches_whole_and_nothing_else(crashed, tmp_path):
    random = Random(20261121)
    found = []
    for case in range(CASES):
        folder = tmp_path / str(case)
        shutil.copytree(crashed, folder)
        how = tear(folder / "b.db-wal", random)
        try:
            found.append(batches_in(folder / "b.db"))
        except Exception as error:
            error.add_note(f"case {case}: {how}")
            raise
        shutil.rmtree(folder)
    assert min(found) < 5 < BATCHES - 5 < max(found), "the log was torn at its beginning and at its end"
    assert len(set(found)) > BATCHES // 2


def test_an_untouched_log_holds_every_batch(crashed, tmp_path):
    shutil.copytree(crashed, tmp_path / "whole")
    assert batches_in(tmp_path / "whole" / "b.db") == BATCHES


def test_ingest_goes_on_after_a_torn_log(crashed, tmp_path, posts):
    shutil.copytree(crashed, tmp_path / "torn")
    log = tmp_path / "torn" / "b.db-wal"
    log.write_bytes(log.read_bytes()[: log.stat().st_size // 2])
    with open_store(tmp_path / "torn" / "b.db") as store:
        done = int(store.load().cursors["file"]) + 1
        assert 0 < done < BATCH * BATCHES
        for first in range(done, BATCH * BATCHES, BATCH):
            store.commit(posts.commit(range(first, first + BATCH)))
    assert batches_in(tmp_path / "torn" / "b.db") == BATCHES
