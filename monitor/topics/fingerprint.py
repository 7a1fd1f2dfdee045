"""Text -> sketch, link -> key: what tells that two posts say nearly the same, or point to the same page.

A sketch holds the four smallest of the hashes of a text's pairs of neighbouring words, fifteen bits of each (a bottom-k
sketch: Broder, On the resemblance and containment of documents, 1997). Capitals, short words, links, handles, hashtags
and numbers are left out, because that is what copied posts vary. Two texts of which one was edited by a word or two
usually share at least two of the four.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from xxhash import xxh3_64_intdigest

__all__ = ["fingerprint", "hashes", "link_key", "link_keys", "shared"]

SKETCH: Final = 4
BITS: Final = 15
FEWEST_WORDS: Final = 4
"""Shorter texts ("merci !", "lol") are alike by nature."""

MOST_LINKS: Final = 4
MOST_REMEMBERED: Final = 50_000
CHARACTERS_READ: Final = 160  # who copies a post copies its beginning

_WORD: Final = re.compile(rb"https?://\S+|[@#][\w\x80-\xff]+|([a-z\x80-\xff]{3,})")
_MASK: Final = (1 << BITS) - 1
# A page as most are written, of which nothing is to be left out but the scheme and ``www.``.
_PLAIN_PAGE: Final = re.compile(r"https?://(?:www\.)?([a-z0-9.-]+(?:/[\w./-]*)?)", re.ASCII)
_PAGE: Final = re.compile(
    r"https?://(?:[^/?#@\s]*@)?(?:www\.)?([^/?#:\[\]\s]+)(?::\d*)?(/[^?#\s]*)?(?:\?([^#\s]*))?", re.IGNORECASE
)
_TRACKING: Final = re.compile(r"(?:^|&)(?:utm_\w+|fbclid|gclid|xtor|ref|ref_src|s|t|at_\w+)=[^&]*")


def fingerprint(text: str) -> int:
    """Return the sketch of a text, 60 bits, never negative; 0 for fewer than four words.

    Examples
    --------
    >>> first = fingerprint("Quelle honte, ma livraison est encore perdue @acme")
    >>> shared(first, fingerprint("quelle HONTE ma livraison est encore perdue https://t.co/x")) == 4
    True
    >>> fingerprint("merci beaucoup !")
    0
    """
    words = list(filter(None, map(_hash_between_spaces, text[:CHARACTERS_READ].lower().split())))
    if len(words) < FEWEST_WORDS:
        return 0
    pairs, before = [], words[0]
    for word in words[1:]:
        pairs.append(word ^ before >> 2)
        before = word
    smallest = sorted(pairs)[:SKETCH]
    if len(set(smallest)) < SKETCH:  # a chant; a set of all pairs of all texts would take twice as long
        smallest = sorted(set(pairs))[:SKETCH]
    sketch = 0
    for value in smallest:
        sketch = sketch << BITS | value & _MASK
    return sketch


class _Chunks(dict[str, int]):
    """What stands between two spaces -> the hash of its words, 30 bits, 0 if it has none; mostly one we met before."""

    def __missing__(self, chunk: str) -> int:
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        words = list(filter(None, _WORD.findall(chunk.encode("utf-8", "replace"))))
        hashed = self[chunk] = xxh3_64_intdigest(b" ".join(words)) >> 34 if words else 0
        return hashed


_hash_between_spaces: Final = _Chunks().__getitem__


def shared(one: int, two: int) -> int:
    """Return how many of the hashes of two sketches are the same, 0 to 4."""
    return len(hashes(one) & hashes(two))


def hashes(sketch: int) -> set[int]:
    """Return the hashes a sketch holds, at most four; fewer for a short text.

    Examples
    --------
    >>> hashes(3 << BITS | 5) == {3, 5}
    True
    """
    return {sketch >> BITS * place & _MASK for place in range(SKETCH)} - {0}


def link_key(url: str) -> int | None:
    """Return the key of a page, 63 bits: the same with and without ``www.``, fragment and tracking; ``None`` if none.

    Examples
    --------
    >>> link_key("https://www.Example.org/a/?utm_source=x#top") == link_key("http://example.org/a")
    True
    >>> link_key("not a link") is None
    True
    """
    plain = _PLAIN_PAGE.fullmatch(url)
    if plain is not None:
        return xxh3_64_intdigest((plain[1].rstrip("/") + "?").encode()) >> 1
    found = _PAGE.match(url)
    if found is None:
        return None
    host, path, query = found.groups(default="")
    if query:
        query = _TRACKING.sub("", query).lstrip("&")
    return xxh3_64_intdigest(f"{host.lower()}{path.rstrip('/')}?{query}".encode("utf-8", "replace")) >> 1


def link_keys(urls: Sequence[str]) -> tuple[int, ...]:
    """Return the keys of the first four pages among `urls`, each once."""
    if len(urls) == 1:
        key = link_key(urls[0])
        return () if key is None else (key,)
    keys = [key for url in urls if (key := link_key(url)) is not None]
    return tuple(dict.fromkeys(keys))[:MOST_LINKS]
