"""``badbuzz backtest``: what would have been told, when, and how often for nothing.

On simulated stories it compares our tests with what others do, at the same rate of false alarms. On recordings, or on
what a store remembers, it says what a watchlist's topics would have told, so that settings can be tested before they
are saved.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer
from sqlalchemy import select

from monitor.backtest.plans import Truth
from monitor.backtest.rivals.family import rivals
from monitor.backtest.scenarios import scenario, scenarios
from monitor.backtest.simulation import LEAST_STRENGTH, MOST_STRENGTH, MOST_VOLUME
from monitor.backtest.trials.campaign import CALIBRATION_FROM, FIGURES_FROM, STORIES, Campaign, run
from monitor.backtest.trials.page import page, rehearsal_page
from monitor.backtest.trials.rehearsal import Rehearser
from monitor.backtest.trials.tables import rehearsed, table
from monitor.clock import DAY_US, SECOND_US, SystemClock
from monitor.commands.options import known_format, known_language, parse_columns
from monitor.errors import InputRefused
from monitor.pipeline import PipelineState
from monitor.sources.time_order import time_ordered
from monitor.store import schema
from monitor.store.database import Store, open_store
from monitor.topics import Match, Topic
from monitor.topics.matcher import Matcher
from monitor.topics.watchlist import read_watchlists
from monitor.windows import WindowsState
from monitor.worker import CLOCK_MARGIN_US

__all__ = ["backtest"]

LEARNING_DAYS: Final = 28
"""What lies so far before the days of ``--days`` is learned from, where a store still has it."""
RIVALS: Final = tuple(rival.name for rival in rivals())
VOLUMES: Final = (60.0, 240.0, 600.0)
QUICK_VOLUMES: Final = (120.0,)
QUICK_SEEDS: Final = 2
QUICK: Final = {"history_days": 14, "quiet_days": 24, "burn_in_days": 10}
BATCH: Final = 4_096


def backtest(
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="WHAT...", help=f"Scenarios ({', '.join(STORIES)}; all if none is given), or recordings."
        ),
    ] = None,
    *,
    topics: Annotated[
        Path | None,
        typer.Option(readable=False, help="The watchlist to test; simulations speak of its first two topics."),
    ] = None,
    store: Annotated[str | None, typer.Option(help="Test on what this database remembers of the topics.")] = None,
    days: Annotated[float | None, typer.Option(min=0.1, max=3660, help="Only the last so many days count.")] = None,
    truth: Annotated[
        Path | None, typer.Option(readable=False, help="What is true of a recording: a file of `simulate --truth`.")
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Simulated worlds to measure on.")] = 6,
    calibration_seeds: Annotated[int, typer.Option(min=1, help="Others to set the thresholds on.")] = 10,
    volume: Annotated[
        list[float] | None,
        typer.Option(min=1, max=MOST_VOLUME, help="Mentions a day; may be repeated. Each has its own thresholds."),
    ] = None,
    strength: Annotated[
        list[float] | None,
        typer.Option(
            min=LEAST_STRENGTH, max=MOST_STRENGTH, help="How strong stories are, times the usual; may be repeated."
        ),
    ] = None,
    budget: Annotated[
        float, typer.Option(min=0.01, max=1000, help="False incidents a topic-week everybody may have.")
    ] = 0.5,
    rival: Annotated[
        list[str] | None, typer.Option(help=f"Compare with these only; may be repeated: {', '.join(RIVALS)}, or none.")
    ] = None,
    each_detector: Annotated[bool, typer.Option(help="Also say what each of our tests would do alone.")] = False,
    development: Annotated[bool, typer.Option(help="Seeds that figures are never reported on.")] = False,
    quick: Annotated[bool, typer.Option(help="A first impression: one volume, two worlds, shorter streams.")] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Processes; changes nothing in the result.")] = os.cpu_count() or 1,
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
    output: Annotated[Path | None, typer.Option(readable=False, help="Write the JSON here too.")] = None,
    html: Annotated[Path | None, typer.Option(readable=False, help="Write a page with pictures here.")] = None,
    language: Annotated[
        str | None,
        typer.Option(
            help="Of tables and page: en or fr; otherwise that of the environment (LC_ALL, LC_MESSAGES, LANG)."
        ),
    ] = None,
    format: Annotated[  # noqa: A002 - the option's name
        str, typer.Option(help="Name of the recordings' format, or auto.", callback=known_format)
    ] = "auto",
    columns: Annotated[
        str | None, typer.Option("--map", help="For CSV: our field=their column, such as text=body,author=who.")
    ] = None,
) -> None:
    """Run a watchlist or the detectors over simulated stories, recordings or stored posts, and score what they tell."""
    spoken = known_language(language)
    given = what or []
    files = [name for name in given if name not in scenarios()]
    for name in files:
        if name != "-" and not Path(name).exists() and "." not in name and "/" not in name:
            scenario(name)  # nearly one of ours: it says which
    if store is not None or files:
        if len(files) < len(given) or (store is not None and files):
            message = "give scenarios, or recordings, or --store: one of the three"
            raise typer.BadParameter(message)
        watched = _watched(topics)
        told = _stored(store, watched, days) if store is not None else _recorded(files, watched, days, format, columns)
        rehearsals = list(told.rehearsals(_truth(truth), spoken))
        text, markup = rehearsed(rehearsals, spoken), rehearsal_page(rehearsals, spoken)
        _publish(rehearsals, text, markup, json=json, output=output, html=html)
        return
    first = 0 if development else FIGURES_FROM
    campaign = Campaign(
        calibration_seeds=_seeds(CALIBRATION_FROM, QUICK_SEEDS if quick else calibration_seeds),
        test_seeds=_seeds(first, QUICK_SEEDS if quick else seeds),
        volumes=tuple(sorted(set(volume))) if volume else QUICK_VOLUMES if quick else VOLUMES,
        scenarios=tuple(dict.fromkeys(given)) or STORIES,
        strengths=tuple(sorted(set(strength), reverse=True)) if strength else (1.0,),
        rivals=_rivals(rival),
        topics=tuple(_watched(topics)) if topics is not None else (),
        budget=budget,
        each_detector=each_detector,
    )
    if quick:
        campaign = msgspec.structs.replace(campaign, **QUICK)
    with _progress() as show:
        report = run(campaign, jobs, show)
    _publish(report, table(report, spoken), page(report, spoken), json=json, output=output, html=html)


def _seeds(first: int, count: int) -> tuple[int, ...]:
    return tuple(range(first, first + count))


def _rivals(names: Sequence[str] | None) -> tuple[str, ...]:
    if names is None:
        return RIVALS
    if list(names) == ["none"]:
        return ()
    unknown = [name for name in names if name not in RIVALS]
    if unknown:
        message = f"there is no rival named {unknown[0]!r}; known are {', '.join(RIVALS)}, or none"
        raise typer.BadParameter(message, param_hint="--rival")
    return tuple(name for name in RIVALS if name in names)


def _watched(topics: Path | None) -> list[Topic]:
    if topics is None:
        message = "say which topics to test: --topics watchlist.yaml"
        raise typer.BadParameter(message, param_hint="--topics")
    return read_watchlists([topics])


def _truth(path: Path | None) -> Truth | None:
    if path is None:
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=Truth)
    except OSError as error:
        message = f"{path}: cannot be read ({error.strerror}); give the file that `badbuzz simulate --truth` wrote"
        raise InputRefused(message) from error
    except msgspec.MsgspecError as error:
        message = f"{path}: {error}; give the file that `badbuzz simulate --truth` wrote, or one of its shape"
        raise InputRefused(message) from error


def _recorded(
    files: Sequence[str], topics: Sequence[Topic], days: float | None, kind: str, columns: str | None
) -> Rehearser:
    """Play recordings through the pipeline."""
    told = Rehearser(topics, days)
    not_after_us = SystemClock().now_us() + CLOCK_MARGIN_US
    mapped: Mapping[str, str] | None = parse_columns(columns)
    lateness_us = 60 * SECOND_US
    with (
        _progress() as show,
        time_ordered(files, format=kind, columns=mapped, lateness_us=lateness_us, not_after_us=not_after_us) as reader,
    ):
        read = broken = 0
        for source, decoded, _ in reader.batches(BATCH):
            told.hear(source, decoded.items, not_after_us)
            read, broken = read + len(decoded.items), broken + len(decoded.malformed)
            show(reader.bytes_read, reader.bytes_total)
    if not read:
        message = f"{', '.join(files)}: not one post could be read from it, so there is nothing to test on"
        raise InputRefused(message)
    if broken:
        print(f"broken records passed over: {broken:,}; `badbuzz replay` says what is wrong with each", file=sys.stderr)
    told.finish()
    return told


def _stored(address: str, topics: Sequence[Topic], days: float | None) -> Rehearser:
    """Play what a store remembers through the topics' production state."""
    told = Rehearser(topics, days)
    with open_store(address, create=False) as store:
        until_us = store.event_time_us() or 0
        heard = _heard(store)
        since_us = heard.first_us
        if days is not None:
            since_us = max(since_us, until_us - int((days + LEARNING_DAYS) * DAY_US))
        for topic in topics:
            told.recall(topic.id, _remembered(store, topic, since_us), heard.gaps, since_us, until_us)
    return told


