"""What the circumstances make of a word: the same claim in French and in English, on made-up posts."""

from __future__ import annotations

import pytest

from monitor.tone import Tone
from monitor.tone.counts import counted
from monitor.tone.scorer import ToneScorer

SCORER = ToneScorer()
NEGATIVE, POSITIVE = -0.25, 0.25  # what the product calls negative and positive


def value(text: str, lang: str) -> float:
    return SCORER.score(text, lang).value


def side_by_side(*pairs: tuple[str, str]) -> list[tuple[str, str]]:
    return [(text, lang) for pair in pairs for text, lang in zip(pair, ("fr", "en"), strict=True)]


COMPLAINTS = {
    "waiting": ("Voilà trois semaines que j'attends mon lit", "I've been waiting three weeks for my bed"),
    "still nothing": ("Toujours aucune date de livraison", "Still no sign of a delivery date"),
    "parts missing": ("Il manque des vis dans l'étagère", "Parts missing from the bookcase"),
    "billed twice": ("Débitée deux fois pour un seul billet", "Debited twice for a single ticket"),
    "refund refused": ("Remboursement refusé sous prétexte d'un délai", "Refund refused because of a deadline"),
    "nobody there": ("Personne au guichet à 8 h", "Nobody at the counter at 8 am"),
    "sent around": ("Ils me font tourner en rond", "They keep sending me round in circles"),
    "rescheduled": ("Visite repoussée à mardi", "Visit pushed back to Tuesday"),
    "told otherwise": ("On m'a promis un technicien lundi", "I was promised an engineer on Monday"),
    "leaving": ("Je ne reviendrai plus chez vous", "I'm not coming back to your shop"),
    "rude": ("La caissière m'a ri au nez", "The cashier laughed in my face"),
    "dirty": ("Une limace dans ma salade", "A slug in my salad"),
    "better before": ("La recette, c'était mieux avant", "The recipe was better before"),
    "rhetorical": ("Trois euros le sac, c'est normal ??", "Three euros a bag, is this normal??"),
}

SOLVED = {
    "repaired": ("Chaudière en panne à 9h, réparée à 10h", "Boiler fault at 9, fixed by 10"),
    "refunded": ("Colis perdu, remboursée le jour même", "Parcel lost, refunded the same day"),
    "put right": (
        "Une erreur sur ma facture, corrigée en cinq minutes",
        "An error on my bill, corrected in five minutes",
    ),
    "in one breath": ("Ils ont résolu mon problème", "They solved my problem"),
    "none at all": ("Pas une panne en dix ans", "Not a single breakdown in ten years"),
    "nothing to say": ("Rien à reprocher à ce vendeur", "Can't fault this seller"),
    "averted": ("Leur appli a bloqué une fraude hier", "Their app stopped a fraud yesterday"),
    "in spite of": ("Malgré la panne, une équipe formidable", "Despite the outage, a wonderful team"),
}

UNSOLVED = {
    "not yet": ("Panne depuis lundi, toujours pas réparée", "Outage since Monday, still not fixed"),
    "a question": ("Panne de lundi réparée quand ?", "Will Monday's outage ever get fixed?"),
    "only said": ("La panne ? Ils disent qu'elle est réparée", "The outage? They say it should be fixed"),
    "again since": ("Fuite réparée, deux jours après nouvelle panne", "Leak fixed, two days later another breakdown"),
    "indignant": ("Une honte, des menteurs, remboursée au tribunal", "Shameful liars, refunded by the court"),
}

STAGED = {
    "a drill": ("Exercice d'évacuation incendie jeudi à 14h", "Fire evacuation drill on Thursday at 2pm"),
    "a story": ("Un roman sur l'incendie d'une usine", "A novel about the fire in a factory"),
    "long past": ("L'explosion de 1923 racontée par ses témoins", "The explosion of 1923 told by its witnesses"),
    "an offer": ("Acme recrute un avocat pour son siège", "Acme is hiring a lawyer for its Leeds office"),
    "prevention": ("Prévention des brûlures à l'école mardi", "Burn awareness week: burns can be avoided"),
    "fixtures": ("Les issues de secours sont au fond", "Emergency exits are at the back"),
}


@pytest.mark.parametrize(("text", "lang"), side_by_side(*COMPLAINTS.values()))
def test_every_kind_of_complaint_is_heard_in_both_languages(text: str, lang: str) -> None:
    assert value(text, lang) < NEGATIVE


@pytest.mark.parametrize(("text", "lang"), side_by_side(*SOLVED.values()))
def test_a_problem_that_was_solved_or_never_came_is_praise(text: str, lang: str) -> None:
    assert value(text, lang) > 0.1


