"""``badbuzz explain``: why an incident is as severe as it is, recomputed from what is stored of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Final

import typer

from monitor.errors import InputRefused

if TYPE_CHECKING:
    from monitor.incidents.words import Language
    from monitor.queries.explanation import Explained

__all__ = ["explain"]

DEFAULT_STORE: Final = "badbuzz.db"


def explain(
    incident: Annotated[
        str | None, typer.Argument(help="As the list of incidents shows it; without it, the newest.")
    ] = None,
    store: Annotated[
        str | None, typer.Option(help="A path (SQLite) or a postgresql:// URL; otherwise BADBUZZ_STORE.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="en or fr; otherwise that of the environment (LC_ALL, LC_MESSAGES, LANG).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print every number as JSON.")] = False,
) -> None:
    """Recompute the verdict of an incident from stored evidence, and say in three sentences why it was given.

    Every minute is measured again from its stored mentions, every p-value computed again from its factors, and the
    minute that decided weighed again: the numbers must come out as they were stored. Where any differs it is named, and
    the exit status is 1.
    """
    from monitor.commands.options import known_language
    from monitor.queries import Reading, recent_incidents
    from monitor.queries.explanation import explanation_of

    spoken = known_language(language)
    with Reading(store or os.environ.get("BADBUZZ_STORE", DEFAULT_STORE)).snapshot() as look:
        name = incident or next((row.incident.id for row in recent_incidents(look, 1)), None)
        explained = None if name is None else explanation_of(look, name, whole=True)
    if explained is None:
        message = f"there is no incident {name!r}; the war room lists them"
        raise InputRefused(message if name else "there has been no incident yet, so there is nothing to explain")
    if as_json:
        print(_as_json(explained, spoken))
    else:
        for line in _lines(explained, spoken):
            print(line)
    if not explained.check.is_identical:
        raise typer.Exit(1)


def _lines(explained: Explained, language: Language) -> Iterator[str]:
    from monitor.clock import rfc3339
    from monitor.incidents import SEVERITIES
    from monitor.incidents.words import SEVERITY_WORDS

    incident = explained.row.incident
    at_us = incident.opened_us if explained.explanation is None else explained.explanation.at_us
    yield f"{incident.id}: {SEVERITY_WORDS[language][1 + SEVERITIES.index(incident.severity)]}, {rfc3339(at_us)}"
    yield from explained.sentences(language)
    yield from explained.remarks(language)
    for one in explained.check.differences:
        yield f"  {rfc3339(one.at_us)} {one.said(language)}"


def _as_json(explained: Explained, language: Language) -> str:
    import json

    import msgspec

    from monitor.clock import rfc3339

    incident, check, explanation = explained.row.incident, explained.check, explained.explanation
    found: dict[str, object] = {
        "incident": incident.id,
        "topic": incident.topic,
        "severity": incident.severity,
        "sentences": explained.sentences(language),
        "remarks": explained.remarks(language),
        "recomputed": {
            "identical": check.is_identical,
            "from": rfc3339(check.start_us),
            "to": rfc3339(check.end_us),
            "minutes": check.minutes,
            "mentions": check.mentions,
            "verdicts": check.verdicts,
            "erased": check.erased,
            "set_aside": check.set_aside,
            "differences": [
                {"at": rfc3339(one.at_us), "what": one.what, "stored": one.stored, "found": one.found}
                for one in check.differences
            ],
        },
    }
    if explanation is not None:
        found["at"] = rfc3339(explanation.at_us)
        found["reproduced"] = explanation.is_reproduced
        found["reasons"] = msgspec.to_builtins(explanation.reasons)
        found["changes"] = msgspec.to_builtins(explanation.changes)
    return json.dumps(found, indent=2, ensure_ascii=False)
