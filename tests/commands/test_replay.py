"""`badbuzz replay`: what it writes, for whoever reads it after us."""

from __future__ import annotations

import gzip
import json
import os
import pty
import subprocess
import threading
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from monitor.clock import DAY_US, HOUR_US, MINUTE_US, rfc3339
from monitor.commands import replay
from monitor.incidents.fired import FIRED
from monitor.mentions import Deletion, Gap, Heartbeat, Mention
from monitor.signals.family import measures
from monitor.sources.ndjson import encode
from monitor.store.database import Store
from tests.commands.driving import PYTHON, Folder, accounts_for_everything, badbuzz, crisis, is_a_time, lines, posts
from tests.made import at, mention

STORY = crisis()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """A replay of a crisis."""
    folder = Folder(tmp_path_factory.mktemp("told"))
    done = folder.replay(folder.write("posts.ndjson", lines(STORY)))
    assert done.status == 0, done.err
    return folder


def test_the_summary_has_its_fields_in_their_order(told: Folder) -> None:
    assert list(told.summary) == [
        *("read", "malformed", "duplicates", "late", "matched", "mentions", "reposts", "topics", "first_at", "last_at"),
        *("seconds", "posts_per_second", "posts", "ignored", "deletions", "gaps", "heartbeats", "misdated"),
        *("derived_ids", "malformed_reasons", "incidents", "resumed"),
    ]


def test_the_summary_says_what_is_in_the_recording(told: Folder) -> None:
    summary = told.summary
    topics = {name: sum(name in post.text.lower() for post in STORY) for name in ("acme", "globex")}
    assert accounts_for_everything(summary)
    assert (summary["read"], summary["posts"]) == (len(STORY), len(STORY))
    assert summary["topics"] == topics
    assert summary["mentions"] == sum(topics.values())
    assert summary["matched"] == sum("nobody" not in post.text for post in STORY)
    assert summary["reposts"] == sum(post.kind == "repost" for post in STORY)
    assert summary["first_at"] == rfc3339(STORY[0].published_us)
    assert summary["last_at"] == rfc3339(STORY[-1].published_us)
    assert summary["posts_per_second"] > 0
    assert summary["resumed"] is False


def test_incidents_have_their_fields_in_their_order_and_reasons_with_evidence(told: Folder) -> None:
    incidents = told.rows("incidents.jsonl")
    assert len(incidents) == told.summary["incidents"] >= 1
    texts = {f"x:{post.id}": post.text for post in STORY}
    for incident in incidents:
        assert list(incident) == [
            *("id", "topic", "state", "severity", "opened_at", "peak_at", "closed_at", "reasons", "mentions"),
            *("authors", "evidence", "since", "updated_at", "peak_mentions", "set_aside", "authenticity"),
            *("worst_at", "paused_at", "resumed_at"),
        ]
        assert (incident["closed_at"] is None) == (incident["state"] != "closed")
        assert incident["evidence"]
        assert all(incident["topic"] in texts[post].lower() for post in incident["evidence"])
        for reason in incident["reasons"]:
            assert list(reason) == [
                *("name", "text", "observed", "expected", "lower", "upper", "unit", "p_value", "weight", "tests")
            ]
            assert set(reason["tests"]) <= FIRED["en"].keys()
            assert reason["tests"]  # an alarm names the tests that fired
        assert incident["reasons"]
        moments = [incident[name] for name in ("since", "opened_at", "peak_at", "updated_at", "worst_at")]
        assert all(map(is_a_time, moments))
        assert incident["since"] <= incident["opened_at"] <= incident["worst_at"] <= incident["updated_at"]
    assert any(incident["topic"] == "acme" for incident in incidents)


def test_timelines_have_their_fields_in_their_order_and_tell_of_known_incidents(told: Folder) -> None:
    entries = told.rows("timeline.jsonl")
    known = {incident["id"] for incident in told.rows("incidents.jsonl")}
    assert {entry["incident"] for entry in entries} == known
    for entry in entries:
        assert list(entry) == ["incident", "at", "kind", "text", "evidence"]
        assert is_a_time(entry["at"])
    opened = Counter(entry["incident"] for entry in entries if entry["kind"] == "opened")
    assert opened == dict.fromkeys(known, 1)


