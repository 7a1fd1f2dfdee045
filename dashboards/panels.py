"""Rows -> HTML, pure: reasons, timeline and small tables of the pages Topic and Incident.

As in :mod:`dashboards.strips`, the text of a post never enters; handles and names do, escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from dashboards.inert import safe_link
from dashboards.speech import Speech
from dashboards.strips import plain
from monitor.incidents import Reason
from monitor.queries import AudienceBand, CascadeRow, IncidentRow, Post, PublicAuthor, TimelineRow, Voices

__all__ = ["audience_table", "author_table", "cascade", "legend", "reasons", "timeline", "voices"]

DEEDS: Final = ("acknowledged", "note", "dismissed", "resolved")
"""What people write on a timeline."""

LANES: Final = {
    "first_post": 0,
    "influencer": 0,
    "cascade": 0,
    "peak": 0,
    "own_reply_posted": 2,
    "own_post_answered": 2,
    **dict.fromkeys(DEEDS, 2),
}
"""Lane of each kind of timeline entry: 0 the crowd, 2 us; everything else is the system's own."""


def reasons(row: IncidentRow, speech: Speech) -> str:
    """Return why: each reason as a sentence with its numbers, and its weight in the severity."""

    def line(reason: Reason) -> str:
        weight = speech("weight", weight=speech.number(reason.weight, 0 if reason.weight % 1 == 0 else 1))
        return f'<li>{plain(speech.sentence(reason), 400)} <span class="bb-small">{weight}</span></li>'

    return f'<ol class="bb-reasons">{"".join(map(line, row.incident.reasons))}</ol>'


def timeline(rows: Sequence[TimelineRow], posts: dict[str, Post], speech: Speech) -> str:
    """Return the timeline in three lanes on one clock: the crowd, the system, us."""
    heads = "".join(f'<div class="bb-lane-head">{speech(f"lane_{lane}")}</div>' for lane in ("crowd", "system", "us"))
    return (
        f'<div class="bb-timeline"><div class="bb-lane-head"></div>{heads}'
        + "".join(_entry(row, posts, speech) for row in rows)
        + "</div>"
    )


def _entry(row: TimelineRow, posts: dict[str, Post], speech: Speech) -> str:
    entry = row.entry
    lane = LANES.get(entry.kind, 1)
    name = speech(f"lane_{('crowd', 'system', 'us')[lane]}")
    sentence = plain(speech.sentence(entry), 400)
    if row.actor is not None:
        title = (
            speech(f"kind_{entry.kind}")
            if entry.kind in ("acknowledged", "note", "dismissed", "resolved")
            else entry.kind
        )
        sentence = f"<b>{plain(title)}</b> · {plain(row.actor, 40)}<br>{sentence}"
    urls = {evidence: posts[evidence].url for evidence in entry.evidence if evidence in posts}
    links = " ".join(_evidence_link(evidence, safe_link(urls.get(evidence))) for evidence in entry.evidence)
    return (
        f'<time class="bb-time">{speech.moment(entry.at_us)}</time>'
        f'<div class="bb-entry bb-lane-{lane}"><span class="bb-lane-name">{name}</span>{sentence}'
        f"<div>{links}</div></div>"
    )


def _evidence_link(name: str, link: str | None) -> str:
    if link is None:
        return f'<span class="bb-evidence">{plain(name, 48)}</span>'
    return f'<a class="bb-evidence" href="{escape(link)}" rel="noopener noreferrer nofollow">{plain(name, 48)}</a>'


def legend(speech: Speech, bucket: str) -> str:
    """Return what the marks of the fan chart mean."""
    marks = (
        ("line", speech("legend_observed", bucket=bucket)),
        ("band", speech("legend_band")),
        ("above", speech("legend_above")),
        ("own", speech("legend_own")),
        ("incident", speech("legend_incident")),
    )
    return (
        '<div class="bb-legend">'
        + "".join(f'<span><i class="bb-mark bb-mark-{kind}"></i>{text}</span>' for kind, text in marks)
        + "</div>"
    )


def author_table(rows: Sequence[PublicAuthor], speech: Speech) -> str:
    """Return the public figures who spoke."""
    heads = ("col_account", "col_followers", "col_drew", "col_first", "col_answered")
    verified = f' <span class="bb-small">{speech("verified")}</span>'
    cells = [
        (
            f"@{plain(row.handle, 40)}{verified if row.verified else ''}",
            "?" if row.followers is None else speech.number(row.followers),
            speech.number(row.responses),
            speech.time(row.first_us),
            speech("yes" if row.answered else "no"),
        )
        for row in rows
    ]
    return _table([speech(head) for head in heads], cells)


def audience_table(rows: Sequence[AudienceBand], speech: Speech) -> str:
    """Return everybody else, counted by audience."""
    heads = ("col_audience", "col_accounts", "col_mentions")
    cells = [(_audience(row, rows, speech), speech.number(row.accounts), speech.number(row.mentions)) for row in rows]
    return _table([speech(head) for head in heads], cells)


def _audience(row: AudienceBand, rows: Sequence[AudienceBand], speech: Speech) -> str:
    if row.at_least is None:
        return speech("audience_unknown")
    if row.at_least == 0:
        larger = [other.at_least for other in rows if other.at_least]
        return speech("audience_below", bound=speech.number(min(larger, default=100)))
    return speech("audience_at_least", bound=speech.number(row.at_least))


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{text}</th>" for text in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    table = f'<table class="bb-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="bb-scroll">{table}</div>'


def cascade(row: CascadeRow, speech: Speech) -> str:
    """Return a cascade in numbers; the words of its root are shown apart, as text."""
    pace = "faster" if row.acceleration >= 1.5 else "slower" if row.acceleration < 0.7 else "steady"
    name = f"{row.network}:{row.root_id}"
    link = safe_link(row.root.url) if row.root is not None else None
    where = speech("root_unknown", id=plain(name, 48)) if row.root is None else _evidence_link(name, link)
    size = speech("cascade_size", size=f"<b>{speech.number(row.size)}</b>", authors=speech.number(row.authors))
    growth = speech("cascade_growth", growth=f"<b>+{speech.number(row.growth_per_hour)}</b>")
    reach = speech("cascade_reach", reach=speech.number(row.potential_reach))
    started = speech("started", time=speech.moment(row.started_us))
    small = f"{reach} · {started}"
    return (
        f'<div>{size}</div><div>{growth}, {speech(f"cascade_{pace}")}</div><div class="bb-small">{small}</div>{where}'
    )


def voices(now: Voices, before: Voices, speech: Speech) -> str:
    """Return how a span sounds beside the span before it."""

    def share(name: str, count: int, earlier: int) -> str:
        return _fact(speech(name), speech.percent(now.share(count)), speech.percent(before.share(earlier)), speech)

    tone = [_tone(value, speech) for value in (now.tone, before.tone)]
    facts = [
        _fact(speech("distinct_authors"), speech.number(now.authors), speech.number(before.authors), speech),
        share("negative", now.negative, before.negative),
        share("answers_own", now.answers_own, before.answers_own),
        share("reshares", now.reshares, before.reshares),
        _fact(speech("mean_tone"), tone[0], tone[1], speech),
    ]
    return f'<div class="bb-facts">{"".join(facts)}</div>'


def _tone(value: float | None, speech: Speech) -> str:
    if value is None:
        return "–"
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{speech.number(abs(value), 2)}"


def _fact(name: str, value: str, before: str, speech: Speech) -> str:
    earlier = speech("before", value=before)
    return f'<div class="bb-fact">{name}<b>{value}</b><span class="bb-small">{earlier}</span></div>'
