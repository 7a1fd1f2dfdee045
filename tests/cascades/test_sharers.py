"""Who reshared and when: the same as a plain recount, across restarts and where authors end being exact."""

from __future__ import annotations

from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.cascades.audience import views
from monitor.cascades.sharers import HALF_SPAN_MINUTES, SPAN_MINUTES, LastHour, SavedSharers, Sharers


@given(
    drawn=st.lists(st.tuples(st.integers(0, 300), st.integers(1, 9)), max_size=40),
    later=st.integers(0, 90),
    stop=st.integers(0, 40),
)
def test_the_halves_of_the_last_hour_are_those_of_a_plain_recount(
    drawn: list[tuple[int, int]], later: int, stop: int
) -> None:
    hour = LastHour()
    for place, (minute, count) in enumerate(sorted(drawn)):
        if place == stop:
            hour = msgspec.msgpack.decode(msgspec.msgpack.encode(hour), type=LastHour)
        hour.add(minute, count)
        for now in (minute, minute + later):
            ages = [(now - one, many) for one, many in sorted(drawn)[: place + 1]]
            early = sum(many for age, many in ages if HALF_SPAN_MINUTES <= age < SPAN_MINUTES)
            assert hour.at(now) == (early, sum(many for age, many in ages if age < HALF_SPAN_MINUTES))
    assert len(hour.minutes) <= 2 * SPAN_MINUTES + 1


def test_authors_and_what_they_bring_are_exact_up_to_255_however_they_come() -> None:
    chance = Random(4)
    crowd = [(author, chance.choice((None, 0, 90, 400_000))) for author in range(255)]
    crowd += chance.choices(crowd, k=300)
    sharers = Sharers()
    for first in range(0, len(crowd), 7):
        authors, followers = zip(*crowd[first : first + 7], strict=True)
        sharers.count(authors, followers, 5)
    brought = [followers or 0 for author, followers in crowd[:255] if author != 5]
    assert sharers.told() == (255, sum(brought), sum(map(views, brought)))


@pytest.mark.parametrize("stop", [3, 255, 256, 257, 900])
def test_counting_in_parts_or_at_once_or_with_a_restart_is_the_same(stop: int) -> None:
    chance = Random(stop)
    authors = [chance.getrandbits(60) for _ in range(1_000)]
    followers = [chance.randrange(500) for _ in authors]
    whole, parts = Sharers(), Sharers()
    whole.count(authors, followers, None)
    parts.count(authors[:stop], followers[:stop], None)
    saved = msgspec.msgpack.decode(msgspec.msgpack.encode(parts.state()), type=SavedSharers)
    parts = Sharers.of(saved)
    parts.count(authors[stop:], followers[stop:], None)
    assert parts.state() == whole.state()
    assert parts.told() == whole.told()
