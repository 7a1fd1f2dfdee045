"""Reasons that the last half hour gives: who speaks and of what, against what is usual, and what is being passed on.

None of them alarms: their chances are those of one half hour by itself, never held against the topic's own past. They
explain, and confirm, what a calibrated test noticed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from monitor.cascades import Cascade
from monitor.incidents import Reason
from monitor.incidents.context import Context, ShareTest
from monitor.incidents.fired import ALARMING_SHARE, ARGUING_SHARE, CASCADE_GROWTH, INFLUENTIAL_SHARE, NEW_AUTHOR_SHARE
from monitor.incidents.words import say

__all__ = ["LIKELY", "alarming_reason", "arguing_reason", "influence_reason", "new_authors_reason", "spread_reason"]

GROWING_RESHARES: Final = 20
RECENT_MINUTES: Final = 30
"""Shares are tested over the last half hour: long enough to count, short enough to be about now."""

FEWEST_POSTS: Final = 5
"""Fewer posts than these with a property are no matter of shares."""
LIKELY: Final = 1e-2


def influence_reason(context: Context) -> Reason | None:
    """Return the reason that more influential accounts speak than usual, if they do."""
    test = context.test("influential", RECENT_MINUTES)
    return _share_reason("influence", test, 1.0, INFLUENTIAL_SHARE) if test.count >= 2 else None


def alarming_reason(context: Context) -> Reason | None:
    """Return the reason that more speak of outrage, boycott, law or safety than usual, if they do."""
    test = context.test("alarming", RECENT_MINUTES)
    return _share_reason("alarming", test, 1.0, ALARMING_SHARE) if test.count >= FEWEST_POSTS else None


def arguing_reason(context: Context) -> Reason | None:
    """Return the reason that more argue than usual, if they do."""
    test = context.test("arguing", RECENT_MINUTES)
    return _share_reason("arguing", test, 0.5, ARGUING_SHARE) if test.count >= FEWEST_POSTS else None


def new_authors_reason(context: Context) -> Reason | None:
    """Return the reason that more than usual speak who never did before, if they do: a firestorm draws a crowd."""
    test = context.test("new_authors", RECENT_MINUTES)
    return _share_reason("new_authors", test, 0.5, NEW_AUTHOR_SHARE) if test.count >= FEWEST_POSTS else None


def _share_reason(name: str, test: ShareTest, weight: float, fired: str) -> Reason | None:
    if test.p_value > LIKELY:
        return None
    facts = {
        "count": float(test.count),
        "mentions": float(test.mentions),
        "share": test.share,
        "usual": test.usual,
        "strength": test.strength,
    }
    return Reason(
        name=name,
        text=say(name, facts),
        observed=float(test.count),
        expected=test.usual * test.mentions,
        p_value=test.p_value,
        weight=weight,
        facts=facts,
        tests=(fired,),
    )


def spread_reason(growing: Sequence[Cascade]) -> Reason | None:
    """Return the reason that a cascade grows, if one does."""
    fastest = next(iter(growing), None)
    if fastest is None or fastest.growth_per_hour < GROWING_RESHARES or fastest.acceleration < 1.0:
        return None
    facts = {
        "growth": float(fastest.growth_per_hour),
        "pace": fastest.acceleration,
        "size": float(fastest.size),
        "reach": float(fastest.potential_reach),
    }
    if fastest.final_low is not None and fastest.final_high is not None:
        facts |= {"final_low": float(fastest.final_low), "final_high": float(fastest.final_high)}
    return Reason(
        name="spread",
        text=say("spread", facts),
        observed=facts["growth"],
        unit="reshares per hour",
        weight=1.0,
        facts=facts,
        tests=(CASCADE_GROWTH,),
    )
