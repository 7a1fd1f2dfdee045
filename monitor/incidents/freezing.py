"""What is not learned as normal: a crisis, for as long as it lasts; and nothing stands still for ever.

While an incident is open its minutes are not learned, for :data:`FREEZES_FOR_US` at most. A spike that lasts longer is
a brand that grew. That must not be said of a crisis, in which the crowd has turned: it sleeps at night, fades over
days and comes back in the morning. So its minutes are not learned, nor taken for a new level
(:mod:`monitor.anomalies.moved_baseline`), until :data:`CALM_AFTER_US` after the last sign of it, whether or not the
incident is still open. A sign is a minute of an incident of severity *warning* or *critical* whose reasons say that the
crowd has turned: it complains, or scolds under the brand's own posts. A level that is merely high and calm gives none.

Tone may change for good, too. What lasts longer than :data:`CRISIS_FOR_US` is learned like all else, and it is one
crisis as long as its signs are less than :data:`APART_US` apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from monitor.clock import DAY_US, HOUR_US
from monitor.incidents import Reason, Severity

__all__ = ["FREEZES_FOR_US", "Freezing"]

FREEZES_FOR_US: Final = 72 * HOUR_US
"""By then a level that has really moved is recognised as such, and a spike has usually begun to fade."""

CALM_AFTER_US: Final = DAY_US
"""A day: the busy hours at which a crisis began come round once more before anything is learned."""

CRISIS_FOR_US: Final = 14 * DAY_US
APART_US: Final = 3 * DAY_US

TURNED: Final = frozenset({"negative", "own_reply", "own_post"})
"""The reasons that say that the crowd has turned (:mod:`monitor.incidents.severity`)."""

FIRM: Final = 2.0
"""Weight of such a reason when there is hardly a doubt about it."""


class Freezing(msgspec.Struct, array_like=True):
    """When the last crisis gave signs of itself, -1 for never: the first and the last minute of them."""

    first_us: int = -1
    last_us: int = -1

    def hear(self, start_us: int, severity: Severity, reasons: Sequence[Reason]) -> None:
        """Take in a minute of an open incident.

        Parameters
        ----------
        start_us
            Start of the minute, not before that of the call before.
        severity
            That of the incident.
        reasons
            What is unusual about the minute, if anything.
        """
        least = FIRM if severity == "watch" else 0.0
        if any(reason.name in TURNED and reason.weight >= least for reason in reasons):
            if self.last_us < 0 or start_us - self.last_us >= APART_US:
                self.first_us = start_us
            self.last_us = start_us

    def is_crisis(self, start_us: int) -> bool:
        """Tell whether a crisis lasts in the minute that starts at `start_us`, or has not been over for long."""
        since_us = start_us - self.last_us
        return self.last_us >= 0 and since_us < CALM_AFTER_US and start_us - self.first_us < CRISIS_FOR_US
