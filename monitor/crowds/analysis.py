"""What a repost graph shows: camps, who joins them, who was first, whose words travel, who came in through whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec
import networkx as nx
import numpy as np

from monitor.crowds.circles import circles_of, participation
from monitor.crowds.graph import Edge

__all__ = ["LISTED", "Community", "GraphSummary", "Reached", "Standing", "summary"]

LISTED: Final = 10
"""At most so many accounts are given of each kind."""

SMALLEST_COMMUNITY: Final = 3
BRIDGING: Final = 0.3
"""The participation coefficient from which Guimerà & Amaral call an account a connector."""


class Standing(msgspec.Struct, frozen=True):
    """An account and its figure in a ranking."""

    account: int
    value: float


class Reached(msgspec.Struct, frozen=True):
    """How many accounts came into the conversation through an account: `directly`, and with those they brought."""

    account: int
    directly: int
    in_all: int


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
        Accounts whose ties are spread over several communities, by how many ties lead into others than their main one.
    core, core_number
        Accounts of the innermost k-core in ascending order, and its k: each is linked to at least k others of it.
    first_movers
        Accounts that reshared first, earliest first; the value is the time in microseconds since the epoch.
    reached
        Accounts through whom most others came in: whose first reshare was of something theirs.
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
    reached: tuple[Reached, ...] = ()


def summary(
    graph: nx.DiGraph[int], edges: Iterable[Edge] = (), began_us: Mapping[int, int] | None = None
) -> GraphSummary:
    """Describe a graph made by :func:`monitor.crowds.graph.repost_graph`; the same graph, the same summary.

    Parameters
    ----------
    edges
        What it was made of, for who came in through whom.
    began_us
        When accounts first wrote something of their own, where known: they came in by themselves.

    References
    ----------
    .. [1] Blondel et al., Fast unfolding of communities in large networks, 2008 (Louvain).
    .. [2] Page et al., The PageRank citation ranking, 1999.
    .. [3] Kitsak et al., Identification of influential spreaders in complex networks, 2010 (k-core).
    .. [4] Guimerà & Amaral, Functional cartography of complex metabolic networks, 2005 (bridges).
    """
    if not graph:
        return GraphSummary(accounts=0, links=0, reshares=0)
    ties: nx.Graph[int] = nx.Graph()
    ties.add_nodes_from(graph)
    ties.add_edges_from(graph.edges)
    arrays = _Arrays(graph)
    cores = nx.core_number(ties)
    core_number = max(cores.values())
    parts: dict[int, set[int]] = {}
    for account, circle in arrays.circles().items():
        parts.setdefault(circle, set()).add(account)
    return GraphSummary(
        accounts=len(graph),
        links=graph.number_of_edges(),
        reshares=int(arrays.weights.sum()),
        communities=_communities(graph, parts.values()),
        modularity=arrays.modularity(),
        passed_on=_highest(nx.pagerank(graph)),
        bridges=arrays.bridges(),
        core=tuple(account for account, core in cores.items() if core == core_number),
        core_number=core_number,
        first_movers=_first_movers(graph),
        reached=_reached(edges, began_us or {}),
    )


class _Arrays:
    """A graph as arrays: accounts by place, links as pairs of places."""

    def __init__(self, graph: nx.DiGraph[int]) -> None:
        self.accounts = list(graph)
        places = {account: place for place, account in enumerate(self.accounts)}
        links = [(places[one], places[other], link["weight"]) for one, other, link in graph.edges(data=True)]
        self.sources, self.targets, self.weights = np.array(links, np.int64).reshape(-1, 3).T
        self.labels = circles_of(self.sources, self.targets, self.weights.astype(float), len(places))

    def circles(self) -> dict[int, int]:
        labels = self.labels.tolist()
        return {account: self.accounts[label] for account, label in zip(self.accounts, labels, strict=True)}

    def modularity(self) -> float:
        """Return the share of reshares within communities, less that expected by chance (Newman 2004)."""
        total = float(self.weights.sum())
        inner = self.weights[self.labels[self.sources] == self.labels[self.targets]].sum()
        ends = np.concatenate((self.labels[self.sources], self.labels[self.targets]))
        held = np.bincount(ends, np.concatenate((self.weights, self.weights)))
        return float(inner / total - ((held / (2 * total)) ** 2).sum())

    def bridges(self) -> tuple[Standing, ...]:
        """Return the accounts that take part in several communities, by their ties outside the main one."""
        members = np.bincount(self.labels, minlength=len(self.accounts))
        counts = members[self.labels] >= SMALLEST_COMMUNITY
        known = counts[self.sources] & counts[self.targets]
        each = np.ones(np.count_nonzero(known))
        joins = participation(self.sources[known], self.targets[known], each, self.labels)
        outside = joins.outside.round().astype(int).tolist()
        found = np.flatnonzero((joins.coefficient >= BRIDGING) & (joins.outside > 0)).tolist()
        ranked = sorted(
            (-outside[place], -round(joins.coefficient[place], 12), self.accounts[place]) for place in found
        )
        return tuple(Standing(account, float(-ties)) for ties, _, account in ranked[:LISTED])


def _communities(graph: nx.DiGraph[int], parts: Iterable[set[int]]) -> tuple[Community, ...]:
    passed_on = dict(graph.in_degree(weight="weight"))
    communities = [
        Community(tuple(sorted(part)), min(part, key=lambda account: (-passed_on[account], account)))
        for part in parts
        if len(part) >= SMALLEST_COMMUNITY
    ]
    return tuple(sorted(communities, key=lambda community: (-len(community.accounts), community.accounts)))


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


def _reached(edges: Iterable[Edge], began_us: Mapping[int, int]) -> tuple[Reached, ...]:
    """Follow everybody's first reshare to whom they came in through.

    Whoever wrote something, or was passed on, before they first passed on something themselves came in alone. So
    everybody came in later than the account they came through, and the ways in form trees.
    """
    came: dict[int, Edge] = {}
    known_us = dict(began_us)
    for edge in edges:
        found = came.get(edge.author)
        if found is None or (edge.at_us, edge.root_author) < (found.at_us, found.root_author):
            came[edge.author] = edge
        for passed_on in (edge.root_author, edge.via):
            if passed_on is not None and edge.at_us < known_us.get(passed_on, edge.at_us + 1):
                known_us[passed_on] = edge.at_us
    directly: Counter[int] = Counter()
    in_all: Counter[int] = Counter()
    for author, edge in sorted(came.items(), key=lambda entry: (-entry[1].at_us, entry[0])):
        if edge.at_us < known_us.get(author, edge.at_us + 1):
            through = edge.root_author if edge.via is None or edge.via == author else edge.via
            directly[through] += 1
            in_all[through] += 1 + in_all[author]
    ranked = sorted(in_all, key=lambda account: (-in_all[account], -directly[account], account))
    return tuple(Reached(account, directly[account], in_all[account]) for account in ranked[:LISTED])
