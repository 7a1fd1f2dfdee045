"""How posts spread, over HTTP: the cascades of a topic or of an incident, each figure with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Path, Query
from fastapi.params import Depends as Dependency
from pydantic import BaseModel, Field

from monitor.cascades import Cascade, Edges
from monitor.clock import HOUR_US, Clock, rfc3339
from monitor.queries import Reading, freshness, incident, leading_cascades
from monitor.queries import topic as find_topic

__all__ = ["CascadeAnswer", "add_cascades"]

Problems = dict[int | str, dict[str, Any]]

IncidentId = Annotated[str, Path(max_length=200, description="As the list of incidents shows it.")]
TopicId = Annotated[str, Path(max_length=40, description="As the list of topics shows it.")]
Limit = Annotated[
    int, Query(ge=1, le=100, description="At most so many: those moving fastest, then the most reshared.")
]


class Estimate(BaseModel):
    """What is estimated, with its central 80 % interval."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, value: float | None, low: float | None, high: float | None) -> Estimate | None:
        """Make an estimate if there is one."""
        return None if value is None or low is None or high is None else cls(value=value, low=low, high=high)


class ConversationAnswer(BaseModel):
    """The replies below one post that are about the topic; who answers whom is measured."""

    replies: int
    authors: int
    depth: int | None = Field(description="Steps from the post to the farthest reply; none below three replies.")
    breadth: int | None = Field(description="Most replies at one step.")
    structural_virality: float | None = Field(description="2: all answer the post itself; long: they argue.")


class CascadeAnswer(BaseModel):
    """The reshares of one post on one topic, and the conversation below it."""

    root: str = Field(description="network:id of the post that is reshared.")
    started_at: str
    updated_at: str
    size: int = Field(description="Reshares seen.")
    authors: int
    growth_per_hour: int = Field(description="Reshares of the last sixty minutes before updated_at.")
    rate_per_hour: float = Field(description="Over a recent window that suits its age; 0 below ten reshares.")
    doubling_minutes: float | None = Field(description="If that rate holds.")
    reproduction: Estimate | None = Field(description="Further reshares that one brings; none below ten reshares.")
    final_size: Estimate | None = Field(description="Reshares in the end; none below ten reshares.")
    potential_reach: int = Field(description="Followers of everybody who shared: an upper bound.")
    estimated_reach: int = Field(description="Accounts that saw it at least once; how is in the documentation.")
    new_author_share: float | None = Field(description="Share of authors who had never spoken on the topic.")
    edges: Edges | None = Field(description="Whether the network says who passed on whom, or it is inferred.")
    depth: Estimate | None = Field(description="Steps from the root to the farthest reshare.")
    breadth: int | None = Field(description="Most reshares at one step.")
    structural_virality: Estimate | None = Field(description="Mean distance of two posts; 2 is a broadcast.")
    conversation: ConversationAnswer = Field(description="Replies, which count in nothing above.")

    @classmethod
    def of(cls, one: Cascade) -> CascadeAnswer:
        """Make the answer of a cascade."""
        return cls(
            root=f"{one.network}:{one.root_id}",
            started_at=rfc3339(one.started_us),
            updated_at=rfc3339(one.updated_us),
            size=one.size,
            authors=one.authors,
            growth_per_hour=one.growth_per_hour,
            rate_per_hour=one.rate_per_hour,
            doubling_minutes=None if one.doubling_s is None else one.doubling_s / 60,
            reproduction=Estimate.of(one.reproduction, one.reproduction_low, one.reproduction_high),
            final_size=Estimate.of(one.final_size, one.final_low, one.final_high),
            potential_reach=one.potential_reach,
            estimated_reach=one.estimated_reach,
            new_author_share=one.new_author_share,
            edges=one.edges,
            depth=Estimate.of(one.depth, one.depth_low, one.depth_high),
            breadth=one.breadth,
            structural_virality=Estimate.of(one.virality, one.virality_low, one.virality_high),
            conversation=ConversationAnswer(
                replies=one.replies,
                authors=one.repliers,
                depth=one.reply_depth,
                breadth=one.reply_breadth,
                structural_virality=one.reply_virality,
            ),
        )


def add_cascades(
    app: FastAPI, reading: Reading, clock: Clock, token: Sequence[Dependency], no_incident: Problems, no_topic: Problems
) -> None:
    """Add what tells how posts spread; the problems are those of the other reads."""
    options: dict[str, Any] = {"tags": ["read"], "dependencies": token}

    @app.get("/api/incidents/{identifier}/cascades", responses=no_incident, **options)
    def incident_cascades(identifier: IncidentId, limit: Limit = 20) -> list[CascadeAnswer]:
        """List what was reshared from an incident's beginning until two hours after it was last heard of."""
        with reading.snapshot() as look:
            row = incident(look, identifier)
            if row is None:
                raise HTTPException(404, f"there is no incident {identifier!r}; /api/incidents lists them")
            found = row.incident
            rows = leading_cascades(look, found.topic, found.since_us, found.updated_us + 2 * HOUR_US, limit)
        return [CascadeAnswer.of(one.cascade) for one in rows]

    @app.get("/api/topics/{topic}/cascades", responses=no_topic, **options)
    def topic_cascades(
        topic: TopicId, hours: Annotated[int, Query(ge=1, le=744)] = 24, limit: Limit = 20
    ) -> list[CascadeAnswer]:
        """List what was reshared on a topic in the last hours."""
        with reading.snapshot() as look:
            if find_topic(look, topic) is None:
                raise HTTPException(404, f"there is no topic {topic!r}; /api/topics lists them")
            end_us = freshness(look, clock.now_us()).event_time_us + 1
            rows = leading_cascades(look, topic, end_us - hours * HOUR_US, end_us, limit)
        return [CascadeAnswer.of(one.cascade) for one in rows]
