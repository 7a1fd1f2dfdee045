"""An incident's numbers come out again from what is stored of it; where they do not, it says which."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from monitor.anomalies import Verdict
from monitor.anomalies.negative_share import NegativeShareTest
from monitor.backtest.brands import EXAMPLE_BRANDS
from monitor.backtest.scenarios import scenario
from monitor.backtest.simulation import Simulation
from monitor.clock import DAY_US, HOUR_US, MINUTE_US
from monitor.queries import Reading, recent_incidents
from monitor.queries.explanation import LOOKBACK_MINUTES, Explained, explanation_of
from monitor.store.database import open_store
from monitor.store.rows import pack_verdicts, verdicts_of
from monitor.topics.watchlist import read_watchlists
from tests.made import at
from tests.made_crowds import chatter, handful
from tests.service.rig import NOON, HandClock, Rig, story

REWRITE = "UPDATE signals SET verdicts = ? WHERE topic = 'acme' AND start_us = ?"
WATCHLIST = Path(__file__).parents[2] / "rules" / "topics" / "example.yaml"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service that lived through four quiet days and a crisis."""
    folder = tmp_path_factory.mktemp("crisis")
    rig = Rig(folder, follows_wall_clock=False)
    rig.post(*story(NOON - 5 * DAY_US))
    rig.close()
    return folder / "badbuzz.db"


@pytest.fixture
def path(told: Path, tmp_path: Path) -> Path:
    return shutil.copy(told, tmp_path / "badbuzz.db")


@pytest.fixture
def tamper(path: Path) -> Iterator[Callable[..., list[tuple[object, ...]]]]:
    """Change what is stored, behind everybody's back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as store:
        yield lambda sql, *values: store.execute(sql, values).fetchall()


def explained(path: Path, *, whole: bool = True) -> Explained:
    with Reading(str(path)).snapshot() as look:
        (row,) = recent_incidents(look, 10)
        found = explanation_of(look, row.incident.id, whole=whole)
    assert found is not None
    return found


def decisive(path: Path, tamper: Callable[..., list[tuple[bytes]]]) -> tuple[int, dict[str, Verdict]]:
    """Return the minute that made the incident what it is, and what is stored of each detector's verdict on it."""
    found = explained(path).explanation
    assert found is not None
    start_us = found.at_us - MINUTE_US
    (row,) = tamper("SELECT verdicts FROM signals WHERE topic = 'acme' AND start_us = ?", start_us)
    return start_us, {one.detector: one for one in verdicts_of(row[0])}


def test_untouched_everything_is_identical(path: Path) -> None:
    found = explained(path)
    assert found.check.is_identical
    assert found.check.mentions >= found.row.incident.mentions > 200
    assert found.check.verdicts > 5 * found.check.minutes > 300
    assert found.explanation is not None
    assert found.explanation.is_reproduced
    assert found.explanation.severity == found.row.incident.severity
    assert len(found.sentences("en")) == len(found.sentences("fr")) == 3
    assert found.remarks("en")[0].startswith("Recomputed: identical (")


def test_a_handful_of_copies_is_explained_by_how_many_would_have_been_usual(tmp_path: Path) -> None:
    rig = Rig(tmp_path, follows_wall_clock=False)
    rig.post(*sorted([*chatter(), *handful()], key=lambda post: (post.published_us, post.id)))
    rig.close()
    found = explained(tmp_path / "badbuzz.db")
    assert found.check.is_identical
    assert found.explanation is not None
    assert found.explanation.is_reproduced
    (change,) = found.explanation.changes
    assert (change.kind, change.outcome) == ("fewer_coordinated", None)
    assert "the number of coordinated mentions (made_mentions)" in found.remarks("en")[-1]
    assert "le nombre de mentions coordonnées (made_mentions)" in found.remarks("fr")[-1]


def test_the_page_looks_at_the_hour_that_decided_only(path: Path) -> None:
    part, whole = explained(path, whole=False), explained(path)
    assert part.check.is_identical
    assert part.check.end_us - part.check.start_us == HOUR_US
    assert part.explanation == whole.explanation
    assert part.check.minutes < whole.check.minutes


def test_erased_words_are_said_and_change_no_number(path: Path) -> None:
    with open_store(path) as store:
        assert store.purge(NOON) > 200
    found = explained(path)
    assert found.check.is_identical
    assert found.check.erased == found.check.mentions
    assert "have been erased since" in found.remarks("en")[1]
    assert "ont été effacés depuis" in found.remarks("fr")[1]


def test_a_post_that_is_gone_is_missed_where_it_was(path: Path, tamper: Callable[..., object]) -> None:
    since_us = explained(path).row.incident.opened_us + 20 * MINUTE_US
    tamper("DELETE FROM mentions WHERE key = (SELECT key FROM mentions WHERE published_us > ? LIMIT 1)", since_us)
    check = explained(path).check
    assert not check.is_identical
    first = check.differences[0]
    assert {one.at_us for one in check.differences if one.what == "mentions"} == {first.at_us}
    (lost,) = [one for one in check.differences if one.what == "mentions"]
    assert lost.stored is not None
    assert (lost.found or 0.0) == lost.stored - 1
    assert {one.what.partition(":")[0] for one in check.differences} >= {"seasonal_counts"}


