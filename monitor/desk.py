"""What people do: to an incident, onto the same timeline as what the system saw; to the tone of posts."""

from __future__ import annotations

from collections.abc import Callable

from monitor.clock import Clock
from monitor.errors import InputRefused
from monitor.incidents import Severity, TimelineEntry
from monitor.queries import Reading, answered_up_to, freshness, incident_timeline, wording_of
from monitor.store.database import Store
from monitor.store.people import Action
from monitor.tone import Correction, Said
from monitor.tone.features import Features
from monitor.tone.scorer import ToneScorer

__all__ = ["Desk"]


class Desk:
    """Writes people's actions through to the store.

    Every method raises :class:`~monitor.errors.InputRefused` when there is no such incident or post, and
    :class:`~monitor.errors.StoreError` when the store cannot be written. Those about an incident take its id, who
    acts, and what they say.

    Parameters
    ----------
    author_secret
        Key of what is kept of a post whose tone is corrected, at most 64 bytes.
    follows_wall_clock
        Whether event time is the time on the wall; in a drill it is not, and actions go where event time stands.
    answered
        Told, after somebody dismissed or resolved an incident, which one and up to which severity: its page ends.
    """

    def __init__(
        self,
        store: Store,
        reading: Reading,
        clock: Clock,
        *,
        author_secret: bytes,
        follows_wall_clock: bool,
        answered: Callable[[str, Severity], None] = lambda _incident, _severity: None,
    ) -> None:
        self._store = store
        self._reading = reading
        self._clock = clock
        self._follows_wall_clock = follows_wall_clock
        self._answered = answered
        self._lexicon = ToneScorer()
        self._features = Features(author_secret)

    def acknowledge(self, incident: str, actor: str, text: str) -> TimelineEntry:
        """Say "I have it". The first one counts for the time to acknowledge."""
        return self._act(incident, "acknowledged", actor, text or "Acknowledged.")

    def note(self, incident: str, actor: str, text: str) -> TimelineEntry:
        """Write down a decision or an observation."""
        return self._act(incident, "note", actor, text)

    def dismiss(self, incident: str, actor: str, text: str) -> TimelineEntry:
        """Say that it is no crisis: it leaves the war room, counts as a false alarm, and its page ends.

        Should it grow to a higher severity, it pages again.
        """
        return self._act(incident, "dismissed", actor, text or "Dismissed: not a crisis.")

    def resolve(self, incident: str, actor: str, text: str) -> TimelineEntry:
        """Say that it is dealt with: its page ends as above. It closes by itself when the topic is ordinary again."""
        return self._act(incident, "resolved", actor, text or "Dealt with.")

    def correct_tone(self, topic: str, post: str, said: Said, actor: str) -> bool:
        """Say how a post sounds; the tone of posts yet to come learns from it, its own reposts included.

        What was measured stays as it was measured. Of the post's words no more is kept than hashes under the
        deployment's secret (:mod:`monitor.tone.features`).

        Parameters
        ----------
        post
            ``network:id``.

        Returns
        -------
        bool
            Whether it is new: the same word of the same person about the same post counts once.
        """
        with self._reading.snapshot() as look:
            wording = wording_of(look, topic, post)
        if wording is None:
            message = f"there are no words of the post {post!r} on topic {topic!r} (any more); nothing can be learned"
            raise InputRefused(message)
        now = self._clock.now_us()
        lexicon = self._lexicon.score(wording.text, wording.lang)
        features = self._features.of(wording.text)
        correction = Correction(0, topic, wording.key, said, lexicon.value, features, bool(lexicon.alarm_words))
        return self._store.correct(correction, actor=actor, at_us=self._at_us(now), recorded_us=now)

    def _act(self, incident: str, action: Action, actor: str, text: str) -> TimelineEntry:
        now = self._clock.now_us()
        entry = self._store.act(incident, action, actor=actor, text=text, at_us=self._at_us(now), recorded_us=now)
        with self._reading.snapshot() as look:
            severity = answered_up_to(incident_timeline(look, incident))
        if severity is not None:
            self._answered(incident, severity)
        return entry

    def _at_us(self, now_us: int) -> int:
        if self._follows_wall_clock:
            return now_us
        with self._reading.snapshot() as look:
            return freshness(look, now_us).event_time_us or now_us
