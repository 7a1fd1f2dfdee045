"""Each measure on minutes small enough to work out by hand."""

from __future__ import annotations

import math

import pytest

from monitor.signals.family import measure_minute
from monitor.topics import Match
from tests.made import at, match


def measured(*matches: Match) -> dict[str, float]:
    return measure_minute("acme", at("09:00"), matches).measures


def test_the_brands_own_posts_are_neither_counted_nor_measured() -> None:
    own = match("1", "09:00:01", is_own=True, tone=1.0, followers=1_000_000)
    other = match("2", "09:00:02", tone=-0.5, followers=9)
    assert measure_minute("acme", at("09:00"), [own, other]) == measure_minute("acme", at("09:00"), [other])


def test_a_minute_of_own_posts_only_is_a_signal_of_nothing() -> None:
    signal = measure_minute("acme", at("09:00"), [match("1", "09:00:01", is_own=True)])
    assert (signal.mentions, signal.measures, signal.end_us) == (0, {}, at("09:01"))


def test_a_hundred_posts_of_one_account_are_one_author_and_one_voice() -> None:
    flood = [match(str(n), "09:00:01", author=1, tone=-1.0, followers=99) for n in range(100)]
    calm = match("calm", "09:00:02", author=2, tone=1.0, followers=99)
    values = measured(*flood, calm)
    assert values["distinct_authors"] == 2
    assert values["tone"] == 0
    assert values["negative_share"] == 0.5
    assert values["potential_reach"] == 198


def test_people_who_repost_one_angry_text_each_count_in_the_tone() -> None:
    angry = [match(str(n), "09:00:01", kind="repost", author=n, tone=-0.8) for n in range(3)]
    assert measured(*angry, match("calm", "09:00:02", author=9, tone=0.8))["tone"] == pytest.approx(-0.4)


def test_influence_adds_orders_of_magnitude_so_that_ten_small_accounts_outweigh_a_celebrity() -> None:
    crowd = measured(*(match(str(n), "09:00:01", author=n, followers=999) for n in range(10)))
    celebrity = measured(match("1", "09:00:01", followers=9_999_999))
    assert crowd["influence"] == pytest.approx(30)
    assert celebrity["influence"] == pytest.approx(7)


def test_unknown_followers_count_as_the_average_of_the_known_and_add_nothing_to_reach() -> None:
    values = measured(match("1", "09:00:01", followers=99), match("2", "09:00:02", followers=None))
    assert values["influence"] == pytest.approx(2 * 2)
    assert values["potential_reach"] == 99


def test_where_no_followers_are_known_there_is_no_influence_and_no_reach() -> None:
    values = measured(match("1", "09:00:01", followers=None, hashtags=("acme",)))
    assert values.keys().isdisjoint({"influence", "potential_reach", "hashtag_reach"})


def test_an_author_with_two_follower_counts_has_the_higher() -> None:
    posts = [match(str(n), "09:00:01", author=1, followers=count) for n, count in enumerate((50, None, 70, 60))]
    assert measured(*posts)["potential_reach"] == 70


def test_an_account_without_followers_is_known_to_have_none() -> None:
    values = measured(match("1", "09:00:01", author=1, followers=0))
    assert (values["potential_reach"], values["influence"], values["hashtag_reach"]) == (0, 0, 0)


def test_hashtag_reach_is_the_audience_of_the_leading_hashtag_each_author_once() -> None:
    values = measured(
        match("1", "09:00:01", author=1, followers=10, hashtags=("boycott", "acme")),
        match("2", "09:00:02", author=1, followers=10, hashtags=("boycott",)),
        match("3", "09:00:03", author=2, followers=5, hashtags=("boycott",)),
        match("4", "09:00:04", author=3, followers=14, hashtags=("acme",)),
    )
    assert values["hashtag_reach"] == 24  # acme: 10 + 14, boycott: 10 + 5
    assert values["hashtag_concentration"] == pytest.approx(2 / 3)


def test_one_account_alone_does_not_concentrate_on_a_hashtag() -> None:
    assert "hashtag_concentration" not in measured(match("1", "09:00:01", hashtags=("acme",)))


def test_shares_of_kinds_and_of_answers_to_the_brand() -> None:
    values = measured(
        match("1", "09:00:01"),
        match("2", "09:00:02", kind="repost"),
        match("3", "09:00:03", kind="reply", answers_own=True),
        match("4", "09:00:04", kind="quote"),
    )
    assert values["repost_share"] == 0.25
    assert values["reply_share"] == 0.5
    assert values["answers_own_share"] == 0.25


def test_applause_is_no_cool_answer_unless_it_is_ironic() -> None:
    answer = {"kind": "reply", "answers_own": True}
    values = measured(
        match("1", "09:00:01", tone=0.8, **answer),
        match("2", "09:00:02", tone=0.8, is_ironic=True, **answer),
        match("3", "09:00:03", tone=0.0, **answer),
        match("4", "09:00:04", tone=-0.8),
    )
    assert values["answers_own_share"] == 0.75
    assert values["cool_answers_share"] == 0.5


def test_who_passes_a_complaint_on_does_not_complain_in_their_own_words() -> None:
    values = measured(
        match("1", "09:00:01", author=1, tone=-0.6),
        match("2", "09:00:02", author=1, kind="reply", tone=-0.9),
        match("3", "09:00:03", author=2, kind="quote", tone=-0.6),
        match("4", "09:00:04", author=3, kind="repost", tone=-0.6),
        match("5", "09:00:05", author=4, tone=-0.6, is_ironic=True),
        match("6", "09:00:06", author=5, tone=-0.1),
        match("7", "09:00:07", author=6, tone=0.6),
        match("8", "09:00:08", author=7, tone=0.0),
    )
    assert values["complaints_share"] == 2 / 8


def test_the_leading_root_is_the_post_behind_most_mentions() -> None:
    values = measured(*(match(str(n), "09:00:01", root=7 if n < 3 else n) for n in range(5)))
    assert values["leading_root_share"] == 0.6


def test_who_may_be_ironic_sounds_neither_negative_nor_glad() -> None:
    values = measured(
        match("1", "09:00:01", tone=-0.6, is_ironic=True),
        match("2", "09:00:02", tone=-0.6),
        match("3", "09:00:03", tone=0.9, is_ironic=True),
    )
    assert values["negative_share"] == pytest.approx(1 / 3)
    assert values["tone"] == pytest.approx(-0.2)


def test_a_tone_is_negative_from_the_border_on() -> None:
    values = measured(match("1", "09:00:01", tone=-0.251), match("2", "09:00:02", tone=-0.25))
    assert values["negative_share"] == 0.5


def test_a_mention_count_is_that_of_posts_not_authors() -> None:
    posts = [match(str(n), "09:00:01", author=1) for n in range(4)]
    assert measure_minute("acme", at("09:00"), posts).mentions == 4
    assert math.isclose(measured(*posts)["distinct_authors"], 1)
