"""X API v2: lines of the filtered stream, pages as twarc keeps them, and flattened posts with their author inside.

The API's schema (2026) says ``referenced_posts``, ``edit_history_post_ids``, ``note_post`` and ``repost_count`` where
recordings and most answers say ``referenced_tweets``, ``edit_history_tweet_ids``, ``note_tweet``, ``retweet_count``;
both are read. Posts of search results that come without ``created_at`` are timed by their own id.

References
----------
.. [1] X API v2, https://docs.x.com/x-api/posts/filtered-stream/introduction
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Annotated, BinaryIO, ClassVar, Final, TypeVar

import msgspec

from monitor.mentions import Author, Engagement, Image, Kind, Mention
from monitor.sources import Decoded
from monitor.sources.dates import day_us, rfc3339_us, snowflake_us
from monitor.sources.json_records import PAGE_BYTES, first_objects, json_records
from monitor.sources.reasons import FAILURES, Unusable, explain
from monitor.sources.x_compliance import EVENTS, compliance, job_result

__all__ = ["XV2"]

_Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
_Id = Annotated[str, msgspec.Meta(min_length=1)]


class _UserMetrics(msgspec.Struct, gc=False):
    followers_count: _Count | None = None


class _User(msgspec.Struct, gc=False):
    id: str
    username: str | None = None
    created_at: str | None = None
    verified: bool | None = None
    verified_type: str | None = None
    description: str | None = None
    public_metrics: _UserMetrics | None = None


class _PostMetrics(msgspec.Struct, gc=False):
    reply_count: _Count | None = None
    retweet_count: _Count | None = None
    repost_count: _Count | None = None
    quote_count: _Count | None = None
    like_count: _Count | None = None


class _Media(msgspec.Struct, gc=False):
    """A picture or film, under ``includes.media``."""

    media_key: str
    url: str | None = None
    preview_image_url: str | None = None
    alt_text: str | None = None


class _Attachments(msgspec.Struct, gc=False):
    """What a post shows; flattened posts carry the whole of it here."""

    media_keys: list[str] | None = None
    media: list[_Media] | None = None


class _Hashtag(msgspec.Struct, gc=False):
    tag: str


class _Link(msgspec.Struct, gc=False):
    url: str | None = None
    expanded_url: str | None = None


class _Handle(msgspec.Struct, gc=False):
    username: str


class _Entities(msgspec.Struct, gc=False):
    hashtags: list[_Hashtag] | None = None
    urls: list[_Link] | None = None
    mentions: list[_Handle] | None = None


class _Note(msgspec.Struct, gc=False):
    """The whole text of a post longer than 280 characters."""

    text: str
    entities: _Entities | None = None


class _Reference(msgspec.Struct, gc=False):
    """What a post refers to; flattened posts carry the whole of it here."""

    id: _Id
    type: str = ""
    text: str | None = None
    author_id: str | None = None
    author: _User | None = None
    public_metrics: _PostMetrics | None = None
    attachments: _Attachments | None = None
    entities: _Entities | None = None
    note_tweet: _Note | None = None
    note_post: _Note | None = None
    edit_history_tweet_ids: list[str] | None = None
    edit_history_post_ids: list[str] | None = None


class _Post(msgspec.Struct, gc=False):
    id: _Id
    text: str
    author_id: str | None = None
    created_at: str | None = None
    lang: str | None = None
    conversation_id: str | None = None
    in_reply_to_user_id: str | None = None
    referenced_tweets: list[_Reference] | None = None
    referenced_posts: list[_Reference] | None = None
    edit_history_tweet_ids: list[str] | None = None
    edit_history_post_ids: list[str] | None = None
    entities: _Entities | None = None
    note_tweet: _Note | None = None
    note_post: _Note | None = None
    public_metrics: _PostMetrics | None = None
    attachments: _Attachments | None = None
    author: _User | None = None


class _Includes(msgspec.Struct, gc=False):
    """What posts refer to. Most lines hold one user or two, which are found sooner than put into a dict."""

    users: list[_User] | None = None
    tweets: list[_Reference] | None = None
    posts: list[_Reference] | None = None
    media: list[_Media] | None = None

    def user(self, identifier: str) -> _User | None:
        for user in self.users or ():
            if user.id == identifier:
                return user
        return None

    def post(self, identifier: str) -> _Reference | None:
        for post in self.tweets or self.posts or ():
            if post.id == identifier:
                return post
        return None

    def shown(self, keys: Sequence[str]) -> list[_Media]:
        return [each for each in self.media or () if each.media_key in keys]


class _StreamLine(msgspec.Struct, gc=False):
    data: _Post
    includes: _Includes | None = None


class _Page(msgspec.Struct):
    """A page whose parts are decoded one by one, so that one bad part costs no other."""

    data: list[msgspec.Raw]
    includes: dict[str, list[msgspec.Raw]] = {}


# X gives whole seconds, so that posts of the same moment share their time.
_created_us: Final = lru_cache(maxsize=1024)(rfc3339_us)
_Included = TypeVar("_Included", _User, _Reference, _Media)
_NO_ENTITIES: Final = _Entities()
_NOTHING: Final = _Includes()

_decode_line: Final = msgspec.json.Decoder(_StreamLine).decode
_decode_post: Final = msgspec.json.Decoder(_Post).decode
_page: Final = msgspec.json.Decoder(_Page).decode
_decode_user: Final = msgspec.json.Decoder(_User).decode
_decode_reference: Final = msgspec.json.Decoder(_Reference).decode
_decode_media: Final = msgspec.json.Decoder(_Media).decode
_decode_keys: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class XV2:
    """X API v2, see the module's docstring."""

    name: ClassVar[str] = "x_v2"

    def recognises(self, head: bytes) -> bool:
        """Tell by a ``data`` object or list of posts, by the fields of a flattened post, or by what it deletes."""
        return any(_is_ours(found) for found in first_objects(head))

    def records(self, stream: BinaryIO) -> Iterator[bytes]:
        """Cut into lines; a page of posts is one record."""
        return json_records(stream, PAGE_BYTES)

    def decode(self, records: Sequence[bytes], first: int = 1) -> Decoded:
        """Decode lines, pages and flattened posts."""
        decoded = Decoded([], [])
        keep = decoded.items.append
        for place, record in enumerate(records):
            try:
                line = _decode_line(record)
                keep(_mention(line.data, line.includes or _NOTHING))
            except FAILURES as error:
                _decode_other(record, first + place, error, decoded)
        decoded.read = len(decoded.items) + len(decoded.malformed) + decoded.ignored
        return decoded


