"""The HTTP edge: ingest, read API, what people do, /metrics, health."""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, FastAPI, Header, HTTPException, Query, Response
from fastapi.requests import Request as HttpRequest
from fastapi.responses import PlainTextResponse
from sqlalchemy import Connection

from monitor.api.intake import Intake, Refused, Request
from monitor.api.shapes import IncidentAnswer, MalformedAnswer, Remark, Stored, TimelineAnswer, TopicAnswer
from monitor.signatures import HEADER, is_signed
from monitor.clock import SECOND_US, Clock, rfc3339
from monitor.desk import Desk
from monitor.errors import InputRefused, StoreError
from monitor.incidents import TimelineEntry
from monitor.queries import Reading, freshness, incident, incident_timeline, recent_incidents, topics_now

__all__ = ["Edge", "create_app"]

RETRY_AFTER_SECONDS: Final = "2"
SOURCE_NAME: Final = re.compile(r"[a-z0-9_-]{1,40}")


@dataclass(frozen=True, slots=True)
class Edge:
    """What the HTTP edge needs of the service.

    Attributes
    ----------
    ingest_secrets
        Any of them may sign a post body; empty means that nobody has to sign (loopback only).
    api_token
        Bearer token of the API; ``None`` means open (loopback only).
    metrics_page
        Returns the page of metrics and its content type.
    is_alive
        Whether the worker is running.
    """

    intake: Intake
    reading: Reading
    desk: Desk
    clock: Clock
    metrics_page: Callable[[], tuple[bytes, str]]
    is_alive: Callable[[], bool]
    body_bytes: int
    ingest_secrets: Sequence[bytes] = ()
    api_token: bytes | None = None


def create_app(edge: Edge, version: str) -> FastAPI:
    """Build the ASGI application."""
    app = FastAPI(
        title="badbuzz",
        version=version,
        description="Early warning for brand crises: ingest posts, read topics and incidents, act on them.",
    )
    _add_operations(app, edge)
    _add_ingest(app, edge)
    _add_reads(app, edge)
    _add_actions(app, edge)
    return app


def _add_operations(app: FastAPI, edge: Edge) -> None:
    @app.get("/metrics", tags=["operations"], response_class=PlainTextResponse)
    def metrics() -> Response:
        """Everything Prometheus may know."""
        page, content_type = edge.metrics_page()
        return Response(page, media_type=content_type)

    @app.get("/healthz", tags=["operations"])
    def healthz() -> dict[str, str]:
        """The process answers and its worker runs; restart it when this fails."""
        if not edge.is_alive():
            raise HTTPException(503, "the worker has stopped")
        return {"status": "alive"}

    @app.get("/readyz", tags=["operations"])
    def readyz() -> dict[str, str]:
        """Posts can be committed now."""
        if not edge.is_alive():
            raise HTTPException(503, "the worker has stopped")
        if not edge.intake.is_writable:
            raise HTTPException(503, "the store cannot be written; see the log")
        return {"status": "ready"}


def _add_ingest(app: FastAPI, edge: Edge) -> None:
    @app.post(
        "/ingest",
        tags=["ingest"],
        response_model=Stored,
        responses={
            401: {"description": "Not signed, or too long ago."},
            413: {"description": "Body too large."},
            503: {"description": "No room or no disk: wait Retry-After seconds and send the same again."},
        },
        openapi_extra={"requestBody": {"required": True, "content": {"application/x-ndjson": {}}}},
    )
    async def ingest(
        http: HttpRequest,
        signature: Annotated[str | None, Header(alias=HEADER)] = None,
        source: Annotated[str, Header(alias="X-Badbuzz-Source")] = "ingest",
    ) -> Stored:
        """Take in posts, one JSON object a line; 200 means that they are committed."""
        if not SOURCE_NAME.fullmatch(source):
            raise HTTPException(422, "X-Badbuzz-Source must be 1 to 40 of a-z, 0-9, _ and -")
        body = await _read_body(http, edge.body_bytes)
        now = edge.clock.now_us() // SECOND_US
        if edge.ingest_secrets and not is_signed(signature, body, edge.ingest_secrets, now):
            raise HTTPException(401)
        request = Request(source, body)
        if not edge.intake.offer(request):
            raise HTTPException(503, "no room now; send the same again", {"Retry-After": RETRY_AFTER_SECONDS})
        try:
            verdict = await asyncio.wrap_future(request.verdict)
        except Refused as error:
            raise HTTPException(503, str(error), {"Retry-After": RETRY_AFTER_SECONDS}) from None
        return Stored(
            read=verdict.read,
            accepted=verdict.accepted,
            malformed_count=verdict.malformed_count,
            malformed=[
                MalformedAnswer(record=bad.record, reason=bad.reason, detail=bad.detail) for bad in verdict.malformed
            ],
        )


