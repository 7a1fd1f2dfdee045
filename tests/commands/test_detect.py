import csv
import math
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.commands.detect import detect
from monitor.errors import InputRefused

START = datetime(2026, 1, 5, tzinfo=UTC)
COLUMNS = ["timestamp", "value", "expected", "lower", "upper", "score", "alert"]


def series(days: int, step: float = 5, burst: range = range(0), seed: int = 1) -> list[tuple[str, float]]:
    """Counts of every `step` minutes with a daily rhythm, and ten times as many in the rows of `burst`."""
    rng = random.Random(seed)
    rows = []
    for row in range(int(days * 1440 / step)):
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


@pytest.mark.parametrize(("step", "days"), [(0.5, 2), (1, 4), (2, 6), (7, 12), (12, 12), (20, 12), (60, 40)])
def test_what_is_expected_of_a_row_is_meant_for_its_own_step(tmp_path: Path, step: float, days: int) -> None:
    found = scored(written(tmp_path / "counts.csv", series(days, step)))
    tail = found[len(found) // 2 :]
    seen = sum(float(one["value"]) for one in tail)
    assert sum(float(one["expected"]) for one in tail) == pytest.approx(seen, rel=0.15)
    inside = [float(one["lower"]) <= float(one["value"]) <= float(one["upper"]) for one in tail]
    assert sum(inside) / len(inside) > 0.93
    assert [one["alert"] for one in found].count("1") == 0


@pytest.mark.parametrize("step", [2, 6, 7, 12, 20])
def test_a_burst_is_alarmed_at_once_whatever_the_step(tmp_path: Path, step: int) -> None:
    burst = range(7 * 1440 // step, 7 * 1440 // step + 60 // step)
    found = scored(written(tmp_path / "counts.csv", series(8, step, burst)))
    alarmed = [row for row, one in enumerate(found) if one["alert"] == "1"]
    assert len(alarmed) == 1
    assert alarmed[0] in range(burst.start, burst.start + 3)


def test_a_row_a_little_early_or_late_is_no_gap_and_no_double(tmp_path: Path) -> None:
    rng = random.Random(3)
    rows = series(6)
    shaken = [
        ((datetime.fromisoformat(at) + timedelta(seconds=rng.uniform(-20, 20) * (place > 9))).isoformat(), value)
        for place, (at, value) in enumerate(rows)
    ]
    found, plain = (scored(written(tmp_path / name, given)) for name, given in (("a.csv", shaken), ("b.csv", rows)))
    for name in ("value", "expected", "lower", "upper", "score", "alert"):
        assert [one[name] for one in found] == [one[name] for one in plain]


@pytest.mark.parametrize(
    ("value", "after"),
    [(lambda _: 7.0, 7.0), (lambda _: 0.0, 0.0), (lambda rng: rng.uniform(0.9e9, 1.1e9), 9e9)],
    ids=["always the same", "always nothing", "a thousand million"],
)
def test_numbers_stay_numbers_on_the_oddest_series(
    tmp_path: Path, value: Callable[[random.Random], float], after: float
) -> None:
    rng = random.Random(5)
    rows = [((START + timedelta(minutes=5 * row)).isoformat(), value(rng)) for row in range(1500)]
    jump = ((START + timedelta(minutes=5 * 1500)).isoformat(), after)
    found = scored(written(tmp_path / "counts.csv", [*rows, jump]))
    for one in found:
        numbers = [float(one[name]) for name in ("expected", "lower", "upper", "score")]
        assert all(math.isfinite(number) for number in numbers)
        assert numbers[1] <= numbers[2]
        assert 0.0 <= numbers[3] <= 1.0
    assert [row for row, one in enumerate(found) if one["alert"] == "1"] == ([1500] if after > 1e9 else [])


@pytest.mark.parametrize("times", [0.3, 3.0])
def test_a_level_that_has_moved_for_good_is_what_is_expected_within_a_week(tmp_path: Path, times: float) -> None:
    rows = [(at, value * (1.0 if place < 14 * 48 else times)) for place, (at, value) in enumerate(series(24, 30))]
    found = scored(written(tmp_path / "counts.csv", rows))
    week_later = found[21 * 48 :]
    seen = sum(float(one["value"]) for one in week_later)
    assert sum(float(one["expected"]) for one in week_later) == pytest.approx(seen, rel=0.1)
    assert sum(one["alert"] == "1" for one in found[: 14 * 48]) == 0


def test_shares_of_a_count_are_counts_too(tmp_path: Path) -> None:
    rows = [(at, value / 100.0) for at, value in series(6, burst=range(1500, 1510))]
    found = scored(written(tmp_path / "counts.csv", rows))
    tail = found[1000:1500]
    seen = sum(float(one["value"]) for one in tail)
    assert sum(float(one["expected"]) for one in tail) == pytest.approx(seen, rel=0.2)


@pytest.mark.parametrize(
    "write",
    [
        lambda rows: "timestamp,value\r\n" + "".join(f"{at},{value:g}\r\n" for at, value in rows),
        lambda rows: "\ufefftimestamp,value\n" + "".join(f"{at},{value:g}\n" for at, value in rows),
        lambda rows: "Value;Timestamp\n" + "".join(f"{value:.1f};{at}\n".replace(".", ",") for at, value in rows),
        lambda rows: "timestamp\tplace\tvalue\n" + "".join(f"{at}\tParis\t{value:g}\n" for at, value in rows),
        lambda rows: "timestamp,value\n\n" + "".join(f'"{at}" , {value:g}\n  \n' for at, value in rows),
        lambda rows: "timestamp,value\n" + "".join(f"{epoch(at)},{value:g}\n" for at, value in rows),
        lambda rows: "timestamp,value\n" + "".join(f"{epoch(at)}.0,{value:g}\n" for at, value in rows),
        lambda rows: "timestamp,value\n" + "".join(f"{epoch(at)}000,{value:g}\n" for at, value in rows),
        lambda rows: "timestamp,value\n" + "".join(f"{epoch(at)}000000000,{value:g}\n" for at, value in rows),
        lambda rows: "timestamp,value\n" + "".join(f"{at.replace(' ', 'T')}Z,{value:g}\n" for at, value in rows),
        lambda rows: "timestamp,value\n" + "".join(f"{in_paris(at)},{value:g}\n" for at, value in rows),
    ],
    ids=["CRLF", "BOM", "semicolons", "tabs", "blanks", "epoch", "fraction", "ms", "ns", "Zulu", "offsets"],
)
def test_the_same_series_gets_the_same_scores_however_it_is_written(
    tmp_path: Path, write: Callable[[list[tuple[str, float]]], str]
) -> None:
    rows = series(2, 30)
    plain = scored(written(tmp_path / "plain.csv", rows))
    path = tmp_path / "other.csv"
    path.write_bytes(write(rows).encode())
    assert [{**one, "value": float(one["value"])} for one in scored(path)] == [
        {**one, "value": float(one["value"])} for one in plain
    ]


def epoch(at: str) -> int:
    return int(datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp())


def in_paris(at: str) -> str:
    return datetime.fromtimestamp(epoch(at), ZoneInfo("Europe/Paris")).isoformat()


def test_a_date_without_dashes_is_a_date(tmp_path: Path) -> None:
    rows = [((START + timedelta(days=row)).strftime("%Y%m%d"), 5.0) for row in range(40)]
    found = scored(written(tmp_path / "days.csv", rows))
    assert [found[row]["timestamp"] for row in (0, 39)] == ["2026-01-05T00:00:00Z", "2026-02-13T00:00:00Z"]


def test_the_daily_rhythm_follows_the_clocks_of_the_time_zone_when_they_change(tmp_path: Path) -> None:
    rng = random.Random(2)
    paris = ZoneInfo("Europe/Paris")
    rows = []
    for row in range(24 * 2 * 34):  # until 3 April; clocks go forward on 29 March
        at = datetime(2026, 2, 28, tzinfo=UTC) + timedelta(minutes=30 * row)
        mean = 60 if at.astimezone(paris).hour in range(9, 18) else 6
        rows.append((at.isoformat(), float(sum(rng.random() < mean / 200 for _ in range(200)))))
    path = written(tmp_path / "counts.csv", rows)
    of_zone = {}
    for zone in ("UTC", "Europe/Paris"):
        detect(path, tmp_path / "scores.csv", time_zone=zone)
        with (tmp_path / "scores.csv").open() as stream:
            found = list(csv.DictReader(stream))
        # Monday 30 March, 9:00 in Paris
        (of_zone[zone],) = (float(one["expected"]) for one in found if one["timestamp"] == "2026-03-30T07:00:00Z")
    assert of_zone["UTC"] < 30 < of_zone["Europe/Paris"]


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
        ("timestamp,value\n253402300700,3\n", "counts.csv:2: the year of 253402300700 is not between 1970 and 2999"),
        ("timestamp,value\n1969-12-31,3\n", "counts.csv:2: the year of 1969-12-31 is not between 1970 and 2999"),
        ("timestamp,value\n2026-01-01,\n", "counts.csv:2: the value is empty; leave the row out if it is unknown"),
        ("timestamp,value\n,4\n", "counts.csv:2: '' is no time"),
        (
            "timestamp,value\n01/15/2026,4\n",
            "counts.csv:2: '01/15/2026' is no time; write it like 2026-01-15T21:52:00Z",
        ),
        (
            "2026-01-01,4\n2026-01-02,4\n",
            "counts.csv:1: there is no column timestamp in '2026-01-01,4'; the first line",
        ),
        ('timestamp,value\n2026-01-01,"1,000"\n', "counts.csv:2: the value '1,000' is no number"),
        (
            "timestamp,value\n2026-01-01,1\n2206-01-01,1\n",
            "counts.csv:3: 2206-01-01T00:00:00Z is more than ten years after 2026-01-01T00:00:00Z of line 2; correct",
        ),
        ("timestamp,value\n2026-01-01\n", "counts.csv:2: the row has 1 cells"),
        (
            "timestamp,value\n2026-01-02,1\n2026-01-01,1\n",
            "counts.csv:3: time goes back, 2026-01-01T00:00:00Z is before 2026-01-02T00:00:00Z of line 2; sort",
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


def test_a_file_a_pipe_and_a_second_run_give_the_same_bytes(tmp_path: Path) -> None:
    path = written(tmp_path / "counts.csv", series(4, burst=range(900, 910)))
    detect(path, tmp_path / "one.csv")
    detect(path, tmp_path / "two.csv")
    command = [sys.executable, "-m", "monitor.cli", "detect", "-", "--output", "-"]
    piped = subprocess.run(command, input=path.read_bytes(), capture_output=True, check=True, cwd=tmp_path)
    assert piped.stdout == (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    assert b",1\n" in piped.stdout


def test_a_reader_that_has_seen_enough_is_no_complaint_about_the_input(tmp_path: Path) -> None:
    path = written(tmp_path / "counts.csv", series(9))
    command = [sys.executable, "-m", "monitor.cli", "detect", str(path), "--output", "-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b"timestamp,")
        process.stdout.close()
        assert process.stderr.read() == b""
