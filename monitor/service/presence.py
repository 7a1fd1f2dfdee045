"""Which sources we hear, how far each has told its story, and which silence was too long to be called quiet.

Event time comes from the posts. Between two posts of a source it moves on from the last one's time at the pace of a
clock that nobody sets, so neither a source that lags behind nor a wrong or corrected system clock closes a minute too
early. What a source skips when it speaks again, after a silence or after our own absence, was not seen: that is a gap,
and nothing is learned from it. What it tells belatedly was seen, and is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from monitor.clock import MINUTE_US, SECOND_US, Clock, SteadyClock
from monitor.mentions import Deletion, Gap, Heartbeat, Item, Like, Mention
from monitor.worker import CLOCK_MARGIN_US

__all__ = ["CURSOR", "EVERYBODY_ELSE", "MOST_SOURCES", "Presence", "Source"]

CURSOR: Final = "live sources"
"""Under this name we keep our notes among the cursors; no source can be called so."""

MOST_SOURCES: Final = 40
"""Sources known by name: fewer than the page of metrics shows, so that each has its own series there."""

EVERYBODY_ELSE: Final = "other"
"""What all further ones are called: whoever posts chooses a name, and names are remembered."""

AWAY_US: Final = MINUTE_US
"""Skipping more than this with its first word to us means that a source said something while we were away."""


class Source(msgspec.Struct, frozen=True):
    """What is known of one source.

    Attributes
    ----------
    until_us
        Newest event time it told; 0 before the first believable one.
    heard_us
        When it was last heard, by the wall clock.
    told_at, heard_at
        Since when `until_us` is known, and when it was last heard, in seconds of the clock that never jumps; ``None``
        when that was before this process began, or before it fell silent.
    """

    until_us: int = 0
    heard_us: int = 0
    told_at: float | None = None
    heard_at: float | None = None


class Presence:
    """All sources of one service. What :meth:`attend` notes is kept once committed, else :meth:`undo` forgets it.

    Parameters
    ----------
    silence_us
        A source silent for longer was blind; one further behind the newest than this is not waited for.
    follows_wall_clock
        Whether time also moves when nothing is posted. If it does not (drills), silence means nothing.
    """

    def __init__(self, clock: Clock, silence_us: int, *, follows_wall_clock: bool) -> None:
        self._clock = clock
        self._steady = SteadyClock(clock)
        self._started_at = clock.monotonic_seconds()
        self._silence_us = silence_us
        self._follows_wall_clock = follows_wall_clock
        self._sources: dict[str, Source] = {}
        self._strangers: set[str] = set()
        self._committed = self._sources

    @property
    def sources(self) -> dict[str, Source]:
        """What is known of each source, by name."""
        return dict(self._sources)

    def restore(self, cursors: dict[str, bytes]) -> None:
        """Go on from the cursors of the last commit.

        Whoever else has a cursor there, such as a recording that was replayed into this store, will not speak again.
        """
        saved = cursors.get(CURSOR)
        told = msgspec.msgpack.decode(saved, type=dict[str, tuple[int, int]]) if saved else {}
        self._sources = {name: Source(until_us, heard_us) for name, (until_us, heard_us) in told.items()}
        self._strangers = cursors.keys() - {CURSOR}
        self.commit()

    def save(self) -> dict[str, bytes]:
        """Return the cursors to commit."""
        told = {name: (source.until_us, source.heard_us) for name, source in sorted(self._sources.items())}
        return {CURSOR: msgspec.msgpack.encode(told)}

    def commit(self) -> None:
        """Keep what was noted."""
        self._committed = dict(self._sources)

    def undo(self) -> None:
        """Forget what was noted since the last :meth:`commit`."""
        self._sources = dict(self._committed)

    def name_of(self, source: str) -> str:
        """Return what a source is called here."""
        is_known = source in self._sources or len(self._sources) < MOST_SOURCES
        return source if is_known else EVERYBODY_ELSE

    def attend(self, source: str, items: Sequence[Item], event_time_us: int) -> list[Item]:
        """Note that a source was heard; return its items as they may be believed, after the gap it skipped, if any.

        Parameters
        ----------
        event_time_us
            Newest event time of all sources: what a new one goes on from when no other is heard.
        """
        if not items:
            return []
        known = self._sources.get(source)
        believed = [item if isinstance(item, Mention) else self._believed(source, item, known) for item in items]
        instants = sorted(self._instants(believed))
        gap = self._skipped(source, known, instants, event_time_us)
        self._sources[source] = self._heard(known or Source(), max(instants, default=0))
        return believed if gap is None else [gap, *believed]

    def _believed(self, source: str, item: Deletion | Gap | Heartbeat | Like, known: Source | None) -> Item:
        """Let a notice speak of its sender only, and not of the future: a clock that is fast would make posts late."""
        latest_us = self._steady.latest_us()
        match item:
            case Heartbeat():
                if self._follows_wall_clock:  # which may itself have jumped together with the sender's
                    latest_us = min(latest_us, max(self._steady.now_us(), self._position_us(known) or 0))
                return Heartbeat(source=source, at_us=min(item.at_us, latest_us))
            case Gap():
                return msgspec.structs.replace(item, source=source, end_us=min(item.end_us, latest_us))
            case Deletion() | Like():
                return item

    def _instants(self, items: Iterable[Item]) -> Iterator[int]:
        """Yield the believable event times that show how far a source has told its story."""
        not_after_us = self._steady.latest_us() + CLOCK_MARGIN_US
        for item in items:
            match item:
                case Mention(published_us=instant) if instant <= not_after_us:
                    yield instant
                case Heartbeat(at_us=instant):
                    yield instant
                case Gap(start_us=start_us, end_us=end_us):
                    yield start_us
                    yield end_us
                case _:
                    pass

    def _skipped(self, source: str, known: Source | None, instants: Sequence[int], event_time_us: int) -> Gap | None:
        if known is None and self.positions():
            return None  # others are heard, and of this one nothing was expected
        since_us = event_time_us if known is None else known.until_us
        first_us = next((instant for instant in instants if instant > since_us), since_us)
        is_first_word = known is None or known.told_at is None
        patience_us = min(AWAY_US, self._silence_us) if is_first_word else self._silence_us
        if not self._follows_wall_clock or not since_us or first_us - since_us <= patience_us:
            return None
        return Gap(source=source, start_us=since_us, end_us=first_us, reason="silence")

    def _heard(self, known: Source, told_us: int) -> Source:
        now_us, seconds = self._clock.now_us(), self._clock.monotonic_seconds()
        if told_us > known.until_us:
            return Source(told_us, now_us, seconds, seconds)
        was_silent = known.heard_at is not None and self._is_silence(known.heard_at)
        told_at = None if was_silent else known.told_at  # back, but where it stands we do not know yet
        return Source(known.until_us, now_us, told_at, seconds)

    def positions(self) -> dict[str, int]:
        """Return how far event time has come for each source that is heard; empty where time follows the posts."""
        if not self._follows_wall_clock:
            return {}
        found = {name: self._position_us(source) for name, source in self._sources.items() if self.is_heard(name)}
        return {name: position_us for name, position_us in found.items() if position_us is not None}

    def _position_us(self, source: Source | None) -> int | None:
        """Return the time of a source's last word plus the time passed since; ``None`` if it said nothing to us."""
        if source is None or source.told_at is None:
            return None
        if not self._follows_wall_clock:
            return source.until_us
        passed_us = round((self._clock.monotonic_seconds() - source.told_at) * SECOND_US)
        # Never ahead of the present, so that one post from the near future does not hurry us for ever.
        return min(source.until_us + passed_us, self._steady.latest_us())

    def is_heard(self, name: str) -> bool:
        """Tell whether a source spoke to this process, and not too long ago."""
        heard_at = self._sources[name].heard_at
        return heard_at is not None and not self._is_silence(heard_at)

    def _is_silence(self, since_at: float) -> bool:
        passed_us = (self._clock.monotonic_seconds() - since_at) * SECOND_US
        return self._follows_wall_clock and passed_us > self._silence_us

    @property
    def strangers(self) -> set[str]:
        """Whoever else has a cursor, and will not speak again."""
        return self._strangers - self._sources.keys()

    def absent(self, newest_us: int) -> dict[str, int]:
        """Return the sources that are not waited for, and until when each told its story.

        They fell silent, or are too far behind the newest event time.
        """
        found = {}
        for name, source in self._sources.items():
            reached_us = self._position_us(source) or source.until_us
            since_at = self._started_at if source.heard_at is None else source.heard_at
            if self._is_silence(since_at) or newest_us - reached_us > self._silence_us:
                found[name] = source.until_us
        return found
