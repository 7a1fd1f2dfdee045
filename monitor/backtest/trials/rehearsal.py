"""What a watchlist would have told you about posts that are already there: test settings before you save them.

Recorded posts go through the whole pipeline; what a store remembers of a topic goes through the topic's production
state minute by minute. Either way the first part can be history that is only learned from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final, Literal

import msgspec

from monitor.alerts import Alert, alert_of
from monitor.anomalies.family import detectors
from monitor.backtest.plans import Truth
from monitor.backtest.trials import EARLY_US, HORIZON_US
from monitor.clock import DAY_US, MINUTE_US, from_datetime, rfc3339
from monitor.incidents import SEVERITIES, Incident, TimelineEntry
from monitor.incidents.promise import DAYS_PER_MONTH, poisson_interval
from monitor.incidents.words import Language, say
from monitor.mentions import Item
from monitor.pipeline import Outcome, Pipeline
from monitor.topic_state import TopicState
from monitor.topics import Match, Topic
from monitor.windows import Unseen

__all__ = ["Happened", "Met", "Promise", "Rehearsal", "Rehearser"]

PSEUDONYMS: Final = b"replay"  # those of `badbuzz replay`, so that it says the same


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """An incident as it would have been.

    Attributes
    ----------
    severity
        The highest reached.
    reached
        When each severity was reached, by severity.
    paged
        When somebody would first have been woken; ``None`` if nobody.
    """

    incident: str
    topic: str
    opened: str
    closed: str | None
    severity: str
    reached: dict[str, str]
    paged: str | None
    mentions: int
    authors: int
    reasons: tuple[str, ...]


class Promise(msgspec.Struct, frozen=True, kw_only=True):
    """What the policy promises of false incidents, and what there was of all, false or not.

    Attributes
    ----------
    kind
        ``watch`` (every incident), ``warning`` (warning or worse) or ``page``.
    promised, achieved, low, high
        In 30 days; the interval is the central 95 % for the count seen (Garwood).
    verdict
        The interval decides: ``kept`` where even the upper bound is within the promise, ``broken`` where even the lower
        bound is above it, ``unclear`` in between: so few days cannot tell.
    """

    kind: str
    promised: float
    count: int
    achieved: float
    low: float
    high: float
    verdict: Literal["kept", "unclear", "broken"]


class Met(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one thing that is known to have happened: minutes to the first incident, warning and page."""

    topic: str
    kind: str
    is_crisis: bool
    onset: str
    minutes: dict[str, float | None]


class Rehearsal(msgspec.Struct, frozen=True, kw_only=True):
    """One topic's rehearsal over [since, until)."""

    topic: str
    since: str | None
    until: str | None
    days: float
    mentions: int
    incidents: tuple[Happened, ...]
    promises: tuple[Promise, ...]
    met: tuple[Met, ...] = ()


