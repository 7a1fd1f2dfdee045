"""The HTTP edge: ingest, read API, what people do, /metrics, health."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends, FastAPI, Header, HTTPException, Path, Query, Response
from fastapi.exceptions import RequestValidationError
from fastapi.params import Depends as Dependency
from fastapi.requests import Request as HttpRequest
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from monitor.api.body import RETRY_AFTER_SECONDS, Bodies, busy
from monitor.api.cascades import add_cascades
from monitor.api.explanation import add_explanation
from monitor.api.guard import Guard
from monitor.api.intake import MOST_LINES, Intake, Refused, Request
from monitor.api.promises import add_promises
from monitor.api.shapes import (
    Done,
    Health,
    IncidentAnswer,
    Learned,
    Note,
    Problem,
    Remark,
    Stored,
    TimelineAnswer,
    ToneCorrection,
    TopicAnswer,
)
from monitor.api.spread import add_spread
from monitor.clock import SECOND_US, Clock, SteadyClock
from monitor.desk import Desk
from monitor.errors import InputRefused, StoreError
from monitor.incidents import TimelineEntry
from monitor.queries import Reading, freshness, incident, incident_timeline, recent_incidents, topics_now
from monitor.signatures import HEADER, is_signed

__all__ = ["Edge", "create_app"]

SOURCE_NAME: Final = r"^[a-z0-9_-]{1,40}$"

BEARER: Final = HTTPBearer(auto_error=False, description="A token of `api_token_file`.")

TopicId = Annotated[str, Path(max_length=40, description="As the list of topics shows it.")]

IncidentId = Annotated[str, Path(max_length=200, description="As the list of incidents shows it.")]


@dataclass(frozen=True, slots=True)
class Edge:
    """What the HTTP edge needs of the service.

    Attributes
    ----------
    ingest_secrets
        Any of them may sign a post body; empty means that nobody has to sign (loopback only).
    api_tokens
        Any of them opens the API as bearer token; empty means that it is open (loopback only).
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
    bodies: Bodies
    ingest_secrets: Sequence[bytes] = ()
    api_tokens: Sequence[bytes] = ()


def create_app(edge: Edge, version: str) -> FastAPI:
    """Build the ASGI application.

    Its OpenAPI document is at ``/openapi.json``. The pages FastAPI makes of it load scripts from other machines, so
    there are none.
    """
    app = FastAPI(
        title="badbuzz",
        version=version,
        description="Early warning for brand crises: ingest posts, read topics and incidents, act on them.",
        docs_url=None,
        redoc_url=None,
    )
    app.add_middleware(Guard)
    app.add_exception_handler(RequestValidationError, _say_what_is_wrong)
    app.add_exception_handler(StoreError, _say_that_the_store_is_away)
    _add_operations(app, edge)
    _add_ingest(app, edge)
    _add_reads(app, edge)
    _add_actions(app, edge)
    return app


def _problems(**meanings: str) -> dict[int | str, dict[str, Any]]:
    """Describe the answers other than 200, by status as in ``_404``."""
    return {int(status[1:]): {"model": Problem, "description": meaning} for status, meaning in meanings.items()}


STORE_AWAY: Final = "The store cannot be used now: try again after Retry-After seconds."


async def _say_what_is_wrong(_: HttpRequest, error: Exception) -> Response:
    """Name the first thing that is wrong, without repeating what was sent."""
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    where = ".".join(str(part) for part in faults[0]["loc"]) if faults else "request"
    return JSONResponse({"detail": f"{where}: {faults[0]['msg'] if faults else 'cannot be used'}"}, 422)


async def _say_that_the_store_is_away(_: HttpRequest, error: Exception) -> Response:
    return JSONResponse({"detail": str(error)}, 503, {"Retry-After": RETRY_AFTER_SECONDS})


