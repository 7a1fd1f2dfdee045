"""Header of a table -> which column holds which of our fields."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from typing import Final

import msgspec

from monitor.errors import InputRefused

__all__ = ["FIELDS", "Layout", "field_named", "layout_of"]

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id", "id_str", "tweet_id", "tweetid", "status_id", "post_id", "mention_id", "uri", "guid"),
    "published": (
        *("published", "published_at", "created_at", "createdat", "time_utc", "timestamp", "unix", "datetime"),
        *("date+time", "date", "time", "posted_at", "publish_date", "tweet_created", "created_time", "date_utc"),
        "created",
    ),
    "text": (
        *("text", "full_text", "content", "body", "message", "tweet", "tweet_text", "post", "contenu", "texte"),
        *("snippet", "title", "titre"),
    ),
    "author_id": ("author_id", "user_id", "userid", "user_id_str", "external_author_id"),
    "author": ("user", "author", "screen_name", "username", "user_name", "handle", "user_screen_name", "auteur"),
    "followers": ("followers", "followers_count", "user_followers_count", "author_followers", "followers_number"),
    "verified": ("verified", "user_verified", "is_verified"),
    "lang": ("lang", "language", "langue"),
    "network": ("network", "platform", "source_type"),
    "repost": ("retweet", "is_retweet", "isretweet", "repost", "is_repost"),
    "root_id": ("root_id", "retweeted_id", "retweeted_status_id", "conversation_id", "thread_id"),
    "parent_id": ("parent_id", "in_reply_to_id", "in_reply_to_status_id", "replied_to_tweet_id", "inreplytoid"),
    "reposts": ("retweet_count", "retweetcount", "retweets", "repost_count", "shares"),
    "likes": ("favorite_count", "favourite_count", "like_count", "likes", "favorites", "likecount"),
    "replies": ("reply_count", "replies", "comments", "replycount"),
    "quotes": ("quote_count", "quotes"),
    "url": ("url", "link", "permalink", "tweet_url", "lien"),
}
"""Our fields, each with the column names it is recognised by, best first; ``a+b`` is both, joined by a space."""

_NEEDED: Final = ("published", "text")
_DELIMITERS: Final = (",", ";", "\t", "|")


class Layout(msgspec.Struct, frozen=True):
    """How a table is cut and read.

    Attributes
    ----------
    places
        For each of our fields that the table has: which cells make it up.
    width
        Number of columns.
    """

    delimiter: str
    places: dict[str, tuple[int, ...]]
    width: int


def layout_of(header: str, mapped: Mapping[str, str]) -> Layout:
    """Find the delimiter and the columns.

    Parameters
    ----------
    header
        The first line of the table.
    mapped
        Columns the caller names: our field (or any usual name of it) to column, or to several as ``a+b``.

    Raises
    ------
    InputRefused
        If no column holds the time or the text, or a mapped one is not there.
    """
    wanted = {field_named(name): column for name, column in mapped.items()}
    layouts = [_layout(header, delimiter, wanted) for delimiter in _DELIMITERS]
    best = max(layouts, key=lambda layout: (len(layout.places), layout.width))
    names = ", ".join(_names(header, best.delimiter))[:300]
    for field, column in wanted.items():
        if field not in best.places:
            message = f"there is no column {column!r} for {field}; the header has: {names}"
            raise InputRefused(message)
    for field in _NEEDED:
        if field not in best.places:
            message = f"no column for {field} is recognised; name it with --map {field}=COLUMN; the header has: {names}"
            raise InputRefused(message)
    return best


def field_named(name: str) -> str:
    """Return our field of this or any usual name.

    Raises
    ------
    InputRefused
        If it is no name of a field.
    """
    for field, usual in FIELDS.items():
        if name == field or _folded(name) in usual:
            return field
    message = f"the field {name!r} is not known; map one of {', '.join(FIELDS)}, such as text=body"
    raise InputRefused(message)


def _layout(header: str, delimiter: str, wanted: Mapping[str, str]) -> Layout:
    names = _names(header, delimiter)
    at = {name: place for place, name in reversed(list(enumerate(names)))}
    places = {}
    for field, usual in FIELDS.items():
        for column in (wanted[field],) if field in wanted else usual:
            parts = [_folded(part) for part in column.split("+")]
            if all(part in at for part in parts):
                places[field] = tuple(at[part] for part in parts)
                break
    return Layout(delimiter, places, len(names))


def _names(header: str, delimiter: str) -> list[str]:
    try:
        names = next(csv.reader((header,), delimiter=delimiter), [])
    except csv.Error:  # a stray carriage return
        return []
    return [_folded(name) for name in names]


def _folded(name: str) -> str:
    return name.strip().casefold().replace(" ", "_").replace("-", "_").replace(".", "_")
