"""Picture -> keys: what tells that two posts show the same one.

A picture has up to three keys. One is of its name: the identifier of its content, or the last part of its address,
where that is distinctive; it survives hotlinks, bridges and feeds. One is of its description: people and tools that
post the same on two networks carry the alternative text along. Names such as ``logo.png`` and descriptions such as
"Image may contain: text" are shared by strangers and have no key. The third is what it looks like, where somebody
looked: ``badbuzz look`` does, and who sends our JSON lines may; it survives saving and uploading again.

What a picture looks like is its PDQ hash: 256 bits, of which copies that were scaled or encoded again differ in a few
and unlike pictures in about half (Meta, *The TMK+PDQF video-hashing algorithm and the PDQ image-hashing algorithm*,
2019). Meta takes up to 31 differing bits for the same picture. That is too many here: pictures of text are what
spreads, and two letters on one letterhead, or two posts of one author in one layout, may differ in fewer. We take
`MOST_DIFFERENT`: ``python -m tests.benchmarks.pictures`` shows on made pictures what that recognises and what it mixes
up. Copies that were cropped or framed are not recognised, nor are those of a very smooth picture, and one photo under
two short captions may be taken for one picture. Hashes of another tool differ a little more from ours: it shrinks
pictures by other means (:mod:`monitor.commands.look.pdq`).

A mirrored copy is known without another look: in a mirror the odd horizontal frequencies change their sign, and with
it nearly all of their bits. Since no layout is the mirror image of another, Meta's bound is kept there.

Where nobody looked, the same picture saved and uploaded again, without a description or with another, is not
recognised, and two pictures under the same description are taken for one. Mastodon's ``blurhash`` is no key: what
counts is that a picture comes to another network, and no other network tells one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote

from xxhash import xxh3_64_intdigest

from monitor.mentions import Image
from monitor.topics.folding import fold

__all__ = [
    "FINGERPRINT_BITS",
    "MOST_DIFFERENT",
    "MOST_IMAGES",
    "MOST_MIRRORED",
    "bits_apart",
    "image_keys",
    "is_description",
    "is_look",
]

MOST_IMAGES: Final = 4
CHARACTERS_READ: Final = 200  # networks cut descriptions at different lengths, none before
SHORTEST_DESCRIPTION: Final = 20
SHORTEST_NAME: Final = 12  # X gives fifteen letters and digits
LONGEST_ADDRESS: Final = 2_000
FEWEST_TELLING: Final = 4
"""Words of a description that are of no stock phrase."""

FINGERPRINT_BITS: Final = 256
MOST_DIFFERENT: Final = 12
"""Bits in which the fingerprints of two copies of one picture may differ; set on made pictures of other seeds."""

MOST_MIRRORED: Final = 31
"""The same where one of them is mirrored."""

_TURNED: Final = int("55" * (FINGERPRINT_BITS // 8), 16)  # the bits of odd horizontal frequencies

FEWEST_SET: Final = 64
"""Half of the bits of a PDQ hash are set, by its making; of an empty picture, or of a made-up hash, fewer or more."""

_LOOK: Final = 1 << FINGERPRINT_BITS

_CONTENT_ID: Final = re.compile(r"(?<![a-z0-9])(?:baf[a-z2-7]{50,}|Qm[1-9A-HJ-NP-Za-km-z]{44})")
_WORD: Final = re.compile(r"[^\W_]+")
_PIECE: Final = re.compile(r"[^\W\d_]+|\d+")
_SIZE: Final = re.compile(r"[._@-]?(?<![a-z0-9])\d{1,4}x\d{1,4}(?![a-z0-9])|[@_-]\d{1,4}[wx]?$")
_TYPE: Final = re.compile(r"(?:\.(?:jpe?g|png|gif|webp|avif|heic|svg|mp4|webm|mov|m3u8)|@jpeg)+$", re.IGNORECASE)

_MIXED: Final = re.compile(r"[a-z][A-Z]|[A-Z]{2}[a-z]")

_NAMES: Final = """
image images img photo photos picture pictures pic pics screenshot screen shot capture ecran dsc dscn dcim pxl default
share sharing social media og opengraph twitter facebook linkedin card cover header banner hero avatar profile icon
favicon logo logos thumbnail thumb placeholder preview poster large medium small normal orig original full fullsize size
scaled crop cropped resized final copy new untitled sans titre unnamed download attachment file content upload uploads
whatsapp signal telegram video clip jpeg jpg png gif webp main
"""
_WORDS: Final = """
the and that with for from this may contain contains containing image images picture photo photograph graphic screenshot
screen shot text texte one two three more people person personne personnes several group man woman homme femme smiling
standing sitting indoor outdoor close description available alt alternative not provided none unknown untitled une des
les est pas dans sur avec pour par capture ecran illustration dessin aucune disponible peut contenir plusieurs article
link lien preview tweet post publication message thread video gif says saying reads dit
"""
_EMBLEMS: Final = "logo logos logotype avatar icon icone favicon emoji banner banniere profil profile"
_STOCK_NAME: Final = frozenset(_NAMES.split())
_STOCK_WORDS: Final = frozenset(_WORDS.split())
_EMBLEM: Final = frozenset(_EMBLEMS.split())


def image_keys(images: Iterable[Image]) -> tuple[int, ...]:
    """Return the keys of the first four pictures, each once: of names, descriptions and looks.

    Those of names (even) and descriptions (odd) have 63 bits; that of a look is its fingerprint below another bit.

    Examples
    --------
    >>> here = Image("https://a.example/media/FxYzAbCWcAE1234.jpg?name=large", "A parcel van on fire, rue Garibaldi")
    >>> there = Image("https://b.example/cache/FxYzAbCWcAE1234.png", "a parcel van on fire rue garibaldi!")
    >>> image_keys([here]) == image_keys([there])
    True
    >>> image_keys([Image("https://acme.example/img/logo-1200x630.png", "Image may contain: text")])
    ()
    """
    keys: dict[int, None] = {}
    for image in list(images)[:MOST_IMAGES]:
        name = _name(image.address[:LONGEST_ADDRESS]) if image.address else None
        if name is not None:
            keys[_key(name)] = None
        words = _description(image.description[:CHARACTERS_READ]) if image.description else None
        if words is not None:
            keys[_key(words) | 1] = None
        look = int.from_bytes(image.fingerprint) if image.fingerprint else 0
        if FEWEST_SET <= look.bit_count() <= FINGERPRINT_BITS - FEWEST_SET:
            keys[_LOOK | look] = None
    return tuple(keys)


def is_description(key: int) -> bool:
    """Tell whether a key is of a description, rather than of a name or a look."""
    return key & 1 == 1 and key < _LOOK


def is_look(key: int) -> bool:
    """Tell whether a key is of what a picture looks like: near ones are of copies, see `MOST_DIFFERENT`."""
    return key >= _LOOK


def bits_apart(one: int, other: int) -> int | None:
    """Return in how many bits the looks of two copies differ, be one of them mirrored; ``None`` if they are no copies.

    Examples
    --------
    >>> one = (1 << 256) | int("0f" * 32, 16)
    >>> bits_apart(one, one ^ 0b111), bits_apart(one, one ^ int("55" * 32, 16)), bits_apart(one, one ^ 0xFFFFF)
    (3, 0, None)
    """
    unlike = one ^ other
    straight, mirrored = unlike.bit_count(), (unlike ^ _TURNED).bit_count()
    if straight <= MOST_DIFFERENT:
        return straight
    return mirrored if mirrored <= MOST_MIRRORED else None


def _key(words: str) -> int:
    return xxh3_64_intdigest(words.encode("utf-8", "replace")) >> 2 << 1


def _name(address: str) -> str | None:
    """Return what is distinctive of where a picture lies; ``None`` if nothing is."""
    content = _CONTENT_ID.search(address)
    if content is not None:
        return content[0]
    path = re.split(r"[?#]", address, maxsplit=1)[0].rstrip("/")
    if "://" in address and path.count("/") < 3:
        return None  # a host is no picture
    stem = _SIZE.sub("", _TYPE.sub("", unquote(path.rpartition("/")[2])))
    pieces = [piece for piece in _PIECE.findall(stem.lower()) if piece not in _STOCK_NAME]
    is_made = len(_MIXED.findall(stem)) > 1 or any(map(str.isdigit, pieces))  # by a machine, rather than of words
    return stem.lower() if sum(map(len, pieces)) >= (SHORTEST_NAME if is_made else 2 * SHORTEST_NAME) else None


def _description(text: str) -> str | None:
    """Return the words of a description, without capitals, accents and marks; ``None`` if it could be of anything."""
    words = _WORD.findall(fold(text))
    told = " ".join(words)
    telling = {word for word in words if len(word) > 2 and word not in _STOCK_WORDS}
    if len(told) < SHORTEST_DESCRIPTION or len(telling) < FEWEST_TELLING or not _EMBLEM.isdisjoint(words):
        return None
    return told
