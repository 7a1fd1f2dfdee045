"""Mastodon: statuses as JSON (lines or arrays), captures of its event streams, and frames of its web socket.

The id is the status's ``uri``, so that a post seen on two servers is one post; of Mastodon's own forms without the
name of the account in it (``https://server/statuses/number``), since ids are stored and shown, and a private person is
never named. Only what is public is ever given; direct, private and unlisted statuses are ignored.

Two things are named by a number of the server that was listened to only: the parent of a reply, and what an event says
was deleted (it has no time either: 0). Nothing in a capture says which server that was, but a reply to somebody who has
an account there does: it writes their handle without a server, and the address of their profile. There Mastodon makes
the ``uri`` of the number, so that such a parent is known by it: replies under a brand's own posts are known where the
brand is at home. The parents of all others keep their number.

References
----------
.. [1] https://docs.joinmastodon.org/methods/streaming/ and /entities/Status/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, BinaryIO, ClassVar, Final

import msgspec

from monitor.mentions import Author, Deletion, Engagement, Image, Item, Kind, Mention
from monitor.sources import Decoded
from monitor.sources.dates import rfc3339_us
from monitor.sources.event_stream import event, events, is_event_stream
from monitor.sources.json_records import first_objects, json_records
from monitor.sources.languages import language_code
from monitor.sources.lines import buffered
from monitor.sources.markup import links_in, plain_text
from monitor.sources.reasons import FAILURES, Unusable, explain

__all__ = ["Mastodon"]

_Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
_PROFILE: Final = re.compile(r"(https?://[^/?#]+)/@([^/?#@]+)")
_STATUS: Final = re.compile(r"(https?://[^/?#]+)/(?:(?:ap/)?users/[^/?#]+/statuses|@[^/?#]+)/(\d+)")
"""The forms of a status's address that Mastodon gives: by its author's name, by a number of theirs, and its page."""
_STATUS_EVENTS: Final = frozenset({"update", "status.update", "status_update"})  # the last: mastodon_mock


class _Account(msgspec.Struct, gc=False):
    id: str = ""
    acct: str = ""
    uri: str | None = None
    url: str | None = None
    followers_count: Annotated[int, msgspec.Meta(ge=-1, le=2**63 - 1)] | None = None
    created_at: str | None = None
    note: str | None = None


class _Tag(msgspec.Struct, gc=False):
    name: str


class _Person(msgspec.Struct, gc=False):
    id: str = ""
    acct: str = ""
    url: str | None = None


class _Attachment(msgspec.Struct, gc=False):
    """A picture, film or sound. `remote_url` is where it lies on its author's server."""

    url: str | None = None
    remote_url: str | None = None
    description: str | None = None


class _Quote(msgspec.Struct, gc=False):
    state: str = "accepted"
    quoted_status: _Status | None = None
    quoted_status_id: str | None = None


class _Status(msgspec.Struct, gc=False):
    created_at: str
    account: _Account
    content: str
    uri: str | None = None
    url: str | None = None
    spoiler_text: str = ""
    visibility: str = "public"
    language: str | None = None
    tags: list[_Tag] | None = None
    mentions: list[_Person] | None = None
    media_attachments: list[_Attachment] | None = None
    reblog: _Status | None = None
    quote: _Quote | None = None
    in_reply_to_id: str | None = None
    in_reply_to_account_id: str | None = None
    replies_count: _Count | None = None
    reblogs_count: _Count | None = None
    quotes_count: _Count | None = None
    favourites_count: _Count | None = None


class _Frame(msgspec.Struct):
    """A frame of the web socket: the payload is JSON within JSON, or a bare id."""

    event: str
    payload: str = ""


_decode_status: Final = msgspec.json.Decoder(_Status).decode
_decode_frame: Final = msgspec.json.Decoder(_Frame).decode


class Mastodon:
    """Mastodon, see the module's docstring."""

    name: ClassVar[str] = "mastodon"

    def recognises(self, head: bytes) -> bool:
        """Tell by a status with its account inside, by a frame with a payload, or by an event stream."""
        return is_event_stream(head) or any(_is_ours(found) for found in first_objects(head))

    def records(self, stream: BinaryIO) -> Iterator[bytes]:
        """Cut into events, lines, or the statuses of an array."""
        rest = buffered(stream)
        return events(rest) if is_event_stream(rest.peek(64)) else json_records(rest)

    def decode(self, records: Sequence[bytes], first: int = 1) -> Decoded:
        """Decode statuses, events and frames."""
        decoded = Decoded([], [], len(records))
        for place, record in enumerate(records):
            try:
                decoded.add(_item(record))
            except FAILURES as error:
                if record.isspace():
                    decoded.ignored += 1
                else:
                    decoded.malformed.append(explain(first + place, record, error))
        return decoded


def _is_ours(found: dict[str, object]) -> bool:
    return {"account", "content", "created_at"} <= found.keys() or {"stream", "event", "payload"} <= found.keys()


