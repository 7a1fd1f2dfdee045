"""Counting without remembering who: exact for a handful, within a few per cent for many, whatever the order."""

from __future__ import annotations

from random import Random

import pytest

from monitor.stats.registers import REGISTERS, estimate, mark


def marked(keys: range | list[int]) -> dict[int, int]:
    marks: dict[int, int] = {}
    for key in keys:
        register, rank = mark(key)
        marks[register] = max(rank, marks.get(register, 0))
    return marks


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_a_handful_is_counted_exactly_nearly_always(count: int) -> None:
    worlds = [estimate(marked(range(seed * 100, seed * 100 + count))) for seed in range(200)]
    assert worlds.count(count) >= 190


@pytest.mark.parametrize("count", [50, 500, 700, 5_000, 60_000])
def test_many_are_counted_within_a_few_per_cent(count: int) -> None:
    errors = [estimate(marked(range(seed * count, (seed + 1) * count))) / count - 1 for seed in range(20)]
    assert abs(sum(errors) / len(errors)) < 0.05
    assert (sum(error * error for error in errors) / len(errors)) ** 0.5 < 0.10


def test_order_and_repetition_make_no_difference_and_memory_is_bounded() -> None:
    random = Random(1)
    keys = [random.randrange(-(1 << 63), 1 << 63) for _ in range(3_000)]
    again = keys + keys[::3]
    Random(2).shuffle(again)
    assert marked(again) == marked(keys)
    assert len(marked(keys)) == REGISTERS
