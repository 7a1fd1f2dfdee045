"""Alerts to any HTTP endpoint of yours, as signed JSON.

The signature is Stripe's form: ``X-Badbuzz-Signature: t=<unix seconds>,v1=<hex>``, where the hex digits are
HMAC-SHA256 with the shared secret over ``<t>.<body>``. Because the time is signed too, a captured call cannot be
replayed for ever: refuse a `t` more than five minutes off, and compare in constant time.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

import httpx
import msgspec

from monitor.alerts import Alert
from monitor.clock import SECOND_US, Clock, rfc3339
from monitor.errors import SettingInvalid
from monitor.incidents import Severity
from monitor.notifiers import Receipt
from monitor.notifiers.posting import checked_url, new_client, post
from monitor.signatures import HEADER, sign

__all__ = ["Webhook", "WebhookBody"]

SECRET_AT_LEAST: Final = 16
"""Bytes: 128 bits, the least RFC 2104 successors accept as a key (NIST SP 800-131A asks for 112 bits)."""


class WebhookBody(msgspec.Struct, frozen=True, kw_only=True):
    """What is posted: an :class:`~monitor.alerts.Alert` with its instants in RFC 3339."""

    version: Literal["1"] = "1"
    key: str
    incident: str
    topic: str
    severity: Severity
    status: Literal["firing", "resolved"]
    page: bool
    reason: str
    labels: dict[str, str]
    summary: str
    description: str
    starts_at: str
    ends_at: str | None


class Webhook:
    """Posts each alert once an attempt, with an ``Idempotency-Key`` that is the same at every attempt.

    Parameters
    ----------
    url
        ``https``, or ``http`` on this machine.
    secret
        Shared with the receiver, at least 16 bytes.
    clock
        For the time in the signature.
    only_pages
        Hold what need not wake anybody; the end of what did is sent.
    firing
        What the store says is firing at start.
    client
        For tests and proxies; by default one that follows no redirect and waits ten seconds.

    Raises
    ------
    SettingInvalid
        If the address or the secret cannot be used.
    """

    def __init__(
        self,
        url: str,
        secret: bytes,
        *,
        clock: Clock,
        only_pages: bool = False,
        firing: Iterable[Alert] = (),
        client: httpx.Client | None = None,
        name: str = "webhook",
    ) -> None:
        if len(secret) < SECRET_AT_LEAST:
            message = f"the secret of notifier {name!r} has {len(secret)} bytes; give it at least {SECRET_AT_LEAST}"
            raise SettingInvalid(message)
        self.name = name
        self._url = checked_url(url, secure=True)
        self._secret = secret
        self._clock = clock
        self._client = client or new_client()
        self._only_pages = only_pages
        self._paged = {alert.incident for alert in firing if alert.page}

    def send(self, alert: Alert) -> Receipt:
        """Post the alert once."""
        if self._only_pages and not (alert.page or alert.incident in self._paged):
            return Receipt("held")
        receipt = self._post(alert)
        if receipt.attempt == "delivered":
            self._paged = (
                self._paged - {alert.incident} if alert.status == "resolved" else self._paged | {alert.incident}
            )
        return receipt

    def _post(self, alert: Alert) -> Receipt:
        body = msgspec.json.encode(_body(alert))
        stamp = sign(self._secret, body, self._clock.now_us() // SECOND_US)
        return post(self._client, self._url, body, {"Idempotency-Key": alert.key, HEADER: stamp})

    def refresh(self) -> None:
        """Repeat nothing: what was received stays received."""


def _body(alert: Alert) -> WebhookBody:
    return WebhookBody(
        key=alert.key,
        incident=alert.incident,
        topic=alert.topic,
        severity=alert.severity,
        status=alert.status,
        page=alert.page,
        reason=alert.reason,
        labels=alert.labels,
        summary=alert.summary,
        description=alert.description,
        starts_at=rfc3339(alert.starts_us),
        ends_at=None if alert.ends_us is None else rfc3339(alert.ends_us),
    )
