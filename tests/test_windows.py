"""Event time: watermarks, late posts, impossible dates, gaps."""

from __future__ import annotations

from itertools import pairwise

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.clock import DAY_US, MINUTE_US, SECOND_US
from monitor.windows import Windows, WindowsState
from tests.made import at, match

FAR = at("00:00", "2030-01-01")


def closed(windows: Windows, hot: set[str] | None = None) -> list[tuple[int, str, list[str]]]:
    return [(start, topic, [one.id for one in matches]) for start, topic, matches in windows.close(hot or set())]


def test_a_minute_closes_when_the_watermark_passes_its_end() -> None:
    windows = Windows(lateness_us=60 * SECOND_US)
    windows.arrive("x", [at("09:15:10")], FAR)
    windows.put(match("1", "09:15:10"))
    windows.arrive("x", [at("09:16:59")], FAR)
    assert closed(windows) == []
    windows.arrive("x", [at("09:17:00")], FAR)
    assert closed(windows) == [(at("09:15"), "acme", ["1"])]


def test_the_source_furthest_behind_holds_the_watermark() -> None:
    windows = Windows(lateness_us=0)
    windows.arrive("x", [at("09:30")], FAR)
    windows.arrive("bluesky", [at("09:10")], FAR)
    assert windows.watermark_us == at("09:30"), "a watermark never goes back"
    windows = Windows(lateness_us=0)
    windows.arrive("bluesky", [at("09:10")], FAR)
    windows.arrive("x", [at("09:30")], FAR)
    assert windows.watermark_us == at("09:10")
    windows.miss({"bluesky": at("09:10")})
    windows.hear("x", at("09:31"))
    assert windows.watermark_us == at("09:31")


def test_a_post_behind_the_watermark_is_late() -> None:
    windows = Windows(lateness_us=60 * SECOND_US)
    arrivals = windows.arrive("x", [at("09:20"), at("09:19:01"), at("09:17:59")], FAR)
    assert arrivals.is_late.tolist() == [False, False, True]


def test_impossible_dates_are_counted_at_the_stream_time_and_do_not_move_the_watermark() -> None:
    windows = Windows(lateness_us=0)
    arrivals = windows.arrive("x", [at("09:20"), at("00:00", "2099-01-01"), at("00:00", "1970-01-01")], FAR)
    assert arrivals.misdated == [1, 2]
    assert arrivals.times.tolist() == [at("09:20")] * 3
    assert windows.watermark_us == at("09:20")


def test_an_impossible_date_before_any_other_is_late_and_moves_nothing() -> None:
    windows = Windows(lateness_us=0)
    arrivals = windows.arrive("x", [at("00:00", "2099-01-01")], FAR)
    assert arrivals.is_late.tolist() == [True]
    assert windows.watermark_us == 0


def test_hot_topics_are_closed_in_every_minute() -> None:
    windows = Windows(lateness_us=0)
    windows.arrive("x", [at("09:15")], FAR)
    windows.put(match("1", "09:15"))
    windows.hear("x", at("09:16"))
    assert closed(windows) == [(at("09:15"), "acme", ["1"])]
    windows.hear("x", at("09:18"))
    assert closed(windows, {"acme"}) == [(at("09:16"), "acme", []), (at("09:17"), "acme", [])]


def test_overlapping_gaps_merge_and_old_ones_are_forgotten() -> None:
    windows = Windows(lateness_us=0)
    windows.add_gap("x", at("09:00"), at("09:10"), "x")
    windows.add_gap("x", at("09:05"), at("09:20"), "x")
    assert windows.gaps == [(at("09:00"), at("09:20"), 1.0)]
    windows.add_gap("x", at("09:00", "2026-06-15"), at("09:10", "2026-06-15"), "x")
    assert windows.gaps == [(at("09:00", "2026-06-15"), at("09:10", "2026-06-15"), 1.0)]


def test_a_gap_hides_as_much_as_its_source_usually_says() -> None:
    windows = Windows(MINUTE_US)
    for source, posts in (("x", 30), ("bluesky", 60), ("mastodon", 10)):
        windows.arrive(source, [at("08:00") + n for n in range(posts)], at("08:01"))
    windows.add_gap("mastodon", at("09:00"), at("09:20"), "mastodon")
    windows.add_gap("x", at("09:10"), at("09:30"), "x")
    spans = [(start, end, round(share, 6)) for start, end, share in windows.gaps]
    assert spans == [
        (at("09:00"), at("09:10"), 0.1),
        (at("09:10"), at("09:20"), 0.4),
        (at("09:20"), at("09:30"), 0.3),
    ]
    windows.add_gap("a source never heard", at("09:25"), at("09:40"), "a source never heard")
    assert windows.gaps[-1] == (at("09:25"), at("09:40"), 1.0)


def heard(posts: dict[str, int]) -> Windows:
    """Windows in which each source told some posts in time, the last at 08:00."""
    windows = Windows(MINUTE_US)
    for source, count in posts.items():
        windows.arrive(source, [at("08:00")] * count, FAR)
    return windows


