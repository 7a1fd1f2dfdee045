"""What was seen and what was usual over longer spans than the minutes the detectors judge."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, func, select

from monitor.clock import MINUTE_US
from monitor.store.schema import mentions, signals

__all__ = ["SUMS", "Band", "Bucket", "MinuteSums", "band", "dispersion", "fill", "late_mentions", "sums_of", "usual"]

Z95: Final = 1.959964
Z50: Final = 0.674490
"""Standard normal quantiles of the central 95 % and 50 %."""

DEFAULT_DISPERSION: Final = 0.5
"""1/k of a negative binomial with k = 2, between the 1.5 and 4 of ordinary brand chatter; for topics too quiet
for their minutes to tell."""

TELLING_WIDTH: Final = 4.0
"""An interval narrower than this many mentions is mostly rounding and tells nothing about dispersion."""


class MinuteSums(msgspec.Struct, frozen=True):
    """What the non-empty minutes of one bucket say.

    Attributes
    ----------
    minutes, mentions
        How many minutes, and how many mentions in them.
    expected
        Mean of what was expected of each minute.
    square_width
        Mean square of the width of their 95 % intervals.
    set_aside
        How many of the mentions are likely coordinated.
    """

    minutes: int
    mentions: int
    expected: float
    square_width: float
    set_aside: int = 0


_width = signals.c.upper - signals.c.lower
SUMS: Final = (
    func.count().label("minutes"),
    func.sum(signals.c.mentions).label("mentions"),
    func.avg(signals.c.expected).label("expected"),
    func.avg(_width * _width).label("square_width"),
    func.sum(signals.c.set_aside).label("set_aside"),
)
"""The columns of :class:`MinuteSums`, for a query that groups stored minutes into buckets."""


def sums_of(row: Row[*tuple[Any, ...]]) -> MinuteSums:
    """Read a row of :data:`SUMS`."""
    return MinuteSums(row.minutes, int(row.mentions), row.expected, row.square_width, int(row.set_aside))


def late_mentions(
    connection: Connection, identifiers: Iterable[str], first_us: int, end_us: int, width_us: int
) -> dict[str, dict[int, int]]:
    """Count by event time what came late in [first_us, end_us), by topic and bucket; the brand's own posts left out."""
    place = ((mentions.c.published_us - first_us) // width_us).label("place")
    query = (
        select(mentions.c.topic, place, func.count().label("late"))
        .where(mentions.c.topic.in_(list(identifiers)), mentions.c.is_late.is_(True), ~mentions.c.is_own)
        .where(mentions.c.published_us >= first_us, mentions.c.published_us < end_us)
        .group_by(mentions.c.topic, "place")
    )
    found: dict[str, dict[int, int]] = defaultdict(dict)
    for row in connection.execute(query):
        found[row.topic][row.place] = row.late
    return found


class Band(msgspec.Struct, frozen=True):
    """What is usual: the mean, and the central 95 % and 50 % of what one should see. In mentions."""

    expected: float
    lower: float
    upper: float
    inner_lower: float
    inner_upper: float


class Bucket(msgspec.Struct, frozen=True):
    """Mentions in [start_us, start_us + minutes), and what was usual then; no band where nothing was known.

    Of the `observed`, `set_aside` are likely coordinated, and `late` came behind the watermark: counted where they were
    published, and part of no verdict.
    """

    start_us: int
    minutes: int
    observed: int
    band: Band | None
    set_aside: int = 0
    late: int = 0

    @property
    def is_above(self) -> bool:
        """More than usual in time: beyond the upper end of the central 95 %. What came late is left out."""
        return self.band is not None and self.observed - self.late > self.band.upper


def dispersion(sums: Sequence[MinuteSums]) -> float:
    """Return the overdispersion 1/k of a topic's minutes: Var = m + m**2 / k.

    Notes
    -----
    Moment estimate pooled over the minutes: the width of a 95 % interval over 2 x 1.96 stands for the standard
    deviation. Busy minutes weigh most, as they should: quiet ones have intervals made of rounding.
    """
    telling = [one for one in sums if one.square_width >= TELLING_WIDTH**2]
    if not telling:
        return DEFAULT_DISPERSION
    excess = sum(max(0.0, one.square_width / (2 * Z95) ** 2 - one.expected) for one in telling)
    squares = sum(one.expected**2 for one in telling)
    return excess / squares if squares else DEFAULT_DISPERSION


def band(per_minute: float, minutes: int, alpha: float) -> Band:
    """Return what is usual over `minutes` when `per_minute` is expected in each.

    Parameters
    ----------
    per_minute
        Mentions expected in one minute. Not negative.
    alpha
        Overdispersion of one minute, see :func:`dispersion`.

    Notes
    -----
    If minutes were independent, the overdispersion of the sum of n would be alpha/n; if all shared one mood, alpha.
    Neither is true of people, so the geometric mean of the two is taken: alpha/sqrt(n). Quantiles are those of the
    gamma distribution with the same mean and variance, by the Wilson-Hilferty cube root.

    References
    ----------
    .. [1] Wilson and Hilferty, The distribution of chi-square, PNAS 17(12), 1931, doi:10.1073/pnas.17.12.684

    Examples
    --------
    >>> usual = band(1.0, 60, 0.5)
    >>> round(usual.lower), round(usual.expected), round(usual.upper)
    (31, 60, 98)
    """
    mean = per_minute * minutes
    if mean <= 0:
        return Band(0.0, 0.0, 0.0, 0.0, 0.0)
    variance = mean + alpha / math.sqrt(minutes) * mean**2
    ninth = variance / (9 * mean**2)

    def quantile(z: float) -> float:
        return mean * max(0.0, 1 - ninth + z * math.sqrt(ninth)) ** 3

    return Band(mean, quantile(-Z95), quantile(Z95), quantile(-Z50), quantile(Z50))


def fill(known: Mapping[int, float], length: int, a_day: int) -> list[float | None]:
    """Return a value for each index in [0, length), from those that are known.

    Between two known values: the straight line. After the last: what was known a day (`a_day` indices) before,
    because nights are quieter than evenings; else the last. Before the first: nothing, for nothing was known.

    Examples
    --------
    >>> fill({1: 2.0, 3: 4.0}, 5, a_day=100)
    [None, 2.0, 3.0, 4.0, 4.0]
    """
    values: list[float | None] = [None] * length
    places = sorted(place for place in known if place < length)
    for left, right in pairwise(places):
        step = (known[right] - known[left]) / (right - left)
        for place in range(left, right):
            values[place] = known[left] + step * (place - left)
    if places:
        last = places[-1]
        values[last] = known[last]
        for place in range(last + 1, length):
            earlier = values[place - a_day] if place >= a_day else None
            values[place] = known[last] if earlier is None else earlier
    return values


def usual(
    sums: Mapping[int, MinuteSums], first_us: int, length: int, minutes: int, late: Mapping[int, int]
) -> list[Bucket]:
    """Return `length` consecutive buckets of `minutes` from `first_us`, given what is known of some by index.

    Parameters
    ----------
    late
        Mentions that came late, by index; they are no part of the sums.
    """
    alpha = dispersion(list(sums.values()))
    rates = fill({place: one.expected for place, one in sums.items()}, length, a_day=1440 // minutes)
    return [
        Bucket(
            start_us=first_us + place * minutes * MINUTE_US,
            minutes=minutes,
            observed=(sums[place].mentions if place in sums else 0) + late.get(place, 0),
            band=None if rate is None else band(rate, minutes, alpha),
            set_aside=sums[place].set_aside if place in sums else 0,
            late=late.get(place, 0),
        )
        for place, rate in enumerate(rates)
    ]
