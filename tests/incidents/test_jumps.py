"""What comes to a second network: told once, with both times, and never what everybody uses every day."""

from __future__ import annotations

from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.clock import DAY_US, HOUR_US, MINUTE_US
from monitor.incidents.jumps import (
    DESCRIBED,
    FEWEST,
    HASHTAG,
    IMAGE,
    LINK,
    LOOK,
    MOST,
    MOST_TOLD,
    TEXT,
    Jump,
    Jumps,
    JumpsState,
)
from monitor.mentions import Image
from monitor.topics import Match
from monitor.topics.fingerprint import fingerprint, link_keys
from monitor.topics.images import MOST_DIFFERENT, MOST_MIRRORED, image_keys
from tests.made import at, match

START = at("00:00")
NOON = at("12:00", "2026-01-17")
PAGE = link_keys(["https://video.example/v/1"])
PICTURE = image_keys([Image("https://a.example/FxYzAbCWcAE1234.jpg")])
DESCRIPTION = image_keys([Image(None, "A delivery van throws parcels over a garden fence in the rain")])
SEEN = bytes(range(100, 132))


def looks(flipped: int = 0, first: int = 0) -> tuple[int, ...]:
    """The key of one picture, or of one that differs from it in so many bits, from one bit on."""
    mask = ((1 << flipped) - 1) << first
    return image_keys([Image(fingerprint=(int.from_bytes(SEEN) ^ mask).to_bytes(32))])


WORDS = "they threw my brand new parcel over the garden fence and left without ringing the bell"


def seen(name: str, at_us: int, network: str = "x", **changes: object) -> Match:
    return match(name, at_us, network=network, **changes)


def told(*matches: Match, since_us: int = NOON, already: tuple[int, ...] = ()) -> list[Jump]:
    """Return what an incident that began at noon is told of these posts, two days after the topic was first heard."""
    jumps = Jumps()
    jumps.add([seen("first-ever", START)])
    for one in matches:
        jumps.add([one])
    return jumps.take(since_us, list(already))


def test_a_link_on_a_second_network_is_told_with_both_times_and_both_posts() -> None:
    (jump,) = told(seen("1", NOON, links=PAGE), seen("2", NOON + 12 * MINUTE_US, "bluesky", links=PAGE))
    assert (jump.kind, jump.what, jump.origin, jump.network) == ("jump", LINK, "x", "bluesky")
    assert (jump.first_us, jump.at_us) == (NOON, NOON + 12 * MINUTE_US)
    assert jump.evidence == ("x:1", "bluesky:2")
    assert jump.facts("Europe/Paris") == {"thing": 1, "origin": 1, "there": 2, "lag": 12, "clock": 13 * 60 + 12}


def test_what_newspapers_take_up_has_reached_the_press() -> None:
    (jump,) = told(seen("1", NOON, links=PAGE), seen("2", NOON + HOUR_US, "feed", links=PAGE))
    assert jump.kind == "jump_to_press"


def test_an_article_that_is_passed_on_elsewhere_came_from_the_press() -> None:
    (jump,) = told(seen("1", NOON, "feed", links=PAGE), seen("2", NOON + HOUR_US, links=PAGE))
    assert jump.kind == "jump_from_press"


def test_each_further_network_is_told_once() -> None:
    networks = ["x", "bluesky", "mastodon"] * 4
    posts = [seen(str(n), NOON + n * MINUTE_US, network, links=PAGE) for n, network in enumerate(networks)]
    assert [jump.network for jump in told(*posts)] == ["bluesky", "mastodon"]


@pytest.mark.parametrize("changes", [{"kind": "repost"}, {"is_own": True}, {"network": "x"}])
def test_reposts_the_brands_own_posts_and_the_same_network_are_no_jump(changes) -> None:
    second = {"network": "bluesky", "links": PAGE, **changes}
    assert told(seen("1", NOON, links=PAGE), match("2", NOON + MINUTE_US, **second)) == []


