"""Labelled stretches made by hand, for the arithmetic of back-tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from monitor.backtest.trials import Level, Stretch
from monitor.clock import HOUR_US, MINUTE_US
from tests.made import at

START_US = at("00:00")


def stretch(said: Mapping[str, Sequence[float]], **changes: Any) -> Stretch:
    """Return a stretch of minutes from midnight on which methods said what is given."""
    minutes = max(len(values) for values in said.values())
    fields: dict[str, Any] = {
        "seed": 0,
        "volume": 100.0,
        "topic": "acme",
        "start_us": START_US,
        "counts": np.ones(minutes, np.int64),
        "reach": np.full(minutes, 50, np.float32),
    }
    values = {name: np.array(given, np.float32) for name, given in said.items()}
    return Stretch(said=values, **{**fields, **changes})


def quiet(seed: int, peaks: Sequence[float], method: str = "badbuzz", **changes: Any) -> Stretch:
    """Return a quiet stretch of as many days as peaks: each day one minute is as alarming as its peak."""
    said = np.zeros(1440 * len(peaks))
    said[720::1440] = peaks
    return stretch({method: said.tolist()}, seed=seed, **changes)


def crisis(seed: int, after_minutes: int | None, value: float = 5.0, **changes: Any) -> Stretch:
    """Return a crisis that begins at noon; the method is alarmed so many minutes later, or never."""
    said = np.zeros(2200)
    if after_minutes is not None:
        said[720 + after_minutes - 1] = value
    fields = {"onset_us": START_US + 12 * HOUR_US, "is_crisis": True, "scenario": "slow_burn", **changes}
    return stretch({"badbuzz": said.tolist()}, seed=seed, **fields)


def level(minute: int, severity: int, incident: str = "acme-1") -> Level:
    return Level(START_US + minute * MINUTE_US, incident, severity)
