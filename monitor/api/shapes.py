"""What the read API answers, for its OpenAPI document. Times are RFC 3339 in UTC."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from monitor.api.intake import Verdict
from monitor.clock import rfc3339
from monitor.crowds.authenticity import Authenticity, AuthenticityVerdict
from monitor.incidents import IncidentState, Severity, TimelineEntry
from monitor.queries import IncidentRow, StateWord, TimelineRow, TopicNow
from monitor.tone import Said

__all__ = [
    "Done",
    "Health",
    "IncidentAnswer",
    "Learned",
    "MalformedAnswer",
    "Note",
    "Problem",
    "ReasonAnswer",
    "Remark",
    "Stored",
    "TimelineAnswer",
    "ToneCorrection",
    "TopicAnswer",
]


class Problem(BaseModel):
    """Why something could not be done."""

    detail: str = Field(description="One plain sentence.")


class Health(BaseModel):
    """All is well."""

    status: Literal["alive", "ready"]


class MalformedAnswer(BaseModel):
    """A line of the request that could not be used."""

    record: int = Field(description="Its number among the lines that hold something, from 1.")
    reason: str = Field(description="One of a closed set of words, such as not_json.")
    detail: str = Field(description="What is wrong and what to do; never the text of the post.")


class Stored(BaseModel):
    """Everything that could be used is committed."""

    read: int = Field(description="Lines that held something.")
    accepted: int = Field(description="Posts and notices taken in; duplicates among them change nothing.")
    malformed_count: int = Field(description="Lines that could not be used.")
    malformed: list[MalformedAnswer] = Field(description="The first twenty of them.")

    @classmethod
    def of(cls, verdict: Verdict) -> Stored:
        """Make the answer of a verdict."""
        return cls(
            read=verdict.read,
            accepted=verdict.accepted,
            malformed_count=verdict.malformed_count,
            malformed=[
                MalformedAnswer(record=bad.record, reason=bad.reason, detail=bad.detail) for bad in verdict.malformed
            ],
        )


class ReasonAnswer(BaseModel):
    """One reason of an incident."""

    name: str
    text: str
    observed: float
    expected: float | None
    lower: float | None
    upper: float | None
    unit: str
    p_value: float | None
    weight: float
    tests: tuple[str, ...] = Field(
        description="Stable names of the tests that fired, the least likely first; monitor.incidents.fired lists them."
    )


class AuthenticityAnswer(BaseModel):
    """Whether the last hour's mentions are real or made, as of the incident's last change."""

    verdict: AuthenticityVerdict
    mentions: int
    made: int
    set_aside: int
    accounts: int
    texts: int
    roots: int
    median_followers: float | None
    opened_together: float | None

    @classmethod
    def of(cls, found: Authenticity) -> AuthenticityAnswer:
        """Make the answer of a finding."""
        return cls(
            verdict=found.verdict,
            mentions=found.mentions,
            made=found.made,
            set_aside=found.suspected,
            accounts=found.accounts,
            texts=found.texts,
            roots=found.roots,
            median_followers=found.median_followers,
            opened_together=found.opened_together,
        )


class IncidentAnswer(BaseModel):
    """An incident, newest version."""

    id: str
    topic: str
    state: IncidentState
    severity: Severity
    since: str
    opened_at: str
    peak_at: str
    updated_at: str
    worst_at: str
    paused_at: str | None = Field(description="Since when it is quiet, and kept open because crises sleep at night.")
    resumed_at: str | None = Field(description="When it last came back from a pause.")
    alarm: Severity | None = Field(description="How bad it is now; none while it pauses, or once it is closed.")
    closed_at: str | None
    acknowledged_at: str | None
    dismissed_at: str | None
    mentions: int
    authors: int
    peak_mentions: int
    set_aside: int
    authenticity: AuthenticityAnswer | None
    reasons: list[ReasonAnswer]
    evidence: list[str]

    @classmethod
    def of(cls, row: IncidentRow) -> IncidentAnswer:
        """Make the answer of a row."""
        incident = row.incident
        return cls(
            id=incident.id,
            topic=incident.topic,
            state=incident.state,
            severity=incident.severity,
            since=rfc3339(incident.since_us),
            opened_at=rfc3339(incident.opened_us),
            peak_at=rfc3339(incident.peak_us),
            updated_at=rfc3339(incident.updated_us),
            worst_at=rfc3339(incident.worst_us),
            paused_at=_moment(incident.paused_us),
            resumed_at=_moment(incident.resumed_us),
            alarm=incident.alarm,
            closed_at=_moment(incident.closed_us),
            acknowledged_at=_moment(row.acknowledged_us),
            dismissed_at=_moment(row.dismissed_us),
            mentions=incident.mentions,
            authors=incident.authors,
            peak_mentions=incident.peak_mentions,
            set_aside=incident.set_aside,
            authenticity=None if incident.authenticity is None else AuthenticityAnswer.of(incident.authenticity),
            reasons=[
                ReasonAnswer(
                    name=reason.name,
                    text=reason.text,
                    observed=reason.observed,
                    expected=reason.expected,
                    lower=reason.lower,
                    upper=reason.upper,
                    unit=reason.unit,
                    p_value=reason.p_value,
                    weight=reason.weight,
                    tests=reason.tests,
                )
                for reason in incident.reasons
            ],
            evidence=list(incident.evidence),
        )


class TimelineAnswer(BaseModel):
    """One line of an incident's timeline."""

    at: str
    recorded_at: str
    kind: str
    text: str
    actor: str | None
    evidence: list[str]

    @classmethod
    def of(cls, row: TimelineRow) -> TimelineAnswer:
        """Make the answer of a row."""
        return cls(
            at=rfc3339(row.entry.at_us),
            recorded_at=rfc3339(row.recorded_us),
            kind=row.entry.kind,
            text=row.entry.text,
            actor=row.actor,
            evidence=list(row.entry.evidence),
        )


