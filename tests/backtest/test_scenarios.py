from collections import Counter
from pathlib import Path

import pytest

from monitor.backtest.brands import EXAMPLE_BRANDS, brands_of
from monitor.backtest.rhythm import PARIS, midnight
from monitor.backtest.scenarios import scenario, scenarios
from monitor.backtest.simulation import DEFAULT_START_US, Simulation
from monitor.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US, to_datetime
from monitor.errors import InputRefused
from monitor.mentions import Gap, Mention, mention_key
from monitor.sources.dates import rfc3339_us
from monitor.sources.ndjson import Ndjson, encode
from monitor.topics.matcher import Matcher
from monitor.topics.watchlist import read_watchlists

NAMES = (
    *("quiet", "slow_burn", "influencer_spark", "own_reply_backlash", "coordinated_bots", "ten_people", "tv_spike"),
    *("launch", "outage_backfill", "cold_start", "two_topics", "weekly_promo", "disorder"),
)
OWN = {handle for brand in EXAMPLE_BRANDS for handle in (brand.account, brand.support)}


def played(name, seed=1, days=3, volume=1_800.0, brands=EXAMPLE_BRANDS[:2], strength=1.0):
    simulation = Simulation(seed=seed, days=days, volume=volume, brands=brands, strength=strength)
    story = scenario(name)
    items = list(story.play(simulation))
    return items, story.truth(simulation)


@pytest.fixture(scope="module")
def backlash():
    return played("own_reply_backlash")


def of(truth, topic):
    return next(entry for entry in truth.topics if entry.id == topic)


def rate(items, start_us, minutes, named="acme"):
    """Mentions a minute that name the brand."""
    found = [
        item
        for item in items
        if isinstance(item, Mention)
        and start_us <= item.published_us < start_us + minutes * MINUTE_US
        and (named in item.text.lower() or item.parent_author_handle in OWN)
    ]
    return len(found) / minutes


def test_every_scenario_is_there():
    assert set(scenarios()) == set(NAMES)


def test_an_unknown_scenario_is_refused_with_the_name_that_was_meant():
    with pytest.raises(InputRefused, match="own_reply_backlash"):
        scenario("own_replay_backlash")


@pytest.mark.parametrize("name", [name for name in NAMES if name not in {"quiet", "outage_backfill"}])
def test_a_weak_story_is_the_same_story_with_fewer_posts(name):
    days = 8 if name == "weekly_promo" else 3
    told = {strength: played(name, days=days, volume=300, strength=strength)[1] for strength in (1.0, 0.1)}
    kinds = {strength: [(entry.id, entry.kind) for entry in truth.topics] for strength, truth in told.items()}
    assert kinds[0.1] == kinds[1.0]
    usual, weak = (sum(entry.posts for entry in told[strength].topics) for strength in (1.0, 0.1))
    assert 0 < weak < usual / 2
    assert told[0.1].strength == 0.1


@pytest.mark.parametrize("name", NAMES)
def test_every_scenario_survives_the_wire_and_agrees_with_its_truth(name):
    items, truth = played(
        name, days=scenario(name).days if name == "cold_start" else 3, volume=300, brands=EXAMPLE_BRANDS
    )
    decoded = Ndjson().decode([encode(item) for item in items])
    assert decoded.items == items
    assert decoded.malformed == []
    mentions = [item for item in items if isinstance(item, Mention)]
    distinct = {mention_key(mention.network, mention.id): mention for mention in mentions}
    assert truth.posts == len(distinct) == len(mentions) - truth.duplicates
    assert truth.reposts == sum(mention.kind == "repost" for mention in distinct.values())
    for entry in truth.topics:
        if entry.onset is None:
            assert (entry.kind, entry.is_crisis, entry.posts) == ("quiet", False, 0)
        else:
            assert entry.posts > 0
            assert truth.start <= entry.onset <= entry.peak < entry.end
    evidence = {f"{mention.network}:{mention.id}" for mention in mentions}
    assert {step.post for entry in truth.topics for step in entry.milestones if step.post} <= evidence


def test_the_onset_depends_on_the_seed():
    onsets = {of(played("own_reply_backlash", seed, days=2, volume=60)[1], "acme").onset for seed in range(6)}
    assert len(onsets) == 6


