"""What a restart begins from, and the order in which everything is told."""

from __future__ import annotations

from random import Random

import pytest

from monitor.anomalies import Verdict
from monitor.clock import MINUTE_US, SECOND_US
from monitor.incidents import TimelineEntry
from monitor.mentions import mention_key
from monitor.signals import Signal
from monitor.store import reading
from monitor.topic_state import Judged
from monitor.topics import Reading


def test_matches_come_back_that_are_not_part_of_their_topics_state(store, posts):
    late = posts.kept(150, is_late=True)
    everything = [posts.kept(number, topic=topic) for number in range(200) for topic in ("edf", "sncf")]
    batch = posts.commit([*everything[::-1], *[late]])
    batch.outcome.kept.remove(late)
    batch.outcome.kept = [one for one in everything if one.match.id != "150"] + [late]
    batch.topic_states = {"sncf": (posts.start_us + 120 * SECOND_US, b"")}
    store.commit(batch)
    expected = [one.match for one in everything if one.match.topic == "edf" or int(one.match.id) >= 120]
    expected = [match for match in expected if match.id != "150"]
    expected.sort(key=lambda match: (match.published_us, match.key, match.topic))
    assert store.load().matches == expected


def test_what_came_late_comes_back_with_the_minute_that_heard_it_unless_that_is_part_of_the_state(store, posts):
    saved_us = posts.start_us + 20 * MINUTE_US
    minutes = {1: saved_us - MINUTE_US, 2: saved_us, 3: saved_us + MINUTE_US, 4: None}
    late = [posts.kept(number, is_late=True, heard_us=heard_us) for number, heard_us in minutes.items()]
    batch = posts.commit(late)
    batch.topic_states = {"sncf": (saved_us, b"")}
    store.commit(batch)
    assert sorted(store.load().late) == [(minutes[2], late[1].match), (minutes[3], late[2].match)]
    assert store.load().matches == []


def test_a_match_comes_back_exactly_as_it_was(store, posts):
    strange = posts.kept(
        1, kind="quote", root=0, tone=-1 / 3, hashtags=("a", "b"), root_author=-(1 << 63), answers_own=True,
        links=(8, (1 << 63) - 1), images=(0, 5, (1 << 63) - 1, (1 << 257) - 1),
    )  # fmt: skip
    plain = posts.kept(2, hashtags=(), followers=None, is_own=True, key=(1 << 63) - 1, author=-(1 << 63))
    store.commit(posts.commit([strange, plain]))
    assert store.load().matches == [strange.match, plain.match]


def test_reposts_inherit_after_a_restart_what_they_would_have_inherited(store, posts):
    kinds = ["post", "reply", "quote"]
    said = [
        *(posts.kept(number, kind=kinds[number % 3], root=0 if number % 3 else number) for number in range(30)),
        *(posts.kept(number, topic="edf", tone=0.5) for number in range(0, 30, 5)),
        *(
            posts.kept(100 + number, kind="repost", root=number, tone=posts.kept(number).match.tone)
            for number in range(9)
        ),
        posts.kept(
            200,
            kind="repost",
            root=999,
            topic="edf",
            tone=0.25,
            alarm_words=2,
            is_ironic=True,
            fingerprint=7,
            links=(8, 9),
        ),
    ]
    store.commit(posts.commit(said))
    roots = store.load().roots
    assert roots.keys() == {mention_key("x", str(number)) for number in [*range(30), 999]}
    about = (("edf", "term 5"), ("sncf", posts.kept(5, root=0).match.term))
    assert roots[mention_key("x", "5")] == (Reading(-0.5), about)  # one text reads in one way
    assert roots[mention_key("x", "999")] == (Reading(0.25, 2, True, 7, (8, 9)), (("edf", "term 999"),))


def test_only_recent_roots_are_remembered_oldest_first(store, posts, monkeypatch):
    monkeypatch.setattr(reading, "MOST_ROOTS", 40)
    numbers = list(range(0, 100_000, 1_000))
    Random(4).shuffle(numbers)
    store.commit(posts.commit([posts.kept(number) for number in numbers]))
    recent = [mention_key("x", str(number)) for number in range(60_000, 100_000, 1_000)]
    assert list(store.load().roots) == recent


def test_a_root_older_than_everything_around_it_is_remembered(store, posts):
    ancient = posts.kept(0, published_us=1_200_000_000_000_000)
    store.commit(posts.commit([ancient, *(posts.kept(number) for number in range(1, 5))]))
    assert len(store.load().roots) == 5


def test_topics_are_found_without_a_list_of_them(store, posts):
    store.commit(posts.commit([posts.kept(n, topic=topic) for n in range(3) for topic in ("b", "a_x", "a-x", "a")]))
    with store.engine.connect() as connection:
        assert reading.topics_with_mentions(connection) == ["a", "a-x", "a_x", "b"]


def test_no_mentions_means_no_topics(store):
    with store.engine.connect() as connection:
        assert reading.topics_with_mentions(connection) == []


def judged(topic, start_us, score=1e-5):
    signal = Signal(topic=topic, start_us=start_us, mentions=9, measures={"tone": -0.25, "authors": 7.0})
    volume = Verdict(detector="counts", p_value=score, observed=9, expected=1.5, lower=0, upper=4, factors={"k": 2.0})
    joint = Verdict(detector="joint", p_value=1.0, observed=0.5, expected=0, lower=0, upper=1, drivers=("tone",))
    return Judged(signal, 1.5, 0.0, 4.0, (volume, joint))


def test_minutes_come_back_with_every_verdict_by_topic_then_time(store, posts):
    minutes = [judged(topic, n * MINUTE_US) for n in range(5) for topic in ("sncf", "a_b", "a-b")]
    store.commit(posts.commit(range(1), judged=minutes[:7]))
    store.commit(posts.commit(range(1, 2), judged=minutes[7:]))
    told = list(store.judged())
    assert told == sorted(minutes, key=lambda one: (one.signal.topic, one.signal.start_us))
    assert told[0].score == pytest.approx(0.5)


def test_a_minute_in_a_gap_has_no_verdict(store, posts):
    blind = Judged(judged("sncf", 0).signal, 1.5, 0.0, 4.0, ())
    store.commit(posts.commit(range(1), judged=[blind]))
    assert list(store.judged()) == [blind]


def test_a_timeline_is_told_in_order_of_time_however_it_was_written(store, posts):
    entries = [
        TimelineEntry(incident=incident, sequence=place, at_us=at_us, kind=kind, text=f"{place}")
        for incident in ("a-1", "a_1", "b-1")
        for place, (at_us, kind) in enumerate([(5, "first_post"), (9, "opened"), (9, "influencer"), (7, "own_reply")])
    ]
    shuffled = list(entries)
    Random(1).shuffle(shuffled)
    store.commit(posts.commit(range(1), timeline=shuffled))
    assert list(store.timeline()) == sorted(entries, key=lambda entry: (entry.incident, entry.at_us, entry.sequence))


def test_whoever_stops_reading_half_way_leaves_nothing_open(store, posts):
    store.commit(posts.commit(range(1), judged=[judged("sncf", n * MINUTE_US) for n in range(3000)]))
    told = store.judged()
    next(told)
    told.close()
    store.commit(posts.commit(range(1, 2)))
    assert store.engine.pool.checkedout() == 0
