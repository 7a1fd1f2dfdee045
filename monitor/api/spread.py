"""Who carries it, over HTTP: the analysed repost graph, and the graph itself as a file.

Nobody is named but public figures: everybody else is an account with so many followers, or a pseudonym in a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final

from fastapi import FastAPI, HTTPException, Path, Query, Response
from fastapi.params import Depends as Dependency
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from monitor.clock import HOUR_US, Clock, rfc3339
from monitor.crowds.export import MEDIA_TYPES, Format, Who, coarse
from monitor.queries import Reading, Spread, exported_graph, freshness, incident, spread_of
from monitor.queries import topic as find_topic
from monitor.topics import Role

__all__ = ["SpreadAnswer", "add_spread"]

Problems = dict[int | str, dict[str, Any]]

IncidentId = Annotated[str, Path(max_length=200, description="As the list of incidents shows it.")]
TopicId = Annotated[str, Path(max_length=40, description="As the list of topics shows it.")]
FormatName = Annotated[Format, Query(alias="format", description="gexf and graphml open in Gephi.")]

Hours = Annotated[int, Query(ge=1, le=744, description="How far back from the newest post.")]

FILES: Final = {
    media_type: {"schema": {"type": "object" if form == "json" else "string"}}
    for form, media_type in MEDIA_TYPES.items()
}


class AccountAnswer(BaseModel):
    """An account, as far as it may be described."""

    handle: str | None = Field(description="Only of public figures and the brand's own accounts.")
    network: str
    followers: int | None = Field(description="To two digits, but for public figures.")
    verified: bool
    role: Role | None = Field(description="What its profile hints at.")

    @classmethod
    def of(cls, who: Who) -> AccountAnswer:
        """Make the answer of what may be said."""
        is_private = who.handle is None and who.followers is not None
        return cls(
            handle=who.handle,
            network=who.network,
            followers=coarse(who.followers or 0) if is_private else who.followers,
            verified=who.verified,
            role=who.role,
        )


class CommunityAnswer(BaseModel):
    """Accounts that mostly pass on each other."""

    accounts: int
    hashtags: list[str] = Field(description="What its accounts use and others do not.")
    words: list[str]
    leader: AccountAnswer = Field(description="Passed on most within it.")


class BridgeAnswer(BaseModel):
    """An account that joins communities."""

    account: AccountAnswer
    ties_outside: int = Field(description="Accounts it is tied to outside its main community.")


class FirstMoverAnswer(BaseModel):
    """An account that reshared early."""

    account: AccountAnswer
    at: str


class ReachedAnswer(BaseModel):
    """An account through whom others came in."""

    account: AccountAnswer
    directly: int = Field(description="Accounts whose first reshare was of something theirs ...")
    in_all: int = Field(description="... and with those whom these brought.")


class InfluenceAnswer(BaseModel):
    """What an account's next post on this topic would plausibly reach, and what that is made of."""

    account: AccountAnswer
    expected: int = Field(description="People.")
    bounds: tuple[int, int]
    direct: int = Field(description="How many of those expected are its own followers.")
    reposts: float = Field(description="Expected of its next post.")
    repost_bounds: tuple[int, int] = Field(description="Central 80 %.")
    posts: int = Field(description="What it wrote on this topic.")
    h_index: int = Field(description="So many of them were reposted at least so often.")
    communities: int = Field(description="In how many communities it was passed on.")
    hashtag_reach: int = Field(description="People its hashtags reach; not among those expected.")


