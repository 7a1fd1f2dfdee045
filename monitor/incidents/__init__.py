"""Verdict -> Incident: unlikely measures collected into one thing a person can understand.

All verdicts on a topic join one incident that opens, escalates, subsides and closes. Everything said about it, and
why, stays on its append-only timeline.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from monitor.crowds.authenticity import Authenticity

__all__ = ["SEVERITIES", "Incident", "IncidentState", "Reason", "Severity", "TimelineEntry"]

Severity = Literal["watch", "warning", "critical"]
IncidentState = Literal["open", "subsiding", "closed"]
SEVERITIES: tuple[Severity, ...] = ("watch", "warning", "critical")


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """One separate reason to worry (or not to), with its numbers.

    Attributes
    ----------
    name
        ``velocity``, ``joint``, ``tone``, ``influence``, ``spread``, ``own_reply`` ...
    text
        The reason as one plain sentence.
    observed, expected, lower, upper
        The numbers behind it, in `unit`; the interval is the central 95 % of what is usual.
    p_value
        How unlikely, where the reason rests on a test.
    weight
        Points it adds to the severity; see :mod:`monitor.incidents.severity`.
    facts
        Everything `text` was made from, so that :mod:`monitor.incidents.words` can say it in another language.
    tests
        Names of the tests that fired, the least likely first: detectors (:mod:`monitor.anomalies`), or tests that are
        not calibrated; see :mod:`monitor.incidents.fired`.
    """

    name: str
    text: str
    observed: float
    expected: float | None = None
    lower: float | None = None
    upper: float | None = None
    unit: str = "mentions"
    p_value: float | None = None
    weight: float = 0.0
    facts: dict[str, float] = {}
    tests: tuple[str, ...] = ()


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """A problem on a topic, from opening to close. Immutable: each change makes a new version.

    Attributes
    ----------
    id
        ``topic-YYYYMMDDTHHMM`` of the minute it opened: the same posts give the same id.
    state
        ``open`` while unlikely minutes keep coming, ``subsiding`` when they stopped, ``closed`` when the topic was
        ordinary for long enough. A crisis that sleeps pauses: it is ``subsiding`` until a day after its last sign.
    severity
        The highest reached.
    opened_us, peak_us, closed_us, updated_us
        Event time. `peak_us` is the start of the busiest minute so far.
    since_us
        When the unusual activity began, which is before it was detected.
    worst_us
        End of the worst minute so far, the latest of equals: what `reasons` speak of.
    reasons
        Most important first, at the worst.
    mentions, authors, peak_mentions
        Mentions and distinct authors since `since_us`; mentions in the busiest minute.
    evidence
        ``network:id`` of the posts that best show it, at most twenty.
    drill
        Made by an exercise, not by the world.
    set_aside
        How many of the mentions are likely coordinated; no severity rests on them.
    authenticity
        Whether the last hour was real or made, as of the last change; ``None`` when nobody looked.
    paused_us
        Since when it pauses, for the outside world is over; ``None`` while it does not.
    resumed_us, resumed
        When it last came back from a pause, and the highest severity since; ``None`` if it never did.
    """

    id: str
    topic: str
    state: IncidentState
    severity: Severity
    opened_us: int
    since_us: int
    peak_us: int
    updated_us: int
    worst_us: int
    closed_us: int | None = None
    reasons: tuple[Reason, ...] = ()
    mentions: int = 0
    authors: int = 0
    peak_mentions: int = 0
    evidence: tuple[str, ...] = ()
    drill: bool = False
    set_aside: int = 0
    authenticity: Authenticity | None = None
    paused_us: int | None = None
    resumed_us: int | None = None
    resumed: Severity | None = None

    @property
    def stage(self) -> Literal["open", "subsiding", "paused", "closed"]:
        """The state, a pause told apart."""
        return self.state if self.state == "closed" or self.paused_us is None else "paused"

    @property
    def alarm(self) -> Severity | None:
        """How bad it is since it opened or came back, for the outside world; ``None`` when it is over or pauses."""
        return None if self.state == "closed" or self.paused_us is not None else self.resumed or self.severity


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an incident's append-only timeline.

    Attributes
    ----------
    sequence
        Position on the incident's timeline, from 0, without holes for what the system writes.
    kind
        ``first_post``, ``opened`` and ``escalated`` (each followed by its reasons, under their names),
        ``own_reply_posted``, ``own_post_answered``, ``influencer``, ``cascade``, ``jump``,
        ``jump_to_press``, ``jump_from_press``, ``peak``, ``moved``, ``settled``, ``subsiding``, ``paused``,
        ``reopened`` (and its reasons, when it had paused), ``closed``; ``coordinated``, ``mixed`` and ``organic`` when
        that is decided or changes; or a person's ``acknowledged``, ``note``, ``dismissed``, ``resolved``.
    text
        One plain sentence; never the text of a post, never a private person's name.
    evidence
        ``network:id`` of posts.
    facts
        Everything `text` was made from, so that :mod:`monitor.incidents.words` can say it in another language.
    """

    incident: str
    sequence: int
    at_us: int
    kind: str
    text: str
    evidence: tuple[str, ...] = ()
    facts: dict[str, float] = {}
