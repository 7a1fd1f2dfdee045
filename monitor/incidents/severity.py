"""How bad, if true: separate reasons with open weights, never one blended black box.

=============  ======  =====================================================================================
reason         weight  given when
=============  ======  =====================================================================================
velocity       1       mentions are rarer than the *watch* budget allows
velocity       2       ... than the *warning* budget allows
velocity       3       ... than once in some thousand budgets (1e-3 of the warning or the page level)
complaints     1       complaints in people's own words are rarer than the watch budget allows
complaints     1 to 3  within a planned event, as velocity: by how rare they are
negative       1 / 2   the share of voices that complain is above usual, at least 40 % or three times as large
own_reply      1 / 2   replies and quotes to the brand's own posts are above usual, and scold; see
                       :mod:`monitor.incidents.scolding`
own_post       1 / 2   otherwise, one of them draws more answers than its account's do (p < 0.01 / p < 0.0001), and
                       answers that scold rather than likes and reshares; see :mod:`monitor.incidents.own_posts`
voices         2 / 3   people who matter, or new ones (*new_voices*), speak as rarely as the watch budget allows
influence      1       otherwise, more influential accounts than usual (p < 0.01), at least two
alarming       1       more posts than usual with words of outrage, boycott, law or safety (p < 0.01), at least five
arguing        0.5     more replies and quotes than usual (p < 0.01): people argue rather than pass on
new_authors    0.5     more who never spoke on the topic before than usual (p < 0.01), at least five; not of the first
                       two days
spread         1       a cascade gained 20 reshares within the hour and is not slowing down
agreement      0.5     otherwise, several tests are a little surprised at once, more than the watch budget allows
joint          0.5     the measures together look unlike anything usual
=============  ======  =====================================================================================

The two crisis reasons come from the share tests (:mod:`monitor.anomalies.share`). One point when the window by itself
has a chance below 0.01, or the watch budget allows it no more; two when the chance is below 0.0001, or the warning
budget is spent.

Voices count three when they are grave, which means from the press or complaining (:mod:`monitor.incidents.heard`).

*watch* needs one point of velocity or of complaints, or a crisis reason (*negative*, *own_reply*) that is itself
rarer than the watch budget allows: the crowd has turned though it is not louder yet. Or the voices, though hardly
anybody noticed. Or several tests that agree. Or the joint measure, confirmed by another reason. *warning* needs three
points, a crisis reason or grave voices among them, and a test that finds something rarer than the budget of warnings
allows, one incident in ten being of a crowd that turned (:data:`TURNED`);
*critical* needs five, a crisis reason among them, and velocity of at least two, rarer than the page budget. So a
television peak or a product launch, however large, is watched and does not page: it is a spike, not a crisis. Within a
planned event more mentions are expected, and more complaints only in part (:mod:`monitor.anomalies.planned`): there
complaints stand for velocity, whichever of the two is rarer. And
*critical* it must be on the lower bound, too, when mentions that prove nothing count only as often as usual
(:mod:`monitor.incidents.lower_bound`). The weights follow what raises lasting damage: indignation (Brady et al. 2017),
the brand's own answer, and the volume and speed of the response (Hansen, Kupfer and Hennig-Thurau 2018).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import msgspec

from monitor.anomalies import Verdict
from monitor.anomalies.agreement import Agreement
from monitor.anomalies.combination import PRUDENCE
from monitor.anomalies.complaints import Complaints
from monitor.anomalies.joint import Joint
from monitor.anomalies.negative_share import NegativeShareTest
from monitor.anomalies.own_replies import OwnReplies
from monitor.cascades import Cascade
from monitor.incidents import Reason, Severity
from monitor.incidents.context import SPAN_MINUTES, Context
from monitor.incidents.fired import UNCALIBRATED
from monitor.incidents.half_hour import (
    LIKELY,
    alarming_reason,
    arguing_reason,
    influence_reason,
    new_authors_reason,
    spread_reason,
)
from monitor.incidents.heard import GRAVE, reason_of, voices_reason
from monitor.incidents.scolding import is_scolding
from monitor.incidents.words import say
from monitor.topics import Policy

__all__ = ["TOGETHER", "Assessment", "Levels", "assess", "has_turned", "share_reason"]

VELOCITY_TESTS: Final = 2
TOGETHER: Final = 0.25
"""Share of the watch budget that the agreement of the tests has. On simulated streams used for development alone, with
less it finds slow burns later, and with more it finds more of nothing."""
MINUTES_A_DAY: Final = 1440
DAYS_A_MONTH: Final = 30
MINUTES_A_MONTH: Final = DAYS_A_MONTH * MINUTES_A_DAY
TURNED: Final = 0.1
"""Share of what opens on quiet streams of which the reasons say that the crowd has turned, or that grave voices spoke;
one in fifteen on simulated ones (``badbuzz backtest``: warnings among incidents)."""

FIRM: Final = 1e-4
ANGRY: Final = 0.4
"""A crowd in which fewer than two in five complain has not turned, unless that is already a multiple of the usual."""
MANIFOLD: Final = 3.0


class Levels(msgspec.Struct, frozen=True):
    """The p-values per minute at which a topic's alarm budget is spent; nobody picks them by hand.

    A month has 43,200 minutes, so a budget of two false warnings a month is a chance of 2/43,200 a minute. It is
    shared among the tests that may fire: of that of watches a part is for their agreement, which sees soonest what
    several of them see (:data:`TOGETHER`), and the rest is shared equally among those that may open an incident by
    themselves; those of warnings and pages are shared between the two that judge velocity. A third is spent, as for
    any series of counts (:data:`monitor.anomalies.combination.PRUDENCE`).

    Attributes
    ----------
    watch, together
        Of each test that may open an incident by itself, and of their agreement.
    warning, page, extreme
        Of velocity: what gives it weight, and what a page demands.
    turned
        A warning is as rare as this part, in (0, 1], of what opens an incident.
    """

    watch: float
    together: float
    warning: float
    page: float
    extreme: float
    turned: float

    @classmethod
    def of(cls, policy: Policy, detectors: int, *, day_share: float = 1.0, is_night: bool = False) -> Levels:
        """Derive the levels from a topic's policy.

        Parameters
        ----------
        detectors
            How many may open an incident by themselves.
        day_share
            Share of the hours that belong to the day, in (0, 1].
        is_night
            For the night rather than the day; `day_share` is then below one.
        """

        def rate(every: float, at_night: float | None) -> float:
            if at_night is None or day_share == 1.0:
                return every
            return at_night / (1.0 - day_share) if is_night else max(0.0, every - at_night) / day_share

        watch = rate(policy.watches_per_day, policy.watches_at_night) * PRUDENCE / MINUTES_A_DAY
        of_velocity = PRUDENCE / MINUTES_A_MONTH / VELOCITY_TESTS
        warning = rate(policy.warnings_per_month, policy.warnings_at_night) * of_velocity
        page = rate(policy.pages_per_month, policy.pages_at_night) * of_velocity
        return cls(
            (1.0 - TOGETHER) * watch / detectors,
            TOGETHER * watch,
            warning,
            page,
            min(warning, page) / 1000,
            min(1.0, VELOCITY_TESTS * warning / (TURNED * watch)) if watch else 1.0,
        )

    def opening(self, detector: str) -> float:
        """Return the p-value at which a test opens an incident."""
        return self.together if detector == Agreement.name else self.watch


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
    complaints = _complaints_reason(verdicts, levels)
    joint = _reason_of(Joint.name, verdicts, levels, 0.5)
    crisis = _crisis_reasons(verdicts, context, levels)
    is_turned = any(_is_rarer(reason, levels.watch) for reason in crisis)
    heard = voices_reason(verdicts, levels.watch)
    is_loud = is_turned or any(reason is not None for reason in (volume, complaints, heard))
    together = None if is_loud else _reason_of(Agreement.name, verdicts, levels, 0.5)
    if not is_loud and together is None and joint is None:
        return Assessment(None, ())
    heard_or_not = heard or influence_reason(context)
    others = _present(volume, complaints, together, joint, heard_or_not)
    others += _present(alarming_reason(context), new_authors_reason(context), spread_reason(growing))
    if all(reason.name not in ("own_reply", "own_post") for reason in crisis):  # which say the same and more
        others += _present(arguing_reason(context))
    reasons = sorted([*crisis, *others], key=lambda reason: (-reason.weight, reason.name))
    rarest = _rarest(volume, complaints)
    velocity = rarest.weight if rarest else 0.0
    is_rare = is_loud or together is not None
    is_grave = heard is not None and heard.weight >= GRAVE
    severity = _severity(velocity, reasons, crisis, is_rare=is_rare, is_grave=is_grave)
    if severity == "critical" and rarest is not None and (rarest.p_value or 0.0) > levels.page:
        severity = "warning"  # the budget of pages is smaller than that of warnings, and is not spent on this
    if severity == "warning" and not any(_is_as_rare_as_a_warning(reason, levels) for reason in reasons):
        severity = "watch"
    return Assessment(severity, tuple(reasons))


def has_turned(verdicts: Sequence[Verdict], context: Context, levels: Levels, times: float = 1.0) -> bool:
    """Tell whether a crisis reason by itself is rarer than so many times what the watch budget allows.

    Unlike an alarm (:mod:`monitor.incidents.echoes`), a state lasts for as long as a test repeats itself.
    """
    return any(_is_rarer(reason, times * levels.watch) for reason in _crisis_reasons(verdicts, context, levels))


def _crisis_reasons(verdicts: Sequence[Verdict], context: Context, levels: Levels) -> list[Reason]:
    return _present(_negative_reason(verdicts, levels), _own_reason(verdicts, context, levels))


def _is_rarer(reason: Reason, level: float) -> bool:
    return reason.p_value is not None and reason.p_value <= level


def _is_as_rare_as_a_warning(reason: Reason, levels: Levels) -> bool:
    if reason.p_value is None or reason.tests[0] in UNCALIBRATED:
        return False
    return reason.p_value <= levels.turned * levels.opening(reason.tests[0])


def _severity(
    velocity: float, reasons: Sequence[Reason], crisis: Sequence[Reason], *, is_rare: bool, is_grave: bool
) -> Severity | None:
    points = sum(reason.weight for reason in reasons)
    if crisis and velocity >= 2 and points >= 5:
        return "critical"
    if (crisis or is_grave) and points >= 3 and is_rare:
        return "warning"
    if is_rare or len(reasons) >= 2:
        return "watch"
    return None


def _present(*reasons: Reason | None) -> list[Reason]:
    return [reason for reason in reasons if reason is not None]


def _volume_reason(verdicts: Sequence[Verdict], levels: Levels) -> Reason | None:
    fired = _fired([verdict for verdict in verdicts if verdict.unit == "mentions"], levels)
    if not fired:
        return None
    return _verdict_reason("velocity", fired, _by_rarity(fired[0].p_value, levels))


def _complaints_reason(verdicts: Sequence[Verdict], levels: Levels) -> Reason | None:
    reason = _reason_of(Complaints.name, verdicts, levels, 1.0)
    if reason is None or "planned" not in reason.facts or reason.p_value is None:
        return reason
    return msgspec.structs.replace(reason, weight=_by_rarity(reason.p_value, levels))


def _by_rarity(p_value: float, levels: Levels) -> float:
    return 3.0 if p_value <= levels.extreme else 2.0 if p_value <= levels.warning else 1.0


def _rarest(volume: Reason | None, complaints: Reason | None) -> Reason | None:
    """Return what says how far this is beyond the usual: the volume, or within a planned event the rarer of the two."""
    if complaints is None or "planned" not in complaints.facts:
        return volume
    return min(_present(volume, complaints), key=lambda reason: reason.p_value or 0.0)


def _reason_of(detector: str, verdicts: Sequence[Verdict], levels: Levels, weight: float) -> Reason | None:
    """Return the reason that one detector gives, under its own name, if it is as rare as a watch."""
    fired = _fired([verdict for verdict in verdicts if verdict.detector == detector], levels)
    return _verdict_reason(detector, fired, weight) if fired else None


def _fired(verdicts: Sequence[Verdict], levels: Levels) -> list[Verdict]:
    """Return those that are rarer than the watch budget allows, the least likely first."""
    fired = [one for one in verdicts if one.p_value <= levels.opening(one.detector)]
    return sorted(fired, key=lambda one: (one.p_value, one.detector))


def _verdict_reason(name: str, fired: Sequence[Verdict], weight: float) -> Reason:
    verdict = fired[0]
    facts = {
        "observed": verdict.observed,
        "expected": verdict.expected,
        "lower": verdict.lower,
        "upper": verdict.upper,
        "span": float(verdict.span_minutes),
        "rarity": verdict.p_value,
        **_known(verdict),
        **_planned(verdict),
    }
    if name == Agreement.name:  # it names the tests that agree, and how surprised each is
        facts |= {"agreeing": float(len(verdict.drivers)), **{test: verdict.factors[test] for test in verdict.drivers}}
        return reason_of(verdict, name, facts, weight, verdict.drivers)
    return reason_of(verdict, name, facts, weight, tuple([one.detector for one in fired]))


def _negative_reason(verdicts: Sequence[Verdict], levels: Levels) -> Reason | None:
    verdict = _said_by(NegativeShareTest.name, verdicts)
    if verdict is None or verdict.observed < min(ANGRY, MANIFOLD * verdict.expected):
        return None
    return share_reason("negative", verdict, levels)


def _own_reason(verdicts: Sequence[Verdict], context: Context, levels: Levels) -> Reason | None:
    """Return the one reason that the brand's own posts are answered: all of them together, else one by itself."""
    verdict = _said_by(OwnReplies.name, verdicts)
    if verdict is not None:
        together = share_reason("own_reply", verdict, levels)
        if together is not None:
            sour, toneless, glad = context.answers(min(verdict.span_minutes, SPAN_MINUTES))
            if is_scolding(sour, toneless, glad):
                tones = {"sour": float(sour), "toneless": float(toneless), "glad": float(glad)}
                return msgspec.structs.replace(together, facts=together.facts | tones)
    contested = context.own_posts.contested(context.end_us)
    return None if contested is None else contested.reason()


