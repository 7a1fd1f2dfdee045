from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.mentions import Author, Deletion, Engagement, Gap, Heartbeat, Image, Like, Mention
from monitor.sources import Decoded
from monitor.sources.ndjson import Ndjson, encode
from monitor.sources.recordings import open_recording

words = st.text(st.characters(codec="utf-8"), max_size=30)
some_words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)
networks = st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True)
instants = st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999)
counts = st.none() | st.integers(0, 2**63 - 1)
authors = st.builds(Author, words, st.none() | words, counts, st.none() | instants, st.none() | st.booleans())
mentions = st.builds(
    Mention,
    network=networks,
    id=some_words,
    kind=st.sampled_from(["post", "reply", "quote", "repost"]),
    published_us=instants,
    author=authors,
    text=words,
    lang=st.none() | words,
    hashtags=st.lists(words, max_size=3).map(tuple),
    links=st.lists(words, max_size=3).map(tuple),
    mentioned=st.lists(words, max_size=3).map(tuple),
    parent_id=st.none() | words,
    parent_author_id=st.none() | words,
    parent_author_handle=st.none() | words,
    root_id=st.none() | words,
    root_author=st.none() | authors,
    quoted_text=st.none() | words,
    engagement=st.none() | st.builds(Engagement, counts, counts, counts, counts),
    url=st.none() | words,
    received_us=st.none() | instants,
    parent_engagement=st.none() | st.builds(Engagement, counts, counts, counts, counts),
    images=st.lists(
        st.builds(Image, st.none() | words, st.none() | words, st.none() | st.binary(min_size=32, max_size=32)),
        max_size=2,
    ).map(tuple),
)
deletions = st.builds(Deletion, network=networks, id=some_words, author_id=st.none() | words, at_us=instants)
likes = st.builds(Like, networks, some_words, some_words, some_words, instants)
heartbeats = st.builds(Heartbeat, source=some_words, at_us=instants)
gaps = st.builds(Gap, source=some_words, start_us=instants, end_us=instants, reason=words)

LEAST: dict[str, Any] = {"network": "forum", "id": "1", "published_at": "2026-01-15T21:52:00Z", "text": "x"}


def decode(*lines: dict[str, Any]) -> Decoded:
    return Ndjson().decode([msgspec.json.encode(line) for line in lines])


def only(**line: Any) -> Mention:
    decoded = decode(line)
    assert decoded.malformed == []
    (mention,) = decoded.items
    assert isinstance(mention, Mention)
    return mention


@given(st.lists(mentions | deletions | heartbeats | gaps | likes, max_size=4))
def test_what_is_encoded_is_decoded_again(items: list[Any]) -> None:
    lines = [encode(item) for item in items]
    assert all(line.endswith(b"\n") and line.count(b"\n") == 1 for line in lines)
    decoded = Ndjson().decode(lines)
    assert decoded.items == items
    assert (decoded.malformed, decoded.read, decoded.ignored, decoded.derived_ids) == ([], len(items), 0, 0)


SAMPLES = sorted(path for path in (Path(__file__).parent / "samples").iterdir() if path.is_file())


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_what_any_network_sent_is_the_same_once_written_as_our_lines(sample: Path) -> None:
    with open_recording(sample) as recording:
        items = [item for decoded, _ in recording.batches() for item in decoded.items]
    again = Ndjson().decode([encode(item) for item in items])
    assert items
    assert (again.items, again.malformed, again.derived_ids) == (items, [], 0)


def test_a_fingerprint_of_an_image_is_sixty_four_digits() -> None:
    (image,) = only(**LEAST, images=[{"fingerprint": "0aF" * 21 + "0"}]).images
    assert image == Image(fingerprint=bytes.fromhex("0af" * 21 + "0"))


def test_four_fields_make_a_mention() -> None:
    assert only(**LEAST) == Mention(
        network="forum", id="1", kind="post", published_us=1_768_513_920_000_000, author=Author(""), text="x"
    )


def test_the_kind_follows_from_what_it_refers_to() -> None:
    assert only(**LEAST, parent_id="0").kind == "reply"
    assert only(**LEAST, root_id="0", kind="repost").kind == "repost"


def test_an_author_may_be_known_by_the_handle_alone() -> None:
    assert only(**LEAST, author={"handle": "ana"}).author == Author("ana", "ana")


def test_a_missing_id_is_derived_the_same_each_time_and_counted() -> None:
    line = {key: value for key, value in LEAST.items() if key != "id"}
    decoded = decode(line, line, line | {"text": "y"}, LEAST)
    ids = [item.id for item in decoded.items if isinstance(item, Mention)]
    assert ids[0] == ids[1] != ids[2]
    assert decoded.derived_ids == 3


@pytest.mark.parametrize("name", list(LEAST))
def test_a_missing_field_is_named(name: str) -> None:
    line = {key: value for key, value in LEAST.items() if key != name}
    decoded = decode(LEAST, line, LEAST)
    if name == "id":
        assert len(decoded.items) == 3
    else:
        assert name in decoded.malformed[0].detail
        assert len(decoded.items) == 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"published_at": "2026-01-15T21:52:00"}, "no_time"),
        ({"published_at": "2026-02-30T00:00:00Z"}, "no_time"),
        ({"published_at": 5}, "bad_field"),
        ({"network": "Le Forum"}, "bad_field"),
        ({"network": ""}, "bad_field"),
        ({"kind": "rumour"}, "bad_field"),
        ({"author": "ana"}, "bad_field"),
        ({"author": {"followers": -1}}, "bad_field"),
        ({"author": {"created_at": "once"}}, "no_time"),
        ({"engagement": {"likes": 2**63}}, "bad_field"),
        ({"received_at": "now"}, "no_time"),
        ({"images": [{"fingerprint": "0f" * 31}]}, "bad_field"),
        ({"images": [{"fingerprint": "0g" * 32}]}, "bad_field"),
        ({"images": [{"fingerprint": "0f" * 32 + "\n"}]}, "bad_field"),
        ({"images": [{"fingerprint": 5}]}, "bad_field"),
        ({"type": "rumour"}, "not_a_post"),
        ({"type": "deletion", "id": None}, "no_id"),
        ({"type": "deletion"}, "no_time"),
        ({"type": "heartbeat"}, "no_id"),
        ({"type": "gap", "source": "forum", "start_at": "2026-01-15T21:52:00Z"}, "no_time"),
    ],
)
def test_what_is_wrong_is_said(change: dict[str, Any], reason: str) -> None:
    decoded = decode(LEAST, LEAST | change, LEAST)
    assert [(malformed.record, malformed.reason) for malformed in decoded.malformed] == [(2, reason)]
    assert len(decoded.items) == 2


def test_blank_lines_are_ignored_but_counted() -> None:
    decoded = Ndjson().decode([b"\n", b" \r\n"])
    assert (decoded.items, decoded.malformed, decoded.ignored, decoded.read) == ([], [], 2, 2)
