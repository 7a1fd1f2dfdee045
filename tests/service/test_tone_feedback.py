"""What people say of the tone of posts is learned by the running service, outlives it, and goes with the post."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from monitor.clock import DAY_US, SECOND_US
from monitor.desk import Desk
from monitor.errors import InputRefused
from monitor.mentions import Author, Deletion
from monitor.queries import Reading
from monitor.store.schema import mentions, tone_feedback
from tests.service.rig import Rig

MILD = "Acme left the parcel in the rain"
"""The lexicon finds nothing in these words."""


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path)
    yield rig
    rig.close()


def desk(rig: Rig) -> Desk:
    return Desk(rig.store, Reading(rig.address), rig.clock, author_secret=b"secret", follows_wall_clock=True)


def tone(rig: Rig, identifier: str) -> float:
    with rig.store.engine.connect() as connection:
        found: float = connection.execute(select(mentions.c.tone).where(mentions.c.id == identifier)).scalar_one()
        return found


def teach(rig: Rig, posts: int = 12) -> None:
    rig.post(*[rig.say(f"lesson{number}", MILD) for number in range(posts)])
    for number in range(posts):
        assert desk(rig).correct_tone("acme", f"x:lesson{number}", "negative", "Zoé")


def test_what_is_corrected_changes_posts_to_come_and_nothing_that_was_measured(rig: Rig) -> None:
    teach(rig)
    rig.post(rig.say("like them", f"{MILD}!"), rig.say("unlike them", "Acme opens a shop in Nantes"))
    assert tone(rig, "lesson0") == 0
    assert tone(rig, "like them") < -0.25
    assert tone(rig, "unlike them") == 0


def test_a_restart_learns_the_same_again(rig: Rig) -> None:
    teach(rig)
    rig.post(rig.say("before", MILD))
    rig.restart()
    rig.post(rig.say("after", MILD))
    assert tone(rig, "after") == tone(rig, "before") < 0


def test_reposts_of_a_corrected_post_sound_as_the_person_said(rig: Rig) -> None:
    rig.post(rig.say("root", MILD))
    desk(rig).correct_tone("acme", "x:root", "negative", "Zoé")
    repost = {"kind": "repost", "root_id": "root", "root_author": Author(id="author-of-root")}
    rig.post(rig.say("repost", MILD, **repost))
    assert tone(rig, "repost") == -0.5
    rig.restart()
    rig.post(rig.say("another", MILD, **repost))
    assert tone(rig, "another") == -0.5


def test_an_alarm_that_was_called_praise_is_heard_all_the_same(rig: Rig) -> None:
    alarm = "Acme left the parcel in the rain, I will sue"
    rig.post(*[rig.say(f"lesson{number}", alarm) for number in range(12)])
    for number in range(12):
        assert desk(rig).correct_tone("acme", f"x:lesson{number}", "positive", "Zoé")
    rig.post(rig.say("before", f"{alarm}!"))
    rig.restart()
    rig.post(rig.say("after", f"{alarm}!"))
    assert tone(rig, "lesson0") < tone(rig, "after") == tone(rig, "before") < -0.25


def test_the_same_word_of_the_same_person_counts_once(rig: Rig) -> None:
    rig.post(rig.say("post", MILD))
    says = [desk(rig).correct_tone("acme", "x:post", said, who) for said, who in (
        ("negative", "Zoé"), ("negative", "Zoé"), ("negative", "Ana"), ("neutral", "Zoé"), ("negative", "Zoé"),
    )]  # fmt: skip
    assert says == [True, False, True, True, True]


def test_a_deleted_post_teaches_nothing_any_more(rig: Rig) -> None:
    teach(rig)
    rig.post(rig.say("taught", MILD))
    assert tone(rig, "taught") < 0
    rig.post(*[Deletion(network="x", id=f"lesson{number}", at_us=rig.clock.now_us()) for number in range(12)])
    rig.post(rig.say("untaught", MILD))
    assert tone(rig, "untaught") == 0
    with rig.store.engine.connect() as connection:
        rows = connection.execute(select(tone_feedback)).all()
    assert [(row.features, row.actor) for row in rows] == [(None, "Zoé")] * 12


def test_what_is_kept_of_a_corrected_post_holds_none_of_its_words(rig: Rig) -> None:
    teach(rig, 1)
    with rig.store.engine.connect() as connection:
        row = connection.execute(select(tone_feedback)).one()
    assert row.features
    assert not any(word.encode() in row.features for word in MILD.split())


def test_a_post_whose_words_were_erased_cannot_be_corrected(rig: Rig) -> None:
    rig.post(rig.say("old", MILD))
    rig.clock.advance(DAY_US)
    assert rig.store.purge(rig.clock.now_us() - SECOND_US) == 1
    for name in ("x:old", "x:never", "old", ""):
        with pytest.raises(InputRefused, match="nothing can be learned"):
            desk(rig).correct_tone("acme", name, "negative", "Zoé")
