from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts import Alert
from monitor.errors import StoreUnavailable
from monitor.notifiers import Receipt
from monitor.notifiers.delivery import (
    ATTEMPTS_AT_MOST,
    BACKOFF_AT_MOST_SECONDS,
    REFUSED_SECONDS,
    Delivery,
    backoff_seconds,
)


@dataclass
class Row:
    number: int
    alert: Alert
    attempts: int = 0
    next_us: int = 0
    sent_us: int | None = None


@dataclass
class Memory:
    """The store's outbox, in a list."""

    rows: list[Row] = field(default_factory=list)

    def put(self, *alerts: Alert) -> None:
        for alert in alerts:
            self.rows.append(Row(len(self.rows) + 1, alert))

    def outbox(self, now_us: int, limit: int) -> list[Row]:
        return [row for row in self.rows if row.sent_us is None and row.next_us <= now_us][:limit]

    def mark_sent(self, number: int, at_us: int) -> None:
        self.rows[number - 1].sent_us = at_us

    def mark_failed(self, number: int, next_attempt_us: int) -> None:
        row = self.rows[number - 1]
        row.attempts += 1
        row.next_us = next_attempt_us

    @property
    def unsent(self) -> list[int]:
        return [row.number for row in self.rows if row.sent_us is None]


class Scripted:
    """A notifier that answers by a script, then delivers."""

    def __init__(self, name: str, *script: str, wait_seconds: float = 0.0) -> None:
        self.name = name
        self.script = list(script)
        self.wait_seconds = wait_seconds
        self.tried: list[str] = []
        self.got: list[str] = []
        self.refreshes = 0

    def send(self, alert: Alert) -> Receipt:
        self.tried.append(alert.key)
        attempt = self.script.pop(0) if self.script else "delivered"
        if attempt == "delivered":
            self.got.append(alert.key)
        return Receipt(attempt, wait_seconds=self.wait_seconds)

    def refresh(self) -> Receipt | None:
        self.refreshes += 1
        return None


class Tally:
    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.waiting = -1

    def notification(self, notifier: str, outcome: str) -> None:
        self.counts[notifier, outcome] += 1

    def outbox(self, alerts: int) -> None:
        self.waiting = alerts


@pytest.fixture
def tally():
    return Tally()


@pytest.fixture
def outbox():
    return Memory()


@pytest.fixture
def deliver(outbox, clock, tally):
    def make(*notifiers):
        return Delivery(outbox, notifiers, clock=clock, tally=tally, random=Random(7))

    return make


def test_every_notifier_gets_every_alert_once_and_the_outbox_is_empty(deliver, outbox, alert, tally):
    pager, chat = Scripted("pager"), Scripted("chat")
    outbox.put(alert(key="a"), alert(key="b", incident="other"))
    deliver(pager, chat).step()
    assert pager.got == chat.got == ["a", "b"]
    assert outbox.unsent == []
    assert tally.counts == {("pager", "delivered"): 2, ("chat", "delivered"): 2}
    assert tally.waiting == 0


def test_a_failure_is_tried_again_only_where_it_failed_and_only_when_due(deliver, outbox, alert, clock, tally):
    pager, chat = Scripted("pager", "retried"), Scripted("chat")
    outbox.put(alert(key="a"))
    delivery = deliver(pager, chat)
    delivery.step()
    assert (outbox.unsent, tally.waiting) == ([1], 1)
    delivery.step()
    assert pager.tried == ["a"]
    clock.forward(1)
    delivery.step()
    assert (pager.got, chat.got) == (["a"], ["a"])
    assert (outbox.unsent, tally.waiting) == ([], 0)
    assert tally.counts["pager", "retried"] == 1


def test_the_end_of_an_incident_waits_for_its_beginning(deliver, outbox, alert, clock):
    pager = Scripted("pager", "retried", "retried")
    delivery = deliver(pager)
    outbox.put(alert(key="begins"), alert(key="ends", status="resolved"), alert(key="other", incident="other"))
    for _ in range(20):
        delivery.step()
        clock.forward(1)
    assert [key for key in pager.got if key != "other"] == ["begins", "ends"]
    assert "other" in pager.got
    assert outbox.unsent == []


def test_one_that_does_not_answer_is_asked_once_a_round_and_holds_up_nobody(deliver, outbox, alert):
    dead, chat = Scripted("dead", *["retried"] * 10), Scripted("chat")
    outbox.put(*(alert(key=f"{i}", incident=f"incident-{i}") for i in range(10)))
    deliver(dead, chat).step()
    assert len(dead.tried) == 1
    assert len(chat.got) == 10
    assert dead.refreshes == 0


def test_what_is_refused_is_offered_again_because_people_repair_settings(deliver, outbox, alert, clock, tally):
    pager = Scripted("pager", "refused")
    outbox.put(alert(key="a"))
    delivery = deliver(pager)
    delivery.step()
    clock.forward(REFUSED_SECONDS - 1)
    delivery.step()
    assert pager.tried == ["a"]
    clock.forward(1)
    delivery.step()
    assert pager.got == ["a"]
    assert tally.counts["pager", "refused"] == 1


