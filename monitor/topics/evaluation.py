"""Query tree + one item -> the term that matched, or nothing.

How words are compared:

* Texts are folded (:mod:`monitor.topics.folding`): case, accents and typography do not matter.
* A term matches between word borders: no *Orange* in *orangeade*. Letters, digits and ``_`` make words; hyphens,
  apostrophes, ``#`` and ``@`` are borders, so *acme* is found in ``#acme``, ``@acme`` and ``l'Acme``, not in
  ``@acme_aide``. Emoji and scripts written without spaces (Chinese, Japanese, Korean, Thai ...) need no border, but
  a part of an emoji sequence is not the sequence.
* Between the words of a phrase stand only spaces, hyphens and ASCII or general punctuation: *acme telecom* is found
  in *Acme-Télécom* and *Acme, Télécom*, not in *Acme et Télécom*. Within a word, punctuation is lexeme: *AT&T*.
* Links are cut out of the text, and are searched by ``url:`` alone.
* An item's words are its text, then the text it quotes, then hashtags and handles that the network gives apart; no
  phrase and no NEAR reaches from one to another.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final, assert_never

from monitor.mentions import Mention
from monitor.topics.accounts import speaker_names
from monitor.topics.folding import fold
from monitor.topics.query import And, From, Handle, Is, Lang, Lexeme, Near, Node, Not, Or, Phrase, Tag, Url

__all__ = ["Document", "Evaluation", "Lookup", "compiled"]

SECTION: Final = "\x01"
"""Stands between the text, the quoted text and what is given apart."""
_CUT: Final = "\x02"
"""Stands where a link was."""
_LINK: Final = re.compile(r"https?://[^\s\x01<>\"]*")
_OTHER_LINK: Final = re.compile(
    r"(?:[a-z][a-z0-9+]*://|www\.)[^\s\x01<>\"]+|(?<![\w@.-])(?:[\w-]+\.)+[a-z]{2,}/[^\s\x01<>\"]*"
)
_GAP: Final = re.compile("[\\s!-/:-@\\[-^`{-~\u00a1-\u00bf\u2010-\u2027\u2030-\u205e\u3000-\u303f]+")
_LOOSE: Final = re.compile(r"[\s-]+")
"""What separates the words of a phrase as it is written in a query."""
_WORD: Final = re.compile(f"\\w+|{SECTION}")
_WORDS_OF_A_SECTION: Final = 200  # more than any NEAR reaches
_BORDERLESS: Final = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x2E80, 0xD7FF), (0xF900, 0xFAFF))
"""Thai and Lao, Burmese, Khmer, Chinese, Japanese and Korean: words are written without spaces, or with
particles attached."""
_PLAIN_WORD: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")
_PLAIN_BREAK: Final = frozenset(map(chr, range(128))) - _PLAIN_WORD
_JOINER: Final = "\u200d"

Evaluation = Callable[["Document"], "str | None"]
"""What a query compiles to: the term that matched, "" when it holds without one (``-a``, ``lang:fr``), None when it
does not hold."""


class Document:
    """One item made ready to be searched.

    Parameters
    ----------
    folded
        Its words as :func:`monitor.topics.matcher.searched_text` gives them, folded, links included.

    Attributes
    ----------
    text
        The folded words, with a mark where a link was.
    """

    __slots__ = ("_folded", "_word_starts", "mention", "text")

    def __init__(self, mention: Mention, folded: str) -> None:
        self.mention = mention
        self.text = _LINK.sub(_CUT, folded) if "://" in folded else folded
        if "/" in self.text or "www." in self.text:
            self.text = _OTHER_LINK.sub(_CUT, self.text)
        self._folded = folded
        self._word_starts: list[int] | None = None

    @property
    def links(self) -> list[str]:
        """The links, folded."""
        return _LINK.findall(self._folded) + _OTHER_LINK.findall(_LINK.sub(_CUT, self._folded))

    def words_before(self, place: int) -> int:
        """Return how many words begin before `place`; a border between sections counts as very many."""
        if self._word_starts is None:
            self._word_starts = []
            for found in _WORD.finditer(self.text):
                self._word_starts += [found.start()] * (_WORDS_OF_A_SECTION if found[0] == SECTION else 1)
        return bisect_left(self._word_starts, place)


@lru_cache(maxsize=0x4000)
def _joins(character: str) -> bool:
    """Tell whether a character of a folded text makes words with its neighbours."""
    if character in _PLAIN_WORD or character == _JOINER:
        return True
    code = ord(character)
    # Letters, digits, and the vowel signs that some scripts write as marks.
    return unicodedata.category(character)[0] in "LNM" and not any(low <= code <= high for low, high in _BORDERLESS)


def _is_border(text: str, place: int) -> bool:
    if not 0 < place < len(text):
        return True
    before, after = text[place - 1], text[place]
    if before in _PLAIN_BREAK or after in _PLAIN_BREAK:
        return True
    if _JOINER in (before, after):
        return False
    return not (_joins(before) and _joins(after))


class Lookup:
    """A lexeme of a query, made ready to be found.

    Attributes
    ----------
    chunks
        The folded words, in order; the whole of what must be found, apart from what stands between them.
    """

    def __init__(self, lexeme: Lexeme) -> None:
        sign = {Tag: "#", Handle: "@"}.get(type(lexeme), "")
        if isinstance(lexeme, Phrase):
            chunks = [c for chunk in _LOOSE.split(fold(lexeme.text)) if (c := chunk.rstrip(".,;:!?"))]
        else:
            chunks = [sign + fold(lexeme.name)]
        self.term = lexeme.text if isinstance(lexeme, Phrase) else sign + lexeme.name
        self.chunks = tuple(chunks)
        self._first = self.chunks[0]
        self._rest = self.chunks[1:]
        self._is_named = bool(sign)
        self._is_handle = isinstance(lexeme, Handle)

    def spans(self, document: Document) -> Iterator[tuple[int, int]]:
        """Yield where it stands in the document's text: [start, end), by start."""
        text = document.text
        first = self._first
        start = text.find(first)
        while start >= 0:
            end = self._end(text, start)
            if end and not (self._is_handle and _is_longer_handle(document, end)):
                yield start, end
            start = text.find(first, start + 1)

    def is_in(self, document: Document) -> bool:
        """Tell whether it stands in the document's text."""
        # The first of spans(), written out because everything that matches passes here.
        text = document.text
        first = self._first
        start = text.find(first)
        while start >= 0:
            end = self._end(text, start)
            if end and not (self._is_handle and _is_longer_handle(document, end)):
                return True
            start = text.find(first, start + 1)
        return False

    def _end(self, text: str, start: int) -> int:
        """Return where it ends if it stands at `start`, else 0."""
        if start and (_joins(text[start - 1]) if self._is_named else not _is_border(text, start)):
            return 0
        end = start + len(self._first)
        for chunk in self._rest:
            gap = _GAP.match(text, end)
            after = gap.end() if gap else end
            if not text.startswith(chunk, after) or (gap is None and not _is_border(text, end)):
                return 0
            end = after + len(chunk)
        return end if _is_border(text, end) else 0


