"""What the service says: its incidents, read through its own API."""

from __future__ import annotations

from typing import Final, TypeVar

import httpx
import msgspec

from monitor.errors import MonitorError
from monitor.incidents import SEVERITIES
from monitor.sources.dates import rfc3339_us

__all__ = ["Lookout", "Saying", "SeenIncident"]


class SeenIncident(msgspec.Struct):
    """An incident as ``GET /api/incidents`` tells it."""

    id: str
    topic: str
    state: str
    severity: str
    opened_at: str
    updated_at: str
    peak_at: str
    mentions: int


class _Entry(msgspec.Struct):
    at: str
    kind: str
    text: str


class Saying(msgspec.Struct, frozen=True):
    """One new line of an incident's timeline, and how severe it was by then."""

    incident: SeenIncident
    severity: str
    at: str
    kind: str
    text: str


_Answer = TypeVar("_Answer")
_INCIDENTS: Final = msgspec.json.Decoder(list[SeenIncident])
_TIMELINE: Final = msgspec.json.Decoder(list[_Entry])


def _lower(severity: str, steps: int) -> str:
    known = list(SEVERITIES)
    return known[max(0, known.index(severity) - steps)] if severity in known else severity


class Lookout:
    """Asks the service what it has to say, and remembers what it said already.

    Parameters
    ----------
    client
        With the service's address as its base.
    """

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._heard: dict[str, set[tuple[str, str, str]]] = {}
        self._updated: dict[str, str] = {}
        self._severity: dict[str, str] = {}
        self.incidents: list[SeenIncident] = []

    def news(self) -> list[Saying]:
        """Return what is new on any timeline, oldest first.

        Raises
        ------
        MonitorError
            If the service does not answer.
        """
        self.incidents = self._get("/api/incidents", _INCIDENTS)
        sayings = [
            saying
            for incident in reversed(self.incidents)
            if self._updated.get(incident.id) != f"{incident.updated_at} {incident.state}"
            for saying in self._new(incident)
        ]
        return sorted(sayings, key=lambda saying: rfc3339_us(saying.at))

    def _new(self, incident: SeenIncident) -> list[Saying]:
        entries = self._get(f"/api/incidents/{incident.id}/timeline", _TIMELINE)
        # What is written later may have happened earlier: a timeline grows in the middle too.
        heard = self._heard.setdefault(incident.id, set())
        new = [entry for entry in entries if (entry.at, entry.kind, entry.text) not in heard]
        heard.update((entry.at, entry.kind, entry.text) for entry in new)
        raised = [place for place, entry in enumerate(new) if entry.kind == "escalated"]
        before = self._severity.get(incident.id) or _lower(incident.severity, len(raised))
        self._updated[incident.id] = f"{incident.updated_at} {incident.state}"
        self._severity[incident.id] = incident.severity
        return [
            Saying(
                incident,
                before if place < max(raised, default=0) else incident.severity,
                entry.at,
                entry.kind,
                entry.text,
            )
            for place, entry in enumerate(new)
        ]

    def _get(self, path: str, decoder: msgspec.json.Decoder[_Answer]) -> _Answer:
        try:
            return decoder.decode(self._client.get(path).raise_for_status().content)
        except (httpx.HTTPError, msgspec.MsgspecError) as error:
            message = f"the service does not answer {path} as it should ({error}); see its log"
            raise MonitorError(message) from error
