"""Tables: CSV with a header, any usual delimiter, columns under their usual names or mapped by the caller.

A record is one row as a JSON object under our own field names, with the number of earlier rows that said the same
thing: so a post without an id gets one that is the same in every reading, and in another export of the same posts,
and that still keeps two equal posts apart.

The network is that of its column, or ``csv``. Reposts that name no root share the one derived from their text.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import BinaryIO, ClassVar, Final

import msgspec
from xxhash import xxh3_64_intdigest, xxh3_128_hexdigest

from monitor.errors import InputRefused
from monitor.mentions import Author, Engagement, Kind, Mention
from monitor.sources import Decoded
from monitor.sources.columns import Layout, layout_of
from monitor.sources.dates import any_us
from monitor.sources.languages import language_code
from monitor.sources.lines import lines
from monitor.sources.reasons import FAILURES, Unusable, explain

__all__ = ["Table"]

_NOTHING: Final = frozenset({"", "null", "none", "nan", "na", "n/a", "\\n"})
_TRUE: Final = frozenset({"1", "1.0", "true", "yes", "y", "t", "oui", "vrai", "r"})
_NETWORKS: Final = {"twitter": "x", "x_com": "x", "twitter_com": "x", "bsky": "bluesky", "bsky_app": "bluesky"}
_RETWEET: Final = re.compile(r"RT @(\w{1,40}):?\s+", re.ASCII)
_HASHTAG: Final = re.compile(r"(?<![\w&/])#(\w{1,100})")
_HANDLE: Final = re.compile(r"(?<![\w@/])@(\w{1,40})", re.ASCII)
_LINK: Final = re.compile(r"https?://[^\s<>\"]{1,500}")
_ROUNDED: Final = re.compile(r"\d[.,]\d+[Ee]\+?\d+")  # what a spreadsheet makes of a long id
_REMEMBERED: Final = 1 << 20


class _Row(msgspec.Struct, gc=False):
    published: str = ""
    text: str = ""
    id: str = ""
    author_id: str = ""
    author: str = ""
    followers: str = ""
    verified: str = ""
    lang: str = ""
    network: str = ""
    repost: str = ""
    root_id: str = ""
    parent_id: str = ""
    reposts: str = ""
    likes: str = ""
    replies: str = ""
    quotes: str = ""
    url: str = ""
    repeat: int = 0
    fault: str = ""
    is_blank: bool = False


_decode_row: Final = msgspec.json.Decoder(_Row).decode
_encode: Final = msgspec.json.Encoder().encode


class Table:
    """CSV with a header, see the module's docstring.

    Parameters
    ----------
    columns
        Columns the caller names: our field to column, such as ``{"text": "body"}``; several as ``title+body``.
    """

    name: ClassVar[str] = "csv"

    def __init__(self, columns: Mapping[str, str] | None = None) -> None:
        self._columns = columns or {}

    @classmethod
    def with_columns(cls, columns: Mapping[str, str]) -> Table:
        """Return a table whose columns are (partly) named by the caller."""
        return cls(columns)

    def recognises(self, head: bytes) -> bool:
        """Tell by a first line that names, at least, a time and a text."""
        first = _without_hint(head.decode(errors="replace").splitlines()[:2])
        if not first or first[0].lstrip()[:1] in {"{", "[", "<"}:
            return False
        try:
            layout_of(first[0], self._columns)
        except InputRefused:
            return False
        return True

    def records(self, stream: BinaryIO) -> Iterator[bytes]:
        """Cut into rows; the header is not one.

        Raises
        ------
        InputRefused
            If the header names no time or no text, or lacks a mapped column.
        """
        text = (line.decode(errors="surrogateescape") for line in lines(stream))
        header = next(text, "")
        if header.startswith("sep="):
            header = next(text, "")
        layout = layout_of(header, self._columns)
        yield from _rows(text, layout)

    def decode(self, records: Sequence[bytes], first: int = 1) -> Decoded:
        """Decode rows."""
        decoded = Decoded([], [], len(records))
        for place, record in enumerate(records):
            try:
                row = _decode_row(record)
                mention = None if row.is_blank else _mention(row)
            except FAILURES as error:
                decoded.malformed.append(explain(first + place, record, error))
            else:
                decoded.derived_ids += mention is not None and mention.id.startswith("derived-")
                decoded.add(mention)
        return decoded


def _without_hint(first: list[str]) -> list[str]:
    return first[1:] if first and first[0].startswith("sep=") else first


def _rows(text: Iterable[str], layout: Layout) -> Iterator[bytes]:
    rows = csv.reader(text, delimiter=layout.delimiter)
    seen: Counter[int] = Counter()
    while True:
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield _encode({"fault": f"it cannot be cut into cells ({error}); check its quotes"})
            continue
        try:
            yield _encode(_fields(cells, layout, seen))
        except UnicodeEncodeError:  # not UTF-8: as it was, for the decoder to say so
            yield layout.delimiter.join(cells).encode(errors="surrogateescape")


def _fields(cells: list[str], layout: Layout, seen: Counter[int]) -> dict[str, str | int | bool]:
    if not cells:
        return {"is_blank": True}
    if len(cells) < layout.width or any(cells[layout.width :]):
        return {"fault": f"it has {len(cells)} cells and the header {layout.width}; quote text that holds delimiters"}
    fields: dict[str, str | int | bool] = {
        field: " ".join([cells[place] for place in places]) for field, places in layout.places.items()
    }
    if not _identified(str(fields.get("id", ""))):
        author = fields.get("author_id") or fields.get("author", "")
        words = f"{fields['published']}\0{author}\0{fields['text']}".encode()
        key = xxh3_64_intdigest(words)
        fields["repeat"] = seen[key]
        if len(seen) == _REMEMBERED:
            seen.clear()
        seen[key] += 1
    return fields


def _identified(identifier: str) -> bool:
    return identifier.strip().lower() not in _NOTHING and not _ROUNDED.fullmatch(identifier.strip())


def _mention(row: _Row) -> Mention:
    if row.fault:
        raise Unusable(reason="bad_row", detail=row.fault)
    published_us = any_us(row.published)
    author_id, handle = row.author_id.strip() or row.author.strip(), row.author.strip().removeprefix("@")
    text, kind, root_id, parent_handle = _words(row)
    parent_id = root_id if kind == "repost" else _given(row.parent_id)
    return Mention(
        _network(row.network),
        row.id.strip() if _identified(row.id) else _derived_id(published_us, author_id, row),
        kind,
        published_us,
        Author(author_id, handle or None, _count("followers", row.followers), None, _truth(row.verified)),
        text,
        language_code(row.lang),
        hashtags=tuple(_HASHTAG.findall(text)) if "#" in text else (),
        links=tuple(_LINK.findall(text)) if "http" in text else (),
        mentioned=tuple(_HANDLE.findall(text)) if "@" in text else (),
        parent_id=parent_id,
        parent_author_handle=parent_handle,
        root_id=root_id or parent_id,
        # The counts on a repost are those of the original.
        engagement=None if kind == "repost" else _engagement(row),
        url=_given(row.url),
    )


def _words(row: _Row) -> tuple[str, Kind, str | None, str | None]:
    """Return text, kind, root, and the handle of whoever was reposted."""
    text = row.text
    retweet = _RETWEET.match(text)
    if retweet is None and row.repost.strip().lower() not in _TRUE:
        is_reply = row.parent_id.strip().lower() not in _NOTHING
        return text, "reply" if is_reply else "post", _given(row.root_id) if is_reply else None, None
    handle = None
    if retweet is not None:
        handle, text = retweet[1], text[retweet.end() :]
    return text, "repost", _given(row.root_id) or _text_root(text), handle


def _text_root(text: str) -> str:
    """Return the root that reposts of the same words share, however they were spaced, cut or capitalised."""
    folded = " ".join(text.casefold().split()).rstrip("….")
    return "text-" + xxh3_128_hexdigest(folded.encode())


def _derived_id(published_us: int, author_id: str, row: _Row) -> str:
    return "derived-" + xxh3_128_hexdigest(f"{published_us}:{author_id}:{row.repeat}:{row.text}".encode())


def _network(declared: str) -> str:
    folded = re.sub(r"[^a-z0-9]+", "_", declared[:40].lower()).strip("_")
    network = _NETWORKS.get(folded, folded)
    return network if network.isidentifier() else "csv"


def _given(text: str) -> str | None:
    stripped = text.strip()
    return None if stripped.lower() in _NOTHING else stripped


def _truth(text: str) -> bool | None:
    return None if text.strip().lower() in _NOTHING else text.strip().lower() in _TRUE


def _count(column: str, text: str) -> int | None:
    """Read a count: ``1234``, ``1,234`` or what pandas makes of it, ``1234.0``."""
    if text.isdecimal() and len(text) < 19:
        return int(text)
    if text.strip().lower() in _NOTHING:
        return None
    try:
        number = float(text.replace(",", ""))
        if 0 <= number < 2**63:
            return int(number)
    except ValueError:
        pass
    raise Unusable(reason="bad_field", detail=f"{column} is {text[:40]!r}; write a whole number, or nothing")


def _engagement(row: _Row) -> Engagement | None:
    counts = (
        _count("replies", row.replies),
        _count("reposts", row.reposts),
        _count("quotes", row.quotes),
        _count("likes", row.likes),
    )
    return None if counts == (None, None, None, None) else Engagement(*counts)
