from __future__ import annotations

from pathlib import Path

import pytest

from monitor.mentions import Author, Image, Mention
from monitor.sources import Decoded
from monitor.sources.feeds import Feeds

ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr"><title>Le Courrier</title>
<link href="https://courrier.example/"/>
<entry><title>Encore en panne</title><id>tag:courrier.example,2026:1</id><link href="https://courrier.example/1"/>
<updated>2026-01-15T21:52:00Z</updated>
<summary type="html">&lt;p&gt;Troisième &lt;b&gt;panne&lt;/b&gt;&lt;/p&gt;</summary></entry>
</feed>
"""
RSS = """<rss version="2.0"><channel><title>Agrégateur</title><link>https://agg.example/</link>{}</channel></rss>"""
ITEM = """<item><title>Panne</title><guid>1</guid><pubDate>Thu, 15 Jan 2026 21:52:00 GMT</pubDate>
<source url="https://courrier.example/">Le Courrier</source></item>"""


def decode(text: str) -> Decoded:
    return Feeds().decode([text.encode()])


def test_an_article_is_a_post_of_its_publication() -> None:
    decoded = decode(ATOM)
    assert decoded.items == [
        Mention(
            network="feed",
            id="tag:courrier.example,2026:1",
            kind="post",
            published_us=1_768_513_920_000_000,
            author=Author("https://courrier.example/", "Le Courrier"),
            text="Encore en panne\nTroisième panne",
            lang="fr",
            links=("https://courrier.example/1",),
            url="https://courrier.example/1",
        )
    ]
    assert decoded.malformed == []


def test_an_article_of_an_aggregator_belongs_to_its_source() -> None:
    (mention,) = decode(RSS.format(ITEM)).items
    assert isinstance(mention, Mention)
    assert mention.author == Author("https://courrier.example/", "Le Courrier")


def test_an_article_links_to_itself_and_to_what_its_text_does() -> None:
    body = "&lt;a href='https://video.example/1'&gt;vidéo&lt;/a&gt;" * 2
    item = ITEM.replace("<guid>1", f"<link>https://courrier.example/1</link><description>{body}</description><guid>1")
    (mention,) = decode(RSS.format(item)).items
    assert isinstance(mention, Mention)
    assert mention.links == ("https://courrier.example/1", "https://video.example/1")


def test_an_article_shows_its_media_its_enclosures_and_the_pictures_in_its_text() -> None:
    item = """<item><title>Bus</title><guid>1</guid><pubDate>Thu, 15 Jan 2026 21:52:00 GMT</pubDate>
    <enclosure url="https://courrier.example/bus.jpg" type="image/jpeg" length="1"/>
    <enclosure url="https://courrier.example/podcast.mp3" type="audio/mpeg" length="1"/>
    <media:content xmlns:media="http://search.yahoo.com/mrss/" url="https://courrier.example/m/1"/>
    <description>&lt;img src="/2.jpg" alt="Un bus en feu"&gt; mots</description></item>"""
    (mention,) = decode(RSS.format(item)).items
    assert isinstance(mention, Mention)
    assert mention.images[:2] == (Image("https://courrier.example/m/1"), Image("https://courrier.example/bus.jpg"))
    assert [image.description for image in mention.images[2:]] == ["Un bus en feu"]


def test_an_article_without_a_date_is_malformed_and_its_neighbours_are_not() -> None:
    undated = "<item><title>Quand</title><guid>2</guid><pubDate>bientôt</pubDate></item>"
    decoded = decode(RSS.format(ITEM + undated + ITEM.replace("<guid>1", "<guid>3")))
    assert [item.id for item in decoded.items if isinstance(item, Mention)] == ["1", "3"]
    assert [malformed.reason for malformed in decoded.malformed] == ["no_time"]
    assert "bientôt" in decoded.malformed[0].detail
    assert decoded.read == 3


def test_an_article_without_an_id_gets_the_same_one_each_time() -> None:
    bare = "<item><title>Panne</title><pubDate>Thu, 15 Jan 2026 21:52:00 GMT</pubDate></item>"
    first, second = decode(RSS.format(bare)), decode(RSS.format(bare))
    assert first == second
    assert first.derived_ids == 1


def test_an_empty_feed_is_a_feed_and_a_web_page_is_not() -> None:
    assert decode(RSS.format("")) == Decoded([], [])
    for text in ("<html><body><p>404</p></body></html>", "", "not xml at all"):
        (malformed,) = decode(text).malformed
        assert malformed.reason == "bad_feed"


def test_nothing_outside_the_document_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    evil = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file://{secret}">]>' + RSS.format(
        ITEM.replace("Panne", "&x;")
    )
    assert "hunter2" not in repr(decode(evil))
    assert "hunter2" not in repr(Feeds().decode([str(secret).encode(), secret.as_uri().encode()]))


@pytest.mark.timeout(10)
def test_entities_that_grow_without_end_do_not() -> None:
    entities = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    bomb = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a0 "lol">{entities}]>' + RSS.format(
        ITEM.replace("Panne", "&a9;")
    )
    assert len(repr(decode(bomb))) < 10_000


def test_articles_lost_in_broken_xml_are_told_of() -> None:
    second, third = ITEM.replace("<guid>1", "<guid>2"), ITEM.replace("<guid>1", "<guid>3")
    assert decode(RSS.format(ITEM + second + third)).malformed == []
    decoded = decode(RSS.format(ITEM + second.replace("<title>", "<title><![CDATA[") + third))
    assert decoded.malformed[0].reason == "bad_feed"
    assert "3 articles begin and" in decoded.malformed[0].detail
    assert decoded.read == len(decoded.items) + len(decoded.malformed)
