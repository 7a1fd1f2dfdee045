import re
from random import Random

import pytest

from monitor.backtest.brands import EXAMPLE_BRANDS, Brand, brands_of
from monitor.backtest.phrasebook import LANGUAGES, phrasebook
from monitor.backtest.writer import Writer
from monitor.topics import Account, Topic


def test_french_and_english_know_the_same_registers():
    assert phrasebook("fr").registers == phrasebook("en").registers


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_slot_stays_empty(lang):
    writer, rng = Writer(EXAMPLE_BRANDS), Random(1)
    assert {brand.sector for brand in EXAMPLE_BRANDS} == {"telecom", "rail", "cosmetics"}
    for brand in EXAMPLE_BRANDS:
        for register in sorted(phrasebook(lang, brand.sector).registers):
            for _ in range(60):
                text = writer.phrase(rng, brand, register, lang)
                assert text
                assert not re.search(r"[{}]|  ", text)


def test_a_brand_is_elided_in_french_as_people_do():
    def named(name):
        return Brand(topic="t", names=(name,), account="t", support="t").of

    assert (named("Acme"), named("Électro"), named("ZenPhone")) == ("d'Acme", "d'Électro", "de ZenPhone")


def test_brands_follow_the_watchlist():
    topics = [
        Topic(
            id="a",
            name="Alpha Énergie",
            query="alpha",
            accounts=(Account("alpha"),),
            support_accounts=(Account("alpha_sav"),),
        ),
        Topic(id="b", name="Beta", query="beta"),
    ]
    first, second = brands_of(topics)
    assert (first.names, first.account, first.support) == (("Alpha Énergie",), "alpha", "alpha_sav")
    assert (second.account, second.support) == ("b", "b")
    assert second.share < first.share
