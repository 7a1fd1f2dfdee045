"""A report as one HTML page that needs nothing but itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from monitor.backtest.trials.drawing import Axis, Bar, Span, bars, lines, spans
from monitor.backtest.trials.rehearsal import Rehearsal
from monitor.backtest.trials.report import Report, Scores, Stands
from monitor.backtest.trials.tables import PROMISES, STANDS, minutes, percent, seeds

__all__ = ["page", "rehearsal_page"]

STYLE: Final = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1b1b1b; background: #fff; max-width: 62rem; margin: 2rem auto;
       padding: 0 1rem }
h1 { font-size: 1.6rem } h2 { font-size: 1.2rem; margin-top: 2.5rem }
table { border-collapse: collapse; width: 100%; font-size: .85rem; font-variant-numeric: tabular-nums }
caption { text-align: left; font-weight: 600; padding: .8rem 0 .3rem }
th, td { text-align: right; padding: .2rem .5rem; border-bottom: 1px solid #ddd }
th:first-child, td:first-child { text-align: left }
tr.ours { background: #eaf3fa; font-weight: 600 } .quiet { color: #666; font-weight: 400 }
.good { color: #00664c } .bad { color: #a33c00; font-weight: 600 }
svg { width: 100%; height: auto; margin: .5rem 0 } svg text { font-size: 11px; fill: #1b1b1b }
svg .label, svg .tick { text-anchor: end } svg .tick { text-anchor: middle; fill: #666 } svg .group { font-weight: 600 }
svg .ours { font-weight: 700 } svg .grid { stroke: #e3e3e3 }
@media (prefers-color-scheme: dark) { body { background: #15181c; color: #e6e6e6 } svg text { fill: #e6e6e6 }
  tr.ours { background: #1e2b36 } th, td { border-color: #333 } svg .grid { stroke: #333 } .good { color: #4fc3a1 }
  .bad { color: #ff9d66 } .quiet, svg .tick { color: #aaa; fill: #aaa } }
"""
SEVERITY_COLOURS: Final = ("#d9d9d9", "#f0e442", "#e69f00", "#d55e00")
DAY_MINUTES: Final = 1440.0
DELAY: Final = Axis(
    "minutes from onset to alarm (a miss counts as a day)", 1.0, DAY_MINUTES, (1, 5, 15, 60, 240, 1440), True
)
SHARE: Final = Axis("per cent", 0.0, 100.0, (0, 20, 40, 60, 80, 100))


def page(report: Report) -> str:
    """Return a back-test over labelled streams as HTML."""
    return _document("Back-test", _sections(report))


def rehearsal_page(rehearsals: Sequence[Rehearsal]) -> str:
    """Return what watchlists would have told as HTML."""
    return _document("What would I have been told?", _rehearsed(rehearsals))


def _document(title: str, parts: Iterator[str]) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>badbuzz: {escape(title)}</title><style>{STYLE}</style></head><body><h1>{escape(title)}</h1>"
        f"{''.join(parts)}</body></html>\n"
    )


def _sections(report: Report) -> Iterator[str]:
    settings = report.settings
    volumes = ", ".join(f"{volume:g}" for volume in settings.volumes)
    yield (
        f"<p>badbuzz {escape(settings.version)}. Simulated posts at {volumes} mentions a day, seeds "
        f"{seeds(settings.test_seeds)}; every threshold was set on seeds {seeds(settings.calibration_seeds)} for at "
        f"most {settings.budget_per_week:g} false incidents a topic-week, and nothing else was. After an alarm a topic "
        f"is silent for {settings.refractory_hours:g} hours, whoever raised it. Intervals are 95 %, over topics.</p>"
    )
    yield from _standing(report)
    yield from _pictures(report)
    yield from _false_alarms(report)
    yield "<h2>Every scenario</h2>"
    for scene in dict.fromkeys(one.scenario for one in report.scores):
        scores = [one for one in report.scores if one.scenario == scene]
        yield _scene(scene, report.scenarios.get(scene, ""), scores)
    yield "<h2>Methods</h2><dl>"
    for method in report.methods:
        limits = ", ".join(
            f"{volume}: {'none keeps the budget' if value is None else f'{value:.3g}'}"
            for volume, value in method.thresholds.items()
        )
        yield f"<dt><b>{escape(method.name)}</b></dt><dd>{escape(method.meaning)} "
        yield f'<span class="quiet">{f"Threshold by volume: {limits}." if limits else ""}</span></dd>'
    yield "</dl>"


