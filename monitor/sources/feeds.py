"""RSS and Atom documents: what the press writes.

The author of an article is its publication; its links are its own address, then those in its text. A document is one
record; it is read from memory by feedparser, which follows no link and resolves no external entity.
"""

from __future__ import annotations

import io
import re
from calendar import timegm
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO, ClassVar, Final

from xxhash import xxh3_128_hexdigest

from monitor.mentions import Author, Image, Mention
from monitor.sources import Decoded
from monitor.sources.languages import language_code
from monitor.sources.markup import images_in, links_in, plain_text
from monitor.sources.reasons import Unusable, explain

__all__ = ["Feeds"]

_DOCUMENT_BYTES: Final = 16 << 20
_MOST_IMAGES: Final = 4
_MOST_LINKS: Final = 8
_ARTICLE: Final = re.compile(rb"<(?:[a-z]+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_START: Final = re.compile(rb"\s*<(?:[^<>]*>\s*<){0,20}(?:[a-z]+:)?(?:rss|feed|rdf)\b", re.IGNORECASE)


class Feeds:
    """RSS and Atom, see the module's docstring."""

    name: ClassVar[str] = "feed"

    def recognises(self, head: bytes) -> bool:
        """Tell by the outermost element: ``rss``, ``feed`` or ``rdf:RDF``."""
        return _START.match(head) is not None

    def records(self, stream: BinaryIO) -> Iterator[bytes]:
        """Give the whole document, of at most 16 MiB."""
        document = stream.read(_DOCUMENT_BYTES + 1)
        if document:
            yield document

    def decode(self, records: Sequence[bytes], first: int = 1) -> Decoded:
        """Decode documents."""
        decoded = Decoded([], [])
        for place, record in enumerate(records):
            try:
                _decode_document(record, first + place, decoded)
            except Unusable as error:
                decoded.malformed.append(explain(first + place, record, error, _DOCUMENT_BYTES))
        decoded.read = len(decoded.items) + len(decoded.malformed)
        return decoded


def _decode_document(document: bytes, number: int, decoded: Decoded) -> None:
    parsed = _parsed(document)
    entries = parsed.get("entries", [])
    if not entries and not parsed.get("version"):
        raise Unusable(reason="bad_feed", detail="no RSS or Atom can be found in it; check what was downloaded")
    begun = len(_ARTICLE.findall(document)) if parsed.get("bozo") else len(entries)
    if begun > len(entries):  # the parser reads what it can of broken XML, and is silent about the rest
        detail = f"broken XML: {begun} articles begin and {len(entries)} can be read; check what was downloaded"
        decoded.malformed.append(explain(number, b"", Unusable(reason="bad_feed", detail=detail)))
    for entry in entries:
        try:
            mention = _mention(entry, parsed["feed"])
        except Unusable as error:
            decoded.malformed.append(explain(number, b"", error))
        else:
            decoded.derived_ids += mention.id.startswith("derived-")
            decoded.items.append(mention)


def _parsed(document: bytes) -> Mapping[str, Any]:
    if len(document) > _DOCUMENT_BYTES:
        raise Unusable(reason="too_long", detail=f"longer than {_DOCUMENT_BYTES:,} bytes; split it")
    import feedparser  # a tenth of a second that only feeds should cost

    try:
        # As a stream: bytes that happen to be a path or an address must not be opened.
        parsed: Mapping[str, Any] = feedparser.parse(io.BytesIO(document))
    except Exception as error:  # whatever the parser stumbles on, it is the document's fault
        detail = f"the feed parser gave up ({type(error).__name__}); check what was downloaded"
        raise Unusable(reason="bad_feed", detail=detail) from error
    return parsed


def _mention(entry: Mapping[str, Any], feed: Mapping[str, Any]) -> Mention:
    entry = dict(entry)  # feedparser's own mapping warns when asked for what is not there
    published = entry.get("published_parsed") or entry.get("updated_parsed")
    if published is None:
        written = str(entry.get("published") or entry.get("updated") or "missing")
        raise Unusable(reason="no_time", detail=f"the date of an article is {written[:40]!r}; it cannot be placed")
    published_us = timegm(published) * 1_000_000
    title, link = plain_text(entry.get("title", "")), entry.get("link")
    linked = [target for part in _markup(entry) for target in links_in(part)]
    text = f"{title}\n{plain_text(entry.get('summary', ''))}".strip()
    author = _publication(entry.get("source") or feed)
    derived = "derived-" + xxh3_128_hexdigest(f"{published_us}:{author.id}:{text}".encode("utf-8", "replace"))
    return Mention(
        network="feed",
        id=entry.get("id") or link or derived,
        kind="post",
        published_us=published_us,
        author=author,
        text=text,
        lang=language_code(feed.get("language")),
        links=tuple(dict.fromkeys([link, *linked] if link else linked))[:_MOST_LINKS],
        url=link,
        images=_images(entry),
    )


def _images(entry: Mapping[str, Any]) -> tuple[Image, ...]:
    """Return what an article shows: its media, its enclosures and the pictures in its text."""
    found = [Image(media.get("url")) for media in entry.get("media_content", ())]
    found += [Image(link.get("href")) for link in entry.get("links", ()) if _is_seen(link)]
    found += [Image(media.get("url")) for media in entry.get("media_thumbnail", ())]
    for part in _markup(entry):
        found += [Image(*each) for each in images_in(part)]
    return tuple(dict.fromkeys(image for image in found if image.address or image.description))[:_MOST_IMAGES]


def _markup(entry: Mapping[str, Any]) -> list[str]:
    """Return an article's text as marked up: its whole, where the feed gives it, and its summary."""
    return [part.get("value") or "" for part in entry.get("content", ())] + [entry.get("summary") or ""]


def _is_seen(link: Mapping[str, Any]) -> bool:
    return link.get("rel") == "enclosure" and str(link.get("type", "")).startswith(("image/", "video/"))


def _publication(source: Mapping[str, Any]) -> Author:
    title = source.get("title")
    return Author(source.get("href") or source.get("link") or source.get("id") or title or "", title)
