from __future__ import annotations

import errno
import gzip
import io
import os
import random
from collections import Counter
from pathlib import Path

import pytest

from monitor.errors import RecordingUnreadable
from monitor.mentions import Author, Deletion, Item, Mention
from monitor.sources.ndjson import encode
from monitor.sources.time_order import OrderedRecordings, time_ordered

MINUTE_US = 60_000_000
START_US = 1_768_513_920_000_000


def post(number: int, minutes: float | None = None) -> Mention:
    at = START_US + round((number if minutes is None else minutes) * MINUTE_US)
    return Mention(network="forum", id=str(number), kind="post", published_us=at, author=Author("a"), text="x" * 50)


def write(path: Path, items: list[Mention]) -> Path:
    path.write_bytes(b"".join(map(encode, items)))
    return path


def prepared(*paths: Path, lateness_us: int = 5 * MINUTE_US) -> OrderedRecordings:
    return time_ordered(paths, lateness_us=lateness_us)


def given(recordings: OrderedRecordings, size: int = 2000, after: bytes | None = None) -> list[Item]:
    return [item for _, decoded, _ in recordings.batches(size, after) for item in decoded.items]


def test_posts_that_follow_the_clock_are_not_sorted(tmp_path: Path) -> None:
    items = [post(n, n + (n % 3)) for n in range(100)]  # two minutes astray, five are allowed
    with prepared(write(tmp_path / "posts", items)) as recordings:
        assert not recordings.is_sorted
        assert given(recordings) == items
        assert recordings.bytes_read == recordings.bytes_total


@pytest.mark.parametrize("shuffle", ["newest first", "at random", "one astray"])
def test_posts_in_any_other_order_are_sorted(shuffle: str, tmp_path: Path) -> None:
    items = [post(n) for n in range(500)]
    mixed = items[::-1] if shuffle == "newest first" else items.copy()
    if shuffle == "at random":
        random.Random(1).shuffle(mixed)
    if shuffle == "one astray":
        mixed.append(mixed.pop(3))
    with prepared(write(tmp_path / "posts", mixed)) as recordings:
        assert recordings.is_sorted
        assert given(recordings, 7) == items
        assert recordings.bytes_read == recordings.bytes_total


def test_equal_times_keep_the_order_of_the_file(tmp_path: Path) -> None:
    mixed = [post(1, 60), *(post(n, 0) for n in range(2, 50))]
    with prepared(write(tmp_path / "posts", mixed)) as recordings:
        assert given(recordings) == [*mixed[1:], mixed[0]]


def test_files_that_follow_one_another_are_read_one_after_another(tmp_path: Path) -> None:
    early = write(tmp_path / "b", [post(n) for n in range(50)])
    late = write(tmp_path / "a", [post(n) for n in range(50, 100)])
    for paths in ((early, late), (late, early)):
        with prepared(*paths) as recordings:
            assert not recordings.is_sorted
            assert given(recordings) == [post(n) for n in range(100)]


def test_files_of_the_same_days_are_merged(tmp_path: Path) -> None:
    even = write(tmp_path / "even", [post(n) for n in range(0, 100, 2)])
    odd = write(tmp_path / "odd", [post(n) for n in range(1, 100, 2)])
    with prepared(even, odd) as recordings:
        assert given(recordings, 10) == [post(n) for n in range(100)]


@pytest.mark.parametrize("mixed", [False, True], ids=["straight", "sorted"])
def test_reading_on_from_any_cursor_gives_exactly_the_rest(mixed: bool, tmp_path: Path) -> None:
    parts = [[post(n) for n in range(60)], [post(n) for n in range(60, 100)]]
    if mixed:
        parts = [part[::-1] for part in parts]
    paths = [write(tmp_path / str(number), part) for number, part in enumerate(parts)]
    with prepared(*paths) as recordings:
        assert recordings.is_sorted is mixed
        whole = list(recordings.batches(9))
    seen: list[Item] = []
    for _, decoded, cursor in whole:
        seen += decoded.items
        with prepared(*paths) as again:
            assert again.name == whole[0][0]
            assert seen + given(again, 4, cursor) == [post(n) for n in range(100)]


