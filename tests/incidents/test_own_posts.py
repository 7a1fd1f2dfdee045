"""What the brand's own posts draw: a popular post is no backlash, and every account has its own usual."""

from __future__ import annotations

import msgspec
import pytest

from monitor.approval import Approval
from monitor.clock import DAY_US, HOUR_US, MINUTE_US
from monitor.incidents.own_posts import FEWEST, MOST_ANSWERERS, MOST_POSTS, Answered, OwnPosts, OwnPostsState
from monitor.incidents.words import say
from monitor.mentions import mention_key
from tests.made import at, match

START = at("00:00")
HELP_DESK, SHOP_WINDOW = 11, 12


class Account:
    """Publishes, and is answered and reshared."""

    def __init__(self) -> None:
        self.posts = OwnPosts()
        self.now_us = START
        self._reactions = 0

    def publish(self, name: str, account: int = HELP_DESK, kind: str = "reply") -> None:
        self.posts.add(self.now_us, [match(name, self.now_us, is_own=True, kind=kind, author=account)])

    def react(self, name: str, answers: int = 0, reshares: int = 0, *, tone: float = -0.5, author: int = 0) -> None:
        key = mention_key("x", name)
        self._reactions += answers + reshares
        matches = [
            match(f"answer-{self._reactions}-{place}", self.now_us + place, kind="reply" if place % 2 else "quote",
                  parent=key, answers_own=True, tone=tone, **({"author": author} if author else {}))
            for place in range(answers)
        ]  # fmt: skip
        matches += [
            match(f"reshare-{self._reactions}-{place}", self.now_us + answers + place, kind="repost", root=key)
            for place in range(reshares)
        ]
        self.posts.add(self.now_us, matches)

    def pass_time(self, span_us: int) -> None:
        self.now_us += span_us
        self.posts.add(self.now_us, [])

    def contested(self) -> Answered | None:
        return self.posts.contested(self.now_us + MINUTE_US)


@pytest.fixture
def seasoned() -> Account:
    """Four weeks: a help desk answered now and then and never reshared, a shop window reshared more than answered."""
    account = Account()
    for number in range(28 * 6):
        name = f"usual-{number}"
        if number % 3:
            account.publish(name, HELP_DESK)
            account.react(name, answers=int(number % 6 == 1), tone=0.4)
        else:
            account.publish(name, SHOP_WINDOW)
            account.react(name, answers=6, reshares=14, tone=0.2)
        account.pass_time(4 * HOUR_US)
    account.pass_time(2 * DAY_US)
    return account


def test_a_condescending_answer_is_named_with_what_is_usual_for_its_account(seasoned) -> None:
    seasoned.publish("condescending")
    seasoned.react("condescending", answers=14, reshares=9)
    found = seasoned.contested()
    assert found is not None
    assert (found.evidence, found.count, found.reshares) == ("x:condescending", 14, 9)
    assert found.upper <= 2
    assert found.usual > 0.6
    assert found.reason().weight == 2.0


def test_as_many_answers_are_usual_for_an_account_that_is_always_answered(seasoned) -> None:
    seasoned.publish("offer", SHOP_WINDOW)
    seasoned.react("offer", answers=9, reshares=16)
    assert seasoned.contested() is None


def test_a_popular_post_is_reshared_more_than_answered_and_no_backlash(seasoned) -> None:
    for account in (HELP_DESK, SHOP_WINDOW):
        seasoned.publish(f"popular-{account}", account)
        seasoned.react(f"popular-{account}", answers=60, reshares=400, tone=0.0)
        assert seasoned.contested() is None


def test_of_a_shop_window_it_is_enough_that_answers_outweigh_reshares_more_than_usual(seasoned) -> None:
    seasoned.publish("slogan", SHOP_WINDOW)
    seasoned.react("slogan", answers=90, reshares=60)
    found = seasoned.contested()
    assert found is not None
    assert found.share == pytest.approx(0.6)