def _add_operations(app: FastAPI, edge: Edge) -> None:
    # Health is answered on the event loop itself: it must not wait behind slow reads.

    @app.get("/metrics", tags=["operations"], response_class=PlainTextResponse)
    def metrics() -> Response:
        """Everything Prometheus may know."""
        page, content_type = edge.metrics_page()
        return Response(page, media_type=content_type)

    @app.get("/healthz", tags=["operations"], responses=_problems(_503="The worker has stopped."))
    async def healthz() -> Health:
        """The process answers and its worker runs; restart it when this fails."""
        if not edge.is_alive():
            raise HTTPException(503, "the worker has stopped")
        return Health(status="alive")

    @app.get("/readyz", tags=["operations"], responses=_problems(_503="Posts cannot be committed now; it says why."))
    async def readyz() -> Health:
        """Posts can be committed now."""
        if not edge.is_alive():
            raise HTTPException(503, "the worker has stopped")
        if edge.intake.is_closed:
            raise HTTPException(503, "the service is stopping")
        if not edge.intake.is_writable:
            raise HTTPException(503, "the store cannot be written; see the log")
        return Health(status="ready")


def _add_ingest(app: FastAPI, edge: Edge) -> None:
    # Senders whose clocks are right must not be turned away because ours was set wrong meanwhile.
    clocks = (edge.clock, SteadyClock(edge.clock))

    def is_signed_now(signature: str | None, body: bytes) -> bool:
        moments = dict.fromkeys(clock.now_us() // SECOND_US for clock in clocks)
        return any(is_signed(signature, body, edge.ingest_secrets, moment) for moment in moments)

    @app.post(
        "/ingest",
        tags=["ingest"],
        responses=_problems(
            _400="The body broke off.",
            _401="Not signed with a secret we know, or more than five minutes ago.",
            _403="Sent by a web page.",
            _408="The body came too slowly.",
            _413="The body is too large, in bytes or lines: send it in parts.",
            _415="The body is compressed.",
            _422="The name of the source cannot be used.",
            _503="Nothing is known to be stored: wait Retry-After seconds and send the same again.",
        ),
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/x-ndjson": {"schema": {"type": "string"}, "example": EXAMPLE}},
            }
        },
    )
    async def ingest(
        http: HttpRequest,
        signature: Annotated[str | None, Header(alias=HEADER)] = None,
        source: Annotated[str, Header(alias="X-Badbuzz-Source", pattern=SOURCE_NAME)] = "ingest",
    ) -> Stored:
        """Take in posts, one JSON object a line; 200 means that they are committed."""
        if edge.ingest_secrets and signature is None:
            raise HTTPException(401)
        body = await edge.bodies.read(http)
        if edge.ingest_secrets and not is_signed_now(signature, body):
            raise HTTPException(401)
        request = Request(source, body)
        if len(request.records) > MOST_LINES:
            raise HTTPException(413, f"the body has more than {MOST_LINES} lines; send it in parts")
        if not edge.intake.offer(request):
            raise busy(reason="no room now; send the same again")
        try:
            return Stored.of(await asyncio.wrap_future(request.verdict))
        except Refused as error:
            raise busy(reason=str(error)) from None


EXAMPLE: Final = '{"network":"forum","id":"1","published_at":"2026-01-15T21:52:00Z","text":"Acme, really?"}\n'


def _token(edge: Edge) -> list[Dependency]:
    """Return what an endpoint depends on to be open only to those who know a token."""
    if not edge.api_tokens:
        return []

    async def check(given: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]) -> None:
        token = given.credentials.encode() if given is not None else b""
        matches = [hmac.compare_digest(token, known) for known in edge.api_tokens]
        if not any(matches):
            raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})

    return [Depends(check)]


NO_TOKEN: Final = "A bearer token is needed, and this is none."  # noqa: S105 - the sentence, not the token


