"""What a match carries beyond its topic: read once from the root's words and the author's profile."""

from __future__ import annotations

import pytest

from monitor.clock import DAY_US
from monitor.mentions import Author, Image, Mention, mention_key
from monitor.recognition import Recogniser
from monitor.tone import Correction
from monitor.topics import Match
from monitor.topics.fingerprint import link_key
from monitor.topics.images import image_keys
from monitor.topics.matcher import Matcher
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
    journalist = Author("j", followers=900, created_us=3 * DAY_US + 5, verified=True, bio="Journaliste à La Gazette")
    (one,) = recognised(mention("1", "09:00", author=journalist))
    assert (one.role, one.verified, one.account_created_us) == ("press", True, 3 * DAY_US)
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


def test_what_a_post_shows_is_known_by_its_keys_and_a_repost_shows_nothing_new() -> None:
    shown = (Image("https://a.example/FxYzAbCWcAE1234.jpg", "A delivery van throws parcels over a garden fence"),)
    root = mention("1", "09:00", images=shown)
    repost = mention("2", "09:01", "", kind="repost", root_id="1", parent_id="1", images=shown)
    first, second = recognised(root, repost)
    assert first.images == image_keys(shown) != ()
    assert second.images == ()


def test_a_viral_root_about_nothing_of_ours_is_searched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[str] = []
    search = Matcher.match
    monkeypatch.setattr(Matcher, "match", lambda self, some: searched.extend(m.id for m in some) or search(self, some))
    recogniser = Recogniser([topic()], b"secret")
    for number, text in enumerate(["what a goal", "what a goal", "what a goal, says Acme", "what a goal"]):
        one = mention(f"r{number}", "09:00", text, kind="repost", root_id="goal")
        matches = recogniser.recognise([one], [mention_key(one.network, one.id)])
        assert bool(matches) == (number >= 2)  # more of its text may tell more
    assert searched == ["r0", "r2"]


def test_what_a_person_said_of_a_post_is_no_longer_uncertain() -> None:
    recogniser = Recogniser([topic()], b"secret")
    root = mention("1", "09:00", "Great job acme, my parcel is lost again 👏", lang="en")
    key = mention_key(root.network, root.id)
    ((_, before),) = recogniser.recognise([root], [key])
    assert before.is_ironic
    recogniser.heed([Correction(1, "acme", key, "negative", before.tone, ())])
    repost = mention("2", "09:01", "", kind="repost", root_id="1", parent_id="1")
    ((_, after),) = recogniser.recognise([repost], [mention_key(repost.network, repost.id)])
    assert (after.tone, after.is_ironic) == (-0.5, False)
