"""Up to which severity somebody said that an incident is nothing, or dealt with."""

from __future__ import annotations

import pytest

from monitor.incidents import TimelineEntry
from monitor.queries import TimelineRow, answered_up_to


def row(recorded_us: int, kind: str, severity: float | None = None, *, actor: str | None = None) -> TimelineRow:
    facts = {} if severity is None else {"severity": severity}
    return TimelineRow(
        TimelineEntry(incident="i", sequence=0, at_us=0, kind=kind, text="", facts=facts), recorded_us, actor
    )


WATCHED, WARNED, CRITICAL = row(1, "opened", 1.0), row(5, "escalated", 2.0), row(9, "escalated", 3.0)


@pytest.mark.parametrize(
    ("deeds", "expected"),
    [
        ([], None),
        ([row(2, "acknowledged", actor="z"), row(3, "note", actor="z")], None),
        ([row(2, "dismissed", actor="z")], "watch"),
        ([row(6, "resolved", actor="z")], "warning"),
        ([row(10, "dismissed", actor="z")], "critical"),
        ([row(2, "dismissed", actor="z"), row(6, "resolved", actor="y"), row(10, "note", actor="y")], "warning"),
        ([row(0, "dismissed", actor="z")], None),
        ([row(6, "dismissed")], None),
        ([row(10, "resolved", actor="z"), row(11, "paused")], None),
        (
            [
                row(10, "resolved", actor="z"),
                row(11, "paused"),
                row(12, "reopened", 1.0),
                row(13, "resolved", actor="z"),
            ],
            "watch",
        ),
    ],
)
def test_what_was_known_when_somebody_last_said_so_counts(deeds: list[TimelineRow], expected: str | None) -> None:
    assert answered_up_to([CRITICAL, *deeds, WARNED, WATCHED]) == expected
