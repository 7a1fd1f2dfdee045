"""Match -> Signal: what we measure about a topic in one minute of event time.

A :class:`Signal` holds one number per measure. Each measure is a file here with one class implementing
:class:`Measure`; :func:`monitor.signals.family.measures` discovers them by file, and
``tests/contracts/test_measures.py`` checks every one. A measure is a pure function of the minute's matches in
canonical order (event time, then key).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar, Protocol

import msgspec

from monitor.clock import MINUTE_US
from monitor.crowds.authenticity import AuthenticityVerdict
from monitor.mentions import Kind
from monitor.topics import Match

__all__ = ["Late", "Measure", "Minute", "Signal", "Voice"]


class Voice(msgspec.Struct, frozen=True, gc=False):
    """An account that matters and spoke in a minute; see :func:`monitor.signals.family.voices_of`.

    Attributes
    ----------
    author
        Its pseudonym.
    circle
        Who it stands with: voices of the same circle pass on the same words and count as one.
    is_official
        Its profile hints at the press or a public office, or it is a newspaper's feed.
    tone
        Of the most indignant thing it said in this minute, from -1 to 1.
    """

    author: int
    circle: int
    is_official: bool
    tone: float


class Late(msgspec.Struct, frozen=True, gc=False):
    """More of a minute that was closed before: how many people spoke, and those of them who matter."""

    start_us: int
    people: int
    voices: tuple[Voice, ...]


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """The measures of one topic over one window [start_us, end_us) of event time, one minute long.

    Attributes
    ----------
    mentions
        How many mentions fell into the window (velocity, per minute). The brand's own posts are not counted.
    measures
        Further measures by name (see the members of this family); a measure that is undefined in this minute,
        such as the tone of no posts, is absent.
    voices
        The accounts that matter among those who spoke, by pseudonym. For the detectors; not stored.
    hidden
        Share of the usual posts that could not be seen because a source was blind, in [0, 1). Not stored.
    late
        Minutes closed before of which more was heard in this one. Not stored.
    set_aside
        Further mentions of the window that are likely coordinated: neither counted in `mentions` nor measured.
    revised
        How many mentions of the hour before were set aside in this minute, or put back: what was counted of them before
        is not what is counted from now on.
    made_within_hour
        How many mentions of the hour up to here count as made, by all that is known at its end. Not stored.
    authenticity
        Whether the hour up to here is real or made (:class:`monitor.crowds.authenticity.Authenticity`).
    """

    topic: str
    start_us: int
    mentions: int
    measures: dict[str, float]
    voices: tuple[Voice, ...] = ()
    hidden: float = 0.0
    set_aside: int = 0
    revised: int = 0
    made_within_hour: int = 0
    authenticity: AuthenticityVerdict = "cannot tell"
    late: tuple[Late, ...] = ()

    @property
    def end_us(self) -> int:
        """End of the window, exclusive, microseconds since the Unix epoch."""
        return self.start_us + MINUTE_US


class Minute:
    """One window's matches and what several measures want to know about them, each computed once.

    Parameters
    ----------
    matches
        The window's matches except the brand's own posts, ordered by (published_us, key). Never empty.
    """

    def __init__(self, matches: Sequence[Match]) -> None:
        self.matches = matches

    @cached_property
    def followers(self) -> dict[int, int | None]:
        """Followers of each distinct author, the highest count seen; ``None`` when unknown."""
        followers: dict[int, int | None] = {}
        for match in self.matches:
            count = match.followers
            if count is None:
                followers.setdefault(match.author, None)
            elif count > (followers.get(match.author) or -1):
                followers[match.author] = count
        return followers

    @cached_property
    def known_followers(self) -> list[int]:
        """Follower counts of the distinct authors whose count is known."""
        return [count for count in self.followers.values() if count is not None]

    @cached_property
    def kinds(self) -> Counter[Kind]:
        """How many matches are posts, replies, quotes and reposts."""
        return Counter([match.kind for match in self.matches])

    @cached_property
    def tones(self) -> list[float]:
        """Mean tone of each distinct author, -1 to 1: however much one account posts, it is one voice.

        A post that may be ironic counts as neither: among labelled complaints and praise such signs are as frequent in
        the one as in the other (``python -m tests.benchmarks.tone``).
        """
        spoken: dict[int, list[float]] = {}
        for match in self.matches:
            spoken.setdefault(match.author, []).append(0.0 if match.is_ironic else match.tone)
        return [tones[0] if len(tones) == 1 else sum(tones) / len(tones) for tones in spoken.values()]

    @cached_property
    def hashtag_authors(self) -> dict[str, set[int]]:
        """Distinct authors of each hashtag."""
        authors: dict[str, set[int]] = {}
        for match in self.matches:
            for hashtag in match.hashtags:
                authors.setdefault(hashtag, set()).add(match.author)
        return authors


class Measure(Protocol):
    """One number about one minute of one topic."""

    name: ClassVar[str]
    """Column of ``signals.csv``, key in :attr:`Signal.measures`; snake case, unit included where it has one."""
    meaning: ClassVar[str]
    """One plain sentence for people, with the unit and the range."""

    def __call__(self, minute: Minute) -> float | None:
        """Measure one window.

        Parameters
        ----------
        minute
            The window's matches except the brand's own posts, with what other measures already worked out of them.

        Returns
        -------
        float or None
            Finite; ``None`` when the measure is undefined for these matches.
        """
        ...
