"""What people do to an incident; it comes back onto the same timeline as what the system saw."""

from __future__ import annotations

from monitor.clock import Clock
from monitor.incidents import TimelineEntry
from monitor.queries import Reading, freshness
from monitor.store.database import Store
from monitor.store.people import Action

__all__ = ["Desk"]


class Desk:
    """Writes people's actions through to the store.

    Every method takes the incident's id, who acts, and what they say; it raises
    :class:`~monitor.errors.InputRefused` when there is no such incident and
    :class:`~monitor.errors.StoreError` when the store cannot be written.

    Parameters
    ----------
    follows_wall_clock
        Whether event time is the time on the wall; in a drill it is not, and actions go where event time stands.
    """

    def __init__(self, store: Store, reading: Reading, clock: Clock, *, follows_wall_clock: bool) -> None:
        self._store = store
        self._reading = reading
        self._clock = clock
        self._follows_wall_clock = follows_wall_clock

    def acknowledge(self, incident: str, actor: str, text: str) -> TimelineEntry:
        """Say "I have it". The first one counts for the time to acknowledge."""
        return self._act(incident, "acknowledged", actor, text or "Acknowledged.")

    def note(self, incident: str, actor: str, text: str) -> TimelineEntry:
        """Write down a decision or an observation."""
        return self._act(incident, "note", actor, text)

    def dismiss(self, incident: str, actor: str, text: str) -> TimelineEntry:
        """Say that it is no crisis: it leaves the war room and counts as a false alarm."""
        return self._act(incident, "dismissed", actor, text or "Dismissed: not a crisis.")

    def resolve(self, incident: str, actor: str, text: str) -> TimelineEntry:
        """Say that it is dealt with. It closes by itself when the topic is ordinary again."""
        return self._act(incident, "resolved", actor, text or "Dealt with.")

    def _act(self, incident: str, action: Action, actor: str, text: str) -> TimelineEntry:
        now = self._clock.now_us()
        at_us = now if self._follows_wall_clock else self._event_time_us() or now
        return self._store.act(incident, action, actor=actor, text=text, at_us=at_us, recorded_us=now)

    def _event_time_us(self) -> int:
        with self._reading.snapshot() as look:
            return freshness(look, self._clock.now_us()).event_time_us
