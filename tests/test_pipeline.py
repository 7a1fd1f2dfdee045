"""The journey of a post: deterministic, whatever batch cuts, restarts, duplicates and arrival order do."""

from __future__ import annotations

from itertools import pairwise
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.clock import DAY_US, MINUTE_US, SECOND_US
from monitor.mentions import Author, Deletion, Gap, Heartbeat, Mention
from monitor.pipeline import SAVED_EVERY_US, Outcome, Pipeline, TopicSnapshot
from monitor.recognition import Root
from monitor.topics import Reading
from tests.made import at, mention, own_words, topic

FAR = at("00:00", "2030-01-01")
TOPICS = [topic("acme", 'acme OR "acme telecom"'), topic("zen", "zenphone")]
START = at("00:00", "2026-01-05")


def story(seed: int = 1) -> list[Mention]:
    """Four quiet days of two brands, then an hour of indignation about one, with reposts."""
    random = Random(seed)
    posts: list[Mention] = []
    for number in range(4 * 24 * 12):
        moment = START + number * 5 * MINUTE_US + random.randrange(5 * MINUTE_US)
        brand = random.choice(["Acme", "zenphone"])
        posts.append(mention(f"q{number}", moment, f"hello {brand} today", author=Author(id=str(number % 97))))
    burst = START + 4 * DAY_US
    for number in range(240):
        moment = burst + random.randrange(60 * MINUTE_US)
        kind: dict[str, Any] = {"kind": "repost", "root_id": "q5"} if number % 3 == 0 else {}
        posts.append(mention(f"b{number}", moment, f"boycott Acme, a shame, a scandal! {own_words(random)}", **kind))
    return sorted(posts, key=lambda post: (post.published_us, post.id))


STORY = story()


class Told:
    """Everything a pipeline said, in the order it said it."""

    def __init__(self) -> None:
        self.outcome = Outcome()

    def add(self, outcome: Outcome) -> None:
        self.outcome.add(outcome)

    def everything(self) -> tuple[bytes, ...]:
        outcome = self.outcome
        said = (outcome.judged, outcome.timeline, outcome.alerts, sorted(outcome.incidents.items()))
        return tuple(msgspec.msgpack.encode(part) for part in said)


def pipeline() -> Pipeline:
    return Pipeline(TOPICS, b"secret", lateness_us=120 * SECOND_US)


def tell(posts: list[Mention], edges: list[int]) -> Told:
    told, one = Told(), pipeline()
    for start, end in pairwise([0, *edges, len(posts)]):
        told.add(one.step("x", posts[start:end], FAR))
    told.add(one.finish())
    return told


@pytest.fixture(scope="module")
def whole() -> Told:
    return tell(STORY, [])


def test_a_burst_of_indignation_becomes_one_incident_with_reasons(whole: Told) -> None:
    incidents = list(whole.outcome.incidents.values())
    assert [incident.topic for incident in incidents] == ["acme"]
    assert incidents[0].since_us >= START + 4 * DAY_US - 30 * MINUTE_US
    assert {"velocity", "negative"} <= {reason.name for reason in incidents[0].reasons}
    assert incidents[0].severity == "critical"
    assert incidents[0].evidence
    assert [alert.page for alert in whole.outcome.alerts][-1]


def test_what_was_counted_adds_up(whole: Told) -> None:
    counts = whole.outcome.counts
    assert counts["posts"] == len(STORY)
    assert counts["reposts"] == 80
    assert counts["matched"] == counts["mentions"] == len(STORY)
    assert counts["late"] == counts["misdated"] == counts["duplicates"] == 0
    assert sum(judged.signal.mentions for judged in whole.outcome.judged) == len(STORY)


@given(st.lists(st.integers(1, len(STORY) - 1), max_size=12).map(sorted))
@settings(max_examples=6, deadline=None)
def test_batch_cuts_make_no_difference(whole: Told, edges: list[int]) -> None:
    assert tell(STORY, edges).everything() == whole.everything()


def test_duplicates_make_no_difference_and_are_counted(whole: Told) -> None:
    random = Random(2)
    doubled = [post for post in STORY for _ in range(random.choice((1, 1, 2, 3)))]
    told = tell(doubled, [100, 700])
    assert told.everything() == whole.everything()
    assert told.outcome.counts["duplicates"] == len(doubled) - len(STORY)


def test_arrival_order_within_the_lateness_makes_no_difference(whole: Told) -> None:
    random = Random(3)
    shuffled = sorted(STORY, key=lambda post: post.published_us + random.randrange(119 * SECOND_US))
    told = tell(shuffled, [333])
    assert told.everything() == whole.everything()
    assert told.outcome.counts["late"] == 0


