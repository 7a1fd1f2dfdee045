"""Made pictures: what was encoded again or scaled is recognised, and no letter is taken for another."""

from __future__ import annotations

from itertools import combinations

import pytest

from monitor.topics.images import MOST_DIFFERENT, bits_apart
from tests.benchmarks.pictures import COPIES, KINDS, file_of, look, main, seeded

SURVIVED = (
    "JPEG of quality 40",
    "WebP of quality 60",
    "PNG",
    "half as large",
    "400 pixels wide",
    "passed on three times",
)
APART = [kind for kind in KINDS if kind != "one photo, many captions"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_encoded_again_or_scaled_is_recognised(kind: str) -> None:
    made = KINDS[kind](seeded("small", kind, 0))
    first = look(file_of(made))
    assert max((look(COPIES[way](made)) ^ first).bit_count() for way in SURVIVED) <= MOST_DIFFERENT


@pytest.mark.parametrize("kind", KINDS)
def test_a_mirrored_copy_is_recognised_and_of_nothing_else(kind: str) -> None:
    made, other = (KINDS[kind](seeded("small", kind, number)) for number in (0, 1))
    for way in ("mirrored", "mirrored, half as large"):
        copy = look(COPIES[way](made))
        assert bits_apart(copy, look(file_of(made))) is not None
        assert kind not in APART or bits_apart(copy, look(file_of(other))) is None


@pytest.mark.parametrize("kind", APART)
def test_pictures_of_one_kind_are_told_apart_though_their_layout_is_the_same(kind: str) -> None:
    looks = [look(file_of(KINDS[kind](seeded("small", kind, number)))) for number in range(20)]
    assert min((one ^ other).bit_count() for one, other in combinations(looks, 2)) > MOST_DIFFERENT


def test_the_report_counts_what_was_mixed_up(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tests.benchmarks.pictures.PICTURES", 3)
    monkeypatch.setattr("tests.benchmarks.pictures.COPIED", 2)
    monkeypatch.setattr(
        "tests.benchmarks.pictures.KINDS", {"same": lambda _: KINDS["scenes"](seeded("one", "same", 0))}
    )
    main("small")
    said = capsys.readouterr().out
    assert "same: 3 pairs of different pictures, nearest [0, 0, 0]" in said
    assert "taken for one: 3;" in said
    assert "PNG                          2 of 2 recognised" in said
