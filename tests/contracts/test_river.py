"""What we take from inside river, which it does not promise to keep: said here first when a new river changes it.

River offers no public way to store a quantile, a Page-Hinkley test or the weights of a linear model but pickling whole
objects, and unpickling runs whatever a database holds. Should one of these fail after an upgrade, correct the module it
names, and let stored states of the old form be relearned.
"""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest
from river import stats

import monitor
from monitor.anomalies import joint, moved_baseline
from monitor.cascades import forecast
from monitor.tone.learner import Correction, ToneLearner

USERS = {
    "anomalies/joint.py": "test_a_quantile_goes_on_where_it_was",
    "anomalies/moved_baseline.py": "test_a_page_hinkley_test_goes_on_where_it_was",
    "cascades/forecast.py": "test_a_linear_model_starts_with_the_weights_given",
    "tone/learner.py": "test_a_logistic_model_goes_on_where_it_was",
}


def test_every_module_that_reaches_into_river_has_a_test_here() -> None:
    root = Path(monitor.__file__).parent
    reaches = re.compile(r"# noqa: SLF001(?! \(its own\))")
    found = {
        path.relative_to(root).as_posix() for path in root.rglob("*.py") if reaches.search(path.read_text("utf-8"))
    }
    assert found == set(USERS)
    assert set(USERS.values()) <= set(globals())


def test_a_quantile_goes_on_where_it_was() -> None:
    random = Random(1)
    whole, stored = stats.Quantile(q=joint.FILTER), stats.Quantile(q=joint.FILTER)
    for _ in range(500):
        whole.update(random.random())
    stored._quantile.__setstate__(whole._quantile.__getstate__())
    stored._is_updated = True
    assert isinstance(whole._quantile.__getstate__(), bytes)
    for _ in range(500):
        assert stored.get() == whole.get()
        point = random.random()
        whole.update(point)
        stored.update(point)


def test_a_page_hinkley_test_goes_on_where_it_was() -> None:
    random = Random(2)
    whole = moved_baseline._page_hinkley((0, 0.0, 0.0, 0.0, float("inf"), -1.0))
    for day in range(80):
        stored = moved_baseline._page_hinkley(moved_baseline._state_of(whole))
        point = random.gauss(1.5 if day >= 40 else 0.0, 0.2)
        whole.update(point)
        stored.update(point)
        assert moved_baseline._state_of(stored) == pytest.approx(moved_baseline._state_of(whole))
        assert stored.drift_detected == whole.drift_detected
        if whole.drift_detected:
            break
    assert 40 < day < 79


@pytest.mark.parametrize("what", ["low", "high"])
def test_a_linear_model_starts_with_the_weights_given(what: str) -> None:
    weights = {name: place / 7 for place, name in enumerate(forecast.FEATURES)}
    function = forecast._function(what, weights, 0.5)
    assert function.weights == weights
    point = {name: 1.0 + place for place, name in enumerate(forecast.FEATURES)}
    assert function.predict_one(point) == pytest.approx(sum(weights[name] * point[name] for name in point))
    function.learn_one(point, 1_000.0)
    assert function.weights != weights


def test_a_logistic_model_goes_on_where_it_was() -> None:
    random = Random(3)
    whole, stored = ToneLearner(), ToneLearner()
    for number in range(200):
        features = tuple(random.randrange(50) for _ in range(5))
        said = random.choice(("negative", "positive", "negative"))
        whole.learn(Correction(number=number, topic="acme", key=number, said=said, lexicon=0.0, features=features))
    stored.restore(whole.snapshot())
    assert stored._model.weights == whole._model.weights != {}
    assert stored._learned([1, 2, 3]) == whole._learned([1, 2, 3]) != 0.0