def _is_ours(found: dict[str, object]) -> bool:
    data = found.get("data")
    if isinstance(data, list):
        data = next(iter(data), None)
    if isinstance(data, dict):
        return {"id", "text"} <= data.keys() or not data.keys().isdisjoint(EVENTS)
    flattened = {"id", "text", "author_id"} <= found.keys()
    return flattened or {"id", "action", "redacted_at"} <= found.keys()


def _mention(post: _Post, includes: _Includes) -> Mention:
    author_id = post.author_id
    user = post.author if author_id is None else includes.user(author_id) or post.author
    references = post.referenced_tweets or post.referenced_posts
    relation = _relation(post, references, includes) if references else _ALONE
    words = relation.reposted or post
    note = words.note_tweet or words.note_post
    entities = (words.entities if note is None else note.entities or words.entities) or _NO_ENTITIES
    history = post.edit_history_tweet_ids or post.edit_history_post_ids
    created, metrics, kind = post.created_at, post.public_metrics, relation.kind
    # By position: a call with more than eleven keywords costs half as much again.
    return Mention(
        "x",
        history[0] if history else post.id,
        kind,
        snowflake_us(post.id) if created is None else _created_us(created),
        Author(author_id or "") if user is None else _author(user),
        (words.text or "") if note is None else note.text,
        None if post.lang == "und" else post.lang,
        _hashtags(entities.hashtags) if entities.hashtags else (),
        _links(entities.urls) if entities.urls else (),
        _handles(entities.mentions) if entities.mentions else (),
        relation.parent_id,
        relation.parent_author_id,
        relation.parent_author_handle,
        relation.root_id,
        relation.root_author,
        relation.quoted_text,
        # The counts on a repost are those of the original.
        None if metrics is None or kind == "repost" else _engagement(metrics),
        "https://x.com/i/status/" + post.id,
        None,
        None if relation.metrics is None else _engagement(relation.metrics),
        () if post.attachments is None or kind == "repost" else _images(post.attachments, includes),
    )


def _images(attachments: _Attachments, includes: _Includes) -> tuple[Image, ...]:
    media = attachments.media or includes.shown(attachments.media_keys or ())
    return tuple([Image(each.url or each.preview_image_url, each.alt_text) for each in media])


# Most posts have one of each, which costs a third of what a comprehension does.
def _hashtags(found: list[_Hashtag]) -> tuple[str, ...]:
    return (found[0].tag,) if len(found) == 1 else tuple([hashtag.tag for hashtag in found])


def _links(found: list[_Link]) -> tuple[str, ...]:
    if len(found) == 1:
        return (found[0].expanded_url or found[0].url or "",)
    return tuple([link.expanded_url or link.url or "" for link in found])


def _handles(found: list[_Handle]) -> tuple[str, ...]:
    return (found[0].username,) if len(found) == 1 else tuple([handle.username for handle in found])


