"""Mention -> Match: which topics a post is about, how it sounds, and who is behind it, under a pseudonym."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence, Set
from functools import lru_cache, partial
from operator import itemgetter
from typing import Final

import msgspec

from monitor.clock import DAY_US
from monitor.mentions import Mention, author_key, mention_key
from monitor.tone import SAID, Correction
from monitor.tone.taught import TaughtScorer
from monitor.topics import Match, Reading, Topic
from monitor.topics.fingerprint import fingerprint, link_keys
from monitor.topics.folding import fold
from monitor.topics.images import image_keys
from monitor.topics.matcher import Hit, Matcher
from monitor.topics.roles import role_of

__all__ = ["Recogniser", "Root"]

MOST_ROOTS: Final = 200_000
"""Roots remembered for their reposts: days of a large brand's posts, some 60 MB."""

MOST_FOREIGN: Final = 200_000
"""Roots remembered for being about nothing we listen for, so that a viral one is searched once; some 20 MB."""

_folded: Final = lru_cache(maxsize=8_192)(fold)  # hashtags come back
_topic_of: Final = itemgetter(0)

Root = tuple[Reading, tuple[tuple[str, str], ...]]
"""What a repost inherits: how its root reads, and (topic id, term) of each topic it is about."""

_Said = tuple[str, str, bool, bool]
"""One topic a mention is about: (topic id, term, is_own, answers_own)."""


