"""Likes of the brand's own posts: the same whatever the order, the batches, the repetitions and the restarts."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from typing import Any

import msgspec
import pytest

from monitor.approval import MOST_KEPT, Approval, Approvals
from monitor.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from monitor.incidents.own_posts import Answered, OwnPosts
from monitor.mentions import Author, Engagement, Gap, Item, Like, Mention, mention_key
from monitor.pipeline import Outcome, Pipeline
from monitor.sources.mastodon import Mastodon
from monitor.topics import Account, Match, Reading
from tests.made import at, mention, topic

OWN = "did:plc:acme"
FAR = at("00:00", "2030-01-01")
START = at("08:00")
LATENESS_US = 120 * SECOND_US
TOPICS = [topic(accounts=(Account("acme"), Account(OWN))), topic("zen", "zenphone", accounts=())]


def own(identifier: str, at_us: int, network: str = "bluesky", **changes: Any) -> Mention:
    author = Author(OWN) if network == "bluesky" else Author("1", "Acme")
    return mention(identifier, at_us, "Our new van", network=network, author=author, **changes)


WORDS = ("van", "parcel", "queue", "hotline", "street", "door", "rain", "letter", "monday", "nobody", "ticket", "price")


def answer(identifier: str, parent: str, at_us: int, network: str = "bluesky", likes: int | None = None) -> Mention:
    words = Random(identifier).choices(WORDS, k=6)  # everybody in their own words, or they would be set aside
    return mention(
        identifier, at_us, f"what a shame, {' '.join(words)}", network=network, kind="reply", parent_id=parent,
        root_id=parent,
        parent_author_id=OWN if network == "bluesky" else "1",
        parent_author_handle=None if network == "bluesky" else "Acme",
        parent_engagement=None if likes is None else Engagement(likes=likes, reposts=1),
    )  # fmt: skip


def like(post: str, at_us: int, by: int, author: str = OWN) -> Like:
    return Like("bluesky", post, author, f"did:plc:{by}", at_us)


def story(seed: int = 1) -> list[Item]:
    """Three hours of two networks: posts of the brand's own, answered and liked, and likes of everything else."""
    random = Random(seed)
    items: list[tuple[int, Item]] = [(START, like("elsewhere", START, 1, "did:plc:other"))]
    for number in range(6):
        published = START + 10 * MINUTE_US + number * 25 * MINUTE_US
        bluesky, x = f"b{number}", f"x{number}"
        items += [(published, own(bluesky, published)), (published + 1, own(x, published + 1, "x"))]
        for place in range(12):
            moment = published + 2 + random.randrange(40 * MINUTE_US)
            items.append((moment, answer(f"{bluesky}-{place}", bluesky, moment)))
            moment = published + 2 + random.randrange(40 * MINUTE_US)
            likes = 7 * (moment - published) // MINUTE_US
            items.append((moment, answer(f"{x}-{place}", x, moment, "x", likes)))
        for place in range(90):
            moment = published + 2 + random.randrange(40 * MINUTE_US)
            items.append((moment, like(bluesky, moment, place)))
            items.append((moment, like(f"other-{place}", moment, place, "did:plc:other")))
    return [item for _, item in sorted(items, key=lambda item: item[0])]


STORY = story()


@dataclass
class World:
    """A pipeline that can be restarted from what it would have stored."""

    line: Pipeline = field(default_factory=lambda: Pipeline(TOPICS, b"secret", lateness_us=LATENESS_US))
    outcome: Outcome = field(default_factory=Outcome)
    saved: dict[str, tuple[int, bytes]] = field(default_factory=dict)

    def take(self, items: list[Item]) -> None:
        self.outcome.add(self.line.step("x", items, FAR))

    def restart(self) -> None:
        snapshot = self.line.snapshot()  # in this order, as a commit does
        self.saved |= self.line.topic_states()
        kept = [one.match for one in self.outcome.kept]
        roots = {m.root: (Reading(m.tone), ((m.topic, m.term),)) for m in kept}
        matches = [m for m in kept if m.published_us >= self.saved.get(m.topic, (0,))[0]]
        self.line = Pipeline(TOPICS, b"secret", lateness_us=LATENESS_US)
        self.line.restore(snapshot, self.saved, matches, roots, self.outcome.first_seen)

    @property
    def posts(self) -> OwnPosts:
        return self.line._states["acme"]._incident._context.own_posts

    def known(self) -> dict[str, int | None]:
        return {post.evidence: post.approval for post in self.posts.snapshot().posts.values()}

    def everything(self) -> tuple[Any, ...]:
        state = self.posts.snapshot()
        return state.posts, state.accounts, self.outcome.incidents


