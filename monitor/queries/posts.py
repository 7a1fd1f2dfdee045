"""A stored post as the war room may show it."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from sqlalchemy import Column, Row

from monitor.store.schema import mentions

__all__ = ["POST_COLUMNS", "Post", "post_of"]


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
        text=row.text,
        url=row.url,
        responses=responses,
    )
