from __future__ import annotations

import json
from typing import Any

import pytest

from monitor.mentions import Author, Deletion, Engagement, Image, Mention
from monitor.sources import Decoded
from monitor.sources.x_v2 import XV2

ORIGINAL = {
    "id": "1438161155165790208",
    "text": "Encore en panne, merci @tramlia #retard https://t.co/abc",
    "author_id": "101",
    "created_at": "2021-09-15T15:24:20.000Z",
    "lang": "fr",
    "conversation_id": "1438161155165790208",
    "public_metrics": {"retweet_count": 22, "reply_count": 1, "like_count": 3, "quote_count": 4},
    "entities": {
        "hashtags": [{"start": 0, "end": 1, "tag": "retard"}],
        "mentions": [{"start": 0, "end": 1, "username": "tramlia"}],
        "urls": [{"url": "https://t.co/abc", "expanded_url": "https://news.example/panne"}, {"url": "https://t.co/d"}],
    },
}
ANA = {
    "id": "101",
    "username": "ana",
    "created_at": "2013-05-04T14:33:03.000Z",
    "verified": True,
    "public_metrics": {"followers_count": 614},
}
LOU = {"id": "102", "username": "lou", "verified_type": "none", "public_metrics": {"followers_count": 34920}}


def line(**parts: Any) -> bytes:
    return json.dumps(parts).encode() + b"\r\n"


def decode(*records: bytes) -> Decoded:
    return XV2().decode(records)


def only(*records: bytes) -> Mention:
    decoded = decode(*records)
    assert decoded.malformed == []
    (mention,) = decoded.items
    assert isinstance(mention, Mention)
    return mention


def later(**changes: Any) -> dict[str, Any]:
    return {
        "id": "1438161155165790300",
        "text": "RT @ana: Encore en…",
        "author_id": "102",
        "created_at": "2021-09-15T15:25:00.000Z",
        **changes,
    }


def test_a_post_keeps_everything_it_says() -> None:
    assert only(
        line(data=ORIGINAL, includes={"users": [LOU, ANA]}, matching_rules=[{"id": "1", "tag": "t"}])
    ) == Mention(
        network="x",
        id="1438161155165790208",
        kind="post",
        published_us=1_631_719_460_000_000,
        author=Author("101", "ana", 614, 1_367_625_600_000_000, verified=True),
        text="Encore en panne, merci @tramlia #retard https://t.co/abc",
        lang="fr",
        hashtags=("retard",),
        links=("https://news.example/panne", "https://t.co/d"),
        mentioned=("tramlia",),
        engagement=Engagement(replies=1, reposts=22, quotes=4, likes=3),
        url="https://x.com/i/status/1438161155165790208",
    )


@pytest.mark.parametrize(("references", "included"), [("referenced_tweets", "tweets"), ("referenced_posts", "posts")])
def test_a_repost_has_the_whole_text_of_its_original_in_either_generation_of_names(
    references: str, included: str
) -> None:
    post = later(public_metrics={"retweet_count": 22}, **{references: [{"type": "retweeted", "id": ORIGINAL["id"]}]})
    mention = only(line(data=post, includes={"users": [LOU, ANA], included: [ORIGINAL]}))
    assert (mention.kind, mention.text) == ("repost", ORIGINAL["text"])
    assert mention.hashtags == ("retard",)
    assert mention.root_id == mention.parent_id == ORIGINAL["id"]
    assert mention.root_author == Author("101", "ana", 614, 1_367_625_600_000_000, verified=True)
    assert mention.author == Author("102", "lou", 34920, None, verified=False)
    assert mention.engagement is None, "the counts on a repost are the original's"


def test_a_repost_of_a_long_post_has_the_long_text() -> None:
    for name in ("note_tweet", "note_post"):
        original = ORIGINAL | {name: {"text": "long " * 100, "entities": {"hashtags": [{"tag": "late"}]}}}
        post = later(referenced_tweets=[{"type": "retweeted", "id": ORIGINAL["id"]}])
        mention = only(line(data=post, includes={"users": [LOU, ANA], "tweets": [original]}))
        assert mention.text == "long " * 100
        assert mention.hashtags == ("late",)


def test_a_repost_whose_original_is_gone_keeps_its_own_words() -> None:
    mention = only(
        line(data=later(referenced_tweets=[{"type": "retweeted", "id": "7"}]), errors=[{"title": "Not Found"}])
    )
    assert (mention.kind, mention.text, mention.root_id) == ("repost", "RT @ana: Encore en…", "7")
    assert mention.root_author is None


def test_a_reply_names_its_parent_its_conversation_and_whom_it_answers() -> None:
    post = later(
        conversation_id="5", in_reply_to_user_id="101", referenced_tweets=[{"type": "replied_to", "id": ORIGINAL["id"]}]
    )
    mention = only(line(data=post, includes={"users": [LOU, ANA]}))
    assert (mention.kind, mention.parent_id, mention.root_id) == ("reply", ORIGINAL["id"], "5")
    assert (mention.parent_author_id, mention.parent_author_handle) == ("101", "ana")


