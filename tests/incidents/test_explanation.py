"""What would have changed a verdict is found by weighing it again, and said in both languages."""

from __future__ import annotations

import re

import msgspec
import pytest

from monitor.anomalies import Verdict
from monitor.anomalies.agreement import Agreement, had_said
from monitor.anomalies.family import judges_of
from monitor.anomalies.made_mentions import MadeMentions
from monitor.clock import MINUTE_US
from monitor.crowds.authenticity import UNSURE
from monitor.incidents import SEVERITIES, TimelineEntry
from monitor.incidents.context import Context
from monitor.incidents.explanation import Change, Explanation, Moment, explain, moments_of
from monitor.incidents.explanation_words import (
    _CHANGES,
    _DRIVERS,
    _FRAMES,
    _SEEN,
    difference,
    driven,
    otherwise,
    remark,
    seen,
)
from monitor.incidents.severity import Levels, assess
from monitor.incidents.words import Language, languages
from monitor.signals import Signal
from monitor.stats.binomial import beta_binomial_upper_tail
from monitor.topics import Policy
from tests.made import at, match, may_break_before_a_sign, topic

JUDGES = judges_of(topic())
ABOUT_A_RECOUNT = dict.fromkeys(("minutes", "mentions", "verdicts", "differences", "erased", "set_aside"), 1234.0)
LEVELS = Levels.of(Policy(), detectors=4)
TAIL = {"tail_location": 2.5, "tail_scale": 0.6, "tail_shape": 0.1}
START_US = at("21:51")


def mentions(count: float, span: int = 15) -> Verdict:
    """The velocity detector's verdict on `count` mentions where three are expected, computed as it computes it."""
    factors = {"tempered": 3.0, "scatter": 0.3, "nominal": 20.0, **TAIL}
    plain = Verdict(
        detector="seasonal_counts", p_value=0.0, observed=count, expected=3.0, lower=0.0, upper=8.0, span_minutes=span,
        factors=factors,
    )  # fmt: skip
    found = JUDGES["seasonal_counts"].supposing(plain, int(count))
    assert found is not None
    return found


def share(detector: str, count: int, voices: int, usual: float) -> Verdict:
    factors = {
        "count": 0.0, "voices": float(voices), "usual": usual, "wandering": 0.03, "nominal": 0.0, "statistic": 0.0,
        "is_slow": 0.0, **TAIL,
    }  # fmt: skip
    plain = Verdict(
        detector=detector, p_value=1.0, observed=0.0, expected=usual, lower=0.0, upper=0.5, span_minutes=30,
        unit="share", factors=factors,
    )  # fmt: skip
    found = JUDGES[detector].supposing(plain, count)
    assert found is not None
    return found


class Unkind(Context):
    """An hour of which nothing is remembered but that nobody who answered the brand was glad."""

    def answers(self, minutes: int) -> tuple[int, int, int]:
        return 15, 5, 0


def moment(verdicts: list[Verdict], context: Context | None = None, **told: dict[str, float]) -> Moment:
    """What would have been written down of these verdicts."""
    found = assess(verdicts, context or Unkind(), [], LEVELS)
    assert found.severity is not None
    return Moment(START_US, found.severity, {reason.name: reason.facts for reason in found.reasons} | told)


def explained(verdicts: list[Verdict]) -> Explanation:
    return explain(moment(verdicts), verdicts, LEVELS, JUDGES)


def severity(verdicts: list[Verdict]) -> str | None:
    return assess(verdicts, Unkind(), [], LEVELS).severity


CRISIS = [mentions(60), share("negative_share", 30, 40, 0.2), share("own_replies", 20, 60, 0.1)]
SPIKE = [mentions(60), share("negative_share", 8, 40, 0.2), share("own_replies", 6, 60, 0.1)]


def test_the_border_found_is_where_the_severity_turns() -> None:
    found = explained(CRISIS)
    assert found.is_reproduced
    fewer = {change.kind: change for change in found.changes}
    change = fewer["fewer_mentions"]
    border = int(change.facts["count"])
    assert severity([mentions(border), *CRISIS[1:]]) == change.outcome
    assert severity([mentions(border + 1), *CRISIS[1:]]) == found.severity == "critical"