class SpreadAnswer(BaseModel):
    """The repost graph of an incident or a topic, analysed."""

    accounts: int = Field(description="Accounts that reshared or were reshared.")
    reshares: int
    communities: list[CommunityAnswer] = Field(description="Of three accounts or more, largest first.")
    modularity: float = Field(description="How separate the communities are: 0 is one crowd, above 0.3 clear camps.")
    bridges: list[BridgeAnswer]
    core_accounts: int = Field(description="Accounts of the innermost k-core ...")
    core_number: int = Field(description="... and its k: each is linked to at least so many others of it.")
    passed_on: list[AccountAnswer] = Field(description="Whose words travel, by PageRank.")
    first_movers: list[FirstMoverAnswer]
    reached: list[ReachedAnswer]
    influences: list[InfluenceAnswer] = Field(description="The largest expected exposure first.")
    is_partial: bool = Field(description="There were more mentions than are looked at; the newest were.")

    @classmethod
    def of(cls, found: Spread) -> SpreadAnswer:
        """Make the answer of an analysed span."""
        graph = found.graph

        def who(account: int) -> AccountAnswer:
            return AccountAnswer.of(found.people.get(account, Who()))

        return cls(
            accounts=graph.accounts,
            reshares=graph.reshares,
            communities=[
                CommunityAnswer(
                    accounts=len(part.accounts),
                    hashtags=list(name.hashtags),
                    words=list(name.words),
                    leader=who(part.leader),
                )
                for part, name in zip(graph.communities, found.names, strict=True)
            ],
            modularity=graph.modularity,
            bridges=[BridgeAnswer(account=who(one.account), ties_outside=int(one.value)) for one in graph.bridges],
            core_accounts=len(graph.core),
            core_number=graph.core_number,
            passed_on=[who(one.account) for one in graph.passed_on],
            first_movers=[
                FirstMoverAnswer(account=who(one.account), at=rfc3339(int(one.value))) for one in graph.first_movers
            ],
            reached=[
                ReachedAnswer(account=who(one.account), directly=one.directly, in_all=one.in_all)
                for one in graph.reached
            ],
            influences=[
                InfluenceAnswer(
                    account=who(one.account),
                    expected=round(one.expected),
                    bounds=(round(one.lower), round(one.upper)),
                    direct=round(one.direct),
                    reposts=one.reposts,
                    repost_bounds=one.repost_bounds,
                    posts=one.posts,
                    h_index=one.h_index,
                    communities=one.communities,
                    hashtag_reach=round(one.hashtag_reach),
                )
                for one in found.influences
            ],
            is_partial=found.is_partial,
        )


def add_spread(
    app: FastAPI, reading: Reading, clock: Clock, token: Sequence[Dependency], no_incident: Problems, no_topic: Problems
) -> None:
    """Add what tells who carries an incident or a topic; the problems are those of the other reads."""
    options: dict[str, Any] = {"tags": ["read"], "dependencies": token}
    as_file: dict[int | str, dict[str, Any]] = {200: {"description": "The graph.", "content": FILES}}

    @app.get("/api/incidents/{identifier}/spread", responses=no_incident, **options)
    def spread(identifier: IncidentId) -> SpreadAnswer:
        """Who carries an incident: its repost graph, analysed."""
        with reading.snapshot() as look:
            row = incident(look, identifier)
            if row is None:
                raise _no_incident(identifier)
            return SpreadAnswer.of(spread_of(look, row.incident.topic, row.incident.since_us, row.incident.updated_us))

    @app.get("/api/incidents/{identifier}/graph", response_class=Response, responses=as_file | no_incident, **options)
    def incident_graph(identifier: IncidentId, form: FormatName = "gexf") -> Response:
        """Download the repost graph of an incident; accounts are pseudonyms unless public figures."""
        with reading.snapshot() as look:
            row = incident(look, identifier)
            if row is None:
                raise _no_incident(identifier)
            found = row.incident
            content = exported_graph(look, found.topic, found.since_us, found.updated_us, form)
        return _file(content, found.id, form)

    def last_hours(look: Connection, topic: str, hours: int) -> tuple[int, int]:
        if find_topic(look, topic) is None:
            raise _no_topic(topic)
        end_us = freshness(look, clock.now_us()).event_time_us + 1
        return end_us - hours * HOUR_US, end_us

    @app.get("/api/topics/{topic}/spread", responses=no_topic, **options)
    def topic_spread(topic: TopicId, hours: Hours = 24) -> SpreadAnswer:
        """Tell who carried a topic in its last hours: its repost graph, analysed."""
        with reading.snapshot() as look:
            return SpreadAnswer.of(spread_of(look, topic, *last_hours(look, topic, hours)))

    @app.get("/api/topics/{topic}/graph", response_class=Response, responses=as_file | no_topic, **options)
    def topic_graph(topic: TopicId, form: FormatName = "gexf", hours: Hours = 24) -> Response:
        """Download the repost graph of a topic's last hours; accounts are pseudonyms unless public figures."""
        with reading.snapshot() as look:
            content = exported_graph(look, topic, *last_hours(look, topic, hours), form)
        return _file(content, topic, form)


def _no_incident(identifier: str) -> HTTPException:
    return HTTPException(404, f"there is no incident {identifier!r}; /api/incidents lists them")


def _no_topic(identifier: str) -> HTTPException:
    return HTTPException(404, f"there is no topic {identifier!r}; /api/topics lists them")


def _file(content: bytes, name: str, form: Format) -> Response:
    disposition = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return Response(content, media_type=MEDIA_TYPES[form], headers=disposition)
