from __future__ import annotations

import json
import re

import httpx
import pytest

from monitor.notifiers.alertmanager import Alertmanager


class Endpoint:
    """An Alertmanager that only listens."""

    def __init__(self) -> None:
        self.status = 200
        self.posted: list[list[dict]] = []
        self.client = httpx.Client(transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/prefix/api/v2/alerts"
        self.posted.append(json.loads(request.read()))
        return httpx.Response(self.status)


@pytest.fixture
def endpoint():
    return Endpoint()


@pytest.fixture
def notifier(endpoint, clock):
    return Alertmanager("http://127.0.0.1:9093/prefix/", clock=clock, client=endpoint.client)


def test_a_firing_alert_ends_by_itself_four_minutes_after_we_fall_silent(notifier, endpoint, alert):
    notifier.send(alert())
    ((posted,),) = endpoint.posted
    assert posted["startsAt"] == "2026-01-15T02:58:00Z"
    assert posted["endsAt"] == "2026-01-15T03:02:00Z"


def test_what_is_firing_is_repeated_each_minute_and_no_sooner(notifier, endpoint, alert, clock):
    notifier.send(alert())
    notifier.refresh()
    clock.forward(59)
    assert notifier.refresh() is None
    clock.forward(1)
    assert notifier.refresh().attempt == "delivered"
    assert [batch[0]["endsAt"] for batch in endpoint.posted] == [
        "2026-01-15T03:02:00Z",
        "2026-01-15T03:02:00Z",
        "2026-01-15T03:03:00Z",
    ]


def test_an_end_is_repeated_for_five_minutes_and_then_forgotten(notifier, endpoint, alert, clock):
    notifier.send(alert())
    clock.forward(600)
    notifier.send(alert(status="resolved", page=True))
    for _ in range(10):
        clock.forward(60)
        notifier.refresh()
    ends = [batch[0]["endsAt"] for batch in endpoint.posted[1:]]
    assert set(ends) == {"2026-01-15T03:08:00Z"}
    assert len(ends) == 1 + 4


def test_escalation_ends_the_alert_of_the_lower_severity(notifier, endpoint, alert, clock):
    notifier.send(alert(severity="warning", page=False))
    clock.forward(120)
    notifier.send(alert())
    new, old = endpoint.posted[-1]
    assert (new["labels"]["severity"], new["labels"]["page"]) == ("critical", "yes")
    assert (old["labels"]["severity"], old["labels"]["page"]) == ("warning", "no")
    assert old["endsAt"] == "2026-01-15T03:00:00Z" < new["endsAt"]


def test_an_alert_that_fires_again_is_not_ended_by_the_repetition_of_its_end(notifier, endpoint, alert, clock):
    notifier.send(alert())
    clock.forward(10)
    notifier.send(alert(status="resolved"))
    clock.forward(10)
    notifier.send(alert(incident="acme-20260115T0310"))
    notifier.refresh()
    (posted,) = endpoint.posted[-1]
    assert posted["endsAt"] > "2026-01-15T03:00:00Z"


def test_an_end_never_comes_before_its_start_even_if_the_clocks_differ(notifier, endpoint, alert, clock):
    late_start = clock.now_us() + 90_000_000
    notifier.send(alert(starts_us=late_start, status="resolved"))
    ((posted,),) = endpoint.posted
    assert posted["endsAt"] == posted["startsAt"] == "2026-01-15T02:59:30Z"


def test_labels_of_the_topic_become_names_alertmanager_takes_and_never_replace_ours(notifier, endpoint, alert):
    notifier.send(
        alert(labels={"on-call": "a", "équipe": "b", "9to5": "c", "severity": "lie", "alertname": "lie", "page": "lie"})
    )
    labels = endpoint.posted[0][0]["labels"]
    assert all(re.fullmatch("[a-zA-Z_][a-zA-Z0-9_]*", name) for name in labels)
    assert labels["on_call"] == "a"
    assert labels["_9to5"] == "c"
    assert (labels["alertname"], labels["severity"], labels["page"]) == ("BrandIncident", "critical", "yes")


def test_a_restart_goes_on_repeating_what_the_store_says_is_firing(endpoint, alert, clock):
    notifier = Alertmanager("http://127.0.0.1:9093/prefix", clock=clock, firing=[alert()], client=endpoint.client)
    assert notifier.refresh().attempt == "delivered"
    assert endpoint.posted[0][0]["labels"]["topic"] == "acme"


def test_what_alertmanager_missed_while_away_it_hears_at_the_next_repetition(notifier, endpoint, alert, clock):
    endpoint.status = 503
    assert notifier.send(alert()).attempt == "retried"
    endpoint.status = 200
    clock.forward(60)
    notifier.refresh()
    assert endpoint.posted[-1][0]["labels"]["severity"] == "critical"