def test_complaints_that_grew_are_explained_and_as_many_as_usual_would_have_opened_nothing() -> None:
    grown = Verdict(
        detector="complaints", p_value=1e-7, observed=12, expected=2.0, lower=0, upper=5, span_minutes=200,
        unit="complaints", factors={"nominal": 6.0, "trust": 1.0, **TAIL},
    )  # fmt: skip
    found = explained([grown])
    assert found.is_reproduced
    assert [(change.kind, change.outcome) for change in found.changes] == [("usual_complaints", None)]
    for language, word in (("en", "12 complaints came in"), ("fr", "12 plaintes sont arrivées en")):
        first, second, third = found.sentences(language)
        assert word in first
        assert "{" not in first + second + third


def test_tests_that_agreed_are_named_and_each_of_them_calm_would_have_opened_nothing() -> None:
    quiet = Verdict(
        detector="complaints", p_value=6e-4, observed=6, expected=2.0, lower=0, upper=5, span_minutes=50,
        unit="complaints", factors={"nominal": 3.0, "trust": 1.0, **TAIL},
    )  # fmt: skip
    sour = share("negative_share", 24, 40, 0.2)
    weighed = Agreement().weigh(Signal(topic="acme", start_us=START_US, mentions=3, measures={}), [quiet, sour])
    assert weighed is not None
    assert sour.p_value > LEVELS.watch
    calm = {"tail_location": 1.0, "tail_scale": 0.2, "half_days": 80.0}
    together = msgspec.structs.replace(weighed, factors=weighed.factors | calm)
    together = msgspec.structs.replace(together, p_value=Agreement().recompute(together))
    found = explained([quiet, sour, together])
    assert found.is_reproduced
    assert found.severity == "watch"
    changes = {change.kind: change for change in found.changes}
    assert changes["usual_complaints"].outcome is None
    border = int(changes["fewer_negative"].facts["count"])
    fewer = share("negative_share", border, 40, 0.2)
    assert severity([quiet, fewer, had_said(together, fewer)]) is None
    for language, words in (("en", "negative voices and complaints in"), ("fr", "négatives et les plaintes")):
        assert words in found.sentences(language)[0]


def test_a_spike_says_how_many_negative_voices_would_have_made_it_worse() -> None:
    found = explained(SPIKE)
    (change,) = [change for change in found.changes if change.kind == "more_negative"]
    border = int(change.facts["count"])
    assert found.severity == "watch"
    assert change.outcome == severity([SPIKE[0], share("negative_share", border, 40, 0.2), SPIKE[2]]) != "watch"
    assert severity([SPIKE[0], share("negative_share", border - 1, 40, 0.2), SPIKE[2]]) == "watch"


def test_a_spike_that_had_been_smaller_would_have_been_nothing() -> None:
    (change,) = [change for change in explained(SPIKE).changes if change.kind == "fewer_mentions"]
    assert change.outcome is None
    assert severity([mentions(int(change.facts["count"])), *SPIKE[1:]]) is None


def test_of_the_worst_nothing_worse_is_said() -> None:
    assert not [change for change in explained(CRISIS).changes if change.kind.startswith("more")]


def test_what_was_written_down_of_the_half_hour_is_weighed_with_the_rest() -> None:
    told = {"alarming": {"count": 9.0, "mentions": 40.0, "share": 0.225, "usual": 0.05, "strength": 300.0}}
    verdicts = [mentions(60), share("negative_share", 17, 40, 0.2), share("own_replies", 6, 60, 0.1)]
    found = explain(moment(verdicts, **told), verdicts, LEVELS, JUDGES)
    (alarming,) = [reason for reason in found.reasons if reason.name == "alarming"]
    assert alarming.p_value == beta_binomial_upper_tail(9, 40, 15.0, 285.0)
    assert found.seen is not None
    assert found.seen.name == "velocity"  # though less unlikely: that one is calibrated


def test_the_shares_of_a_half_hour_come_out_again_to_the_last_number() -> None:
    context = Context()
    for minute in range(40):
        context.add(START_US - (60 - minute) * MINUTE_US, [match(f"quiet {minute}", START_US)])
        context.learn()
    loud = [match(f"loud {place}", START_US, followers=20_000) for place in range(40)]
    context.add(START_US, loud, first_words={one.key for one in loud})
    spike = [mentions(40)]
    first = assess(spike, context, (), LEVELS)
    told = {reason.name: dict(reason.facts) for reason in first.reasons}
    assert first.severity is not None
    again = explain(Moment(START_US, first.severity, told), spike, LEVELS, JUDGES)
    assert again.is_reproduced
    assert {one.name: one.p_value for one in again.reasons} == {one.name: one.p_value for one in first.reasons}
    assert {"influence", "new_authors"} <= told.keys()


