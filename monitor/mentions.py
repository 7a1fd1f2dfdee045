"""What every source yields: mentions, and the four things that are not mentions but matter as much.

A :class:`Mention` is one public item (post, reply, quote, repost, article) in a shape that no longer depends on
the network it came from. A :class:`Deletion` asks us to forget, a :class:`Heartbeat` says that a source is alive
though quiet, a :class:`Gap` says that we were blind for a while, which is never the same as silence, and a
:class:`Like` is counted when it is of one of the brand's own posts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence, Set
from functools import lru_cache
from struct import Struct
from typing import Final, Literal

import msgspec
import numpy as np
from xxhash import xxh3_64_intdigest

__all__ = [
    "Author",
    "Deduplicator",
    "Deletion",
    "Engagement",
    "Gap",
    "Heartbeat",
    "Image",
    "Item",
    "Kind",
    "Like",
    "Mention",
    "author_key",
    "mention_key",
]

Kind = Literal["post", "reply", "quote", "repost"]


class Author(msgspec.Struct, frozen=True, gc=False):
    """Who published a mention, as far as the network says.

    Attributes
    ----------
    id
        The network's stable identifier (X user id, Bluesky DID, Mastodon account URI); never the handle, which
        its owner may change.
    handle
        The public name without ``@``; ``None`` when the network does not send it.
    followers
        Follower count at the time of the post; ``None`` when unknown, which is not zero.
    created_us
        When the account was opened, microseconds since the Unix epoch.
    verified
        Whether the network vouches for the account; ``None`` when it does not say.
    bio
        What the profile says of its owner. Read for hints of a public role and never stored.
    """

    id: str
    handle: str | None = None
    followers: int | None = None
    created_us: int | None = None
    verified: bool | None = None
    bio: str | None = None


class Engagement(msgspec.Struct, frozen=True, gc=False):
    """Public interactions with an item when it was recorded; ``None`` where the network does not count them."""

    replies: int | None = None
    reposts: int | None = None
    quotes: int | None = None
    likes: int | None = None


class Image(msgspec.Struct, frozen=True, gc=False):
    """A picture or film in an item, as far as the network describes it.

    Attributes
    ----------
    address
        Where it lies, or the network's own identifier of its content.
    description
        The alternative text its author wrote.
    fingerprint
        What it looks like, where somebody looked: its PDQ hash, 32 bytes (:mod:`monitor.topics.images`).
    """

    address: str | None = None
    description: str | None = None
    fingerprint: bytes | None = None


class Mention(msgspec.Struct, frozen=True, gc=False):
    """One public item, normalised.

    Attributes
    ----------
    network
        ``x``, ``bluesky``, ``mastodon``, ``feed`` or another lower-case word.
    id
        The network's identifier of this item (for an edited X post, the first of its edits).
    kind
        ``post``, ``reply``, ``quote`` or ``repost``; what is both quote and reply is a ``quote``.
    published_us
        The network's own server time, microseconds since the Unix epoch: what windows are cut on.
    author
        Who published it; for a repost, who reposted.
    text
        The words to search. For a repost, the *whole* text of the root when the network sends it.
    lang
        Language as the network or its author declares it, such as ``fr``; ``None`` when not said.
    hashtags, links, mentioned
        Without ``#``; as absolute URLs; handles without ``@``. In order of appearance.
    parent_id, parent_author_id, parent_author_handle
        The item this one directly answers, quotes or reposts, and its author where the network says so.
    root_id
        The item at the root of the cascade or conversation; ``None`` when this item is the root.
    root_author
        The author of the reposted or quoted root where the network sends them.
    quoted_text
        The words of the quoted item where the network sends them.
    engagement
        Interactions with this item (never those of a repost's root).
    url
        Where a person can read it.
    received_us
        When it reached whoever recorded it; ``None`` in recordings that do not say.
    parent_engagement
        Interactions with the item it answers, quotes or reposts, as the network counted them then.
    images
        What it shows, in order of appearance.
    """

    network: str
    id: str
    kind: Kind
    published_us: int
    author: Author
    text: str
    lang: str | None = None
    hashtags: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    mentioned: tuple[str, ...] = ()
    parent_id: str | None = None
    parent_author_id: str | None = None
    parent_author_handle: str | None = None
    root_id: str | None = None
    root_author: Author | None = None
    quoted_text: str | None = None
    engagement: Engagement | None = None
    url: str | None = None
    received_us: int | None = None
    parent_engagement: Engagement | None = None
    images: tuple[Image, ...] = ()


class Deletion(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The network, or the author, took something back: one item, or with ``id=None`` all of an author's."""

    network: str
    id: str | None = None
    author_id: str | None = None
    at_us: int


class Heartbeat(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A source is connected and has nothing more to say up to `at_us`."""

    source: str
    at_us: int


class Gap(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """We could not see `source` during [start_us, end_us); nothing may be concluded from silence there."""

    source: str
    start_us: int
    end_us: int
    reason: str


class Like(msgspec.Struct, frozen=True, gc=False):
    """Somebody liked an item. Who they are is never stored: they are counted, and only for the brand's own posts.

    Attributes
    ----------
    id, author_id
        The liked item, and who published it.
    by
        Who liked it.
    at_us
        When.
    """

    network: str
    id: str
    author_id: str
    by: str
    at_us: int


Item = Mention | Deletion | Heartbeat | Gap | Like


def mention_key(network: str, identifier: str) -> int:
    """Return the 64-bit key of an item: signed, stable across machines, restarts and versions.

    Notes
    -----
    XXH3 over ``network:identifier``. Among a hundred million items the chance of any collision is below
    3 in 10,000 (birthday bound).

    Examples
    --------
    >>> mention_key("x", "1") == mention_key("x", "1") != mention_key("bluesky", "1")
    True
    """
    name = f"{network}:{identifier}"
    try:
        return xxh3_64_intdigest(name.encode()) - (1 << 63)
    except UnicodeEncodeError:  # half of a character; to ask for its replacement each time costs a fifth of the whole
        return xxh3_64_intdigest(name.encode("utf-8", "replace")) - (1 << 63)


def author_key(secret: bytes, network: str, identifier: str) -> int:
    """Return the pseudonym of an author: a keyed 64-bit hash, signed.

    A plain hash of an account number can be reversed by trying them all; this one needs `secret`. Changing the
    secret unlinks everything stored before.

    Parameters
    ----------
    secret
        At most 64 bytes, kept apart from the data.

    References
    ----------
    .. [1] Keyed BLAKE2b, RFC 7693 section 2.9.
    """
    digest = _keyed(secret).copy()  # takes half the time of a new one
    digest.update(f"{network}:{identifier}".encode("utf-8", "replace"))
    (key,) = _unpack(digest.digest())
    return int(key)


_unpack: Final = Struct(">q").unpack


@lru_cache(maxsize=16)
def _keyed(secret: bytes) -> hashlib.blake2b:
    return hashlib.blake2b(digest_size=8, key=secret)


class Deduplicator:
    """Remembers the keys of recent items, exactly, in bounded memory.

    Networks resend after a reconnect and back-fill after an outage. Keys live in generations of
    `generation_size`; when a generation is full the oldest is forgotten. The current generation is a set, older
    ones are sorted arrays of eight bytes a key.

    Parameters
    ----------
    generation_size
        Keys in one generation. Positive.
    generations
        How many full generations to remember beside the current one.
    """

    def __init__(self, generation_size: int = 500_000, generations: int = 7) -> None:
        self._size = generation_size
        self._limit = generations
        self._current: set[int] = set()
        self._older: list[np.ndarray[tuple[int], np.dtype[np.int64]]] = []

    def __len__(self) -> int:
        return len(self._current) + sum(len(keys) for keys in self._older)

    def first_sights(self, keys: Sequence[int]) -> list[bool]:
        """Tell for each key, in order, whether it was never seen before, and remember it.

        Whether a key is new depends only on the sequence of keys, never on how it was cut into calls.
        """
        sights: list[bool] = []
        start = 0
        while start < len(keys):
            # No more keys than the generation has room for, so that it can only fill at a chunk's very end.
            chunk = keys[start : start + self._size - len(self._current)]
            sights += self._first_sights_in_room(chunk)
            start += len(chunk)
            if len(self._current) == self._size:
                self._turn_generation()
        return sights

    def _first_sights_in_room(self, keys: Sequence[int]) -> list[bool]:
        known = self._known_of_old(keys) if self._older else frozenset[int]()
        current, distinct = self._current, set(keys)
        if len(distinct) == len(keys) and not known and current.isdisjoint(distinct):  # as nearly always
            current |= distinct
            return [True] * len(keys)
        sights = []
        for key in keys:
            is_new = key not in current and key not in known
            sights.append(is_new)
            if is_new:
                current.add(key)
        return sights

    def _known_of_old(self, keys: Sequence[int]) -> Set[int]:
        array = np.fromiter(keys, np.int64, len(keys))
        known: set[int] = set()
        for generation in self._older:
            places = np.minimum(np.searchsorted(generation, array), len(generation) - 1)
            known.update(array[generation[places] == array].tolist())
        return known

    def _turn_generation(self) -> None:
        self._older.append(np.sort(np.fromiter(self._current, np.int64, len(self._current))))
        self._current = set()
        del self._older[: -self._limit]
