"""Rows -> HTML, pure: the strips of the page Now and the head of an incident.

Only numbers, our own sentences, and names escaped here ever enter; the text of a post never does (it goes through
``st.text``). ``st.html`` sanitises once more and runs no script.
"""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape
from typing import Final
from urllib.parse import urlencode

from dashboards.inert import inert
from dashboards.speech import Speech
from monitor.clock import MINUTE_US
from monitor.queries import Bucket, IncidentRow, StateWord, TopicNow
from monitor.topics import Topic

__all__ = ["at_worst", "face", "grid", "incident_head", "incident_strip", "line", "pill", "plain", "steps", "strip"]

LATELY_US: Final = 10 * MINUTE_US
"""Reasons no older than this are those of now; older ones say of when they are."""

SHAPES: Final[dict[StateWord, str]] = {
    "critical": "■",
    "warning": "▲",
    "watch": "◆",
    "blind": "⊘",
    "learning": "◌",
    "calm": "●",
}
"""A shape for each state, so that neither colour nor reading is the only sign."""


def plain(text: str, limit: int = 200) -> str:
    """Return text of unknown origin, visible and escaped."""
    return escape(inert(text, limit))


def pill(state: StateWord, speech: Speech, *, is_over: bool = False) -> str:
    """Return the state word with its shape and colour; what is over keeps its word and its shape, and burns no more."""
    return (
        f'<span class="bb-pill bb-{"over" if is_over else state}"><span aria-hidden="true">{SHAPES[state]}</span> '
        f"{speech(f'state_{state}')}</span>"
    )


def grid(strips: Iterable[str], kind: str) -> str:
    """Lay strips out: side by side where there is room."""
    return f'<div class="bb-grid bb-{kind}">{"".join(strips)}</div>'


def strip(row: TopicNow, now_us: int, speech: Speech, advice: Sequence[str] = ()) -> str:
    """Return one topic at a glance, linked; with its incident's first reasons and what to do next when one is open."""
    if row.incident is None:
        return _linked(face(row, now_us, speech), row.state, _href("topic", row.topic.id, speech))
    inside = face(row, now_us, speech) + _incident_lines(row.incident, now_us, speech, advice)
    return _linked(inside, row.state, _href("incident", row.incident.incident.id, speech))


def line(row: TopicNow, speech: Speech) -> str:
    """Return one calm topic among many, linked: its state, its name and how loud it is, without its day."""
    known = None if row.last_known == "learning" else row.usual
    loudness = f"{speech.count('mentions', row.mentions)} {speech('within_hour')}, {speech.usual(known)}"
    inside = (
        f'<div class="bb-head">{pill(row.state, speech)}<span class="bb-name">{plain(row.topic.name, 60)}</span></div>'
        f'<div class="bb-small">{loudness}</div>'
    )
    return _linked(inside, row.state, _href("topic", row.topic.id, speech))


def face(row: TopicNow, now_us: int, speech: Speech) -> str:
    """Return what a strip says of its topic alone: state, name, since when, how loud against usual, the day."""
    since = "" if row.since_us is None else speech("since", age=speech.duration(now_us - row.since_us))
    was = "" if row.state == row.last_known else speech("was", state=speech(f"state_{row.last_known}"))
    hint = speech(f"hint_{row.state}") if row.state in ("blind", "learning") else ""
    note = " · ".join(words for words in (was, hint) if words)
    # Going blind does not put a fire out: what was burning when we last saw stays in sight.
    shown = [row.state] + [row.last_known] * (row.incident is not None and row.state != row.last_known)
    pills = "".join(pill(state, speech) for state in shown)
    return (
        f'<div class="bb-head">{pills}<span class="bb-name">{plain(row.topic.name, 60)}</span>'
        f'<span class="bb-since">{since}</span></div>'
        f'<div class="bb-body"><div>{_loudness(row, speech)}</div>{_spark(row.sparkline, speech)}</div>'
        + (f'<div class="bb-small">{note}</div>' if note else "")
    )


def incident_strip(row: IncidentRow, topic: Topic, speech: Speech) -> str:
    """Return one incident of a list, linked."""
    incident = row.incident
    is_over = incident.state == "closed"
    words = [speech(f"incident_{incident.stage}"), speech("opened_at", time=speech.moment(incident.opened_us))]
    if incident.closed_us is not None:
        words.append(speech("lasted", time=speech.duration(incident.closed_us - incident.opened_us)))
    words.append(speech.count("mentions", incident.mentions))
    name = f'<span class="bb-name">{plain(topic.name, 60)}</span>'
    why = "".join(f'<p class="bb-why">{plain(speech.sentence(reason), 400)}</p>' for reason in incident.reasons[:1])
    inside = (
        f'<div class="bb-head">{pill(incident.severity, speech, is_over=is_over)}{name}</div>'
        f'<div class="bb-small">{" · ".join(words)}</div>{why}'
    )
    return _linked(inside, "over" if is_over else incident.severity, _href("incident", incident.id, speech))