def told(items: list[Item], edges: list[int] | None = None, *, restarts: bool = False) -> World:
    world = World()
    for start, end in pairwise([0, *(edges or []), len(items)]):
        world.take(items[start:end])
        if restarts:
            world.restart()
    world.outcome.add(world.line.finish())
    return world


@pytest.fixture(scope="module")
def whole() -> World:
    return told(STORY)


def instant(item: Item) -> int:
    assert isinstance(item, Mention | Like)
    return item.published_us if isinstance(item, Mention) else item.at_us


def test_likes_are_known_by_the_networks_count_and_by_counting_people(whole: World) -> None:
    known = whole.known()
    assert {evidence for evidence, likes in known.items() if likes is not None} == known.keys()
    for number in range(6):
        assert known[f"bluesky:b{number}"] == pytest.approx(90, rel=0.15)
        newest = max((one for one in STORY if isinstance(one, Mention) and one.parent_id == f"x{number}"), key=instant)
        assert newest.parent_engagement is not None
        assert known[f"x:x{number}"] == (newest.parent_engagement.likes or 0) + 1


def test_a_like_is_no_post_and_is_counted_as_read_past(whole: World) -> None:
    likes = sum(isinstance(item, Like) for item in STORY)
    assert whole.outcome.counts["ignored"] == likes
    assert whole.outcome.counts["posts"] == len(STORY) - likes


@pytest.mark.parametrize("seed", range(3))
def test_batches_make_no_difference(whole: World, seed: int) -> None:
    edges = sorted(Random(seed).sample(range(1, len(STORY)), 40))
    assert told(STORY, edges).everything() == whole.everything()


@pytest.mark.parametrize("seed", range(3))
def test_order_within_the_lateness_makes_no_difference(whole: World, seed: int) -> None:
    random = Random(seed)
    shuffled = sorted(STORY, key=lambda item: instant(item) + random.randrange(LATENESS_US))
    assert told(shuffled, [333]).everything() == whole.everything()


def test_what_comes_twice_counts_once(whole: World) -> None:
    random = Random(4)
    doubled = [item for item in STORY for _ in range(random.choice((1, 2, 3)))]
    assert told(doubled, [500]).everything() == whole.everything()


@pytest.mark.parametrize("seed", range(3))
def test_restarts_make_no_difference(whole: World, seed: int) -> None:
    edges = sorted(Random(seed).sample(range(1, len(STORY)), 25))
    restarted = told(STORY, edges, restarts=True)
    assert restarted.everything() == whole.everything()
    assert restarted.outcome.judged == whole.outcome.judged


