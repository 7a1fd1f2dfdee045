from __future__ import annotations

import io
import json
from typing import Any

import pytest

from monitor.mentions import Author, Deletion, Engagement, Image, Mention
from monitor.sources import Decoded
from monitor.sources.x_v11 import XV11

ANA = {"id_str": "101", "screen_name": "ana", "followers_count": 614, "created_at": "Sat May 04 14:33:03 +0000 2013"}
LOU = {"id": 102, "screen_name": "lou", "followers_count": 34920, "verified": True}
TWEET: dict[str, Any] = {
    "created_at": "Wed Oct 10 20:19:24 +0000 2018",
    "id": 1050118621198921728,
    "id_str": "1050118621198921728",
    "text": "Encore en panne #retard",
    "user": ANA,
    "lang": "fr",
    "retweet_count": 2,
    "favorite_count": 3,
    "entities": {
        "hashtags": [{"text": "retard"}],
        "user_mentions": [{"screen_name": "tramlia"}, {"id_str": "1"}],
        "urls": [{"expanded_url": "https://news.example/panne"}],
    },
    "in_reply_to_status_id_str": None,
}


def line(tweet: dict[str, Any]) -> bytes:
    return json.dumps(tweet).encode() + b"\n"


def decode(*records: bytes) -> Decoded:
    return XV11().decode(records)


def only(tweet: dict[str, Any]) -> Mention:
    decoded = decode(line(tweet))
    assert decoded.malformed == []
    (mention,) = decoded.items
    assert isinstance(mention, Mention)
    return mention


def later(**changes: Any) -> dict[str, Any]:
    return {"created_at": "Wed Oct 10 20:20:24 +0000 2018", "id_str": "9", "text": "x", "user": LOU, **changes}


def test_a_tweet_keeps_everything_it_says() -> None:
    assert only(TWEET) == Mention(
        network="x",
        id="1050118621198921728",
        kind="post",
        published_us=1_539_202_764_000_000,
        author=Author("101", "ana", 614, 1_367_677_983_000_000),
        text="Encore en panne #retard",
        lang="fr",
        hashtags=("retard",),
        links=("https://news.example/panne",),
        mentioned=("tramlia",),
        engagement=Engagement(reposts=2, likes=3),
        url="https://x.com/i/status/1050118621198921728",
    )


def test_the_whole_text_is_found_wherever_it_is() -> None:
    extended = {"full_text": "the whole of it #late", "entities": {"hashtags": [{"text": "late"}]}}
    mention = only(TWEET | {"truncated": True, "extended_tweet": extended})
    assert (mention.text, mention.hashtags) == ("the whole of it #late", ("late",))
    assert only(TWEET | {"text": None, "full_text": "the whole of it"}).text == "the whole of it"


def test_a_retweet_has_the_text_of_its_original_even_when_its_own_is_null() -> None:
    mention = only(later(text=None, retweeted_status=TWEET, retweet_count=2))
    assert (mention.kind, mention.text, mention.hashtags) == ("repost", "Encore en panne #retard", ("retard",))
    assert mention.root_id == mention.parent_id == "1050118621198921728"
    assert mention.root_author == Author("101", "ana", 614, 1_367_677_983_000_000)
    assert mention.author == Author("102", "lou", 34920, verified=True)
    assert mention.engagement is None


def test_a_quote_carries_the_quoted_words_and_a_retweeted_quote_too() -> None:
    quote = later(is_quote_status=True, quoted_status_id_str=TWEET["id_str"], quoted_status=TWEET)
    mention = only(quote)
    assert (mention.kind, mention.root_id, mention.quoted_text) == ("quote", TWEET["id_str"], TWEET["text"])
    retweeted = only(later(id_str="10", retweeted_status=quote))
    assert (retweeted.kind, retweeted.root_id, retweeted.quoted_text) == ("repost", "9", TWEET["text"])


