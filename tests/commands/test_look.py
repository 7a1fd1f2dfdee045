"""`badbuzz look`: a copy of a picture is recognised on a second network, and no hostile picture holds up or harms."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pictures

from monitor.clock import HOUR_US, MINUTE_US
from monitor.commands.look import gallery as galleries
from monitor.commands.look.fetching import MOST_BYTES, Fetcher, is_public
from monitor.commands.look.gallery import Gallery, address_of
from monitor.commands.look.unread import CannotRead, Unread
from monitor.mentions import Author, Deletion, Gap, Heartbeat, Image, Item, Like, Mention
from monitor.sources.ndjson import Ndjson, encode
from monitor.topics.images import MOST_DIFFERENT
from tests.commands.driving import PYTHON, Folder, badbuzz, crisis, is_one_sentence, lines
from tests.commands.pictures import Server, bomb, file_of, picture, serving
from tests.made import at, mention

NOON = at("12:00")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as pictures:
        yield pictures


def looked(folder: Folder, items: Sequence[Item], *options: object) -> tuple[list[Item], str]:
    """What `look` passes on of these items, and what it says."""
    recording = folder.write("posts.ndjson", lines(items))
    done = badbuzz("look", recording, "--topics", folder.topics, "--allow-private", "localhost", *options)
    assert done.status == 0, done.err
    return Ndjson().decode(done.data.splitlines(keepends=True)).items, done.err


def shown(identifier: str, address: str, **changes: Any) -> Mention:
    return mention(identifier, changes.pop("at_us", NOON), images=(Image(address),), **changes)


def fingerprints(items: Sequence[Item]) -> list[bytes | None]:
    return [image.fingerprint for item in items if isinstance(item, Mention) for image in item.images]


def far(one: bytes | None, other: bytes | None) -> int:
    assert one is not None
    assert other is not None
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def of_looks(folder: Folder) -> list[dict[str, Any]]:
    """The lines of the timeline about pictures that look the same."""
    return [row for row in folder.rows("timeline.jsonl") if "by its looks" in row["text"]]


def with_pictures(first: str, second: str) -> list[Item]:
    """A crisis in which somebody shows a picture on X, and somebody else one on Mastodon a quarter of an hour later."""
    said = "Shame on Acme, look at this"
    here = shown("here", first, at_us=NOON + 5 * MINUTE_US, text=said)
    there = shown("there", second, at_us=NOON + 20 * MINUTE_US, text=said, network="mastodon")
    return sorted([*crisis(), here, there], key=lambda post: post.published_us)


def replayed(folder: Folder, items: Sequence[Item]) -> None:
    done = folder.replay(folder.write("looked.ndjson", lines(items)))
    assert done.status == 0, done.err


def test_a_picture_saved_and_uploaded_again_is_on_the_timeline_with_both_times(folder: Folder, server: Server) -> None:
    first = server.put("/one.jpg", file_of(picture(1), quality=90))
    copy = server.put("/two.webp", file_of(picture(1).resize((480, 360)), "WEBP", quality=60))
    told = with_pictures(first, copy)
    items, _ = looked(folder, told)
    replayed(folder, items)
    (line,) = of_looks(folder)
    assert line["text"] == "Jumped to Mastodon at 12:20: the same image, by its looks, 15 minutes after X."
    assert line["evidence"] == ["x:here", "mastodon:there"]
    replayed(folder, told)
    assert of_looks(folder) == []  # nobody looked


def test_another_picture_is_no_jump(folder: Folder, server: Server) -> None:
    first, other = (server.put(f"/{seed}.jpg", file_of(picture(seed))) for seed in (1, 2))
    items, _ = looked(folder, with_pictures(first, other))
    one, two = fingerprints(items)
    assert far(one, two) > 5 * MOST_DIFFERENT
    replayed(folder, items)
    assert of_looks(folder) == []


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_every_format_shows_the_same_picture(folder: Folder, server: Server, kind: str) -> None:
    plain = server.put("/a", file_of(picture(3), "PNG"))
    other = server.put("/b", file_of(picture(3), kind))
    one, two = fingerprints(looked(folder, [shown("1", plain), shown("2", other)])[0])
    assert far(one, two) <= MOST_DIFFERENT


def test_transparency_is_white_and_a_turned_photo_stands_upright(folder: Folder, server: Server) -> None:
    ground = Pictures.new("RGB", (800, 600), "white")
    left = picture(4).crop((0, 0, 400, 600))
    ground.paste(left)
    cut_out = Pictures.new("RGBA", (800, 600), (0, 0, 0, 0))
    cut_out.paste(left)
    exif = Pictures.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    turned = file_of(ground.rotate(90, expand=True), "JPEG", exif=exif.tobytes())
    addresses = [
        server.put("/a", file_of(ground, "PNG")),
        server.put("/b", file_of(cut_out, "PNG")),
        server.put("/c", turned),
    ]
    one, two, three = fingerprints(looked(folder, [shown(str(n), address) for n, address in enumerate(addresses)])[0])
    assert far(one, two) <= MOST_DIFFERENT
    assert far(one, three) <= MOST_DIFFERENT


def test_everything_is_passed_on_unchanged_and_in_order(folder: Folder, server: Server) -> None:
    server.put("/1.jpg", file_of(picture(1)))
    items: list[Item] = [
        Heartbeat(source="forum", at_us=NOON),
        shown("1", server.at("/1.jpg")),
        Deletion(network="x", id="0", at_us=NOON),
        mention("2", NOON, "nothing to see"),
        Like("x", "1", "a", "b", NOON),
        Gap(source="forum", start_us=NOON, end_us=NOON + HOUR_US, reason="down"),
        shown("3", server.at("/gone.jpg")),
        mention("4", NOON, images=(Image(None, "a van"), Image("3_1"), Image("ftp://example.org/a.jpg"))),
    ]
    passed, said = looked(folder, items)
    first = passed[1]
    assert isinstance(first, Mention)
    assert first.images[0].fingerprint is not None
    assert [*passed[:1], items[1], *passed[2:]] == items
    assert "8 posts and notices passed on, 0 broken" in said
    assert "1 with a fingerprint now, 1 not to be had" in said


def test_only_what_can_tell_is_looked_at_and_each_address_once(folder: Folder, server: Server) -> None:
    address = server.put("/1.jpg", file_of(picture(1)))
    for path in ("/off-topic", "/repost", "/own", "/known"):
        server.put(path, file_of(picture(2)))
    brand = Author("brand", "acme", 90_000)
    items = [
        *(shown(str(number), address) for number in range(5)),
        shown("off-topic", server.at("/off-topic"), text="nothing"),
        shown("repost", server.at("/repost"), kind="repost", root_id="1"),
        shown("own", server.at("/own"), author=brand),
        mention("known", NOON, images=(Image(server.at("/known"), None, b"\x0f" * 32),)),
    ]
    passed, _ = looked(folder, items)
    assert server.asked == {"/1.jpg": 1}
    found = fingerprints(passed)
    assert len(set(found[:5])) == 1
    assert found[5:] == [None, None, None, b"\x0f" * 32]


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/inside", "at no public web address"),
        ("/file", "at no public web address"),
        ("/endless", "too large"),
        ("/bomb", "too large"),
        ("/large", "too large"),
        ("/page", "no picture we read"),
        ("/cut", "no picture we read"),
        ("/tiff", "no picture we read"),
        ("/plain", "too plain"),
        ("/thin", "too plain"),
        ("/dripping", "too slow"),
        ("/round", "not to be had"),
        ("/gone", "not to be had"),
    ],
)
def test_no_hostile_picture_holds_up_its_post(folder: Folder, server: Server, path: str, why: str) -> None:
    server.moved = {"/inside": server.at("/secret", "127.0.0.1"), "/file": "file:///etc/passwd", "/round": "/round"}
    server.endless, server.dripping = {"/endless"}, {"/dripping"}
    server.files = {
        "/secret": file_of(picture(1)),
        "/bomb": bomb(),
        "/large": bomb(4_097),
        "/page": b"<html>no picture</html>",
        "/cut": file_of(picture(1))[:2_000],
        "/tiff": file_of(picture(1), "TIFF"),
        "/plain": file_of(Pictures.new("RGB", (800, 600), "white"), "PNG"),
        "/thin": file_of(picture(1, (800, 6))),
    }
    items = [shown("1", server.at(path)), mention("2", NOON)]
    seconds = 0.3 if path == "/dripping" else 20
    passed, said = looked(folder, items, "--seconds", seconds)
    assert passed == items
    assert f"0 with a fingerprint now, 1 {why}" in said
    assert server.asked["/secret"] == 0
    assert server.asked["/round"] <= 4
    assert str(server.port) not in said  # no address, whatever goes wrong


def test_no_private_host_is_asked_unless_it_is_named(folder: Folder, server: Server) -> None:
    server.put("/1.jpg", file_of(picture(1)))
    hosts = ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0", "user@localhost"]
    items = [shown(str(number), server.at("/1.jpg", host)) for number, host in enumerate(hosts)]
    passed, said = looked(folder, items)
    assert passed == items
    assert not server.asked
    assert "6 at no public web address" in said


@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "127.0.0.53", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fd00::1", "ff02::1", "::ffff:10.0.0.1",
        "64:ff9b::a00:1", "2002:a00:1::1", "198.18.0.1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_of_the_public_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"])
def test_addresses_of_the_public_internet(address: str) -> None:
    assert is_public(address)


def resolving(answers: dict[str, list[str]], asked: list[str]) -> Any:
    """A resolver that knows these names only; each name's answers in turn, the last one for good."""

    def resolve(host: str, *_: object, **__: object) -> list[Any]:
        asked.append(host)
        answer = answers[host].pop(0) if len(answers[host]) > 1 else answers[host][0]
        return [(2, 1, 6, "", (place, 0)) for place in answer.split()]

    return resolve


