"""The files a replay leaves: shapes other tools rely on, so columns are added at the end and never renamed."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TextIO

import msgspec

from monitor.clock import rfc3339
from monitor.errors import InputRefused
from monitor.incidents import Incident
from monitor.signals.family import measures
from monitor.store.database import Store

__all__ = ["Summary", "safe_cell", "write_outputs"]


class Summary(msgspec.Struct, kw_only=True):
    """``summary.json``.

    Attributes
    ----------
    read
        Posts and records met: ``malformed + ignored + deletions + gaps + heartbeats + duplicates + posts``.
    posts
        Distinct posts.
    reposts
        Distinct posts that are reposts.
    matched, mentions
        Distinct posts on at least one topic, and (post, topic) pairs.
    late
        Distinct posts that came after their minute was closed: stored and counted, judged in no minute.
    misdated
        Distinct posts dated before 2006 or in the future, counted at the stream's time.
    derived_ids
        Posts whose id was missing and was derived from their content.
    topics
        Mentions of each topic.
    malformed_reasons
        Malformed records by reason.
    first_at, last_at
        Event time of the first and last post.
    posts_per_second
        Records of this run per second of this run.
    resumed
        Whether this run went on from an earlier one that was interrupted.
    """

    read: int
    malformed: int
    duplicates: int
    late: int
    matched: int
    mentions: int
    reposts: int
    topics: dict[str, int]
    first_at: str | None
    last_at: str | None
    seconds: float
    posts_per_second: float
    posts: int
    ignored: int
    deletions: int
    gaps: int
    heartbeats: int
    misdated: int
    derived_ids: int
    malformed_reasons: dict[str, int]
    incidents: int
    resumed: bool


def write_outputs(folder: Path, store: Store, summary: Summary) -> None:
    """Write every output into `folder`, each whole or not at all.

    Raises
    ------
    InputRefused
        If one cannot be written; those before it were.
    """
    _write(folder / "summary.json", [json.dumps(msgspec.to_builtins(summary), indent=2, ensure_ascii=False)])
    _write(folder / "incidents.jsonl", (_incident_line(incident) for incident in store.incidents()))
    _write(
        folder / "timeline.jsonl",
        (
            json.dumps(
                {
                    "incident": entry.incident,
                    "at": rfc3339(entry.at_us),
                    "kind": entry.kind,
                    "text": entry.text,
                    "evidence": entry.evidence,
                },
                ensure_ascii=False,
            )
            for entry in store.timeline()
        ),
    )
    _write_signals(folder / "signals.csv", store)
    _write_cascades(folder / "cascades.csv", store)


def _incident_line(incident: Incident) -> str:
    return json.dumps(
        {
            "id": incident.id,
            "topic": incident.topic,
            "state": incident.state,
            "severity": incident.severity,
            "opened_at": rfc3339(incident.opened_us),
            "peak_at": rfc3339(incident.peak_us),
            "closed_at": None if incident.closed_us is None else rfc3339(incident.closed_us),
            "reasons": [
                {
                    "name": reason.name,
                    "text": reason.text,
                    "observed": reason.observed,
                    "expected": reason.expected,
                    "lower": reason.lower,
                    "upper": reason.upper,
                    "unit": reason.unit,
                    "p_value": reason.p_value,
                    "weight": reason.weight,
                    "tests": reason.tests,
                }
                for reason in incident.reasons
            ],
            "mentions": incident.mentions,
            "authors": incident.authors,
            "evidence": incident.evidence,
            "since": rfc3339(incident.since_us),
            "updated_at": rfc3339(incident.updated_us),
            "peak_mentions": incident.peak_mentions,
            "set_aside": incident.set_aside,
            "authenticity": None if incident.authenticity is None else msgspec.to_builtins(incident.authenticity),
            "worst_at": rfc3339(incident.worst_us),
            "paused_at": None if incident.paused_us is None else rfc3339(incident.paused_us),
            "resumed_at": None if incident.resumed_us is None else rfc3339(incident.resumed_us),
        },
        ensure_ascii=False,
    )


def _write(path: Path, lines: Iterable[str]) -> None:
    with _whole(path) as file:
        for line in lines:
            file.write(line + "\n")


def _write_signals(path: Path, store: Store) -> None:
    names = [measure.name for measure in measures()]
    header = ["topic", "window_start", "window_end", "mentions", "expected", "lower", "upper", "score", *names]
    header += ["set_aside", "authenticity"]
    rows = (
        [
            judged.signal.topic,
            rfc3339(judged.signal.start_us),
            rfc3339(judged.signal.end_us),
            judged.signal.mentions + judged.signal.set_aside,
            _rounded(judged.expected),
            _rounded(judged.lower),
            _rounded(judged.upper),
            _rounded(judged.score),
            *(_rounded(judged.signal.measures.get(name)) for name in names),
            judged.signal.set_aside,
            judged.signal.authenticity,
        ]
        for judged in store.judged()
    )
    _write_table(path, header, rows)


def _write_cascades(path: Path, store: Store) -> None:
    header = [
        "topic", "network", "root", "started_at", "updated_at", "size", "authors", "potential_reach",
        "growth_per_hour", "acceleration", "tone", "rate_per_hour", "doubling_minutes", "reproduction",
        "reproduction_low", "reproduction_high", "final_size", "final_low", "final_high", "estimated_reach",
        "new_author_share", "edges", "depth", "depth_low", "depth_high", "breadth", "structural_virality",
        "structural_virality_low", "structural_virality_high",
        "replies", "repliers", "reply_depth", "reply_breadth", "reply_virality",
    ]  # fmt: skip
    rows = (
        [
            cascade.topic,
            cascade.network,
            safe_cell(cascade.root_id),
            rfc3339(cascade.started_us),
            rfc3339(cascade.updated_us),
            cascade.size,
            cascade.authors,
            cascade.potential_reach,
            cascade.growth_per_hour,
            _rounded(cascade.acceleration),
            _rounded(cascade.tone),
            _rounded(cascade.rate_per_hour),
            _rounded(None if cascade.doubling_s is None else cascade.doubling_s / 60),
            _rounded(cascade.reproduction),
            _rounded(cascade.reproduction_low),
            _rounded(cascade.reproduction_high),
            cascade.final_size,
            cascade.final_low,
            cascade.final_high,
            cascade.estimated_reach,
            _rounded(cascade.new_author_share),
            cascade.edges,
            cascade.depth,
            cascade.depth_low,
            cascade.depth_high,
            cascade.breadth,
            _rounded(cascade.virality),
            _rounded(cascade.virality_low),
            _rounded(cascade.virality_high),
            cascade.replies,
            cascade.repliers,
            cascade.reply_depth,
            cascade.reply_breadth,
            _rounded(cascade.reply_virality),
        ]
        for cascade in store.cascades()
    )
    _write_table(path, header, rows)


def _write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with _whole(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


@contextmanager
def _whole(path: Path) -> Iterator[TextIO]:
    """Write a file beside its place, and put it there when it is whole."""
    part = path.with_name(path.name + ".part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            yield file
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        message = f"{path}: cannot be written ({error.strerror}); put that right and give the same command again"
        raise InputRefused(message) from error


def _rounded(value: float | None) -> str:
    """Six significant digits: more than any of it deserves, and stable between machines."""
    return "" if value is None else f"{value:.6g}"


_FORMULAS: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # in full width too, as some spreadsheets take them


def safe_cell(text: str) -> str:
    r"""Return a cell no spreadsheet takes for a formula (OWASP ASVS 5.0, 1.2.10), nor any reader for several rows.

    Examples
    --------
    >>> safe_cell("=cmd()"), safe_cell("123"), safe_cell("1\r=cmd()")
    ("'=cmd()", '123', '1�=cmd()')
    """
    text = "".join([character if character.isprintable() else "\ufffd" for character in text])
    return f"'{text}" if text.startswith(_FORMULAS) else text
