"""What several commands understand by the same option; a value that no file could make right is wrong usage."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

import typer

from monitor.errors import InputRefused
from monitor.incidents.words import Language, languages
from monitor.sources.columns import field_named
from monitor.sources.family import format_types

__all__ = ["known_format", "known_language", "parse_columns"]

LOCALES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
"""Environment variables that say which language a person reads, the first that is set."""


def known_format(name: str) -> str:
    """Return the value of ``--format``.

    Raises
    ------
    typer.BadParameter
        If there is no format of that name.
    """
    if name != "auto" and name not in format_types():
        message = f"the format {name!r} is not known; use auto or one of {', '.join(format_types())}"
        raise typer.BadParameter(message)
    return name


def known_language(name: str | None) -> Language:
    """Return the value of ``--language``; without one, what the environment asks for, and English if we lack it.

    Raises
    ------
    typer.BadParameter
        If we do not speak it.
    """
    if name is None:
        asked = next((value for variable in LOCALES if (value := os.environ.get(variable))), "")
        return next((known for known in languages() if asked.lower().startswith(known)), "en")
    for known in languages():
        if known == name:
            return known
    message = f"the language {name!r} is not spoken; use {' or '.join(languages())}"
    raise typer.BadParameter(message, param_hint="--language")


def parse_columns(text: str | None) -> Mapping[str, str] | None:
    """Read ``--map``: comma-separated ``ours=theirs`` pairs, under the names of :data:`monitor.sources.columns.FIELDS`.

    Raises
    ------
    typer.BadParameter
        If it is not such pairs, names a field that is not ours, or one twice.

    Examples
    --------
    >>> parse_columns("text=title+body, published_at=when")
    {'text': 'title+body', 'published': 'when'}
    """
    if text is None:
        return None
    columns: dict[str, str] = {}
    for pair in text.split(","):
        name, _, column = (part.strip() for part in pair.partition("="))
        try:
            field = field_named(name)
        except InputRefused as error:
            raise typer.BadParameter(str(error), param_hint="--map") from None
        if not column or field in columns:
            fault = "is given twice" if field in columns else "names no column"
            message = f"{pair.strip()!r} {fault}; write our field=their column, such as text=body,author=who"
            raise typer.BadParameter(message, param_hint="--map")
        columns[field] = column
    return columns
