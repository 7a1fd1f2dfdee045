"""`badbuzz backtest`: simulated stories beside rivals, and a watchlist on what was recorded or stored."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from monitor.backtest.trials import campaign
from monitor.commands import backtest as command
from monitor.errors import InputRefused
from tests.commands.driving import badbuzz

DAYS = 4
TOPICS = """\
topics:
  - id: acme
    name: Acme Télécom
    query: '"acme télécom" OR acme OR @acme_aide'
    accounts: "@acme"
    support: "@acme_aide"
"""
TINY = (
    "cold_start",
    "--seeds",
    1,
    "--calibration-seeds",
    1,
    "--volume",
    30,
    "--jobs",
    1,
    "--rival",
    "hour_against_twelve",
)


@pytest.fixture(autouse=True)
def _small_worlds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A story needs no three weeks of history to show that the command works."""
    small = {"history_days": 3, "quiet_days": 4, "burn_in_days": 2}
    made = campaign.Campaign
    monkeypatch.setattr(command, "Campaign", lambda **fields: made(**{**fields, **small}))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five days with a backlash in them: posts, what is true of them, the watchlist, and a replay's database."""
    folder = tmp_path_factory.mktemp("recorded")
    (folder / "topics.yaml").write_text(TOPICS, "utf-8")
    posts, truth = folder / "posts.ndjson", folder / "truth.json"
    sized = ("--days", DAYS, "--volume", 60, "--seed", 5)
    done = badbuzz("simulate", "own_reply_backlash", "--output", posts, "--truth", truth, *sized)
    assert done.status == 0, done.err
    done = badbuzz("replay", posts, "--topics", folder / "topics.yaml", "--output", folder / "out")
    assert done.status == 0, done.err
    return folder


@cache
def rehearsed(folder: Path, *arguments: object, topics: str = "topics.yaml") -> dict:
    done = badbuzz("backtest", *arguments, "--topics", folder / topics, "--json")
    assert done.status == 0, done.err
    (found,) = json.loads(done.out)
    return found


