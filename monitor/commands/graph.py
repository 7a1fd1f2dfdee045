"""``badbuzz graph``: who passes on whom about an incident or a topic, as a file for Gephi or the web."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, get_args

import typer

from monitor.clock import HOUR_US
from monitor.crowds.export import Format
from monitor.errors import InputRefused
from monitor.queries import Reading, Spread, exported_graph, freshness, incident, spread_of, topic

__all__ = ["graph"]


def graph(
    name: Annotated[str, typer.Argument(metavar="INCIDENT|TOPIC", help="Its id, as the war room shows it.")],
    output: Annotated[
        Path, typer.Option(readable=False, help="A .gexf, .graphml or .json file; accounts are pseudonyms.")
    ],
    store: Annotated[str, typer.Option(help="A path (SQLite) or a postgresql:// URL.")] = "badbuzz.db",
    hours: Annotated[int, typer.Option(min=1, max=744, help="Of a topic: how far back from its newest post.")] = 24,
) -> None:
    """Write the repost graph of an incident or a topic, and say what it shows."""
    form = _form(output)
    with Reading(store).snapshot() as look:
        found = incident(look, name)
        if found is not None:
            span = found.incident.topic, found.incident.since_us, found.incident.updated_us
        elif topic(look, name) is not None:
            end_us = freshness(look, 0).event_time_us + 1
            span = name, end_us - hours * HOUR_US, end_us
        else:
            message = f"the store has no incident and no topic {name!r}; take an id from the war room or the API"
            raise InputRefused(message)
        content = exported_graph(look, *span, form)
        spread = spread_of(look, *span)
    _write(output, content)
    for line in _told(spread, output):
        print(line)


def _form(output: Path) -> Format:
    suffix = output.suffix.removeprefix(".").lower()
    known: tuple[Format, ...] = get_args(Format)
    for form in known:
        if suffix == form:
            return form
    message = f"{output.name} has none of the endings .{', .'.join(known)}; the ending says which format is written"
    raise typer.BadParameter(message, param_hint="--output")


def _write(output: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    part = output.with_name(f"{output.name}.part")
    try:
        part.write_bytes(content)
        part.replace(output)
    except OSError as error:
        message = f"cannot write {output}: {error.strerror}; name a file in a folder that exists and has room"
        raise InputRefused(message) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _told(spread: Spread, output: Path) -> Iterator[str]:
    shown = spread.graph
    yield f"{output}: {shown.accounts} accounts, {shown.reshares} reshares"
    if spread.is_partial:
        yield "only the newest mentions were looked at; choose a shorter span to see all of it"
    for part, name in zip(shown.communities[:10], spread.names, strict=False):
        words = " ".join((*(f"#{tag}" for tag in name.hashtags), *name.words))
        yield f"  {len(part.accounts):>6} accounts  {_printable(words)}"
    if len(shown.communities) > 10:
        yield f"  and {len(shown.communities) - 10} smaller communities"
    core = f"; the densest core has {len(shown.core)} accounts ({shown.core_number}-core)"
    yield f"{len(shown.bridges)} bridges{core if shown.core_number > 1 else ''}"


def _printable(text: str) -> str:
    """Return hostile text so that it cannot act on a terminal."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)
