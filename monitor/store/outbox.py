"""The outbox: alerts wait here, committed with the incident they speak of, until a notifier has sent them."""

from __future__ import annotations

from typing import Final

import msgspec
from sqlalchemy import Connection, select, update

from monitor.alerts import Alert
from monitor.store.schema import alerts

__all__ = ["Pending", "mark_failed", "mark_sent", "pending"]

_alert: Final = msgspec.json.Decoder(Alert)


class Pending(msgspec.Struct, frozen=True):
    """An alert that waits to be sent.

    Attributes
    ----------
    number
        Its place in the outbox; later alerts have greater numbers.
    attempts
        How often sending it has failed.
    recorded_us
        When it was committed, wall-clock time.
    """

    number: int
    alert: Alert
    attempts: int
    recorded_us: int


def pending(connection: Connection, now_us: int, limit: int) -> list[Pending]:
    """Return at most `limit` alerts that are due, oldest first."""
    due = (
        select(alerts.c.number, alerts.c.body, alerts.c.attempts, alerts.c.recorded_us)
        .where(alerts.c.sent_us.is_(None), alerts.c.next_attempt_us <= now_us)
        .order_by(alerts.c.number)
        .limit(limit)
    )
    return [
        Pending(number, _alert.decode(body), attempts, recorded_us)
        for number, body, attempts, recorded_us in connection.execute(due)
    ]


def mark_sent(connection: Connection, number: int, sent_us: int) -> None:
    """Take an alert out of the outbox."""
    connection.execute(update(alerts).where(alerts.c.number == number).values(sent_us=sent_us))


def mark_failed(connection: Connection, number: int, next_attempt_us: int) -> None:
    """Keep an alert in the outbox until `next_attempt_us`."""
    values = {"attempts": alerts.c.attempts + 1, "next_attempt_us": next_attempt_us}
    connection.execute(update(alerts).where(alerts.c.number == number).values(values))
