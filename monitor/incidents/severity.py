"""How bad, if true: separate reasons with open weights, never one blended black box.

=============  ======  =====================================================================================
reason         weight  given when
=============  ======  =====================================================================================
velocity       1       mentions are rarer than the *watch* budget allows
velocity       2       ... than the *warning* budget allows
velocity       3       ... than once in some thousand budgets (1e-3 of the warning level)
negative       1 / 2   the share of negative mentions is above usual (p < 0.01 / p < 0.0001 and at least 40 %)
own_reply      1 / 2   replies and quotes to the brand's own posts are above usual (p < 0.01 / p < 0.0001)
influence      1       more influential accounts than usual (p < 0.01), at least two
spread         1       a cascade gained 20 reshares within the hour and is not slowing down
joint          0.5     the measures together look unlike anything usual
=============  ======  =====================================================================================

*watch* needs one point of velocity, or a crisis reason (*negative*, *own_reply*) that is itself rarer than the watch
budget allows: the crowd has turned though it is not louder yet. Or the joint measure, confirmed by another reason.
*warning* needs three points, a crisis reason among them, and something rarer than the watch budget; *critical* needs
five, a crisis reason among them, and velocity of at least two. So a television peak or a product launch, however
large, is watched and does not page: it is a spike, not a crisis. The weights follow what raises lasting damage:
indignation (Brady et al. 2017), the brand's own answer, and the volume and speed of the response (Hansen, Kupfer and
Hennig-Thurau 2018).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from monitor.anomalies import Verdict
from monitor.cascades import Cascade
from monitor.incidents import Reason, Severity
from monitor.incidents.context import Context, ShareTest
from monitor.incidents.words import say
from monitor.topics import Policy

__all__ = ["Assessment", "Levels", "assess"]

MINUTES_A_DAY: Final = 1440
MINUTES_A_MONTH: Final = 30 * MINUTES_A_DAY

GROWING_RESHARES: Final = 20
RECENT_MINUTES: Final = 30
"""Shares are tested over the last half hour: long enough to count, short enough to be about now."""

FIRM: Final = 1e-4
LIKELY: Final = 1e-2


class Levels(msgspec.Struct, frozen=True):
    """The p-values per minute at which a topic's alarm budget is spent; nobody picks them by hand.

    A month has 43,200 minutes, so a budget of two false warnings a month is a chance of 2/43,200 a minute, shared
    equally among the detectors that may fire.
    """

    watch: float
    warning: float
    extreme: float

    @classmethod
    def of(cls, policy: Policy, detectors: int) -> Levels:
        """Derive the levels from a topic's policy for a number of detectors."""
        watch = policy.watches_per_day / MINUTES_A_DAY / detectors
        warning = min(policy.warnings_per_month, policy.pages_per_month) / MINUTES_A_MONTH / detectors
        return cls(watch, warning, warning / 1000)


class Assessment(msgspec.Struct, frozen=True):
    """What the reasons add up to. `severity` is ``None`` when nothing is worth an incident."""

    severity: Severity | None
    reasons: tuple[Reason, ...]


def assess(verdicts: Sequence[Verdict], context: Context, growing: Sequence[Cascade], levels: Levels) -> Assessment:
    """Weigh everything known about a topic's last minutes.

    Parameters
    ----------
    verdicts
        Of the minute just closed, every detector's.
    context
        With that minute added.
    growing
        The topic's cascades that grow fastest, fastest first.
    """
    volume = _volume_reason(verdicts, levels)
    joint = _joint_reason(verdicts, levels)
    crisis = _present(_negative_reason(context), _own_reply_reason(context))
    is_turned = context.is_seasoned and any(
        reason.p_value is not None and reason.p_value <= levels.watch for reason in crisis
    )
    if volume is None and joint is None and not is_turned:
        return Assessment(None, ())
    others = _present(volume, joint, _influence_reason(context), _spread_reason(growing))
    reasons = sorted([*crisis, *others], key=lambda reason: (-reason.weight, reason.name))
    velocity = volume.weight if volume else 0.0
    return Assessment(_severity(velocity, reasons, crisis, is_turned=is_turned), tuple(reasons))


