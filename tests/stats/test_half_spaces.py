import random

import pytest
from river import anomaly

from monitor.stats.half_spaces import WINDOW, HalfSpaces, grown

NAMES = tuple(f"measure_{place}" for place in range(12))
LIMITS = (-3.0, 3.0)


@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_the_score_is_rivers_number_for_number(missing: float) -> None:
    rng = random.Random(3)
    theirs = anomaly.HalfSpaceTrees(
        n_trees=7, height=4, window_size=WINDOW, limits=dict.fromkeys(NAMES, LIMITS), seed=5
    )
    theirs.learn_one(dict.fromkeys(NAMES, 0.0))
    for node in (node for tree in theirs.trees for node in tree.iter_dfs()):
        node.l_mass = 0
    theirs.counter = 0
    ours = HalfSpaces(grown(NAMES, 7, 4, LIMITS, 5))
    seen = set()
    for _ in range(4 * WINDOW):
        point = [None if rng.random() < missing else rng.gauss(0.0, 1.3) for _ in NAMES]
        named = {name: value for name, value in zip(NAMES, point, strict=True) if value is not None}
        passed = ours.passed(point)
        assert 1.0 - ours.fullness(passed) == pytest.approx(theirs.score_one(named), abs=1e-12)
        seen.add(ours.fullness(passed))
        ours.learn(passed)
        theirs.learn_one(named)
    assert len(seen) > 100


def test_the_trees_are_shared_and_the_counts_are_not() -> None:
    first, second = (HalfSpaces(grown(NAMES, 10, 4, LIMITS, 1)) for _ in range(2))
    assert first.shape is second.shape
    first.learn(first.passed([0.0] * len(NAMES)))
    assert sum(first.now) == 50
    assert sum(second.now) == 0
