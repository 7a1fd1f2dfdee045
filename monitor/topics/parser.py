"""Query text -> tree, or one error that points at the column and says what to write instead."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from typing import Final, Literal, NamedTuple, NoReturn, cast

from monitor.errors import WatchlistInvalid
from monitor.topics.folding import fold
from monitor.topics.query import (
    LOOKALIKES,
    And,
    From,
    Handle,
    Is,
    Lang,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Tag,
    Url,
)

__all__ = ["QueryInvalid", "parse_query"]

_LONGEST: Final = 10_000
_DEEPEST: Final = 30
_FARTHEST: Final = 100
_CLOSING: Final = {'"': '"”“', "“": '”"', "”": '”"', "«": "»", "„": '“”"'}
_QUOTES: Final = re.compile('["“”«»„]+')
_STOPS: Final = r'\s()"“”«»„'
_TOKEN: Final = re.compile(
    rf"""
    (?P<space>\s+) | (?P<open>\() | (?P<close>\)) | (?P<quote>["“”«»„]) | (?P<minus>-(?=\S)) | (?P<dash>[–—−](?=\S))
    | \#(?P<tag>[^{_STOPS}]*) | @(?P<handle>[^{_STOPS}]*)
    | (?P<field>[A-Za-z_]+):(?!//)(?P<value>[^{_STOPS}]*)
    | (?P<word>[^{_STOPS}]+)
    """,
    re.VERBOSE,
)
_NEAR: Final = re.compile(r"NEAR/(\d{1,6})")
_LIKE_NEAR: Final = re.compile(r"([^\W\d]{3,8})/\d{1,6}|O?NEAR(/.*)?")
_HANDLE: Final = re.compile(r"[\w.-]*\w(@[\w.-]*\w)?")
_SEARCHABLE: Final = re.compile(r"[^\W_]|[^\x00-\u203b\u3000-\u303f]")
"""A letter, a digit, or a symbol beyond general punctuation such as an emoji."""


class QueryInvalid(WatchlistInvalid):
    """A query that cannot be read.

    Attributes
    ----------
    query
        The whole query.
    column
        Where, counted from 1.
    problem
        One sentence with the remedy.
    """

    def __init__(self, query: str, column: int, problem: str) -> None:
        super().__init__(f"column {column}: {problem}")
        self.query = query
        self.column = column
        self.problem = problem

    @property
    def picture(self) -> str:
        """Two lines: the query around the place, and a caret below it."""
        start = max(0, self.column - 50)
        shown = "".join(c if c.isprintable() else " " for c in self.query[start : start + 100])
        return f"{shown}\n{' ' * (self.column - 1 - start)}^"


class _Token(NamedTuple):
    kind: str
    """``( ) - and or near node end``"""
    column: int
    text: str
    node: Node | None = None
    distance: int = 0


def parse_query(query: str) -> Node:
    """Read a query.

    Raises
    ------
    QueryInvalid
        If it cannot be read, or if one of its ``OR`` branches has nothing positive to listen for.

    Examples
    --------
    >>> str(parse_query('("Acme Télécom" OR #acme) AND NOT (météo OR lang:de)'))
    '("Acme Télécom" OR #acme) -(météo OR lang:de)'
    >>> parse_query("acme NEER/5 panne")
    Traceback (most recent call last):
        ...
    monitor.topics.parser.QueryInvalid: column 6: unknown operator NEER/5; did you mean NEAR/5?
    """
    if len(query) > _LONGEST:
        raise QueryInvalid(query, 1, f"the query has {len(query)} characters; split it into topics of {_LONGEST}")
    return _Parser(query, _tokens(query)).parse()


def _tokens(query: str) -> list[_Token]:
    """Cut the query into tokens; every literal and field already is a node."""
    tokens: list[_Token] = []
    at = 0
    while at < len(query):
        found = _TOKEN.match(query, at)
        if found is None:  # the pattern covers every character; kept so that a slip cannot loop for ever
            raise QueryInvalid(query, at + 1, f"unexpected {query[at]!r}; quote it to search for it")
        kind, column, end = cast("str", found.lastgroup), at + 1, found.end()
        if kind == "quote":
            token, end = _quoted(query, at)
            tokens.append(token)
        elif kind != "space":
            value = found[kind]
            if kind == "value" and not value and query[end : end + 1] in _CLOSING:
                quoted, end = _quoted(query, end)
                value = quoted.text
            tokens.append(_READERS[kind](query, column, value, found["field"] or ""))
        at = end
    tokens.append(_Token("end", len(query) + 1, "the end"))
    return tokens


def _quoted(query: str, at: int) -> tuple[_Token, int]:
    """Read a quoted phrase that opens at `at`, with its ``~5`` if it has one; return where it ends."""
    closing = _CLOSING.get(query[at])
    ends = [place for c in closing or () if (place := query.find(c, at + 1)) >= 0]
    if not ends:
        raise QueryInvalid(query, at + 1, f"the quote {query[at]} opened here is never closed; add a closing quote")
    end = min(ends)
    text = " ".join(query[at + 1 : end].split())
    tilde = re.compile(r"~(\d*)").match(query, end + 1)
    if tilde is None:
        return _Token("node", at + 1, text, _phrase(query, at + 1, text)), end + 1
    words = tuple(_phrase(query, at + 1, word) for word in text.split())
    if len(words) < 2:
        raise QueryInvalid(query, at + 1, f'"{text}"~ needs at least two words between its quotes')
    distance = _distance(query, end + 2, tilde[1])
    return _Token("node", at + 1, text, Near(words, distance)), tilde.end()


def _distance(query: str, column: int, digits: str) -> int:
    if not digits or int(digits) > _FARTHEST:
        raise QueryInvalid(query, column, f"the distance must be a number of words from 0 to {_FARTHEST}")
    return int(digits)


def _phrase(query: str, column: int, text: str) -> Phrase:
    bare = " ".join(_QUOTES.sub(" ", text).split())  # a stray quote inside another is nothing to search for
    if not _SEARCHABLE.search(fold(bare)):
        raise QueryInvalid(query, column, f'"{bare}" has no letter, digit or emoji to search for; remove it')
    return Phrase(bare)


def _read_word(query: str, column: int, text: str, _: str) -> _Token:
    if text in {"AND", "OR", "NOT"}:
        return _Token("-" if text == "NOT" else text.lower(), column, text)
    if near := _NEAR.fullmatch(text):
        return _Token("near", column, text, distance=_distance(query, column, near[1]))
    if text.casefold() in LOOKALIKES:
        remedy = f"operators are upper-case English words: write {LOOKALIKES[text.casefold()]}"
        raise QueryInvalid(query, column, f'{text} is not an operator; {remedy}, or quote it to search "{text}"')
    if like := _LIKE_NEAR.fullmatch(text):
        name = fold(like[1] or "near")
        if difflib.get_close_matches(name, ("near", "onear", "pres", "proche"), 1, 0.7):
            remedy = f"NEAR{text[text.find('/') :]}" if like[1] and like[1] != "NEAR" else "NEAR/5"
            raise QueryInvalid(query, column, f"unknown operator {text}; did you mean {remedy}?")
    for sign, remedy in (
        ("*", "write every form, as in (acme OR acmes)"),
        ("~", 'it belongs after a quoted phrase, as in "a b"~5'),
        ("://", "to search links write url: and the text"),
        (":", f'write it between quotes, as in "{text}"'),
    ):
        if sign in text:
            raise QueryInvalid(query, column + text.index(sign), f"{sign} in {text} is not understood; {remedy}")
    return _Token("node", column, text, _phrase(query, column, text))


def _read_tag(query: str, column: int, text: str, _: str) -> _Token:
    if not re.fullmatch(r"\w+", text) or not _SEARCHABLE.search(fold(text)):
        raise QueryInvalid(query, column, f"#{text} is not a hashtag; # is followed by letters, digits or _")
    return _Token("node", column, text, Tag(text))


def _read_handle(query: str, column: int, text: str, _: str) -> _Token:
    if not _HANDLE.fullmatch(text) or not _SEARCHABLE.search(fold(text)):
        raise QueryInvalid(query, column, f"@{text} is not a handle; @ is followed by letters, digits, _ . or -")
    return _Token("node", column, text, Handle(text))


def _read_field(query: str, column: int, value: str, field: str) -> _Token:
    make = _FIELDS.get(field)
    if make is None:
        near = difflib.get_close_matches(field.casefold(), _FIELDS, 1)
        remedy = f"did you mean {near[0]}:?" if near else f"known fields are {', '.join(f'{f}:' for f in _FIELDS)}"
        raise QueryInvalid(query, column, f'unknown field {field}:; {remedy} (quote "{field}:{value}" to search it)')
    try:
        node = make(value)
    except ValueError as error:
        raise QueryInvalid(query, column + len(field) + 1, f"{field}:{value} {error}") from None
    return _Token("node", column, f"{field}:{value}", node)


def _from(value: str) -> Node:
    account = value.removeprefix("@")
    if not re.fullmatch(r"[\w.:/@-]+", account):
        message = "is not an account; write a handle, as in from:acme"
        raise ValueError(message)
    return From(account)


def _lang(value: str) -> Node:
    if not re.fullmatch(r"[A-Za-z]{2,3}", value):
        message = "is not a language; write two letters, as in lang:fr"
        raise ValueError(message)
    return Lang(value.lower())


def _url(value: str) -> Node:
    if not _SEARCHABLE.search(fold(value)) or re.search(r"\s", value):
        message = "must hold a part of a link without spaces, as in url:acme.fr"
        raise ValueError(message)
    return Url(value)


def _is(value: str) -> Node:
    if value in {"repost", "retweet", "share", "boost"}:
        message = "cannot be asked for: a repost always follows its root, and is counted apart; remove it"
        raise ValueError(message)
    if value not in {"post", "reply", "quote"}:
        message = "is not a kind of item; choose post, reply or quote"
        raise ValueError(message)
    return Is(cast('Literal["post", "reply", "quote"]', value))


def _read_sign(query: str, column: int, text: str, _: str) -> _Token:
    if text in "–—−":
        raise QueryInvalid(query, column, f"{text} is a dash, not a minus; write - to exclude")
    return _Token(text, column, text)


_FIELDS: Final[dict[str, Callable[[str], Node]]] = {"from": _from, "lang": _lang, "url": _url, "is": _is}
_READERS: Final[dict[str, Callable[[str, int, str, str], _Token]]] = {
    "open": _read_sign, "close": _read_sign, "minus": _read_sign, "dash": _read_sign,
    "tag": _read_tag, "handle": _read_handle, "value": _read_field, "word": _read_word,
}  # fmt: skip


class _Parser:
    """Recursive descent: or > and > not > near > literal or group."""

    def __init__(self, query: str, tokens: Sequence[_Token]) -> None:
        self._query = query
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        # Where each branch begins, for the error about branches without anchor. By identity: equal values may
        # stand at two places, and every node outlives the parse.
        self._columns: dict[int, int] = {}

    def parse(self) -> Node:
        node = self._either()
        if self._next.kind == ")":
            self._refuse("there is a ) too many; remove it or open a group before")
        branch = _unanchored(node)
        if branch is not None:
            column = self._columns.get(id(branch), 1)
            problem = (
                f"{branch} has nothing to listen for; every branch of an OR needs at least one word, phrase, "
                "#tag, @handle, from: or url: that is not excluded"
            )
            raise QueryInvalid(self._query, column, problem)
        return node

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self, kind: str) -> bool:
        is_next = self._next.kind == kind
        self._at += is_next
        return is_next

    def _refuse(self, problem: str) -> NoReturn:
        raise QueryInvalid(self._query, self._next.column, problem)

    def _either(self) -> Node:
        parts = [self._all()]
        while self._take("or"):
            parts.append(self._all())
        if len(parts) == 1:
            return parts[0]
        return Or(tuple(inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,))))

    def _all(self) -> Node:
        column = self._next.column
        parts = [self._unary()]
        while self._take("and") or self._next.kind in {"(", "-", "node"}:
            parts.append(self._unary())
        node = parts[0]
        if len(parts) > 1:
            node = And(tuple(inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,))))
        self._columns.setdefault(id(node), column)
        return node

    def _unary(self) -> Node:
        start = self._at
        while self._take("-"):
            pass
        signs = self._at - start
        if not signs:
            return self._near()
        node = self._primary()
        if self._next.kind == "near":
            self._refuse("a NEAR that is excluded needs parentheses; write -(a NEAR/5 b)")
        if signs % 2 == 0:
            return node
        return node.part if isinstance(node, Not) else Not(node)

    def _near(self) -> Node:
        column = self._next.column
        parts = [self._primary()]
        distances = set()
        while self._next.kind == "near":
            distances.add(self._next.distance)
            if len(distances) > 1:
                self._refuse("one chain of NEAR has one distance; write the other pair as an AND of its own")
            self._at += 1
            parts.append(self._primary())
        if len(parts) == 1:
            return parts[0]
        for part in parts:
            if not all(isinstance(p, Phrase | Tag | Handle) for p in (part.parts if isinstance(part, Or) else (part,))):
                problem = f"NEAR joins words, phrases, #tags, @handles or an OR of these, not {part}"
                raise QueryInvalid(self._query, column, problem)
        return Near(tuple(parts), distances.pop())

    def _primary(self) -> Node:
        token = self._next
        if token.node is not None:
            self._at += 1
            return token.node
        if not self._take("("):
            if len(self._tokens) == 1:
                self._refuse("the query is empty; write at least one word to listen for")
            self._refuse(f"a word, a phrase or a group is missing before {token.text}")
        self._depth += 1
        if self._depth > _DEEPEST:
            raise QueryInvalid(self._query, token.column, f"groups are nested deeper than {_DEEPEST}; simplify")
        node = self._either()
        if not self._take(")"):
            raise QueryInvalid(self._query, token.column, "the group opened here is never closed; add a )")
        self._depth -= 1
        return node


def _unanchored(node: Node) -> Node | None:
    """Return the first branch in which nothing positive must be found, or None."""
    match node:
        case Or(parts):
            return next((branch for part in parts if (branch := _unanchored(part)) is not None), None)
        case And(parts):
            return node if all(_unanchored(part) is not None for part in parts) else None
        case Not() | Lang() | Is():
            return node
        case _:
            return None
