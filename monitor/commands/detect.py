"""``badbuzz detect``: any series of counts, scored by the product's own detectors."""

from __future__ import annotations

import csv
import math
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Annotated, Final, NamedTuple, TextIO

import typer

from monitor.anomalies.series import SeriesScorer
from monitor.clock import DAY_US, from_datetime, rfc3339
from monitor.commands.tables import reading, writing
from monitor.errors import InputRefused

__all__ = ["detect"]

COLUMNS: Final = ("timestamp", "value")
OUTPUT: Final = ("timestamp", "value", "expected", "lower", "upper", "score", "alert")
GIVEN: Final = (
    "Columns timestamp and value: how many mentions from then to the next row, at any step from a second to a day. "
    "Times like 2026-01-15T21:52:00Z (UTC if they name no zone) or Unix times, oldest first. Leave out what is unknown."
)
WRITTEN: Final = (
    "Where the scores go, as CSV. Beside each row: what was expected; lower and upper, between which 95 % of what is "
    "normal lies; score, how unusual the last minutes to hours are, from 0 to 1 (0.4: once a week); alert, 1 on the "
    "row where we would tell somebody, 0 on all others, also while what was told goes on."
)
SHOWN: Final = 40  # characters of a bad value that a message repeats
MOST: Final = 1e12  # nobody counts more, and the tails of the counting law are exact up to there
YEARS: Final = range(1970, 3000)
FARTHEST_US: Final = 3653 * DAY_US  # nothing recurs after ten years without a row: a year was mistyped
DELIMITERS: Final = ",;\t"
EPOCHS: Final = {13: 1e3, 16: 1e6, 19: 1e9}  # digits of a Unix time in ms, us or ns; others are seconds
DATE_DIGITS: Final = 8  # 20260115


class _Row(NamedTuple):
    line: int
    at_us: int
    value: float
    as_given: str


def detect(
    counts: Annotated[
        Path, typer.Argument(readable=False, metavar="COUNTS.csv", help=f"{GIVEN} Use - for standard input.")
    ],
    output: Annotated[Path, typer.Option(readable=False, help=f"{WRITTEN} Use - for standard output.")],
    time_zone: Annotated[
        str, typer.Option(help="Whose clocks the daily rhythm follows, such as Europe/Paris.")
    ] = "UTC",
    alarms_per_month: Annotated[
        float, typer.Option(min=0.01, max=100.0, help="False alarms you can bear; the only thing to tune.")
    ] = 2.0,
) -> None:
    """Score a series of counts, strictly online: what is said of a row depends on no later one."""
    if time_zone not in zoneinfo.available_timezones():
        message = f"--time-zone {time_zone} is no IANA time zone; write one such as Europe/Paris"
        raise InputRefused(message)
    scorer = SeriesScorer(time_zone, alarms_per_month)
    name = "standard input" if str(counts) == "-" else str(counts)
    with reading(counts, name) as source, writing(output) as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(OUTPUT)
        for row in _rows(source, name):
            said = scorer.row(row.at_us, row.value)
            numbers = (f"{number:.6g}" for number in (said.expected, said.lower, said.upper, said.score))
            writer.writerow((rfc3339(row.at_us), row.as_given, *numbers, int(said.alert)))


def _rows(source: TextIO, name: str) -> Iterator[_Row]:
    """Yield the rows of a file.

    Raises
    ------
    InputRefused
        At the first row that cannot be used.
    """
    header = source.readline()
    if not header:
        message = f"{name}: the file is empty; its first line must be timestamp,value"
        raise InputRefused(message)
    delimiter = max(DELIMITERS, key=header.count)
    reader = csv.reader(chain([header], source), delimiter=delimiter)
    found = [column.strip().lower() for column in next(reader)]
    missing = [column for column in COLUMNS if column not in found]
    if missing:
        names = header.strip()[:SHOWN]
        message = (
            f"{name}:1: there is no column {missing[0]} in {names!r}; the first line must name timestamp and value"
        )
        raise InputRefused(message)
    places = [found.index(column) for column in COLUMNS]
    before: _Row | None = None
    for given in reader:
        cells = [cell.strip() for cell in given]
        if not any(cells):
            continue
        row = _row(cells, places, f"{name}:{reader.line_num}", reader.line_num, has_comma=delimiter == ";")
        if before is not None:
            _check_order(before, row, f"{name}:{row.line}")
        yield row
        before = row
    if before is None:
        message = f"{name}: there are no rows below the header; add at least one timestamp,value"
        raise InputRefused(message)


def _check_order(before: _Row, row: _Row, where: str) -> None:
    if row.at_us < before.at_us:
        earlier = f"{rfc3339(row.at_us)} is before {rfc3339(before.at_us)} of line {before.line}"
        remedy = "sort the rows by timestamp, and if clocks were put back, write times with their offset, like +02:00"
        message = f"{where}: time goes back, {earlier}; {remedy}"
        raise InputRefused(message)
    if row.at_us - before.at_us > FARTHEST_US:
        later = f"{rfc3339(row.at_us)} is more than ten years after {rfc3339(before.at_us)} of line {before.line}"
        message = f"{where}: {later}; correct the one that is wrong, or score the parts by themselves"
        raise InputRefused(message)


def _row(cells: list[str], places: list[int], where: str, line: int, *, has_comma: bool) -> _Row:
    if len(cells) <= max(places):
        message = f"{where}: the row has {len(cells)} cells and lacks timestamp or value; complete the row"
        raise InputRefused(message)
    given, value_given = (cells[place] for place in places)
    if has_comma:  # between semicolons, 12,5 is twelve and a half
        value_given = value_given.replace(",", ".", 1)
    return _Row(line, _instant(given, where), _value(value_given, where), value_given)


def _instant(given: str, where: str) -> int:
    whole = given.partition(".")[0]
    is_epoch = given.replace(".", "", 1).isdecimal() and len(whole) != DATE_DIGITS
    try:
        if is_epoch:
            moment = datetime.fromtimestamp(float(given) / EPOCHS.get(len(whole), 1.0), UTC)
        else:
            moment = datetime.fromisoformat(given)
    except (ValueError, OverflowError, OSError) as error:
        message = f"{where}: {given[:SHOWN]!r} is no time; write it like 2026-01-15T21:52:00Z"
        raise InputRefused(message) from error
    if moment.year not in YEARS:
        message = f"{where}: the year of {given[:SHOWN]} is not between {YEARS[0]} and {YEARS[-1]}; correct it"
        raise InputRefused(message)
    return from_datetime(moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC))


def _value(given: str, where: str) -> float:
    if not given:
        message = f"{where}: the value is empty; leave the row out if it is unknown, write 0 if nothing was counted"
        raise InputRefused(message)
    try:
        value = float(given)
    except ValueError as error:
        message = f"{where}: the value {given[:SHOWN]!r} is no number; write a count such as 12"
        raise InputRefused(message) from error
    if not math.isfinite(value):
        message = f"{where}: the value {given[:SHOWN]} is not finite; leave the row out if it is unknown"
        raise InputRefused(message)
    if value < 0.0:
        message = f"{where}: the value {given[:SHOWN]} is negative; counts begin at 0"
        raise InputRefused(message)
    if value > MOST:
        message = f"{where}: the value {given[:SHOWN]} is more than {MOST:.0e}; count in thousands, or leave it out"
        raise InputRefused(message)
    return value
