"""What was promised against what the story of the war room's tests holds."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from monitor import queries
from monitor.clock import DAY_US
from monitor.queries.promises import _promised
from monitor.topics import Policy


def test_each_severity_is_held_against_its_budget_the_gravest_first(look: Connection, end_us: int) -> None:
    found = queries.promises(look, "acme", end_us)
    assert [(one.severity, one.hours) for one in found] == [
        ("critical", "always"), ("warning", "always"), ("watch", "always"),
    ]  # fmt: skip
    assert [one.kept.promised for one in found] == [2.0, 2.0, 30.0]
    assert [one.kept.raised.count for one in found] == [1, 0, 0]
    assert found[0].kept.dismissed.count == 0
    assert 0 < found[0].kept.days <= 90


def test_incidents_from_before_and_other_topics_do_not_count(look: Connection, end_us: int) -> None:
    assert queries.promises(look, "no such topic", end_us) == []
    assert queries.promises(look, "acme", end_us - 1000 * DAY_US) == []


def test_a_budget_that_differs_by_night_is_told_apart() -> None:
    policy = Policy(pages_per_month=3.0, pages_at_night=1.0)
    assert _promised(policy, "critical") == {"day": 2.0, "night": 1.0}
    assert _promised(policy, "watch") == {"always": 30.0}
    assert msgspec.json.decode(msgspec.json.encode(policy), type=Policy) == policy
