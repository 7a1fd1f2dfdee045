"""How severe is each story taken to be, and how often are ordinary days? The product as it comes.

    python -m tests.benchmarks.severities 300 320

For each seed and volume, one brand lives through three ordinary weeks; then each story goes its own way from there, and
two more ordinary days follow. Printed are the minutes of every seed to every severity; for every story, the shares that
became a watch, a warning and critical within a day with the exact interval of Clopper and Pearson, and the median
minutes to each (a miss counts as a day); then the incidents of ordinary days, from the third week on, with Garwood's
exact interval, and how many came at night, beside what the default policy promises. Seeds below 100 were used for
development.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from statistics import median

from monitor.backtest.scenarios import scenarios
from monitor.backtest.trials import EARLY_US, HORIZON_US, QUIET, Stretch
from monitor.backtest.trials.campaign import watched
from monitor.backtest.trials.scoring import exact_share
from monitor.backtest.trials.world import Plan, live
from monitor.clock import MINUTE_US
from monitor.incidents import SEVERITIES
from monitor.incidents.budget import Budget
from monitor.incidents.promise import poisson_interval

STORIES = (
    *("launch", "tv_spike", "weekly_promo", "outage_backfill"),
    *("own_reply_backlash", "influencer_spark", "ten_people", "slow_burn"),
)
VOLUMES = (60.0, 240.0, 1000.0)
HISTORY_DAYS, BURN_IN_DAYS, DAYS = 21, 14, 23
DAY_MINUTES = HORIZON_US / MINUTE_US


def lived(seeds: Sequence[int], volumes: Sequence[float], stories: Sequence[str]) -> Iterator[Stretch]:
    topics, brands = watched(())
    for seed in seeds:
        for volume in volumes:
            plan = Plan(
                seed=seed,
                volume=volume,
                topics=topics[:1],
                brands=brands[:1],
                scenarios=tuple(stories),
                history_days=HISTORY_DAYS,
                quiet_days=DAYS,
                burn_in_days=BURN_IN_DAYS,
            )
            stretches = live(plan)
            reached = {
                one.scenario: [round(minutes_to(one, severity)) for severity in (1, 2, 3)]
                for one in stretches
                if one.onset_us is not None
            }
            print(f"seed {seed}, {volume:g} a day, minutes to watch, warning, critical: {reached}", flush=True)
            yield from stretches


def minutes_to(story: Stretch, severity: int) -> float:
    """Return the minutes from the onset to a severity; a day if it was never reached."""
    onset_us = story.onset_us or 0
    reached = [level.at_us for level in story.levels if level.severity >= severity]
    in_time = [at_us for at_us in reached if onset_us - EARLY_US <= at_us <= onset_us + HORIZON_US]
    return min((*(max(0.0, (at_us - onset_us) / MINUTE_US) for at_us in in_time), DAY_MINUTES))


def told(name: str, stories: Sequence[Stretch]) -> Iterator[str]:
    yield f"{name}{'' if stories[0].is_crisis else ' (no crisis)'}, {len(stories)} trials"
    for severity, word in enumerate(SEVERITIES, 1):
        minutes = [minutes_to(one, severity) for one in stories]
        share = exact_share(sum(one < DAY_MINUTES for one in minutes), len(minutes))
        tiers = {
            one.volume: [minutes_to(two, severity) for two in stories if two.volume == one.volume] for one in stories
        }
        by_volume = ", ".join(
            f"{volume:g}: {sum(one < DAY_MINUTES for one in tier)}/{len(tier)}, {median(tier):.0f} min"
            for volume, tier in sorted(tiers.items())
        )
        yield (
            f"  {word:<9}{100 * share.value:6.1f} % [{100 * share.low:.1f}-{100 * share.high:.1f}], "
            f"median {median(minutes):.0f} min   ({by_volume})"
        )


def ordinary(quiet: Sequence[Stretch]) -> Iterator[str]:
    (topic, *_), _ = watched(())
    budget = Budget(topic, ())
    policy = topic.policy
    promised = (30 * policy.watches_per_day, policy.warnings_per_month, policy.pages_per_month)
    for volume in sorted({one.volume for one in quiet}):
        tier = [one for one in quiet if one.volume == volume]
        days = 7 * sum(one.weeks for one in tier)
        yield f"ordinary days at {volume:g} mentions a day: {days:.0f} topic-days"
        for severity, (word, limit) in enumerate(zip(SEVERITIES, promised, strict=True), 1):
            first = {
                (one.seed, level.incident): level.at_us
                for one in tier
                for level in reversed(one.levels)
                if level.severity >= severity
            }
            nights = sum(budget.is_night(at_us) for at_us in first.values())
            low, high = (30 * bound / days for bound in poisson_interval(len(first)))
            yield (
                f"  {word:<9}{len(first):>4} ({nights} at night), {30 * len(first) / days:.2f} in 30 days "
                f"[{low:.2f}-{high:.2f}], promised at most {limit:g}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure how severe each story is taken to be.")
    parser.add_argument("first", type=int)
    parser.add_argument("last", type=int)
    parser.add_argument("--volume", type=float, action="append")
    parser.add_argument("--story", action="append", choices=sorted(scenarios()))
    given = parser.parse_args()
    stories = given.story or STORIES
    stretches = list(lived(range(given.first, given.last + 1), given.volume or VOLUMES, stories))
    for name in stories:
        print(*told(name, [one for one in stretches if one.scenario == name]), sep="\n")
    print(*ordinary([one for one in stretches if one.scenario == QUIET]), sep="\n")


if __name__ == "__main__":
    main()
