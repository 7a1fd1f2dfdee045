"""Why an incident is as severe as it is, recomputed from what is stored of it, and whether the numbers still agree.

Three things are done again: every minute is measured anew from its stored mentions; every verdict's p-value is computed
anew from its factors, and what it counted is counted anew (:mod:`monitor.queries.recount`); and the minute that made
the incident what it is is weighed anew. Erased posts stay in the count, without their words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

import msgspec
from sqlalchemy import Connection, func, select

from monitor.anomalies import Judge, Summing, Verdict
from monitor.clock import MINUTE_US
from monitor.incidents.budget import Budget
from monitor.incidents.explanation import Explanation, Moment, explain, moments_of
from monitor.incidents.explanation_words import difference, remark
from monitor.incidents.fired import all_fired
from monitor.incidents.words import Language
from monitor.queries.incidents import IncidentRow, incident, incident_timeline
from monitor.queries.recount import Minute, Recount, first_minute_us
from monitor.queries.spans import topic
from monitor.signals import Signal
from monitor.store.rows import MATCH_COLUMNS, judged_of, match_of
from monitor.store.schema import mentions, signals
from monitor.topic_state import Judged
from monitor.topics import Match

__all__ = ["Check", "Difference", "Explained", "explanation_of"]

LOOKBACK_MINUTES: Final = 60
"""Before the span in question, from so many minutes on mentions are read too: what was set aside then tells now."""

MOST_DIFFERENCES: Final = 50


class Difference(msgspec.Struct, frozen=True):
    """One number that is not what was stored. `found` is ``None`` where there is nothing any more.

    Attributes
    ----------
    what
        ``mentions``, the name of a measure, or ``detector: p_value``, ``detector: observed`` or another number that a
        detector counted.
    """

    at_us: int
    what: str
    stored: float | None
    found: float | None

    def said(self, language: Language) -> str:
        """Say it."""
        return difference(self.what, self.stored, self.found, language)


class Check(msgspec.Struct, frozen=True):
    """What was computed anew over [start_us, end_us).

    Attributes
    ----------
    minutes, mentions, verdicts
        How many were.
    erased
        Posts among them whose words, handle and link have been erased since; they stay in the count.
    set_aside
        Minutes in which posts were set aside as coordinated. Which ones is not stored: of these minutes only the
        number of all posts is compared.
    differences
        Of the numbers, at most fifty, by time.
    """

    start_us: int
    end_us: int
    minutes: int
    mentions: int
    verdicts: int
    erased: int
    set_aside: int
    differences: tuple[Difference, ...]

    @property
    def is_identical(self) -> bool:
        """Every number came out exactly as it was stored."""
        return not self.differences


class Explained(msgspec.Struct, frozen=True):
    """An incident, why it is as severe as it is, and whether the stored numbers bear it out.

    `explanation` is ``None`` where the minute in question is not stored (any more).
    """

    row: IncidentRow
    explanation: Explanation | None
    check: Check

    def sentences(self, language: Language) -> tuple[str, ...]:
        """Return what was seen, what drives it, what would have changed it."""
        return () if self.explanation is None else self.explanation.sentences(language)

    def remarks(self, language: Language) -> tuple[str, ...]:
        """Return how the recomputation came out, what has to be known to believe it, and which tests fired."""
        check = self.check
        facts = {
            "minutes": float(check.minutes),
            "mentions": float(check.mentions),
            "verdicts": float(check.verdicts),
            "erased": float(check.erased),
            "set_aside": float(check.set_aside),
            "differences": float(len(check.differences)),
        }
        kinds = ["identical" if check.is_identical else "different"]
        kinds += [kind for kind, count in (("erased", check.erased), ("set_aside", check.set_aside)) if count]
        if self.explanation is None:
            kinds.append("missing")
        elif not self.explanation.is_reproduced:
            kinds.append("unreproduced")
        tests = all_fired(self.row.incident.reasons, language)
        return (*(remark(kind, facts, language) for kind in kinds), *([tests] if tests else ()))


def explanation_of(look: Connection, identifier: str, *, whole: bool = False) -> Explained | None:
    """Explain an incident; ``None`` when there is none of that id.

    Parameters
    ----------
    whole
        Compute every minute of the incident anew, not only the hour that led to its severity.
    """
    from monitor.anomalies.family import judges_of  # here, since whoever never asks need not load them

    row = incident(look, identifier)
    watched = None if row is None else topic(look, row.incident.topic)
    if row is None or watched is None:
        return None
    judges = judges_of(watched)
    moment = _decisive(row, moments_of(line.entry for line in incident_timeline(look, identifier)))
    last_us = row.incident.opened_us - MINUTE_US if moment is None else moment.start_us
    span = (last_us + MINUTE_US - LOOKBACK_MINUTES * MINUTE_US, last_us + MINUTE_US)
    if whole:
        span = (min(span[0], row.incident.since_us), max(span[1], row.incident.updated_us))
    since_us = lookback_us = span[0] - LOOKBACK_MINUTES * MINUTE_US
    minutes = _judged(look, watched.id, since_us, span[1])
    if whole:
        since_us = min(lookback_us, _earliest_counted(span[0], minutes, judges))
        minutes = _judged(look, watched.id, since_us, lookback_us) | minutes
    check = _check(look, watched.id, span, since_us, minutes, judges)
    stored = minutes.get(last_us)
    if moment is None or stored is None:
        return Explained(row, None, check)
    levels = Budget(watched, judges).at(last_us)
    try:
        return Explained(row, explain(moment, stored.verdicts, levels, judges), check)
    except KeyError:  # a factor is missing: another version of a detector gave the verdict
        return Explained(row, None, check)


def _decisive(row: IncidentRow, moments: Sequence[Moment]) -> Moment | None:
    """Return when the incident got the severity it has."""
    return next((moment for moment in moments if moment.severity == row.incident.severity), None)


def _judged(look: Connection, identifier: str, start_us: int, end_us: int) -> dict[int, Judged]:
    query = (
        select(signals)
        .where(signals.c.topic == identifier, signals.c.start_us >= start_us, signals.c.start_us < end_us)
        .order_by(signals.c.start_us)
    )
    return {row["start_us"]: judged_of(row) for row in look.execute(query).mappings()}


def _earliest_counted(start_us: int, judged: Mapping[int, Judged], judges: Mapping[str, Judge]) -> int:
    """Return the start of the first minute that any verdict from `start_us` on counted."""
    return min(
        [
            first_minute_us(one.signal.start_us, verdict, judge)
            for one in judged.values()
            if one.signal.start_us >= start_us
            for verdict in one.verdicts
            if isinstance(judge := judges.get(verdict.detector), Summing)
        ],
        default=start_us,
    )


def _check(
    look: Connection,
    identifier: str,
    span: tuple[int, int],
    since_us: int,
    judged: Mapping[int, Judged],
    judges: Mapping[str, Judge],
) -> Check:
    from monitor.signals.family import measure_minute  # as above

    differences: list[Difference] = []
    measured: dict[int, Signal] = {}
    lookback_us = span[0] - LOOKBACK_MINUTES * MINUTE_US
    for start_us, matches in _minutes(look, identifier, lookback_us, span[1]):
        measured[start_us] = measure_minute(identifier, start_us, matches)
        if start_us >= span[0]:
            differences += _remeasured(measured[start_us], judged.get(start_us))
    inside = [one for start_us, one in judged.items() if start_us >= span[0]]
    differences += [
        Difference(one.signal.start_us, "mentions", float(_all_mentions(one)), None)
        for one in inside
        if one.signal.start_us not in measured and _all_mentions(one)  # the others heard only what came late
    ]
    recount = Recount([_counted(one, measured, lookback_us) for one in judged.values()], since_us)
    for one in inside:
        for verdict in one.verdicts:
            judge = judges.get(verdict.detector)
            differences += _rejudged(one.signal.start_us, verdict, judge)
            differences += [
                Difference(one.signal.start_us, f"{verdict.detector}: {name}", stored, found)
                for name, stored, found in recount.differing(one.signal.start_us, verdict, judge)
            ]
    return Check(
        start_us=span[0],
        end_us=span[1],
        minutes=len(inside),
        mentions=sum(map(_all_mentions, inside)),
        verdicts=sum(len(one.verdicts) for one in inside),
        erased=_erased(look, identifier, *span),
        set_aside=sum(one.signal.set_aside > 0 for one in inside),
        differences=tuple(sorted(differences, key=lambda one: (one.at_us, one.what))[:MOST_DIFFERENCES]),
    )


def _all_mentions(judged: Judged) -> int:
    return judged.signal.mentions + judged.signal.set_aside


def _minutes(look: Connection, identifier: str, start_us: int, end_us: int) -> Iterator[tuple[int, list[Match]]]:
    """Yield each minute's stored matches as they were judged: in order, without those that came late."""
    columns = mentions.c
    query = (
        select(*MATCH_COLUMNS)
        .where(columns.topic == identifier, columns.published_us >= start_us, columns.published_us < end_us)
        .where(columns.is_late.is_(False))
        .order_by(columns.published_us, columns.key)
    )
    matches = (match_of(row) for row in look.execute(query).mappings())
    for start, group in groupby(matches, key=lambda match: match.published_us - match.published_us % MINUTE_US):
        yield start, list(group)


