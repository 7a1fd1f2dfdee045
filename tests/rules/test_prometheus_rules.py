from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry

from monitor.clock import SystemClock
from monitor.metrics import Metrics

ROOT = Path(__file__).parents[2]
RULES = sorted((ROOT / "rules/prometheus").glob("*.rules.yml"))
TESTS = sorted((ROOT / "rules/prometheus/tests").glob("*.test.yml"))
RUNBOOK = (ROOT / "rules/RUNBOOK.md").read_text("utf-8")

promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")


def rules(kind: str) -> list[dict[str, Any]]:
    groups = [group for path in RULES for group in yaml.safe_load(path.read_text("utf-8"))["groups"]]
    return [rule for group in groups for rule in group["rules"] if kind in rule]


ALERTS = rules("alert")
each_alert = pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])


def run(*command: str | Path) -> str:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@promtool
def test_promtool_accepts_the_rules_and_the_example_configuration():
    run("promtool", "check", "rules", "--lint=all", "--lint-fatal", *RULES)
    run("promtool", "check", "config", ROOT / "rules/prometheus/prometheus.yml")


@promtool
@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name)
def test_promtool_passes_the_unit_tests_of_the_rules(path: Path):
    run("promtool", "test", "rules", path)


@promtool
@pytest.mark.parametrize(
    ("rule", "broken"),
    [
        ("max by (topic, severity) (badbuzz_incident_page) == 1", "badbuzz_incident_page == 1"),
        ("max by (topic, severity) (badbuzz_incident_page) == 1", "max by (severity) (badbuzz_incident_page) == 1"),
        ("keep_firing_for: 1h", "keep_firing_for: 10m"),
        ("topic:badbuzz_topic_surprise:max >= 6", "topic:badbuzz_topic_surprise:max >= 4"),
        ("3 * 60 *", "1 *"),
        ("max by (topic, severity) (badbuzz_alarm_budget_broken) == 1", "badbuzz_alarm_budget_broken == 1"),
    ],
)
def test_the_unit_tests_of_the_rules_can_fail(tmp_path: Path, rule: str, broken: str):
    shutil.copytree(ROOT / "rules/prometheus", tmp_path / "prometheus")
    path = tmp_path / "prometheus/brands.rules.yml"
    intact = path.read_text("utf-8")
    assert rule in intact
    path.write_text(intact.replace(rule, broken), "utf-8")
    tests = tmp_path / "prometheus/tests/brands.test.yml"
    done = subprocess.run(["promtool", "test", "rules", tests], capture_output=True, timeout=60, check=False)
    assert done.returncode != 0


def test_every_alert_has_a_unit_test():
    tested = {
        case["alertname"]
        for path in TESTS
        for test in yaml.safe_load(path.read_text("utf-8"))["tests"]
        for case in test["alert_rule_test"]
        if case["exp_alerts"]
    }
    assert tested == {alert["alert"] for alert in ALERTS}


@each_alert
def test_every_alert_says_how_bad_what_and_what_to_do(alert: dict[str, Any]):
    severity = alert.get("labels", {}).get("severity")
    assert severity in {"critical", "warning", "watch", "info", "none"} or "by (topic, severity)" in alert["expr"]
    assert alert["annotations"].keys() == {"summary", "description", "runbook_url"}
    assert alert["annotations"]["runbook_url"] == f"rules/RUNBOOK.md#{alert['alert'].lower()}"


@each_alert
def test_every_alert_has_a_section_with_three_steps_in_the_runbook(alert: dict[str, Any]):
    _, _, section = RUNBOOK.partition(f"\n## {alert['alert']}\n")
    assert section, "no section"
    steps = re.findall(r"(?m)^(\d)\. ", section.partition("\n## ")[0])
    assert steps == ["1", "2", "3"]


def test_the_runbook_speaks_of_no_alert_that_does_not_exist():
    assert set(re.findall(r"(?m)^## (\w+)$", RUNBOOK)) == {alert["alert"] for alert in ALERTS}


def test_every_page_outlives_an_hour_without_alertmanager_or_describes_a_state_that_lasts():
    paging = [alert for alert in ALERTS if alert.get("labels", {}).get("page") == "yes"]
    assert {alert["alert"] for alert in paging} == {
        *("BrandIncidentPage", "IngestAbsent", "IngestBlind", "StoreNotWritable")
    }
    (brand,) = (alert for alert in paging if alert["alert"] == "BrandIncidentPage")
    assert brand["keep_firing_for"] == "1h"


def test_no_rule_speaks_of_instances_or_jobs():
    for rule in [*ALERTS, *rules("record")]:
        assert not re.search(r"\b(instance|job|pod|replica)\b", rule["expr"]), rule


def test_rules_use_only_series_that_exist():
    used = set()
    for rule in [*ALERTS, *rules("record")]:
        texts = [rule["expr"], *rule.get("annotations", {}).values(), *rule.get("labels", {}).values()]
        used |= {name for text in texts for name in re.findall(r"(?<![:\w])badbuzz_\w+", text)}
    assert used
    assert used <= exposed()


def test_recorded_series_are_named_by_level_metric_and_operation_and_none_is_unknown():
    recorded = {rule["record"] for rule in rules("record")}
    for name in recorded:
        assert re.fullmatch(r"(topic|source):badbuzz_\w+:\w+", name)
    used = {
        name
        for alert in ALERTS
        for text in [alert["expr"], *alert["annotations"].values()]
        for name in re.findall(r"\b\w+:\w+:\w+", text)
    }
    assert used == recorded


def exposed() -> set[str]:
    registry = CollectorRegistry()
    metrics = Metrics(registry, (), clock=SystemClock(), version="0")
    page = metrics.exposition().decode()
    families = dict(re.findall(r"(?m)^# TYPE (\S+) (\w+)$", page))
    return {
        name + suffix
        for name, kind in families.items()
        for suffix in (("_bucket", "_count", "_sum") if kind == "histogram" else ("",))
    }
