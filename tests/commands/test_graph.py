"""``badbuzz graph``, as a person gives it."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pytest

from tests.commands.driving import badbuzz
from tests.queries.camps import PRIVATE, camps, fill


@pytest.fixture
def store(tmp_path: Path) -> str:
    return fill(tmp_path / "badbuzz.db", camps())


@pytest.mark.parametrize("name", ["camps.gexf", "camps.GRAPHML", "camps.json"])
def test_a_topic_becomes_a_file_and_a_summary(tmp_path: Path, store: str, name: str) -> None:
    done = badbuzz("graph", "acme", "--store", store, "--output", tmp_path / name)
    assert (done.status, done.err) == (0, "")
    assert "25 accounts, 24 reshares" in done.out
    assert "13 accounts  #parcels" in done.out
    assert PRIVATE not in done.out + (tmp_path / name).read_text()
    assert not list(tmp_path.glob("*.part"))


def test_the_file_opens(tmp_path: Path, store: str) -> None:
    badbuzz("graph", "acme", "--store", store, "--output", tmp_path / "camps.gexf")
    assert len(nx.read_gexf(tmp_path / "camps.gexf")) == 25


@pytest.mark.parametrize(
    ("name", "output", "status", "said"),
    [
        ("nothing", "a.json", 1, "no incident and no topic 'nothing'"),
        ("acme", "a.pdf", 2, ".gexf, .graphml, .json"),
        ("acme", "nowhere/a.json", 1, "cannot write"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    tmp_path: Path, store: str, name: str, output: str, status: int, said: str
) -> None:
    done = badbuzz("graph", name, "--store", store, "--output", tmp_path / output)
    assert done.status == status
    assert said in done.err
