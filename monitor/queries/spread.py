"""The repost graph of an incident: how many camps carry it, and through whom."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, select

from monitor.cascades.graph import Edge, GraphSummary, repost_graph, summary
from monitor.store.schema import mentions

__all__ = ["spread_of"]

MOST_EDGES: Final = 20_000
"""The newest reshares looked at: a graph of some 10,000 accounts, a few seconds of analysis."""


def spread_of(connection: Connection, topic: str, start_us: int, end_us: int) -> GraphSummary:
    """Analyse who passed on whom about a topic within [start_us, end_us) of event time.

    Accounts are pseudonyms. Of more than twenty thousand reshares only the newest are looked at.
    """
    columns = mentions.c
    query = (
        select(columns.author, columns.root_author, columns.published_us)
        .where(columns.topic == topic, columns.published_us >= start_us, columns.published_us < end_us)
        .where(columns.kind.in_(("repost", "quote")), columns.root_author.is_not(None))
        .where(columns.root_author != columns.author)
        .order_by(columns.published_us.desc(), columns.key.desc())
        .limit(MOST_EDGES)
    )
    edges = [Edge(row.author, row.root_author, row.published_us) for row in connection.execute(query)]
    return summary(repost_graph(edges))
