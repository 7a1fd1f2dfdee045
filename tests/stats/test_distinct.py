"""Counting different keys: as near the truth as it says, whatever keys look like and in whatever order they come."""

from __future__ import annotations

from random import Random

import pytest

from monitor.stats.distinct import SAMPLE_SIZE, DistinctCounter


def keys_of(kind: str, count: int) -> list[int]:
    chance = Random(count)
    step = {"from one": 1, "multiples": 1 << 12, "far multiples": 1 << 40}.get(kind)
    keys = [step * (n + 1) if step else chance.getrandbits(63) for n in range(count)]
    return [key % (1 << 63) for key in keys]


@pytest.mark.parametrize("count", [255, 1_000, 30_000])
@pytest.mark.parametrize("kind", ["from one", "multiples", "far multiples", "random"])
def test_the_error_is_within_three_standard_errors_whatever_keys_look_like(kind: str, count: int) -> None:
    keys = keys_of(kind, count)
    counter = DistinctCounter()
    counter.add_all(keys)
    error = 0.0 if count < SAMPLE_SIZE else 3 / (SAMPLE_SIZE - 2) ** 0.5
    assert abs(counter.estimate() / len(set(keys)) - 1) <= error


def test_neither_order_nor_repetition_nor_a_restart_between_matters() -> None:
    keys = keys_of("random", 2_000)
    counter, other = DistinctCounter(), DistinctCounter()
    counter.add_all(keys)
    again = [*keys, *keys[::3]]
    Random(1).shuffle(again)
    other.add_all(again[:900])
    restored = DistinctCounter()
    restored.restore(other.snapshot())
    for key in again[900:]:
        restored.add(key)
    assert restored.snapshot() == counter.snapshot()
    assert restored.estimate() == counter.estimate()
