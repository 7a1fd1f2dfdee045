from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.inert import KEPT, inert, own_handles, safe_link, unnamed
from tests.made import topic


@given(st.text(alphabet=st.characters(codec=None), max_size=200))
def test_nothing_invisible_survives(text: str) -> None:
    shown = inert(text)
    assert all(character in KEPT or unicodedata.category(character)[0] != "C" for character in shown)
    shown.encode("utf-8")


@given(st.text(alphabet=st.characters(whitelist_categories=("L", "N", "P", "S", "Zs")), max_size=100))
def test_visible_text_is_left_as_it_is(text: str) -> None:
    assert inert(text) == text


@pytest.mark.parametrize(
    "handle",
    ["@maya23", "＠maya23", ".@maya23", "@maya23@mastodon.example", "@maya23.bsky.social", "(@maya23)", "@@maya23"],
)
def test_whoever_is_addressed_is_not_named(handle: str) -> None:
    assert "maya23" not in unnamed(f"{handle} bonjour", {"acme"})


def test_the_brand_itself_is_named_and_so_is_whom_the_query_names() -> None:
    ours = own_handles(topic(query='"acme" OR @AcmeNews'))
    assert unnamed("@ACME @acmenews @acme2 x@acme.fr", ours) == "@ACME @acmenews @… x@acme.fr"


def test_a_long_text_is_cut_with_a_sign() -> None:
    assert inert("a" * 30, limit=10) == "a" * 10 + "…"


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,<script>",
        "vbscript:x",
        "//x.com/a",
        "/etc/passwd",
        "http://",
        "https://user:pw@evil.example",
        "https://[broken",
        "https://x.com/\u202egnp.exe",
        "https://x.com/a b",
        " https://x.com/",
        "ftp://x.com/",
    ],
)
def test_what_is_no_plain_web_address_is_not_linked(url: str | None) -> None:
    assert safe_link(url) is None


@pytest.mark.parametrize("url", ["https://x.com/i/status/1", "http://localhost:8000/a?b=c#d", "https://[::1]/"])
def test_a_web_address_is_linked(url: str) -> None:
    assert safe_link(url) == url
