"""ElastAlert2's spike rule: its real class, fed counts as its scheduler would.

The rule compares two sliding windows. Its own example has windows of two hours and a least count of five, which we set
for both windows: against an empty one every count is a spike. The ``spike_height`` is what a user must pick, and what
a back-test sweeps: the rule matches when ``current >= reference * spike_height``. Driven with an infinite height it
never matches and never empties its windows, and the ratio of its own two windows is how alarming the minute is. After
a match the real rule is silent for four hours, which our twelve hours of silence after every alarm contain, so both
alarm in the same minutes; a test holds that. Only where it gets ten times rarer within four hours of a match may the
back-test have this rival tell it again, which the real rule could not; it may gain a detection by it, and pays for it
in false alarms like all.

References
----------
.. [1] https://elastalert2.readthedocs.io, ``examples/rules/example_spike.yaml``.
"""

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from types import ModuleType
from typing import Any, ClassVar, Final

import numpy as np

from monitor.backtest.rivals import FEWEST, STEP, Counts, Statistic
from monitor.errors import InputRefused

__all__ = ["TIMEFRAME", "ElastAlertSpike", "spike_rule"]

TIMEFRAME: Final = timedelta(hours=2)
MINUTES: Final = int(TIMEFRAME.total_seconds()) // 60
# Clients of databases and clouds that the rule has nothing to do with, and that its package imports at its door; the
# database client it asks for cannot be imported beside the numpy of today.
UNUSED: Final = (
    *("elasticsearch", "elasticsearch.client", "elasticsearch.exceptions"),
    *("boto3", "aws_requests_auth", "aws_requests_auth.aws_auth"),
)
EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)  # a rule sees only differences of time


class ElastAlertSpike:
    """Ratio of the rule's current window to its reference window."""

    name: ClassVar[str] = "elastalert_spike"
    meaning: ClassVar[str] = "ElastAlert2's spike rule as in its example: two hours against the two before."

    def judge(self, counts: Counts, since: int = 0) -> Statistic:
        """Say how alarming each minute is; see :class:`~monitor.backtest.rivals.Rival`."""
        rule = spike_rule(float("inf"))
        said = np.full(len(counts), -np.inf)
        # Its windows forget everything older than four hours, so that earlier history would change nothing.
        begin = max(0, since - 3 * MINUTES) // STEP * STEP
        for end in range(begin + STEP, len(counts) + 1, STEP):
            rule.add_count_data({EPOCH + timedelta(minutes=end): int(counts[end - STEP : end].sum())})
            reference, current = rule.get_spike_values("all")
            if end > since and end - begin > 2 * MINUTES and current >= FEWEST <= reference:
                said[end - 1] = current / reference
        return said[since:]


def spike_rule(spike_height: float) -> Any:
    """Return a fresh rule of ElastAlert2's own class.

    Raises
    ------
    InputRefused
        If ElastAlert2 is not installed.
    """
    options = {"timeframe": TIMEFRAME, "spike_height": spike_height, "spike_type": "up", "timestamp_field": "at"}
    return _rule_class()({**options, "threshold_cur": FEWEST, "threshold_ref": FEWEST})


@cache
def _rule_class() -> Callable[[dict[str, Any]], Any]:
    try:
        with _without_unused(), _logging_untouched():
            rules = importlib.import_module("elastalert.ruletypes")
    except ModuleNotFoundError as error:
        message = (
            f"the rival elastalert_spike needs ElastAlert2 ({error.name} is missing); "
            "pip install 'badbuzz[rivals]', or choose others with --rival"
        )
        raise InputRefused(message) from error
    rule_class: Callable[[dict[str, Any]], Any] = rules.SpikeRule
    return rule_class


class _Unused:
    """Whatever the package wants to inherit from or decorate with while it is imported."""

    def __init__(self, *_: object, **__: object) -> None: ...

    def __call__(self, function: object) -> object:
        return function


class _UnusedModule(ModuleType):
    def __getattr__(self, name: str) -> type[_Unused]:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (_Unused,), {})


@contextmanager
def _without_unused() -> Iterator[None]:
    before = {name: sys.modules.get(name) for name in UNUSED}
    sys.modules.update({name: _UnusedModule(name) for name in UNUSED})
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


@contextmanager
def _logging_untouched() -> Iterator[None]:
    """Undo what the package does to the logging of whoever imports it."""
    handlers = list(logging.getLogger().handlers)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        logging.getLogger().handlers[:] = handlers
