"""Ingests numbered posts into the store named first, up to the number named second, going on where it stopped."""

from __future__ import annotations

import sys
from collections import Counter
from random import Random

from monitor.mentions import Author, Mention, mention_key
from monitor.pipeline import Kept, Outcome
from monitor.store import Commit
from monitor.store.database import open_store
from monitor.topics import Match

MINUTE_US = 60_000_000
PER_MINUTE = 97
TOPICS = ("edf", "orange", "sncf")


def post(number: int) -> Kept:
    minute, place = divmod(number, PER_MINUTE)
    published_us = minute * MINUTE_US + place * 600_000
    key = mention_key("x", str(number))
    mention = Mention(
        network="x", id=str(number), kind="post", published_us=published_us, author=Author("1"), text="encore " * 30
    )
    match = Match(
        topic=TOPICS[number % 3],
        key=key,
        id=str(number),
        published_us=published_us,
        network="x",
        kind="post",
        author=number,
        followers=None,
        root=key,
        root_id=str(number),
        tone=0.0,
    )
    return Kept(match, mention, is_late=False)


def main(address: str, total: int) -> None:
    with open_store(address) as store:
        checkpoint = store.load()
        done = int(checkpoint.cursors["file"]) if checkpoint else 0
        sizes = Random(done)
        print("going on", flush=True)
        while done < total:
            batch = [post(number) for number in range(done, min(total, done + sizes.randrange(1, 400)))]
            done += len(batch)
            outcome = Outcome(
                counts=Counter(posts=len(batch), mentions=len(batch)),
                kept=batch,
                first_seen=[one.match.key for one in batch],
            )
            store.commit(
                Commit(
                    outcome=outcome,
                    cursors={"file": str(done).encode()},
                    pipeline_state=b"",
                    topic_states={topic: (0, str(done).encode() * 500) for topic in TOPICS},
                    watermark_us=batch[-1].match.published_us,
                    event_time_us=batch[-1].match.published_us,
                    recorded_us=done,
                )
            )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