def test_a_refused_alert_holds_up_no_other_incident(deliver, outbox, alert):
    pager = Scripted("pager", "refused")
    outbox.put(alert(key="bad", incident="bad"), alert(key="good", incident="good"))
    deliver(pager).step()
    assert pager.got == ["good"]


def test_what_is_not_meant_for_a_notifier_leaves_the_outbox(deliver, outbox, alert, tally):
    outbox.put(alert(key="a"))
    deliver(Scripted("pager", "held")).step()
    assert outbox.unsent == []
    assert tally.counts == {("pager", "held"): 1}


def test_a_pause_the_receiver_asked_for_is_kept(deliver, outbox, alert, clock):
    pager = Scripted("pager", "retried", wait_seconds=120)
    outbox.put(alert(key="a"))
    delivery = deliver(pager)
    delivery.step()
    clock.forward(119)
    delivery.step()
    assert pager.got == []
    clock.forward(1)
    delivery.step()
    assert pager.got == ["a"]


def test_giving_up_is_counted_and_frees_what_waited_behind(deliver, outbox, alert, clock, tally):
    pager = Scripted("pager", "retried")
    outbox.put(alert(key="begins"), alert(key="ends", status="resolved"))
    outbox.rows[0].attempts = ATTEMPTS_AT_MOST - 1
    delivery = deliver(pager)
    delivery.step()
    assert tally.counts["pager", "abandoned"] == 1
    clock.forward(BACKOFF_AT_MOST_SECONDS)
    delivery.step()
    assert pager.got == ["ends"]
    assert outbox.unsent == []


def test_a_crash_between_sending_and_noting_it_sends_again_under_the_same_key(outbox, clock, tally, alert):
    class Crashing(Memory):
        def mark_sent(self, number: int, at_us: int) -> None:
            raise StoreUnavailable("the database cannot be reached")

    pager = Scripted("pager")
    crashing = Crashing()
    crashing.put(alert(key="a"))
    with pytest.raises(StoreUnavailable):
        Delivery(crashing, [pager], clock=clock, tally=tally, random=Random(7)).step()
    outbox.rows = crashing.rows
    Delivery(outbox, [pager], clock=clock, tally=tally, random=Random(7)).step()
    assert pager.got == ["a", "a"]
    assert outbox.unsent == []


def test_the_thread_outlives_trouble_with_the_store_and_stops_when_told(clock, tally, alert, monkeypatch):
    monkeypatch.setattr("monitor.notifiers.delivery.ROUND_SECONDS", 0.001)
    stop = threading.Event()

    class Flaky(Memory):
        calls = 0

        def outbox(self, now_us: int, limit: int) -> list[Row]:
            self.calls += 1
            if self.calls < 3:
                raise StoreUnavailable("the database cannot be reached")
            return super().outbox(now_us, limit)

        def mark_sent(self, number: int, at_us: int) -> None:
            super().mark_sent(number, at_us)
            stop.set()

    flaky = Flaky()
    flaky.put(alert(key="a"))
    pager = Scripted("pager")
    thread = threading.Thread(
        target=Delivery(flaky, [pager], clock=clock, tally=tally, random=Random(7)).run, args=(stop,)
    )
    thread.start()
    thread.join(timeout=10)
    assert not thread.is_alive()
    assert pager.got == ["a"]


@given(attempts=st.integers(0, 32_767), seed=st.integers(0, 2**32))
def test_back_off_doubles_up_to_five_minutes_and_is_half_chance(attempts, seed):
    ceiling = min(BACKOFF_AT_MOST_SECONDS, 2.0 ** min(attempts, 30))
    assert ceiling / 2 <= backoff_seconds(attempts, Random(seed)) <= ceiling


@given(
    script=st.lists(st.sampled_from(["delivered", "retried", "refused", "held"]), max_size=40),
    alerts=st.integers(1, 12),
)
def test_whatever_receivers_do_nothing_is_lost_and_order_holds(new_clock, script, alerts):
    clock, outbox, tally = new_clock(), Memory(), Tally()
    pager = Scripted("pager", *script)
    made = [
        Alert(
            key=f"{i}",
            incident=f"incident-{i % 3}",
            topic="acme",
            severity="watch",
            status="firing",
            page=False,
            reason="",
            labels={},
            summary="",
            description="",
            starts_us=0,
        )
        for i in range(alerts)
    ]
    outbox.put(*made)
    delivery = Delivery(outbox, [pager], clock=clock, tally=tally, random=Random(1))
    for _ in range(60):
        delivery.step()
        clock.forward(REFUSED_SECONDS)
    assert outbox.unsent == []
    done = tally.counts["pager", "delivered"] + tally.counts["pager", "held"]
    assert done == alerts
    for incident in range(3):
        order = [int(key) for key in pager.got if int(key) % 3 == incident]
        assert order == sorted(set(order))
