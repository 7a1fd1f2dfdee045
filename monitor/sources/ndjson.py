"""Our own JSON lines: the wire of the ingest endpoint, the output of the simulator, and an easy export target.

One object a line. The least that makes a mention::

    {"network":"forum","id":"1","published_at":"2026-01-15T21:52:00Z","text":"..."}

``type`` is ``mention`` when absent, else ``deletion``, ``heartbeat``, ``gap`` or ``like``. Times are RFC 3339 with an
offset.
Fields are those of :class:`monitor.mentions.Mention` and its neighbours, with ``*_us`` written as ``*_at`` and the
``fingerprint`` of an image as 64 hexadecimal digits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, BinaryIO, ClassVar, Final

import msgspec
from xxhash import xxh3_128_hexdigest

from monitor.clock import rfc3339
from monitor.mentions import Author, Deletion, Engagement, Gap, Heartbeat, Image, Item, Kind, Like, Mention
from monitor.sources import Decoded
from monitor.sources.dates import rfc3339_us
from monitor.sources.json_records import first_objects
from monitor.sources.lines import lines
from monitor.sources.reasons import FAILURES, Unusable, explain

__all__ = ["Ndjson", "encode"]

_Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
_Fingerprint = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Fa-f]{64}\Z")]


class _Author(msgspec.Struct, gc=False, omit_defaults=True):
    id: str | None = None
    handle: str | None = None
    followers: _Count | None = None
    created_at: str | None = None
    verified: bool | None = None
    bio: str | None = None


class _Engagement(msgspec.Struct, gc=False, omit_defaults=True):
    replies: _Count | None = None
    reposts: _Count | None = None
    quotes: _Count | None = None
    likes: _Count | None = None


class _Image(msgspec.Struct, gc=False, omit_defaults=True):
    address: str | None = None
    description: str | None = None
    fingerprint: _Fingerprint | None = None


class _Line(msgspec.Struct, gc=False, omit_defaults=True, kw_only=True):
    """Every field of every type; which of them are needed depends on `type`."""

    type: str = "mention"
    network: str | None = None
    id: str | None = None
    kind: Kind | None = None
    published_at: str | None = None
    author: _Author | None = None
    text: str | None = None
    lang: str | None = None
    hashtags: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    mentioned: tuple[str, ...] = ()
    parent_id: str | None = None
    parent_author_id: str | None = None
    parent_author_handle: str | None = None
    root_id: str | None = None
    root_author: _Author | None = None
    quoted_text: str | None = None
    engagement: _Engagement | None = None
    url: str | None = None
    received_at: str | None = None
    parent_engagement: _Engagement | None = None
    images: tuple[_Image, ...] = ()
    author_id: str | None = None
    by: str | None = None
    source: str | None = None
    at: str | None = None
    start_at: str | None = None
    end_at: str | None = None
    reason: str | None = None


_decode: Final = msgspec.json.Decoder(_Line).decode
_encode: Final = msgspec.json.Encoder().encode
_NOBODY: Final = Author("")


class Ndjson:
    """Mention JSON lines, see the module's docstring."""

    name: ClassVar[str] = "ndjson"

    def recognises(self, head: bytes) -> bool:
        """Tell by the three fields a mention cannot do without, or by a notice of a known type."""
        return any(
            {"network", "published_at", "text"} <= found.keys()
            or (found.get("type") in _READERS and not {"network", "source"}.isdisjoint(found))
            for found in first_objects(head)
        )

    def records(self, stream: BinaryIO) -> Iterator[bytes]:
        """Cut into lines."""
        return lines(stream)

    def decode(self, records: Sequence[bytes], first: int = 1) -> Decoded:
        """Decode lines of any of the five types."""
        decoded = Decoded([], [], len(records))
        keep = decoded.items.append
        for place, record in enumerate(records):
            try:
                line = _decode(record)
                if line.type == "mention":
                    decoded.derived_ids += not line.id
                    keep(_mention(line))
                else:
                    keep(_notice(line))
            except FAILURES as error:
                if record.isspace():
                    decoded.ignored += 1
                else:
                    decoded.malformed.append(explain(first + place, record, error))
        return decoded


def encode(item: Item) -> bytes:
    """Return an item as one line, with its line end; decoding gives an equal item back.

    Raises
    ------
    ValueError
        If a time lies outside the years 1 to 9999.
    """
    return _encode(_line(item)) + b"\n"


def _line(item: Item) -> _Line:
    match item:
        case Mention():
            return _mention_line(item)
        case Deletion(network=network, id=identifier, author_id=author_id, at_us=at_us):
            return _Line(type="deletion", network=network, id=identifier, author_id=author_id, at=rfc3339(at_us))
        case Like(network=network, id=identifier, author_id=author_id, by=by, at_us=at_us):
            return _Line(type="like", network=network, id=identifier, author_id=author_id, by=by, at=rfc3339(at_us))
        case Heartbeat():
            return _Line(type="heartbeat", source=item.source, at=rfc3339(item.at_us))
        case Gap(source=source, reason=reason):
            start_at, end_at = rfc3339(item.start_us), rfc3339(item.end_us)
            return _Line(type="gap", source=source, start_at=start_at, end_at=end_at, reason=reason)


