"""Since when: the minute from which on complaints, and mentions that are none, are least like what is usual.

A test looks back over a window, and what alarmed it rarely fills the window. Of all minutes of the last hour the one is
taken from which on the counts are most likely others than the usual: with n seen since and m expected of each kind, all
Poisson, the log likelihood ratio ``n log(n / m) - (n - m)`` of those that rose, added up, is greatest there: the change
point of maximum likelihood [1]_.

References
----------
.. [1] D. V. Hinkley, Inference about the change-point in a sequence of random variables, Biometrika 57 (1970) 1-17.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import log
from typing import Final

from monitor.anomalies import MENTIONS, Verdict
from monitor.anomalies.negative_share import NegativeShareTest
from monitor.clock import MINUTE_US
from monitor.incidents.context import SPAN_MINUTES, Context

__all__ = ["began_us", "change_point"]

CONVINCING: Final = 3.0
"""Nats: a change that makes what was seen less than twenty times likelier is left to the window of the test."""

LEAST_EXPECTED: Final = 1e-3
"""Mentions a minute: where hardly anything is said, one mention is no change yet."""


def began_us(context: Context, start_us: int, verdicts: Sequence[Verdict], fired: Iterable[Verdict]) -> int:
    """Return when that began which an incident opens for, in the minute that starts at `start_us`.

    Parameters
    ----------
    verdicts, fired
        All of the minute, and those that were alarmed. Where neither the mentions nor the complaints of the last hour
        show a change, it is the beginning of the longest window that was alarmed, an hour before at most.
    """
    volume = [verdict for verdict in verdicts if verdict.unit == MENTIONS and verdict.span_minutes <= SPAN_MINUTES]
    if volume:
        loudest = min(volume, key=lambda verdict: verdict.p_value)
        per_minute = loudest.expected / loudest.span_minutes
        shares = [verdict.factors["usual"] for verdict in verdicts if verdict.detector == NegativeShareTest.name]
        counts, usual = context.by_minute(), [per_minute]
        if shares:
            complaints = context.proof.complaints()
            counts = [(minute, *_split(count, complaints.get(minute, 0))) for minute, count in counts]
            usual = [per_minute * (1.0 - shares[0]), per_minute * shares[0]]
        change = change_point(counts, start_us // MINUTE_US + 1, usual)
        if change is not None:
            return change * MINUTE_US
    span = max((verdict.span_minutes for verdict in fired), default=1)
    return start_us - (min(span, SPAN_MINUTES) - 1) * MINUTE_US


def change_point(counts: Sequence[tuple[int, ...]], end: int, per_minute: Sequence[float]) -> int | None:
    """Return the minute from which on there is most likely more than usual; ``None`` if that is not convincing.

    Parameters
    ----------
    counts
        (minute, count of each kind ...) in order of time, all before `end`; minutes that are left out are empty.
    per_minute
        Count of each kind expected in a minute. Less than one in a thousand minutes counts as that.

    Examples
    --------
    >>> change_point([(0, 1), (4, 1), (10, 6), (11, 9)], 12, [0.2])
    10
    >>> change_point([(0, 1), (4, 1), (10, 1)], 12, [0.2]) is None
    True
    """
    convincing, found, seen = CONVINCING, None, [0] * len(per_minute)
    for minute, *kinds in reversed(counts):
        seen = [since + count for since, count in zip(seen, kinds, strict=True)]
        gain = sum(
            _gain(since, max(usual, LEAST_EXPECTED) * (end - minute))
            for since, usual in zip(seen, per_minute, strict=True)
        )
        if gain > convincing:
            convincing, found = gain, minute
    return found


def _gain(seen: int, expected: float) -> float:
    return seen * log(seen / expected) - (seen - expected) if seen > expected else 0.0


def _split(mentions: int, complaints: int) -> tuple[int, int]:
    complaints = min(mentions, complaints)
    return mentions - complaints, complaints
