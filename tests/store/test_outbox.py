"""Alerts are committed with what they speak of, and wait until they were sent."""

from __future__ import annotations

import threading

import pytest

from monitor.alerts import Alert
from monitor.errors import InputRefused
from monitor.incidents import Incident
from monitor.topics import Topic

ALERT = Alert(
    key="sncf-1:opened",
    incident="sncf-1",
    topic="sncf",
    severity="warning",
    status="firing",
    page=True,
    reason="Ten times the usual.",
    labels={"topic": "sncf"},
    summary="SNCF: unusual",
    description="40 mentions in ten minutes.",
    starts_us=5,
)
RESOLVED = Alert(**{name: getattr(ALERT, name) for name in Alert.__struct_fields__} | {"key": "sncf-1:closed"})
INCIDENT = Incident(
    id="sncf-1",
    topic="sncf",
    state="open",
    severity="watch",
    opened_us=1,
    since_us=1,
    peak_us=1,
    updated_us=1,
    worst_us=1,
)


def test_an_alert_waits_until_it_was_sent(store, posts):
    store.commit(posts.commit(range(1), alerts=[ALERT, RESOLVED]))
    first, second = store.outbox(now_us=10)
    assert (first.alert, first.attempts, first.recorded_us) == (ALERT, 0, posts.start_us)
    assert second.alert == RESOLVED
    assert first.number < second.number
    store.mark_sent(first.number, sent_us=20)
    assert [one.alert for one in store.outbox(now_us=30)] == [RESOLVED]


def test_an_alert_that_could_not_be_sent_is_tried_again_later(store, posts):
    store.commit(posts.commit(range(1), alerts=[ALERT]))
    (waiting,) = store.outbox(now_us=10)
    store.mark_failed(waiting.number, next_attempt_us=500)
    assert store.outbox(now_us=499) == []
    (again,) = store.outbox(now_us=500)
    assert again.attempts == 1


def test_the_same_alert_is_told_once_even_after_it_was_sent(store, posts):
    store.commit(posts.commit(range(1), alerts=[ALERT]))
    (waiting,) = store.outbox(now_us=10)
    store.mark_sent(waiting.number, sent_us=20)
    store.commit(posts.commit(range(1, 2), alerts=[ALERT, RESOLVED]))
    assert [one.alert for one in store.outbox(now_us=30)] == [RESOLVED]


def test_the_outbox_is_emptied_in_portions(store, posts):
    alerts = [Alert(**{n: getattr(ALERT, n) for n in Alert.__struct_fields__} | {"key": f"{k}"}) for k in range(9)]
    store.commit(posts.commit(range(1), alerts=alerts))
    assert [one.alert.key for one in store.outbox(now_us=1, limit=4)] == ["0", "1", "2", "3"]


def test_what_people_do_is_on_the_timeline_with_their_name(store, posts, rows_of):
    store.commit(posts.commit(range(1), incidents={INCIDENT.id: INCIDENT}))
    for place, action in enumerate(("note", "acknowledged", "note", "acknowledged", "resolved")):
        entry = store.act(
            INCIDENT.id, action, actor=f"Ana {place}", text="Vu.\0", at_us=100 + place, recorded_us=200 + place
        )
        assert entry.sequence == place
    lines = rows_of("SELECT at_us, kind, sequence, recorded_us, text, actor FROM timeline ORDER BY sequence")
    assert lines[1] == (101, "acknowledged", 1, 201, "Vu.\ufffd", "Ana 1")
    assert [line[1] for line in lines] == ["note", "acknowledged", "note", "acknowledged", "resolved"]
    query = "SELECT acknowledged_us, acknowledged_by, dismissed_us FROM incidents"
    assert rows_of(query) == [(101, "Ana 1", None)], "the first acknowledgement stays"


def test_two_notes_at_the_same_instant_are_both_kept(store, posts):
    store.commit(posts.commit(range(1), incidents={INCIDENT.id: INCIDENT}))
    for _ in range(2):
        store.act(INCIDENT.id, "note", actor="Ana", text="Same.", at_us=7, recorded_us=7)
    assert len(list(store.timeline())) == 2


def test_acting_on_an_incident_that_is_not_there_is_refused(store):
    with pytest.raises(InputRefused, match="there is no incident 'sncf-9'"):
        store.act("sncf-9", "note", actor="Ana", text="Hm.", at_us=1, recorded_us=1)


def test_people_and_ingest_write_at_the_same_time(store, posts, rows_of):
    store.commit(posts.commit(range(1), incidents={INCIDENT.id: INCIDENT}))
    failures = []

    def people(name):
        try:
            for at_us in range(10):
                store.act(INCIDENT.id, "note", actor=name, text="Note.", at_us=at_us, recorded_us=1)
        except Exception as error:  # noqa: BLE001 - shown by the test, from another thread
            failures.append(error)

    threads = [threading.Thread(target=people, args=(name,)) for name in ("Ana", "Bob", "Eve")]
    for thread in threads:
        thread.start()
    for first in range(1, 400, 20):
        store.commit(posts.commit(range(first, first + 20), incidents={INCIDENT.id: INCIDENT}))
    for thread in threads:
        thread.join()
    assert failures == []
    assert sorted(rows_of("SELECT sequence FROM timeline")) == [(place,) for place in range(30)]
    assert rows_of("SELECT count(*) FROM mentions") == [(401,)]


def test_topics_no_longer_watched_stay_known(store, rows_of):
    names = [Topic(id=name, name=name.upper(), query=name) for name in ("edf", "sncf")]
    store.save_topics(names)
    store.save_topics([Topic(id="sncf", name="SNCF Voyageurs", query="sncf")])
    assert rows_of("SELECT id, active FROM topics ORDER BY id") == [("edf", False), ("sncf", True)]
    assert "SNCF Voyageurs" in rows_of("SELECT body FROM topics WHERE id = 'sncf'")[0][0]
