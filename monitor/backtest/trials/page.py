"""A report as one HTML page that needs nothing but itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from monitor.backtest.trials.drawing import Axis, Bar, Span, bars, lines, spans
from monitor.backtest.trials.rehearsal import Rehearsal
from monitor.backtest.trials.report import Report, Scores, Stands
from monitor.backtest.trials.tables import heard, kept_or_not, seeds
from monitor.backtest.trials.words import Words
from monitor.incidents.words import Language

__all__ = ["page", "rehearsal_page"]

STYLE: Final = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1b1b1b; background: #fff; max-width: 62rem; margin: 2rem auto;
       padding: 0 1rem }
h1 { font-size: 1.6rem } h2 { font-size: 1.2rem; margin-top: 2.5rem; text-wrap: balance }
h3 { font-size: 1rem; margin: 1.5rem 0 0 }
table { border-collapse: collapse; width: 100%; font-size: .85rem; font-variant-numeric: tabular-nums }
th, td { text-align: right; padding: .2rem .5rem; border-bottom: 1px solid #ddd } th { vertical-align: bottom }
th:first-child, td:first-child { text-align: left }
tr.ours { background: #eaf3fa; font-weight: 600 }
.quiet { color: #666; font-weight: 400 } .whole { white-space: nowrap }
.good { color: #00664c } .bad { color: #a33c00; font-weight: 600 }
.wide { overflow-x: auto } .wide table { min-width: 20rem } dd { margin: 0 0 .6rem }
.wide th:first-child, .wide td:first-child { position: sticky; left: 0; background: #fff }
.wide tr.ours td:first-child { background: #eaf3fa }
svg { width: 100%; min-width: 46rem; height: auto; margin: .5rem 0; display: block }
svg text { font-size: 11px; fill: #1b1b1b }
svg .label { text-anchor: end } svg .tick { text-anchor: middle; fill: #666 } svg .group { font-weight: 600 }
svg .ours { font-weight: 700 } svg .grid { stroke: #e3e3e3 }
@media (max-width: 30rem) { th, td { padding: .2rem .25rem } ul { padding-left: 1.2rem } }
@media (prefers-color-scheme: dark) { body { background: #15181c; color: #e6e6e6 } svg text { fill: #e6e6e6 }
  tr.ours { background: #1e2b36 } th, td { border-color: #333 } svg .grid { stroke: #333 } .good { color: #4fc3a1 }
  .wide th:first-child, .wide td:first-child { background: #15181c }
  .wide tr.ours td:first-child { background: #1e2b36 }
  .bad { color: #ff9d66 } .quiet { color: #aaa } svg .tick { fill: #aaa } }
"""
SEVERITY_COLOURS: Final = ("#d9d9d9", "#f0e442", "#e69f00", "#d55e00")
DAY_MINUTES: Final = 1440.0
TIED: Final = re.compile(r" (?=[:;?!%](?:[\s)<,.]|$))")
TIE: Final = "\u00a0"
"""Before these marks no line is broken."""


def page(report: Report, language: Language = "en") -> str:
    """Return a back-test over labelled streams as HTML."""
    words = Words(language)
    return _document(words("title"), _sections(report, words), language)


def rehearsal_page(rehearsals: Sequence[Rehearsal], language: Language = "en") -> str:
    """Return what watchlists would have told as HTML."""
    words = Words(language)
    return _document(words("title_rehearsal"), _rehearsed(rehearsals, words), language)


def _document(title: str, parts: Iterator[str], language: Language) -> str:
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>badbuzz: {escape(title)}</title><style>{STYLE}</style></head><body><h1>{escape(title)}</h1>"
        f"{TIED.sub(TIE, ''.join(parts))}</body></html>\n"
    )


def _sections(report: Report, words: Words) -> Iterator[str]:
    settings = report.settings
    intro = words(
        "intro",
        version=settings.version,
        volumes=", ".join(words.short(volume) for volume in settings.volumes),
        seeds=seeds(settings.test_seeds, words),
        calibration=seeds(settings.calibration_seeds, words),
        budget=words.short(settings.budget_per_week),
        hours=words.short(settings.refractory_hours),
    )
    yield f"<p>{escape(intro)}</p>"
    yield from _standing(report, words)
    yield from _severities(report, words)
    yield from _pictures(report, words)
    yield from _false_alarms(report, words)
    yield _heading(words("scenarios")) if report.scores else ""
    for scene in dict.fromkeys(one.scenario for one in report.scores):
        scores = [one for one in report.scores if one.scenario == scene]
        yield _scene(scene, words.story(scene, report.scenarios), scores, words)
    yield f"{_heading(words('methods'))}<dl>"
    for method in report.methods:
        limits = ", ".join(
            f"{words.tier(volume)}: {words('limit_none') if value is None else words.short(float(f'{value:.3g}'))}"
            for volume, value in method.thresholds.items()
        )
        told = escape(words("limits", limits=limits)) if limits else ""
        heard_once = [volume for volume, value in method.thresholds.items() if value is not None]
        once = ", ".join(words.tier(volume) for volume in heard_once if method.worse[volume] is None)
        told += f" {escape(words('limits_once', volumes=once))}" if once else ""
        meaning = escape(words.meaning(method.name, method.meaning))
        yield f"<dt><b>{escape(method.name)}</b></dt><dd>{meaning} {told}</dd>"
    yield "</dl>"