@pytest.mark.parametrize(("text", "lang"), side_by_side(*UNSOLVED.values()))
def test_a_remedy_that_did_not_come_takes_nothing_back(text: str, lang: str) -> None:
    assert value(text, lang) < -0.1


@pytest.mark.parametrize(("text", "lang"), side_by_side(*STAGED.values()))
def test_danger_that_is_only_spoken_of_alarms_nobody(text: str, lang: str) -> None:
    assert SCORER.score(text, lang) == Tone(0.0)


@pytest.mark.parametrize(
    ("text", "lang"),
    side_by_side(
        ("Pendant l'exercice je me suis brûlé la main", "During the drill I burnt my hand"),
        ("Votre documentaire est une honte", "Your documentary is a disgrace"),
    ),
)
def test_a_stage_hides_neither_what_the_author_suffered_nor_indignation(text: str, lang: str) -> None:
    assert value(text, lang) < NEGATIVE


@pytest.mark.parametrize(
    ("once", "often", "lang"),
    [
        ("J'ai appelé hier", "J'ai appelé cinq fois hier", "fr"),
        ("I called yesterday", "I called five times yesterday", "en"),
        ("Relevé envoyé", "Relevé envoyé 2 fois", "fr"),
        ("I sent the form", "I sent the form twice", "en"),
    ],
)
def test_an_effort_made_again_and_again_is_a_complaint(once: str, often: str, lang: str) -> None:
    assert value(once, lang) == 0
    assert value(often, lang) < NEGATIVE


@pytest.mark.parametrize(
    ("text", "lang"),
    side_by_side(
        ("Elle est montée trois fois sur scène", "She stood on stage three times"),
        ("Payer en trois fois sans frais", "Open three times a week"),
    ),
)
def test_a_count_without_an_effort_says_nothing(text: str, lang: str) -> None:
    assert value(text, lang) == 0


@pytest.mark.parametrize(
    ("words", "lang"),
    [
        ("2 heures de retard|trois heures de retard|48 heures de retard", "fr"),
        ("2 hours late|three hours late|48 hours late", "en"),
        ("la 3e fois que je relance|la troisième fois que je relance|la 12ème fois que je relance", "fr"),
        ("the 3rd time I ask|the third time I ask|the 12th time I ask", "en"),
        ("personne sur place. Personne.|personne sur place. Personne...", "fr"),
    ],
)
def test_any_number_is_the_same_complaint_however_it_is_written(words: str, lang: str) -> None:
    values = {value(text, lang) for text in words.split("|")}
    assert len(values) == 1
    assert values.pop() < NEGATIVE


def test_a_number_that_is_part_of_a_name_stays_itself() -> None:
    assert value("5 stars from me", "en") > 0 == value("3 stars from me", "en")


def test_words_without_numbers_are_left_as_they_are() -> None:
    words = ["no", "number", "1", "1000"]
    assert counted(words) is words


@pytest.mark.parametrize(
    ("plain", "compared", "lang"),
    [
        ("Jamais eu un bon service", "Jamais vu un service aussi rapide", "fr"),
        ("Never had good help", "Never had such good help", "en"),
    ],
)
def test_never_before_such_strengthens(plain: str, compared: str, lang: str) -> None:
    assert value(plain, lang) < 0 < value(compared, lang)


@pytest.mark.parametrize(
    ("cry", "praise", "lang"),
    [
        ("Génial, encore un retard", "Un voyage génial, un peu de retard", "fr"),
        ("Great, another delay", "A great trip, a small delay", "en"),
    ],
)
def test_a_cry_of_praise_before_a_complaint_is_ironic(cry: str, praise: str, lang: str) -> None:
    assert SCORER.score(cry, lang).is_ironic
    assert not SCORER.score(praise, lang).is_ironic


@pytest.mark.parametrize(
    ("text", "lang"),
    side_by_side(("En panne hier mais bravo à l'équipe", "It was broken yesterday but well played team")),
)
def test_congratulation_after_but_is_meant(text: str, lang: str) -> None:
    tone = SCORER.score(text, lang)
    assert not tone.is_ironic
    assert tone.value > POSITIVE


@pytest.mark.parametrize(
    ("text", "lang"),
    side_by_side(("Un problème ? Résolu en une heure", "One problem, resolved within the hour")),
)
def test_what_was_taken_back_is_no_alarm_word(text: str, lang: str) -> None:
    assert SCORER.score(text, lang).alarm_words == ()