def test_signals_have_their_columns_in_their_order_and_every_mention_in_its_minute(told: Folder) -> None:
    rows = told.rows("signals.csv")
    assert list(rows[0]) == [
        *("topic", "window_start", "window_end", "mentions", "expected", "lower", "upper", "score"),
        *(measure.name for measure in measures()),
        *("set_aside", "authenticity"),
    ]
    minutes = Counter(
        (topic, rfc3339(post.published_us - post.published_us % MINUTE_US))
        for post in STORY
        for topic in ("acme", "globex")
        if topic in post.text.lower() and not (topic == "acme" and post.id == "own")
    )
    assert {(row["topic"], row["window_start"]): int(row["mentions"]) for row in rows if row["mentions"] != "0"} == (
        minutes
    )
    for row in rows:
        assert is_a_time(row["window_start"])
        assert row["window_start"] < row["window_end"]
        assert 0 <= float(row["score"]) <= 1
        assert float(row["lower"]) <= float(row["expected"]) <= float(row["upper"])
    places = [(row["topic"], row["window_start"]) for row in rows]
    assert places == sorted(places)


def test_cascades_have_their_columns_in_their_order(told: Folder) -> None:
    rows = told.rows("cascades.csv")
    assert list(rows[0]) == [
        *("topic", "network", "root", "started_at", "updated_at", "size", "authors", "potential_reach"),
        *("growth_per_hour", "acceleration", "tone", "rate_per_hour", "doubling_minutes", "reproduction"),
        *("reproduction_low", "reproduction_high", "final_size", "final_low", "final_high", "estimated_reach"),
        *("new_author_share", "edges", "depth", "depth_low", "depth_high", "breadth", "structural_virality"),
        *("structural_virality_low", "structural_virality_high", "replies", "repliers", "reply_depth"),
        *("reply_breadth", "reply_virality"),
    ]
    largest = max(rows, key=lambda row: int(row["size"]))
    assert (largest["topic"], largest["root"]) == ("acme", "own")
    assert int(largest["size"]) == sum(post.kind == "repost" for post in STORY)


def variants() -> dict[str, list[bytes]]:
    """The same posts, as files in other ways."""
    text = lines(STORY)
    cut = text.split(b"\n")
    shuffled = cut[:-1]
    Random(3).shuffle(shuffled)
    middle = len(cut) // 2
    halves = [b"\n".join(cut[middle:]), b"\n".join(cut[:middle]) + b"\n"]
    return {
        "again": [text],
        "compressed": [gzip.compress(text)],
        "newest first": [b"\n".join(cut[-2::-1])],
        "in any order": [b"\n".join(shuffled)],
        "two files, the later one first": halves,
        "two files of the same days": [b"\n".join(cut[::2]), b"\n".join(cut[1::2])],
    }


@pytest.mark.parametrize("way", variants())
def test_the_same_posts_give_the_same_results_byte_for_byte(way: str, told: Folder, folder: Folder) -> None:
    files = [folder.write(str(number), part) for number, part in enumerate(variants()[way])]
    done = folder.replay(*files)
    assert done.status == 0, done.err
    assert folder.results() == told.results()


def test_standard_input_gives_the_same_results_plain_and_compressed(told: Folder, folder: Folder) -> None:
    for data in (lines(STORY), gzip.compress(lines(STORY))):
        assert folder.replay("-", stdin=data).status == 0
        assert folder.results() == told.results()


def test_batches_are_cut_anywhere(told: Folder, folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "BATCH_RECORDS", 37)
    assert folder.replay(folder.write("posts", lines(STORY))).status == 0
    assert folder.results() == told.results()


