"""What minutes add up to, counted again as the detectors counted it."""

from __future__ import annotations

from monitor.anomalies import Verdict
from monitor.anomalies.negative_share import NegativeShareTest
from monitor.anomalies.seasonal_counts import SeasonalCounts
from monitor.clock import MINUTE_US
from monitor.queries.recount import Minute, Recount
from monitor.signals import Signal
from tests.made import at

NOON = at("12:00", "2026-01-05")
SHARE = NegativeShareTest()


def minute(number: int, negative: int, voices: int, *, is_asked: bool = True) -> Minute:
    measures = {"negative_share": negative / voices, "distinct_authors": float(voices)}
    signal = Signal(topic="acme", start_us=NOON + number * MINUTE_US, mentions=voices, measures=measures)
    return Minute(signal, voices, frozenset({SHARE.name} if is_asked else ()))


def said(count: int, voices: int, minutes: int = 15) -> Verdict:
    return Verdict(
        detector=SHARE.name,
        p_value=1e-4,
        observed=count / voices,
        expected=0.2,
        lower=0.1,
        upper=0.3,
        span_minutes=minutes,
        unit="share",
        factors={"count": float(count), "voices": float(voices)},
    )


def test_what_its_minutes_add_up_to_is_no_difference_and_anything_else_is_named() -> None:
    recount = Recount([minute(0, 2, 4), minute(3, 1, 5), minute(14, 3, 3)], NOON)
    assert not list(recount.differing(NOON + 14 * MINUTE_US, said(6, 12), SHARE))
    assert list(recount.differing(NOON + 14 * MINUTE_US, said(7, 12), SHARE)) == [("count", 7.0, 6.0)]


def test_a_minute_in_which_a_detector_was_not_asked_adds_nothing() -> None:
    recount = Recount([minute(0, 2, 4), minute(3, 1, 5, is_asked=False), minute(14, 3, 3)], NOON)
    assert not list(recount.differing(NOON + 14 * MINUTE_US, said(5, 7), SHARE))


def test_what_reaches_back_beyond_the_stored_minutes_is_not_counted_again() -> None:
    recount = Recount([minute(14, 3, 3)], NOON + 5 * MINUTE_US)
    assert not list(recount.differing(NOON + 14 * MINUTE_US, said(7, 12), SHARE))


def test_the_numbers_of_a_detector_that_sums_nothing_are_left_alone() -> None:
    recount = Recount([minute(14, 3, 3)], NOON)
    assert not list(recount.differing(NOON + 14 * MINUTE_US, said(7, 12), None))


def test_mentions_among_which_some_were_set_aside_may_have_been_fewer_then_but_not_more() -> None:
    counts = SeasonalCounts()
    signal = Signal(topic="acme", start_us=NOON, mentions=4, measures={}, set_aside=3)
    recount = Recount([Minute(signal, 7, frozenset({counts.name}))], NOON - 2 * 60 * MINUTE_US)
    for observed, differs in ((4.0, False), (7.0, False), (8.0, True)):
        verdict = Verdict(
            detector=counts.name, p_value=0.1, observed=observed, expected=1, lower=0, upper=3, span_minutes=1
        )
        assert bool(list(recount.differing(NOON, verdict, counts))) is differs
