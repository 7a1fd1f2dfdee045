"""Why an incident is as severe as it is, over HTTP: three sentences, recomputed from what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Path, Query
from fastapi.params import Depends as Dependency
from pydantic import BaseModel, Field

from monitor.clock import rfc3339
from monitor.incidents import Severity
from monitor.incidents.words import Language
from monitor.queries import Reading
from monitor.queries.explanation import Explained, explanation_of

__all__ = ["ExplanationAnswer", "add_explanation"]

IncidentId = Annotated[str, Path(max_length=200, description="As the list of incidents shows it.")]
Whole = Annotated[bool, Query(description="Recompute all of the incident, not only the hour that decided.")]


class RecomputedAnswer(BaseModel):
    """Whether the stored numbers come out again."""

    identical: bool
    minutes: int
    mentions: int
    verdicts: int
    erased: int = Field(description="Posts whose words were erased since; they stay in the count.")
    differences: list[str] = Field(description="What does not come out again, at most fifty.")


class ChangeAnswer(BaseModel):
    """One thing that would have changed the verdict."""

    kind: str
    facts: dict[str, float] = Field(description="The border at which the severity turns.")
    outcome: Severity | None = Field(description="What would have come of it; null for no incident.")


class ExplanationAnswer(BaseModel):
    """Why an incident is as severe as it is."""

    incident: str
    severity: Severity
    at: str | None = Field(description="When it got that severity.")
    sentences: list[str] = Field(description="What was seen, what drives it, what would have changed it.")
    remarks: list[str] = Field(description="How the recomputation came out.")
    changes: list[ChangeAnswer]
    recomputed: RecomputedAnswer

    @classmethod
    def of(cls, explained: Explained, language: Language) -> ExplanationAnswer:
        """Make the answer of an explanation."""
        explanation, check = explained.explanation, explained.check
        return cls(
            incident=explained.row.incident.id,
            severity=explained.row.incident.severity,
            at=None if explanation is None else rfc3339(explanation.at_us),
            sentences=list(explained.sentences(language)),
            remarks=list(explained.remarks(language)),
            changes=[]
            if explanation is None
            else [
                ChangeAnswer(kind=change.kind, facts=change.facts, outcome=change.outcome)
                for change in explanation.changes
            ],
            recomputed=RecomputedAnswer(
                identical=check.is_identical,
                minutes=check.minutes,
                mentions=check.mentions,
                verdicts=check.verdicts,
                erased=check.erased,
                differences=[f"{rfc3339(one.at_us)} {one.said(language)}" for one in check.differences],
            ),
        )


def add_explanation(
    app: FastAPI, reading: Reading, token: Sequence[Dependency], problems: dict[int | str, dict[str, Any]]
) -> None:
    """Add the endpoint; `problems` describes its answers other than 200."""

    @app.get("/api/incidents/{identifier}/explanation", tags=["read"], dependencies=token, responses=problems)
    def explanation(identifier: IncidentId, language: Language = "en", whole: Whole = False) -> ExplanationAnswer:
        """Why it is as severe as it is: what was seen, what drives it, what would have changed it."""
        with reading.snapshot() as look:
            explained = explanation_of(look, identifier, whole=whole)
        if explained is None:
            raise HTTPException(404, f"there is no incident {identifier!r}; /api/incidents lists them")
        return ExplanationAnswer.of(explained, language)
