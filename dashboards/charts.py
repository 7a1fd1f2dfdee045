"""Rows -> figures (Vega-Lite specifications), pure. Hostile words (hashtags) are drawn as text and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Any, Final

import altair as alt

from dashboards.inert import inert
from dashboards.speech import Speech
from monitor.clock import MINUTE_US
from monitor.queries import Bucket, Hashtag, IncidentRow

__all__ = ["fan_chart", "hashtag_chart"]

HOT: Final = "#e0483e"
OURS: Final = "#2f7fb8"
BAND: Final = "#4a90c4"
"""Chosen to keep a contrast of at least 3 on the light and the dark background alike."""

STEEP: Final = 4
"""A peak this many times above what is usual is drawn on a square-root scale."""


def fan_chart(
    buckets: Sequence[Bucket], incidents: Sequence[IncidentRow], own_us: Sequence[int], speech: Speech, *, dark: bool
) -> dict[str, Any]:
    """Draw what was observed over what was usual, with incidents as spans and the brand's own posts on the axis.

    Parameters
    ----------
    buckets
        Consecutive, oldest first, at least one.
    own_us
        When the brand published; what lies outside the buckets is left out.
    dark
        Whether the page is dark.
    """
    ink = "#e4e8ea" if dark else "#1b2229"
    minutes = buckets[0].minutes
    start_us, end_us = buckets[0].start_us, buckets[-1].start_us + minutes * MINUTE_US
    top = max([4.0, *(b.observed for b in buckets), *(b.band.upper for b in buckets if b.band)]) * 1.06
    scale = alt.Scale(type="utc", nice=False)
    x = alt.X("t:T", scale=scale, title=speech("axis_time", zone=speech.zone), axis=_time_axis(end_us - start_us))
    is_steep = top > STEEP * max([1.0, *(b.band.upper for b in buckets if b.band)])
    title = speech("axis_mentions", bucket=speech.duration(minutes * MINUTE_US))
    y_title = f"{title} ({speech('axis_root')})" if is_steep else title
    y_axis = _count_axis(5, speech)
    # A square root makes the noise of counts equally wide everywhere, so that a crisis does not flatten what is usual.
    y = alt.Scale(type="sqrt" if is_steep else "linear", domain=[0, top], nice=False)
    first = next((place for place, bucket in enumerate(buckets) if bucket.band is not None), 0)
    rows = [_bucket_row(bucket, speech) for bucket in buckets[first:]]
    known = alt.Chart(_data([row for row in rows if "expected" in row]))
    all_rows = alt.Chart(_data(rows))
    level = alt.Y("observed:Q", scale=y, axis=y_axis, title=y_title)
    tooltip = [
        alt.Tooltip("from:N", title=speech("tip_time")),
        alt.Tooltip("observed:Q", title=speech("tip_observed")),
        *[alt.Tooltip("late:Q", title=speech("tip_late"))] * any(bucket.late for bucket in buckets),
        alt.Tooltip("usual:N", title=speech("tip_expected")),
    ]
    layers = [
        *_spans(incidents, start_us, end_us, x, speech),
        known.mark_area(color=BAND, opacity=0.2).encode(x=x, y=alt.Y("lower:Q", scale=y), y2="upper:Q"),
        known.mark_area(color=BAND, opacity=0.28).encode(x=x, y=alt.Y("inner_lower:Q", scale=y), y2="inner_upper:Q"),
        known.mark_line(color=BAND, strokeDash=[4, 3], strokeWidth=1.3).encode(x=x, y=alt.Y("expected:Q", scale=y)),
        all_rows.mark_line(color=ink, strokeWidth=1.6, strokeJoin="round").encode(x=x, y=level),
        all_rows.mark_circle(color=HOT, size=26, opacity=1).transform_filter("datum.above").encode(x=x, y=level),
        *_cleaned(rows, x, y),
        *_late(rows, x, y),
        *_own_ticks([at for at in own_us if start_us <= at < end_us], x, y, speech),
        all_rows.mark_bar(opacity=0, width=8).encode(x=x, y=alt.value(0), y2=alt.value("height"), tooltip=tooltip),
    ]
    return _dressed(alt.layer(*layers).properties(height=280, width="container"), ink)


def _bucket_row(bucket: Bucket, speech: Speech) -> dict[str, Any]:
    row: dict[str, Any] = {
        "t": _clock(bucket.start_us + bucket.minutes * MINUTE_US // 2, speech),
        "from": speech.moment(bucket.start_us),
        "observed": bucket.observed,
        "cleaned": bucket.observed - bucket.set_aside,
        "late": bucket.late,
        "above": bucket.is_above,
        "usual": speech.usual(bucket.band),
    }
    if bucket.band is not None:
        row |= {name: getattr(bucket.band, name) for name in bucket.band.__struct_fields__}
    return row


def _cleaned(rows: Sequence[dict[str, Any]], x: alt.X, y: alt.Scale) -> list[alt.Chart]:
    """Draw what is left without the mentions set aside, where there were such."""
    if all(row["cleaned"] == row["observed"] for row in rows):
        return []
    line = alt.Chart(_data(list(rows))).mark_line(color=OURS, strokeWidth=1.6, strokeJoin="round")
    return [line.encode(x=x, y=alt.Y("cleaned:Q", scale=y))]


def _late(rows: Sequence[dict[str, Any]], x: alt.X, y: alt.Scale) -> list[alt.Chart]:
    """Mark where some of what is counted came late."""
    late = [row for row in rows if row["late"]]
    marks = alt.Chart(_data(late)).mark_point(shape="diamond", filled=False, size=44, color=BAND, opacity=1)
    return [marks.encode(x=x, y=alt.Y("observed:Q", scale=y))] * bool(late)


def _spans(incidents: Sequence[IncidentRow], start_us: int, end_us: int, x: alt.X, speech: Speech) -> list[alt.Chart]:
    spans = [
        {
            "t": _clock(max(start_us, row.incident.since_us), speech),
            "end": _clock(min(end_us, row.incident.closed_us or end_us), speech),
        }
        for row in incidents
        if row.incident.since_us < end_us and (row.incident.closed_us or end_us) > start_us
    ]
    flags = [
        {"t": _clock(row.incident.opened_us, speech)}
        for row in incidents
        if start_us <= row.incident.opened_us < end_us
    ]
    area = alt.Chart(_data(spans)).mark_rect(color=HOT, opacity=0.1)
    rule = alt.Chart(_data(flags)).mark_rule(color=HOT, strokeWidth=1.5)
    # Vega warns of layers without rows, and a calm day has no span.
    return [area.encode(x=x, x2="end:T")] * bool(spans) + [rule.encode(x=x)] * bool(flags)


def _own_ticks(own_us: Sequence[int], x: alt.X, y: alt.Scale, speech: Speech) -> list[alt.Chart]:
    rows = [{"t": _clock(instant, speech), "from": speech.moment(instant), "zero": 0} for instant in own_us]
    marks = alt.Chart(_data(rows)).mark_point(shape="triangle-up", filled=True, size=90, color=OURS, opacity=1)
    tooltip = [alt.Tooltip("from:N", title=speech("legend_own"))]
    return [marks.encode(x=x, y=alt.Y("zero:Q", scale=y), tooltip=tooltip)] * bool(rows)


def hashtag_chart(rows: Sequence[Hashtag], speech: Speech, *, dark: bool) -> dict[str, Any]:
    """Draw how often each hashtag was used, with a mark for the span before."""
    ink = "#e4e8ea" if dark else "#1b2229"
    values = [{"tag": "#" + inert(row.tag, 26), "now": row.mentions, "before": row.before} for row in rows]
    base = alt.Chart(_data(values))
    y = alt.Y("tag:N", sort=None, title=None, axis=alt.Axis(labelLimit=190, ticks=False, domain=False, labelPadding=8))
    axis = _count_axis(4, speech)
    tooltip = [
        alt.Tooltip("now:Q", title=speech("tip_observed")),
        alt.Tooltip("before:Q", title=speech("before", value="")),
    ]
    bars = base.mark_bar(color=BAND, height=13, cornerRadiusEnd=3).encode(
        y=y, x=alt.X("now:Q", title=None, axis=axis), tooltip=tooltip
    )
    marks = base.mark_tick(color=ink, thickness=2, height=19).encode(y=y, x=alt.X("before:Q", title=None))
    return _dressed(alt.layer(bars, marks).properties(height=27 * len(rows) + 30, width="container"), ink)


def _time_axis(span_us: int) -> alt.Axis:
    is_long = span_us > 36 * 60 * MINUTE_US
    pattern = "%d/%m" if is_long else "%H:%M"
    return alt.Axis(format=pattern, labelOverlap="greedy", tickCount=8, grid=False, labelFlush=True, labelSeparation=12)


def _count_axis(ticks: int, speech: Speech) -> alt.Axis:
    """Return an axis of whole numbers, written as people of this language write them."""
    grouped = "format(datum.value, ',d')"
    if speech.language == "fr":
        grouped = f"replace({grouped}, ',', '\u202f')"
    return alt.Axis(tickMinStep=1, tickCount=ticks, gridOpacity=0.12, domain=False, labelExpr=grouped)


def _data(rows: list[dict[str, Any]]) -> alt.InlineData:
    return alt.InlineData(values=rows)


def _clock(instant_us: int, speech: Speech) -> int:
    """Return the wall clock of the topic's zone as if it were UTC, in milliseconds.

    Vega draws in UTC or in the browser's zone only; the page must show the topic's zone wherever it is read.
    """
    local = speech.local(instant_us)
    return round(local.replace(tzinfo=UTC).timestamp() * 1000)


def _dressed(chart: alt.LayerChart | alt.FacetChart, ink: str) -> dict[str, Any]:
    """Return the chart as a Vega-Lite specification in the colours of the page."""
    drawn: dict[str, Any] = chart.to_dict()
    drawn["config"] = {
        "background": "transparent",
        "font": '"Source Sans", sans-serif',
        "padding": {"left": 2, "right": 8, "top": 6, "bottom": 2},
        "view": {"stroke": None},
        "axis": {
            **dict.fromkeys(("labelColor", "titleColor", "gridColor", "tickColor", "domainColor"), ink),
            **dict.fromkeys(("labelFontSize", "titleFontSize"), 12),
            **dict.fromkeys(("domainOpacity", "tickOpacity"), 0.3),
            "titleFontWeight": "normal",
        },
    }
    return drawn
