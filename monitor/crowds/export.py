"""A repost graph as a file: GEXF and GraphML for Gephi, JSON for the web.

Accounts go by their pseudonyms; only public figures carry their handle. What could tell a private person apart all
the same is coarse: followers to two digits, times to the minute. Handles and words are hostile text: whatever XML
cannot hold is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from io import BytesIO
from typing import Final, Literal

import msgspec
import networkx as nx
from networkx.readwrite.gexf import GEXFWriter

from monitor.clock import MINUTE_US, rfc3339
from monitor.crowds.naming import Topicality
from monitor.topics import Role

__all__ = ["MEDIA_TYPES", "Format", "Who", "annotated", "coarse", "encoded", "pseudonym"]

Format = Literal["gexf", "graphml", "json"]

MEDIA_TYPES: Final[dict[Format, str]] = {
    "gexf": "application/gexf+xml",
    "graphml": "application/graphml+xml",
    "json": "application/json",
}

_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """What may be said of an account.

    Attributes
    ----------
    handle
        Only of public figures and of the brand's own accounts; ``None`` for everybody else.
    followers
        ``None`` when unknown.
    verified, role
        Whether the network vouches for it; what its profile says it does.
    """

    network: str = ""
    handle: str | None = None
    followers: int | None = None
    verified: bool = False
    role: Role | None = None
    is_own: bool = False


def pseudonym(account: int) -> str:
    """Return the pseudonym of an account as text.

    Examples
    --------
    >>> pseudonym(255), pseudonym(-1)
    ('00000000000000ff', 'ffffffffffffffff')
    """
    return f"{account & (1 << 64) - 1:016x}"


def coarse(count: int) -> int:
    """Return a count to two digits: enough to judge by, too little to tell a person by.

    Examples
    --------
    >>> coarse(1_234), coarse(99), coarse(0)
    (1200, 99, 0)
    """
    return int(float(f"{count:.1e}"))


def annotated(
    graph: nx.DiGraph[int],
    people: Mapping[int, Who],
    communities: Mapping[int, int],
    names: Mapping[int, Topicality],
    figures: Mapping[str, Mapping[int, float]],
) -> nx.DiGraph[str]:
    """Return the graph as it may leave the house.

    Parameters
    ----------
    graph
        As :func:`monitor.crowds.graph.repost_graph` made it.
    communities
        The community of an account, counted from 1; accounts of none are left out.
    names
        What each community goes by.
    figures
        Other columns: by name, then account.
    """
    shown: nx.DiGraph[str] = nx.DiGraph()
    for account in graph:
        who = people.get(account, Who())
        community = communities.get(account, 0)
        name = names.get(community, Topicality())
        shown.add_node(
            pseudonym(account),
            label=pseudonym(account)[:8] if who.handle is None else f"@{_plain(who.handle)}",
            public=who.handle is not None,
            own=who.is_own,
            network=_plain(who.network),
            followers=-1
            if who.followers is None
            else who.followers
            if who.handle is not None
            else coarse(who.followers),
            verified=who.verified,
            role=who.role or "",
            community=community,
            community_name=_plain(" ".join((*(f"#{tag}" for tag in name.hashtags), *name.words))),
            **{column: float(values.get(account, 0.0)) for column, values in figures.items()},
        )
    for author, root_author, link in graph.edges(data=True):
        shown.add_edge(
            pseudonym(author),
            pseudonym(root_author),
            weight=link["weight"],
            first=_minute(link["first_us"]),
            last=_minute(link["last_us"]),
        )
    return shown


def encoded(graph: nx.DiGraph[str], form: Format) -> bytes:
    """Return an annotated graph as a file: the same graph, the same bytes."""
    if form == "json":
        return json.dumps(nx.node_link_data(graph, edges="links"), ensure_ascii=False).encode()
    target = BytesIO()
    if form == "graphml":
        nx.write_graphml_xml(graph, target, prettyprint=False)
        return target.getvalue()
    writer = GEXFWriter(encoding="utf-8", prettyprint=False, version="1.2draft")
    writer.add_graph(graph)
    for meta in writer.xml.iter("meta"):
        meta.attrib.pop("lastmodifieddate", None)  # the day of the export would make every export another file
    writer.write(target)
    return target.getvalue()


def _plain(text: str) -> str:
    return _NOT_XML.sub("", text)


def _minute(at_us: int) -> str:
    return rfc3339(at_us // MINUTE_US * MINUTE_US)
