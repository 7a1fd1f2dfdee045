"""Who passes on whom: the repost graph of an incident, made on demand for what is burning.

The hot path keeps counters instead (:mod:`monitor.cascades.tally`), and a small fading graph of its own
(:mod:`monitor.crowds.neighbourhood`). What a graph shows is told by :mod:`monitor.crowds.analysis`. Accounts are
the integer pseudonyms of :class:`monitor.topics.Match`; nothing here knows a name.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import networkx as nx

__all__ = ["Edge", "repost_graph"]


class Edge(msgspec.Struct, frozen=True):
    """One reshare: `author` passed on what `root_author` wrote, at `at_us` (microseconds since the epoch, UTC).

    `via` is the account it was found with, where the network says so (Bluesky does); ``None`` elsewhere.
    """

    author: int
    root_author: int
    at_us: int
    via: int | None = None


def repost_graph(edges: Iterable[Edge]) -> nx.DiGraph[int]:
    """Return the graph of who passes on whom.

    Returns
    -------
    networkx.DiGraph
        From each resharing account to the author of the root, with ``weight`` (how often), ``first_us`` and
        ``last_us``. Nodes and links are in ascending order, whatever the order of `edges`.
    """
    seen: dict[tuple[int, int], list[int]] = {}
    for edge in edges:
        at_us = edge.at_us
        link = seen.get((edge.author, edge.root_author))
        if link is None:
            seen[edge.author, edge.root_author] = [1, at_us, at_us]
        else:
            link[0] += 1
            link[1] = min(link[1], at_us)
            link[2] = max(link[2], at_us)
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(sorted({account for pair in seen for account in pair}))
    for (author, root_author), (count, first_us, last_us) in sorted(seen.items()):
        graph.add_edge(author, root_author, weight=count, first_us=first_us, last_us=last_us)
    return graph
