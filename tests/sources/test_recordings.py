from __future__ import annotations

import gzip
import subprocess
import sys
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.clock import rfc3339
from monitor.errors import InputRefused, RecordingUnreadable
from monitor.mentions import Author, Item, Mention
from monitor.sources.ndjson import encode
from monitor.sources.recordings import Position, fingerprint, open_recording

SAMPLES = sorted((Path(__file__).parent / "samples").iterdir())


def posts(count: int) -> list[Mention]:
    return [
        Mention(
            network="forum", id=str(n), kind="post", published_us=10**15 + n * 10**6, author=Author("a"), text="été"
        )
        for n in range(count)
    ]


def lines(count: int) -> bytes:
    return b"".join(map(encode, posts(count)))


def two_frames(data: bytes) -> bytes:
    half = len(data) // 2
    return zstandard.compress(data[:half]) + zstandard.compress(data[half:])


def two_members(data: bytes) -> bytes:
    half = len(data) // 2
    return gzip.compress(data[:half]) + gzip.compress(data[half:])


def read(path: Path, size: int = 2000, after: Position | None = None) -> list[Item]:
    with open_recording(path) as recording:
        return [item for decoded, _ in recording.batches(size, after) for item in decoded.items]


@pytest.mark.parametrize(
    "pack",
    [bytes, gzip.compress, zstandard.compress, two_members, two_frames, lambda data: gzip.compress(two_frames(data))],
)
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_what_is_inside_is_found_by_content_however_it_is_packed_and_named(
    pack: Callable[[bytes], bytes], sample: Path, tmp_path: Path
) -> None:
    path = tmp_path / "posts.misleading.csv.gz"
    path.write_bytes(pack(sample.read_bytes()))
    with open_recording(path) as recording:
        assert recording.format.name == sample.stem
        items = [item for decoded, _ in recording.batches() for item in decoded.items]
        assert recording.bytes_read == recording.bytes_total == path.stat().st_size
    assert items == read(sample) != []


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "posts"
    path.write_bytes(b"\xef\xbb\xbf" + lines(3))
    assert read(path) == posts(3)


@settings(max_examples=40)
@given(size=st.integers(1, 40), stop=st.integers(0, 100))
def test_a_resumed_reading_gives_exactly_the_rest(
    tmp_path_factory: pytest.TempPathFactory, size: int, stop: int
) -> None:
    path = tmp_path_factory.mktemp("resumed") / "posts"
    path.write_bytes(gzip.compress(lines(100)))
    first: list[Item] = []
    position = Position()
    with open_recording(path) as recording:
        for decoded, after in recording.batches(size):
            first += decoded.items
            position = after
            if len(first) >= stop:
                break
    assert first + read(path, 7, position) == posts(100)


UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda packed: zlib.decompressobj(31).decompress(packed),
    "zstd": lambda packed: zstandard.ZstdDecompressor().decompressobj().decompress(packed),
}
PACK: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "zstd": zstandard.compress}


@pytest.mark.parametrize("share", [0.3, 0.5, 0.99])
@pytest.mark.parametrize("as_array", [False, True], ids=["lines", "array"])
@pytest.mark.parametrize("packing", PACK)
def test_a_file_that_breaks_off_gives_everything_before_the_break_and_says_so(
    packing: str, as_array: bool, share: float, tmp_path: Path
) -> None:
    tweets = [
        b'{"created_at":"Wed Oct 10 20:19:24 +0000 2018","id_str":"%d","text":"x","user":{"id_str":"%d"}}' % (n, n * n)
        for n in range(20_000)
    ]
    data = b"[" + b",\n".join(tweets) + b"]" if as_array else b"\n".join(tweets)
    packed = PACK[packing](data)
    packed = packed[: int(len(packed) * share)]
    path = tmp_path / "posts"
    path.write_bytes(packed)
    items: list[Item] = []
    with open_recording(path, format="x_v11") as recording, pytest.raises(RecordingUnreadable) as broken:
        items.extend(item for decoded, _ in recording.batches(1000) for item in decoded.items)
    ids = [item.id for item in items if isinstance(item, Mention)]
    assert ids == [str(n) for n in range(UNPACK[packing](packed).count(b"}}" if as_array else b"\n"))]
    assert str(path) in str(broken.value)
    assert "fetch the file again" in str(broken.value)


@pytest.mark.parametrize("packing", PACK)
def test_a_file_damaged_inside_gives_what_lies_before_the_damage_and_says_so(packing: str, tmp_path: Path) -> None:
    packed = PACK[packing](lines(20_000))
    spot = len(packed) * 3 // 4
    path = tmp_path / "posts"
    path.write_bytes(packed[:spot] + b"\0" * 50 + packed[spot + 50 :])
    items: list[Item] = []
    with open_recording(path) as recording, pytest.raises(RecordingUnreadable, match="breaks off"):
        items.extend(item for decoded, _ in recording.batches(1000) for item in decoded.items)
    assert items[:10_000] == posts(10_000)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress], ids=["plain", "gzip", "zstd"])
