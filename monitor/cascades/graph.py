"""Who passes on whom: the repost graph of an incident, made on demand for what is burning.

The hot path keeps counters instead (:mod:`monitor.cascades.tracker`), and a small fading graph of its own
(:mod:`monitor.cascades.neighbourhood`). What a graph shows is told by :mod:`monitor.cascades.analysis`. Accounts are
the integer pseudonyms of :class:`monitor.topics.Match`; nothing here knows a name.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import networkx as nx

from monitor.topics import Match

__all__ = ["Edge", "edges_of", "repost_graph", "structural_virality"]


class Edge(msgspec.Struct, frozen=True):
    """One reshare: `author` passed on what `root_author` wrote, at `at_us` (microseconds since the epoch, UTC).

    `via` is the account it was found with, where the network says so (Bluesky does); ``None`` elsewhere.
    """

    author: int
    root_author: int
    at_us: int
    via: int | None = None


def edges_of(matches: Iterable[Match]) -> list[Edge]:
    """Return the reshares among these matches whose root's author is known, except people passing on themselves."""
    return [
        Edge(match.author, match.root_author, match.published_us)
        for match in matches
        if match.kind in ("repost", "quote") and match.root_author is not None and match.root_author != match.author
    ]


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


def structural_virality(tree: nx.DiGraph[int]) -> float:
    """Return the mean distance between two posts of a cascade: near 2 for a broadcast, long for chains.

    Parameters
    ----------
    tree
        The cascade as a rooted tree, links from each post to its reshares.

    Raises
    ------
    ValueError
        If `tree` is not a rooted tree.

    Notes
    -----
    The Wiener index over the number of pairs, in linear time: the link above a subtree of ``s`` of the ``n`` posts
    lies on the path of ``s (n - s)`` pairs. 0 for a single post.

    Examples
    --------
    >>> structural_virality(nx.DiGraph([(0, 1), (0, 2), (0, 3)]))
    1.5

    References
    ----------
    .. [1] Goel et al., The structural virality of online diffusion, 2016, doi:10.1287/mnsc.2015.2158.
    """
    if not tree or not nx.is_arborescence(tree):
        message = "a cascade must be a rooted tree: every post but the root has exactly one parent"
        raise ValueError(message)
    posts = len(tree)
    if posts == 1:
        return 0.0
    below = dict.fromkeys(tree, 1)
    distances = 0
    for post in reversed(list(nx.topological_sort(tree))):
        for parent in tree.predecessors(post):
            below[parent] += below[post]
            distances += below[post] * (posts - below[post])
    return distances / (posts * (posts - 1) / 2)
