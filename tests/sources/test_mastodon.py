from __future__ import annotations

import io
import json
from typing import Any

import pytest

from monitor.mentions import Author, Deletion, Engagement, Image, Mention
from monitor.sources import Decoded
from monitor.sources.mastodon import Mastodon

ANA = {
    "id": "11",
    "acct": "ana",
    "uri": "https://tooting.example/users/ana",
    "url": "https://tooting.example/@ana",
    "followers_count": 12,
    "created_at": "2022-11-05T00:00:00.000Z",
}
LOU = {"id": "12", "acct": "lou@piaille.example", "uri": "https://piaille.example/users/lou", "followers_count": -1}


def status(number: int = 1001, **changes: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "created_at": "2026-08-02T05:22:17.399Z",
        "visibility": "public",
        "language": "fr",
        "uri": f"https://tooting.example/users/ana/statuses/{number}",
        "url": f"https://tooting.example/@ana/{number}",
        "content": "<p>Encore en panne&nbsp;! <a class='mention hashtag' href='x'>#<span>retard</span></a></p>",
        "tags": [{"name": "retard", "url": "x"}],
        "account": ANA,
        "replies_count": 1,
        "reblogs_count": 2,
        "favourites_count": 3,
        **changes,
    }


def decode(*statuses: dict[str, Any]) -> Decoded:
    return Mastodon().decode([json.dumps(each).encode() for each in statuses])


def only(each: dict[str, Any]) -> Mention:
    decoded = decode(each)
    assert decoded.malformed == []
    (mention,) = decoded.items
    assert isinstance(mention, Mention)
    return mention


def read(capture: str) -> Decoded:
    kind = Mastodon()
    assert kind.recognises(capture.encode())
    return kind.decode(list(kind.records(io.BytesIO(capture.encode()))))


def test_a_status_is_known_by_its_uri_and_read_as_a_person_sees_it() -> None:
    assert only(status(spoiler_text="Tram")) == Mention(
        network="mastodon",
        id="https://tooting.example/statuses/1001",
        kind="post",
        published_us=1_785_648_137_399_000,
        author=Author("https://tooting.example/users/ana", "ana", 12, 1_667_606_400_000_000),
        text="Tram\nEncore en panne ! #retard",
        lang="fr",
        hashtags=("retard",),
        engagement=Engagement(1, 2, None, 3),
        url="https://tooting.example/@ana/1001",
    )


def test_a_boost_is_a_repost_of_the_status_inside() -> None:
    mention = only(status(2, account=LOU, content="", reblog=status(1001), uri="https://piaille.example/b/2"))
    assert (mention.kind, mention.id) == ("repost", "https://piaille.example/b/2")
    assert mention.root_id == "https://tooting.example/statuses/1001"
    assert mention.text == "Encore en panne ! #retard"
    assert mention.root_author == only(status()).author
    assert mention.author == Author("https://piaille.example/users/lou", "lou@piaille.example", None)
    assert mention.engagement is None


def test_replies_and_quotes_name_what_they_refer_to() -> None:
    reply = only(
        status(3, account=LOU, in_reply_to_id="7", in_reply_to_account_id="11", mentions=[{"id": "11", "acct": "ana"}])
    )
    assert (reply.kind, reply.parent_id, reply.parent_author_handle, reply.mentioned) == ("reply", "7", "ana", ("ana",))
    own = only(status(4, in_reply_to_id="7", in_reply_to_account_id="11"))
    assert own.parent_author_id == own.author.id
    quote = only(status(5, account=LOU, quote={"state": "accepted", "quoted_status": status()}))
    assert (quote.kind, quote.root_id, quote.quoted_text) == ("quote", only(status()).id, only(status()).text)
    assert only(status(6, quote={"state": "revoked", "quoted_status": None})).kind == "post"
    shallow = only(status(7, quote={"state": "accepted", "quoted_status_id": "9"}))
    assert (shallow.kind, shallow.root_id) == ("quote", "9")


HERE = "https://tooting.example"
AT_HOME = {"id": "11", "acct": "ana", "url": f"{HERE}/@ana"}
BY_NUMBER = {**ANA, "uri": f"{HERE}/ap/users/11", "url": f"{HERE}/@ana"}


@pytest.mark.parametrize(
    "parent",
    [status(1001), status(1001, account=BY_NUMBER, uri=f"{HERE}/ap/users/11/statuses/1001")],
    ids=["known by name", "known by number"],
)
def test_the_parent_of_a_reply_is_known_where_its_author_is_at_home(parent: dict[str, Any]) -> None:
    answered = {"in_reply_to_id": "1001", "in_reply_to_account_id": "11"}
    reply = only(status(3, account=LOU, mentions=[AT_HOME], **answered))
    assert reply.parent_id == reply.root_id == only(parent).id
    assert only(status(4, account=parent["account"], **answered)).parent_id == only(parent).id, "one's own thread"
    boost = only(status(5, account=LOU, reblog=parent, uri="https://piaille.example/b/5"))
    assert boost.root_id == only(parent).id