class Recogniser:
    """Recognises batches of mentions. A repost inherits its root's matches and tone without being searched again.

    Parameters
    ----------
    author_secret
        Key of the authors' pseudonyms, at most 64 bytes.
    """

    def __init__(self, topics: Sequence[Topic], author_secret: bytes) -> None:
        self._matcher = Matcher(topics)
        self._tone = TaughtScorer(author_secret, {topic.id: f"{topic.name} {topic.query}" for topic in topics})
        self._secret = author_secret
        # A viral root's author comes back with every repost.
        self._pseudonym = lru_cache(maxsize=65_536)(partial(author_key, author_secret))
        self._role = lru_cache(maxsize=4_096)(role_of)  # a loud account comes back with the same profile
        self._roots: dict[int, Root] = {}
        self._foreign: dict[int, int] = {}  # root about nothing we listen for -> how much of its text told so

    def __deepcopy__(self, memo: dict[int, object]) -> Recogniser:
        """Return a copy that remembers and learns on its own; what is remembered of a root is replaced, not changed."""
        twin = copy.copy(self)
        twin._roots = dict(self._roots)  # noqa: SLF001 (its own)
        twin._foreign = dict(self._foreign)  # noqa: SLF001 (its own)
        twin._tone = copy.deepcopy(self._tone, memo)  # noqa: SLF001 (its own)
        return twin

    def recognise(self, mentions: Sequence[Mention], keys: Sequence[int]) -> list[tuple[int, Match]]:
        """Return (position in `mentions`, match) pairs, ordered by position, then topic.

        Parameters
        ----------
        keys
            The mentions' keys (:func:`monitor.mentions.mention_key`), shape (n,).
        """
        reposts: dict[int, int] = {}
        others: list[int] = []
        for position, mention in enumerate(mentions):
            if mention.kind == "repost" and mention.root_id:
                reposts[position] = mention_key(mention.network, mention.root_id)
            else:
                others.append(position)
        hits = self._search(mentions, others)
        found_here = {keys[position]: position for position in hits}
        unknown = self._unknown_roots(mentions, reposts, found_here)
        hits |= self._search(mentions, unknown)
        self._dismiss({reposts[place]: len(mentions[place].text) for place in unknown if place not in hits})
        found_roots = {reposts.get(position, keys[position]) for position in hits}
        inheriting = [place for place, root in reposts.items() if root in self._roots or root in found_roots]
        read = self._read(mentions, hits)
        matches: list[tuple[int, Match]] = []
        for position in sorted(hits.keys() | set(inheriting)):
            mention, key, found = mentions[position], keys[position], hits.get(position)
            root = reposts.get(position, key)
            if found is not None:
                self._remember(root, read[position])
            if root not in self._roots:
                continue
            reading, about = self._roots[root]
            if position in reposts:
                said = [(topic, term, self._is_own(mention, topic), False) for topic, term in about]
            else:
                said = [(hit.topic, hit.term, hit.is_own, hit.answers_own) for hit in found or ()]
            matches += [(position, match) for match in self._matches(mention, key, root, reading, said)]
        return matches

    @property
    def own_names(self) -> Set[str]:
        """The case-folded handles and ids of all own accounts."""
        return self._matcher.own_names

    def own_topics(self, network: str, *names: str | None) -> list[str]:
        """Return the topics one of whose own accounts has one of these handles or ids, in order."""
        return self._matcher.own_topics(network, *names)

    def restore(self, roots: Mapping[int, Root]) -> None:
        """Remember roots recognised before a restart."""
        self._roots = dict(roots)

    def heed(self, corrections: Sequence[Correction]) -> None:
        """Learn from what people said of the tone of posts; of the posts themselves their word is taken.

        It counts for what is recognised from now on, reposts of those posts included.
        """
        self._tone.heed(corrections)
        for correction in corrections:
            root = self._roots.get(correction.key)
            if root is not None:
                reading = msgspec.structs.replace(root[0], tone=SAID[correction.said], is_ironic=False)
                self._roots[correction.key] = (reading, root[1])

    def unlearn(self) -> None:
        """Forget what people taught."""
        self._tone.unlearn()

    def _unknown_roots(
        self, mentions: Sequence[Mention], reposts: Mapping[int, int], found_here: Mapping[int, int]
    ) -> list[int]:
        """Return the positions of reposts that must be searched for their root's words: the first of each root."""
        first: dict[int, int] = {}
        for position, root in reposts.items():
            is_known = root in self._roots or found_here.get(root, position) < position
            if len(mentions[position].text) > self._foreign.get(root, 0) and not is_known:
                first.setdefault(root, position)
        return list(first.values())

    def _search(self, mentions: Sequence[Mention], to_search: Sequence[int]) -> dict[int, list[Hit]]:
        hits: dict[int, list[Hit]] = {}
        for hit in self._matcher.match([mentions[position] for position in to_search]):
            hits.setdefault(to_search[hit.index], []).append(hit)
        return hits

    def _dismiss(self, roots: Mapping[int, int]) -> None:
        """Remember roots that are about nothing we listen for, as far as so many characters tell."""
        self._foreign |= roots
        while len(self._foreign) > MOST_FOREIGN:
            del self._foreign[next(iter(self._foreign))]

    def _remember(self, key: int, root: Root) -> None:
        self._roots[key] = root
        if len(self._roots) > MOST_ROOTS:
            del self._roots[next(iter(self._roots))]

    def _read(self, mentions: Sequence[Mention], hits: Mapping[int, Sequence[Hit]]) -> dict[int, Root]:
        """Read what was hit: position -> what a repost of it inherits.

        One thing after the other, for all: the words that each remembers then stay in the processor's cache.
        """
        found = [mentions[position] for position in hits]
        abouts = [tuple([(hit.topic, hit.term) for hit in several]) for several in hits.values()]
        heard = zip(found, abouts, strict=True)
        tones = [self._tone.score(one.text, one.lang, map(_topic_of, about)) for one, about in heard]
        sketches = [fingerprint(one.text) for one in found]
        links = [link_keys(pages) if (pages := _pages_of(one)) else () for one in found]
        return {
            position: (Reading(tone.value, len(tone.alarm_words), tone.is_ironic, sketch, keys), about)
            for position, tone, sketch, keys, about in zip(hits, tones, sketches, links, abouts, strict=True)
        }

    def _is_own(self, mention: Mention, topic: str) -> bool:
        return self._matcher.is_own(mention.author, mention.network, topic)

    def _matches(self, mention: Mention, key: int, root: int, reading: Reading, said: Sequence[_Said]) -> list[Match]:
        network, author = mention.network, mention.author
        root_id = (mention.parent_id if mention.kind == "quote" else None) or mention.root_id or mention.id
        if mention.kind != "repost" and root_id != mention.id:
            root = mention_key(network, root_id)
        root_author = mention.root_author.id if mention.root_author else mention.parent_author_id
        author_of_root = self._pseudonym(network, root_author) if root_author else None
        pseudonym = author_key(self._secret, network, author.id)
        hashtags = tuple(map(_folded, mention.hashtags))
        parent_id = mention.parent_id
        parent = None if not parent_id else root if parent_id == root_id else mention_key(network, parent_id)
        opened_us = author.created_us
        if opened_us is not None:
            opened_us -= opened_us % DAY_US  # to the second it would name the account
        role = self._role(author.bio) if author.bio else None
        images = image_keys(mention.images) if mention.images and mention.kind != "repost" else ()
        # By position: with keywords the call costs three times as much.
        return [
            Match(
                topic,
                key,
                mention.id,
                mention.published_us,
                network,
                mention.kind,
                pseudonym,
                author.followers,
                root,
                root_id,
                reading.tone,
                author_of_root,
                hashtags,
                is_own,
                answers_own,
                term,
                parent,
                opened_us,
                author.verified,
                role,
                reading.alarm_words,
                reading.is_ironic,
                reading.fingerprint,
                reading.links,
                images,
            )
            for topic, term, is_own, answers_own in said
        ]


def _pages_of(mention: Mention) -> tuple[str, ...]:
    return (*mention.links, mention.url) if mention.network == "feed" and mention.url else mention.links
