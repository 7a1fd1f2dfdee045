from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import dashboards
from dashboards.words import CATALOGUE
from tests.dashboards.conftest import silent_for
from tests.dashboards.story import HOSTILE

# Streamlit's test harness leaves its folder of scripts to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:Implicitly cleaning up:ResourceWarning")

HEADINGS = ("why", "next", "explained", "chart", "timeline", "cascades", "carried", "influences", "evidence")

WAR_ROOM = Path(dashboards.__file__).with_name("war_room.py")


def visit(**query: str) -> AppTest:
    page = AppTest.from_file(str(WAR_ROOM), default_timeout=30)
    page.query_params.update(query)
    page.run()
    assert not page.exception
    return page


def html(page: AppTest) -> str:
    return "\n".join(element.proto.body for element in page.get("html"))


def texts(page: AppTest) -> list[str]:
    return [element.value for element in page.text]


@pytest.mark.usefixtures("story")
def test_now_shows_what_burns_first_with_its_reason_and_what_to_do() -> None:
    page = html(visit())
    assert page.index("Acme Télécom") < page.index("Vélo Plus") < page.index("Banque du Lac")
    assert "402 mentions in 15 minutes" in page
    assert "Call the owner: Service de presse." in page
    assert "Data is " in page


@pytest.mark.usefixtures("story")
def test_everything_can_be_had_in_french() -> None:
    page = html(visit(lang="fr"))
    assert "critique" in page
    assert "402 mentions en 15 minutes" in page
    assert "Appelez le responsable" in page
    assert CATALOGUE["en"]["next"] not in page


def test_now_links_to_what_ended_since_yesterday(story: Path) -> None:
    with sqlite3.connect(story) as writer:
        writer.execute("UPDATE incidents SET state = 'closed', closed_us = updated_us WHERE topic = 'velo'")
    writer.close()
    page = visit()
    assert [heading.value for heading in page.subheader][-1] == CATALOGUE["en"]["closed_lately"]
    last = page.get("html")[-1].proto.body
    assert "Vélo Plus" in last
    assert "incident?incident=velo-" in last
    assert "Acme" not in last


@pytest.mark.usefixtures("story")
def test_a_link_to_a_topic_opens_it() -> None:
    page = visit(topic="acme")
    assert page.subheader[0].value == CATALOGUE["en"]["chart"]
    assert "On demande de l'aide" in " ".join(texts(page))


@pytest.mark.usefixtures("story")
def test_hostile_posts_are_text_elements_with_everything_visible() -> None:
    page = visit(topic="acme")
    shown = texts(page)
    assert HOSTILE[0] in shown
    assert HOSTILE[1] in shown
    assert "acme ⟨U+001B⟩[31mred⟨U+001B⟩[0m ⟨U+202E⟩exe.fdp⟨U+202C⟩ ⟨U+D7FF⟩ end" in shown
    markup = html(page) + "".join(element.value for element in [*page.markdown, *page.caption])
    assert "tracker.invalid" not in markup
    assert "document.title" not in markup


def test_whom_a_post_addresses_is_named_on_no_page(story: Path) -> None:
    with sqlite3.connect(story) as store:
        store.execute("UPDATE mentions SET text = '@maya_2399 @acme ' || text WHERE text IS NOT NULL")
        (incident,) = store.execute("SELECT id FROM incidents WHERE topic = 'acme'").fetchone()
    store.close()
    for query in ({}, {"topic": "acme"}, {"incident": incident}):
        page = visit(**query)
        assert "maya_2399" not in html(page) + " ".join(texts(page))
    assert any(text.startswith("@… @acme ") for text in texts(page))


def test_a_first_post_that_is_not_stored_is_not_told_by_its_authors_name(story: Path) -> None:
    with sqlite3.connect(story) as store:
        root = "https://mastodon.example/users/maya_2399/statuses/114"
        store.execute("UPDATE cascades SET network = 'mastodon', root_id = ?", (root,))
        store.execute("DELETE FROM mentions WHERE key IN (SELECT root FROM cascades)")
    store.close()
    shown = " ".join(texts(visit(topic="acme")))
    assert "Mastodon 114" in shown
    assert "maya_2399" not in shown


