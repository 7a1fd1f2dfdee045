"""What people do to an incident lands on its timeline, at the right time, once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from monitor.clock import DAY_US, HOUR_US
from monitor.desk import Desk
from monitor.errors import InputRefused, StoreError
from monitor.incidents import TimelineEntry
from monitor.queries import IncidentRow, Reading, incident, incident_timeline, recent_incidents
from tests.service.rig import NOON, Rig, story

STORY_END = NOON - DAY_US + HOUR_US


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A service that has seen a crisis which ended 23 hours ago."""
    rig = Rig(tmp_path, follows_wall_clock=False)
    rig.post(*story(NOON - 5 * DAY_US))
    yield rig
    rig.close()


def desk(rig: Rig, *, follows_wall_clock: bool = True) -> Desk:
    reading = Reading(rig.address)
    return Desk(rig.store, reading, rig.clock, author_secret=b"secret", follows_wall_clock=follows_wall_clock)


def row(rig: Rig) -> IncidentRow:
    with Reading(rig.address).snapshot() as look:
        (found,) = recent_incidents(look, 10)
        assert incident(look, found.incident.id) == found
        return found


def said(rig: Rig) -> list[tuple[str, str, str | None]]:
    with Reading(rig.address).snapshot() as look:
        rows = incident_timeline(look, row(rig).incident.id)
    return [(one.entry.kind, one.entry.text, one.actor) for one in rows if one.actor is not None]


def test_live_an_action_happens_now(rig: Rig) -> None:
    entry = desk(rig).acknowledge(row(rig).incident.id, "Zoé", "")
    assert entry.at_us == NOON
    assert row(rig).acknowledged_us == NOON


def test_in_a_drill_an_action_happens_where_event_time_stands(rig: Rig) -> None:
    entry = desk(rig, follows_wall_clock=False).acknowledge(row(rig).incident.id, "Zoé", "")
    assert STORY_END - HOUR_US < entry.at_us <= STORY_END


def test_the_first_to_acknowledge_is_the_one_who_has_it(rig: Rig) -> None:
    identifier = row(rig).incident.id
    desk(rig).acknowledge(identifier, "Zoé", "I have it")
    rig.clock.advance(HOUR_US)
    desk(rig).acknowledge(identifier, "Ana", "")
    assert (row(rig).acknowledged_by, row(rig).acknowledged_us) == ("Zoé", NOON)
    assert said(rig) == [("acknowledged", "I have it", "Zoé"), ("acknowledged", "Acknowledged.", "Ana")]


def test_a_note_changes_nothing_but_the_timeline(rig: Rig) -> None:
    before = row(rig)
    desk(rig).note(before.incident.id, "Zoé", "On appelle la directrice à 18 h.")
    assert row(rig) == before
    assert said(rig) == [("note", "On appelle la directrice à 18 h.", "Zoé")]


def test_two_people_at_the_same_instant_both_get_their_line(rig: Rig) -> None:
    identifier = row(rig).incident.id
    for person in ("Zoé", "Ana", "Zoé"):
        desk(rig).note(identifier, person, "the same words")
    assert len(said(rig)) == 3


@pytest.mark.parametrize(("action", "kind"), [("dismiss", "dismissed"), ("resolve", "resolved")])
def test_whoever_decides_has_taken_note(rig: Rig, action: str, kind: str) -> None:
    decide: Callable[[str, str, str], TimelineEntry] = getattr(desk(rig), action)
    decide(row(rig).incident.id, "Zoé", "")
    found = row(rig)
    assert found.acknowledged_us == NOON
    assert (found.dismissed_us is not None) == (action == "dismiss")
    assert [one[0] for one in said(rig)] == [kind]
    assert said(rig)[0][1], "a line always says something"


def test_what_people_did_outlives_what_the_system_sees_next(rig: Rig) -> None:
    identifier = row(rig).incident.id
    desk(rig, follows_wall_clock=False).dismiss(identifier, "Zoé", "a match on television")
    before = row(rig)
    rig.post(rig.say("much later", ago_us=0))
    after = row(rig)
    assert after.incident.id == identifier
    assert after.incident.updated_us > before.incident.updated_us
    assert (after.dismissed_us, after.acknowledged_by) == (before.dismissed_us, "Zoé")


def test_nobody_can_act_on_what_is_not_there(rig: Rig) -> None:
    with pytest.raises(InputRefused, match="there is no incident 'nowhere'"):
        desk(rig).note("nowhere", "Zoé", "!")


def test_a_store_that_cannot_be_written_says_so(rig: Rig) -> None:
    identifier = row(rig).incident.id
    with closing(sqlite3.connect(rig.address, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with rig.store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout = 0")  # the next writer waits for nobody
        with pytest.raises(StoreError, match="is locked by another program"):
            desk(rig).note(identifier, "Zoé", "!")
    assert said(rig) == []
