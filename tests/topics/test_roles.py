"""What profiles hint at: invented ones, in English and French, one a line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.topics.roles import role_of

PRESS = """
Journalist. Views my own.
Reporter @the_northport_post covering railways
Foreign correspondent, Lisbon
Managing Editor of the Harbour Gazette
Sr. columnist, coffee
Morning anchor on Channel Nine
Daily newspaper since 1902
Staff writer for the Sunday Paper
Former lawyer, now journalist
Journaliste indépendante, Lyon
GRAND REPORTER à la Gazette du Port
Journaliste·s en colère
Rédactrice en chef adjointe
Secrétaire de rédaction
Pigiste (presse écrite)
Le quotidien régional du Ponant
Toute l'équipe de la rédaction de La Gazette
Site d'information sur la mer
Correspondant à Rome. Ancien prof.
"""

OFFICE = """
Member of Parliament for Northport
MP for Northport South
Labour MP. Cats.
MEP, fisheries committee
State senator, district 9
Minister of Health
Prime Minister
Mayor of Northport
Ambassador to Norway
Ministry of Transport
City council
Councillor, Old Town ward
Official account of the city of Northport
Député du Finistère
Députée·e à l'Assemblée
Sénatrice de la Mer
Maire de Port-Neuf
Ministre des Transports
Ministère de l'Intérieur
Préfecture du Ponant
Conseillère municipale d'opposition
Conseiller·ère régional
Adjointe au maire, en charge des écoles
Ambassadeur de France en Norvège
Secrétaire d'État à la mer
Compte officiel de la ville de Port-Neuf
Ancien journaliste, député de la Mer
"""

NEITHER = """
Bakery owner. I love trains.
Ex-journaliste, boulanger
Former BBC journalist
Retired reporter and proud grandfather
Ancienne députée, jardinière
Étudiante en journalisme
Aspiring journalist
Not a journalist
Attachée de presse
Press officer at a museum
Public relations. I pitch reporters
Video editor and gamer
Parody account of the Mayor of Northport
Compte parodique du ministre
Brand ambassador for shoes
Ambassador of hope
Minister of the gospel
Ottawa Senators forever
Wife of a reporter
Fan de la mairesse du jeu
MP ouverts
Plaza Mayor, Madrid
Journal intime d'une maman
mp3, reportage, majorette
@reporter fan club
"""


def lines(text: str) -> list[str]:
    return text.strip().splitlines()


@pytest.mark.parametrize("bio", lines(PRESS))
def test_the_press_is_recognised(bio: str) -> None:
    assert role_of(bio) == "press"


@pytest.mark.parametrize("bio", lines(OFFICE))
def test_public_office_is_recognised(bio: str) -> None:
    assert role_of(bio) == "office"


@pytest.mark.parametrize("bio", lines(NEITHER))
def test_whoever_only_sounds_like_it_is_neither(bio: str) -> None:
    assert role_of(bio) is None


def test_the_first_hint_that_stands_counts() -> None:
    assert role_of("Maire de Port-Neuf, ancien journaliste") == "office"
    assert role_of("Journaliste, élue municipale") == "press"


def test_an_empty_or_endless_profile_says_nothing() -> None:
    assert role_of("") is None
    assert role_of("x " * 400 + "journalist") is None


@given(st.text(max_size=80))
def test_hostile_words_around_do_no_harm(text: str) -> None:
    assert role_of(text) in {"press", "office", None}
