"""What the last half hour tells of a topic that has heard its regulars for days, through the whole of its state."""

from __future__ import annotations

import random

import pytest

from monitor.anomalies.family import detectors
from monitor.clock import DAY_US, MINUTE_US
from monitor.mentions import mention_key
from monitor.topic_state import TopicState
from tests.anomalies.crowds import MONDAY_US
from tests.made import match, topic

DAYS = 4
REGULARS = 300


def account(number: int) -> int:
    return mention_key("account", str(number))


@pytest.fixture(scope="module")
def known() -> bytes:
    """Three hundred people have spoken for four days, twenty times an hour in all."""
    state, rng = TopicState(topic(), detectors), random.Random(1)
    state.watch_since(MONDAY_US)
    for minute in range(0, DAYS * 1440, 3):
        start = MONDAY_US + minute * MINUTE_US
        state.close(start, [match(f"{minute}", start, author=account(rng.randrange(REGULARS)))], ())
    return state.snapshot()


def reasons(known: bytes, first_author: int) -> set[str]:
    state = TopicState(topic(), detectors)
    state.restore(known)
    found = set()
    for minute in range(10):
        start = MONDAY_US + DAYS * DAY_US + minute * MINUTE_US
        crowd = [
            match(f"loud {minute} {place}", start + place, author=account(first_author + minute * 8 + place))
            for place in range(8)
        ]
        change = state.close(start, crowd, ()).change
        found |= {reason.name for reason in change.incident.reasons} if change is not None else set()
    return found


def test_a_crowd_of_strangers_is_told_from_as_many_regulars(known: bytes) -> None:
    assert {"velocity", "new_authors"} <= reasons(known, first_author=10_000)
    assert "velocity" in reasons(known, first_author=0)
    assert "new_authors" not in reasons(known, first_author=0)
