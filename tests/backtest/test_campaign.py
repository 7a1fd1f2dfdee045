from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter
from xml.etree import ElementTree

import msgspec
import pytest

from monitor.backtest import trials
from monitor.backtest.rivals.family import rivals
from monitor.backtest.scenarios import scenarios
from monitor.backtest.trials import FIRST_DAYS, INCIDENTS, OURS, WARNINGS, words
from monitor.backtest.trials.campaign import (
    CALIBRATION_FROM,
    FIGURES_FROM,
    FIRST_DAYS_FROM,
    Campaign,
    run,
    summed_up,
    watched,
)
from monitor.backtest.trials.curves import curve
from monitor.backtest.trials.page import page
from monitor.backtest.trials.report import Report
from monitor.backtest.trials.tables import table
from monitor.backtest.trials.words import CATALOGUE, MEANINGS
from monitor.incidents.words import Language, languages, typeset
from monitor.topics.parser import parse_query
from tests.backtest.streams import crisis, level, quiet
from tests.made import may_break_before_a_sign, topic

SEEDS = (100, 101, 102, 103)


def campaign(**changes: object) -> Campaign:
    fields = {"calibration_seeds": (1000, 1001), "test_seeds": SEEDS, "volumes": (100.0,), "scenarios": ("slow_burn",)}
    return Campaign(**{**fields, **changes})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def report() -> Report:
    """Ours detects every crisis in half an hour, the rival one in two after five hours; both keep the budget."""
    stretches = []
    for seed in (1000, 1001, *SEEDS):
        one = quiet(seed, [1, 2, 3, 1, 2, 1, 1])
        one.said["week_deviations"] = one.said["badbuzz"] * 2
        stretches.append(one)
    for seed in SEEDS:
        told = crisis(seed, 30, value=8.0, levels=(level(720 + 40, 1), level(720 + 90, 3)))
        late = crisis(seed, 300 if seed % 2 else None, value=20.0)
        told.said["week_deviations"] = late.said["badbuzz"]
        stretches.append(told)
    return summed_up(campaign(rivals=("week_deviations",), budget=1.0), stretches)


def test_seeds_of_thresholds_and_of_figures_are_different_ones() -> None:
    plans = campaign(calibration_seeds=(CALIBRATION_FROM,), test_seeds=(FIGURES_FROM,)).plans()
    whole = [plan for plan in plans if plan.quiet_days > 1]
    assert [(plan.seed, bool(plan.scenarios)) for plan in whole] == [(FIGURES_FROM, True), (CALIBRATION_FROM, False)]
    days = [plan for plan in plans if plan.quiet_days == 1]
    assert [(plan.seed, plan.scenarios) for plan in days] == [
        (FIRST_DAYS_FROM + place, ()) for place in (4, 3, 2, 1, 0)
    ]


def test_a_crisis_of_the_first_day_is_held_to_thresholds_that_keep_the_budget_on_such_days() -> None:
    """Later a method may be calm that cries wolf while it learns, or was deaf that day."""
    later = [quiet(seed, [1, 2, 3, 1, 2, 1, 1]) for seed in (1000, 1001, *SEEDS)]
    young = {"scenario": FIRST_DAYS, "is_first_day": True}
    first = [quiet(seed, [9.0] * 7, **young) for seed in (FIRST_DAYS_FROM, *SEEDS)]
    for is_first_day, found in ((False, 1.0), (True, 0.0)):
        stories = [crisis(seed, 30, value=8.0, is_first_day=is_first_day) for seed in SEEDS]
        report = summed_up(campaign(rivals=(), budget=1.0), [*later, *first, *stories])
        assert report.scores[0].recall["6"].value == found
        (ours,) = [one for one in report.methods if one.name == "badbuzz"]
        assert ours.thresholds == {"100": 3.0, "100 first day": pytest.approx(9.0)}
        alarms = next(one for one in report.false_alarms if one.method == "badbuzz")
        assert alarms.rate.value == 1.0
        assert alarms.first_days.value == 0.0  # only what is above all that was seen there keeps the budget
        assert "100 (premier jour)" in page(report, "fr")


