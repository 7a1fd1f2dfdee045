"""The journey of a post on one page: step, finish, snapshot, restore. Pure: no I/O, no clock, no thread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from monitor.alerts import Alert, alert_of
from monitor.anomalies.family import detectors
from monitor.approval import Approvals, ApprovalsState
from monitor.cascades import Cascade
from monitor.clock import MINUTE_US
from monitor.incidents import Incident, TimelineEntry
from monitor.mentions import Deduplicator, Deletion, Gap, Heartbeat, Item, Like, Mention, author_key, mention_key
from monitor.recognition import Recogniser, Root
from monitor.tone import Correction
from monitor.topic_state import Judged, TopicState
from monitor.topics import Match, Topic
from monitor.windows import EARLIEST_US, Arrivals, Windows, WindowsState, canonical

__all__ = ["SAVED_EVERY_US", "Judged", "Kept", "Outcome", "Pipeline", "TopicSnapshot"]

SAVED_EVERY_US: Final = 10 * MINUTE_US
"""How much event time may pass before a topic's state is saved again."""

TopicSnapshot = tuple[int, bytes]
"""A topic's state, and the start of the first minute that is not part of it."""


class Kept(msgspec.Struct, frozen=True, gc=False):
    """A matched mention to store. `is_late`: it came behind the watermark; `heard_us`: what minute heard it late."""

    match: Match
    mention: Mention
    is_late: bool
    heard_us: int | None = None


@dataclass(slots=True)
class Outcome:
    """Everything one batch changed; committed in one transaction or not at all.

    Attributes
    ----------
    counts
        Increments by name: ``read``, ``malformed``, ``ignored`` (likes included) and ``derived_ids``, ``duplicates``,
        ``posts`` (first sights), ``reposts`` (of those), ``late`` and ``misdated`` (of those), ``matched`` (posts on at
        least one topic), ``mentions`` (post-topic pairs), ``deletions``, ``gaps``, ``heartbeats``.
    kept
        Matched mentions to store, late ones included.
    judged
        Minutes closed in which something was published, in order of (start, topic).
    cascades
        Latest state of each cascade that changed.
    incidents
        Latest version of each incident that changed, by id.
    timeline, alerts
        New entries, in order.
    deletions, erased_authors
        To be honoured by the store; pseudonyms of the authors whose everything goes.
    first_seen
        Keys of items seen for the first time, in order.
    """

    counts: Counter[str] = field(default_factory=Counter)
    kept: list[Kept] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)
    cascades: list[Cascade] = field(default_factory=list)
    incidents: dict[str, Incident] = field(default_factory=dict)
    timeline: list[TimelineEntry] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    deletions: list[Deletion] = field(default_factory=list)
    erased_authors: list[int] = field(default_factory=list)
    first_seen: list[int] = field(default_factory=list)

    def add(self, later: Outcome) -> None:
        """Append what a later step changed."""
        self.counts.update(later.counts)
        self.kept += later.kept
        self.judged += later.judged
        self.cascades += later.cascades
        self.incidents.update(later.incidents)
        self.timeline += later.timeline
        self.alerts += later.alerts
        self.deletions += later.deletions
        self.erased_authors += later.erased_authors
        self.first_seen += later.first_seen


class PipelineState(msgspec.Struct):
    """What belongs to no topic; `unheard` says since when topics without any mention so far are watched."""

    windows: WindowsState
    unheard: dict[str, int]
    approvals: ApprovalsState


