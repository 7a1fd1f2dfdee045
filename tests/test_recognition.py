"""What a match carries beyond its topic: read once from the root's words and the author's profile."""

from __future__ import annotations

from monitor.mentions import Author, Mention, mention_key
from monitor.recognition import Recogniser
from monitor.topics import Match
from monitor.topics.fingerprint import link_key
from tests.made import mention, topic

ANGRY = "Acme : arnaque totale, je porte plainte et j'appelle au boycott https://news.example/a?utm_source=x"


def recognised(*mentions: Mention) -> list[Match]:
    keys = [mention_key(one.network, one.id) for one in mentions]
    return [match for _, match in Recogniser([topic()], b"secret").recognise(mentions, keys)]


def test_a_repost_reads_as_its_root_does() -> None:
    root = mention("1", "09:00", ANGRY, links=("https://news.example/a?utm_source=x",))
    repost = mention("2", "09:01", "", kind="repost", root_id="1", parent_id="1")
    first, second = recognised(root, repost)
    assert first.alarm_words >= 2
    assert first.fingerprint > 0
    assert first.links == (link_key("http://www.news.example/a"),)
    for name in ("tone", "alarm_words", "is_ironic", "fingerprint", "links"):
        assert getattr(second, name) == getattr(first, name)


def test_who_speaks_comes_from_the_author_of_each() -> None:
    journalist = Author("j", followers=900, created_us=5, verified=True, bio="Journaliste à La Gazette")
    (one,) = recognised(mention("1", "09:00", author=journalist))
    assert (one.role, one.verified, one.account_created_us) == ("press", True, 5)
    (other,) = recognised(mention("1", "09:00", author=Author("p", bio="maman de deux enfants")))
    assert (other.role, other.verified, other.account_created_us) == (None, None, None)


def test_the_item_directly_answered_is_named() -> None:
    (reply,) = recognised(mention("3", "09:00", kind="reply", parent_id="2", root_id="1"))
    assert reply.parent == mention_key("x", "2")
    assert reply.root == mention_key("x", "1")
    assert recognised(mention("3", "09:00"))[0].parent is None


def test_an_article_is_a_page_of_its_own() -> None:
    (article,) = recognised(mention("a", "09:00", network="feed", url="https://gazette.example/acme"))
    assert article.links == (link_key("https://gazette.example/acme"),)
    (post,) = recognised(mention("a", "09:00", url="https://x.example/status/1"))
    assert post.links == ()