def _said_by(detector: str, verdicts: Sequence[Verdict]) -> Verdict | None:
    return next((verdict for verdict in verdicts if verdict.detector == detector), None)


def share_reason(name: str, verdict: Verdict, levels: Levels, firm_weight: float = 2.0) -> Reason | None:
    """Return the reason that a share test gives, if any.

    Two questions are asked. How unlikely is this window by itself (``nominal``)? That is enough to explain what
    another test noticed. And how seldom does the topic look like this (``p_value``, calibrated)? That alone may open.
    """
    nominal = verdict.factors["nominal"]
    if nominal < -math.log10(LIKELY) and verdict.p_value > levels.watch:
        return None
    is_firm = nominal >= -math.log10(FIRM) or verdict.p_value <= levels.warning
    voices = verdict.factors["voices"]
    facts = {
        "count": verdict.factors["count"],
        "mentions": voices,
        "share": verdict.observed,
        "usual": verdict.expected,
        "span": float(verdict.span_minutes),
        **_known(verdict),
    }
    return Reason(
        name=name,
        text=say(name, facts),
        observed=verdict.factors["count"],
        expected=verdict.expected * voices,
        lower=verdict.lower * voices,
        upper=verdict.upper * voices,
        p_value=verdict.p_value,
        weight=firm_weight if is_firm else 1.0,
        facts=facts,
        tests=(verdict.detector,),
    )


def _known(verdict: Verdict) -> dict[str, float]:
    """Return for how many minutes the topic has been known, on its first day."""
    return {"known": verdict.factors["known_minutes"]} if "known_minutes" in verdict.factors else {}


def _planned(verdict: Verdict) -> dict[str, float]:
    """Return how many times the usual was expected because something is planned, and the kind of that."""
    return {name: verdict.factors[name] for name in ("planned", "event") if name in verdict.factors}
