from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from monitor.alerts import Alert

START_US = 1_768_445_880_000_000


class HandClock:
    """A clock set by hand."""

    def __init__(self) -> None:
        self.us = START_US

    def now_us(self) -> int:
        return self.us

    def monotonic_seconds(self) -> float:
        return self.us / 1e6

    def forward(self, seconds: float) -> None:
        self.us += round(seconds * 1e6)


@pytest.fixture(scope="session")
def new_clock() -> type[HandClock]:
    return HandClock


@pytest.fixture
def clock(new_clock: type[HandClock]) -> HandClock:
    return new_clock()


@pytest.fixture
def alert() -> Callable[..., Alert]:
    def make(**changes: Any) -> Alert:
        told: dict[str, Any] = {
            "incident": "acme-20260115T0258",
            "topic": "acme",
            "severity": "critical",
            "status": "firing",
            "page": True,
            "reason": "Paged.",
            "summary": "critical · Acme",
            "description": "Since 2026-01-15T02:58:00Z.",
            "starts_us": START_US,
        } | changes
        told.setdefault("key", f"{told['incident']}:{told['status']}:{told['severity']}")
        told.setdefault("labels", {"topic": told["topic"], "severity": told["severity"]})
        return Alert(**told)

    return make
