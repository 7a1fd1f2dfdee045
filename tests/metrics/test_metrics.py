from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter

import msgspec
import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from monitor.alerts import Alert, alert_of
from monitor.anomalies import Verdict
from monitor.cascades import Cascade
from monitor.clock import HOUR_US, MINUTE_US
from monitor.incidents import SEVERITIES, Incident
from monitor.incidents.promise import achieved
from monitor.mentions import Author, Mention
from monitor.metrics import PAGE_SCRAPES, TOPICS_EXPOSED, Metrics
from monitor.metrics.series import SOURCES_EXPOSED
from monitor.pipeline import Judged, Kept, Outcome
from monitor.signals import Signal
from monitor.topics import Match, Policy, Topic

NOW_US = 1_768_445_880_000_000  # 2026-01-15T02:58:00Z, a full minute


class HandClock:
    us = NOW_US

    def now_us(self) -> int:
        return self.us

    def monotonic_seconds(self) -> float:
        return self.us / 1e6


def topic(identifier: str = "acme", **changes) -> Topic:
    return Topic(id=identifier, name=f"{identifier.title()} SA", query=identifier, owner="social", **changes)


class Page:
    """A registry with our metrics, read as Prometheus reads it."""

    def __init__(self, *topics: Topic, **changes) -> None:
        self.clock = HandClock()
        self.registry = CollectorRegistry()
        self.metrics = Metrics(self.registry, topics or (topic(),), clock=self.clock, version="0.1.0", **changes)

    def observe(self, at_us: int = NOW_US, **changes) -> None:
        by_source = changes.pop("by_source", {})
        self.metrics.observe(Outcome(**changes), watermark_us=at_us, commit_seconds=0.02, by_source=by_source)

    def value(self, name: str, /, **labels: str) -> float | None:
        """Read one value without counting as a scrape."""
        return self.registry.get_sample_value(f"badbuzz_{name}", labels)

    def scrape(self) -> dict[str, list]:
        page = self.metrics.exposition().decode("utf-8")
        return {family.name: family.samples for family in text_string_to_metric_families(page)}


def kept(identifier: str = "acme", number: int = 1) -> Kept:
    match = Match(
        topic=identifier,
        key=number,
        id=str(number),
        published_us=NOW_US,
        network="x",
        kind="post",
        author=77_001,
        followers=5,
        root=number,
        root_id=str(number),
        tone=-0.5,
        term="acme",
    )
    mention = Mention(
        network="x",
        id=str(number),
        kind="post",
        published_us=NOW_US,
        author=Author(id="77001", handle="very_private_person"),
        text="the words of somebody",
    )
    return Kept(match, mention, is_late=False)


def judged(start_us: int, mentions: int = 12, p_value: float = 1e-8, identifier: str = "acme", **measures) -> Judged:
    signal = Signal(topic=identifier, start_us=start_us, mentions=mentions, measures=measures)
    volume = Verdict(
        detector="seasonal_counts", p_value=p_value, observed=60, expected=10, lower=2, upper=20, span_minutes=5
    )
    joint = Verdict(detector="joint", p_value=1e-9, observed=1, expected=0, lower=0, upper=1)
    return Judged(signal, expected=2.0, lower=0.0, upper=4.0, verdicts=(volume, joint))


def cascade(growth: int, updated_us: int = NOW_US, root: int = 1, identifier: str = "acme") -> Cascade:
    return Cascade(
        topic=identifier,
        network="x",
        root=root,
        root_id=str(root),
        started_us=updated_us - HOUR_US,
        updated_us=updated_us,
        size=growth * 2,
        authors=growth,
        potential_reach=1000,
        growth_per_hour=growth,
        acceleration=2.0,
        tone=-0.4,
    )


def incident(state: str = "open", severity: str = "critical", identifier: str = "acme", opened_us=NOW_US) -> Incident:
    return Incident(
        id=f"{identifier}-{opened_us}",
        topic=identifier,
        state=state,
        severity=severity,
        opened_us=opened_us,
        since_us=opened_us - 10 * MINUTE_US,
        peak_us=opened_us,
        worst_us=opened_us,
        updated_us=opened_us,
        closed_us=opened_us + HOUR_US if state == "closed" else None,
        mentions=114,
        authors=83,
    )


def alerts_of(*incidents: Incident, page_from: str = "critical") -> list[Alert]:
    return [alert_of(topic(each.topic, policy=Policy(page_from=page_from)), each) for each in incidents]