def _standing(report: Report) -> Iterator[str]:
    if not report.standings:
        return
    yield "<h2>Ours against the best rival of each scenario</h2><table><thead><tr><th>scenario</th>"
    yield "<th>within 6 h</th><th>best rival</th><th></th>"
    yield "<th>median minutes</th><th>best rival</th><th></th></tr></thead>"
    for one in report.standings:
        yield (
            f"<tr><td>{escape(one.scenario)}</td><td>{percent(one.recall.value)}</td>"
            f"<td>{percent(one.rival_recall.value)} <span class=quiet>{escape(one.best_recall)}</span></td>"
            f"{_judged(one.recall_stands)}"
            f"<td>{minutes(one.minutes.value)}</td><td>{minutes(one.rival_minutes.value)} "
            f"<span class=quiet>{escape(one.best_minutes)}</span></td>"
            f"{_judged(one.minutes_stand)}</tr>"
        )
    yield "</table>"


def _judged(stands: Stands) -> str:
    mark = {"worse": "bad", "level": "quiet"}.get(stands, "good")
    return f'<td class="{mark}">{STANDS[stands]}</td>'


def _pictures(report: Report) -> Iterator[str]:
    ours = {method.name for method in report.methods if method.is_ours}
    scenes = list(dict.fromkeys(one.scenario for one in report.scores))
    delays = {scene: [_delay(one, ours) for one in report.scores if one.scenario == scene] for scene in scenes}
    shares = {scene: [_share(one, ours) for one in report.scores if one.scenario == scene] for scene in scenes}
    if scenes:
        yield "<h2>How fast</h2>" + spans("Median minutes from onset to alarm", delays, DELAY)
        yield "<h2>How many within six hours</h2>" + spans("Share detected within six hours", shares, SHARE)
    if report.curves:
        amoc = {one.method: list(zip(one.false_per_week, one.mean_minutes, strict=True)) for one in report.curves}
        rates = Axis("false incidents a topic-week, held-out", 0.0, 5.0, (0, 1, 2, 3, 4, 5))
        delay = Axis("mean minutes", 0.0, DAY_MINUTES, (0, 360, 720, 1080, 1440))
        yield "<h2>Delay against false alarms</h2>" + lines("Mean delay against false alarms", amoc, rates, delay)
        exact = {one.method: list(zip(one.recall, one.precision, strict=True)) for one in report.curves}
        axes = [Axis(name, 0.0, 1.0, (0, 0.2, 0.4, 0.6, 0.8, 1)) for name in ("recall within six hours", "precision")]
        yield "<h2>Precision against recall</h2><p>If a topic had one crisis in thirteen weeks.</p>"
        yield lines("Precision against recall", exact, axes[0], axes[1])
    if report.confusion:
        rows = [
            Bar(
                one.scenario + ("" if one.is_crisis else " (no crisis)"),
                tuple(one.shares.values()),
                ", ".join(f"{name} {percent(share)}" for name, share in one.shares.items()),
            )
            for one in report.confusion
        ]
        yield "<h2>How severe the product as it comes took it to be</h2>"
        yield "<p>Within a day of the onset. What is no crisis must not reach warning or critical.</p>"
        yield bars("Severity reached", rows, tuple(report.confusion[0].shares), SEVERITY_COLOURS)


def _delay(one: Scores, ours: set[str]) -> Span:
    span = one.median_minutes
    text = f"{minutes(span.value)} minutes ({minutes(span.low)} to {minutes(span.high)})"
    return Span(one.method, span.value, span.low, span.high, text, one.method in ours)


