from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.mentions import Author, Deletion, Image, Item, Like, Mention
from monitor.sources import Decoded
from monitor.sources.jetstream import Jetstream

ANA, LOU = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", "did:plc:bbbbbbbbbbbbbbbbbbbbbbbb"
ROOT = f"at://{ANA}/app.bsky.feed.post/3mptbypcq372f"
AT_US = 1_783_175_888_000_000


def commit(collection: str, record: dict[str, Any] | None, operation: str = "create") -> dict[str, Any]:
    change = {"rev": "r", "operation": operation, "collection": f"app.bsky.{collection}", "rkey": "k"}
    if record is not None:
        change |= {
            "record": {"$type": f"app.bsky.{collection}", "createdAt": "2001-01-01T00:00:00Z"} | record,
            "cid": "c",
        }
    return {"did": LOU, "time_us": AT_US, "kind": "commit", "commit": change}


def decode(*events: dict[str, Any]) -> Decoded:
    return Jetstream().decode([json.dumps(event, ensure_ascii=False).encode() for event in events])


def only(event: dict[str, Any]) -> Item:
    decoded = decode(event)
    assert decoded.malformed == []
    (item,) = decoded.items
    return item


def post(**record: Any) -> Mention:
    mention = only(commit("feed.post", {"text": "x"} | record))
    assert isinstance(mention, Mention)
    return mention


def test_a_post_is_timed_by_the_server_and_never_by_its_author() -> None:
    assert post(text="pareil", langs=["fr-FR", "en"]) == Mention(
        network="bluesky",
        id=f"at://{LOU}/app.bsky.feed.post/k",
        kind="post",
        published_us=AT_US,
        author=Author(LOU),
        text="pareil",
        lang="fr",
        url=f"https://bsky.app/profile/{LOU}/post/k",
    )


def test_marks_in_the_text_are_found_by_byte_not_by_character() -> None:
    text = "Déjà 😡 @tramlia.example #retard"
    start = len("Déjà 😡 ".encode())
    facets = [
        {
            "index": {"byteStart": start, "byteEnd": start + len("@tramlia.example")},
            "features": [{"$type": "app.bsky.richtext.facet#mention", "did": ANA}],
        },
        {"index": {"byteStart": 0, "byteEnd": 1}, "features": [{"$type": "…#tag", "tag": "retard"}]},
        {"index": {"byteStart": 0, "byteEnd": 1}, "features": [{"$type": "…#link", "uri": "https://news.example/"}]},
    ]
    embed = {"$type": "app.bsky.embed.external", "external": {"uri": "https://video.example/1"}}
    mention = post(text=text, facets=facets, tags=["lyon"], embed=embed)
    assert mention.mentioned == ("tramlia.example",)
    assert mention.hashtags == ("retard", "lyon")
    assert mention.links == ("https://news.example/", "https://video.example/1")


@given(text=st.text(max_size=20), start=st.integers(-(10**6), 10**6), end=st.integers(-(10**6), 10**6))
def test_offsets_that_lie_are_harmless(text: str, start: int, end: int) -> None:
    facet = {"index": {"byteStart": start, "byteEnd": end}, "features": [{"did": ANA}]}
    mention = post(text=text, facets=[facet])
    assert mention.text == text
    assert len(mention.mentioned) == 1
    assert mention.mentioned[0] in text


def test_a_reply_names_parent_and_root() -> None:
    parent = f"at://{LOU}/app.bsky.feed.post/p"
    mention = post(reply={"root": {"uri": ROOT, "cid": "c"}, "parent": {"uri": parent, "cid": "c"}})
    assert (mention.kind, mention.parent_id, mention.root_id) == ("reply", parent, ROOT)
    assert mention.parent_author_id == LOU


@pytest.mark.parametrize(
    "embed",
    [
        {"$type": "app.bsky.embed.record", "record": {"uri": ROOT, "cid": "c"}},
        {
            "$type": "app.bsky.embed.recordWithMedia",
            "record": {"$type": "app.bsky.embed.record", "record": {"uri": ROOT, "cid": "c"}},
            "media": {"$type": "app.bsky.embed.external", "external": {"uri": "https://video.example/1"}},
        },
    ],
)
def test_a_quote_names_what_it_quotes_even_when_it_is_also_a_reply(embed: dict[str, Any]) -> None:
    mention = post(embed=embed, reply={"root": {"uri": "at://x/y/z"}, "parent": {"uri": "at://x/y/z"}})
    assert (mention.kind, mention.parent_id, mention.root_id) == ("quote", ROOT, ROOT)
    assert mention.root_author == Author(ANA)
    assert mention.links == (("https://video.example/1",) if "media" in embed else ())


def test_showing_a_list_is_not_quoting() -> None:
    uri = f"at://{ANA}/app.bsky.graph.list/l"
    assert post(embed={"$type": "app.bsky.embed.record", "record": {"uri": uri}}).kind == "post"


def test_a_repost_has_a_root_and_the_repost_it_was_found_through() -> None:
    via = f"at://{ANA}/app.bsky.feed.repost/v"
    mention = only(commit("feed.repost", {"subject": {"uri": ROOT, "cid": "c"}, "via": {"uri": via, "cid": "c"}}))
    assert isinstance(mention, Mention)
    assert (mention.kind, mention.text, mention.root_id, mention.parent_id) == ("repost", "", ROOT, via)
    assert mention.root_author == Author(ANA)
    direct = only(commit("feed.repost", {"subject": {"uri": ROOT, "cid": "c"}}))
    assert isinstance(direct, Mention)
    assert direct.parent_id == ROOT