# How Prometheus sees the page.


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_finds_nothing_to_say_about_a_busy_page():
    page = Page(sources=["x"], notifiers=["webhook"], malformed_reasons=["not_json"])
    burning = incident()
    page.observe(
        by_source={"x": Counter(read=3, matched=1)},
        counts=Counter(read=3),
        kept=[kept()],
        judged=[judged(NOW_US - MINUTE_US)],
        cascades=[cascade(30)],
        incidents={burning.id: burning},
        alerts=alerts_of(burning),
    )
    check = subprocess.run(
        ["promtool", "check", "metrics"], input=page.metrics.exposition(), capture_output=True, check=False, timeout=30
    )
    assert (check.returncode, check.stdout + check.stderr) == (0, b"")


def test_all_our_series_have_our_prefix_and_only_labels_from_closed_sets():
    page = Page(sources=["x"], notifiers=["webhook"], malformed_reasons=["not_json"])
    page.observe(kept=[kept()], judged=[judged(NOW_US - MINUTE_US)])
    allowed = {
        *("topic", "name", "side", "owner", "severity", "source", "reason", "notifier", "outcome", "version", "le")
    }
    for name, samples in page.scrape().items():
        assert name.startswith(("badbuzz_", "process_")), name
        for sample in samples:
            assert set(sample.labels) <= allowed, sample


def test_no_post_no_handle_and_no_id_is_ever_on_the_page():
    page = Page()
    burning = incident()
    page.observe(
        kept=[kept(number=424_242)],
        cascades=[cascade(30, root=555_111)],
        incidents={burning.id: burning},
        alerts=alerts_of(burning),
    )
    text = page.metrics.exposition().decode()
    for secret in ("very_private_person", "the words of somebody", "77001", "77_001", "424242", "555111", burning.id):
        assert secret not in text


def test_everything_is_there_at_zero_before_anything_happens():
    page = Page(sources=["x"], notifiers=["webhook"], malformed_reasons=["not_json"])
    for name, labels in [
        ("mentions_total", {"topic": "acme"}),
        ("topic_mentions", {"topic": "acme"}),
        ("topic_surprise", {"topic": "acme"}),
        ("cascade_growth_reposts", {"topic": "acme"}),
        ("incident_severity", {"topic": "acme"}),
        ("incident_page", {"topic": "acme", "severity": "critical"}),
        ("posts_total", {"source": "x"}),
        ("posts_malformed_total", {"source": "x", "reason": "not_json"}),
        ("posts_duplicate_total", {"source": "x"}),
        ("posts_late_total", {"source": "x"}),
        ("source_last_event_timestamp_seconds", {"source": "x"}),
        ("source_gap_seconds_total", {"source": "x"}),
        ("posts_shed_total", {"reason": "queue_full"}),
        ("notifications_total", {"notifier": "webhook", "outcome": "refused"}),
        ("commit_duration_seconds_count", {}),
    ]:
        assert page.value(name, **labels) == 0.0, name
    assert page.value("store_writable") == 1.0
    assert page.value("build_info", version="0.1.0") == 1.0
    assert page.value("topic_info", topic="acme", name="Acme SA", side="ours", owner="social") == 1.0


def test_a_topic_costs_no_more_than_thirty_series():
    one, two = (sum(map(len, Page(*topics).scrape().values())) for topics in ([topic()], [topic(), topic("b")]))
    assert two - one <= 30


def test_the_page_holds_no_instants_of_creation():
    assert not re.search(rb"_created\b", Page(sources=["x"]).metrics.exposition())


# What was read.


def test_counts_go_to_the_source_they_came_from_and_the_batch_is_measured_once():
    page = Page(sources=["x", "mastodon"])
    page.observe(
        counts=Counter(read=12),
        by_source={"x": Counter(read=10, duplicates=2, late=1, matched=3), "mastodon": Counter(read=2, misdated=1)},
    )
    assert page.value("posts_total", source="x") == 10
    assert page.value("posts_duplicate_total", source="x") == 2
    assert page.value("posts_late_total", source="x") == 1
    assert page.value("posts_matched_total", source="x") == 3
    assert page.value("posts_misdated_total", source="mastodon") == 1
    assert page.value("batch_posts_sum") == 12
    assert page.value("commit_duration_seconds_bucket", le="0.025") == 1


def test_a_source_is_heard_when_it_sent_something_by_our_clock():
    page = Page(sources=["x", "quiet"])
    page.observe(by_source={"x": Counter(read=1), "quiet": Counter()})
    assert page.value("source_last_event_timestamp_seconds", source="x") == NOW_US / 1e6
    assert page.value("source_last_event_timestamp_seconds", source="quiet") == 0
    assert (page.value("source_up", source="x"), page.value("source_up", source="quiet")) == (1, 0)