class _Relation(msgspec.Struct, gc=False):
    """How a post stands to the one it answers, quotes or reposts."""

    kind: Kind
    parent_id: str | None = None
    parent_author_id: str | None = None
    parent_author_handle: str | None = None
    root_id: str | None = None
    root_author: Author | None = None
    quoted_text: str | None = None
    reposted: _Reference | None = None
    metrics: _PostMetrics | None = None


_ALONE: Final = _Relation("post")
_RANK: Final = {"retweeted": 0, "reposted": 0, "quoted": 1, "replied_to": 2}


def _relation(post: _Post, references: list[_Reference], includes: _Includes) -> _Relation:
    reference = references[0]
    if len(references) > 1:  # a reply that also quotes is a quote
        reference = min(references, key=lambda each: _RANK.get(each.type, 3))
    parent = includes.post(reference.id) or reference
    author_id = parent.author_id
    user = None if author_id is None else includes.user(author_id) or parent.author
    handle = None if user is None else user.username
    metrics = parent.public_metrics
    history = parent.edit_history_tweet_ids or parent.edit_history_post_ids
    parent_id = history[0] if history else reference.id
    if reference.type == "replied_to":
        author_id = author_id or post.in_reply_to_user_id
        if user is None and author_id and (answered := includes.user(author_id)):
            handle = answered.username
        root_id = post.conversation_id or parent_id
        return _Relation("reply", parent_id, author_id, handle, root_id, metrics=metrics)
    root_author = _author(user) if user is not None else None if author_id is None else Author(author_id)
    note = parent.note_tweet or parent.note_post
    if reference.type == "quoted":
        quoted = parent.text if note is None else note.text
        return _Relation("quote", parent_id, author_id, handle, parent_id, root_author, quoted, None, metrics)
    if reference.type in _RANK:
        whole = None if parent.text is None else parent
        return _Relation("repost", parent_id, author_id, handle, parent_id, root_author, None, whole, metrics)
    return _ALONE


def _author(user: _User) -> Author:
    opened, metrics, verified = user.created_at, user.public_metrics, user.verified
    if user.verified_type is not None:
        # A blue mark is bought: it vouches for nobody, and must not make a private person a public figure.
        verified = user.verified_type in {"business", "government"}
    return Author(
        user.id,
        user.username,
        None if metrics is None else metrics.followers_count,
        None if opened is None else day_us(opened[:10]),
        verified,
        user.description,
    )


def _engagement(metrics: _PostMetrics) -> Engagement:
    reposts = metrics.repost_count if metrics.retweet_count is None else metrics.retweet_count
    return Engagement(metrics.reply_count, reposts, metrics.quote_count, metrics.like_count)


def _decode_other(record: bytes, number: int, error: Exception, decoded: Decoded) -> None:
    """Decode what is not a line of the filtered stream, or say what is wrong with it."""
    if record.isspace():
        decoded.ignored += 1  # a keep-alive
        return
    try:
        _decode_by_keys(record, number, error, decoded)
    except FAILURES as reason:
        decoded.malformed.append(explain(number, record, reason, PAGE_BYTES))


def _decode_by_keys(record: bytes, number: int, error: Exception, decoded: Decoded) -> None:
    keys = _decode_keys(record)
    if bytes(keys.get("data", b"")).startswith(b"["):
        _decode_page(record, number, decoded)
    elif "data" in keys:
        decoded.add(compliance(keys["data"], error))
    elif "text" in keys:
        decoded.items.append(_mention(_decode_post(record), _NOTHING))
    elif "action" in keys:
        decoded.add(job_result(record))
    elif keys.keys().isdisjoint(_NOT_ABOUT_POSTS):
        detail = "neither `data` nor `text`; give one post or page of X API v2 a record"
        raise Unusable(reason="not_a_post", detail=detail)
    else:
        decoded.ignored += 1


def _decode_page(record: bytes, number: int, decoded: Decoded) -> None:
    page = _page(record)
    includes = page.includes
    decoded.ignored += not page.data  # a page on which nothing was found
    found = _Includes(
        users=list(_usable(includes.get("users", ()), _decode_user)),
        tweets=list(_usable(includes.get("tweets", includes.get("posts", ())), _decode_reference)),
        media=list(_usable(includes.get("media", ()), _decode_media)),
    )
    for raw in page.data:
        try:
            decoded.items.append(_mention(_decode_post(raw), found))
        except FAILURES as error:
            decoded.malformed.append(explain(number, bytes(raw), error, PAGE_BYTES))


def _usable(raws: Sequence[msgspec.Raw], decode: Callable[[msgspec.Raw], _Included]) -> Iterator[_Included]:
    for raw in raws:
        with suppress(*FAILURES):  # what refers to it is then as if X had not sent it
            yield decode(raw)


_NOT_ABOUT_POSTS: Final = frozenset({"errors", "meta", "connection_issue", "disconnect_type", "includes"})
"""Answers without a post: disconnects, refused connections, references to what is gone, empty pages."""
