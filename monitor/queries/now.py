"""All topics at one glance: how each is doing and what burns first."""

from __future__ import annotations

from collections import defaultdict
from typing import Final, Literal

import msgspec
from sqlalchemy import Connection, func, select

from monitor.anomalies.seasonal_counts import GRACE_US
from monitor.clock import MINUTE_US
from monitor.incidents import SEVERITIES
from monitor.queries.expectation import SUMS, Band, Bucket, MinuteSums, band, dispersion, late_mentions, sums_of, usual
from monitor.queries.incidents import IncidentRow, incident_row
from monitor.store.schema import incidents, signals, state, timeline, topics
from monitor.topics import Topic

__all__ = [
    "STALE_AFTER_US",
    "STATES",
    "Freshness",
    "StateWord",
    "TopicNow",
    "freshness",
    "topics_now",
]

StateWord = Literal["calm", "learning", "watch", "warning", "critical", "blind"]
STATES: Final[tuple[StateWord, ...]] = ("critical", "warning", "watch", "blind", "learning", "calm")
"""Every state a topic can be in, the one to look at first first."""

STALE_AFTER_US: Final = 3 * MINUTE_US
"""A service that committed nothing for so long is not watching: the slowest network we stream sends a heartbeat at
least every 20 s (X, consuming streaming data), and a heartbeat is a commit."""

SILENCE_FLOOR: Final = 5.0
"""Not one mention in an hour in which at least so many are usual (97.5 % of the time) is not calm, it is blindness."""

SPARK_MINUTES: Final = 30
SPARKS: Final = 48
LOOKBACK: Final = 50
HOUR: Final = 60 // SPARK_MINUTES
"""The sparkline shows 48 half hours; the hour before them tells what is usual now when the last hour is empty."""

CHANGES: Final = ("opened", "escalated", "subsiding", "paused", "reopened")
"""Lines of a timeline at which the state of the topic changes."""


class Freshness(msgspec.Struct, frozen=True):
    """How old everything on the screen is.

    Attributes
    ----------
    recorded_us
        Wall-clock time of the service's last commit; ``None`` when it never committed.
    age_us
        From then to the caller's clock; never negative.
    watermark_us
        Event time up to which minutes are closed and judged: the "now" of every page.
    event_time_us
        Newest event time seen.
    """

    recorded_us: int | None
    age_us: int
    watermark_us: int
    event_time_us: int

    @property
    def is_stale(self) -> bool:
        """The service has been silent for too long: what the screen shows is the past."""
        return self.recorded_us is None or self.age_us > STALE_AFTER_US


class TopicNow(msgspec.Struct, frozen=True, kw_only=True):
    """One topic at a glance.

    Attributes
    ----------
    state
        What a person should think of it now.
    last_known
        The state before we went blind; the same as `state` otherwise.
    since_us
        When `last_known` began, event time; ``None`` when nothing ever happened.
    mentions, usual
        In the last hour before the watermark; what is usual in that hour, ``None`` when nothing is known.
    score
        Highest score of the last hour, from 0 to 1.
    sparkline
        The last day in half hours, oldest first.
    incident
        The open incident, or the newest of them.
    """

    topic: Topic
    state: StateWord
    last_known: StateWord
    since_us: int | None
    mentions: int
    usual: Band | None
    score: float
    sparkline: tuple[Bucket, ...]
    incident: IncidentRow | None


def freshness(connection: Connection, now_us: int) -> Freshness:
    """Tell how old the store's content is at wall-clock instant `now_us`."""
    row = connection.execute(select(state.c.recorded_us, state.c.watermark_us, state.c.event_time_us)).first()
    if row is None:
        return Freshness(None, 0, 0, 0)
    return Freshness(row.recorded_us, max(0, now_us - row.recorded_us), row.watermark_us, row.event_time_us)


def topics_now(connection: Connection, fresh: Freshness) -> list[TopicNow]:
    """Return every active topic, what burns first first: by severity, then score, then name."""
    end_us = fresh.watermark_us // MINUTE_US * MINUTE_US
    watched = _watched(connection, end_us)
    recent = _recent(connection, [one.topic.id for one in watched], end_us)
    burning = _open_incidents(connection)
    changed = _last_changes(connection, [row.incident.id for row in burning.values()])
    rows = [
        _topic_now(one, recent[one.topic.id], end_us, burning.get(one.topic.id), changed, fresh.is_stale)
        for one in watched
    ]
    return sorted(rows, key=_urgency)


class _Watched(msgspec.Struct):
    """A topic, whether it is too young to judge, and what was expected of its newest minute."""

    topic: Topic
    is_learning: bool
    last_expected: float | None


class _Recent(msgspec.Struct):
    """The last hours of one topic, by half hour."""

    sums: dict[int, MinuteSums]
    score: float = 0.0
    late: dict[int, int] = {}