def test_restarts_make_no_difference(whole: Told) -> None:
    told, one = Told(), pipeline()
    states: dict[str, TopicSnapshot] = {}
    roots: dict[int, Root] = {}
    seen: list[int] = []
    kept = []
    for start in range(0, len(STORY), 97):
        outcome = one.step("x", STORY[start : start + 97], FAR)
        told.add(outcome)
        states |= one.topic_states()
        seen += outcome.first_seen
        for stored in outcome.kept:
            match = stored.match
            kept.append(match)
            reading = Reading(match.tone, match.alarm_words, match.is_ironic, match.fingerprint, match.links)
            roots.setdefault(match.root, (reading, ((match.topic, match.term),)))
        matches = [m for m in kept if m.topic not in states or m.published_us >= states[m.topic][0]]
        snapshot = one.snapshot()
        one = pipeline()
        one.restore(snapshot, states, matches, roots, seen)
    told.add(one.finish())
    assert told.everything() == whole.everything()


def test_a_topics_state_is_saved_once_in_a_while_and_at_the_end() -> None:
    one = pipeline()
    one.step("x", [mention("1", "09:00"), mention("2", "09:05")], FAR)
    assert [next_us for next_us, _ in one.topic_states().values()] == [at("09:01")]
    one.step("x", [mention("3", "09:09"), mention("4", "09:12")], FAR)
    assert one.topic_states() == {}
    one.step("x", [mention("5", "09:20")], FAR)
    assert [next_us for next_us, _ in one.topic_states().values()] == [at("09:13")]
    assert at("09:13") - at("09:01") >= SAVED_EVERY_US
    one.finish()
    assert [next_us for next_us, _ in one.topic_states().values()] == [at("09:21")]
    assert one.topic_states() == {}


def test_a_gap_told_afterwards_changes_nothing_that_was_judged_before_a_restart() -> None:
    one = pipeline()
    one.step("x", [mention("1", "09:00"), mention("2", "09:05")], FAR)
    one.topic_states()
    one.step("x", [mention("3", "09:09"), Gap(source="x", start_us=at("09:04"), end_us=at("09:08"), reason="")], FAR)
    assert [next_us for next_us, _ in one.topic_states().values()] == [at("09:06")]


def test_a_late_mention_is_counted_and_kept_but_moves_no_minute() -> None:
    one = pipeline()
    one.step("x", [mention("1", "09:00")], FAR)
    one.step("x", [mention("2", "09:30")], FAR)
    outcome = one.step("x", [mention("3", "09:00:30")], FAR)
    assert outcome.counts["late"] == 1
    assert [kept.is_late for kept in outcome.kept] == [True]
    assert one.finish().judged[-1].signal.start_us == at("09:30")


def test_a_repost_without_text_inherits_what_its_root_matched() -> None:
    one = pipeline()
    root = mention("root", "09:00", "Acme, what a shame")
    repost = mention("again", "09:01", "", kind="repost", root_id="root")
    stranger = mention("other", "09:01", "", kind="repost", root_id="unknown")
    outcome = one.step("x", [root, repost, stranger], FAR)
    assert [(kept.match.id, kept.match.topic) for kept in outcome.kept] == [("root", "acme"), ("again", "acme")]
    assert outcome.kept[1].match.tone == outcome.kept[0].match.tone < 0
    assert outcome.kept[1].match.root == outcome.kept[0].match.key


def test_a_repost_that_comes_before_its_root_inherits_nothing_however_batches_are_cut() -> None:
    repost = mention("again", "09:00", "", kind="repost", root_id="root")
    root = mention("root", "09:00", "Acme")
    together = pipeline().step("x", [repost, root], FAR)
    assert [kept.match.id for kept in together.kept] == ["root"]


def test_a_flood_dated_in_the_future_moves_neither_the_clock_nor_a_verdict() -> None:
    one = pipeline()
    one.step("x", [mention("1", "09:00")], not_after_us=at("10:00"))
    flood = [mention(f"f{number}", at("09:00", "2099-01-01")) for number in range(50)]
    outcome = one.step("x", flood, not_after_us=at("10:00"))
    assert outcome.counts["misdated"] == 50
    assert one.watermark_us < at("09:00")
    assert {kept.match.published_us for kept in outcome.kept} == {at("09:00")}


def test_a_gap_is_never_learned_as_silence_and_never_alarms() -> None:
    posts = [post for post in STORY if post.published_us < START + 4 * DAY_US]
    one = pipeline()
    told = Told()
    told.add(one.step("x", posts, FAR))
    back = START + 5 * DAY_US
    told.add(one.step("x", [Gap(source="x", start_us=START + 4 * DAY_US, end_us=back, reason="outage")], FAR))
    told.add(one.step("x", [mention("after", back)], FAR))
    told.add(one.finish())
    assert told.outcome.incidents == {}
    assert told.outcome.counts["gaps"] == 1


