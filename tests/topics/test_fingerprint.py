"""Sketches: alike for nearly identical texts, unlike for others, and cheap to compare."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.topics.fingerprint import fingerprint, link_key, link_keys, shared

LONG = "after three weeks of waiting the company still refuses to answer any of my letters about the broken router"


@given(st.text(max_size=600))
def test_a_sketch_is_sixty_bits_whatever_the_text(text: str) -> None:
    assert 0 <= fingerprint(text) < 1 << 60
    assert fingerprint(text) == fingerprint(text)


@pytest.mark.parametrize(
    "text",
    [
        LONG.upper(),
        f"@acme {LONG}",
        f"{LONG} https://t.co/abc #angry",
        f"RT {LONG} 12",
        LONG.replace(" ", "  "),
    ],
)
def test_what_copied_posts_vary_makes_no_difference(text: str) -> None:
    assert fingerprint(text) == fingerprint(LONG)


def test_most_of_a_sketch_survives_another_word() -> None:
    random, words = Random(1), LONG.split()
    survived = []
    for _ in range(300):
        varied = [*words]
        varied[random.randrange(len(words))] = f"other{random.randrange(9)}"
        survived.append(shared(fingerprint(LONG), fingerprint(" ".join(varied))))
    assert sum(one >= 2 for one in survived) / len(survived) > 0.9


def test_different_complaints_share_nearly_nothing() -> None:
    random = Random(2)
    words = f"{LONG} delivery never came my phone is dead again and nobody picks up at the shop in town today".split()
    sketches = [fingerprint(" ".join(random.sample(words, 12))) for _ in range(200)]
    alike = sum(shared(one, other) >= 2 for place, one in enumerate(sketches) for other in sketches[:place])
    assert alike < 20  # of 19,900 pairs


def test_short_texts_have_none() -> None:
    assert fingerprint("merci beaucoup !") == fingerprint("lol") == fingerprint("") == 0
    assert shared(0, 0) == 0


def test_a_page_is_the_same_however_it_was_reached() -> None:
    assert link_key("https://www.example.org/a/?utm_source=x&id=3#top") == link_key("http://example.org/a?id=3")
    assert link_key("https://example.org/a?id=3") != link_key("https://example.org/a?id=4")


ARTICLE = "https://example.org/2026/01/a-van-on-fire"


@pytest.mark.parametrize(
    "variant",
    [
        "http://www.example.org/2026/01/a-van-on-fire/",
        "https://m.example.org/2026/01/a-van-on-fire",
        "https://mobile.example.org/2026/01/a-van-on-fire",
        "https://amp.example.org/2026/01/a-van-on-fire",
        "https://www.m.Example.org/2026/01/a-van-on-fire",
        "https://example.org/2026/01/a-van-on-fire/amp",
        "https://example.org/2026/01/a-van-on-fire/amp/",
        "https://example.org/2026/01/a-van-on-fire.amp",
        "https://example.org/amp/2026/01/a-van-on-fire",
        "https://example.org/2026/01/a-van-on-fire?amp=1",
        "https://example.org/2026/01/a-van-on-fire?amp",
        "https://example.org/2026/01/a-van-on-fire?outputType=amp",
        "https://www.google.com/amp/s/www.example.org/2026/01/a-van-on-fire",
        "https://example-org.cdn.ampproject.org/c/s/m.example.org/2026/01/a-van-on-fire?amp_js_v=0.1&usqp=mq331",
        "https://example.org/2026/01/a-van-on-fire?fbclid=a&UTM_Source=b&igshid=c&mc_cid=d&_ga=e&msclkid=f&at_medium=g#h",
        "https://example.org/2026/01/a-van-on-fire?si=aBcDeFgHiJkLmN01",
    ],
)
def test_an_article_is_the_same_on_a_telephone_and_a_desk(variant: str) -> None:
    assert link_key(variant) == link_key(ARTICLE)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://mobile.x.com/a/status/12?s=20&t=abc", "https://twitter.com/a/status/12"),
        ("https://en.m.wikipedia.org/wiki/Parcel", "https://en.wikipedia.org/wiki/Parcel"),
        ("https://youtu.be/abcdefghijk?si=aBcDeFgHiJkLmN01", "https://m.youtube.com/watch?v=abcdefghijk"),
        ("https://example.org/a-fire.amp.html", "https://example.org/a-fire.html"),
    ],
)
def test_well_known_addresses_of_one_page_are_one(one: str, other: str) -> None:
    assert link_key(one) == link_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://mobile.example.org/", "https://example.org/"),  # two companies, maybe
        ("https://m.example.org", "https://example.org"),
        ("https://mobile.de/a-car", "https://de/a-car"),
        ("https://m.co.uk/a-car", "https://mobile.co.uk/a-car"),
        ("https://shop.example/guitars/amp", "https://shop.example/guitars"),
        ("https://shop.example/amp/fender", "https://shop.example/fender"),
        ("https://example.org/a-lamp", "https://example.org/a-l"),
        ("https://example.org/amp", "https://example.org/"),
        ("https://example.org/camp/a-1", "https://example.org/c/a-1"),
        ("https://news.example.org/a-fire", "https://example.org/a-fire"),
        ("https://example.org/a?id=3&amp=1", "https://example.org/a?id=4"),
        ("https://example.org/a?si=12", "https://example.org/a?si=13"),
        ("https://youtu.be/abcdefghijk", "https://youtu.be/abcdefghijl"),
        ("https://example.org/a?output=1", "https://example.org/a?output=2"),
    ],
)
def test_two_pages_stay_two(one: str, other: str) -> None:
    assert link_key(one) != link_key(other)


@pytest.mark.parametrize("url", ["", "not a link", "http://[broken", "mailto:somebody"])
def test_what_is_no_page_has_no_key(url: str) -> None:
    assert link_key(url) is None


def test_each_page_counts_once_and_four_are_enough() -> None:
    urls = [f"https://example.org/{number}" for number in (1, 1, 2, 3, 4, 5)]
    assert link_keys(urls) == tuple(link_key(f"https://example.org/{number}") for number in (1, 2, 3, 4))


def test_copies_of_a_chant_are_alike() -> None:
    chant = "boycott acme " * 6
    assert shared(fingerprint(chant), fingerprint(f"{chant}#shame")) >= 2


@given(st.from_regex(r"https?://(www\.)?[a-z0-9.-]+(/[A-Za-z0-9_./-]{0,20})?", fullmatch=True))
def test_a_page_is_the_same_whether_something_had_to_be_left_out_or_not(url: str) -> None:
    assert link_key(url) == link_key(f"{url}?utm_source=x") == link_key(f"{url}#top")
