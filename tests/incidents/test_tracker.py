"""An incident's life: it opens, escalates, subsides, comes back, closes."""

from __future__ import annotations

import msgspec

from monitor.anomalies import Verdict
from monitor.clock import HOUR_US, MINUTE_US
from monitor.crowds.authenticity import Authenticity
from monitor.incidents import authenticity as crowds
from monitor.incidents.tracker import Change, IncidentTracker, TrackerState
from monitor.topics import Match
from tests.incidents.crowd import Crowd
from tests.made import at, match, topic

START = at("20:00")


def verdict(p_value: float) -> list[Verdict]:
    return [Verdict(detector="counts", p_value=p_value, observed=30, expected=3, lower=1, upper=6, span_minutes=5)]


def minute(number: int, posts: int = 1, **changes: object) -> tuple[int, list[Match]]:
    start = START + number * MINUTE_US
    return start, [match(f"{number}-{post}", start + post, **changes) for post in range(posts)]


class Story:
    """Feeds minutes to a tracker and keeps what it says."""

    def __init__(self) -> None:
        self.tracker = IncidentTracker(topic(), ["counts"])
        self.crowd = Crowd()
        self.changes: list[Change] = []

    def tell(self, number: int, p_value: float, posts: int = 1, **changes: object) -> Change | None:
        start, matches = minute(number, posts, **changes)
        change = self.tracker.close_minute(start, matches, [*verdict(p_value), *self.crowd.judge(start, matches)], [])
        if change is not None:
            self.changes.append(change)
        return change

    def kinds(self) -> list[str]:
        return [entry.kind for change in self.changes for entry in change.entries]


def test_an_ordinary_topic_has_no_incident() -> None:
    story = Story()
    for number in range(60):
        assert story.tell(number, 0.5) is None
    assert not story.tracker.is_open


def test_an_incident_is_named_after_its_minute_and_begins_before_it_was_seen() -> None:
    story = Story()
    story.tell(0, 0.5)
    change = story.tell(10, 1e-6, posts=9)
    assert change is not None
    assert change.incident.id == "acme-20260115T2010"
    assert change.incident.opened_us == START + 11 * MINUTE_US
    assert change.incident.since_us == START + 10 * MINUTE_US
    assert change.announce
    assert story.kinds() == ["first_post", "opened", "velocity"]


def test_it_escalates_once_and_is_announced_again() -> None:
    story = Story()
    story.tell(0, 1e-6, posts=9, tone=0.2)
    assert story.changes[-1].incident.severity == "watch"
    story.tell(1, 1e-12, posts=30, tone=-0.9)
    assert story.changes[-1].incident.severity == "critical"
    assert story.changes[-1].announce
    story.tell(2, 1e-12, posts=30, tone=-0.9)
    assert not story.changes[-1].announce
    assert story.kinds().count("escalated") == 1


