from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

EXAMPLE = Path(__file__).parents[2] / "rules/alertmanager/alertmanager.yml"

amtool = pytest.mark.skipif(shutil.which("amtool") is None, reason="amtool is not installed")


@amtool
def test_amtool_accepts_the_example():
    done = subprocess.run(["amtool", "check-config", EXAMPLE], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@amtool
@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        ("alertname=BrandIncidentPage topic=acme severity=critical page=yes", "pager,chat"),
        ("alertname=BrandIncidentPage topic=acme severity=warning page=yes", "pager,chat"),
        ("alertname=StoreNotWritable severity=critical page=yes", "pager,chat"),
        ("alertname=BrandIncidentCritical topic=acme severity=critical", "chat"),
        ("alertname=BrandIncidentWarning topic=acme severity=warning", "chat"),
        ("alertname=BrandMentionSpike topic=acme severity=watch", "chat"),
        ("alertname=IngestDown source=x severity=warning", "chat"),
        ("alertname=IngestBackfilled source=x severity=none", "nobody"),
        ("alertname=Watchdog severity=none", "dead-man"),
    ],
)
def test_each_alert_goes_where_it_should(labels: str, receivers: str):
    done = subprocess.run(
        ["amtool", "config", "routes", "test", f"--config.file={EXAMPLE}", *labels.split()],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert done.stdout.strip() == receivers


def test_no_secret_is_written_into_the_example():
    text = EXAMPLE.read_text("utf-8")
    assert not re.findall(r"(?m)^\s*(?:routing_key|api_url|credentials|password|bearer_token|auth_password):", text)


def test_a_page_mutes_the_lesser_alerts_of_its_topic_and_of_no_other():
    rules = yaml.safe_load(EXAMPLE.read_text("utf-8"))["inhibit_rules"]
    for rule in rules:
        if any("Brand" in matcher for matcher in rule["source_matchers"]):
            assert rule["equal"] == ["topic"], rule


def test_trouble_with_sources_mutes_spikes_but_never_an_incident():
    rules = yaml.safe_load(EXAMPLE.read_text("utf-8"))["inhibit_rules"]
    muted = [
        matcher
        for rule in rules
        if any("Ingest" in source for source in rule["source_matchers"])
        for matcher in rule["target_matchers"]
    ]
    assert any("BrandMentionSpike" in matcher for matcher in muted)
    assert not any("Incident" in matcher for matcher in muted)
