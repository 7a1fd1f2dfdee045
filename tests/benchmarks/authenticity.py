"""Is what was recorded real or made? The production pipeline on recorded bursts whose nature is known.

Run ``python -m tests.benchmarks.authenticity FOLDER`` for a table; FOLDER holds the recordings. The label of a day is
the verdict at its loudest hour. What the labels rest on was written by those who checked the recordings: rumours of a
takeover spread by accounts without followers, penny stocks pumped by accounts opened together, a hoax by eleven
accounts, and on the other side a keynote, a first day on the stock market, breaking news and a winter storm.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from monitor.clock import HOUR_US, rfc3339, to_datetime
from monitor.mentions import Mention
from monitor.pipeline import Outcome, Pipeline
from monitor.sources.recordings import open_recording
from monitor.topic_state import Judged
from monitor.topics import Topic

FAR_US = 1_893_456_000_000_000
STOCKS = "stocknet/tweets_v11.jsonl.gz"
EVENTS = "stocknet/events.json"
HOAX = "troll_hoax/stream.csv.gz"
HASHTAG = "#PhosphorusDisaster"
ORGANIC = {
    "airline_complaints/mentions.csv.gz": ("@united", "@southwestair", "@virginamerica"),
    "rumoureval_threads/tweets_v11.jsonl.gz": ("hebdo OR charlie", "ferguson", "ottawa", "prince", "the OR a OR to"),
}
MADE = ("coordinated", "mixed")


class Label(NamedTuple):
    """One day of one topic: what is known, and what was said at its loudest hour."""

    topic: str
    day: str
    known: str
    said: str
    mentions: int
    set_aside: int


def judged(recording: Path, queries: Sequence[str]) -> dict[str, list[Judged]]:
    """Return every minute of each query's topic, as the production pipeline judged it."""
    topics = [Topic(id=f"t{place}", name=query, query=query, time_zone="UTC") for place, query in enumerate(queries)]
    pipeline, found = Pipeline(topics, b"recorded"), {topic.id: [] for topic in topics}

    def take(outcome: Outcome) -> None:
        for one in outcome.judged:
            found[one.signal.topic].append(one)

    with open_recording(recording) as source:
        posts = [item for decoded, _ in source.batches() for item in decoded.items if isinstance(item, Mention)]
    take(pipeline.step("recorded", sorted(posts, key=lambda post: post.published_us), FAR_US))
    take(pipeline.finish())
    return {query: found[f"t{place}"] for place, query in enumerate(queries)}


def at_its_loudest(minutes: Sequence[Judged], day: str) -> tuple[str, int, int]:
    """Return the verdict at the end of the day's loudest hour, and that hour's mentions and those set aside."""
    hours: list[tuple[int, int, str]] = []
    for place, one in enumerate(minutes):
        if f"{to_datetime(one.signal.start_us):%Y-%m-%d}" != day:
            continue
        hour = []
        for other in reversed(minutes[: place + 1]):
            if other.signal.start_us <= one.signal.start_us - HOUR_US:
                break
            hour.append(other.signal)
        aside = sum(signal.set_aside for signal in hour)
        hours.append((sum(signal.mentions for signal in hour) + aside, aside, one.signal.authenticity))
    loudest = max(hours, key=lambda hour: hour[0])
    return loudest[2], loudest[0], loudest[1]


def events(folder: Path) -> list[Label]:
    """Return the labels of the bursts that were checked by hand."""
    known = json.loads((folder / EVENTS).read_text("utf-8"))
    stocks = sorted({f"${ticker}" for event in known for ticker in event["tickers"]})
    minutes = judged(folder / STOCKS, stocks)
    return [
        Label(stock, event["utc_day"], event["kind"], *at_its_loudest(minutes[stock], event["utc_day"]))
        for event in known
        for stock in (f"${ticker}" for ticker in event["tickers"])
    ]


def hoax(folder: Path) -> tuple[str, str]:
    """Return when the hoax began, and when it was first called coordinated."""
    minutes = judged(folder / HOAX, [HASHTAG])[HASHTAG]
    called = next(one for one in minutes if one.signal.authenticity == "coordinated")
    return rfc3339(minutes[0].signal.start_us), rfc3339(called.signal.end_us)


def false_calls(folder: Path) -> Iterator[tuple[str, int, int]]:
    """Yield each topic known to be organic, its minutes, and in how many of them part of it was said to be made."""
    for recording, queries in ORGANIC.items():
        for query, minutes in judged(folder / recording, queries).items():
            yield query, len(minutes), sum(one.signal.authenticity in MADE for one in minutes)


def main(folder: Path) -> None:
    """Print everything."""
    began, called = hoax(folder)
    print(f"{HASHTAG}: first post {began}, coordinated {called}")
    print(f"\n{'topic':8}{'day':12}{'known':13}{'said':13}{'loudest hour':>13}{'set aside':>11}")
    for label in events(folder):
        row = f"{label.topic:8}{label.day:12}{label.known:13}{label.said:13}"
        print(f"{row}{label.mentions:13}{label.set_aside:11}")
    print(f"\n{'organic':30}{'minutes':>9}{'called made':>13}")
    for query, minutes, wrong in false_calls(folder):
        print(f"{query:30}{minutes:9}{wrong:13}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