def test_a_name_is_resolved_once_and_what_was_checked_is_what_is_asked(folder: Folder, server: Server) -> None:
    server.put("/1.jpg", file_of(picture(1)))
    asked: list[str] = []
    names = {"pictures.example": ["127.0.0.1", "192.0.2.1"]}
    address = server.at("/1.jpg", "pictures.example")
    with mock.patch("socket.getaddrinfo", resolving(names, asked)):
        passed, _ = looked(folder, [shown("1", address)], "--allow-private", "pictures.example")
    assert fingerprints(passed) != [None]
    assert asked == ["pictures.example"]
    assert server.hosts == [f"pictures.example:{server.port}"]


@pytest.mark.parametrize("answer", ["127.0.0.1", "93.184.216.34 127.0.0.1"])
def test_a_public_name_of_a_private_address_is_refused(folder: Folder, answer: str) -> None:
    asked: list[str] = []
    with mock.patch("socket.getaddrinfo", resolving({"pictures.example": [answer]}, asked)):
        passed, said = looked(folder, [shown("1", "https://pictures.example/1.jpg")])
    assert fingerprints(passed) == [None]
    assert "1 at no public web address" in said


hosts = st.text(max_size=30) | st.from_regex(r"([0-9a-fx.:%\[\]]{1,20}|[a-z.-]{1,12})(:\d{1,6})?", fullmatch=True)
addresses = st.builds(
    "{}{}/{}".format, st.sampled_from(["http://", "HTTPS://", "http:/", ""]), hosts, st.text(max_size=20)
)


