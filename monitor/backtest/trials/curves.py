"""How each method trades false alarms for speed: the same alarms, over a sweep of budgets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from monitor.backtest.trials import Stretch
from monitor.backtest.trials.report import Curve
from monitor.backtest.trials.scoring import UNHEARD, Thresholds, calibrate, detect, false_alarms, recall

__all__ = ["BUDGETS", "WEEKS_PER_CRISIS", "curve", "thresholds_of"]

BUDGETS: Final = (0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0)
WEEKS_PER_CRISIS: Final = 13.0
"""Precision depends on how rare crises are; this takes it that a topic has one a quarter of a year."""
HOURS: Final = 6.0


def thresholds_of(calibration: Sequence[Stretch], method: str, per_week: float) -> Thresholds:
    """Return the thresholds that keep a budget on each tier."""
    tiers = sorted({stretch.tier for stretch in calibration})
    return {tier: calibrate([one for one in calibration if one.tier == tier], method, per_week) for tier in tiers}


def curve(method: str, calibration: Sequence[Stretch], quiet: Sequence[Stretch], crises: Sequence[Stretch]) -> Curve:
    """Sweep the budget of a method that has a threshold."""
    weeks = sum(stretch.weeks for stretch in quiet)
    rates, delays, recalls, precisions = [], [], [], []
    for budget in BUDGETS:
        thresholds = thresholds_of(calibration, method, budget)
        rate = sum(false_alarms(quiet, method, thresholds)) / weeks
        detections = [detect(one, method, thresholds.get(one.tier, UNHEARD)) for one in crises]
        share = float(recall(detections, HOURS).mean())
        rates.append(rate)
        delays.append(float(np.mean([one.minutes for one in detections])))
        recalls.append(share)
        precisions.append(share / (share + WEEKS_PER_CRISIS * rate) if share else 0.0)
    return Curve(
        method=method,
        budgets=BUDGETS,
        false_per_week=tuple(rates),
        mean_minutes=tuple(delays),
        recall=tuple(recalls),
        precision=tuple(precisions),
        average_precision=_average_precision(recalls, precisions),
    )


def _average_precision(recalls: Sequence[float], precisions: Sequence[float]) -> float:
    """Return the sum of each step of recall times the best precision at that recall or beyond."""
    points = sorted(zip(recalls, precisions, strict=True))
    area, reached = 0.0, 0.0
    for place, (share, _) in enumerate(points):
        area += (share - reached) * max(precision for _, precision in points[place:])
        reached = share
    return area
