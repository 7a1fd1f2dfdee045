import pytest

from monitor.topics.evaluation import Document, compiled
from monitor.topics.folding import fold
from monitor.topics.matcher import searched_text
from monitor.topics.parser import parse_query
from tests.made import mention


def found(query, text, **changes):
    post = mention("1", 0, text, **changes)
    return compiled(parse_query(query))(Document(post, fold(searched_text(post, with_links=True))))


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("Orange", "Merci Orange!"),
        ("Orange", "#orange"),
        ("Orange", "@Orange"),
        ("Orange", "d'orange"),
        ("Orange", "l’Orange"),
        ("Orange", "Orange-Business"),
        ("Orange", "索尼Orange电视"),
        ("索尼", "我买了索尼电视"),
        ("l'Oréal", "L’OREAL"),
        ("Oréal", "l’Oréal"),
        ('"acme telecom"', "ACME-Télécom"),
        ('"acme telecom"', "Acme,\n  Télécom"),
        ("Coca-Cola", "coca cola"),
        ("AT&T", "at&t's"),
        ("Yahoo!", "yahoo est en panne"),
        ("C++", "c++11"),
        ("$AAPL", "buy $AAPL now"),
        ("AAPL", "buy $AAPL now"),
        ("😡", "nul😡nul"),
        ("👍", "super 👍🏿"),
        ('"acme 😡"', "acme😡"),
        ("#acme", "voir #Acmé."),
        ("@acme", "merci @acme."),
        ("@acme", "@acme@mastodon.example bonjour"),
        ("@acme.fr", "voilà @acme.fr"),
        ("url:sncf.com", "https://www.SNCF.com/horaires"),
        ("acme.fr", "allez sur acme.fr pour voir"),
        ("a NEAR/1 b", "a x b"),
        ("a NEAR/1 b", "b, x: a"),
        ("(a OR c) NEAR/0 b", "x c b"),
        ('"a b" NEAR/1 c', "c x a-b"),
        ("a NEAR/1 b NEAR/1 c", "c x b x a"),
        ("a -b", "a c"),
        ("a -(b c)", "a c"),
        ("स्टेट", "यह स्टेट है"),
    ],
)
def test_what_is_found(query, text):
    assert found(query, text)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("Orange", "orangeade"),
        ("Orange", "l'orangeade"),
        ("Orange", "@orange_aide"),
        ("Orange", "https://t.co/orange"),
        ("SNCF", "horaires: www.sncf.com/sncf, ou gares.sncf.fr/paris"),
        ("SNCF", "ftp://sncf/x"),
        ('"acme telecom"', "acme et telecom"),
        ('"acme telecom"', "acmetelecom"),
        ('"acme telecom"', "acme https://t.co/x telecom"),
        ("#acme", "acme @acme"),
        ("#acme", "#acme_fail"),
        ("#acme", "a#acme"),
        ("@acme", "acme #acme"),
        ("@acme", "contact@acme"),
        ("@acme", "@acmebis"),
        ("👩", "👩\u200d🚒"),
        ("url:sncf.com", "sncf.com"),
        ("a NEAR/1 b", "a x x b"),
        ("a NEAR/5 a", "a"),
        ("a NEAR/1 b NEAR/1 c", "b x a x x c"),
        ("a -b", "a B!"),
        ("a -(b OR c)", "a c"),
        ("état", "स्टेट"),
        ("स्ट", "यह स्टेट है"),
    ],
)
def test_what_is_not_found(query, text):
    assert found(query, text) is None


def test_dots_end_a_handle_on_x_and_belong_to_it_elsewhere():
    assert found("@acme", "@acme.merci", network="x")
    assert found("@acme", "@acme.bsky.social", network="bluesky") is None


def test_a_quoted_text_is_searched_but_nothing_reaches_across():
    assert found("Orange", "lisez ça", quoted_text="Orange en panne") == "Orange"
    assert found('"en panne"', "on est en", quoted_text="panne") is None
    assert found("en NEAR/100 panne", "on est en", quoted_text="panne") is None


def test_hashtags_handles_and_links_given_apart_are_searched():
    assert found("#acme", "photo", hashtags=("Acme",))
    assert found("@acme", "photo", mentioned=("Acme",))
    assert found("url:acme.fr", "photo", links=("https://acme.fr/a",))
    assert found("acme", "photo", links=("https://acme.fr/a",)) is None


def test_fields_look_at_the_item_not_at_its_words():
    assert found("a lang:fr", "a", lang="fr-CA")
    assert found("a lang:fr", "a", lang="frp") is None
    assert found("a lang:fr", "a") is None
    assert found("a is:reply", "a", kind="reply")
    assert found("a -is:reply", "a", kind="reply") is None
    assert found("a is:post", "a", kind="repost")


def test_the_term_is_the_first_of_the_query_that_is_found_as_it_was_written():
    assert found('"Acme Télécom" OR #Acme OR panne', "panne chez #acme") == "#Acme"
    assert found("lang:fr -x Panne acme", "acme panne", lang="fr") == "Panne"


def test_near_stays_quick_on_a_long_hostile_text():
    assert found("a NEAR/1 b", "a " * 20_000 + "x x x " + "b " * 20_000) is None