def test_a_line_of_a_hundred_megabytes_is_one_malformed_record_in_little_memory(
    pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    path = tmp_path / "posts"
    path.write_bytes(pack(lines(2) + b'{"text":"' + b"x" * 100_000_000 + b'"}\n' + lines(2)))
    tracemalloc.start()
    try:
        with open_recording(path) as recording:
            ((decoded, _),) = list(recording.batches())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(decoded.items) == 4
    assert [(malformed.record, malformed.reason) for malformed in decoded.malformed] == [(3, "too_long")]
    assert peak < 60_000_000


def test_a_broken_first_line_does_not_hide_the_format(tmp_path: Path) -> None:
    path = tmp_path / "posts"
    path.write_bytes(b'{"network": broken\n' + lines(2))
    assert read(path) == posts(2)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_refused_with_the_remedy(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "posts"
    path.write_bytes(lines(2).decode().encode(encoding))
    with pytest.raises(RecordingUnreadable, match="iconv -f UTF-16 -t UTF-8"):
        open_recording(path)


def test_lines_in_latin_1_are_malformed_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "posts"
    path.write_bytes(lines(1) + lines(1).decode().encode("latin-1") + lines(1))
    with open_recording(path) as recording:
        ((decoded, _),) = list(recording.batches())
    assert [(malformed.record, malformed.reason) for malformed in decoded.malformed] == [(2, "not_utf8")]
    assert "iconv -f LATIN1" in decoded.malformed[0].detail


def test_an_empty_file_holds_no_posts(tmp_path: Path) -> None:
    for data in (b"", b"\n\n", gzip.compress(b""), zstandard.compress(b"")):
        path = tmp_path / "posts"
        path.write_bytes(data)
        assert read(path) == []


def test_what_cannot_be_opened_or_recognised_is_refused_in_one_sentence(tmp_path: Path) -> None:
    missing, prose = tmp_path / "missing", tmp_path / "prose"
    prose.write_text("Call me Ishmael.\nSome years ago")
    for path in (missing, prose, tmp_path):
        with pytest.raises(RecordingUnreadable) as refused:
            open_recording(path)
        assert str(refused.value).startswith(f"{path}: ")
    with pytest.raises(InputRefused, match="the format 'tweets' is not known; use auto or one of csv"):
        open_recording(prose, format="tweets")
    with open_recording(prose, format="csv") as recording, pytest.raises(RecordingUnreadable, match="prose: no column"):
        list(recording.batches())


def test_standard_input_is_read_as_it_comes() -> None:
    program = (
        "from monitor.sources.recordings import open_recording\n"
        "for decoded, position in open_recording('-').batches(1):\n"
        "    print(decoded.items[0].id, flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(lines(1))
        assert process.stdout.readline() == b"0\n", "the first post is read before the second is written"
        process.stdin.write(encode(posts(2)[1]))
        process.stdin.close()
        assert process.stdout.read() == b"1\n"


def test_mapped_columns_reach_the_table(tmp_path: Path) -> None:
    path = tmp_path / "posts"
    path.write_text(f"when,body\n{rfc3339(10**15)},x\n")
    with open_recording(path, columns={"published": "when", "text": "body"}) as recording:
        ((decoded, _),) = list(recording.batches())
    assert decoded.derived_ids == 1


def test_a_fingerprint_tells_a_changed_file(tmp_path: Path) -> None:
    path = tmp_path / "posts"
    seen = set()
    for data in (b"", b"a", b"b", b"a" * 200_000, b"a" * 199_999 + b"b", b"b" + b"a" * 199_999):
        path.write_bytes(data)
        seen.add(fingerprint(path))
        assert fingerprint(path) == fingerprint(path)
    assert len(seen) == 6


def test_batches_end_early_when_records_are_long(tmp_path: Path) -> None:
    path = tmp_path / "posts"
    path.write_bytes(b"".join(encode(post)[:-2] + b',"x":"' + b"y" * 900_000 + b'"}\n' for post in posts(20)))
    with open_recording(path, format="ndjson") as recording:
        sizes = [len(decoded.items) for decoded, _ in recording.batches(1000)]
    assert sum(sizes) == 20
    assert max(sizes) <= 10


def test_the_stream_is_closed_with_the_recording() -> None:
    path = SAMPLES[0]
    recording = open_recording(path)
    recording.close()
    with pytest.raises(ValueError, match="closed"):
        list(recording.batches())
