"""Rows -> HTML, pure: reasons, timeline and small tables of the pages Topic and Incident.

As in :mod:`dashboards.strips`, the text of a post never enters; handles and names do, escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from dashboards.inert import safe_link
from dashboards.speech import Speech
from dashboards.strips import at_worst, plain
from monitor.clock import MINUTE_US
from monitor.incidents import SEVERITIES, Reason
from monitor.incidents.fired import fired
from monitor.incidents.words import SEVERITY_WORDS
from monitor.queries import AudienceBand, Bucket, IncidentRow, Post, Promise, PublicAuthor, TimelineRow, Voices
from monitor.queries.explanation import Explained

__all__ = [
    "audience_table",
    "author_table",
    "explained",
    "legend",
    "promises",
    "reasons",
    "table",
    "timeline",
    "voices",
]

NARROW: Final = 3
"""A table of so many columns fits on a phone."""

DEEDS: Final = ("acknowledged", "note", "dismissed", "resolved")
"""What people write on a timeline."""

LANES: Final = {
    "first_post": 0,
    "influencer": 0,
    "cascade": 0,
    "jump": 0,
    "jump_to_press": 0,
    "jump_from_press": 0,
    "peak": 0,
    "own_reply_posted": 2,
    "own_post_answered": 2,
    **dict.fromkeys(DEEDS, 2),
}
"""Lane of each kind of timeline entry: 0 the crowd, 2 us; everything else is the system's own."""


def reasons(row: IncidentRow, now_us: int, speech: Speech) -> str:
    """Return why: each reason as a sentence with its numbers, its weight in the severity, and the tests that fired."""

    def line(reason: Reason) -> str:
        weight = speech.number(reason.weight, 0 if reason.weight % 1 == 0 else 1)
        points = speech("points_one" if reason.weight == 1 else "points", count=weight)
        tests = plain(fired(reason.tests, speech.language), 200)
        named = f'{points} · <span title="{escape(" ".join(reason.tests))}">{tests}</span>' if tests else points
        return f'<li>{plain(speech.sentence(reason), 400)} <span class="bb-small">{named}</span></li>'

    items = "".join(map(line, row.incident.reasons))
    return f'{at_worst(row, now_us, speech)}<ol class="bb-reasons">{items}</ol>'


def explained(found: Explained, speech: Speech) -> str:
    """Return what was seen, what drives it, what would have changed it; and whether the stored numbers bear it out."""
    sentences = "".join(f'<p class="bb-why">{plain(one, 600)}</p>' for one in found.sentences(speech.language))
    remarks = " ".join(plain(one, 400) for one in found.remarks(speech.language))
    if found.explanation is not None:
        remarks = f"{speech('decided_at', time=speech.moment(found.explanation.at_us))} {remarks}"
    return f'<div class="bb-explained">{sentences}<p class="bb-small">{remarks}</p></div>'


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
    links = " ".join(_evidence(name, posts.get(name), speech) for name in entry.evidence)
    return (
        f'<time class="bb-time">{speech.moment(entry.at_us)}</time>'
        f'<div class="bb-entry bb-lane-{lane}"><span class="bb-lane-name">{name}</span>{sentence}'
        f"<div>{links}</div></div>"
    )


def _evidence(name: str, post: Post | None, speech: Speech) -> str:
    """Return where and when a post was published, linked where a link may be offered; its name if it is not stored."""
    link = safe_link(post.url) if post is not None else None
    where = None if post is None else f"{escape(speech.network(post.network))} {speech.time(post.published_us)}"
    said = where or plain(name, 48)
    if link is None:
        return f'<span class="bb-evidence" title="{plain(name, 120)}">{said}</span>'
    attributes = f'href="{escape(link)}" title="{plain(name, 120)}" rel="noopener noreferrer nofollow"'
    return f'<a class="bb-evidence" {attributes}>{said}</a>'


