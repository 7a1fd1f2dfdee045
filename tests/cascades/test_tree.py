"""Trees with known parents: the same numbers as a library's, and honest where the bound on memory bites."""

from __future__ import annotations

import random
from itertools import pairwise

import msgspec
import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.cascades.tree import POSTS_KEPT, KnownTree


def trees() -> st.SearchStrategy[list[int]]:
    """Parents of posts 1, 2, ...; the root is 0 and every parent comes before."""
    return (
        st.integers(1, 120).flatmap(lambda posts: st.tuples(*(st.integers(0, post) for post in range(posts)))).map(list)
    )


def grown(parents: list[int], tree: KnownTree | None = None, first: int = 1) -> KnownTree:
    tree = tree or KnownTree()
    for post, parent in enumerate(parents, first):
        tree.add(post, parent or None)
    return tree


def drawn(parents: list[int]) -> nx.DiGraph[int]:
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_node(0)
    graph.add_edges_from((parent, post) for post, parent in enumerate(parents, 1))
    return graph


@given(parents=trees())
def test_virality_is_twice_the_wiener_index_over_ordered_pairs(parents: list[int]) -> None:
    tree, graph = grown(parents), drawn(parents)
    posts = len(graph)
    wiener = nx.wiener_index(graph.to_undirected())
    assert tree.distances == wiener
    assert tree.shape().virality == pytest.approx(2 * wiener / (posts * (posts - 1)))
    assert tree.guessed == 0


@given(parents=trees(), cuts=st.lists(st.integers(0, 120), max_size=4), unseen=st.sets(st.integers(1, 120)))
def test_adding_many_posts_at_once_is_adding_them_one_by_one(
    parents: list[int], cuts: list[int], unseen: set[int]
) -> None:
    root = 10_000
    posts = [post for post in range(1, len(parents) + 1) if post not in unseen]
    together, apart = KnownTree(), KnownTree()
    for first, last in pairwise(sorted({0, *cuts, 120})):
        some = [post for post in posts if first <= post - 1 < last]
        together.add_all(some, [parents[post - 1] or root for post in some], root)
    for post in posts:
        apart.add(post, parents[post - 1] or None)
    assert msgspec.msgpack.encode(together) == msgspec.msgpack.encode(apart)


@given(parents=trees())
def test_growing_post_by_post_is_counting_the_finished_tree(parents: list[int]) -> None:
    tree, graph = grown(parents), drawn(parents)
    depths = nx.single_source_shortest_path_length(graph, 0)
    by_depth = [list(depths.values()).count(depth) for depth in range(max(depths.values()) + 1)]
    shape = tree.shape()
    assert (shape.depth, shape.breadth) == (max(depths.values()), max(by_depth[1:]))
    assert tree.levels == by_depth


@given(parents=trees(), place=st.integers(0, 120))
def test_a_tree_saved_and_taken_back_grows_on_as_if_nothing_had_happened(parents: list[int], place: int) -> None:
    half = grown(parents[:place])
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(half), type=KnownTree)
    straight, restarted = grown(parents), grown(parents[place:], again, place + 1)
    assert msgspec.msgpack.encode(straight) == msgspec.msgpack.encode(restarted)


def test_a_broadcast_of_any_size_is_exact_in_little_memory() -> None:
    tree = grown([0] * 20_000)
    assert tree.shape().virality == pytest.approx(2 * 20_000 / 20_001)
    assert tree.guessed == 0
    assert len(tree.kept) <= 2 * POSTS_KEPT


def test_whoever_is_passed_on_again_and_again_is_not_forgotten() -> None:
    chance = random.Random(4)
    parents = [0, 1, 2, 3, *(chance.choice((0, 0, 0, 4)) for _ in range(5_000))]
    tree = grown(parents)
    assert tree.guessed == 0
    assert tree.distances == nx.wiener_index(drawn(parents[:200]).to_undirected()) + _rest(parents, 200)


def _rest(parents: list[int], first: int) -> int:
    """What the posts from `first` on add to the Wiener index, by the formula for whole trees."""

    def wiener(some: list[int]) -> int:
        below = [1] * (len(some) + 1)
        total = 0
        for post in range(len(some), 0, -1):
            below[some[post - 1]] += below[post]
            total += below[post] * (len(below) - below[post])
        return total

    return wiener(parents) - wiener(parents[:first])


def test_a_forgotten_parent_is_taken_for_a_direct_reshare_and_said_to_be_guessed() -> None:
    tree = grown([0] * 3_000)
    tree.add(9_000, 1)
    assert (tree.guessed, tree.shape().depth, tree.posts) == (1, 2, 3_002)


def test_a_parent_we_never_saw_is_a_post_all_the_same() -> None:
    tree = KnownTree()
    tree.add(2, 77)
    assert (tree.posts, tree.shape().depth, tree.guessed) == (3, 2, 1)
    tree.add(77, None)
    assert tree.posts == 3


def test_a_post_that_names_itself_hangs_below_the_root() -> None:
    tree = KnownTree()
    tree.add(5, 5)
    tree.add(6, 5)
    assert tree.shape().depth == 2


@given(parents=trees(), reshares=st.integers(0, 40))
def test_a_cascade_that_starts_to_name_parents_was_a_broadcast_until_then(parents: list[int], reshares: int) -> None:
    shifted = [parent + reshares if parent else 0 for parent in parents]
    late = grown(shifted, KnownTree.star(reshares), reshares + 1)
    whole = grown([0] * reshares + shifted)
    assert (late.distances, late.levels, late.posts) == (whole.distances, whole.levels, whole.posts)