@pytest.mark.parametrize("name", ["x", "mastodon", "nobody"])
def test_a_storm_is_seen_in_a_recording_whatever_its_gap_is_said_to_hide(name: str) -> None:
    random = Random(4)
    quiet = [msgspec.structs.replace(post, network=random.choice(["x", "mastodon"])) for post in STORY]
    day_four = START + 4 * DAY_US
    gap = Gap(source=name, start_us=day_four - 30 * MINUTE_US, end_us=day_four + 3 * 60 * MINUTE_US, reason="outage")
    before = [post for post in quiet if post.published_us < gap.start_us]
    during = [
        msgspec.structs.replace(post, network="bluesky") for post in quiet if day_four <= post.published_us < gap.end_us
    ]
    told, one = Told(), pipeline()
    for source_items in (before, [gap], during):
        told.add(one.step("recording", source_items, FAR))
    told.add(one.finish())
    assert [incident.severity for incident in told.outcome.incidents.values()] == ["critical"]


def test_a_heartbeat_that_names_another_source_holds_nothing_up() -> None:
    one = pipeline()
    stray = Heartbeat(source="elsewhere", at_us=STORY[0].published_us)
    one.step("x", [*STORY[:5], stray, *STORY[5:]], FAR)
    assert one.watermark_us == STORY[-1].published_us - 120 * SECOND_US


def test_a_notice_dated_in_the_future_is_counted_and_not_believed() -> None:
    one, told = pipeline(), Told()
    notices = [Heartbeat(source="x", at_us=FAR), Gap(source="x", start_us=START, end_us=FAR, reason="clock")]
    told.add(one.step("x", [*STORY[:5], *notices, *STORY[5:]], STORY[-1].published_us))
    told.add(one.finish())
    assert told.everything() == tell(STORY, []).everything()
    assert (told.outcome.counts["heartbeats"], told.outcome.counts["gaps"]) == (1, 1)


def test_a_deleted_account_is_passed_on_under_its_pseudonym() -> None:
    outcome = pipeline().step("x", [Deletion(network="x", author_id="7", at_us=at("09:00"))], FAR)
    assert len(outcome.erased_authors) == 1
    assert outcome.counts["deletions"] == 1


def test_a_topic_added_later_has_to_learn_first() -> None:
    one = Pipeline(TOPICS[:1], b"secret", lateness_us=120 * SECOND_US)
    quiet = [post for post in STORY if post.published_us < START + 4 * DAY_US]
    one.step("x", quiet, FAR)
    later = pipeline()
    later.restore(one.snapshot(), one.topic_states(), [], {}, [])
    burst = [mention(f"zen{number}", START + 4 * DAY_US + number * SECOND_US, "zenphone") for number in range(20)]
    told = Told()
    told.add(later.step("x", burst, FAR))
    told.add(later.finish())
    verdicts = [judged.verdicts[0] for judged in told.outcome.judged if judged.signal.topic == "zen"]
    assert [verdict.p_value for verdict in verdicts] == [1.0]


def test_a_topic_silent_since_the_stream_began_is_known_to_be_silent() -> None:
    """Twenty posts in a minute about something nobody mentioned for four days are news, not the first day."""
    quiet = [post for post in STORY if post.published_us < START + 4 * DAY_US and "zen" not in post.text]
    burst = [mention(f"zen{number}", START + 4 * DAY_US + number * SECOND_US, "zenphone") for number in range(20)]
    told = tell(quiet + burst, [])
    assert [incident.topic for incident in told.outcome.incidents.values()] == ["zen"]


def test_topics_do_not_influence_each_other(whole: Told) -> None:
    alone = Pipeline(TOPICS[:1], b"secret", lateness_us=120 * SECOND_US)
    told = Told()
    told.add(alone.step("x", STORY, FAR))
    told.add(alone.finish())
    acme = [judged for judged in whole.outcome.judged if judged.signal.topic == "acme"]
    assert msgspec.msgpack.encode(told.outcome.judged) == msgspec.msgpack.encode(acme)


def test_a_repost_with_words_that_comes_before_its_root_is_judged_by_them_however_batches_are_cut() -> None:
    repost = mention("again", "09:00", "Acme", kind="repost", root_id="root")
    root = mention("root", "09:00", "Acme")
    together = pipeline().step("x", [repost, root], FAR)
    one = pipeline()
    apart = [*one.step("x", [repost], FAR).kept, *one.step("x", [root], FAR).kept]
    assert [kept.match.id for kept in together.kept] == [kept.match.id for kept in apart] == ["again", "root"]