def legend(speech: Speech, buckets: Sequence[Bucket]) -> str:
    """Return what the marks of the fan chart mean."""
    marks = (
        ("line", speech("legend_observed", bucket=speech.duration(buckets[0].minutes * MINUTE_US))),
        *([("cleaned", speech("chart_cleaned"))] if any(bucket.set_aside for bucket in buckets) else []),
        *([("late", speech("legend_late"))] if any(bucket.late for bucket in buckets) else []),
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
    return table([speech(head) for head in heads], cells)


def audience_table(rows: Sequence[AudienceBand], speech: Speech) -> str:
    """Return everybody else, counted by audience."""
    heads = ("col_audience", "col_accounts", "col_mentions")
    cells = [(_audience(row, rows, speech), speech.number(row.accounts), speech.number(row.mentions)) for row in rows]
    return table([speech(head) for head in heads], cells)


def _audience(row: AudienceBand, rows: Sequence[AudienceBand], speech: Speech) -> str:
    if row.at_least is None:
        return speech("audience_unknown")
    if row.at_least == 0:
        larger = [other.at_least for other in rows if other.at_least]
        return speech("audience_below", bound=speech.number(min(larger, default=100)))
    return speech("audience_at_least", bound=speech.number(row.at_least))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; its cells are HTML, already escaped."""
    head = "".join(f"<th>{text}</th>" for text in heads)
    body = "".join("<tr>" + "".join(map(_cell, heads, row)) + "</tr>" for row in rows)
    kind = "bb-table bb-wide" if len(heads) > NARROW else "bb-table"
    return f'<table class="{kind}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _cell(head: str, cell: str) -> str:
    """Return a cell that also holds its heading: on a phone a wide table is shown row below row, without its head."""
    return f'<td><span class="bb-cell-head">{head}</span><span>{cell}</span></td>'


def voices(now: Voices, before: Voices, speech: Speech) -> str:
    """Return how a span sounds beside the span before it."""

    def share(name: str, count: int, earlier: int) -> str:
        return _fact(speech(name), speech.percent(now.share(count)), speech.percent(before.share(earlier)), speech)

    tone = [_tone(value, speech) for value in (now.tone, before.tone)]
    facts = [
        _fact(speech("distinct_authors"), speech.number(now.authors), speech.number(before.authors), speech),
        share("negative", now.negative, before.negative),
        share("alarming", now.alarming, before.alarming),
        share("ironic", now.ironic, before.ironic),
        share("answers_own", now.answers_own, before.answers_own),
        share("reshares", now.reshares, before.reshares),
        _fact(speech("mean_tone"), tone[0], tone[1], speech),
    ]
    return f'<div class="bb-facts">{"".join(facts)}</div>'


def promises(found: Sequence[Promise], speech: Speech) -> str:
    """Return each severity's budget: what was promised, what came of it, and whether that keeps the promise."""

    def line(one: Promise) -> str:
        kept = one.kept
        severity = SEVERITY_WORDS[speech.language][SEVERITIES.index(one.severity) + 1].capitalize()
        text = speech(
            "promise",
            severity=severity if one.hours == "always" else speech(f"hours_{one.hours}", severity=severity),
            promised=speech.number(kept.promised, 0 if kept.promised % 1 == 0 else 1),
            raised=speech.number(kept.raised.count),
            days=speech.number(kept.days, 0 if kept.days >= 10 or round(kept.days, 1) % 1 == 0 else 1),
            rate=speech.number(kept.raised.per_month, 1),
            lower=speech.number(kept.raised.lower, 1),
            upper=speech.number(kept.raised.upper, 1),
            dismissed=speech.number(kept.dismissed.count),
            standing=speech(f"standing_{kept.standing}"),
        )
        return f"<li>{plain(text, 400)}</li>"

    return f'<ul class="bb-reasons">{"".join(map(line, found))}</ul>'


def _tone(value: float | None, speech: Speech) -> str:
    if value is None:
        return "–"
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{speech.number(abs(value), 2)}"


def _fact(name: str, value: str, before: str, speech: Speech) -> str:
    earlier = speech("before", value=before)
    return f'<div class="bb-fact">{name}<b>{value}</b><span class="bb-small">{earlier}</span></div>'