def test_a_simulated_story_is_scored_beside_its_rivals(tmp_path: Path) -> None:
    page, output = tmp_path / "report.html", tmp_path / "report.json"
    done = badbuzz("backtest", *TINY, "--html", page, "--output", output)
    assert done.status == 0, done.err
    assert "COLD_START" in done.out
    assert "thresholds from seeds 1000" in done.out
    report = json.loads(output.read_bytes())
    assert report["settings"]["test_seeds"] == [100]
    assert {one["method"] for one in report["scores"]} == {
        "badbuzz",
        "hour_against_twelve",
        "badbuzz_incidents",
        "badbuzz_warnings",
    }
    assert page.read_text("utf-8").count("<svg") >= 4
    again = badbuzz("backtest", *TINY, "--json")
    assert again.out.encode() == output.read_bytes()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), {"test_seeds": tuple(range(100, 106)), "volumes": (60.0, 240.0, 600.0), "budget": 0.5}),
        (("--development", "--seeds", 2), {"test_seeds": (0, 1)}),
        (("--quick",), {"test_seeds": (100, 101), "calibration_seeds": (1000, 1001)}),
        (("tv_spike", "--volume", 30, "--volume", 7), {"scenarios": ("tv_spike",), "volumes": (7.0, 30.0)}),
        (("--strength", 0.25, "--strength", 1), {"strengths": (1.0, 0.25)}),
        (("--rival", "none", "--budget", 2), {"rivals": (), "budget": 2.0}),
    ],
)
def test_options_say_what_is_run(
    options: tuple[object, ...], expected: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def run(wanted: campaign.Campaign, *_: object) -> None:
        asked.append(wanted)
        raise InputRefused("enough")

    monkeypatch.setattr(command, "run", run)
    badbuzz("backtest", *options)
    assert {name: getattr(asked[0], name) for name in expected} == expected


def test_a_recording_says_what_the_watchlist_would_have_told(recorded: Path) -> None:
    found = rehearsed(recorded, recorded / "posts.ndjson", "--truth", recorded / "truth.json")
    told = [json.loads(line) for line in (recorded / "out" / "incidents.jsonl").read_text("utf-8").splitlines()]
    assert [one["incident"] for one in found["incidents"]] == [one["id"] for one in told]
    assert [one["severity"] for one in found["incidents"]] == [one["severity"] for one in told]
    assert found["incidents"][0]["reasons"] == [reason["text"] for reason in told[0]["reasons"]]
    (met,) = found["met"]
    assert met["is_crisis"]
    assert 0 <= met["minutes"]["incident"] <= 24 * 60


def test_broken_records_are_told_and_a_recording_without_posts_is_refused(recorded: Path, tmp_path: Path) -> None:
    torn, empty = tmp_path / "torn.ndjson", tmp_path / "empty.ndjson"
    torn.write_bytes(
        b'{"network":\n' + b"".join((recorded / "posts.ndjson").read_bytes().splitlines(True)[:50]) + b"[]\n"
    )
    empty.touch()
    done = badbuzz("backtest", torn, "--topics", recorded / "topics.yaml", "--format", "ndjson")
    assert (done.status, "broken records passed over: 2;" in done.err) == (0, True)
    refused = badbuzz("backtest", empty, "--topics", recorded / "topics.yaml")
    assert (refused.status, "not one post could be read" in refused.err) == (1, True)


def test_a_store_says_the_same_as_the_recording_it_was_filled_from(recorded: Path) -> None:
    from_posts = rehearsed(recorded, recorded / "posts.ndjson")
    from_store = rehearsed(recorded, "--store", recorded / "out" / "replay.db")
    assert from_store == from_posts
    assert from_posts["incidents"]


def test_only_the_last_days_count_and_the_others_are_learned_from(recorded: Path) -> None:
    whole = rehearsed(recorded, "--store", recorded / "out" / "replay.db")
    last = rehearsed(recorded, "--store", recorded / "out" / "replay.db", "--days", 2)
    assert last["days"] == 2.0
    assert last["mentions"] < whole["mentions"]
    assert last["incidents"] == [one for one in whole["incidents"] if one["opened"] >= last["since"]]


def test_promised_and_achieved_stand_side_by_side(recorded: Path) -> None:
    found = rehearsed(recorded, recorded / "posts.ndjson")
    watch, warning, page = found["promises"]
    assert (watch["kind"], watch["promised"], watch["count"]) == ("watch", 30.0, len(found["incidents"]))
    assert watch["achieved"] == pytest.approx(watch["count"] * 30 / found["days"], rel=1e-3)
    assert warning["low"] <= warning["achieved"] <= warning["high"]
    assert page["count"] == sum(one["paged"] is not None for one in found["incidents"])


def test_a_stricter_query_is_tried_on_the_words_that_are_stored(recorded: Path) -> None:
    (recorded / "narrow.yaml").write_text(TOPICS.replace("acme OR @acme_aide", "@nobody"), "utf-8")
    narrow = rehearsed(recorded, "--store", recorded / "out" / "replay.db", topics="narrow.yaml")
    whole = rehearsed(recorded, "--store", recorded / "out" / "replay.db")
    assert 0 < narrow["mentions"] < whole["mentions"]


def test_a_policy_that_never_pages_is_seen_to_page_nobody(recorded: Path) -> None:
    (recorded / "calm.yaml").write_text(TOPICS + "    page: never\n", "utf-8")
    found = rehearsed(recorded, recorded / "posts.ndjson", topics="calm.yaml")
    assert found["incidents"]
    assert all(one["paged"] is None for one in found["incidents"])


def test_what_is_told_is_readable_and_the_page_holds_it(recorded: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    done = badbuzz("backtest", recorded / "posts.ndjson", "--topics", recorded / "topics.yaml", "--html", page)
    assert done.status == 0
    assert "mentions in" in done.out
    assert "promised at most" in done.out
    assert "<script" not in page.read_text("utf-8")


def test_it_speaks_french_when_asked_and_when_the_environment_does(
    recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.html"
    given = ("backtest", recorded / "posts.ndjson", "--topics", recorded / "topics.yaml", "--html", page)
    asked = badbuzz(*given, "--language", "fr")
    assert "mentions en" in asked.out
    assert "voix sont négatives" in asked.out  # the reasons too
    assert '<html lang="fr">' in page.read_text("utf-8")
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")
    assert badbuzz(*given).out == asked.out
    monkeypatch.setenv("LC_ALL", "C")
    assert "mentions in" in badbuzz(*given).out


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("slow_brun",), 1, "did you mean slow_burn"),
        (("nowhere.ndjson", "--topics", "t.yaml"), 1, "t.yaml"),
        (("nowhere.ndjson",), 2, "--topics"),
        (("slow_burn", "posts.ndjson"), 2, "one of the three"),
        (("slow_burn", "--rival", "crystal_ball"), 2, "crystal_ball"),
        (("slow_burn", "--language", "de"), 2, "use en or fr"),
        (("--store", "nowhere.db", "--topics", "rules/topics/example.yaml"), 1, "nowhere.db"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(arguments: tuple[object, ...], status: int, said: str) -> None:
    done = badbuzz("backtest", *arguments)
    assert done.status == status
    assert said in done.err
    assert "Traceback" not in done.err


def test_a_truth_of_another_shape_is_refused(recorded: Path, tmp_path: Path) -> None:
    other = tmp_path / "truth.json"
    other.write_text('{"scenario": 1}', "utf-8")
    done = badbuzz("backtest", recorded / "posts.ndjson", "--topics", recorded / "topics.yaml", "--truth", other)
    assert done.status == 1
    assert "simulate --truth" in done.err