@settings(deadline=None, max_examples=40)
@given(addresses)
def test_no_address_whatever_it_says_is_asked_on_this_machine_or_raises_anything_else(address: str) -> None:
    async def fetch() -> bytes:
        fetcher = Fetcher(5.0)
        try:
            return await fetcher.fetch(address)
        finally:
            await fetcher.close()

    local = [(2, 1, 6, "", ("127.0.0.1", 0))]
    with (
        mock.patch("asyncio.base_events.BaseEventLoop.getaddrinfo", mock.AsyncMock(return_value=local)),
        mock.patch("socket.socket.connect", side_effect=AssertionError("asked")),
        pytest.raises(CannotRead),
    ):
        asyncio.run(fetch())


def test_other_ports_than_the_webs_are_refused(folder: Folder) -> None:
    with mock.patch("socket.getaddrinfo", resolving({}, [])):
        _, said = looked(folder, [shown("1", "http://pictures.example:22/1.jpg")])
    assert "1 at no public web address" in said


def test_a_body_may_be_as_large_as_is_said_and_no_larger(folder: Folder, server: Server) -> None:
    whole = file_of(picture(1))
    most = server.put("/most", whole + bytes(MOST_BYTES - len(whole)))
    more = server.put("/more", whole + bytes(MOST_BYTES - len(whole) + 1))
    found = fingerprints(looked(folder, [shown("1", most), shown("2", more)], "--seconds", 30)[0])
    assert found[0] is not None
    assert found[1] is None