def test_two_topics_of_one_name_are_not_taken_for_each_other(story: Path) -> None:
    with sqlite3.connect(story) as store:
        store.execute("UPDATE topics SET body = replace(body, 'Fleurs d''Ici <b>&', 'Acme Télécom')")
    store.close()
    page = visit(topic="acme")
    assert page.selectbox[0].value == "acme"
    assert "Acme Télécom (fleurs)" in page.selectbox[0].options
    assert "On demande de l'aide" in " ".join(texts(page))


def test_among_many_topics_calm_ones_take_one_line_and_the_blind_one_stays_large(story: Path) -> None:
    with sqlite3.connect(story) as store:
        (body,) = store.execute("SELECT body FROM topics WHERE id = 'fleurs'").fetchone()
        many = [(f"t{n}", body.replace('"fleurs"', f'"t{n}"'), True) for n in range(40)]
        store.executemany("INSERT INTO topics (id, body, active) VALUES (?, ?, ?)", many)
        columns = (
            "start_us, mentions, expected, lower, upper, score, measures, verdicts, set_aside, revised, authenticity"
        )
        copied = f"INSERT INTO signals (topic, {columns}) SELECT ?, {columns} FROM signals WHERE topic = 'fleurs'"
        store.executemany(copied, [(f"t{n}",) for n in range(40)])
    store.close()
    page = html(visit())
    assert page.count("<img") == page.count('class="bb-spark"') == 4  # two incidents, one blind, one learning
    assert page.index("Banque du Lac") < page.index("topic=t0&")


@pytest.mark.usefixtures("story")
def test_a_span_can_be_chosen() -> None:
    page = visit(topic="train")
    page.get("button_group")[1].set_value(6).run()
    assert not page.exception
    assert "mentions per 5 min" in html(page)


def test_a_link_to_an_incident_opens_it_reasons_first(story: Path) -> None:
    with sqlite3.connect(story) as store:
        (identifier,) = store.execute("SELECT id FROM incidents WHERE topic = 'acme'").fetchone()
    store.close()
    page = visit(incident=identifier)
    headings = [heading.value for heading in page.subheader]
    assert headings == [CATALOGUE["en"][key] for key in HEADINGS]
    assert "Raised to critical." in html(page)
    assert "looks organic" in html(page)
    assert "12 of them set aside as coordinated" in html(page)
    assert "Posts of the evidence that are no longer stored: 1." in texts(page)


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize("query", [{"incident": "<b>none"}, {"topic": "<b>none"}])
def test_a_dead_link_says_so(query: dict[str, str]) -> None:
    assert any("<b>none" in text for text in texts(visit(**query)))


def test_a_silent_service_is_loud(story: Path) -> None:
    silent_for(story, 420)
    page = visit()
    assert "silent for 7 min: what you see is the past" in page.error[0].value
    assert html(page).count("bb-pill bb-blind") == 6
    assert "last known: critical" in html(page)
    assert html(page).count("bb-pill bb-critical") == 1


def test_without_a_database_the_page_stays_up_and_recovers(story: Path) -> None:
    away = story.with_suffix(".away")
    story.rename(away)
    page = visit()
    assert page.error[0].value == CATALOGUE["en"]["no_store"]
    away.rename(story)
    page.run()
    assert not page.error
    assert "Acme Télécom" in html(page)


def test_a_locked_database_is_waited_for(story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.queries.reading.WAIT_SECONDS", 0.1)
    with sqlite3.connect(story, isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        page = visit()
        assert any("is busy" in text for text in texts(page))
        other.execute("ROLLBACK")
    other.close()


def test_an_unusable_url_is_a_sentence_not_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["war_room.py", "mysql://host/db"])
    assert any("is not supported" in text for text in texts(visit()))


@pytest.mark.usefixtures("story")
def test_the_page_that_explains_names_every_state() -> None:
    for language in ("en", "fr"):
        for state in ("calm", "watch", "warning", "critical", "blind", "learning"):
            assert CATALOGUE[language][f"state_{state}"] in CATALOGUE[language]["about"]