def test_thanks_are_no_backlash(seasoned) -> None:
    seasoned.publish("kind")
    seasoned.react("kind", answers=20, tone=0.6)
    assert seasoned.contested() is None


def test_one_angry_account_is_one_answer(seasoned) -> None:
    seasoned.publish("late")
    seasoned.react("late", answers=20, author=99)
    assert seasoned.contested() is None


def test_a_few_answers_are_never_a_backlash(seasoned) -> None:
    seasoned.publish("late")
    seasoned.react("late", answers=FEWEST - 1)
    assert seasoned.contested() is None


def test_the_contested_post_comes_before_one_with_more_answers(seasoned) -> None:
    seasoned.publish("popular", SHOP_WINDOW)
    seasoned.react("popular", answers=60, reshares=400)
    seasoned.publish("condescending")
    seasoned.react("condescending", answers=14, reshares=2)
    found = seasoned.contested()
    assert found is not None
    assert found.evidence == "x:condescending"


def test_a_post_nobody_answers_any_more_is_no_news(seasoned) -> None:
    seasoned.publish("condescending")
    seasoned.react("condescending", answers=14)
    seasoned.pass_time(HOUR_US)
    assert seasoned.contested() is None


def test_contested_posts_do_not_become_what_is_usual(seasoned) -> None:
    for number in range(15):
        seasoned.publish(f"contested-{number}")
        seasoned.react(f"contested-{number}", answers=20)
        seasoned.pass_time(2 * DAY_US)
    seasoned.publish("another")
    seasoned.react("another", answers=14)
    found = seasoned.contested()
    assert found is not None
    assert found.upper <= 2


def test_a_restored_memory_goes_on_exactly(seasoned) -> None:
    seasoned.publish("condescending")
    seasoned.react("condescending", answers=6)
    saved = msgspec.msgpack.decode(msgspec.msgpack.encode(seasoned.posts.snapshot()), type=OwnPostsState)
    twin = OwnPosts()
    twin.restore(saved)
    before = seasoned.posts
    seasoned.react("condescending", answers=8, reshares=3)
    seasoned.posts = twin
    seasoned._reactions -= 11
    seasoned.react("condescending", answers=8, reshares=3)
    found = twin.contested(seasoned.now_us + MINUTE_US)
    assert found is not None
    assert found == before.contested(seasoned.now_us + MINUTE_US)


def test_memory_is_bounded() -> None:
    account = Account()
    for number in range(1_000):
        account.publish(f"post-{number}", account=number)
        account.react(f"post-{number}", answers=3 * MOST_ANSWERERS)
        account.now_us += MINUTE_US
    state = account.posts.snapshot()
    assert len(state.posts) == MOST_POSTS
    assert {len(post.answerers) for post in state.posts.values()} == {MOST_ANSWERERS}
    assert {post.answers for post in state.posts.values()} == {3 * MOST_ANSWERERS}
    assert len(state.accounts) <= 24


@pytest.mark.parametrize("likes", [(), ((mention_key("x", "condescending"), Approval(START, 2, 1)),)])
def test_the_reason_can_be_told_again_from_what_the_timeline_kept(seasoned, likes) -> None:
    seasoned.publish("condescending")
    seasoned.react("condescending", answers=14, reshares=9)
    seasoned.posts.approve(likes)
    found = seasoned.contested()
    assert found is not None
    assert found.approval == (11 if likes else None)
    assert ("likes and reposts" in found.reason().text) == bool(likes)
    assert Answered.told(found.facts()).reason() == found.reason()


