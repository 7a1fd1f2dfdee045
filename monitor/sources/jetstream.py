"""Bluesky's Jetstream, both wires: posts, replies, quotes and reposts; what was deleted, and whose account went.

The event time is the server's (``time_us``), never the ``createdAt`` that a client declares. A repost has no text of
its own and Jetstream does not send that of the original. Likes are given, so that those of the brand's own posts can be
counted; which one was taken back is not said. Follows and changes of handle are ignored.

References
----------
.. [1] Jetstream, https://github.com/bluesky-social/jetstream, ``docs/README.md`` section 5 (2026-08)
.. [2] Lexicons ``app.bsky.feed.post``, ``app.bsky.feed.repost``, ``app.bsky.richtext.facet``
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Annotated, BinaryIO, ClassVar, Final

import msgspec

from monitor.mentions import Author, Deletion, Image, Item, Kind, Like, Mention
from monitor.sources import Decoded
from monitor.sources.dates import rfc3339_us
from monitor.sources.json_records import first_objects
from monitor.sources.languages import language_code
from monitor.sources.lines import lines
from monitor.sources.reasons import FAILURES, Unusable, explain

__all__ = ["Jetstream"]

_POST: Final = "app.bsky.feed.post"
_REPOST: Final = "app.bsky.feed.repost"
_LIKE: Final = "app.bsky.feed.like"
_Id = Annotated[str, msgspec.Meta(min_length=1)]
_Instant = Annotated[int, msgspec.Meta(ge=0, le=253_402_300_799_999_999)]  # until the year 9999
_GONE: Final = frozenset({"deleted", "takendown", "suspended", "deactivated"})
_EVENT_TYPE: Final = "network.bsky.jetstream.subscribeEvents#"


class _Commit(msgspec.Struct, gc=False):
    operation: str
    collection: str
    rkey: _Id
    record: msgspec.Raw = msgspec.Raw()


class _Account(msgspec.Struct, gc=False):
    active: bool = True
    status: str | None = None


class _Event(msgspec.Struct, gc=False):
    """A line of the first wire."""

    did: _Id
    time_us: _Instant
    kind: str
    commit: _Commit | None = None
    account: _Account | None = None


class _Payload(msgspec.Struct, gc=False):
    type: str = msgspec.field(name="$type", default="")
    did: str = ""
    time: str = ""
    operation: str = ""
    collection: str = ""
    rkey: str = ""
    record: msgspec.Raw = msgspec.Raw()
    active: bool = True
    status: str | None = None
    account: _Account | None = None


class _Frame(msgspec.Struct, gc=False):
    """A frame of the second wire."""

    payload: _Payload | None = None
    error: str | None = None


class _Subject(msgspec.Struct, gc=False):
    uri: str


class _Repost(msgspec.Struct, gc=False):
    subject: _Subject
    via: _Subject | None = None


class _Liked(msgspec.Struct, gc=False):
    subject: _Subject


class _Reply(msgspec.Struct, gc=False):
    root: _Subject
    parent: _Subject


class _Feature(msgspec.Struct, gc=False):
    tag: str | None = None
    uri: str | None = None
    did: str | None = None


class _Span(msgspec.Struct, gc=False):
    byteStart: int  # noqa: N815  the name on the wire
    byteEnd: int  # noqa: N815


class _Facet(msgspec.Struct, gc=False):
    index: _Span
    features: list[_Feature]


class _External(msgspec.Struct, gc=False):
    uri: str | None = None


class _Ref(msgspec.Struct, gc=False):
    link: str | None = msgspec.field(name="$link", default=None)


class _Blob(msgspec.Struct, gc=False):
    ref: _Ref | None = None


class _Picture(msgspec.Struct, gc=False):
    alt: str | None = None
    image: _Blob | None = None


class _Quoted(msgspec.Struct, gc=False):
    """``embed.record``: the quoted post itself or, beside media, one level further down."""

    uri: str | None = None
    record: _Subject | None = None


class _Media(msgspec.Struct, gc=False):
    external: _External | None = None
    images: msgspec.Raw = msgspec.Raw()
    video: msgspec.Raw = msgspec.Raw()
    alt: msgspec.Raw = msgspec.Raw()


class _Embed(msgspec.Struct, gc=False):
    """What a post shows. Pictures are read apart: what anybody's lexicon puts there must not cost the post."""

    record: _Quoted | None = None
    external: _External | None = None
    media: _Media | None = None
    images: msgspec.Raw = msgspec.Raw()
    video: msgspec.Raw = msgspec.Raw()
    alt: msgspec.Raw = msgspec.Raw()


