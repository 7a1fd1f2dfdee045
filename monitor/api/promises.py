"""Promised against achieved, over HTTP: what became of a topic's alarm budget, as the topic's page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Path
from fastapi.params import Depends as Dependency
from pydantic import BaseModel, Field

from monitor.clock import DAY_US, Clock, rfc3339
from monitor.incidents import Severity
from monitor.incidents.promise import Rate, Standing
from monitor.queries import Hours, Promise, Reading, freshness, promises
from monitor.queries import topic as find_topic

__all__ = ["PromiseAnswer", "add_promises"]


class RateAnswer(BaseModel):
    """A count, and the rate a month behind it with its exact central 95 % interval."""

    count: int
    per_month: float
    low: float
    high: float

    @classmethod
    def of(cls, rate: Rate) -> RateAnswer:
        """Make the answer of a rate."""
        return cls(count=rate.count, per_month=rate.per_month, low=rate.lower, high=rate.upper)


class PromiseAnswer(BaseModel):
    """What the policy promises of one severity, and what was achieved."""

    severity: Severity
    hours: Hours = Field(description="Whether the promise is of all hours, or of day or night alone.")
    promised_per_month: float = Field(description="False alarms, at most.")
    raised: RateAnswer = Field(description="All alarms, false or not.")
    dismissed: RateAnswer = Field(description="Those that somebody dismissed as false.")
    since: str
    until: str
    standing: Standing
    is_broken: bool = Field(description="More were dismissed than promised, beyond doubt.")

    @classmethod
    def of(cls, one: Promise, end_us: int) -> PromiseAnswer:
        """Make the answer of a promise held up to an instant."""
        kept = one.kept
        return cls(
            severity=one.severity,
            hours=one.hours,
            promised_per_month=kept.promised,
            raised=RateAnswer.of(kept.raised),
            dismissed=RateAnswer.of(kept.dismissed),
            since=rfc3339(end_us - round(kept.days * DAY_US)),
            until=rfc3339(end_us),
            standing=kept.standing,
            is_broken=kept.standing == "broken",
        )


def add_promises(
    app: FastAPI,
    reading: Reading,
    clock: Clock,
    token: Sequence[Dependency],
    no_topic: dict[int | str, dict[str, Any]],
) -> None:
    """Add what tells whether alarm budgets were kept; the problems are those of the other reads."""

    @app.get("/api/topics/{topic}/promises", tags=["read"], dependencies=token, responses=no_topic)
    def topic_promises(
        topic: Annotated[str, Path(max_length=40, description="As the list of topics shows it.")],
    ) -> list[PromiseAnswer]:
        """Hold the alarm budget of a topic against the last three months; empty before it was heard."""
        with reading.snapshot() as look:
            if find_topic(look, topic) is None:
                raise HTTPException(404, f"there is no topic {topic!r}; /api/topics lists them")
            end_us = freshness(look, clock.now_us()).watermark_us
            return [PromiseAnswer.of(one, end_us) for one in promises(look, topic, end_us)]
