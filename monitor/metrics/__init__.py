"""Every Prometheus series we expose, on the registry passed in.

Names, units and labels follow Prometheus' own rules (its documentation's *Metric and label naming* and
*Instrumentation*): one prefix, base units, instants instead of ages, series there from the start at 0, and labels
from closed sets only: configured topics, sources and notifiers, severities, reasons of ours. Never a post, a handle
or an id. Two instances fed the same posts expose the same values, so that rules can take ``max by (topic)`` over
them and a pair of instances pages once.

Beyond :data:`TOPICS_EXPOSED` topics, the further ones have series of their own only while an incident is open on
them: ``badbuzz_topics_overflow`` says how many are without, ``badbuzz_mentions_overflow_total`` counts what is said
about them.
"""

from __future__ import annotations

import math
from collections import Counter as Tally
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Final

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import Metric

from monitor.alerts import Alert
from monitor.cascades import Cascade
from monitor.clock import HOUR_US, MINUTE_US, SECOND_US, Clock
from monitor.incidents import SEVERITIES, Incident, Severity
from monitor.incidents.promise import Achieved
from monitor.metrics.promised import Promised
from monitor.metrics.series import Service, Sources, Topics
from monitor.pipeline import Judged, Outcome
from monitor.topics import Topic

__all__ = ["TOPICS_EXPOSED", "Metrics"]

TOPICS_EXPOSED: Final = 1_000
"""Topics with series of their own, some 25 each: the size of page a scrape still reads in well under a second."""

PAGE_SCRAPES: Final = 4
"""A page is shown in at least so many scrapes, so that one opened and closed by the same late batch is still seen:
twice by each of a pair of Prometheus servers."""

SCORE_MINUTES: Final = 5
"""Closed minutes of which the highest score is shown, so that no scrape at up to five minutes misses one."""

SURPRISE_AT_MOST: Final = 300.0
"""Close to the smallest chance a float can say."""

ANSWERS_KEPT: Final = 1_000
"""Incidents of which it is remembered that somebody dismissed or resolved them; they are forgotten when they close."""

CASCADES_FOLLOWED: Final = 64
"""Growing cascades remembered for each topic; the largest is shown."""


