"""What a verdict counted, counted again from stored minutes.

Detectors whose numbers are sums of minutes (:class:`monitor.anomalies.Summing`) say what a minute adds to them. A
minute in which a detector was not asked, because most of it was hidden or nothing was said, adds nothing. Numbers of
mentions are compared as lower bounds where posts were set aside or put back: which of the hour before count is revised
then, and not stored. People who matter, and how much of an hour is made, rest on who passed on whose words and on what
was learned meanwhile; they are not counted again.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from typing import Final, NamedTuple

from monitor.anomalies import MENTIONS, Judge, Summing, Verdict
from monitor.clock import HOUR_US, MINUTE_US
from monitor.signals import Signal

__all__ = ["Minute", "Recount", "first_minute_us"]

OBSERVED: Final = "observed"


class Minute(NamedTuple):
    """A stored minute as it was judged.

    Attributes
    ----------
    signal
        Its measures, without what was set aside.
    mentions
        How many there were, with what was set aside.
    asked
        Names of the detectors that gave a verdict.
    """

    signal: Signal
    mentions: int
    asked: frozenset[str]


class Recount:
    """Adds up minutes as detectors did.

    Parameters
    ----------
    minutes
        All that are stored since `since_us`, in order.
    since_us
        What a verdict counted before is not counted again.
    """

    def __init__(self, minutes: Iterable[Minute], since_us: int) -> None:
        self._minutes = list(minutes)
        self._since_us = since_us
        self._touched = [one.signal.start_us for one in self._minutes if one.signal.set_aside or one.signal.revised]
        self._sums: dict[str, _Sums] = {}

    def differing(
        self, start_us: int, verdict: Verdict, judge: Judge | None
    ) -> Iterator[tuple[str, float | None, float]]:
        """Yield the numbers of a verdict on the minute at `start_us` that come out otherwise: name, as it is, found."""
        if not isinstance(judge, Summing):
            return
        first_us = first_minute_us(start_us, verdict, judge)
        if first_us < self._since_us:
            return
        said = {OBSERVED: verdict.observed, **verdict.factors}
        if verdict.detector not in self._sums:
            self._sums[verdict.detector] = _Sums(judge, self._minutes, is_of_mentions=verdict.unit == MENTIONS)
        is_at_most = verdict.unit == MENTIONS and self._is_touched(min(first_us, start_us - HOUR_US), start_us)
        for name, found in self._sums[verdict.detector].between(first_us, start_us).items():
            number = said.get(name)
            if number is None or number > found or (number < found and not is_at_most):
                yield name, number, float(found)

    def _is_touched(self, first_us: int, last_us: int) -> bool:
        place = bisect_left(self._touched, first_us)
        return place < len(self._touched) and self._touched[place] <= last_us


class _Sums:
    """Running sums of what minutes add to the verdicts of one detector."""

    def __init__(self, judge: Summing, minutes: Iterable[Minute], *, is_of_mentions: bool) -> None:
        asked = [one for one in minutes if judge.name in one.asked]
        added = [{OBSERVED: one.mentions} if is_of_mentions else judge.adds(one.signal) for one in asked]
        self._starts = [one.signal.start_us for one in asked]
        names = dict.fromkeys(name for one in added for name in one)
        self._running = {name: list(accumulate((one[name] for one in added), initial=0)) for name in names}

    def between(self, first_us: int, last_us: int) -> Mapping[str, int]:
        """Return the sums over the minutes that begin in [first_us, last_us]."""
        first, end = bisect_left(self._starts, first_us), bisect_right(self._starts, last_us)
        return {name: running[end] - running[first] for name, running in self._running.items()}


def first_minute_us(start_us: int, verdict: Verdict, judge: Summing) -> int:
    """Return the start of the first minute that a verdict on the minute at `start_us` counted."""
    reached_us = start_us - (verdict.span_minutes - 1) * MINUTE_US
    return reached_us + -reached_us % (judge.bin_minutes * MINUTE_US)
