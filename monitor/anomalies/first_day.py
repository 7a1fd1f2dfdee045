"""What to expect of a topic in its first day, when its own hours of the day are not known yet.

Two things are unknown: how much is said about it, and at which hours. How much is a Gamma posterior over what was seen,
mostly in the last hours: whatever the day is like, an hour resembles the one before it more than the night. For the
hours there is a pooled profile: the geometric mean over recorded streams about brands (five companies, airlines, shares
of stocks) and over roots of reshare cascades, each by its own local clock. Streams differ most in how steep the day is,
so what was seen so far is read in three ways: as if all hours were alike, as they usually are, and twice as steep on
the scale of logarithms. What is expected follows the usual reading. What is *judged by* is the busiest of the three: a
topic first heard at night is granted the steepest morning, one first heard at noon is not granted a night. What neither
covers is doubt about the expectation.

How rare a surprise is follows from how large they get in an hour, on other topics (:data:`LAW`) and on this one: there
are no half days of its own yet to tell, but there are hours.
"""

from __future__ import annotations

from typing import Final

import msgspec

from monitor.stats.block_maxima import ExtremeValues

__all__ = ["BUNCHING", "CELLS", "LAW", "PRIOR_HOURS", "REMARKABLE", "FirstDay"]

# Mentions in each local hour, one being the mean: recorded streams, smoothed over neighbouring hours.
HOURS: Final = (
    *(0.60, 0.46, 0.39, 0.36, 0.38, 0.44, 0.54, 0.71, 0.95, 1.23, 1.44, 1.55),
    *(1.57, 1.54, 1.52, 1.50, 1.45, 1.34, 1.19, 1.09, 1.05, 1.01, 0.92, 0.77),
)
CELLS: Final = 48  # half hours
STEEPNESS: Final = (0.0, 1.0, 2.0)
USUAL: Final = 1
HALF_LIFE_SLOTS: Final = 2  # half hours; the longer, the louder a morning that comes at another hour than elsewhere
KEEP: Final = 0.5 ** (1.0 / HALF_LIFE_SLOTS)
# Relative variance of an hour about what the last hours and the profile make of it, and mentions that come together
# with another. Recorded streams wander more; what their own hours show of it counts through the law below.
DOUBT: Final = 0.25
BUNCHING: Final = 0.5
# Largest -log10(p) of half a day of such readings, pooled with what the topic's own hours show, for which it counts as
# six of them. On simulated quiet topics such days open next to nothing (tests/benchmarks/first_days.py); on recorded
# counts, heard for the first time on any day, 1 to 9 % of half days of Google, CVS and IBM open a watch, 28 and 38 % of
# those of Apple and UPS, which burst by the hundredfold (tests/benchmarks/recorded_watches.py).
LAW: Final = ExtremeValues(2.0, 0.77, 0.1)
PRIOR_HOURS: Final = 6.0
REMARKABLE: Final = 1e-2  # p-value: on the first day, only what is less likely is said at all


def _profile(steepness: float) -> tuple[float, ...]:
    """Return the factors of the half hours, one on average."""
    halves = [hour for place in range(24) for hour in (0.5 * (HOURS[place - 1] + HOURS[place]), HOURS[place])]
    raised = [half**steepness for half in halves]
    return tuple([one * CELLS / sum(raised) for one in raised])


PROFILES: Final = tuple(_profile(steepness) for steepness in STEEPNESS)


class FirstDay(msgspec.Struct, array_like=True):
    """What was seen: mentions, and the buckets they are spread over, each weighed by its hour, for every reading.

    Both fade, so that the last hours count most.
    """

    mentions: float = 0.0
    weights: list[float] = msgspec.field(default_factory=lambda: [0.0] * len(STEEPNESS))

    def learn(self, cell: int, mentions: float, buckets: float) -> None:
        """Take in `buckets` buckets of one half hour of the local day (0 to 47)."""
        self.mentions = KEEP * self.mentions + mentions
        for place, profile in enumerate(PROFILES):
            self.weights[place] = KEEP * self.weights[place] + profile[cell] * buckets

    def expect(self, cell: int, prior_mentions: float, prior_buckets: float) -> tuple[float, float, float]:
        """Return what one bucket of a half hour holds: usual reading, busiest reading, relative variance about them.

        Parameters
        ----------
        prior_mentions, prior_buckets
            What is assumed to have been seen before: so many mentions in so many buckets.

        Examples
        --------
        >>> night = FirstDay()
        >>> for cell in range(10): night.learn(cell, 3.0, 30)
        >>> [round(one, 2) for one in night.expect(24, 0.5, 2.5)]
        [0.39, 1.37, 0.35]
        """
        total = self.mentions + prior_mentions
        readings = [
            total * profile[cell] / (weight + prior_buckets)
            for profile, weight in zip(PROFILES, self.weights, strict=True)
        ]
        return readings[USUAL], max(readings), DOUBT + 1.0 / total