def _watched(connection: Connection, end_us: int) -> list[_Watched]:
    """Read the active topics; the oldest and the newest minute of each is one seek in the clustered index."""
    minutes = signals.alias()
    of_topic = select(minutes).where(minutes.c.topic == topics.c.id).limit(1).correlate(topics)
    oldest = of_topic.with_only_columns(minutes.c.start_us).order_by(minutes.c.start_us)
    newest = of_topic.with_only_columns(minutes.c.expected).order_by(minutes.c.start_us.desc())
    query = select(
        topics.c.body,
        oldest.scalar_subquery().label("oldest_us"),
        newest.scalar_subquery().label("expected"),
    ).where(topics.c.active)
    return [
        _Watched(
            msgspec.json.decode(row.body, type=Topic),
            row.oldest_us is None or end_us - row.oldest_us < GRACE_US,
            row.expected,
        )
        for row in connection.execute(query)
    ]


def _recent(connection: Connection, identifiers: list[str], end_us: int) -> dict[str, _Recent]:
    first_us = end_us - LOOKBACK * SPARK_MINUTES * MINUTE_US
    place = ((signals.c.start_us - first_us) // (SPARK_MINUTES * MINUTE_US)).label("place")
    query = (
        select(signals.c.topic, place, *SUMS, func.max(signals.c.score).label("score"))
        .where(signals.c.topic.in_(identifiers), signals.c.start_us >= first_us, signals.c.start_us < end_us)
        .group_by(signals.c.topic, "place")
    )
    found: dict[str, _Recent] = defaultdict(lambda: _Recent({}))
    for row in connection.execute(query):
        recent = found[row.topic]
        recent.sums[row.place] = sums_of(row)
        if row.place >= LOOKBACK - HOUR:
            recent.score = max(recent.score, row.score)
    for topic, late in late_mentions(connection, identifiers, first_us, end_us, SPARK_MINUTES * MINUTE_US).items():
        found[topic].late = late
    return found


def _open_incidents(connection: Connection) -> dict[str, IncidentRow]:
    """Return the incident to show for each topic that has one open: the worst, then the newest."""
    query = select(incidents).where(
        incidents.c.state != "closed",
        incidents.c.dismissed_us.is_(None) | (incidents.c.dismissed_us < incidents.c.resumed_us),
    )
    rows = [incident_row(row) for row in connection.execute(query).mappings()]
    rows.sort(key=lambda row: (SEVERITIES.index(row.incident.severity), row.incident.opened_us))
    return {row.incident.topic: row for row in rows}


def _last_changes(connection: Connection, identifiers: list[str]) -> dict[str, int]:
    """Return when each topic last changed state, by topic for closed incidents and by id for open ones."""
    closed = select(incidents.c.topic, func.max(incidents.c.closed_us)).group_by(incidents.c.topic)
    changed = (
        select(timeline.c.incident, func.max(timeline.c.at_us))
        .where(timeline.c.incident.in_(identifiers), timeline.c.kind.in_(CHANGES))
        .group_by(timeline.c.incident)
    )
    rows = [*connection.execute(closed), *connection.execute(changed)]
    return {name: at_us for name, at_us in rows if at_us is not None}


def _topic_now(
    watched: _Watched,
    recent: _Recent,
    end_us: int,
    burning: IncidentRow | None,
    changed: dict[str, int],
    is_stale: bool,
) -> TopicNow:
    first_us = end_us - LOOKBACK * SPARK_MINUTES * MINUTE_US
    buckets = usual(recent.sums, first_us, LOOKBACK, SPARK_MINUTES, recent.late)
    hour = buckets[-HOUR:]
    mentions = sum(bucket.observed for bucket in hour)
    expected = _hourly(hour, watched.last_expected, recent)
    known = _last_known(watched.is_learning, burning)
    is_silent = mentions == 0 and expected is not None and expected.lower >= SILENCE_FLOOR
    return TopicNow(
        topic=watched.topic,
        state="blind" if is_stale or is_silent else known,
        last_known=known,
        since_us=changed.get(burning.incident.id, burning.incident.opened_us)
        if burning
        else changed.get(watched.topic.id),
        mentions=mentions,
        usual=expected,
        score=recent.score,
        sparkline=tuple(buckets[LOOKBACK - SPARKS :]),
        incident=burning,
    )


def _hourly(hour: list[Bucket], last_expected: float | None, recent: _Recent) -> Band | None:
    rates = [bucket.band.expected / bucket.minutes for bucket in hour if bucket.band is not None]
    if not rates and last_expected is None:
        return None
    rate = sum(rates) / len(rates) if rates else last_expected or 0.0
    return band(rate, 60, dispersion(list(recent.sums.values())))


def _last_known(is_learning: bool, burning: IncidentRow | None) -> StateWord:
    if burning is not None and burning.incident.alarm is not None:
        return burning.incident.alarm
    return "learning" if is_learning else "calm"


def _urgency(row: TopicNow) -> tuple[int, int, float, str]:
    """Sort by how bad it was last known to be: going blind does not put a fire out."""
    return (
        min(STATES.index(row.last_known), STATES.index(row.state)),
        STATES.index(row.state),
        -row.score,
        row.topic.name,
    )