def _share(one: Scores, ours: set[str]) -> Span:
    span = one.recall["6"]
    text = f"{percent(span.value)} ({percent(span.low)} to {percent(span.high)})"
    return Span(one.method, 100 * span.value, 100 * span.low, 100 * span.high, text, one.method in ours)


def _false_alarms(report: Report) -> Iterator[str]:
    yield "<h2>False incidents a topic-week on held-out quiet streams</h2>"
    yield "<table><thead><tr><th>method</th><th>rate</th>"
    tiers = list(report.false_alarms[0].by_volume) if report.false_alarms else []
    yield "".join(f"<th>{escape(tier)} a day</th>" for tier in tiers)
    yield "<th>worst tier over best, with one threshold for all</th>"
    yield "<th>alarms a topic in its first two days</th></tr></thead>"
    for one in report.false_alarms:
        uneven = "" if one.unevenness is None else f"{one.unevenness:.1f}"
        yield f"<tr><td>{escape(one.method)}</td>"
        yield f"<td>{one.rate.value:.2f} <span class=quiet>({one.rate.low:.2f} to {one.rate.high:.2f})</span></td>"
        yield "".join(f"<td>{one.by_volume[tier]:.2f}</td>" for tier in tiers) + f"<td>{uneven}</td>"
        yield f"<td>{one.first_days:.1f}</td></tr>"
    yield "</table>"


def _scene(scene: str, meaning: str, scores: Sequence[Scores]) -> str:
    rows = []
    for one in scores:
        delay, share = one.median_minutes, one.recall["6"]
        cells = (
            percent(one.recall["1"].value),
            f"{percent(share.value)} <span class=quiet>({percent(share.low)} to {percent(share.high)})</span>",
            percent(one.recall["24"].value),
            f"{minutes(delay.value)} <span class=quiet>({minutes(delay.low)} to {minutes(delay.high)})</span>",
            minutes(one.p90_minutes.value),
            f"{one.mentions_before:,.0f}",
            f"{one.reach_before:,.0f}",
        )
        mark = ' class="ours"' if one.method.startswith("badbuzz") else ""
        rows.append(f"<tr{mark}><td>{escape(one.method)}</td>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    heads = ("method", "1 h", "6 h", "24 h", "median minutes", "90th percentile", "mentions before", "reach before")
    return (
        f"<table><caption>{escape(scene)}: {escape(meaning)} {scores[0].trials} trials.</caption><thead><tr>"
        f"{''.join(f'<th>{head}</th>' for head in heads)}</tr></thead>{''.join(rows)}</table>"
    )


def _rehearsed(rehearsals: Sequence[Rehearsal]) -> Iterator[str]:
    for one in rehearsals:
        yield f"<h2>{escape(one.topic)}</h2>"
        yield f"<p>{one.mentions:,} mentions in {one.days:.1f} days, {one.since or '-'} to {one.until or '-'}.</p>"
        yield "<table><thead><tr><th>told</th><th>times</th><th>in 30 days</th><th>promised at most</th><th></th></tr>"
        yield "</thead>"
        for promise in one.promises:
            mark = "bad" if promise.verdict == "broken" else "good" if promise.verdict == "kept" else "quiet"
            yield (
                f"<tr><td>{escape(promise.kind)}</td><td>{promise.count}</td><td>{promise.achieved:.1f} "
                f"<span class=quiet>({promise.low:.1f} to {promise.high:.1f})</span></td><td>{promise.promised:g}</td>"
                f'<td class="{mark}">{PROMISES[promise.verdict]}</td></tr>'
            )
        yield "</table>"
        for incident in one.incidents:
            paged = f", somebody paged at {incident.paged}" if incident.paged else ""
            span = f"{incident.opened} to {incident.closed or 'the end'}"
            yield f"<h3>{escape(incident.severity)}, {span}{paged}</h3><ul>"
            yield "".join(f"<li>{escape(reason)}</li>" for reason in incident.reasons) + "</ul>"
