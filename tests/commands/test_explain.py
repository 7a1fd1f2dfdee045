"""`badbuzz explain` at the command line."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from monitor.clock import DAY_US
from monitor.store.database import open_store
from tests.commands.driving import badbuzz
from tests.service.rig import NOON, Rig, story


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("crisis")
    rig = Rig(folder, follows_wall_clock=False)
    rig.post(*story(NOON - 5 * DAY_US))
    rig.close()
    return folder / "badbuzz.db"


def test_it_says_three_sentences_and_that_the_numbers_are_identical(store: Path) -> None:
    done = badbuzz("explain", "acme-20260114T1200", "--store", store)
    lines = done.out.splitlines()
    assert done.status == 0
    assert lines[0] == "acme-20260114T1200: critical, 2026-01-14T12:04:00Z"
    assert lines[4].startswith("Recomputed: identical (")
    assert lines[5].startswith("Tests that fired: ")
    assert len(lines) == 6


def test_without_a_name_it_explains_the_newest_and_it_speaks_french(store: Path) -> None:
    named = badbuzz("explain", "acme-20260114T1200", "--store", f"sqlite:///{store}", "--language", "fr")
    newest = badbuzz("explain", "--store", store, "--language", "fr")
    assert newest == named
    assert newest.out.splitlines()[0] == "acme-20260114T1200: critique, 2026-01-14T12:04:00Z"
    assert "Recalculé\xa0: identique" in newest.out


def test_the_store_may_be_named_by_the_environment(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BADBUZZ_STORE", str(store))
    assert badbuzz("explain").out.startswith("acme-20260114T1200: critical")


def test_json_holds_every_number(store: Path) -> None:
    found = json.loads(badbuzz("explain", "--store", store, "--json").out)
    assert found["recomputed"]["identical"] is True
    assert found["reproduced"] is True
    assert found["recomputed"]["differences"] == []
    assert len(found["sentences"]) == 3
    assert {change["kind"] for change in found["changes"]} >= {"fewer_mentions", "fewer_negative"}
    assert {reason["name"] for reason in found["reasons"]} >= {"velocity", "negative"}


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("nowhere",), 1, "there is no incident 'nowhere'"),
        (("--language", "de"), 2, "use en or fr"),
    ],
)
def test_what_cannot_be_explained_is_said_in_one_sentence(
    store: Path, arguments: tuple[str, ...], status: int, said: str
) -> None:
    done = badbuzz("explain", *arguments, "--store", store)
    assert done.status == status
    assert said in done.err.replace("\n", " ")


def test_a_store_without_incidents_says_so(tmp_path: Path) -> None:
    with open_store(tmp_path / "empty.db"):
        pass
    done = badbuzz("explain", "--store", tmp_path / "empty.db")
    assert (done.status, "there has been no incident yet" in done.err) == (1, True)


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_number_that_comes_out_differently_is_named_and_the_status_is_1(
    store: Path, tmp_path: Path, more: tuple[str, ...]
) -> None:
    copied = tmp_path / "changed.db"
    with sqlite3.connect(store) as before, sqlite3.connect(copied) as changed:
        before.backup(changed)
        changed.execute("UPDATE signals SET mentions = mentions + 7 WHERE mentions > 5")
    done = badbuzz("explain", "--store", copied, *more)
    assert done.status == 1
    assert "mentions" in done.out
    assert "Recomputed: identical" not in done.out
    assert '"identical": true' not in done.out