def test_what_is_both_reply_and_quote_is_a_quote_in_either_order() -> None:
    references = [{"type": "replied_to", "id": "6"}, {"type": "quoted", "id": ORIGINAL["id"]}]
    for order in (references, references[::-1]):
        mention = only(line(data=later(referenced_tweets=order), includes={"users": [LOU, ANA], "tweets": [ORIGINAL]}))
        assert (mention.kind, mention.parent_id, mention.root_id) == ("quote", ORIGINAL["id"], ORIGINAL["id"])
        assert mention.quoted_text == ORIGINAL["text"]
        assert mention.root_author is not None
        assert mention.root_author.id == "101"


@pytest.mark.parametrize("history", ["edit_history_tweet_ids", "edit_history_post_ids"])
def test_an_edited_post_is_known_by_its_first_id(history: str) -> None:
    edited = ORIGINAL | {"id": "1438161155165790999", history: [ORIGINAL["id"], "1438161155165790999"]}
    assert only(line(data=edited)).id == ORIGINAL["id"]
    post = later(referenced_tweets=[{"type": "retweeted", "id": "1438161155165790999"}])
    assert only(line(data=post, includes={"tweets": [edited]})).root_id == ORIGINAL["id"]


def test_a_page_and_its_flattened_posts_give_the_same_mentions_as_stream_lines() -> None:
    post = later(referenced_tweets=[{"type": "retweeted", "id": ORIGINAL["id"]}])
    includes = {"users": [LOU, ANA], "tweets": [ORIGINAL]}
    streamed = decode(line(data=ORIGINAL, includes=includes), line(data=post, includes=includes)).items
    page = decode(line(data=[ORIGINAL, post], includes=includes, meta={}, __twarc={"version": "2"})).items
    flattened_repost = post | {
        "author": LOU,
        "referenced_tweets": [{"type": "retweeted", **ORIGINAL, "author": ANA}],
    }
    assert page == streamed
    assert decode(line(**ORIGINAL, author=ANA), line(**flattened_repost)).items == streamed


def test_one_bad_post_or_user_costs_its_page_nothing_else() -> None:
    bad_user = ANA | {"public_metrics": {"followers_count": -5}}
    decoded = decode(line(data=[ORIGINAL, {"id": 5}, {"text": "x"}, later()], includes={"users": [bad_user, LOU]}))
    assert [item.id for item in decoded.items if isinstance(item, Mention)] == [ORIGINAL["id"], "1438161155165790300"]
    assert [malformed.reason for malformed in decoded.malformed] == ["bad_field", "no_id"]
    assert decoded.read == 4


def test_a_post_without_a_time_is_timed_by_its_id() -> None:
    bare = {"id": "1382486521165582340", "text": "x"}
    assert only(line(data=[bare])).published_us == 1_618_445_446_660_000
    assert decode(line(data=[{"id": "20", "text": "x"}])).malformed[0].reason == "no_time"


def test_an_impossible_time_is_named() -> None:
    (malformed,) = decode(line(data=ORIGINAL | {"created_at": "2021-02-30T00:00:00Z"})).malformed
    assert malformed.reason == "no_time"
    assert "2021-02-30T00:00:00Z" in malformed.detail


def test_an_undetermined_language_is_none() -> None:
    assert only(line(data=ORIGINAL | {"lang": "und"})).lang is None


@pytest.mark.parametrize(
    ("verified_type", "vouched"), [("business", True), ("government", True), ("blue", False), ("none", False)]
)
def test_a_bought_mark_vouches_for_nobody(verified_type: str, vouched: bool) -> None:
    user = {"id": "102", "username": "lou", "verified": True, "verified_type": verified_type}
    assert only(line(data=later(), includes={"users": [user]})).author.verified is vouched


def test_keep_alives_and_disconnects_are_ignored_but_counted() -> None:
    decoded = decode(
        b"\r\n",
        line(
            errors=[{"title": "operational-disconnect", "type": "https://api.x.com/2/problems/operational-disconnect"}]
        ),
        line(title="ConnectionException", connection_issue="TooManyConnections", detail="x"),
        line(meta={"result_count": 0}),
    )
    assert (decoded.items, decoded.malformed, decoded.ignored, decoded.read) == ([], [], 4, 4)


