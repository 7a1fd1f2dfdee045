"""Who carries an incident, on screen: public figures by their handle, everybody else by their audience."""

from __future__ import annotations

import pytest

from dashboards import carriers
from dashboards.speech import Speech
from monitor.crowds.analysis import Community, GraphSummary, Reached, Standing
from monitor.crowds.export import Who
from monitor.crowds.influence import Influence
from monitor.crowds.naming import Topicality
from monitor.incidents.words import Language
from monitor.queries import Spread

EN, FR = Speech("en"), Speech("fr")
PEOPLE = {
    1: Who(network="x", handle="gazette_du_port", followers=41_234, verified=True, role="press"),
    2: Who(network="x", followers=120),
    3: Who(network="x", followers=12_345, role="office"),
    4: Who(network="x", handle="acme", is_own=True),
    5: Who(network="x", handle="<img src=x>\u202e", followers=800),
}


def influence(account: int, **changes: object) -> Influence:
    known: dict[str, object] = {
        "account": account, "followers": 120, "verified": False, "role": None, "expected": 12_345.0, "lower": 678.0,
        "upper": 98_765.0, "direct": 18.0, "audience": 2.1, "reposts": 3.4, "repost_bounds": (0, 9), "posts": 2,
        "h_index": 1, "communities": 1,
    }  # fmt: skip
    return Influence(**{**known, **changes})  # type: ignore[arg-type]


FOUND = Spread(
    graph=GraphSummary(
        accounts=10,
        links=9,
        reshares=12,
        communities=(Community((1, 2, 3, 6), 1), Community((7, 8, 9), 99)),
        bridges=(Standing(2, 3.0),),
        first_movers=(Standing(3, 1_768_513_920_000_000),),
        reached=(Reached(1, 5, 7),),
    ),
    names=(Topicality(("boycott<b>",), ("late", "parcel")), Topicality()),
    influences=(influence(1), influence(2, hashtag_reach=45_678.0)),
    people=PEOPLE,
)


@pytest.mark.parametrize(
    ("account", "speech", "said"),
    [
        (1, EN, '@gazette_du_port <span class="bb-small">verified, press</span>'),
        (2, EN, "an account with 120 followers"),
        (2, FR, "un compte suivi par 120 personnes"),
        (3, EN, 'an account with 12,000 followers <span class="bb-small">public office</span>'),
        (4, FR, "notre compte"),
        (5, EN, "@&lt;img src=x&gt;⟨U+202E⟩"),
        (99, EN, "an account of unknown audience"),
    ],
)
def test_an_account_is_named_only_when_it_is_public(account: int, speech: Speech, said: str) -> None:
    assert carriers.who(account, FOUND, speech) == said


def test_communities_go_by_what_they_talk_about() -> None:
    shown = carriers.communities(FOUND, EN)
    assert "#boycott&lt;b&gt; · late, parcel" in shown
    assert EN("community_unnamed") in shown
    assert shown.index("40%") < shown.index("30%")


def test_rankings_say_who_and_how_much() -> None:
    shown = carriers.rankings(FOUND, FR)
    assert "un compte suivi par 120 personnes" in shown
    assert "liens vers d'autres\xa0: 3" in shown
    assert "a fait venir\xa0: 7" in shown
    assert "22:52" in shown


def test_an_estimate_is_said_to_two_digits_with_its_interval() -> None:
    shown = carriers.influences(FOUND, EN)
    assert "<b>12,000</b> (680–99,000)" in shown
    assert "3 (0–9)" in shown
    assert "46,000" in shown
    assert "12,345" not in shown


@pytest.mark.parametrize("language", ["en", "fr"])
def test_an_empty_graph_says_nobody(language: Language) -> None:
    speech = Speech(language)
    assert speech("nobody") in carriers.rankings(Spread(graph=GraphSummary(accounts=0, links=0, reshares=0)), speech)
