"""How good the inferred shape of a cascade is, where the true one is known.

Run ``python -m tests.benchmarks.bench_attribution FOLDER [NAME ...]`` on a folder of recorded cascades: for each name a
file ``NAME_events.csv.gz`` with the columns cascade_id, idx, t_s (seconds since the root), parent_idx (blank for the
root), of which none gives the followers of resharers. Each cascade is told to a `LikelyTree` as if only its root were
known, and compared with its true tree when it had 10, 30, 100 and 300 reshares and at its end. The weight of the root
and the intervals were set on 150 cascades of weibo_ced drawn with seed 5; these are left out here.

Printed for each: how many cascades; medians of true depth and virality; the median ratio of expected to true virality;
the share of true depths and viralities within their 80 % intervals.
"""

from __future__ import annotations

import csv
import gzip
import random
import sys
from collections import defaultdict
from pathlib import Path
from statistics import mean, median

from monitor.cascades import tree
from monitor.cascades.likely_tree import LikelyTree
from monitor.cascades.tally import ROOT_ALIKE
from monitor.cascades.tree import KnownTree, Shape
from monitor.clock import SECOND_US

CALIBRATION = "weibo_ced"
CALIBRATION_CASCADES = 150
SIZES = (10, 30, 100, 300, None)

Event = tuple[float, int, int]  # seconds since the root, index, index of the parent


def read(path: Path) -> dict[str, list[Event]]:
    """Return the reshares of each cascade in order of time, without the root."""
    found: dict[str, list[Event]] = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["parent_idx"] and row["idx"] != "0":
                found[row["cascade_id"]].append((float(row["t_s"]), int(row["idx"]), int(row["parent_idx"])))
    return {name: sorted(events) for name, events in found.items()}


def true_shape(events: list[Event]) -> Shape:
    """Return the shape of the true tree."""
    known = KnownTree()
    for _, post, parent in events:
        known.add(post, parent or None)
    return known.shape()


def likely_shape(events: list[Event]) -> Shape:
    """Return the shape inferred from times alone."""
    likely = LikelyTree.of(0.0, ROOT_ALIKE, are_alike=True)
    likely.add_all([round(at_s * SECOND_US) for at_s, _, _ in events], [None] * len(events), 1.0)
    return likely.shape()


def main(folder: Path, names: list[str]) -> None:
    """Print one line for each set and size."""
    tree.POSTS_KEPT = 1_000_000  # type: ignore[misc]  # the truth forgets nobody
    for name in names:
        cascades = read(folder / f"{name}_events.csv.gz")
        drawn = sorted(cascades)
        random.Random(5).shuffle(drawn)
        tested = drawn[CALIBRATION_CASCADES:] if name == CALIBRATION else drawn
        for size in SIZES:
            cut = [cascades[one][:size] for one in tested if len(cascades[one]) >= (size or 20)]
            if not cut:
                continue
            pairs = [(true_shape(events), likely_shape(events)) for events in cut]
            within_depth = mean(said.depth_low <= true.depth <= said.depth_high for true, said in pairs)
            within = mean(said.virality_low <= true.virality <= said.virality_high for true, said in pairs)
            ratio = median(said.virality / true.virality for true, said in pairs)
            print(
                f"{name:22} {size or 'end':>4} reshares  {len(pairs):5} cascades   "
                f"true depth {median(true.depth for true, _ in pairs):4.0f}  virality "
                f"{median(true.virality for true, _ in pairs):4.2f}   expected / true {ratio:4.2f}   within 80 %: "
                f"depth {within_depth:4.0%}  virality {within:4.0%}"
            )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:] or ["weibo_ced", "casflow_weibo_sample"])
