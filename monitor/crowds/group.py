"""Accounts that say the same, and what among them tells people from steered accounts. All of it is bounded."""

from __future__ import annotations

from itertools import islice
from math import log
from typing import Final

import msgspec

from monitor.clock import MINUTE_US, SECOND_US
from monitor.crowds import likelihood
from monitor.crowds.usual import (
    FORTNIGHTS,
    MOST_LOW,
    MOST_REPEATS,
    MOST_TOGETHER,
    Usual,
    beta_of,
    fortnight_of,
)
from monitor.topics import Match

__all__ = ["FEWEST_FOLLOWERS", "FEWEST_POSTS", "MOST_LOUD", "Group", "face_of"]

FEWEST_FOLLOWERS: Final = 10
"""Accounts with fewer are followed by nobody but those who follow back by machine."""

PAUSE_US: Final = 60 * MINUTE_US
PROMPT_US: Final = MINUTE_US
"""Who joins a group within a minute of the one before joins promptly: in step, or simply in a busy minute."""

FEWEST_POSTS: Final = 4
ACCOUNTS_KEPT: Final = 128
FOLLOWERS_KEPT: Final = 64

SHARED_TEXT_ODDS: Final = log(0.1 / 0.9)
"""Before looking at who: one in ten texts that several accounts publish as their own was handed to them."""

RESHARE_ODDS: Final = log(0.02 / 0.98)
"""... and one in fifty cascades is amplified: resharing is what networks are for."""

LOW, OPENED, AGAIN, TOGETHER, RHYTHM, LOUD = 1, 2, 4, 8, 16, 32
"""What may speak for made: few followers, opened together, posted again, together elsewhere, a beat, and how loud."""

MOST_LOUD: Final = 3.0
"""However much of the hour is copied, that makes a text suspect and never sure: people copy, too. Nats."""

SHOWN: Final = likelihood.MADE[0] / sum(likelihood.MADE)

BATCH: Final = 4.0
"""A fortnight belongs to a batch when so many times its usual share was opened in it, and more than one account."""

IN_STEP: Final = (4.0, 1.0)
"""Beta distribution of the share of a steered group that had been together in another group."""


def face_of(followers: int, created_us: int) -> int:
    """Return what is known of an account in one number: -1 for nothing.

    Bit 0: nearly nobody follows it; bit 1: its followers are known; the rest: one more than its fortnight, or 0.
    """
    if followers < 0 and created_us < 0:
        return -1
    fortnight = -1 if created_us < 0 else fortnight_of(created_us)
    return (fortnight + 1) << 2 | (followers >= 0) << 1 | (0 <= followers < FEWEST_FOLLOWERS)


