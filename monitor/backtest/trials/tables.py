"""A report as text, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from monitor.backtest.trials import OURS
from monitor.backtest.trials.rehearsal import Rehearsal
from monitor.backtest.trials.report import Report, Scores, Standing
from monitor.backtest.trials.scoring import Interval

__all__ = ["PROMISES", "STANDS", "minutes", "percent", "rehearsed", "seeds", "table"]

KINDS: Final = {"watch": "incidents", "warning": "warnings or worse", "page": "pages"}
STANDS: Final = {"clear": "better, clear", "better": "better", "level": "level", "worse": "WORSE"}
PROMISES: Final = {
    "kept": "kept",
    "unclear": "too few days to tell",
    "broken": "broken, if they were all false",
}


def table(report: Report) -> str:
    """Return the report as lines of at most 120 characters."""
    return "\n".join(_lines(report)) + "\n"


def rehearsed(rehearsals: Sequence[Rehearsal]) -> str:
    """Return what watchlists would have told as lines."""
    return "\n".join(line for one in rehearsals for line in _told(one)) + "\n"


def _told(one: Rehearsal) -> Iterator[str]:
    yield f"{one.topic}: {one.mentions:,} mentions in {one.days:.1f} days, {one.since or '-'} to {one.until or '-'}"
    for promise in one.promises:
        span = f"[{promise.low:.1f}-{promise.high:.1f}]"
        yield (
            f"  {KINDS[promise.kind]:<20} {promise.count:>4}, {promise.achieved:.1f} in 30 days {span}, "
            f"promised at most {promise.promised:g} false ones: {PROMISES[promise.verdict]}"
        )
    for incident in one.incidents:
        paged = f", paged {incident.paged}" if incident.paged else ""
        yield f"  {incident.opened} {incident.severity}, until {incident.closed or 'the end'}{paged}"
        yield from (f"      {reason}" for reason in incident.reasons)
    for met in one.met:
        told = ", ".join(
            f"{kind} {'never' if found is None else f'after {found:.0f} min'}" for kind, found in met.minutes.items()
        )
        yield f"  {met.onset} {met.kind} {'(a crisis)' if met.is_crisis else '(no crisis)'}: {told}"


def _lines(report: Report) -> Iterator[str]:
    settings = report.settings
    volumes = ", ".join(f"{volume:g}" for volume in settings.volumes)
    yield f"badbuzz {settings.version} back-test at {volumes} mentions a day; seeds {seeds(settings.test_seeds)},"
    yield f"thresholds from seeds {seeds(settings.calibration_seeds)} for at most {settings.budget_per_week:g} false"
    yield "incidents a topic-week, for every method alike; 95 % intervals over topics in brackets."
    yield ""
    yield "FALSE INCIDENTS A TOPIC-WEEK on held-out quiet streams (uneven: worst tier over best)"
    yield "  (in the last column: alarms a topic in its first two days)"
    for one in report.false_alarms:
        tiers = "  ".join(f"{volume}: {rate:.2f}" for volume, rate in one.by_volume.items())
        uneven = f"{one.unevenness:.1f}" if one.unevenness is not None else "-"
        yield f"  {one.method:<30} {_number(one.rate)}   by volume  {tiers}   uneven {uneven}   {one.first_days:.1f}"
    for scene in dict.fromkeys(one.scenario for one in report.scores):
        yield ""
        yield from _scene(
            scene, [one for one in report.scores if one.scenario == scene], report.scenarios.get(scene, "")
        )
    if report.confusion:
        yield ""
        yield "HOW SEVERE the product as it comes took each to be within a day (shares of the trials)"
        yield f"  {'':<22}{'none':>8}{'watch':>8}{'warning':>9}{'critical':>9}"
    for confusion in report.confusion:
        shares = confusion.shares
        label = "" if confusion.is_crisis else "   not a crisis"
        yield (
            f"  {confusion.scenario:<22}{shares['none']:>8.0%}{shares['watch']:>8.0%}{shares['warning']:>9.0%}"
            f"{shares['critical']:>9.0%}{label}"
        )
    if report.curves:
        yield ""
        yield "OVER ALL BUDGETS  average precision (one crisis a topic in 13 weeks)"
    for curve in report.curves:
        yield f"  {curve.method:<30} {curve.average_precision:.2f}"
    yield from _standings(report.standings)


def _scene(scene: str, scores: Sequence[Scores], meaning: str) -> Iterator[str]:
    yield f"{scene.upper()}  {meaning} {scores[0].trials} trials."
    heads = ("within 1 h", "6 h", "24 h", "median min", "p90 min", "mentions", "reach")
    yield f"  {'':<30}{heads[0]:>12}{heads[1]:>16}{heads[2]:>7}{heads[3]:>19}{heads[4]:>9}{heads[5]:>10}{heads[6]:>10}"
    for one in scores:
        six = f"{percent(one.recall['6'].value)} [{_bare(one.recall['6'])}]"
        delay = one.median_minutes
        median = f"{minutes(delay.value)} [{minutes(delay.low)}-{minutes(delay.high)}]"
        yield (
            f"  {one.method:<30}{percent(one.recall['1'].value):>12}{six:>16}{percent(one.recall['24'].value):>7}"
            f"{median:>19}{minutes(one.p90_minutes.value):>9}{one.mentions_before:>10.0f}{_short(one.reach_before):>10}"
        )


def _standings(standings: Sequence[Standing]) -> Iterator[str]:
    if standings:
        yield ""
        yield f"{OURS.upper()} AGAINST THE BEST RIVAL  (clear: the intervals do not overlap)"
    for one in standings:
        recall, delay = percent(one.recall.value), minutes(one.minutes.value)
        yield (
            f"  {one.scenario:<20} within 6 h {recall:>5} against {percent(one.rival_recall.value):>5} "
            f"{one.best_recall:<24} {STANDS[one.recall_stands]}"
        )
        yield (
            f"  {'':<20} median min {delay:>5} against {minutes(one.rival_minutes.value):>5} "
            f"{one.best_minutes:<24} {STANDS[one.minutes_stand]}"
        )


def percent(share: float) -> str:
    """Return a share as whole per cent."""
    return f"{100 * share:.0f} %"


def minutes(number: float) -> str:
    """Return minutes as a whole number."""
    return f"{number:.0f}"


def _bare(interval: Interval) -> str:
    return f"{100 * interval.low:.0f}-{100 * interval.high:.0f}"


def _number(interval: Interval) -> str:
    return f"{interval.value:.2f} [{interval.low:.2f}-{interval.high:.2f}]"


def _short(number: float) -> str:
    return f"{number / 1e6:.1f} M" if number >= 1e6 else f"{number / 1e3:.0f} k" if number >= 1e4 else f"{number:.0f}"


def seeds(numbers: Sequence[int]) -> str:
    """Return seeds as a range where they are one."""
    if len(numbers) > 1 and list(numbers) == list(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]} to {numbers[-1]}"
    return ", ".join(map(str, numbers))
