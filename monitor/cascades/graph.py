"""Who passes on whom: analysis of a repost graph, made on demand for what is burning.

A graph of 5,000 accounts takes about a second; the hot path keeps counters instead (:mod:`monitor.cascades.tracker`).
Accounts are the integer pseudonyms of :class:`monitor.topics.Match`; nothing here knows a name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec
import networkx as nx

from monitor.topics import Match

__all__ = [
    "LISTED",
    "Community",
    "Edge",
    "GraphSummary",
    "Standing",
    "edges_of",
    "repost_graph",
    "structural_virality",
    "summary",
]

SEED: Final = 20_150_314  # any fixed number: the same graph must give the same communities and bridges
PIVOTS: Final = 48  # sources sampled for betweenness; Brandes & Pich 2007 find a few dozen enough to rank
LISTED: Final = 10
"""At most so many accounts are given of each kind."""

SMALLEST_COMMUNITY: Final = 3


class Edge(msgspec.Struct, frozen=True):
    """One reshare: `author` passed on what `root_author` wrote, at `at_us` (microseconds since the epoch, UTC)."""

    author: int
    root_author: int
    at_us: int


class Standing(msgspec.Struct, frozen=True):
    """An account and its figure in a ranking."""

    account: int
    value: float


class Community(msgspec.Struct, frozen=True):
    """Accounts that mostly pass on each other, in ascending order, and the one among them passed on most."""

    accounts: tuple[int, ...]
    leader: int


class GraphSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What a repost graph looks like.

    Attributes
    ----------
    accounts, links, reshares
        Accounts, pairs of accounts of which one passed on the other, and how often they did.
    communities
        Of three accounts or more, largest first (Louvain).
    modularity
        How separate the communities are: 0 is one crowd, above 0.3 are clear camps.
    passed_on
        Accounts whose words travel, by PageRank along the reposts; the values of all accounts sum to 1.
    bridges
        Accounts that join parts of the graph, by approximate betweenness in [0, 1]; only those above 0.
    core, core_number
        Accounts of the innermost k-core in ascending order, and its k: each is linked to at least k others of it.
    first_movers
        Accounts that reshared first, earliest first; the value is the time in microseconds since the epoch.
    """

    accounts: int
    links: int
    reshares: int
    communities: tuple[Community, ...] = ()
    modularity: float = 0.0
    passed_on: tuple[Standing, ...] = ()
    bridges: tuple[Standing, ...] = ()
    core: tuple[int, ...] = ()
    core_number: int = 0
    first_movers: tuple[Standing, ...] = ()


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
    seen: dict[tuple[int, int], tuple[int, int, int]] = {}
    for edge in edges:
        pair = (edge.author, edge.root_author)
        count, first_us, last_us = seen.get(pair, (0, edge.at_us, edge.at_us))
        seen[pair] = (count + 1, min(first_us, edge.at_us), max(last_us, edge.at_us))
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(sorted({account for pair in seen for account in pair}))
    for (author, root_author), (count, first_us, last_us) in sorted(seen.items()):
        graph.add_edge(author, root_author, weight=count, first_us=first_us, last_us=last_us)
    return graph


def summary(graph: nx.DiGraph[int]) -> GraphSummary:
    """Describe a graph made by :func:`repost_graph`. The same graph always gives the same summary.

    References
    ----------
    .. [1] Blondel et al., Fast unfolding of communities in large networks, 2008 (Louvain).
    .. [2] Page et al., The PageRank citation ranking, 1999.
    .. [3] Kitsak et al., Identification of influential spreaders in complex networks, 2010 (k-core).
    .. [4] Brandes & Pich, Centrality estimation in large networks, 2007 (betweenness from sampled pivots).
    """
    if not graph:
        return GraphSummary(accounts=0, links=0, reshares=0)
    ties = graph.to_undirected()
    ties.remove_edges_from(list(nx.selfloop_edges(ties)))
    parts = nx.community.louvain_communities(ties, weight="weight", seed=SEED)
    cores = nx.core_number(ties)
    core_number = max(cores.values())
    return GraphSummary(
        accounts=len(graph),
        links=graph.number_of_edges(),
        reshares=int(graph.size(weight="weight")),
        communities=_communities(graph, parts),
        modularity=nx.community.modularity(ties, parts) if ties.number_of_edges() else 0.0,
        passed_on=_highest(nx.pagerank(graph)),
        bridges=_highest(_betweenness(ties)),
        core=tuple(account for account, core in cores.items() if core == core_number),
        core_number=core_number,
        first_movers=_first_movers(graph),
    )


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


def _communities(graph: nx.DiGraph[int], parts: Iterable[set[int]]) -> tuple[Community, ...]:
    passed_on = dict(graph.in_degree(weight="weight"))
    communities = [
        Community(tuple(sorted(part)), min(part, key=lambda account: (-passed_on[account], account)))
        for part in parts
        if len(part) >= SMALLEST_COMMUNITY
    ]
    return tuple(sorted(communities, key=lambda community: (-len(community.accounts), community.accounts)))


def _betweenness(ties: nx.Graph[int]) -> dict[int, float]:
    """Return the approximate betweenness of accounts with two ties or more: one with a single tie joins nothing."""
    found = nx.betweenness_centrality(ties, k=min(PIVOTS, len(ties)), seed=SEED)
    return {account: value for account, value in found.items() if value > 0}


def _highest(values: dict[int, float]) -> tuple[Standing, ...]:
    # Rounded first, so that equals which differ in the sixteenth digit are ordered by account.
    ranked = sorted((-round(value, 12), account) for account, value in values.items())
    return tuple(Standing(account, -value) for value, account in ranked[:LISTED])


def _first_movers(graph: nx.DiGraph[int]) -> tuple[Standing, ...]:
    first: dict[int, int] = {}
    for author, _, link in graph.edges(data=True):
        first[author] = min(link["first_us"], first.get(author, link["first_us"]))
    earliest = sorted((at_us, author) for author, at_us in first.items())[:LISTED]
    return tuple(Standing(author, at_us) for at_us, author in earliest)
