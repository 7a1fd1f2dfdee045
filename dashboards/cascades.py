"""One cascade as HTML, pure: how large, how fast, how far it will go, who may have seen it, and how we know."""

from __future__ import annotations

from typing import Final

from dashboards.speech import Speech
from monitor.cascades import Cascade
from monitor.clock import DAY_US, SECOND_US
from monitor.queries import CascadeRow

__all__ = ["card"]

LONGEST_DOUBLING_S: Final = 2 * DAY_US / SECOND_US
"""What takes longer than two days to double is not said to double."""

NOTABLE: Final = 3
"""Fewer reshares in an hour have no pace."""


def card(row: CascadeRow, speech: Speech) -> str:
    """Return a cascade in numbers; the words of its root are shown apart, as text."""
    cascade = row.cascade
    began = speech("began_at", time=speech.moment(cascade.started_us))
    talk = _conversation(cascade, speech)
    if not cascade.size:  # everybody answers it and nobody passes it on
        return f"<div>{talk} · {began}</div>"
    size = speech(
        "cascade_size",
        size=f"<b>{speech.count('reshared', cascade.size)}</b>",
        accounts=speech.count("accounts", cascade.authors),
    )
    facts = [_prediction(cascade, speech), _reproduction(cascade, speech), _reach(cascade, speech)]
    facts += [_newcomers(cascade, speech)]
    return (
        f'<div>{size} · {_pace(row, speech)} · {began}</div><div class="bb-facts">{"".join(facts)}</div>'
        f'<div class="bb-small bb-under">{_shape(cascade, speech)}</div>'
        f'<div class="bb-small bb-under">{talk}</div>'
    )


def _pace(row: CascadeRow, speech: Speech) -> str:
    """Say how fast it grows, or when it last did: its own figures are as of its last reshare, however long ago."""
    cascade = row.cascade
    if not row.recent:
        return speech("cascade_still", time=speech.moment(cascade.updated_us))
    words = [speech("cascade_growth", growth=f"<b>+{speech.number(row.recent)}</b>")]
    if cascade.doubling_s is not None and cascade.doubling_s <= LONGEST_DOUBLING_S:
        words.append(speech("cascade_doubling", time=speech.duration(round(cascade.doubling_s * SECOND_US))))
    if row.recent >= NOTABLE:
        pace = "faster" if cascade.acceleration >= 1.5 else "slower" if cascade.acceleration < 0.7 else "steady"
        words.append(speech(f"cascade_{pace}"))
    return ", ".join(words)


def _prediction(cascade: Cascade, speech: Speech) -> str:
    if cascade.final_size is None or cascade.final_low is None or cascade.final_high is None:
        return ""
    # What has been counted is exact: rounding must not expect fewer.
    final, low, high = (
        speech.number(max(_round(one), cascade.size))
        for one in (cascade.final_size, cascade.final_low, cascade.final_high)
    )
    return _fact(speech("cascade_final"), final, speech("between", low=low, high=high))


def _reproduction(cascade: Cascade, speech: Speech) -> str:
    if cascade.reproduction is None or cascade.reproduction_low is None or cascade.reproduction_high is None:
        return ""
    low, high = (speech.number(bound, 1) for bound in (cascade.reproduction_low, cascade.reproduction_high))
    return _fact(
        speech("cascade_reproduction"), speech.number(cascade.reproduction, 1), speech("between", low=low, high=high)
    )


def _reach(cascade: Cascade, speech: Speech) -> str:
    if not cascade.potential_reach:
        return ""  # nobody's followers are known
    potential = speech("cascade_reach", reach=speech.number(cascade.potential_reach))
    return _fact(speech("cascade_seen"), speech.number(_round(cascade.estimated_reach)), potential)


def _newcomers(cascade: Cascade, speech: Speech) -> str:
    if cascade.new_author_share is None:
        return ""
    return _fact(speech("cascade_new"), speech.percent(cascade.new_author_share), speech("cascade_new_note"))


def _shape(cascade: Cascade, speech: Speech) -> str:
    if cascade.edges is None or cascade.depth is None or cascade.virality is None:
        return ""
    low, high = cascade.depth_low, cascade.depth_high
    is_range = cascade.edges == "inferred" and low is not None and high is not None
    likely = f" ({speech('between', low=low, high=high)})" if is_range else ""
    words = [
        speech.count("cascade_depth", cascade.depth) + likely,
        speech("cascade_breadth", breadth=speech.number(cascade.breadth or 0)),
        speech("cascade_virality", virality=speech.number(cascade.virality, 1)),
        speech(f"edges_{cascade.edges}"),
    ]
    return " · ".join(words)


def _conversation(cascade: Cascade, speech: Speech) -> str:
    """Say how the post is argued over, which is not how it spreads."""
    depth, virality = cascade.reply_depth, cascade.reply_virality
    if depth is None or virality is None:
        return ""
    words = [
        speech(
            "cascade_size",
            size=f"<b>{speech.count('answered', cascade.replies)}</b>",
            accounts=speech.count("accounts", cascade.repliers),
        ),
        speech.count("answers_depth", depth),
        speech("cascade_breadth", breadth=speech.number(cascade.reply_breadth or 0)),
        speech("cascade_virality", virality=speech.number(virality, 1)),
        speech("edges_answered"),
    ]
    return " · ".join(words)


def _round(value: int) -> int:
    """Round what is estimated to two digits.

    Examples
    --------
    >>> _round(1_234), _round(97), _round(7)
    (1200, 97, 7)
    """
    step: int = 10 ** max(len(str(abs(value))) - 2, 0)
    return (value + step // 2) // step * step


def _fact(name: str, value: str, note: str) -> str:
    return f'<div class="bb-fact">{name}<b>{value}</b><span class="bb-small">{note}</span></div>'
