"""Why an incident is as severe as it is, in three sentences: what was seen, what drives it, what would have changed it.

Nothing here is remembered or guessed: the stored verdicts of the minute that made the incident what it is are weighed
again (:func:`monitor.incidents.severity.assess`), and again with one of them changed, to find where the severity turns.
What would have changed it is therefore about one number at a time, all others as they were; of a test that looks at
several windows, about the window it spoke of.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Final

import msgspec

from monitor.anomalies import MENTIONS, Judge, Verdict
from monitor.anomalies.agreement import Agreement, had_said
from monitor.anomalies.complaints import Complaints
from monitor.anomalies.joint import Joint
from monitor.anomalies.made_mentions import MadeMentions
from monitor.anomalies.negative_share import NegativeShareTest
from monitor.anomalies.own_replies import OwnReplies
from monitor.anomalies.voices import Voices
from monitor.cascades import Cascade
from monitor.clock import MINUTE_US
from monitor.crowds.authenticity import UNSURE
from monitor.incidents import SEVERITIES, Reason, Severity, TimelineEntry
from monitor.incidents.explanation_words import driven, otherwise, seen
from monitor.incidents.fired import LOWER_BOUND
from monitor.incidents.lower_bound import DROWNED, HELD, as_left
from monitor.incidents.severity import Assessment, Levels, assess
from monitor.incidents.told import TOLD, Told
from monitor.incidents.words import Language, say

__all__ = ["Change", "Explanation", "Moment", "explain", "moments_of"]

MILESTONES: Final = ("opened", "escalated", "reopened")
SLOW_MINUTES: Final = 60
"""As in :mod:`monitor.incidents.tracker`: a verdict over more may have spoken before, and then opens nothing."""

MOST_CHANGES: Final = 3
MOST_TIMES: Final = 10
"""How many times as many mentions are looked at for what would have been worse."""

_CROWD: Final = frozenset({"coordinated", "mixed", "suspected"})
"""What is said of who spoke (:mod:`monitor.incidents.authenticity`): it has no weight, and opens a watch at most."""

_JUDGES: Final = {
    "negative": NegativeShareTest.name,
    "own_reply": OwnReplies.name,
    "voices": Voices.name,
    "new_voices": Voices.name,
    "joint": Joint.name,
    "agreement": Agreement.name,
    "complaints": Complaints.name,
    **dict.fromkeys(_CROWD, MadeMentions.name),
}
"""Reasons that rest on one detector's verdict; *velocity* rests on all that count mentions."""

_REASONS: Final = {"velocity", "spread", "own_post", *TOLD, *_JUDGES, *HELD, DROWNED}

_KINDS: Final = {"velocity": "mentions", "new_voices": "voices", "mixed": "coordinated"}
"""What is counted, where it is not called as the reason is."""


class Moment(msgspec.Struct, frozen=True):
    """The minute at which an incident got a severity.

    Attributes
    ----------
    start_us
        Start of that minute.
    severity
        What it became.
    told
        The reasons written on the timeline then: facts by name.
    """

    start_us: int
    severity: Severity
    told: dict[str, dict[str, float]]


