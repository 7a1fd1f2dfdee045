"""``badbuzz cascade``: what would have been said of recorded cascades at some age, knowing only what came before."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import typer

from monitor.cascades.forecast import Forecaster
from monitor.cascades.recorded import Answer, RecordedCascade, RecordedReply, answers, conversation
from monitor.commands.tables import reading, writing
from monitor.errors import InputRefused

__all__ = ["cascade"]

OUTPUT: Final = (
    "cascade_id", "at_seconds", "seen", "reproduction", "reproduction_low", "reproduction_high",
    "final_size", "final_low", "final_high",
)  # fmt: skip
ANSWERED: Final = ("replies", "repliers", "reply_depth", "reply_breadth", "reply_virality")
"""Written as well if any event is a reply."""

SHOWN: Final = 40  # characters of a bad value that a message repeats
LONGEST_S: Final = 1e9  # thirty years: an age beyond is a timestamp in the wrong column
MOST_FOLLOWERS: Final = 1e10


class _Row(NamedTuple):
    where: str
    cells: Mapping[str, str]


def cascade(
    events: Annotated[
        Path,
        typer.Argument(
            readable=False,
            metavar="EVENTS.csv",
            help="Columns cascade_id,t_s (seconds since the root), maybe followers, kind.",
        ),
    ],
    index: Annotated[
        Path, typer.Option(readable=False, help="Columns cascade_id, and if known root_time_unix and root_followers.")
    ],
    at: Annotated[str, typer.Option(help="Ages to answer for, in seconds since the root, as in 600,3600.")],
    output: Annotated[Path, typer.Option(readable=False, help="Where the answers go, as CSV; - is standard output.")],
) -> None:
    """Forecast recorded cascades: reproduction number and final size, each with its central 80 % interval.

    Each file may be gzipped; - is standard input. What is said of a cascade at an age rests on its own events up to
    then, and on other cascades of the files only as far as they were in the past. `seen` and `final_size` count the
    root. Events whose `kind` is reply are no reshares: they are the conversation below the root, whose size and shape
    up to each age are told apart (`idx` and `parent_idx` say who answers whom, `user` who speaks).
    """
    ages = _ages(at)
    if str(events) == str(index) == "-":
        message = "both files cannot be standard input; name at least one of them"
        raise typer.BadParameter(message, param_hint="--index")
    roots = _roots(index)
    replies: dict[str, list[RecordedReply]] = {name: [] for name in roots}
    cascades = _cascades(events, roots, replies)
    said = answers(cascades, ages, Forecaster())
    is_answered = any(replies.values())
    with writing(output) as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow((*OUTPUT, *ANSWERED) if is_answered else OUTPUT)
        for one in cascades:
            below = conversation(replies[one.id], ages) if is_answered else {}
            writer.writerows([*_cells(said[one.id, age]), *below.get(age, ())] for age in ages)


def _cells(answer: Answer) -> list[str | int]:
    growth, forecast = answer.growth, answer.forecast
    reproduction = (growth.reproduction, growth.reproduction_low, growth.reproduction_high)
    sizes = (forecast.final_size, forecast.low, forecast.high)
    return [
        answer.cascade,  # as it was given: it joins the answer to its question
        f"{answer.at_s:.15g}",
        answer.seen,
        *[f"{number:.6g}" for number in reproduction],
        *[f"{round(size, 1):.15g}" for size in sizes],
    ]


def _ages(text: str) -> list[float]:
    ages = []
    for part in text.split(","):
        try:
            age = float(part)
        except ValueError:
            age = math.nan
        if not 0.0 < age <= LONGEST_S:
            message = f"{part.strip()[:SHOWN]!r} is no age; write seconds since the root, as in 600,3600"
            raise typer.BadParameter(message, param_hint="--at")
        ages.append(age)
    return list(dict.fromkeys(ages))


class _Root(NamedTuple):
    at_s: float | None
    followers: int | None


def _roots(path: Path) -> dict[str, _Root]:
    roots: dict[str, _Root] = {}
    for row in _rows(path, ("cascade_id",)):
        name = _name(row)
        if name in roots:
            message = f"{row.where}: cascade {name[:SHOWN]!r} is listed before; keep one row for each"
            raise InputRefused(message)
        roots[name] = _Root(_number(row, "root_time_unix", -1e12, 1e12), _followers(row, "root_followers"))
    return roots


def _cascades(
    path: Path, roots: Mapping[str, _Root], replies: Mapping[str, list[RecordedReply]]
) -> list[RecordedCascade]:
    """Return the cascades of a file of events, in the order of the index; add the replies to theirs."""
    found: dict[str, list[tuple[float, int | None]]] = {name: [] for name in roots}
    followers = {name: root.followers for name, root in roots.items()}
    rooted: set[str] = set()
    for row in _rows(path, ("cascade_id", "t_s")):
        name = _name(row)
        if name not in found:
            message = f"{row.where}: cascade {name[:SHOWN]!r} is not in the index; add a row for it there"
            raise InputRefused(message)
        given = _number(row, "t_s", -LONGEST_S, LONGEST_S)
        if given is None:
            message = f"{row.where}: there is no t_s; write the seconds since the root"
            raise InputRefused(message)
        age = max(given, 0.0)  # a reshare before its root: clocks of a network disagree
        audience = _followers(row, "followers")
        if row.cells.get("kind") == "reply":
            names = (row.cells.get(column, "") for column in ("idx", "parent_idx", "user"))
            replies[name].append(RecordedReply(age, *names))
        elif _is_root(row, age) and name not in rooted:
            rooted.add(name)
            followers[name] = audience if followers[name] is None else followers[name]
        else:
            found[name].append((age, audience))
    return [
        RecordedCascade(name, roots[name].at_s, followers[name], sorted(reshares, key=_age))
        for name, reshares in found.items()
    ]


def _is_root(row: _Row, age: float) -> bool:
    """Tell whether an event is the root itself: number 0, or where events have no number, at age 0."""
    number = row.cells.get("idx", "")
    return age == 0.0 if not number else number == "0"


def _age(reshare: tuple[float, int | None]) -> float:
    return reshare[0]


def _name(row: _Row) -> str:
    name = row.cells["cascade_id"]
    if not name:
        message = f"{row.where}: there is no cascade_id; write the same one in both files"
        raise InputRefused(message)
    return name


def _followers(row: _Row, column: str) -> int | None:
    followers = _number(row, column, 0.0, MOST_FOLLOWERS)
    return None if followers is None else int(followers)


def _number(row: _Row, column: str, least: float, most: float) -> float | None:
    given = row.cells.get(column, "")
    if not given:
        return None
    try:
        number = float(given)
    except ValueError:
        number = math.nan
    if not least <= number <= most:  # no number is neither
        limits = f"from {least:g} to {most:g}"
        message = f"{row.where}: {column} is {given[:SHOWN]!r}; write a number {limits}, or nothing if it is unknown"
        raise InputRefused(message)
    return number


def _rows(path: Path, needed: tuple[str, ...]) -> Iterator[_Row]:
    """Yield the rows of a file that are not blank.

    Raises
    ------
    InputRefused
        If the file cannot be read or lacks a column.
    """
    name = "standard input" if str(path) == "-" else str(path)
    with reading(path, name) as stream:
        reader = csv.reader(stream)
        header = [column.strip().lower() for column in next(reader, [])]
        missing = [column for column in needed if column not in header]
        if missing:
            message = f"{name}:1: there is no column {missing[0]}; the first line must name {' and '.join(needed)}"
            raise InputRefused(message)
        for cells in reader:
            if any(cells):
                where = f"{name}:{reader.line_num}"
                if len(cells) != len(header):
                    message = f"{where}: {len(cells)} cells instead of {len(header)}; complete the row"
                    raise InputRefused(message)
                yield _Row(where, dict(zip(header, map(str.strip, cells), strict=True)))