def _heading(text: str) -> str:
    return f"<h2>{escape(text)}</h2>"


def _table(heads: Sequence[str], rows: Sequence[str]) -> str:
    """Return a table that scrolls by itself where it is too wide; heads are escaped, rows are markup."""
    cells = "".join(f"<th>{escape(head)}</th>" for head in heads)
    return f'<div class="wide"><table><thead><tr>{cells}</tr></thead>{"".join(rows)}</table></div>'


def _row(cells: Sequence[str], *, is_ours: bool = False) -> str:
    mark = ' class="ours"' if is_ours else ""
    return f"<tr{mark}>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _aside(text: str) -> str:
    return f'<span class="quiet whole">{escape(text)}</span>'


def _coloured(text: str, mark: str) -> str:
    return f'<span class="{mark}">{escape(text)}</span>'


def _picture(svg: str) -> str:
    return f'<div class="wide">{svg}</div>'


def _standing(report: Report, words: Words) -> Iterator[str]:
    if not report.standings:
        return
    rows = [
        _row(
            (
                escape(one.scenario),
                words.percent(one.recall.value),
                f"{words.percent(one.rival_recall.value)} {_aside(one.best_recall)}",
                _judged(one.recall_stands, words),
                words.minutes(one.minutes.value),
                f"{words.minutes(one.rival_minutes.value)} {_aside(one.best_minutes)}",
                _judged(one.minutes_stand, words),
            )
        )
        for one in report.standings
    ]
    rival = words("best_rival")
    heads = (words("scenario"), words("within", hours=6), rival, "", words("median_minutes"), rival, "")
    yield _heading(words("standing_title")) + _table(heads, rows)


def _judged(stands: Stands, words: Words) -> str:
    mark = {"worse": "bad", "level": "quiet"}.get(stands, "good")
    return _coloured(words(f"stands_{stands}"), mark)


def _severities(report: Report, words: Words) -> Iterator[str]:
    if not report.confusion:
        return
    rows = []
    for one in report.confusion:
        low, high = (words.number(100 * bound, 1) for bound in (one.warned.low, one.warned.high))
        shares = ", ".join(f"{words.severity(name)} {words.percent(share)}" for name, share in one.shares.items())
        label = one.scenario if one.is_crisis else f"{one.scenario} ({words('no_crisis')})"
        between = words("between", low=low, high=high)
        rows.append(Bar(label, tuple(one.shares.values()), shares, f"{words.percent(one.warned.value)} ({between})"))
    names = [words.severity(name) for name in report.confusion[0].shares]
    yield _heading(words("severity_title")) + f"<p>{escape(words('severity_note'))}</p>"
    yield _picture(bars(words("severity_picture"), rows, names, SEVERITY_COLOURS, words("warned")))


def _pictures(report: Report, words: Words) -> Iterator[str]:
    ours = {method.name for method in report.methods if method.is_ours}
    scenes = list(dict.fromkeys(one.scenario for one in report.scores))
    delays = {scene: [_delay(one, ours, words) for one in report.scores if one.scenario == scene] for scene in scenes}
    shares = {scene: [_share(one, ours, words) for one in report.scores if one.scenario == scene] for scene in scenes}
    if scenes:
        axis = Axis(words("fast_axis"), 1.0, DAY_MINUTES, (1, 5, 15, 60, 240, 1440), words.short, is_logarithmic=True)
        yield _heading(words("fast_title")) + _picture(spans(words("fast_picture"), delays, axis))
        axis = Axis(words("many_axis"), 0.0, 100.0, (0, 20, 40, 60, 80, 100), words.short)
        yield _heading(words("many_title")) + _picture(spans(words("many_picture"), shares, axis))
    if report.curves:
        amoc = {one.method: list(zip(one.false_per_week, one.mean_minutes, strict=True)) for one in report.curves}
        rates = Axis(words("delay_across"), 0.0, 5.0, (0, 1, 2, 3, 4, 5), words.short)
        delay = Axis(words("delay_up"), 0.0, DAY_MINUTES, (0, 360, 720, 1080, 1440), words.short)
        title = words("delay_title")
        yield _heading(title) + _picture(lines(title, amoc, rates, delay))
        exact = {one.method: list(zip(one.recall, one.precision, strict=True)) for one in report.curves}
        across, up = (
            Axis(words(f"precision_{way}"), 0.0, 1.0, (0, 0.2, 0.4, 0.6, 0.8, 1), words.short)
            for way in ("across", "up")
        )
        title = words("precision_title")
        yield _heading(title) + f"<p>{escape(words('precision_note'))}</p>" + _picture(lines(title, exact, across, up))


