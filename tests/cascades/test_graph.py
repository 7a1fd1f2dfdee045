"""The repost graph, and structural virality against networkx's own definition."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.cascades.graph import Edge, edges_of, repost_graph, structural_virality
from tests.made import at, match


def trees() -> st.SearchStrategy[nx.DiGraph[int]]:
    """Random rooted trees: post n is a reshare of one of the posts before it."""
    return st.lists(st.integers(0, 10**6), max_size=40).map(_grown)


def _grown(picks: list[int]) -> nx.DiGraph[int]:
    tree: nx.DiGraph[int] = nx.DiGraph()
    tree.add_node(0)
    tree.add_edges_from((pick % post, post) for post, pick in enumerate(picks, 1))
    return tree


@given(tree=trees())
def test_structural_virality_is_the_wiener_index_over_the_number_of_pairs(tree: nx.DiGraph[int]) -> None:
    posts = len(tree)
    pairs = posts * (posts - 1) / 2
    expected = nx.wiener_index(tree.to_undirected()) / pairs if pairs else 0.0
    assert structural_virality(tree) == pytest.approx(expected)


def test_a_broadcast_is_near_2_and_a_chain_is_a_third_of_its_length() -> None:
    star: nx.DiGraph[int] = nx.DiGraph([(0, n) for n in range(1, 1_001)])
    chain: nx.DiGraph[int] = nx.DiGraph([(n, n + 1) for n in range(1_000)])
    assert structural_virality(star) == pytest.approx(2, abs=0.01)
    assert structural_virality(chain) == pytest.approx(1_002 / 3)


@pytest.mark.parametrize("links", [[], [(0, 1), (2, 1)], [(0, 1), (1, 0)], [(0, 1), (2, 3)]])
def test_what_is_not_one_rooted_tree_has_no_structural_virality(links: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="rooted tree"):
        structural_virality(nx.DiGraph(links))


def test_only_reshares_of_somebody_else_are_edges() -> None:
    matches = [
        match("1", "09:00", kind="repost", author=1, root_author=9),
        match("2", "09:01", kind="quote", author=2, root_author=9),
        match("3", "09:02", kind="reply", author=3, root_author=9),
        match("4", "09:03", kind="repost", author=9, root_author=9),
        match("5", "09:04", kind="repost", author=4, root_author=None),
    ]
    assert edges_of(matches) == [Edge(1, 9, at("09:00")), Edge(2, 9, at("09:01"))]


def test_repeated_reshares_are_one_link_with_weight_and_times() -> None:
    graph = repost_graph([Edge(1, 9, 30), Edge(1, 9, 10), Edge(1, 9, 20)])
    assert list(graph.edges(data=True)) == [(1, 9, {"weight": 3, "first_us": 10, "last_us": 30})]