class _Post(msgspec.Struct, gc=False):
    text: str = ""
    langs: list[str] | None = None
    tags: list[str] | None = None
    facets: list[_Facet] | None = None
    reply: _Reply | None = None
    embed: _Embed | None = None


_decode_event: Final = msgspec.json.Decoder(_Event).decode
_decode_frame: Final = msgspec.json.Decoder(_Frame).decode
_decode_post: Final = msgspec.json.Decoder(_Post).decode
_decode_pictures: Final = msgspec.json.Decoder(list[_Picture]).decode
_decode_blob: Final = msgspec.json.Decoder(_Blob).decode
_decode_alt: Final = msgspec.json.Decoder(str | None).decode
_decode_like: Final = msgspec.json.Decoder(_Liked).decode
_decode_repost: Final = msgspec.json.Decoder(_Repost).decode


class Jetstream:
    """Bluesky's Jetstream, see the module's docstring."""

    name: ClassVar[str] = "jetstream"

    def recognises(self, head: bytes) -> bool:
        """Tell by an event with its author and time, or by a frame of the second wire."""
        return any(_is_ours(found) for found in first_objects(head))

    def records(self, stream: BinaryIO) -> Iterator[bytes]:
        """Cut into lines."""
        return lines(stream)

    def decode(self, records: Sequence[bytes], first: int = 1) -> Decoded:
        """Decode events of either wire."""
        decoded = Decoded([], [], len(records))
        add = decoded.add
        for place, record in enumerate(records):
            try:
                event = _decode_event(record)
                commit = event.commit
                if commit is not None:
                    add(_item(event.did, event.time_us, commit))
                else:
                    add(_account_item(event.did, event.time_us, event.account))
            except FAILURES as error:
                _decode_other(record, first + place, error, decoded)
        return decoded


def _is_ours(found: dict[str, object]) -> bool:
    payload = found.get("payload")
    if isinstance(payload, dict):
        return str(payload.get("$type", "")).startswith(_EVENT_TYPE)
    return {"did", "time_us", "kind"} <= found.keys()


def _item(did: str, time_us: int, commit: _Commit) -> Item | None:
    collection = commit.collection
    if collection not in (_POST, _REPOST):
        return _like(did, time_us, commit) if collection == _LIKE else None
    uri = f"at://{did}/{collection}/{commit.rkey}"
    if commit.operation == "delete":
        return Deletion(network="bluesky", id=uri, author_id=did, at_us=time_us)
    if collection == _POST:
        return _post(uri, did, time_us, _decode_post(commit.record))
    return _repost(uri, did, time_us, _decode_repost(commit.record))


def _like(did: str, time_us: int, commit: _Commit) -> Like | None:
    if commit.operation != "create":  # a like that is taken back does not say of what
        return None
    liked = _decode_like(commit.record).subject.uri
    author = _did(liked)
    return Like("bluesky", liked, author, did, time_us) if author else None


def _post(uri: str, did: str, time_us: int, post: _Post) -> Mention:
    text, langs, embed, reply = post.text, post.langs, post.embed, post.reply
    hashtags: tuple[str, ...] = tuple(post.tags) if post.tags else ()
    links: tuple[str, ...] = ()
    mentioned: tuple[str, ...] = ()
    kind: Kind = "post"
    root_id = parent_id = root_author = None
    if post.facets:
        hashtags, links, mentioned = _marked(text, post.facets, hashtags)
    if reply is not None:
        kind, root_id, parent_id = "reply", reply.root.uri, reply.parent.uri
    if embed is not None:
        links += _embedded_links(embed)
        quoted = _quoted_uri(embed)
        if quoted is not None:  # a reply that also quotes is a quote
            kind, root_id, parent_id, root_author = "quote", quoted, quoted, Author(_did(quoted))
    return Mention(
        "bluesky",
        uri,
        kind,
        time_us,
        Author(did),
        text,
        language_code(langs[0]) if langs else None,
        hashtags=hashtags,
        links=links,
        mentioned=mentioned,
        parent_id=parent_id,
        parent_author_id=None if parent_id is None else _did(parent_id),
        root_id=root_id,
        root_author=root_author,
        url=_url(uri),
        images=() if embed is None else _images(embed),
    )