class Group(msgspec.Struct):
    """Accounts that said the same, as far as it is remembered.

    Attributes
    ----------
    posts
        All its posts. The rest is about the latest: whenever `ACCOUNTS_KEPT` accounts came together, or nobody came
        for an hour, the older half is let go.
    authors, stepping
        Distinct accounts with what is known of each (:func:`face_of`), in order of appearance; and those of them that
        posted it again or were in another group together.
    followers
        The latest counts.
    gaps, gap_sum, gap_log_sum
        Gaps between one post and the next, in seconds.
    recent
        Posts by minute (since the Unix epoch) of the last hour.
    prompt, partners
        Accounts that joined promptly; how many of them had promptly joined another group, by that group's key.
    log_odds, past
        Made over real, as of the last look; never less than `past`, what was known before the older half was let go,
        and of which each time half is kept: a cascade that was amplified is not real because people join.
    tells, batch
        What spoke for made then (:data:`LOW` and so on), and the fortnights that too many accounts were opened in.
    telling
        Share of its accounts that show one of the tells, or of which nothing is known.
    is_aside
        Whether the posts of those accounts are set aside.
    is_new
        Whether nobody has asked yet when it began.
    """

    is_text: bool
    last_us: int
    posts: int = 0
    authors: dict[int, int] = {}
    again: int = 0
    stepping: set[int] = set()
    followers: list[int] = []
    gaps: int = 0
    gap_sum: float = 0.0
    gap_log_sum: float = 0.0
    recent: dict[int, int] = {}
    prompt: int = 0
    partners: dict[int, int] = {}
    log_odds: float = 0.0
    past: float = 0.0
    tells: int = 0
    batch: set[int] = set()
    telling: float = 1.0
    is_aside: bool = False
    is_new: bool = True

    def take_first(self, minute: int) -> int:
        """Return in which minute its first post was, if this is the first time it is asked; otherwise -1."""
        first = min(next(iter(self.recent)), minute) if self.is_new else -1
        self.is_new = False
        return first

    def add(self, author: int, at_us: int, followers: int, created_us: int) -> bool:
        """Take in a post; return whether it is the first of an account that joined promptly."""
        minute = at_us // MINUTE_US
        self.recent[minute] = self.recent.get(minute, 0) + 1
        waited_us = at_us - self.last_us
        if self.posts:
            gap = max(waited_us / SECOND_US, likelihood.SHORTEST_S)
            self.gaps += 1
            self.gap_sum += gap
            self.gap_log_sum += log(gap)
        self.posts += 1
        self.last_us = at_us
        if waited_us > PAUSE_US or len(self.authors) >= ACCOUNTS_KEPT:
            self._fade()
        if author in self.authors:
            self.again += 1
            self.stepping.add(author)
            return False
        self.authors[author] = face_of(followers, created_us)
        if followers >= 0:
            self.followers.append(followers)
            if len(self.followers) > FOLLOWERS_KEPT:
                del self.followers[0]
        return waited_us <= PROMPT_US

    def _fade(self) -> None:
        """Let go the older half."""
        self.past = max(self.past, self.log_odds) / 2
        self.authors = dict(islice(self.authors.items(), (len(self.authors) + 1) // 2, None))
        self.stepping &= self.authors.keys()
        self.again //= 2
        self.gaps //= 2
        self.gap_sum /= 2
        self.gap_log_sum /= 2
        self.prompt //= 2
        self.partners = {key: count // 2 for key, count in self.partners.items() if count > 1}

    def look(self, usual: Usual, loudness: float) -> None:
        """Weigh the evidence anew.

        Parameters
        ----------
        loudness
            Evidence, in nats, of how much of the hour is copied. Of reposts none.
        """
        low, known, openings = self._counted()
        pieces = {
            LOW: likelihood.share(low, known, beta_of(usual.low, MOST_LOW)) if known else 0.0,
            OPENED: likelihood.opened_together(openings, usual.of_fortnight, FORTNIGHTS) if openings else 0.0,
            AGAIN: 0.0,
            TOGETHER: 0.0,
            RHYTHM: likelihood.rhythm(self.gaps, self.gap_sum, self.gap_log_sum),
        }
        if self.again:
            repeats = beta_of(usual.repeats, MOST_REPEATS)
            pieces[AGAIN] = max(0.0, likelihood.share(self.again, self.again + len(self.authors) - 1, repeats))
        if self.partners:
            most = min(self.prompt, max(self.partners.values()))
            together = beta_of(usual.together, MOST_TOGETHER)
            pieces[TOGETHER] = max(0.0, likelihood.share(most, self.prompt, together, IN_STEP))
        if self.is_text:
            pieces[LOUD] = min(MOST_LOUD, loudness)
        odds = (SHARED_TEXT_ODDS if self.is_text else RESHARE_ODDS) + sum(pieces.values())
        is_past = self.past > max(0.0, odds)
        self.log_odds = self.past if is_past else odds
        if self.log_odds >= 0.0:
            if not is_past:
                self.tells, self.batch = 0, set()
            self.tells |= sum(tell for tell, nats in pieces.items() if nats > 0.0)
            self._find_members(openings, usual)

    def _find_members(self, openings: dict[int, int], usual: Usual) -> None:
        """Find out which of the accounts show a tell."""
        if self.tells & OPENED:
            dated = sum(openings.values())
            self.batch |= {
                one for one, count in openings.items() if count > max(1.0, BATCH * dated * usual.of_fortnight(one))
            }
        fitting = sum([self._fits(face) for face in self.authors.values()])
        if self.tells & (AGAIN | TOGETHER):
            fitting = max(fitting, len(self.stepping))
        self.telling = 1.0 if self.tells & RHYTHM or not self.authors else min(1.0, fitting / len(self.authors))

    def made(self, match: Match) -> bool:
        """Tell whether this member's post is set aside now."""
        if not self.is_aside:
            return False
        followers, created = match.followers, match.account_created_us
        return self.suspects(match.author, -1 if followers is None else followers, -1 if created is None else created)

    def suspects(self, author: int, followers: int, created_us: int) -> bool:
        """Tell whether this member's post is set aside when the group is: people who join a flood keep their voice."""
        if self.tells & RHYTHM or (author in self.stepping and self.tells & (AGAIN | TOGETHER)):
            return True
        return self._fits(face_of(followers, created_us))

    def _fits(self, face: int) -> bool:
        if face < 0:  # nothing is known that would speak for it
            return True
        is_low, fortnight = bool(face & 1), (face >> 2) - 1
        return bool((is_low and self.tells & LOW) or (self.tells & OPENED and fortnight in self.batch))

    def _counted(self) -> tuple[int, int, dict[int, int]]:
        """Return (accounts nearly nobody follows, those whose followers are known, accounts by fortnight)."""
        openings: dict[int, int] = {}
        low = known = 0
        for face in self.authors.values():
            if face < 0:
                continue
            known += face >> 1 & 1
            low += face & 1
            fortnight = (face >> 2) - 1
            if fortnight >= 0:
                openings[fortnight] = openings.get(fortnight, 0) + 1
        return low, known, openings

    def within(self, first_minute: int) -> int:
        """Return the posts since a minute, and forget those of before."""
        if self.recent and next(iter(self.recent)) < first_minute:
            self.recent = {minute: count for minute, count in self.recent.items() if minute >= first_minute}
        return sum(self.recent.values())

    def recount(self, recounts: dict[int, int], minute: int, share: float) -> None:
        """Take that share of its posts before a minute away from the counts."""
        for at, count in self.recent.items():
            if at < minute:
                recounts[at] = recounts.get(at, 0) - round(share * count)

    def telling_within(self, first_minute: int) -> int:
        """Return how many of those posts are by accounts that show a tell, as far as is remembered."""
        return round(self.telling * self.within(first_minute))

    def made_within(self, first_minute: int) -> int:
        """Estimate how many of those posts are made: steered accounts show a tell two times in three."""
        return round(min(1.0, self.telling / SHOWN) * self.within(first_minute))