def test_a_hashtag_counts_when_it_is_new_and_several_used_it() -> None:
    new = [seen(str(n), NOON + n, hashtags=("boycottacme",)) for n in range(3)]
    there = seen("there", NOON + MINUTE_US, "mastodon", hashtags=("boycottacme",))
    (jump,) = told(*new, there)
    assert (jump.what, jump.kind) == (HASHTAG, "jump")
    assert told(*new[:2], there) == []
    everyday = [seen(f"old-{n}", START + HOUR_US + n, hashtags=("boycottacme",)) for n in range(3)]
    assert told(*everyday, *new, there) == []


def test_on_the_first_day_nobody_knows_which_hashtags_are_everyday() -> None:
    posts = [seen(str(n), START + n, hashtags=("acme",)) for n in range(3)]
    assert told(*posts, seen("4", START + HOUR_US, "mastodon", hashtags=("acme",)), since_us=START) == []


def test_nearly_the_same_words_count_once_many_said_them_though_a_word_was_changed() -> None:
    copies = [WORDS, WORDS.upper(), f"@acme {WORDS} https://t.co/x", WORDS.replace("bell", "doorbell")]
    posts = [seen(str(n), NOON + n, fingerprint=fingerprint(copies[n % 4])) for n in range(FEWEST[TEXT])]
    there = seen("there", NOON + MINUTE_US, "bluesky", fingerprint=fingerprint(WORDS.replace("brand", "very")))
    (jump,) = told(*posts, there)
    assert jump.what == TEXT
    assert told(*posts[1:], there) == []
    other = fingerprint("their hotline hung up on me twice today and nobody ever called me back about it")
    assert told(*posts, seen("there", NOON + MINUTE_US, "bluesky", fingerprint=other)) == []


@pytest.mark.parametrize(("keys", "what"), [(PICTURE, IMAGE), (DESCRIPTION, DESCRIBED)])
def test_an_image_on_a_second_network_is_told_by_its_name_or_by_its_description(keys, what) -> None:
    (jump,) = told(seen("1", NOON, images=keys), seen("2", NOON + 12 * MINUTE_US, "bluesky", images=keys))
    assert (jump.what, jump.kind, jump.evidence) == (what, "jump", ("x:1", "bluesky:2"))
    (reached,) = told(seen("1", NOON, images=keys), seen("2", NOON + 12 * MINUTE_US, "feed", images=keys))
    assert reached.kind == "jump_to_press"
    assert told(seen("1", NOON, images=keys), seen("2", NOON + MINUTE_US, images=keys)) == []


def test_a_copy_on_a_second_network_is_told_by_its_looks_and_a_picture_less_alike_is_not() -> None:
    first = seen("1", NOON, images=looks())
    (jump,) = told(first, seen("2", NOON + 12 * MINUTE_US, "mastodon", images=looks(MOST_DIFFERENT)))
    assert (jump.what, jump.kind, jump.evidence) == (LOOK, "jump", ("x:1", "mastodon:2"))
    assert (jump.first_us, jump.at_us) == (NOON, NOON + 12 * MINUTE_US)
    assert told(first, seen("2", NOON + 12 * MINUTE_US, "mastodon", images=looks(MOST_DIFFERENT + 1))) == []


def test_a_mirrored_copy_is_told_too_and_what_is_neither_straight_nor_mirrored_alike_is_not() -> None:
    turned = int.from_bytes(SEEN) ^ int("55" * 32, 16)
    first = seen("1", NOON, images=looks())
    for flipped, count in ((0, 1), (MOST_MIRRORED, 1), (MOST_MIRRORED + 1, 0)):
        mirrored = image_keys([Image(fingerprint=(turned ^ ((1 << flipped) - 1)).to_bytes(32))])
        assert len(told(first, seen("2", NOON + 12 * MINUTE_US, "mastodon", images=mirrored))) == count
    upside_down = image_keys([Image(fingerprint=(int.from_bytes(SEEN) ^ int("0000ffff" * 8, 16)).to_bytes(32))])
    assert told(first, seen("2", NOON + 12 * MINUTE_US, "mastodon", images=upside_down)) == []


