"""Somebody is woken on the lower bound: for what is left when mentions that prove nothing count as often as usual.

What is left (:mod:`monitor.incidents.proof`) is weighed as everything is (:mod:`monitor.incidents.severity`), with as
many mentions as count, and with the shares of those that complain or answer the brand among them. When that is no
critical incident, it is *held* at a warning, and a reason says why: nobody can tell a petition from steered accounts of
years. When only that is critical, the rest had *drowned* it, and it pages.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from monitor.anomalies import MENTIONS, Verdict
from monitor.anomalies.negative_share import NegativeShareTest
from monitor.anomalies.own_replies import OwnReplies
from monitor.anomalies.seasonal_counts import SeasonalCounts
from monitor.cascades import Cascade
from monitor.crowds.authenticity import Authenticity
from monitor.incidents import Reason
from monitor.incidents.context import Context, ShareTest
from monitor.incidents.fired import LOWER_BOUND
from monitor.incidents.proof import SPANS, Left
from monitor.incidents.severity import Assessment, Levels, assess
from monitor.incidents.words import say
from monitor.stats.binomial import beta_binomial_upper_tail

__all__ = ["DROWNED", "HELD", "Bounds", "as_left", "as_told", "on_lower_bound"]

HELD: Final = frozenset({"copied", "unproven"})
"""Reasons for which an incident is held at a warning."""

DROWNED: Final = "drowned"

MOSTLY: Final = 2 / 3
"""A slow rise is believed when so much of the last hour counts: what it rests on earlier is not known any more. So is
a post of the brand's own that is contested, when so many of the answers do."""

SPOKEN_FOR: Final = 1 / 2
"""Those who speak are called people when more than this part of the hour's mentions count."""


class Bounds(NamedTuple):
    """What the lower bound is made from, as of one minute.

    Attributes
    ----------
    allowed
        How many mentions that repeat another's words, and by accounts nothing is known of, count with one of the
        others.
    kept_within
        How many mentions of the last so many minutes were not set aside.
    with_more
        Chance of the minute, had each window of so many minutes held so many more.
    """

    allowed: tuple[float, float]
    kept_within: Callable[[int], int]
    with_more: Callable[[Callable[[int], int]], float]


def on_lower_bound(
    found: Assessment,
    verdicts: Sequence[Verdict],
    context: Context,
    growing: Sequence[Cascade],
    levels: Levels,
    bounds: Bounds | None,
) -> Assessment:
    """Return the assessment as it is to be told: held, raised, or as it was found.

    Parameters
    ----------
    found
        Of the same verdicts, context and cascades, when every mention counts.
    """
    if bounds is None or found.severity is None:
        return found
    left = {span: context.proof.left(span, bounds.allowed, bounds.kept_within(span)) for span in SPANS}
    if not any(one.is_noticeable for one in left.values()):
        return found
    p_value = bounds.with_more(lambda minutes: -_within(left, minutes).surplus)
    is_critical = found.severity == "critical"
    if not is_critical and p_value > levels.page:
        return found
    counting = [_counting(verdict, left, p_value) for verdict in verdicts]
    bound = assess(counting, _Remaining(context, left), growing, levels)
    if (bound.severity == "critical") == is_critical:
        return found
    widest = max(left.values(), key=lambda one: (one.surplus, one.heard))
    if is_critical:
        return Assessment("warning", (*found.reasons[:1], _reason(_why(widest), widest), *found.reasons[1:]))
    return Assessment("critical", (*bound.reasons, _reason(DROWNED, widest)))


def as_told(found: Authenticity, reasons: Sequence[Reason], context: Context, bounds: Bounds | None) -> Authenticity:
    """Return what is to be said of who spoke: nobody can tell that of mentions which mostly prove nothing.

    Nor where the page is held for them, whatever part they are.
    """
    if bounds is None or found.verdict != "organic":
        return found
    if all(reason.name not in HELD for reason in reasons):
        hour = context.proof.left(SPANS[-1], bounds.allowed, bounds.kept_within(SPANS[-1]))
        if hour.mentions > SPOKEN_FOR * hour.heard:
            return found
    return msgspec.structs.replace(found, verdict="cannot tell")


