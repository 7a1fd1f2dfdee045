import csv
import math
import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.commands.detect import detect
from monitor.errors import InputRefused

START = datetime(2026, 1, 5, tzinfo=UTC)
COLUMNS = ["timestamp", "value", "expected", "lower", "upper", "score", "alert"]


def series(days: int, step: int = 5, burst: range = range(0), seed: int = 1) -> list[tuple[str, float]]:
    """Counts of every `step` minutes with a daily rhythm, and ten times as many in the rows of `burst`."""
    rng = random.Random(seed)
    rows = []
    for row in range(days * 1440 // step):
        mean = step * (1.0 + 0.7 * math.cos(2 * math.pi * row * step / 1440)) * (10 if row in burst else 1)
        count = sum(rng.random() < mean / 200 for _ in range(200))
        rows.append(((START + timedelta(minutes=row * step)).strftime("%Y-%m-%d %H:%M:%S"), float(count)))
    return rows


def written(path: Path, rows: list[tuple[str, float]]) -> Path:
    path.write_text("timestamp,value\n" + "".join(f"{at},{value:g}\n" for at, value in rows))
    return path


def scored(path: Path) -> list[dict[str, str]]:
    output = path.with_suffix(".scores.csv")
    detect(path, output)
    with output.open() as stream:
        return list(csv.DictReader(stream))


def test_a_burst_is_alarmed_once_at_its_beginning(tmp_path: Path) -> None:
    found = scored(written(tmp_path / "counts.csv", series(12, burst=range(3000, 3012))))
    assert list(found[0]) == COLUMNS
    alarmed = [row for row, one in enumerate(found) if one["alert"] == "1"]
    assert len(alarmed) == 1
    assert 3000 <= alarmed[0] <= 3002
    assert float(found[3005]["score"]) > 0.5
    assert found[3000]["timestamp"] == "2026-01-15T10:00:00Z"


def test_quiet_weeks_are_quiet(tmp_path: Path) -> None:
    found = scored(written(tmp_path / "counts.csv", series(21)))
    assert [one["alert"] for one in found].count("1") == 0
    # The band of each row holds most of what is normal.
    inside = [float(one["lower"]) <= float(one["value"]) <= float(one["upper"]) for one in found[2016:]]
    assert sum(inside) / len(inside) > 0.93


@pytest.mark.parametrize("cut", [1, 9, 10, 11, 1500, 2503])
def test_what_is_said_of_a_row_depends_on_no_later_row(tmp_path: Path, cut: int) -> None:
    rows = series(9, burst=range(2500, 2510))
    whole = scored(written(tmp_path / "whole.csv", rows))
    part = scored(written(tmp_path / "part.csv", rows[:cut]))
    assert part == whole[:cut]


@pytest.mark.parametrize("step", [1, 10, 15, 60])
def test_any_step_is_inferred(tmp_path: Path, step: int) -> None:
    found = scored(written(tmp_path / "counts.csv", series(12 if step < 60 else 40, step)))
    tail = found[-len(found) // 4 :]
    seen = sum(float(one["value"]) for one in tail)
    assert sum(float(one["expected"]) for one in tail) == pytest.approx(seen, rel=0.15)


@pytest.mark.parametrize("first", [[], [4], [3, 7, 8]], ids=["none", "one of the first too", "three of the first too"])
def test_missing_rows_of_a_regular_series_are_an_outage_and_no_silence(tmp_path: Path, first: list[int]) -> None:
    rows = series(14)
    kept = [row for place, row in enumerate(rows) if place not in first and not 2016 <= place < 2592]
    found = scored(written(tmp_path / "counts.csv", kept))
    assert [one["alert"] for one in found].count("1") == 0
    assert float(found[2016 - len(first)]["expected"]) == pytest.approx(10 / 2 * 1.7, rel=0.4)


def test_single_events_are_counted_by_the_minute(tmp_path: Path) -> None:
    rng = random.Random(4)
    at, rows = START, []
    while len(rows) < 6000:
        at += timedelta(seconds=rng.expovariate(1 / 180))
        rows.append((at.isoformat(), 1.0))
    burst = [((at + timedelta(hours=3, seconds=place)).isoformat(), 1.0) for place in range(120)]
    found = scored(written(tmp_path / "events.csv", rows + burst))
    assert [one["alert"] for one in found[:6000]].count("1") == 0
    assert [one["alert"] for one in found[6000:]].count("1") == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "counts.csv: the file is empty; its first line must be timestamp,value"),
        ("timestamp,value\n", "counts.csv: there are no rows below the header"),
        ("timestamp,count\n2026-01-01,1\n", "counts.csv:1: there is no column value"),
        ("timestamp,value\n2026-01-01,NaN\n", "counts.csv:2: the value NaN is not finite"),
        ("timestamp,value\n2026-01-01,1\n2026-01-02,1e999\n", "counts.csv:3: the value 1e999 is not finite"),
        ("timestamp,value\n2026-01-01,-3\n", "counts.csv:2: the value -3 is negative"),
        ("timestamp,value\n2026-01-01,many\n", "counts.csv:2: the value 'many' is no number"),
        ("timestamp,value\nyesterday,3\n", "counts.csv:2: 'yesterday' is no time"),
        ("timestamp,value\n2026-01-01,1e300\n", "counts.csv:2: the value 1e300 is more than 1e+12"),
        ("timestamp,value\n9999-12-31T23:59:59,3\n", "counts.csv:2: the year of 9999-12-31T23:59:59 is not between"),
        ("timestamp,value\n253402300700,3\n", "counts.csv:2: the year of 253402300700 is not between 1900 and 2999"),
        ("timestamp,value\n2026-01-01\n", "counts.csv:2: the row has 1 cells"),
        (
            "timestamp,value\n2026-01-02,1\n2026-01-01,1\n",
            "counts.csv:3: time goes back, 2026-01-01T00:00:00Z is before",
        ),
    ],
)
def test_bad_input_is_refused_in_one_sentence_with_its_place(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(content)
    output = tmp_path / "scores.csv"
    with pytest.raises(InputRefused) as caught:
        detect(path, output)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "; " in str(caught.value)  # what is wrong; what to do
    assert list(tmp_path.iterdir()) == [path]


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match=r"missing\.csv: No such file"):
        detect(tmp_path / "missing.csv", tmp_path / "scores.csv")
    latin = tmp_path / "latin.csv"
    latin.write_bytes("timestamp,value,\xe9t\xe9\n".encode("latin-1"))
    with pytest.raises(InputRefused, match="not UTF-8"):
        detect(latin, tmp_path / "scores.csv")
    with pytest.raises(InputRefused, match="Mars/Olympus"):
        detect(latin, tmp_path / "scores.csv", time_zone="Mars/Olympus")


def test_scores_for_a_folder_that_does_not_exist_are_refused(tmp_path: Path) -> None:
    source = written(tmp_path / "counts.csv", series(1))
    with pytest.raises(InputRefused, match="nowhere"):
        detect(source, tmp_path / "nowhere" / "scores.csv")


def test_the_command_reads_standard_input_and_ends_with_1_when_it_refuses(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "monitor.cli", "detect", "-", "--output", "-"]
    good = subprocess.run(
        command, input="value,timestamp\n3,1767225600\n", capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert good.returncode == 0, good.stderr
    assert good.stdout == "timestamp,value,expected,lower,upper,score,alert\n2026-01-01T00:00:00Z,3,3,0,11,0,0\n"
    bad = subprocess.run(command, input="timestamp,value\n1,-1\n", capture_output=True, text=True, check=False)
    assert bad.returncode == 1
    assert "standard input:2: the value -1 is negative" in bad.stderr
