"""X API v1.1 tweets, as twelve years of archives hold them: lines, one array, or a search's ``{"statuses": [...]}``.

The whole text is ``extended_tweet.full_text``, ``full_text`` or ``text``, whichever comes first; that of a retweet is
its original's. Notices of deletion are read, all other notices of the old stream are ignored.

References
----------
.. [1] X data dictionary, standard v1.1, https://docs.x.com/x-api/enterprise-gnip-2.0/fundamentals/data-dictionary
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, BinaryIO, ClassVar, Final

import msgspec

from monitor.mentions import Author, Deletion, Engagement, Image, Kind, Mention
from monitor.sources import Decoded
from monitor.sources.dates import rfc3339_us, twitter_us, unix_us
from monitor.sources.json_records import PAGE_BYTES, first_objects, json_records
from monitor.sources.reasons import FAILURES, Unusable, explain

__all__ = ["XV11"]

_Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class _User(msgspec.Struct, gc=False):
    id_str: str | None = None
    id: int | str | None = None
    screen_name: str | None = None
    followers_count: _Count | None = None
    created_at: str | None = None
    verified: bool | None = None
    description: str | None = None


class _Hashtag(msgspec.Struct, gc=False):
    text: str


class _Link(msgspec.Struct, gc=False):
    url: str | None = None
    expanded_url: str | None = None


class _Handle(msgspec.Struct, gc=False):
    screen_name: str | None = None


class _Media(msgspec.Struct, gc=False):
    media_url_https: str | None = None
    ext_alt_text: str | None = None


class _Shown(msgspec.Struct, gc=False):
    """``extended_entities``: all that a tweet shows."""

    media: list[_Media] | None = None


class _Entities(msgspec.Struct, gc=False):
    hashtags: list[_Hashtag] | None = None
    urls: list[_Link] | None = None
    user_mentions: list[_Handle] | None = None


class _Extended(msgspec.Struct, gc=False):
    full_text: str | None = None
    entities: _Entities | None = None
    extended_entities: _Shown | None = None


class _Tweet(msgspec.Struct, gc=False):
    created_at: str
    user: _User
    id_str: str | None = None
    id: int | str | None = None
    text: str | None = None
    full_text: str | None = None
    extended_tweet: _Extended | None = None
    lang: str | None = None
    entities: _Entities | None = None
    extended_entities: _Shown | None = None
    in_reply_to_status_id_str: str | None = None
    in_reply_to_user_id_str: str | None = None
    in_reply_to_screen_name: str | None = None
    quoted_status_id_str: str | None = None
    retweeted_status: _Tweet | None = None
    quoted_status: _Tweet | None = None
    retweet_count: _Count | None = None
    favorite_count: _Count | None = None
    reply_count: _Count | None = None
    quote_count: _Count | None = None


class _Search(msgspec.Struct):
    statuses: list[msgspec.Raw]


class _DeletedStatus(msgspec.Struct):
    id_str: str
    user_id_str: str | None = None


class _Delete(msgspec.Struct):
    status: _DeletedStatus
    timestamp_ms: str | None = None


class _DeleteNotice(msgspec.Struct):
    delete: _Delete


_decode_tweet: Final = msgspec.json.Decoder(_Tweet).decode
_decode_search: Final = msgspec.json.Decoder(_Search).decode
_decode_delete: Final = msgspec.json.Decoder(_DeleteNotice).decode
_decode_keys: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_NOTICES: Final = frozenset(
    {"limit", "scrub_geo", "status_withheld", "user_withheld", "disconnect", "warning", "friends", "event", "control"}
)


class XV11:
    """X API v1.1, see the module's docstring."""

    name: ClassVar[str] = "x_v11"

    def recognises(self, head: bytes) -> bool:
        """Tell by a tweet with its user inside, a list of such, or a notice of deletion."""
        return any(_is_ours(found) for found in first_objects(head))

    def records(self, stream: BinaryIO) -> Iterator[bytes]:
        """Cut into lines, or into the tweets of an array; the answer to a search is one record."""
        return json_records(stream, PAGE_BYTES)

    def decode(self, records: Sequence[bytes], first: int = 1) -> Decoded:
        """Decode tweets, notices and answers to searches."""
        decoded = Decoded([], [])
        keep = decoded.items.append
        for place, record in enumerate(records):
            try:
                keep(_mention(_decode_tweet(record)))
            except FAILURES as error:
                _decode_other(record, first + place, error, decoded)
        decoded.read = len(decoded.items) + len(decoded.malformed) + decoded.ignored
        return decoded


def _is_ours(found: dict[str, object]) -> bool:
    statuses = found.get("statuses")
    if isinstance(statuses, list) and statuses and isinstance(statuses[0], dict):
        found = statuses[0]
    notice = found.get("delete")
    if isinstance(notice, dict):
        return "status" in notice
    return {"created_at", "user"} <= found.keys() and not {"text", "full_text"}.isdisjoint(found)


class _Relation(msgspec.Struct, gc=False):
    """How a tweet stands to the one it answers, quotes or retweets."""

    kind: Kind
    parent_id: str | None = None
    parent_author_id: str | None = None
    parent_author_handle: str | None = None
    root_author: Author | None = None
    engagement: Engagement | None = None


