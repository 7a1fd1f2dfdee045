"""The scoring of the Numenta Anomaly Benchmark, and what `badbuzz detect` makes of five of its series as it comes."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import nab

SERIES = nab.load()


def first_row(series: nab.Series, window: int) -> int:
    return next(row for row, at_us in enumerate(series.times_us) if at_us >= series.windows[window][0])


def test_saying_nothing_scores_0() -> None:
    assert nab.score(SERIES, dict.fromkeys(SERIES, ())).score == 0.0


def test_the_left_edge_of_every_window_scores_100() -> None:
    perfect = {name: [first_row(one, window) for window in range(len(one.windows))] for name, one in SERIES.items()}
    result = nab.score(SERIES, perfect)
    assert result.score == pytest.approx(100.0)
    assert (result.hits, result.false_alarms, result.windows) == (17, 0, 17)


def test_a_false_alarm_far_from_any_window_costs_its_weight() -> None:
    one = SERIES["AAPL"]
    nothing = nab.raw_score(one, (), nab.PROFILES["standard"])[0]
    assert nab.raw_score(one, (one.probation + 1,), nab.PROFILES["standard"])[0] == pytest.approx(nothing - 0.11)
    assert nab.raw_score(one, (10,), nab.PROFILES["standard"])[0] == nothing


@pytest.mark.timeout(300)
def test_our_detectors_come_with_at_least_70_and_at_most_six_tenths_of_a_false_episode_a_week() -> None:
    result = nab.score(SERIES, {name: nab.alarms_of(one) for name, one in SERIES.items()})
    assert result.score >= 70.0
    assert result.false_episodes_per_week <= 0.6