def test_free_source_names_cannot_fill_the_page():
    page = Page()
    for number in range(3 * SOURCES_EXPOSED):
        page.observe(by_source={f"s{number}": Counter(read=1)})
    posts = {sample.labels["source"]: sample.value for sample in page.scrape()["badbuzz_posts"]}
    assert len(posts) == SOURCES_EXPOSED + 1
    assert posts["other"] == 2 * SOURCES_EXPOSED
    assert sum(posts.values()) == 3 * SOURCES_EXPOSED


def test_trouble_is_counted_where_it_happens():
    page = Page(sources=["x"], notifiers=["webhook"])
    page.metrics.malformed("x", "not_json", 3)
    page.metrics.gap("x", 90.5)
    page.metrics.source_up("x", is_up=True)
    page.metrics.shed("queue_full", 7)
    page.metrics.queue(40, 100)
    page.metrics.notification("webhook", "retried")
    page.metrics.outbox(2)
    page.metrics.store_writable(is_writable=False)
    assert page.value("posts_malformed_total", source="x", reason="not_json") == 3
    assert page.value("source_gap_seconds_total", source="x") == 90.5
    assert page.value("source_up", source="x") == 1
    assert page.value("posts_shed_total", reason="queue_full") == 7
    assert (page.value("queue_posts"), page.value("queue_capacity_posts")) == (40, 100)
    assert page.value("notifications_total", notifier="webhook", outcome="retried") == 1
    assert page.value("outbox_alerts") == 2
    assert page.value("store_writable") == 0
    page.observe()
    assert page.value("store_writable") == 1


def test_the_clock_is_read_at_the_scrape():
    page = Page()
    page.clock.us += 5_000_000
    assert page.scrape()["badbuzz_clock_timestamp_seconds"][0].value == NOW_US / 1e6 + 5


# What is happening.


def test_the_last_minute_is_shown_beside_what_is_usual_in_a_minute():
    page = Page()
    page.observe(
        kept=[kept(number=1), kept(number=2)],
        judged=[judged(NOW_US - MINUTE_US, mentions=12, distinct_authors=9.0, influence=20.5)],
    )
    assert page.value("mentions_total", topic="acme") == 2
    assert page.value("topic_mentions", topic="acme") == 12
    assert page.value("topic_mentions_expected", topic="acme") == 2
    assert page.value("topic_mentions_upper", topic="acme") == 4
    assert page.value("topic_surprise", topic="acme") == pytest.approx(8)
    assert page.value("topic_score_ratio", topic="acme") == pytest.approx(0.9)  # of the joint detector
    assert page.value("topic_authors", topic="acme") == 9
    assert page.value("topic_influence", topic="acme") == 20.5
    assert page.value("watermark_timestamp_seconds") == NOW_US / 1e6


def test_an_empty_minute_shows_no_mentions_but_keeps_the_surprise_for_five_minutes():
    page = Page()
    page.observe(judged=[judged(NOW_US - MINUTE_US, distinct_authors=9.0)])
    page.observe(NOW_US + MINUTE_US)
    assert page.value("topic_mentions", topic="acme") == 0
    assert page.value("topic_authors", topic="acme") == 0
    assert page.value("topic_surprise", topic="acme") == pytest.approx(8)
    page.observe(NOW_US + 4 * MINUTE_US)
    assert page.value("topic_surprise", topic="acme") == pytest.approx(8)
    page.observe(NOW_US + 5 * MINUTE_US)
    assert page.value("topic_surprise", topic="acme") == 0
    assert page.value("topic_score_ratio", topic="acme") == 0


@pytest.mark.parametrize(("p_value", "surprise"), [(1.0, 0.0), (0.0, 300.0), (1e-320, 300.0), (1e-3, 3.0)])
def test_surprise_stays_finite_whatever_the_chance(p_value, surprise):
    page = Page()
    page.observe(judged=[judged(NOW_US - MINUTE_US, p_value=p_value)])
    assert page.value("topic_surprise", topic="acme") == pytest.approx(surprise)


def test_the_fastest_cascade_is_shown_until_it_has_not_grown_for_an_hour():
    page = Page()
    page.observe(cascades=[cascade(120, root=1), cascade(30, NOW_US + 30 * MINUTE_US, root=2)])
    assert page.value("cascade_growth_reposts", topic="acme") == 120
    page.observe(NOW_US + 60 * MINUTE_US)
    assert page.value("cascade_growth_reposts", topic="acme") == 30
    page.observe(NOW_US + 90 * MINUTE_US)
    assert page.value("cascade_growth_reposts", topic="acme") == 0


