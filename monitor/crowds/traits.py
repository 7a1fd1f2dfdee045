"""What single accounts of a flood have in common, whatever they say: they are new, nobody follows them, nobody knows.

Each trait is weighed over the last hour against what is usual on the topic (:mod:`monitor.crowds.likelihood`). A few
such accounts are part of every crowd; when they are far more than usual, their mentions are set aside, and everybody
else keeps their voice.

Of the third nobody can say more than that. Some networks tell nothing of accounts, and a repost has no words of its
own: of a thousand of them in an hour where fifty are usual, machines and people look alike. They are set aside, since
a page rests on a lower bound, and never called made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf, log
from typing import Final, Literal, NamedTuple

from monitor.clock import DAY_US
from monitor.crowds import likelihood
from monitor.crowds.group import FEWEST_FOLLOWERS, FEWEST_POSTS
from monitor.crowds.hour import Beat
from monitor.crowds.usual import MOST_LOW, MOST_UNKNOWN, MOST_YOUNG, Usual, beta_of
from monitor.stats.shares import UsualShare
from monitor.topics import Match

__all__ = ["ODDS", "TRAITS", "Trait", "TraitName", "count", "held", "is_silent", "weigh"]

TraitName = Literal["newcomers", "nobodies", "strangers"]

YOUNG_US: Final = 30 * DAY_US
"""An account is young for a month, the usual border in studies of automated accounts."""

ODDS: Final = log(0.02 / 0.98)
"""Before looking: one crowd in fifty was made."""

RARE: Final = 8
"""When fewer than one in so many has a trait, nothing is weighed."""


def is_young(match: Match) -> bool:
    """Tell whether the account was opened within a month."""
    created = match.account_created_us
    return created is not None and match.published_us - created < YOUNG_US


def is_low(match: Match) -> bool:
    """Tell whether nearly nobody follows the account."""
    return match.followers is not None and match.followers < FEWEST_FOLLOWERS


def is_unknown(match: Match) -> bool:
    """Tell whether it is a repost by an account of which nothing is known."""
    return match.kind == "repost" and match.followers is None and match.account_created_us is None


def is_silent(match: Match) -> bool:
    """Tell whether it is said by an account of which nothing is known: no repost, and no newspaper's feed."""
    is_known = match.followers is not None or match.account_created_us is not None
    return not is_known and match.kind != "repost" and match.network != "feed"


class Trait(NamedTuple):
    """Something that an account may have.

    Attributes
    ----------
    shows
        Whether a mention's account has it.
    counted
        (Of one minute or several) mentions by such accounts, and all of those where it could be told.
    usual, most
        What share is usual, and no more than what share ever counts as usual.
    ceiling
        Log odds are never said to be higher.
    """

    name: TraitName
    shows: Callable[[Match], bool]
    counted: Callable[[Beat], tuple[int, int]]
    usual: Callable[[Usual], UsualShare]
    most: float
    ceiling: float = inf


TRAITS: Final = (
    Trait("newcomers", is_young, lambda beat: (beat.young, beat.dated), lambda usual: usual.young, MOST_YOUNG),
    Trait("nobodies", is_low, lambda beat: (beat.low, beat.known), lambda usual: usual.low, MOST_LOW),
    Trait(
        "strangers", is_unknown, lambda beat: (beat.unknown, beat.heard), lambda usual: usual.unknown, MOST_UNKNOWN, 0.0
    ),
)


def count(beat: Beat, matches: Sequence[Match]) -> None:
    """Count a minute's mentions by what is known of their accounts."""
    beat.heard += len(matches)
    for match in matches:
        created, followers = match.account_created_us, match.followers
        if created is not None:
            beat.dated += 1
            beat.young += match.published_us - created < YOUNG_US
        if followers is not None:
            beat.known += 1
            beat.low += followers < FEWEST_FOLLOWERS
        elif created is None:
            beat.unknown += match.kind == "repost"
            beat.silent += is_silent(match)


def weigh(hour: Beat, usual: Usual) -> list[float]:
    """Return the log odds of each trait, made over real."""
    return [_odds(trait, hour, usual) for trait in TRAITS]


def _odds(trait: Trait, hour: Beat, usual: Usual) -> float:
    found, of = trait.counted(hour)
    if found < FEWEST_POSTS or found * RARE < of:
        return ODDS
    evidence = likelihood.share(found, of, beta_of(trait.usual(usual), trait.most))
    return min(trait.ceiling, ODDS + evidence)


def held(beat: Beat, odds: Sequence[float], least: float = 0.0) -> int:
    """Return about how many mentions of a minute have a trait whose log odds are at least so high.

    A mention may have several: the commonest is counted.
    """
    return max([trait.counted(beat)[0] for trait, one in zip(TRAITS, odds, strict=True) if one >= least], default=0)
