"""Real or made: what is set aside, what is said of it, and that all of it is bounded."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from random import Random
from typing import Any

from monitor.clock import DAY_US, MINUTE_US, SECOND_US
from monitor.crowds.authenticity import Authenticity
from monitor.crowds.coordination import Coordination
from monitor.topics import Match
from monitor.topics.fingerprint import fingerprint
from tests.made import at, match

NOON = at("12:00")
TEXT = fingerprint("never again this company what a scandal boycott them all")


def post(number: int, at_us: int, **changes: Any) -> Match:
    """Somebody's post: an account of years, followed by some, opened whenever."""
    ordinary: dict[str, Any] = {
        "author": number,
        "followers": 40 + number % 700,
        "account_created_us": NOON - (60 + 37 * number % 4_000) * DAY_US,
    }
    return match(f"{number}-{at_us}", at_us, **{**ordinary, **changes})


def heard(posts: Iterable[Match], one: Coordination | None = None) -> tuple[Coordination, int]:
    """Close the minutes of these posts; return how many were set aside, what was taken back included."""
    one = one or Coordination()
    aside = 0
    ordered = sorted(posts, key=lambda each: (each.published_us, each.key))
    for start_us, minute in groupby(ordered, key=lambda each: each.published_us // MINUTE_US * MINUTE_US):
        cleaned = one.clean(start_us, list(minute))
        aside += len(cleaned.aside) - sum(change for _, change in cleaned.recounts)
        one.learn(start_us, cleaned.kept)
    return one, aside


def said(posts: Iterable[Match]) -> Authenticity:
    return heard(posts)[0].authenticity()


def test_nobody_is_judged_on_three_posts() -> None:
    assert said([post(1, NOON + second * SECOND_US, author=1) for second in range(3)]).verdict == "cannot tell"


def test_people_in_their_own_words_are_organic() -> None:
    found = said([post(number, NOON + number * 20 * SECOND_US) for number in range(60)])
    assert (found.verdict, found.mentions, found.suspected) == ("organic", 60, 0)


def test_a_joke_that_many_people_copy_is_organic() -> None:
    random = Random(6)
    copies = [post(number, NOON + random.randrange(40 * MINUTE_US), fingerprint=TEXT) for number in range(200)]
    found = said(copies)
    assert (found.verdict, found.suspected) == ("organic", 0)


def test_a_viral_post_reshared_by_people_is_organic() -> None:
    random = Random(1)
    reshares = [
        post(number, NOON + int(random.paretovariate(0.5) * SECOND_US) % (55 * MINUTE_US), kind="repost", root=7)
        for number in range(400)
    ]
    assert said(reshares).verdict == "organic"


def test_accounts_without_followers_that_reshare_one_post_are_coordinated() -> None:
    reshares = [
        post(number, NOON + number * 25 * SECOND_US, kind="repost", root=7, followers=number % 4)
        for number in range(80)
    ]
    found = said([*reshares, *[post(1_000 + number, NOON + number * MINUTE_US) for number in range(10)]])
    assert found.verdict == "coordinated"
    assert (found.why, found.roots, found.texts) == ("groups", 1, 0)
    assert found.median_followers is not None
    assert found.median_followers < 4
    assert 70 <= found.made <= 90


def test_accounts_opened_together_that_share_a_text_are_coordinated_though_they_have_followers() -> None:
    opened = NOON - 400 * DAY_US
    copies = [
        post(
            number,
            NOON + number * 30 * SECOND_US,
            fingerprint=TEXT,
            account_created_us=opened + number * 60 * SECOND_US,
        )
        for number in range(30)
    ]
    found = said(copies)
    assert (found.verdict, found.texts, found.opened_together) == ("coordinated", 1, 1.0)


def test_the_same_accounts_in_step_on_several_posts_are_coordinated() -> None:
    """Forty ordinary-looking accounts reshare five posts, each time within a minute."""
    random = Random(2)
    reshares = []
    for wave in range(5):
        for number in random.sample(range(45), 40):
            at_us = NOON + wave * 9 * MINUTE_US + random.randrange(50) * SECOND_US
            reshares.append(
                post(number, at_us, kind="repost", root=100 + wave, followers=None, account_created_us=None)
            )
    assert said(reshares).verdict in {"coordinated", "mixed"}


def reshared(**changes: Any) -> list[Match]:
    """Two hundred different accounts reshare five posts."""
    random = Random(7)
    return [
        post(number, NOON + random.randrange(20 * MINUTE_US), kind="repost", root=number % 5, **changes)
        for number in range(200)
    ]


def test_posts_reshared_by_different_people_are_not() -> None:
    assert said(reshared()).verdict == "organic"


def test_nobody_can_tell_who_reshared_where_the_network_tells_nothing_of_accounts() -> None:
    found = said(reshared(followers=None, account_created_us=None))
    assert (found.verdict, found.why, found.made) == ("cannot tell", "strangers", 0)
    assert found.suspected >= 195


def test_reshares_from_a_silent_network_are_heard_where_they_are_usual() -> None:
    one, aside = Coordination(), 0
    for day in range(10):
        silent = [
            post(
                number,
                NOON + day * DAY_US + number * MINUTE_US,
                kind="repost" if number % 2 else "post",
                root=day * 1_000 + number,
                followers=None,
                account_created_us=None,
            )
            for number in range(300)
        ]
        aside = heard(silent, one)[1]
    assert aside == 0


def test_an_exact_beat_is_no_crowd() -> None:
    reshares = [post(number, NOON + number * 30 * SECOND_US, kind="repost", root=7) for number in range(60)]
    assert said(reshares).verdict == "coordinated"


def test_few_hands_that_write_much_are_coordinated() -> None:
    found = said([post(number % 6, NOON + number * 20 * SECOND_US) for number in range(100)])
    assert (found.verdict, found.why, found.accounts) == ("coordinated", "few_hands", 6)
    assert found.made >= 90


def test_a_conversation_of_few_people_is_no_flood() -> None:
    replies = [post(number % 6, NOON + number * 20 * SECOND_US, kind="reply") for number in range(100)]
    assert said(replies).verdict == "organic"


def test_new_accounts_in_ever_other_words_are_coordinated() -> None:
    young = [post(number, NOON + number * 9 * SECOND_US, account_created_us=NOON - 3 * DAY_US) for number in range(90)]
    found = said(young)
    assert (found.verdict, found.why) == ("coordinated", "newcomers")


def test_old_accounts_that_nobody_follows_in_ever_other_words_are_coordinated() -> None:
    nobodies = [post(number, NOON + number * 9 * SECOND_US, followers=number % 6) for number in range(90)]
    found = said([*nobodies, *[post(1_000 + number, NOON + number * MINUTE_US) for number in range(10)]])
    assert (found.verdict, found.why, found.suspected) == ("coordinated", "nobodies", 90)


def test_accounts_with_two_traits_are_counted_once() -> None:
    """Else what was counted twice would be taken from people's voices."""
    bots = [
        post(number, NOON + number * 30 * SECOND_US, followers=0, account_created_us=NOON - DAY_US)
        for number in range(40)
    ]
    people = [post(1_000 + number, NOON + number * 20 * SECOND_US) for number in range(60)]
    one, aside = heard([*bots, *people])
    assert aside == one.authenticity().suspected == 40


def test_texts_of_few_copies_each_are_judged_together() -> None:
    """Three silent accounts say the same, and three others something else, and so on."""
    copies = [
        post(
            number,
            NOON + number * SECOND_US,
            fingerprint=fingerprint(f"alpha{number // 3} beta{number // 3} gamma{number // 3} delta{number // 3} end"),
            followers=None,
            account_created_us=None,
        )
        for number in range(12)
    ]
    assert said(copies).suspected == 12


def test_people_amid_a_flood_keep_their_voice() -> None:
    bots = [
        post(number, NOON + number * SECOND_US, kind="repost", root=7, followers=0, account_created_us=NOON - DAY_US)
        for number in range(300)
    ]
    people = [post(1_000 + number, NOON + number * 10 * SECOND_US, kind="repost", root=7) for number in range(30)]
    _, aside = heard([*bots, *people])
    assert 290 <= aside <= 303


def test_what_passed_before_the_suspicion_is_taken_back() -> None:
    bots = [
        post(
            number,
            NOON + number * 90 * SECOND_US,
            fingerprint=TEXT,
            followers=0,
            account_created_us=NOON - 400 * DAY_US,
        )
        for number in range(20)
    ]
    _, aside = heard(bots)
    assert aside == 20


def test_a_flood_does_not_become_usual() -> None:
    one = Coordination()
    for day in range(20):
        flood = [
            post(number, NOON + day * DAY_US + number * SECOND_US, fingerprint=TEXT, followers=0)
            for number in range(60)
        ]
        _, aside = heard(flood, one)
        assert aside == 60


def test_the_brands_own_posts_are_never_set_aside() -> None:
    own = [post(1, NOON + number * SECOND_US, is_own=True, fingerprint=TEXT, followers=0) for number in range(50)]
    one, aside = heard(own)
    assert (aside, one.authenticity().mentions) == (0, 0)


def test_nearly_the_same_words_are_the_same_text() -> None:
    text = "acme is a scandal and a shame boycott those lying thieves until they refund every single customer"
    words, random, posts = text.split(), Random(4), []
    for number in range(60):
        varied = [*words]
        varied[random.randrange(len(words))] = random.choice(["friends", "people", "everyone", "today"])
        sketch = fingerprint(" ".join(varied))
        posts.append(post(number, NOON + number * 20 * SECOND_US, fingerprint=sketch, followers=1))
    found = said(posts)
    assert found.verdict == "coordinated"
    assert found.made > 40


def test_memory_is_bounded_however_many_take_part() -> None:
    random = Random(3)
    one = Coordination()
    for minute in range(120):
        heard(
            [
                post(
                    random.getrandbits(40),
                    NOON + minute * MINUTE_US + random.randrange(MINUTE_US),
                    fingerprint=random.getrandbits(60),
                    kind=random.choice(["post", "repost", "quote"]),
                    root=random.choice([random.getrandbits(60), random.randrange(200)]),
                )
                for _ in range(300)
            ],
            one,
        )
    assert len(one.snapshot()) < 250_000


def test_a_saved_state_goes_on_as_if_nothing_had_happened() -> None:
    random = Random(5)
    posts = [
        post(
            random.randrange(50),
            NOON + random.randrange(90) * MINUTE_US + random.randrange(MINUTE_US),
            fingerprint=random.choice([0, TEXT, random.getrandbits(60)]),
            kind=random.choice(["post", "repost", "reply"]),
            root=random.randrange(9),
            followers=random.choice([0, 3, 200, None]),
        )
        for _ in range(900)
    ]
    ordered = sorted(posts, key=lambda each: (each.published_us, each.key))
    whole, cut = Coordination(), Coordination()
    for start_us, group in groupby(ordered, key=lambda each: each.published_us // MINUTE_US * MINUTE_US):
        minute = list(group)
        saved = Coordination()
        saved.restore(cut.snapshot())
        cut = saved
        one, other = whole.clean(start_us, minute), cut.clean(start_us, minute)
        assert (one.aside, one.recounts, whole.authenticity()) == (other.aside, other.recounts, cut.authenticity())
        whole.learn(start_us, one.kept)
        cut.learn(start_us, other.kept)