def _repost(uri: str, did: str, time_us: int, repost: _Repost) -> Mention:
    root_id = repost.subject.uri
    parent_id = root_id if repost.via is None else repost.via.uri  # the repost through which it was found
    return Mention(
        "bluesky",
        uri,
        "repost",
        time_us,
        Author(did),
        "",
        parent_id=parent_id,
        parent_author_id=_did(parent_id),
        root_id=root_id,
        root_author=Author(_did(root_id)),
        url=_url(root_id),
    )


def _marked(
    text: str, facets: list[_Facet], tags: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return hashtags, links and handles, from what is marked in the text and from `tags`."""
    hashtags: list[str] = []
    links: list[str] = []
    handles: list[str] = []
    for facet in facets:
        for feature in facet.features:
            if feature.tag is not None:
                hashtags.append(feature.tag)
            elif feature.uri is not None:
                links.append(feature.uri)
            elif feature.did is not None:
                # Offsets count bytes of UTF-8; the handle itself stands only in the text.
                marked = text.encode()[max(0, facet.index.byteStart) : max(0, facet.index.byteEnd)]
                handles.append(marked.decode(errors="ignore").removeprefix("@"))
    return (*hashtags, *tags), tuple(links), tuple(handles)


def _embedded_links(embed: _Embed) -> tuple[str, ...]:
    external = embed.external
    if external is None and embed.media is not None:
        external = embed.media.external
    return (external.uri,) if external is not None and external.uri else ()


def _images(embed: _Embed) -> tuple[Image, ...]:
    """Return what a post shows: by the identifier of its content, as it lies nowhere under one address."""
    shown: _Embed | _Media = embed if embed.media is None else embed.media
    found: list[_Picture] = []
    with suppress(*FAILURES):
        if shown.images:
            found += _decode_pictures(shown.images)
        if shown.video:
            found.append(_Picture(_decode_alt(shown.alt) if shown.alt else None, _decode_blob(shown.video)))
    return tuple([Image(one.image.ref.link if one.image and one.image.ref else None, one.alt or None) for one in found])


def _quoted_uri(embed: _Embed) -> str | None:
    record = embed.record
    if record is None:
        return None
    uri = record.uri if record.record is None else record.record.uri
    return uri if uri is not None and f"/{_POST}/" in uri else None  # lists and feeds are shown the same way


def _did(uri: str) -> str:
    return uri[5:].partition("/")[0]  # at://DID/collection/key


def _url(uri: str) -> str | None:
    did, _, path = uri[5:].partition("/")
    collection, _, key = path.partition("/")
    return f"https://bsky.app/profile/{did}/post/{key}" if collection == _POST else None


def _account_item(did: str, time_us: int, account: _Account | None) -> Item | None:
    if account is None or account.active or account.status not in _GONE:
        return None
    return Deletion(network="bluesky", author_id=did, at_us=time_us)


def _decode_other(record: bytes, number: int, error: Exception, decoded: Decoded) -> None:
    """Decode what is not an event of the first wire, or say what is wrong with it."""
    if record.isspace():
        decoded.ignored += 1
        return
    try:
        decoded.add(_other_item(record, error))
    except FAILURES as reason:
        decoded.malformed.append(explain(number, record, reason))


def _other_item(record: bytes, error: Exception) -> Item | None:
    """Read a frame of the second wire."""
    frame = _decode_frame(record)
    payload = frame.payload
    if payload is None:
        if frame.error is None:
            raise error
        return None  # the server says why it hangs up
    time_us = rfc3339_us(payload.time)
    what = payload.type.removeprefix(_EVENT_TYPE)
    if not payload.did or (what == "commit" and not payload.rkey):
        raise Unusable(reason="no_id", detail="`did` or `rkey` is missing; add it")
    if what == "commit":
        commit = _Commit(payload.operation, payload.collection, payload.rkey, payload.record)
        return _item(payload.did, time_us, commit)
    if what == "account":
        return _account_item(payload.did, time_us, payload.account or _Account(payload.active, payload.status))
    return None
