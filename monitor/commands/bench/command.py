"""``badbuzz bench``: what this machine can take, stage by stage and end to end.

The posts are synthetic, of the size and shape of the real wires: X API v2 lines of about 2 KB with their ``includes``,
and Jetstream lines of about 600 bytes. A fifth of them name one of the topics. They are dated at a fixed pace. With the
defaults they stop short of the end of a minute, when every topic is judged: what that costs is measured by itself.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, replace
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Annotated, Any, Final, TypeVar

import msgspec
import typer

from monitor.api.intake import LARGEST_BATCH
from monitor.clock import MINUTE_US, SECOND_US, SystemClock
from monitor.commands.bench.lines import START_US, Load, made_lines, made_topics
from monitor.mentions import Mention
from monitor.pipeline import Outcome
from monitor.sources import Decoded, Format
from monitor.sources.jetstream import Jetstream
from monitor.sources.x_v2 import XV2
from monitor.store import Commit
from monitor.store.database import Store, open_store
from monitor.topics import Topic
from monitor.topics.matcher import Matcher
from monitor.worker import Worker, calm_collector

__all__ = ["bench"]

Prepared = TypeVar("Prepared")

BATCH: Final = LARGEST_BATCH
FORMATS: Final[dict[str, Callable[[], Format]]] = {"x_v2": XV2, "jetstream": Jetstream}
WIRES: Final = tuple(FORMATS)


class Figures(msgspec.Struct):
    """Posts a second of one stage over the repeats: the median, and the slowest and fastest."""

    posts_per_second: float
    slowest: float
    fastest: float
    cpu_microseconds_per_post: float


class Closing(msgspec.Struct):
    """Processor time of a topic's minute when it ends, over the repeats: the median, and the longest and shortest."""

    mentions_per_minute: float
    microseconds_per_topic: float
    longest: float
    shortest: float


