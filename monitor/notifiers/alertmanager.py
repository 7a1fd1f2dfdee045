"""Alerts straight to Alertmanager, for those who run it without Prometheus.

With Prometheus, use ``rules/prometheus`` instead: Alertmanager's own documentation discourages direct posting. It
keeps alerts in memory only and takes a firing alert that is not repeated for resolved, so everything firing is
repeated every minute, and what ended for another five.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import httpx
import msgspec

from monitor.alerts import Alert
from monitor.clock import SECOND_US, Clock, rfc3339
from monitor.notifiers import Receipt
from monitor.notifiers.posting import checked_url, new_client, post

__all__ = ["Alertmanager"]

REPEAT_US: Final = 60 * SECOND_US
"""Prometheus' own resend delay."""

EXPIRES_US: Final = 4 * REPEAT_US
"""A firing alert ends by itself when we fall silent: four missed repetitions, as Prometheus does it."""

ENDED_US: Final = 300 * SECOND_US
"""How long an end is repeated, should Alertmanager have been away."""


class PostableAlert(msgspec.Struct, rename="camel"):
    """One alert of ``POST /api/v2/alerts``; ``ends_at`` is ``None`` while it fires."""

    labels: dict[str, str]
    annotations: dict[str, str]
    starts_at: str
    ends_at: str | None = None


Identity = tuple[tuple[str, str], ...]
"""Alertmanager knows an alert by its labels and nothing else."""


class Alertmanager:
    """Keeps one Alertmanager told of everything that is firing.

    Parameters
    ----------
    url
        Its base address, such as ``http://127.0.0.1:9093``.
    clock
        For when alerts end, and when to repeat.
    firing
        What the store says is firing at start.
    client
        For tests and proxies; by default one that follows no redirect and waits ten seconds.

    Raises
    ------
    SettingInvalid
        If the address cannot be used.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Clock,
        firing: Iterable[Alert] = (),
        client: httpx.Client | None = None,
        name: str = "alertmanager",
    ) -> None:
        self.name = name
        self._url = checked_url(url.rstrip("/") + "/api/v2/alerts", secure=False)
        self._clock = clock
        self._client = client or new_client()
        self._firing: dict[str, PostableAlert] = {}  # by incident
        self._ended: dict[Identity, tuple[PostableAlert, int]] = {}
        self._repeat_us = 0
        for alert in firing:
            self._take(alert)

    def send(self, alert: Alert) -> Receipt:
        """Post the alert once, and the end of what the same incident was called before."""
        changed = self._take(alert)
        return self._post(changed)

    def refresh(self) -> Receipt | None:
        """Once a minute, repeat everything that is firing or ended lately."""
        now_us = self._clock.now_us()
        if now_us < self._repeat_us:
            return None
        self._repeat_us = now_us + REPEAT_US
        self._ended = {key: ended for key, ended in self._ended.items() if ended[1] > now_us}
        current = [*self._firing.values(), *(ended for ended, _ in self._ended.values())]
        return self._post(current) if current else None

    def _take(self, alert: Alert) -> list[PostableAlert]:
        now = self._clock.now_us()
        posted = _postable(alert)
        before = self._firing.pop(alert.incident, None)
        changed = [posted]
        if before is not None and before.labels != posted.labels:
            changed.append(before)
        for ended in changed if alert.status == "resolved" else changed[1:]:
            # An end before its start would be refused.
            ended.ends_at = max(ended.starts_at, rfc3339(now - now % SECOND_US))
            self._ended[_identity(ended)] = (ended, now + ENDED_US)
        if alert.status == "firing":
            self._ended.pop(_identity(posted), None)
            self._firing[alert.incident] = posted
        return changed

    def _post(self, alerts: list[PostableAlert]) -> Receipt:
        expires_at = rfc3339(self._clock.now_us() + EXPIRES_US)
        said = [
            msgspec.structs.replace(alert, ends_at=expires_at) if alert.ends_at is None else alert for alert in alerts
        ]
        return post(self._client, self._url, msgspec.json.encode(said), {})


def _postable(alert: Alert) -> PostableAlert:
    labels = {re.sub(r"[^a-zA-Z0-9_]|^(?=[0-9])", "_", name): value for name, value in alert.labels.items()}
    return PostableAlert(
        labels={
            **labels,
            "alertname": "BrandIncident",
            "topic": alert.topic,
            "severity": alert.severity,
            "page": "yes" if alert.page else "no",
        },
        annotations={"summary": alert.summary, "description": alert.description, "reason": alert.reason},
        starts_at=rfc3339(alert.starts_us),
    )


def _identity(alert: PostableAlert) -> Identity:
    return tuple(sorted(alert.labels.items()))
