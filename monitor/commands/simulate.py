"""``badbuzz simulate``: made-up posts with a known story in them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import msgspec
import typer

from monitor.backtest.brands import EXAMPLE_BRANDS, Brand, brands_of
from monitor.backtest.scenarios import Scenario, scenario, scenarios
from monitor.backtest.simulation import (
    DEFAULT_VOLUME,
    LEAST_STRENGTH,
    MOST_DAYS,
    MOST_STRENGTH,
    MOST_VOLUME,
    Simulation,
)
from monitor.errors import InputRefused
from monitor.sources.ndjson import encode

__all__ = ["simulate"]

_BATCH = 2_000


def simulate(
    name: Annotated[str, typer.Argument(metavar="SCENARIO", help="What happens: " + ", ".join(scenarios()) + ".")],
    output: Annotated[Path, typer.Option(readable=False, help="Where the posts go, one a line; - is standard output.")],
    truth: Annotated[
        Path | None, typer.Option(readable=False, help="Where to write what was planted, as JSON.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Fixes every post.")] = 0,
    topics: Annotated[
        Path | None, typer.Option(readable=False, help="Speak of this watchlist's brands instead of the example's.")
    ] = None,
    days: Annotated[
        int | None, typer.Option(min=2, max=MOST_DAYS, help="How long; the story is on the last day but one.")
    ] = None,
    volume: Annotated[
        float, typer.Option(min=1, max=MOST_VOLUME, help="Mentions a day of the first brand.")
    ] = DEFAULT_VOLUME,
    strength: Annotated[
        float, typer.Option(min=LEAST_STRENGTH, max=MOST_STRENGTH, help="How strong the story is, times the usual.")
    ] = 1.0,
) -> None:
    """Make up posts about fictitious brands, with a story planted in ordinary days, and say what is true of them.

    The posts are lines that `badbuzz replay` and the ingest endpoint read. The same seed gives the same posts.
    """
    chosen = scenario(name)
    simulation = Simulation(
        seed=seed, days=days or chosen.days, volume=volume, strength=strength, brands=_brands(topics)
    )
    lines = _write(output, chosen, simulation)
    if truth is not None:
        _save(truth, msgspec.json.format(msgspec.json.encode(chosen.truth(simulation)), indent=2) + b"\n")
    print(f"{lines} lines, {simulation.posts} posts: {chosen.name}, seed {seed}", file=sys.stderr)


def _brands(topics: Path | None) -> Sequence[Brand]:
    if topics is None:
        return EXAMPLE_BRANDS
    from monitor.topics.watchlist import read_watchlists

    return brands_of(read_watchlists([topics]))


def _write(output: Path, chosen: Scenario, simulation: Simulation) -> int:
    lines = 0
    with _writing(output) as stream:
        batch: list[bytes] = []
        for item in chosen.play(simulation):
            batch.append(encode(item))
            if len(batch) == _BATCH:
                stream.write(b"".join(batch))
                lines += len(batch)
                batch.clear()
        stream.write(b"".join(batch))
    return lines + len(batch)


def _save(path: Path, content: bytes) -> None:
    with _writing(path) as stream:
        stream.write(content)


@contextmanager
def _writing(path: Path) -> Iterator[BinaryIO]:
    if str(path) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        with path.open("wb") as stream:
            yield stream
    except OSError as error:
        message = f"cannot write {path}: {error.strerror}; choose a folder that exists and can be written to"
        raise InputRefused(message) from error
