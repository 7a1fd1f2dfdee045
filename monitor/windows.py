"""Event time: watermarks, open minutes, and what came too late.

The watermark is our claim that event time has reached a point: the newest event time of the source furthest behind,
less the lateness we allow. A minute closes when the watermark passes its end. Whether a post is late depends on the
posts that came before it and on nothing else, so the same posts give the same minutes however they were cut into
batches.

What came late is heard by the minute that closes next, for what does not depend on speed; it stays what it is by its
own time, which lies before that minute.

A source that fell silent, or too far behind, is not waited for. What it usually says is hidden from then on, in every
minute closed without it: such a minute teaches nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from monitor.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from monitor.topics import Match

__all__ = ["EARLIEST_US", "LATEST_HEARD_US", "Arrivals", "Unseen", "Windows", "WindowsState", "canonical"]

EARLIEST_US: Final = 1_142_899_200 * SECOND_US
"""2006-03-21, the day of the first tweet: no public post of any network we read is older."""

GAP_MEMORY_US: Final = 60 * DAY_US
"""How long a gap is remembered for topics that are silent; after that its minutes count as unseen history."""

LATEST_HEARD_US: Final = 3 * HOUR_US
"""What comes later than this is stored and shown, and no longer heard: it is out of the sight of the longest window of
:mod:`monitor.anomalies.voices`, and old news for everybody else."""

SHARE_DAYS: Final = 14
"""Days over which a source's share of the posts is counted, to know what is hidden when it goes blind.

