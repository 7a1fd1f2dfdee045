"""The query language: what to listen for, in one line a person can read.

========================  ==============================================================================
``acme``                  the word, whatever its case and accents; also in ``#acme`` and ``@acme``
``"acme telecom"``        these words in this order, with only spaces, hyphens or punctuation between them
``a b``, ``a AND b``      both; binds tighter than ``OR``
``a OR b``                either
``-a``, ``NOT a``         not; also before a group: ``-(a OR b)``
``( ... )``               a group
``a NEAR/5 b``            both, in any order, with at most five words between; ``"a b"~5`` says the same
``#tag``                  the hashtag only
``@handle``               the account is named in the text
``from:handle``           published by the account (its handle, or the network's stable id)
``lang:fr``               the declared language
``url:text``              a link that holds this text
``is:reply``              the kind of item: ``post``, ``reply`` or ``quote``
========================  ==============================================================================

Operators are upper-case. A repost carries the words of its root and always follows it: ``from:`` means the root's
author, and there is no ``is:repost``.

:func:`monitor.topics.parser.parse_query` reads a query into the values of this module; ``str`` writes them as a
query again, which reads as the same values. :mod:`monitor.topics.evaluation` says how words are compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal

import msgspec

__all__ = [
    "LOOKALIKES",
    "And",
    "From",
    "Handle",
    "Is",
    "Lang",
    "Lexeme",
    "Near",
    "Node",
    "Not",
    "Or",
    "Phrase",
    "Tag",
    "Url",
    "walk",
]

LOOKALIKES: Final = {
    "and": "AND", "or": "OR", "not": "NOT or -", "near": "NEAR/5", "onear": "NEAR/5",
    "et": "AND", "ou": "OR", "sauf": "NOT or -", "non": "NOT or -",
}  # fmt: skip
"""Words somebody may believe to be operators -> what to write; to be searched they must be quoted."""
_BARE: Final = re.compile(r'[^\s()"“”«»„*~:/@#\-–—−][^\s()"“”«»„*~:/]*')


class Phrase(msgspec.Struct, frozen=True):
    """One word, or several in order."""

    text: str

    def __str__(self) -> str:
        is_bare = _BARE.fullmatch(self.text) and self.text.casefold() not in LOOKALIKES
        return self.text if is_bare else f'"{self.text}"'


class Tag(msgspec.Struct, frozen=True):
    """A hashtag; `name` without ``#``."""

    name: str

    def __str__(self) -> str:
        return f"#{self.name}"


class Handle(msgspec.Struct, frozen=True):
    """An account named in the text; `name` without the leading ``@``."""

    name: str

    def __str__(self) -> str:
        return f"@{self.name}"


class From(msgspec.Struct, frozen=True):
    """The author, by handle (without ``@``) or by the network's stable id."""

    account: str

    def __str__(self) -> str:
        return f"from:{self.account}"


class Lang(msgspec.Struct, frozen=True):
    """The declared language: two or three lower-case letters."""

    code: str

    def __str__(self) -> str:
        return f"lang:{self.code}"


class Url(msgspec.Struct, frozen=True):
    """A link that holds `text` somewhere."""

    text: str

    def __str__(self) -> str:
        return f'url:"{self.text}"'


class Is(msgspec.Struct, frozen=True):
    """The kind of item; a repost counts as a post, since the network does not say what its root was."""

    kind: Literal["post", "reply", "quote"]

    def __str__(self) -> str:
        return f"is:{self.kind}"


class Near(msgspec.Struct, frozen=True):
    """Each part within `distance` words of the next one, in any order.

    Attributes
    ----------
    parts
        At least two; each a literal or an :class:`Or` of literals.
    distance
        The most words between two neighbours, 0 to 100.
    """

    parts: tuple[Node, ...]
    distance: int

    @property
    def sides(self) -> list[list[Lexeme]]:
        """For each part, the literals any of which will do."""
        return [[node for node in walk(part) if isinstance(node, Phrase | Tag | Handle)] for part in self.parts]

    def __str__(self) -> str:
        return f" NEAR/{self.distance} ".join(_grouped(part, Or) for part in self.parts)


class Not(msgspec.Struct, frozen=True):
    """Anything but `part`, which is never itself a :class:`Not`."""

    part: Node

    def __str__(self) -> str:
        return f"-{_grouped(self.part, Or, And, Near)}"


class And(msgspec.Struct, frozen=True):
    """All of at least two parts, none of them an :class:`And`."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " ".join(_grouped(part, Or) for part in self.parts)


class Or(msgspec.Struct, frozen=True):
    """Any of at least two parts, none of them an :class:`Or`."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " OR ".join(str(part) for part in self.parts)


Lexeme = Phrase | Tag | Handle
"""What is looked up in the words of an item."""
Node = Phrase | Tag | Handle | From | Lang | Url | Is | Near | Not | And | Or


def _grouped(node: Node, *looser: type) -> str:
    return f"({node})" if isinstance(node, looser) else str(node)


def walk(node: Node) -> Iterator[Node]:
    """Yield a tree's nodes, each before its parts."""
    yield node
    match node:
        case And(parts) | Or(parts) | Near(parts):
            for part in parts:
                yield from walk(part)
        case Not(part):
            yield from walk(part)
        case _:
            pass
