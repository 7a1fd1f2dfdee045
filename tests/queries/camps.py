"""A store in which two camps pass on a newspaper and a private person, and one account passes on both."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from monitor.clock import SECOND_US, SystemClock
from monitor.mentions import Author, Mention
from monitor.pipeline import Outcome
from monitor.sources import Decoded
from monitor.store.database import open_store
from monitor.worker import Worker
from tests.made import at, mention, topic

__all__ = ["PAPER", "PRIVATE", "START", "camps", "fill"]

START: Final = at("09:00")
PRIVATE: Final = "private_person"
"""Every handle of somebody who is no public figure begins so."""

PAPER: Final = Author(
    id="paper", handle="gazette_du_port", followers=41_000, verified=True, bio="Le quotidien régional du port"
)
NEIGHBOUR: Final = Author(id="neighbour", handle=f"{PRIVATE}_0", followers=1_234)


def camps(start_us: int = START) -> list[Mention]:
    """Return two roots, each reposted by twelve accounts one second apart."""
    roots = [
        mention("r0", start_us, "Acme loses parcels", author=PAPER, hashtags=("parcels",)),
        mention("r1", start_us + 1, "Acme closes shops, @private_person_0", author=NEIGHBOUR, hashtags=("shops",)),
    ]
    reposts = [
        mention(
            f"r{camp}-{fan}",
            start_us + (10 + fan) * SECOND_US,
            root.text,
            kind="repost",
            author=Author(
                id="both" if fan == 0 else f"fan{camp}-{fan}", handle=f"{PRIVATE}_{camp}_{fan}", followers=99
            ),
            root_id=root.id,
            root_author=root.author,
            hashtags=root.hashtags,
        )
        for camp, root in enumerate(roots)
        for fan in range(12)
    ]
    return [*roots, *reposts]


def fill(path: Path, posts: list[Mention], public_followers: int = 10_000) -> str:
    """Commit these posts to a new store at `path` as the service would, and return its address."""
    with open_store(path, public_followers=public_followers) as store:
        store.save_topics([topic()])
        worker = Worker(store, [topic()], SystemClock(), author_secret=b"s", lateness_us=0)
        outcome = Outcome()
        worker.step("x", Decoded(list(posts), []), outcome)
        worker.commit(worker.prepare(outcome, {}))
    return f"sqlite:///{path}"
