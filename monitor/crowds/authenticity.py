"""Real or made, of a topic's last hour: the verdict, and what it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Final, Literal, NamedTuple

import msgspec

from monitor.crowds.group import Group
from monitor.crowds.traits import TraitName

__all__ = [
    "ENOUGH",
    "FEWEST_MENTIONS",
    "UNSURE",
    "Authenticity",
    "AuthenticityVerdict",
    "Found",
    "Way",
    "authenticity_of",
]

AuthenticityVerdict = Literal["organic", "coordinated", "mixed", "cannot tell"]

Way = Literal["", "groups", "few_hands", TraitName]

FEWEST_MENTIONS: Final = 4
"""Below so many in the hour nothing can be told; people are believed real from `ENOUGH` on."""
ENOUGH: Final = 8

UNSURE: Final = 4
"""Of what is set aside on a suspicion that is not sure, one in so many counts as made. Simulated quiet topics, on which
nothing is, had up to 31 such within an hour, and recorded airlines 21; none of them was said to be made."""

MOSTLY: Final = 0.5
PARTLY: Final = 0.15
"""Coordinated is half of the hour's mentions or more; mixed is from about one in seven on."""


class Authenticity(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the last hour's mentions are real or made, and why we think so.

    Attributes
    ----------
    verdict
        ``coordinated`` (at least half of them), ``mixed`` (at least 15 %), ``organic``, or ``cannot tell``: too few
        mentions, or suspicions below nine in ten.
    mentions
        All mentions of the hour, the brand's own posts left out.
    made
        An estimate of how many were made, of groups and hands that are so with a probability of nine in ten.
    suspected
        How many are set aside: those of accounts that show it, in groups and of hands more likely made than real.
    why
        What most of `made`, or else of `suspected`, rest on: ``groups``, ``few_hands``, a trait of single accounts
        (``newcomers``, ``nobodies``, ``strangers``), or empty.
    accounts, texts, roots
        Distinct accounts behind them (of each group the latest 128), the texts they share, the posts they repost.
    median_followers
        Of those accounts, where known.
    opened_together
        Share of those accounts opened within the same fortnight, where known.
    """

    verdict: AuthenticityVerdict
    mentions: int
    made: int = 0
    suspected: int = 0
    why: Way = ""
    accounts: int = 0
    texts: int = 0
    roots: int = 0
    median_followers: float | None = None
    opened_together: float | None = None

    @property
    def is_suspect(self) -> bool:
        """Whether a noticeable part is set aside, sure or not."""
        return self.suspected >= max(FEWEST_MENTIONS, PARTLY * self.mentions)

    @property
    def evident(self) -> int:
        """How many of the mentions count as made: those that are said to be, and a part of what is only suspected."""
        return max(self.made, self.suspected // UNSURE)


class Found(NamedTuple):
    """What was found in the hour at some level of certainty.

    Attributes
    ----------
    groups
        (is a text, the group, estimate of its posts that are made) of each.
    hands, by_hands
        Accounts that publish again and again, and their posts.
    by_traits
        Posts of accounts with each trait. Some have several, so the commonest counts.
    """

    groups: Sequence[tuple[bool, Group, int]] = ()
    hands: frozenset[int] = frozenset()
    by_hands: int = 0
    by_traits: Mapping[Way, int] = {}

    @property
    def by_groups(self) -> int:
        """Posts of all groups."""
        return sum(count for _, _, count in self.groups)

    @property
    def made(self) -> int:
        """Posts in all; one that was found in two ways counts twice."""
        return self.by_groups + self.by_hands + max(self.by_traits.values(), default=0)


def authenticity_of(mentions: int, suspected: int, sure: Found, likely: Found) -> Authenticity:
    """Return what is to be said of an hour.

    Parameters
    ----------
    mentions, suspected
        All of the hour, and those set aside.
    sure, likely
        What was found with a probability of nine in ten, and what is more likely made than real.
    """
    made = min(mentions, sure.made)
    return _described(_verdict(mentions, made, suspected), mentions, made, suspected, sure if made else likely)


def _verdict(mentions: int, made: int, suspected: int) -> AuthenticityVerdict:
    noticeable = max(FEWEST_MENTIONS, PARTLY * mentions)
    if made >= noticeable:
        return "coordinated" if made >= MOSTLY * mentions else "mixed"
    return "organic" if mentions >= ENOUGH and suspected < noticeable else "cannot tell"


def _described(verdict: AuthenticityVerdict, mentions: int, made: int, suspected: int, found: Found) -> Authenticity:
    groups = [group for _, group, count in found.groups if count]
    followers = [count for group in groups for count in group.followers]
    batches = [Counter([face >> 2 for face in group.authors.values() if face >> 2 > 0]) for group in groups]
    opened = sum(batch.total() for batch in batches)
    accounts = len(found.hands.union(*[group.authors for group in groups]))
    ways: dict[Way, int] = {"groups": found.by_groups, "few_hands": found.by_hands, **found.by_traits}
    why: Way = max(ways, key=lambda way: ways[way]) if found.made else ""
    return Authenticity(
        verdict=verdict,
        mentions=mentions,
        made=made,
        suspected=suspected,
        why=why,
        accounts=max(accounts, found.by_traits.get(why, 0)),
        texts=sum(is_text and count > 0 for is_text, _, count in found.groups),
        roots=sum(not is_text and count > 0 for is_text, _, count in found.groups),
        median_followers=float(median(followers)) if followers else None,
        opened_together=sum(max(batch.values(), default=0) for batch in batches) / opened if opened else None,
    )