def bench(
    posts: Annotated[int, typer.Option(min=10_000, help="Posts per wire and repeat.")] = 200_000,
    topics: Annotated[int, typer.Option(min=1, help="Topics watched.")] = 1_000,
    matching: Annotated[float, typer.Option(min=0.0, max=1.0, help="Share of posts that name a topic.")] = 0.2,
    pace: Annotated[int, typer.Option(min=1, help="Posts per second of event time.")] = 5_000,
    repeats: Annotated[int, typer.Option(min=1, help="Runs of each stage.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Measure decode, match, measure, commit and end to end (bytes in to committed) on one core."""
    load = Load(posts, topics, matching, pace, repeats)
    report: dict[str, Any] = dict(asdict(load))
    # Processes of their own, that hold nothing but the product: their peak memory is the product's. They come first,
    # because Linux counts what a process inherited from its parent's peak as its own.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as alone:
        whole = dict(zip(WIRES, alone.map(partial(_measure_alone, load), WIRES), strict=True))
    for wire, (end_to_end, line_bytes, peak) in whole.items():
        stages = {**dict(_stages(wire, load)), "end_to_end": end_to_end}
        report[wire] = {
            "bytes_per_line": line_bytes,
            "peak_memory_bytes": peak,
            **{name: msgspec.to_builtins(figures) for name, figures in stages.items()},
        }
    report["close_minute"] = msgspec.to_builtins(_closing(load))
    if as_json:
        print(json.dumps(report, indent=2))
    else:
        _print_table(report)


def _stages(wire: str, load: Load) -> Iterator[tuple[str, Figures]]:
    format_, topics = FORMATS[wire](), made_topics(load.topics)
    lines = list(made_lines(wire, load, topics))
    batches = [lines[start : start + BATCH] for start in range(0, len(lines), BATCH)]
    decoded = [format_.decode(batch) for batch in batches]
    mentions = [[item for item in part.items if isinstance(item, Mention)] for part in decoded]
    matcher = Matcher(topics)
    yield "decode", _timed(load, lambda: nullcontext(batches), partial(_decode, format_))
    yield "match", _timed(load, lambda: nullcontext(mentions), partial(_match, matcher))
    yield "measure", _timed(load, lambda: _fresh(topics), partial(_measure, decoded))
    commits = _prepared(decoded, topics)
    yield "commit", _timed(load, lambda: _fresh(topics), partial(_commit, commits))


def _measure_alone(load: Load, wire: str) -> tuple[Figures, int, int]:
    """Measure end to end from a file: (figures, bytes per line, peak memory of this process in bytes)."""
    topics = made_topics(load.topics)
    with tempfile.TemporaryDirectory() as folder:
        recording = Path(folder) / "posts.jsonl"
        with recording.open("wb") as file:
            file.writelines(line + b"\n" for line in made_lines(wire, load, topics))
        run = partial(_end_to_end, FORMATS[wire](), recording)
        figures = _timed(load, lambda: _fresh(topics), run)
        line_bytes = round(recording.stat().st_size / load.posts)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return figures, line_bytes, peak * (1 if sys.platform == "darwin" else 1024)


def _timed(
    load: Load, prepare: Callable[[], AbstractContextManager[Prepared]], run: Callable[[Prepared], None]
) -> Figures:
    """Time `run` on what `prepare` sets up anew each time; setting up is not timed."""
    walls, cpus = [], []
    for _ in range(load.repeats):
        with prepare() as prepared:
            calm_collector()
            wall, cpu = time.perf_counter(), time.process_time()
            run(prepared)
            walls.append(time.perf_counter() - wall)
            cpus.append(time.process_time() - cpu)
    return Figures(
        round(load.posts / median(walls)),
        round(load.posts / max(walls)),
        round(load.posts / min(walls)),
        round(median(cpus) / load.posts * 1e6, 2),
    )


@contextmanager
def _fresh(topics: Sequence[Topic]) -> Iterator[tuple[Store, Worker]]:
    """Open an empty database and a worker on it."""
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "bench.db") as store:
        store.save_topics(topics)
        worker = Worker(store, topics, SystemClock(), author_secret=b"bench", lateness_us=60 * SECOND_US)
        worker.resume()
        yield store, worker


def _decode(format_: Format, batches: Sequence[Sequence[bytes]]) -> None:
    for batch in batches:
        format_.decode(batch)


def _match(matcher: Matcher, batches: Sequence[Sequence[Mention]]) -> None:
    for mentions in batches:
        matcher.match(mentions)


def _measure(decoded: Sequence[Decoded], fresh: tuple[Store, Worker]) -> None:
    """Everything between decoding and committing: deduplicate, match, measure, judge."""
    _, worker = fresh
    for part in decoded:
        worker.step("bench", part, Outcome())


def _prepared(decoded: Sequence[Decoded], topics: Sequence[Topic]) -> list[Commit]:
    with _fresh(topics) as (_, worker):
        commits = []
        for part in decoded:
            outcome = Outcome()
            worker.step("bench", part, outcome)
            commits.append(worker.prepare(outcome, {}))
        return commits


def _commit(commits: Sequence[Commit], fresh: tuple[Store, Worker]) -> None:
    store, _ = fresh
    for commit in commits:
        store.commit(commit)


def _closing(load: Load) -> Closing:
    """Measure the second minute of every topic: in the first it is made."""
    topics, minutes = made_topics(load.topics), 2
    slow = replace(load, pace=-(-load.posts // (minutes * 60)))
    lines = list(made_lines("x_v2", slow, topics))
    decoded = XV2().decode(lines)
    outcome, took = Outcome(), []
    for _ in range(load.repeats):
        with _fresh(topics) as (_, worker):
            outcome = Outcome()
            worker.step("bench", decoded, outcome)
            worker.let_pass("bench", START_US + 2 * MINUTE_US, outcome)
            calm_collector()
            start = time.process_time()
            worker.let_pass("bench", START_US + 3 * MINUTE_US, outcome)
            took.append((time.process_time() - start) / load.topics * 1e6)
    mentions = outcome.counts["mentions"] / load.topics / minutes
    return Closing(round(mentions, 1), *(round(figure) for figure in (median(took), max(took), min(took))))


def _end_to_end(format_: Format, recording: Path, fresh: tuple[Store, Worker]) -> None:
    """Bytes in to committed: cut into lines, decode, deduplicate, match, measure, judge, commit."""
    _, worker = fresh
    with recording.open("rb", buffering=1 << 20) as file:
        lines = format_.records(file)
        while batch := list(islice(lines, BATCH)):
            outcome = Outcome()
            worker.step("bench", format_.decode(batch), outcome)
            worker.commit(worker.prepare(outcome, {}))


def _print_table(report: dict[str, Any]) -> None:
    print(f"{'stage':12}{'wire':>12}{'posts/s':>12}{'slowest':>12}{'fastest':>12}{'µs CPU/post':>14}")
    for wire in WIRES:
        for stage, figures in report[wire].items():
            if isinstance(figures, dict):
                speeds = (figures["posts_per_second"], figures["slowest"], figures["fastest"])
                cells = "".join(f"{speed:>12,.0f}" for speed in speeds)
                print(f"{stage:12}{wire:>12}{cells}{figures['cpu_microseconds_per_post']:>14.2f}")
    closing = report["close_minute"]
    print(
        f"closing a topic's minute of {closing['mentions_per_minute']:.0f} mentions: "
        f"{closing['microseconds_per_topic']:,} µs CPU ({closing['shortest']:,} to {closing['longest']:,})"
    )
    print(f"bytes per line: x_v2 {report['x_v2']['bytes_per_line']}, jetstream {report['jetstream']['bytes_per_line']}")
    for wire in WIRES:
        print(f"peak memory end to end, {wire}: {report[wire]['peak_memory_bytes'] / 2**20:,.0f} MiB")
