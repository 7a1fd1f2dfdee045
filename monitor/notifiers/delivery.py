"""Empties the store's outbox: every alert to every notifier, at least once, however long a receiver is away."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from random import Random
from threading import Event
from typing import Final, Protocol

from monitor.alerts import Alert
from monitor.clock import SECOND_US, Clock
from monitor.errors import StoreError
from monitor.notifiers import Notifier, Receipt

__all__ = ["Delivery", "Outbox", "Tally", "Waiting", "backoff_seconds"]

log = logging.getLogger(__name__)

ROUND_SECONDS: Final = 1.0
"""Pause between two looks at the outbox."""

ROUND_ALERTS: Final = 100
"""Alerts taken from the outbox at a time."""

BACKOFF_AT_MOST_SECONDS: Final = 300.0
"""A receiver that comes back is found within five minutes."""

REFUSED_SECONDS: Final = 900.0
"""What was refused is offered again every quarter of an hour: people repair a wrong secret, and a page still counts."""

ATTEMPTS_AT_MOST: Final = 1_000
"""About three and a half days of trying at the slowest pace; then the alert is history, and counted as abandoned."""

_DONE: Final = ("delivered", "held")


class Waiting(Protocol):
    """An alert in the outbox that is due."""

    @property
    def number(self) -> int:
        """Its place in the order of decisions."""
        ...

    @property
    def alert(self) -> Alert:
        """What to say."""
        ...

    @property
    def attempts(self) -> int:
        """How often delivery was tried or held back."""
        ...


class Outbox(Protocol):
    """The store, as far as delivery needs it."""

    def outbox(self, now_us: int, limit: int) -> Sequence[Waiting]:
        """Return alerts neither sent nor postponed beyond `now_us`, in order of number."""
        ...

    def mark_sent(self, number: int, at_us: int) -> None:
        """Take an alert out of the outbox."""
        ...

    def mark_failed(self, number: int, next_attempt_us: int) -> None:
        """Postpone an alert, and count the attempt."""
        ...


class Tally(Protocol):
    """Whoever counts what is delivered: :class:`monitor.metrics.Metrics`."""

    def notification(self, notifier: str, outcome: str) -> None:
        """Count one attempt."""
        ...

    def outbox(self, alerts: int) -> None:
        """Say how many alerts were tried and are not delivered by every notifier."""
        ...


class Delivery:
    """Brings alerts from the outbox to every notifier, in a thread of its own so that nothing else ever waits.

    Each notifier gets the alerts of one incident in order: the end of an incident is held back until its beginning
    has arrived. Which notifiers already have an alert is remembered until all have it; after a restart in between,
    some may get it twice, with the same key.

    Parameters
    ----------
    outbox
        The store.
    notifiers
        With distinct names.
    random
        Spreads the attempts of several instances; seeded by the caller.
    """

    def __init__(
        self, outbox: Outbox, notifiers: Sequence[Notifier], *, clock: Clock, tally: Tally, random: Random
    ) -> None:
        self._outbox = outbox
        self._notifiers = notifiers
        self._clock = clock
        self._tally = tally
        self._random = random
        self._delivered: dict[int, set[str]] = {}  # number -> notifiers that have it
        self._blocking: dict[tuple[str, str], tuple[int, int]] = {}  # (notifier, incident) -> number, next try

    def run(self, stop: Event) -> None:
        """Deliver until `stop` is set; trouble with the store is waited out, nothing is lost by it."""
        while not stop.is_set():
            try:
                self.step()
            except StoreError as error:
                log.warning("outbox_unavailable: %s", error)
            stop.wait(ROUND_SECONDS)

    def step(self) -> None:
        """Try once everything that is due, then let notifiers repeat what they must."""
        silent: set[str] = set()
        for waiting in self._outbox.outbox(self._clock.now_us(), ROUND_ALERTS):
            self._deliver(waiting, silent)
        for notifier in self._notifiers:
            if notifier.name not in silent and (receipt := notifier.refresh()) is not None:
                self._count(notifier, receipt)
        self._tally.outbox(len(self._delivered))

    def _deliver(self, waiting: Waiting, silent: set[str]) -> None:
        delivered = self._delivered.setdefault(waiting.number, set())
        postponed = [
            next_us
            for notifier in self._notifiers
            if notifier.name not in delivered and (next_us := self._offer(notifier, waiting, silent)) is not None
        ]
        if not postponed:
            self._outbox.mark_sent(waiting.number, self._clock.now_us())
        elif waiting.attempts + 1 >= ATTEMPTS_AT_MOST:
            self._abandon(waiting)
        else:
            self._outbox.mark_failed(waiting.number, min(postponed))
            return
        del self._delivered[waiting.number]

    def _offer(self, notifier: Notifier, waiting: Waiting, silent: set[str]) -> int | None:
        """Try one notifier; return when to try again, or ``None`` when it has the alert."""
        key = (notifier.name, waiting.alert.incident)
        blocking, blocked_until_us = self._blocking.get(key, (waiting.number, 0))
        if blocking < waiting.number:
            return blocked_until_us
        receipt = Receipt("retried")
        # One that did not answer is not asked again this round: the others must not wait for it alert by alert.
        if notifier.name not in silent:
            receipt = notifier.send(waiting.alert)
            self._count(notifier, receipt)
        if receipt.attempt in _DONE:
            self._blocking.pop(key, None)
            self._delivered[waiting.number].add(notifier.name)
            return None
        if receipt.attempt == "retried":
            silent.add(notifier.name)
        next_us = self._clock.now_us() + round(self._pause_seconds(receipt, waiting.attempts) * SECOND_US)
        self._blocking[key] = (waiting.number, next_us)
        return next_us

    def _pause_seconds(self, receipt: Receipt, attempts: int) -> float:
        if receipt.attempt == "refused":
            return REFUSED_SECONDS
        return max(receipt.wait_seconds, backoff_seconds(attempts, self._random))

    def _abandon(self, waiting: Waiting) -> None:
        for notifier in self._notifiers:
            if notifier.name not in self._delivered[waiting.number]:
                self._count(notifier, Receipt("abandoned", f"given up after {ATTEMPTS_AT_MOST} attempts"))
                self._blocking.pop((notifier.name, waiting.alert.incident), None)
        self._outbox.mark_sent(waiting.number, self._clock.now_us())

    def _count(self, notifier: Notifier, receipt: Receipt) -> None:
        self._tally.notification(notifier.name, receipt.attempt)
        if receipt.attempt not in _DONE:
            log.warning("notification_%s: %s: %s", receipt.attempt, notifier.name, receipt.detail)


def backoff_seconds(attempts: int, random: Random) -> float:
    """Return how long to wait after a number of earlier attempts: doubling from one second, half of it by chance.

    Examples
    --------
    >>> 0.5 <= backoff_seconds(0, Random(1)) <= 1.0
    True
    >>> 150.0 <= backoff_seconds(40, Random(1)) <= 300.0
    True

    References
    ----------
    .. [1] "Equal jitter" in M. Brooker, Exponential backoff and jitter, AWS Architecture Blog, 2015.
    """
    ceiling = min(BACKOFF_AT_MOST_SECONDS, 2.0 ** min(attempts, 16))
    return ceiling * (0.5 + random.random() / 2)
