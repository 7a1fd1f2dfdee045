"""A process that ingests is killed at random moments: nothing is lost, nothing is counted twice. Both databases.

``tests/recorded/test_kill.py`` does the same to the whole of ``badbuzz replay``. Here a writer that knows only the
store is killed, so that PostgreSQL is tried too.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

import psutil
import pytest

from monitor.mentions import mention_key

KILLS = 10
MINUTE_US = 60_000_000
PER_MINUTE = 97
TOPICS = ("edf", "orange", "sncf")
WRITER = Path(__file__).with_name("writer_to_kill.py")


def start(address: str) -> subprocess.Popen[str]:
    writer = subprocess.Popen([sys.executable, WRITER, address, "1000000000"], stdout=subprocess.PIPE, text=True)
    assert writer.stdout.readline() == "going on\n"
    return writer


def let_it_work(writer: subprocess.Popen[str], seconds: float) -> None:
    """Wait until a process has worked for so long; unlike the time that passes, the same on a busy machine."""
    times = psutil.Process(writer.pid).cpu_times
    before = times().user
    while times().user - before < seconds:
        time.sleep(0.002)


@pytest.mark.timeout(300)
def test_a_killed_writer_loses_nothing_and_counts_nothing_twice(address, rows_of):
    random = Random(7)
    reached = [0]
    for _ in range(KILLS):
        writer = start(address)
        let_it_work(writer, random.uniform(0.02, 0.1))
        assert writer.poll() is None, "the kill hits a running process"
        writer.kill()
        writer.stdout.close()
        assert writer.wait() == -9
        reached += [row[0] for row in rows_of("SELECT coalesce(sum(value), 0) FROM counts WHERE name = 'posts'")]
    reached = [int(posts) for posts in reached]
    assert reached == sorted(reached)
    assert len(set(reached)) > KILLS // 2, "the kills hit at different points, and work went on between them"
    total = reached[-1] + 1_000
    subprocess.run([sys.executable, WRITER, address, str(total)], check=True, stdout=subprocess.DEVNULL)
    agrees_with_the_oracle(rows_of, total)


def agrees_with_the_oracle(rows_of, total: int) -> None:
    """Post n is about topic n % 3 and falls into minute n // 97, and that is all there is to it."""
    minutes = Counter((TOPICS[number % 3], number // PER_MINUTE) for number in range(total))
    query = f"SELECT topic, published_us / {MINUTE_US}, count(*) FROM mentions GROUP BY 1, 2"
    assert {(topic, minute): found for topic, minute, found in rows_of(query)} == minutes
    assert rows_of("SELECT name, value FROM counts ORDER BY name") == [("mentions", total), ("posts", total)]
    assert rows_of("SELECT count(DISTINCT key), sum(CAST(id AS BIGINT)) FROM mentions") == [
        (total, total * (total - 1) // 2)
    ]
    ((position,),) = rows_of("SELECT position FROM cursors")
    assert int(position) == total
    blocks = b"".join(block for _, block in rows_of("SELECT block, keys FROM seen ORDER BY block"))
    keys = [int.from_bytes(blocks[place : place + 8], "little", signed=True) for place in range(0, len(blocks), 8)]
    assert keys == [mention_key("x", str(number)) for number in range(total)]
