"""Counting cascades: exactness, bounds, and the same result whatever happens in between."""

from __future__ import annotations

from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.cascades import Cascade, latest
from monitor.cascades.tracker import POSTS_KEPT, CascadeTracker
from monitor.clock import MINUTE_US, SECOND_US
from monitor.topics import Match
from tests.made import at, match

ROOT = 42


def reshare(identifier: str, clock: str | int, root: int = ROOT, **changes: Any) -> Match:
    fields: dict[str, Any] = {"kind": "repost", "root": root, "root_id": f"root-{root}", **changes}
    return match(identifier, clock, **fields)


def minutes_of(matches: list[Match]) -> list[list[Match]]:
    minutes: dict[int, list[Match]] = {}
    for one in sorted(matches, key=lambda one: (one.published_us, one.key)):
        minutes.setdefault(one.published_us // MINUTE_US, []).append(one)
    return list(minutes.values())


def streams() -> st.SearchStrategy[list[Match]]:
    kinds = st.sampled_from(("post", "reply", "quote", "repost", "repost", "repost"))
    moments = st.integers(0, 150 * 60)
    fields = st.tuples(moments, kinds, st.integers(0, 4), st.integers(0, 9), st.none() | st.integers(0, 999))
    return st.lists(fields, max_size=60).map(
        lambda drawn: [
            match(str(n), at("09:00") + second * SECOND_US, kind=kind, root=root, author=author, followers=followers)
            for n, (second, kind, root, author, followers) in enumerate(drawn)
        ]
    )


def test_reposts_and_quotes_are_reshares_and_replies_are_not() -> None:
    tracker = CascadeTracker("acme")
    kinds = ("post", "repost", "quote", "reply")
    (cascade,) = tracker.add([match(kind, "09:00:01", kind=kind, root=ROOT) for kind in kinds])
    assert cascade.size == 2


def test_an_author_who_reshares_twice_is_one_author_with_one_audience() -> None:
    tracker = CascadeTracker("acme")
    twice = [reshare(str(n), "09:00:01", author=1, followers=50) for n in range(2)]
    (cascade,) = tracker.add([*twice, reshare("3", "09:00:02", author=2, followers=None)])
    assert (cascade.size, cascade.authors, cascade.potential_reach) == (3, 2, 50)


def test_who_never_spoke_before_is_told_once_everybody_has_had_two_days_to_speak() -> None:
    tracker, twin = CascadeTracker("acme"), CascadeTracker("acme")
    tracker.add([match("early", at("09:00"), author=1)])
    assert tracker.first_words is None
    twin.restore(tracker.snapshot())
    later = at("09:00", "2026-01-17")
    new = match("new", later + 1, author=1 << 41)
    for one in (tracker, twin):
        one.add([match("known", later, author=1), new, match("again", later + 2, author=1 << 41)])
        assert one.first_words == {new.key}


def test_the_root_gives_its_time_and_tone_when_it_came_before() -> None:
    tracker = CascadeTracker("acme")
    assert tracker.add([match("root", "09:00:05", key=ROOT, root=ROOT, tone=-0.7)]) == []
    (cascade,) = tracker.add([reshare("1", "09:01:00", kind="quote", tone=0.2)])
    assert (cascade.started_us, cascade.tone) == (at("09:00:05"), -0.7)


def test_a_root_that_comes_after_its_reshares_corrects_time_and_tone() -> None:
    tracker = CascadeTracker("acme")
    (before,) = tracker.add([reshare("1", "09:01:00", kind="quote", tone=0.2)])
    assert (before.started_us, before.tone) == (at("09:01:00"), 0.0)
    (after,) = tracker.add([match("root", "09:02:05", key=ROOT, root=ROOT, tone=-0.7)])
    assert (after.started_us, after.tone, after.size) == (at("09:02:05"), -0.7, 1)


def test_a_repost_brings_the_tone_of_a_root_we_never_saw() -> None:
    tracker = CascadeTracker("acme")
    tracker.add([reshare("1", "09:00:00", kind="quote", tone=0.9)])
    (cascade,) = tracker.add([reshare("2", "09:01:00", tone=-0.4)])
    assert (cascade.tone, cascade.started_us) == (-0.4, at("09:00:00"))


def test_growth_looks_back_one_hour_and_acceleration_compares_its_halves() -> None:
    tracker = CascadeTracker("acme")
    for clock, count in (("09:00", 5), ("09:20", 3)):
        tracker.add([reshare(f"{clock}-{n}", clock) for n in range(count)])
    (cascade,) = tracker.add([reshare(f"10:10-{n}", "10:10") for n in range(8)])
    assert cascade.size == 16
    assert cascade.growth_per_hour == 11  # 09:20 and 10:10, not 09:00
    assert cascade.acceleration == pytest.approx((8 + 1) / (3 + 1))


def test_growing_is_as_of_now_and_forgets_what_stands_still() -> None:
    tracker = CascadeTracker("acme")
    tracker.add([reshare(f"a{n}", "09:00", root=1) for n in range(9)])
    tracker.add([reshare(f"b{n}", "09:50", root=2) for n in range(4)])
    assert [cascade.root for cascade in tracker.growing(at("09:55"), 5)] == [1, 2]
    (alive,) = tracker.growing(at("10:20"), 5)
    assert (alive.root, alive.growth_per_hour, alive.updated_us) == (2, 4, at("10:20"))
    assert tracker.growing(at("12:00"), 5) == []
    assert [cascade.root for cascade in tracker.largest(1)] == [1]


def test_beyond_the_bound_the_least_recently_reshared_root_goes_and_is_counted() -> None:
    tracker = CascadeTracker("acme", roots_kept=2)
    for clock, root in (("09:00", 1), ("09:01", 2), ("09:02", 1), ("09:03", 3)):
        tracker.add([reshare(clock, clock, root=root)])
    assert sorted(cascade.root for cascade in tracker.largest(5)) == [1, 3]
    assert tracker.evicted == 1


def test_roots_reshared_at_the_same_instant_leave_in_order_of_their_keys() -> None:
    for order in ((5, 6, 7), (7, 6, 5)):
        tracker = CascadeTracker("acme", roots_kept=1)
        tracker.add([reshare(str(root), "09:00", root=root) for root in order])
        assert [cascade.root for cascade in tracker.largest(5)] == [7]


@pytest.mark.parametrize("authors", [257, 1_000, 20_000])
def test_authors_are_estimated_within_four_standard_errors(authors: int) -> None:
    chance = Random(authors)
    tracker = CascadeTracker("acme")
    keys = [chance.getrandbits(63) for _ in range(authors)]
    crowd = keys + keys[: authors // 2]
    (cascade,) = tracker.add([reshare(str(n), "09:00", author=key, followers=100) for n, key in enumerate(crowd)])
    assert cascade.size == len(crowd)
    assert cascade.authors == pytest.approx(authors, rel=4 / 254**0.5)
    assert cascade.potential_reach == pytest.approx(100 * authors, rel=4 / 254**0.5)


def test_up_to_255_authors_and_their_audience_are_exact() -> None:
    tracker = CascadeTracker("acme")
    (cascade,) = tracker.add([reshare(str(n), "09:00", author=n % 255, followers=n % 255) for n in range(2_000)])
    assert (cascade.authors, cascade.potential_reach) == (255, sum(range(255)))


@given(matches=streams())
def test_counts_equal_those_of_a_plain_recount(matches: list[Match]) -> None:
    tracker = CascadeTracker("acme")
    for minute in minutes_of(matches):
        tracker.add(minute)
    reshares = [one for one in matches if one.kind in ("repost", "quote")]
    for root in {one.root for one in reshares}:
        (cascade,) = (cascade for cascade in tracker.largest(99) if cascade.root == root)
        mine = [one for one in reshares if one.root == root]
        last = max(one.published_us for one in matches if one.root == root and one.kind != "post")
        assert cascade.size == len(mine)
        assert cascade.authors == len({one.author for one in mine})
        assert cascade.updated_us == last
        hour = [one for one in mine if one.published_us // MINUTE_US > last // MINUTE_US - 60]
        assert cascade.growth_per_hour == len(hour)


@given(matches=streams(), stop=st.integers(0, 150))
def test_a_restart_at_any_minute_changes_nothing(matches: list[Match], stop: int) -> None:
    straight, restarted = CascadeTracker("acme", roots_kept=3), CascadeTracker("acme", roots_kept=3)
    told: list[list[Cascade]] = [[], []]
    for place, minute in enumerate(minutes_of(matches)):
        if place == stop:
            state = restarted.snapshot()
            restarted = CascadeTracker("acme", roots_kept=3)
            restarted.restore(state)
        told[0] += straight.add(minute)
        told[1] += restarted.add(minute)
    assert told[0] == told[1]
    assert straight.snapshot() == restarted.snapshot()
    assert straight.evicted == restarted.evicted


@given(matches=streams(), data=st.data())
def test_the_order_of_arrival_does_not_matter_once_sorted(matches: list[Match], data: st.DataObject) -> None:
    first, second = CascadeTracker("acme"), CascadeTracker("acme")
    for minute in minutes_of(matches):
        first.add(minute)
    for minute in minutes_of(data.draw(st.permutations(matches))):
        second.add(minute)
    assert first.snapshot() == second.snapshot()


def test_a_topic_without_cascades_has_a_tiny_state() -> None:
    tracker = CascadeTracker("acme")
    assert tracker.snapshot() == b""
    for n in range(1_000):
        tracker.add([match(str(n), at("09:00") + n * MINUTE_US)])
    posts, authors = 2 * 40 * POSTS_KEPT, 4 * 1_000
    assert len(tracker.snapshot()) < posts + authors


def test_memory_stays_bounded_however_many_roots_and_authors_come() -> None:
    chance = Random(7)
    tracker = CascadeTracker("acme", roots_kept=50)
    for minute in range(200):
        crowd = [
            reshare(f"{minute}-{n}", at("09:00") + minute * MINUTE_US, root=chance.randrange(400)) for n in range(40)
        ]
        tracker.add(crowd)
    assert len(tracker) == 50
    assert len(tracker.snapshot()) < 50 * 1_200


def crowd(count: int, clock: str, network: str = "x", **changes: Any) -> list[Match]:
    """As many reshares, one a second."""
    start = at(clock)
    return [reshare(f"{clock}-{n}", start + n * SECOND_US, network=network, **changes) for n in range(count)]


def told(matches: list[Match], tracker: CascadeTracker | None = None) -> Cascade:
    """Return the last that is told of the root."""
    tracker = CascadeTracker("acme") if tracker is None else tracker
    return latest(cascade for minute in minutes_of(matches) for cascade in tracker.add(minute))[0]


def test_nothing_is_inferred_of_fewer_than_ten_reshares() -> None:
    few, enough = told(crowd(9, "09:00")), told(crowd(10, "09:00"))
    assert (few.edges, few.depth, few.reproduction, few.final_size, few.virality) == (None,) * 5
    assert enough.edges == "inferred"
    assert None not in (enough.depth, enough.reproduction, enough.final_size, enough.virality)


def test_intervals_hold_their_estimates_and_a_cascade_never_shrinks() -> None:
    for size in (10, 40, 300):
        one = told(crowd(size, "09:00", followers=90))
        assert one.reproduction is not None
        assert one.final_size is not None
        assert one.reproduction_low <= one.reproduction <= one.reproduction_high  # type: ignore[operator]
        assert one.size <= one.final_low <= one.final_size <= one.final_high  # type: ignore[operator]
        assert one.estimated_reach <= one.potential_reach


def test_counters_are_exact_at_once_and_estimates_hold_until_they_are_outgrown() -> None:
    tracker = CascadeTracker("acme")
    told = [tracker.add([reshare(str(n), at("09:00") + n * MINUTE_US, followers=70)])[0] for n in range(200)]
    assert [one.size for one in told] == list(range(1, 201))
    assert [one.authors for one in told] == list(range(1, 201))
    inferred = [(one.reproduction, one.rate_per_hour, one.virality) for one in told[9:]]
    renewals = [place for place, (before, after) in enumerate(pairwise(inferred), 10) if before != after]
    assert 5 <= len(renewals) <= 10  # half as large again each time, from 10 to 200
    assert all(later <= 1.6 * (earlier + 1) for earlier, later in pairwise([10, *renewals, 200]))
    assert all(one.size <= one.final_low <= one.final_size for one in told[9:])  # type: ignore[operator]


def test_asking_for_the_fastest_tells_them_as_of_now_and_changes_nothing() -> None:
    asked, left = CascadeTracker("acme"), CascadeTracker("acme")
    for minute in range(90):
        batch = [
            reshare(f"{minute}-{n}", at("09:00") + minute * MINUTE_US + n * SECOND_US, root=n % 3, followers=70 + n)
            for n in range(7)
        ]
        assert asked.add(batch) == left.add(batch)
        (fastest,) = asked.growing(at("09:01") + minute * MINUTE_US, 1)
    stale = next(one for one in left.largest(3) if one.root == fastest.root)
    assert fastest.size == stale.size
    assert fastest.rate_per_hour != stale.rate_per_hour


def test_a_network_that_names_parents_is_measured_from_the_first_reshare() -> None:
    first = reshare("1", "09:00:01", network="bluesky", parent=ROOT)
    second = reshare("2", "09:00:02", network="bluesky", parent=first.key)
    third = reshare("3", "09:00:03", network="bluesky", parent=second.key)
    cascade = told([first, second, third])
    assert (cascade.edges, cascade.depth, cascade.breadth) == ("measured", 3, 1)
    assert cascade.virality == pytest.approx(10 / 6)  # a chain of four


def test_a_network_that_names_only_roots_is_inferred_and_one_that_turns_out_to_name_parents_is_measured() -> None:
    known = crowd(30, "09:00", network="forum", parent=ROOT)
    assert told(known).edges == "inferred"
    via = reshare("via", "09:02", network="forum", parent=known[3].key)
    cascade = told([*known, via])
    assert (cascade.edges, cascade.depth, cascade.breadth) == ("measured", 2, 30)
    assert told(crowd(30, "09:00", parent=ROOT)).edges == "inferred"


def test_the_roots_own_audience_counts_once() -> None:
    root = match("root", "09:00", key=ROOT, root=ROOT, author=7, followers=1_000)
    cascade = told([root, reshare("1", "09:00:09", author=8, followers=50), reshare("2", "09:00:10", author=8)])
    assert (cascade.potential_reach, cascade.estimated_reach) == (1_050, 157)
    again = reshare("3", "09:00:11", author=7, root_author=7, followers=1_000)
    assert told([root, again]).potential_reach == 1_000


def test_who_is_new_to_the_topic_is_told_once_it_was_followed_for_a_day() -> None:
    tracker = CascadeTracker("acme")
    people = [Random(n).getrandbits(63) for n in range(60)]
    regulars = [reshare(f"r{n}", at("09:00") + n * SECOND_US, root=1, author=people[n]) for n in range(30)]
    assert told(regulars, tracker).new_author_share is None
    start = at("09:01", "2026-01-16")
    joined = [reshare(f"c{n}", start + n * SECOND_US, root=2, author=people[n]) for n in range(20, 60)]
    assert told(joined, tracker).new_author_share == pytest.approx(30 / 40)


def test_a_forgotten_root_that_comes_back_does_not_make_little_of_what_it_was() -> None:
    tracker = CascadeTracker("acme", roots_kept=1)
    said = tracker.add(crowd(40, "09:00"))
    for n in range(3):
        said += tracker.add([reshare(f"other {n}", f"10:0{n}", root=100 + n)])
    said += tracker.add([reshare("back", "11:00")])
    (cascade,) = [one for one in latest(said) if one.root == ROOT]
    assert (said[-1].size, cascade.size, cascade.authors) == (1, 40, 40)
    assert (cascade.updated_us, cascade.growth_per_hour) == (at("11:00"), 1)
    assert cascade.final_size is not None


def test_a_root_seen_after_its_reshares_dates_them_anew() -> None:
    root = match("root", "08:00", key=ROOT, root=ROOT, followers=5_000)
    late, early = CascadeTracker("acme"), CascadeTracker("acme")
    late.add(crowd(30, "09:00"))
    (corrected,) = late.add([root])
    early.add([root])
    (known,) = early.add(crowd(30, "09:00"))
    assert corrected.started_us == known.started_us
    assert corrected.rate_per_hour == pytest.approx(known.rate_per_hour)
    assert corrected.reproduction == pytest.approx(known.reproduction)


def test_what_finished_cascades_became_is_learned_once_they_are_silent_for_two_days() -> None:
    def after(days: int) -> bytes:
        tracker = CascadeTracker("acme")
        for minute in minutes_of(crowd(400, "09:00")):
            tracker.add(minute)
        for day in range(days):
            tracker.add([match(f"day {day}", at("12:00", f"2026-01-{16 + day}"))])
        return tracker._forecaster.snapshot()

    assert 3 * len(after(1)) < len(after(2))  # before, only the daily rhythm
    assert after(2) == after(3)  # and once only


def dense() -> st.SearchStrategy[list[Match]]:
    """A few cascades of dozens of reshares over days, some of which name true parents."""
    fields = st.tuples(
        st.one_of(st.integers(0, 1_200), st.integers(0, 4 * 86_400)),
        st.integers(0, 2), st.integers(0, 30), st.none() | st.integers(0, 90_000), st.integers(-3, 40),
    )  # fmt: skip
    networks = ("x", "bluesky", "forum")
    return st.lists(fields, min_size=30, max_size=90).map(
        lambda drawn: [
            reshare(
                str(n), at("09:00") + second * SECOND_US, root=root, network=networks[root], author=author << 40,
                followers=followers, parent=match(str(via), "09:00").key if via >= 0 and root else root,
            )
            for n, (second, root, author, followers, via) in enumerate(drawn)
        ]
    )  # fmt: skip


@settings(deadline=None, max_examples=25)
@given(matches=dense(), stops=st.lists(st.integers(0, 80), max_size=3))
def test_restarts_change_nothing_of_what_is_inferred_forecast_and_learned(
    matches: list[Match], stops: list[int]
) -> None:
    straight, restarted = CascadeTracker("acme", roots_kept=2), CascadeTracker("acme", roots_kept=2)
    for place, minute in enumerate(minutes_of(matches)):
        if place in stops:
            state = restarted.snapshot()
            restarted = CascadeTracker("acme", roots_kept=2)
            restarted.restore(state)
        assert straight.add(minute) == restarted.add(minute)
    assert straight.snapshot() == restarted.snapshot()


def test_an_empty_snapshot_restores_to_a_new_tracker() -> None:
    tracker = CascadeTracker("acme")
    tracker.add([reshare("1", "09:00")])
    tracker.restore(b"")
    assert (len(tracker), tracker.snapshot()) == (0, b"")
