"""One command, ``badbuzz``. Each subcommand is a file of :mod:`monitor.commands`; this only registers them.

Exit status: 0 done, 1 what was given cannot be used (one sentence says which, where, and what to do), 2 wrong usage.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from contextlib import suppress
from io import TextIOWrapper
from typing import Annotated, Final

import typer

from monitor import __version__
from monitor.errors import MonitorError

__all__ = ["COMMANDS", "main"]

COMMANDS: Final = {
    "demo": "Play a believable day of a French brand through the real service, and open the war room.",
    "run": "Serve: ingest, detection, API, metrics; until told to stop.",
    "look": "Add to posts what their pictures look like, so that a copy is recognised on a second network.",
    "replay": "Read recorded posts through the production pipeline at full speed.",
    "explain": "Recompute the verdict of an incident from stored evidence, and say why it was given.",
    "check": "Validate watchlists, and show which recorded posts their queries would have caught.",
    "detect": "Score any series of counts with the product's own detectors.",
    "cascade": "Forecast how far recorded cascades go, from what was seen of them by some age.",
    "backtest": "Score detection on simulated crises beside rivals, or test a watchlist on recorded or stored posts.",
    "graph": "Write who passes on whom about an incident or a topic, for Gephi or the web.",
    "simulate": "Write a simulated stream of posts, with the truth about it.",
    "bench": "Measure how fast this machine decodes, matches, measures and commits.",
}


def _version(wanted: bool) -> None:
    if wanted:
        print(f"badbuzz {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Early warning for brand crises."""


def _not_asked_for() -> None:
    """Stand in for a command that was not asked for, so that ``--help`` imports nothing heavy."""


def _app(arguments: Sequence[str]) -> typer.Typer:
    app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.callback()(_root)
    for name, purpose in COMMANDS.items():
        function = _not_asked_for
        if name in arguments:
            function = getattr(importlib.import_module(f"monitor.commands.{name}"), name)
        app.command(name, help=purpose)(function)
    return app


def main() -> None:
    """Run ``badbuzz`` with the arguments of this process."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal without accents shows them as \\xe9 instead of stopping us
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            _app(sys.argv[1:])()
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()  # now, while we can still say what goes wrong
    except MonitorError as error:
        print(f"badbuzz: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # the reader of our output left; there is nobody to tell
        _give_up_output()
        sys.exit(0)
    except OSError as error:
        _give_up_output()
        place = error.filename or "the output"
        print(f"badbuzz: {place}: {error.strerror}; put that right and give the same command again", file=sys.stderr)
        sys.exit(1)


def _give_up_output() -> None:
    with suppress(OSError):
        sys.stdout.close()


if __name__ == "__main__":
    main()
