"""The repost graph of an incident, read from the store."""

from __future__ import annotations

from pathlib import Path

from monitor.clock import MINUTE_US, SECOND_US, SystemClock
from monitor.mentions import Author
from monitor.pipeline import Outcome
from monitor.queries import Reading, spread_of
from monitor.sources import Decoded
from monitor.store.database import open_store
from monitor.worker import Worker
from tests.made import at, mention, topic


def test_two_camps_joined_by_one_account_are_seen_as_such(tmp_path: Path) -> None:
    start = at("09:00")
    roots = [mention(f"root{camp}", start, "Acme", author=Author(id=f"star{camp}")) for camp in (0, 1)]
    reposts = [
        mention(
            f"r{camp}-{number}",
            start + number * SECOND_US,
            "Acme",
            kind="repost",
            root_id=f"root{camp}",
            root_author=Author(id=f"star{camp}"),
            author=Author(id="both" if number == 0 else f"fan{camp}-{number}"),
        )
        for camp in (0, 1)
        for number in range(12)
    ]
    with open_store(tmp_path / "b.db") as store:
        store.save_topics([topic()])
        worker = Worker(store, [topic()], SystemClock(), author_secret=b"s", lateness_us=0)
        outcome = Outcome()
        worker.step("x", Decoded([*roots, *reposts], []), outcome)
        worker.commit(worker.prepare(outcome, {}))
    with Reading(f"sqlite:///{tmp_path / 'b.db'}").snapshot() as look:
        graph = spread_of(look, "acme", start, start + 5 * MINUTE_US)
        assert spread_of(look, "acme", start - MINUTE_US, start).reshares == 0
    assert (graph.accounts, graph.reshares) == (25, 24)
    assert [len(community.accounts) for community in graph.communities] == [13, 12]
    assert graph.bridges
