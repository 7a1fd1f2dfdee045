from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.sources.markup import links_in, plain_text


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<p>a</p><p>b<br/>c</p>", "a\nb\nc"),
        ("l&#39;Or&eacute;al &amp; co", "l'Oréal & co"),
        ("<SCRIPT>x</SCRIPT >a<style>p{}</style>b<!-- <p>c</p> -->d", "abd"),
        ("a<script>never ends", "a"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ('<a href="x">#<span>tag</span></a>', "#tag"),
        ("no markup", "no markup"),
        ("", ""),
    ],
)
def test_only_what_a_reader_sees_is_left(markup: str, words: str) -> None:
    assert plain_text(markup) == words


def test_links_are_found_except_on_people_and_hashtags() -> None:
    markup = "<a class='u-url mention' href='https://a.example'>@a</a><a href='https://b.example'>b</a><a name=x>c</a>"
    assert links_in(markup) == ("https://b.example",)


@given(st.text("<>&;!-/ap scrit\"'=href\n", max_size=200))
def test_any_markup_is_read(markup: str) -> None:
    plain_text(markup)
    links_in(markup)


@pytest.mark.timeout(10)
@pytest.mark.parametrize("piece", ["<", "<a ", "<script", "<!--", "&", "<p", "</script", "\n ", "<a href=", 'href="'])
def test_hostile_markup_takes_linear_time(piece: str) -> None:
    plain_text(piece * 300_000)
    links_in(piece * 300_000)