def test_a_quote_whose_original_is_gone_is_still_a_quote() -> None:
    mention = only(later(is_quote_status=True, quoted_status_id_str="5"))
    assert (mention.kind, mention.root_id, mention.root_author) == ("quote", "5", None)


def test_a_reply_names_whom_it_answers() -> None:
    mention = only(
        later(in_reply_to_status_id_str="5", in_reply_to_user_id_str="101", in_reply_to_screen_name="ana", lang="und")
    )
    assert (mention.kind, mention.parent_id, mention.root_id) == ("reply", "5", "5")
    assert (mention.parent_author_id, mention.parent_author_handle, mention.lang) == ("101", "ana", None)


@pytest.mark.parametrize("layout", [json.dumps, lambda value: json.dumps(value, indent=2)])
def test_lines_arrays_and_searches_hold_the_same_tweets(layout: Any) -> None:
    tweets = [TWEET, later(), later(id_str="10", text='{["\\')]
    expected = decode(*map(line, tweets)).items
    for text in (layout(tweets), layout({"statuses": tweets, "search_metadata": {"count": 3}})):
        kind = XV11()
        assert kind.recognises(text.encode())
        assert kind.decode(list(kind.records(io.BytesIO(text.encode())))).items == expected


def test_a_deletion_is_read_and_other_notices_are_ignored() -> None:
    decoded = decode(
        b'{"delete":{"status":{"id_str":"5","user_id_str":"6"},"timestamp_ms":"1539205764000"}}',
        b'{"limit":{"track":1234}}',
        b"\r\n",
    )
    assert decoded.items == [Deletion(network="x", id="5", author_id="6", at_us=1_539_205_764_000_000)]
    assert (decoded.ignored, decoded.malformed, decoded.read) == (2, [], 3)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"created_at": "Wed Oct 32 20:19:24 +0000 2018"}, "no_time"),
        ({"created_at": None}, "bad_field"),
        ({"id": None, "id_str": None}, "no_id"),
        ({"id": None, "id_str": ""}, "no_id"),
        ({"text": None}, "no_text"),
        ({"user": None}, "bad_field"),
        ({"retweet_count": 10**30}, "bad_field"),
        ({"retweeted_status": TWEET | {"created_at": "?", "text": None}}, "no_text"),
    ],
)
def test_what_is_wrong_is_said(change: dict[str, Any], reason: str) -> None:
    decoded = decode(line(TWEET), line(TWEET | change), line(TWEET))
    assert [malformed.reason for malformed in decoded.malformed] == [reason]
    assert len(decoded.items) == 2


def test_one_bad_status_costs_its_search_nothing_else() -> None:
    decoded = decode(json.dumps({"statuses": [TWEET, {"id_str": "1"}, later()]}).encode())
    assert len(decoded.items) == 2
    assert [malformed.reason for malformed in decoded.malformed] == ["no_time"]


@pytest.mark.parametrize("field", ["retweeted_status", "quoted_status"])
def test_the_tweet_inside_brings_its_counts(field: str) -> None:
    inner = {**TWEET, "favorite_count": 40, "retweet_count": 5, "reply_count": 9, "quote_count": 2}
    assert only(later(**{field: inner})).parent_engagement == Engagement(replies=9, reposts=5, quotes=2, likes=40)
    assert only(TWEET).parent_engagement is None


def test_what_a_tweet_shows_is_described_wherever_it_says_so() -> None:
    media = {"media": [{"media_url_https": "https://pictures.example/1.jpg", "ext_alt_text": "Un bus en feu"}]}
    shown = (Image("https://pictures.example/1.jpg", "Un bus en feu"),)
    assert only(later(extended_entities=media)).images == shown
    assert only(later(extended_tweet={"full_text": "x", "extended_entities": media})).images == shown
    assert only(later(retweeted_status=TWEET, extended_entities=media)).images == ()


def test_a_search_that_found_nothing_is_counted() -> None:
    decoded = decode(b'{"statuses":[]}')
    assert (decoded.items, decoded.malformed, decoded.ignored, decoded.read) == ([], [], 1, 1)
