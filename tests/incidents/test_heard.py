"""Ten people who matter: a watch by themselves, a warning when it is the press or when they complain."""

from __future__ import annotations

import pytest

from monitor.anomalies import Verdict
from monitor.incidents.context import Context
from monitor.incidents.severity import Assessment, Levels, assess
from monitor.topics import Policy
from tests.made import at, match

LEVELS = Levels.of(Policy(), detectors=6)


def voices(p_value: float, *, new: bool = True, **said: float) -> Verdict:
    factors = {"accounts": 6.0, "newcomers": 5.0, "new_officials": 0.0, "new_negative": 0.0, "new_positive": 0.0}
    factors |= {"is_of_newcomers": float(new), "nominal": 5.0, **said}
    return Verdict(
        detector="voices", p_value=p_value, observed=5, expected=0.2, lower=0, upper=1, span_minutes=60,
        unit="voices", factors=factors,
    )  # fmt: skip


def weigh(*verdicts: Verdict) -> Assessment:
    context = Context()
    context.add(at("09:00"), [match("1", "09:00")])
    return assess(verdicts, context, [], LEVELS)


def test_voices_rarer_than_the_watch_budget_open_a_watch_though_nothing_is_louder() -> None:
    assessment = weigh(voices(LEVELS.watch))
    assert assessment.severity == "watch"
    assert [reason.name for reason in assessment.reasons] == ["new_voices"]
    assert weigh(voices(1.01 * LEVELS.watch)).severity is None


@pytest.mark.parametrize(
    ("said", "severity"),
    [
        ({"new_officials": 2}, "warning"),
        ({"new_officials": 1}, "watch"),
        ({"new_officials": 4, "new_positive": 3}, "watch"),
        ({"new_negative": 3}, "warning"),
        ({"new_negative": 2}, "watch"),
        ({"new_negative": 1, "newcomers": 2}, "watch"),
    ],
)
def test_the_press_and_complaints_make_it_a_warning_and_praise_does_not(said, severity) -> None:
    assert weigh(voices(LEVELS.turned * LEVELS.watch, **said)).severity == severity
    assert weigh(voices(1.01 * LEVELS.turned * LEVELS.watch, **said)).severity == "watch"


def test_with_a_crowd_that_turned_it_is_a_warning() -> None:
    turned = Verdict(
        detector="negative_share", p_value=0.5, observed=0.6, expected=0.2, lower=0.1, upper=0.4, span_minutes=30,
        unit="share", factors={"nominal": 2.5, "count": 6.0, "voices": 10.0},
    )  # fmt: skip
    assert weigh(turned).severity is None
    assert weigh(turned, voices(LEVELS.turned * LEVELS.watch)).severity == "warning"


def test_voices_alone_never_page() -> None:
    loud = Verdict(detector="seasonal_counts", p_value=1e-12, observed=90, expected=9, lower=4, upper=15)
    assert weigh(loud, voices(1e-9, new_officials=5, new_negative=5)).severity == "warning"


def test_the_sentence_says_how_many_from_where_and_what_is_usual() -> None:
    new, known = (weigh(voices(1e-6, new=is_new, new_officials=2)).reasons[0] for is_new in (True, False))
    assert new.text == (
        "5 influential accounts spoke about this for the first time within 60 minutes, from 5 circles, where 0 to 1 "
        "are usual (press or public office: 2)."
    )
    assert known.text.startswith("6 influential accounts spoke within 60 minutes")