def _mention(line: _Line) -> Mention:
    network, text, published = line.network, line.text, line.published_at
    if network is None or not (network.isidentifier() and network.islower() and network.isascii()):
        raise Unusable(
            reason="bad_field", detail=f"`network` is {str(network)[:40]!r}; write one lower-case word, such as x"
        )
    if text is None:
        raise Unusable(
            reason="no_text", detail="`text` is missing; write an empty one for a repost whose words are not known"
        )
    if published is None:
        raise Unusable(
            reason="no_time", detail="`published_at` is missing; add it as RFC 3339, such as 2026-01-15T21:52:00Z"
        )
    published_us = rfc3339_us(published)
    author = _NOBODY if line.author is None else _author(line.author)
    root_id = line.root_id
    # The first ten go by position: a call with more than eleven keywords costs five times as much.
    return Mention(
        network,
        line.id or _derived_id(published_us, author, text),
        line.kind or ("post" if root_id is None and line.parent_id is None else "reply"),
        published_us,
        author,
        text,
        line.lang,
        line.hashtags,
        line.links,
        line.mentioned,
        parent_id=line.parent_id,
        parent_author_id=line.parent_author_id,
        parent_author_handle=line.parent_author_handle,
        root_id=root_id,
        root_author=None if line.root_author is None else _author(line.root_author),
        quoted_text=line.quoted_text,
        engagement=None if line.engagement is None else _engagement(line.engagement),
        url=line.url,
        received_us=None if line.received_at is None else rfc3339_us(line.received_at),
        parent_engagement=None if line.parent_engagement is None else _engagement(line.parent_engagement),
        images=tuple(map(_image, line.images)) if line.images else (),
    )


def _author(author: _Author) -> Author:
    opened = author.created_at
    return Author(
        author.id if author.id is not None else author.handle or "",
        author.handle,
        author.followers,
        None if opened is None else rfc3339_us(opened),
        author.verified,
        author.bio,
    )


def _image(image: _Image) -> Image:
    fingerprint = image.fingerprint
    return Image(image.address, image.description, None if fingerprint is None else bytes.fromhex(fingerprint))


def _engagement(engagement: _Engagement) -> Engagement:
    return Engagement(engagement.replies, engagement.reposts, engagement.quotes, engagement.likes)


def _derived_id(published_us: int, author: Author, text: str) -> str:
    return "derived-" + xxh3_128_hexdigest(f"{published_us}:{author.id}:{text}".encode())


def _notice(line: _Line) -> Item:
    read = _READERS.get(line.type)
    if read is None:
        raise Unusable(reason="not_a_post", detail=f"`type` is {line.type[:40]!r}; write one of {', '.join(_READERS)}")
    return read(line)


def _deletion(line: _Line) -> Item:
    if line.network is None or (line.id is None and line.author_id is None):
        raise Unusable(reason="no_id", detail="a deletion needs `network` and `id` or `author_id`")
    return Deletion(network=line.network, id=line.id, author_id=line.author_id, at_us=_needed_instant("at", line.at))


def _heartbeat(line: _Line) -> Item:
    return Heartbeat(source=_source(line), at_us=_needed_instant("at", line.at))


def _gap(line: _Line) -> Item:
    return Gap(
        source=_source(line),
        start_us=_needed_instant("start_at", line.start_at),
        end_us=_needed_instant("end_at", line.end_at),
        reason=line.reason or "",
    )


def _like(line: _Line) -> Item:
    if line.network is None or not (line.id and line.author_id and line.by):
        raise Unusable(reason="no_id", detail="a like needs `network`, `id` and `author_id` of what is liked, and `by`")
    at_us = _needed_instant("at", line.at)
    return Like(network=line.network, id=line.id, author_id=line.author_id, by=line.by, at_us=at_us)


_READERS: Final = {"mention": _mention, "deletion": _deletion, "heartbeat": _heartbeat, "gap": _gap, "like": _like}


def _source(line: _Line) -> str:
    if not line.source:
        raise Unusable(reason="no_id", detail=f"a {line.type} needs `source`; name the source it speaks of")
    return line.source


def _needed_instant(field: str, text: str | None) -> int:
    if text is None:
        raise Unusable(
            reason="no_time", detail=f"`{field}` is missing; add it as RFC 3339, such as 2026-01-15T21:52:00Z"
        )
    return rfc3339_us(text)


def _mention_line(mention: Mention) -> _Line:
    engagement, counted = mention.engagement, mention.parent_engagement
    return _Line(
        network=mention.network,
        id=mention.id,
        kind=mention.kind,
        published_at=rfc3339(mention.published_us),
        author=_author_line(mention.author),
        text=mention.text,
        lang=mention.lang,
        hashtags=mention.hashtags,
        links=mention.links,
        mentioned=mention.mentioned,
        parent_id=mention.parent_id,
        parent_author_id=mention.parent_author_id,
        parent_author_handle=mention.parent_author_handle,
        root_id=mention.root_id,
        root_author=None if mention.root_author is None else _author_line(mention.root_author),
        quoted_text=mention.quoted_text,
        engagement=None if engagement is None else _Engagement(*msgspec.structs.astuple(engagement)),
        url=mention.url,
        received_at=None if mention.received_us is None else rfc3339(mention.received_us),
        parent_engagement=None if counted is None else _Engagement(*msgspec.structs.astuple(counted)),
        images=tuple(map(_image_line, mention.images)),
    )


def _image_line(image: Image) -> _Image:
    return _Image(image.address, image.description, None if image.fingerprint is None else image.fingerprint.hex())


def _author_line(author: Author) -> _Author:
    opened = author.created_us
    return _Author(
        author.id,
        author.handle,
        author.followers,
        None if opened is None else rfc3339(opened),
        author.verified,
        author.bio,
    )
