"""Who matters among those who speak, and with whom they stand."""

from __future__ import annotations

import pytest

from monitor.crowds.neighbourhood import Neighbourhood
from monitor.mentions import mention_key
from monitor.signals.family import measure_minute, voices_of
from tests.made import at, match


@pytest.mark.parametrize(
    ("changes", "matters"),
    [
        ({"followers": 10_000}, True),
        ({"followers": 9_999}, False),
        ({"followers": 3_000, "verified": True}, True),
        ({"followers": 2_999, "verified": True}, False),
        ({"followers": 500, "role": "press"}, True),
        ({"followers": 499, "role": "press"}, False),
        ({"followers": None, "role": "office"}, True),
        ({"followers": None}, False),
        ({"followers": None, "network": "feed"}, True),
    ],
)
def test_who_matters(changes, matters) -> None:
    assert bool(voices_of([match("1", "09:00", **changes)])) is matters


def test_press_and_office_are_official_and_the_merely_famous_are_not() -> None:
    heard = [match("1", "09:00", followers=50_000), match("2", "09:00", followers=600, role="office")]
    assert [voice.is_official for voice in voices_of(heard)] == [False, True]


def test_an_account_is_one_voice_with_the_worst_it_said() -> None:
    twice = [match("1", "09:00", author=7, followers=50_000, tone=0.4), match("2", "09:00:30", author=7, tone=-0.7)]
    (voice,) = voices_of(twice)
    assert (voice.author, voice.tone) == (7, -0.7)


def test_who_passes_on_the_same_post_stands_in_one_circle_and_who_speaks_for_themselves_alone() -> None:
    root = mention_key("x", "root")
    heard = [
        match("1", "09:00", author=1, followers=50_000, kind="repost", root=root),
        match("2", "09:00", author=2, followers=50_000, kind="quote", root=root),
        match("3", "09:00", author=3, followers=50_000),
    ]
    assert [voice.circle for voice in voices_of(heard)] == [root, root, 3]


def test_where_the_repost_graph_knows_the_circle_it_decides() -> None:
    hood = Neighbourhood()
    passed_on = [
        match(f"{author}", at("08:00") + author, author=author, kind="repost", root=5, root_author=100)
        for author in range(1, 80)
    ]
    hood.add(passed_on)
    circle = hood.community(1)
    assert circle is not None
    alone = [match("own-words", "09:00", author=1, followers=50_000)]
    assert [voice.circle for voice in voices_of(alone, hood)] == [circle]


def test_a_bridge_between_circles_matters_whatever_its_followers() -> None:
    class Bridges(Neighbourhood):
        def is_bridge(self, author: int) -> bool:
            return author == 7

    heard = [match("1", "09:00", author=7, followers=30), match("2", "09:00", author=8, followers=30)]
    assert [voice.author for voice in voices_of(heard, Bridges())] == [7]


def test_the_brands_own_account_is_no_voice() -> None:
    heard = [match("1", "09:00", followers=90_000, is_own=True), match("2", "09:00", followers=20_000)]
    assert len(measure_minute("acme", at("09:00"), heard).voices) == 1
