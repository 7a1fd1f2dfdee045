"""How many watches do ordinary recorded days open? Two tests of seven on the counts of tweets kept for NAB.

    python -m tests.benchmarks.recorded_watches

The series know only how many tweets there were, so only the two tests of velocity speak. They have two sevenths of the
watch budget of one a day; the other five belong to tests that need the posts. Labelled windows and the first
two weeks do not count. An incident opens, stays open and is not learned from as the product has it, which spends a
third. Printed beside it is what all of the budget would do. Then, as if each series were heard for the first time on
each of its days, at an hour that differs from day to day: the share of first half days in which velocity opens a watch.
We looked at these series while building the detectors.
"""

from __future__ import annotations

from collections.abc import Iterator

from monitor.anomalies.combination import PRUDENCE
from monitor.anomalies.seasonal_counts import SeasonalCounts
from monitor.anomalies.slow_burn import SlowBurn
from monitor.clock import DAY_US, HOUR_US, MINUTE_US
from monitor.incidents.freezing import FREEZES_FOR_US
from monitor.incidents.promise import poisson_interval
from monitor.incidents.severity import TOGETHER, Levels
from monitor.incidents.tracker import CLOSES_AFTER_US, STILL_UNUSUAL, SUBSIDES_AFTER_US
from monitor.topics import Policy
from tests.benchmarks.nab import Series, load

OPENERS = 7
BUCKET_US = 5 * MINUTE_US
BURN_IN_US = 14 * DAY_US


def opened(series: Series, level: float, still: float) -> Iterator[int]:
    """Yield when incidents open: one of the tests is less likely than `level`, and none was open."""
    detectors = SeasonalCounts("UTC", BUCKET_US), SlowBurn("UTC", BUCKET_US)
    since_us = unusual_us = -1
    for at_us, value in zip(series.times_us, series.values, strict=True):
        start_us = at_us - at_us % BUCKET_US
        least = min([detector.judge(start_us, value).p_value for detector in detectors])
        if since_us < 0 and least <= level:
            since_us = unusual_us = at_us
            yield at_us
        elif since_us >= 0 and least <= still:
            unusual_us = at_us
        elif at_us - unusual_us >= CLOSES_AFTER_US:
            since_us = -1
        is_frozen = since_us >= 0 and at_us - unusual_us < SUBSIDES_AFTER_US and at_us - since_us < FREEZES_FOR_US
        for detector in detectors:
            if is_frozen:
                detector.skip(start_us, start_us + BUCKET_US)
            else:
                detector.absorb(start_us, value)


def first_half_days(series: Series, level: float) -> tuple[int, int]:
    """Return in how many half days of first days velocity is less likely than `level`, and how many there are."""
    counts = dict(zip((at_us - at_us % BUCKET_US for at_us in series.times_us), series.values, strict=True))
    begun_us = min(counts)
    loud = total = 0
    for day in range((max(counts) - begun_us) // DAY_US):
        start_us = begun_us + day * DAY_US + day * 7 % 24 * HOUR_US
        if any(start <= start_us + DAY_US and start_us <= end for start, end in series.windows):
            continue
        detector = SeasonalCounts("America/New_York", BUCKET_US, is_pooled=True)
        detector.skip(start_us, start_us)
        least = [1.0, 1.0]
        for at_us in range(start_us, start_us + DAY_US, BUCKET_US):
            half = (at_us - start_us) * 2 // DAY_US
            least[half] = min(least[half], detector.judge(at_us, counts.get(at_us, 0.0)).p_value)
            detector.absorb(at_us, counts.get(at_us, 0.0))
        loud += sum(one <= level for one in least)
        total += len(least)
    return loud, total


def main() -> None:
    """Print watches a topic-day as it comes, and had all of the budget been spent."""
    level = Levels.of(Policy(), OPENERS).watch
    for name, factor in (("a third of the watch budget", 1.0), ("all of it", 1.0 / PRUDENCE)):
        count, days = 0, 0.0
        for series in load().values():
            from_us = series.times_us[0] + BURN_IN_US
            labelled = [(start, end) for start, end in series.windows if end > from_us]
            days += (series.times_us[-1] - from_us - sum(end - max(start, from_us) for start, end in labelled)) / DAY_US
            for at_us in opened(series, level * factor, level * STILL_UNUSUAL):
                count += at_us >= from_us and not any(start <= at_us <= end for start, end in labelled)
        low, high = (bound / days for bound in poisson_interval(count))
        print(
            f"{name}: {count} watches in {days:.0f} topic-days, {count / days:.2f} a day [{low:.2f}-{high:.2f}]; "
            f"of which these two tests have {(1 - TOGETHER) * 2 / OPENERS:.2f} to spend"
        )

    for name, series in load().items():
        loud, total = first_half_days(series, level)
        print(f"{name}: {loud} of {total} first half days would open a watch, {loud / total:.0%}")


if __name__ == "__main__":
    main()
