"""From posts to cascades: whatever the order of arrival within the lateness, the batches and the restarts."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.cascades import Cascade, latest
from monitor.clock import MINUTE_US, SECOND_US
from monitor.mentions import Author, Mention
from monitor.pipeline import Outcome, Pipeline
from tests.made import at, mention, topic

LATENESS_US = 120 * SECOND_US
FAR = at("00:00", "2030-01-01")


@cache
def posts() -> tuple[Mention, ...]:
    """Two posts that spread for three hours, on a network that names only the root and on one that names parents."""
    random = Random(11)
    found = []
    for network in ("x", "bluesky"):
        start = at("09:00")
        found.append(mention(f"{network}-root", start, "Acme again, a shame", network=network))
        for number in range(140):
            moment = start + round(SECOND_US * random.expovariate(1 / 2_000))
            via = f"{network}-{random.randrange(number + 1)}" if network == "bluesky" and number % 3 else None
            found.append(
                mention(
                    f"{network}-{number}",
                    moment,
                    "",
                    network=network,
                    kind="repost",
                    author=Author(id=f"{random.randrange(90)}", followers=random.randrange(5_000)),
                    root_id=f"{network}-root",
                    parent_id=via or f"{network}-root",
                )
            )
    return tuple(sorted(found, key=lambda post: (post.published_us, post.id)))


def cascades(arrived: list[Mention], edges: list[int]) -> list[Cascade]:
    pipeline, outcome = Pipeline([topic()], b"secret", lateness_us=LATENESS_US), Outcome()
    for start, end in pairwise([0, *edges, len(arrived)]):
        outcome.add(pipeline.step("x", arrived[start:end], FAR))
    outcome.add(pipeline.finish())
    assert outcome.counts["late"] == 0
    return sorted(latest(outcome.cascades), key=lambda cascade: cascade.network)


@settings(deadline=None, max_examples=12)
@given(seed=st.integers(), edges=st.lists(st.integers(1, 281), max_size=6).map(sorted))
def test_the_order_of_arrival_within_the_lateness_does_not_matter(seed: int, edges: list[int]) -> None:
    random = Random(seed)
    shuffled = sorted(posts(), key=lambda post: post.published_us + random.randrange(LATENESS_US - MINUTE_US))
    # The first post of all comes first: what was never heard of cannot be inherited by its reposts.
    roots = [post for post in shuffled if post.kind == "post"]
    arrived = roots + [post for post in shuffled if post.kind != "post"]
    assert cascades(arrived, edges) == cascades(list(posts()), [])


def test_what_is_told_of_each_network_says_how_it_is_known() -> None:
    bluesky, x = cascades(list(posts()), [])
    assert (bluesky.edges, x.edges) == ("measured", "inferred")
    assert bluesky.size == x.size == 140
    assert bluesky.depth == bluesky.depth_low == bluesky.depth_high
    assert x.depth_low < x.depth_high  # type: ignore[operator]
    assert bluesky.depth > 2  # type: ignore[operator]


@pytest.mark.parametrize("network", ["x", "bluesky", "mastodon"])
def test_who_answers_whom_is_known_on_every_network_whose_replies_name_their_parent(network: str) -> None:
    answered = [0, 0, 1, 2, 3, 0, 2]  # the number of what each reply answers; 0 is the root
    story = [mention("p0", at("09:00"), "Acme again, a shame", network=network)]
    for number, above in enumerate(answered, 1):
        moment, root = at("09:00") + 20 * number * SECOND_US, f"p{above}" if network == "mastodon" else "p0"
        names = {"parent_id": f"p{above}", "root_id": root}
        story.append(mention(f"p{number}", moment, "Acme, yes", network=network, kind="reply", **names))
    (talk,) = cascades(story, [])
    assert (talk.root_id, talk.size, talk.replies, talk.repliers) == ("p0", 0, 7, 7)
    assert (talk.reply_depth, talk.reply_breadth) == (3, 3)
