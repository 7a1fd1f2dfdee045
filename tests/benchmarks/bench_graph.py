"""What a repost graph costs: read and analysed on demand, and kept fading beside a topic.

Run ``python -m tests.benchmarks.bench_graph``. The incident has 5,000 accounts, 300 of them passed on, six of whom
far more than all others, and 8,700 reshares of posts by six camps; it is committed to a store as the service would
and read back. Times are the least of several rounds, in seconds of the clock on the wall and of the processor.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import msgspec
import networkx as nx
import numpy as np

from monitor.clock import HOUR_US, MINUTE_US, SECOND_US
from monitor.crowds.circles import circles_of
from monitor.crowds.graph import Edge, repost_graph
from monitor.crowds.neighbourhood import Neighbourhood
from monitor.mentions import Author, Mention
from monitor.queries import Reading, exported_graph, spread_of
from monitor.topics import Match
from tests.made import at, match, mention
from tests.queries.camps import fill

ACCOUNTS = 5_000
ROOTS = 300
CAMPS = 6
ROUNDS = 7
START = at("09:00")


def picks(seed: int = 3) -> list[tuple[int, int]]:
    """Who passes on whom: everybody somebody, a few far more than all others, and then some again."""
    chance = random.Random(seed)
    crowd = ACCOUNTS - ROOTS
    first = [(ROOTS + number, int(chance.paretovariate(0.7)) % ROOTS) for number in range(crowd)]
    return [*first, *((ROOTS + chance.randrange(crowd), chance.randrange(ROOTS)) for _ in range(4_000))]


def incident() -> list[Mention]:
    chance = random.Random(5)
    authors = [
        Author(f"u{number}", f"user{number}", followers=int(10 ** chance.uniform(1, 5))) for number in range(ACCOUNTS)
    ]
    roots = [
        mention(
            f"root{number}",
            START + number,
            f"Acme lost parcel number{number % 17} of camp{number % CAMPS}, what a shame, nobody answers",
            author=authors[number],
            hashtags=("acme", f"camp{number % CAMPS}"),
        )
        for number in range(ROOTS)
    ]
    reposts = [
        mention(
            f"r{number}",
            START + SECOND_US + number * 400_000,
            roots[root].text,
            kind="repost",
            author=authors[author],
            root_id=f"root{root}",
            root_author=authors[root],
            hashtags=roots[root].hashtags,
        )
        for number, (author, root) in enumerate(picks())
    ]
    return [*roots, *reposts]


def least(work: Callable[[], object], rounds: int = ROUNDS) -> dict[str, float]:
    """Return the least time of several rounds."""
    wall, processor = [], []
    for _ in range(rounds):
        before = time.perf_counter(), time.process_time()
        work()
        wall.append(time.perf_counter() - before[0])
        processor.append(time.process_time() - before[1])
    return {"wall_s": round(min(wall), 3), "processor_s": round(min(processor), 3)}


def on_demand() -> dict[str, object]:
    """Measure reading and analysing an incident, and writing it as a file."""
    with tempfile.TemporaryDirectory() as folder:
        address = fill(Path(folder) / "badbuzz.db", incident())
        span = "acme", START, START + 2 * HOUR_US
        with Reading(address).snapshot() as look:
            found = spread_of(look, *span)
            return {
                "accounts": found.graph.accounts,
                "reshares": found.graph.reshares,
                "communities": len(found.graph.communities),
                "read_and_analysed": least(lambda: spread_of(look, *span)),
                "written_as_gexf": least(lambda: exported_graph(look, *span, "gexf"), 3),
                "written_as_json": least(lambda: exported_graph(look, *span, "json"), 3),
            }


def circles() -> dict[str, object]:
    """Compare our circles with networkx's Louvain on the same graph."""
    graph = repost_graph(Edge(author, root, number) for number, (author, root) in enumerate(picks()))
    ties = graph.to_undirected()
    accounts = list(graph)
    places = {account: place for place, account in enumerate(accounts)}
    links = [(places[one], places[other], link["weight"]) for one, other, link in graph.edges(data=True)]
    sources, targets, weights = np.array(links).T
    labels = circles_of(sources, targets, weights.astype(float), len(accounts)).tolist()
    parts: dict[int, set[int]] = {}
    for account, label in zip(accounts, labels, strict=True):
        parts.setdefault(label, set()).add(account)
    theirs = nx.community.louvain_communities(ties, seed=1)
    return {
        "ours": least(lambda: circles_of(sources, targets, weights.astype(float), len(accounts)))
        | {"modularity": round(nx.community.modularity(ties, parts.values()), 4)},
        "networkx_louvain": least(lambda: nx.community.louvain_communities(ties, seed=1), 3)
        | {"modularity": round(nx.community.modularity(ties, theirs), 4)},
    }


def stream(count: int, seed: int = 1) -> list[Match]:
    """Reshares of 4,000 accounts over some weeks, half a minute apart, by six camps that mostly keep to themselves."""
    chance = random.Random(seed)
    base = match("1", START, kind="repost")
    found, at_us = [], START
    for _ in range(count):
        at_us += chance.randrange(MINUTE_US)
        author = int(chance.paretovariate(0.8)) % 4_000 if chance.random() < 0.7 else chance.randrange(4_000)
        camp = author % CAMPS if chance.random() > 0.05 else chance.randrange(CAMPS)
        root = int(chance.paretovariate(0.9)) % 200 * CAMPS + camp
        keys = [(number * 0x9E3779B97F4A7C15) % (1 << 63) for number in (author + 10_000, root + 1_000_000)]
        found.append(msgspec.structs.replace(base, published_us=at_us, author=keys[0], root_author=keys[1]))
    return found


def kept(count: int) -> dict[str, object]:
    """Measure the fading graph: microseconds a reshare, bytes an account and an edge."""
    minutes: dict[int, list[Match]] = {}
    for one in stream(count):
        minutes.setdefault(one.published_us // MINUTE_US, []).append(one)
    best = float("inf")
    for _ in range(ROUNDS):
        known = Neighbourhood()
        before = time.process_time()
        for matches in minutes.values():
            known.add(matches)
        best = min(best, time.process_time() - before)
    before = time.process_time()
    known.community(0)
    drawing = time.process_time() - before
    tracemalloc.start()
    copy = Neighbourhood()
    copy.restore(known.snapshot())
    graph_bytes = tracemalloc.get_traced_memory()[0]
    copy.community(0)
    drawn_bytes = tracemalloc.get_traced_memory()[0] - graph_bytes
    tracemalloc.stop()
    return {
        "reshares": count,
        "accounts": len(known),
        "edges": known.edges,
        "us_a_reshare": round(best / count * 1e6, 2),
        "drawing_ms": round(drawing * 1e3, 1),
        "bytes_an_edge": round(graph_bytes / max(known.edges, 1)),
        "bytes_an_account_once_drawn": round(drawn_bytes / max(len(known), 1)),
        "snapshot_bytes": len(known.snapshot()),
    }


if __name__ == "__main__":
    print(json.dumps(on_demand()))
    print(json.dumps(circles()))
    for size in (1_000, 10_000, 60_000):
        print(json.dumps(kept(size)))