def as_left(verdicts: Sequence[Verdict], told: Mapping[str, Mapping[str, float]]) -> list[Verdict]:
    """Return the verdicts as they were weighed when the others had drowned a crisis, from what was written then."""
    found = []
    for verdict in verdicts:
        one = verdict
        facts = told.get({NegativeShareTest.name: "negative", OwnReplies.name: "own_reply"}.get(verdict.detector, ""))
        if facts is not None:
            one = _shared(verdict, int(facts["count"]), int(facts["mentions"]))
        elif verdict.detector == SeasonalCounts.name and "velocity" in told:
            one = msgspec.structs.replace(verdict, p_value=told["velocity"]["rarity"])
        found.append(one)
    return found


def _within(left: Mapping[int, Left], minutes: int) -> Left:
    """Return what is left of so many minutes: of the next longer ones that were looked at."""
    return left[next((span for span in SPANS if span >= minutes), SPANS[-1])]


def _counting(verdict: Verdict, left: Mapping[int, Left], p_value: float) -> Verdict:
    """Return what a test would have said of what is left."""
    if verdict.detector == SeasonalCounts.name:
        surplus = _within(left, verdict.span_minutes).surplus
        return msgspec.structs.replace(verdict, p_value=p_value, observed=max(0.0, verdict.observed - surplus))
    if verdict.unit == MENTIONS or "planned" in verdict.factors:  # where complaints stand for the volume
        hour = left[SPANS[-1]]
        is_believed = hour.mentions >= MOSTLY * hour.heard
        return verdict if is_believed else msgspec.structs.replace(verdict, p_value=1.0)
    if verdict.detector == NegativeShareTest.name:
        return _least_likely(verdict, [(one.complaining, one.voices) for one in left.values()])
    if verdict.detector == OwnReplies.name:
        return _least_likely(verdict, [(sum(one.answers[:2]), one.voices) for one in left.values()])
    return verdict


def _least_likely(verdict: Verdict, counts: Sequence[tuple[int, int]]) -> Verdict:
    found = [_shared(verdict, count, of) for count, of in counts]
    return max(found, key=lambda one: one.factors["nominal"])


def _shared(verdict: Verdict, count: int, of: int) -> Verdict:
    """Return a verdict on a share that explains and opens nothing, of other numbers."""
    factors = verdict.factors
    count = min(count, of)  # both are rounded
    usual, strength = factors["usual"], 1.0 / factors["wandering"] - 1.0
    chance = beta_binomial_upper_tail(count, of, usual * strength, (1.0 - usual) * strength)
    return msgspec.structs.replace(
        verdict,
        p_value=1.0,
        observed=count / of if of else 0.0,
        factors={**factors, "count": float(count), "voices": float(of), "nominal": -math.log10(max(chance, 1e-300))},
    )


class _Remaining(Context):
    """The last hour as it was, but for what does not count of those that answer or alarm."""

    def __init__(self, context: Context, left: Mapping[int, Left]) -> None:
        super().__init__()
        self._context = context
        self._left = left
        hour = left[SPANS[-1]]
        if sum(hour.answers) >= MOSTLY * hour.answered:  # otherwise it is nobody's post that is contested
            self.own_posts = context.own_posts

    @property
    def end_us(self) -> int:
        return self._context.end_us

    def test(self, share: str, minutes: int) -> ShareTest:
        test = self._context.test(share, minutes)
        if share == "alarming":
            left = _within(self._left, minutes)
            test = ShareTest(min(left.alarming, left.voices), left.voices, test.usual, test.strength)
        hour = self._left[SPANS[-1]]
        if share == "new_authors" and hour.mentions < MOSTLY * hour.heard:  # steered accounts are new to most topics
            test = ShareTest(0, 0, test.usual, test.strength)
        return test

    def answers(self, minutes: int) -> tuple[int, int, int]:
        return _within(self._left, minutes).answers


def _why(left: Left) -> str:
    return "copied" if left.copied >= left.silent else "unproven"


def _reason(name: str, left: Left) -> Reason:
    facts = {
        "copied": float(left.copied),
        "silent": float(left.silent),
        "surplus": float(left.surplus),
        "mentions": float(left.heard),
    }
    return Reason(name=name, text=say(name, facts), observed=facts["surplus"], facts=facts, tests=(LOWER_BOUND,))