def test_many_small_cascades_cannot_push_out_the_large_one():
    page = Page()
    page.observe(cascades=[cascade(500, root=1), *(cascade(2, root=number) for number in range(2, 500))])
    assert page.value("cascade_growth_reposts", topic="acme") == 500


def test_words_about_a_topic_nobody_configured_make_no_series():
    page = Page()
    stranger = incident(identifier="stranger")
    page.observe(
        kept=[kept("stranger")],
        judged=[judged(NOW_US - MINUTE_US, identifier="stranger")],
        cascades=[cascade(9, identifier="stranger")],
        incidents={stranger.id: stranger},
        alerts=alerts_of(stranger),
    )
    assert b"stranger" not in page.metrics.exposition()


# Incidents and pages.


def test_the_severity_stays_up_while_the_incident_is_open_and_falls_when_it_closes():
    page = Page()
    for state, shown in [("open", 2), ("subsiding", 2), ("closed", 0)]:
        now = incident(state, "warning")
        page.observe(incidents={now.id: now})
        assert page.value("incident_severity", topic="acme") == shown
        assert page.value("incident_mentions", topic="acme") == (114 if shown else 0)
        since = (NOW_US - 10 * MINUTE_US) / 1e6 if shown else 0
        assert page.value("incident_since_timestamp_seconds", topic="acme") == since


def test_an_incident_that_closes_in_the_batch_in_which_the_next_opens_does_not_hide_it():
    page = Page()
    first, second = incident("closed", "critical"), incident("open", "watch", opened_us=NOW_US + 5 * HOUR_US)
    page.observe(incidents={second.id: second, first.id: first})
    assert page.value("incident_severity", topic="acme") == 1


def shows(page: Page, severity: str = "critical") -> float:
    samples = page.scrape()["badbuzz_incident_page"]
    return next(sample.value for sample in samples if sample.labels["severity"] == severity)


def test_a_page_lasts_from_the_decision_to_the_end_of_the_incident():
    page = Page()
    burning = incident()
    page.observe(incidents={burning.id: burning}, alerts=alerts_of(burning))
    assert [shows(page) for _ in range(3 * PAGE_SCRAPES)] == [1.0] * 3 * PAGE_SCRAPES
    over = incident("closed")
    page.observe(incidents={over.id: over}, alerts=alerts_of(over))
    assert shows(page) == 0


def test_a_page_that_begins_and_ends_in_one_late_batch_is_still_seen_by_two_prometheus_servers():
    page = Page()
    page.observe(incidents={}, alerts=alerts_of(incident(), incident("closed")))
    assert [shows(page) for _ in range(PAGE_SCRAPES + 2)] == [1.0] * PAGE_SCRAPES + [0.0, 0.0]


def test_what_is_held_does_not_page():
    page = Page()
    page.observe(alerts=alerts_of(incident(severity="warning"), page_from="critical"))
    page.observe(alerts=alerts_of(incident(), page_from="never"))
    assert shows(page, "warning") == shows(page, "critical") == 0


def test_a_later_statement_that_holds_does_not_end_a_page():
    page = Page()
    page.observe(alerts=alerts_of(incident()))
    page.observe(alerts=alerts_of(incident("subsiding"), page_from="never"))
    assert [shows(page) for _ in range(3 * PAGE_SCRAPES)][-1] == 1


def test_escalation_pages_under_the_new_severity_only():
    page = Page()
    page.observe(alerts=alerts_of(incident(severity="warning"), page_from="warning"))
    page.observe(alerts=alerts_of(incident(), page_from="warning"))
    for _ in range(PAGE_SCRAPES):
        page.scrape()
    assert (shows(page, "warning"), shows(page, "critical")) == (0, 1)


def test_a_restart_ends_no_page():
    page = Page()
    burning = incident()
    page.metrics.restore([burning], alerts_of(burning), NOW_US)
    assert [shows(page) for _ in range(3 * PAGE_SCRAPES)][-1] == 1
    assert page.value("incident_severity", topic="acme") == 3
    assert page.value("watermark_timestamp_seconds") == NOW_US / 1e6


# Many topics.


