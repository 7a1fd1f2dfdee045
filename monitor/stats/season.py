"""A repeating profile (of the day, say), learned by shrinkage: little evidence moves it little.

Each cell holds a factor around 1: what was seen there over what was expected without the season. Cells come in
classes (working days, weekends); a class borrows from all classes pooled, and those from 1, each with the weight of
a Gamma prior. Neighbouring cells are smoothed, because profiles are.
"""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np

__all__ = ["Season"]

# A Gamma prior worth four mentions has a standard deviation of 1/2: factors between 0.3 and 2.2 are believable.
PRIOR_WEIGHT: Final = 4.0
KEEP: Final = 0.97  # per visit: half forgotten after 23 visits, about a month of working days


class Season(msgspec.Struct, array_like=True):
    """Factors of `classes` times `cells`, as single-precision numbers in two byte arrays."""

    classes: int
    cells: int
    seen: bytearray
    weight: bytearray

    @classmethod
    def flat(cls, classes: int, cells: int) -> Season:
        """Return a season that knows nothing: every factor is 1."""
        return cls(classes, cells, bytearray(4 * classes * cells), bytearray(4 * classes * cells))

    def factor(self, of_class: int, cell: int) -> tuple[float, float]:
        """Return a cell's factor and its relative variance.

        Examples
        --------
        >>> Season.flat(2, 48).factor(0, 17)
        (1.0, 0.125)
        """
        seen, weight = memoryview(self.seen).cast("f"), memoryview(self.weight).cast("f")
        cells = self.cells
        before, after = (cell - 1) % cells, (cell + 1) % cells
        pooled_seen = pooled_weight = own_seen = own_weight = 0.0
        for place in range(0, self.classes * cells, cells):
            s = 0.25 * (seen[place + before] + seen[place + after]) + 0.5 * seen[place + cell]
            w = 0.25 * (weight[place + before] + weight[place + after]) + 0.5 * weight[place + cell]
            pooled_seen += s
            pooled_weight += w
            if place == of_class * cells:
                own_seen, own_weight = s, w
        pooled = (pooled_seen + PRIOR_WEIGHT) / (pooled_weight + PRIOR_WEIGHT)
        value = (own_seen + PRIOR_WEIGHT * pooled) / (own_weight + PRIOR_WEIGHT)
        return value, 1.0 / (own_weight + PRIOR_WEIGHT + min(PRIOR_WEIGHT, pooled_weight + PRIOR_WEIGHT))

    def fade(self, of_class: int, visits: int) -> None:
        """Forget what `visits` visits to every cell of a class would have let forget, had nothing been seen there."""
        for store in (self.seen, self.weight):
            numbers = np.frombuffer(store, np.float32)
            numbers[of_class * self.cells : (of_class + 1) * self.cells] *= KEEP**visits

    def learn(self, of_class: int, cell: int, ratio: float, weight: float) -> None:
        """Take one visit to a cell: what was seen over what was expected, and what that is worth in mentions."""
        place = of_class * self.cells + cell
        for store, gain in ((self.seen, ratio * weight), (self.weight, weight)):
            numbers = memoryview(store).cast("f")
            numbers[place] = KEEP * numbers[place] + gain
