"""The card of a cascade: every figure with its interval, how it is known, in both languages, and nothing that acts."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest

from dashboards.cascades import card
from dashboards.speech import Speech
from monitor.cascades import Cascade
from monitor.queries import CascadeRow

HOSTILE = '"><script>alert(1)</script>'
CASCADE = Cascade(
    topic="acme",
    network="x",
    root=1,
    root_id=HOSTILE,
    started_us=1_768_513_920_000_000,
    updated_us=1_768_517_520_000_000,
    size=640,
    authors=600,
    potential_reach=1_420_000,
    growth_per_hour=611,
    acceleration=2.0,
    tone=-0.7,
    rate_per_hour=700.0,
    doubling_s=3_300.0,
    reproduction=1.25,
    reproduction_low=0.94,
    reproduction_high=1.62,
    final_size=1_846,
    final_low=911,
    final_high=5_218,
    estimated_reach=212_345,
    new_author_share=0.62,
    edges="inferred",
    depth=5,
    depth_low=2,
    depth_high=10,
    breadth=310,
    virality=3.1,
    virality_low=2.0,
    virality_high=4.6,
)


class Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def said(language: Any, recent: int = 611, **changes: object) -> str:
    words = Words()
    words.feed(card(CascadeRow(msgspec.structs.replace(CASCADE, **changes), None, recent), Speech(language)))
    assert words.tags <= {"div", "b", "span"}
    return re.sub(" +", " ", " ".join(words.text).replace("\u202f", " "))


@pytest.mark.parametrize(
    ("language", "phrases"),
    [
        (
            "en",
            ("1,800 likely 900 to 5,200", "1.2 likely 0.9 to 1.6", "210,000 of up to 1,420,000", "doubling in 55 min"),
        ),
        ("fr", ("1 800 sans doute 910 à 5 200", "1,2 sans doute 0,9 à 1,6", "210 000 pour 1 420 000", "62 %")),
    ],
)
def test_every_figure_comes_with_its_interval(language: str, phrases: tuple[str, ...]) -> None:
    text = said(language, final_low=900 if language == "en" else 911)
    for phrase in phrases:
        assert phrase in text, phrase


def test_a_rounded_forecast_is_never_below_what_was_counted() -> None:
    text = said("en", size=282, final_size=283, final_low=282, final_high=581)
    assert "283" not in text
    assert "282 likely 282 to 580" in text


def test_it_says_whether_the_shape_is_measured_or_inferred() -> None:
    assert "inferred" in said("en")
    assert "up to 5 steps (likely 2 to 10)" in said("en")
    assert "déduit" in said("fr")
    assert "mesuré" in said("fr", edges="measured")
    assert "2 to 10" not in said("en", edges="measured")


def test_what_is_not_known_is_not_shown() -> None:
    inferred = ("final", "reproduction", "depth", "virality")
    young = {name: None for name in Cascade.__struct_fields__ if name.startswith(inferred)}
    text = said("en", **young, edges=None, doubling_s=None, new_author_share=None)
    for word in ("expected", "Each reshare", "steps", "New voices", "doubling"):
        assert word not in text, word
    assert "Seen by about" in text
    assert "Seen by" not in said("en", potential_reach=0)


def test_what_no_longer_moves_is_not_said_to_grow() -> None:
    assert "+611 in the last hour" in said("en")
    still = said("en", recent=0)
    assert "last reshared 15\u00a0Jan\u00a023:52" in still
    assert "last hour" not in still
    assert "accelerating" not in still
    assert "accelerating" not in said("en", recent=2)


def test_one_reshare_is_singular() -> None:
    assert "1 reshare by 1 account ·" in said("en", size=1, authors=1)


@pytest.mark.parametrize(
    ("language", "phrases"),
    [
        (
            "en",
            ["41 replies by 30 accounts", "down 4 steps", "up to 22 at one step", "2.9 steps", "names what it answers"],
        ),
        ("fr", ["41 réponses par 30 comptes", "sur 4 étapes", "22 à une même étape", "2,9 étapes", "nomme ce à quoi"]),
    ],
)
def test_what_is_argued_below_a_post_is_told_apart_from_how_it_spreads(language: str, phrases: list[str]) -> None:
    talk = {"replies": 41, "repliers": 30, "reply_depth": 4, "reply_breadth": 22, "reply_virality": 2.9}
    both, answered = said(language, **talk), said(language, **talk, size=0, authors=0, edges=None)
    assert all(phrase in both and phrase in answered for phrase in phrases)
    assert "640" in both
    assert "640" not in answered
    assert "41" not in said(language)
