"""``badbuzz replay``: recorded posts through the production pipeline, at full speed.

The folder it writes holds a database like the live service's. A replay that was stopped, even by ``kill -9``, goes on
where its last commit left it when the same command is given again; a finished one starts afresh.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer
from xxhash import xxh3_64_hexdigest

from monitor.clock import SECOND_US, SystemClock, rfc3339
from monitor.commands.options import known_format, parse_columns
from monitor.commands.outputs import Summary, write_outputs
from monitor.errors import InputRefused, RecordingBroken
from monitor.mentions import Mention
from monitor.pipeline import Outcome
from monitor.sources import Decoded
from monitor.sources.quarantine import Quarantine
from monitor.sources.time_order import OrderedRecordings, time_ordered
from monitor.store.database import Store, open_store
from monitor.topics import Topic
from monitor.topics.watchlist import read_watchlists
from monitor.windows import EARLIEST_US
from monitor.worker import CLOCK_MARGIN_US, Worker

__all__ = ["replay"]

BATCH_RECORDS: Final = 8_192
DATABASE: Final = "replay.db"

PSEUDONYMS: Final = b"replay"
"""A replay is private to its folder, and the same posts must give the same result: its key is no secret."""

JOURNAL: Final = "replay"
"""Where a replay keeps its own notes among the cursors, committed with every batch."""


class Journal(msgspec.Struct):
    """What a replay knows beside what the database counts.

    Attributes
    ----------
    identity
        Of recordings, watchlists and options: only the same replay may be resumed.
    is_closed
        Everything was read and every minute is closed.
    is_finished
        The outputs were written too.
    first_us, last_us
        Event time of the first and last believable post; 0 before any.
    reasons
        Malformed records by reason.
    topics
        Mentions by topic, of every topic.
    quarantine_bytes
        How long the description of malformed records was; what a killed run wrote beyond is cut off.
    """

    identity: str
    is_closed: bool = False
    is_finished: bool = False
    first_us: int = 0
    last_us: int = 0
    reasons: dict[str, int] = {}
    topics: dict[str, int] = {}
    quarantine_bytes: int = 0


def replay(
    files: Annotated[list[str], typer.Argument(help="Recordings; - is standard input.", metavar="FILE...")],
    topics: Annotated[Path, typer.Option(readable=False, help="Watchlist file, or folder of them.")],
    output: Annotated[Path, typer.Option(readable=False, help="Folder for the results; made if need be.")],
    format: Annotated[  # noqa: A002 - the option's name
        str, typer.Option(help="Name of the format, or auto.", callback=known_format)
    ] = "auto",
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after so many records.")] = None,
    columns: Annotated[
        str | None, typer.Option("--map", help="For CSV: our field=their column, such as text=body,author=who.")
    ] = None,
    lateness: Annotated[float, typer.Option(min=0, max=3600, help="Allowed lateness of a post, seconds.")] = 60.0,
) -> None:
    """Read recorded posts and write summary.json, incidents.jsonl, timeline.jsonl, signals.csv and cascades.csv."""
    mapped = parse_columns(columns)
    watched = read_watchlists([topics])
    _make_folder(output)
    lateness_us = round(lateness * SECOND_US)
    not_after_us = SystemClock().now_us() + CLOCK_MARGIN_US
    with (
        _progress() as show,
        time_ordered(
            files, format=format, columns=mapped, lateness_us=lateness_us, not_after_us=not_after_us, progress=show
        ) as reader,
    ):
        identity = _identity(reader, watched, f"{limit}:{lateness_us}:{mapped}")
        with _open(output / DATABASE, identity) as (store, journal):
            summary, fault = _Replay(store, watched, lateness_us, journal, output, show).run(reader, limit)
    _say(summary, files, output)
    if fault is not None:
        raise fault


class _Replay:
    """One run: from where the database stands to the end, then the outputs."""

    def __init__(
        self,
        store: Store,
        topics: list[Topic],
        lateness_us: int,
        journal: Journal,
        output: Path,
        show: Callable[[str, int, int], None],
    ) -> None:
        self._store = store
        self._journal = journal
        self._output = output
        self._quarantined = output / "quarantine.jsonl"
        self._quarantine = Quarantine(self._quarantined)
        self._show = show
        self._clock = SystemClock()
        self._began = self._clock.monotonic_seconds()
        store.save_topics(topics)
        self._worker = Worker(store, topics, self._clock, author_secret=PSEUDONYMS, lateness_us=lateness_us)
        self._read_now = 0
        for topic in topics:
            journal.topics.setdefault(topic.id, 0)

    def run(self, reader: OrderedRecordings, limit: int | None) -> tuple[Summary, RecordingBroken | None]:
        """Replay, finish and write; also a recording that breaks off, which is returned to be complained about."""
        cursors = self._worker.resume()
        after = cursors.get(reader.name)
        fault: RecordingBroken | None = None
        self._quarantine.count = sum(self._journal.reasons.values())
        _cut(self._quarantined, self._journal.quarantine_bytes)
        try:
            self._read(reader, after, limit)
        except RecordingBroken as error:
            fault = error
        return self._finish(is_resumed=after is not None), fault

    def _read(self, reader: OrderedRecordings, after: bytes | None, limit: int | None) -> None:
        left = sys.maxsize if limit is None else limit - self._store.counts().get("read", 0)
        is_over = False
        while left > 0 and not is_over:
            size = min(left, BATCH_RECORDS)
            is_over = True
            for source, decoded, cursor in reader.batches(size, after):
                self._take(source, decoded, cursor)
                self._show("replaying", reader.bytes_read, reader.bytes_total)
                left, after = left - decoded.read, cursor
                if left < size:  # read on from here in a smaller batch, so that the limit is met exactly
                    is_over = False
                    break

    def _take(self, source: str, decoded: Decoded, cursor: bytes) -> None:
        outcome = Outcome()
        self._worker.step(source, decoded, outcome)
        self._quarantine.add(decoded.malformed)
        self._note(decoded, outcome)
        self._commit(outcome, {source: cursor})
        self._read_now += decoded.read

    def _note(self, decoded: Decoded, outcome: Outcome) -> None:
        journal = self._journal
        not_after = self._clock.now_us() + CLOCK_MARGIN_US
        times = [item.published_us for item in decoded.items if isinstance(item, Mention)]
        believable = [moment for moment in times if EARLIEST_US <= moment <= not_after]
        if believable:
            journal.first_us = min(believable) if not journal.first_us else min(journal.first_us, *believable)
            journal.last_us = max(journal.last_us, *believable)
        reasons = Counter(journal.reasons)
        reasons.update(bad.reason for bad in decoded.malformed)
        journal.reasons = dict(sorted(reasons.items()))
        journal.quarantine_bytes = self._quarantined.stat().st_size if self._quarantined.exists() else 0
        for kept in outcome.kept:
            journal.topics[kept.match.topic] += 1

    def _commit(self, outcome: Outcome, cursors: Mapping[str, bytes]) -> None:
        notes = msgspec.json.encode(self._journal)
        self._worker.commit(self._worker.prepare(outcome, {**cursors, JOURNAL: notes}))

    def _finish(self, *, is_resumed: bool) -> Summary:
        if not self._journal.is_closed:  # once: closing changes what an open incident has lived through
            self._journal.is_closed = True
            self._commit(self._worker.pipeline.finish(), {})
        seconds = self._clock.monotonic_seconds() - self._began
        summary = self._summary(seconds, is_resumed=is_resumed)
        write_outputs(self._output, self._store, summary)
        self._journal.is_finished = True
        self._commit(Outcome(), {})
        return summary

    def _summary(self, seconds: float, *, is_resumed: bool) -> Summary:
        counts = Counter(self._store.counts())
        journal = self._journal
        return Summary(
            read=counts["read"],
            malformed=counts["malformed"],
            duplicates=counts["duplicates"],
            late=counts["late"],
            matched=counts["matched"],
            mentions=counts["mentions"],
            reposts=counts["reposts"],
            topics=journal.topics,
            first_at=rfc3339(journal.first_us) if journal.first_us else None,
            last_at=rfc3339(journal.last_us) if journal.last_us else None,
            seconds=round(seconds, 3),
            posts_per_second=round(self._read_now / seconds, 1) if seconds else 0.0,
            posts=counts["posts"],
            ignored=counts["ignored"],
            deletions=counts["deletions"],
            gaps=counts["gaps"],
            heartbeats=counts["heartbeats"],
            misdated=counts["misdated"],
            derived_ids=counts["derived_ids"],
            malformed_reasons=journal.reasons,
            incidents=sum(1 for _ in self._store.incidents()),
            resumed=is_resumed,
        )


def _cut(path: Path, size: int) -> None:
    """Cut a file to the size it had at the last commit."""
    if size == 0:
        path.unlink(missing_ok=True)
    elif path.exists():
        os.truncate(path, size)


def _make_folder(output: Path) -> None:
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{output}: cannot be made a folder ({error.strerror}); name another --output"
        raise InputRefused(message) from None


def _identity(reader: OrderedRecordings, topics: list[Topic], options: str) -> str:
    return f"{reader.name}-{xxh3_64_hexdigest(msgspec.json.encode(topics) + options.encode())}"


@contextmanager
def _open(path: Path, identity: str) -> Iterator[tuple[Store, Journal]]:
    """Open the database of an unfinished replay, or a fresh one."""
    with ExitStack() as stack:
        store = stack.enter_context(open_store(path))
        found = store.load()
        notes = found.cursors.get(JOURNAL) if found is not None else None
        journal = msgspec.json.decode(notes, type=Journal) if notes else Journal(identity)
        if journal.is_finished:
            stack.pop_all().close()
            for part in path.parent.glob(path.name + "*"):
                part.unlink()
            store = stack.enter_context(open_store(path))
            journal = Journal(identity)
        elif journal.identity != identity:
            message = (
                f"{path} holds an unfinished replay of other recordings, watchlists or options; "
                "give the same command again to finish it, or name another --output"
            )
            raise InputRefused(message)
        yield store, journal


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """Show a progress bar when a person is looking."""
    if not sys.stderr.isatty():
        yield lambda _doing, _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("opening", total=None)
        yield lambda doing, done, total: bar.update(task, description=doing, completed=done, total=total or None)


def _say(summary: Summary, files: list[str], output: Path) -> None:
    if not (summary.posts or summary.malformed):
        places = " and ".join("standard input" if file == "-" else file for file in files)
        print(f"there are no posts in {places} ({summary.read:,} records); the results in {output} are empty")
        return
    print(
        f"{summary.read:,} records in {summary.seconds:.1f} s ({summary.posts_per_second:,.0f} a second): "
        f"{summary.posts:,} posts, {summary.duplicates:,} duplicates, {summary.malformed:,} malformed, "
        f"{summary.ignored:,} ignored, {summary.late:,} late"
    )
    for topic, mentions in summary.topics.items():
        print(f"  {topic}: {mentions:,} mentions")
    if summary.derived_ids:
        print(f"  posts without an id, whose id was derived from their content: {summary.derived_ids:,}")
    if summary.misdated:
        print(f"  posts dated before 2006 or in the future, taken as of when they came: {summary.misdated:,}")
    if summary.malformed:
        print(f"  what was malformed, and why: {output / 'quarantine.jsonl'}")
    print(f"{summary.incidents:,} incidents; see {output / 'incidents.jsonl'} and {output / 'timeline.jsonl'}")