@pytest.mark.parametrize(
    "person",
    [
        {"id": "11", "acct": "ana@tooting.example", "url": f"{HERE}/@ana"},
        {"id": "11", "acct": "ana"},
        {"id": "11", "acct": "ana", "url": f"{HERE}/ana"},
        {"id": "12", "acct": "lou", "url": f"{HERE}/@lou"},
    ],
    ids=["at home elsewhere", "no address", "no such address", "somebody else"],
)
def test_the_parent_of_a_reply_keeps_its_number_where_nothing_tells_whose_number_it_is(person: dict[str, str]) -> None:
    reply = only(status(3, account=LOU, in_reply_to_id="7", in_reply_to_account_id="11", mentions=[person]))
    assert reply.parent_id == "7"


@pytest.mark.parametrize("form", ["users/ana/statuses/1001", "ap/users/11/statuses/1001", "@ana/1001"])
def test_an_id_names_nobody_and_all_forms_of_one_address_are_one_post(form: str) -> None:
    assert only(status(uri=f"{HERE}/{form}")).id == f"{HERE}/statuses/1001"


@pytest.mark.parametrize(
    "uri", [f"{HERE}/objects/4b1d", f"{HERE}/users/ana/statuses/1001/activity", "tag:tooting,1001"]
)
def test_an_id_of_another_form_stays_as_it_is(uri: str) -> None:
    assert only(status(uri=uri)).id == uri


@pytest.mark.parametrize("visibility", ["unlisted", "private", "direct"])
def test_what_is_not_public_is_never_given(visibility: str) -> None:
    decoded = decode(status(visibility=visibility), status(2, reblog=status(visibility=visibility)))
    assert (decoded.items, decoded.malformed, decoded.ignored) == ([], [], 2)


def test_a_capture_of_an_event_stream_is_read() -> None:
    edited = json.dumps(status(edited_at="2026-08-02T06:00:00Z"))
    head, tail = edited.split(", ", 1)
    decoded = read(
        f":)\n:thump\nevent: update\ndata: {json.dumps(status())}\n\n:thump\n"
        f"event: status.update\ndata: {head},\ndata: {tail}\n\n"
        "event: filters_changed\ndata: undefined\n\nevent: notification\ndata: {}\n\n"
        "event: delete\ndata: 1001\n\n:thump\n"
    )
    assert [type(item) for item in decoded.items] == [Mention, Mention, Deletion]
    assert decoded.items[0] == decoded.items[1], "an edit is the same mention, for the deduplicator to drop"
    assert decoded.items[2] == Deletion(network="mastodon", id="1001", at_us=0)
    assert (decoded.malformed, decoded.ignored, decoded.read) == ([], 6, 9)


def test_frames_of_the_web_socket_are_read() -> None:
    frames = [
        {"stream": ["public"], "event": "update", "payload": json.dumps(status())},
        {"stream": ["public"], "event": "delete", "payload": "1001"},
        {"stream": ["public"], "event": "filters_changed", "payload": ""},
    ]
    decoded = read("".join(json.dumps(frame) + "\n" for frame in frames))
    assert decoded.items == [*decode(status()).items, Deletion(network="mastodon", id="1001", at_us=0)]
    assert (decoded.malformed, decoded.ignored) == ([], 1)


@pytest.mark.parametrize("indent", [None, 2])
def test_an_array_of_statuses_is_read_one_by_one(indent: int | None) -> None:
    decoded = read(json.dumps([status(1), {"account": 5}, status(2)], indent=indent))
    assert [item.id[-1] for item in decoded.items if isinstance(item, Mention)] == ["1", "2"]
    assert [malformed.record for malformed in decoded.malformed] == [2]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (json.dumps(status(created_at="?")).encode(), "no_time"),
        (json.dumps(status(uri=None, url=None)).encode(), "no_id"),
        (json.dumps(status(content=5)).encode(), "bad_field"),
        (json.dumps(status(reblogs_count=-1)).encode(), "bad_field"),
        (b"event: update\ndata: {\n", "not_json"),
        (b"event: delete\ndata:\n", "no_id"),
        (b"event: update\ndata: \xff\n", "not_utf8"),
        (b'{"event":"update","payload":"{"}', "not_json"),
    ],
)
def test_what_is_wrong_is_said(record: bytes, reason: str) -> None:
    good = json.dumps(status()).encode()
    decoded = Mastodon().decode([good, record, good])
    assert [(malformed.record, malformed.reason) for malformed in decoded.malformed] == [(2, reason)]
    assert len(decoded.items) == 2


def test_a_boost_and_a_quote_bring_the_counts_of_what_is_inside() -> None:
    counts = Engagement(1, 2, None, 3)
    assert only(status(1, reblog=status(2))).parent_engagement == counts
    assert only(status(1, quote={"state": "accepted", "quoted_status": status(2)})).parent_engagement == counts
    assert only(status(1)).parent_engagement is None


def test_what_a_status_shows_is_described_and_lies_on_its_authors_server() -> None:
    shown = [
        {"id": "1", "url": "https://here.example/1.jpg", "remote_url": "https://there.example/bus.jpg",
         "description": "Un bus en feu"},
        {"id": "2", "url": "https://here.example/2.mp4", "remote_url": None, "description": None},
    ]  # fmt: skip
    mention = only(status(1, media_attachments=shown))
    assert mention.images == (
        Image("https://there.example/bus.jpg", "Un bus en feu"),
        Image("https://here.example/2.mp4"),
    )
    assert only(status(1, reblog=status(2, media_attachments=shown), media_attachments=shown)).images == ()
