from collections import Counter
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.backtest.brands import EXAMPLE_BRANDS
from monitor.backtest.rhythm import midnight
from monitor.backtest.scenarios import scenario
from monitor.backtest.simulation import DEFAULT_START_US, Simulation
from monitor.clock import DAY_US
from monitor.mentions import mention_key

ACME = EXAMPLE_BRANDS[:1]


@pytest.fixture(scope="module")
def fortnight():
    return list(Simulation(seed=1, days=14).mentions())


def test_the_same_seed_gives_the_same_posts():
    def posts():
        return list(scenario("own_reply_backlash").play(Simulation(seed=3, days=2, volume=400)))

    assert posts() == posts()


def test_another_seed_gives_other_posts():
    first, second = (next(Simulation(seed=seed, days=1).mentions()) for seed in (1, 2))
    assert first != second


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(), volume=st.floats(1, 3_000), days=st.integers(1, 3))
def test_posts_come_in_order_of_publication_within_the_days_asked_for(seed, volume, days):
    simulation = Simulation(seed=seed, days=days, volume=volume)
    times = [mention.published_us for mention in islice(simulation.mentions(), 4_000)]
    assert times == sorted(times)
    assert all(DEFAULT_START_US <= time < midnight(DEFAULT_START_US, days) for time in times)


def test_no_two_posts_share_a_key(fortnight):
    assert len({mention_key(mention.network, mention.id) for mention in fortnight}) == len(fortnight)


def test_the_volume_is_the_one_asked_for():
    days = [
        sum(1 for _ in Simulation(seed=seed, days=14, volume=900, brands=ACME).mentions()) / 14 for seed in (1, 2, 3)
    ]
    assert sum(days) / 3 == pytest.approx(900, rel=0.15)


def test_seven_in_ten_write_in_french_and_most_on_x(fortnight):
    languages = Counter(mention.lang for mention in fortnight)
    networks = Counter(mention.network for mention in fortnight)
    assert languages["fr"] / len(fortnight) == pytest.approx(0.7, abs=0.04)
    assert languages["fr"] + languages["en"] == len(fortnight)
    assert networks["x"] / len(fortnight) == pytest.approx(0.63, abs=0.04)
    assert set(networks) == {"x", "bluesky", "mastodon", "feed"}


def test_a_reaction_points_at_a_post_that_came_before_it(fortnight):
    seen = {}
    for mention in fortnight:
        if mention.kind == "post":
            assert mention.parent_id is None
            assert mention.root_id is None
        else:
            parent = seen[mention.network, mention.parent_id]
            assert mention.parent_author_id == parent.author.id
            assert (mention.network, mention.root_id) in seen
        seen[mention.network, mention.id] = mention


def test_a_repost_has_the_words_and_the_author_of_its_root(fortnight):
    roots = {(mention.network, mention.id): mention for mention in fortnight}
    reposts = [mention for mention in fortnight if mention.kind == "repost"]
    assert len(reposts) > 1_000
    for repost in reposts:
        root = roots[repost.network, repost.root_id]
        assert (repost.text, repost.root_author, repost.hashtags) == (root.text, root.author, root.hashtags)


def test_one_person_always_looks_the_same(fortnight):
    people = {}
    for mention in fortnight:
        assert people.setdefault((mention.network, mention.author.id), mention.author) == mention.author


def test_people_hardly_ever_repeat_each_other_word_for_word(fortnight):
    texts = [mention.text for mention in fortnight if mention.kind in {"post", "quote"}]
    assert len(set(texts)) / len(texts) > 0.8


def test_everybody_is_recognisably_made_up(fortnight):
    own = {handle for brand in EXAMPLE_BRANDS for handle in (brand.account, brand.support)}
    for mention in fortnight:
        if mention.network != "feed":
            assert mention.author.handle.startswith("sim_") or mention.author.handle in own
        assert all(".example/" in link for link in (*mention.links, mention.url or "https://a.example/"))


def test_the_ordinary_days_of_a_seed_are_the_same_in_every_scenario():
    def ordinary(name):
        simulation = Simulation(seed=5, days=4, volume=500)
        play = scenario(name).play(simulation)
        return {mention.id: mention for mention in play if mention.published_us < DEFAULT_START_US + 4 * DAY_US}

    quiet, crisis = ordinary("quiet"), ordinary("own_reply_backlash")
    assert quiet.items() <= crisis.items()
    assert len(crisis) > len(quiet)


def test_memory_does_not_grow_with_the_days():
    simulation = Simulation(seed=6, days=40, volume=300, brands=ACME)
    waiting = []
    for place, _ in enumerate(simulation.mentions()):
        if place % 500 == 0:
            waiting.append(len(simulation._pending))
    # What waits are reactions that come weeks later; their number levels off.
    assert max(waiting) < 900