def _add_reads(app: FastAPI, edge: Edge) -> None:
    token = _token(edge)
    usual = _problems(_401=NO_TOKEN, _503=STORE_AWAY)
    refused = usual | _problems(_422="A parameter has a value it cannot have.")
    missing = refused | _problems(_404="There is no such incident.")

    @app.get("/api/topics", tags=["read"], dependencies=token, responses=usual)
    def topics() -> list[TopicAnswer]:
        """Every topic watched, what burns first first."""
        with edge.reading.snapshot() as look:
            rows = topics_now(look, freshness(look, edge.clock.now_us()))
        return [TopicAnswer.of(row) for row in rows]

    @app.get("/api/incidents", tags=["read"], dependencies=token, responses=refused)
    def incidents(topic: str | None = None, limit: Annotated[int, Query(ge=1, le=500)] = 100) -> list[IncidentAnswer]:
        """The newest incidents, newest first."""
        with edge.reading.snapshot() as look:
            return [IncidentAnswer.of(row) for row in recent_incidents(look, limit, topic)]

    @app.get("/api/incidents/{identifier}", tags=["read"], dependencies=token, responses=missing)
    def one_incident(identifier: IncidentId) -> IncidentAnswer:
        """One incident."""
        with edge.reading.snapshot() as look:
            row = incident(look, identifier)
        if row is None:
            raise _no_incident(identifier)
        return IncidentAnswer.of(row)

    @app.get("/api/incidents/{identifier}/timeline", tags=["read"], dependencies=token, responses=missing)
    def timeline(identifier: IncidentId) -> list[TimelineAnswer]:
        """Everything said about an incident, oldest first."""
        with edge.reading.snapshot() as look:
            if incident(look, identifier) is None:
                raise _no_incident(identifier)
            return [TimelineAnswer.of(row) for row in incident_timeline(look, identifier)]

    no_topic = refused | _problems(_404="There is no such topic.")
    add_spread(app, edge.reading, edge.clock, token, missing, no_topic)
    add_promises(app, edge.reading, edge.clock, token, no_topic)
    add_cascades(app, edge.reading, edge.clock, token, missing, no_topic)
    add_explanation(app, edge.reading, token, missing)


def _no_incident(identifier: str) -> HTTPException:
    return HTTPException(404, f"there is no incident {identifier!r}; /api/incidents lists them")


def _add_actions(app: FastAPI, edge: Edge) -> None:
    token = _token(edge)
    problems = _problems(
        _401=NO_TOKEN,
        _403="Sent by a web page.",
        _404="There is no such incident.",
        _422="The remark cannot be used.",
        _503=STORE_AWAY,
    )

    def act(action: Callable[[str, str, str], TimelineEntry], identifier: str, remark: Remark) -> Done:
        try:
            return Done.of(action(identifier, remark.actor, remark.text))
        except InputRefused as error:
            raise HTTPException(404, str(error)) from None

    @app.post("/api/incidents/{identifier}/acknowledge", tags=["act"], dependencies=token, responses=problems)
    def acknowledge(identifier: IncidentId, remark: Remark) -> Done:
        """Say "I have it"."""
        return act(edge.desk.acknowledge, identifier, remark)

    @app.post("/api/incidents/{identifier}/note", tags=["act"], dependencies=token, responses=problems)
    def note(identifier: IncidentId, remark: Note) -> Done:
        """Write a decision or an observation onto the timeline."""
        return act(edge.desk.note, identifier, remark)

    @app.post("/api/incidents/{identifier}/dismiss", tags=["act"], dependencies=token, responses=problems)
    def dismiss(identifier: IncidentId, remark: Remark) -> Done:
        """Say that this is not a crisis: it leaves the war room, counts as a false alarm, and its page ends."""
        return act(edge.desk.dismiss, identifier, remark)

    @app.post("/api/incidents/{identifier}/resolve", tags=["act"], dependencies=token, responses=problems)
    def resolve(identifier: IncidentId, remark: Remark) -> Done:
        """Say that it is dealt with: its page ends; the incident closes when the topic is ordinary again."""
        return act(edge.desk.resolve, identifier, remark)

    post_problems = problems | _problems(_404="There is no such post on this topic, or its words were erased.")

    @app.post("/api/topics/{topic}/tone", tags=["act"], dependencies=token, responses=post_problems)
    def correct_tone(topic: TopicId, correction: ToneCorrection) -> Learned:
        """Say how a post sounds, for the tone of posts yet to come; of its words only keyed hashes are kept."""
        try:
            is_new = edge.desk.correct_tone(topic, correction.post, correction.said, correction.actor)
        except InputRefused as error:
            raise HTTPException(404, str(error)) from None
        return Learned(status="recorded" if is_new else "known")
