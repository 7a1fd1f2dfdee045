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
# What says how somebody came to a page, or that they came with a telephone, and nothing of the page.
_NAMES: Final = """
fbclid gclid dclid wbraid gbraid msclkid twclid ttclid yclid igsh igshid mc_cid mc_eid mkt_tok _hsenc _hsmi _ga _gl
srsltid guccounter guce_referrer guce_referrer_sig xtor ref ref_src ref_url cmpid ncid ocid smid s t amp usqp
__twitter_impression outputtype
"""
_TRACKING: Final = frozenset(_NAMES.split())
_TRACKING_BEGINS: Final = ("utm_", "at_", "amp_", "soc_")
_SHARED_BY: Final = re.compile(r"si=[\w-]{11,}")  # of YouTube and others; a shorter one may be the page's own

# Hosts are folded only where a path follows: the front pages of ``mobile.example.org`` and ``example.org`` may be of
# two companies. And ``/amp`` is left out only of what looks like an article: there are shops for amplifiers.
_OTHER_HOST: Final = re.compile(r"(?:(?:www|m|mobile|amp)\.)+(?!(?:com?|org|net|ac|gouv?)\.[a-z]{2}$)(?=[^.]+\.)")
_OTHER_BEGINS: Final = ("m.", "mobile.", "amp.", "www.", "twitter.com", "youtu.be")
_ALIASES: Final = {"twitter.com": "x.com"}
_IN_A_CACHE: Final = re.compile(r"(?:google\.[a-z.]+/amp|[\w-]+\.cdn\.ampproject\.org/[acv])/(?:s/)?([^/]+)(/.+)")
_AMP: Final = re.compile(r"^/amp(?=/.)|(?<=.)/amp(?=/*$)|\.amp(?=(?:\.html?)?/*$)", re.IGNORECASE)
_SLUG: Final = re.compile(r"[-_\d]")


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
    """Return the key of a page, 63 bits; ``None`` if it is none.

    The same with and without ``www.``, fragment and tracking, and for the variants of a page for telephones.

    Examples
    --------
    >>> link_key("https://www.Example.org/a/?utm_source=x#top") == link_key("http://example.org/a")
    True
    >>> link_key("https://m.example.org/a-fire/amp?s=20") == link_key("http://example.org/a-fire")
    True
    >>> link_key("not a link") is None
    True
    """
    plain = _PLAIN_PAGE.fullmatch(url)
    if plain is not None:
        page = plain[1]
        if not ("/amp" in page or ".amp" in page or ".m." in page or page.startswith(_OTHER_BEGINS)):
            return xxh3_64_intdigest((page.rstrip("/") + "?").encode()) >> 1
    found = _PAGE.match(url)
    if found is None:
        return None
    host, path, query = _folded(*found.groups(default=""))
    return xxh3_64_intdigest(f"{host}{path.rstrip('/')}?{query}".encode("utf-8", "replace")) >> 1


def _folded(host: str, path: str, query: str) -> tuple[str, str, str]:
    """Return host, path and query of a page as they are without tracking and variants for telephones."""
    host = host.lower()
    if query:
        query = "&".join([part for part in query.split("&") if not _is_tracking(part)])
    cached = _IN_A_CACHE.fullmatch(host + path)
    if cached is not None:
        host, path = cached.groups()
    if path.strip("/"):
        host = _OTHER_HOST.sub("", host, count=1) if _OTHER_HOST.match(host) else host.replace(".m.", ".", 1)
    if _SLUG.search(path):
        path = _AMP.sub("", path)
    if host == "youtu.be":
        host, path, query = "youtube.com", "/watch", f"v={path.strip('/')}{'&' if query else ''}{query}"
    return _ALIASES.get(host, host), path, query


def _is_tracking(part: str) -> bool:
    name = part.partition("=")[0].lower()
    return name in _TRACKING or name.startswith(_TRACKING_BEGINS) or _SHARED_BY.fullmatch(part) is not None


def link_keys(urls: Sequence[str]) -> tuple[int, ...]:
    """Return the keys of the first four pages among `urls`, each once."""
    if len(urls) == 1:
        key = link_key(urls[0])
        return () if key is None else (key,)
    keys = [key for url in urls if (key := link_key(url)) is not None]
    return tuple(dict.fromkeys(keys))[:MOST_LINKS]
