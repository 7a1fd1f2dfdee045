import csv
import gzip
import io
import math
import random
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from monitor.commands.cascade import cascade
from monitor.errors import InputRefused

COLUMNS = [
    "cascade_id", "at_seconds", "seen", "reproduction", "reproduction_low", "reproduction_high",
    "final_size", "final_low", "final_high",
]  # fmt: skip
NOON = 1_500_033_600


def files(folder: Path, events: str, index: str) -> tuple[Path, Path]:
    folder.mkdir(exist_ok=True)
    paths = folder / "events.csv", folder / "index.csv"
    for path, text in zip(paths, (events, index), strict=True):
        path.write_text(text)
    return paths


def stream(cascades: int, *, followers: bool = True, until_s: float = math.inf) -> tuple[str, str]:
    """Cascades that fade over some hours, a day apart; those events are left out that came after `until_s`."""
    rng = random.Random(2)
    events, index = (
        ["cascade_id,idx,t_s,followers,parent_idx,user"],
        ["cascade_id,root_time_unix,root_followers,label,n_events,duration_s"],
    )
    for place in range(cascades):
        root_s = NOON + 86_400 * place
        ages = sorted(rng.expovariate(1 / 3_000) for _ in range(60))
        audience = rng.randrange(1_000)
        if root_s > until_s:
            continue
        index.append(f"c{place},{root_s},{2_000 if followers else ''},,,")
        events.append(f"c{place},0,0.0,,,1")
        for number, age in enumerate(ages, 1):
            if root_s + age <= until_s:
                events.append(f"c{place},{number},{age:.1f},{audience if followers else ''},,")
    return "\n".join(events), "\n".join(index) + "\n"


