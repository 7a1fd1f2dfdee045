"""Who carries a topic, read from the store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Connection

from monitor.clock import MINUTE_US, SECOND_US
from monitor.mentions import Author
from monitor.queries import Reading, exported_graph, spread_of
from tests.made import mention
from tests.queries.camps import PAPER, PRIVATE, START, camps, fill

END = START + 5 * MINUTE_US


@pytest.fixture(scope="module")
def look(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    address = fill(tmp_path_factory.mktemp("camps") / "b.db", camps())
    with Reading(address).snapshot() as connection:
        yield connection


def test_two_camps_joined_by_one_account_are_seen_as_such(look: Connection) -> None:
    found = spread_of(look, "acme", START, END)
    assert (found.graph.accounts, found.graph.reshares) == (25, 24)
    assert [len(community.accounts) for community in found.graph.communities] == [13, 12]
    assert [found.people[bridge.account].followers for bridge in found.graph.bridges] == [99]
    assert not found.is_partial


def test_nothing_before_the_span_is_counted(look: Connection) -> None:
    assert spread_of(look, "acme", START - MINUTE_US, START).graph.reshares == 0
    assert spread_of(look, "zen", START, END).influences == ()


def test_camps_go_by_hashtags_and_words_and_never_by_handles(look: Connection) -> None:
    found = spread_of(look, "acme", START, END)
    names = {name.hashtags: name.words for name in found.names}
    assert names.keys() == {("parcels",), ("shops",)}
    assert set(names["shops",]) == {"closes", "shops"}


def test_a_camp_that_passes_on_an_answer_goes_by_the_words_of_the_answer(tmp_path: Path) -> None:
    posts = [
        msgspec.structs.replace(post, kind="reply", root_id="complaint", parent_id="complaint", hashtags=())
        if post.id == "r0"
        else msgspec.structs.replace(post, hashtags=())
        for post in camps()
    ]
    with Reading(fill(tmp_path / "b.db", posts)).snapshot() as look:
        found = spread_of(look, "acme", START, END)
    assert {frozenset(name.words) for name in found.names} == {
        frozenset({"loses", "parcels"}),
        frozenset({"closes", "shops"}),
    }


def test_the_newspaper_would_reach_most_and_is_named(look: Connection) -> None:
    found = spread_of(look, "acme", START, END)
    paper, neighbour = found.influences[:2]
    assert (found.people[paper.account].handle, paper.role, paper.verified) == (PAPER.handle, "press", True)
    assert found.people[neighbour.account].handle is None
    assert paper.expected > neighbour.expected
    assert (paper.posts, paper.h_index, paper.communities) == (1, 1, 1)
    assert paper.hashtag_reach == pytest.approx(PAPER.followers + 12 * 99, rel=0.01)


def test_who_is_only_passed_on_is_known_from_older_mentions(tmp_path: Path) -> None:
    old, *others = camps()
    posts = [old, *[other for other in others if other.root_author == PAPER]]
    posts[1:] = [mention(post.id, post.published_us + 9 * 86_400 * SECOND_US, "Acme", kind="repost", root_id=old.id,
                         root_author=PAPER, author=post.author) for post in posts[1:]]  # fmt: skip
    start = posts[1].published_us
    with Reading(fill(tmp_path / "b.db", posts)).snapshot() as look:
        found = spread_of(look, "acme", start, start + MINUTE_US)
    (leader,) = [community.leader for community in found.graph.communities]
    assert found.people[leader].handle == PAPER.handle


def test_the_brand_itself_is_no_influence_on_its_own_topic(tmp_path: Path) -> None:
    own = Author(id="acme", handle="acme", followers=900_000)
    root = mention("own", START, "We at Acme are sorry", author=own)
    repost = mention("r", START + 1, "x", kind="repost", root_id="own", root_author=own, author=Author(id="fan"))
    with Reading(fill(tmp_path / "b.db", [root, repost])).snapshot() as look:
        found = spread_of(look, "acme", START, END)
    assert found.graph.reshares == 1
    assert found.people[found.graph.reached[0].account].is_own
    assert [one.followers for one in found.influences] == []


@pytest.mark.parametrize("form", ["gexf", "graphml", "json"])
def test_an_export_is_always_the_same_and_names_public_figures_only(look: Connection, form: str) -> None:
    content = exported_graph(look, "acme", START, END, form)  # type: ignore[arg-type]
    assert content == exported_graph(look, "acme", START, END, form)  # type: ignore[arg-type]
    assert PAPER.handle.encode() in content  # type: ignore[union-attr]
    assert PRIVATE.encode() not in content


def test_the_threshold_of_the_settings_decides_who_is_public(tmp_path: Path) -> None:
    with Reading(fill(tmp_path / "b.db", camps(), public_followers=1_000)).snapshot() as look:
        nodes = json.loads(exported_graph(look, "acme", START, END, "json"))["nodes"]
    public = {node["label"]: node["followers"] for node in nodes if node["public"]}
    assert public == {"@gazette_du_port": 41_000, f"@{PRIVATE}_0": 1_234}


def test_figures_of_an_export_add_up(look: Connection) -> None:
    graph = json.loads(exported_graph(look, "acme", START, END, "json"))
    assert sum(node["passed_on"] for node in graph["nodes"]) == sum(link["weight"] for link in graph["links"]) == 24
    assert {node["community"] for node in graph["nodes"]} == {1, 2}
    assert {link["first"] for link in graph["links"]} == {"2026-01-15T09:00:00Z"}
    assert {node["followers"] for node in graph["nodes"]} == {99, 1_200, 41_000}