A source not heard for longer is gone for good: what is left is the new usual, and is learned.
"""

NEGLIGIBLE: Final = 0.05
"""A smaller share of the usual posts may be missing and the rest is learned all the same: what is usual then comes out
too small by as much, which is less than it is ever known to."""

MOST_NETWORKS: Final = 20
"""Networks counted by name for each source; all further ones together. Whoever posts chooses a name."""


class Arrivals(msgspec.Struct):
    """What event time made of a run of posts.

    Attributes
    ----------
    times
        Event times after clamping, microseconds, shape (n,), int64.
    is_late
        Whether the post's minute was closed before it came, shape (n,), bool.
    misdated
        Positions whose time was nonsense (before 2006 or in the future) and was set to the stream's current time.
    reached
        The newest event time of the source when each came, microseconds, shape (n,), int64.
    closing
        Start of the minute that was to close next when each came, microseconds, shape (n,), int64.
    """

    times: npt.NDArray[np.int64]
    is_late: npt.NDArray[np.bool_]
    misdated: list[int]
    reached: npt.NDArray[np.int64]
    closing: npt.NDArray[np.int64]

    def heard(self) -> list[int | None]:
        """Return for each what came late enough to need one: the start of the minute that hears it, if any does."""
        is_heard = self.is_late & (self.times >= self.closing - LATEST_HEARD_US) & (self.times > 0)
        return [at_us if one else None for at_us, one in zip(self.closing.tolist(), is_heard.tolist(), strict=True)]


class Unseen(NamedTuple):
    """A span [start_us, end_us) of which we saw only a part: all but `share` of the usual posts, in (0, 1]."""

    start_us: int
    end_us: int
    share: float = 1.0


class WindowsState(msgspec.Struct):
    """What must survive a restart; open minutes are rebuilt from the stored mentions."""

    highs: dict[str, int] = {}
    watermark_us: int = 0
    closed_us: int = 0
    first_us: int = 0
    heard: dict[str, dict[str, dict[int, int]]] = {}  # source -> network -> day since 1970 -> posts; the last days
    blind: list[tuple[int, int, str, float]] = []  # start, end, source, its usual share of the posts; sorted
    away: dict[str, tuple[int, float]] = {}  # sources not waited for -> since when, their usual share of the posts
    gaps: list[Unseen] = []


class Windows:
    """Open minutes of all topics, and the watermark that closes them.

    Parameters
    ----------
    lateness_us
        How far behind the newest post of its source a post may come and still be judged in its minute.
    """

    def __init__(self, lateness_us: int) -> None:
        self._lateness_us = lateness_us
        self._state = WindowsState()
        self._open: dict[int, dict[str, list[Match]]] = {}

    @property
    def watermark_us(self) -> int:
        """Event time up to which everything is believed to have arrived; 0 before the first post."""
        return self._state.watermark_us

    @property
    def event_time_us(self) -> int:
        """The newest event time seen; 0 before the first post."""
        return max(self._state.highs.values(), default=0)

    @property
    def closed_us(self) -> int:
        """Event time up to which what comes is late; 0 before the first post."""
        return self._state.watermark_us - self._state.watermark_us % MINUTE_US

    @property
    def first_us(self) -> int:
        """Event time of the first post: since when silence means something; 0 before it."""
        return self._state.first_us

    @property
    def gaps(self) -> Sequence[Unseen]:
        """Spans in which a source or several were blind, sorted and disjoint."""
        return self._state.gaps

    def arrive(self, source: str, times_us: Sequence[int], not_after_us: int, networks: Sequence[str] = ()) -> Arrivals:
        """Move the watermark by a run of posts of one source, in order of arrival.

        Parameters
        ----------
        times_us
            Event times as the network gave them.
        not_after_us
            The latest believable event time: the wall clock when the posts were read, plus a margin.
        networks
            Where each was published; empty if that is not known.
        """
        state = self._state
        times = np.fromiter(times_us, np.int64, len(times_us))
        bad = (times < EARLIEST_US) | (times > not_after_us)
        high = state.highs.get(source, 0)
        running = np.maximum(np.maximum.accumulate(np.where(bad, 0, times)), high)
        times = np.where(bad, running, times)
        others = min((at for name, at in state.highs.items() if name != source), default=None)
        behind = running if others is None else np.minimum(running, others)
        watermarks = np.maximum(behind - self._lateness_us, state.watermark_us)
        is_late = (times // MINUTE_US + 1) * MINUTE_US <= watermarks
        if len(times) and running[-1] > 0:
            state.highs[source] = int(running[-1])
            state.watermark_us = int(watermarks[-1])
            earliest = int(times[~is_late & ~bad].min(initial=running[-1]))
            state.first_us = min(state.first_us, earliest) if state.first_us else earliest
            in_time = ~is_late & ~bad  # what came late was never learned, so nothing is missing without it
            self._count(source, running // DAY_US, in_time, networks)
        closing = watermarks - watermarks % MINUTE_US
        return Arrivals(times, is_late | (times <= 0), np.flatnonzero(bad).tolist(), running, closing)

    def hear(self, source: str, at_us: int) -> None:
        """Move the watermark by a heartbeat: the source has nothing older than `at_us` left to say."""
        state = self._state
        state.highs[source] = max(state.highs.get(source, 0), at_us)
        state.watermark_us = max(state.watermark_us, min(state.highs.values()) - self._lateness_us)

    def forget(self, source: str) -> None:
        """Forget a source that ended: it is not waited for, and none of what is usual is expected of it."""
        self._stop_waiting(source)
        self._state.heard.pop(source, None)

    def miss(self, absent: Mapping[str, int]) -> bool:
        """Say which sources are not waited for now, and until when each told its story; all others are heard.

        What such a source usually says is hidden from there on, until it is no longer missed: then up to the watermark,
        for what it tells of the minutes before it comes too late to count.

        Returns
        -------
        bool
            Whether that changed what is hidden.
        """
        state = self._state
        for source in absent:
            self._stop_waiting(source)
        if absent.keys() == state.away.keys():
            return False
        before = state.gaps
        for source in sorted(state.away.keys() - absent.keys()):
            since_us, share = state.away.pop(source)
            self._add_blind(since_us, min(self.closed_us, since_us + SHARE_DAYS * DAY_US), source, share)
        for source in sorted(absent.keys() - state.away.keys()):
            of_sources, _ = self._shares(self.event_time_us // DAY_US)
            state.away[source] = (absent[source], of_sources.get(source, 0.0))
        self._lay()
        return state.gaps != before

    def add_gap(self, name: str, start_us: int, end_us: int, told_by: str) -> None:
        """Remember that a source or network was blind during [start_us, end_us); its overlapping gaps merge.

        How much of the world that hid is its share of the posts that came before. A recording names sources that it
        holds only as networks; if it holds none of that name, all of what it tells may have been hidden. So may
        everything, if nothing is known of the one that tells.
        """
        of_sources, of_networks = self._shares(start_us // DAY_US)
        share = of_sources.get(name) or of_networks.get(name) or of_sources.get(told_by) or 1.0
        self._add_blind(start_us, end_us, name, share)
        self._lay()

    def _stop_waiting(self, source: str) -> None:
        if len(self._state.highs) > 1:
            self._state.highs.pop(source, None)

    def _shares(self, today: int) -> tuple[dict[str, float], dict[str, float]]:
        """Return what share of the posts of the last days each source told, and what share is of each network."""
        of_sources: Counter[str] = Counter()
        of_networks: Counter[str] = Counter()
        for source, carried in self._state.heard.items():
            for network, days in carried.items():
                posts = sum(count for day, count in days.items() if today - SHARE_DAYS <= day <= today)
                of_sources[source] += posts
                of_networks[network] += posts
        total = max(1, of_sources.total())
        return (
            {name: posts / total for name, posts in of_sources.items()},
            {name: posts / total for name, posts in of_networks.items()},
        )

    def _add_blind(self, start_us: int, end_us: int, source: str, share: float) -> None:
        if end_us <= start_us:
            return
        state = self._state
        kept = [span for span in state.blind if span[2] != source or span[1] < start_us or end_us < span[0]]
        for span in state.blind:
            if span not in kept:
                start_us, end_us, share = min(start_us, span[0]), max(end_us, span[1]), max(share, span[3])
        newest = max([end_us, *(span[1] for span in kept)])
        spans = [*kept, (start_us, end_us, source, share)]
        state.blind = sorted(span for span in spans if span[1] > newest - GAP_MEMORY_US)

    def _lay(self) -> None:
        state = self._state
        away = [(since, since + SHARE_DAYS * DAY_US, name, share) for name, (since, share) in state.away.items()]
        state.gaps = _laid_over(sorted([*state.blind, *away]))

    def _count(
        self, source: str, days: npt.NDArray[np.int64], counted: npt.NDArray[np.bool_], networks: Sequence[str]
    ) -> None:
        carried = self._state.heard.setdefault(source, {})
        found = sorted(set(networks)) or [""]
        for network in found:
            chosen = days[counted]
            if len(found) > 1:
                chosen = days[counted & np.fromiter((one == network for one in networks), np.bool_, len(networks))]
            name = network if network in carried or len(carried) < MOST_NETWORKS else ""
            counts = carried.setdefault(name, {})
            for day, count in zip(*map(np.ndarray.tolist, np.unique(chosen, return_counts=True)), strict=True):
                counts[day] = counts.get(day, 0) + count
            for day in sorted(counts)[: -SHARE_DAYS - 1]:
                del counts[day]

    def put(self, match: Match, heard_us: int | None = None) -> None:
        """Put a match into its minute, or one that came late into that which starts at `heard_us`."""
        minute = match.published_us - match.published_us % MINUTE_US if heard_us is None else heard_us
        self._open.setdefault(minute, {}).setdefault(match.topic, []).append(match)

    def close(self, hot: set[str], until_us: int | None = None) -> Iterator[tuple[int, str, list[Match]]]:
        """Close every minute that ended by the watermark (or by `until_us`), oldest first.

        Parameters
        ----------
        hot
            Topics for which empty minutes are yielded too. May change while iterating.

        Yields
        ------
        tuple
            (start of the minute, topic, its matches in canonical order: what came late, of before it, is first).
        """
        state = self._state
        until = state.watermark_us if until_us is None else until_us
        while True:
            start = state.closed_us if hot else min(self._open, default=until)
            if start + MINUTE_US > until:
                break
            by_topic = self._open.pop(start, {})
            for topic in sorted(by_topic.keys() | hot):
                yield start, topic, canonical(by_topic.get(topic, ()))
            state.closed_us = start + MINUTE_US
        state.closed_us = max(state.closed_us, until - until % MINUTE_US)

    def close_all(self, hot: set[str]) -> Iterator[tuple[int, str, list[Match]]]:
        """Close every minute that holds something: the recording is over and nothing more will come."""
        newest = max(self._open, default=self._state.closed_us)
        self._state.watermark_us = max(self._state.watermark_us, newest + MINUTE_US)
        yield from self.close(hot, newest + MINUTE_US)

    def snapshot(self) -> WindowsState:
        """Return the state, to be encoded at once."""
        return self._state

    def restore(self, state: WindowsState, open_matches: Iterable[tuple[int, Match]]) -> None:
        """Take back a state, and the matches of the minutes that were open then, each with the start of its minute."""
        self._state = state
        self._open = {}
        for minute, match in open_matches:
            self.put(match, minute)


def _laid_over(blind: Sequence[tuple[int, int, str, float]]) -> list[Unseen]:
    """Return the disjoint spans in which more was hidden than may be neglected, with how much."""
    edges = sorted({edge for start, end, _, _ in blind for edge in (start, end)})
    found: list[Unseen] = []
    first, active = 0, []
    for start, end in pairwise(edges):
        while first < len(blind) and blind[first][0] <= start:
            active.append(blind[first])
            first += 1
        active = [span for span in active if span[1] > start]
        share = min(1.0, sum({name: share for _, _, name, share in active}.values()))
        if share < NEGLIGIBLE:
            continue
        if found and found[-1].end_us == start and found[-1].share == share:
            found[-1] = Unseen(found[-1].start_us, end, share)
        else:
            found.append(Unseen(start, end, share))
    return found


def canonical(matches: Iterable[Match]) -> list[Match]:
    """Return a minute's matches of one topic in the order in which everything downstream sees them."""
    return sorted(matches, key=lambda match: (match.published_us, match.key))