@pytest.mark.parametrize("name", ["tv_spike", "launch", "weekly_promo", "quiet", "outage_backfill"])
def test_what_is_loud_but_harmless_is_no_crisis(name):
    assert not any(entry.is_crisis for entry in played(name, volume=200)[1].topics)


def test_the_backlash_is_a_chain_from_complaint_to_newspaper(backlash):
    items, truth = backlash
    posts = {f"{item.network}:{item.id}": item for item in items}
    steps = [step for step in of(truth, "acme").milestones if step.post]
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    complaint, answer, *later = (posts[step.post] for step in steps)
    assert (answer.kind, answer.parent_id, answer.author.handle) == ("reply", complaint.id, "acme_aide")
    assert complaint.author.handle.startswith("sim_")
    quotes = [post for post in later if post.kind == "quote"]
    assert [post.parent_id for post in quotes] == [answer.id] * 3
    assert sorted(post.author.followers for post in quotes)[:2] == [9_000, 41_000]
    assert max(post.author.followers for post in quotes) > 900_000
    assert [post.network for post in later].count("feed") == 3


def test_people_turn_to_the_answer_before_the_volume_shows_it(backlash):
    items, truth = backlash
    onset_us = rfc3339_us(of(truth, "acme").onset)

    def answers(start_us, minutes):
        return sum(
            isinstance(item, Mention)
            and item.parent_author_handle in {"acme", "acme_aide"}
            and item.author.handle not in OWN
            and item.kind in {"reply", "quote"}
            and start_us <= item.published_us < start_us + minutes * MINUTE_US
            for item in items
        )

    before = answers(onset_us - 6 * HOUR_US, 360) / 15
    assert answers(onset_us, 24) > 5 * before
    assert rate(items, onset_us, 24) < 4 * rate(items, onset_us - DAY_US, 24)
    assert rate(items, rfc3339_us(of(truth, "acme").peak), 15) > 5 * rate(items, onset_us - DAY_US, 15)


def test_a_firestorm_is_made_by_people_who_never_spoke_of_the_brand(backlash):
    items, truth = backlash
    onset_us = rfc3339_us(of(truth, "acme").onset)
    known = {item.author.id for item in items if item.published_us < onset_us}
    during = [item for item in items if onset_us + 2 * HOUR_US < item.published_us < onset_us + 4 * HOUR_US]
    assert sum(item.author.id not in known for item in during) / len(during) > 0.6


def test_a_slow_burn_grows_for_hours():
    items, truth = played("slow_burn")
    onset_us = rfc3339_us(of(truth, "acme").onset)
    growth = [
        rate(items, onset_us + hours * HOUR_US, 120) / rate(items, onset_us + hours * HOUR_US - DAY_US, 120)
        for hours in (-2, 6, 10)
    ]
    assert growth[0] < 1.4 < growth[1] < growth[2]
    assert growth[2] > 2.5


def test_a_spark_jumps_at_once():
    items, truth = played("influencer_spark")
    onset_us = rfc3339_us(of(truth, "acme").onset)
    assert rate(items, onset_us, 15) > 5 * rate(items, onset_us - 15 * MINUTE_US, 15)


def test_bots_say_the_same_in_the_same_minute_from_new_accounts():
    items, truth = played("coordinated_bots")
    bots = [item for item in items if isinstance(item, Mention) and item.author.handle.startswith("sim_user")]
    assert len(bots) == of(truth, "acme").posts
    assert len({bot.text for bot in bots}) / len(bots) <= 0.05
    assert all(bot.published_us - bot.author.created_us < 30 * DAY_US for bot in bots)
    bursts = Counter(bot.text for bot in bots)
    first = [bot.published_us for bot in bots][: min(bursts.values())]
    assert max(first) - min(first) <= 60 * SECOND_US


@pytest.mark.parametrize(("strength", "people"), [(1.0, 10), (0.25, 3), (0.0625, 1)])
def test_of_ten_people_who_matter_weaker_stories_have_fewer(strength, people):
    _, truth = played("ten_people", strength=strength)
    assert len(of(truth, "acme").milestones) == people


