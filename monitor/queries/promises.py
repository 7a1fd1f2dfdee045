"""What a topic's alarm budget promised, and what came of it."""

from __future__ import annotations

from collections import Counter
from typing import Final, Literal, cast

import msgspec
from sqlalchemy import Connection, func, select

from monitor.clock import DAY_US
from monitor.incidents import SEVERITIES, Severity
from monitor.incidents.budget import Budget
from monitor.incidents.promise import DAYS_PER_MONTH, Achieved, achieved
from monitor.queries.spans import topic
from monitor.store.schema import incidents, signals
from monitor.topics import Policy

__all__ = ["LOOKBACK_US", "Hours", "Promise", "promises"]

Hours = Literal["always", "day", "night"]

LOOKBACK_US: Final = 90 * DAY_US
"""A promise is judged by the last three months: settings and brands change."""


class Promise(msgspec.Struct, frozen=True):
    """One severity's budget, by day and night together or apart, and what was achieved."""

    severity: Severity
    hours: Hours
    kept: Achieved


def promises(connection: Connection, identifier: str, end_us: int) -> list[Promise]:
    """Hold each severity's budget of a topic against the incidents of the last three months.

    An incident counts once, by the severity it reached and the time it opened; drills do not count. Empty when the
    topic is unknown or has not been heard yet.
    """
    watched = topic(connection, identifier)
    start_us = end_us - LOOKBACK_US
    first = connection.execute(
        select(func.min(signals.c.start_us)).where(signals.c.topic == identifier, signals.c.start_us >= start_us)
    ).scalar()
    if watched is None or first is None or end_us <= first:
        return []
    days = (end_us - first) / DAY_US
    budget = Budget(watched, ())
    raised: Counter[tuple[str, bool]] = Counter()
    dismissed: Counter[tuple[str, bool]] = Counter()
    query = select(incidents.c.severity, incidents.c.opened_us, incidents.c.dismissed_us).where(
        incidents.c.topic == identifier, incidents.c.opened_us >= first, incidents.c.drill.is_(False)
    )
    for row in connection.execute(query):
        key = (row.severity, budget.is_night(row.opened_us))
        raised[key] += 1
        dismissed[key] += row.dismissed_us is not None
    found = []
    for severity in reversed(SEVERITIES):
        for hours, per_month in _promised(watched.policy, severity).items():
            nights = {"always": (False, True), "day": (False,), "night": (True,)}[hours]
            counts = [sum(count[severity, is_night] for is_night in nights) for count in (raised, dismissed)]
            found.append(Promise(severity, cast("Hours", hours), achieved(per_month, days, *counts)))
    return found


def _promised(policy: Policy, severity: Severity) -> dict[str, float]:
    """Return the false alarms a month that a policy allows, by the hours it tells apart."""
    every, at_night = {
        "watch": (policy.watches_per_day, policy.watches_at_night),
        "warning": (policy.warnings_per_month, policy.warnings_at_night),
        "critical": (policy.pages_per_month, policy.pages_at_night),
    }[severity]
    months = DAYS_PER_MONTH if severity == "watch" else 1.0
    if at_night is None:
        return {"always": every * months}
    return {"day": max(1e-9, every - at_night) * months, "night": at_night * months}
