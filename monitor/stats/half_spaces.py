"""Half-space trees whose shape many share: how empty is a point's neighbourhood, among the points seen lately.

River grows the trees, which depend on the names of the measures and a seed and on nothing that was seen; so all topics
share one copy of them. What a topic has of its own is how many points passed each node in the window before and in
the present one: two bytes a node. Scores are those of river's ``HalfSpaceTrees``, number for number.

References
----------
.. [1] S. C. Tan, K. M. Ting, T. F. Liu, Fast anomaly detection for streaming data, IJCAI 2011.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from river import anomaly

__all__ = ["HalfSpaces", "Shape", "grown"]

WINDOW: Final = 250  # points; fits a byte
SMALL: Final = 0.1 * WINDOW  # nodes with fewer points are not looked into, as the paper has it


class Shape(NamedTuple):
    """Trees laid out level by level: the children of node ``i`` of a tree stand at ``2 i + 1`` and ``2 i + 2``.

    Attributes
    ----------
    splits
        For each tree, and each node but the leaves: (position of the measure, threshold).
    height
        Levels below the root.
    """

    splits: tuple[tuple[tuple[int, float], ...], ...]
    height: int

    @property
    def nodes(self) -> int:
        """Nodes of one tree."""
        return (2 << self.height) - 1


@lru_cache(maxsize=8)
def grown(measures: tuple[str, ...], trees: int, height: int, limits: tuple[float, float], seed: int) -> Shape:
    """Return the trees that river grows for these measures; thresholds lie between `limits`."""
    forest: Any = anomaly.HalfSpaceTrees(
        n_trees=trees, height=height, window_size=WINDOW, limits=dict.fromkeys(measures, limits), seed=seed
    )
    forest.learn_one(dict.fromkeys(measures, 0.0))  # river grows them when it sees the first point
    places = {name: place for place, name in enumerate(measures)}
    splits = []
    for root in forest.trees:
        level, found = [root], []
        for _ in range(height):
            found += [(places[node.feature], float(node.threshold)) for node in level]
            level = [child for node in level for child in node.children]
        splits.append(tuple(found))
    return Shape(tuple(splits), height)


class HalfSpaces:
    """The points of one topic in shared trees. `before` and `now` hold how many passed each node."""

    __slots__ = ("before", "count", "is_first", "now", "shape")

    def __init__(self, shape: Shape) -> None:
        size = len(shape.splits) * shape.nodes
        self.shape = shape
        self.before = bytearray(size)
        self.now = bytearray(size)
        self.count = 0
        self.is_first = True

    def passed(self, point: Sequence[float | None]) -> list[int]:
        """Return the nodes a point passes, tree by tree, root first; where a measure is missing, the fuller side."""
        now = self.now
        found: list[int] = []
        root = 0
        for splits in self.shape.splits:
            node = 0
            size = len(splits)
            while node < size:
                found.append(root + node)
                measure, threshold = splits[node]
                value = point[measure]
                node += node + 1
                if value is None:
                    node += now[root + node] < now[root + node + 1]
                elif value >= threshold:
                    node += 1
            found.append(root + node)
            root += 2 * size + 1
        return found

    def fullness(self, passed: Sequence[int]) -> float:
        """Return how full the neighbourhood is, from 0 (nothing was ever near) to 1; 1 before a window was seen."""
        if self.is_first:
            return 1.0
        before = self.before
        levels = self.shape.height + 1
        total = 0
        for root in range(0, len(passed), levels):
            worth = 1
            for node in passed[root : root + levels]:
                points = before[node]
                total += points * worth
                if points < SMALL:
                    break
                worth += worth
        return total / (len(self.shape.splits) * WINDOW * self.shape.nodes)

    def learn(self, passed: Sequence[int]) -> None:
        """Count a point; after a window's worth of them, what was counted becomes what is compared with."""
        now = self.now
        for node in passed:
            now[node] += 1
        self.count += 1
        if self.count == WINDOW:
            self.before, self.now = now, bytearray(len(now))
            self.is_first = False
            self.count = 0
