"""Each reason names the tests that fired, by names that have words in both languages."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import monitor.incidents
from monitor.anomalies.family import detectors
from monitor.cascades import Cascade
from monitor.incidents import Reason
from monitor.incidents.fired import FIRED, UNCALIBRATED, all_fired, fired
from monitor.incidents.severity import Levels, assess
from monitor.incidents.words import Language, languages
from monitor.topics import Policy
from tests.incidents.test_severity import burst, usual_world, volume
from tests.made import topic

NEVER_A_REASON = {"moved_baseline"}


def test_every_test_has_words_in_both_languages() -> None:
    names = {one.name for one in detectors(topic())} - NEVER_A_REASON | UNCALIBRATED
    assert set(FIRED["en"]) == set(FIRED["fr"]) == names


def test_every_reason_is_given_with_its_tests() -> None:
    """Of whatever makes a reason, in whichever room."""
    for path in Path(monitor.incidents.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Reason":
                assert "tests" in {keyword.arg for keyword in node.keywords}, f"{path.name}:{node.lineno}"


def test_what_the_half_hour_tells_names_its_tests_and_is_no_reason_for_a_warning_by_its_rarity() -> None:
    viral = Cascade(
        topic="acme", network="x", root=1, root_id="1", started_us=0, updated_us=0, size=900, authors=880,
        potential_reach=10**6, growth_per_hour=700, acceleration=3.0, tone=0.8,
    )  # fmt: skip
    levels = Levels.of(Policy(warnings_per_month=0.01), detectors=3)
    world = burst(usual_world(), tone=-0.8, kind="reply", followers=50_000, alarm_words=2)
    found = assess([volume(levels.watch), *world.verdicts], world.context, [viral], levels)
    tests = {reason.name: reason.tests for reason in found.reasons}
    assert tests["influence"] == ("influential_share",)
    assert tests["alarming"] == ("alarming_share",)
    assert tests["arguing"] == ("arguing_share",)
    assert tests["spread"] == ("cascade_growth",)
    likely = [verdict for verdict in world.verdicts if verdict.p_value > levels.turned * levels.watch]
    rare = [reason.name for reason in found.reasons if (reason.p_value or 1.0) < 1e-12]
    assert rare
    assert assess([volume(levels.watch), *likely], world.context, [viral], levels).severity == "watch"


@pytest.mark.parametrize("language", languages())
def test_tests_are_said_once_with_their_stable_names(language: Language) -> None:
    reasons = [
        Reason(name="velocity", text="", observed=1.0, tests=("seasonal_counts", "slow_burn")),
        Reason(name="agreement", text="", observed=1.0, tests=("slow_burn", "voices")),
    ]
    said = all_fired(reasons, language)
    assert all(said.count(f"({name})") == 1 for name in ("seasonal_counts", "slow_burn", "voices"))
    assert all_fired([], language) == ""
    assert FIRED[language]["voices"] in fired(("voices",), language)
