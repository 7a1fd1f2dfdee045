from __future__ import annotations

import re
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

import dashboards
from dashboards.page import advice
from dashboards.speech import Speech
from dashboards.words import _PARTS, CATALOGUE
from monitor.incidents import Incident, Reason, TimelineEntry
from monitor.incidents.words import SEVERITY_WORDS, languages, say
from monitor.queries import STATES, Band, IncidentRow
from monitor.topics import Topic
from tests.dashboards.story import reason
from tests.made import may_break_before_a_sign

SOURCES = [
    path.read_text(encoding="utf-8")
    for path in Path(dashboards.__file__).parent.rglob("*.py")
    if path.parent.name != "words"
]


def test_no_phrase_is_written_twice() -> None:
    for language in languages():
        assert len(CATALOGUE[language]) == sum(len(part[language]) for part in _PARTS)


def test_what_counts_has_a_singular_of_its_own() -> None:
    for key in CATALOGUE["en"]:
        assert not key.endswith("_one") or key.removesuffix("_one") in CATALOGUE["en"]
    assert Speech("en").count("account_followers", 1) == "an account with 1 follower"
    assert Speech("fr").count("followers", 12_345) == "12\u202f345 abonnés"


def test_every_language_says_the_same_things() -> None:
    assert set(CATALOGUE) == set(languages())
    assert CATALOGUE["en"].keys() == CATALOGUE["fr"].keys()


@pytest.mark.parametrize("key", sorted(CATALOGUE["en"]))
def test_every_phrase_has_the_same_blanks_in_every_language(key: str) -> None:
    def blanks(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}

    assert blanks(CATALOGUE["en"][key]) == blanks(CATALOGUE["fr"][key])


@pytest.mark.parametrize("key", sorted(CATALOGUE["en"]))
def test_every_phrase_is_used(key: str) -> None:
    phrase = key.removesuffix("_one")
    family = re.escape(phrase.split("_", maxsplit=1)[0])
    spoken = re.compile(rf'["\']{re.escape(phrase)}["\']|f["\']{family}_\{{')
    assert any(spoken.search(source) for source in SOURCES)


def test_no_line_of_french_can_begin_with_a_sign() -> None:
    assert [key for key, phrase in CATALOGUE["fr"].items() if may_break_before_a_sign(phrase)] == []


def test_state_words_are_those_of_the_incidents() -> None:
    for language in languages():
        words = [CATALOGUE[language][f"state_{state}"] for state in ("calm", "watch", "warning", "critical")]
        assert tuple(words) == SEVERITY_WORDS[language]
        assert all(f"state_{state}" in CATALOGUE[language] for state in STATES)


def test_a_reason_is_said_again_in_french_from_its_facts() -> None:
    facts = {"share": 0.71, "usual": 0.18, "count": 582.0, "mentions": 820.0}
    found = reason("negative", facts, 2.0)
    assert Speech("fr").sentence(found) == say("negative", facts, "fr") != found.text


def test_what_a_person_wrote_stays_as_written() -> None:
    note = TimelineEntry(incident="i", sequence=1, at_us=0, kind="note", text="Called {the} customer.")
    assert Speech("fr").sentence(note) == "Called {the} customer."


def test_an_unknown_reason_keeps_its_own_sentence() -> None:
    assert Speech("fr").sentence(Reason(name="new", text="As told.", observed=1.0)) == "As told."


def test_a_usual_range_is_said_in_whole_mentions() -> None:
    assert Speech("en").usual(Band(60.0, 31.2, 98.4, 50, 70)) == "usually 31 to 98"
    assert Speech("en").usual(Band(0.0, 0.0, 0.1, 0, 0)) == "usually none"
    assert Speech("en").usual(None) == "what is usual is not known yet"


def test_times_are_told_in_the_zone_of_the_topic() -> None:
    assert Speech("en", "America/Montreal").time(1_768_513_920_000_000) == "16:52"
    assert Speech("en", "Europe/Paris").moment(1_768_513_920_000_000) == "15\u00a0Jan\u00a022:52"


def crisis(**changes: Any) -> IncidentRow:
    row: dict[str, Any] = {
        "id": "acme-1",
        "topic": "acme",
        "state": "open",
        "severity": "critical",
        "opened_us": 0,
        "since_us": 0,
        "peak_us": 0,
        "updated_us": 0,
        "worst_us": 0,
        "reasons": (Reason(name="velocity", text="", observed=1.0),),
    }
    return IncidentRow(Incident(**(row | changes)))


TOPIC = Topic(id="acme", name="Acme", query="acme", owner="Press office")


def test_the_owner_is_called_first_until_somebody_has_it() -> None:
    assert advice(crisis(), TOPIC, Speech("en"))[0] == "Call the owner: Press office."
    had = IncidentRow(crisis().incident, acknowledged_us=1)
    assert "Press office" not in " ".join(advice(had, TOPIC, Speech("en")))


def test_steps_follow_from_the_reasons() -> None:
    reasons = tuple(Reason(name=name, text="", observed=1.0) for name in ("velocity", "spread", "own_reply", "unknown"))
    steps = advice(crisis(severity="warning", reasons=reasons), TOPIC, Speech("en"))
    assert steps == [CATALOGUE["en"][f"next_{name}"] for name in ("own_reply", "spread", "velocity")]


@pytest.mark.parametrize(
    "name",
    [
        *("velocity", "complaints", "negative", "own_reply", "voices", "new_voices", "joint", "agreement"),
        *("coordinated", "mixed", "suspected"),
    ],
)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_whatever_opened_it_there_is_something_to_do(name: str, language: str) -> None:
    only = crisis(severity="watch", reasons=(Reason(name=name, text="", observed=1.0),))
    assert len(advice(only, TOPIC, Speech(language))) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize("state", ["subsiding", "closed"])
def test_what_is_over_asks_for_nothing_urgent(state: str) -> None:
    assert advice(crisis(state=state), TOPIC, Speech("fr")) == [CATALOGUE["fr"][f"next_{state}"]]
