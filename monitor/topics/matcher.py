"""Mentions -> hits: which topics each is about, for a whole batch at once.

What costs is reading the batch, once for all topics (:mod:`monitor.topics.anchors`), about the same for ten topics
and ten thousand; only what that finds is evaluated in full. ``tests/benchmarks/bench_matcher.py`` measures it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from functools import partial
from typing import Final

import msgspec

from monitor.mentions import Author, Mention
from monitor.topics import Topic
from monitor.topics.accounts import OwnAccounts, speaker_names
from monitor.topics.anchors import AnchorIndex, Anchors, anchors_of, usage_of
from monitor.topics.evaluation import SECTION, Document, compiled
from monitor.topics.parser import parse_query
from monitor.topics.query import Url, walk

__all__ = ["Hit", "Matcher", "searched_text"]


_SLICE: Final = 64
"""Mentions read at once: their joined text stays in the cache and in memory the allocator keeps, twice as fast."""


class Hit(msgspec.Struct, frozen=True, gc=False):
    """One mention is about one topic.

    Attributes
    ----------
    index
        Position of the mention in the batch.
    topic
        Topic id.
    term
        What matched, for people: a term of the query, ``by @acme`` or ``answers @acme``.
    is_own
        Published (or reposted) by one of the topic's own accounts.
    answers_own
        A reply to, or quote of, one of the topic's own accounts.
    """

    index: int
    topic: str
    term: str
    is_own: bool = False
    answers_own: bool = False


def searched_text(mention: Mention, *, with_links: bool = False) -> str:
    """Return the words a mention is searched by: its own, those it quotes, and what the network gives apart.

    Hashtags, handles and links are added only where the text does not already show them.
    """
    text = _said(mention)
    if with_links and mention.links:
        text += "".join([f"{SECTION}{link}" for link in mention.links if "://" in link and link not in text])
    return text


def _said(mention: Mention) -> str:
    text = mention.text
    if mention.quoted_text:
        text = f"{text}{SECTION}{mention.quoted_text}"
    if mention.hashtags:
        shown = text
        for tag in mention.hashtags:
            if f"#{tag}" not in shown:
                text = f"{text}{SECTION}#{tag}"
    if mention.mentioned:
        text += "".join([f"{SECTION}@{name}" for name in mention.mentioned if f"@{name}" not in text])
    return text


class Matcher:
    """Finds the topics of mentions.

    Parameters
    ----------
    topics
        With distinct ids.

    Raises
    ------
    monitor.topics.parser.QueryInvalid
        If a query cannot be read.
    """

    def __init__(self, topics: Sequence[Topic]) -> None:
        ordered = sorted(topics, key=lambda topic: topic.id)
        trees = [parse_query(topic.query) for topic in ordered]
        usage = usage_of(trees)
        anchors = [anchors_of(tree, usage) or Anchors() for tree in trees]
        self._ids = [topic.id for topic in ordered]
        self._own = OwnAccounts(ordered)
        self._evaluations = [compiled(tree) for tree in trees]
        self._index = AnchorIndex(anchors)
        with_links = any(isinstance(node, Url) for tree in trees for node in walk(tree))
        self._searched: Callable[[Mention], str] = partial(searched_text, with_links=True) if with_links else _said
        self._speakers: dict[str, list[int]] = {}
        for place, found in enumerate(anchors):
            for account in sorted(found.accounts):
                self._speakers.setdefault(account, []).append(place)

    def __deepcopy__(self, _: dict[int, object]) -> Matcher:
        """Return itself: a matcher never changes."""
        return self

    def match(self, mentions: Sequence[Mention]) -> list[Hit]:
        """Return the hits of a batch, ordered by (index, topic). How posts are cut into batches changes nothing.

        A topic hits a mention whose words satisfy its query, that one of its own accounts published
        (``by @acme``), or that answers or quotes one of them (``answers @acme``). A repost is judged by the words
        and the author of its root.
        """
        hits: list[Hit] = []
        for start in range(0, len(mentions), _SLICE):
            hits += self._match_slice(mentions[start : start + _SLICE], start)
        return hits

    def _match_slice(self, mentions: Sequence[Mention], start: int) -> list[Hit]:
        texts, candidates = self._index.search(list(map(self._searched, mentions)))
        if self._speakers:
            for index, mention in enumerate(mentions):
                for name in speaker_names(mention):
                    if name in self._speakers:
                        candidates.setdefault(index, set()).update(self._speakers[name])
        concerned = set(self._own.concerned(mentions))
        hits: list[Hit] = []
        for index in sorted(candidates.keys() | concerned):
            document = Document(mentions[index], texts[index])
            terms: dict[int, str] = {}
            for place in sorted(candidates.get(index, ())):
                term = self._evaluations[place](document)
                if term is None:
                    continue
                if index in concerned:
                    terms[place] = term
                else:
                    hits.append(Hit(start + index, self._ids[place], term))
            if index in concerned:
                hits += self._hits_with_accounts(start + index, mentions[index], terms)
        return hits

    def is_own(self, author: Author, network: str, topic: str) -> bool:
        """Tell whether an author is one of a topic's own accounts."""
        names = self._own.names
        if author.id.casefold() not in names and (author.handle or "").casefold() not in names:
            return False  # as nearly everybody
        return any(self._ids[place] == topic for place in self._own.of_author(author, network))

    @property
    def own_names(self) -> Set[str]:
        """The case-folded handles and ids of all own accounts."""
        return self._own.names

    def own_topics(self, network: str, *names: str | None) -> list[str]:
        """Return the topics one of whose own accounts has one of these handles or ids."""
        return [self._ids[place] for place in self._own.named(network, *names)]

    def _hits_with_accounts(self, index: int, mention: Mention, terms: dict[int, str]) -> list[Hit]:
        answered = self._own.answered(mention)
        published = self._own.published(mention)
        terms |= {place: f"answers {account}" for place, account in answered.items()}
        terms |= {place: f"by {account}" for place, account in self._own.said(mention).items()}
        return [
            Hit(index, self._ids[place], terms[place], place in published, place in answered) for place in sorted(terms)
        ]
