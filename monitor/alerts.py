"""Incident -> Alert: what the outside world is told, whether to page, and why."""

from __future__ import annotations

from typing import Literal

import msgspec

from monitor.incidents import Severity

__all__ = ["Alert"]


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
        When the incident opened, and closed.
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