def _is_longer_handle(document: Document, end: int) -> bool:
    """Tell whether a handle goes on after `end`: ``@acme`` is not ``@acme.fr``, except on X, which has no dots."""
    text = document.text
    if document.mention.network == "x" or end + 1 >= len(text):
        return False
    return text[end] in ".-" and _joins(text[end + 1])


def compiled(node: Node) -> Evaluation:
    """Return the function that evaluates a query tree."""
    match node:
        case Phrase() | Tag() | Handle():
            return _compiled_lexeme(node)
        case From() | Lang() | Is() | Url():
            return _compiled_field(node)
        case Near():
            return _compiled_near(node)
        case Not(part):
            inner = compiled(part)
            return lambda d: "" if inner(d) is None else None
        case And(parts):
            return _compiled_all([compiled(part) for part in parts])
        case Or(parts):
            return _compiled_any([compiled(part) for part in parts])
        case _:
            assert_never(node)


def _compiled_field(node: From | Lang | Is | Url) -> Evaluation:
    match node:
        case From(account):
            folded = account.casefold()
            return lambda d: f"from:{account}" if folded in speaker_names(d.mention) else None
        case Lang(code):
            # fr-CA is French too.
            return lambda d: "" if re.split("[-_]", (d.mention.lang or "").lower())[0] == code else None
        case Is(kind):
            return lambda d: "" if d.mention.kind.replace("repost", "post") == kind else None
        case Url(text):
            needle = fold(text)
            return lambda d: f"url:{text}" if any(needle in link for link in d.links) else None
        case _:
            assert_never(node)


def _compiled_lexeme(lexeme: Lexeme) -> Evaluation:
    lookup = Lookup(lexeme)
    return lambda document: lookup.term if lookup.is_in(document) else None


def _compiled_all(parts: list[Evaluation]) -> Evaluation:
    def evaluate(document: Document) -> str | None:
        term = ""
        for part in parts:
            found = part(document)
            if found is None:
                return None
            term = term or found
        return term

    return evaluate


def _compiled_any(parts: list[Evaluation]) -> Evaluation:
    def evaluate(document: Document) -> str | None:
        for part in parts:
            found = part(document)
            if found is not None:
                return found
        return None

    return evaluate


def _compiled_near(near: Near) -> Evaluation:
    sides = [[Lookup(lexeme) for lexeme in side] for side in near.sides]
    term = str(near)

    def evaluate(document: Document) -> str | None:
        reached: list[tuple[int, int]] = []
        for number, lookups in enumerate(sides):
            spans = sorted(span for lookup in lookups for span in lookup.spans(document))
            reached = _reached(document, reached, spans, near.distance) if number else spans
            if not reached:
                return None
        return term

    return evaluate


def _reached(
    document: Document, reached: list[tuple[int, int]], spans: list[tuple[int, int]], distance: int
) -> list[tuple[int, int]]:
    """Return those of `spans` with one of `reached` at most `distance` words before or after them."""
    starts = [start for start, _ in reached]
    ends = sorted(end for _, end in reached)
    words = document.words_before

    def is_reached(start: int, end: int) -> bool:
        behind = bisect_right(ends, start)
        if behind and words(start) - words(ends[behind - 1]) <= distance:
            return True
        ahead = bisect_left(starts, end)
        return ahead < len(starts) and words(starts[ahead]) - words(end) <= distance

    return [span for span in spans if is_reached(*span)]
