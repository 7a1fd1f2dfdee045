"""Pictures as inline SVG: pure strings, no script, nothing from outside."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Final, NamedTuple

import msgspec

__all__ = ["PALETTE", "Axis", "Bar", "Point", "Span", "bars", "lines", "spans"]

# Okabe and Ito's palette, which people with any colour vision can tell apart; ours comes first.
PALETTE: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6d31", "#666666", "#000000")
WIDTH: Final = 860
LEFT: Final = 210
ROW: Final = 18
NOTE: Final = 150
LETTER: Final = 7  # the widest a label's letters are on average
Point = tuple[float, float]


class Span(NamedTuple):
    """A value with its interval, and how to write it."""

    label: str
    value: float
    low: float
    high: float
    text: str
    is_ours: bool


class Bar(NamedTuple):
    """Parts of a whole, from left to right, how to write them, and a note that stands behind them."""

    label: str
    parts: tuple[float, ...]
    text: str
    note: str = ""


class Axis(msgspec.Struct, frozen=True):
    """From where to where an axis goes, its name, how its numbers are written, and whether its steps are tenfold."""

    label: str
    low: float
    high: float
    ticks: tuple[float, ...]
    write: Callable[[float], str] = "{:g}".format
    is_logarithmic: bool = False

    def place(self, value: float) -> float:
        """Return where a value lies, 0 to 1; what is beyond lies at the end."""
        value = min(max(value, self.low), self.high)
        if self.is_logarithmic:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


def spans(title: str, groups: Mapping[str, Sequence[Span]], axis: Axis) -> str:
    """Return dots with intervals, in groups."""
    height = 30 + sum(ROW * (len(rows) + 1) + 6 for rows in groups.values())
    body = [_grid(axis, 14, height - 20)]
    y = 10
    for group, rows in groups.items():
        y += ROW
        body.append(f'<text x="4" y="{y + 4}" class="group">{escape(group)}</text>')
        for row in rows:
            y += ROW
            colour = PALETTE[0] if row.is_ours else PALETTE[-1]
            left, middle, right = (_x(axis, value) for value in (row.low, row.value, row.high))
            weight = "label ours" if row.is_ours else "label"
            body.append(
                f"<g><title>{escape(row.label)}: {escape(row.text)}</title>"
                f'<text x="{LEFT - 8}" y="{y + 4}" class="{weight}">{escape(row.label)}</text>'
                f'<line x1="{left:.1f}" x2="{right:.1f}" y1="{y}" y2="{y}" stroke="{colour}" stroke-width="3"/>'
                f'<circle cx="{middle:.1f}" cy="{y}" r="5" fill="{colour}"/></g>'
            )
        y += 6
    return _picture(title, height, body)


def lines(title: str, series: Mapping[str, Sequence[Point]], x: Axis, y: Axis) -> str:
    """Return one line a series, with a legend."""
    top, bottom = 14, 330
    body = [_grid(x, top, bottom)]
    for tick in y.ticks:
        height = bottom - y.place(tick) * (bottom - top)
        body.append(
            f'<line x1="{LEFT}" x2="{WIDTH - 20}" y1="{height:.1f}" y2="{height:.1f}" class="grid"/>'
            f'<text x="{LEFT - 8}" y="{height + 4:.1f}" class="label">{y.write(tick)}</text>'
        )
    body.append(f'<text x="4" y="{top + 4}" class="group">{escape(y.label)}</text>')
    for place, (name, points) in enumerate(series.items()):
        colour = PALETTE[place % len(PALETTE)]
        dashes = "" if place < len(PALETTE) else ' stroke-dasharray="4 3"'
        where = [(_x(x, across), bottom - y.place(up) * (bottom - top)) for across, up in points]
        path = " ".join(f"{across:.1f},{up:.1f}" for across, up in where)
        dots = "".join(f'<circle cx="{across:.1f}" cy="{up:.1f}" r="2.5" fill="{colour}"/>' for across, up in where)
        width = 3.5 if place == 0 else 1.5
        body.append(
            f'<g><title>{escape(name)}</title><polyline points="{path}" fill="none" stroke="{colour}" '
            f'stroke-width="{width}"{dashes}/>{dots}</g>'
            f'<rect x="4" y="{40 + 20 * place}" width="14" height="4" fill="{colour}"/>'
            f'<text x="24" y="{47 + 20 * place}" class="legend">{escape(name)}</text>'
        )
    return _picture(title, 375, body)


def bars(title: str, rows: Sequence[Bar], names: Sequence[str], colours: Sequence[str], notes: str = "") -> str:
    """Return stacked bars of shares; `notes` says what the rows' notes are."""
    left = max([LEFT, *(LETTER * len(row.label) + 8 for row in rows)])
    room = WIDTH - left - 20 - (NOTE if notes else 0)
    height = 40 + (ROW + 6) * len(rows)
    body = []
    for place, (name, colour) in enumerate(zip(names, colours, strict=True)):
        body.append(
            f'<rect x="{left + 120 * place}" y="4" width="12" height="12" fill="{colour}"/>'
            f'<text x="{left + 18 + 120 * place}" y="15" class="legend">{escape(name)}</text>'
        )
    body.append(f'<text x="{WIDTH - 20}" y="15" class="label">{escape(notes)}</text>')
    y = 30
    for row in rows:
        body.append(f"<g><title>{escape(row.label)}: {escape(row.text)}</title>")
        body.append(f'<text x="{left - 8}" y="{y + 13}" class="label">{escape(row.label)}</text>')
        x = float(left)
        for share, colour in zip(row.parts, colours, strict=True):
            width = share * room
            body.append(f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{ROW}" fill="{colour}"/>')
            x += width
        body.append(f'<text x="{WIDTH - 20}" y="{y + 13}" class="label">{escape(row.note)}</text></g>')
        y += ROW + 6
    return _picture(title, height, body)


def _x(axis: Axis, value: float) -> float:
    return LEFT + axis.place(value) * (WIDTH - LEFT - 20)


def _grid(axis: Axis, top: float, bottom: float) -> str:
    parts = []
    for tick in axis.ticks:
        x = _x(axis, tick)
        parts.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom}" class="grid"/>'
            f'<text x="{x:.1f}" y="{bottom + 14}" class="tick">{axis.write(tick)}</text>'
        )
    parts.append(f'<text x="{WIDTH - 20}" y="{bottom + 30}" class="label">{escape(axis.label)}</text>')
    return "".join(parts)


def _picture(title: str, height: float, body: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height + 20:.0f}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{''.join(body)}</svg>"
    )
