"""A crisis does not become the new normal while it lasts, nor does anything stand still for ever."""

from __future__ import annotations

from random import Random

import msgspec
import pytest

from monitor.anomalies import Verdict
from monitor.clock import DAY_US, HOUR_US, MINUTE_US
from monitor.incidents import Reason, TimelineEntry
from monitor.incidents.context import Context
from monitor.incidents.freezing import Freezing
from monitor.incidents.severity import Levels
from monitor.incidents.tracker import IncidentTracker, TrackerState
from monitor.incidents.words import say
from monitor.mentions import Author, Mention
from monitor.pipeline import Outcome, Pipeline
from tests.incidents.crowd import Crowd
from tests.made import at, match, mention, own_words, topic

START = at("00:00", "2026-01-05")
CRISIS = START + 9 * DAY_US + 8 * HOUR_US
FAR = at("00:00", "2030-01-01")


def reason(name: str, weight: float = 1.0) -> Reason:
    return Reason(name=name, text="", observed=1.0, weight=weight)


def angry_minute(tracker: IncidentTracker, tone: float) -> None:
    """Let an incident open that subsides half an hour later, and closes or pauses after three."""
    posts = [match(f"a{number}", START + number, tone=tone) for number in range(30)]
    loud = Verdict(detector="counts", p_value=1e-12, observed=30, expected=3, lower=1, upper=6, span_minutes=5)
    tracker.close_minute(START, posts, [loud, *Crowd().judge(START, posts)], [])
    for number in range(1, 200):
        tracker.close_minute(START + number * MINUTE_US, [], [], [])


def test_nothing_is_learned_until_a_day_after_the_last_sign_of_a_crisis_however_quiet_it_is() -> None:
    tracker = IncidentTracker(topic(), ["counts"])
    angry_minute(tracker, tone=-0.9)
    saved = msgspec.msgpack.encode(tracker.snapshot())
    restored = IncidentTracker(topic(), ["counts"])
    restored.restore(msgspec.msgpack.decode(saved, type=TrackerState))
    for one in (tracker, restored):
        assert one.freezes_baseline(START + 23 * HOUR_US)
        assert not one.freezes_baseline(START + 24 * HOUR_US)


def test_after_a_spike_in_which_nobody_complains_all_is_learned_as_soon_as_it_subsides() -> None:
    tracker = IncidentTracker(topic(), ["counts"])
    angry_minute(tracker, tone=0.4)
    assert not tracker.freezes_baseline(START + 4 * HOUR_US)


@pytest.mark.parametrize(
    ("severity", "said", "is_sign"),
    [
        ("critical", reason("own_reply"), True),
        ("warning", reason("negative"), True),
        ("watch", reason("negative", weight=2.0), True),
        ("watch", reason("negative"), False),
        ("warning", reason("velocity", weight=3.0), False),
    ],
)
def test_a_crisis_is_where_the_crowd_has_turned_beyond_a_doubt_or_worse_than_a_watch(severity, said, is_sign) -> None:
    freezing = Freezing()
    freezing.hear_incident(START, severity, [reason("velocity"), said], 5)
    assert freezing.is_crisis(START) is is_sign
    assert freezing.sleeps(START) is is_sign


LEVELS = Levels.of(topic().policy, 10)


def turned(times: float) -> list[Verdict]:
    """Nine of ten voices complain, which is so many times what a watch demands."""
    return [
        Verdict(
            detector="negative_share",
            p_value=times * LEVELS.watch,
            observed=0.9,
            expected=0.2,
            lower=0.1,
            upper=0.3,
            unit="share",
            factors={"nominal": 5.0, "count": 9.0, "voices": 10.0},
        )
    ]


def test_a_test_that_only_repeats_itself_is_a_sign_and_in_a_crisis_already_when_it_is_ten_times_less_sure() -> None:
    freezing, context = Freezing(), Context()
    freezing.hear(START, turned(5.0), context, LEVELS, 10)
    assert not freezing.is_crisis(START)
    freezing.hear(START, turned(0.5), context, LEVELS, 10)
    assert freezing.is_crisis(START + 23 * HOUR_US)
    freezing.hear(START + 20 * HOUR_US, turned(5.0), context, LEVELS, 10)
    assert freezing.is_crisis(START + 43 * HOUR_US)
    assert not freezing.is_crisis(START + 44 * HOUR_US)
    assert not freezing.sleeps(START + 20 * HOUR_US), "it keeps no incident open"


def test_a_minute_that_gives_a_sign_in_two_ways_counts_once() -> None:
    freezing = Freezing()
    freezing.hear(START, turned(0.5), Context(), LEVELS, 10)
    freezing.hear_incident(START, "critical", [reason("negative")], 10)
    assert freezing.weeks == [10]


