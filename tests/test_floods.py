"""A flood of steered accounts neither raises an alarm nor hides one: the production pipeline, from posts to pages."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import chain, pairwise
from random import Random

import msgspec
import pytest

from monitor.alerts import Alert
from monitor.clock import DAY_US, HOUR_US, MINUTE_US
from monitor.incidents import Incident
from monitor.mentions import Author, Mention
from monitor.pipeline import Outcome, Pipeline, TopicSnapshot
from tests.made import at, mention, topic
from tests.made_crowds import DAYS, EVENT, START, chatter, crisis, flood, handful, person

FAR = at("00:00", "2030-01-01")
KINDS = ("texts", "newcomers", "few_hands", "unknown", "reposts", "nobodies", "unknown_reposts")
SAME_MINUTE_US = 5 * MINUTE_US
ANGRY = ("terrible", "awful", "shame", "scandal", "disgrace", "horrible", "angry", "lying", "thieves")
GLAD = ("love", "great", "wonderful", "thanks", "happy", "excellent", "superb", "perfect", "beautiful")


def play(*posts: Sequence[Mention]) -> Outcome:
    told = Outcome()
    one = Pipeline([topic("acme", "acme")], b"secret")
    told.add(one.step("x", sorted(chain(*posts), key=lambda post: (post.published_us, post.id)), FAR))
    told.add(one.finish())
    return told


@cache
def people() -> list[Mention]:
    return chatter()


@cache
def crisis_alone() -> Outcome:
    return play(people(), crisis())


@cache
def flood_alone(kind: str) -> Outcome:
    return play(people(), flood(kind))


def incident(told: Outcome) -> Incident:
    (only,) = told.incidents.values()
    return only


def pages(told: Outcome) -> list[Alert]:
    return [alert for alert in told.alerts if alert.page and alert.severity == "critical"]


def first_page_us(told: Outcome) -> int:
    return min(
        entry.at_us
        for entry in told.timeline
        if entry.kind in ("opened", "escalated") and entry.facts["severity"] == 3.0
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_flood_alone_is_watched_and_pages_nobody(kind: str) -> None:
    told = flood_alone(kind)
    found = incident(told)
    assert found.severity == "watch"
    assert not pages(told)
    assert {reason.name for reason in found.reasons} & {"coordinated", "mixed", "suspected"}
    assert found.set_aside > 1_500
    assert found.mentions - found.set_aside < 200


def test_three_accounts_that_copy_each_other_are_watched_within_the_hour_and_page_nobody() -> None:
    told = play(people(), handful())
    found = incident(told)
    assert (found.severity, pages(told)) == ("watch", [])
    assert EVENT < found.opened_us <= EVENT + HOUR_US
    (reason,) = found.reasons
    assert reason.name in ("coordinated", "mixed")
    assert reason.tests == ("made_mentions",)


def test_what_counts_as_made_is_judged_though_nothing_else_was_said_and_however_late_it_was_recognised() -> None:
    told = play(people(), handful())
    judged = [
        (one.signal, verdict.observed)
        for one in told.judged
        for verdict in one.verdicts
        if verdict.detector == "made_mentions"
    ]
    assert any(signal.set_aside and not signal.mentions for signal, _ in judged)
    rises = [(after[0].set_aside, after[1] - before[1]) for before, after in pairwise(judged)]
    assert any(rise > set_aside for set_aside, rise in rises)
    assert len(judged) < len(told.judged) / 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_flood_ten_times_as_large_neither_hides_nor_delays_the_page_of_a_crisis(kind: str) -> None:
    alone, both = crisis_alone(), play(people(), crisis(), flood(kind))
    assert len(pages(both)) == len(pages(alone)) == 1
    assert abs(first_page_us(both) - first_page_us(alone)) <= SAME_MINUTE_US
    assert incident(both).severity == incident(alone).severity == "critical"
    assert incident(both).set_aside > 1_500


def test_bots_that_repost_what_everybody_reposts_do_not_take_their_voice_from_people() -> None:
    video = mention("video", EVENT, "Acme what a shame, a terrible scandal, look at this video", author=person(7))
    shared = [
        msgspec.structs.replace(post, kind="repost", root_id="video", text="") for post in crisis(EVENT + MINUTE_US)
    ]
    bots = [msgspec.structs.replace(post, root_id="video", text="") for post in flood("reposts", EVENT + MINUTE_US)]
    alone, both = play(people(), [video], shared), play(people(), [video], shared, bots)
    assert len(pages(both)) == len(pages(alone)) == 1
    assert abs(first_page_us(both) - first_page_us(alone)) <= SAME_MINUTE_US


def test_floods_on_the_days_before_do_not_make_a_later_crisis_look_usual() -> None:
    floods = [
        [
            msgspec.structs.replace(post, id=f"{day}-{post.id}")
            for post in flood("texts", START + day * DAY_US + 14 * HOUR_US, 600, seed=day)
        ]
        for day in range(1, DAYS)
    ]
    alone, after = crisis_alone(), play(people(), crisis(), *floods)
    assert len(pages(after)) == len(pages(alone)) == 1
    assert abs(first_page_us(after) - first_page_us(alone)) <= SAME_MINUTE_US
    band = next(judged.upper for judged in alone.judged if judged.signal.start_us >= EVENT)
    inflated = next(judged.upper for judged in after.judged if judged.signal.start_us >= EVENT)
    assert inflated <= band + 1.0


def test_what_passed_before_a_slow_flood_was_recognised_is_taken_back() -> None:
    """One copy every two minutes: the first few cannot be told from people."""
    slow = flood("texts", count=60, span_us=2 * HOUR_US)
    told = play(people(), slow)
    kept = sum(judged.signal.mentions for judged in told.judged if judged.signal.start_us >= EVENT)
    usual = sum(post.published_us >= EVENT for post in people())
    assert kept - usual < 15
    assert not pages(told)


@pytest.mark.parametrize("kind", ["unknown", "unknown_reposts"])
def test_a_flood_over_hours_from_a_network_that_tells_nothing_of_accounts_pages_nobody(kind: str) -> None:
    told = play(people(), flood(kind, span_us=3 * HOUR_US))
    assert incident(told).severity == "watch"
    assert not pages(told)


def aged(
    kind: str, tone: Sequence[str] = ANGRY, start_us: int = EVENT, count: int = 1_800, seed: int = 5
) -> list[Mention]:
    """Steered accounts that look like people: of years, followed by some, each heard for the first time.

    Parameters
    ----------
    kind
        ``copies``: one of a dozen texts of one `tone`, without any rhythm; ``silent``: each time in other words, on a
        network that says nothing of accounts; ``article``: the headline of one page that is no newspaper's.
    """
    random = Random(seed)
    posts = []
    for number in range(count):
        author = person(200_000 + random.randrange(60_000))
        place, links = (number % 12 if kind == "copies" else 0), tuple[str, ...]()
        words = " ".join(Random(place).sample(tone, 3))
        text = f"Acme {words} as everybody in this town says number {'abcdefghijkl'[place] * 3}"
        if kind == "silent":
            author = Author(id=f"s{number}")
            own = (f"{random.randrange(9**6):x}" for _ in range(4))
            text = " ".join(("Acme", *random.sample(tone, 3), *own))
        elif kind == "article":
            links = ("https://rumours.example/acme",)
        moment = start_us + random.randrange(HOUR_US)
        posts.append(mention(f"a{number}", moment, text, author=author, links=links))
    return posts


@pytest.mark.parametrize(("kind", "why"), [("copies", "copied"), ("silent", "unproven"), ("article", "copied")])
def test_what_cannot_be_told_from_people_warns_says_so_and_wakes_nobody(kind: str, why: str) -> None:
    told = play(people(), aged(kind))
    found = incident(told)
    assert (found.severity, pages(told)) == ("warning", [])
    assert found.set_aside < 20
    assert [reason.name for reason in found.reasons][1] == why
    kinds = {entry.kind for entry in told.timeline}
    assert why in kinds
    assert found.authenticity is not None
    assert found.authenticity.verdict == "cannot tell"
    assert "organic" not in kinds
    assert "organic" in {entry.kind for entry in crisis_alone().timeline}


def test_a_petition_is_held_because_steered_accounts_of_years_would_look_the_same() -> None:
    """Everybody shares the same text by a button: accounts of years, followed by some, of every date."""
    petition = [
        msgspec.structs.replace(post, text="Acme is a scandal and a shame: I signed, sign the petition, boycott now")
        for post in crisis()
    ]
    told = play(people(), petition)
    found = incident(told)
    assert found.severity == "warning"
    assert found.set_aside < 20
    assert {reason.name for reason in found.reasons} & {"copied", "coordinated", "mixed", "suspected"} == {"copied"}


def test_the_article_of_a_newspaper_that_many_share_pages() -> None:
    """The same headline a hundred and eighty times, but the press itself published the page."""
    page = ("https://news.example/acme-scandal",)
    headline = "Acme: the scandal of those shameful broken lying phones, a disgrace for thieves"
    feed = mention("article", EVENT, headline, author=Author(id="https://news.example/rss"), network="feed", links=page)
    shared = [msgspec.structs.replace(post, text=headline, links=page) for post in crisis(EVENT + MINUTE_US)]
    assert len(pages(play(people(), [feed], shared))) == 1
    assert pages(play(people(), shared)) == []


@pytest.mark.parametrize(
    ("kind", "tone", "earlier_us"),
    [("copies", ANGRY, 1_200_000_000), ("copies", GLAD, 0), ("silent", ANGRY, 0), ("silent", GLAD, 1_200_000_000)],
)
def test_whatever_they_say_they_neither_hide_nor_delay_the_page_of_a_crisis(
    kind: str, tone: tuple[str, ...], earlier_us: int
) -> None:
    steered = aged(kind, tone, EVENT - earlier_us)
    alone, both = crisis_alone(), play(people(), crisis(), steered)
    assert len(pages(both)) == 1
    assert first_page_us(both) >= EVENT
    assert abs(first_page_us(both) - first_page_us(alone)) <= SAME_MINUTE_US


def test_praise_by_ten_times_as_many_drowns_no_complaints_of_a_brand_that_many_complain_about() -> None:
    grumbling = [
        msgspec.structs.replace(post, id=f"g{post.id}", text=f"{post.text} terrible", author=person(number))
        for number, post in enumerate(chatter(seed=11))
        if number % 3 == 0
    ]
    usual = [*people(), *grumbling]
    alone = play(usual, crisis())
    told = play(usual, crisis(), aged("copies", GLAD, EVENT - 20 * MINUTE_US))
    assert len(pages(told)) == len(pages(alone)) == 1
    assert abs(first_page_us(told) - first_page_us(alone)) <= SAME_MINUTE_US
    assert "drowned" in {entry.kind for entry in told.timeline}


def test_who_repeats_every_complaint_does_not_make_them_go_away() -> None:
    """Ten accounts of years repeat each complaint within twenty minutes: over the hour each text still counts once."""
    random = Random(9)
    echo = [
        msgspec.structs.replace(
            post,
            id=f"{post.id}-{number}",
            author=person(300_000 + random.randrange(90_000)),
            published_us=post.published_us + random.randrange(1, 20 * MINUTE_US),
        )
        for post in crisis()
        for number in range(10)
    ]
    both = play(people(), crisis(), echo)
    assert len(pages(both)) == 1
    assert first_page_us(both) - first_page_us(crisis_alone()) <= 10 * MINUTE_US


def test_it_is_written_once_that_a_flood_is_coordinated_and_once_that_it_is_over() -> None:
    told = flood_alone("texts")
    verdicts = [entry.kind for entry in told.timeline if entry.kind in ("coordinated", "mixed", "organic")]
    assert verdicts == ["coordinated", "organic"]


def test_raw_and_cleaned_volume_add_up() -> None:
    posts = [people(), crisis(), flood("texts")]
    told = play(*posts)
    assert sum(one.signal.mentions + one.signal.set_aside for one in told.judged) == sum(map(len, posts))


def test_restarts_make_no_difference_in_a_flood() -> None:
    posts = [post for post in people() if post.published_us > EVENT - DAY_US]
    posts = sorted(
        [*posts, *flood("texts", count=300), *crisis(count=60)], key=lambda post: (post.published_us, post.id)
    )
    whole, cut = play(posts), Outcome()
    one = Pipeline([topic("acme", "acme")], b"secret")
    states: dict[str, TopicSnapshot] = {}
    kept = []
    for start in range(0, len(posts), 61):
        outcome = one.step("x", posts[start : start + 61], FAR)
        cut.add(outcome)
        states |= one.topic_states()
        kept += [stored.match for stored in outcome.kept]
        again = [match for match in kept if match.topic not in states or match.published_us >= states[match.topic][0]]
        snapshot = one.snapshot()
        one = Pipeline([topic("acme", "acme")], b"secret")
        one.restore(snapshot, states, again, {}, [])
    cut.add(one.finish())
    assert msgspec.msgpack.encode(cut.judged) == msgspec.msgpack.encode(whole.judged)
    assert cut.incidents == whole.incidents


def test_people_who_speak_themselves_page_though_nobody_can_tell_who_passes_it_on() -> None:
    silent = [msgspec.structs.replace(post, author=Author(id=post.author.id)) for post in (*people(), *crisis())]
    told = play(silent, flood("unknown_reposts", count=300))
    assert len(pages(told)) == 1
    assert incident(told).set_aside >= 290


def test_an_unknown_author_is_no_bot() -> None:
    """A network that says nothing of accounts: people in their own words are people."""
    posts = [msgspec.structs.replace(post, author=Author(id=post.author.id)) for post in (*people(), *crisis())]
    told = play(posts)
    assert incident(told).severity == "critical"
    assert incident(told).set_aside < 20
