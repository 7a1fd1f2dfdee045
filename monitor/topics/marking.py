"""Where a query's words stand in a text as it was written, so that people can see why it was caught."""

from __future__ import annotations

from collections.abc import Iterator

from monitor.mentions import Mention
from monitor.topics.evaluation import Document, Lookup
from monitor.topics.folding import fold
from monitor.topics.query import And, Handle, Near, Node, Not, Or, Phrase, Tag

__all__ = ["marked_spans"]


def marked_spans(tree: Node, mention: Mention) -> list[tuple[int, int]]:
    """Return where the words that a query wants stand in ``mention.text``: [start, end), in order, apart.

    Words inside links count too, and of a quoted text nothing is said.
    """
    folded = [fold(character) for character in mention.text]
    origins = [place for place, piece in enumerate(folded) for _ in piece]
    document = Document(mention, "".join(folded))
    document.text = "".join(folded)  # links stay in, so that places keep their meaning
    spans: list[tuple[int, int]] = []
    for start, end in sorted(span for lookup in _wanted(tree) for span in lookup.spans(document)):
        first, last = origins[start], origins[end - 1] + 1
        if spans and first <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(last, spans[-1][1]))
        else:
            spans.append((first, last))
    return spans


def _wanted(tree: Node) -> Iterator[Lookup]:
    match tree:
        case Phrase() | Tag() | Handle():
            yield Lookup(tree)
        case And(parts) | Or(parts) | Near(parts):
            for part in parts:
                yield from _wanted(part)
        case Not():
            pass
        case _:
            pass
