"""What people do on the war room reaches the service's API, and only if the war room was told where it is."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.acting import can_act, correct_tone
from dashboards.words import CATALOGUE
from tests.dashboards.test_views import visit

pytestmark = pytest.mark.filterwarnings("ignore:Implicitly cleaning up:ResourceWarning")

SAYS = CATALOGUE["en"]


class Service(HTTPServer):
    """Writes down what it is told, and answers with one status."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.told: list[tuple[str, dict[str, str], str | None]] = []
        self.status = 200


class Answer(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.told.append((self.path, body, self.headers["Authorization"]))
        answer = json.dumps({"detail": "there are no words of the post"}).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    with Service() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setenv("BADBUZZ_API", f"http://127.0.0.1:{server.server_port}/")
        yield server
        server.shutdown()
        thread.join()


def controls(page: AppTest) -> list[str]:
    return [one.label for one in page.get("button_group") if "How does it sound?" in one.label]


@pytest.mark.usefixtures("story")
def test_without_an_address_nothing_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BADBUZZ_API", raising=False)
    page = visit(topic="acme")
    assert not can_act()
    assert controls(page) == []
    assert SAYS["your_name"] not in [one.label for one in page.text_input]


@pytest.mark.usefixtures("story")
def test_a_person_who_gives_a_name_can_say_how_a_post_sounds(service: Service) -> None:
    page = visit(topic="acme")
    name = next(one for one in page.text_input if one.label == SAYS["your_name"])
    assert controls(page) == []
    name.set_value("Zoé").run()
    control = next(one for one in page.get("button_group") if "How does it sound?" in one.label)
    control.set_value("negative").run()
    assert not page.exception
    ((path, body, _),) = service.told
    assert path == "/api/topics/acme/tone"
    assert (body["actor"], body["said"]) == ("Zoé", "negative")
    assert ":" in body["post"]
    assert [toast.value for toast in page.toast] == [SAYS["tone_learned"]]


@pytest.mark.usefixtures("story")
def test_a_refusal_is_said(service: Service) -> None:
    service.status = 404
    page = visit(topic="acme")
    next(one for one in page.text_input if one.label == SAYS["your_name"]).set_value("Zoé").run()
    next(one for one in page.get("button_group") if "How does it sound?" in one.label).set_value("neutral").run()
    assert [toast.value for toast in page.toast] == ["Not recorded: there are no words of the post"]


def test_the_token_of_the_service_is_sent(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tokens").write_text("the token\n".replace(" ", "-"), "utf-8")
    monkeypatch.setenv("BADBUZZ_API_TOKEN_FILE", str(tmp_path / "tokens"))
    assert correct_tone("acme", "x:1", "negative", "Zoé") is None
    assert service.told[0][2] == "Bearer the-token"


def test_a_service_that_cannot_be_reached_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BADBUZZ_API", "http://127.0.0.1:1")
    assert correct_tone("acme", "x:1", "negative", "Zoé") == "http://127.0.0.1:1: ConnectError"
    monkeypatch.setenv("BADBUZZ_API", "nonsense")
    assert (correct_tone("acme", "x:1", "negative", "Zoé") or "").startswith("nonsense: ")