class Pipeline:
    """Turns items into matches, signals, anomalies, incidents and alerts.

    Parameters
    ----------
    topics
        What to listen for; ids are unique.
    author_secret
        Key of the authors' pseudonyms, at most 64 bytes.
    lateness_us
        How far behind the newest post of its source a post may come and still be judged in its minute.
    """

    def __init__(self, topics: Sequence[Topic], author_secret: bytes, lateness_us: int = MINUTE_US) -> None:
        self._topics = {topic.id: topic for topic in topics}
        self._secret = author_secret
        self._deduplicator = Deduplicator()
        self._recogniser = Recogniser(topics, author_secret)
        self._windows = Windows(lateness_us)
        self._approvals = Approvals()
        self._states: dict[str, TopicState] = {}
        self._saved: dict[str, int] = {}  # topic -> up to which minute its stored state goes
        self._unsaved: set[str] = set()
        self._saves_all = False
        self._hot: set[str] = set()
        self._unheard = dict.fromkeys(self._topics, 0)  # 0: since the stream begins

    @property
    def watermark_us(self) -> int:
        """Event time up to which everything is believed to have arrived; 0 before the first post."""
        return self._windows.watermark_us

    @property
    def event_time_us(self) -> int:
        """The newest event time seen; 0 before the first post."""
        return self._windows.event_time_us

    def step(self, source: str, items: Iterable[Item], not_after_us: int) -> Outcome:
        """Take in what a source yielded, in order of arrival.

        Parameters
        ----------
        not_after_us
            The latest believable event time: the wall clock when the items were read, plus a margin. Later posts are
            counted at the stream's current time.
        """
        outcome = Outcome()
        run: list[Mention] = []
        likes, own_names = 0, self._recogniser.own_names
        for item in items:
            if isinstance(item, Mention):
                run.append(item)
            elif isinstance(item, Like):
                likes += 1
                if EARLIEST_US <= item.at_us <= not_after_us:
                    self._approvals.hear(item.at_us)
                    # Most likes are of others' posts: they must not cut the run.
                    if item.author_id.casefold() in own_names:
                        self._take(source, run, not_after_us, outcome)
                        run = []
                        self._like(item)
            else:
                self._take(source, run, not_after_us, outcome)
                run = []
                self._hear(source, item, not_after_us, outcome)
        self._take(source, run, not_after_us, outcome)
        if likes:
            outcome.counts["ignored"] += likes  # they are no posts
        self._close(self._windows.close(self._hot), outcome)
        return outcome

    def heed(self, corrections: Sequence[Correction]) -> None:
        """Learn from what people said of the tone of posts; it counts for what is taken in from now on."""
        self._recogniser.heed(corrections)

    def unlearn(self) -> None:
        """Forget what people taught about tone."""
        self._recogniser.unlearn()

    def forget(self, source: str) -> None:
        """Forget a source that ended: nothing more is expected of it."""
        self._windows.forget(source)

    def miss(self, absent: Mapping[str, int]) -> None:
        """Say which sources are not waited for now, and until when each told its story; all others are heard.

        What they usually say is hidden meanwhile: minutes closed without them teach nothing.
        """
        if self._windows.miss(absent):
            self._saves_all = True  # minutes closed before were judged without knowing
            self._approvals.be_blind(self._windows.closed_us)

    def finish(self) -> Outcome:
        """Close every open minute: the recording is over."""
        outcome = Outcome()
        self._saves_all = True
        self._close(self._windows.close_all(self._hot), outcome)
        return outcome

    def _take(self, source: str, mentions: list[Mention], not_after_us: int, outcome: Outcome) -> None:
        if not mentions:
            return
        times, networks = [mention.published_us for mention in mentions], [mention.network for mention in mentions]
        arrivals = self._windows.arrive(source, times, not_after_us, networks)
        for position in arrivals.misdated:
            clamped = int(arrivals.times[position])
            mentions[position] = msgspec.structs.replace(mentions[position], published_us=clamped)
        keys = [mention_key(mention.network, mention.id) for mention in mentions]
        sights = self._deduplicator.first_sights(keys)
        new = [position for position, is_new in enumerate(sights) if is_new]
        counts = outcome.counts
        counts["duplicates"] += len(mentions) - len(new)
        counts["posts"] += len(new)
        counts["misdated"] += sum(sights[position] for position in arrivals.misdated)
        late, heard = arrivals.is_late.tolist(), arrivals.heard()
        counts["late"] += int(arrivals.is_late[new].sum())
        fresh, fresh_keys = mentions, keys
        if len(new) < len(mentions):
            fresh, fresh_keys = [mentions[position] for position in new], [keys[position] for position in new]
        counts["reposts"] += [mention.kind for mention in fresh].count("repost")
        outcome.first_seen += fresh_keys
        matches = self._recogniser.recognise(fresh, fresh_keys)
        counts["matched"] += len({index for index, _ in matches})
        counts["mentions"] += len(matches)
        for index, match in matches:
            is_late, heard_us = late[new[index]], heard[new[index]]
            outcome.kept.append(Kept(match, fresh[index], is_late, heard_us))
            if not is_late or heard_us is not None:
                self._windows.put(match, heard_us)
            if not is_late and fresh[index].parent_engagement is not None:
                self._note_parent(match, fresh[index])
        if len(new) < len(mentions):
            self._note_again([position for position, is_new in enumerate(sights) if not is_new], mentions, arrivals)

    def _note_parent(self, match: Match, mention: Mention) -> None:
        """Note what the network counted of a post of the brand's own, as one that answers or passes it on tells."""
        counted, parent = mention.parent_engagement, match.parent
        own = self._recogniser.own_topics(mention.network, mention.parent_author_handle, mention.parent_author_id)
        if counted is not None and parent is not None and match.topic in own:
            self._approvals.count(match.topic, parent, match.published_us, counted)

    def _note_again(self, positions: Sequence[int], mentions: Sequence[Mention], arrivals: Arrivals) -> None:
        """Note what copies of posts of the brand's own that came again say of their likes."""
        for position in positions:
            mention = mentions[position]
            if mention.engagement is None or mention.kind == "repost":
                continue
            for topic in self._recogniser.own_topics(mention.network, mention.author.handle, mention.author.id):
                key, at_us = mention_key(mention.network, mention.id), int(arrivals.reached[position])
                self._approvals.count_again(topic, key, at_us, mention.engagement)

    def _like(self, like: Like) -> None:
        """Count a like of a post of the brand's own, unless its minute was closed before it came."""
        if like.at_us - like.at_us % MINUTE_US + MINUTE_US <= self._windows.watermark_us:
            return
        person = author_key(self._secret, like.network, like.by)
        for topic in self._recogniser.own_topics(like.network, like.author_id):
            self._approvals.like(topic, mention_key(like.network, like.id), like.at_us, person)

    def _hear(self, source: str, item: Deletion | Heartbeat | Gap, not_after_us: int, outcome: Outcome) -> None:
        """Take a notice, whatever source it names: only whoever speaks can be waited for.

        One dated in the future is counted and not believed: all that follows it would be late, or in a gap.
        """
        match item:
            case Heartbeat():
                outcome.counts["heartbeats"] += 1
                if item.at_us <= not_after_us:
                    self._windows.hear(source, item.at_us)
            case Gap():
                outcome.counts["gaps"] += 1
                if item.start_us < item.end_us <= not_after_us:
                    self._saves_all = True  # minutes closed before we knew of the gap were judged without it
                    self._windows.add_gap(item.source, item.start_us, item.end_us, source)
                    self._approvals.be_blind(item.end_us)
            case Deletion():
                outcome.counts["deletions"] += 1
                outcome.deletions.append(item)
                if item.id is None and item.author_id is not None:
                    outcome.erased_authors.append(author_key(self._secret, item.network, item.author_id))

    def _close(self, closing: Iterable[tuple[int, str, list[Match]]], outcome: Outcome) -> None:
        gaps = self._windows.gaps
        for start_us, topic_id, matches in closing:
            state = self._state_of(topic_id)
            approvals = self._approvals.between(topic_id, state.next_us, start_us + MINUTE_US)
            closed = state.close(start_us, matches, gaps, approvals)
            self._unsaved.add(topic_id)
            if closed.judged is not None:
                outcome.judged.append(closed.judged)
            outcome.cascades += closed.cascades
            if closed.change is not None:
                outcome.incidents[closed.change.incident.id] = closed.change.incident
                outcome.timeline += closed.change.entries
                if closed.change.announce:
                    outcome.alerts.append(alert_of(self._topics[topic_id], closed.change.incident))
            if state.is_hot:
                self._hot.add(topic_id)
            else:
                self._hot.discard(topic_id)

    def _state_of(self, topic_id: str) -> TopicState:
        state = self._states.get(topic_id)
        if state is None:
            state = self._states[topic_id] = TopicState(self._topics[topic_id], detectors)
            since_us = self._unheard.pop(topic_id, 0) or self._windows.first_us
            state.watch_since(since_us - since_us % MINUTE_US)
        return state

    def _play_again(self, topic_id: str, minutes: Mapping[int, list[Match]], closed_us: int) -> None:
        """Bring a restored topic to the minute where the last commit left it; what comes of it is stored already."""
        state = self._states[topic_id]
        waiting = sorted(minutes)
        while waiting or (state.is_hot and state.next_us < closed_us):
            start_us = state.next_us if state.is_hot else waiting[0]
            if waiting and waiting[0] == start_us:
                del waiting[0]
            approvals = self._approvals.between(topic_id, state.next_us, start_us + MINUTE_US)
            state.close(start_us, canonical(minutes.get(start_us, ())), self._windows.gaps, approvals)
            self._unsaved.add(topic_id)

    def snapshot(self) -> bytes:
        """Return what belongs to no topic, as msgpack."""
        return msgspec.msgpack.encode(
            PipelineState(self._windows.snapshot(), self._unheard, self._approvals.snapshot())
        )

    def topic_states(self) -> dict[str, TopicSnapshot]:
        """Return the topics' states that are due to be saved.

        A state weighs up to some hundred kilobytes, and a busy topic changes with every batch. So it is saved once in
        :data:`SAVED_EVERY_US`, and a restart plays the minutes since then again from the stored mentions.
        """
        due = {
            topic_id
            for topic_id in self._unsaved
            if self._saves_all
            or topic_id not in self._saved
            or self._states[topic_id].next_us - self._saved[topic_id] >= SAVED_EVERY_US
        }
        self._saves_all = False
        self._unsaved -= due
        self._saved |= {topic_id: self._states[topic_id].next_us for topic_id in due}
        for topic_id in due:
            self._approvals.forget(topic_id, self._saved[topic_id])
        return {topic_id: (self._saved[topic_id], self._states[topic_id].snapshot()) for topic_id in sorted(due)}

    def restore(
        self,
        state: bytes,
        topic_states: Mapping[str, TopicSnapshot],
        matches: Sequence[Match],
        roots: Mapping[int, Root],
        seen: Sequence[int],
        late: Sequence[tuple[int, Match]] = (),
    ) -> None:
        """Go on from what :meth:`snapshot`, :meth:`topic_states` and the stored mentions say.

        Topics no longer watched are left alone; new ones begin to learn now.

        Parameters
        ----------
        matches
            Those that came in time and are not part of their topic's saved state, ordered by time.
        late
            Those that came late, by the start of the minute that heard them, and are not part of it either.
        """
        saved_state = msgspec.msgpack.decode(state, type=PipelineState)
        closed_us = saved_state.windows.closed_us
        heard = [*late, *[(match.published_us - match.published_us % MINUTE_US, match) for match in matches]]
        known = [(minute, match) for minute, match in heard if match.topic in self._topics]
        self._windows.restore(saved_state.windows, [one for one in known if one[0] >= closed_us])
        self._approvals.restore(saved_state.approvals)
        self._recogniser.restore(
            {
                key: (reading, kept)
                for key, (reading, about) in roots.items()
                if (kept := tuple([entry for entry in about if entry[0] in self._topics]))
            }
        )
        self._deduplicator.first_sights(seen)
        closed: dict[str, dict[int, list[Match]]] = {}
        for minute, match in known:
            if minute < closed_us:
                closed.setdefault(match.topic, {}).setdefault(minute, []).append(match)
        for topic_id, (next_us, saved) in topic_states.items():
            if topic_id in self._topics:
                self._state_of(topic_id).restore(saved)
                self._saved[topic_id] = next_us
                self._play_again(topic_id, closed.get(topic_id, {}), closed_us)
        new = self._windows.event_time_us  # a topic added since the last run is watched from now on
        self._unheard = {
            topic_id: saved_state.unheard.get(topic_id, new)
            for topic_id in self._topics
            if topic_id not in topic_states
        }
        self._hot = {topic_id for topic_id, topic_state in self._states.items() if topic_state.is_hot}