def test_topics_beyond_the_cap_have_series_only_while_they_burn_and_are_counted_together():
    many = [topic(f"t{number}") for number in range(TOPICS_EXPOSED + 5)]
    page = Page(*many)
    hidden = many[-1].id
    assert (page.value("topics"), page.value("topics_overflow")) == (TOPICS_EXPOSED + 5, 5)
    page.observe(kept=[kept(hidden)], judged=[judged(NOW_US - MINUTE_US, identifier=hidden)])
    assert page.value("mentions_total", topic=hidden) is None
    assert page.value("mentions_overflow_total") == 1
    burning = incident(identifier=hidden)
    page.observe(NOW_US + MINUTE_US, incidents={burning.id: burning}, alerts=alerts_of(burning))
    assert page.value("incident_severity", topic=hidden) == 3
    assert page.value("incident_page", topic=hidden, severity="critical") == 1
    assert page.value("topics_overflow") == 4
    over = incident("closed", identifier=hidden)
    page.observe(NOW_US + 2 * MINUTE_US, incidents={over.id: over}, alerts=alerts_of(over))
    for _ in range(PAGE_SCRAPES + 1):
        page.scrape()
    page.observe(NOW_US + 3 * MINUTE_US)
    assert page.value("incident_severity", topic=hidden) is None
    assert page.value("incident_page", topic=hidden, severity="critical") is None
    assert page.value("topics_overflow") == 5
    assert hidden.encode() not in page.metrics.exposition()


# Promised and achieved.


def test_a_budget_is_shown_once_it_is_known_by_day_and_night_together_and_broken_where_either_is():
    page = Page()
    assert page.value("alarm_budget_broken", topic="acme", severity="watch") is None
    day, night = achieved(20.0, 90.0, 30, 2), achieved(1.0, 90.0, 30, 25)
    page.metrics.promised("acme", [("watch", day), ("watch", night), ("critical", achieved(2.0, 90.0, 3, 1))])
    page.metrics.promised("nobody", [("watch", day)])
    for name, value in (("promised", 21.0), ("raised", 20.0), ("dismissed", 9.0)):
        assert page.value(f"alarm_budget_{name}_per_month", topic="acme", severity="watch") == pytest.approx(value)
    assert page.value("alarm_budget_broken", topic="acme", severity="watch") == 1.0
    assert page.value("alarm_budget_broken", topic="acme", severity="critical") == 0.0
    assert page.value("alarm_budget_broken", topic="nobody", severity="watch") is None


# What people say of it.


def paged(page: Page) -> list[str]:
    return [severity for severity in SEVERITIES if page.value("incident_page", topic="acme", severity=severity)]


def test_an_answered_page_ends_at_once_and_comes_back_only_if_it_grows_worse_than_what_was_answered():
    page = Page()
    warning, critical = (incident(severity=severity) for severity in ("warning", "critical"))
    page.observe(incidents={warning.id: warning}, alerts=alerts_of(warning, page_from="warning"))
    assert paged(page) == ["warning"]
    page.metrics.answered(warning.id, "warning")
    assert paged(page) == [], "not even for the scrapes that every page is shown in"
    page.observe(incidents={warning.id: warning}, alerts=alerts_of(warning, page_from="warning"))
    assert paged(page) == [], "the same once more is nothing new"
    page.observe(incidents={critical.id: critical}, alerts=alerts_of(critical, page_from="warning"))
    assert paged(page) == ["critical"]
    page.metrics.answered(critical.id, "critical")
    assert paged(page) == []
    over = incident("closed")
    page.observe(incidents={over.id: over}, alerts=alerts_of(over))
    assert paged(page) == []


def test_a_pause_ends_the_page_and_what_comes_back_pages_though_it_was_answered_before():
    page = Page()
    awake = incident()
    asleep = msgspec.structs.replace(awake, state="subsiding", paused_us=NOW_US + HOUR_US)
    again = msgspec.structs.replace(awake, resumed_us=NOW_US + 9 * HOUR_US, resumed="critical")
    shown = []
    for now in (awake, asleep, again):
        page.observe(incidents={now.id: now}, alerts=alerts_of(now))
        shown.append((page.value("incident_severity", topic="acme"), paged(page)))
        if now is awake:
            page.metrics.answered(now.id, "critical")
    assert shown == [(3.0, ["critical"]), (0.0, []), (3.0, ["critical"])]


def test_an_answer_to_one_incident_says_nothing_of_the_next():
    page = Page()
    page.metrics.answered("acme-20250101T0000", "critical")
    page.observe(incidents={incident().id: incident()}, alerts=alerts_of(incident()))
    assert paged(page) == ["critical"]


def test_an_answer_given_before_a_restart_holds_after_it():
    page = Page()
    page.metrics.answered(incident().id, "critical")
    page.metrics.restore([incident()], alerts_of(incident()), NOW_US)
    assert paged(page) == []
    assert page.value("incident_severity", topic="acme") == 3.0, "it is still going on"
