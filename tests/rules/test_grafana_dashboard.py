from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry

from monitor.clock import SystemClock
from monitor.metrics import Metrics

PATH = Path(__file__).parents[2] / "dashboards/grafana/badbuzz.json"
DASHBOARD = json.loads(PATH.read_text("utf-8"))
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from nodes(each)


def expressions() -> list[str]:
    return [node["expr"] for node in nodes(DASHBOARD) if "expr" in node]


def test_every_query_goes_to_the_data_source_a_person_chose():
    assert DASHBOARD["templating"]["list"][0]["type"] == "datasource"
    uids = [node["datasource"]["uid"] for node in nodes(DASHBOARD) if isinstance(node.get("datasource"), dict)]
    assert len(uids) >= 2 * len(PANELS)
    assert set(uids) == {"${datasource}"}


def test_every_panel_asks_only_for_series_that_exist():
    registry = CollectorRegistry()
    page = Metrics(registry, (), clock=SystemClock(), version="0").exposition().decode()
    exposed = {
        name + suffix
        for name, kind in re.findall(r"(?m)^# TYPE (\S+) (\w+)$", page)
        for suffix in (("_bucket", "_count", "_sum") if kind == "histogram" else ("",))
    }
    used = {name for expr in expressions() for name in re.findall(r"badbuzz_\w+", expr)}
    assert len(used) > 20
    assert used <= exposed


def test_every_panel_says_what_it_shows_and_overlaps_no_other():
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        assert panel["title"]
        assert panel["type"] == "row" or panel["description"].endswith(".")
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def test_no_text_panel_could_run_what_a_post_says():
    assert {panel["type"] for panel in PANELS} <= {"stat", "timeseries"}


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_prometheus_can_read_every_query(tmp_path: Path):
    rules = [
        {"record": f"panel:{number}", "expr": expr.replace("$topic", "acme")}
        for number, expr in enumerate(expressions())
    ]
    path = tmp_path / "dashboard.rules.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}), "utf-8")
    done = subprocess.run(["promtool", "check", "rules", path], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
