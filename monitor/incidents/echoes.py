"""A slow test speaks once: what it has already said neither opens an incident nor keeps one open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from monitor.anomalies import Verdict
from monitor.anomalies.voices import UNIT as VOICES
from monitor.clock import MINUTE_US
from monitor.incidents.severity import Levels

__all__ = ["STILL_UNUSUAL", "without_echoes"]

STILL_UNUSUAL: Final = 10.0
"""An open incident is kept open by minutes ten times less rare than those that open one (hysteresis)."""

SLOW_MINUTES: Final = 60
"""A verdict over more than an hour comes from a slow test."""

ECHOES_FOR_MINUTES: Final = 24 * 60
"""For as long as it looked back when last alarmed, a day at most, a slow test can only be alarmed by the same again."""


def without_echoes(
    start_us: int, verdicts: Sequence[Verdict], levels: Levels, have_spoken: dict[str, int]
) -> list[Verdict]:
    """Leave out what a slow test has already said.

    A test that looks back for longer than an hour stays alarmed for as long again, which would keep an incident
    open long after the world went quiet, or open another the morning after. So it speaks once, and again only after
    it has calmed down and what alarmed it is out of its sight.

    Parameters
    ----------
    start_us
        Start of the minute that `verdicts` are of.
    have_spoken
        Test -> until when it may only repeat itself; kept up to date.
    """
    current = list(verdicts)
    for place, verdict in enumerate(verdicts):
        has_spoken = verdict.detector in have_spoken
        level = levels.opening(verdict.detector) * (STILL_UNUSUAL if has_spoken else 1.0)
        # Voices fall silent soon after the last of them spoke, however far they look back.
        is_slow = verdict.span_minutes > SLOW_MINUTES and verdict.unit != VOICES
        speaks = is_slow and verdict.p_value <= level
        if has_spoken and is_slow:
            # It stays true, and may still explain: only its power to open and to keep open is spent.
            current[place] = msgspec.structs.replace(verdict, p_value=1.0)
        if speaks:
            echo_us = min(verdict.span_minutes, ECHOES_FOR_MINUTES) * MINUTE_US
            have_spoken[verdict.detector] = start_us + echo_us
        elif has_spoken and start_us >= have_spoken[verdict.detector]:
            del have_spoken[verdict.detector]
    return current
