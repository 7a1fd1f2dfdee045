import math

from monitor.anomalies import Verdict
from monitor.anomalies.combination import MINUTES_PER_MONTH, PRUDENCE, Alarm, combined_p_value
from monitor.clock import HOUR_US, MINUTE_US

SHARES = {"fast": 0.5, "slow": 0.5}
BARELY = PRUDENCE * 2 / MINUTES_PER_MONTH * 0.5 * 0.99


def verdict(p_value: float, detector: str = "fast") -> Verdict:
    return Verdict(detector=detector, p_value=p_value, observed=1.0, expected=1.0, lower=0.0, upper=2.0)


def alarms(p_values: dict[int, float], hours: int = 48) -> list[int]:
    """Minutes at which an alarm is told; minutes not given are ordinary."""
    alarm = Alarm(2.0, SHARES)
    return [
        minute
        for minute in range(hours * 60)
        if alarm.hear(minute * MINUTE_US, [verdict(p_values.get(minute, 1.0)), verdict(1.0, "slow")])
    ]


def test_a_share_of_the_budget_makes_a_p_value_larger() -> None:
    assert combined_p_value([verdict(1e-4)], {"fast": 0.25}) == 4e-4
    assert combined_p_value([], SHARES) == 1.0


def test_the_threshold_is_the_budget_and_nothing_else() -> None:
    assert alarms({10: BARELY}) == [10]
    assert alarms({10: BARELY / 0.97}) == []


def test_what_lasts_is_told_once() -> None:
    assert alarms(dict.fromkeys(range(10, 400), BARELY)) == [10]


def test_what_returns_within_half_a_day_is_not_told_again() -> None:
    assert alarms({10: BARELY, 10 + 6 * 60: BARELY}) == [10]


def test_what_returns_the_day_after_is_told_again() -> None:
    assert alarms({10: BARELY, 10 + 24 * 60: BARELY}) == [10, 10 + 24 * 60]


def test_what_gets_clearly_worse_is_told_again() -> None:
    assert alarms({10: BARELY, 70: BARELY / 100}) == [10]
    assert alarms({10: BARELY, 70: BARELY / 2000}) == [10, 70]


def test_another_detector_that_begins_after_half_a_day_is_told() -> None:
    alarm = Alarm(2.0, SHARES)
    told = [
        hour
        for hour in range(20)
        if alarm.hear(hour * HOUR_US, [verdict(BARELY), verdict(BARELY if hour >= 15 else 1.0, "slow")])
    ]
    assert told == [0, 15]


def test_while_an_alarm_is_on_nothing_is_learned_but_not_for_ever() -> None:
    alarm = Alarm(2.0, SHARES)
    assert not alarm.is_frozen(0)
    frozen = []
    for hour in range(72):
        alarm.hear(hour * HOUR_US, [verdict(BARELY)])
        frozen.append(alarm.is_frozen(hour * HOUR_US))
    assert frozen == [True] * 48 + [False] * 24


def test_an_alarm_is_over_after_two_calm_hours() -> None:
    alarm = Alarm(2.0, SHARES)
    alarm.hear(0, [verdict(BARELY)])
    frozen = []
    for minute in range(1, 200):
        alarm.hear(minute * MINUTE_US, [verdict(1.0)])
        frozen.append(alarm.is_frozen(minute * MINUTE_US))
    assert frozen.index(False) == 120
    assert math.isfinite(alarm.state.worst)
