"""The fading repost graph of a topic: who belongs together, in bounded memory, whatever the cuts."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.clock import DAY_US, MINUTE_US
from monitor.crowds.neighbourhood import Neighbourhood
from monitor.topics import Match
from tests.made import at, match

START = at("09:00")
STARS = (1_000, 2_000)


def reshare(author: int, root_author: int | None, at_us: int, kind: str = "repost") -> Match:
    return match(f"{author}-{root_author}-{at_us}", at_us, kind=kind, author=author, root_author=root_author)


def camps(start: int = START) -> list[Match]:
    """Two camps of forty; each passes on its star and its star's deputy. Account 1 passes on all four."""
    roots = [(star, star + 1) for star in STARS]
    found = [
        reshare(star + fan, root, start + fan * 1_000)
        for star, deputy in roots
        for fan in range(2, 42)
        for root in (star, deputy)
    ]
    return [*found, *[reshare(1, root, start + MINUTE_US) for pair in roots for root in pair]]


def crowd(seed: int, count: int, span_us: int) -> list[Match]:
    chance = random.Random(seed)
    times = sorted(chance.randrange(span_us) for _ in range(count))
    return [reshare(chance.randrange(300), 300 + int(chance.paretovariate(0.8)) % 40, START + at_us) for at_us in times]


def answers(neighbourhood: Neighbourhood) -> list[tuple[int | None, bool]]:
    return [(neighbourhood.community(account), neighbourhood.is_bridge(account)) for account in range(400)]


def of(matches: list[Match], *sizes: int) -> Neighbourhood:
    neighbourhood = Neighbourhood(*sizes)
    neighbourhood.add(matches)
    return neighbourhood


def test_two_camps_go_by_whom_they_pass_on_most() -> None:
    known = of([*camps(), reshare(1_002, STARS[0], START + DAY_US), reshare(2_002, STARS[1], START + DAY_US)])
    assert [known.community(star + 7) for star in STARS] == list(STARS)
    assert [known.community(star + 1) for star in STARS] == list(STARS)


def test_who_passes_on_both_camps_is_a_bridge_and_nobody_else() -> None:
    known = of([*camps(), reshare(1_002, STARS[0], START + DAY_US)])
    known.add([reshare(1_003, STARS[0], START + 2 * DAY_US)])
    everybody = [1, *range(1_000, 1_042), *range(2_000, 2_042)]
    assert [account for account in everybody if known.is_bridge(account)] == [1]


def test_strangers_and_pairs_belong_to_no_circle() -> None:
    known = of([*camps(), reshare(7, 8, START + 2 * MINUTE_US), reshare(1_002, 1_000, START + DAY_US)])
    known.add([reshare(1_002, 1_000, START + 2 * DAY_US)])
    assert known.community(999_999) is None
    assert known.community(7) is None
    assert not known.is_bridge(999_999)


def test_a_newcomer_belongs_at_once_where_he_passes_on() -> None:
    known = of([*camps(), reshare(1_002, STARS[0], START + DAY_US)])
    assert known.community(50) is None
    known.add([reshare(50, STARS[1], START + DAY_US + MINUTE_US)])
    assert known.community(50) == STARS[1]
    known.add([reshare(2_005, 60, START + DAY_US + 2 * MINUTE_US)])
    assert known.community(60) == STARS[1]


@pytest.mark.parametrize(
    "ignored",
    [
        reshare(50, STARS[1], START + MINUTE_US, kind="reply"),
        reshare(50, None, START + MINUTE_US),
        reshare(50, 50, START + MINUTE_US),
    ],
)
def test_replies_unknown_roots_and_oneself_are_no_edges(ignored: Match) -> None:
    known = of([ignored])
    assert (len(known), known.edges) == (0, 0)


def test_what_is_not_repeated_fades_away() -> None:
    known = of(camps())
    later = START + 60 * DAY_US
    known.add([reshare(70_000 + fan, 71_000, later + fan) for fan in range(100)])
    known.add([reshare(70_000, 71_000, later + DAY_US)])
    assert known.community(70_050) == 71_000
    assert known.community(STARS[0]) is None
    assert known.edges == 100 + 1


def test_a_silence_of_forty_years_is_survived() -> None:
    known = of(camps())
    later = START + 40 * 365 * DAY_US
    known.add([reshare(fan, 5, later + fan) for fan in range(10, 20)])
    assert known.edges == 10
    assert known.community(STARS[0]) is None


def test_memory_is_bounded_and_the_strongest_ties_stay() -> None:
    loyal = [reshare(fan, 5, START + day * DAY_US) for day in range(3) for fan in range(10, 20)]
    passing = [reshare(1_000 + n, 100_000 + n, START + 3 * DAY_US + n) for n in range(5_000)]
    known = of([*loyal, *passing], 200, 300)
    assert len(known) <= 200
    assert known.edges <= 300 + 300 // 2
    assert known.community(15) == 5
    assert len(known.snapshot()) < 20_000


@settings(max_examples=25)
@given(st.integers(0, 1_000))
def test_cuts_snapshots_and_questions_change_nothing(seed: int) -> None:
    chance = random.Random(seed)
    matches = crowd(seed, 800, 4 * DAY_US)
    whole = of(matches, 150, 300)
    cut = Neighbourhood(150, 300)
    while matches:
        piece = chance.randrange(1, 200)
        cut.add(matches[:piece])
        del matches[:piece]
        if chance.random() < 0.5:
            answers(cut)
        if chance.random() < 0.5:
            fresh = Neighbourhood(150, 300)
            fresh.restore(cut.snapshot())
            cut = fresh
    assert answers(cut) == answers(whole)
    assert cut.snapshot() == whole.snapshot()


def test_nothing_seen_is_nothing_saved() -> None:
    assert Neighbourhood().snapshot() == b""
    known = of(camps())
    known.restore(b"")
    assert (len(known), known.edges, known.community(STARS[0])) == (0, 0, None)
