"""Real or made, on recorded bursts whose nature is known; see tests/benchmarks/authenticity.py for the table."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.benchmarks.authenticity import Label, events, false_calls, hoax

pytestmark = [pytest.mark.recorded, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def labels(recordings: Path) -> list[Label]:
    return events(recordings)


def test_a_hoax_by_eleven_accounts_is_called_coordinated_within_ten_minutes(recordings: Path) -> None:
    began, called = map(datetime.fromisoformat, hoax(recordings))
    assert f"{began:%Y-%m-%d %H:%M}" == "2015-03-10 19:38"
    assert called - began <= timedelta(minutes=10)


def test_every_burst_gets_its_label(labels: list[Label]) -> None:
    checked = [label for label in labels if label.known in ("coordinated", "organic")]
    assert len(checked) == 16
    assert [label for label in checked if label.said != label.known] == []


def test_a_rumour_spread_by_six_hundred_accounts_without_followers_is_flagged(labels: list[Label]) -> None:
    (rumour,) = [label for label in labels if (label.topic, label.day) == ("$AMZN", "2014-05-21")]
    assert rumour.said == "coordinated"
    assert rumour.set_aside > rumour.mentions / 2


def test_what_people_say_of_news_and_of_a_storm_is_never_called_made(recordings: Path) -> None:
    found = list(false_calls(recordings))
    assert sum(minutes for _, minutes, _ in found) > 5_000
    assert [(query, wrong) for query, _, wrong in found if wrong] == []