def test_answers_that_were_glad_are_still_none_against_the_brand_when_weighed_again() -> None:
    glad = Unkind()
    glad.answers = lambda minutes: (12, 8, 14)  # type: ignore[method-assign]
    found = explain(moment(CRISIS, glad), CRISIS, LEVELS, JUDGES)
    assert found.is_reproduced
    assert "own_reply" not in {reason.name for reason in found.reasons}
    assert "own_reply" in {reason.name for reason in explained(CRISIS).reasons}


def test_a_slow_verdict_that_had_spoken_before_is_weighed_as_it_was() -> None:
    slow = msgspec.structs.replace(mentions(60), detector="slow_burn", span_minutes=300)
    turned = share("negative_share", 36, 40, 0.2)
    written = Moment(START_US, "watch", {"negative": {}})
    found = explain(written, [mentions(4), slow, turned], LEVELS, JUDGES)
    assert severity([mentions(4), slow, turned]) != "watch"
    assert found.is_reproduced
    assert [reason.name for reason in found.reasons] == ["negative"]


@pytest.mark.parametrize(("name", "part"), [("coordinated", 1), ("mixed", 1), ("suspected", UNSURE)])
def test_what_was_said_of_the_crowd_opens_a_watch_and_counts_nothing(name: str, part: int) -> None:
    def made(count: int) -> Verdict:
        signal = Signal(topic="acme", start_us=0, mentions=0, measures={})
        known = msgspec.structs.replace(MadeMentions().score(signal), factors={"half_days": 42.0, "most_2": 1.0})
        found = JUDGES["made_mentions"].supposing(known, count)
        assert found is not None
        return found

    facts = dict.fromkeys(("made", "suspected", "mentions", "accounts", "texts", "roots"), 30.0 * part)
    when = Moment(START_US, "watch", {name: facts | {"how": 1.0, "median": 12.0, "together": 0.5}})
    found = explain(when, [mentions(4), made(30)], LEVELS, JUDGES)
    assert found.is_reproduced
    assert [(reason.name, reason.weight, reason.p_value) for reason in found.reasons] == [(name, 0.0, made(30).p_value)]
    (change,) = found.changes
    assert (change.kind, change.outcome) == (f"fewer_{'suspected' if part > 1 else 'coordinated'}", None)
    border = round(change.facts["count"])
    assert made(border // part).p_value > LEVELS.watch >= made((border + 1) // part).p_value
    for language in languages():
        sentences = found.sentences(language)
        assert len(sentences) == 3
        assert f" {border} " in sentences[2]
    assert not explain(when, [mentions(4), made(3)], LEVELS, JUDGES).is_reproduced


def test_a_severity_that_does_not_come_out_again_is_not_explained() -> None:
    found = explain(Moment(START_US, "critical", {"velocity": {}}), SPIKE, LEVELS, JUDGES)
    assert not found.is_reproduced
    assert (found.changes, found.sentences("en")) == ((), ())


def test_moments_are_read_from_the_timeline() -> None:
    lines = [
        ("first_post", {}, 0), ("opened", {"severity": 1.0}, 1), ("velocity", {"observed": 9.0}, 1),
        ("influencer", {"followers": 20_000.0}, 1), ("escalated", {"severity": 3.0}, 4), ("velocity", {}, 4),
        ("negative", {"count": 5.0}, 4), ("cascade", {"size": 50.0}, 4), ("peak", {"peak": 3.0}, 9),
    ]  # fmt: skip
    timeline = [
        TimelineEntry(incident="i", sequence=place, at_us=minute * MINUTE_US, kind=kind, text="", facts=facts)
        for place, (kind, facts, minute) in enumerate(lines)
    ]
    assert moments_of(reversed(timeline)) == [
        Moment(0, "watch", {"velocity": {"observed": 9.0}}),
        Moment(3 * MINUTE_US, "critical", {"velocity": {}, "negative": {"count": 5.0}}),
    ]


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("verdicts", [CRISIS, SPIKE], ids=["crisis", "spike"])
def test_there_are_three_sentences_in_each_language(verdicts: list[Verdict], language: Language) -> None:
    sentences = explained(verdicts).sentences(language)
    assert len(sentences) == 3
    assert all((one[0].isupper() or one[0].isdigit()) and one.endswith(".") and "{" not in one for one in sentences)


def test_the_sentences_read_well() -> None:
    few = Change("fewer_mentions", {"count": 13.0, "span": 15.0}, "watch")
    less = Change("fewer_negative", {"count": 10.0, "mentions": 29.0, "share": 10 / 29}, "watch")
    found = msgspec.structs.replace(explained(CRISIS), changes=(few, less), severity="warning")
    assert found.sentences("en")[2] == (
        "With at most 13 mentions in 15 minutes, or at most 10 negative voices of 29 (34%), it would have stayed a "
        "watch."
    )
    assert found.sentences("fr")[2] == (
        "Avec au plus 13 mentions en 15 minutes, ou avec au plus 10 voix négatives sur 29 (34\u202f%), ce serait resté "
        "un incident en veille."
    )


def test_what_would_have_been_missing_is_said_as_french_says_it() -> None:
    """ "Avec aucune mention" and "avec pas plus de plaintes" are no French."""
    for kind in _CHANGES["fr"]:
        facts = {"count": 4.0, "mentions": 12.0, "share": 1 / 3, "span": 5.0}
        said = otherwise("warning", [(kind, facts, "watch"), (kind, facts, "watch")], "fr")
        first, second = said[0].lower() + said[1:].split(", ou ")[0], said.split(", ou ")[1]
        assert first.split()[0] in ("avec", "sans")
        assert second.startswith(first)
        assert not set(first.split()[1:3]) & {"aucun", "aucune", "pas", "personne"} or first.startswith("sans aucun ")


@pytest.mark.parametrize(
    ("kind", "language"), [(kind, one) for kind in ("mentions", "complaints") for one in languages()]
)
def test_a_slow_rise_does_not_say_that_what_alarmed_is_usual(kind: str, language: Language) -> None:
    facts = {"observed": 32.0, "expected": 13.0, "lower": 2.0, "upper": 32.0, "span": 360.0, "rarity": 2e-5}
    slow = seen(kind, facts, language)
    assert {"en": "where 13 were expected: not many at once", "fr": "pas beaucoup à la fois"}[language] in slow
    assert {"en": "are usual", "fr": "habituelles"}[language] not in slow
    assert {"en": "2 to 32 are usual", "fr": "2 à 32 sont habituelles"}[language] in seen(
        kind, facts | {"observed": 33.0}, language
    )


def test_french_and_english_say_the_same_things_with_the_same_facts() -> None:
    for table in (_SEEN, _DRIVERS, _CHANGES, _FRAMES):
        english, french = (table[language] for language in languages())
        assert english.keys() == french.keys()
        for kind in english:
            assert set(re.findall(r"{(\w+)}", english[kind])) == set(re.findall(r"{(\w+)}", french[kind])), kind


@pytest.mark.parametrize("language", languages())
def test_every_phrase_can_be_said(language: Language) -> None:
    facts = dict.fromkeys(("observed", "expected", "lower", "upper", "span", "count", "mentions"), 5.0)
    facts |= {"rarity": 1e-4, "share": 0.4, "usual": 0.1, "agreeing": 2.0, "complaints": 3.0, "negative_share": 2.5}
    said = [seen(kind, facts, language) for kind in _SEEN[language]]
    said += [
        otherwise("warning", [(kind, facts, one)], language)
        for kind in _CHANGES[language]
        for one in (None, *SEVERITIES)
    ]
    said += [driven(one, [(name, 1.5) for name in _DRIVERS[language]], language) for one in SEVERITIES]
    said += [remark(kind, ABOUT_A_RECOUNT, language) for kind in ("identical", "different", "erased", "set_aside")]
    assert all("{" not in one and one.endswith(".") for one in said)
    said.append(difference("mentions", 1.0, None, language))
    assert language == "en" or [one for one in said if may_break_before_a_sign(one)] == []
