"""A report as text, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from monitor.backtest.trials.rehearsal import Promise, Rehearsal
from monitor.backtest.trials.report import Confusion, Report, Scores, Standing
from monitor.backtest.trials.scoring import Interval
from monitor.backtest.trials.words import Words
from monitor.incidents.promise import DAYS_PER_MONTH
from monitor.incidents.words import Language

__all__ = ["heard", "kept_or_not", "rehearsed", "seeds", "table"]

NAME: Final = 30
"""Columns of a method's name, and of a crisis's."""


def table(report: Report, language: Language = "en") -> str:
    """Return the report as lines of at most 120 characters."""
    return "\n".join(_lines(report, Words(language))) + "\n"


def rehearsed(rehearsals: Sequence[Rehearsal], language: Language = "en") -> str:
    """Return what watchlists would have told as lines."""
    words = Words(language)
    return "\n".join(line for one in rehearsals for line in _told(one, words)) + "\n"


def _told(one: Rehearsal, words: Words) -> Iterator[str]:
    yield f"{one.topic}{words('colon')} {heard(one, words)}"
    for promise in one.promises:
        rate, low, high = (words.number(value, 1) for value in (promise.achieved, promise.low, promise.high))
        allowed = words("promised_false", promised=words.short(promise.promised))
        yield (
            f"  {words(f'kind_{promise.kind}'):<20} {promise.count:>4}, {rate} {words('in_30_days')} [{low}-{high}], "
            f"{allowed}{words('colon')} {kept_or_not(one, promise, words)}"
        )
    for incident in one.incidents:
        until = words("until", until=words.instant(incident.closed) if incident.closed else words("the_end"))
        paged = f", {words('paged', at=words.instant(incident.paged))}" if incident.paged else ""
        yield f"  {words.instant(incident.opened)}  {words.severity(incident.severity)}, {until}{paged}"
        yield from (f"      {reason}" for reason in incident.reasons)
    for met in one.met:
        told = ", ".join(
            words("met_never", what=words(f"met_{kind}"))
            if found is None
            else words("met_after", what=words(f"met_{kind}"), minutes=words.minutes(found))
            for kind, found in met.minutes.items()
        )
        kind = f"{met.kind} ({words('crisis' if met.is_crisis else 'no_crisis')})"
        yield f"  {words.instant(met.onset)}  {kind}{words('colon')} {told}"


def _lines(report: Report, words: Words) -> Iterator[str]:
    settings = report.settings
    volumes = ", ".join(words.short(volume) for volume in settings.volumes)
    budget = words.short(settings.budget_per_week)
    yield words("head", version=settings.version, volumes=volumes, seeds=seeds(settings.test_seeds, words))
    yield words("head_thresholds", seeds=seeds(settings.calibration_seeds, words), budget=budget)
    yield words("head_intervals")
    yield ""
    yield words("false_title").upper()
    yield f"  {words('false_uneven')}"
    for one in report.false_alarms:
        tiers = "  ".join(f"{volume}: {words.number(rate, 2)}" for volume, rate in one.by_volume.items())
        uneven = words.number(one.unevenness, 1) if one.unevenness is not None else "-"
        low, high = words.number(one.rate.low, 2), words.number(one.rate.high, 2)
        rate = f"{words.number(one.rate.value, 2)} [{low}-{high}]"
        yield (
            f"  {one.method:<{NAME}} {rate}   {words('by_volume')}  {tiers}   "
            f"{words('uneven')} {uneven}   {words.number(one.first_days.value, 2)}"
        )
    for scene in dict.fromkeys(one.scenario for one in report.scores):
        yield ""
        meaning = words.story(scene, report.scenarios)
        yield from _scene(scene, [one for one in report.scores if one.scenario == scene], meaning, words)
    yield from _severities(report.confusion, words)
    if report.curves:
        yield ""
        yield words("budgets_title").upper()
    for curve in report.curves:
        yield f"  {curve.method:<{NAME}} {words.number(curve.average_precision, 2)}"
    yield from _standings(report.standings, words)


def _scene(scene: str, scores: Sequence[Scores], meaning: str, words: Words) -> Iterator[str]:
    yield f"{scene.upper()}  {meaning} {words('trials', count=scores[0].trials)}"
    within, median, p90 = words("within", hours=1), words("median"), words("p90")
    mentions, reach = words("mentions"), words("reach")
    yield f"  {'':<{NAME}}{within:>12}{'6 h':>16}{'24 h':>7}{median:>19}{p90:>9}{mentions:>10}{reach:>10}"
    for one in scores:
        share, delay = one.recall["6"], one.median_minutes
        six = f"{words.percent(share.value)} [{100 * share.low:.0f}-{100 * share.high:.0f}]"
        minutes = f"{words.minutes(delay.value)} [{words.minutes(delay.low)}-{words.minutes(delay.high)}]"
        yield (
            f"  {one.method:<{NAME}}{words.percent(one.recall['1'].value):>12}{six:>16}"
            f"{words.percent(one.recall['24'].value):>7}{minutes:>19}{words.minutes(one.p90_minutes.value):>9}"
            f"{words.number(one.mentions_before):>10}{_short(one.reach_before, words):>10}"
        )


def _severities(confusions: Sequence[Confusion], words: Words) -> Iterator[str]:
    if confusions:
        yield ""
        yield words("severity_title").upper()
        heads = "".join(f"{words.severity(name):>10}" for name in confusions[0].shares)
        yield f"  {'':<{NAME}}{heads}   {words('warned')}"
    for one in confusions:
        shares = "".join(f"{words.percent(share):>10}" for share in one.shares.values())
        label = "" if one.is_crisis else f"   {words('no_crisis')}"
        yield f"  {one.scenario:<{NAME}}{shares}   {_exact(one.warned, words):<18}{label}".rstrip()


def _exact(one: Interval, words: Words) -> str:
    return f"{words.percent(one.value)} [{words.number(100 * one.low, 1)}-{words.number(100 * one.high, 1)}]"


def _standings(standings: Sequence[Standing], words: Words) -> Iterator[str]:
    if standings:
        yield ""
        yield words("standing_title").upper()
    six, median, against = words("within", hours=6), words("median"), words("against")
    width = max(len(six), len(median))
    for one in standings:
        recall, rival = words.percent(one.recall.value), words.percent(one.rival_recall.value)
        delay, other = words.minutes(one.minutes.value), words.minutes(one.rival_minutes.value)
        yield (
            f"  {one.scenario:<{NAME}} {six:<{width}} {recall:>5} {against} {rival:>5} {one.best_recall:<24} "
            f"{words(f'stands_{one.recall_stands}')}"
        )
        yield (
            f"  {'':<{NAME}} {median:<{width}} {delay:>5} {against} {other:>5} {one.best_minutes:<24} "
            f"{words(f'stands_{one.minutes_stand}')}"
        )


def _short(number: float, words: Words) -> str:
    if number >= 1e6:
        return f"{words.number(number / 1e6, 1)} M"
    return f"{words.number(number / 1e3)} k" if number >= 1e4 else words.number(number)


def kept_or_not(one: Rehearsal, promise: Promise, words: Words) -> str:
    """Say whether a promise was kept, or why that cannot be told."""
    expected = promise.promised * one.days / DAYS_PER_MONTH
    return words(
        f"promise_{promise.verdict}", days=words.short(round(one.days, 1)), expected=words.short(round(expected, 1))
    )


def heard(one: Rehearsal, words: Words) -> str:
    """Say on what a watchlist was tried."""
    return words(
        "heard",
        mentions=words.number(one.mentions),
        days=words.number(one.days, 1),
        since=words.instant(one.since),
        until=words.instant(one.until),
    )


def seeds(numbers: Sequence[int], words: Words) -> str:
    """Return seeds as a range where they are one."""
    if len(numbers) > 1 and list(numbers) == list(range(numbers[0], numbers[-1] + 1)):
        return words("range", first=numbers[0], last=numbers[-1])
    return ", ".join(map(str, numbers))