def _mention(tweet: _Tweet) -> Mention:
    words = tweet.retweeted_status or tweet
    extended = words.extended_tweet
    entities = words.entities if extended is None else extended.entities or words.entities
    relation = _relation(tweet)
    identifier = _identifier(tweet)
    # The first ten go by position: a call with more than eleven keywords costs five times as much.
    return Mention(
        "x",
        identifier,
        relation.kind,
        _instant(tweet.created_at),
        _author(tweet.user),
        _text(words),
        None if tweet.lang == "und" else tweet.lang,
        _hashtags(entities),
        _links(entities),
        _handles(entities),
        parent_id=relation.parent_id,
        parent_author_id=relation.parent_author_id,
        parent_author_handle=relation.parent_author_handle,
        root_id=relation.parent_id,  # v1.1 names no conversation: the nearest known thing to a root is the parent
        root_author=relation.root_author,
        quoted_text=None if words.quoted_status is None else _text(words.quoted_status),
        # The counts on a retweet are those of the original.
        engagement=_engagement(tweet) if relation.kind != "repost" else None,
        url="https://x.com/i/status/" + identifier,
        parent_engagement=relation.engagement,
        images=() if relation.kind == "repost" else _images(tweet),
    )


def _relation(tweet: _Tweet) -> _Relation:
    other = tweet.retweeted_status or tweet.quoted_status
    if other is not None:
        author = _author(other.user)
        kind: Kind = "quote" if tweet.retweeted_status is None else "repost"
        return _Relation(kind, _identifier(other), author.id, author.handle, author, _engagement(other))
    if tweet.quoted_status_id_str is not None:  # the quoted tweet was deleted since
        return _Relation("quote", tweet.quoted_status_id_str)
    parent_id = tweet.in_reply_to_status_id_str
    if parent_id is None:
        return _Relation("post")
    return _Relation("reply", parent_id, tweet.in_reply_to_user_id_str, tweet.in_reply_to_screen_name)


def _images(tweet: _Tweet) -> tuple[Image, ...]:
    extended = tweet.extended_tweet
    shown = (extended and extended.extended_entities) or tweet.extended_entities
    media = None if shown is None else shown.media
    return tuple([Image(each.media_url_https, each.ext_alt_text) for each in media]) if media else ()


def _text(tweet: _Tweet) -> str:
    extended = tweet.extended_tweet
    text = (extended and extended.full_text) or tweet.full_text or tweet.text
    if text is None:
        raise Unusable(reason="no_text", detail="`full_text` and `text` are missing; record one of them")
    return text


def _identifier(tweet: _Tweet) -> str:
    identifier = tweet.id_str or tweet.id
    if identifier in (None, ""):
        raise Unusable(reason="no_id", detail="`id_str` is missing; add it")
    return str(identifier)


def _author(user: _User) -> Author:
    identifier = user.id_str or user.id
    opened = user.created_at
    return Author(
        "" if identifier is None else str(identifier),
        user.screen_name,
        user.followers_count,
        None if opened is None else _instant(opened),
        user.verified,
        user.description,
    )


def _engagement(tweet: _Tweet) -> Engagement:
    return Engagement(tweet.reply_count, tweet.retweet_count, tweet.quote_count, tweet.favorite_count)


def _hashtags(entities: _Entities | None) -> tuple[str, ...]:
    found = None if entities is None else entities.hashtags
    return tuple([hashtag.text for hashtag in found]) if found else ()


def _links(entities: _Entities | None) -> tuple[str, ...]:
    found = None if entities is None else entities.urls
    return tuple([link.expanded_url or link.url or "" for link in found]) if found else ()


def _handles(entities: _Entities | None) -> tuple[str, ...]:
    found = None if entities is None else entities.user_mentions
    return tuple([handle.screen_name for handle in found if handle.screen_name is not None]) if found else ()


def _instant(text: str) -> int:
    return rfc3339_us(text) if text[10:11] == "T" else twitter_us(text)


def _decode_other(record: bytes, number: int, error: Exception, decoded: Decoded) -> None:
    """Decode what is not a tweet by itself, or say what is wrong with it."""
    if record.isspace():
        decoded.ignored += 1  # a keep-alive
        return
    try:
        keys = _decode_keys(record)
        if "statuses" in keys:
            _decode_statuses(_decode_search(record).statuses, number, decoded)
        elif "delete" in keys:
            decoded.items.append(_deletion(_decode_delete(record).delete))
        elif not keys.keys().isdisjoint(_NOTICES):
            decoded.ignored += 1
        else:
            decoded.malformed.append(explain(number, record, error, PAGE_BYTES))
    except FAILURES as reason:
        decoded.malformed.append(explain(number, record, reason, PAGE_BYTES))


def _decode_statuses(statuses: Sequence[msgspec.Raw], number: int, decoded: Decoded) -> None:
    decoded.ignored += not statuses  # a search that found nothing
    for raw in statuses:
        try:
            decoded.items.append(_mention(_decode_tweet(raw)))
        except FAILURES as error:
            decoded.malformed.append(explain(number, bytes(raw), error))


def _deletion(notice: _Delete) -> Deletion:
    status = notice.status
    at_us = 0 if notice.timestamp_ms is None else unix_us(int(notice.timestamp_ms))
    return Deletion(network="x", id=status.id_str, author_id=status.user_id_str, at_us=at_us)
