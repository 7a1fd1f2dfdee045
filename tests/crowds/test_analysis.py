"""What a repost graph shows, on graphs whose answer is plain."""

from __future__ import annotations

import random

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.crowds.analysis import GraphSummary, Reached, summary
from monitor.crowds.graph import Edge, repost_graph
from tests.made import at


def described(edges: list[Edge], began_us: dict[int, int] | None = None) -> GraphSummary:
    return summary(repost_graph(edges), edges, began_us)


def two_camps() -> list[Edge]:
    """Two camps of eleven accounts, each passing on its own leader (100 and 200), joined by account 1."""
    edges = [Edge(leader + n, leader, at("09:00") + n) for leader in (100, 200) for n in range(1, 11)]
    edges += [Edge(leader + n, leader + 1, at("10:00") + n) for leader in (100, 200) for n in range(2, 11)]
    return [*edges, Edge(1, 100, at("08:59")), Edge(1, 200, at("09:30"))]


def test_two_camps_and_who_joins_them_are_told() -> None:
    found = described(two_camps())
    assert (found.accounts, found.links, found.reshares) == (23, 40, 40)
    assert [len(community.accounts) for community in found.communities] == [12, 11]
    assert {community.leader for community in found.communities} == {100, 200}
    assert found.modularity > 0.3
    assert {standing.account for standing in found.passed_on[:2]} == {100, 200}
    assert [(standing.account, standing.value) for standing in found.bridges] == [(1, 1)]
    assert found.first_movers[0].account == 1
    assert found.first_movers[0].value == at("08:59")
    assert found.core_number == 2
    assert 1 in found.core


@given(st.randoms(use_true_random=False))
def test_the_order_of_edges_does_not_matter(chance: random.Random) -> None:
    edges = two_camps()
    expected = described(edges)
    chance.shuffle(edges)
    assert described(edges) == expected


def test_nobody_and_a_single_pair_are_graphs_too() -> None:
    assert described([]).accounts == 0
    pair = described([Edge(1, 2, 5)])
    assert (pair.accounts, pair.links, pair.communities, pair.core_number) == (2, 1, (), 1)


def test_passing_on_each_other_is_a_tie_of_both_weights() -> None:
    edges = [Edge(1, 2, 1), Edge(2, 1, 2), Edge(1, 2, 3), Edge(3, 2, 4), Edge(4, 5, 5), Edge(6, 5, 6)]
    ties: nx.Graph[int] = nx.Graph()
    ties.add_weighted_edges_from([(1, 2, 3), (3, 2, 1), (4, 5, 1), (6, 5, 1)])
    assert described(edges).modularity == pytest.approx(nx.community.modularity(ties, [{1, 2, 3}, {4, 5, 6}]))


def test_who_came_in_through_whom() -> None:
    # 1 wrote; 2 and 3 passed it on; 4 passed on what 3 had added, and 5 what 4 had; 6 came by itself.
    edges = [Edge(2, 1, 10), Edge(3, 1, 11), Edge(4, 3, 20), Edge(5, 4, 30), Edge(6, 1, 40), Edge(4, 1, 50)]
    found = described(edges, {1: 0, 6: 39})
    assert found.reached == (Reached(1, 2, 4), Reached(3, 1, 2), Reached(4, 1, 1))


def test_where_the_network_says_so_they_came_in_through_who_passed_it_on() -> None:
    edges = [Edge(2, 1, 10), Edge(3, 1, 20, via=2), Edge(4, 1, 30, via=2)]
    assert described(edges).reached == (Reached(1, 1, 3), Reached(2, 2, 2))


@given(
    st.lists(
        st.builds(Edge, st.integers(0, 6), st.integers(7, 9) | st.integers(0, 6), st.integers(0, 5)), max_size=30
    ).map(lambda edges: [edge for edge in edges if edge.author != edge.root_author])
)
def test_nobody_is_brought_in_twice(edges: list[Edge]) -> None:
    found = described(edges)
    joined = {edge.author for edge in edges}
    assert sum(reached.directly for reached in found.reached) <= len(joined)
    assert all(0 < reached.directly <= reached.in_all <= len(joined) for reached in found.reached)


def test_five_thousand_accounts_are_all_described() -> None:
    chance = random.Random(3)
    edges = [Edge(1_000 + n, int(chance.paretovariate(0.7)) % 300, n) for n in range(4_700)]
    edges += [Edge(1_000 + chance.randrange(4_700), chance.randrange(300), n) for n in range(4_000)]
    found = described(edges)
    assert found.accounts > 4_900
    assert found.reshares == len(edges)
    assert len(found.passed_on) == len(found.bridges) == len(found.first_movers) == len(found.reached) == 10
    assert sum(len(community.accounts) for community in found.communities) <= found.accounts
