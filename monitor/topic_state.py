"""State belongs to a topic: everything we remember about one topic, as a value that can be saved and moved.

Nothing here is shared between topics, so the same code runs on one machine or keyed by topic on a stream engine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Protocol

import msgspec

from monitor.anomalies import Detector, Verdict
from monitor.cascades import Cascade
from monitor.cascades.tracker import CascadeTracker
from monitor.clock import MINUTE_US
from monitor.incidents.tracker import Change, IncidentTracker, TrackerState
from monitor.signals import Signal
from monitor.signals.family import measure_minute
from monitor.topics import Match, Topic

__all__ = ["Closed", "Judged", "TopicState", "VolumeDetector"]

FASTEST_CASCADES: Final = 3

NOTABLE: Final = 0.05
"""Cascades are looked at when a verdict is at least this unlikely; no alarm budget opens an incident above it."""


class VolumeDetector(Detector, Protocol):
    """The detector that comes first: the one that knows how many mentions to expect."""

    def minute_band(self, start_us: int) -> tuple[float, float, float]:
        """Return (expected, lower, upper) mentions of one minute; the bounds are the central 95 %."""
        ...


class Judged(msgspec.Struct, frozen=True):
    """A closed minute with what every detector said of it.

    Attributes
    ----------
    expected, lower, upper
        Mentions expected in this very minute, with the central 95 % interval.
    verdicts
        One per detector, the count model first; empty when the minute lies in a gap.
    """

    signal: Signal
    expected: float
    lower: float
    upper: float
    verdicts: tuple[Verdict, ...]

    @property
    def score(self) -> float:
        """The highest score of all detectors, 0 to 1."""
        return max((verdict.score for verdict in self.verdicts), default=0.0)


class Closed(msgspec.Struct, frozen=True):
    """What closing a minute brought to light. `judged` is ``None`` for an empty minute."""

    judged: Judged | None
    cascades: list[Cascade]
    change: Change | None


class SavedState(msgspec.Struct):
    """A topic's state as stored."""

    last_us: int
    detectors: dict[str, bytes]
    cascades: bytes
    incident: TrackerState


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(SavedState)


class TopicState:
    """Measures, judges and collects one topic, minute by minute.

    Parameters
    ----------
    detectors
        Makes fresh detectors, the one that knows the expected volume first.
    """

    def __init__(
        self, topic: Topic, detectors: Callable[[Topic], tuple[VolumeDetector, *tuple[Detector, ...]]]
    ) -> None:
        self._topic = topic.id
        self._detectors = detectors(topic)
        self._cascades = CascadeTracker(topic.id)
        self._incident = IncidentTracker(topic, len(self._detectors))
        self._last_us = 0

    @property
    def is_hot(self) -> bool:
        """Whether every minute must be closed, the empty ones too: an incident is open."""
        return self._incident.is_open

    @property
    def next_us(self) -> int:
        """Start of the first minute not yet closed; 0 before the first."""
        return self._last_us

    def watch_since(self, since_us: int) -> None:
        """Say since when we have been listening: from then on, silence is silence."""
        for detector in self._detectors:
            detector.skip(since_us, since_us)
        self._last_us = since_us

    def close(self, start_us: int, matches: Sequence[Match], gaps: Sequence[tuple[int, int]]) -> Closed:
        """Close the minute that starts at `start_us`.

        Parameters
        ----------
        start_us
            Greater than that of every call before. Minutes left out in between were empty.
        matches
            In canonical order (published_us, key), possibly none.
        gaps
            Spans [start_us, end_us) we could not see, sorted, at least those that touch the time since the last call.
        """
        end_us = start_us + MINUTE_US
        is_blind = self._skip_gaps(start_us, gaps)
        signal = measure_minute(self._topic, start_us, matches)
        judged: Judged | None = None
        verdicts: tuple[Verdict, ...] = ()
        if not is_blind:
            verdicts = tuple([detector.score(signal) for detector in self._judges(matches)])
        if matches:
            judged = Judged(signal, *self._detectors[0].minute_band(start_us), verdicts)
        cascades = self._cascades.add(matches) if matches else []
        growing: Sequence[Cascade] = ()
        if self._incident.is_open or any(verdict.p_value <= NOTABLE for verdict in verdicts):
            growing = self._cascades.growing(end_us, FASTEST_CASCADES)
        change = self._incident.close_minute(start_us, matches, verdicts, growing)
        self._learn(signal, is_blind=is_blind)
        self._last_us = end_us
        return Closed(judged, cascades, change)

    def _judges(self, matches: Sequence[Match]) -> Sequence[Detector]:
        """Return the detectors that have something to say: of an empty minute only those that count mentions."""
        return self._detectors if matches else [one for one in self._detectors if one.judges_silence]

    def _skip_gaps(self, start_us: int, gaps: Sequence[tuple[int, int]]) -> bool:
        """Tell the detectors about gaps since the last call; return whether this minute lies in one."""
        is_blind = False
        for gap_start, gap_end in gaps:
            since, until = max(gap_start, self._last_us), min(gap_end, start_us)
            if since < until:
                for detector in self._detectors:
                    detector.skip(since, until)
            is_blind = is_blind or (gap_start < start_us + MINUTE_US and gap_end > start_us)
        return is_blind

    def _learn(self, signal: Signal, *, is_blind: bool) -> None:
        frozen = is_blind or self._incident.freezes_baseline(signal.start_us)
        for detector in self._detectors:
            if frozen:
                detector.skip(signal.start_us, signal.end_us)
            else:
                detector.learn(signal)

    def snapshot(self) -> bytes:
        """Return the whole state as msgpack."""
        saved = SavedState(
            self._last_us,
            {detector.name: detector.snapshot() for detector in self._detectors},
            self._cascades.snapshot(),
            self._incident.snapshot(),
        )
        return _encoder.encode(saved)

    def restore(self, state: bytes) -> None:
        """Take back a state that :meth:`snapshot` returned.

        A detector the saved state does not know starts afresh: adding one does not cost the others their memory.
        """
        saved = _decoder.decode(state)
        self._last_us = saved.last_us
        for detector in self._detectors:
            if detector.name in saved.detectors:
                detector.restore(saved.detectors[detector.name])
        self._cascades.restore(saved.cascades)
        self._incident.restore(saved.incident)
