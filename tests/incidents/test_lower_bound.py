"""A page rests on what is left when mentions that prove nothing count as often as usual."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest

from monitor.anomalies import Verdict
from monitor.clock import DAY_US, MINUTE_US
from monitor.crowds.authenticity import Authenticity
from monitor.incidents import Reason
from monitor.incidents.context import Context
from monitor.incidents.explanation import explain, moments_of
from monitor.incidents.lower_bound import Bounds, _counting, _Remaining, as_told
from monitor.incidents.proof import PAGES_KEPT, SPANS, Left, Proof, ProofState
from monitor.topics import Match
from tests.incidents.test_explanation import JUDGES, LEVELS
from tests.made import at, match
from tests.made_crowds import EVENT, chatter, crisis
from tests.test_floods import GLAD, aged, crisis_alone, people, play

NOON = at("12:00")
ALLOWED = (0.5, 0.25)
PAGE = 77


def post(name: str, minute: int = 0, **changes: Any) -> Match:
    known: dict[str, Any] = {"followers": 50, "account_created_us": NOON - 900 * DAY_US, "tone": -0.6}
    return match(name, NOON + minute * MINUTE_US, **{**known, **changes})


def silent(name: str) -> Match:
    return post(name, followers=None, account_created_us=None)


def left(minutes: list[tuple[int, list[Match], dict[int, int]]], span: int = 60, **gone: int) -> Left:
    proof = Proof()
    for minute, posts, copies in minutes:
        proof.add(NOON + minute * MINUTE_US, posts, copies)
    heard = sum(len(posts) for _, posts, _ in minutes)
    return proof.left(span, ALLOWED, heard - gone.get("gone", 0))


def copies_of(posts: list[Match], first: int = -1) -> dict[int, int]:
    return {one.key: first if not place else -1 for place, one in enumerate(posts)}


def test_of_copies_and_of_silent_accounts_as_many_count_as_usually_come_with_the_others() -> None:
    own = [post(f"own-{number}") for number in range(11)]
    copied = [post(f"copy-{number}") for number in range(100)]
    unknown = [silent(f"silent-{number}") for number in range(40)]
    found = left([(0, [*own, *copied, *unknown], copies_of(copied))])
    assert (found.heard, found.copied, found.silent) == (151, 100, 40)
    assert found.mentions == 11 + 6 + 3
    assert (found.voices, found.complaining) == (14, 14)
    assert found.is_noticeable


@pytest.mark.parametrize(("own", "copied", "verdict"), [(60, 40, "organic"), (20, 80, "cannot tell")])
def test_nobody_can_tell_who_speaks_where_most_of_the_hour_proves_nothing(own: int, copied: int, verdict: str) -> None:
    repeats = [post(f"copy-{number}") for number in range(copied)]
    context = Context()
    context.add(NOON, [*(post(f"own-{number}") for number in range(own)), *repeats], copies_of(repeats))
    bounds = Bounds(ALLOWED, lambda _: own + copied, lambda _: 1.0)
    people = Authenticity(verdict="organic", mentions=own + copied)
    assert as_told(people, (), context, bounds).verdict == verdict
    assert as_told(people, (), context, None).verdict == "organic"
    held = Reason(name="copied", text="Copied.", observed=40.0)
    assert as_told(people, (held,), context, bounds).verdict == "cannot tell"
    made = Authenticity(verdict="coordinated", mentions=own + copied)
    assert as_told(made, (held,), context, bounds).verdict == "coordinated"


def test_where_nothing_is_ever_known_of_accounts_everybody_counts() -> None:
    proof = Proof()
    proof.add(NOON, [silent(f"{number}") for number in range(400)], {})
    assert proof.left(60, (0.1, math.inf), 400).mentions == 400


def test_what_is_repeated_later_counts_once_over_the_hour_and_not_at_all_in_the_first_minutes() -> None:
    texts = [post(f"text-{number}") for number in range(10)]
    repeats = [post(f"repeat-{number}", 1) for number in range(10)]
    minutes = [(0, texts, {}), (1, repeats, dict.fromkeys([one.key for one in repeats], NOON // MINUTE_US))]
    assert left(minutes, 5).voices == 0
    assert left(minutes, 60).voices == 10


def test_copies_that_were_set_aside_since_are_not_taken_away_twice() -> None:
    own, copied = [post(f"own-{number}") for number in range(10)], [post(f"copy-{number}") for number in range(90)]
    found = left([(0, [*own, *copied], copies_of(copied))], gone=90)
    assert (found.mentions, found.heard, found.copied) == (10, 10, 0)
    assert not found.is_noticeable


def test_what_is_said_of_newcomers_and_of_complaints_in_an_event_is_believed_when_most_of_the_hour_counts() -> None:
    said = Verdict(
        detector="complaints", p_value=1e-9, observed=100, expected=9, lower=2, upper=20, unit="complaints",
        factors={"planned": 2.75},
    )  # fmt: skip
    context = Context()
    posts = [post(f"new-{number}") for number in range(30)]
    context.add(NOON, posts, first_words={one.key for one in posts})
    for mentions, is_believed in ((24, True), (12, False)):
        remaining = dict.fromkeys(SPANS, Left(mentions, 30, mentions, mentions, 0, (0, 0, 0), 0, 30 - mentions, 0))
        assert (_counting(said, remaining, 1.0) == said) == is_believed
        outside = msgspec.structs.replace(said, factors={})
        assert _counting(outside, remaining, 1.0) == outside
        assert _Remaining(context, remaining).test("new_authors", 30).count == (30 if is_believed else 0)


@pytest.mark.parametrize(
    ("who", "counts"),
    [
        ({"network": "feed", "followers": None, "account_created_us": None}, True),
        ({"role": "press", "followers": 40_000}, True),
        ({"role": "press", "followers": 300}, False),
        ({"followers": 40_000}, False),
    ],
)
def test_the_shares_of_an_article_count_in_full_if_the_press_published_it(who: dict[str, Any], *, counts: bool) -> None:
    article = post("article", links=(PAGE,), **who)
    shares = [post(f"share-{number}", 1, links=(PAGE,)) for number in range(60)]
    found = left([(0, [article], {}), (1, shares, copies_of(shares))])
    assert (found.mentions == 61) == counts


def test_an_article_of_the_day_before_yesterday_vouches_for_nobody() -> None:
    article = post("article", links=(PAGE,), network="feed")
    shares = [post(f"share-{number}", 2 * 1440, links=(PAGE,)) for number in range(60)]
    proof = Proof()
    proof.add(NOON, [article], {})
    proof.add(NOON + 2 * DAY_US, shares, copies_of(shares))
    assert proof.left(60, ALLOWED, 60).voices == 0


def test_memory_is_an_hour_and_a_few_pages_and_a_restored_one_goes_on_exactly() -> None:
    proof, twin = Proof(), Proof()
    for minute in range(300):
        posts = [post(f"{minute}-{place}", minute, links=(minute,), network="feed") for place in range(3)]
        proof.add(NOON + minute * MINUTE_US, posts, copies_of(posts))
    state = proof.snapshot()
    assert len(state.tallies) == SPANS[-1]
    assert len(state.pages) == PAGES_KEPT
    twin.restore(msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=ProofState))
    for one in (proof, twin):
        one.add(NOON + 300 * MINUTE_US, [post("last", 300)], {})
    assert proof.left(60, ALLOWED, 180) == twin.left(60, ALLOWED, 180)


@pytest.mark.parametrize(("steered", "why"), [("held", "copied"), ("drowned", "drowned")])
def test_what_was_held_or_drowned_can_be_explained_from_what_is_stored(steered: str, why: str) -> None:
    if steered == "held":
        told = play(people(), aged("copies"))
    else:
        grumbling = [
            msgspec.structs.replace(one, id=f"g{one.id}", text=f"{one.text} terrible") for one in chatter(seed=11)[::3]
        ]
        told = play(people(), grumbling, crisis(), aged("copies", GLAD, EVENT - 20 * MINUTE_US))
    judged = {one.signal.start_us: one.verdicts for one in told.judged}
    (moment,) = [one for one in moments_of(told.timeline) if why in one.told]
    found = explain(moment, judged[moment.start_us], LEVELS, JUDGES)
    assert found.is_reproduced
    assert found.severity == ("warning" if steered == "held" else "critical")
    for language in ("en", "fr"):
        sentences = found.sentences(language)
        assert len(sentences) == 3
        assert "{" not in "".join(sentences)
    if steered == "held":
        assert found.sentences("en")[2].endswith(
            "with as many mentions in people's own words, it would have been a critical incident."
        )


def test_a_crisis_in_peoples_own_words_is_neither_held_nor_drowned() -> None:
    kinds = {entry.kind for entry in crisis_alone().timeline}
    assert not kinds & {"copied", "unproven", "drowned"}