def stop_after(commits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let replays do so many commits, then somebody presses Ctrl-C."""
    left = [commits]
    commit = Store.commit

    def counted(store: Store, *arguments: Any) -> None:
        if left[0] == 0:
            raise KeyboardInterrupt
        left[0] -= 1
        commit(store, *arguments)

    monkeypatch.setattr(Store, "commit", counted)


def test_a_replay_stopped_after_every_commit_goes_on_to_the_same_results(
    told: Folder, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "BATCH_RECORDS", 600)
    recording = folder.write("posts", lines(STORY))
    for commits in (0, 1, 1, 1, 1):  # three batches, the closing of all minutes, and "finished" is still missing
        with monkeypatch.context() as stopping:
            stop_after(commits, stopping)
            assert folder.replay(recording).status == 130
    assert folder.replay(recording).status == 0
    assert folder.summary["resumed"] is True
    (folder.output / "summary.json").write_text(json.dumps({**folder.summary, "resumed": False}), "utf-8")
    assert folder.results() == told.results()


def test_what_was_set_aside_just_before_a_stop_is_described_once(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "BATCH_RECORDS", 5)
    recording = folder.write("posts", b"".join(encode(post) + b"broken\n" for post in posts(10)))
    for commits in (1, 0, 2, 1):
        with monkeypatch.context() as stopping:
            stop_after(commits, stopping)
            assert folder.replay(recording).status == 130
    assert folder.replay(recording).status == 0
    assert [bad["record"] for bad in folder.rows("quarantine.jsonl")] == list(range(2, 21, 2))
    assert folder.summary["malformed_reasons"] == {"not_json": 10}


def test_an_unfinished_replay_goes_on_only_as_the_same_replay(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "BATCH_RECORDS", 600)
    recording = folder.write("posts", lines(STORY))
    other = folder.write("other", lines(STORY[1:]))
    with monkeypatch.context() as stopping:
        stop_after(2, stopping)
        assert folder.replay(recording).status == 130
    before = folder.contents()
    watchlist = folder.write("watchlist.yaml", b"topics: [{id: acme, query: globex}]\n")
    for arguments in (
        (other, *folder.options()),
        (recording, "--topics", watchlist, "--output", folder.output),
        (recording, *folder.options(), "--limit", 1500),
        (recording, *folder.options(), "--lateness", 61),
        (recording, *folder.options(), "--map", "text=text"),
    ):
        done = badbuzz("replay", *arguments)
        assert done.status == 1
        assert done.err.count("\n") == 1
        assert f"{folder.output / 'replay.db'} holds an unfinished replay" in done.err
        assert "name another --output" in done.err
        assert folder.contents() == before
    assert folder.replay(recording).status == 0
    assert folder.summary["read"] == len(STORY)


def test_a_finished_replay_starts_afresh(folder: Folder) -> None:
    assert folder.replay(folder.write("a", lines(posts(9)))).status == 0
    assert folder.replay(folder.write("b", lines(posts(3)))).status == 0
    assert (folder.summary["read"], folder.summary["resumed"]) == (3, False)


def test_everything_in_a_recording_is_accounted_for(folder: Folder) -> None:
    moment = at("09:10")
    notices = [
        Deletion(network="x", id="3", at_us=moment),
        Heartbeat(source="elsewhere", at_us=moment),
        Gap(source="elsewhere", start_us=moment, end_us=moment + MINUTE_US, reason="outage"),
    ]
    recording = folder.write(
        "mixed",
        lines([*posts(20), *posts(5), *notices]) + b"broken\n\n" + lines(posts(5, 3_600)),
    )
    assert folder.replay(recording).status == 0
    summary = folder.summary
    assert accounts_for_everything(summary)
    assert summary["malformed_reasons"] == {"not_json": 1}
    counts = {name: summary[name] for name in ("read", "duplicates", "ignored", "deletions", "gaps", "heartbeats")}
    assert counts == {"read": 35, "duplicates": 5, "ignored": 1, "deletions": 1, "gaps": 1, "heartbeats": 1}
    assert sum(int(row["mentions"]) for row in folder.rows("signals.csv")) == summary["posts"] == 25


def late(minutes: int) -> list[Mention]:
    """Twenty posts in order, and one that comes `minutes` minutes after its time."""
    return [*posts(20), mention("ahead", at("09:30")), mention("behind", at("09:30") - minutes * MINUTE_US)]


@pytest.mark.parametrize(("lateness", "is_late"), [(60, True), (900, False)])
def test_a_post_later_than_allowed_is_counted_and_moves_no_minute(
    lateness: int, is_late: bool, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A file that is this much out of order is sorted, and nothing in it is late; a stream would not have been.
    monkeypatch.setattr("monitor.sources.time_order._follow_the_clock", lambda *_: True)
    recording = folder.write("late", lines(late(10)))
    assert folder.replay(recording, "--lateness", lateness).status == 0
    summary = folder.summary
    assert (summary["late"], summary["mentions"]) == (int(is_late), 22)
    minutes = sum(int(row["mentions"]) for row in folder.rows("signals.csv"))
    assert minutes == summary["mentions"] - summary["late"]


def test_what_a_spreadsheet_would_run_is_made_harmless(folder: Folder) -> None:
    cells = {
        "plain": "plain",
        "=cmd|' /C calc'!A0": "'=cmd|' /C calc'!A0",
        "+1+1": "'+1+1",
        "-2+3": "'-2+3",
        "@SUM(A1)": "'@SUM(A1)",
        "＝1": "'＝1",
        "\t=1": "�=1",
        "1\r=1": "1�=1",
        "2\n=1": "2�=1",
    }
    reposts = [
        mention(f"{place}-{number}", at("10:00") + number * MINUTE_US, kind="repost", root_id=root, parent_id=root)
        for place, root in enumerate(cells)
        for number in range(5)
    ]
    recording = folder.write("hostile", lines(sorted(reposts, key=lambda post: post.published_us)))
    assert folder.replay(recording).status == 0
    roots = [row["root"] for row in folder.rows("cascades.csv")]
    assert sorted(roots) == sorted(cells.values())


@pytest.mark.parametrize("order", [1, -1], ids=["straight", "sorted"])
@pytest.mark.parametrize("limit", [1, 7, 20, 1_000])
def test_a_limit_is_met_exactly(limit: int, order: int, folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "BATCH_RECORDS", 5)
    records = [line for post in posts(20)[::order] for line in (encode(post), b"\n", b"broken\n")]
    assert folder.replay(folder.write("posts", b"".join(records)), "--limit", limit).status == 0
    assert folder.summary["read"] == min(limit, 60)
    assert accounts_for_everything(folder.summary)


def test_columns_are_mapped_and_missing_ids_are_told(folder: Folder) -> None:
    table = "Quand;Qui;Titre;Corps\n2026-01-15 09:00:00;bob;ACME;en panne\n2026-01-15 09:00:01;eve;;rien\n"
    recording = folder.write("table", table.encode())
    done = folder.replay(recording, "--map", "published=Quand, author=Qui,text=Titre+Corps")
    assert done.status == 0, done.err
    assert folder.summary["topics"] == {"acme": 1, "globex": 0}
    assert folder.summary["derived_ids"] == 2
    assert "posts without an id, whose id was derived from their content: 2\n" in done.out


def test_a_pipe_is_read_like_a_file(folder: Folder) -> None:
    pipe = folder.path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(gzip.compress(lines(posts(50)))))
    writer.start()
    done = folder.replay(pipe)
    writer.join()
    assert done.status == 0, done.err
    assert folder.summary["posts"] == 50


def test_a_process_reads_standard_input_and_shows_its_progress_to_a_person(folder: Folder) -> None:
    person, terminal = pty.openpty()
    command = [*PYTHON, "replay", "-", *map(str, folder.options())]
    try:
        done = subprocess.run(
            command,
            input=gzip.compress(lines(posts(50))),
            stdout=subprocess.PIPE,
            stderr=terminal,
            timeout=50,
            check=False,
        )
        os.close(terminal)
        shown = os.read(person, 1 << 16).decode()
    finally:
        os.close(person)
    assert done.returncode == 0, shown
    assert done.stdout.startswith(b"50 records in ")
    assert "replaying" in shown


def test_the_day_a_brand_is_learned_does_not_alarm(folder: Folder) -> None:
    calm = [
        post for post in STORY if post.id.startswith("quiet") and post.published_us < STORY[0].published_us + DAY_US
    ]
    assert calm[-1].published_us - calm[0].published_us > 23 * HOUR_US
    assert folder.replay(folder.write("calm", lines(calm))).status == 0
    assert folder.rows("incidents.jsonl") == []
