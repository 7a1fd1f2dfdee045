"""The formats, discovered by file: each module here that has a class with ``recognises`` is one."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import cast

import monitor.sources
from monitor.errors import InputRefused
from monitor.sources import Format

__all__ = ["format_named", "format_types", "formats"]


@cache
def format_types() -> dict[str, type[Format]]:
    """Return every format's class by name, in the order of their names."""
    found: dict[str, type[Format]] = {}
    for module_info in pkgutil.iter_modules(monitor.sources.__path__, "monitor.sources."):
        module = import_module(module_info.name)
        for value in vars(module).values():
            if isinstance(value, type) and value.__module__ == module.__name__ and hasattr(value, "recognises"):
                kind = cast("type[Format]", value)
                found[kind.name] = kind
    return dict(sorted(found.items()))


def formats(columns: Mapping[str, str] | None = None) -> list[Format]:
    """Return one of each format; `columns` is for those that are tables."""
    return [format_named(name, columns) for name in format_types()]


def format_named(name: str, columns: Mapping[str, str] | None = None) -> Format:
    """Return a format by its name.

    Raises
    ------
    InputRefused
        If there is none of that name.
    """
    kind = format_types().get(name)
    if kind is None:
        message = f"the format {name!r} is not known; use auto or one of {', '.join(format_types())}"
        raise InputRefused(message)
    if columns and hasattr(kind, "with_columns"):
        return cast("Format", kind.with_columns(columns))
    return kind()