def test_a_gap_in_a_recording_hides_the_network_it_names() -> None:
    windows = Windows(MINUTE_US)
    networks = ["x"] * 30 + ["bluesky"] * 60 + ["mastodon"] * 10
    windows.arrive("recording", [at("08:00")] * 100, FAR, networks)
    windows.add_gap("x", at("09:00"), at("09:10"), "recording")
    assert windows.gaps == [(at("09:00"), at("09:10"), 0.3)]


def test_a_gap_that_names_nothing_known_hides_what_its_teller_says() -> None:
    windows = heard({"recording": 40, "bluesky": 60})
    windows.add_gap("somebody", at("09:00"), at("09:10"), "recording")
    assert windows.gaps == [(at("09:00"), at("09:10"), 0.4)]


def test_a_source_not_waited_for_hides_its_share_from_its_last_word_until_it_is_back() -> None:
    windows = heard({"x": 30, "bluesky": 70})
    assert windows.miss({"x": at("08:00")})
    windows.hear("bluesky", at("10:00"))
    ((start, end, share),) = windows.gaps
    assert (start, share) == (at("08:00"), 0.3)
    assert end > windows.watermark_us + 7 * DAY_US, "nobody knows when it comes back"
    assert not windows.miss({"x": at("08:00")}), "which is no news"
    windows.arrive("x", [at("08:01")], FAR)
    assert windows.miss({})
    assert windows.gaps == [(at("08:00"), at("09:59"), 0.3)], "what it tells of the time before is late"


def test_a_gap_told_by_a_source_that_was_missed_hides_its_share_once() -> None:
    windows = heard({"x": 30, "bluesky": 70})
    windows.miss({"x": at("08:00")})
    windows.add_gap("x", at("08:00"), at("09:00"), "x")
    assert {share for _, _, share in windows.gaps} == {0.3}


def test_what_is_late_from_the_first_day_on_or_next_to_nothing_hides_nothing() -> None:
    windows = heard({"bluesky": 96, "forum": 4})
    windows.arrive("archive", [at("07:00")] * 100, FAR)
    windows.miss({"archive": at("07:00"), "forum": at("08:00")})
    assert windows.gaps == []


def test_a_source_that_stays_away_is_gone_after_two_weeks() -> None:
    windows = heard({"x": 30, "bluesky": 70})
    windows.miss({"x": at("08:00")})
    windows.hear("bluesky", at("08:00") + 30 * DAY_US)
    ((_, end, _),) = windows.gaps
    assert end == at("08:00") + 14 * DAY_US
    windows.miss({})
    ((_, end, _),) = windows.gaps
    assert end == at("08:00") + 14 * DAY_US


def test_what_is_missed_survives_a_restart() -> None:
    windows = heard({"x": 30, "bluesky": 70})
    windows.miss({"x": at("08:00")})
    again = Windows(MINUTE_US)
    again.restore(msgspec.msgpack.decode(msgspec.msgpack.encode(windows.snapshot()), type=WindowsState), [])
    windows.hear("bluesky", at("10:00"))
    again.hear("bluesky", at("10:00"))
    assert (again.watermark_us, again.gaps) == (windows.watermark_us, windows.gaps)
    assert again.miss({})
    assert again.gaps == [(at("08:00"), at("09:59"), 0.3)]


moments = st.lists(st.integers(at("09:00"), at("09:20")), min_size=1, max_size=60)


@given(moments, st.lists(st.integers(1, 59), max_size=5))
def test_lateness_depends_on_the_posts_before_and_not_on_how_they_were_cut(times: list[int], cuts: list[int]) -> None:
    whole = Windows(lateness_us=120 * SECOND_US).arrive("x", times, FAR).is_late.tolist()
    windows = Windows(lateness_us=120 * SECOND_US)
    edges = sorted({0, len(times), *(cut for cut in cuts if cut < len(times))})
    parts = [windows.arrive("x", times[a:b], FAR).is_late.tolist() for a, b in pairwise(edges)]
    assert [late for part in parts for late in part] == whole


@given(moments.map(sorted), st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_arrival_order_within_the_lateness_makes_no_difference(times: list[int], random) -> None:  # type: ignore[no-untyped-def]
    lateness = 180 * SECOND_US
    shuffled = sorted(times, key=lambda moment: moment + random.randrange(lateness))

    def minutes(order: list[int]) -> list[tuple[int, str, list[str]]]:
        windows = Windows(lateness)
        arrivals = windows.arrive("x", order, FAR)
        assert not arrivals.is_late.any()
        for number, moment in enumerate(sorted(order)):
            windows.put(match(str(number), moment))
        windows.hear("x", at("09:20") + lateness + MINUTE_US)
        return closed(windows)

    assert minutes(times) == minutes(shuffled)


def test_a_post_of_a_minute_that_ends_at_the_watermark_is_late_because_that_minute_is_closed() -> None:
    windows = Windows(lateness_us=60 * SECOND_US)
    arrivals = windows.arrive("x", [at("09:20:00"), at("09:18:30"), at("09:19:00")], FAR)
    assert arrivals.is_late.tolist() == [False, True, False]