@dataclass(slots=True)
class _Life:
    """What is remembered of a topic until it is quiet again."""

    minutes: deque[tuple[int, float, float]] = field(default_factory=lambda: deque(maxlen=SCORE_MINUTES))
    """(start_us, score, surprise) of the last minutes in which something was published."""
    growing: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Root -> (reshares in an hour, end of that hour)."""


class Metrics:
    """Keeps every series up to date with what was committed.

    One thread at a time may call the methods; scrapes and :meth:`answered` may come from any.

    Parameters
    ----------
    registry
        Where the series are registered; one instance a registry.
    topics
        All topics watched; the first :data:`TOPICS_EXPOSED` always have series of their own.
    clock
        Our own clock, for when a source was heard.
    version
        The version running.
    sources, notifiers, malformed_reasons, shed_reasons
        The label values there will be: a series exists, at 0, before anything happens, because the rate of a
        counter that appears at 1 is unknown.
    """

    content_type: Final = CONTENT_TYPE_PLAIN_0_0_4

    def __init__(
        self,
        registry: CollectorRegistry,
        topics: Iterable[Topic],
        *,
        clock: Clock,
        version: str,
        sources: Iterable[str] = (),
        notifiers: Iterable[str] = (),
        malformed_reasons: Sequence[str] = (),
        shed_reasons: Iterable[str] = ("queue_full",),
    ) -> None:
        self._registry = registry
        self._clock = clock
        self._configured = {topic.id: topic for topic in topics}
        self._always = dict.fromkeys(list(self._configured)[:TOPICS_EXPOSED]).keys()
        self._exposed: set[str] = set()
        self._lives: dict[str, _Life] = {}
        self._open: dict[str, str] = {}  # topic -> its open incident
        self._paged: dict[tuple[str, Severity], str] = {}  # (topic, severity) -> incident
        self._answered: dict[str, int] = {}  # incident -> the place of the severity up to which nobody need be paged
        self._scrapes = 0
        self._shown_until: dict[tuple[str, Severity], int] = {}  # the last scrape that must still show a page
        self._minute_us = 0
        self._sources = Sources(registry, sources, malformed_reasons)
        self._topics = Topics(registry)
        self._promised = Promised(registry)
        self._service = Service(registry)
        ProcessCollector(registry=registry)
        self._service.build.labels(version).set(1)
        self._service.clock.set_function(lambda: clock.now_us() / SECOND_US)
        self._service.topics.set(len(self._configured))
        self._service.writable.set(1)
        for topic in self._always:
            self._expose(topic)
        self._service.topics_overflow.set(len(self._configured) - len(self._exposed))
        for reason in shed_reasons:
            self._service.shed.labels(reason)
        for notifier in notifiers:
            for outcome in ("delivered", "held", "retried", "refused", "abandoned"):
                self._service.notifications.labels(notifier, outcome)

    def exposition(self) -> bytes:
        """Return the page of metrics in Prometheus' text format, to be served as `content_type`.

        The client library would add the instant of creation of every counter and bucket, doubling the page.
        """
        self._scrapes += 1
        return generate_latest(_WithoutCreated(self._registry.collect))

    # What was committed.

    def observe(
        self,
        outcome: Outcome,
        *,
        watermark_us: int,
        commit_seconds: float,
        by_source: Mapping[str, Tally[str]] = MappingProxyType({}),
    ) -> None:
        """Take in one batch, after its commit.

        Parameters
        ----------
        watermark_us
            The pipeline's, after the batch.
        commit_seconds
            How long the commit took.
        by_source
            What each source that was read added to ``outcome.counts``.
        """
        for source, counts in by_source.items():
            self._count(source, counts)
        self._service.batch.observe(outcome.counts["read"])
        self._service.commit.observe(commit_seconds)
        self._service.writable.set(1)
        for topic, mentions in Tally(kept.match.topic for kept in outcome.kept).items():
            self._mentioned(topic, mentions)
        for judged in outcome.judged:
            self._judge(judged)
        for cascade in outcome.cascades:
            self._spread(cascade)
        self._track(outcome.incidents.values(), outcome.alerts)
        self._settle(watermark_us)

    def restore(self, incidents: Iterable[Incident], alerts: Iterable[Alert], watermark_us: int) -> None:
        """Take up, at start, the open incidents and what :func:`monitor.alerts.alert_of` says of each.

        So that a restart ends no page.
        """
        self._track(incidents, alerts)
        self._settle(watermark_us)

    def _count(self, source: str, counts: Tally[str]) -> None:
        label = self._sources.label(source)
        for name, family in self._sources.counters.items():
            family.labels(label).inc(counts[name])
        if counts["read"]:
            self.heard(source)

    def _mentioned(self, topic: str, mentions: int) -> None:
        if topic in self._exposed:
            self._topics.mentions.labels(topic).inc(mentions)
        else:
            self._service.mentions_overflow.inc(mentions)

    def _judge(self, judged: Judged) -> None:
        signal, verdicts = judged.signal, judged.verdicts
        if signal.topic not in self._exposed:
            return
        surprise = 0.0
        if verdicts:
            surprise = min(SURPRISE_AT_MOST, -math.log10(max(verdicts[0].p_value, 10**-SURPRISE_AT_MOST)))
        life = self._lives.setdefault(signal.topic, _Life())
        life.minutes.append((signal.start_us, judged.score, surprise))
        self._topics.last_minute.labels(signal.topic).set(signal.mentions)
        self._topics.expected.labels(signal.topic).set(judged.expected)
        self._topics.upper.labels(signal.topic).set(judged.upper)
        for name, gauge in self._topics.measures.items():
            gauge.labels(signal.topic).set(signal.measures.get(name, 0.0))

    def _spread(self, cascade: Cascade) -> None:
        if cascade.topic not in self._exposed:
            return
        growing = self._lives.setdefault(cascade.topic, _Life()).growing
        growing[cascade.root] = (cascade.growth_per_hour, cascade.updated_us)
        if len(growing) > CASCADES_FOLLOWED:
            del growing[min(growing, key=lambda root: (growing[root], root))]
        self._topics.growth.labels(cascade.topic).set(max(growing.values())[0])

    def _track(self, incidents: Iterable[Incident], alerts: Iterable[Alert]) -> None:
        for incident in sorted(incidents, key=lambda incident: incident.opened_us):
            if incident.topic not in self._configured:
                continue
            if incident.state != "closed":
                self._open[incident.topic] = incident.id
                self._expose(incident.topic)
                self._show(incident)
            elif self._open.get(incident.topic) == incident.id:
                del self._open[incident.topic]
                for family in self._topics.incident:
                    family.labels(incident.topic).set(0)
                self._answered.pop(incident.id, None)
        for alert in alerts:
            self._page(alert)

    def _show(self, incident: Incident) -> None:
        topics, topic = self._topics, incident.topic
        topics.severity.labels(topic).set(SEVERITIES.index(incident.alarm) + 1 if incident.alarm else 0)
        topics.incident_mentions.labels(topic).set(incident.mentions)
        topics.incident_authors.labels(topic).set(incident.authors)
        topics.incident_since.labels(topic).set(incident.since_us / SECOND_US)

    def _page(self, alert: Alert) -> None:
        if alert.topic not in self._configured:
            return
        if alert.status == "resolved":
            self._answered.pop(alert.incident, None)  # what comes back from a pause was not answered
        # A later alert of the same incident that holds back does not take an earlier page away.
        if alert.status == "resolved" or alert.page:
            for severity in SEVERITIES:
                self._paged.pop((alert.topic, severity), None)
        if alert.status == "firing" and alert.page and not self._is_answered(alert.incident, alert.severity):
            self._expose(alert.topic)
            key = (alert.topic, alert.severity)
            self._paged[key] = alert.incident
            self._shown_until[key] = self._scrapes + PAGE_SCRAPES

    def _page_value(self, topic: str, severity: Severity) -> float:
        key = (topic, severity)
        incident = self._paged.get(key)
        if incident is not None:
            return float(not self._is_answered(incident, severity))
        return float(self._scrapes <= self._shown_until.get(key, -1))

    def answered(self, incident: str, severity: Severity) -> None:
        """Take back the page of an incident that somebody dismissed or resolved when it was as bad as `severity`."""
        self._answered[incident] = SEVERITIES.index(severity)
        if len(self._answered) > ANSWERS_KEPT:
            del self._answered[next(iter(self._answered))]
        for key, paged in list(self._paged.items()):
            if paged == incident and self._is_answered(incident, key[1]):
                self._shown_until.pop(key, None)

    def _is_answered(self, incident: str, severity: Severity) -> bool:
        return SEVERITIES.index(severity) <= self._answered.get(incident, -1)

    # Time passing.

    def _settle(self, watermark_us: int) -> None:
        self._service.watermark.set(watermark_us / SECOND_US)
        minute_us = watermark_us - watermark_us % MINUTE_US
        if minute_us <= self._minute_us:
            return
        self._minute_us = minute_us
        for topic, life in list(self._lives.items()):
            self._fade(topic, life)
        for topic in self._exposed - self._always - self._open.keys():
            if not any(self._page_value(topic, severity) for severity in SEVERITIES):
                self._hide(topic)
        self._service.topics_overflow.set(len(self._configured) - len(self._exposed))

    def _fade(self, topic: str, life: _Life) -> None:
        """Let go of what is no longer the last minute, the last five, the last hour."""
        while life.minutes and life.minutes[0][0] < self._minute_us - SCORE_MINUTES * MINUTE_US:
            life.minutes.popleft()
        for root in [root for root, (_, at_us) in life.growing.items() if at_us <= self._minute_us - HOUR_US]:
            del life.growing[root]
        topics = self._topics
        if not life.minutes or life.minutes[-1][0] < self._minute_us - MINUTE_US:
            for family in (topics.last_minute, *topics.measures.values()):
                family.labels(topic).set(0)
        topics.score.labels(topic).set(max((score for _, score, _ in life.minutes), default=0.0))
        topics.surprise.labels(topic).set(max((surprise for *_, surprise in life.minutes), default=0.0))
        topics.growth.labels(topic).set(max(life.growing.values(), default=(0, 0))[0])
        if not life.minutes and not life.growing:
            del self._lives[topic]

    def _expose(self, topic: str) -> None:
        if topic in self._exposed:
            return
        self._exposed.add(topic)
        settings = self._configured[topic]
        self._topics.info.labels(topic, settings.name, settings.side, settings.owner or "").set(1)
        for family in self._topics.plain:
            family.labels(topic)
        for severity in SEVERITIES:
            self._topics.page.labels(topic, severity).set_function(partial(self._page_value, topic, severity))

    def _hide(self, topic: str) -> None:
        self._exposed.remove(topic)
        self._lives.pop(topic, None)
        for family in (*self._topics.plain, self._topics.info, self._topics.page):
            family.remove_by_labels({"topic": topic})
        self._promised.hide(topic)

    # What is not part of a commit.

    def promised(self, topic: str, kept: Iterable[tuple[Severity, Achieved]]) -> None:
        """Show what became of a topic's alarm budgets."""
        if topic in self._exposed:
            self._promised.show(topic, kept)

    def malformed(self, source: str, reason: str, records: int = 1) -> None:
        """Count records of a source that could not be used."""
        self._sources.malformed.labels(self._sources.label(source), reason).inc(records)

    def heard(self, source: str, at_us: int | None = None) -> None:
        """Something came from a source, posts or a sign of life, now or at an instant by our clock: so it is up."""
        label = self._sources.label(source)
        self._sources.last_event.labels(label).set((at_us or self._clock.now_us()) / SECOND_US)
        self._sources.up.labels(label).set(1)

    def source_up(self, source: str, *, is_up: bool) -> None:
        """Say whether a source is connected, or can be reached."""
        self._sources.up.labels(self._sources.label(source)).set(is_up)

    def gap(self, source: str, seconds: float) -> None:
        """Count time in which a source could not be seen."""
        self._sources.gap.labels(self._sources.label(source)).inc(seconds)

    def queue(self, posts: int, capacity: int) -> None:
        """Say how many posts wait, and how many may."""
        self._service.queue.set(posts)
        self._service.queue_capacity.set(capacity)

    def shed(self, reason: str, posts: int) -> None:
        """Count posts dropped unprocessed."""
        self._service.shed.labels(reason).inc(posts)

    def store_writable(self, *, is_writable: bool) -> None:
        """Say whether commits succeed; a commit that is observed says so too."""
        self._service.writable.set(is_writable)

    def outbox(self, alerts: int) -> None:
        """Say how many alerts are due and not delivered yet."""
        self._service.outbox.set(alerts)

    def notification(self, notifier: str, outcome: str) -> None:
        """Count one attempt to deliver an alert; `outcome` as in :mod:`monitor.notifiers`."""
        self._service.notifications.labels(notifier, outcome).inc()


class _WithoutCreated:
    """A registry's metrics without their instants of creation."""

    def __init__(self, collect: Callable[[], Iterable[Metric]]) -> None:
        self._collect = collect

    def collect(self) -> Iterable[Metric]:
        for metric in self._collect():
            metric.samples = [sample for sample in metric.samples if not sample.name.endswith("_created")]
            yield metric