@pytest.mark.parametrize("collection", ["feed.post", "feed.repost"])
def test_deletions_name_the_item_by_the_id_its_mention_had(collection: str) -> None:
    made = only(commit(collection, {"text": "x", "subject": {"uri": ROOT, "cid": "c"}}))
    assert isinstance(made, Mention)
    assert only(commit(collection, None, "delete")) == Deletion(
        network="bluesky", id=made.id, author_id=LOU, at_us=AT_US
    )


@pytest.mark.parametrize("status", ["deleted", "takendown", "suspended", "deactivated"])
def test_an_account_that_went_takes_everything_with_it(status: str) -> None:
    gone = {"did": LOU, "time_us": AT_US, "kind": "account", "account": {"active": False, "status": status, "did": LOU}}
    assert only(gone) == Deletion(network="bluesky", author_id=LOU, at_us=AT_US)


def test_everything_else_is_ignored_but_counted() -> None:
    decoded = decode(
        commit("feed.like", None, "delete"),
        commit("graph.follow", {"subject": ANA}),
        commit("graph.follow", None, "delete"),
        commit("actor.status", {"text": 5, "embed": "?"}, "update"),
        {"did": LOU, "time_us": AT_US, "kind": "identity", "identity": {"did": LOU}},
        {"did": LOU, "time_us": AT_US, "kind": "account", "account": {"active": True}},
        {"$type": "error", "error": "ConsumerTooSlow", "message": "x"},
    )
    assert (decoded.items, decoded.malformed, decoded.ignored, decoded.read) == ([], [], 7, 7)


def test_both_wires_give_the_same() -> None:
    first = [
        commit("feed.post", {"text": "x", "langs": ["fr"]}),
        commit("feed.repost", {"subject": {"uri": ROOT, "cid": "c"}}),
        commit("feed.post", None, "delete"),
        commit("feed.like", {"subject": {"uri": ROOT, "cid": "c"}}),
        {"did": LOU, "time_us": AT_US, "kind": "account", "account": {"active": False, "status": "deleted"}},
    ]
    second = []
    for event in first:
        kind = event["kind"]
        payload = {"$type": f"network.bsky.jetstream.subscribeEvents#{kind}", "seq": 1, "did": LOU}
        payload |= {"time": "2026-07-04T14:38:08.000000Z"} | event.get("commit", {}) | event.get("account", {})
        second.append({"$type": "message", "payload": payload})
    assert decode(*second) == decode(*first)


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"did": LOU, "kind": "commit", "time_us": 10**18}, "bad_field"),
        ({"did": LOU, "kind": "commit", "time_us": 1.5}, "bad_field"),
        (commit("feed.post", {"text": 5}), "bad_field"),
        (commit("feed.repost", {"subject": "x"}), "bad_field"),
        (commit("feed.post", None), "not_json"),
        (commit("feed.post", {"text": "x"}) | {"did": ""}, "bad_field"),
        ({"payload": {"$type": "#commit", "time": "2026-07-04T14:38:08Z", "did": ""}}, "no_id"),
        ({"payload": {"$type": "network.bsky.jetstream.subscribeEvents#commit", "time": "?"}}, "no_time"),
    ],
)
def test_what_is_wrong_is_said(event: dict[str, Any], reason: str) -> None:
    good = commit("feed.post", {"text": "x"})
    decoded = decode(good, event, good)
    assert [(malformed.record, malformed.reason) for malformed in decoded.malformed] == [(2, reason)]
    assert len(decoded.items) == 2


def test_a_like_names_what_is_liked_and_whose_it_is() -> None:
    liked = commit("feed.like", {"subject": {"uri": ROOT, "cid": "c"}})
    assert only(liked) == Like(network="bluesky", id=ROOT, author_id=ANA, by=LOU, at_us=AT_US)


PICTURE = {"alt": "Un bus en feu", "image": {"$type": "blob", "ref": {"$link": "bafkreib"}, "mimeType": "image/jpeg"}}
SHOWN = Image("bafkreib", "Un bus en feu")


@pytest.mark.parametrize(
    ("embed", "shown"),
    [
        ({"images": [PICTURE, {**PICTURE, "alt": ""}]}, (SHOWN, Image("bafkreib"))),
        ({"media": {"images": [PICTURE]}, "record": {"record": {"uri": ROOT, "cid": "c"}}}, (SHOWN,)),
        ({"video": PICTURE["image"], "alt": "Un bus en feu"}, (SHOWN,)),
        ({"video": PICTURE["image"]}, (Image("bafkreib"),)),
        ({"images": [{"alt": 5}], "alt": {}}, ()),  # anybody may write a lexicon of their own
        ({"images": "many", "video": 7}, ()),
        ({"media": {"video": []}}, ()),
    ],
)
def test_what_a_post_shows_is_known_by_its_content_and_never_costs_the_post(embed: Any, shown: Any) -> None:
    assert post(text="x", embed=embed).images == shown


@pytest.mark.parametrize("uri", ["", "at://", "at:///app.bsky.feed.post/1"])
def test_a_like_of_nothing_is_ignored_but_counted(uri: str) -> None:
    decoded = decode(commit("feed.like", {"subject": {"uri": uri, "cid": "c"}}))
    assert (decoded.items, decoded.malformed, decoded.ignored, decoded.read) == ([], [], 1, 1)
