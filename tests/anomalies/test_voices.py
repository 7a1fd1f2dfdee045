"""People who matter: few of them, and yet too many to be chance."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator

import msgspec
import pytest

from monitor.anomalies import Verdict
from monitor.anomalies.voices import CAUTION, FEWEST, MOST_SPEAKERS, SPANS, Voices
from monitor.clock import DAY_US, MINUTE_US
from monitor.signals import Signal, Voice
from monitor.stats.negative_binomial import log_tail

MONDAY_US = 1_704_067_200_000_000  # 2024-01-01T00:00:00Z
WATCH = 1 / 3 / 1440 / 7  # a third of once a day, shared by seven detectors
DAYS = 12
END_US = MONDAY_US + DAYS * DAY_US


def voice(author: int, circle: int | None = None, tone: float = 0.0, *, is_official: bool = False) -> Voice:
    return Voice(author, author if circle is None else circle, is_official, tone)


def minute(start_us: int, *voices: Voice, crowd: int = 2) -> Signal:
    measures = {"distinct_authors": float(crowd)}
    return Signal(topic="acme", start_us=start_us, mentions=crowd, measures=measures, voices=voices)


def ordinary(days: int = DAYS, seed: int = 1) -> Iterator[Signal]:
    """Yield two people a minute; three times a day a newcomer who matters, every two hours an old acquaintance."""
    rng = random.Random(seed)
    for number in range(days * 1440):
        start_us = MONDAY_US + number * MINUTE_US
        voices = [voice(1_000_000 + number)] if rng.random() < 3 / 1440 else []
        voices += [voice(rng.randrange(8))] if rng.random() < 1 / 120 else []
        yield minute(start_us, *voices)


def live(detector: Voices, signals: Iterator[Signal]) -> list[Verdict]:
    verdicts = []
    for one in signals:
        verdicts.append(detector.score(one))
        detector.learn(one)
    return verdicts


@pytest.fixture(scope="module")
def seasoned() -> Callable[[], Voices]:
    detector = Voices()
    live(detector, ordinary())
    saved = detector.snapshot()

    def fresh() -> Voices:
        copy = Voices()
        copy.restore(saved)
        return copy

    return fresh


def hear(detector: Voices, *heard: tuple[int, Voice], crowd: int = 2) -> Verdict:
    """Let accounts speak, so many minutes after the ordinary days; return the last verdict."""
    verdict = None
    for after, one in heard:
        verdict = detector.score(minute(END_US + after * MINUTE_US, one, crowd=crowd))
        detector.learn(minute(END_US + after * MINUTE_US, one, crowd=crowd))
    assert verdict is not None
    return verdict


def test_five_newcomers_within_the_hour_are_news_though_nothing_is_louder(seasoned) -> None:
    verdict = hear(seasoned(), *[(12 * place, voice(-place - 1)) for place in range(5)])
    assert verdict.p_value < WATCH
    assert (verdict.observed, verdict.unit, verdict.span_minutes) == (5, "voices", 60)
    assert verdict.upper <= 2
    assert (verdict.factors["accounts"], verdict.factors["newcomers"]) == (5, 5)


def test_old_acquaintances_are_no_news(seasoned) -> None:
    verdict = hear(seasoned(), *[(12 * place, voice(place)) for place in range(5)])
    assert verdict.p_value > WATCH
    assert verdict.factors["newcomers"] == 0


def test_two_are_never_news(seasoned) -> None:
    assert hear(seasoned(), (0, voice(-1)), (1, voice(-2))).p_value > 10 * WATCH


def test_ten_who_pass_on_the_same_words_count_as_one(seasoned) -> None:
    verdict = hear(seasoned(), *[(place, voice(-place - 1, circle=77)) for place in range(10)])
    assert verdict.p_value == 1.0
    assert verdict.observed == 1


def test_an_account_is_one_voice_however_often_it_speaks(seasoned) -> None:
    assert hear(seasoned(), *[(place, voice(-1)) for place in range(30)]).p_value == 1.0


def test_a_television_evening_explains_its_celebrities(seasoned) -> None:
    loud = seasoned()
    for after in range(48):
        one = minute(END_US + after * MINUTE_US, crowd=150)
        loud.score(one)
        loud.learn(one)
    assert hear(loud, *[(49 + place, voice(-place - 1)) for place in range(5)]).p_value > WATCH


def test_half_an_hour_after_the_last_of_them_it_is_no_news_any_more(seasoned) -> None:
    detector = seasoned()
    assert hear(detector, *[(2 * place, voice(-place - 1)) for place in range(6)]).p_value < WATCH
    assert detector.score(minute(END_US + 39 * MINUTE_US)).p_value < WATCH
    assert detector.score(minute(END_US + 41 * MINUTE_US)).p_value == 1.0


def test_who_spoke_while_nothing_was_learned_is_no_newcomer_the_next_day(seasoned) -> None:
    detector = seasoned()
    for place in range(6):
        one = minute(END_US + place * MINUTE_US, voice(-place - 1))
        detector.score(one)
        detector.skip(one.start_us, one.end_us)
    verdict = hear(detector, *[(1440 + place, voice(-place - 1)) for place in range(6)])
    assert verdict.factors["newcomers"] == 0


def test_quiet_weeks_stay_within_the_budget() -> None:
    for seed in (3, 4, 5):
        verdicts = live(Voices(), ordinary(21, seed))
        rare = [place for place, verdict in enumerate(verdicts) if verdict.p_value <= WATCH]
        assert len({place // 720 for place in rare}) <= 21 / 3 / 7


def test_the_chance_can_be_worked_out_again_from_the_factors(seasoned) -> None:
    verdict = hear(seasoned(), *[(2 * place, voice(-place - 1)) for place in range(6)])
    tail = log_tail(verdict.observed, verdict.expected, verdict.factors["scatter"])
    again = tail + math.log(len(SPANS) * verdict.observed / verdict.span_minutes)
    assert verdict.factors["nominal"] == pytest.approx(-again / math.log(10))
    assert verdict.p_value >= 10 ** -(verdict.factors["nominal"] + CAUTION)


def test_what_is_said_of_the_newcomers_is_counted(seasoned) -> None:
    press = voice(-1, tone=-0.8, is_official=True), voice(-3, is_official=True)
    factors = hear(seasoned(), *enumerate([*press, voice(-2, tone=0.6), voice(0, tone=-1)])).factors
    assert [factors[f"new_{name}"] for name in ("officials", "negative", "positive")] == [2, 1, 1]
    assert factors["accounts"] == 4


def test_windows_hold_exactly_who_spoke_in_them() -> None:
    rng = random.Random(7)
    detector = Voices()
    spoken: list[tuple[int, int, int]] = []
    for number in range(3 * 1440):
        heard = [voice(rng.randrange(60), rng.randrange(20)) for _ in range(rng.random() < 0.15)]
        spoken += [(number, one.author, one.circle) for one in heard]
        detector.score(minute(MONDAY_US + number * MINUTE_US, *heard))
        for place, span in enumerate(SPANS):
            inside = {author: circle for at, author, circle in spoken if at > number - span}
            assert detector._circles(place, new_only=False) == len({*inside.values()})
        spoken = [entry for entry in spoken if entry[0] > number - max(SPANS)]


@pytest.mark.parametrize("is_between", [False, True])
def test_a_restored_detector_says_exactly_the_same(seasoned, is_between) -> None:
    original, twin = seasoned(), Voices()
    hear(original, *[(7 * place, voice(-place - 1)) for place in range(4)])
    last = minute(END_US + 30 * MINUTE_US, voice(-9))
    if is_between:
        original.score(last)
    twin.restore(original.snapshot())
    if not is_between:
        assert twin.score(last) == original.score(last)
    for detector in (original, twin):
        detector.learn(last)
    assert twin.snapshot() == original.snapshot()


def test_a_storm_of_celebrities_takes_no_more_memory_and_is_still_extreme(seasoned) -> None:
    detector = seasoned()
    for number in range(30):
        heard = [voice(-100 * number - place - 1) for place in range(100)]
        verdict = detector.score(minute(END_US + number * MINUTE_US, *heard, crowd=200))
        detector.skip(END_US + number * MINUTE_US, END_US + (number + 1) * MINUTE_US)
    assert verdict.observed == MOST_SPEAKERS > FEWEST
    assert verdict.p_value < WATCH
    assert len(detector.snapshot()) < 9_000


def test_a_snapshot_is_plain_msgpack(seasoned) -> None:
    assert msgspec.msgpack.decode(seasoned().snapshot())