def test_nobody_who_liked_is_remembered(whole: World) -> None:
    from monitor.mentions import author_key

    world = told(STORY[: len(STORY) // 2])
    kept = world.line.snapshot() + b"".join(state for _, state in world.line.topic_states().values())
    likers = {item.by for item in STORY if isinstance(item, Like)}
    assert all(by.encode() not in kept for by in likers)
    names = [author_key(b"secret", "bluesky", by) for by in likers]
    assert all(name.to_bytes(8, "big", signed=True) not in kept for name in names)
    assert all(isinstance(one.match, Match) and one.match.kind != "like" for one in world.outcome.kept)


def answered(count: int, likes: int | None, at_us: int = START) -> list[Item]:
    return [answer(f"a{place}", "p", at_us + MINUTE_US + place, "x", likes) for place in range(count)]


def contested(items: list[Item]) -> Answered | None:
    return told(items).posts.contested(START + 3 * MINUTE_US)


def test_a_post_many_like_is_no_backlash_and_one_nobody_likes_is() -> None:
    post = own("p", START, "x")
    assert contested([post, *answered(12, likes=None)]) is not None
    assert contested([post, *answered(12, likes=300)]) is None
    found = contested([post, *answered(12, likes=2)])
    assert found is not None
    assert (found.approval, found.share) == (3, 12 / 15)
    assert "12 answers and quotes for 3 likes and reposts; usual" in found.reason().text


def test_answers_under_a_post_on_mastodon_count_for_it_where_the_brand_is_at_home() -> None:
    here = "https://social.example"
    brand = {"id": "1", "acct": "acme", "uri": f"{here}/users/acme", "url": f"{here}/@acme"}

    def status(number: int, account: dict[str, str], text: str, **changes: Any) -> bytes:
        moment = f"2026-01-15T08:{number // 60:02}:{number % 60:02}Z"
        uri = f"{account['uri']}/statuses/{number}"
        return msgspec.json.encode(
            {"id": str(number), "uri": uri, "created_at": moment, "account": account, "content": text, **changes}
        )

    records = [status(7, brand, "Our new van", favourites_count=0, reblogs_count=0)]
    for number in range(60, 72):
        person = {"id": str(number), "acct": f"p{number}@far.example", "uri": f"https://far.example/users/p{number}"}
        text = f"@acme what a shame, {' '.join(Random(number).choices(WORDS, k=6))}"
        answers = {"in_reply_to_id": "7", "in_reply_to_account_id": "1"}
        records.append(status(number, person, text, mentions=[brand], **answers))
    found = contested(Mastodon().decode(records).items)
    assert found is not None
    assert found.evidence == f"mastodon:{here}/statuses/7"
    assert found.count == 12


def test_a_later_count_replaces_an_earlier_one_even_if_it_is_smaller() -> None:
    items = [answer("a1", "p", START + SECOND_US, "x", 90), answer("a2", "p", START + 2 * SECOND_US, "x", 40)]
    for order in (items, items[::-1]):
        assert told([own("p", START, "x"), *order]).known() == {"x:p": 41}


def test_a_post_that_comes_again_brings_its_likes_unless_it_is_an_old_copy() -> None:
    post = own("p", START, "x", engagement=Engagement(likes=0, reposts=0))
    liked = own("p", START, "x", engagement=Engagement(likes=50, reposts=8))
    assert told([post, post]).known() == {"x:p": None}
    assert told([post, liked, post]).known() == {"x:p": 58}
    assert told([own("p", START, "x", engagement=Engagement(likes=50))]).known() == {"x:p": None}


def test_what_was_counted_of_others_posts_is_not_ours() -> None:
    other = mention("r", START, "Acme again", kind="quote", parent_id="p", root_id="p", parent_author_id="2",
                    parent_engagement=Engagement(likes=9))  # fmt: skip
    assert told([own("p", START, "x"), other]).known() == {"x:p": None}


def test_single_likes_count_for_posts_published_since_they_are_seen_and_not_across_a_gap() -> None:
    first, later = own("first", START), own("later", START + MINUTE_US)
    ours = [like("first", START + 30 * SECOND_US, 1), like("later", START + 90 * SECOND_US, 2)]
    items: list[Item] = [first, ours[0], later, ours[1]]
    assert told(items).known() == {"bluesky:first": None, "bluesky:later": 1}
    gap = Gap(source="x", start_us=START + 2 * MINUTE_US, end_us=START + 3 * MINUTE_US, reason="")
    after: list[Item] = [gap, like("later", START + 4 * MINUTE_US, 3), mention("z", START + 9 * MINUTE_US)]
    assert told(items + after).known()["bluesky:later"] is None


@pytest.mark.parametrize("at_us", [0, -5, START - HOUR_US, FAR + 1])
def test_a_like_of_another_time_is_left_out(at_us: int) -> None:
    items: list[Item] = [like("any", START - 2 * HOUR_US, 9, "did:plc:other"), own("p", START - DAY_US // 2)]
    items += [mention("now", START), like("p", at_us, 1), mention("then", START + HOUR_US)]
    assert told(items).known() == {"bluesky:p": None}


@pytest.mark.parametrize("edges", [[], [1, 2, 3, 4]])
def test_a_like_whose_minute_was_closed_before_it_came_is_left_out_however_batches_are_cut(edges: list[int]) -> None:
    before = like("any", START - HOUR_US, 9, "did:plc:other")
    meanwhile = mention("m", START + 10 * MINUTE_US, network="bluesky")
    items: list[Item] = [before, own("p", START), meanwhile, like("p", START + SECOND_US, 1)]
    assert told(items, edges).known() == {"bluesky:p": None}
    assert told([*items[:2], items[3], items[2]], edges).known() == {"bluesky:p": 1}


def test_a_minute_is_told_what_became_known_by_its_end_and_nothing_twice() -> None:
    approvals = Approvals()
    for minute in (0, 1, 2):
        approvals.count("acme", 7, START + minute * MINUTE_US, Engagement(likes=minute))
    found = approvals.between("acme", START + MINUTE_US, START + 2 * MINUTE_US)
    assert [(post, one.counted_likes) for post, one in found] == [(7, 1)]
    assert approvals.between("zen", 0, FAR) == []


def test_what_is_usual_with_likes_and_without_is_learned_apart() -> None:
    items: list[Item] = []
    for number in range(60):  # a post every two hours: five answers for a hundred likes, and no reshare
        at_us, name = START + number * 2 * HOUR_US, f"u{number}"
        items += [own(name, at_us, "x")]
        items += [answer(f"{name}-{place}", name, at_us + MINUTE_US + place, "x", 100) for place in range(5)]
    now = START + 60 * 2 * HOUR_US
    usual = [*items, own("p", now, "x")]
    (account,) = told([*usual, mention("z", now + 25 * HOUR_US)]).posts.snapshot().accounts.values()
    assert account.liked_share.mean < 0.1
    assert account.share.mean > 0.6
    many = [answer(f"p-{place}", "p", now + MINUTE_US + place, "x", 60) for place in range(40)]
    assert (found := told([*usual, *many]).posts.contested(now + 3 * MINUTE_US)) is not None
    assert found.usual < 0.1
    as_usual = [answer(f"p-{place}", "p", now + MINUTE_US + place, "x", 900) for place in range(40)]
    assert told([*usual, *as_usual]).posts.contested(now + 3 * MINUTE_US) is None
    unliked = [answer(f"p-{place}", "p", now + MINUTE_US + place, "x") for place in range(40)]
    assert (found := told([*usual, *unliked]).posts.contested(now + 3 * MINUTE_US)) is not None
    assert found.approval is None
    assert found.usual > 0.6


def test_memory_is_bounded() -> None:
    approvals = Approvals()
    for number in range(2 * MOST_KEPT):
        approvals.count("acme", number % 7, START + number * MINUTE_US // 3, Engagement(likes=number))
    minutes = approvals.snapshot().topics["acme"]
    assert sum(map(len, minutes.values())) <= MOST_KEPT
    approvals.forget("acme", FAR)
    assert approvals.snapshot().topics == {}


def test_of_what_is_known_the_order_does_not_matter() -> None:
    one = Approval(5, 3, 1, 0, 0, {1: 4, 2: 1}, 7)
    two = Approval(5, 3, 2, 9, 0, {1: 2, 3: 1}, 6)
    ones, twos = (
        msgspec.structs.replace(one, marks=dict(one.marks)),
        msgspec.structs.replace(two, marks=dict(two.marks)),
    )
    one.add(two)
    twos.add(ones)
    assert one == twos == Approval(5, 3, 2, 9, 0, {1: 4, 2: 1, 3: 1}, 7)


def test_keys_of_liked_posts_are_those_of_mentions() -> None:
    assert list(told(STORY).posts.snapshot().posts)[:1] == [mention_key("bluesky", "b0")]