def test_its_reasons_say_of_when_they_are() -> None:
    story = Story()
    for number, p_value in enumerate((1e-6, 1e-6, 1e-12, 1e-6, 0.5)):
        story.tell(number, p_value, posts=9)
    of_when = [(change.incident.worst_us - START) // MINUTE_US for change in story.changes]
    rarest = [change.incident.reasons[0].p_value for change in story.changes]
    assert of_when == [1, 2, 3, 3, 3]
    assert rarest == [1e-6, 1e-6, 1e-12, 1e-12, 1e-12]


def test_a_flood_that_joins_an_incident_is_announced_until_somebody_was_woken() -> None:
    made = Authenticity(
        verdict="coordinated", mentions=60, made=50, suspected=50, why="groups", accounts=40, texts=1,
        median_followers=0.0, opened_together=0.6,
    )  # fmt: skip
    for p_value, tone, severity, is_announced in ((1e-6, 0.2, "watch", True), (1e-12, -0.9, "critical", False)):
        story = Story()
        story.tell(0, p_value, posts=30, tone=tone)
        start, matches = minute(1, 9, tone=tone)
        said = [*verdict(p_value), *story.crowd.judge(start, matches)]
        change = story.tracker.close_minute(start, matches, said, [], crowds.Crowd(made))
        assert change is not None
        assert change.incident.severity == severity
        assert "coordinated" in [entry.kind for entry in change.entries]
        assert change.announce is is_announced


def test_it_subsides_after_half_an_hour_and_closes_after_three() -> None:
    story = Story()
    story.tell(0, 1e-6, posts=9)
    for number in range(1, 182):
        story.tell(number, 0.5, posts=0)
    assert story.kinds() == ["first_post", "opened", "velocity", "peak", "subsiding", "closed"]
    assert story.changes[-1].incident.closed_us == START + 181 * MINUTE_US
    assert not story.tracker.is_open


def test_what_comes_back_before_it_closes_is_the_same_incident() -> None:
    story = Story()
    story.tell(0, 1e-6, posts=9)
    for number in range(1, 60):
        story.tell(number, 0.5, posts=0)
    change = story.tell(60, 1e-6, posts=9)
    assert change is not None
    assert change.incident.id == "acme-20260115T2000"
    assert change.incident.state == "open"
    assert change.announce
    assert story.kinds()[-1] == "reopened"


def test_a_peak_is_told_once_however_often_it_subsides() -> None:
    story = Story()
    for begins in (0, 60, 120):
        story.tell(begins, 1e-6, posts=9 if begins == 0 else 4)
        for number in range(begins + 1, begins + 60):
            story.tell(number, 0.5, posts=0)
    assert story.kinds().count("subsiding") == 3
    assert story.kinds().count("peak") == 1


def test_the_first_post_is_dated_when_it_was_published() -> None:
    story = Story()
    for number in range(10):
        story.tell(number, 0.5, posts=0)
    story.tell(10, 1e-6, posts=9)
    (first,) = (entry for change in story.changes for entry in change.entries if entry.kind == "first_post")
    assert first.at_us == START + 10 * MINUTE_US


def test_the_baseline_is_frozen_while_it_is_open_but_for_three_days_at_most() -> None:
    story = Story()
    story.tell(0, 1e-6, posts=9)
    assert story.tracker.freezes_baseline(START + 71 * HOUR_US)
    assert not story.tracker.freezes_baseline(START + 73 * HOUR_US)


def test_the_brands_reply_and_influential_accounts_get_a_line_without_a_name() -> None:
    story = Story()
    story.tell(0, 1e-6, posts=9)
    start = START + MINUTE_US
    own = match("own", start, kind="reply", is_own=True)
    star = match("star", start + 1, followers=41_000)
    change = story.tracker.close_minute(start, [own, star], verdict(0.5), [])
    assert change is not None
    lines = {entry.kind: entry for entry in change.entries}
    assert lines["own_reply_posted"].evidence == ("x:own",)
    assert lines["influencer"].text == "An account with 41,000 followers joined."
    assert change.incident.mentions == 10, "the brand's own post is no mention"


def test_a_restored_tracker_goes_on_exactly() -> None:
    whole, first = Story(), Story()
    numbers = [(0, 1e-6, 9), (1, 1e-4, 3), (2, 0.5, 0), (40, 0.5, 1), (41, 1e-9, 20)]
    for number, p_value, posts in numbers:
        whole.tell(number, p_value, posts)
    for number, p_value, posts in numbers[:3]:
        first.tell(number, p_value, posts)
    saved = msgspec.msgpack.encode(first.tracker.snapshot())
    first.tracker = IncidentTracker(topic(), ["counts"])
    first.tracker.restore(msgspec.msgpack.decode(saved, type=TrackerState))
    for number, p_value, posts in numbers[3:]:
        first.tell(number, p_value, posts)
    assert first.changes == whole.changes


def test_the_timeline_has_no_holes() -> None:
    story = Story()
    story.tell(0, 1e-6, posts=9)
    for number in range(1, 200):
        story.tell(number, 0.5, posts=0)
    entries = [entry.sequence for change in story.changes for entry in change.entries]
    assert entries == list(range(len(entries)))


def test_the_post_of_the_brand_that_draws_the_answers_is_named_where_it_stands_in_time() -> None:
    story = Story()
    for number in range(30):
        story.tell(number, 0.5, posts=2)
    start, _ = minute(30)
    own = match("our-answer", start, kind="reply", is_own=True)
    story.tracker.close_minute(start, [own], verdict(0.5), [])
    angry = [
        match(f"quote-{n}", START + 40 * MINUTE_US + n, kind="quote", parent=own.key, answers_own=True, tone=-0.5)
        for n in range(25)
    ]
    verdicts = [*verdict(1e-9), *story.crowd.judge(START + 40 * MINUTE_US, angry)]
    change = story.tracker.close_minute(START + 40 * MINUTE_US, angry, verdicts, [])
    assert change is not None
    named = {entry.kind: entry for entry in change.entries}["own_post_answered"]
    assert (named.at_us, named.evidence) == (start, ("x:our-answer",))
    assert named.text == (
        "This post of the brand's own drew 25 answers and quotes and 0 reshares; posts of its account usually draw "
        "0 to 4 answers. Pause replies under it; answer once, in one place."
    )


def test_the_reasons_shown_are_those_of_the_worst_moment() -> None:
    story = Story()
    story.tell(0, 1e-12, posts=30, tone=-0.9)
    worst = story.changes[-1].incident.reasons
    story.tell(20, 1e-4, posts=2, tone=0.5)
    assert story.changes[-1].incident.reasons == worst


def test_what_raised_the_severity_is_among_the_reasons_though_louder_minutes_came_before() -> None:
    story = Story()
    for number in range(0, 4 * 1440, 5):  # a day at least must be known
        story.tell(number - 4 * 1440, 0.5, tone=0.1)
    story.tell(0, 1e-12, posts=30, tone=0.8, kind="repost", followers=50_000)
    assert {reason.name for reason in story.changes[-1].incident.reasons} == {"velocity", "influence"}
    story.tell(40, 5e-6, posts=30, tone=-0.9)
    last = story.changes[-1].incident
    assert last.severity == "warning"
    assert {reason.name for reason in last.reasons} == {"velocity", "negative"}
    assert "negative" in [entry.kind for entry in story.changes[-1].entries]


def test_what_alarmed_a_slow_test_does_not_open_another_incident_the_morning_after() -> None:
    """It looks back ten hours: a second alarm eight hours later still rests on the posts of the first."""
    tracker, opened = IncidentTracker(topic(), ["counts"]), []
    for number in range(1500):
        p_value = 1e-6 if number in (10, 490, 1400) else 0.5
        slow = [msgspec.structs.replace(one, span_minutes=600) for one in verdict(p_value)]
        change = tracker.close_minute(*minute(number), slow, [])
        if change is not None and change.incident.id not in opened:
            opened.append(change.incident.id)
    assert opened == ["acme-20260115T2010", "acme-20260116T1920"]