def test_ten_people_hardly_move_the_volume():
    items, truth = played("ten_people")
    entry = of(truth, "acme")
    onset_us = rfc3339_us(entry.onset)
    assert len(entry.milestones) == 10
    voices = [item for item in items if f"{item.network}:{item.id}" in {step.post for step in entry.milestones}]
    assert all(voice.author.followers >= 20_000 for voice in voices)
    assert rate(items, onset_us, 180) < 1.5 * rate(items, onset_us - DAY_US, 180)


def test_a_television_programme_is_forgotten_in_two_hours():
    items, truth = played("tv_spike")
    onset_us = rfc3339_us(of(truth, "acme").onset)
    usual = rate(items, onset_us - DAY_US, 30)
    assert rate(items, onset_us, 30) > 3 * usual
    assert rate(items, onset_us + 130 * MINUTE_US, 30) < 2 * usual


def test_the_promotion_comes_every_wednesday_at_six():
    _, truth = played("weekly_promo", days=22, volume=100)
    times = [to_datetime(rfc3339_us(entry.onset)).astimezone(PARIS) for entry in truth.topics if entry.onset]
    assert [(time.isoweekday(), time.hour) for time in times] == [(3, 18)] * 3


def test_the_first_day_can_be_the_day():
    _, truth = played("cold_start", days=2)
    assert rfc3339_us(of(truth, "acme").onset) < midnight(DEFAULT_START_US, 1)


def test_two_topics_burn_at_once_and_some_posts_name_both():
    items, truth = played("two_topics")
    first, second = of(truth, "acme"), of(truth, "zenphone")
    assert first.is_crisis
    assert second.is_crisis
    assert second.onset < first.onset < second.end
    assert sum("zenphone" in item.text.lower() and "acme" in item.text.lower() for item in items) > 50


def test_two_topics_need_two_topics():
    with pytest.raises(InputRefused, match="at least two"):
        played("two_topics", brands=EXAMPLE_BRANDS[:1])


def test_an_outage_withholds_x_and_delivers_it_late():
    items, truth = played("outage_backfill")
    place = next(place for place, item in enumerate(items) if isinstance(item, Gap))
    gap = items[place]
    assert [truth.gaps[0][0], rfc3339_us(truth.gaps[0][1])] == [gap.source, gap.start_us]
    hidden = [item for item in items[:place] if item.network == "x" and item.published_us >= gap.start_us]
    assert hidden == []
    late = [item for item in items[place + 1 :] if item.published_us < gap.end_us]
    assert len(late) > 100
    assert {item.network for item in late} == {"x"}
    assert all(item.received_us >= gap.end_us for item in late)


def test_disorder_delivers_the_same_posts_out_of_order_late_and_twice(backlash):
    items, truth = played("disorder")
    times = [item.published_us for item in items]
    newest = 0
    lateness = []
    for time in times:
        newest = max(newest, time)
        lateness.append(newest - time)
    assert truth.duplicates == len(items) - len({(item.network, item.id) for item in items}) > 50
    assert 0.02 < sum(late > 30 * SECOND_US for late in lateness) / len(items) < 0.2
    assert {(item.network, item.id, item.text) for item in items} == {
        (item.network, item.id, item.text) for item in backlash[0]
    }


def test_the_example_watchlist_hears_what_is_said_of_its_brands(backlash):
    watchlist = Path(__file__).parents[2] / "rules" / "topics" / "example.yaml"
    topics = read_watchlists([watchlist])
    assert brands_of(topics) == EXAMPLE_BRANDS
    items, truth = played("own_reply_backlash", brands=EXAMPLE_BRANDS)
    hits = Matcher(topics).match(items)
    heard = {(hit.index, hit.topic) for hit in hits}
    assert len({index for index, _ in heard}) / len(items) > 0.9
    assert {topic for _, topic in heard} == {brand.topic for brand in EXAMPLE_BRANDS}
    onset_us = rfc3339_us(of(truth, "acme").onset)
    storm = [index for index, item in enumerate(items) if onset_us < item.published_us < onset_us + 3 * HOUR_US]
    angry = [index for index in storm if "nonmerci" in items[index].text.lower() or items[index].kind == "quote"]
    assert sum((index, "acme") in heard for index in angry) / len(angry) > 0.85
    assert sum(hit.answers_own for hit in hits if hit.index in set(storm)) > 50
