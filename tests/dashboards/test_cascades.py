"""The card of a cascade: every figure with its interval, how it is known, in both languages, and nothing that acts."""

from __future__ import annotations

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


def said(language: Any, **changes: object) -> str:
    words = Words()
    words.feed(card(CascadeRow(msgspec.structs.replace(CASCADE, **changes), None), Speech(language)))
    assert words.tags <= {"div", "b", "span", "a"}
    return " ".join(words.text).replace("\u202f", " ")


@pytest.mark.parametrize(
    ("language", "phrases"),
    [
        ("en", ("1,800 900 to 5,200", "1.2 0.9 to 1.6", "210,000 of up to 1,420,000", "doubling in 55 min", "62%")),
        ("fr", ("1 800 910 à 5 200", "1,2 0,9 à 1,6", "210 000 pour 1 420 000", "double en 55 min", "62 %")),
    ],
)
def test_every_figure_comes_with_its_interval(language: str, phrases: tuple[str, ...]) -> None:
    text = said(language, final_low=900 if language == "en" else 911)
    for phrase in phrases:
        assert phrase in text, phrase


def test_it_says_whether_the_shape_is_measured_or_inferred() -> None:
    assert "inferred" in said("en")
    assert "2 to 10" in said("en")
    assert "déduit" in said("fr")
    assert "mesuré" in said("fr", edges="measured")
    assert "2 to 10" not in said("en", edges="measured")


def test_what_is_not_known_is_not_shown() -> None:
    inferred = ("final", "reproduction", "depth", "virality")
    young = {name: None for name in Cascade.__struct_fields__ if name.startswith(inferred)}
    text = said("en", **young, edges=None, doubling_s=None, new_author_share=None)
    for word in ("end", "One reshare", "Steps", "New voices", "doubling"):
        assert word not in text, word
    assert "Seen by about" in text


def test_a_hostile_root_stays_text() -> None:
    assert "alert(1)" in said("en")  # as words
