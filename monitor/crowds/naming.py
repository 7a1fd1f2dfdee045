"""What a community talks about: the hashtags and words its accounts use more than everybody else."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from monitor.tone.language import LITTLE_WORDS
from monitor.tone.words import fold

__all__ = ["Topicality", "name_of", "plain_words"]

HASHTAGS: Final = 2
WORDS: Final = 3
FEWEST_ACCOUNTS: Final = 2
"""A name is what several say: the word of a single account would be that account's."""

DISTINCT: Final = 1.5
"""A term stands out when the share of accounts inside that use it is at least so many times that outside."""

MOST_CHARACTERS: Final = 2_000

_NOT_WORDS: Final = re.compile(r"(?:https?://|www\.)\S+|[@#＠＃][\w.-]+")
_WORD: Final = re.compile(r"(?<!\w)[^\W\d_]{3,24}(?!\w)")

_MORE_LITTLE_WORDS: Final = """
ainsi alors apres aujourd hui auquel autre autres avant beaucoup ceci cela celle celles celui cent certains ceux
chaque chose combien comment contre dela desormais deux devant dire dit dois doit donc dont elles encore enfin ensuite
entre etaient etait etant etc eux fais faire faites fois font grace hier ici ils jusqu jusque juste laquelle lequel
leurs lors lui mais meme memes merci mieux moi moins monde nos notre nouveau nouvelle nul oui parce parfois parmi
pendant peu peut peuvent peux plutot possible pourtant pouvoir pres presque puis puisque quel quelle quelles quelqu
quelque quelques quels quoi sans sauf selon sera serait seront seul soit sommes sont sous souvent soyez surtout tandis
tant tel telle tellement tels tes toi trop tre trois tu vers veut veux via voici voila voir vois vont vraiment vu vue
vues able about above actually again against all almost also although always among amp another any anybody anyone
anything away back because been before being below between both came cannot come could day did does doing done down
during each either else enough even ever every everybody everyone everything few first for from further gets getting
give given goes going gone gonna good got had has have having hello her here hers herself him himself his hope how
however https into its itself keep know last least let like likely little long look lot made make makes many may maybe
mean might mine more most much must need never new nobody none nor nothing now off often okay once one only other
others our ours out over own part perhaps put quite rather really right said same saw say saying says see seen several
shall she should since some somebody someone something sometimes soon still such sure take than that thats the their
theirs them themselves then there these they thing things think this those though through thus today together told too
took toward tried try two under until upon use used very via want wants was way well went were what when where whether
which while who whole whose why will wish with within without would yes yet you your yours yourself avons ont cette
cet etes sommes allez aller plus
"""
_LITTLE: Final = LITTLE_WORDS.union(_MORE_LITTLE_WORDS.split())


class Topicality(msgspec.Struct, frozen=True):
    """What a community goes by: hostile text, most telling first, without ``#``. Both empty when nothing stands out."""

    hashtags: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


def plain_words(text: str) -> set[str]:
    """Return the words of a text that can name something: no little words, links, handles, hashtags or numbers.

    Examples
    --------
    >>> sorted(plain_words("C'est la PANNE de réseau à Nantes, @acme ! #acmegate https://t.co/x1 l'été"))
    ['nantes', 'panne', 'réseau', 'été']
    """
    words = _WORD.findall(_NOT_WORDS.sub(" ", text[:MOST_CHARACTERS]).lower())
    return {word for word in words if fold(word) not in _LITTLE}


def name_of(
    used: Iterable[tuple[int, Iterable[str], Iterable[str]]], circles: Mapping[int, int], named: Sequence[int]
) -> dict[int, Topicality]:
    """Name communities by what their accounts use.

    Parameters
    ----------
    used
        (account, hashtags, words) of everything written or passed on, in any order.
    circles
        The community of each account.
    named
        The communities to name.

    Returns
    -------
    dict of int to Topicality
        By community.

    Notes
    -----
    An account counts once a term, so that a loud one does not name its community. A term's weight is its
    contribution to how the community's use diverges from that of everybody else, ``p ln(p / q)`` [1]_, where ``p``
    and ``q`` are the shares of accounts inside and outside that use it: what only a few say, and what all say, weigh
    little. Where nothing stands out, terms go by ``p``.

    References
    ----------
    .. [1] Kullback & Leibler, On information and sufficiency, 1951.
    """
    hashtags, words = _Use(), _Use()
    for account, (tags, said) in _by_account(used).items():
        circle = circles.get(account, account)
        hashtags.count(circle, tags)
        words.count(circle, said)
    found = {}
    for circle in named:
        most_tags, most_words = hashtags.telling(circle)[:HASHTAGS], words.telling(circle)[:WORDS]
        if not (most_tags or most_words):
            most_tags, most_words = hashtags.usual(circle)[:HASHTAGS], words.usual(circle)[:WORDS]
        found[circle] = Topicality(tuple(most_tags), tuple(most_words))
    return found


def _by_account(used: Iterable[tuple[int, Iterable[str], Iterable[str]]]) -> dict[int, tuple[set[str], set[str]]]:
    known: dict[int, tuple[set[str], set[str]]] = {}
    for account, hashtags, words in used:
        tags, said = known.setdefault(account, (set(), set()))
        tags.update(hashtags)
        said.update(words)
    return known


class _Use:
    """How many accounts use each term, by community and in all."""

    def __init__(self) -> None:
        self._within: dict[int, Counter[str]] = {}
        self._members: Counter[int] = Counter()
        self._everywhere: Counter[str] = Counter()

    def count(self, circle: int, terms: set[str]) -> None:
        """Count an account, once a term."""
        self._members[circle] += 1
        self._within.setdefault(circle, Counter()).update(terms)
        self._everywhere.update(terms)

    def telling(self, circle: int) -> list[str]:
        """Return the terms that stand out in a community, the most telling first."""
        size = self._members[circle]
        others = self._members.total() - size
        found = []
        for term, count in self._several(circle).items():
            share = count / size
            elsewhere = (self._everywhere[term] - count + 0.5) / (others + 1) if others else 0.0
            if share > DISTINCT * elsewhere:
                found.append((-share * math.log(share / elsewhere) if others else -share, term))
        return [term for _, term in sorted(found)]

    def usual(self, circle: int) -> list[str]:
        """Return the terms of a community, those that most of it use first."""
        found = self._several(circle)
        return sorted(found, key=lambda term: (-found[term], term))

    def _several(self, circle: int) -> dict[str, int]:
        terms = self._within.get(circle, Counter())
        return {term: count for term, count in terms.items() if count >= FEWEST_ACCOUNTS}
