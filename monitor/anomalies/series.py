"""Any series of counts, judged row by row with the product's own velocity detectors and alarm budget.

Strictly online: what is said of a row depends on that row and on those before it. The first rows, which are within
the grace period anyway, tell how far rows are apart. As on topics, a level that has moved for good is taken at once.
"""

from __future__ import annotations

import statistics
from itertools import pairwise
from typing import Final

import msgspec

from monitor.anomalies import score_of
from monitor.anomalies.combination import Alarm, combined_p_value
from monitor.anomalies.moved_baseline import MovedBaseline
from monitor.anomalies.seasonal_counts import SeasonalCounts
from monitor.anomalies.slow_burn import SlowBurn
from monitor.clock import DAY_US, MINUTE_US, SECOND_US
from monitor.stats.negative_binomial import interval

__all__ = ["SHARES", "Row", "SeriesScorer"]

SHARES: Final = {SeasonalCounts.name: 0.5, SlowBurn.name: 0.5}
HEAD: Final = 10  # rows that tell the step
# What a row can stand for: such rows fill the slots of a baseline (half an hour, or the row itself), and those a day.
STEPS_US: Final = (
    *(seconds * SECOND_US for seconds in (1, 2, 5, 10, 15, 20, 30)),
    *(minutes * MINUTE_US for minutes in range(1, 1441) if 1440 % (max(1, 30 // minutes) * minutes) == 0),
)
# Rows that follow each other within a fifth of the usual step are regular: a missing one was not seen. In an irregular
# series (one row an event, say) nothing between two rows is silence. A regular row may also come that early or late.
REGULAR_WITHIN: Final = 0.2
HEAD_SCATTER: Final = 0.75  # the scatter of the first rows' interval, before any is known


class Row(msgspec.Struct, frozen=True):
    """What is said of one row.

    Attributes
    ----------
    expected, lower, upper
        Expectation of the row and its central 95 % interval; of all that fell into its minute, or longer bucket, where
        rows come at no regular step.
    score
        0 to 1, see D1 of :mod:`monitor.anomalies`.
    alert
        Whether the product would tell somebody now.
    """

    expected: float
    lower: float
    upper: float
    score: float
    alert: bool


class SeriesScorer:
    """Scores a series.

    Parameters
    ----------
    time_zone
        IANA name of the zone whose clocks the season follows.
    alarms_per_month
        False alarms a month that one is ready to bear.
    """

    def __init__(self, time_zone: str = "UTC", alarms_per_month: float = 2.0) -> None:
        self._zone = time_zone
        self._alarm = Alarm(alarms_per_month, SHARES)
        self._head: list[tuple[int, float]] = []
        self._detectors: tuple[SeasonalCounts, SlowBurn] | None = None
        self._level = MovedBaseline(time_zone)
        self._bucket_us = MINUTE_US
        self._is_regular = False
        self._start_us = 0  # of the bucket that is still being filled
        self._before_us: int | None = None  # the row before
        self._held = 0.0

    def row(self, at_us: int, value: float) -> Row:
        """Judge the next row.

        Parameters
        ----------
        at_us
            Not before the row before, microseconds since the Unix epoch.
        value
            Finite and not negative.
        """
        if len(self._head) < HEAD:
            return self._grace(at_us, value)
        if self._detectors is None:
            self._begin()
        return self._judge(at_us, value)

    def _grace(self, at_us: int, value: float) -> Row:
        mean = statistics.fmean(v for _, v in self._head) if self._head else value
        self._head.append((at_us, value))
        low, high = interval(mean, HEAD_SCATTER)
        return Row(mean, low, high, 0.0, alert=False)

    def _begin(self) -> None:
        """Infer the step from the first rows, and learn them."""
        instants = [at_us for at_us, _ in self._head]
        steps = [later - earlier for earlier, later in pairwise(instants) if later > earlier]
        usual = statistics.median(steps) if steps else MINUTE_US
        # A row missing among the first makes a step of several.
        is_steady = all(abs(step - max(1, round(step / usual)) * usual) <= REGULAR_WITHIN * usual for step in steps)
        self._is_regular = len(steps) == HEAD - 1 and is_steady
        least = STEPS_US[0] if self._is_regular else MINUTE_US
        self._bucket_us = max((step for step in STEPS_US if least <= step <= 1.01 * usual), default=least)
        self._detectors = SeasonalCounts(self._zone, self._bucket_us), SlowBurn(self._zone, self._bucket_us)
        self._level = MovedBaseline(self._zone, self._bucket_us)
        self._start_us = instants[0] - instants[0] % self._bucket_us
        for at_us, value in self._head:
            self._judge(at_us, value)

    def _bucket_of(self, at_us: int) -> int:
        """Return the begin of the bucket of a row; a regular one that is early or late goes where it was due."""
        width = self._bucket_us
        if self._is_regular and self._before_us is not None:
            due_us = self._start_us + round((at_us - self._before_us) / width) * width
            if -REGULAR_WITHIN <= (at_us - due_us) / width < 1.0 + REGULAR_WITHIN:
                return due_us
        return at_us - at_us % width

    def _judge(self, at_us: int, value: float) -> Row:
        seasonal, slow = self._both()
        start_us = self._bucket_of(at_us)
        self._before_us = at_us
        if start_us > self._start_us:
            self._finish(start_us)
        self._held += value
        verdicts = [detector.judge(start_us, self._held) for detector in (seasonal, slow)]
        alert = self._alarm.hear(at_us, verdicts)
        expected, lower, upper = seasonal.minute_band(start_us)
        return Row(expected, lower, upper, score_of(combined_p_value(verdicts, SHARES)), alert)

    def _finish(self, start_us: int) -> None:
        """Close the bucket being filled, and begin the one at `start_us`."""
        end_us = self._start_us + self._bucket_us
        usual = self._level.judge(self._start_us, self._held)
        if usual.factors["is_move"]:
            for detector in self._both():
                detector.rebase(usual.factors["to_per_day"] * MINUTE_US / DAY_US)
        for learner in (*self._both(), self._level):
            if self._alarm.is_frozen(self._start_us):
                learner.skip(self._start_us, end_us)
            else:
                learner.absorb(self._start_us, self._held)
            if self._is_regular and start_us > end_us:
                learner.skip(end_us, start_us)
        self._start_us = start_us
        self._held = 0.0

    def _both(self) -> tuple[SeasonalCounts, SlowBurn]:
        if self._detectors is None:  # never: rows begin in _begin
            raise RuntimeError
        return self._detectors