def test_the_memory_of_addresses_is_bounded(folder: Folder, server: Server) -> None:
    addresses = [server.put(f"/{number}", b"") for number in range(5)]
    items = [shown(str(number), address) for number, address in enumerate([*addresses, addresses[-1], addresses[0]])]
    with mock.patch.object(galleries, "MOST_REMEMBERED", 3):
        looked(folder, items)
    assert server.asked["/4"] == 1
    assert server.asked["/0"] == 2


def test_who_shows_many_slow_pictures_holds_up_nobody_else(server: Server) -> None:
    server.dripping = {"/slow"}
    quick = server.put("/1.jpg", file_of(picture(1)))
    gallery = Gallery(1, 30.0, {"localhost"})
    waited: list[float] = []
    acquire = gallery._places.acquire

    def no_longer_than_it_takes(timeout: float) -> bool:
        waited.append(timeout)
        return acquire(timeout=timeout / 1_000)

    with mock.patch.object(gallery._places, "acquire", no_longer_than_it_takes):
        slow = gallery.ask(server.at("/slow"))
        assert [gallery.ask(quick).result() for _ in range(2)] == [Unread.NO_TIME] * 2
        server.is_over.set()
        assert slow.result() == Unread.UNREACHABLE
        assert isinstance(gallery.ask(quick).result(), bytes)
        gallery.ask(server.at("/gone")).result()
    gallery.close()
    assert waited == [30.0, 30.0, 0.0, 0.0, 30.0]


def test_a_post_is_passed_on_before_the_next_one_comes(folder: Folder, server: Server) -> None:
    address = server.put("/1.jpg", file_of(picture(1)))
    command = [*PYTHON, "look", "-", "--topics", str(folder.topics), "--allow-private", "localhost"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen(command, env=buffered, **pipes) as live:
        assert live.stdin is not None
        assert live.stdout is not None
        for number in range(3):
            live.stdin.write(encode(shown(str(number), address)))
            live.stdin.flush()
            (item,) = Ndjson().decode([live.stdout.readline()]).items
            assert isinstance(item, Mention)
            assert (item.id, item.images[0].fingerprint is None) == (str(number), False)
        live.stdin.close()
        assert live.wait(timeout=30) == 0


def test_broken_records_are_counted_and_cost_no_neighbour(folder: Folder) -> None:
    recording = folder.write("posts.ndjson", encode(mention("1", NOON)) + b"{\n" + encode(mention("2", NOON)))
    done = badbuzz("look", recording, "--topics", folder.topics)
    assert done.data == lines([mention("1", NOON), mention("2", NOON)])
    assert "2 posts and notices passed on, 1 broken records left out" in done.err


def test_an_unreadable_recording_is_refused_in_one_sentence(folder: Folder) -> None:
    done = badbuzz("look", folder.path / "none", "--topics", folder.topics)
    assert is_one_sentence(done, "none", "check the path")


def test_a_reader_that_leaves_ends_it_quietly(folder: Folder) -> None:
    recording = folder.write("posts.ndjson", lines(crisis()))
    command = [*PYTHON, "look", str(recording), "--topics", str(folder.topics)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as leaving:
        assert leaving.stdout is not None
        leaving.stdout.close()
        assert leaving.stderr is not None
        said = leaving.stderr.read().decode()
        leaving.wait(timeout=30)
        assert all("passed on" in line or "pictures on the topics" in line for line in said.splitlines()), said


CID = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"


def test_a_picture_on_bluesky_lies_on_its_public_server() -> None:
    there = mention("1", NOON, network="bluesky", author=Author("did:plc:abc123"))
    assert address_of(there, Image(CID)) == f"https://cdn.bsky.app/img/feed_thumbnail/plain/did:plc:abc123/{CID}@jpeg"
    assert address_of(mention("1", NOON), Image(CID)) is None
    odd = mention("1", NOON, network="bluesky", author=Author("did:plc:../../x"))
    assert address_of(odd, Image(CID)) is None