def incident_head(row: IncidentRow, topic: Topic, speech: Speech) -> str:
    """Return what an incident is, in one look."""
    incident = row.incident
    state = ([speech("drill")] if incident.drill else []) + [
        speech(f"incident_{incident.stage}"),
        _acknowledged(row, speech),
    ]
    if incident.resumed_us is not None and incident.alarm is not None:
        severity = speech(f"state_{incident.alarm}")
        state.insert(-1, speech("resumed", time=speech.moment(incident.resumed_us), severity=severity))
    if row.dismissed_us is not None:
        state.append(speech("dismissed", time=speech.moment(row.dismissed_us)))
    times = [
        speech("began_at", time=speech.moment(incident.since_us)),
        speech("opened_at", time=speech.moment(incident.opened_us)),
        speech("peak_at", time=speech.time(incident.peak_us), count=speech.number(incident.peak_mentions)),
    ]
    if incident.closed_us is not None:
        times.append(speech("closed_at", time=speech.moment(incident.closed_us)))
    counts = [
        speech.count("mentions", incident.mentions),
        speech.count("accounts", incident.authors),
    ]
    if incident.set_aside:
        counts.insert(1, speech.count("set_aside", incident.set_aside))
    if incident.authenticity is not None:
        state.append(speech(f"real_{incident.authenticity.verdict.replace(' ', '_')}"))
    worst = pill(incident.severity, speech, is_over=incident.state == "closed")
    return (
        f'<div class="bb-title">{worst}<h1>{plain(topic.name, 120)}</h1></div>'
        f"<div>{' · '.join(state)}</div>"
        f'<div class="bb-small">{" · ".join([*counts, *times])} ({escape(speech.zone)})</div>'
    )


def at_worst(row: IncidentRow, now_us: int, speech: Speech) -> str:
    """Say of when an incident's reasons are, unless they are those of now."""
    worst_us = row.incident.worst_us
    if now_us - worst_us <= LATELY_US:
        return ""
    name = "at_worst" if row.incident.resumed_us is None else "at_worst_again"
    return f'<span class="bb-label">{speech(name, time=speech.moment(worst_us))}</span>'


def steps(advice: Sequence[str]) -> str:
    """Return what to do next."""
    return f'<div class="bb-next"><ol>{"".join(f"<li>{escape(step)}</li>" for step in advice)}</ol></div>'


def _linked(inside: str, edge: str, href: str) -> str:
    return f'<a class="bb-strip bb-edge-{edge}" href="{href}" target="_self">{inside}</a>'


def _loudness(row: TopicNow, speech: Speech) -> str:
    known = None if row.last_known == "learning" else row.usual
    times = ""
    if known is not None and row.mentions > known.upper and known.expected > 0:
        ratio = row.mentions / known.expected
        times = speech("times", times=speech.number(ratio, 1 if ratio < 10 else 0))
    hour = "last_hour_seen" if row.state == "blind" else "last_hour"
    return (
        f'<div class="bb-count">{speech.number(row.mentions)} <span class="bb-times">{times}</span></div>'
        f'<div class="bb-small">{speech(hour)}<br>{speech.usual(known)}</div>'
    )


def _incident_lines(row: IncidentRow, now_us: int, speech: Speech, advice: Sequence[str]) -> str:
    why = "".join(f'<p class="bb-why">{escape(speech.sentence(reason))}</p>' for reason in row.incident.reasons[:2])
    return (
        f"<div>{at_worst(row, now_us, speech)}{why}</div>"
        f'<div><span class="bb-label">{speech("next")}</span>{steps(advice)}</div>'
        f'<div class="bb-small">{" · ".join(_standing(row, speech))}</div>'
    )


def _standing(row: IncidentRow, speech: Speech) -> list[str]:
    drill = [speech("drill")] if row.incident.drill else []
    return [*drill, speech(f"incident_{row.incident.stage}"), _acknowledged(row, speech)]


def _acknowledged(row: IncidentRow, speech: Speech) -> str:
    if row.acknowledged_us is None:
        return speech("never_acknowledged" if row.incident.state == "closed" else "unacknowledged")
    who = plain(row.acknowledged_by or speech("somebody"), 40)
    return speech("acknowledged", who=who, time=speech.moment(row.acknowledged_us))


def _href(page: str, identifier: str, speech: Speech) -> str:
    return escape(f"{page}?" + urlencode({page: identifier, "lang": speech.language}))


def _spark(buckets: Sequence[Bucket], speech: Speech) -> str:
    """Draw the day as a line over the band of what was usual, as an image that needs no network.

    The sanitiser of ``st.html`` drops inline SVG; in an image it is inert. Greys hold on light and dark.
    """
    top = max(
        [1.0, *(bucket.observed for bucket in buckets), *(bucket.band.upper for bucket in buckets if bucket.band)]
    )
    step = 240 / max(1, len(buckets) - 1)

    def at(place: int, value: float) -> str:
        return f"{place * step:.1f},{44 - 42 * math.sqrt(value / top):.1f}"

    known = [(place, bucket.band) for place, bucket in enumerate(buckets) if bucket.band is not None]
    edge = [at(place, band.upper) for place, band in known] + [at(place, band.lower) for place, band in known[::-1]]
    first = known[0][0] if known else len(buckets)
    line = [at(place, bucket.observed) for place, bucket in enumerate(buckets)]
    hot = "".join(
        f'<path d="M{line[max(0, place - 1)]} L{line[place]}"/>'
        for place, bucket in enumerate(buckets)
        if bucket.is_above
    )
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 46" preserveAspectRatio="none">'
        "<style>path,polyline{fill:none;vector-effect:non-scaling-stroke;stroke-linejoin:round}</style>"
        f'<polygon fill="#4a90c4" fill-opacity=".28" points="{" ".join(edge)}"/>'
        f'<polyline stroke="#7f8b95" stroke-width="1.5" points="{" ".join(line[first:])}"/>'
        f'<g stroke="#e0483e" stroke-width="2.6">{hot}</g></svg>'
    )
    source = b64encode(drawing.encode()).decode()
    return f'<img class="bb-spark" src="data:image/svg+xml;base64,{source}" alt="{speech("spark")}">'
