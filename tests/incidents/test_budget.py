"""What a topic may spend by day, and what by night."""

from datetime import time

import pytest

from monitor.anomalies.combination import PRUDENCE
from monitor.incidents.budget import NEVER_OPEN, Budget
from monitor.topics import OpeningHours, Policy
from tests.made import at, topic

NAMES = ("seasonal_counts", "slow_burn", "negative_share", "own_replies", "voices", *NEVER_OPEN)
MINUTES_A_WEEK = 7 * 1440


def spent(budget: Budget, level: str) -> float:
    """Chances of a false alarm that one test may spend in a week."""
    first = at("00:00", "2026-01-12")
    return sum(getattr(budget.at(first + minute * 60_000_000), level) for minute in range(MINUTES_A_WEEK))


def test_the_levels_spend_a_third_of_what_is_promised_whatever_the_hours() -> None:
    policies = [Policy(), Policy(pages_at_night=0.2, warnings_at_night=1.5, watches_at_night=0.1)]
    for policy in policies:
        budget = Budget(topic(policy=policy, time_zone="Europe/Paris"), NAMES)
        assert 5 * spent(budget, "watch") + spent(budget, "together") == pytest.approx(7 * PRUDENCE)
        assert 2 * spent(budget, "warning") == pytest.approx(2.0 * 7 / 30 * PRUDENCE)
        assert 2 * spent(budget, "page") == pytest.approx(2.0 * 7 / 30 * PRUDENCE)


def test_the_night_spends_its_own_share() -> None:
    budget = Budget(topic(policy=Policy(pages_per_month=3.0, pages_at_night=1.0)), NAMES)
    night, day = budget.at(at("03:00")), budget.at(at("12:00"))
    assert 2 * night.page * 10 * 60 * 30 == pytest.approx(1.0 * PRUDENCE)
    assert 2 * day.page * 14 * 60 * 30 == pytest.approx(2.0 * PRUDENCE)
    assert night.watch == day.watch


@pytest.mark.parametrize(
    ("clock", "day", "is_night"),
    [
        ("06:59", "2026-01-12", True),  # Monday 07:59 in Paris
        ("07:01", "2026-01-12", False),
        ("18:59", "2026-01-16", False),  # Friday
        ("19:00", "2026-01-16", True),
        ("12:00", "2026-01-17", True),  # Saturday
        ("06:30", "2026-07-13", False),  # summer: 08:30
    ],
)
def test_the_day_is_when_somebody_is_there_by_their_own_clocks(clock: str, day: str, is_night: bool) -> None:
    hours = (OpeningHours((1, 2, 3, 4, 5), time(8), time(20)),)
    assert Budget(topic(opening_hours=hours, time_zone="Europe/Paris"), NAMES).is_night(at(clock, day)) is is_night


def test_a_brand_that_never_closes_has_no_night() -> None:
    hours = (OpeningHours((1, 2, 3, 4, 5, 6, 7), time(0), time.max),)
    budget = Budget(topic(opening_hours=hours, policy=Policy(pages_at_night=0.1)), NAMES)
    assert not budget.is_night(at("03:00"))
    assert budget.at(at("03:00")) == budget.at(at("12:00")) == Budget(topic(), NAMES).at(at("12:00"))
