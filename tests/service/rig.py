"""The live service without HTTP and without threads: requests go in, time is set by hand, the store is real."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random

from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select

from monitor.api.intake import Intake, Request, Verdict
from monitor.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from monitor.mentions import Author, Item, Mention
from monitor.metrics import Metrics
from monitor.service import LiveService
from monitor.sources.ndjson import encode
from monitor.sources.reasons import REASONS
from monitor.store.database import Store, open_store
from monitor.store.schema import mentions
from monitor.topics import Topic
from monitor.worker import Worker
from tests.made import at, mention, own_words, topic

__all__ = ["NOON", "SILENCE_US", "TOPICS", "HandClock", "Rig", "body", "story"]

NOON = at("12:00")
SILENCE_US = 15 * MINUTE_US
TOPICS = [topic("acme"), topic("zen", "zenphone")]


class HandClock:
    """A wall clock and a steady one; both move when told, and only the wall clock can be set."""

    def __init__(self, now_us: int = NOON) -> None:
        self._now_us = now_us
        self._seconds = 1_000.0

    def now_us(self) -> int:
        return self._now_us

    def monotonic_seconds(self) -> float:
        return self._seconds

    def advance(self, us: int) -> None:
        self._now_us += us
        self._seconds += us / SECOND_US

    def jump(self, us: int) -> None:
        """Set the wall clock, as an administrator or a time server does."""
        self._now_us += us


def body(items: Sequence[Item]) -> bytes:
    """Return items as a request's body."""
    return b"".join(encode(item) for item in items)


class Rig:
    """One service on one database; :meth:`restart` is a crash and a new start."""

    def __init__(
        self,
        folder: Path,
        clock: HandClock | None = None,
        *,
        follows_wall_clock: bool = True,
        topics: list[Topic] = TOPICS,
        worker: type[Worker] = Worker,
        capacity_posts: int = 100_000,
    ) -> None:
        self.clock = clock or HandClock()
        self.address = str(folder / "badbuzz.db")
        self.follows_wall_clock = follows_wall_clock
        self._topics = topics
        self._worker_type = worker
        self._capacity_posts = capacity_posts
        self._start()

    def _start(self) -> None:
        self.store: Store = open_store(self.address)
        self.store.save_topics(self._topics)
        self.metrics = Metrics(
            CollectorRegistry(),
            self._topics,
            clock=self.clock,
            version="test",
            sources=["ingest"],
            malformed_reasons=tuple(REASONS),
        )
        self.intake = Intake(self._capacity_posts)
        self.worker = self._worker_type(
            self.store, self._topics, self.clock, author_secret=b"secret", lateness_us=MINUTE_US
        )
        self.live = LiveService(
            self.worker,
            self.intake,
            self.metrics,
            self.clock,
            follows_wall_clock=self.follows_wall_clock,
            silence_us=SILENCE_US,
        )
        self.live.resume()

    def restart(self) -> None:
        """Lose everything that is not committed."""
        self.store.close()
        self._start()

    def close(self) -> None:
        self.store.close()

    def offer(self, *items: Item, source: str = "ingest", lines: bytes = b"") -> Request:
        """Let a request wait."""
        request = Request(source, body(list(items)) + lines)
        assert self.intake.offer(request)
        return request

    def post(self, *items: Item, source: str = "ingest", lines: bytes = b"") -> Verdict:
        """Send one request and have it worked through."""
        request = self.offer(*items, source=source, lines=lines)
        assert self.live.step(self.intake.take(0.0))
        return request.verdict.result(0)

    def pass_time(self, us: int, step_us: int = 10 * SECOND_US) -> None:
        """Let time go by with nobody posting."""
        while us > 0:
            step = min(step_us, us)
            self.clock.advance(step)
            self.live.step([])
            us -= step

    def say(
        self, identifier: str, text: str = "Acme again", *, ago_us: int = 2 * SECOND_US, **changes: object
    ) -> Mention:
        """Make a post published a moment ago."""
        return mention(identifier, self.clock.now_us() - ago_us, text, **changes)

    def metric(self, name: str, **labels: str) -> float:
        page = self.metrics.exposition().decode()
        found = [
            sample.value
            for family in text_string_to_metric_families(page)
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        ]
        assert len(found) == 1, (name, labels, found)
        return float(found[0])

    @property
    def counts(self) -> dict[str, int]:
        return self.store.counts()

    @property
    def minutes(self) -> Counter[tuple[str, int]]:
        """Mentions judged, by topic and start of the minute."""
        return Counter({(one.signal.topic, one.signal.start_us): one.signal.mentions for one in self.store.judged()})

    @property
    def stored(self) -> list[tuple[str, str, bool]]:
        """(topic, id, is late) of everything stored, in order."""
        table = mentions
        query = select(table.c.topic, table.c.id, table.c.is_late).order_by(
            table.c.topic, table.c.published_us, table.c.key
        )
        with self.store.engine.connect() as connection:
            return [(row.topic, row.id, row.is_late) for row in connection.execute(query)]


def story(start_us: int, seed: int = 1) -> list[Mention]:
    """Four quiet days of two brands, then an hour of indignation about one of them."""
    random = Random(seed)
    posts: list[Mention] = []
    for number in range(4 * 24 * 12):
        moment = start_us + number * 5 * MINUTE_US + random.randrange(5 * MINUTE_US)
        brand = random.choice(["Acme", "zenphone"])
        posts.append(mention(f"q{number}", moment, f"hello {brand} today", author=Author(id=str(number % 97))))
    for number in range(240):
        moment = start_us + 4 * DAY_US + random.randrange(HOUR_US)
        posts.append(mention(f"b{number}", moment, f"boycott Acme, a shame, a scandal! {own_words(random)}"))
    return sorted(posts, key=lambda post: (post.published_us, post.id))
