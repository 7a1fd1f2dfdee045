"""One topic's incident, from opening to close: a pure state machine over closed minutes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from monitor.anomalies import Verdict
from monitor.anomalies.moved_baseline import MovedBaseline
from monitor.anomalies.voices import UNIT as VOICES
from monitor.cascades import Cascade
from monitor.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US, to_datetime
from monitor.incidents import SEVERITIES, Reason, Severity, TimelineEntry
from monitor.incidents.authenticity import Crowd, facts_of, with_crowd
from monitor.incidents.budget import Budget
from monitor.incidents.context import INFLUENTIAL_FOLLOWERS, NOTHING_BESIDE, Beside, Context
from monitor.incidents.echoes import STILL_UNUSUAL, without_echoes
from monitor.incidents.freezing import FREEZES_FOR_US, WEEKS, Freezing
from monitor.incidents.late import LateMentions
from monitor.incidents.lower_bound import HELD, as_told, on_lower_bound
from monitor.incidents.onset import began_us
from monitor.incidents.opened import CASCADE_STEPS, MOST_EVIDENCE, Change, Open, Past, TrackerState
from monitor.incidents.severity import Assessment, assess
from monitor.incidents.words import say
from monitor.stats.calendar import DAY, local_seconds
from monitor.stats.distinct import DistinctCounter
from monitor.topics import Match, Topic

__all__ = ["Change", "IncidentTracker", "TrackerState"]

SUBSIDES_AFTER_US: Final = 30 * MINUTE_US
"""Without an unusual minute for this long an incident subsides: half an hour, as long as shares are tested over."""

CLOSES_AFTER_US: Final = 3 * HOUR_US
"""... and for this long it closes, or pauses while :class:`monitor.incidents.freezing.Freezing` knows of a crisis.

