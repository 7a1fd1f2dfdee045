"""Who carries a topic: camps and what they go by, who joins them, who was first, whose next post would reach most."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import networkx as nx
from sqlalchemy import Connection, Row, select

from monitor.clock import DAY_US, SECOND_US
from monitor.crowds.analysis import GraphSummary, summary
from monitor.crowds.export import Format, Who, annotated, encoded
from monitor.crowds.graph import Edge, repost_graph
from monitor.crowds.influence import Influence, Speaker, influences, reach
from monitor.crowds.naming import Topicality, name_of, plain_words
from monitor.queries.posts import rows_of_keys
from monitor.store.schema import mentions

__all__ = ["LISTED_INFLUENCES", "Spread", "exported_graph", "spread_of"]

MOST_ROWS: Final = 40_000
"""The newest mentions looked at: a graph of some twenty thousand accounts, a second or two."""

MOST_TEXTS: Final = 400
"""Communities are named by the words of the roots reshared most."""

LOOKBACK_US: Final = 7 * DAY_US
"""What accounts drew before is looked for in the week before the span too."""

LISTED_INFLUENCES: Final = 10


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """Who carries a topic in a span. Accounts are pseudonyms.

    Attributes
    ----------
    graph
        What the repost graph shows.
    names
        What its communities go by, in their order.
    influences
        Whose next post would reach most, of those who wrote in the span or were passed on.
    people
        What may be said of every account in `graph`'s rankings and `influences`.
    is_partial
        There were more mentions than are looked at; the newest were.
    """

    graph: GraphSummary
    names: tuple[Topicality, ...] = ()
    influences: tuple[Influence, ...] = ()
    people: dict[int, Who] = {}
    is_partial: bool = False


def spread_of(connection: Connection, topic: str, start_us: int, end_us: int) -> Spread:
    """Analyse who carried a topic within [start_us, end_us) of event time."""
    seen = _gather(connection, topic, start_us, end_us)
    graph = summary(repost_graph(seen.edges), seen.edges, seen.began_us)
    circles = _communities(graph)
    found = tuple(_ranked(seen, graph, circles, end_us))
    wanted = {one.account for one in found}.union(*_listed(graph))
    return Spread(
        graph=graph,
        names=tuple(_names(connection, topic, seen, circles, len(graph.communities)).values()),
        influences=found,
        people=_people(connection, topic, seen, wanted),
        is_partial=seen.is_partial,
    )


def exported_graph(connection: Connection, topic: str, start_us: int, end_us: int, form: Format) -> bytes:
    """Return the repost graph of a topic within [start_us, end_us) as a file; see :mod:`monitor.crowds.export`."""
    seen = _gather(connection, topic, start_us, end_us)
    graph = repost_graph(seen.edges)
    found = summary(graph, seen.edges, seen.began_us)
    circles = _communities(found)
    names = _names(connection, topic, seen, circles, len(found.communities))
    figures: dict[str, Mapping[int, float]] = {
        "passed_on": dict(graph.in_degree(weight="weight")),
        "passes_on": dict(graph.out_degree(weight="weight")),
        "pagerank": nx.pagerank(graph) if graph else {},
        "bridge": {one.account: one.value for one in found.bridges},
        "brought_in": {one.account: float(one.in_all) for one in found.reached},
    }
    return encoded(annotated(graph, _people(connection, topic, seen, set(graph)), circles, names, figures), form)


@dataclass
class _Seen:
    """What the rows of a span tell."""

    edges: list[Edge] = field(default_factory=list)  # of the span itself; all else with what came before it
    began_us: dict[int, int] = field(default_factory=dict)
    present: set[int] = field(default_factory=set)  # wrote in the span, or were passed on
    people: dict[int, Who] = field(default_factory=dict)
    written: dict[int, tuple[int, int]] = field(default_factory=dict)  # post -> author, when
    reposts: Counter[int] = field(default_factory=Counter)  # by root
    resharers: list[tuple[int, int]] = field(default_factory=list)  # root's author, who passed on
    hashtags: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    carried: list[tuple[int, int]] = field(default_factory=list)  # account, root it wrote or passed on
    is_partial: bool = False


def _gather(connection: Connection, topic: str, start_us: int, end_us: int) -> _Seen:
    columns = mentions.c
    query = (
        select(
            columns.key, columns.kind, columns.author, columns.root, columns.root_author, columns.published_us,
            columns.network, columns.followers, columns.verified, columns.role, columns.handle, columns.hashtags,
            columns.is_own, columns.parent,
        )
        .where(columns.topic == topic, columns.published_us >= start_us - LOOKBACK_US, columns.published_us < end_us)
        .order_by(columns.published_us.desc(), columns.key.desc())
        .limit(MOST_ROWS)
    )  # fmt: skip
    seen = _Seen()
    rows = connection.execute(query).all()
    seen.is_partial = len(rows) == MOST_ROWS and rows[-1].published_us >= start_us
    authors = {row.key: row.author for row in rows}
    for row in rows:
        _take_in(seen, row, authors, start_us)
    return seen


def _take_in(seen: _Seen, row: Row[*tuple[Any, ...]], authors: dict[int, int], start_us: int) -> None:
    key, kind, author, root, root_author, at_us, network, followers, verified, role, handle, tags, is_own, parent = row
    known = seen.people.get(author)
    if known is None or (known.handle is None and handle is not None):
        seen.people[author] = Who(
            network=network, handle=handle, followers=followers, verified=bool(verified), role=role, is_own=is_own
        )
    in_span = at_us >= start_us
    if kind != "repost":
        seen.written[key] = (author, at_us)
        if in_span and kind != "quote":
            seen.began_us[author] = min(at_us, seen.began_us.get(author, at_us))
    if kind in ("repost", "quote") and root_author is not None and root_author != author:
        seen.reposts[root] += 1
        seen.resharers.append((root_author, author))
        seen.written.setdefault(root, (root_author, at_us))
        if in_span:
            seen.edges.append(Edge(author, root_author, at_us, authors.get(parent) if parent != root else None))
            seen.present.add(root_author)
    if in_span:
        seen.present.add(author)
        seen.carried.append((author, root if kind == "repost" else key))
        if tags:
            seen.hashtags[author].update(tags.split(" "))


def _communities(graph: GraphSummary) -> dict[int, int]:
    """Return the community of each account, counted from 1, the largest first."""
    return {account: number for number, part in enumerate(graph.communities, 1) for account in part.accounts}


def _names(
    connection: Connection, topic: str, seen: _Seen, circles: dict[int, int], count: int
) -> dict[int, Topicality]:
    leading = [root for root, _ in sorted(seen.reposts.items(), key=lambda entry: (-entry[1], entry[0]))[:MOST_TEXTS]]
    # What is passed on may itself be a reply or a quote.
    rows = rows_of_keys(connection, topic, leading)
    words = {row.key: plain_words(row.text) for row in rows if row.text is not None}
    used = [(account, (), words[post]) for account, post in seen.carried if post in words]
    tagged = [(account, tags, ()) for account, tags in seen.hashtags.items()]
    # Accounts of no community are everybody else: number 0.
    everybody = {account: circles.get(account, 0) for account in seen.people}
    return name_of([*used, *tagged], everybody, range(1, count + 1))


def _ranked(seen: _Seen, graph: GraphSummary, circles: dict[int, int], end_us: int) -> Iterator[Influence]:
    passed_on_in: dict[int, Counter[int]] = defaultdict(Counter)
    for root_author, author in seen.resharers:
        if author in circles:
            passed_on_in[root_author][circles[author]] += 1
    posts: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for post, (author, at_us) in seen.written.items():
        posts[author].append((seen.reposts[post], (end_us - at_us) / SECOND_US))
    speakers = []
    for account, written in posts.items():
        who = seen.people.get(account, Who())
        if not who.is_own:
            speakers.append(
                Speaker(
                    account=account,
                    followers=who.followers,
                    verified=who.verified,
                    role=who.role,
                    posts=tuple(written),
                    passed_on_in=passed_on_in.get(account, {}),
                )
            )
    audiences = {author: seen.people[author].followers for _, author in seen.resharers}
    known = [followers for followers in audiences.values() if followers is not None]
    sizes = {number: len(part.accounts) for number, part in enumerate(graph.communities, 1)}
    for found in influences(speakers, known, sizes, wanted=seen.present, most=LISTED_INFLUENCES):
        yield msgspec.structs.replace(found, hashtag_reach=_hashtag_reach(seen, found.account))


def _hashtag_reach(seen: _Seen, account: int) -> float:
    """Return how many people the hashtags of an account reach, each of their authors counted once."""
    tags = seen.hashtags.get(account, set())
    users = [user for user, theirs in seen.hashtags.items() if not tags.isdisjoint(theirs)]
    return reach(seen.people[user].followers or 0 for user in users)


def _listed(graph: GraphSummary) -> list[set[int]]:
    rankings: Iterable[Iterable[Any]] = (graph.passed_on, graph.bridges, graph.first_movers, graph.reached)
    leaders = {community.leader for community in graph.communities}
    return [leaders, *({standing.account for standing in ranking} for ranking in rankings)]


def _people(connection: Connection, topic: str, seen: _Seen, wanted: set[int]) -> dict[int, Who]:
    """Return what may be said of accounts; those who were only passed on are looked for among older mentions."""
    missing = sorted(wanted - seen.people.keys())
    found = {account: seen.people[account] for account in wanted if account in seen.people}
    columns = mentions.c
    for start in range(0, len(missing), 500):
        query = (
            select(
                columns.author, columns.network, columns.handle, columns.followers, columns.verified, columns.role,
                columns.is_own,
            )
            .where(columns.author.in_(missing[start : start + 500]), columns.topic == topic)
            .order_by(columns.published_us)
        )  # fmt: skip
        for row in connection.execute(query):
            found[row.author] = Who(
                network=row.network,
                handle=row.handle,
                followers=row.followers,
                verified=bool(row.verified),
                role=row.role,
                is_own=row.is_own,
            )
    return found