def test_copies_of_copies_are_held_against_the_first_and_each_network_is_told_once() -> None:
    networks = ["x", "bluesky", "mastodon", "bluesky", "feed"]
    posts = [
        seen(str(n), NOON + n, network, images=looks(n * MOST_DIFFERENT // 4)) for n, network in enumerate(networks)
    ]
    assert [jump.network for jump in told(*posts)] == ["bluesky", "mastodon", "feed"]
    drifted = [seen("1", NOON, images=looks()), seen("2", NOON + 1, images=looks(MOST_DIFFERENT))]
    assert told(*drifted, seen("3", NOON + 2, "bluesky", images=looks(2 * MOST_DIFFERENT))) == []


def test_of_two_pictures_alike_the_nearer_is_the_one_whatever_was_seen_last() -> None:
    near, far = seen("near", NOON, images=looks(4)), seen("far", NOON + 1, images=looks(MOST_DIFFERENT - 2, 4))
    there = seen("there", NOON + 2, "bluesky", images=looks())
    assert [jump.evidence[0] for jump in told(near, far, there)] == ["x:near"]
    assert [jump.evidence[0] for jump in told(far, near, there)] == ["x:near"]


def test_a_picture_known_by_its_name_is_not_told_by_its_looks_too() -> None:
    both = PICTURE + looks()
    assert [one.what for one in told(seen("1", NOON, images=both), seen("2", NOON + 1, "bluesky", images=both))] == [
        IMAGE
    ]


@pytest.mark.parametrize("keys", [PICTURE, DESCRIPTION, looks()])
def test_an_everyday_image_is_no_jump(keys) -> None:
    everyday = seen("old", START + HOUR_US, images=keys)
    there = [seen("1", NOON, images=keys), seen("2", NOON + MINUTE_US, "bluesky", images=keys)]
    assert told(everyday, *there) == []
    first_day = [seen("1", START + 1, images=keys), seen("2", START + HOUR_US, "bluesky", images=keys)]
    assert told(*first_day, since_us=START) == []


def test_an_image_is_told_once_and_not_beside_the_link_it_came_with() -> None:
    both, all_three = {"images": PICTURE + DESCRIPTION}, {"images": PICTURE + DESCRIPTION, "links": PAGE}
    assert [one.what for one in told(seen("1", NOON, **both), seen("2", NOON + 1, "bluesky", **both))] == [IMAGE]
    jumps = told(seen("1", NOON, **all_three), seen("2", NOON + 1, "bluesky", **all_three))
    assert [one.what for one in jumps] == [LINK]


def test_an_incident_is_told_of_the_hour_before_it_and_of_nothing_older() -> None:
    first, second = seen("1", NOON - 2 * HOUR_US, links=PAGE), seen("2", NOON - HOUR_US, "bluesky", links=PAGE)
    assert len(told(first, second)) == 1
    assert told(first, second, since_us=NOON + MINUTE_US) == []


def test_what_takes_longer_than_a_day_was_carried() -> None:
    assert told(seen("1", NOON - DAY_US, links=PAGE), seen("2", NOON + MINUTE_US, "bluesky", links=PAGE)) == []


def test_a_long_incident_is_told_a_few_of_each_kind_and_of_the_press_even_so() -> None:
    posts = []
    for number in range(12):
        page = link_keys([f"https://example.org/{number}"])
        there = "feed" if number == 11 else "bluesky"
        posts += [seen(f"a{number}", NOON + number, links=page), seen(f"b{number}", NOON + number, there, links=page)]
    assert [jump.kind for jump in told(*posts)] == ["jump"] * MOST_TOLD[LINK] + ["jump_to_press"]
    assert [jump.kind for jump in told(*posts, already=(LINK,) * MOST_TOLD[LINK])] == ["jump_to_press"]


def test_memory_is_bounded() -> None:
    jumps = Jumps()
    for number in range(3_000):
        first, second = chr(97 + number % 26), chr(97 + number // 26 % 26)
        sketch = fingerprint(" ".join(f"{first}{chr(97 + place)}{second}xy" for place in range(9)))
        page = link_keys([f"https://example.org/{number}"])
        jumps.add([seen(str(number), NOON + number, links=page, hashtags=(str(number),), fingerprint=sketch)])
    for number in range(3_000):
        jumps.add([seen(str(number), NOON + number, images=(2 * number, 2 * number + 1))])
    for number in range(1_000):
        look = Random(number).getrandbits(256) | 1 << 256
        jumps.add([seen(str(number), NOON + number, images=(look,))])
    state = jumps.snapshot()
    assert len(state.looks) == len(jumps._looks) == MOST[LOOK]
    assert (len(state.images), len(state.descriptions)) == (MOST[IMAGE], MOST[DESCRIBED])
    assert (len(state.links), len(state.hashtags)) == (MOST[LINK], MOST[HASHTAG])
    assert len(state.texts) <= MOST[TEXT]
    assert len(jumps._alike) <= 4 * MOST[TEXT]
    assert len(msgspec.msgpack.encode(state)) < 80_000


@given(st.data())
def test_a_restored_memory_goes_on_exactly(data: st.DataObject) -> None:
    posts = [
        seen(
            str(number),
            NOON + number * MINUTE_US,
            data.draw(st.sampled_from(["x", "bluesky", "feed"])),
            links=tuple(data.draw(st.sets(st.integers(1, 4), max_size=2))),
            images=(
                *data.draw(st.sets(st.integers(1, 4), max_size=2)),
                *looks(data.draw(st.sampled_from([0, 5, 9, 14, 20])), data.draw(st.sampled_from([0, 3, 7]))),
            ),
            hashtags=tuple(data.draw(st.sets(st.sampled_from("ab"), max_size=1))),
            fingerprint=fingerprint(WORDS.replace("bell", data.draw(st.sampled_from(["bell", "gong", "horn"])))),
        )
        for number in range(data.draw(st.integers(0, 14)))
    ]
    cut = data.draw(st.integers(0, len(posts)))
    whole, twin = Jumps(), Jumps()
    for jumps in (whole, twin):
        jumps.add([seen("first-ever", START), *posts[:cut]])
    saved = msgspec.msgpack.decode(msgspec.msgpack.encode(twin.snapshot()), type=JumpsState)
    twin = Jumps()
    twin.restore(saved)
    for jumps in (whole, twin):
        jumps.add(posts[cut:])
    assert twin.snapshot() == whole.snapshot()
    assert twin.take(NOON, []) == whole.take(NOON, [])


def test_a_paper_that_came_late_and_had_it_first_is_where_it_began() -> None:
    page = link_keys(["https://example.org/leak"])
    jumps = Jumps()
    jumps.add([seen("x1", NOON, links=page)])
    jumps.add([seen("p1", NOON - 20 * MINUTE_US, "feed", links=page)])
    (jump,) = jumps.take(NOON, [])
    assert (jump.kind, jump.first_us, jump.at_us) == ("jump_from_press", NOON - 20 * MINUTE_US, NOON)
    assert jump.evidence == ("feed:p1", "x:x1")


def test_of_too_few_to_jump_the_earliest_is_remembered_all_the_same() -> None:
    jumps = Jumps()
    jumps.add([seen("x1", NOON, hashtags=("leak",))])
    jumps.add([seen("p1", NOON - 20 * MINUTE_US, "feed", hashtags=("leak",))])
    assert jumps.take(NOON, []) == []
