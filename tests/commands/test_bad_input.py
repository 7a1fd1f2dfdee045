"""Recordings that are broken, odd or hostile in part: what is good in them counts, what is not is counted too."""

from __future__ import annotations

import gzip
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import zstandard

from monitor.clock import SECOND_US
from monitor.mentions import Gap, Heartbeat
from monitor.sources.ndjson import encode
from tests.commands.driving import (
    PYTHON,
    Folder,
    accounts_for_everything,
    is_one_sentence,
    lines,
    posts,
)
from tests.made import at, mention

MEGABYTE = 1 << 20


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def post(**changes: object) -> bytes:
    fields = {"network": "x", "id": "bad", "published_at": "2026-01-15T09:00:00Z", "text": "acme SECRET", **changes}
    return json.dumps(fields).encode() + b"\n"


HALF = "acme SECRET \ud83d"
BROKEN: dict[str, tuple[bytes, str, str]] = {
    "NaN": (post(engagement={"likes": float("nan")}), "not_json", "invalid character"),
    "1e999": (post(engagement={"likes": 1}).replace(b"1}", b"1e999}"), "bad_field", "out of range"),
    "a lone surrogate": (post(text=HALF), "not_json", "half a character"),
    "a lone low surrogate": (post(text="acme SECRET \ude00"), "not_json", "half a character"),
    "Latin-1": (post().replace(b"SECRET", b"SECRET \xe9t\xe9"), "not_utf8", "iconv -f LATIN1"),
    "no time": (post(published_at="yesterday"), "no_time", "RFC 3339"),
    "a year that is none": (post(published_at="9999-12-31T23:59:59-23:00"), "no_time", "beyond the years"),
    "cut off": (post()[:40] + b"\n", "not_json", "write one whole JSON object"),
    "nested": (post().replace(b'"bad"', b"[" * 5000 + b"]" * 5000), "bad_field", "str"),
    "too long": (post(text="acme SECRET" * 200_000), "too_long", "longer than 1,048,576 bytes"),
    "a control character": (post().replace(b"SECRET", b"SECRET \x01"), "not_json", "invalid character"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_line_is_counted_and_set_aside_and_its_neighbours_count(kind: str, folder: Folder) -> None:
    line, reason, detail = BROKEN[kind]
    done = folder.replay(folder.write("posts", lines(posts(5)) + line + lines(posts(5, 5))))
    assert (done.status, done.err) == (0, "")
    summary = folder.summary
    assert accounts_for_everything(summary)
    assert (summary["posts"], summary["topics"]["acme"], summary["malformed_reasons"]) == (10, 10, {reason: 1})
    (described,) = folder.rows("quarantine.jsonl")
    assert (described["record"], described["reason"]) == (6, reason)
    assert detail in described["detail"]
    assert "1 malformed" in done.out
    assert "quarantine.jsonl" in done.out
    assert b"SECRET" not in (folder.output / "quarantine.jsonl").read_bytes()


def test_a_table_in_latin_1_costs_only_the_rows_with_accents(folder: Folder) -> None:
    rows = ["created_at,text", "2026-01-15 09:00:00,acme", "2026-01-15 09:00:01,acmé", "2026-01-15 09:00:02,nan"]
    assert folder.replay(folder.write("table", "\n".join(rows).encode("latin-1"))).status == 0
    assert (folder.summary["posts"], folder.summary["malformed_reasons"]) == (2, {"not_utf8": 1})


MEASURED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak_bytes(command: list[str]) -> int:
    """Run a command to its good end and return the most memory it had.

    A small process starts it: what a process had before it became the command counts as the command's, and that would
    be all the memory of these tests.
    """
    done = subprocess.run([sys.executable, "-c", MEASURED, *command], stdout=subprocess.PIPE, check=True)
    return int(done.stdout) * (1 if sys.platform == "darwin" else 1024)


def test_a_line_of_a_hundred_megabytes_is_one_malformed_record_in_little_memory(folder: Folder) -> None:
    begin, end = lines(posts(5)), lines(posts(5, 5))
    peaks = []
    for size in (0, 100):
        path = folder.write("posts", begin + b'{"network":"x","text":"')
        with path.open("ab") as file:
            file.writelines(b"x" * MEGABYTE for _ in range(size))
            file.write(b'"}\n' + end)
        peaks.append(peak_bytes([*PYTHON, "replay", str(path), *map(str, folder.options())]))
    assert (folder.summary["posts"], folder.summary["malformed_reasons"]) == (10, {"too_long": 1})
    assert peaks[1] - peaks[0] < 20 * MEGABYTE


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
@pytest.mark.parametrize("order", [1, -1], ids=["straight", "sorted"])
def test_a_recording_that_breaks_off_is_kept_to_the_break_and_then_complained_about(
    order: int, pack: Callable[[bytes], bytes], folder: Folder
) -> None:
    packed = pack(
        b"".join(encode(mention(str(n), at("09:00") + n * SECOND_US, f"acme {n * n}")) for n in range(5_000)[::order])
    )
    broken = folder.write("broken", packed[: len(packed) * 2 // 3])
    whole = folder.write("whole", lines(posts(10, 90_000)))
    for _ in range(2):
        done = folder.replay(broken, whole)
        summary = folder.summary
        before = summary["read"] - 10
        assert 1_000 < before < 5_000
        assert is_one_sentence(done, f"{broken}: the file breaks off after record {before:,} (", "fetch the file again")
        assert done.out.startswith(f"{summary['read']:,} records in ")
        assert (summary["posts"], summary["topics"]["acme"]) == (before + 10, before + 10)
        assert accounts_for_everything(summary)
        assert sum(int(row["mentions"]) for row in folder.rows("signals.csv")) == before + 10
        with closing(sqlite3.connect(folder.output / "replay.db")) as connection:
            assert connection.execute("SELECT count(*) FROM mentions").fetchone() == (before + 10,)
        assert summary["resumed"] is False, "the same command reads everything again"


OLD, FAR = at("12:00", "1970-01-01"), at("12:00", "2099-01-01")


@pytest.mark.parametrize("wrong", [OLD, FAR], ids=["1970", "2099"])
@pytest.mark.parametrize("place", [0, 10, 20], ids=["first", "middle", "last"])
def test_a_post_with_an_impossible_date_counts_and_moves_no_other(wrong: int, place: int, folder: Folder) -> None:
    among = posts(20)
    among.insert(place, mention("astray", wrong))
    assert folder.replay(folder.write("posts", lines(among))).status == 0
    summary = folder.summary
    is_first = place == 0  # before any time is known, it belongs to no minute
    assert (summary["posts"], summary["mentions"], summary["misdated"], summary["late"]) == (21, 21, 1, int(is_first))
    assert (summary["first_at"], summary["last_at"]) == ("2026-01-15T09:00:00Z", "2026-01-15T09:00:19Z")
    (minute,) = folder.rows("signals.csv")
    assert (minute["window_start"], minute["mentions"]) == ("2026-01-15T09:00:00Z", str(21 - is_first))


def test_impossible_dates_make_nothing_be_sorted_and_stay_in_their_place_when_it_is(folder: Folder) -> None:
    among = [*posts(20), mention("far", FAR), mention("old", OLD), *posts(20, 600)]
    results = []
    for mixed in (among, [*among[22:], *among[:22]]):
        assert folder.replay(folder.write("posts", lines(mixed))).status == 0
        results.append(folder.results())
    assert results[0] == results[1]
    assert (folder.summary["misdated"], folder.summary["late"]) == (2, 0)


@pytest.mark.parametrize(
    "notice",
    [
        Heartbeat(source="elsewhere", at_us=FAR),
        Heartbeat(source="elsewhere", at_us=OLD),
        Gap(source="elsewhere", start_us=OLD, end_us=FAR, reason="clock"),
        Gap(source="elsewhere", start_us=FAR, end_us=OLD, reason="backwards"),
    ],
    ids=["heartbeat in 2099", "heartbeat in 1970", "gap until 2099", "gap that ends before it begins"],
)
def test_an_impossible_notice_is_counted_and_makes_no_post_late_or_unseen(
    notice: Heartbeat | Gap, folder: Folder
) -> None:
    results = []
    for among in ([*posts(20), *posts(20, 600)], [*posts(20), notice, *posts(20, 600)]):
        assert folder.replay(folder.write("posts", lines(among))).status == 0
        assert folder.summary["late"] == 0
        results.append({**folder.results(), "summary.json": b""})
    assert results[0] == results[1]
    assert folder.summary["heartbeats"] + folder.summary["gaps"] == 1


def test_an_id_seen_before_is_a_duplicate_whatever_else_it_says(folder: Folder) -> None:
    again = mention("3", at("09:05"), "acme says something else")
    assert folder.replay(folder.write("posts", lines([*posts(9), again, *posts(9)]))).status == 0
    assert (folder.summary["read"], folder.summary["posts"], folder.summary["duplicates"]) == (19, 9, 10)
    assert sum(int(row["mentions"]) for row in folder.rows("signals.csv")) == 9


@pytest.mark.parametrize(
    "content",
    [b"", b"\n \n", gzip.compress(b""), zstandard.compress(b""), b"created_at,text\n"],
    ids=["no byte", "blank lines", "gzip", "zstd", "a header"],
)
def test_an_empty_recording_is_a_replay_of_nothing(content: bytes, folder: Folder) -> None:
    done = folder.replay(folder.write("posts", content))
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(f"there are no posts in {folder.path / 'posts'} (")
    assert done.out.endswith(f"; the results in {folder.output} are empty\n")
    summary = folder.summary
    assert (summary["posts"], summary["first_at"], summary["last_at"], summary["incidents"]) == (0, None, None, 0)
    assert accounts_for_everything(summary)
    assert folder.rows("signals.csv") == folder.rows("incidents.jsonl") == []


def test_whoever_pipes_nothing_is_told_so(folder: Folder) -> None:
    done = folder.replay("-", stdin=b"")
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("there are no posts in standard input (0 records); ")
    assert done.out.count("\n") == 1
    assert folder.summary["read"] == 0
