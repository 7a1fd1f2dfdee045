"""The repost graph: against networkx's own definitions, and on graphs whose answer is plain."""

from __future__ import annotations

import random

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.cascades.graph import Edge, edges_of, repost_graph, structural_virality, summary
from tests.made import at, match


def trees() -> st.SearchStrategy[nx.DiGraph[int]]:
    """Random rooted trees: post n is a reshare of one of the posts before it."""
    return st.lists(st.integers(0, 10**6), max_size=40).map(_grown)


def _grown(picks: list[int]) -> nx.DiGraph[int]:
    tree: nx.DiGraph[int] = nx.DiGraph()
    tree.add_node(0)
    tree.add_edges_from((pick % post, post) for post, pick in enumerate(picks, 1))
    return tree


def two_camps() -> list[Edge]:
    """Two camps of eleven accounts, each passing on its own leader (100 and 200), joined by account 1."""
    edges = [Edge(leader + n, leader, at("09:00") + n) for leader in (100, 200) for n in range(1, 11)]
    edges += [Edge(leader + n, leader + 1, at("10:00") + n) for leader in (100, 200) for n in range(2, 11)]
    return [*edges, Edge(1, 100, at("08:59")), Edge(1, 200, at("09:30"))]


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


def test_two_camps_and_who_joins_them_are_told() -> None:
    found = summary(repost_graph(two_camps()))
    assert (found.accounts, found.links, found.reshares) == (23, 40, 40)
    assert [len(community.accounts) for community in found.communities] == [12, 11]
    assert {community.leader for community in found.communities} == {100, 200}
    assert found.modularity > 0.3
    assert {standing.account for standing in found.passed_on[:2]} == {100, 200}
    assert {standing.account for standing in found.bridges[:3]} == {1, 100, 200}
    assert found.first_movers[0].account == 1
    assert found.first_movers[0].value == at("08:59")
    assert found.core_number == 2
    assert 1 in found.core


@given(st.randoms(use_true_random=False))
def test_the_order_of_edges_does_not_matter(chance: random.Random) -> None:
    edges = two_camps()
    expected = summary(repost_graph(edges))
    chance.shuffle(edges)
    assert summary(repost_graph(edges)) == expected


def test_nobody_and_a_single_pair_are_graphs_too() -> None:
    assert summary(repost_graph([])).accounts == 0
    pair = summary(repost_graph([Edge(1, 2, 5)]))
    assert (pair.accounts, pair.links, pair.communities, pair.core_number) == (2, 1, (), 1)


def test_five_thousand_accounts_are_all_described() -> None:
    chance = random.Random(3)
    edges = [Edge(1_000 + n, int(chance.paretovariate(0.7)) % 300, n) for n in range(4_700)]
    edges += [Edge(1_000 + chance.randrange(4_700), chance.randrange(300), n) for n in range(4_000)]
    found = summary(repost_graph(edges))
    assert found.accounts > 4_900
    assert found.reshares == len(edges)
    assert len(found.passed_on) == len(found.bridges) == len(found.first_movers) == 10
    assert sum(len(community.accounts) for community in found.communities) <= found.accounts
