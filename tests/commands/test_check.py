import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from monitor.commands.check import check, inert
from monitor.errors import InputRefused, RecordingUnreadable
from monitor.sources.ndjson import encode
from tests.made import at, mention

EXAMPLE = Path(__file__).parents[2] / "rules" / "topics" / "example.yaml"
TOPICS = """\
topics:
  - id: acme
    query: acme -jeu
    accounts: "@acme"
  - id: quiet
    query: introuvable
"""


@pytest.fixture
def watchlist(tmp_path):
    path = tmp_path / "topics.yaml"
    path.write_text(TOPICS)
    return path


@pytest.fixture
def recording(tmp_path):
    posts = [
        mention("1", at("09:00"), "Rien à voir"),
        mention("2", at("09:01"), "ACMÉ est\nen \x1b[31mpanne\u202e !"),
        mention("3", at("09:02"), "encore Acme"),
        mention("4", at("09:03"), "encore acme"),
        mention("5", at("09:04"), "jeu acme"),
        mention("6", at("09:05"), "vous exagérez", kind="reply", parent_author_handle="acme"),
    ]
    path = tmp_path / "posts.ndjson"
    path.write_bytes(b"".join(map(encode, posts)))
    return path


def test_a_good_watchlist_is_summed_up(watchlist, capsys):
    check([watchlist])
    said = capsys.readouterr().out
    assert f"acme · acme · ours · {watchlist}:2\n  listens to    acme -jeu\n  found by      acme (1 anchor)" in said
    assert "own accounts  acme\n" in said
    assert "own accounts  none: answers to the brand are not recognised" in said
    assert said.endswith("2 topics, no problem\n")


def test_the_example_is_good(capsys):
    check([EXAMPLE])
    said = capsys.readouterr().out
    assert "open          mon-fri 08:00-20:00, sat 09:00-18:00; Europe/Paris" in said
    assert said.endswith("4 topics, no problem\n")


def test_every_problem_is_shown_with_its_query_and_the_status_is_1(tmp_path, capsys):
    path = tmp_path / "bad.yaml"
    path.write_text("topics:\n  - id: a\n    query: a OR\n    page: x\n")
    with pytest.raises(typer.Exit) as caught:
        check([path], query="(b")
    said = capsys.readouterr()
    assert caught.value.exit_code == 1
    assert said.out == ""
    assert f"{path}:3: query, column 5:" in said.err
    assert "\n    a OR\n        ^\n" in said.err
    assert f'{path}:4: page "x" is unknown' in said.err
    assert "--query: column 1: the group opened here is never closed" in said.err
    assert "3 problems" in said.err


def test_recorded_posts_show_what_each_query_would_have_caught(watchlist, recording, capsys):
    check([watchlist], posts=[str(recording)])
    said = capsys.readouterr().out.split("no problem\n")[1]
    assert said == (
        "6 posts read, 0 broken records passed over\n"
        "acme would have caught 4 posts, 67 %\n"
        "  by acme (3), answers @acme (1)\n"
        "  2026-01-15T09:01:00Z [ACMÉ] est en .[31mpanne. !\n"
        "  2026-01-15T09:02:00Z encore [Acme]\n"
        "  2026-01-15T09:05:00Z vous exagérez\n"
        "caught nothing: quiet\n"
    )


def test_a_query_can_be_tried_alone_on_some_posts(recording, capsys):
    check(query="encore OR jeu", posts=[str(recording)], limit=4, examples=1)
    said = capsys.readouterr().out
    assert "query · the query given · ours · --query\n" in said
    assert "4 posts read" in said
    assert "caught 2 posts, 50 %" in said
    assert said.count("[encore]") == 1


def test_a_long_post_is_cut_around_the_word_found(watchlist, tmp_path, capsys):
    path = tmp_path / "long.ndjson"
    path.write_bytes(encode(mention("1", at("09:00"), "é" * 400 + " acme " + "x" * 400)))
    check([watchlist], posts=[str(path)])
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "[acme]" in line]
    assert len(line) < 220
    assert " ... é" in line
    assert line.endswith("x ...")


def test_nothing_to_check_is_refused():
    with pytest.raises(InputRefused, match="name a watchlist"):
        check()


def test_an_unreadable_recording_is_refused(watchlist, tmp_path):
    with pytest.raises(RecordingUnreadable):
        check([watchlist], posts=[str(tmp_path / "absent")])


def test_a_post_can_do_nothing_to_a_terminal():
    hostile = "a\x1b]0;title\x07\r\n\x9b2J\u202eb\u2066c\u200b\U000e0041👩\u200d🚒é"
    assert inert(hostile) == "a.]0;title. .2J.b.c..👩\u200d🚒é"


@pytest.mark.parametrize(("arguments", "status"), [([EXAMPLE], 0), (["absent.yaml"], 1), (["--examples", "x"], 2)])
def test_the_exit_status_says_how_it_went(arguments, status):
    command = [sys.executable, "-m", "monitor.cli", "check", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (status, False), done.stderr


@pytest.mark.recorded
def test_a_year_of_real_posts_about_a_share_is_found(recordings, capsys):
    check(query="$AAPL", posts=[str(recordings / "stocknet" / "tweets_v11.jsonl.gz")], examples=2)
    said = capsys.readouterr().out
    assert "41,877 posts read, 0 broken records" in said
    assert said.count("[$AAPL]") >= 2
