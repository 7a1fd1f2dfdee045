"""What is inferred where the network names only the root: the mean over all trees the cascade may be."""

from __future__ import annotations

from itertools import groupby, product
from math import exp

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.cascades.likely_tree import LikelyTree
from monitor.cascades.pulse import _KERNEL, MEMORIES_S
from monitor.cascades.tree import KnownTree
from monitor.clock import SECOND_US

ROOT = 300


def reshares(most: int) -> st.SearchStrategy[list[tuple[float, int]]]:
    """Instants in seconds after the root, in order, and audiences."""
    one = st.tuples(st.integers(1, 200_000).map(float), st.sampled_from((1, 10, 2_000)))
    return st.lists(one, min_size=1, max_size=most).map(sorted)


def kernel(passed_s: float) -> float:
    return sum(weight * exp(-passed_s / MEMORIES_S[place]) for place, weight in _KERNEL)


def chances(events: list[tuple[float, int]]) -> list[list[float]]:
    """For each reshare, the probability of each earlier post of being its parent, by the definition."""
    posts = [(0.0, ROOT), *events]
    found = []
    for at_s, _ in events:
        weights = [audience * kernel(at_s - when) if when < at_s else 0.0 for when, audience in posts]
        total = sum(weights)
        found.append([weight / total for weight in weights])
    return found


def likely(events: list[tuple[float, int]]) -> LikelyTree:
    tree = LikelyTree.of(0.0, ROOT)
    for at_s, group in groupby(events, key=lambda event: event[0]):
        audiences = [audience for _, audience in group]
        tree.add(at_s, len(audiences), sum(audiences), sum(one * one for one in audiences))
    return tree


@settings(deadline=None, max_examples=40)
@given(events=reshares(5))
def test_what_is_expected_is_the_mean_over_all_trees(events: list[tuple[float, int]]) -> None:
    found = chances(events)
    virality = depths = 0.0
    crowd = [0.0] * (len(events) + 1)
    for parents in product(*(range(len(events) + 1) for _ in events)):
        probability = 1.0
        for chance, parent in zip(found, parents, strict=True):
            probability *= chance[parent]
        if not probability:
            continue
        tree = KnownTree()
        for post, parent in enumerate(parents, 1):
            tree.add(post, parent or None)
        virality += probability * tree.shape().virality
        depths += probability * tree.depths
        for depth, posts in enumerate(tree.levels):
            crowd[depth] += probability * posts
    told = likely(events)
    assert told.shape().virality == pytest.approx(virality)
    assert told.depths == pytest.approx(depths)
    assert told.crowd[1] == pytest.approx(crowd[1], abs=0.02)
    assert sum(told.crowd) == pytest.approx(len(events) + 1)


def of_means(events: list[tuple[float, int]]) -> float:
    """Return the expected virality from the full matrix of common ancestors: quadratic, and independent of the sums."""
    posts = len(events) + 1
    common = [[0.0] * posts for _ in range(posts)]
    for post, chance in enumerate(chances(events), 1):
        own = 1.0 + sum(share * common[parent][parent] for parent, share in enumerate(chance))
        for other in range(post):
            shared = sum(share * common[parent][other] for parent, share in enumerate(chance))
            common[post][other] = common[other][post] = shared
        common[post][post] = own
    distances = sum(
        common[one][one] + common[two][two] - 2 * common[one][two] for one in range(posts) for two in range(one)
    )
    return distances / (posts * (posts - 1) / 2)


@settings(deadline=None, max_examples=15)
@given(events=reshares(60))
def test_adding_reshares_one_by_one_is_working_it_out_at_once(events: list[tuple[float, int]]) -> None:
    assert likely(events).shape().virality == pytest.approx(of_means(events), rel=1e-6)


def test_days_of_silence_and_years_of_it_change_nothing_that_breaks() -> None:
    day = 86_400.0
    events = [(when * day, 10) for when in (0.01, 0.02, 3.0, 3.1, 9.0, 9.01, 9.02)]
    assert likely(events).shape().virality == pytest.approx(of_means(events), rel=1e-6)
    tree = likely([*events, (9_000 * day, 10), (9_000.1 * day, 1)])
    assert 1.0 < tree.shape().virality < 8.0


def test_followers_make_a_parent() -> None:
    star = [(float(second), 1) for second in range(1, 60)]
    carried = [(1.0, 1_000_000), *star[1:]]
    assert likely(star).shape().depth <= 2
    assert likely(carried).levels[2] > likely(star).levels[2]
    assert likely(carried).crowd[2] > 0.9 * 58


def test_all_at_once_is_a_broadcast() -> None:
    shape = likely([(5.0, 10)] * 40).shape()
    assert (shape.depth, shape.breadth) == (1, 40)
    assert shape.virality == pytest.approx(2 * 40 / 41)


def test_the_interval_holds_what_is_expected_and_never_less_than_a_broadcast() -> None:
    shape = likely([(60.0 * minute, 500) for minute in range(1, 200)]).shape()
    assert 1 <= shape.depth_low <= shape.depth <= shape.depth_high
    assert 2 - 2 / 200 <= shape.virality_low <= shape.virality <= shape.virality_high


def test_reshares_close_in_time_are_added_together_and_the_last_of_them_wait() -> None:
    tree = LikelyTree.of(0.0, ROOT)
    instants = [SECOND_US * second for second in (160, 161, 179, 181, 300)]
    tree.add_all(instants, [5, 6, None, 7, 1], usual=3.0)
    alone = LikelyTree.of(0.0, ROOT)
    alone.add(160.0, 3, 14.0, 5 * 5 + 6 * 6 + 3 * 3)
    alone.add(181.0, 1, 7.0, 49.0)
    assert (tree.posts, tree.depths, tree.common) == (alone.posts, alone.depths, alone.common)
    assert tree.step[2:] == (1, 1.0, 1.0)


@settings(deadline=None)
@given(events=reshares(30), place=st.integers(0, 30))
def test_saved_and_taken_back_it_goes_on_to_the_last_bit(events: list[tuple[float, int]], place: int) -> None:
    instants, audiences = [round(at_s * SECOND_US) for at_s, _ in events], [audience for _, audience in events]
    straight, first = LikelyTree.of(0.0, ROOT), LikelyTree.of(0.0, ROOT)
    straight.add_all(instants[:place], audiences[:place], 1.0)
    straight.add_all(instants[place:], audiences[place:], 1.0)
    first.add_all(instants[:place], audiences[:place], 1.0)
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(first), type=LikelyTree)
    again.add_all(instants[place:], audiences[place:], 1.0)
    assert msgspec.msgpack.encode(again) == msgspec.msgpack.encode(straight)


def test_a_root_seen_late_is_put_where_it_belongs() -> None:
    late, early = LikelyTree.of(50.0, 4.0), LikelyTree.of(0.0, ROOT)
    late.place_root(0.0, ROOT)
    for tree in (late, early):
        tree.add(60.0, 2, 20.0, 200.0)
        tree.add(90.0, 1, 20.0, 400.0)
    assert late.shape().virality == pytest.approx(early.shape().virality)