def _delay(one: Scores, ours: set[str], words: Words) -> Span:
    span = one.median_minutes
    between = words("between", low=words.minutes(span.low), high=words.minutes(span.high))
    text = f"{words('minutes', value=words.minutes(span.value))} ({between})"
    return Span(one.method, span.value, span.low, span.high, text, one.method in ours)


def _share(one: Scores, ours: set[str], words: Words) -> Span:
    span = one.recall["6"]
    between = words("between", low=words.percent(span.low), high=words.percent(span.high))
    text = f"{words.percent(span.value)} ({between})"
    return Span(one.method, 100 * span.value, 100 * span.low, 100 * span.high, text, one.method in ours)


def _false_alarms(report: Report, words: Words) -> Iterator[str]:
    tiers = list(report.false_alarms[0].by_volume) if report.false_alarms else []
    heads = (
        words("method"),
        words("false_rate"),
        *(words("false_tier", volume=tier) for tier in tiers),
        words("false_column_uneven"),
        words("false_column_first"),
    )
    rows = []
    for one in report.false_alarms:
        between = words("between", low=words.number(one.rate.low, 2), high=words.number(one.rate.high, 2))
        cells = (
            escape(one.method),
            f"{words.number(one.rate.value, 2)} {_aside(f'({between})')}",
            *(words.number(one.by_volume[tier], 2) for tier in tiers),
            "" if one.unevenness is None else words.number(one.unevenness, 1),
            words.number(one.first_days.value, 2),
        )
        rows.append(_row(cells, is_ours=one.method.startswith("badbuzz")))
    yield _heading(words("false_title")) + _table(heads, rows)


def _scene(scene: str, meaning: str, scores: Sequence[Scores], words: Words) -> str:
    rows = []
    for one in scores:
        delay, share = one.median_minutes, one.recall["6"]
        shares = words("between", low=words.percent(share.low), high=words.percent(share.high))
        delays = words("between", low=words.minutes(delay.low), high=words.minutes(delay.high))
        cells = (
            escape(one.method),
            words.percent(one.recall["1"].value),
            f"{words.percent(share.value)} {_aside(f'({shares})')}",
            words.percent(one.recall["24"].value),
            f"{words.minutes(delay.value)} {_aside(f'({delays})')}",
            words.minutes(one.p90_minutes.value),
            words.number(one.mentions_before),
            words.number(one.reach_before),
        )
        rows.append(_row(cells, is_ours=one.method.startswith("badbuzz")))
    heads = (
        words("method"),
        *(words("hours", hours=hours) for hours in (1, 6, 24)),
        words("median_minutes"),
        words("percentile"),
        words("mentions_before"),
        words("reach_before"),
    )
    told = f"{meaning} {words('trials', count=scores[0].trials)}"
    return f"<h3>{escape(scene)}</h3><p>{escape(told)}</p>{_table(heads, rows)}"


def _rehearsed(rehearsals: Sequence[Rehearsal], words: Words) -> Iterator[str]:
    for one in rehearsals:
        yield f"{_heading(one.topic)}<p>{escape(heard(one, words))}.</p>"
        rows = []
        for promise in one.promises:
            mark = "bad" if promise.verdict == "broken" else "good" if promise.verdict == "kept" else "quiet"
            between = words("between", low=words.number(promise.low, 1), high=words.number(promise.high, 1))
            cells = (
                escape(words(f"kind_{promise.kind}")),
                words.number(promise.count),
                f"{words.number(promise.achieved, 1)} {_aside(f'({between})')}",
                words.short(promise.promised),
                _coloured(kept_or_not(one, promise, words), mark),
            )
            rows.append(_row(cells))
        yield _table((words("told"), words("times"), words("in_30_days"), words("promised"), ""), rows)
        for incident in one.incidents:
            paged = f", {words('paged', at=words.instant(incident.paged))}" if incident.paged else ""
            span = words(
                "between",
                low=words.instant(incident.opened),
                high=words.instant(incident.closed) if incident.closed else words("the_end"),
            )
            yield f"<h3>{escape(f'{words.severity(incident.severity)}, {span}{paged}')}</h3><ul>"
            yield "".join(f"<li>{escape(reason)}</li>" for reason in incident.reasons) + "</ul>"
