from __future__ import annotations

import sqlite3
from pathlib import Path

import networkx as nx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import WarRoom
from tests.dashboards.conftest import silent_for
from tests.dashboards.story import HOSTILE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


both_widths = pytest.mark.parametrize("width", [1440, 390], ids=["desk", "phone"])


def change(war_room: WarRoom, statement: str, *values: object) -> None:
    with sqlite3.connect(war_room.store) as store:
        store.execute(statement, values)
    store.close()


def identifier(war_room: WarRoom) -> str:
    with sqlite3.connect(war_room.store) as store:
        (found,) = store.execute("SELECT id FROM incidents WHERE topic = 'acme'").fetchone()
    store.close()
    return str(found)


def fits(page: Page) -> bool:
    """Nothing sticks out to the side."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@both_widths
def test_now_shows_the_fire_first_and_asks_nobody_else(page: Page, war_room: WarRoom) -> None:
    page.goto(war_room.address)
    strips = page.locator(".bb-strip")
    expect(strips).to_have_count(6)
    expect(strips.first).to_contain_text("critical")
    expect(strips.first).to_contain_text("Acme Télécom")
    expect(strips.first).to_contain_text("Call the owner: Service de presse.")
    expect(strips.last).to_contain_text("calm")
    expect(strips.first.locator("img")).to_be_visible()
    assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0)")
    assert fits(page)
    assert (war_room.errors, war_room.outside) == ([], [])


@both_widths
def test_the_first_screen_tells_what_and_what_next_without_scrolling(page: Page, war_room: WarRoom) -> None:
    page.goto(war_room.address)
    step = page.locator(".bb-strip").first.locator("li").first
    expect(step).to_be_visible()
    box = step.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 844


@both_widths
def test_an_incident_tells_why_and_what_next_without_scrolling(page: Page, war_room: WarRoom) -> None:
    page.goto(f"{war_room.address}/?incident={identifier(war_room)}")
    for first in (page.locator(".bb-reasons li").first, page.locator(".bb-next li").first):
        expect(first).to_be_visible()
        box = first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < 844


@both_widths
@pytest.mark.parametrize("link", ["/?topic=acme", "/topic?topic=acme"])
def test_a_link_to_a_topic_opens_it(page: Page, war_room: WarRoom, link: str) -> None:
    page.goto(war_room.address + link)
    expect(page.get_by_text("How loud")).to_be_visible()
    expect(page.get_by_text("What spreads")).to_be_visible()
    expect(
        page.locator("[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg").first
    ).to_be_visible()
    assert fits(page)
    assert (war_room.errors, war_room.outside) == ([], [])


@both_widths
def test_a_link_to_an_incident_opens_it_reasons_first(page: Page, war_room: WarRoom) -> None:
    page.goto(f"{war_room.address}/?incident={identifier(war_room)}")
    expect(page.get_by_text("Raised to critical.")).to_be_visible()
    headings = page.locator("h3").all_inner_texts()
    assert headings[:2] == ["Why we think so", "What to do next"]
    assert fits(page)
    assert (war_room.errors, war_room.outside) == ([], [])


@both_widths
def test_who_carries_an_incident_is_told_and_can_be_taken_away(page: Page, war_room: WarRoom, tmp_path: Path) -> None:
    page.goto(f"{war_room.address}/?incident={identifier(war_room)}")
    expect(page.get_by_text("Whose next post would reach most")).to_be_visible()
    expect(page.get_by_text("Who joins communities")).to_be_visible()
    expect(page.locator(".bb-lists li").filter(has_text="@lea_au_micro").first).to_be_visible()
    expect(page.locator(".bb-lists li").filter(has_text="an account with").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_text("The graph, for Gephi").click()
    download.value.save_as(tmp_path / "graph.gexf")
    graph = nx.read_gexf(tmp_path / "graph.gexf")
    assert len(graph) > 100
    assert {node["label"] for _, node in graph.nodes(data=True) if node["public"]} == {
        "@acme",
        "@lea_au_micro",
        "@gazette_du_port",
    }
    assert fits(page)
    assert (war_room.errors, war_room.outside) == ([], [])


def test_a_strip_leads_to_its_incident_and_back_to_the_topic(page: Page, war_room: WarRoom) -> None:
    page.goto(war_room.address)
    page.locator(".bb-strip").first.click()
    expect(page.get_by_text("Why we think so")).to_be_visible()
    page.get_by_text("Topic page").click()
    expect(page.get_by_text("Who matters")).to_be_visible()
    assert war_room.errors == []


@both_widths
def test_somebody_says_that_it_is_nothing_and_the_page_keeps_its_looks(page: Page, war_room: WarRoom) -> None:
    page.goto(f"{war_room.address}/incident?incident={identifier(war_room)}")
    button = page.get_by_role("button", name="It is nothing")
    expect(button).to_be_disabled()
    name = page.get_by_label("Your name", exact=True)
    name.fill("Zoé")
    name.press("Tab")
    expect(button).to_be_enabled()
    pill = page.locator(".bb-pill").first
    looks = pill.evaluate("node => getComputedStyle(node).backgroundColor")
    button.click()
    expect(page.get_by_text("It is on the timeline.")).to_be_visible()
    ((path, body, _),) = war_room.service.told
    assert path == f"/api/incidents/{identifier(war_room)}/dismiss"
    assert body == {"actor": "Zoé", "text": "It is nothing."}
    assert looks == pill.evaluate("node => getComputedStyle(node).backgroundColor") != "rgba(0, 0, 0, 0)"
    assert fits(page)
    assert (war_room.errors, war_room.outside) == ([], [])


def test_what_is_committed_appears_by_itself(page: Page, war_room: WarRoom) -> None:
    page.goto(war_room.address)
    expect(page.locator(".bb-strip").first).to_contain_text("nobody has acknowledged it yet")
    change(war_room, "UPDATE incidents SET acknowledged_us = opened_us, acknowledged_by = 'Lou' WHERE topic = 'acme'")
    expect(page.locator(".bb-strip").first).to_contain_text("Lou has it since")


def test_the_page_outlives_its_database(page: Page, war_room: WarRoom) -> None:
    page.goto(war_room.address)
    expect(page.locator(".bb-strip")).to_have_count(6)
    away = war_room.store.with_suffix(".away")
    war_room.store.rename(away)
    expect(page.get_by_text("The war room cannot read its data right now.")).to_be_visible()
    expect(page.locator(".bb-strip")).to_have_count(0)
    away.rename(war_room.store)
    expect(page.locator(".bb-strip")).to_have_count(6)
    assert war_room.errors == []


def test_a_silent_service_is_said_loudly(page: Page, war_room: WarRoom) -> None:
    silent_for(war_room.store, 420)
    page.goto(war_room.address)
    expect(page.get_by_text("silent for 7 min: what you see is the past")).to_be_visible()
    expect(page.locator(".bb-strip").first).to_contain_text("last known: critical")


def test_hostile_posts_are_inert(page: Page, war_room: WarRoom) -> None:
    page.goto(f"{war_room.address}/topic?topic=acme")
    expect(page.get_by_text(HOSTILE[0], exact=True)).to_be_visible()
    expect(page.get_by_text(HOSTILE[1], exact=True)).to_be_visible()
    expect(page.get_by_text("acme ⟨U+001B⟩[31mred⟨U+001B⟩[0m ⟨U+202E⟩exe.fdp", exact=False).first).to_be_visible()
    assert page.title() != "owned"
    assert page.locator("a[href^='javascript:'], img[src^='http']").count() == 0
    assert page.evaluate("!document.body.innerHTML.includes('\\u202e')")
    assert (war_room.errors, war_room.outside) == ([], [])


def test_the_language_is_one_tap_away(page: Page, war_room: WarRoom) -> None:
    page.goto(war_room.address)
    page.get_by_role("radio", name="FR").or_(page.get_by_text("FR", exact=True)).first.click()
    expect(page.locator(".bb-strip").first).to_contain_text("critique")
    expect(page.locator(".bb-strip").first).to_contain_text("Appelez le responsable")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_can_be_read_on_light_and_dark(page: Page, war_room: WarRoom, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(war_room.address)
    expect(page.locator(".bb-strip").first).to_be_visible()
    backdrop = page.locator("[data-testid=stApp]").evaluate("node => getComputedStyle(node).backgroundColor")
    ink = page.locator(".bb-why").first.evaluate("node => getComputedStyle(node).color")
    # WCAG 2.2, 1.4.3: 4.5 is the least contrast of body text.
    assert contrast(backdrop, ink) > 7
    assert (luminance(backdrop) < 0.1) is (scheme == "dark")


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance of a CSS ``rgb(r, g, b)``, WCAG 2.2."""
    channels = [float(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