class TopicAnswer(BaseModel):
    """How a topic is doing now."""

    id: str
    name: str
    side: Literal["ours", "competitor"]
    state: StateWord
    since: str | None
    mentions_last_hour: int
    usual_last_hour: tuple[float, float] | None = Field(description="Central 95 % of what is usual.")
    score: float
    incident: str | None

    @classmethod
    def of(cls, row: TopicNow) -> TopicAnswer:
        """Make the answer of a row."""
        return cls(
            id=row.topic.id,
            name=row.topic.name,
            side=row.topic.side,
            state=row.state,
            since=_moment(row.since_us),
            mentions_last_hour=row.mentions,
            usual_last_hour=(row.usual.lower, row.usual.upper) if row.usual else None,
            score=row.score,
            incident=row.incident.incident.id if row.incident else None,
        )


class Remark(BaseModel):
    """What a person says or does about an incident."""

    model_config = {"extra": "forbid", "str_strip_whitespace": True}

    actor: str = Field(min_length=1, max_length=80, description="Who; shown on the timeline.")
    text: str = Field(default="", max_length=2_000, description="Why, or what was decided.")


class Note(Remark):
    """What a person writes onto the timeline."""

    text: str = Field(min_length=1, max_length=2_000, description="The decision or observation.")


class ToneCorrection(BaseModel):
    """What a person says of how a post sounds."""

    model_config = {"extra": "forbid", "str_strip_whitespace": True}

    actor: str = Field(min_length=1, max_length=80, description="Who; kept beside the correction.")
    post: str = Field(min_length=3, max_length=400, pattern=":", description="network:id, as evidence names it.")
    said: Said = Field(description="How it sounds to this person, about the topic.")


class Learned(BaseModel):
    """It will be learned from."""

    status: Literal["recorded", "known"] = Field(description="known: the same person had said so before.")


class Done(BaseModel):
    """It is on the timeline."""

    status: Literal["recorded"] = "recorded"
    at: str = Field(description="Where on the timeline.")

    @classmethod
    def of(cls, entry: TimelineEntry) -> Done:
        """Make the answer of a new entry."""
        return cls(at=rfc3339(entry.at_us))


def _moment(instant_us: int | None) -> str | None:
    return None if instant_us is None else rfc3339(instant_us)