def said(folder: Path, events: str, index: str, at: str = "600,3600") -> dict[tuple[str, str], dict[str, str]]:
    paths = files(folder, events, index)
    cascade(paths[0], paths[1], at, folder / "out.csv")
    with (folder / "out.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert all(list(row)[: len(COLUMNS)] == COLUMNS for row in rows)
    assert "reply" in events or all(len(row) == len(COLUMNS) for row in rows)
    return {(row["cascade_id"], row["at_seconds"]): row for row in rows}


@pytest.mark.parametrize("followers", [True, False])
def test_every_cascade_is_answered_at_every_age_with_numbers_in_order(tmp_path: Path, followers: bool) -> None:
    rows = said(tmp_path, *stream(12, followers=followers), at="600,3600,21600.5")
    assert list(rows) == [(f"c{place}", at) for place in range(12) for at in ("600", "3600", "21600.5")]
    for row in rows.values():
        seen = int(row["seen"])
        numbers = [float(row[column]) for column in COLUMNS[3:]]
        assert all(math.isfinite(number) for number in numbers)
        assert 0 <= numbers[1] <= numbers[0] <= numbers[2]
        assert 1 <= seen <= numbers[4]
        assert numbers[4] <= numbers[3] <= numbers[5]


def test_the_root_is_counted_and_what_came_later_is_not(tmp_path: Path) -> None:
    events = "cascade_id,idx,t_s,followers,parent_idx,user\na,0,0.0,5,,\na,1,-11.0,,,\na,2,600.0,,,\na,3,600.5,,,\n"
    rows = said(tmp_path, events, "cascade_id\na\nlonely\n")
    assert {key: row["seen"] for key, row in rows.items()} == {
        ("a", "600"): "3", ("a", "3600"): "4", ("lonely", "600"): "1", ("lonely", "3600"): "1",
    }  # fmt: skip


def test_no_answer_rests_on_the_future(tmp_path: Path) -> None:
    whole = said(tmp_path / "whole", *stream(20))
    now = NOON + 14 * 86_400 + 3_600
    past = said(tmp_path / "past", *stream(20, until_s=now))
    assert len(past) == 30
    assert past == {key: whole[key] for key in past}


def test_what_the_index_knows_of_the_end_changes_nothing(tmp_path: Path) -> None:
    events, index = stream(8)
    told = index.replace(",,,\n", ",rumor,61,99999.0\n")
    assert told != index
    assert said(tmp_path / "told", events, told) == said(tmp_path / "untold", events, index)


def test_order_of_rows_and_gzip_change_nothing(tmp_path: Path) -> None:
    events, index = stream(6)
    usual = said(tmp_path, events, index)
    header, *rows = events.splitlines()
    random.Random(1).shuffle(rows)
    paths = tmp_path / "events.csv.gz", tmp_path / "index.csv.gz", tmp_path / "out.csv.gz"
    paths[0].write_bytes(gzip.compress("\n".join([header, *rows]).encode()))
    paths[1].write_bytes(gzip.compress(index.encode()))
    cascade(paths[0], paths[1], "600,3600", paths[2])
    with gzip.open(paths[2], "rt") as file:
        assert list(csv.DictReader(file)) == list(usual.values())


HEADER = "cascade_id,t_s,followers\n"


@pytest.mark.parametrize(
    ("events", "index", "message"),
    [
        ("", "cascade_id\na\n", "events.csv:1: there is no column cascade_id; the first line must name"),
        (HEADER, "id\na\n", "index.csv:1: there is no column cascade_id; the first line must name cascade_id"),
        (HEADER + "a,soon,\n", "cascade_id\na\n", "events.csv:2: t_s is 'soon'; write a number from"),
        (HEADER + "a,nan,\n", "cascade_id\na\n", "events.csv:2: t_s is 'nan'; write a number from"),
        (HEADER + "a,1e99,\n", "cascade_id\na\n", "events.csv:2: t_s is '1e99'; write a number from"),
        (HEADER + "a,,\n", "cascade_id\na\n", "events.csv:2: there is no t_s; write"),
        (HEADER + "a,1,many\n", "cascade_id\na\n", "events.csv:2: followers is 'many'; write a number from 0 to"),
        (HEADER + "b,1,\n", "cascade_id\na\n", "events.csv:2: cascade 'b' is not in the index; add"),
        (HEADER + ",1,\n", "cascade_id\na\n", "events.csv:2: there is no cascade_id; write"),
        (HEADER + "a,1\n", "cascade_id\na\n", "events.csv:2: 2 cells instead of 3; complete"),
        (HEADER, "cascade_id\na\na\n", "index.csv:3: cascade 'a' is listed before; keep"),
        (HEADER, "cascade_id,root_time_unix\na,noon\n", "index.csv:2: root_time_unix is 'noon'; write"),
    ],
)
def test_bad_input_is_refused_in_one_sentence_with_its_place(
    tmp_path: Path, events: str, index: str, message: str
) -> None:
    paths = files(tmp_path, events, index)
    with pytest.raises(InputRefused) as caught:
        cascade(*paths, "600", tmp_path / "out.csv")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert sorted(tmp_path.iterdir()) == sorted(paths)


@pytest.mark.parametrize("at", ["", "soon", "600,", "0", "-5", "nan", "inf", "1e12"])
def test_an_age_that_is_none_is_wrong_usage(tmp_path: Path, at: str) -> None:
    paths = files(tmp_path, HEADER, "cascade_id\n")
    with pytest.raises(typer.BadParameter, match="is no age; write seconds"):
        cascade(*paths, at, tmp_path / "out.csv")


def test_files_that_cannot_be_read_or_written_are_refused(tmp_path: Path) -> None:
    events, index = files(tmp_path, HEADER, "cascade_id\n")
    with pytest.raises(InputRefused, match=r"missing\.csv: No such file"):
        cascade(events, tmp_path / "missing.csv", "600", tmp_path / "out.csv")
    with pytest.raises(InputRefused, match="nowhere"):
        cascade(events, index, "600", tmp_path / "nowhere" / "out.csv")
    broken = tmp_path / "events.csv.gz"
    broken.write_bytes(gzip.compress(HEADER.encode())[:-9])
    with pytest.raises(InputRefused, match=r"events\.csv\.gz: the compressed file is broken"):
        cascade(broken, index, "600", tmp_path / "out.csv")
    events.write_bytes(b"cascade_id,t_s\n\xff,1\n")
    with pytest.raises(InputRefused, match=r"events\.csv: byte \d+ is not UTF-8"):
        cascade(events, index, "600", tmp_path / "out.csv")


def test_the_command_reads_standard_input_and_writes_standard_output(tmp_path: Path) -> None:
    _, index = files(tmp_path, "", "cascade_id\na\n")
    command = [
        sys.executable,
        "-m",
        "monitor.cli",
        "cascade",
        "-",
        "--index",
        str(index),
        "--at",
        "60",
        "--output",
        "-",
    ]
    packed = gzip.compress((HEADER + "a,0,7\na,30,9\n").encode())
    done = subprocess.run(command, input=packed, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    (row,) = csv.DictReader(io.StringIO(done.stdout.decode()))
    assert (row["cascade_id"], row["at_seconds"], row["seen"]) == ("a", "60", "2")


def test_replies_are_no_reshares_and_their_conversation_is_told_apart(tmp_path: Path) -> None:
    head = "cascade_id,idx,t_s,followers,parent_idx,user,kind\na,0,0,5,,zoe,\n"
    reshares = "".join(f"a,{n},{10 * n},9,0,u{n},repost\n" for n in range(1, 31))
    talk = "".join(f"a,{40 + n},{20 * n},9,{n and 39 + n},{'ab'[n % 2]},reply\n" for n in range(6))
    index = "cascade_id\na\n"
    alone = said(tmp_path, head + reshares, index, "60,600")
    both = said(tmp_path, head + reshares + talk, index, "60,600")
    for age in ("60", "600"):
        assert alone["a", age].items() <= both["a", age].items()
    shown = [list(both["a", age].values())[-5:] for age in ("60", "600")]
    assert shown == [["4", "2", "4", "1", "2.0"], ["6", "2", "6", "1", "2.6667"]]
    assert "replies" not in alone["a", "60"]
