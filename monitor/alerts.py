"""Incident -> Alert: what the outside world is told, whether to page, and why.

D2: *Prometheus decides on our metrics, Alertmanager routes, groups and silences.* An alert here feeds both that path
(as gauges) and our own outbox, for those who run neither. It is written in the same transaction as the incident and
sent afterwards, at least once, under an idempotency key.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from monitor.clock import rfc3339
from monitor.incidents import SEVERITIES, Incident, Severity
from monitor.topics import Topic

__all__ = ["Alert", "alert_of"]

MOST_REASONS: Final = 3


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One statement about an incident to the outside world.

    Attributes
    ----------
    key
        Idempotency key: the same change of the same incident always has the same one.
    status
        ``firing`` or ``resolved``.
    page
        Whether somebody must be woken.
    reason
        Why we page or hold, as one plain sentence.
    labels
        Identity, for routing: topic, severity, the topic's own labels. Never a value, an id or a name.
    summary, description
        For the person who reads it on a phone: counts and sentences of ours, never the text of a post.
    starts_us, ends_us
        When the incident opened or came back from a pause, and when it closed or paused.
    """

    key: str
    incident: str
    topic: str
    severity: Severity
    status: Literal["firing", "resolved"]
    page: bool
    reason: str
    labels: dict[str, str]
    summary: str
    description: str
    starts_us: int
    ends_us: int | None = None


def alert_of(topic: Topic, incident: Incident) -> Alert:
    """Say to the outside world what an incident has become."""
    page, reason = _page_decision(topic, incident)
    severity = incident.alarm or incident.resumed or incident.severity
    top = incident.reasons[0].text if incident.reasons else ""
    return Alert(
        key=f"{incident.id}:{incident.updated_us}:{incident.state}:{incident.severity}",
        incident=incident.id,
        topic=topic.id,
        severity=severity,
        status="resolved" if incident.alarm is None else "firing",
        page=page,
        reason=reason,
        labels={**topic.labels, "topic": topic.id, "severity": severity},
        summary=f"{severity} · {topic.name} · {top}".strip(" ·"),
        description=" ".join([f"Since {rfc3339(incident.since_us)}.", *_reason_texts(incident)]),
        starts_us=incident.resumed_us or incident.opened_us,
        ends_us=incident.paused_us or incident.closed_us,
    )


def _reason_texts(incident: Incident) -> list[str]:
    return [reason.text for reason in incident.reasons[:MOST_REASONS]]


def _page_decision(topic: Topic, incident: Incident) -> tuple[bool, str]:
    """Decide whether to page now, and say why or why not."""
    page_from = topic.policy.page_from
    if incident.state == "closed":
        return False, "The incident is over."
    severity = incident.alarm
    if severity is None:
        return False, "The incident pauses: nothing unusual for hours, but the crisis may come back."
    if topic.side == "competitor":
        return False, "Held: this is a competitor's topic."
    if page_from == "never":
        return False, "Held: the topic's policy never pages."
    if SEVERITIES.index(severity) < SEVERITIES.index(page_from):
        return False, f"Held: {severity} is below {page_from}, from which this topic pages."
    return True, f"Paged: {severity} reaches {page_from}, from which this topic pages."