def _item(record: bytes) -> Item | None:
    if not record.lstrip().startswith(b"{"):
        return _event_item(*event(record))
    try:
        return _public(_decode_status(record))
    except msgspec.ValidationError as error:
        try:
            frame = _decode_frame(record)
        except msgspec.ValidationError:
            raise error from None
        return _event_item(frame.event, frame.payload.encode())


def _event_item(name: str, data: bytes) -> Item | None:
    if name in _STATUS_EVENTS:
        return _public(_decode_status(data))
    if name == "delete":
        identifier = data.strip().decode()
        if not identifier:
            raise Unusable(reason="no_id", detail="the event says that nothing was deleted; leave it out")
        return Deletion(network="mastodon", id=identifier, at_us=0)
    return None


def _public(status: _Status) -> Mention | None:
    inner = status.reblog
    is_public = status.visibility == "public" and (inner is None or inner.visibility == "public")
    return _mention(status) if is_public else None


def _mention(status: _Status) -> Mention:
    words = status.reblog or status
    relation = _relation(status)
    # The first ten go by position: a call with more than eleven keywords costs five times as much.
    return Mention(
        "mastodon",
        _identifier(status),
        relation.kind,
        rfc3339_us(status.created_at),
        _author(status.account),
        _text(words),
        language_code(words.language),
        tuple([tag.name for tag in words.tags]) if words.tags else (),
        links_in(words.content),
        tuple([person.acct for person in words.mentions]) if words.mentions else (),
        parent_id=relation.parent_id,
        parent_author_id=relation.parent_author_id,
        parent_author_handle=relation.parent_author_handle,
        root_id=relation.parent_id,  # the parent is the nearest to a root that a status names
        root_author=relation.root_author,
        quoted_text=relation.quoted_text,
        engagement=None if status.reblog is not None else _engagement(status),
        url=status.url or words.url,
        parent_engagement=relation.engagement,
        images=() if status.reblog is not None else _images(status),
    )


class _Relation(msgspec.Struct, gc=False):
    """How a status stands to the one it answers, quotes or boosts."""

    kind: Kind
    parent_id: str | None = None
    parent_author_id: str | None = None
    parent_author_handle: str | None = None
    root_author: Author | None = None
    quoted_text: str | None = None
    engagement: Engagement | None = None


def _relation(status: _Status) -> _Relation:
    boosted, quote = status.reblog, status.quote
    if boosted is not None:
        author = _author(boosted.account)
        counted = _engagement(boosted)
        return _Relation("repost", _identifier(boosted), author.id, author.handle, author, engagement=counted)
    if quote is not None and quote.state == "accepted":
        quoted = quote.quoted_status
        if quoted is not None:
            author = _author(quoted.account)
            words, counted = _text(quoted), _engagement(quoted)
            return _Relation("quote", _identifier(quoted), author.id, author.handle, author, words, counted)
        if quote.quoted_status_id is not None:
            return _Relation("quote", quote.quoted_status_id)
    if status.in_reply_to_id is None:
        return _Relation("post")
    number, answered, account = status.in_reply_to_id, status.in_reply_to_account_id, status.account
    if answered == account.id:
        author = _author(account)
        return _Relation("reply", _uri_here(number, account.acct, account.url) or number, author.id, author.handle)
    people = [person for person in status.mentions or () if person.id == answered]
    if not people:
        return _Relation("reply", number)
    handle = people[0].acct
    return _Relation("reply", _uri_here(number, handle, people[0].url) or number, None, handle)


def _uri_here(number: str, handle: str, profile: str | None) -> str | None:
    """Return the id of a status that the server listened to knows by a number, if its author is at home there."""
    found = None if "@" in handle or profile is None else _PROFILE.fullmatch(profile)
    return None if found is None else f"{found[1]}/statuses/{number}"


def _text(status: _Status) -> str:
    content = plain_text(status.content)
    return f"{status.spoiler_text}\n{content}" if status.spoiler_text else content


def _identifier(status: _Status) -> str:
    identifier = status.uri or status.url
    if not identifier:
        raise Unusable(reason="no_id", detail="`uri` is missing; add it")
    found = _STATUS.fullmatch(identifier)
    return identifier if found is None else f"{found[1]}/statuses/{found[2]}"


def _author(account: _Account) -> Author:
    opened, followers = account.created_at, account.followers_count
    return Author(
        account.uri or account.url or account.acct,
        account.acct or None,
        None if followers is None or followers < 0 else followers,  # -1: the account hides it
        None if opened is None else rfc3339_us(opened),
        bio=account.note,
    )


def _images(status: _Status) -> tuple[Image, ...]:
    shown = status.media_attachments
    return tuple([Image(each.remote_url or each.url, each.description) for each in shown]) if shown else ()


def _engagement(status: _Status) -> Engagement:
    return Engagement(status.replies_count, status.reblogs_count, status.quotes_count, status.favourites_count)