class Change(msgspec.Struct, frozen=True):
    """One thing that would have changed the verdict.

    Attributes
    ----------
    kind
        What would have been different: a kind of :mod:`monitor.incidents.explanation_words`.
    facts
        Its numbers: the border at which the severity turns.
    outcome
        The severity that comes of it; ``None`` for no incident.
    """

    kind: str
    facts: dict[str, float]
    outcome: Severity | None


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Why an incident is as severe as it is.

    Attributes
    ----------
    is_reproduced
        The stored verdicts, weighed again, give the severity and the reasons that were written down.
    seen
        The least likely reason: what was seen, with its numbers.
    reasons
        Every reason, weightiest first.
    changes
        What would have changed the verdict, one number at a time; those of one outcome together.
    """

    at_us: int
    severity: Severity
    is_reproduced: bool
    seen: Reason | None
    reasons: tuple[Reason, ...]
    changes: tuple[Change, ...]

    def sentences(self, language: Language) -> tuple[str, ...]:
        """Return the three sentences: what was seen, what drives it, what would have changed it.

        None of a severity that cannot be reproduced: they would explain something else.
        """
        if not self.is_reproduced:
            return ()
        weights = [(reason.name, reason.weight) for reason in self.reasons]
        changes = [(change.kind, change.facts, change.outcome) for change in self.changes]
        first = () if self.seen is None else (_sentence(self.seen, language),)
        return (*first, driven(self.severity, weights, language), otherwise(self.severity, changes, language))


def moments_of(timeline: Iterable[TimelineEntry]) -> list[Moment]:
    """Return when the incident opened and each time it got worse, from what the system wrote on its timeline."""
    found: list[Moment] = []
    for entry in sorted(timeline, key=lambda entry: entry.sequence):
        if entry.kind in MILESTONES and "severity" in entry.facts:
            severity = SEVERITIES[int(entry.facts["severity"]) - 1]
            found.append(Moment(entry.at_us - MINUTE_US, severity, {}))
        elif found and entry.at_us == found[-1].start_us + MINUTE_US and entry.kind in _REASONS:
            found[-1].told.setdefault(entry.kind, dict(entry.facts))
    return found


def explain(moment: Moment, verdicts: Sequence[Verdict], levels: Levels, judges: Mapping[str, Judge]) -> Explanation:
    """Explain a moment from the verdicts stored of its minute.

    Parameters
    ----------
    verdicts
        Every detector's, of that minute.
    levels
        Of the topic's policy.
    judges
        A test of each kind, by name. Only what they can say of a verdict is asked, not what they have learned.
    """
    weighing = _Weighing(moment, levels)
    slow = [place for place, verdict in enumerate(verdicts) if verdict.span_minutes > SLOW_MINUTES]
    # Which of the slow tests had spoken before is not stored, but what was written down tells.
    readings = [
        [_muted(one) if place in spent else one for place, one in enumerate(verdicts)]
        for size in range(len(slow) + 1)
        for spent in combinations(slow, size)
    ]
    weighed = next((one for one in readings if weighing.is_reproduced(one)), readings[0])
    assessment = weighing.weigh(weighed)
    is_reproduced = weighing.is_reproduced(weighed)
    changes = _changes(weighing, weighed, assessment, judges) if is_reproduced else []
    # What shares of the half hour are thought of is not calibrated: they explain what another test noticed. So does
    # what is said of who spoke.
    beside = {*TOLD, *_CROWD}
    unlikely = {one.p_value: one for one in reversed(assessment.reasons) if one.p_value and one.name not in beside}
    return Explanation(
        at_us=moment.start_us + MINUTE_US,
        severity=moment.severity,
        is_reproduced=is_reproduced,
        seen=unlikely[min(unlikely)] if unlikely else next(iter(assessment.reasons), None),
        reasons=assessment.reasons,
        changes=tuple(changes),
    )


def _sentence(reason: Reason, language: Language) -> str:
    facts = {**reason.facts, "rarity": reason.p_value or 1.0}
    try:
        return seen(_KINDS.get(reason.name, reason.name), facts, language)
    except KeyError:  # a reason these words do not know: its own sentence
        return say(reason.name, facts, language)


_COUNTED: Final = {"suspected": "suspected", **dict.fromkeys((*HELD, DROWNED), "surplus")}


def _crowd_reason(name: str, facts: dict[str, float], made: Verdict | None = None) -> Reason:
    return Reason(
        name=name,
        text=say(name, facts),
        observed=facts[_COUNTED.get(name, "made")],
        p_value=None if made is None else made.p_value,
        facts=facts,
        tests=(MadeMentions.name if name in _CROWD else LOWER_BOUND,),
    )


class _Weighing:
    """Weighs verdicts as they were weighed at one moment."""

    def __init__(self, moment: Moment, levels: Levels) -> None:
        self._moment = moment
        self._levels = levels
        self.severity = moment.severity

    def weigh(self, verdicts: Sequence[Verdict], without: str = "") -> Assessment:
        told = {name: facts for name, facts in self._moment.told.items() if name != without}
        left = as_left(verdicts, told) if DROWNED in told else verdicts
        found = assess(left, Told(told), _growing(told.get("spread")), self._levels)
        bound = [_crowd_reason(name, facts) for name, facts in told.items() if name in HELD or name == DROWNED]
        if bound:
            is_held = found.severity == "critical" and not HELD.isdisjoint(told)
            found = Assessment("warning" if is_held else found.severity, (*found.reasons, *bound))
        made = next((verdict for verdict in verdicts if verdict.detector == MadeMentions.name), None)
        crowd = [_crowd_reason(name, facts, made) for name, facts in told.items() if name in _CROWD]
        is_watched = crowd and made is not None and made.p_value <= self._levels.watch
        return Assessment(found.severity or ("watch" if is_watched else None), (*found.reasons, *crowd))

    def is_reproduced(self, verdicts: Sequence[Verdict]) -> bool:
        found = self.weigh(verdicts)
        return found.severity == self.severity and {one.name for one in found.reasons} == self._moment.told.keys()

    def turns(self, verdicts: Sequence[Verdict], without: str = "", *, worse: bool = False) -> bool:
        """Tell whether the severity would have been less (or worse)."""
        rank = _rank(self.weigh(verdicts, without).severity) - _rank(self.severity)
        return rank > 0 if worse else rank < 0


def _changes(
    weighing: _Weighing, verdicts: Sequence[Verdict], assessment: Assessment, judges: Mapping[str, Judge]
) -> list[Change]:
    names = dict.fromkeys(name for reason in assessment.reasons for name in _behind(reason))
    milder = [change for name in names if (change := _milder(weighing, verdicts, name, judges)) is not None]
    worse = [
        Change(f"without_{name}", {}, weighing.weigh(verdicts, name).severity)
        for name in names
        if name in HELD and weighing.turns(verdicts, name, worse=True)
    ]
    worse += [] if weighing.severity == SEVERITIES[-1] else list(_worse(weighing, verdicts, judges))
    milder = sorted(milder[:MOST_CHANGES], key=lambda change: -_rank(change.outcome))
    return [*milder, *worse[:1]]


def _behind(reason: Reason) -> Iterator[str]:
    """Yield the name of a reason, or in place of an agreement the reasons that the tests which agreed would give."""
    if reason.name != Agreement.name:
        yield reason.name
        return
    given = {test: name for name, test in _JUDGES.items()}
    for test in reason.tests:
        yield given.get(test, "velocity")


def _milder(weighing: _Weighing, verdicts: Sequence[Verdict], name: str, judges: Mapping[str, Judge]) -> Change | None:
    """Return how little of what gives this reason would have made the severity less."""
    kind = _KINDS.get(name, name)
    place = _place_of(name, verdicts)
    if place is None:
        outcome = weighing.weigh(verdicts, without=name).severity
        return Change(f"without_{kind}", {}, outcome) if weighing.turns(verdicts, name) else None
    verdict = verdicts[place]

    def fewer(count: int) -> Sequence[Verdict] | None:
        return _with(verdicts, place, judges[verdict.detector].supposing(verdict, count))

    present = round(_count(verdict))
    border = _last(0, present - 1, lambda count: (world := fewer(count)) is not None and weighing.turns(world))
    world = None if border is None else fewer(border)
    if border is not None and world is not None:
        # Only a part of what is suspected is counted.
        most = UNSURE * (border + 1) - 1 if name == "suspected" else border
        return Change(f"fewer_{kind}", _facts(verdict, most), weighing.weigh(world).severity)
    others = [_usual(one) if _is_of(name, one) else one for one in verdicts]
    usual = _agreed(others, [one for one in others if _is_of(name, one)])
    if not weighing.turns(usual):
        return None
    outcome = weighing.weigh(usual).severity
    if kind in ("mentions", "complaints", "negative", "own_reply"):
        return Change(f"usual_{kind}", {}, outcome)
    return Change(f"without_{kind}", {}, outcome)


def _worse(weighing: _Weighing, verdicts: Sequence[Verdict], judges: Mapping[str, Judge]) -> Iterator[Change]:
    """Yield how much more of one thing would have made the severity worse."""
    for name in ("negative", "own_reply", "complaints", "velocity"):
        place = _place_of(name, verdicts)
        if place is None:
            continue
        verdict = verdicts[place]

        def more(count: int, place: int = place, verdict: Verdict = verdict) -> Sequence[Verdict] | None:
            return _with(verdicts, place, judges[verdict.detector].supposing(verdict, count))

        present = round(_count(verdict))
        most = int(verdict.factors.get("voices", max(10.0, MOST_TIMES * verdict.observed)))
        border = _first(
            present + 1, most, lambda count: (world := more(count)) is not None and weighing.turns(world, worse=True)
        )
        world = None if border is None else more(border)
        if border is not None and world is not None:
            yield Change(f"more_{_KINDS.get(name, name)}", _facts(verdict, border), weighing.weigh(world).severity)


def _place_of(reason: str, verdicts: Sequence[Verdict]) -> int | None:
    """Return which verdict a reason rests on: of several the least likely."""
    places = [place for place, verdict in enumerate(verdicts) if _is_of(reason, verdict)]
    return min(places, key=lambda place: verdicts[place].p_value, default=None)


def _is_of(reason: str, verdict: Verdict) -> bool:
    return verdict.unit == MENTIONS if reason == "velocity" else verdict.detector == _JUDGES.get(reason)


def _with(verdicts: Sequence[Verdict], place: int, other: Verdict | None) -> Sequence[Verdict] | None:
    return None if other is None else _agreed([*verdicts[:place], other, *verdicts[place + 1 :]], [other])


def _agreed(verdicts: Sequence[Verdict], others: Iterable[Verdict]) -> Sequence[Verdict]:
    """Let what several tests amount to together follow from what some of them are supposed to have said."""
    place = _place_of(Agreement.name, verdicts)
    if place is None:
        return verdicts
    together = verdicts[place]
    for other in others:
        together = together if other.detector == Agreement.name else had_said(together, other)
    return [*verdicts[:place], together, *verdicts[place + 1 :]]


def _muted(verdict: Verdict) -> Verdict:
    """Return a verdict that finds nothing unusual; what it counted by itself stays, as the tracker leaves it."""
    return msgspec.structs.replace(verdict, p_value=1.0)


def _usual(verdict: Verdict) -> Verdict:
    """Return the verdict of a minute in which the detector saw what it expected."""
    factors = {**verdict.factors, "nominal": 0.0}
    return msgspec.structs.replace(verdict, p_value=1.0, observed=verdict.expected, factors=factors)


def _count(verdict: Verdict) -> float:
    return verdict.factors.get("count", verdict.observed)


def _facts(verdict: Verdict, count: int) -> dict[str, float]:
    facts = {"count": float(count), "span": float(verdict.span_minutes)}
    voices = verdict.factors.get("voices")
    return facts if voices is None else {**facts, "mentions": voices, "share": count / max(1.0, voices)}


def _last(low: int, high: int, holds: Callable[[int], bool]) -> int | None:
    """Return the largest number for which it holds, if it holds below a border in [low, high]."""
    place = bisect_left(range(low, high + 1), True, key=lambda number: not holds(number))
    return low + place - 1 if place else None


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int | None:
    """Return the smallest number for which it holds, if it holds above a border in [low, high]."""
    place = low + bisect_left(range(low, high + 1), True, key=holds)
    return place if place <= high else None


def _rank(severity: Severity | None) -> int:
    return -1 if severity is None else SEVERITIES.index(severity)


def _growing(spread: Mapping[str, float] | None) -> list[Cascade]:
    """Return the cascade that the timeline speaks of, as far as it is weighed."""
    if spread is None:
        return []
    return [
        Cascade(
            topic="",
            root=0,
            network="",
            root_id="",
            started_us=0,
            updated_us=0,
            size=int(spread["size"]),
            authors=0,
            potential_reach=int(spread["reach"]),
            growth_per_hour=int(spread["growth"]),
            acceleration=spread["pace"],
            tone=0.0,
        )
    ]