def test_the_post_the_anger_is_about_stays_the_named_one_though_the_apology_draws_more(seasoned) -> None:
    seasoned.publish("condescending")
    seasoned.react("condescending", answers=14, reshares=2)
    named: list[str] = []
    opened_us = seasoned.now_us + 10 * MINUTE_US
    (first,) = seasoned.posts.news(seasoned.now_us + MINUTE_US, opened_us, named)
    assert (first.kind, first.evidence) == ("own_post_answered", "x:condescending")
    seasoned.pass_time(30 * MINUTE_US)
    seasoned.publish("sorry")
    seasoned.react("sorry", answers=25, reshares=2)
    seasoned.react("condescending", answers=1)
    contested = seasoned.contested()
    assert contested is not None
    assert contested.evidence == "x:condescending"
    (later,) = seasoned.posts.news(seasoned.now_us + MINUTE_US, opened_us, named)
    assert (later.kind, later.evidence, later.at_us) == ("own_post_later", "x:sorry", seasoned.now_us + MINUTE_US)
    assert later.facts == {"count": 25.0, "share": 1.0, "first": 1.0}
    assert seasoned.posts.news(seasoned.now_us + MINUTE_US, opened_us, named) == []


@pytest.mark.parametrize(
    ("glad", "kind"), [(0, "own_post_later"), (4, "own_post_later"), (20, "own_post_later_kinder")]
)
def test_a_later_post_is_kinder_received_when_fewer_of_its_answers_are_negative_beyond_doubt(
    seasoned, glad: int, kind: str
) -> None:
    seasoned.publish("condescending")
    seasoned.react("condescending", answers=36)
    seasoned.react("condescending", answers=4, tone=0.6)
    named, opened_us = ["x:condescending"], seasoned.now_us
    seasoned.pass_time(30 * MINUTE_US)
    seasoned.publish("sorry")
    seasoned.react("sorry", answers=25 - glad)
    seasoned.react("sorry", answers=glad, tone=0.6)
    (later,) = seasoned.posts.news(seasoned.now_us + MINUTE_US, opened_us, named)
    assert later.kind == kind
    assert later.facts["share"] == pytest.approx((25 - glad) / 25)
    for language, word in (("en", "later post"), ("fr", "Une publication ultérieure")):
        assert word in say(later.kind, later.facts, language)


def test_a_second_offence_before_anybody_noticed_is_named_like_the_first(seasoned) -> None:
    seasoned.publish("condescending")
    seasoned.react("condescending", answers=14)
    seasoned.pass_time(5 * MINUTE_US)
    seasoned.publish("insisting")
    seasoned.react("insisting", answers=14)
    named: list[str] = []
    opened_us = seasoned.now_us + MINUTE_US
    kinds = [one.kind for one in seasoned.posts.news(seasoned.now_us + MINUTE_US, opened_us, named)]
    assert kinds == ["own_post_answered"]
    assert named == ["x:condescending"]
    seasoned.pass_time(70 * MINUTE_US)
    seasoned.react("insisting", answers=2)
    found = seasoned.posts.news(seasoned.now_us + MINUTE_US, opened_us, named)
    assert [(one.kind, one.evidence) for one in found] == [("own_post_answered", "x:insisting")]


def test_a_later_post_that_draws_no_more_than_usual_is_not_spoken_of(seasoned) -> None:
    seasoned.publish("condescending")
    seasoned.react("condescending", answers=14)
    named, opened_us = ["x:condescending"], seasoned.now_us
    seasoned.pass_time(30 * MINUTE_US)
    seasoned.publish("offer", SHOP_WINDOW)
    seasoned.react("offer", answers=10, reshares=16)
    assert seasoned.posts.news(seasoned.now_us + MINUTE_US, opened_us, named) == []


def test_one_answer_more_under_another_post_does_not_take_the_blame_from_the_first(seasoned) -> None:
    """The first by at least half as many answers beyond the usual; a post with far fewer was only there before."""
    seasoned.publish("before")
    seasoned.react("before", answers=6)
    seasoned.pass_time(5 * MINUTE_US)
    seasoned.publish("condescending")
    seasoned.react("condescending", answers=30)
    found = seasoned.contested()
    assert found is not None
    assert found.evidence == "x:condescending"