def _severity(
    velocity: float, reasons: Sequence[Reason], crisis: Sequence[Reason], *, is_turned: bool
) -> Severity | None:
    points = sum(reason.weight for reason in reasons)
    if crisis and velocity >= 2 and points >= 5:
        return "critical"
    if crisis and points >= 3 and (velocity >= 1 or is_turned):
        return "warning"
    if velocity >= 1 or is_turned or len(reasons) >= 2:
        return "watch"
    return None


def _present(*reasons: Reason | None) -> list[Reason]:
    return [reason for reason in reasons if reason is not None]


def _volume_reason(verdicts: Sequence[Verdict], levels: Levels) -> Reason | None:
    verdict = _rarest(verdicts, of_volume=True)
    if verdict is None or verdict.p_value > levels.watch:
        return None
    weight = 3.0 if verdict.p_value <= levels.extreme else 2.0 if verdict.p_value <= levels.warning else 1.0
    return _verdict_reason("velocity", verdict, weight)


def _joint_reason(verdicts: Sequence[Verdict], levels: Levels) -> Reason | None:
    verdict = _rarest(verdicts, of_volume=False)
    if verdict is None or verdict.p_value > levels.watch:
        return None
    return _verdict_reason("joint", verdict, 0.5)


def _rarest(verdicts: Sequence[Verdict], *, of_volume: bool) -> Verdict | None:
    candidates = [verdict for verdict in verdicts if (verdict.unit == "mentions") is of_volume]
    return min(candidates, key=lambda verdict: verdict.p_value, default=None)


def _verdict_reason(name: str, verdict: Verdict, weight: float) -> Reason:
    facts = {
        "observed": verdict.observed,
        "expected": verdict.expected,
        "lower": verdict.lower,
        "upper": verdict.upper,
        "span": float(verdict.span_minutes),
        "rarity": verdict.p_value,
    }
    return Reason(
        name=name,
        text=say(name, facts),
        observed=verdict.observed,
        expected=verdict.expected,
        lower=verdict.lower,
        upper=verdict.upper,
        unit=verdict.unit,
        p_value=verdict.p_value,
        weight=weight,
        facts=facts,
    )


def _negative_reason(context: Context) -> Reason | None:
    test = context.test("negative", RECENT_MINUTES)
    if test.share < 0.4 or test.count < 3:
        return None
    return _share_reason("negative", test, firm_weight=2.0)


def _own_reply_reason(context: Context) -> Reason | None:
    test = context.test("answers_own", RECENT_MINUTES)
    return _share_reason("own_reply", test, firm_weight=2.0) if test.count >= 5 else None


def _influence_reason(context: Context) -> Reason | None:
    test = context.test("influential", RECENT_MINUTES)
    return _share_reason("influence", test, firm_weight=1.0) if test.count >= 2 else None


def _share_reason(name: str, test: ShareTest, firm_weight: float) -> Reason | None:
    if test.p_value > LIKELY:
        return None
    facts = {
        "count": float(test.count),
        "mentions": float(test.mentions),
        "share": test.share,
        "usual": test.usual,
    }
    return Reason(
        name=name,
        text=say(name, facts),
        observed=float(test.count),
        expected=test.usual * test.mentions,
        p_value=test.p_value,
        weight=firm_weight if test.p_value <= FIRM else 1.0,
        facts=facts,
    )


def _spread_reason(growing: Sequence[Cascade]) -> Reason | None:
    fastest = next(iter(growing), None)
    if fastest is None or fastest.growth_per_hour < GROWING_RESHARES or fastest.acceleration < 1.0:
        return None
    facts = {
        "growth": float(fastest.growth_per_hour),
        "pace": fastest.acceleration,
        "size": float(fastest.size),
        "reach": float(fastest.potential_reach),
    }
    return Reason(
        name="spread",
        text=say("spread", facts),
        observed=facts["growth"],
        unit="reshares per hour",
        weight=1.0,
        facts=facts,
    )