def test_a_changed_file_has_another_name_so_that_no_old_cursor_is_used(tmp_path: Path) -> None:
    path = write(tmp_path / "posts", [post(1), post(2)])
    with prepared(path) as recordings:
        name = recordings.name
    write(path, [post(1), post(3)])
    with prepared(path) as recordings:
        assert recordings.name != name


def test_what_is_malformed_ignored_or_derived_is_counted_also_when_sorted(tmp_path: Path) -> None:
    bare = b'{"network":"forum","published_at":"2026-01-01T00:00:00Z","text":"x"}\n'
    path = tmp_path / "posts"
    path.write_bytes(encode(post(9)) + b"broken\n\n" + bare + encode(post(1)))
    totals: Counter[str] = Counter()
    with prepared(path) as recordings:
        assert recordings.is_sorted
        for _, decoded, _ in recordings.batches(1):
            totals.update(read=decoded.read, ignored=decoded.ignored, derived=decoded.derived_ids)
            totals.update(malformed.record for malformed in decoded.malformed)
    assert totals == {"read": 5, "ignored": 1, "derived": 1, 2: 1}


def test_a_deletion_without_a_time_stays_behind_what_it_deletes(tmp_path: Path) -> None:
    deletion = Deletion(network="forum", id="5", at_us=0)
    path = tmp_path / "posts"
    path.write_bytes(encode(post(9)) + encode(post(5)) + encode(deletion))
    with prepared(path) as recordings:
        items = given(recordings)
    assert items.index(deletion) > items.index(post(5))


@pytest.mark.parametrize("mixed", [False, True], ids=["straight", "sorted"])
def test_a_file_that_breaks_off_costs_neither_its_beginning_nor_the_other_files(mixed: bool, tmp_path: Path) -> None:
    items = [post(n) for n in range(20_000)]
    packed = gzip.compress(b"".join(map(encode, items[::-1] if mixed else items)))
    broken = tmp_path / "broken"
    broken.write_bytes(packed[: len(packed) // 2])
    whole = write(tmp_path / "whole", [post(n) for n in range(30_000, 30_010)])
    seen: list[Item] = []
    with prepared(broken, whole) as recordings, pytest.raises(RecordingUnreadable, match="broken: the file breaks off"):
        seen.extend(item for _, decoded, _ in recordings.batches() for item in decoded.items)
    assert seen[-10:] == [post(n) for n in range(30_000, 30_010)]
    assert len(seen) > 1000


def test_large_recordings_are_looked_through_in_part_and_still_sorted(tmp_path: Path) -> None:
    items = [post(n, n / 60) for n in range(60_000)]
    with prepared(write(tmp_path / "posts", items[:-1000] + items[-2000:-1000] + items[-1000:])) as recordings:
        assert recordings.is_sorted
    with prepared(write(tmp_path / "posts", items)) as recordings:
        assert not recordings.is_sorted


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    path = write(tmp_path / "posts", [post(2), post(1, -60)])
    with time_ordered([path], lateness_us=0, progress=lambda *step: told.append(step)):
        size = path.stat().st_size
    assert told == [("checking", size, size), ("sorting", size, size)]


def test_a_file_that_cannot_be_opened_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(RecordingUnreadable, match="missing: cannot be opened"):
        prepared(write(tmp_path / "posts", [post(1)]), tmp_path / "missing")


def test_standard_input_is_put_in_order_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = gzip.compress(b"".join(encode(post(n)) for n in range(99, -1, -1)))
    names = set()
    for _ in range(2):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
        with time_ordered(["-"], lateness_us=0) as recordings:
            assert given(recordings) == [post(n) for n in range(100)]
            names.add(recordings.name)
    assert len(names) == 1, "the same input may be read on from an old cursor"
    broken = data[: len(data) // 2]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(broken)))
    with (
        time_ordered(["-"], lateness_us=0) as recordings,
        pytest.raises(RecordingUnreadable, match=r"^-: the file breaks"),
    ):
        given(recordings)


def test_a_full_disk_is_said_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("monitor.sources.spool.NamedTemporaryFile", full)
    with pytest.raises(RecordingUnreadable, match=r"No space left on device.*make room"):
        prepared(write(tmp_path / "posts", [post(2), post(1, -60)]))


def test_no_posts_are_in_order(tmp_path: Path) -> None:
    with prepared(write(tmp_path / "posts", [])) as recordings:
        assert given(recordings) == []
