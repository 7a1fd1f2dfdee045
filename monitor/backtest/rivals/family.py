"""Every rival of this package, discovered by file: the one class of a module that has a ``meaning``."""

from __future__ import annotations

import inspect
import pkgutil
from functools import cache
from importlib import import_module
from typing import cast

from monitor.backtest import rivals as package
from monitor.backtest.rivals import Rival

__all__ = ["rivals"]


@cache
def rivals() -> tuple[Rival, ...]:
    """Return one of each rival, in alphabetical order of their files."""
    found = []
    for name in sorted(f"{package.__name__}.{module.name}" for module in pkgutil.iter_modules(package.__path__)):
        module = import_module(name)
        if name != __name__:
            (rival,) = (
                member
                for _, member in inspect.getmembers(module, inspect.isclass)
                if member.__module__ == name and hasattr(member, "meaning")
            )
            found.append(cast("Rival", rival()))
    return tuple(found)