def test_while_it_is_still_louder_than_usual_a_crisis_lasts_for_three_days_without_a_sign() -> None:
    freezing, context = Freezing(), Context()
    freezing.hear(START, turned(0.5), context, LEVELS, 10)
    loud = Verdict(detector="slow_burn", p_value=1e-7, observed=90, expected=30, lower=20, upper=40)
    for hour in range(80):
        now = START + hour * HOUR_US
        freezing.hear(now, [loud], context, LEVELS, 10)
        assert freezing.is_crisis(now) is (hour < 72)


def test_what_a_slow_test_still_says_is_not_learned_for_three_days_and_then_it_is_a_new_level() -> None:
    freezing, context = Freezing(), Context()
    loud = Verdict(detector="slow_burn", p_value=1e-7, observed=90, expected=30, lower=20, upper=40)
    for hour in range(100):
        now = START + hour * HOUR_US
        freezing.hear(now, [loud], context, LEVELS, 10)
        assert freezing.is_spike(now) is (hour < 72)
    rested = START + 99 * HOUR_US + 3 * HOUR_US
    freezing.hear(rested, [loud], context, LEVELS, 10)
    assert freezing.is_spike(rested + 59 * MINUTE_US)
    assert not freezing.is_spike(rested + HOUR_US)


def heard(freezing: Freezing, since_us: int, week: int, mentions: int) -> list[bool]:
    """Return what is a crisis of a week that gives a sign every six hours."""
    found = []
    for sign in range(28):
        start_us = since_us + week * 7 * DAY_US + sign * 6 * HOUR_US
        freezing.hear_incident(start_us, "critical", [reason("negative")], mentions)
        found.append(freezing.is_crisis(start_us))
    return found


def test_a_crisis_that_grows_flares_up_or_fades_is_one_for_as_long_as_it_lasts() -> None:
    freezing = Freezing()
    for week, mentions in enumerate((10, 15, 40, 30, 15, 10, 6, 4, 10, 20, 8, 4)):
        assert all(heard(freezing, START, week, mentions))


def test_what_was_the_same_for_four_weeks_is_how_people_speak_and_when_it_doubles_it_is_a_crisis_again() -> None:
    freezing = Freezing()
    weeks = [heard(freezing, START, week, mentions) for week, mentions in enumerate((40, 12, 10, 14, 11, 10, 12))]
    assert all(all(week) for week in weeks[:5])
    assert not any(is_crisis for week in weeks[5:] for is_crisis in week)
    assert freezing.settled_us == START + 5 * 7 * DAY_US
    flare = heard(freezing, START, 7, 40)
    assert not flare[0]
    assert all(flare[20:])


def test_what_has_settled_is_forgotten_when_three_days_give_no_sign() -> None:
    freezing = Freezing()
    for week in range(6):
        heard(freezing, START, week, 10)
    later = START + 45 * DAY_US
    freezing.hear_incident(later, "critical", [reason("negative")], 10)
    assert freezing.is_crisis(later + 23 * HOUR_US)
    assert not freezing.is_crisis(later + 24 * HOUR_US)


def test_the_timeline_of_the_last_incident_says_that_people_speak_like_this_now_in_both_languages() -> None:
    tracker = IncidentTracker(topic(), ["counts"])
    angry_minute(tracker, tone=-0.9)
    tracker.freezing = Freezing(first_us=START, last_us=START + 28 * DAY_US - HOUR_US, weeks=[40, 40, 40, 40])
    said: list[TimelineEntry] = []
    for minute in range(3):
        start_us = START + 28 * DAY_US + minute * MINUTE_US
        posts = [match(f"b{minute}-{number}", start_us + number, tone=-0.9) for number in range(30)]
        loud = Verdict(detector="counts", p_value=1e-12, observed=30, expected=3, lower=1, upper=6, span_minutes=5)
        change = tracker.close_minute(start_us, posts, [loud, *Crowd().judge(start_us, posts)], [])
        assert change is not None
        said += [entry for entry in change.entries if entry.kind == "settled"]
    assert [entry.at_us for entry in said] == [START + 28 * DAY_US + MINUTE_US]
    assert "4 weeks running" in said[0].text
    assert "4 semaines de suite" in say("settled", said[0].facts, "fr")


def posts(rng: Random, name: str, since_us: int, until_us: int, a_day: float, texts: tuple[str, ...]) -> list[Mention]:
    found: list[Mention] = []
    now = since_us + rng.expovariate(a_day) * DAY_US
    while now < until_us:
        author = Author(id=f"{name}{rng.randrange(5000)}", followers=150, created_us=at("00:00", "2012-01-05"))
        text = f"{rng.choice(texts)} {own_words(rng)}"
        found.append(mention(f"{name}-{len(found)}", int(now), text, author=author))
        now += rng.expovariate(a_day) * DAY_US
    return found


