"""A stored post as the war room may show it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import msgspec
from sqlalchemy import Column, Connection, Row, select

from monitor.mentions import mention_key
from monitor.store.schema import mentions

__all__ = ["POST_COLUMNS", "Post", "Wording", "post_of", "rows_of_keys", "wording_of"]


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """One stored post. Text, handle and url are hostile: show them as text, never as markup.

    Attributes
    ----------
    handle
        Only of public figures; ``None`` for everybody else.
    followers
        ``None`` when unknown.
    text
        ``None`` for reposts, and once erased.
    responses
        Replies, quotes and reposts of it that were seen on the topic in the span asked for.
    is_ironic
        Signs of irony were found, so that `tone` is uncertain.
    """

    network: str
    id: str
    kind: str
    published_us: int
    handle: str | None
    followers: int | None
    is_own: bool
    tone: float
    text: str | None
    url: str | None
    responses: int = 0
    is_ironic: bool = False


POST_COLUMNS: Final[tuple[Column[Any], ...]] = (
    mentions.c.key,
    mentions.c.network,
    mentions.c.id,
    mentions.c.kind,
    mentions.c.published_us,
    mentions.c.handle,
    mentions.c.followers,
    mentions.c.is_own,
    mentions.c.tone,
    mentions.c.is_ironic,
    mentions.c.text,
    mentions.c.url,
)


def post_of(row: Row[*tuple[Any, ...]], responses: int = 0) -> Post:
    """Read a row of :data:`POST_COLUMNS`."""
    return Post(
        network=row.network,
        id=row.id,
        kind=row.kind,
        published_us=row.published_us,
        handle=row.handle,
        followers=row.followers,
        is_own=row.is_own,
        tone=row.tone,
        is_ironic=bool(row.is_ironic),
        text=row.text,
        url=row.url,
        responses=responses,
    )


def rows_of_keys(connection: Connection, topic: str, keys: Collection[int]) -> list[Row[*tuple[Any, ...]]]:
    """Return the stored posts of a topic that have these keys, as rows of :data:`POST_COLUMNS`."""
    chosen = select(*POST_COLUMNS).where(mentions.c.topic == topic)
    # What began a conversation is found by the index of roots, all others by that of keys, which leaves those out.
    roots = chosen.where(mentions.c.root.in_(keys), mentions.c.key == mentions.c.root)
    others = chosen.where(mentions.c.key.in_(keys), mentions.c.key != mentions.c.root)
    return list(connection.execute(roots.union_all(others)))


class Wording(msgspec.Struct, frozen=True):
    """The words of a stored post (hostile), its key, and the language its network or author declared."""

    key: int
    text: str
    lang: str | None


def wording_of(connection: Connection, topic: str, name: str) -> Wording | None:
    """Return the words of a post (``network:id``) stored for a topic; ``None`` when there are none, or no longer."""
    network, _, identifier = name.partition(":")
    key = mention_key(network, identifier)
    columns = mentions.c
    chosen = select(columns.text, columns.lang).where(columns.topic == topic, columns.text.is_not(None))
    # A root is found by the index of roots, any other by that of keys, which leaves the roots out.
    root = chosen.where(columns.root == key, columns.key == key)
    other = chosen.where(columns.key == key, columns.key != columns.root)
    row = connection.execute(root.union_all(other)).first()
    return None if row is None else Wording(key, row.text, row.lang)
