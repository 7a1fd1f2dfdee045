"""Real or made, on an incident: what is watched, what is written, and how it is said."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.anomalies import Verdict
from monitor.clock import MINUTE_US
from monitor.crowds.authenticity import Authenticity
from monitor.incidents import Reason
from monitor.incidents.authenticity import Crowd, Told, facts_of, with_crowd
from monitor.incidents.severity import Assessment, Levels
from monitor.incidents.words import say
from monitor.topics import Policy
from tests.made import at

LEVELS = Levels.of(Policy(), 3)
FLOOD = Authenticity(
    verdict="coordinated", mentions=600, made=540, suspected=520, why="groups", accounts=11, texts=3,
    median_followers=0.0, opened_together=0.6,
)  # fmt: skip


def flood(**changes: Any) -> Authenticity:
    return Authenticity(**{**{name: getattr(FLOOD, name) for name in FLOOD.__struct_fields__}, **changes})


def as_rare_as(p_value: float) -> Verdict:
    return Verdict(
        detector="made_mentions", p_value=p_value, observed=520.0, expected=0.1, lower=0.0, upper=3.0, span_minutes=60
    )


def test_made_mentions_that_are_rare_here_open_a_watch_and_nothing_more() -> None:
    found = with_crowd(Assessment(None, ()), Crowd(FLOOD, made=as_rare_as(1e-12)), LEVELS)
    assert found.severity == "watch"
    (reason,) = found.reasons
    assert (reason.name, reason.weight, reason.p_value) == ("coordinated", 0.0, 1e-12)
    assert reason.tests == ("made_mentions",)


def test_made_mentions_that_are_no_more_than_usual_open_nothing() -> None:
    assert with_crowd(Assessment(None, ()), Crowd(FLOOD, made=as_rare_as(0.2)), LEVELS) == Assessment(None, ())


def test_what_was_set_aside_opens_nothing_unless_it_was_said_to_be_made() -> None:
    few = flood(verdict="organic", made=0, suspected=3)
    assert with_crowd(Assessment(None, ()), Crowd(few, made=as_rare_as(1e-12)), LEVELS) == Assessment(None, ())


def test_a_flood_leaves_the_severity_of_a_crisis_as_it_is() -> None:
    crisis = Assessment("critical", (Reason(name="velocity", text="", observed=90.0, weight=3.0),))
    found = with_crowd(crisis, Crowd(FLOOD, made=as_rare_as(1e-12)), LEVELS)
    assert found.severity == "critical"
    assert [reason.name for reason in found.reasons] == ["velocity", "coordinated"]


def test_a_suspicion_that_is_not_sure_is_watched_under_its_own_name() -> None:
    unsure = flood(verdict="cannot tell", made=0, suspected=300)
    found = with_crowd(Assessment(None, ()), Crowd(unsure, made=as_rare_as(1e-12)), LEVELS)
    assert [reason.name for reason in found.reasons] == ["suspected"]


def test_of_what_is_only_suspected_a_part_counts_as_made() -> None:
    unsure = flood(verdict="cannot tell", made=0, suspected=31)
    assert (FLOOD.evident, unsure.evident) == (540, 7)


@pytest.mark.parametrize("verdict", ["organic", "cannot tell"])
def test_what_is_real_or_unknown_adds_no_reason(verdict: str) -> None:
    assert with_crowd(Assessment(None, ()), Crowd(flood(verdict=verdict, suspected=1)), LEVELS).reasons == ()


def test_a_verdict_is_written_at_once_and_a_change_when_it_has_held() -> None:
    told, minute = Told(), at("12:00")
    said = ["cannot tell", *["coordinated"] * 3, *["mixed"] * 5, *["coordinated"] * 3, *["organic"] * 12]
    written = [place for place, verdict in enumerate(said) if told.hear(verdict, minute + place * MINUTE_US)]
    assert written == [1, 22]
    assert told.written == "organic"


def test_the_sentence_names_numbers_and_reads_well_in_both_languages() -> None:
    facts = facts_of(FLOOD)
    assert say("coordinated", facts) == (
        "540 of the last 600 mentions look coordinated: 11 accounts carried 3 texts; median followers 0; "
        "60 % of them opened within the same fortnight."
    )
    assert say("coordinated", facts, "fr") == (
        "540 des 600 dernières mentions paraissent coordonnées\xa0: 11 comptes ont porté 3 textes\u202f; "
        "nombre médian d'abonnés 0\u202f; 60\u202f% d'entre eux ouverts dans la même quinzaine."
    )


def test_one_account_is_not_one_accounts() -> None:
    facts = facts_of(flood(why="few_hands", accounts=1, made=4, mentions=4))
    assert say("coordinated", facts) == (
        "4 of the last 4 mentions look coordinated: one account wrote them, again and again."
    )
    assert say("coordinated", facts, "fr").endswith("un même compte les a écrites, encore et encore.")


def test_what_is_unknown_of_the_accounts_is_left_out() -> None:
    facts = facts_of(flood(median_followers=None, opened_together=None, roots=2, texts=0))
    assert say("coordinated", facts).endswith("11 accounts carried reposts of 2 posts.")
