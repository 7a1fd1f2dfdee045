from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.errors import InputRefused
from monitor.sources import Malformed
from monitor.sources.quarantine import Quarantine


def malformed(count: int, first: int = 1) -> list[Malformed]:
    return [Malformed(number, "not_json", "detail") for number in range(first, first + count)]


def test_nothing_malformed_leaves_no_file(tmp_path: Path) -> None:
    quarantine = Quarantine(tmp_path / "quarantine.jsonl")
    quarantine.add([])
    assert quarantine.count == 0
    assert list(tmp_path.iterdir()) == []


def test_records_are_described_up_to_the_bound_and_counted_beyond(tmp_path: Path) -> None:
    path = tmp_path / "quarantine.jsonl"
    quarantine = Quarantine(path, kept=5)
    quarantine.add(malformed(3))
    quarantine.add(malformed(4, first=4))
    quarantine.add(malformed(1, first=8))
    described = [json.loads(line) for line in path.read_text().splitlines()]
    assert described == [{"record": number, "reason": "not_json", "detail": "detail"} for number in range(1, 6)]
    assert quarantine.count == 8


def test_a_place_that_cannot_be_written_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match=r"missing/q\.jsonl: cannot be written"):
        Quarantine(tmp_path / "missing" / "q.jsonl").add(malformed(1))
