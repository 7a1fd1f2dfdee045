"""Write a store of fifty topics, a million mentions and three days of minutes, and time every page on it by hand.

``python -m tests.queries.large_store FOLDER``
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from sqlalchemy import Connection, create_engine, insert

from monitor import queries
from monitor.anomalies import Verdict
from monitor.clock import DAY_US, MINUTE_US, SystemClock
from monitor.mentions import mention_key
from monitor.store import schema
from monitor.store.rows import pack_verdicts
from monitor.topics import Topic
from tests.dashboards.story import commit, mark, post

TOPICS = 50
MENTIONS = 20_000
DAYS = 3


def write(url: str, end_us: int) -> None:
    """Fill the store at `url` up to `end_us`."""
    engine = create_engine(url)
    schema.metadata.create_all(engine)
    mark(engine)
    random = Random(7)
    with engine.begin() as connection:
        for number in range(TOPICS):
            topic = Topic(id=f"t{number:02}", name=f"Topic {number}", query="x")
            row = {"id": topic.id, "body": msgspec.json.encode(topic).decode(), "active": True}
            connection.execute(insert(schema.topics), [row])
            connection.execute(insert(schema.signals), list(minutes(topic.id, end_us, random)))
            connection.execute(insert(schema.mentions), list(posts(topic.id, end_us, random)))
        commit(connection, end_us, end_us)
    engine.dispose()


def minutes(topic: str, end_us: int, random: Random) -> Iterator[dict[str, Any]]:
    verdict = Verdict(detector="seasonal_counts", p_value=0.3, observed=9, expected=8.0, lower=3.0, upper=15.0)
    verdicts = pack_verdicts([verdict, verdict, verdict])
    measures = msgspec.msgpack.encode({f"measure_{n}": 0.5 for n in range(12)})
    for start_us in range(end_us - DAYS * DAY_US, end_us, MINUTE_US):
        yield {
            "topic": topic,
            "start_us": start_us,
            "mentions": random.randrange(1, 14),
            "expected": 8.0,
            "lower": 3.0,
            "upper": 15.0,
            "score": 0.1,
            "measures": measures,
            "verdicts": verdicts,
            "set_aside": 0,
            "revised": 0,
            "authenticity": "cannot tell",
        }


def posts(topic: str, end_us: int, random: Random) -> Iterator[dict[str, Any]]:
    """All within the last day: a topic of 20,000 mentions a day."""
    for number in range(MENTIONS):
        name = f"{topic}-{number}"
        changes: dict[str, Any] = {"followers": random.randrange(100_000), "hashtags": f"tag{number % 300}"}
        changes["is_late"] = number % 20 == 0
        if number % 3 and number > 50:
            root = f"{topic}-{random.randrange(50)}"
            changes |= {"kind": "repost", "text": None, "root": mention_key("x", root), "root_id": root}
        yield post(topic, name, end_us - random.randrange(DAY_US), **changes)


def main(folder: Path) -> None:
    """Write unless written, then time."""
    path = folder / "large.db"
    if not path.exists():
        write(f"sqlite:///{path}", SystemClock().now_us() // MINUTE_US * MINUTE_US)
    reading = queries.Reading(f"sqlite:///{path}")
    for round_ in ("cold", "warm"):
        with reading.snapshot() as look:
            time_pages(look, round_)


def time_pages(look: Connection, round_: str) -> None:
    """Print how long each query of the pages takes."""
    clock = SystemClock()
    fresh = queries.freshness(look, clock.now_us())
    span = (look, "t07", fresh.watermark_us - DAY_US, fresh.watermark_us)
    asked: list[tuple[Callable[..., object], tuple[object, ...]]] = [
        (queries.topics_now, (look, fresh)),
        (queries.observed_and_expected, (*span, 15)),
        (queries.own_posts, span),
        (queries.top_posts, span),
        (queries.authors_who_matter, span),
        (queries.audience_bands, span),
        (queries.hashtags, span),
        (queries.leading_cascades, span),
        (queries.voices, span),
    ]
    for query, arguments in asked:
        before = clock.monotonic_seconds()
        query(*arguments)
        print(f"{round_} {query.__name__:24} {1000 * (clock.monotonic_seconds() - before):7.1f} ms")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