def _remeasured(found: Signal, judged: Judged | None) -> list[Difference]:
    if judged is None:
        return [Difference(found.start_us, "mentions", None, float(found.mentions))]
    stored = judged.signal
    pairs: dict[str, tuple[float | None, float | None]] = {
        "mentions": (float(_all_mentions(judged)), float(found.mentions))
    }
    if not stored.set_aside:
        names = stored.measures | found.measures
        pairs |= {name: (stored.measures.get(name), found.measures.get(name)) for name in names}
    return [Difference(found.start_us, what, *pair) for what, pair in pairs.items() if pair[0] != pair[1]]


def _counted(judged: Judged, measured: Mapping[int, Signal], lookback_us: int) -> Minute:
    """Return a minute as it is now: as it was measured anew, where it was and nothing of it was set aside."""
    signal, mentions = judged.signal, _all_mentions(judged)
    if signal.start_us >= lookback_us:
        nothing = msgspec.structs.replace(signal, mentions=0, measures={})
        found = measured.get(signal.start_us, nothing)
        if not signal.set_aside:
            signal = msgspec.structs.replace(found, revised=signal.revised)
        mentions = found.mentions
    return Minute(signal, mentions, frozenset(verdict.detector for verdict in judged.verdicts))


def _rejudged(start_us: int, verdict: Verdict, judge: Judge | None) -> Iterator[Difference]:
    try:
        found = None if judge is None else judge.recompute(verdict)
    except KeyError:  # as above
        found = None
    if found != verdict.p_value:
        yield Difference(start_us, f"{verdict.detector}: p_value", verdict.p_value, found)


def _erased(look: Connection, identifier: str, start_us: int, end_us: int) -> int:
    columns = mentions.c
    query = select(func.count()).where(
        columns.topic == identifier,
        columns.published_us >= start_us,
        columns.published_us < end_us,
        columns.text.is_(None),
        columns.kind != "repost",
    )
    return look.execute(query).scalar_one()
