"""Query tree -> the few pieces of text without which it cannot hold, and the index that finds them all at once.

A query cannot hold unless one of its *anchors* stands in the item: in a conjunction or a phrase one positive word is
enough, in a disjunction one of every branch is needed. Where there is a choice we take the word that the fewest
topics use (*telecom*, in a thousand names, tells nothing), then the longest, which tends to be the rarest. The
anchors of all topics go into one Aho-Corasick automaton, which reads a folded batch once [1]_.

References
----------
.. [1] A. V. Aho and M. J. Corasick, "Efficient string matching: an aid to bibliographic search", CACM 18(6), 1975.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
import numpy as np
from ahocorasick_rs import BytesAhoCorasick, Implementation

from monitor.topics.evaluation import Lookup
from monitor.topics.folding import fold, fold_batch
from monitor.topics.query import And, From, Handle, Near, Node, Or, Phrase, Tag, Url, walk

__all__ = ["AnchorIndex", "Anchors", "anchors_of", "usage_of"]

_BETWEEN: Final = "\x00"
"""Stands before, between and after the items of a batch."""
_LARGEST_TABLE: Final = 4_000_000
"""Bytes of anchors up to which the automaton is a full table, the fastest, at some 100 bytes of memory for each."""
_IS_PLAIN: Final = bytes(chr(b).isascii() and (chr(b).isalnum() or chr(b) == "_") for b in range(256))
"""Byte -> 1 if it is an ASCII letter, digit or underscore, which make words for certain; the rest is evaluated."""
_RAREST: Final = 100
"""An author writes a vanishing share of all posts: as an anchor, worth more than any word has letters."""


class Anchors(msgspec.Struct, frozen=True):
    """What must be found before a query can hold: any one of these.

    Attributes
    ----------
    words, links
        Folded pieces of text, and of links.
    accounts
        Case-folded handles or ids of authors.
    """

    words: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self.words) + len(self.links) + len(self.accounts)


def usage_of(trees: Iterable[Node]) -> Counter[str]:
    """Count for each word how many of these queries use it."""
    usage: Counter[str] = Counter()
    for tree in trees:
        lookups = [Lookup(node) for node in walk(tree) if isinstance(node, Phrase | Tag | Handle)]
        usage.update({chunk for lookup in lookups for chunk in lookup.chunks})
    return usage


def anchors_of(node: Node, usage: Mapping[str, int]) -> Anchors | None:
    """Return the anchors of a query, or ``None`` if it can hold without any (a parsed query never can).

    Parameters
    ----------
    usage
        How many topics use each word (:func:`usage_of`).
    """

    def rarity(anchors: Anchors) -> tuple[int, int, int]:
        lengths = [len(piece) for piece in anchors.words | anchors.links]
        return -max((usage[word] for word in anchors.words), default=0), min(lengths, default=_RAREST), -len(anchors)

    match node:
        case Phrase() | Tag() | Handle():
            words = [Anchors(words=frozenset({chunk})) for chunk in Lookup(node).chunks]
            return max(words, key=rarity)
        case Url(text):
            return Anchors(links=frozenset({fold(text)}))
        case From(account):
            return Anchors(accounts=frozenset({account.casefold()}))
        case Or(parts):
            branches = [anchors for part in parts if (anchors := anchors_of(part, usage)) is not None]
            return _union(branches) if len(branches) == len(parts) else None
        case And(parts) | Near(parts):
            choices = [anchors for part in parts if (anchors := anchors_of(part, usage)) is not None]
            return max(choices, key=rarity, default=None)
        case _:
            return None


def _union(branches: Sequence[Anchors]) -> Anchors:
    return Anchors(
        words=frozenset[str]().union(*(branch.words for branch in branches)),
        links=frozenset[str]().union(*(branch.links for branch in branches)),
        accounts=frozenset[str]().union(*(branch.accounts for branch in branches)),
    )


class AnchorIndex:
    """Finds in which texts of a batch the words and links of which anchors stand.

    Parameters
    ----------
    anchors
        Elsewhere referred to by their place in this sequence.
    """

    def __init__(self, anchors: Sequence[Anchors]) -> None:
        places: dict[bytes, list[int]] = {}
        for place, found in enumerate(anchors):
            for piece in found.words | found.links:
                places.setdefault(piece.encode(), []).append(place)
        links = {piece.encode() for found in anchors for piece in found.links}
        pieces = sorted(places)
        self._places = [places[piece] for piece in pieces]
        # A word that begins with a letter cannot stand after a letter: most chance finds end here.
        self._needs_left = [piece not in links and _IS_PLAIN[piece[0]] for piece in pieces]
        self._needs_right = [piece not in links and _IS_PLAIN[piece[-1]] for piece in pieces]
        is_small = sum(map(len, pieces)) <= _LARGEST_TABLE
        form = Implementation.DFA if is_small else Implementation.ContiguousNFA
        self._automaton = BytesAhoCorasick(pieces, implementation=form)

    def search(self, texts: Sequence[str]) -> tuple[list[str], dict[int, set[int]]]:
        """Fold the texts, and find which anchors each may hold.

        Returns
        -------
        tuple
            The folded texts, and for the position of each text that may hold any, the places of the anchors. Every
            anchor that is there is found; some that are found are not there, for lack of word borders.
        """
        joined = _BETWEEN.join(["", *texts, ""])
        if joined.count(_BETWEEN) != len(texts) + 1:
            joined = _BETWEEN.join(["", *(text.replace(_BETWEEN, " ") for text in texts), ""])
        folded = fold_batch(joined)
        return folded.split(_BETWEEN)[1:-1], self._find(folded.encode())

    def _find(self, batch: bytes) -> dict[int, set[int]]:
        needs_left, needs_right, is_plain = self._needs_left, self._needs_right, _IS_PLAIN
        found: dict[int, set[int]] = {}
        ends: list[int] = []
        for piece, start, end in self._automaton.find_matches_as_indexes(batch, overlapping=True):
            if (needs_left[piece] and is_plain[batch[start - 1]]) or (needs_right[piece] and is_plain[batch[end]]):
                continue
            if not ends:
                ends = np.flatnonzero(np.frombuffer(batch, np.uint8) == 0).tolist()
            found.setdefault(bisect_left(ends, start) - 1, set()).update(self._places[piece])
        return found
