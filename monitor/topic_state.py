"""State belongs to a topic: everything we remember about one topic, as a value that can be saved and moved.

Nothing here is shared between topics, so the same code runs on one machine or keyed by topic on a stream engine.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Final, Protocol, cast, runtime_checkable

import msgspec

from monitor.anomalies import Detector, Verdict
from monitor.anomalies.agreement import Agreement
from monitor.anomalies.made_mentions import MadeMentions
from monitor.anomalies.moved_baseline import MovedBaseline
from monitor.anomalies.voices import Voices
from monitor.approval import Approval
from monitor.cascades import Cascade
from monitor.cascades.tracker import CascadeTracker
from monitor.clock import DAY_US, MINUTE_US
from monitor.crowds.coordination import Cleaned, Coordination
from monitor.crowds.neighbourhood import Neighbourhood
from monitor.incidents.authenticity import Crowd
from monitor.incidents.context import Beside
from monitor.incidents.lower_bound import Bounds
from monitor.incidents.tracker import Change, IncidentTracker, TrackerState
from monitor.signals import Signal
from monitor.signals.family import measure_late, measure_minute
from monitor.topics import Match, Topic

__all__ = ["Closed", "Judged", "TopicState", "VolumeDetector"]

FASTEST_CASCADES: Final = 3

NOTABLE: Final = 1e-3
"""Cascades are looked at when a verdict is at least this unlikely: even a watch an hour opens no incident above it."""


DIM: Final = 0.25
"""While less than this share of the usual posts is hidden, less is expected of the rest, with more doubt.

While more is, that doubt would have to be so great that judging by all that is usual, of which what can be seen is a
part whatever the rest may be, sees more: with 50 expected and a scatter of 0.05, a chance of one in a million needs 136
mentions then, and 150, 189 or 352 by what is left of it and doubt, of which 20, 30 or 49 % are hidden.
"""

BLIND: Final = 0.5
"""When at least this share of the usual posts is hidden, those that are left are by others than usual."""

MINUTES_A_DAY: Final = 1440


@runtime_checkable
class Dims(Protocol):
    """What a detector can do besides to which silence means something."""

    def dim(self, start_us: int, end_us: int, hidden: float) -> None:
        """Account for [start_us, end_us) as empty of what could be seen, a share (0 to 1) being hidden."""
        ...

    def take_back(self, hidden_us: float) -> None:
        """Take back so much time that was learned as silence and turns out not to have been seen."""
        ...


class CountsMentions(Protocol):
    """What a detector can do besides that knows how many mentions to expect."""

    def rebase(self, per_minute: float) -> None:
        """Take a new usual level at once, in mentions a minute at an average hour."""
        ...

    def recount(self, start_us: int, change: int) -> None:
        """Count `change` mentions more in a minute of the last hour: some turned out to be made, or real after all."""
        ...


class VolumeDetector(Detector, Protocol):
    """The detector that comes first: the one that knows how many mentions to expect."""

    def minute_band(self, start_us: int) -> tuple[float, float, float]:
        """Return (expected, lower, upper) mentions of one minute; the bounds are the central 95 %."""
        ...

    def with_more(self, more: Callable[[int], int]) -> float:
        """Return the p-value of the minute last judged, had each window of so many minutes held so many more."""
        ...


class Judged(msgspec.Struct, frozen=True):
    """A closed minute with what every detector said of it; one that only heard what came late holds no mentions.

    Attributes
    ----------
    expected, lower, upper
        Mentions expected in this very minute, with the central 95 % interval; it starts at none while much is hidden.
    verdicts
        One per detector that was asked, the count model first, and their agreement if there is one; in a gap only those
        that can judge what is left to be seen.
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
    """What closing a minute brought to light. `judged` is ``None`` where nobody was heard, nothing revised."""

    judged: Judged | None
    cascades: list[Cascade]
    change: Change | None


