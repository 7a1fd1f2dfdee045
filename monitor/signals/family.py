"""The measures, found by file, and the one call that applies them all."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from itertools import groupby
from types import ModuleType
from typing import Final, cast

from monitor import signals
from monitor.clock import MINUTE_US
from monitor.crowds.neighbourhood import Neighbourhood
from monitor.signals import Late, Measure, Minute, Signal, Voice
from monitor.topics import Match

__all__ = ["measure_late", "measure_minute", "measures", "voices_of"]

INFLUENTIAL: Final = 10_000
"""Followers from which an account matters; the usual border between micro and mid-tier accounts."""

VERIFIED: Final = 3_000
"""... when the network vouches for it, which on some networks is bought and does not mean much by itself."""

OFFICIAL: Final = 500
"""... when its profile hints at the press or a public office, which anybody can write there."""


@cache
def measures() -> tuple[Measure, ...]:
    """Return one instance of every measure of this family, in alphabetical order of their files."""
    names = sorted(module.name for module in pkgutil.iter_modules(signals.__path__))
    modules = [
        import_module(f"{signals.__name__}.{name}") for name in names if f"{signals.__name__}.{name}" != __name__
    ]
    return tuple(_measure_of(module) for module in modules)


def measure_minute(
    topic: str, start_us: int, matches: Sequence[Match], neighbourhood: Neighbourhood | None = None
) -> Signal:
    """Measure one topic over one minute.

    Parameters
    ----------
    topic
        Topic id.
    start_us
        Start of the minute, microseconds since the Unix epoch.
    matches
        All of the minute's matches on the topic, the brand's own posts included, ordered by (published_us, key).
    neighbourhood
        Knows who usually passes on whom on this topic.

    Returns
    -------
    Signal
        The brand's own posts are left out; when there were no others, `mentions` is 0 and nothing is measured.
    """
    others = [match for match in matches if not match.is_own]
    values: dict[str, float] = {}
    if others:
        minute = Minute(others)
        for measure in measures():
            value = measure(minute)
            if value is not None:
                values[measure.name] = value
    return Signal(
        topic=topic, start_us=start_us, mentions=len(others), measures=values, voices=voices_of(others, neighbourhood)
    )


def measure_late(matches: Sequence[Match], neighbourhood: Neighbourhood | None = None) -> tuple[Late, ...]:
    """Return who spoke, minute by minute, in what came late; `matches` as in :func:`measure_minute`."""
    found: list[Late] = []
    for minute, group in groupby(matches, key=lambda match: match.published_us // MINUTE_US):
        others = [match for match in group if not match.is_own]
        if others:
            people = len({match.author for match in others})
            found.append(Late(minute * MINUTE_US, people, voices_of(others, neighbourhood)))
    return tuple(found)


def voices_of(matches: Sequence[Match], neighbourhood: Neighbourhood | None = None) -> tuple[Voice, ...]:
    """Return the accounts that matter among those who spoke, each once, in order of appearance.

    Those are accounts with many followers, with fewer if the network vouches for them, with fewer still if their
    profile hints at the press or a public office; newspapers' feeds; and the bridges between circles. The first thing
    an account says in the minute decides its circle: that of the repost graph where it is known to belong to one,
    otherwise that of everybody who passes on or answers the same post. Who speaks in their own words stands alone.
    """
    found: dict[int, Voice] = {}
    for match in matches:
        author = match.author
        known = found.get(author)
        if known is not None:
            if match.tone < known.tone:
                found[author] = Voice(author, known.circle, known.is_official, match.tone)
        elif _matters(match) or (neighbourhood is not None and neighbourhood.is_bridge(author)):
            circle = neighbourhood.community(author) if neighbourhood is not None else None
            if circle is None:
                circle = author if match.root == match.key else match.root
            found[author] = Voice(author, circle, _is_official(match), match.tone)
    return tuple(found.values())


def _matters(match: Match) -> bool:
    followers = match.followers
    if followers is not None and followers >= VERIFIED and (match.verified or followers >= INFLUENTIAL):
        return True
    return _is_official(match)


def _is_official(match: Match) -> bool:
    if match.role is None:
        return match.network == "feed"
    return match.followers is None or match.followers >= OFFICIAL


def _measure_of(module: ModuleType) -> Measure:
    (found,) = (
        member
        for _, member in inspect.getmembers(module, inspect.isclass)
        if member.__module__ == module.__name__ and hasattr(member, "meaning")
    )
    return cast("Measure", found())
