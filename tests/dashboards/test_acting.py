"""What people do on the war room reaches the service's API, and only if the war room was told where it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.acting import can_act, correct_tone
from dashboards.words import CATALOGUE
from tests.dashboards.listening import Service, listening
from tests.dashboards.test_views import visit

pytestmark = pytest.mark.filterwarnings("ignore:Implicitly cleaning up:ResourceWarning")

SAYS = CATALOGUE["en"]


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    with listening() as server:
        monkeypatch.setenv("BADBUZZ_API", f"{server.address}/")
        yield server


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


def incident_of(story: Path) -> str:
    with sqlite3.connect(story) as store:
        (found,) = store.execute("SELECT id FROM incidents WHERE topic = 'acme'").fetchone()
    store.close()
    return str(found)


def change(story: Path, assignment: str) -> None:
    with sqlite3.connect(story) as store:
        store.execute(f"UPDATE incidents SET {assignment} WHERE topic = 'acme'")
    store.close()


def deeds(page: AppTest) -> list[str]:
    return [button.label for button in page.button if (button.key or "").startswith("deed-")]


def press(page: AppTest, deed: str) -> AppTest:
    return next(one for one in page.button if one.key == f"deed-{deed}").click().run()


def test_nothing_can_be_done_about_an_incident_unless_the_service_is_known(
    story: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BADBUZZ_API", raising=False)
    page = visit(incident=incident_of(story))
    assert deeds(page) == []
    assert SAYS["deeds"] not in [one.value for one in page.subheader]


@pytest.mark.parametrize(("deed", "said"), [("acknowledge", "I have it."), ("dismiss", "It is nothing.")])
def test_whoever_gives_a_name_can_take_an_incident_or_say_that_it_is_nothing(
    deed: str, said: str, service: Service, story: Path
) -> None:
    change(story, "acknowledged_us = NULL")
    page = visit(incident=incident_of(story))
    assert all(button.disabled for button in page.button if (button.key or "").startswith("deed-"))
    page.text_input(key="deed-name").set_value(" Zoé ").run()
    press(page, deed)
    assert not page.exception
    ((path, body, _),) = service.told
    assert path == f"/api/incidents/{incident_of(story)}/{deed}"
    assert body == {"actor": "Zoé", "text": said}
    assert [toast.value for toast in page.toast] == [SAYS["deed_done"]]


def test_a_note_needs_words_and_they_are_said_once(service: Service, story: Path) -> None:
    page = visit(incident=incident_of(story))
    page.text_input(key="deed-name").set_value("Zoé").run()
    assert next(one for one in page.button if one.key == "deed-note").disabled
    page.text_input(key="deed-words").set_value("Called the customer.").run()
    press(page, "note")
    assert service.told[0][1] == {"actor": "Zoé", "text": "Called the customer."}
    assert page.text_input(key="deed-words").value == ""


def test_what_the_service_refuses_is_said_and_the_words_are_kept(service: Service, story: Path) -> None:
    service.status = 404
    page = visit(incident=incident_of(story))
    page.text_input(key="deed-name").set_value("Zoé").run()
    page.text_input(key="deed-words").set_value("Called the customer.").run()
    press(page, "resolve")
    assert [toast.value for toast in page.toast] == ["Not recorded: there are no words of the post"]
    assert page.text_input(key="deed-words").value == "Called the customer."


@pytest.mark.usefixtures("service")
def test_what_was_done_is_not_offered_again(story: Path) -> None:
    change(story, "acknowledged_us = 1, acknowledged_by = 'Zoé'")
    assert deeds(visit(incident=incident_of(story))) == ["Dealt with", "It is nothing", "Write it down"]
    change(story, "state = 'closed', closed_us = updated_us")
    assert deeds(visit(incident=incident_of(story))) == ["It is nothing", "Write it down"]
    change(story, "dismissed_us = 1")
    assert deeds(visit(incident=incident_of(story))) == ["Write it down"]
