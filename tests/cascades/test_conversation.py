"""The conversation below a post: a tree of true edges beside that of the reshares, the same online as at once."""

from __future__ import annotations

from typing import Any

import msgspec
import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.cascades import Cascade, latest
from monitor.cascades.conversation import KEPT, SPOKEN_OF, Conversations
from monitor.cascades.tracker import CascadeTracker
from monitor.clock import MINUTE_US, SECOND_US
from monitor.topics import Match
from tests.made import at, match

ROOT = 42


def reply(identifier: str, clock: str | int, parent: int = ROOT, **changes: Any) -> Match:
    fields: dict[str, Any] = {"kind": "reply", "root": ROOT, "root_id": "root-42", "parent": parent, **changes}
    return match(identifier, clock, **fields)


def thread(answered: list[int], network: str = "x", **changes: Any) -> list[Match]:
    """Replies ten seconds apart; reply n answers that of number `answered[n]`, of those before, or the root if 0."""
    made: list[Match] = []
    for number, above in enumerate(answered):
        place = above % (number + 1)
        parent = ROOT if place == 0 else made[place - 1].key
        named = {"root": parent, "root_id": f"id-{parent}"} if network == "mastodon" else {}
        made.append(
            reply(str(number), at("09:00") + number * 10 * SECOND_US, parent, network=network, **named, **changes)
        )
    return made


def told(matches: list[Match], tracker: CascadeTracker | None = None) -> list[Cascade]:
    tracker = CascadeTracker("acme") if tracker is None else tracker
    minutes: dict[int, list[Match]] = {}
    for one in matches:
        minutes.setdefault(one.published_us // MINUTE_US, []).append(one)
    return latest(cascade for _, minute in sorted(minutes.items()) for cascade in tracker.add(minute))


@settings(deadline=None)
@given(
    answered=st.lists(st.integers(0, 10**6), min_size=SPOKEN_OF, max_size=60),
    network=st.sampled_from(("x", "bluesky", "mastodon")),
    stop=st.integers(0, 60),
)
def test_the_tree_kept_online_is_that_of_all_replies_at_once(answered: list[int], network: str, stop: int) -> None:
    replies = thread(answered, network)
    before, tracker = CascadeTracker("acme"), CascadeTracker("acme")
    told(replies[:stop], before)
    tracker.restore(before.snapshot())
    (cascade,) = [*told(replies[stop:], tracker)] or tracker.largest(1)
    tree = nx.Graph()
    for number, above in enumerate(answered, 1):
        tree.add_edge(number, above % number)
    depths = nx.single_source_shortest_path_length(tree, 0)
    by_depth = [list(depths.values()).count(depth) for depth in range(1, max(depths.values()) + 1)]
    posts = len(tree)
    assert (cascade.root, cascade.size, cascade.replies) == (ROOT, 0, len(replies))
    assert cascade.repliers == len({one.author for one in replies})
    assert (cascade.reply_depth, cascade.reply_breadth) == (len(by_depth), max(by_depth))
    assert cascade.reply_virality == pytest.approx(nx.wiener_index(tree) / (posts * (posts - 1) / 2))


def test_a_conversation_is_not_spread() -> None:
    reshares = [
        match(f"r{n}", at("09:00") + n * SECOND_US, kind="repost", root=ROOT, root_id="root-42") for n in range(30)
    ]
    (alone,) = told(reshares)
    (argued,) = told(sorted([*reshares, *thread([1] * 40)], key=lambda one: (one.published_us, one.key)))
    assert (argued.replies, argued.reply_depth) == (40, 2)
    same = ("size", "authors", "final_size", "reproduction", "depth", "virality", "potential_reach")
    assert [getattr(argued, name) for name in same] == [getattr(alone, name) for name in same]


def test_an_angry_crowd_is_told_from_a_quarrel() -> None:
    (crowd,), (quarrel,) = told(thread([0] * 30)), told(thread(list(range(30))))
    assert crowd.reply_virality == pytest.approx(2, abs=0.1)
    assert (crowd.reply_depth, quarrel.reply_depth) == (1, 30)
    assert quarrel.reply_virality == pytest.approx(32 / 3)


def test_two_replies_are_no_conversation_but_are_counted_beside_reshares() -> None:
    assert told(thread([0, 0])) == []
    repost = match("repost", "09:01", kind="repost", root=ROOT, root_id="root-42")
    (cascade,) = told([*thread([0, 0]), repost])
    assert (cascade.size, cascade.replies, cascade.repliers, cascade.reply_depth) == (1, 2, 2, None)


def test_a_reply_to_one_never_seen_hangs_below_a_post_that_answers_the_root() -> None:
    (cascade,) = told([*thread([0, 0]), reply("late", "09:01", parent=77)])
    assert (cascade.replies, cascade.reply_depth, cascade.reply_breadth) == (3, 2, 3)


def test_conversations_are_bounded_and_the_idle_ones_go() -> None:
    conversations = Conversations()
    for number in range(3 * KEPT):
        said = [reply(f"{number}-{n}", at("09:00") + number, root=number, parent=number) for n in range(SPOKEN_OF)]
        assert conversations.add(said) == {number}
    assert conversations.get(0) is None
    assert conversations.get(3 * KEPT - 1) is not None
    assert len(msgspec.msgpack.encode(conversations.state())) < 2 * KEPT * 200
