"""Time in the live service: minutes close without posts, silence is not quiet, and no wrong clock does harm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random

import pytest

from monitor.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US, SteadyClock
from monitor.mentions import Author, Gap, Heartbeat
from monitor.service.presence import EVERYBODY_ELSE, MOST_SOURCES
from monitor.sources.ndjson import encode
from tests.made import own_words, topic
from tests.service.rig import NOON, SILENCE_US, HandClock, Rig

MakeRig = Callable[..., Rig]


def every(
    rig: Rig, interval_us: int, for_us: int, name: str, source: str = "ingest", lag_us: int = 2 * SECOND_US
) -> None:
    """Have a source publish a post every so often, each sent `lag_us` after it was published."""
    for number in range(for_us // interval_us):
        rig.pass_time(interval_us)
        rig.post(rig.say(f"{name}-{number}", ago_us=lag_us), source=source)


def expected_by(rig: Rig) -> float:
    """What was expected of the last minute judged."""
    return list(rig.store.judged())[-1].expected


def test_a_minute_closes_though_nobody_posts_any_more(rig: Rig) -> None:
    rig.post(*[rig.say(str(number)) for number in range(3)])
    rig.pass_time(55 * SECOND_US)
    assert rig.minutes == {}
    rig.pass_time(10 * SECOND_US)
    assert rig.minutes == {("acme", NOON - MINUTE_US): 3}
    assert rig.counts.get("heartbeats", 0) == 0, "time that passes is nobody's heartbeat"


def test_in_a_drill_time_moves_only_with_the_data(make_rig: MakeRig) -> None:
    rig = make_rig(follows_wall_clock=False)
    rig.post(rig.say("1"))
    rig.pass_time(DAY_US, step_us=HOUR_US)
    assert rig.minutes == {}
    rig.post(rig.say("2"))
    assert rig.minutes == {("acme", NOON - MINUTE_US): 1}
    assert rig.counts.get("gaps", 0) == 0
    assert rig.metric("badbuzz_source_up", source="ingest") == 1


def test_a_heartbeat_keeps_a_quiet_source_alive(rig: Rig) -> None:
    rig.post(rig.say("1"))
    for _ in range(6):
        rig.pass_time(10 * MINUTE_US)
        rig.post(Heartbeat(source="ingest", at_us=rig.clock.now_us()))
    assert rig.metric("badbuzz_source_up", source="ingest") == 1
    assert rig.metric("badbuzz_source_gap_seconds_total", source="ingest") == 0
    assert rig.metric("badbuzz_watermark_timestamp_seconds") * SECOND_US == NOON + HOUR_US - MINUTE_US
    assert rig.counts["heartbeats"] == 6


def test_silence_is_a_gap_that_is_counted_when_the_source_is_back(rig: Rig) -> None:
    rig.post(rig.say("1", ago_us=0))
    rig.pass_time(SILENCE_US)
    assert rig.metric("badbuzz_source_up", source="ingest") == 1
    rig.pass_time(2 * HOUR_US - SILENCE_US)
    assert rig.metric("badbuzz_source_up", source="ingest") == 0
    assert rig.live.watermark_us <= NOON + SILENCE_US, "nothing is known of the time since"
    rig.post(rig.say("2", ago_us=0))
    assert rig.metric("badbuzz_source_up", source="ingest") == 1
    assert rig.metric("badbuzz_source_gap_seconds_total", source="ingest") == 2 * 3600
    assert rig.counts["gaps"] == 1


def test_a_source_that_comes_back_with_old_news_has_not_told_what_happened_meanwhile(rig: Rig) -> None:
    last = rig.say("1", ago_us=0)
    rig.post(last)
    rig.pass_time(2 * HOUR_US)
    rig.post(last)
    rig.pass_time(MINUTE_US)
    assert rig.live.watermark_us <= NOON + SILENCE_US
    rig.post(rig.say("2", ago_us=0))
    assert rig.metric("badbuzz_source_gap_seconds_total", source="ingest") == 2 * 3600 + 60


def test_the_minute_in_which_a_source_comes_back_is_judged_only_by_those_who_count(rig: Rig) -> None:
    rig.post(rig.say("before", ago_us=0))
    rig.pass_time(2 * HOUR_US + 20 * SECOND_US)
    rig.post(rig.say("back", ago_us=0), rig.say("more", ago_us=-SECOND_US))
    every(rig, 30 * SECOND_US, 4 * MINUTE_US, "after", lag_us=0)
    judged = {one.signal.start_us: one for one in rig.store.judged()}
    back = judged[NOON + 2 * HOUR_US]
    assert {one.detector for one in back.verdicts} == {"seasonal_counts", "complaints", "slow_burn"}
    assert (back.signal.mentions, back.lower) == (3, 0.0)
    assert len(judged[NOON + 2 * HOUR_US + MINUTE_US].verdicts) > 3


def test_silence_is_never_learned_as_quiet(make_rig: MakeRig) -> None:
    by_day = [topic("acme", time_zone="America/Los_Angeles")]  # at night less is expected of a new topic anyway
    silent, quiet = make_rig(topics=by_day), make_rig(topics=by_day)
    for one in (silent, quiet):
        every(one, 2 * MINUTE_US, 8 * HOUR_US, "before")
    silent.pass_time(6 * HOUR_US, step_us=MINUTE_US)
    for _ in range(36):
        quiet.pass_time(10 * MINUTE_US, step_us=MINUTE_US)
        quiet.post(Heartbeat(source="ingest", at_us=quiet.clock.now_us()))
    for one in (silent, quiet):
        every(one, 2 * MINUTE_US, 6 * MINUTE_US, "after")
    assert expected_by(silent) > 0.3
    assert expected_by(quiet) < 0.7 * expected_by(silent)


def test_what_a_source_tells_belatedly_was_seen_and_is_judged(rig: Rig) -> None:
    """A collector that could not reach us kept everything, and sends it minute by minute once it can.

    Only the first quarter of an hour was taken for quiet, and its posts come late.
    """
    rig.post(rig.say("before"))
    came_back_us = rig.clock.now_us() + 2 * HOUR_US
    rig.pass_time(2 * HOUR_US)
    for minute in range(120):
        rig.post(rig.say(f"kept-{minute}", ago_us=came_back_us - NOON - minute * MINUTE_US - 30 * SECOND_US))
    assert rig.counts["late"] <= 15
    assert rig.counts.get("gaps", 0) == 0
    assert sum(rig.minutes.values()) >= 103
    assert all(one.verdicts for one in rig.store.judged())


def test_a_source_that_always_lags_is_judged_like_any_other(rig: Rig) -> None:
    every(rig, 30 * SECOND_US, 20 * MINUTE_US, "lagging", lag_us=5 * MINUTE_US)
    assert rig.counts.get("late", 0) == 0
    assert sum(rig.minutes.values()) >= 36


def test_a_new_source_skipped_nothing_while_others_are_heard(rig: Rig) -> None:
    every(rig, 30 * SECOND_US, 10 * MINUTE_US, "lagging", lag_us=5 * MINUTE_US)
    rig.post(rig.say("new"), source="forum")
    every(rig, 30 * SECOND_US, 10 * MINUTE_US, "still-lagging", lag_us=5 * MINUTE_US)
    assert rig.counts.get("gaps", 0) == 0
    assert all(one.verdicts for one in rig.store.judged())


def test_our_own_absence_is_a_gap(rig: Rig) -> None:
    rig.post(rig.say("before", ago_us=0))
    rig.restart()
    rig.clock.advance(5 * MINUTE_US)
    rig.post(rig.say("after", ago_us=0))
    assert rig.metric("badbuzz_source_gap_seconds_total", source="ingest") == 300


def test_our_own_absence_is_a_gap_even_if_what_we_knew_is_sent_again_first(rig: Rig) -> None:
    last = rig.say("before", ago_us=0)
    rig.post(last)
    rig.restart()
    rig.clock.advance(5 * MINUTE_US)
    rig.post(last)
    rig.post(rig.say("after", ago_us=0))
    assert rig.metric("badbuzz_source_gap_seconds_total", source="ingest") == 300


def test_our_own_absence_is_no_gap_when_the_source_sends_it_all_again(rig: Rig) -> None:
    rig.post(rig.say("before"))
    rig.restart()
    rig.clock.advance(HOUR_US)
    for minute in range(60):
        rig.post(rig.say(f"kept-{minute}", ago_us=HOUR_US - minute * MINUTE_US - 20 * SECOND_US))
    assert rig.counts.get("gaps", 0) == rig.counts.get("late", 0) == 0
    assert sum(rig.minutes.values()) >= 58


def test_a_restart_remembers_when_a_source_was_heard_but_not_that_it_is(rig: Rig) -> None:
    rig.post(rig.say("1"), source="forum")
    heard = rig.metric("badbuzz_source_last_event_timestamp_seconds", source="forum")
    rig.clock.advance(MINUTE_US)
    rig.restart()
    assert rig.metric("badbuzz_source_last_event_timestamp_seconds", source="forum") == heard
    assert rig.metric("badbuzz_source_up", source="forum") == 0


def test_after_a_restart_time_does_not_pass_for_a_source_that_has_not_spoken(rig: Rig) -> None:
    rig.post(rig.say("1", ago_us=0))
    watermark_us = rig.live.watermark_us
    rig.restart()
    rig.pass_time(10 * MINUTE_US)
    assert rig.live.watermark_us == watermark_us


def test_one_silent_source_does_not_hold_back_the_others(rig: Rig) -> None:
    rig.post(rig.say("1"), source="forum")
    every(rig, 30 * SECOND_US, HOUR_US, "press", source="press")
    assert rig.live.watermark_us >= rig.clock.now_us() - 2 * MINUTE_US
    assert rig.metric("badbuzz_source_up", source="forum") == 0
    assert rig.metric("badbuzz_source_up", source="press") == 1
    rig.post(rig.say("back"), source="forum")
    assert rig.metric("badbuzz_source_gap_seconds_total", source="forum") == 3600
    assert rig.counts.get("late", 0) == 0


STEP_US = 10 * MINUTE_US


def listen(rig: Rig, hours: float, *, x: bool = True, lag_us: int = 0, storm: int = 0) -> None:
    """Have X post twice a minute and Mastodon once, told every ten minutes; X may be down, or lag behind."""
    random = Random(int(rig.clock.now_us()))

    def told(network: str, posts: int, late_us: int) -> None:
        said = []
        for post in range(posts):
            ago_us = late_us + STEP_US - (post + 1) * STEP_US // (posts + 1)
            author = Author(id=str(random.randrange(9_000)), followers=100)
            name, text = f"{network}-{rig.clock.now_us()}-{post}", f"Acme {own_words(random)}"
            said.append(rig.say(name, text, ago_us=ago_us, network=network, author=author))
        rig.post(*said, source=network)

    for _ in range(round(hours * HOUR_US / STEP_US)):
        rig.clock.advance(STEP_US)
        if x:
            told("x", 20, lag_us)
        told("mastodon", 10 + storm, 0)
        rig.live.step([])


def level_of(rig: Rig) -> float:
    """Mentions a minute at an average hour, as learned."""
    state = rig.worker.pipeline._states["acme"]
    return state._detectors[0]._baseline.level


def test_an_outage_of_one_source_beside_another_is_not_learned_as_silence(rig: Rig) -> None:
    listen(rig, 26)
    before = level_of(rig)
    listen(rig, 8, x=False)
    assert level_of(rig) == pytest.approx(before, rel=0.03)
    listen(rig, 1)
    assert level_of(rig) == pytest.approx(before, rel=0.03)
    assert rig.counts["gaps"] == 1
    assert list(rig.store.incidents()) == []


def test_an_outage_that_began_before_a_restart_goes_on_after_it(rig: Rig) -> None:
    listen(rig, 26)
    before = level_of(rig)
    listen(rig, 1, x=False)
    rig.restart()
    listen(rig, 7, x=False)
    assert level_of(rig) == pytest.approx(before, rel=0.03)


def test_a_source_too_far_behind_is_shown_and_what_it_says_too_late_is_not_learned_as_silence(rig: Rig) -> None:
    listen(rig, 26)
    before = level_of(rig)
    assert rig.metric("badbuzz_source_up", source="x") == 1
    listen(rig, 8, lag_us=HOUR_US)
    assert rig.counts["late"] > 700
    assert rig.metric("badbuzz_source_up", source="x") == 0
    assert level_of(rig) == pytest.approx(before, rel=0.03)
    listen(rig, 1)
    assert rig.metric("badbuzz_source_up", source="x") == 1
    assert list(rig.store.incidents()) == []


def test_a_storm_in_what_is_left_is_seen_while_most_is_hidden(rig: Rig) -> None:
    listen(rig, 26)
    listen(rig, 2, x=False)
    assert list(rig.store.incidents()) == []
    listen(rig, 0.5, x=False, storm=300)
    assert [one.topic for one in rig.store.incidents()] == ["acme"]


@pytest.mark.parametrize("follows_wall_clock", [True, False], ids=["live", "drill"])
def test_a_source_far_behind_the_others_is_not_waited_for(make_rig: MakeRig, follows_wall_clock: bool) -> None:
    rig = make_rig(follows_wall_clock=follows_wall_clock)
    for number in range(40):
        rig.clock.advance(30 * SECOND_US)
        rig.post(rig.say(f"archive-{number}", ago_us=30 * DAY_US), source="archive")
        rig.post(rig.say(f"live-{number}"), source="press")
    assert rig.live.watermark_us >= rig.clock.now_us() - 2 * MINUTE_US
    assert rig.counts["late"] >= 38, "what comes from the archive is kept, and moves no minute"
    assert rig.counts["mentions"] == 80


def test_a_removed_source_does_not_hold_a_restarted_service_back(rig: Rig) -> None:
    rig.post(rig.say("1"), source="removed")
    rig.restart()
    every(rig, 30 * SECOND_US, 20 * MINUTE_US, "press", source="press")
    assert rig.live.watermark_us >= rig.clock.now_us() - 2 * MINUTE_US


def test_a_recording_replayed_into_the_store_does_not_hold_the_service_back(rig: Rig) -> None:
    from monitor.pipeline import Outcome
    from monitor.sources import Decoded

    outcome = Outcome()
    post = rig.say("old", ago_us=30 * DAY_US)
    rig.worker.step("posts.ndjson", Decoded([post], [], 1), outcome)
    rig.worker.commit(rig.worker.prepare(outcome, {"posts.ndjson": b"at its end", "replay": b"notes"}))
    rig.restart()
    every(rig, 30 * SECOND_US, 3 * MINUTE_US, "live")
    assert rig.live.watermark_us >= rig.clock.now_us() - 2 * MINUTE_US
    assert rig.metric("badbuzz_source_gap_seconds_total", source="ingest") > 29 * 86_400, "nobody watched meanwhile"


@pytest.mark.parametrize("jump_us", [HOUR_US, -HOUR_US], ids=["forward", "back"])
def test_a_jump_of_the_system_clock_alarms_nobody_and_stops_nothing(make_rig: MakeRig, jump_us: int) -> None:
    """The networks' times are right all along; only our own clock, and a collector's beside it, is set and set back."""
    rig = make_rig()
    offset_us = 0

    def pass_and_post(name: str, minutes: int) -> None:
        for number in range(minutes * 2):
            rig.pass_time(30 * SECOND_US)
            post = rig.say(f"{name}-{number}", ago_us=2 * SECOND_US + offset_us)
            rig.post(post, lines=encode(Heartbeat(source="ingest", at_us=rig.clock.now_us())))
            true_us = rig.clock.now_us() - offset_us
            assert true_us - 2 * MINUTE_US <= rig.live.watermark_us <= true_us - MINUTE_US

    pass_and_post("before", 30)
    offset_us = jump_us
    rig.clock.jump(jump_us)
    pass_and_post("during", 30)
    offset_us = 0
    rig.clock.jump(-jump_us)
    pass_and_post("after", 30)
    assert [rig.counts.get(name, 0) for name in ("late", "misdated", "gaps")] == [0, 0, 0]
    assert list(rig.store.incidents()) == []
    assert set(rig.minutes.values()) <= {1, 2}
    assert sum(rig.minutes.values()) >= 176


def test_a_post_from_the_near_future_hurries_nobody_for_ever(rig: Rig) -> None:
    rig.post(rig.say("soon", ago_us=-4 * MINUTE_US))
    every(rig, 30 * SECOND_US, 20 * MINUTE_US, "usual")
    assert rig.live.watermark_us <= rig.clock.now_us() - MINUTE_US
    assert not any(is_late for _, name, is_late in rig.stored if int(name.partition("-")[2] or 0) >= 12)


def test_the_fast_clock_of_a_collector_makes_no_post_late(rig: Rig) -> None:
    rig.post(rig.say("first"))
    for number in range(20):
        rig.pass_time(30 * SECOND_US)
        beat = Heartbeat(source="ingest", at_us=rig.clock.now_us() + 3 * MINUTE_US)
        rig.post(beat, rig.say(f"usual-{number}"))
    assert rig.counts.get("late", 0) == 0


def test_a_notice_speaks_only_of_its_sender_and_never_of_the_future(rig: Rig) -> None:
    start_us = rig.clock.now_us() - MINUTE_US
    gap = Gap(source="somebody\nelse", start_us=start_us, end_us=start_us + DAY_US, reason="maintenance")
    rig.post(rig.say("1"), gap, Heartbeat(source="another", at_us=NOON), source="forum")
    every(rig, 30 * SECOND_US, 5 * MINUTE_US, "usual", source="forum")
    assert rig.metric("badbuzz_source_gap_seconds_total", source="forum") == 60
    assert all(one.verdicts for one in rig.store.judged() if one.signal.start_us >= NOON + MINUTE_US)
    assert rig.live.watermark_us >= rig.clock.now_us() - 2 * MINUTE_US, "nobody waits for sources that never post"


def test_a_source_that_sends_only_rubbish_is_not_heard(rig: Rig) -> None:
    rig.post(rig.say("1"))
    for _ in range(4):
        rig.pass_time(5 * MINUTE_US)
        assert rig.post(lines=b"{broken\n").malformed_count == 1
    assert rig.metric("badbuzz_source_up", source="ingest") == 0
    assert rig.metric("badbuzz_posts_malformed_total", source="ingest", reason="not_json") == 4


def test_names_of_sources_cannot_fill_memory(rig: Rig) -> None:
    for number in range(MOST_SOURCES + 60):
        rig.post(rig.say(str(number)), source=f"source-{number}")
    heard = Counter(rig.live._presence.sources)
    assert len(heard) == MOST_SOURCES + 1
    assert EVERYBODY_ELSE in heard
    assert rig.metric("badbuzz_posts_total", source=EVERYBODY_ELSE) == 60
    assert rig.counts["mentions"] == MOST_SOURCES + 60


def test_a_steady_clock_goes_on_whatever_is_done_to_the_other() -> None:
    clock = HandClock()
    steady = SteadyClock(clock)
    clock.advance(MINUTE_US)
    clock.jump(-HOUR_US)
    assert steady.now_us() == steady.latest_us() == NOON + MINUTE_US
    clock.jump(2 * HOUR_US)
    assert steady.now_us() == NOON + MINUTE_US
    assert steady.latest_us() == clock.now_us() == NOON + MINUTE_US + HOUR_US
