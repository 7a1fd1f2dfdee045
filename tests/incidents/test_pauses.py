"""A crisis that sleeps at night is one incident in the morning, and nobody is kept awake by it meanwhile."""

from __future__ import annotations

import msgspec
import pytest

from monitor.alerts import alert_of
from monitor.clock import DAY_US, HOUR_US, MINUTE_US
from monitor.incidents.tracker import Change, IncidentTracker, TrackerState
from monitor.topics import Policy
from tests.incidents.crowd import Crowd
from tests.incidents.test_tracker import verdict
from tests.made import at, match, topic

MORNING = at("09:10", "2026-01-05")
GRAVE, MILD = (1e-12, -0.9), (1e-6, 0.3)
PAGED = topic(policy=Policy(page_from="critical"))


def live(mornings: dict[int, tuple[float, float]], days: float, *, restarts: bool = False) -> list[Change]:
    """Return what changed in quiet days with a loud minute, of a rarity and a tone, on some mornings."""
    tracker, crowd, changes = IncidentTracker(topic(), ["counts"]), Crowd(), []
    loud = {MORNING + day * DAY_US: said for day, said in mornings.items()}
    for start in range(MORNING, MORNING + int(days * DAY_US), MINUTE_US):
        posts = []
        p_value, tone = loud.get(start, (0.5, 0.0))
        if start in loud:
            posts = [match(f"{start}-{number}", start + number, tone=tone) for number in range(30)]
        change = tracker.close_minute(start, posts, [*verdict(p_value), *crowd.judge(start, posts)], [])
        changes += [change] if change is not None else []
        if restarts and start % HOUR_US == 0:
            saved = msgspec.msgpack.encode(tracker.snapshot())
            tracker = IncidentTracker(topic(), ["counts"])
            tracker.restore(msgspec.msgpack.decode(saved, type=TrackerState))
    return changes


def kinds(changes: list[Change]) -> list[str]:
    told = {"opened", "escalated", "paused", "reopened", "closed"}
    return [entry.kind for change in changes for entry in change.entries if entry.kind in told]


def test_a_crisis_of_three_mornings_is_one_incident_that_ends_a_day_after_the_last() -> None:
    changes = live({0: GRAVE, 1: GRAVE, 2: GRAVE}, 4.0)
    assert len({change.incident.id for change in changes}) == 1
    assert kinds(changes) == ["opened", "paused", "reopened", "paused", "reopened", "paused", "closed"]
    assert changes[-1].incident.closed_us == MORNING + 3 * DAY_US + MINUTE_US
    said = [entry.text for change in changes for entry in change.entries if entry.kind in ("paused", "reopened")]
    assert said[0].startswith("Quiet since 9:11; kept open until a day has passed")
    assert said[1] == "Unusual again after a pause, as critical."


def test_it_goes_on_exactly_after_a_restart() -> None:
    nights = {0: GRAVE, 1: MILD}
    assert live(nights, 2.5, restarts=True) == live(nights, 2.5)


def test_the_alarm_is_over_while_it_sleeps_and_pages_again_in_the_morning() -> None:
    announced = [change for change in live({0: GRAVE, 1: GRAVE}, 3.0) if change.announce]
    alerts = [alert_of(PAGED, change.incident) for change in announced]
    assert [(alert.status, alert.page) for alert in alerts] == [("firing", True), ("resolved", False)] * 2
    assert alerts[1].ends_us == MORNING + 3 * HOUR_US + MINUTE_US
    assert alerts[2].starts_us == MORNING + DAY_US + MINUTE_US
    assert {change.incident.state for change in announced} == {"open", "subsiding"}


def test_what_comes_back_less_bad_pages_nobody_and_may_get_worse_again() -> None:
    # The last morning begins with a spike in which nobody complains, and the crowd turns an hour later.
    changes = live({0: GRAVE, 1: MILD}, 2.0)
    (again,) = [change for change in changes if "reopened" in [entry.kind for entry in change.entries]]
    alert = alert_of(PAGED, again.incident)
    assert (alert.severity, alert.page, again.incident.severity) == ("watch", False, "critical")
    assert [reason.name for reason in again.incident.reasons] == ["velocity"], "why it alarms now"


def test_a_spike_in_which_nobody_complains_closes_after_three_hours() -> None:
    assert kinds(live({0: (1e-12, 0.4)}, 0.2)) == ["opened", "closed"]


def test_a_watch_keeps_no_incident_open_however_firm_its_tone(monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = IncidentTracker(topic(), ["counts"])
    monkeypatch.setattr("monitor.incidents.freezing.Freezing.sleeps", lambda *_: True)
    changes = []
    for number in range(200):
        start = MORNING + number * MINUTE_US
        posts = [match(str(number), start, tone=0.2)] * 9 if number == 0 else []
        change = tracker.close_minute(start, posts, verdict(1e-6 if number == 0 else 0.5), [])
        changes += [change] if change is not None else []
    assert changes[0].incident.severity == "watch"
    assert kinds(changes) == ["opened", "closed"]


def test_a_crisis_is_one_incident_while_every_morning_is_as_bad_until_it_is_how_people_speak() -> None:
    changes = live(dict.fromkeys(range(31), GRAVE), 31.0)
    first = changes[0].incident.id
    closed = next(change.incident for change in changes if change.incident.state == "closed")
    assert closed.id == first
    assert 28 * DAY_US <= (closed.closed_us or 0) - closed.opened_us <= 29 * DAY_US
    assert [entry.kind for change in changes for entry in change.entries].count("settled") == 1
