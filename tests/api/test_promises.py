"""Promised against achieved over HTTP: the figures of the topic's page."""

from __future__ import annotations

from monitor.clock import rfc3339
from monitor.queries import Reading, freshness, promises
from tests.api.served import Served


def test_the_promises_of_a_topic_are_those_of_its_page(crisis: Served) -> None:
    answer = crisis.get("/api/topics/acme/promises").json()
    with Reading(crisis.rig.address).snapshot() as look:
        end_us = freshness(look, crisis.rig.clock.now_us()).watermark_us
        expected = promises(look, "acme", end_us)
    assert [(one["severity"], one["hours"]) for one in answer] == [(one.severity, one.hours) for one in expected]
    for said, one in zip(answer, expected, strict=True):
        assert said["promised_per_month"] == one.kept.promised
        assert (said["raised"]["count"], said["raised"]["high"]) == (one.kept.raised.count, one.kept.raised.upper)
        assert said["dismissed"]["low"] <= said["dismissed"]["per_month"] <= said["dismissed"]["high"]
        assert (said["standing"], said["is_broken"]) == (one.kept.standing, False)
        assert said["since"] < said["until"] == rfc3339(end_us)
    assert sum(one["raised"]["count"] for one in answer) == 1


def test_a_topic_that_is_not_there_is_404(crisis: Served) -> None:
    assert crisis.get("/api/topics/nowhere/promises").status_code == 404
