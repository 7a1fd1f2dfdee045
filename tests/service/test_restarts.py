"""A crash at any moment changes nothing, whatever else happens: edited calendars, gaps told late, open incidents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from random import Random

import msgspec
import pytest
from sqlalchemy import MetaData

from monitor.clock import DAY_US, HOUR_US, MINUTE_US, to_datetime
from monitor.mentions import Gap, Item
from monitor.topics import PlannedEvent
from tests.made import at, mention
from tests.service.rig import NOON, TOPICS, HandClock, Rig, story

START = NOON - 6 * DAY_US
CRISIS = START + 4 * DAY_US
GAP = Gap(source="ingest", start_us=CRISIS + 20 * MINUTE_US, end_us=CRISIS + 35 * MINUTE_US, reason="reconnected")
TOLD = CRISIS + 40 * MINUTE_US
BATCH = 40


def planned() -> PlannedEvent:
    def local(us: int) -> datetime:
        return to_datetime(us).replace(tzinfo=None)

    return PlannedEvent("Sale", "sale", local(CRISIS + 30 * MINUTE_US), local(CRISIS + 5 * HOUR_US), times=3.0)


def told() -> list[Item]:
    """Four quiet days, an hour of indignation of which a gap is told late, a day of quiet, and it comes back."""
    posts = story(START)
    random = Random(7)
    posts += [
        mention(f"after{number}", CRISIS + HOUR_US + number * 9 * MINUTE_US, "Acme today") for number in range(200)
    ]
    again = CRISIS + 20 * HOUR_US
    posts += [
        mention(f"again{number}", again + random.randrange(HOUR_US), f"boycott Acme, scandal number {number}!")
        for number in range(90)
    ]
    posts.sort(key=lambda post: (post.published_us, post.id))
    place = next(place for place, post in enumerate(posts) if post.published_us >= TOLD)
    return [*posts[:place], GAP, *posts[place:]]


def lived(folder: Path, crashes: Sequence[int], *, is_edited: bool) -> dict[str, list[tuple[object, ...]]]:
    """Live through it in batches, with a crash before those whose numbers are given; return all that is stored."""
    folder.mkdir()
    rig = Rig(folder, HandClock(at("00:00", "2027-01-01")), follows_wall_clock=False)
    items = told()
    for number, place in enumerate(range(0, len(items), BATCH)):
        if is_edited and number == EDITED:
            rig._topics = [msgspec.structs.replace(TOPICS[0], events=(planned(),)), *TOPICS[1:]]
        if number in crashes:
            rig.restart()
        rig.post(*items[place : place + BATCH])
    tables = MetaData()
    tables.reflect(rig.store.engine)
    with rig.store.engine.connect() as look:
        found = {
            table.name: [tuple(row) for row in look.execute(table.select().order_by(*table.primary_key))]
            for table in tables.sorted_tables
        }
    rig.close()
    return found


ITEMS = told()
BATCHES = range(-(-len(ITEMS) // BATCH))
EDITED = ITEMS.index(GAP) // BATCH + 1


@pytest.mark.parametrize(
    ("crashes", "is_edited"),
    [
        pytest.param(BATCHES, False, id="before every batch"),
        pytest.param(Random(2).sample(BATCHES, 8), False, id="now and then"),
        # An edit counts from the state that was saved last, so what is compared has the same crashes before it.
        pytest.param(BATCHES[EDITED:], True, id="before every batch from an edit of the calendar on"),
        pytest.param([EDITED, EDITED + 2, EDITED + 5], True, id="now and then after an edit of the calendar"),
    ],
)
def test_crashes_in_a_crisis_of_which_a_gap_is_told_late_change_not_a_byte(
    tmp_path: Path, crashes: Sequence[int], is_edited: bool
) -> None:
    smooth = lived(tmp_path / "smooth", [EDITED] if is_edited else [], is_edited=is_edited)
    rough = lived(tmp_path / "rough", crashes, is_edited=is_edited)
    assert {"paused", "reopened"} <= {kind for row in smooth["timeline"] for kind in row if isinstance(kind, str)}
    assert smooth.keys() == rough.keys()
    for name in smooth:
        assert smooth[name] == rough[name], name
