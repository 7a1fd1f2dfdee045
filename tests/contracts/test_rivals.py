"""What every rival of the back-test promises; rivals are found by file, so none is left out."""

from __future__ import annotations

import re
from datetime import timedelta

import numpy as np
import pytest

from monitor.backtest.rivals import STEP, Counts, Rival
from monitor.backtest.rivals.elastalert_spike import EPOCH, spike_rule
from monitor.backtest.rivals.family import rivals

RIVALS = {rival.name: rival for rival in rivals()}
DAYS = 9


def chatter(days: int = DAYS, seed: int = 1) -> Counts:
    """Quiet minutes, an hour of which holds some twenty mentions."""
    return np.random.default_rng(seed).poisson(0.35, days * 1440)


def test_the_named_rivals_are_all_there() -> None:
    assert set(RIVALS) >= {
        "elastalert_spike",
        "four_hours_against_four",
        "hour_against_twelve",
        "poisson_pointwise",
        "river_gaussian",
        "river_half_space_trees",
        "week_deviations",
    }


@pytest.mark.parametrize("rival", RIVALS.values(), ids=RIVALS)
class TestRival:
    def test_says_something_of_every_minute_and_never_nan(self, rival: Rival) -> None:
        said = rival.judge(chatter())
        assert said.shape == (DAYS * 1440,)
        assert not np.isnan(said).any()
        assert np.isfinite(said[-1440:]).any()

    def test_does_not_look_ahead(self, rival: Rival) -> None:
        counts = chatter()
        changed = counts.copy()
        changed[8 * 1440 :] += 7
        assert np.array_equal(rival.judge(counts)[: 8 * 1440], rival.judge(changed)[: 8 * 1440])

    def test_says_the_same_of_a_minute_whatever_of_the_past_is_asked_for(self, rival: Rival) -> None:
        counts = chatter()
        since = 8 * 1440
        assert np.array_equal(rival.judge(counts, since), rival.judge(counts)[since:])

    def test_is_alarmed_by_an_hour_of_forty_times_the_usual(self, rival: Rival) -> None:
        if rival.name == "chance":
            return  # it looks at nothing
        counts = chatter()
        counts[8 * 1440 + 600 : 8 * 1440 + 660] += 14
        said = rival.judge(counts)
        assert said[8 * 1440 + 600 : 8 * 1440 + 720].max() > said[: 8 * 1440 + 600].max()

    def test_is_silent_on_silence(self, rival: Rival) -> None:
        if rival.name == "chance":
            return  # it looks at nothing
        said = rival.judge(np.zeros(3 * 1440, np.int64))
        assert said.max() <= 0.0 or np.ptp(said[np.isfinite(said)][-1000:]) < 0.2

    def test_has_a_name_and_says_what_it_is(self, rival: Rival) -> None:
        assert re.fullmatch(r"[a-z][a-z_]+", rival.name)
        assert rival.meaning.endswith((".", "?"))


@pytest.mark.parametrize(
    ("name", "hours", "last", "expected"),
    [
        ("hour_against_twelve", [6] * 12, 30, 30 / 6),
        ("four_hours_against_four", [6] * 8, 30, (3 * 6 + 30) / (4 * 6)),
        ("four_hours_against_four", [1] * 8, 30, (3 * 1 + 30) / 5),  # four mentions before count as five
        ("week_deviations", [8, 12] * 84, 30, (30 - 10) / 2),
        ("week_deviations", [100] * 24 + [8, 12] * 84, 30, (30 - 10) / 2),  # the day before the seven is forgotten
        ("poisson_pointwise", [4] * 3, 30, (30 - 4) / (10 - 0)),  # a Poisson of mean 4 has 99 % between 0 and 10
    ],
)
def test_the_arithmetic_by_hand(name: str, hours: list[int], last: int, expected: float) -> None:
    counts = np.zeros(60 * (len(hours) + 1), np.int64)
    counts[::60] = [*hours, last]
    assert RIVALS[name].judge(counts)[-1] == pytest.approx(expected)


@pytest.mark.parametrize("per_minute", [0.35, 0.04])
def test_elastalerts_own_class_matches_where_its_ratio_says_so(per_minute: float) -> None:
    height = 3.0
    counts = np.random.default_rng(1).poisson(per_minute, DAYS * 1440)
    for first in range(2 * 1440 + 600, DAYS * 1440, 1440):
        counts[first : first + 60] += 2
    rule = spike_rule(height)
    matched = []
    for end in range(STEP, len(counts) + 1, STEP):
        rule.add_count_data({EPOCH + timedelta(minutes=end): int(counts[end - STEP : end].sum())})
        if rule.matches:
            matched.append(end - 1)
            rule.matches.clear()
    said = np.flatnonzero(RIVALS["elastalert_spike"].judge(counts) >= height)
    assert len(matched) >= 5
    assert matched == _half_a_day_apart(said.tolist()) == _half_a_day_apart(matched)


def _half_a_day_apart(minutes: list[int]) -> list[int]:
    kept: list[int] = []
    for minute in minutes:
        if not kept or minute - kept[-1] >= 720:
            kept.append(minute)
    return kept
