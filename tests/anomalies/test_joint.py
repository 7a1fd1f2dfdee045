import gc
import random
import tracemalloc

import pytest

from monitor.anomalies.joint import Joint
from monitor.clock import MINUTE_US
from monitor.signals import Signal
from monitor.signals.family import measures

MONDAY_US = 1_704_067_200_000_000
NAMES = [measure.name for measure in measures()]


def minute(number: int, rng: random.Random, *, odd: bool = False) -> Signal:
    values = {
        name: (1.0 if odd else rng.betavariate(2, 6))
        if "share" in name
        else rng.lognormvariate(9.0 if odd else 3.0, 0.7)
        for name in NAMES
    }
    values["tone"] = -1.0 if odd else rng.gauss(0.1, 0.2)
    return Signal(
        topic="acme",
        start_us=MONDAY_US + number * MINUTE_US,
        mentions=rng.randint(1, 4) * (6 if odd else 1),
        measures=values,
    )


@pytest.fixture(scope="module")
def taught() -> bytes:
    detector = Joint()
    rng = random.Random(1)
    for number in range(0, 16 * 1440, 3):
        signal = minute(number, rng)
        detector.score(signal)
        detector.learn(signal)
    return detector.snapshot()


def restored(state: bytes) -> Joint:
    detector = Joint()
    detector.restore(state)
    return detector


def test_a_minute_unlike_all_others_is_unlikely_and_says_which_measures_are_far(taught: bytes) -> None:
    detector = restored(taught)
    verdict = detector.score(minute(16 * 1440, random.Random(2), odd=True))
    assert verdict.p_value < 1e-4
    assert verdict.observed > verdict.upper
    assert verdict.drivers
    assert set(verdict.drivers) <= {*NAMES, "mentions"}
    furthest = abs(verdict.factors[f"{verdict.drivers[0]}_deviations"])
    assert furthest == max(abs(value) for name, value in verdict.factors.items() if name.endswith("_deviations"))


def test_an_ordinary_minute_is_ordinary(taught: bytes) -> None:
    rng = random.Random(3)
    p_values = [restored(taught).score(minute(16 * 1440, rng)).p_value for _ in range(20)]
    assert min(p_values) > 1e-4


def test_a_measure_that_is_missing_is_no_reason_to_worry(taught: bytes) -> None:
    whole = minute(16 * 1440, random.Random(4))
    part = Signal(topic="acme", start_us=whole.start_us, mentions=whole.mentions, measures={"tone": 0.1})
    assert restored(taught).score(part).p_value > 1e-4


def test_a_topic_costs_a_few_kilobytes_and_shares_its_trees_with_all_others() -> None:
    Joint().learn(minute(0, random.Random(5)))  # grows them
    tracemalloc.start()
    detector = Joint()
    before = tracemalloc.get_traced_memory()[0]
    rng = random.Random(5)
    for number in range(500):
        signal = minute(number, rng)
        detector.score(signal)
        detector.learn(signal)
    gc.collect()  # which also empties the interpreter's lists of tuples to use again: they are nobody's
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert before < 2_000
    assert after < 10_000


def test_a_state_of_other_measures_is_let_go(taught: bytes) -> None:
    detector = restored(taught.replace(b"tone", b"tune", 1))
    assert detector.snapshot() == Joint().snapshot()


def test_another_seed_grows_other_trees(taught: bytes) -> None:
    rng = random.Random(6)
    signals = [minute(number, rng) for number in range(600)]
    seen = []
    for seed in (1, 2):
        detector = Joint(seed)
        for signal in signals:
            verdict = detector.score(signal)
            detector.learn(signal)
        seen.append(verdict.observed)
    assert seen[0] != seen[1]
