"""What a page may rest on: mentions that nobody could have had for nothing, and of the others as many as usual.

Two kinds of mention cost nothing to make and cannot be told from people's: those that repeat another's words, which a
petition's button writes as well as steered accounts of years; and those by accounts of which their network tells
nothing. Both are part of every real storm, in about the proportion that is usual on the topic. So of each kind only as
many count as usually come with the others (:mod:`monitor.incidents.lower_bound`).

Who says first what others then repeat is one of those who repeat it, at first: steered accounts may have a dozen texts.
Over the hour every text counts once: else whoever repeats each complaint would make them all go away.

Who shares the page of a newspaper repeats its headline: such mentions count in full, if the press itself published
that page on this topic within a day (a feed, or a well-followed account whose profile names the press).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from monitor.clock import DAY_US, MINUTE_US
from monitor.crowds.traits import is_silent
from monitor.incidents.scolding import tones_of
from monitor.signals.negative_share import NEGATIVE
from monitor.topics import Match

__all__ = ["SPANS", "Left", "Proof", "ProofState"]

SPANS: Final = (5, 15, 30, 60)
"""Minutes over which something may show."""

PRESS_FOLLOWERS: Final = 10_000
PAGES_KEPT: Final = 64
FEWEST: Final = 4
PARTLY: Final = 0.15
"""It is worth a word that mentions do not count from so many on, and from such a share on."""

Counts = tuple[int, int, int, int, int, int]
"""Mentions; those that complain; that alarm; and of those that answer the brand the sour, toneless and glad ones."""

HARDLY_ANY: Final = 3
"""What was repeated has no part in the shares, because a dozen texts are not what a crowd thinks; unless more than so
many were for each mention that nobody repeated: else whoever repeats all complaints would silence them."""

_NONE: Final = (0, 0, 0, 0, 0, 0)


class Tally(msgspec.Struct, array_like=True):
    """One minute: what speaks for itself, was repeated, repeats, and (of the rest) is by accounts nobody knows."""

    minute: int
    plain: Counts = _NONE
    first: Counts = _NONE
    copied: Counts = _NONE
    silent: Counts = _NONE


class ProofState(msgspec.Struct):
    """The last hour by the minute; and pages the press published, with when."""

    tallies: list[Tally] = []
    pages: dict[int, int] = {}


class Left(NamedTuple):
    """What counts of the last minutes.

    Attributes
    ----------
    mentions, heard
        How many count, and how many there were.
    voices, complaining, alarming, answers
        Those that count without the copies; how many of them complain; how many have alarming words; and of those that
        answer the brand the sour, toneless and glad ones.
    answered, copied, silent
        Of those there were, how many answer the brand, how many repeat another's words, and how many more come from
        accounts nothing is known of.
    """

    mentions: int
    heard: int
    voices: int
    complaining: int
    alarming: int
    answers: tuple[int, int, int]
    answered: int
    copied: int
    silent: int

    @property
    def surplus(self) -> int:
        """How many do not count."""
        return self.heard - self.mentions

    @property
    def is_noticeable(self) -> bool:
        """Whether so many do not count that it is worth a word."""
        return self.surplus >= max(FEWEST, PARTLY * self.heard)


class Proof:
    """Counts the last hour of one topic by what it costs to make. Bounded memory, saved with the topic's state."""

    def __init__(self) -> None:
        self._state = ProofState()

    def add(self, start_us: int, heard: Sequence[Match], copies: Mapping[int, int]) -> None:
        """Take in a minute.

        Parameters
        ----------
        heard
            Its matches, without the brand's own.
        copies
            Keys of those that say nearly what another said; one of those that repeat something for the first time with
            the minute in which that was said, all others with -1.
        """
        minute = start_us // MINUTE_US
        tallies = self._state.tallies
        while tallies and tallies[0].minute <= minute - SPANS[-1]:
            del tallies[0]
        plain: list[Match] = []
        first: list[Match] = []
        copied: list[Match] = []
        silent: list[Match] = []
        for match in heard:
            if match.links:
                self._remember_pages(match, start_us)
            if match.key in copies and not self._is_of_the_press(match, start_us):
                said = copies[match.key]
                (first if said == minute else copied).append(match)
                if 0 <= said < minute:
                    self._move(said, match)
            elif is_silent(match):
                silent.append(match)
            else:
                plain.append(match)
        tallies.append(Tally(minute, _counted(plain), _counted(first), _counted(copied), _counted(silent)))

    def _move(self, minute: int, match: Match) -> None:
        """Count what was said in an earlier minute as repeated, now that this match repeats it."""
        for tally in self._state.tallies:
            if tally.minute == minute and tally.plain[0]:
                one = _counted([match])
                tally.plain = _counts([max(0, there - here) for there, here in zip(tally.plain, one, strict=True)])
                tally.first = _counts([there + here for there, here in zip(tally.first, one, strict=True)])

    def _remember_pages(self, match: Match, now_us: int) -> None:
        is_followed = match.verified or (match.followers or 0) >= PRESS_FOLLOWERS
        if match.network == "feed" or (match.role == "press" and is_followed):
            pages = self._state.pages
            for page in match.links:
                pages.pop(page, None)
                pages[page] = now_us
            while len(pages) > PAGES_KEPT:
                del pages[next(iter(pages))]

    def _is_of_the_press(self, match: Match, now_us: int) -> bool:
        pages = self._state.pages
        return any(page in pages and now_us - pages[page] < DAY_US for page in match.links)

    def left(self, minutes: int, allowed: tuple[float, float], heard: int) -> Left:
        """Return what counts of the last minutes.

        Parameters
        ----------
        minutes
            1 to 60.
        allowed
            How many copies, and how many mentions by accounts nothing is known of, count with one of the others.
        heard
            How many mentions the minutes held, without those that were set aside since.
        """
        tallies = self._state.tallies
        since = tallies[-1].minute - minutes if tallies else 0
        window = [tally for tally in tallies if tally.minute > since]
        plain = _sum([tally.plain for tally in window])
        first = _sum([tally.first for tally in window])
        copied = _sum([tally.copied for tally in window])
        silent = _sum([tally.silent for tally in window])
        is_whole = minutes >= SPANS[-1]
        base = plain[0] + (first[0] if is_whole else 0)
        all_there = plain[0] + first[0] + copied[0] + silent[0]
        gone = max(0, all_there - heard)  # copies, before anything else
        heard = all_there - gone
        copies = max(0, copied[0] + first[0] - gone)
        base = min(base, heard)
        counted = min(float(silent[0]), allowed[1] * (base + 1))
        part = counted / silent[0] if silent[0] else 0.0
        speaking = _sum([plain, first]) if is_whole and first[0] > HARDLY_ANY * plain[0] else plain
        voices, complaining, alarming, sour, toneless, glad = (
            round(there + part * here) for there, here in zip(speaking, silent, strict=True)
        )
        answered = sum([sum(counts[3:]) for counts in (plain, first, copied, silent)])
        repeats = max(0, copies - (first[0] if is_whole else 0))
        mentions = min(heard, round(base + counted + min(float(repeats), allowed[0] * (base + 1))))
        return Left(mentions, heard, voices, complaining, alarming, (sour, toneless, glad), answered, copies, silent[0])

    def complaints(self) -> dict[int, int]:
        """Return the complaints of each minute of the last hour (since the epoch) with any matches."""
        kinds = [(one.minute, (one.plain, one.first, one.copied, one.silent)) for one in self._state.tallies]
        return {minute: sum([counts[1] for counts in counted]) for minute, counted in kinds}

    def snapshot(self) -> ProofState:
        """Return the state, to be encoded at once."""
        return self._state

    def restore(self, state: ProofState) -> None:
        """Take back a state that :meth:`snapshot` returned."""
        self._state = state


def _counted(matches: Sequence[Match]) -> Counts:
    if not matches:
        return _NONE
    complaining = sum([match.tone < NEGATIVE and not match.is_ironic for match in matches])
    alarming = sum([match.alarm_words > 0 for match in matches])
    return len(matches), complaining, alarming, *tones_of([match for match in matches if match.answers_own])


def _counts(values: Sequence[int]) -> Counts:
    mentions, complaining, alarming, sour, toneless, glad = values
    return mentions, complaining, alarming, sour, toneless, glad


def _sum(counts: Sequence[Counts]) -> Counts:
    return _counts([sum(column) for column in zip(*counts, strict=True)]) if counts else _NONE
