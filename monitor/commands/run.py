"""``badbuzz run``: the live service."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["run"]


def run(
    config: Annotated[
        Path | None,
        typer.Option(readable=False, help="Settings file (YAML). BADBUZZ_* environment variables override it."),
    ] = None,
) -> None:
    """Serve ingest, detection, the API and /metrics until SIGTERM or Ctrl-C."""
    from monitor.clock import SystemClock
    from monitor.service import serve
    from monitor.settings import load_settings

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for chatty in ("httpx", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    serve(load_settings(config), SystemClock())
