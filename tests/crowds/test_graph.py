"""The repost graph: who passes on whom, how often, and from when to when."""

from __future__ import annotations

from monitor.crowds.graph import Edge, repost_graph


def test_repeated_reshares_are_one_link_with_weight_and_times() -> None:
    graph = repost_graph([Edge(1, 9, 30), Edge(1, 9, 10), Edge(1, 9, 20)])
    assert list(graph.edges(data=True)) == [(1, 9, {"weight": 3, "first_us": 10, "last_us": 30})]
