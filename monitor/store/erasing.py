"""What must be forgotten: text, handle and address of posts taken back, of authors, and of what is too old.

Rows stay, so that every count stays true; what they say about a post is then no more than that it was there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, bindparam, null, or_, select, tuple_, update

from monitor.store import corrections
from monitor.store.schema import mentions

__all__ = ["author_keys", "erase_keys", "erase_old"]

_says_something: Final = or_(mentions.c.text.is_not(None), mentions.c.handle.is_not(None), mentions.c.url.is_not(None))
_ERASED: Final = {"text": null(), "handle": null(), "url": null()}
# From what a picture looks like one could draw it, blurred. It goes with the old, not with what is taken back: a minute
# that is still open must be read back after a restart as it was.
_ERASED_WHEN_OLD: Final = {**_ERASED, "images": ""}


def erase_keys(connection: Connection, keys: Sequence[int]) -> int:
    """Erase these items and their reposts; return how many rows changed."""
    if not keys:
        return 0
    key: ColumnElement[int] = bindparam("sought")
    # Two statements, because each can use one index: an item in the middle of a conversation, then a root (whose key
    # is its own root) with all reposts of it.
    wheres: tuple[ColumnElement[bool], ...] = (
        and_(mentions.c.key == key, mentions.c.key != mentions.c.root),
        and_(mentions.c.root == key, or_(mentions.c.key == key, mentions.c.kind == "repost")),
    )
    sought = [{"sought": one} for one in dict.fromkeys(keys)]
    corrections.forget(connection, list(dict.fromkeys(keys)))
    statements = [update(mentions).where(where, _says_something).values(_ERASED) for where in wheres]
    return sum(connection.execute(statement, sought).rowcount for statement in statements)


def author_keys(connection: Connection, authors: Sequence[int]) -> list[int]:
    """Return the keys of everything stored by these authors."""
    keys: list[int] = []
    for author in authors:
        keys += connection.execute(select(mentions.c.key).where(mentions.c.author == author).distinct()).scalars()
    return keys


def erase_old(connection: Connection, topic: str, before_us: int, most: int) -> int:
    """Erase at most `most` of a topic's items published before an instant; return how many rows changed."""
    row = (mentions.c.topic, mentions.c.published_us, mentions.c.key)
    says = or_(_says_something, mentions.c.images != "")
    old = and_(mentions.c.topic == topic, mentions.c.published_us < before_us, says)
    batch = select(*row).where(old).limit(most)
    return connection.execute(update(mentions).where(tuple_(*row).in_(batch)).values(_ERASED_WHEN_OLD)).rowcount