class Rehearser:
    """Collects what topics would have told.

    Parameters
    ----------
    days
        Only the last so many days count; what came before is learned from. ``None`` counts all.
    """

    def __init__(self, topics: Sequence[Topic], days: float | None = None) -> None:
        self._topics = {topic.id: topic for topic in topics}
        self._days = days
        self._pipeline = Pipeline(topics, PSEUDONYMS)
        self._incidents: dict[str, Incident] = {}
        self._reached: dict[str, dict[str, int]] = defaultdict(dict)
        self._paged: dict[str, int] = {}
        self._mentions: dict[str, list[int]] = {topic.id: [] for topic in topics}
        self._first_us = 0
        self._last_us = 0

    def hear(self, source: str, items: Iterable[Item], not_after_us: int) -> None:
        """Take in what a recording held."""
        self._note(self._pipeline.step(source, items, not_after_us))

    def finish(self) -> None:
        """Close every open minute."""
        self._note(self._pipeline.finish())

    def recall(
        self, topic: str, matches: Iterable[Match], gaps: Sequence[Unseen], since_us: int, until_us: int
    ) -> None:
        """Take in what a store remembers of one topic, in order of time, between two instants of listening."""
        state = TopicState(self._topics[topic], detectors)
        state.watch_since(since_us - since_us % MINUTE_US)
        minutes = groupby(matches, lambda match: match.published_us - match.published_us % MINUTE_US)
        for start_us, held in minutes:
            self._wait(topic, state, start_us, gaps)
            self._close(topic, state, start_us, sorted(held, key=_canonical), gaps)
        self._wait(topic, state, until_us - until_us % MINUTE_US, gaps)

    def rehearsals(self, truth: Truth | None = None, language: Language = "en") -> Iterator[Rehearsal]:
        """Yield what each topic would have told; with `truth`, how it met what is known to have happened.

        Parameters
        ----------
        language
            Of the reasons.
        """
        since_us = (
            self._first_us if self._days is None else max(self._first_us, self._last_us - int(self._days * DAY_US))
        )
        days = (self._last_us - since_us) / DAY_US
        for topic in self._topics.values():
            incidents = [
                self._happened(incident, language)
                for incident in sorted(self._incidents.values(), key=lambda one: (one.opened_us, one.id))
                if incident.topic == topic.id and incident.opened_us >= since_us
            ]
            yield Rehearsal(
                topic=topic.id,
                since=rfc3339(since_us) if since_us else None,
                until=rfc3339(self._last_us) if self._last_us else None,
                days=round(days, 3),
                mentions=sum(at_us >= since_us for at_us in self._mentions[topic.id]),
                incidents=tuple(incidents),
                promises=tuple(_promises(topic, incidents, days)) if days > 0 else (),
                met=tuple(self._met(topic.id, truth)) if truth is not None else (),
            )

    def _wait(self, topic: str, state: TopicState, until_us: int, gaps: Sequence[Unseen]) -> None:
        """Close the empty minutes that an open incident wants to see."""
        while state.is_hot and state.next_us < until_us:
            self._close(topic, state, state.next_us, (), gaps)

    def _close(
        self, topic: str, state: TopicState, start_us: int, matches: Sequence[Match], gaps: Sequence[Unseen]
    ) -> None:
        closed = state.close(start_us, matches, gaps)
        self._count(topic, [match.published_us for match in matches if not match.is_own])
        if closed.change is not None:
            incident = closed.change.incident
            alerts = [alert_of(self._topics[topic], incident)] if closed.change.announce else []
            self._remember([incident], closed.change.entries, alerts)

    def _note(self, outcome: Outcome) -> None:
        for kept in outcome.kept:
            if not kept.match.is_own:
                self._count(kept.match.topic, [kept.match.published_us])
        self._remember(list(outcome.incidents.values()), outcome.timeline, outcome.alerts)

    def _count(self, topic: str, times_us: Sequence[int]) -> None:
        self._mentions[topic] += times_us
        for at_us in times_us:
            self._first_us = min(self._first_us or at_us, at_us)
            self._last_us = max(self._last_us, at_us)

    def _remember(
        self, incidents: Sequence[Incident], entries: Sequence[TimelineEntry], alerts: Sequence[Alert]
    ) -> None:
        self._incidents.update({incident.id: incident for incident in incidents})
        for entry in entries:
            if entry.kind in {"opened", "escalated"}:
                severity = SEVERITIES[round(entry.facts["severity"]) - 1]
                self._reached[entry.incident].setdefault(severity, entry.at_us)
        for alert in alerts:
            if alert.page:
                reached = self._reached[alert.incident]
                self._paged.setdefault(alert.incident, max(reached.values(), default=alert.starts_us))

    def _happened(self, incident: Incident, language: Language) -> Happened:
        paged_us = self._paged.get(incident.id)
        return Happened(
            incident=incident.id,
            topic=incident.topic,
            opened=rfc3339(incident.opened_us),
            closed=rfc3339(incident.closed_us) if incident.closed_us else None,
            severity=incident.severity,
            reached={severity: rfc3339(at_us) for severity, at_us in self._reached[incident.id].items()},
            paged=rfc3339(paged_us) if paged_us else None,
            mentions=incident.mentions,
            authors=incident.authors,
            reasons=tuple(say(reason.name, reason.facts, language) for reason in incident.reasons),
        )

    def _met(self, topic: str, truth: Truth) -> Iterator[Met]:
        for known in truth.topics:
            if known.id != topic or known.onset is None:
                continue
            onset_us = _instant(known.onset)
            ours = [one for one in self._incidents.values() if one.topic == topic]
            warned = [
                at_us
                for one in ours
                for severity, at_us in self._reached[one.id].items()
                if SEVERITIES.index(severity) > 0
            ]
            paged = [self._paged[one.id] for one in ours if one.id in self._paged]
            times = {"incident": [one.opened_us for one in ours], "warning": warned, "page": paged}
            minutes = {kind: _minutes_to(found, onset_us) for kind, found in times.items()}
            yield Met(topic=topic, kind=known.kind, is_crisis=known.is_crisis, onset=known.onset, minutes=minutes)


def _canonical(match: Match) -> tuple[int, int]:
    return match.published_us, match.key


def _instant(text: str) -> int:
    return from_datetime(datetime.fromisoformat(text))


def _minutes_to(times_us: Sequence[int], onset_us: int) -> float | None:
    """Return the minutes to the first in time; an alarm just before the onset needed none."""
    in_time = [at_us for at_us in times_us if onset_us - EARLY_US <= at_us <= onset_us + HORIZON_US]
    return max(0.0, (min(in_time) - onset_us) / MINUTE_US) if in_time else None


def _promises(topic: Topic, incidents: Sequence[Happened], days: float) -> Iterator[Promise]:
    policy = topic.policy
    promised = {
        "watch": policy.watches_per_day * DAYS_PER_MONTH,
        "warning": policy.warnings_per_month,
        "page": policy.pages_per_month,
    }
    counts = {
        "watch": len(incidents),
        "warning": sum(one.severity != SEVERITIES[0] for one in incidents),
        "page": sum(one.paged is not None for one in incidents),
    }
    for kind, count in counts.items():
        achieved = count * DAYS_PER_MONTH / days
        low, high = (bound * DAYS_PER_MONTH / days for bound in poisson_interval(count))
        yield Promise(
            kind=kind,
            promised=promised[kind],
            count=count,
            achieved=achieved,
            low=low,
            high=high,
            verdict="kept" if high <= promised[kind] else "broken" if low > promised[kind] else "unclear",
        )
