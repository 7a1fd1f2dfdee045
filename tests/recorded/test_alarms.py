"""Recorded crises with the default policy, nothing set for them; they were looked at while the product was built."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.clock import HOUR_US, MINUTE_US
from tests.benchmarks.recorded_alarms import AIRLINES, HOAX, incidents_on
from tests.made import at

pytestmark = pytest.mark.recorded


def test_the_hoax_opens_a_watch_within_half_an_hour_and_pages_nobody(recordings: Path) -> None:
    first, found, _ = incidents_on(recordings / HOAX, ["#PhosphorusDisaster"])
    assert found[0].opened_us - first["#PhosphorusDisaster"] <= 30 * MINUTE_US
    assert found[0].reasons[0].name == "coordinated"
    assert {one.severity for one in found} == {"watch"}


def test_the_winter_storm_opens_an_incident_on_its_day_and_nothing_does_before(recordings: Path) -> None:
    _, found, _ = incidents_on(recordings / AIRLINES, ["@united OR @southwestair OR @virginamerica"])
    storm_us = at("00:00", "2015-02-22")
    assert storm_us <= found[0].opened_us < storm_us + 24 * HOUR_US
    assert set(found[0].reasons[0].tests) == {"complaints", "negative_share"}
