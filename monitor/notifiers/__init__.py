"""Edge out: Alert -> the world.

A family: each file but :mod:`monitor.notifiers.delivery` and :mod:`monitor.notifiers.posting` is one notifier
implementing :class:`Notifier`, and ``tests/contracts/test_notifiers.py`` puts every one through the same contract.
Prometheus and Alertmanager are the usual way to a pager; these are for what they do not reach.

N1: *At least once, never silently.* A notifier tries once and says what came of it; trying again is the business of
:class:`monitor.notifiers.delivery.Delivery`, which empties the store's outbox. The receiver recognises a repetition
by the alert's key.
"""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from monitor.alerts import Alert

__all__ = ["Attempt", "Notifier", "Receipt"]

Attempt = Literal["delivered", "held", "retried", "refused", "abandoned"]
"""What came of an attempt: it arrived; it is not meant for this receiver; it may arrive next time; the receiver wants
none of it as it is; we gave up."""


class Receipt(msgspec.Struct, frozen=True):
    """What came of one attempt.

    Attributes
    ----------
    detail
        One plain sentence for the log when it did not arrive; never a secret, so no path or query of a URL.
    wait_seconds
        How long the receiver asked us to wait; 0 when it did not.
    """

    attempt: Attempt
    detail: str = ""
    wait_seconds: float = 0.0


class Notifier(Protocol):
    """Hands alerts to one receiver."""

    @property
    def name(self) -> str:
        """What the settings call it; a label of ours."""
        ...

    def send(self, alert: Alert) -> Receipt:
        """Try once, within a bounded time. Raises nothing the world can cause."""
        ...

    def refresh(self) -> Receipt | None:
        """Repeat what a forgetful receiver must hear again; ``None`` when there was nothing to repeat.

        Called every second or so.
        """
        ...