def test_crises_of_different_strengths_are_scored_apart_and_named_in_both_languages() -> None:
    stretches = [quiet(seed, [1, 2, 3, 1, 2, 1, 1]) for seed in (1000, 1001, *SEEDS)]
    stretches += [crisis(seed, 30, value=8.0) for seed in SEEDS]
    stretches += [crisis(seed, None, strength=0.25) for seed in SEEDS]
    found = summed_up(campaign(rivals=(), budget=1.0, strengths=(1.0, 0.25)), stretches)
    recalls = {one.scenario: one.recall["6"].value for one in found.scores if one.method == "badbuzz"}
    assert recalls == {"slow_burn": 1.0, "slow_burn x0.25": 0.0, "slow_burn x*": 0.5}
    assert [one.scenario for one in found.confusion] == ["slow_burn", "slow_burn x0.25"]
    assert "Here 0.25 times as strong." in table(found, "en")
    assert "Ici, 0,25 fois aussi fort." in table(found, "fr")
    assert "Ici, de toutes les forces." in table(found, "fr")


def test_everybody_has_the_same_budget(report: Report) -> None:
    limits = {method.name: method.thresholds for method in report.methods}
    assert limits["badbuzz"] == {"100": 3.0}
    assert limits["week_deviations"] == {"100": 6.0}
    rates = {one.method: one.rate.value for one in report.false_alarms}
    assert rates["badbuzz"] == rates["week_deviations"] == 1.0


def test_ours_stands_beside_the_best_rival(report: Report) -> None:
    (standing,) = report.standings
    assert (standing.recall.value, standing.rival_recall.value) == (1.0, 0.5)
    assert (standing.minutes.value, standing.rival_minutes.value) == (30.0, 870.0)
    assert (standing.recall_stands, standing.minutes_stand) == ("better", "clear")


def test_the_product_as_it_comes_has_rows_of_its_own(report: Report) -> None:
    found = {one.method: one.median_minutes.value for one in report.scores}
    assert (found["badbuzz_incidents"], found["badbuzz_warnings"]) == (40.0, 90.0)
    (confusion,) = report.confusion
    assert confusion.shares == {"none": 0.0, "watch": 0.0, "warning": 0.0, "critical": 1.0}
    assert confusion.warned == confusion.paged
    assert confusion.paged.low == pytest.approx(0.398, abs=1e-3)  # Clopper and Pearson, four of four


def test_curves_trade_false_alarms_for_speed(report: Report) -> None:
    ours = next(one for one in report.curves if one.method == "badbuzz")
    assert list(ours.false_per_week) == sorted(ours.false_per_week)
    assert ours.recall[-1] == 1.0
    assert ours.mean_minutes[-1] <= ours.mean_minutes[0]
    rival = next(one for one in report.curves if one.method == "week_deviations")
    assert 0.0 < rival.average_precision < ours.average_precision <= 1.0


def test_precision_takes_crises_to_be_rare() -> None:
    weeks = [quiet(seed, [9, 0, 0, 0, 0, 0, 0]) for seed in (1, 2)]
    found = curve("badbuzz", weeks, weeks, [crisis(3, 30, value=9.0)])
    at_one_a_week = found.budgets.index(1.0)
    assert found.false_per_week[at_one_a_week] == pytest.approx(1.0)
    assert found.precision[at_one_a_week] == pytest.approx(1 / (1 + 13))


def test_the_report_is_json_and_comes_back(report: Report) -> None:
    encoded = msgspec.json.encode(report)
    assert json.loads(encoded)["settings"]["test_seeds"] == list(SEEDS)
    assert msgspec.json.decode(encoded, type=Report) == report


@pytest.mark.parametrize(("language", "said"), [("en", "seeds 100 to 103"), ("fr", "graines 100 à 103")])
def test_the_table_names_every_method_and_fits(report: Report, language: Language, said: str) -> None:
    lines = table(report, language).splitlines()
    assert max(map(len, lines)) <= 120
    assert any(said in line for line in lines)
    for method in report.methods:
        assert any(method.name in line for line in lines)