USUAL = ("Acme downtown today", "saw the Acme advert", "thanks Acme, wonderful", "does Acme open on sunday?")
ANGRY = ("a disgrace, Acme", "Acme lied to us", "awful service from Acme", "Acme is a scam", "worst ever, Acme")


def told(*more: list[Mention], days: float) -> tuple[Outcome, list[float]]:
    """Return what a pipeline said of nine usual days and what came then, and mentions expected a day, day by day."""
    usual = posts(Random(1), "u", START, START + int(days * DAY_US), 150, USUAL)
    items = sorted(sum(more, usual), key=lambda one: one.published_us)
    pipeline = Pipeline([topic()], b"secret")
    outcome = pipeline.step("x", items, FAR)
    outcome.add(pipeline.finish())
    a_day: dict[int, list[float]] = {}
    for judged in outcome.judged:
        a_day.setdefault((judged.signal.start_us - CRISIS) // DAY_US, []).append(judged.expected * 1440)
    return outcome, [sum(found) / len(found) for day, found in sorted(a_day.items()) if day >= -1]


@pytest.mark.parametrize(
    ("days", "times", "angry", "fades"),
    [
        pytest.param(4, 7.0, 1.0, 1.0, id="loud and steady"),
        pytest.param(4, 7.0, 1.0, 0.75, id="loud and fading"),
        pytest.param(10, 3.0, 1.0, 1.0, id="mild"),
        pytest.param(10, 2.0, 0.8, 1.0, id="very mild"),
        pytest.param(19, 7.0, 0.5, 1.0, id="long, half of them angry"),
    ],
)
def test_days_of_crisis_leave_what_is_usual_as_it_was_and_the_next_one_is_critical_within_minutes(
    days: int, times: float, angry: float, fades: float
) -> None:
    rng = Random(2)
    crisis = [
        post
        for day in range(days)
        for share, texts in ((angry, ANGRY), (1.0 - angry, USUAL))
        if share
        for post in posts(
            rng,
            f"c{day}{share}",
            *(CRISIS + (day + end) * DAY_US for end in (0, 1)),
            (times - 1.0) * 150 * share * fades**day,
            texts,
        )
    ]
    second_us = CRISIS + (days + 1) * DAY_US + 4 * HOUR_US
    second = posts(rng, "s", second_us, second_us + HOUR_US // 2, 24 * 90, ANGRY)
    outcome, expected = told(crisis, second, days=days + 10.6)
    assert max(expected) < 1.3 * expected[0]
    assert "moved" not in [entry.kind for entry in outcome.timeline]
    opened = [one for one in outcome.incidents.values() if one.opened_us >= second_us]
    assert [one.severity for one in opened] == ["critical"]
    assert opened[0].opened_us - second_us < 15 * MINUTE_US


def test_what_is_usual_is_learned_again_once_a_mild_crisis_is_over() -> None:
    rng = Random(5)
    crisis = posts(rng, "c", CRISIS, CRISIS + 10 * DAY_US, 300, ANGRY)
    grown_us = CRISIS + 13 * DAY_US
    _, expected = told(crisis, posts(rng, "m", grown_us, grown_us + 5 * DAY_US, 450, USUAL), days=27.3)
    assert max(expected[:12]) < 1.3 * expected[0]
    assert expected[-1] > 2.0 * expected[0]


def test_a_brand_that_grew_is_learned_within_days() -> None:
    more = posts(Random(3), "m", CRISIS, CRISIS + 5 * DAY_US, 450, USUAL)
    _, expected = told(more, days=14.3)
    assert expected[-1] > 2.0 * expected[0]


def test_a_second_crisis_weeks_after_the_first_is_critical_within_minutes_though_the_first_is_remembered() -> None:
    rng = Random(4)
    first = posts(rng, "f", CRISIS, CRISIS + 3 * HOUR_US, 24 * 100, ANGRY)
    second_us = CRISIS + 10 * DAY_US + 4 * HOUR_US
    second = posts(rng, "s", second_us, second_us + HOUR_US // 2, 24 * 150, ANGRY)
    outcome, _ = told(first, second, days=19.6)
    opened = [one for one in outcome.incidents.values() if one.opened_us >= CRISIS]
    assert [one.severity for one in opened] == ["critical", "critical"]
    woken = [entry.at_us for entry in outcome.timeline if entry.facts.get("severity") == 3.0]
    assert woken[-1] - second_us < 10 * MINUTE_US
