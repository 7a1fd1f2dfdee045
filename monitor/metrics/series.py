"""The series themselves: names, meanings, labels and buckets, and nothing of how they are kept up to date."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

__all__ = ["MEASURES", "Service", "Sources", "Topics"]

MEASURES: Final = {
    "distinct_authors": ("topic_authors", "Distinct authors in the last closed minute."),
    "influence": ("topic_influence", "Sum of log10(1 + followers) over the authors of the last closed minute."),
    "potential_reach": ("topic_reach_followers", "Followers of the authors of the last closed minute, added up."),
    "hashtag_reach": ("topic_hashtag_reach_followers", "Followers reached by the leading hashtag, last closed minute."),
    "repost_share": ("topic_repost_ratio", "Share of reposts in the last closed minute, 0 to 1."),
    "reply_share": ("topic_reply_ratio", "Share of replies in the last closed minute, 0 to 1."),
    "negative_share": ("topic_negative_ratio", "Share of authors who complain in the last closed minute, 0 to 1."),
    "tone": ("topic_tone", "Mean tone of the last closed minute, -1 (indignant) to 1 (delighted); 0 if none."),
}
"""Measure of a signal -> the gauge that shows it."""

SOURCES_EXPOSED: Final = 50
"""Sources with series of their own, some 20 each; more than anybody reads from."""

# A commit should take under 250 ms and may never hold a source up for more than a second.
_COMMIT_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# From a single post to the largest batch.
_BATCH_BUCKETS = (1, 10, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000)


class Sources:
    """How reading goes, source by source."""

    def __init__(self, registry: CollectorRegistry, names: Iterable[str], reasons: Sequence[str]) -> None:
        def counter(name: str, meaning: str, *labels: str) -> Counter:
            return Counter(f"badbuzz_{name}_total", meaning, ("source", *labels), registry=registry)

        def gauge(name: str, meaning: str) -> Gauge:
            return Gauge(f"badbuzz_{name}", meaning, ("source",), registry=registry)

        self.malformed = counter("posts_malformed", "Records that could not be used, by reason.", "reason")
        self.counters = {
            "read": counter("posts", "Posts and records met, good or bad, new or repeated."),
            "ignored": counter("posts_ignored", "Good records that are not about posts, such as likes."),
            "duplicates": counter("posts_duplicate", "Posts that had been read before."),
            "late": counter("posts_late", "Posts that came behind the watermark: kept, never part of velocity."),
            "misdated": counter("posts_misdated", "Posts whose date cannot be true."),
            "matched": counter("posts_matched", "New posts on at least one topic."),
        }
        self.last_event = gauge("source_last_event_timestamp_seconds", "When last heard, by our clock; 0 is never.")
        self.up = gauge("source_up", "1 while the source is heard and not too far behind to be waited for, else 0.")
        self.gap = counter("source_gap_seconds", "Seconds in which the source could not be seen.")
        self._reasons = reasons
        self._known: set[str] = set()
        for name in names:
            self.label(name)

    def label(self, name: str) -> str:
        """Return the label of a source, whose series all exist from then on; ``other`` when there are too many.

        Whoever posts to ingest names its source, and names are free: the cap keeps them from filling memory.
        """
        if name not in self._known:
            if len(self._known) >= SOURCES_EXPOSED:
                name = "other"
            self._introduce(name)
        return name

    def _introduce(self, name: str) -> None:
        self._known.add(name)
        for family in (*self.counters.values(), self.last_event, self.up, self.gap):
            family.labels(name)
        for reason in self._reasons:
            self.malformed.labels(name, reason)


class Topics:
    """What is happening, topic by topic."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, meaning: str, *labels: str) -> Gauge:
            return Gauge(f"badbuzz_{name}", meaning, ("topic", *labels), registry=registry)

        self.mentions = Counter(
            "badbuzz_mentions_total", "Mentions kept, late ones too.", ("topic",), registry=registry
        )
        self.last_minute = gauge("topic_mentions", "Mentions in the last closed minute.")
        self.expected = gauge(
            "topic_mentions_expected", "Mentions usual in such a minute, as of the last that was judged."
        )
        self.upper = gauge("topic_mentions_upper", "Mentions in a minute that chance exceeds once in forty minutes.")
        self.score = gauge("topic_score_ratio", "Highest score of any detector in five minutes, 0 (ordinary) to 1.")
        self.surprise = gauge("topic_surprise", "-log10 of the chance of so many mentions, highest in five minutes.")
        self.measures = {name: gauge(*shown) for name, shown in MEASURES.items()}
        self.growth = gauge("cascade_growth_reposts", "Reshares, in the last hour, of the post spreading fastest.")
        self.severity = gauge("incident_severity", "Open incident: 0 none or paused, 1 watch, 2 warning, 3 critical.")
        self.incident_mentions = gauge("incident_mentions", "Mentions since the open incident began; 0 if none.")
        self.incident_authors = gauge("incident_authors", "Authors since the open incident began; 0 if none.")
        self.incident_since = gauge("incident_since_timestamp_seconds", "When the open incident began; 0 if none.")
        self.page = gauge(
            "incident_page",
            "1 from the decision to page until the incident closes, pauses, is dismissed or resolved.",
            "severity",
        )
        self.info = gauge("topic_info", "Name, side and owner of a topic; always 1.", "name", "side", "owner")
        self.moment = (self.last_minute, self.score, self.surprise, *self.measures.values(), self.growth)
        self.incident = (self.severity, self.incident_mentions, self.incident_authors, self.incident_since)
        self.plain = (self.mentions, self.expected, self.upper, *self.moment, *self.incident)


class Service:
    """How we are ourselves."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, meaning: str, *labels: str) -> Gauge:
            return Gauge(f"badbuzz_{name}", meaning, labels, registry=registry)

        def counter(name: str, meaning: str, *labels: str) -> Counter:
            return Counter(f"badbuzz_{name}_total", meaning, labels, registry=registry)

        def histogram(name: str, meaning: str, buckets: Sequence[float]) -> Histogram:
            return Histogram(f"badbuzz_{name}", meaning, buckets=buckets, registry=registry)

        self.build = gauge("build_info", "The version running; always 1.", "version")
        self.clock = gauge("clock_timestamp_seconds", "Our clock at the moment of the scrape.")
        self.topics = gauge("topics", "Topics watched.")
        self.topics_overflow = gauge("topics_overflow", "Topics watched that have no series of their own now.")
        self.mentions_overflow = counter("mentions_overflow", "Mentions of topics without series of their own.")
        self.watermark = gauge("watermark_timestamp_seconds", "Event time up to which minutes are closed.")
        self.commit = histogram("commit_duration_seconds", "Time one commit took.", _COMMIT_BUCKETS)
        self.batch = histogram("batch_posts", "Posts read in one batch.", _BATCH_BUCKETS)
        self.queue = gauge("queue_posts", "Posts waiting to be processed.")
        self.queue_capacity = gauge("queue_capacity_posts", "Posts that may wait before sources are held back.")
        self.shed = counter("posts_shed", "Posts dropped unprocessed under overload, by reason.", "reason")
        self.writable = gauge("store_writable", "1 while commits succeed, else 0.")
        self.outbox = gauge("outbox_alerts", "Alerts due that not every notifier has delivered yet.")
        self.notifications = counter(
            "notifications",
            "Attempts to deliver an alert: delivered, held (not meant for it), retried, refused, abandoned.",
            *("notifier", "outcome"),
        )
