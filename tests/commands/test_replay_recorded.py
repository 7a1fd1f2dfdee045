"""`badbuzz replay` on real recorded posts, counted by their publishers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.commands.driving import Folder, accounts_for_everything

pytestmark = pytest.mark.recorded


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def watch(folder: Folder, *queries: str) -> None:
    topics = "".join(f"  - {{id: t{place}, query: '{query}', time_zone: UTC}}\n" for place, query in enumerate(queries))
    folder.topics.write_text("topics:\n" + topics, "utf-8")


def replayed(folder: Folder, recording: Path, *options: object) -> dict[str, Any]:
    done = folder.replay(recording, *options)
    assert done.status == 0, done.err
    summary = folder.summary
    assert accounts_for_everything(summary)
    minutes = sum(int(row["mentions"]) for row in folder.rows("signals.csv"))
    assert summary["mentions"] - summary["late"] <= minutes <= summary["mentions"]
    return summary


@pytest.mark.timeout(300)
def test_a_year_of_recorded_tweets_is_counted_whole(folder: Folder, recordings: Path) -> None:
    watch(folder, "$AAPL")
    summary = replayed(folder, recordings / "stocknet/tweets_v11.jsonl.gz")
    assert (summary["read"], summary["posts"], summary["reposts"]) == (41_877, 41_877, 10_773)
    assert (summary["malformed"], summary["late"], summary["misdated"]) == (0, 0, 0)
    assert (summary["first_at"], summary["last_at"]) == ("2013-12-31T23:10:08Z", "2014-12-31T23:33:09Z")
    assert summary["topics"]["t0"] > 5_000


def test_the_broken_lines_of_a_recorded_stream_are_set_aside_and_their_neighbours_count(
    folder: Folder, recordings: Path
) -> None:
    watch(folder, "the OR de OR que")
    summary = replayed(folder, recordings / "payloads/x_v2_sample_stream_evently.jsonl.gz")
    assert (summary["read"], summary["posts"], summary["malformed"]) == (211, 194, 17)
    assert (summary["reposts"], summary["malformed_reasons"]) == (83, {"not_json": 17})
    assert len(folder.rows("quarantine.jsonl")) == 17
    assert summary["mentions"] > 20


@pytest.mark.parametrize(
    ("name", "read", "posts"),
    [
        ("payloads/bluesky_jetstream_v1.jsonl.gz", 152, 32),
        ("payloads/x_v11_search_simdjson.json.gz", 100, 100),
        ("rumoureval_threads/tweets_v11.jsonl.gz", 3_035, 3_035),
        ("troll_hoax/stream.csv.gz", 3_994, 3_994),
        ("airline_complaints/mentions.csv.gz", 6_746, 6_746),
    ],
)
def test_every_recorded_format_is_read_to_its_end(
    name: str, read: int, posts: int, folder: Folder, recordings: Path
) -> None:
    watch(folder, "the OR a OR de OR の")
    summary = replayed(folder, recordings / name)
    assert (summary["read"], summary["posts"] + summary["duplicates"], summary["malformed"]) == (read, posts, 0)
    assert summary["late"] == 0
    assert summary["mentions"] > 0