Firestorms rest for meals and meetings, crises of days sleep at night. Only what reached *warning* pauses: a watch woke
nobody, and must not hold a topic for a day. The alarm is over meanwhile; what comes back is told as bad as it is then.
"""

AMENDED_FOR_US: Final = 7 * DAY_US
"""For as long, a level that is found to have moved may be what the last incident was: such things are found in days."""

ANNOUNCED: Final = frozenset({"escalated", "paused", "reopened"})
ANNOUNCED_BELOW: Final = ANNOUNCED | {"coordinated", "mixed", *HELD}
"""Lines of the timeline that the outside world hears of; of who speaks only while nobody has been woken."""

MOST_INFLUENCERS: Final = 10


class IncidentTracker:
    """Collects the verdicts on one topic. Close every minute with mentions, and all while one is open or frozen."""

    def __init__(self, topic: Topic, detectors: Iterable[str]) -> None:
        self._topic = topic.id
        self._budget = Budget(topic, detectors)
        self._levels = self._budget.at(0)
        self._context = Context()
        self._time_zone = topic.time_zone
        self._open: Open | None = None
        self._past: Past | None = None
        self._authors = DistinctCounter()
        self.freezing = Freezing()
        self._slow_have_spoken: dict[str, int] = {}
        self._late = LateMentions()

    @property
    def is_open(self) -> bool:
        """Whether an incident is open (or subsiding) on the topic."""
        return self._open is not None

    def freezes_baseline(self, start_us: int) -> bool:
        """Tell whether the minute that starts at `start_us` must not be learned as normal."""
        opened = self._open
        is_open = opened is not None and opened.state == "open" and start_us - opened.alarmed_us < FREEZES_FOR_US
        return is_open or self.freezing.is_spike(start_us) or self.freezing.is_crisis(start_us)

    def close_minute(
        self,
        start_us: int,
        matches: Sequence[Match],
        verdicts: Sequence[Verdict],
        growing: Sequence[Cascade],
        crowd: Crowd | None = None,
        beside: Beside = NOTHING_BESIDE,
    ) -> Change | None:
        """Take in one closed minute; return what changed, if anything.

        Parameters
        ----------
        start_us
            Start of the minute. Greater than that of every call before.
        matches
            In canonical order; empty for an empty minute.
        verdicts, growing
            Every detector's, empty in a gap that could not be judged; the topic's fastest cascades, fastest first.
        crowd
            Whether those who speak are real or made, when that was looked at; `matches` are without those set aside.
        beside
            What else became known in it.
        """
        self._late.add(start_us, beside.late)
        self._context.hear(start_us, matches, beside)
        self._levels = self._budget.at(start_us)
        current = without_echoes(start_us, verdicts, self._levels, self._slow_have_spoken)
        if not matches:  # an empty minute is judged by the voices that it heard late, if any
            current = [verdict for verdict in current if beside.late and verdict.unit == VOICES]
        assessment = self._assess(current, growing, crowd, is_judged=bool(matches or current))
        entries: list[TimelineEntry] = []
        before = self._open
        if before is None:
            if assessment.severity is not None:
                self._begin(start_us, assessment, current, entries)
        else:
            self._continue(before, start_us, assessment, current, entries)
        opened = self._open
        self.freezing.hear(start_us, verdicts, self._context, self._levels, len(matches))
        if opened is None:
            if matches and not self.freezes_baseline(start_us):
                self._context.learn()
            return self._amend(start_us, verdicts)
        self.freezing.hear_incident(start_us, opened.alarm, assessment.reasons, len(matches))
        self._count(opened, start_us, matches, growing, entries, is_new=before is None)
        self._note_normal(opened, start_us, verdicts, entries)
        if crowd is not None:
            self._count_aside(opened, start_us, crowd, entries, is_new=before is None)
        if matches and not self.freezes_baseline(start_us):
            self._context.learn()
        return self._conclude(opened, start_us, entries, is_new=before is None)

    def _assess(
        self, current: Sequence[Verdict], growing: Sequence[Cascade], crowd: Crowd | None, *, is_judged: bool
    ) -> Assessment:
        assessment = assess(current, self._context, growing, self._levels) if is_judged else Assessment(None, ())
        if crowd is not None:
            assessment = on_lower_bound(assessment, current, self._context, growing, self._levels, crowd.bounds)
            assessment = with_crowd(assessment, crowd, self._levels)
        return assessment

    def _begin(
        self, start_us: int, assessment: Assessment, verdicts: Sequence[Verdict], entries: list[TimelineEntry]
    ) -> None:
        severity = assessment.severity or "watch"
        fired = [verdict for verdict in verdicts if verdict.p_value <= self._levels.opening(verdict.detector)]
        since_us = began_us(self._context, start_us, verdicts, fired)
        self._authors = DistinctCounter()
        opened = self._open = Open(
            id=f"{self._topic}-{to_datetime(start_us):%Y%m%dT%H%M}",
            state="open",
            severity=severity,
            alarm=severity,
            opened_us=start_us + MINUTE_US,
            alarmed_us=start_us + MINUTE_US,
            since_us=since_us,
            peak_us=start_us,
            unusual_us=start_us,
            worst_us=start_us + MINUTE_US,
            reasons=assessment.reasons,
            mentions=self._context.mentions(since_us),
            evidence=self._context.best_evidence(since_us, MOST_EVIDENCE),
        )
        first = self._context.first_evidence(since_us)
        if first is not None:
            self._note(opened, entries, first[0], "first_post", {}, (first[1],))
        self._explain(opened, entries, opened.opened_us, "opened")

    def _continue(
        self,
        opened: Open,
        start_us: int,
        assessment: Assessment,
        verdicts: Sequence[Verdict],
        entries: list[TimelineEntry],
    ) -> None:
        end_us = start_us + MINUTE_US
        if any(verdict.p_value <= self._levels.opening(verdict.detector) * STILL_UNUSUAL for verdict in verdicts):
            opened.unusual_us = start_us
        if assessment.severity is not None:
            opened.unusual_us = start_us
            if opened.paused_us is not None:
                self._resume(opened, end_us, assessment, entries)
            if _gravity(assessment.severity, assessment.reasons) >= _gravity(opened.alarm, opened.reasons):
                opened.reasons, opened.worst_us = assessment.reasons, end_us  # why the severity is what it is
            if opened.state == "subsiding":
                opened.state = "open"
                self._note(opened, entries, end_us, "reopened", {})
            if SEVERITIES.index(assessment.severity) > SEVERITIES.index(opened.alarm):
                opened.raise_to(assessment.severity)
                self._explain(opened, entries, end_us, "escalated")
            for reason in opened.told.hear_of(assessment.reasons if assessment.severity == opened.alarm else ()):
                self._note(opened, entries, end_us, reason.name, dict(reason.facts))
        elif opened.state == "open" and start_us - opened.unusual_us >= SUBSIDES_AFTER_US:
            opened.state = "subsiding"
            if opened.peak_us != opened.peak_told_us:
                opened.peak_told_us = opened.peak_us
                self._note(opened, entries, opened.peak_us, "peak", {"peak": float(opened.peak_mentions)})
            self._note(opened, entries, end_us, "subsiding", {"quiet": (start_us - opened.unusual_us) / MINUTE_US})

    def _resume(self, opened: Open, end_us: int, assessment: Assessment, entries: list[TimelineEntry]) -> None:
        """Take up a paused incident again: it alarms anew, as bad as it is now."""
        opened.state, opened.paused_us = "open", None
        opened.alarmed_us = end_us
        opened.raise_to(assessment.severity or "watch")
        opened.reasons, opened.worst_us = assessment.reasons, end_us
        self._explain(opened, entries, end_us, "reopened")

    def _amend(self, start_us: int, verdicts: Sequence[Verdict]) -> Change | None:
        """Write on the incident that closed last what was found out since: that it is what is usual now."""
        past, end_us, entries = self._past, start_us + MINUTE_US, list[TimelineEntry]()
        is_old = past is not None and end_us - (past.incident.closed_us or 0) >= AMENDED_FOR_US
        if past is None or (is_old and self.freezing.settled_us != start_us):
            return None
        self._note_normal(past, start_us, verdicts, entries)
        if not entries:
            return None
        past.incident = msgspec.structs.replace(past.incident, updated_us=end_us)
        return Change(past.incident, tuple(entries), announce=False)

    def _note_normal(
        self, opened: Open | Past, start_us: int, verdicts: Sequence[Verdict], entries: list[TimelineEntry]
    ) -> None:
        """Write that the usual level, or how people speak, was found to have changed: that is what is normal now."""
        for verdict in verdicts:
            if verdict.detector == MovedBaseline.name and verdict.factors["is_move"]:
                facts = {"before": verdict.factors["from_per_day"], "after": verdict.factors["to_per_day"]}
                self._note(opened, entries, start_us + MINUTE_US, "moved", facts)
        if self.freezing.settled_us == start_us:
            self._note(opened, entries, start_us + MINUTE_US, "settled", {"weeks": float(WEEKS)})

    def _explain(self, opened: Open, entries: list[TimelineEntry], at_us: int, kind: str) -> None:
        """Write the severity, and below it every reason for it."""
        facts = {"severity": float(SEVERITIES.index(opened.alarm) + 1)}
        known = [reason.facts["known"] for reason in opened.reasons if "known" in reason.facts]
        if known:
            facts["known"] = max(known)
        self._note(opened, entries, at_us, kind, facts, tuple(opened.evidence[:3]))
        opened.told.hear_of(opened.reasons)
        for reason in opened.reasons:
            self._note(opened, entries, at_us, reason.name, dict(reason.facts))

    def _count(
        self,
        opened: Open,
        start_us: int,
        matches: Sequence[Match],
        growing: Sequence[Cascade],
        entries: list[TimelineEntry],
        *,
        is_new: bool,
    ) -> None:
        heard = [match for match in matches if not match.is_own]
        self._authors.add_all(match.author for match in heard)
        if not is_new:
            opened.mentions += len(heard)
        if len(heard) > opened.peak_mentions:
            opened.peak_mentions, opened.peak_us = len(heard), start_us
        for match in heard:
            followers = match.followers or 0
            if followers >= INFLUENTIAL_FOLLOWERS and opened.influencers < MOST_INFLUENCERS:
                opened.influencers += 1
                facts = {"followers": float(followers)}
                self._note(opened, entries, match.published_us, "influencer", facts, (match.evidence,))
        own = next((match for match in matches if match.is_own and match.kind in ("reply", "quote")), None)
        if own is not None and not opened.answered:
            opened.answered = True
            self._note(opened, entries, own.published_us, "own_reply_posted", {}, (own.evidence,))
        largest = max(growing, key=lambda cascade: cascade.size, default=None)
        if largest is not None:
            self._note_cascade(opened, start_us, largest, entries)
        self._note_answered_post(opened, start_us, entries)
        self._note_jumps(opened, entries)
        opened.count_late(self._late, self._authors)
        if len(opened.evidence) < MOST_EVIDENCE:
            opened.gather(self._context.best_evidence(opened.since_us, MOST_EVIDENCE))

    def _count_aside(
        self, opened: Open, start_us: int, crowd: Crowd, entries: list[TimelineEntry], *, is_new: bool
    ) -> None:
        """Add what was set aside to the incident's volume, and write whether it is real or made."""
        self._authors.add_all(match.author for match in crowd.aside)
        if is_new:
            since = (start_us - opened.since_us) // MINUTE_US + 1
            opened.set_aside = crowd.aside_within(since)
            opened.mentions += opened.set_aside
        else:
            opened.mentions += len(crowd.aside)
            found = -sum(change for at_us, change in crowd.recounts if at_us >= opened.since_us)
            opened.set_aside = max(0, opened.set_aside + len(crowd.aside) + found)
        if crowd.mentions > opened.peak_mentions:
            opened.peak_mentions, opened.peak_us = crowd.mentions, start_us
        found_now = opened.authenticity = as_told(crowd.authenticity, opened.reasons, self._context, crowd.bounds)
        end_us = start_us + MINUTE_US
        is_said = any(entry.kind == found_now.verdict for entry in entries)  # among the reasons
        if opened.told.hear(found_now.verdict, end_us) and not is_said:
            self._note(opened, entries, end_us, found_now.verdict, facts_of(found_now))

    def _note_answered_post(self, opened: Open, start_us: int, entries: list[TimelineEntry]) -> None:
        """Name each contested post of the brand's own, once, where it stands in time; later ones are told apart."""
        if all(reason.name not in ("own_reply", "own_post") for reason in opened.reasons):
            return
        posts = self._context.own_posts
        for one in posts.news(start_us + MINUTE_US, opened.opened_us, opened.named_own_posts):
            self._note(opened, entries, one.at_us, one.kind, one.facts, (one.evidence,))

    def _note_jumps(self, opened: Open, entries: list[TimelineEntry]) -> None:
        """Write what came to a second network, and when."""
        for jump in self._context.jumps.take(opened.since_us, opened.jumps):
            self._note(opened, entries, jump.at_us, jump.kind, jump.facts(self._time_zone), jump.evidence)

    def _note_cascade(self, opened: Open, start_us: int, largest: Cascade, entries: list[TimelineEntry]) -> None:
        step = sum(largest.size >= size for size in CASCADE_STEPS)
        if step > opened.cascade_step:
            opened.cascade_step = step
            facts = {"size": float(CASCADE_STEPS[step - 1]), "growth": float(largest.growth_per_hour)}
            evidence = (f"{largest.network}:{largest.root_id}",)
            self._note(opened, entries, start_us + MINUTE_US, "cascade", facts, evidence)

    def _conclude(self, opened: Open, start_us: int, entries: list[TimelineEntry], *, is_new: bool) -> Change | None:
        end_us = start_us + MINUTE_US
        closes = opened.state == "subsiding" and start_us - opened.unusual_us >= CLOSES_AFTER_US
        if closes and opened.severity != "watch" and self.freezing.sleeps(start_us):
            closes = False
            self._pause(opened, end_us, entries)
        authors = min(self._authors.estimate(), opened.mentions)
        if closes:
            opened.state = "closed"
            facts = {
                "quiet": (start_us - opened.unusual_us) / MINUTE_US,
                "mentions": float(opened.mentions),
                "authors": float(authors),
            }
            self._note(opened, entries, end_us, "closed", facts)
            self._open = None
        incident = opened.version(self._topic, end_us, authors)
        if closes:
            self._past = Past(incident, opened.id, opened.sequence)
        announced = ANNOUNCED if opened.alarm == "critical" else ANNOUNCED_BELOW
        is_news = any(entry.kind in announced for entry in entries)
        return Change(incident, tuple(entries), is_new or is_news or (closes and opened.paused_us is None))

    def _pause(self, opened: Open, end_us: int, entries: list[TimelineEntry]) -> None:
        """Write, once, that a crisis sleeps and since when."""
        if opened.paused_us is None:
            opened.paused_us = end_us
            local = local_seconds(self._time_zone, (opened.unusual_us + MINUTE_US) // SECOND_US)
            self._note(opened, entries, end_us, "paused", {"clock": float(local % DAY // 60)})

    def _note(
        self,
        opened: Open | Past,
        entries: list[TimelineEntry],
        at_us: int,
        kind: str,
        facts: dict[str, float],
        evidence: tuple[str, ...] = (),
    ) -> None:
        entries.append(
            TimelineEntry(
                incident=opened.id,
                sequence=opened.sequence,
                at_us=at_us,
                kind=kind,
                text=say(kind, facts),
                evidence=evidence,
                facts=facts,
            )
        )
        opened.sequence += 1

    def snapshot(self) -> TrackerState:
        """Return the whole state, to be encoded at once."""
        if self._open is not None:
            self._open.authors = self._authors.snapshot()
        late, past = self._late.snapshot(), self._past
        return TrackerState(self._context.snapshot(), self._open, self._slow_have_spoken, self.freezing, past, late)

    def restore(self, state: TrackerState) -> None:
        """Take back a state that :meth:`snapshot` returned."""
        self._context.restore(state.context)
        self._open = state.incident
        self._slow_have_spoken = state.slow_have_spoken
        self.freezing = state.freezing
        self._past = state.past
        self._late.restore(state.late)
        self._authors = DistinctCounter()
        if state.incident is not None:
            self._authors.restore(state.incident.authors)


def _gravity(severity: Severity, reasons: Sequence[Reason]) -> tuple[int, float]:
    return SEVERITIES.index(severity), sum(reason.weight for reason in reasons)
