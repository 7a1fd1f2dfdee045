"""Real recorded posts, counted by hand or by their publishers, against what we read of them."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from monitor.errors import RecordingUnreadable
from monitor.mentions import Deletion, Item, Mention
from monitor.sources import Decoded
from monitor.sources.family import formats
from monitor.sources.ndjson import Ndjson, encode
from monitor.sources.recordings import open_recording
from monitor.sources.time_order import time_ordered

pytestmark = pytest.mark.recorded


def read(path: Path) -> tuple[str, Decoded]:
    whole = Decoded([], [])
    with open_recording(path) as recording:
        for decoded, _ in recording.batches(500):
            whole.items += decoded.items
            whole.malformed += decoded.malformed
            whole.read += decoded.read
            whole.ignored += decoded.ignored
            whole.derived_ids += decoded.derived_ids
        return recording.format.name, whole


def kinds(items: list[Item]) -> Counter[str]:
    return Counter(item.kind if isinstance(item, Mention) else type(item).__name__ for item in items)


def bodies(path: Path) -> Iterator[bytes]:
    """Answers recorded in a VCR cassette, in YAML or JSON."""
    text = gzip.decompress(path.read_bytes())
    cassette = json.loads(text) if text.lstrip().startswith(b"{") else yaml.safe_load(text)
    for interaction in cassette["interactions"]:
        body = interaction["response"]["body"]["string"]
        data = body.encode() if isinstance(body, str) else body
        yield zlib.decompressobj(31).decompress(data) if data.startswith(b"\x1f\x8b") else data


def answer(path: Path, place: int = 0) -> tuple[str, Decoded]:
    body = list(bodies(path))[place]
    (kind,) = [kind for kind in formats() if kind.recognises(body[: 1 << 16])]
    return kind.name, kind.decode(list(kind.records(io.BytesIO(body))))


def test_stocknet_is_read_whole(recordings: Path) -> None:
    name, decoded = read(recordings / "stocknet/tweets_v11.jsonl.gz")
    assert name == "x_v11"
    assert (decoded.read, len(decoded.malformed), decoded.ignored) == (41_877, 0, 0)
    assert kinds(decoded.items) == {"post": 30_027, "repost": 10_773, "reply": 1_077}
    mentions = [item for item in decoded.items if isinstance(item, Mention)]
    assert len({mention.author.id for mention in mentions}) == 18_717
    assert all(mention.text for mention in mentions)
    assert len({mention.id for mention in mentions}) == 41_877
    assert Ndjson().decode([encode(mention) for mention in mentions]).items == mentions


def test_the_sampled_stream_is_read_around_its_broken_lines(recordings: Path) -> None:
    name, decoded = read(recordings / "payloads/x_v2_sample_stream_evently.jsonl.gz")
    assert name == "x_v2"
    assert (len(decoded.items), len(decoded.malformed), decoded.read) == (194, 17, 211)
    assert kinds(decoded.items) == {"repost": 83, "reply": 62, "post": 42, "quote": 7}  # one of 63 replies also quotes
    broken = [7, 8, 10, 11, 16, 17, 43, 80, 81, 87, 88, 89, 144, 150, 151, 165, 211]
    assert [malformed.record for malformed in decoded.malformed] == broken
    assert {malformed.reason for malformed in decoded.malformed} == {"not_json"}
    assert all(item.author.followers is not None for item in decoded.items if isinstance(item, Mention))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("payloads/v11_raw_stocknet_sample.jsonl.gz", {"repost": 150, "post": 100, "reply": 4}),
        ("payloads/x_v11_anonymized_evently.jsonl.gz", {"repost": 47, "post": 304, "reply": 8}),
        ("payloads/x_v11_search_simdjson.json.gz", {"repost": 73, "post": 21, "reply": 6}),
        ("payloads/x_v11_timeline_simdjson.json.gz", {"post": 20}),
        ("rumoureval_threads/tweets_v11.jsonl.gz", {"post": 190, "reply": 2845}),
    ],
)
def test_archives_of_the_old_interface_are_read_whole(recordings: Path, path: str, expected: dict[str, int]) -> None:
    name, decoded = read(recordings / path)
    assert name == "x_v11"
    assert decoded.malformed == []
    assert kinds(decoded.items) == expected


def test_the_first_tweets_of_rumour_threads_are_posts_and_all_else_replies(recordings: Path) -> None:
    lines = gzip.decompress((recordings / "rumoureval_threads/tweets_v11.jsonl.gz").read_bytes()).splitlines()
    raw = [json.loads(line) for line in lines]
    _, decoded = read(recordings / "rumoureval_threads/tweets_v11.jsonl.gz")
    assert len(raw) == len(decoded.items) == 3035
    for tweet, item in zip(raw, decoded.items, strict=True):
        assert isinstance(item, Mention)
        assert (item.id, item.text) == (tweet["id_str"], tweet["text"])
        assert item.parent_id == tweet["in_reply_to_status_id_str"]


def test_the_jetstream_recording_is_read_whole(recordings: Path) -> None:
    name, decoded = read(recordings / "payloads/bluesky_jetstream_v1.jsonl.gz")
    assert name == "jetstream"
    assert (decoded.read, decoded.malformed, decoded.ignored) == (152, [], 14)
    assert kinds(decoded.items) == {"post": 9, "reply": 8, "repost": 15, "Deletion": 1, "Like": 105}
    name, golden = read(recordings / "payloads/bluesky_jetstream_golden_v1.jsonl.gz")
    assert (name, golden.read, golden.malformed) == ("jetstream", 10, [])


def test_posts_of_the_jetstream_recording_keep_their_words_and_time(recordings: Path) -> None:
    lines = gzip.decompress((recordings / "payloads/bluesky_jetstream_v1.jsonl.gz").read_bytes()).splitlines()
    events = [event for line in lines if line for event in (json.loads(line),) if event["kind"] == "commit"]
    texts = {
        f"at://{event['did']}/app.bsky.feed.post/{commit['rkey']}": (commit["record"]["text"], event["time_us"])
        for event in events
        for commit in (event["commit"],)
        if (commit["collection"], commit["operation"]) == ("app.bsky.feed.post", "create")
    }
    _, decoded = read(recordings / "payloads/bluesky_jetstream_v1.jsonl.gz")
    ours = {
        item.id: (item.text, item.published_us)
        for item in decoded.items
        if isinstance(item, Mention) and item.kind != "repost"
    }
    assert ours == texts


def test_mastodons_event_streams_are_read_and_only_the_public_is_given(recordings: Path) -> None:
    payloads = recordings / "payloads"
    name, decoded = answer(payloads / "mastodon_test_stream_user_direct.yaml.gz", -1)
    assert name == "mastodon"
    assert kinds(decoded.items) == {"post": 2, "Deletion": 1}  # published, edited, deleted
    assert (decoded.malformed, decoded.ignored) == ([], 5)
    assert len({item.id for item in decoded.items if isinstance(item, Mention)}) == 1
    assert [item.id for item in decoded.items if isinstance(item, Deletion)] == ["117024236332527350"]
    name, decoded = answer(payloads / "mastodon_test_stream_user_local.yaml.gz", -1)
    assert kinds(decoded.items) == {"post": 1}
    name, decoded = answer(payloads / "mastodon_test_stream_direct.yaml.gz", -1)
    assert (name, decoded.items, decoded.malformed, decoded.ignored) == ("mastodon", [], [], 3)
    name, decoded = answer(payloads / "mastodon_test_notifications.yaml.gz", 0)
    assert (name, kinds(decoded.items)) == ("mastodon", {"post": 1})


@pytest.mark.parametrize(
    ("cassette", "name", "count"),
    [
        ("tweepy_test_client_get_home_timeline.yaml.gz", "x_v2", 98),
        ("tweepy_test_client_get_quote_tweets.yaml.gz", "x_v2", 9),
        ("tweepy_test_client_get_users_mentions.yaml.gz", "x_v2", 10),
        ("tweepy_test_client_search_all_tweets.yaml.gz", "x_v2", 10),
        ("tweepy_test_client_search_recent_tweets.yaml.gz", "x_v2", 10),
        ("tweepy_testgetretweets.json.gz", "x_v11", 15),
        ("tweepy_testhometimeline.json.gz", "x_v11", 19),
        ("tweepy_testsearchtweets.json.gz", "x_v11", 15),
    ],
)
def test_answers_of_x_are_read_whole(recordings: Path, cassette: str, name: str, count: int) -> None:
    found, decoded = answer(recordings / "payloads" / cassette)
    assert (found, len(decoded.items), decoded.malformed) == (name, count, [])


def test_the_hoax_is_read_from_its_table(recordings: Path) -> None:
    name, decoded = read(recordings / "troll_hoax/stream.csv.gz")
    assert name == "csv"
    assert (decoded.read, decoded.malformed, decoded.derived_ids) == (3994, [], 3994)
    assert kinds(decoded.items) == {"post": 3917, "repost": 77}
    mentions = [item for item in decoded.items if isinstance(item, Mention)]
    assert len({mention.id for mention in mentions}) == 3994
    assert len({mention.author.id for mention in mentions}) == 96
    assert Counter(mention.lang for mention in mentions) == {"en": 3992, "fr": 2}
    hoax = [mention for mention in mentions if "#phosphorusdisaster" in mention.text.lower()]
    assert (len(hoax), len({mention.author.id for mention in hoax})) == (600, 11)


def test_the_complaints_are_read_from_their_table(recordings: Path) -> None:
    name, decoded = read(recordings / "airline_complaints/mentions.csv.gz")
    assert (name, decoded.read, decoded.malformed, decoded.derived_ids) == ("csv", 6746, [], 6746)
    mentions = [item for item in decoded.items if isinstance(item, Mention)]
    assert len({mention.id for mention in mentions}) == 6746
    assert all(mention.text and mention.author.id and mention.engagement is not None for mention in mentions)


def test_threads_of_several_events_come_out_in_order_of_time(recordings: Path) -> None:
    path = recordings / "rumoureval_threads/tweets_v11.jsonl.gz"
    with time_ordered([path], lateness_us=300_000_000) as ordered:
        assert ordered.is_sorted
        items = [item for _, decoded, _ in ordered.batches(100) for item in decoded.items]
    instants = [item.published_us for item in items if isinstance(item, Mention)]
    assert instants == sorted(instants)
    assert Counter(map(encode, items)) == Counter(map(encode, read(path)[1].items))
    with time_ordered([recordings / "stocknet/tweets_v11.jsonl.gz"], lateness_us=0) as ordered:
        assert not ordered.is_sorted


@pytest.mark.parametrize("path", ["nab_realtweets/AAPL.csv.gz", "cascades/auspol_events.csv.gz"])
def test_tables_without_posts_are_refused(recordings: Path, path: str) -> None:
    with pytest.raises(RecordingUnreadable, match="in no format known"):
        open_recording(recordings / path)
