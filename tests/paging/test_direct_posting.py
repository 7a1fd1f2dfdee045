"""The notifier for those who run Alertmanager without Prometheus, against the real one."""

from __future__ import annotations

import httpx
import pytest

from monitor.alerts import Alert
from monitor.clock import SECOND_US, SystemClock
from monitor.notifiers.alertmanager import Alertmanager

pytestmark = pytest.mark.paging


def alert(severity: str, status: str = "firing") -> Alert:
    began_us = SystemClock().now_us() - 600 * SECOND_US
    return Alert(
        key=f"acme:{severity}:{status}",
        incident="acme-20260126T0300",
        topic="acme",
        severity=severity,
        status=status,
        page=severity == "critical",
        reason="Paged.",
        labels={"topic": "acme", "équipe de garde": "réseaux sociaux"},
        summary=f"{severity} · Acme Télécom",
        description="114 mentions in 15 minutes, usually 0 to 3.",
        starts_us=began_us,
        ends_us=began_us + 60 * SECOND_US if status == "resolved" else None,
    )


def firing(url: str) -> list[dict[str, str]]:
    known = httpx.get(f"{url}/api/v2/alerts", timeout=10, trust_env=False).json()
    return [each["labels"] for each in known]


def test_alertmanager_takes_what_we_post_follows_an_escalation_and_forgets_what_ended(lone_alertmanager):
    notifier = Alertmanager(lone_alertmanager, clock=SystemClock())
    assert notifier.send(alert("warning")).attempt == "delivered"
    (labels,) = firing(lone_alertmanager)
    assert labels == {
        "alertname": "BrandIncident",
        "topic": "acme",
        "severity": "warning",
        "page": "no",
        "_quipe_de_garde": "réseaux sociaux",
    }
    assert notifier.send(alert("critical")).attempt == "delivered"
    assert [(each["severity"], each["page"]) for each in firing(lone_alertmanager)] == [("critical", "yes")]
    assert notifier.refresh().attempt == "delivered"
    assert notifier.send(alert("critical", "resolved")).attempt == "delivered"
    assert firing(lone_alertmanager) == []
