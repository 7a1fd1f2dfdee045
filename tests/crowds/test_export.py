"""Graphs as files: hostile words do no harm, and private persons stay private."""

from __future__ import annotations

import json
from io import BytesIO
from typing import get_args

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.crowds.export import MEDIA_TYPES, Format, Who, annotated, encoded, pseudonym
from monitor.crowds.graph import Edge, repost_graph
from monitor.crowds.naming import Topicality
from tests.made import at

EDGES = [Edge(1, 9, at("09:00:31")), Edge(2, 9, at("09:01:59")), Edge(-3, 9, at("09:02"))]


def made(people: dict[int, Who], name: Topicality | None = None) -> nx.DiGraph[str]:
    names = {} if name is None else {1: name}
    return annotated(repost_graph(EDGES), people, {1: 1, 9: 1}, names, {"pagerank": {9: 0.5}})


def test_every_format_has_a_media_type() -> None:
    assert set(MEDIA_TYPES) == set(get_args(Format))


@given(st.text(max_size=20), st.text(max_size=20))
def test_xml_opens_whatever_a_handle_or_word_holds(handle: str, word: str) -> None:
    graph = made({9: Who(handle=handle, followers=5_000_000)}, Topicality((word,), (word,)))
    assert len(nx.read_gexf(BytesIO(encoded(graph, "gexf")))) == 4
    assert len(nx.read_graphml(BytesIO(encoded(graph, "graphml")))) == 4
    assert len(json.loads(encoded(graph, "json"))["nodes"]) == 4


def test_only_public_figures_are_named_and_counted_to_the_last_follower() -> None:
    people = {1: Who(followers=1_234), 9: Who(handle="paper", followers=41_234, role="press"), 2: Who()}
    nodes = dict(made(people).nodes(data=True))
    assert (nodes[pseudonym(9)]["label"], nodes[pseudonym(9)]["followers"]) == ("@paper", 41_234)
    assert (nodes[pseudonym(1)]["label"], nodes[pseudonym(1)]["followers"]) == ("00000000", 1_200)
    assert nodes[pseudonym(2)]["followers"] == nodes[pseudonym(-3)]["followers"] == -1


def test_times_are_to_the_minute() -> None:
    assert {link["first"] for _, _, link in made({}).edges(data=True)} == {
        "2026-01-15T09:00:00Z",
        "2026-01-15T09:01:00Z",
        "2026-01-15T09:02:00Z",
    }


@pytest.mark.parametrize("form", get_args(Format))
def test_an_empty_graph_is_a_file_too(form: Format) -> None:
    assert encoded(annotated(repost_graph([]), {}, {}, {}, {}), form)
