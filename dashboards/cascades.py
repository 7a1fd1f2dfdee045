"""One cascade as HTML, pure: how large, how fast, how far it will go, who may have seen it, and how we know."""

from __future__ import annotations

from typing import Final

from dashboards.inert import safe_link
from dashboards.panels import evidence_link
from dashboards.speech import Speech
from dashboards.strips import plain
from monitor.cascades import Cascade
from monitor.clock import DAY_US, SECOND_US
from monitor.queries import CascadeRow

__all__ = ["card"]

LONGEST_DOUBLING_S: Final = 2 * DAY_US / SECOND_US
"""What takes longer than two days to double is not said to double."""


def card(row: CascadeRow, speech: Speech) -> str:
    """Return a cascade in numbers; the words of its root are shown apart, as text."""
    cascade = row.cascade
    pace = "faster" if cascade.acceleration >= 1.5 else "slower" if cascade.acceleration < 0.7 else "steady"
    name = f"{cascade.network}:{cascade.root_id}"
    link = safe_link(row.root.url) if row.root is not None else None
    where = speech("root_unknown", id=plain(name, 48)) if row.root is None else evidence_link(name, link)
    size = speech("cascade_size", size=_bold(cascade.size, speech), authors=speech.number(cascade.authors))
    growth = speech("cascade_growth", growth=f"<b>+{speech.number(cascade.growth_per_hour)}</b>")
    if cascade.doubling_s is not None and cascade.doubling_s <= LONGEST_DOUBLING_S:
        doubling = speech.duration(round(cascade.doubling_s * SECOND_US))
        growth += f", {speech('cascade_doubling', time=doubling)}"
    facts = [_prediction(cascade, speech), _reproduction(cascade, speech), _reach(cascade, speech)]
    facts += [_newcomers(cascade, speech), _shape(cascade, speech)]
    started = f'<div class="bb-small">{speech("started", time=speech.moment(cascade.started_us))}</div>'
    return (
        f"<div>{size}</div><div>{growth}, {speech(f'cascade_{pace}')}</div>"
        f'<div class="bb-facts">{"".join(facts)}</div>{started}{where}'
    )


def _prediction(cascade: Cascade, speech: Speech) -> str:
    if cascade.final_size is None or cascade.final_low is None or cascade.final_high is None:
        return ""
    between = speech(
        "between", low=speech.number(_round(cascade.final_low)), high=speech.number(_round(cascade.final_high))
    )
    return _fact(speech("cascade_final"), speech.number(_round(cascade.final_size)), between)


def _reproduction(cascade: Cascade, speech: Speech) -> str:
    if cascade.reproduction is None or cascade.reproduction_low is None or cascade.reproduction_high is None:
        return ""
    low, high = (speech.number(bound, 1) for bound in (cascade.reproduction_low, cascade.reproduction_high))
    return _fact(
        speech("cascade_reproduction"), speech.number(cascade.reproduction, 1), speech("between", low=low, high=high)
    )


def _reach(cascade: Cascade, speech: Speech) -> str:
    potential = speech("cascade_reach", reach=speech.number(cascade.potential_reach))
    return _fact(speech("cascade_seen"), speech.number(_round(cascade.estimated_reach)), potential)


def _newcomers(cascade: Cascade, speech: Speech) -> str:
    if cascade.new_author_share is None:
        return ""
    return _fact(speech("cascade_new"), speech.percent(cascade.new_author_share), speech("cascade_new_note"))


def _shape(cascade: Cascade, speech: Speech) -> str:
    if cascade.edges is None or cascade.depth is None or cascade.virality is None:
        return ""
    notes = [
        speech("cascade_breadth", breadth=speech.number(cascade.breadth or 0)),
        speech("cascade_virality", virality=speech.number(cascade.virality, 1)),
        speech(f"edges_{cascade.edges}"),
    ]
    if cascade.edges == "inferred" and cascade.depth_low is not None and cascade.depth_high is not None:
        low, high = speech.number(cascade.depth_low), speech.number(cascade.depth_high)
        notes.insert(0, speech("between", low=low, high=high))
    return _fact(speech("cascade_depth"), speech.number(cascade.depth), " · ".join(notes))


def _bold(value: float, speech: Speech) -> str:
    return f"<b>{speech.number(value)}</b>"


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
