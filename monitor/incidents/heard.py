"""The reason that people who matter speak: at low volume, before everybody else has noticed.

It opens a watch by itself. It is *grave*, and with it a warning, when at least two of the newcomers are from the
press or a public office and most newcomers are not glad, or when at least half of them (two or more) complain.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from monitor.anomalies import Verdict
from monitor.anomalies.voices import Voices
from monitor.incidents import Reason
from monitor.incidents.words import say

__all__ = ["GRAVE", "voices_reason"]

FEWEST: Final = 2
RARE: Final = 2.0
GRAVE: Final = 3.0


def reason_of(verdict: Verdict, name: str, facts: dict[str, float], weight: float, tests: tuple[str, ...]) -> Reason:
    """Return a verdict as a reason: its numbers, what is said of them, and the tests that agree."""
    return Reason(
        name=name,
        text=say(name, facts),
        observed=verdict.observed,
        expected=verdict.expected,
        lower=verdict.lower,
        upper=verdict.upper,
        unit=verdict.unit,
        p_value=verdict.p_value,
        weight=weight,
        facts=facts,
        tests=tests,
    )


def voices_reason(verdicts: Sequence[Verdict], level: float) -> Reason | None:
    """Return the reason that the voices give, if what they did is as rare as `level` (a p-value); weight 2 or 3."""
    verdict = next((verdict for verdict in verdicts if verdict.detector == Voices.name), None)
    if verdict is None or verdict.p_value > level:
        return None
    factors = verdict.factors
    name = "new_voices" if factors["is_of_newcomers"] else "voices"
    facts = {
        "observed": verdict.observed,
        "expected": verdict.expected,
        "lower": verdict.lower,
        "upper": verdict.upper,
        "span": float(verdict.span_minutes),
        "accounts": factors["newcomers" if factors["is_of_newcomers"] else "accounts"],
        "newcomers": factors["newcomers"],
        "officials": factors["new_officials"],
        "rarity": verdict.p_value,
    }
    return reason_of(verdict, name, facts, GRAVE if _is_grave(factors) else RARE, (verdict.detector,))


def _is_grave(factors: dict[str, float]) -> bool:
    newcomers, sour = factors["newcomers"], factors["new_negative"]
    is_watched = factors["new_officials"] >= FEWEST and 2 * factors["new_positive"] < newcomers
    return is_watched or (sour >= FEWEST and 2 * sour >= newcomers)