def test_what_x_takes_back_is_a_deletion() -> None:
    at, at_us = "2021-09-15T16:00:00.000Z", 1_631_721_600_000_000
    decoded = decode(
        line(data={"delete": {"tweet": {"id": "5", "author_id": "6"}, "event_at": at}}),
        line(data={"drop": {"post": {"id": "7"}, "event_at": at}}),
        line(data={"user_suspend": {"user": {"id": "8"}, "event_at": at}}),
        line(id="9", action="delete", created_at=at, redacted_at=at, reason="deactivated"),
        line(data={"undrop": {"tweet": {"id": "7"}, "event_at": at}}),
        line(data={"withheld": {"tweet": {"id": "7"}, "withheld_in_countries": ["FR"], "event_at": at}}),
        line(id="9", action="protect", created_at=at, redacted_at=at, reason="protected"),
    )
    assert decoded.items == [
        Deletion(network="x", id="5", author_id="6", at_us=at_us),
        Deletion(network="x", id="7", at_us=at_us),
        Deletion(network="x", author_id="8", at_us=at_us),
        Deletion(network="x", id="9", at_us=at_us),
    ]
    assert (decoded.ignored, decoded.malformed) == (3, [])


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (b'{"data":{"id":"1","text":"a', "not_json"),
        (b'{"data":{"id":"1","text":"a\nb"}}', "not_json"),
        (b'{"data":{"id":"1","text":NaN}}', "not_json"),
        (b'{"data":{"id":"1","text":"\\ud800"}}', "not_json"),
        (b'{"data":{"id":"1","text":"\xe9t\xe9"}}', "not_utf8"),
        (b'{"data":{"id":"1","text":"a","public_metrics":{"like_count":1e999}}}', "bad_field"),
        (b'{"data":{"id":"1","text":"a","public_metrics":{"like_count":%d}}}' % 10**400, "bad_field"),
        (b'{"data":{"id":"1","text":"a","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}}", "too_deep"),
        (b'{"data":{"text":"a"}}', "no_id"),
        (b'{"data":{"id":"","text":"a"}}', "bad_field"),
        (b'{"data":{"id":1,"text":"a"}}', "bad_field"),
        (b'{"data":"x"}', "not_a_post"),
        (b'["x"]', "not_a_post"),
        (b'{"hello":"x"}', "not_a_post"),
        ('{"data":{"id":"1","text":"é"}}'.encode("utf-16-le"), "not_utf8"),
    ],
)
def test_what_is_wrong_is_said(record: bytes, reason: str) -> None:
    good = line(data=ORIGINAL)
    decoded = decode(good, record, good)
    assert [malformed.reason for malformed in decoded.malformed] == [reason]
    assert decoded.malformed[0].record == 2
    assert len(decoded.items) == 2


@pytest.mark.parametrize("names", [("tweets", "tweet", "retweet"), ("posts", "post", "repost")])
@pytest.mark.parametrize("relation", ["retweeted", "quoted", "replied_to"])
def test_what_is_answered_or_passed_on_brings_its_counts_as_of_now(relation: str, names: tuple[str, str, str]) -> None:
    plural, _, repost = names
    metrics = {"like_count": 40, f"{repost}_count": 5, "reply_count": 9, "quote_count": 2, "impression_count": 900}
    parent = {"id": "7", "text": "Notre nouveau bus", "author_id": "101", "public_metrics": metrics}
    post = later(**{f"referenced_{plural}": [{"type": relation, "id": "7"}]})
    mention = only(line(data=post, includes={"users": [ANA, LOU], plural: [parent]}))
    assert mention.parent_engagement == Engagement(replies=9, reposts=5, quotes=2, likes=40)
    del parent["public_metrics"]
    assert only(line(data=post, includes={"users": [ANA, LOU], plural: [parent]})).parent_engagement is None


def test_what_a_post_shows_is_described_on_a_line_on_a_page_and_flattened() -> None:
    media = [
        {"media_key": "3_1", "type": "photo", "url": "https://pictures.example/1.jpg", "alt_text": "Un bus en feu"},
        {"media_key": "7_2", "type": "video", "preview_image_url": "https://pictures.example/2.jpg"},
    ]
    shown = (Image("https://pictures.example/1.jpg", "Un bus en feu"), Image("https://pictures.example/2.jpg"))
    post = later(attachments={"media_keys": ["3_1", "gone", "7_2"]})
    assert only(line(data=post, includes={"users": [LOU], "media": media})).images == shown
    assert only(line(data=[post], includes={"users": [LOU], "media": [*media, {"media_key": 5}]})).images == shown
    assert only(line(**later(author=LOU, attachments={"media": media, "media_keys": ["3_1"]}))).images == shown
    assert only(line(data=post, includes={"users": [LOU]})).images == ()
    reposted = later(referenced_tweets=[{"type": "retweeted", "id": "7"}], attachments={"media_keys": ["3_1"]})
    assert only(line(data=reposted, includes={"users": [LOU], "media": media})).images == ()


def test_a_page_on_which_nothing_was_found_is_counted() -> None:
    decoded = decode(line(data=[], meta={"result_count": 0}))
    assert (decoded.items, decoded.malformed, decoded.ignored, decoded.read) == ([], [], 1, 1)