def _remembered(store: Store, topic: Topic, since_us: int) -> Iterator[Match]:
    """Yield what is stored of a topic; with another query than it was stored by, what that one would have kept."""
    known = store.topic(topic.id)
    is_same = known is not None and known.query == topic.query
    matcher = Matcher([topic])
    dropped: set[int] = set()
    for match, mention in store.remembered(topic.id, since_us):
        if match.kind == "repost":
            is_kept = match.root not in dropped
        else:  # words that were erased are given the benefit of the doubt
            is_kept = is_same or match.is_own or match.answers_own or not mention.text or bool(matcher.match([mention]))
        if is_kept:
            yield match
        else:
            dropped.add(match.key)


def _heard(store: Store) -> WindowsState:
    """Return since when the store's service listened, and what it could not see."""
    with store.engine.connect() as connection:  # not as a restart reads it: somebody may be ingesting
        state = connection.execute(select(schema.state.c.pipeline)).scalar()
    return WindowsState() if state is None else msgspec.msgpack.decode(state, type=PipelineState).windows


def _publish(value: object, text: str, markup: str, *, json: bool, output: Path | None, html: Path | None) -> None:
    encoded = msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"
    if output is not None:
        _write(output, encoded)
    if html is not None:
        _write(html, markup.encode())
    if json:
        print(encoded.decode(), end="")
    else:
        print(text, end="")


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        message = f"cannot write {path}: {error.strerror}; choose a folder that exists and can be written to"
        raise InputRefused(message) from error


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar when a person is looking."""
    if not sys.stderr.isatty():
        yield lambda _done, _all: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TimeRemainingColumn

    columns = (BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)