class Links(HTMLParser):
    """Collects everything a page would fetch or run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "link", "img", "iframe", "object", "embed"}:
            self.found.append(tag)
        self.found += [name for name, _ in attrs if name in {"src", "href", "onload", "onclick", "xlink:href"}]


@pytest.mark.parametrize("language", languages())
def test_the_page_needs_nothing_but_itself(report: Report, language: Language) -> None:
    markup = page(report, language)
    assert f'<html lang="{language}">' in markup
    reader = Links()
    reader.feed(markup)
    assert reader.found == []
    assert "http" not in markup
    pictures = markup.split("<svg")[1:]
    assert len(pictures) >= 4
    for picture in pictures:
        ElementTree.fromstring("<svg" + picture.partition("</svg>")[0] + "</svg>")


def test_numbers_and_words_of_the_page_are_those_of_its_language(report: Report) -> None:
    english, french = page(report, "en"), page(report, "fr")
    assert "1.00" in english
    assert "1,00" in french
    assert "1.00" not in french
    for key in ("severity_title", "standing_title", "fast_title", "precision_note", "methods"):
        assert CATALOGUE["en"][key] in english
        assert CATALOGUE["en"][key] not in french
        assert typeset(CATALOGUE["fr"][key], "fr").replace("'", "&#x27;") in french
    assert not [line for line in french.splitlines() if may_break_before_a_sign(line) and "style" not in line]


def test_both_languages_say_the_same_things_with_the_same_blanks() -> None:
    def blanks(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}

    assert set(CATALOGUE) == set(languages())
    assert CATALOGUE["en"].keys() == CATALOGUE["fr"].keys()
    for key, phrase in CATALOGUE["en"].items():
        assert blanks(phrase) == blanks(CATALOGUE["fr"][key]), key


def test_every_phrase_is_used() -> None:
    sources = "".join(path.read_text("utf-8") for path in Path(trials.__file__).parent.glob("*.py"))
    spoken = sources.replace(Path(words.__file__).read_text("utf-8"), "")
    for key in CATALOGUE["en"].keys() - {"severity_none", "strength", "strengths_all", "first_day", "title", "range"}:
        family = key.split("_", maxsplit=1)[0]
        assert f'"{key}"' in spoken or f"'{key}'" in spoken or f"{family}_{{" in spoken, key


def test_every_scenario_and_every_method_is_explained_in_french() -> None:
    known = set(scenarios()) | {rival.name for rival in rivals()}
    assert MEANINGS.keys() == known | {OURS, INCIDENTS, WARNINGS}
    assert words.Words("fr").meaning("badbuzz:voices", "") == "Notre test voices, seul."
    assert words.Words("fr").story("two_topics:slow_burn", {}) == MEANINGS["two_topics"]
    assert words.Words("en").story("two_topics:slow_burn", {"two_topics": "Two burn."}) == "Two burn."


def test_the_page_says_where_a_method_never_counts_anything_as_worse(report: Report) -> None:
    method = next(one for one in report.methods if any(value is not None for value in one.thresholds.values()))
    volume = next(volume for volume, value in method.thresholds.items() if value is not None)
    for worse, is_said in ((None, True), (50.0, False)):
        changed = msgspec.structs.replace(method, worse={**dict.fromkeys(method.thresholds, 1.0), volume: worse})
        told = page(msgspec.structs.replace(report, methods=(changed,)))
        assert (f"At {volume}, nothing it sees counts as worse" in told) is is_said


def test_the_page_escapes_every_word(report: Report) -> None:
    wicked = msgspec.structs.replace(report, scenarios={"slow_burn": "<script>alert(1)</script>"})
    assert "<script" not in page(wicked)
    assert "&lt;script&gt;" in page(wicked)


def test_a_watchlist_of_one_topic_gets_a_made_up_second() -> None:
    topics, brands = watched([topic("railroad", "railroad")])
    assert [one.id for one in topics] == [brand.topic for brand in brands] == ["railroad", "acme"]
    assert {brand.share for brand in brands} == {1.0}
    for one in topics:
        parse_query(one.query)


def test_more_processes_change_nothing() -> None:
    tiny = campaign(
        calibration_seeds=(1000,),
        test_seeds=(0,),
        volumes=(20.0,),
        scenarios=("cold_start",),
        rivals=("hour_against_twelve",),
        quiet_days=5,
        burn_in_days=2,
    )
    alone, together = run(tiny, jobs=1), run(tiny, jobs=2)
    assert alone == together
    assert {one.method for one in alone.scores} >= {"badbuzz", "hour_against_twelve", "badbuzz_incidents"}
    assert alone.scores[0].trials == 1


def test_no_name_begins_outside_of_the_picture(report: Report) -> None:
    """Anchored at its end; a letter is some six units wide."""
    (shown,) = report.confusion[:1]
    longest = msgspec.structs.replace(shown, scenario="outage_backfill x0.0625", is_crisis=False)
    made = page(msgspec.structs.replace(report, confusion=[longest]), "fr")
    (place,) = re.findall(r'<text x="(\d+)"[^>]*>outage_backfill x0.0625 \(pas une crise\)<', made)
    assert int(place) >= 6.5 * len("outage_backfill x0.0625 (pas une crise)")
