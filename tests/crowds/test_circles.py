"""Circles against networkx's own definitions, and on graphs whose answer is plain."""

from __future__ import annotations

import random

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.crowds.circles import circles_of, participation

Edges = dict[tuple[int, int], int]


def arrays(edges: Edges) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    sources, targets = np.array(list(edges)).reshape(-1, 2).T
    return sources, targets, np.array(list(edges.values()), float)


def parts(edges: Edges, size: int) -> list[set[int]]:
    labels = circles_of(*arrays(edges), size).tolist()
    return [{place for place in range(size) if labels[place] == label} for label in sorted(set(labels))]


def undirected(edges: Edges, size: int) -> nx.Graph[int]:
    graph: nx.Graph[int] = nx.empty_graph(size)
    for (one, other), weight in edges.items():
        graph.add_edge(one, other, weight=weight + graph.get_edge_data(one, other, {"weight": 0})["weight"])
    return graph


def crowd(seed: int, size: int, reshares: int, camps: int = 5) -> Edges:
    """Camps that mostly pass on their own, a few accounts far more than all others."""
    chance = random.Random(seed)
    edges: Edges = {}
    for _ in range(reshares):
        author = chance.randrange(size)
        camp = author % camps if chance.random() > 0.1 else chance.randrange(camps)
        root = int(chance.paretovariate(0.9)) % (size // camps) * camps + camp
        if root < size and root != author:
            edges[author, root] = edges.get((author, root), 0) + 1
    return edges


def test_two_cliques_joined_by_a_link_are_two_circles() -> None:
    edges = {(one + base, other + base): 1 for base in (0, 5) for one in range(5) for other in range(one)} | {(0, 5): 1}
    assert parts(edges, 10) == [{0, 1, 2, 3, 4}, {5, 6, 7, 8, 9}]


def test_a_star_is_one_circle_and_a_stranger_is_his_own() -> None:
    assert parts({(fan, 3): 1 for fan in (0, 1, 2, 4)}, 6) == [{0, 1, 2, 3, 4}, {5}]


def test_nobody_has_no_circle() -> None:
    assert circles_of(np.empty(0, int), np.empty(0, int), np.empty(0), 0).tolist() == []


@pytest.mark.parametrize("seed", range(4))
def test_circles_are_as_good_as_those_of_networkx(seed: int) -> None:
    edges = crowd(seed, 600, 1_500)
    graph = undirected(edges, 600)
    ours = nx.community.modularity(graph, parts(edges, 600))
    theirs = nx.community.modularity(graph, nx.community.louvain_communities(graph, seed=seed))
    assert ours > 0.4
    assert ours > theirs - 0.01


@given(st.integers(0, 10**6), st.integers(2, 12))
def test_nobody_could_do_better_alone(seed: int, size: int) -> None:
    chance = random.Random(seed)
    edges = {(one, other): chance.randint(1, 4) for one in range(size) for other in range(one) if chance.random() < 0.4}
    if not edges:
        return
    graph = undirected(edges, size)
    found = parts(edges, size)
    apart = [{place} for place in range(size)]
    assert nx.community.modularity(graph, found) >= nx.community.modularity(graph, apart) - 1e-9
    assert sorted(place for part in found for place in part) == list(range(size))


def test_an_account_between_two_camps_takes_part_in_both() -> None:
    edges = {(0, 1): 2, (0, 2): 1, (0, 3): 1, (4, 1): 1}
    labels = np.array([1, 1, 2, 3, 1])
    found = participation(*arrays(edges), labels)
    assert found.coefficient[0] == pytest.approx(1 - (0.5**2 + 0.25**2 + 0.25**2))
    assert (found.coefficient[1], found.coefficient[4]) == (0, 0)
    assert found.ties.tolist() == [3, 2, 1, 1, 1]
    assert found.outside.tolist() == [2, 0, 0, 0, 0]


def test_passing_on_each_other_is_one_tie() -> None:
    assert participation(*arrays({(0, 1): 1, (1, 0): 3}), np.array([0, 0])).ties.tolist() == [1, 1]
