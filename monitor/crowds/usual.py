"""What is usual on a topic, as far as it tells people from steered accounts."""

from __future__ import annotations

from math import inf, sqrt
from typing import Final

import msgspec

from monitor.clock import DAY_US
from monitor.crowds.hour import Lesson
from monitor.stats.shares import UsualShare

__all__ = [
    "FORTNIGHTS",
    "MOST_COPIES",
    "MOST_LOW",
    "MOST_REPEATS",
    "MOST_TOGETHER",
    "MOST_UNKNOWN",
    "MOST_YOUNG",
    "Usual",
    "beta_of",
    "fortnight_of",
    "odds_beside",
]

FORTNIGHT_US: Final = 14 * DAY_US
FORTNIGHTS: Final = 300
"""Opening dates before anything was seen: anywhere in some twelve years."""

DATES_WEIGHT: Final = 50.0
MOST_WORTH: Final = 1_000.0
PRIOR_VOICES: Final = 40.0
NEARLY_ALL: Final = 0.98

MOST_LOW: Final = 0.25
MOST_YOUNG: Final = 0.15
MOST_REPEATS: Final = 0.3
MOST_TOGETHER: Final = 0.3
MOST_COPIES: Final = 0.3
MOST_UNKNOWN: Final = 0.6
MOST_OPENED: Final = 0.1
"""However usual it has become on a topic, no more than these shares count as what people look like: a topic that was
always amplified must not make amplification its usual."""


def fortnight_of(created_us: int) -> int:
    """Return the fortnight in which an account was opened."""
    return created_us // FORTNIGHT_US


def _usual(prior: float) -> UsualShare:
    return UsualShare(prior, PRIOR_VOICES)


def beta_of(usual: UsualShare, most: float) -> tuple[float, float]:
    """Return the Beta distribution of an ordinary half hour's share, its mean no more than `most`."""
    a, b = usual.beta()
    return (a, b) if a <= most * (a + b) else (most * (a + b), (1.0 - most) * (a + b))


def odds_beside(usual: UsualShare, deviations: float = 0.0) -> float:
    """Return how many with the property usually come with one without: the odds of the usual share.

    Parameters
    ----------
    deviations
        How many standard deviations of an ordinary half hour to add to the share. Where that makes it (nearly) all,
        the odds are infinite.

    Examples
    --------
    >>> round(odds_beside(_usual(0.1)), 3), odds_beside(_usual(0.99), deviations=2.0)
    (0.111, inf)
    """
    a, b = usual.beta()
    share = a / (a + b)
    share += deviations * sqrt(share * (1.0 - share) / (a + b + 1.0))
    return share / (1.0 - share) if share < NEARLY_ALL else inf


class Usual(msgspec.Struct):
    """What is usual on a topic, learned from half hours in which nothing was set aside.

    Attributes
    ----------
    low, young, repeats, together, copies, unknown, silent
        Shares of mentions by accounts nearly nobody follows; by accounts opened within a month; by accounts that had
        published (not answered) within the hour; of prompt joiners that had been together before; of mentions that
        say what another said; and of reposts, and of other mentions, by accounts nothing is known of. The priors are
        what general brand chatter looks like, believed with the weight of forty mentions.
    openings, opened, worth
        Accounts by the fortnight they were opened in, and their sum; what a new one is worth, which grows as the
        others fade.
    """

    low: UsualShare = msgspec.field(default_factory=lambda: _usual(0.1))
    young: UsualShare = msgspec.field(default_factory=lambda: _usual(0.03))
    repeats: UsualShare = msgspec.field(default_factory=lambda: _usual(0.08))
    together: UsualShare = msgspec.field(default_factory=lambda: _usual(0.1))
    copies: UsualShare = msgspec.field(default_factory=lambda: _usual(0.1))
    unknown: UsualShare = msgspec.field(default_factory=lambda: _usual(0.1))
    silent: UsualShare = msgspec.field(default_factory=lambda: _usual(0.1))
    openings: dict[int, float] = {}
    opened: float = 0.0
    worth: float = 1.0

    def learn(self, lesson: Lesson, together: int, prompt: int, keep: float) -> None:
        """Take in a half hour; what is older keeps `keep` of its weight.

        Parameters
        ----------
        together, prompt
            Prompt joiners that had been together before, and all of them.
        """
        for learned, count, of in (
            (self.copies, lesson.copies, lesson.mentions),
            (self.low, lesson.low, lesson.known),
            (self.young, lesson.young, lesson.dated),
            (self.unknown, lesson.unknown, lesson.heard),
            (self.silent, lesson.silent, lesson.heard),
            (self.repeats, lesson.repeats, lesson.published),
            (self.together, together, prompt),
        ):
            if of:
                learned.fade(keep)
                learned.learn(count, of)
        self.fade_openings(keep)

    def of_fortnight(self, fortnight: int) -> float:
        """Return the usual share of accounts opened in that fortnight, in (0, 1)."""
        prior = DATES_WEIGHT * self.worth
        share = (self.openings.get(fortnight, 0.0) + prior / FORTNIGHTS) / (self.opened + prior)
        return min(share, MOST_OPENED)

    def add_opening(self, fortnight: int) -> None:
        """Take in an account opened in that fortnight."""
        self.openings[fortnight] = self.openings.get(fortnight, 0.0) + self.worth
        self.opened += self.worth

    def fade_openings(self, keep: float) -> None:
        """Forget: what comes is worth more, until the numbers grow large."""
        self.worth /= keep
        if self.worth > MOST_WORTH:
            self.openings = {one: weight / self.worth for one, weight in self.openings.items()}
            self.opened = sum(self.openings.values())
            self.worth = 1.0