class SavedState(msgspec.Struct):
    """A topic's state as stored."""

    last_us: int
    detectors: dict[str, bytes]
    cascades: bytes
    neighbourhood: bytes
    coordination: bytes
    incident: TrackerState
    hidden_us: float = 0.0
    unlearned: list[tuple[int, int]] = []


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
        # isinstance() of a protocol takes 60 microseconds, and there are many topics.
        self._counting = [cast("CountsMentions", one) for one in self._detectors if hasattr(one, "recount")]
        self._dimming = [one for one in self._detectors if isinstance(one, Dims)]
        self._agreement = Agreement()
        self._learners = (*self._detectors, self._agreement)
        self._cascades = CascadeTracker(topic.id)
        self._neighbourhood = Neighbourhood()
        self._coordination = Coordination()
        self._incident = IncidentTracker(topic, [one.name for one in self._learners])
        self._last_us = 0
        self._hidden_us = 0.0  # how much of what was learned of the day before was known to be hidden when closed
        self._unlearned: list[tuple[int, int]] = []  # the spans of that day in which the normal stood still

    @property
    def is_hot(self) -> bool:
        """Whether every minute must be closed, the empty ones too: an incident is open, or the normal stands still."""
        return self._incident.is_open or self._incident.freezes_baseline(self._last_us)

    @property
    def next_us(self) -> int:
        """Start of the first minute not yet closed; 0 before the first."""
        return self._last_us

    def watch_since(self, since_us: int) -> None:
        """Say since when we have been listening: from then on, silence is silence."""
        for learner in self._learners:
            learner.skip(since_us, since_us)
        self._last_us = since_us

    def close(
        self,
        start_us: int,
        matches: Sequence[Match],
        gaps: Sequence[tuple[int, int, float]],
        approvals: Sequence[tuple[int, Approval]] = (),
    ) -> Closed:
        """Close the minute that starts at `start_us`.

        Parameters
        ----------
        start_us
            Greater than that of every call before. Minutes left out in between were empty.
        matches
            In canonical order (published_us, key), possibly none. Those published before the minute came late: they
            are heard for what does not depend on speed, each at its own time.
        gaps
            Spans (start_us, end_us, share of the usual posts that could not be seen), sorted and disjoint, at least
            those that touch the time since the last call or the day before it.
        approvals
            What became known since the last call, by the end of the minute, of the likes of the brand's own posts: key
            of the post, and what of it; in order of time.
        """
        end_us = start_us + MINUTE_US
        hidden = self._pass_gaps(start_us, gaps)
        late = [match for match in matches if match.published_us < start_us]
        matches = matches[len(late) :]
        cleaned = self._coordination.clean(start_us, matches)
        for at_us, more in cleaned.recounts:
            for counting in self._counting:
                counting.recount(at_us, more)
        kept = cleaned.kept
        if kept:
            self._neighbourhood.add(kept)
        signal = self._measure(start_us, cleaned, late)
        judged: Judged | None = None
        verdicts = self._judge(signal, kept, hidden)
        made = next((verdict for verdict in verdicts if verdict.detector == MadeMentions.name), None)
        others = [verdict for verdict in verdicts if verdict is not made]  # only these can wake anybody
        if matches or signal.late or signal.revised:
            judged = Judged(signal, *self._band(start_us, hidden), verdicts)
        cascades = self._cascades.add(matches) if matches else []
        growing: Sequence[Cascade] = ()
        is_notable = self._incident.is_open or any(verdict.p_value <= NOTABLE for verdict in others)
        if is_notable:
            growing = self._cascades.growing(end_us, FASTEST_CASCADES)
        crowd: Crowd | None = None
        if is_notable or self._coordination.aside_within_hour:
            growing = [cascade for cascade in growing if not self._coordination.is_aside(cascade.root)]
            crowd = self._crowd(cleaned, made)
        beside = Beside(approvals, cleaned.copies, self._cascades.first_words, late)
        change = self._incident.close_minute(start_us, kept, others, growing, crowd, beside)
        self._learn(signal, kept, is_whole=not hidden)
        self._last_us, self._hidden_us = end_us, _hidden_us(gaps, self._unlearned, end_us)
        return Closed(judged, cascades, change)

    def _measure(self, start_us: int, cleaned: Cleaned, late: Sequence[Match]) -> Signal:
        signal = measure_minute(self._topic, start_us, cleaned.kept, self._neighbourhood)
        if cleaned.recounts:
            revised = sum([abs(change) for _, change in cleaned.recounts])
            signal = msgspec.structs.replace(signal, revised=revised)
        if cleaned.kept or self._coordination.aside_within_hour:
            found = self._coordination.authenticity()
            signal = msgspec.structs.replace(
                signal, set_aside=len(cleaned.aside), made_within_hour=found.evident, authenticity=found.verdict
            )
        return msgspec.structs.replace(signal, late=measure_late(late, self._neighbourhood)) if late else signal

    def _band(self, start_us: int, hidden: float) -> tuple[float, float, float]:
        """Return (expected, lower, upper) mentions of a minute; while much is hidden, none may be normal."""
        expected, lower, upper = self._detectors[0].minute_band(start_us)
        return expected, lower if hidden < DIM else 0.0, upper

    def _crowd(self, cleaned: Cleaned, made: Verdict | None) -> Crowd:
        """Say who spoke in the minute being closed."""
        coordination = self._coordination
        others = sum([not match.is_own for match in cleaned.kept]) + len(cleaned.aside)
        bounds = Bounds(coordination.allowance(), coordination.kept_within, self._detectors[0].with_more)
        return Crowd(
            coordination.authenticity(),
            others,
            cleaned.aside,
            cleaned.recounts,
            made,
            coordination.aside_within,
            bounds,
        )

    def _verdicts(self, signal: Signal, matches: Sequence[Match], hidden: float) -> list[Verdict]:
        """Ask the detectors that have something to say: of an empty minute only those that count mentions.

        While a source is blind, of these only those that know what it is to be. While most is hidden, others speak
        than usual, where we still see: what they are like says something only once they are too many.
        """
        is_heard = bool(matches)
        if not hidden:
            return [one.score(signal) for one in self._detectors if one.judges_silence or _asks(one, signal, is_heard)]
        seen = msgspec.structs.replace(signal, hidden=hidden) if hidden < DIM else signal
        verdicts = [one.score(seen) for one in self._dimming]
        is_heard = is_heard and (
            hidden < BLIND or self._incident.is_open or any(verdict.p_value <= NOTABLE for verdict in verdicts)
        )
        others = [one for one in self._detectors if not one.judges_silence and _asks(one, signal, is_heard)]
        return verdicts + [one.score(seen) for one in others]

    def _take_back(self, gaps: Sequence[tuple[int, int, float]]) -> None:
        """Take back what was learned as silence before anybody knew that a source was blind."""
        more_us = _hidden_us(gaps, self._unlearned, self._last_us) - self._hidden_us
        if more_us > 0.0:
            for one in self._dimming:
                one.take_back(more_us)

    def _pass_gaps(self, start_us: int, gaps: Sequence[tuple[int, int, float]]) -> float:
        """Tell the detectors about gaps since the last call; return the share of this minute that was hidden.

        The posts that did come count, against an expectation that is smaller and more doubtful; against all that is
        usual when much of it was hidden. What did not come teaches nothing.
        """
        self._take_back(gaps)
        hidden = 0.0
        for gap_start, gap_end, share in gaps[bisect_right(gaps, self._last_us, key=_end_of) :]:
            since, until = max(gap_start, self._last_us), min(gap_end, start_us)
            if since < until:
                for learner in self._learners:
                    if isinstance(learner, Dims):
                        learner.dim(since, until, share if share < DIM else 0.0)
                    else:
                        learner.skip(since, until)
            if gap_start < start_us + MINUTE_US and gap_end > start_us:
                hidden = max(hidden, share)
        return hidden

    def _judge(self, signal: Signal, kept: Sequence[Match], hidden: float) -> tuple[Verdict, ...]:
        """Ask every detector, and what they say together; tell those of velocity when the usual level has moved."""
        verdicts = tuple(self._verdicts(signal, kept, hidden))
        for verdict in verdicts:
            if verdict.detector == MovedBaseline.name and verdict.factors["is_move"]:
                for detector in self._counting:
                    detector.rebase(verdict.factors["to_per_day"] / MINUTES_A_DAY)
        together = self._agreement.weigh(signal, verdicts)
        return verdicts if together is None else (*verdicts, together)

    def _learn(self, signal: Signal, kept: Sequence[Match], *, is_whole: bool) -> None:
        frozen = not is_whole or self._incident.freezes_baseline(signal.start_us)
        in_crisis = self._incident.freezing.is_crisis(signal.start_us)
        for learner in self._learners:
            if in_crisis and isinstance(learner, MovedBaseline):
                learner.overlook(signal.start_us, signal.end_us)
            elif frozen:
                learner.skip(signal.start_us, signal.end_us)
            else:
                learner.learn(signal)
        if not frozen:
            self._coordination.learn(signal.start_us, kept)
        elif is_whole:
            self._note_unlearned(signal)

    def _note_unlearned(self, signal: Signal) -> None:
        spans = self._unlearned
        if spans and spans[-1][1] == signal.start_us:
            spans[-1] = (spans[-1][0], signal.end_us)
        else:
            spans.append((signal.start_us, signal.end_us))
        del spans[: bisect_right(spans, signal.end_us - DAY_US, key=_end_of)]

    def snapshot(self) -> bytes:
        """Return the whole state as msgpack."""
        saved = SavedState(
            self._last_us,
            {learner.name: learner.snapshot() for learner in self._learners},
            self._cascades.snapshot(),
            self._neighbourhood.snapshot(),
            self._coordination.snapshot(),
            self._incident.snapshot(),
            self._hidden_us,
            self._unlearned,
        )
        return _encoder.encode(saved)

    def restore(self, state: bytes) -> None:
        """Take back a state that :meth:`snapshot` returned.

        A detector the saved state does not know starts afresh: adding one does not cost the others their memory.
        """
        saved = _decoder.decode(state)
        self._last_us = saved.last_us
        self._hidden_us, self._unlearned = saved.hidden_us, saved.unlearned
        for learner in self._learners:
            if learner.name in saved.detectors:
                learner.restore(saved.detectors[learner.name])
        self._cascades.restore(saved.cascades)
        self._neighbourhood.restore(saved.neighbourhood)
        self._coordination.restore(saved.coordination)
        self._incident.restore(saved.incident)


def _asks(detector: Detector, signal: Signal, is_heard: bool) -> bool:
    """Tell whether a minute says something to a detector; to some even one of which nothing is left to be measured."""
    if isinstance(detector, MadeMentions):
        return signal.made_within_hour > 0
    return is_heard or (bool(signal.late) and isinstance(detector, Voices))


def _hidden_us(gaps: Sequence[tuple[int, int, float]], unlearned: Sequence[tuple[int, int]], until_us: int) -> float:
    """Return how much of what was learned of the day before an instant was hidden, all of a minute counting as one."""
    hidden_us = 0.0
    for gap_start, gap_end, share in gaps[bisect_right(gaps, until_us - DAY_US, key=_end_of) :]:
        first_us, end_us = max(gap_start, until_us - DAY_US), min(gap_end, until_us)
        not_us = sum([max(0, min(end_us, until) - max(first_us, since)) for since, until in unlearned])
        hidden_us += share * (max(0, end_us - first_us) - not_us)
    return hidden_us


def _end_of(span: tuple[int, int] | tuple[int, int, float]) -> int:
    return span[1]