def test_a_tone_that_was_changed_is_found_in_the_measures(path: Path, tamper: Callable[..., object]) -> None:
    opened_us = explained(path).row.incident.opened_us
    start_us = opened_us + 20 * MINUTE_US - opened_us % MINUTE_US
    tamper("UPDATE mentions SET tone = 0.9 WHERE published_us BETWEEN ? AND ?", start_us, start_us + MINUTE_US - 1)
    differences = explained(path).check.differences
    assert {"negative_share", "tone"} <= {one.what for one in differences if one.at_us == start_us}
    later = {one.what for one in differences if one.at_us > start_us}
    assert later == {"negative_share: count", "complaints: observed"}


@pytest.mark.parametrize("changed", ["p_value", "observed", "scatter", "tail_scale"])
def test_a_verdict_that_was_changed_does_not_come_out(
    path: Path, tamper: Callable[..., list[tuple[bytes]]], changed: str
) -> None:
    start_us, verdicts = decisive(path, tamper)
    first = next(iter(verdicts.values()))
    verdicts[first.detector] = (
        msgspec.structs.replace(first, **{changed: getattr(first, changed) * 1.5})
        if changed in ("p_value", "observed")
        else msgspec.structs.replace(first, factors={**first.factors, changed: first.factors[changed] * 1.5})
    )
    tamper(REWRITE, pack_verdicts(list(verdicts.values())), start_us)
    differences = explained(path).check.differences
    assert {one.at_us for one in differences} == {start_us}
    assert f"{first.detector}: p_value" in {one.what for one in differences}


def test_a_share_that_its_minutes_do_not_add_up_to_is_found_though_its_chance_agrees_with_it(
    path: Path, tamper: Callable[..., list[tuple[bytes]]]
) -> None:
    start_us, verdicts = decisive(path, tamper)
    told = verdicts["negative_share"]
    forged = NegativeShareTest().supposing(told, round(told.factors["count"]) - 1)
    assert forged is not None
    tamper(REWRITE, pack_verdicts(list((verdicts | {"negative_share": forged}).values())), start_us)
    (difference,) = explained(path).check.differences
    assert (difference.at_us, difference.what) == (start_us, "negative_share: count")
    assert difference.found == told.factors["count"] == (difference.stored or 0.0) + 1.0


def test_verdicts_of_a_version_without_the_factors_are_not_explained(path: Path, tamper: Callable[..., object]) -> None:
    verdict = Verdict(detector="seasonal_counts", p_value=1e-9, observed=9, expected=1, lower=0, upper=3)
    tamper("UPDATE signals SET verdicts = ?", pack_verdicts([verdict]))
    found = explained(path)
    assert not found.check.is_identical
    assert found.sentences("en") == ()


def simulated(folder: Path, name: str, seed: int) -> str:
    """Live through a simulated crisis; return where it is stored."""
    simulation = Simulation(seed=seed, days=5, volume=120, brands=EXAMPLE_BRANDS)
    clock = HandClock(at("00:00", "2027-01-01"))
    rig = Rig(folder, clock, follows_wall_clock=False, topics=read_watchlists([WATCHLIST]))
    rig.post(*scenario(name).play(simulation))
    rig.close()
    return rig.address


@pytest.mark.parametrize(("name", "seed"), [("own_reply_backlash", 2), ("two_topics", 3)])
def test_every_incident_of_a_simulated_crisis_comes_out_again_in_every_number(
    tmp_path: Path, name: str, seed: int
) -> None:
    """In the second, mentions are set aside and put back in minutes in which nothing was published."""
    with Reading(simulated(tmp_path, name, seed)).snapshot() as look:
        found = [explanation_of(look, row.incident.id, whole=True) for row in recent_incidents(look, 20)]
    assert {one.row.incident.severity for one in found if one is not None} >= {"critical"}
    for one in found:
        assert one is not None
        assert one.check.is_identical
        assert one.explanation is not None
        assert one.explanation.is_reproduced
        assert len(one.sentences("fr")) == 3


def test_what_rose_for_longer_than_the_hour_before_is_counted_from_its_beginning(tmp_path: Path) -> None:
    address = simulated(tmp_path, "own_reply_backlash", 2)
    with Reading(address).snapshot() as look:
        row = next(row for row in recent_incidents(look, 20) if row.incident.severity == "critical")
        watched = row.incident.topic
    with closing(sqlite3.connect(tmp_path / "badbuzz.db", isolation_level=None)) as store:
        minutes = store.execute(
            "SELECT start_us, verdicts FROM signals WHERE topic = ? AND start_us BETWEEN ? AND ? ORDER BY start_us",
            (watched, row.incident.opened_us, row.incident.updated_us - MINUTE_US),
        ).fetchall()
        start_us, verdicts, long = next(
            (start_us, verdicts, one)
            for start_us, packed in minutes
            for verdicts in [verdicts_of(packed)]
            for one in verdicts
            if one.unit == "share"
            and start_us - one.span_minutes * MINUTE_US < row.incident.since_us - 2 * LOOKBACK_MINUTES * MINUTE_US
        )
        factors = {**long.factors, "count": long.factors["count"] - 1.0}
        forged = [msgspec.structs.replace(one, factors=factors) if one is long else one for one in verdicts]
        store.execute(
            "UPDATE signals SET verdicts = ? WHERE topic = ? AND start_us = ?",
            (pack_verdicts(forged), watched, start_us),
        )
    with Reading(address).snapshot() as look:
        found = explanation_of(look, row.incident.id, whole=True)
    assert found is not None
    (difference,) = found.check.differences
    assert (difference.at_us, difference.what) == (start_us, f"{long.detector}: count")


def test_an_unknown_incident_has_no_explanation(path: Path) -> None:
    with Reading(str(path)).snapshot() as look:
        assert explanation_of(look, "nowhere") is None
