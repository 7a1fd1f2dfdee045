"""Many worlds, one report: thresholds from some seeds, figures from others."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Final

import msgspec
import numpy as np

from monitor import __version__
from monitor.backtest.brands import EXAMPLE_BRANDS, Brand, brands_of
from monitor.backtest.rivals.family import rivals
from monitor.backtest.scenarios import scenarios
from monitor.backtest.trials import (
    ALL,
    EARLY_US,
    FIRST_DAY,
    FIRST_DAYS,
    HORIZON_US,
    INCIDENTS,
    OURS,
    QUIET,
    REFRACTORY_US,
    WARNINGS,
    Stretch,
    Tier,
)
from monitor.backtest.trials.curves import curve, thresholds_of
from monitor.backtest.trials.report import Confusion, FalseAlarms, Method, Report, Scores, Settings, Standing, Stands
from monitor.backtest.trials.scoring import (
    HORIZONS_HOURS,
    UNHEARD,
    Interval,
    Thresholds,
    bootstrap,
    calibrate,
    detect,
    exact_share,
    false_alarms,
    rate_interval,
    recall,
)
from monitor.backtest.trials.world import BURN_IN_DAYS, HISTORY_DAYS, QUIET_DAYS, Plan, live, parts
from monitor.clock import HOUR_US, MINUTE_US
from monitor.topics import Account, Topic

__all__ = ["CALIBRATION_FROM", "FIGURES_FROM", "FIRST_DAYS_FROM", "STORIES", "Campaign", "run", "summed_up", "watched"]

FIGURES_FROM: Final = 100
CALIBRATION_FROM: Final = 1_000
FIRST_DAYS_FROM: Final = 5_000
"""Seeds below 100 are for development, those from 100 on for figures, those from 1000 on set thresholds, of which those
from 5000 on are of first days: a world has only one of them, too few for a budget."""
FIRST_DAYS_EACH: Final = 5  # for every other world that sets thresholds

MEANINGS: Final = {
    OURS: "All our tests together: what each finds beyond one minute in a hundred, in decades, added up.",
    INCIDENTS: "The product as it comes: any incident, with the default policy.",
    WARNINGS: "The product as it comes: incidents that are a warning or critical.",
}
STORIES: Final = tuple(name for name in scenarios() if name != "quiet")
SEVERITIES: Final = ("none", "watch", "warning", "critical")
WARNED: Final = SEVERITIES.index("warning")
BOTH: Final = 2  # topics of a world: some stories need two
PERCENTILE_90: Final = 90


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """What to run.

    Attributes
    ----------
    strengths
        How strong each story is, times the usual.
    topics
        The watchlist to test; empty for two made-up brands. Of a longer one the first two are taken.
    budget
        False incidents a topic-week that every method may have.
    rivals
        Their names.
    each_detector
        Also say what each of our tests would do alone.
    """

    calibration_seeds: tuple[int, ...]
    test_seeds: tuple[int, ...]
    volumes: tuple[float, ...]
    scenarios: tuple[str, ...] = STORIES
    strengths: tuple[float, ...] = (1.0,)
    rivals: tuple[str, ...] = tuple(rival.name for rival in rivals())
    topics: tuple[Topic, ...] = ()
    budget: float = 0.5
    history_days: int = HISTORY_DAYS
    quiet_days: int = QUIET_DAYS
    burn_in_days: int = BURN_IN_DAYS
    each_detector: bool = False

    def plans(self) -> list[Plan]:
        """Return the worlds to live through, the longest first."""
        topics, brands = watched(self.topics)
        whole, first = (self.quiet_days, self.burn_in_days), (1, 1)
        worlds: list[tuple[int, tuple[str, ...], tuple[int, int]]]
        worlds = [(seed, (), first) for seed in self.first_day_seeds]
        worlds += [(seed, (), whole) for seed in self.calibration_seeds]
        worlds += [(seed, self.scenarios, whole) for seed in self.test_seeds]
        return [
            Plan(
                seed=seed,
                volume=volume,
                topics=topics,
                brands=brands,
                scenarios=stories,
                strengths=self.strengths,
                rivals=self.rivals,
                history_days=self.history_days,
                quiet_days=days,
                burn_in_days=burn_in,
            )
            for volume in sorted(self.volumes, reverse=True)
            for seed, stories, (days, burn_in) in reversed(worlds)
        ]

    @property
    def first_day_seeds(self) -> tuple[int, ...]:
        """Seeds of the worlds that are one day long and set the thresholds of first days."""
        return tuple(range(FIRST_DAYS_FROM, FIRST_DAYS_FROM + FIRST_DAYS_EACH * len(self.calibration_seeds)))


def watched(topics: Sequence[Topic]) -> tuple[tuple[Topic, ...], tuple[Brand, ...]]:
    """Return two topics and the brands people speak of, equally loud; made-up ones fill up."""
    brands = list(brands_of(topics[:BOTH]))
    spare = [brand for brand in EXAMPLE_BRANDS if brand.topic not in {topic.id for topic in topics}]
    brands += spare[: BOTH - len(brands)]
    chosen = (*topics[:BOTH], *(_topic_of(brand) for brand in brands[len(topics[:BOTH]) :]))
    return chosen, tuple(msgspec.structs.replace(brand, share=1.0) for brand in brands)


def _topic_of(brand: Brand) -> Topic:
    words = [f'"{name}"' for name in brand.names] + [f"@{brand.account}", f"@{brand.support}"]
    return Topic(
        id=brand.topic,
        name=brand.names[0],
        query=" OR ".join(words),
        accounts=(Account(brand.account),),
        support_accounts=(Account(brand.support),),
    )


def run(campaign: Campaign, jobs: int = 1, progress: Callable[[int, int], None] = lambda _done, _all: None) -> Report:
    """Live through every world and sum up.

    Parameters
    ----------
    jobs
        Processes; changes nothing in the result.
    progress
        Called with parts done and parts in all.
    """
    plans = campaign.plans()
    total = sum(parts(plan) for plan in plans)
    stretches: list[Stretch] = []
    done = 0
    for plan, told in zip(plans, _lived(plans, jobs), strict=True):
        stretches += told
        done += parts(plan)
        progress(done, total)
    return summed_up(campaign, stretches)


def _lived(plans: Sequence[Plan], jobs: int) -> Iterator[list[Stretch]]:
    if jobs <= 1 or len(plans) <= 1:
        yield from map(live, plans)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(live, plans)


def summed_up(campaign: Campaign, stretches: Sequence[Stretch]) -> Report:
    """Turn what was lived through into a report."""
    quiet = [one for one in stretches if one.scenario == QUIET]
    young = [one for one in stretches if one.scenario == FIRST_DAYS and one.seed in campaign.test_seeds]
    calibration = [one for one in quiet if one.seed in campaign.calibration_seeds]
    first = [one for one in stretches if one.scenario == FIRST_DAYS and one.seed not in campaign.test_seeds]
    held_out = [one for one in quiet if one.seed in campaign.test_seeds]
    stories = [one for one in stretches if one.onset_us is not None]
    crises = [one for one in stories if one.is_crisis]
    told = sorted(held_out[0].said, key=_in_order) if held_out else []
    swept = [name for name in told if campaign.each_detector or not name.startswith(f"{OURS}:")]
    thresholds = {name: thresholds_of([*calibration, *first], name, campaign.budget) for name in swept}
    thresholds |= {INCIDENTS: {}, WARNINGS: {}}
    scenes = {name: scenarios()[name].meaning for name in campaign.scenarios}
    scores = [_scores(name, method, told, thresholds[method]) for name, told in _told(crises) for method in thresholds]
    return Report(
        settings=_settings(campaign),
        scenarios=scenes,
        methods=tuple(_method(name, thresholds[name]) for name in thresholds),
        false_alarms=tuple(
            _false_alarms(name, thresholds[name], calibration, held_out, young, campaign.budget) for name in thresholds
        ),
        scores=tuple(scores),
        confusion=tuple(
            _confusion([one for one in stories if one.story == story], thresholds)
            for story in dict.fromkeys(one.story for one in stories)
        ),
        curves=tuple(curve(name, [*calibration, *first], held_out, crises) for name in swept) if crises else (),
        standings=_standings(scores, campaign.rivals),
    )


def _told(crises: Sequence[Stretch]) -> Iterator[tuple[str, list[Stretch]]]:
    """Yield every story with its trials; one told in several strengths also with those of all of them."""
    for story in dict.fromkeys(one.story for one in crises):
        yield story, [one for one in crises if one.story == story]
    for scenario in dict.fromkeys(one.scenario for one in crises):
        trials = [one for one in crises if one.scenario == scenario]
        if len({one.strength for one in trials}) > 1:
            yield f"{scenario}{ALL}", trials


def _in_order(name: str) -> tuple[int, str]:
    return (0 if name == OURS else 1 if name.startswith(OURS) else 3 if name == "chance" else 2), name


def _settings(campaign: Campaign) -> Settings:
    return Settings(
        calibration_seeds=campaign.calibration_seeds,
        test_seeds=campaign.test_seeds,
        volumes=campaign.volumes,
        strengths=campaign.strengths,
        budget_per_week=campaign.budget,
        history_days=campaign.history_days,
        quiet_days=campaign.quiet_days - campaign.burn_in_days,
        refractory_hours=REFRACTORY_US / HOUR_US,
        early_minutes=EARLY_US / MINUTE_US,
        version=__version__,
    )


def _method(name: str, thresholds: Thresholds) -> Method:
    known = {rival.name: rival.meaning for rival in rivals()} | MEANINGS
    return Method(
        name=name,
        meaning=known.get(name, f"Our test {name.partition(':')[2]} alone."),
        is_ours=name.startswith(OURS),
        thresholds={_named(tier): _finite(one.alarm) for tier, one in thresholds.items()},
        worse={_named(tier): _finite(one.worse) for tier, one in thresholds.items()},
        step={_named(tier): _finite(one.step) for tier, one in thresholds.items()},
    )


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _named(tier: Tier) -> str:
    return f"{tier.volume:g}{FIRST_DAY if tier.is_first_day else ''}"


def _false_alarms(
    method: str,
    thresholds: Thresholds,
    calibration: Sequence[Stretch],
    quiet: Sequence[Stretch],
    young: Sequence[Stretch],
    budget: float,
) -> FalseAlarms:
    by_volume = _rates(quiet, method, thresholds)
    volumes = sorted({one.volume for one in quiet})
    even: dict[float, float] = {}
    if thresholds:
        shared = calibrate(calibration, method, budget)
        even = _rates(quiet, method, {Tier(volume): shared for volume in volumes})
    else:
        even = by_volume
    weeks = {volume: sum(one.weeks for one in quiet if one.volume == volume) for volume in volumes}
    padded = [rate + 0.5 / weeks[volume] for volume, rate in even.items() if weeks[volume]]
    return FalseAlarms(
        method=method,
        rate=rate_interval(false_alarms(quiet, method, thresholds), quiet),
        by_volume={_named(Tier(volume)): rate for volume, rate in by_volume.items()},
        one_threshold={_named(Tier(volume)): rate for volume, rate in even.items()},
        unevenness=max(padded) / min(padded) if padded else None,
        first_days=rate_interval(false_alarms(young, method, thresholds), young),
    )


def _rates(quiet: Sequence[Stretch], method: str, thresholds: Thresholds) -> dict[float, float]:
    rates = {}
    for volume in sorted({one.volume for one in quiet}):
        tier = [one for one in quiet if one.volume == volume]
        weeks = sum(one.weeks for one in tier)
        rates[volume] = sum(false_alarms(tier, method, thresholds)) / weeks if weeks else 0.0
    return rates


def _scores(story: str, method: str, crises: Sequence[Stretch], thresholds: Thresholds) -> Scores:
    detections = [detect(one, method, thresholds.get(one.tier, UNHEARD)) for one in crises]
    groups = [(one.seed, one.volume) for one in detections]
    minutes = np.array([one.minutes for one in detections])
    within = recall(detections, 6)
    return Scores(
        scenario=story,
        method=method,
        trials=len(detections),
        recall={
            str(hours): bootstrap(groups, recall(detections, hours), lambda drawn: drawn.mean(axis=-1))
            for hours in HORIZONS_HOURS
        },
        median_minutes=bootstrap(groups, minutes, lambda drawn: np.median(drawn, axis=-1)),
        p90_minutes=bootstrap(groups, minutes, lambda drawn: np.percentile(drawn, PERCENTILE_90, axis=-1)),
        mentions_before=float(np.median([one.mentions for one in detections])),
        reach_before=float(np.median([one.reach for one in detections])),
        by_volume={
            _named(Tier(volume)): float(within[[one.volume == volume for one in detections]].mean())
            for volume in sorted({one.volume for one in detections})
        },
    )


def _confusion(stories: Sequence[Stretch], thresholds: dict[str, Thresholds]) -> Confusion:
    worst = []
    for one in stories:
        since_us, until_us = (one.onset_us or 0) - EARLY_US, (one.onset_us or 0) + HORIZON_US
        worst.append(max((level.severity for level in one.levels if since_us <= level.at_us <= until_us), default=0))
    alarmed = {
        name: sum(detect(one, name, limits.get(one.tier, UNHEARD)).is_detected for one in stories) / len(stories)
        for name, limits in thresholds.items()
    }
    return Confusion(
        scenario=stories[0].story,
        is_crisis=stories[0].is_crisis,
        trials=len(stories),
        shares={name: worst.count(place) / len(worst) for place, name in enumerate(SEVERITIES)},
        warned=exact_share(sum(severity >= WARNED for severity in worst), len(worst)),
        paged=exact_share(sum(severity > WARNED for severity in worst), len(worst)),
        alarmed=alarmed,
    )


def _standings(scores: Sequence[Scores], names: Sequence[str]) -> tuple[Standing, ...]:
    """Put ours beside the best rival, separately by recall and by delay."""
    standings = []
    for scene in dict.fromkeys(one.scenario for one in scores):
        here = {one.method: one for one in scores if one.scenario == scene}
        others = [here[name] for name in names if name in here and name != "chance"]
        if not others or OURS not in here:
            continue
        ours = here[OURS]
        fullest = max(others, key=lambda one: one.recall["6"].value)
        fastest = min(others, key=lambda one: one.median_minutes.value)
        standings.append(
            Standing(
                scenario=scene,
                recall=ours.recall["6"],
                rival_recall=fullest.recall["6"],
                best_recall=fullest.method,
                recall_stands=_stands(ours.recall["6"], [one.recall["6"] for one in others]),
                minutes=ours.median_minutes,
                rival_minutes=fastest.median_minutes,
                best_minutes=fastest.method,
                minutes_stand=_stands(_less(ours.median_minutes), [_less(one.median_minutes) for one in others]),
            )
        )
    return tuple(standings)


def _less(interval: Interval) -> Interval:
    """Turn an interval round, so that less is more."""
    return Interval(-interval.value, -interval.high, -interval.low)


def _stands(ours: Interval, others: Sequence[Interval]) -> Stands:
    if all(ours.value > one.value for one in others):
        return "clear" if all(ours.is_above(one) for one in others) else "better"
    return "level" if all(ours.value >= one.value for one in others) else "worse"
