"""The read API, what people do through it, its document, and what keeps strangers and browsers out."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema
import pytest
from fastapi.openapi.models import OpenAPI

from monitor.clock import rfc3339
from monitor.incidents import SEVERITIES
from monitor.queries import (
    STATES,
    Reading,
    freshness,
    incident,
    incident_timeline,
    recent_incidents,
    topics_now,
)
from tests.api.served import Served

Serve = Callable[..., Served]

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
TOKEN = "a token only this test knows"
READS = ["/api/topics", "/api/incidents", "/api/incidents/x", "/api/incidents/x/timeline"]
READS += ["/api/incidents/x/explanation", "/api/incidents/x/spread", "/api/incidents/x/graph"]
READS += ["/api/incidents/x/cascades"]
ACTIONS = ["acknowledge", "note", "dismiss", "resolve"]


@pytest.fixture
def opened(crisis: Served) -> str:
    """The id of the incident."""
    (found,) = crisis.get("/api/incidents").json()
    return str(found["id"])


def test_topics_tell_how_each_is_doing_what_burns_first_first(crisis: Served, opened: str) -> None:
    rows = crisis.get("/api/topics").json()
    assert [row["id"] for row in rows] == ["acme", "zen"]
    assert {row["state"] for row in rows} <= set(STATES)
    assert rows[0]["incident"] == opened
    assert rows[1]["incident"] is None
    assert rows[0]["mentions_last_hour"] > rows[1]["mentions_last_hour"]
    assert 0 <= rows[1]["score"] <= rows[0]["score"] <= 1


def test_an_incident_tells_its_reasons_and_evidence(crisis: Served, opened: str) -> None:
    (listed,) = crisis.get("/api/incidents", params={"topic": "acme"}).json()
    assert crisis.get("/api/incidents", params={"topic": "zen"}).json() == []
    found = crisis.get(f"/api/incidents/{opened}").json()
    assert found == listed
    assert found["severity"] in SEVERITIES
    assert found["since"] <= found["opened_at"] <= found["worst_at"] <= found["updated_at"]
    assert all(TIME.fullmatch(found[name]) for name in ("since", "opened_at", "peak_at", "updated_at", "worst_at"))
    assert all(reason["text"] and reason["weight"] >= 0 for reason in found["reasons"])
    assert found["evidence"]
    assert all(name.startswith("x:") for name in found["evidence"])


def test_a_timeline_is_in_order_and_says_who(crisis: Served, opened: str) -> None:
    entries = crisis.get(f"/api/incidents/{opened}/timeline").json()
    assert "opened" in {entry["kind"] for entry in entries if entry["actor"] is None}
    assert [entry["at"] for entry in entries] == sorted(entry["at"] for entry in entries)


@pytest.mark.parametrize("path", READS[2:])
def test_what_is_not_there_is_404(crisis: Served, path: str) -> None:
    answer = crisis.get(path)
    assert answer.status_code == 404
    assert "there is no incident 'x'" in answer.json()["detail"]


@pytest.mark.parametrize("limit", ["0", "501", "many"])
def test_a_wrong_parameter_is_one_sentence(crisis: Served, limit: str) -> None:
    answer = crisis.get("/api/incidents", params={"limit": limit})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("query.limit: ")


@pytest.mark.parametrize("action", ACTIONS)
def test_what_people_do_lands_on_the_timeline_and_in_queries(crisis: Served, opened: str, action: str) -> None:
    answer = crisis.post(f"/api/incidents/{opened}/{action}", json={"actor": "Zoé", "text": f" {action}: vu. "})
    assert answer.status_code == 200
    with Reading(crisis.rig.address).snapshot() as look:
        entry = next(row for row in incident_timeline(look, opened) if row.entry.text == f"{action}: vu.")
        row = incident(look, opened)
        burning = [one.topic.id for one in topics_now(look, freshness(look, crisis.rig.clock.now_us())) if one.incident]
        assert recent_incidents(look, 10) == [row]
    assert entry.actor == "Zoé"
    assert rfc3339(entry.entry.at_us) == answer.json()["at"]
    assert row is not None
    if action in {"acknowledge", "resolve"}:
        assert row.acknowledged_us is not None
    if action == "dismiss":
        assert row.dismissed_us == entry.entry.at_us
    assert burning == ([] if row.dismissed_us else ["acme"])


@pytest.mark.parametrize(
    ("action", "remark"),
    [
        ("note", {"actor": "Zoé"}),
        ("note", {"actor": "Zoé", "text": "   "}),
        ("acknowledge", {"actor": " "}),
        ("acknowledge", {}),
        ("acknowledge", {"actor": "Z" * 81}),
        ("acknowledge", {"actor": "Zoé", "text": "secret" * 400}),
        ("acknowledge", {"actor": "Zoé", "severity": "watch"}),
    ],
)
def test_a_remark_without_a_name_or_words_is_refused(
    crisis: Served, opened: str, action: str, remark: dict[str, Any]
) -> None:
    before = crisis.get(f"/api/incidents/{opened}/timeline").json()
    answer = crisis.post(f"/api/incidents/{opened}/{action}", json=remark)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("body")
    assert "secret" not in answer.text
    assert crisis.get(f"/api/incidents/{opened}/timeline").json() == before


@pytest.mark.parametrize("action", ACTIONS)
def test_nobody_can_act_on_an_incident_that_is_not_there(crisis: Served, action: str) -> None:
    answer = crisis.post(f"/api/incidents/nowhere/{action}", json={"actor": "Zoé", "text": "!"})
    assert answer.status_code == 404


def test_a_store_that_cannot_be_read_is_503_and_the_metrics_stay_up(serve: Serve) -> None:
    served = serve()
    served.rig.store.engine.dispose()
    with served.rig.store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE topics RENAME TO elsewhere")
    answer = served.get("/api/topics")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert served.get("/metrics").status_code == served.get("/healthz").status_code == 200


def test_a_token_opens_the_api_and_nothing_less_does(serve: Serve) -> None:
    served = serve(tokens=(TOKEN.encode(), b"the next one"))
    for token in (TOKEN, "the next one"):
        headers = {"Authorization": f"Bearer {token}"}
        assert served.get("/api/topics", headers=headers).status_code == 200
    for wrong in ("", "Bearer", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer é"):
        headers = {"Authorization": wrong.encode()}  # type: ignore[dict-item]  # bytes, for é
        answers = [served.get(path, headers=headers) for path in READS]
        remark = {"actor": "Zoé", "text": "!"}
        answers += [served.post(f"/api/incidents/x/{action}", json=remark, headers=headers) for action in ACTIONS]
        answers.append(served.post("/api/topics/acme/tone", json={}, headers=headers))
        assert {answer.status_code for answer in answers} == {401}
        assert all(answer.headers["WWW-Authenticate"] == "Bearer" for answer in answers)
    for path in ("/metrics", "/healthz", "/readyz", "/openapi.json"):
        assert served.get(path, headers={"Authorization": ""}).status_code == 200


def test_no_secret_is_in_what_is_answered_or_logged(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    served = serve(tokens=(TOKEN.encode(),), secrets=(b"the signing secret",))
    said = [served.get(path).text for path in (*READS, "/metrics", "/openapi.json", "/nowhere")]
    said += [served.ingest(served.rig.say("1")).text, caplog.text]
    assert not [text for text in said if TOKEN in text or "the signing secret" in text]


def test_an_incident_explains_itself_and_its_numbers_come_out_again(crisis: Served, opened: str) -> None:
    path = f"/api/incidents/{opened}/explanation"
    english, french = (crisis.get(path, params={"language": one, "whole": True}).json() for one in ("en", "fr"))
    assert english["recomputed"]["identical"]
    assert english["recomputed"]["minutes"] == french["recomputed"]["minutes"] > 20
    assert len(english["sentences"]) == len(french["sentences"]) == 3
    assert not set(english["sentences"]) & set(french["sentences"])
    assert crisis.get("/api/incidents/nowhere/explanation").status_code == 404
    assert crisis.get(path, params={"language": "de"}).status_code == 422


def test_how_a_post_sounds_can_be_corrected_and_counts_once(crisis: Served, opened: str) -> None:
    incident = crisis.get(f"/api/incidents/{opened}").json()
    correction = {"actor": "Zoé", "post": incident["evidence"][0], "said": "neutral"}
    path = f"/api/topics/{incident['topic']}/tone"
    assert [crisis.post(path, json=correction).json()["status"] for _ in range(2)] == ["recorded", "known"]
    assert crisis.post(path, json={**correction, "said": "positive"}).json()["status"] == "recorded"
    corrections, forgotten = crisis.rig.store.corrections()
    assert ([one.said for one in corrections], forgotten) == (["neutral", "positive"], 0)


def test_a_correction_that_cannot_be_learned_from_is_refused(crisis: Served, opened: str) -> None:
    topic = crisis.get(f"/api/incidents/{opened}").json()["topic"]
    good = {"actor": "Zoé", "post": "x:nobody", "said": "neutral"}
    wrong = [{**good, "said": "furious"}, {**good, "actor": " "}, {**good, "post": "nobody"}, {**good, "more": 1}]
    before = crisis.rig.store.corrections()
    answers = [crisis.post(f"/api/topics/{topic}/tone", json=one) for one in (good, *wrong)]
    assert [answer.status_code for answer in answers] == [404, 422, 422, 422, 422]
    assert crisis.rig.store.corrections() == before


def test_a_web_page_can_neither_act_nor_be_shown_anything(crisis: Served, opened: str) -> None:
    page = {"Origin": "https://evil.example", "Content-Type": "text/plain"}
    remark = '{"actor":"page","text":"page"}'
    paths = ["/ingest", "/api/topics/acme/tone", *[f"/api/incidents/{opened}/{action}" for action in ACTIONS]]
    assert {crisis.post(path, content=remark, headers=page).status_code for path in paths} == {403}
    assert "page" not in crisis.get(f"/api/incidents/{opened}/timeline").text
    for path in ("/api/topics", "/metrics", "/nowhere", "/openapi.json"):
        headers = crisis.get(path, headers={"Origin": "https://evil.example"}).headers
        assert "access-control-allow-origin" not in headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_no_page_of_ours_loads_anything_from_another_machine(crisis: Served) -> None:
    assert {crisis.get(path).status_code for path in ("/", "/docs", "/redoc", "/docs/oauth2-redirect")} == {404}
    for path in ("/openapi.json", "/metrics"):
        assert "<script" not in crisis.get(path).text


@pytest.fixture(params=[False, True], ids=["open", "with tokens"])
def document(serve: Serve, request: pytest.FixtureRequest) -> dict[str, Any]:
    served = serve(tokens=(b"token",) if request.param else ())
    found: dict[str, Any] = served.get("/openapi.json").json()
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for child in value.values():
            yield from references(child)
    elif isinstance(value, list):
        for child in value:
            yield from references(child)


def test_the_openapi_document_is_valid(document: dict[str, Any]) -> None:
    OpenAPI.model_validate(document)
    assert document["openapi"].startswith("3.1")
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    assert {one.removeprefix("#/components/schemas/") for one in references(document)} == schemas.keys()


def test_the_openapi_document_names_every_route_with_its_answers_and_errors(document: dict[str, Any]) -> None:
    found = dict(operations(document))
    assert found.keys() == {
        *(f"GET {path}" for path in ("/metrics", "/healthz", "/readyz", "/api/topics", "/api/incidents")),
        "GET /api/incidents/{identifier}",
        "GET /api/incidents/{identifier}/cascades",
        "GET /api/incidents/{identifier}/graph",
        "GET /api/incidents/{identifier}/spread",
        "GET /api/incidents/{identifier}/timeline",
        "GET /api/incidents/{identifier}/explanation",
        "POST /ingest",
        "GET /api/topics/{topic}/cascades",
        "GET /api/topics/{topic}/graph",
        "GET /api/topics/{topic}/promises",
        "GET /api/topics/{topic}/spread",
        "POST /api/topics/{topic}/tone",
        *(f"POST /api/incidents/{{identifier}}/{action}" for action in ACTIONS),
    }
    for name, operation in found.items():
        assert operation["description"].strip(), name
        good = operation["responses"]["200"]["content"]
        assert any(content.get("schema", {}) for content in good.values()), name
        errors = {status: answer for status, answer in operation["responses"].items() if status != "200"}
        for status, answer in errors.items():
            schema = answer["content"]["application/json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/Problem"}, (name, status)
        needs_token = bool(operation.get("security"))
        assert needs_token == ("/api/" in name and "securitySchemes" in document["components"]), name
    assert {"401", "413", "422", "503"} <= found["POST /ingest"]["responses"].keys()
    assert "application/x-ndjson" in found["POST /ingest"]["requestBody"]["content"]


def test_answers_are_what_the_document_says(crisis: Served, opened: str) -> None:
    document = crisis.get("/openapi.json").json()
    for name, operation in operations(document):
        method, path = name.split()
        good = operation["responses"]["200"]["content"]
        if method != "GET" or good.keys() != {"application/json"}:
            continue
        schema = good["application/json"]["schema"]
        answer = crisis.get(path.format(identifier=opened, topic="acme")).json()
        jsonschema.Draft202012Validator({**schema, "components": document["components"]}).validate(answer)


def test_prometheus_finds_no_fault_with_the_metrics(crisis: Served) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("not installed: promtool")
    answer = crisis.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    done = subprocess.run([promtool, "check", "metrics"], input=answer.content, capture_output=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, b"")
