"""How many reshares a second the cascades of a topic take, on one core.

Run ``python -m tests.benchmarks.bench_cascades``. Each figure is the best of several rounds, in thousands of reshares a
second of processor time through :meth:`monitor.cascades.tracker.CascadeTracker.add`, which ends with every cascade that
changed being described, its counters as of now and what is inferred as of when it was last due; garbage is collected as
in the service. One topic; followers are log-normal; the rounds are a story each:

* *one post*: a single root is reshared 10,000 times a minute for an hour;
* *a crisis*: 300 roots share 10,000 reshares a minute, the first most (Zipf), for half an hour;
* *with parents*: as *a crisis*, on a network that names true parents: one reshare in three passes on another one;
* *a storm*: 2,000 roots share 100,000 reshares a minute, the first most (Zipf), for five minutes;
* *spread evenly*: as *a storm*, each root as much as any other, which no recording shows;
* *an evening*: 2,000 roots share 2,000 reshares a minute, so that most are reshared once in that minute or not at all.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

from monitor.cascades.tracker import CascadeTracker
from monitor.topics import Match
from monitor.worker import calm_collector

MINUTE_US = 60_000_000
START_US = 1_768_467_600_000_000
ROUNDS = 3


def reshares(
    minutes: int, a_minute: int, roots: int, *, zipf: float = 0.0, network: str = "x", seed: int = 3
) -> Iterator[list[Match]]:
    """Yield the reshares of each minute, in canonical order."""
    rng = random.Random(seed)
    keys = [rng.getrandbits(63) for _ in range(roots)]
    shares = [(place + 1) ** -zipf for place in range(roots)]
    accounts = [(rng.getrandbits(63), int(rng.lognormvariate(5, 2))) for _ in range(50_000)]
    last: dict[int, list[int]] = {root: [root] for root in keys}
    number = 0
    for minute in range(minutes):
        batch = []
        for root in rng.choices(keys, shares, k=a_minute):
            author, followers = rng.choice(accounts)
            number += 1
            earlier = last[root]
            parent = rng.choice(earlier) if network == "bluesky" and rng.random() < 1 / 3 else root
            key = rng.getrandbits(63)
            earlier[1:] = [*earlier[-50:], key]
            at_us = START_US + minute * MINUTE_US + rng.randrange(MINUTE_US)
            batch.append(
                Match(
                    "acme",
                    key,
                    str(number),
                    at_us,
                    network,
                    "repost",
                    author,
                    followers if network == "x" else None,
                    root,
                    str(root),
                    -0.4,
                    parent=parent,
                )
            )
        yield sorted(batch, key=lambda match: (match.published_us, match.key))


def measure(name: str, batches: list[list[Match]]) -> None:
    """Print one line: thousands of reshares a second, cascades held, bytes of the snapshot."""
    best = float("inf")
    for _ in range(ROUNDS):
        calm_collector()
        tracker = CascadeTracker("acme")
        before = time.process_time()
        for batch in batches:
            tracker.add(batch)
        best = min(best, time.process_time() - before)
    count = sum(map(len, batches))
    before = time.process_time()
    state = tracker.snapshot()
    seconds = time.process_time() - before
    print(
        f"{name:14} {count / best / 1000:6.0f} k reshares/s   {len(tracker):5} cascades   "
        f"{len(state) / 1000:7.0f} kB in {1000 * seconds:.1f} ms"
    )


def main() -> None:
    """Measure every story."""
    measure("one post", list(reshares(60, 10_000, 1)))
    measure("a crisis", list(reshares(30, 10_000, 300, zipf=1.1)))
    measure("with parents", list(reshares(30, 10_000, 300, zipf=1.1, network="bluesky")))
    measure("a storm", list(reshares(5, 100_000, 2_000, zipf=1.1)))
    measure("spread evenly", list(reshares(5, 100_000, 2_000)))
    measure("an evening", list(reshares(60, 2_000, 2_000)))


if __name__ == "__main__":
    main()
