"""A crisis does not become the new normal while it lasts, nor does anything stand still for ever."""

from __future__ import annotations

from random import Random

import msgspec
import pytest

from monitor.anomalies import Verdict
from monitor.clock import DAY_US, HOUR_US, MINUTE_US
from monitor.incidents import Reason
from monitor.incidents.freezing import Freezing
from monitor.incidents.tracker import IncidentTracker, TrackerState
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
    freezing.hear(START, severity, [reason("velocity"), said])
    assert freezing.is_crisis(START) is is_sign


def test_what_never_calms_down_is_learned_after_fourteen_days_and_a_later_crisis_is_one_again() -> None:
    freezing = Freezing()
    for hour in range(0, 30 * 24, 6):
        freezing.hear(START + hour * HOUR_US, "critical", [reason("negative")])
        assert freezing.is_crisis(START + hour * HOUR_US) is (hour < 14 * 24)
    later = START + 33 * DAY_US
    freezing.hear(later, "critical", [reason("negative")])
    assert freezing.is_crisis(later + 23 * HOUR_US)


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


@pytest.mark.parametrize("fades", [1.0, 0.75], ids=["steady", "fading"])
def test_days_of_crisis_leave_what_is_usual_as_it_was_and_the_next_one_is_critical_within_minutes(fades: float) -> None:
    rng = Random(2)
    crisis = [
        post
        for day in range(4)
        for post in posts(rng, f"c{day}", *(CRISIS + (day + end) * DAY_US for end in (0, 1)), 900 * fades**day, ANGRY)
    ]
    second_us = CRISIS + 5 * DAY_US + 4 * HOUR_US
    second = posts(rng, "s", second_us, second_us + HOUR_US // 2, 24 * 90, ANGRY)
    outcome, expected = told(crisis, second, days=14.6)
    assert max(expected) < 1.3 * expected[0]
    assert "moved" not in [entry.kind for entry in outcome.timeline]
    opened = [one for one in outcome.incidents.values() if one.opened_us >= second_us]
    assert [one.severity for one in opened] == ["critical"]
    assert opened[0].opened_us - second_us < 15 * MINUTE_US


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