async def _read_body(http: HttpRequest, most_bytes: int) -> bytes:
    """Read the body, giving up as soon as it is too large: before any signature is computed over it."""
    chunks = []
    size = 0
    async for chunk in http.stream():
        size += len(chunk)
        if size > most_bytes:
            raise HTTPException(413, f"the body is larger than {most_bytes} bytes; send it in parts")
        chunks.append(chunk)
    return b"".join(chunks)


def _authorised(edge: Edge) -> Callable[[str | None], None]:
    def check(authorization: Annotated[str | None, Header()] = None) -> None:
        if edge.api_token is None:
            return
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(token.encode(), edge.api_token):
            raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})

    return check


def _add_reads(app: FastAPI, edge: Edge) -> None:
    needs_token = [Depends(_authorised(edge))]

    @app.get("/api/topics", tags=["read"], dependencies=needs_token)
    def topics() -> list[TopicAnswer]:
        """Every topic watched, what burns first first."""
        with _look(edge) as look:
            rows = topics_now(look, freshness(look, edge.clock.now_us()))
        return [TopicAnswer.of(row) for row in rows]

    @app.get("/api/incidents", tags=["read"], dependencies=needs_token)
    def incidents(topic: str | None = None, limit: Annotated[int, Query(ge=1, le=500)] = 100) -> list[IncidentAnswer]:
        """The newest incidents, newest first."""
        with _look(edge) as look:
            return [IncidentAnswer.of(row) for row in recent_incidents(look, limit, topic)]

    @app.get("/api/incidents/{identifier}", tags=["read"], dependencies=needs_token)
    def one_incident(identifier: str) -> IncidentAnswer:
        """One incident."""
        with _look(edge) as look:
            row = incident(look, identifier)
        if row is None:
            raise HTTPException(404, f"there is no incident {identifier!r}")
        return IncidentAnswer.of(row)

    @app.get("/api/incidents/{identifier}/timeline", tags=["read"], dependencies=needs_token)
    def timeline(identifier: str) -> list[TimelineAnswer]:
        """Everything said about an incident, oldest first."""
        with _look(edge) as look:
            return [TimelineAnswer.of(row) for row in incident_timeline(look, identifier)]


def _add_actions(app: FastAPI, edge: Edge) -> None:
    needs_token = [Depends(_authorised(edge))]

    def act(action: Callable[[str, str, str], TimelineEntry], identifier: str, remark: Remark) -> dict[str, str]:
        try:
            entry = action(identifier, remark.actor, remark.text)
        except InputRefused as error:
            raise HTTPException(404, str(error)) from None
        except StoreError as error:
            raise HTTPException(503, str(error), {"Retry-After": RETRY_AFTER_SECONDS}) from None
        return {"status": "recorded", "at": rfc3339(entry.at_us)}

    @app.post("/api/incidents/{identifier}/acknowledge", tags=["act"], dependencies=needs_token)
    def acknowledge(identifier: str, remark: Remark) -> dict[str, str]:
        """Say "I have it"."""
        return act(edge.desk.acknowledge, identifier, remark)

    @app.post("/api/incidents/{identifier}/note", tags=["act"], dependencies=needs_token)
    def note(identifier: str, remark: Remark) -> dict[str, str]:
        """Write a decision or an observation onto the timeline."""
        return act(edge.desk.note, identifier, remark)

    @app.post("/api/incidents/{identifier}/dismiss", tags=["act"], dependencies=needs_token)
    def dismiss(identifier: str, remark: Remark) -> dict[str, str]:
        """Say that this is not a crisis; it leaves the war room and counts as a false alarm."""
        return act(edge.desk.dismiss, identifier, remark)

    @app.post("/api/incidents/{identifier}/resolve", tags=["act"], dependencies=needs_token)
    def resolve(identifier: str, remark: Remark) -> dict[str, str]:
        """Say that it is dealt with; the incident still closes when the topic is ordinary again."""
        return act(edge.desk.resolve, identifier, remark)


@contextmanager
def _look(edge: Edge) -> Iterator[Connection]:
    """Open one consistent look at the store, or answer 503."""
    try:
        with edge.reading.snapshot() as connection:
            yield connection
    except StoreError as error:
        raise HTTPException(503, str(error), {"Retry-After": RETRY_AFTER_SECONDS}) from None
