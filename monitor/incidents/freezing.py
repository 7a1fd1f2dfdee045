"""What is not learned as normal: a spike for three days, a crisis for as long as it lasts.

*A spike.* While an incident is open, or a test still says that this is unusual, minutes are not learned, for
:data:`FREEZES_FOR_US` at most. What lasts longer is a brand that grew. Slow tests count here though they are not heard
again once they have alarmed (:mod:`monitor.incidents.echoes`): what they say still holds.

*A crisis*, in which the crowd has turned, sleeps at night, fades over days and comes back in the morning. So its
minutes are not learned, nor taken for a new level (:mod:`monitor.anomalies.moved_baseline`), until
:data:`CALM_AFTER_US` after the last sign of it; until :data:`APART_US` after it while it is still louder than usual.
A sign is a minute of an incident of severity *warning* or *critical* whose reasons say that the crowd has turned: it
complains, or scolds under the brand's own posts. Or a minute of which a test by itself says so. A level that is merely
high and calm gives none.

Tone may change for good, too. But a crisis changes: it grows, flares up and fades. Where people have spoken in the same
way for :data:`WEEKS` weeks running, as much in each as in the others, that is how they speak of the brand now: it is
*settled*, and is learned like all else. When it doubles within a week, it is a crisis again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from monitor.anomalies import Verdict
from monitor.clock import DAY_US, HOUR_US
from monitor.incidents import Reason, Severity
from monitor.incidents.context import Context
from monitor.incidents.echoes import STILL_UNUSUAL
from monitor.incidents.severity import Levels, has_turned

__all__ = ["FREEZES_FOR_US", "WEEKS", "Freezing"]

FREEZES_FOR_US: Final = 72 * HOUR_US
"""By then a level that has really moved is recognised as such, and a spike has usually begun to fade."""

HIGH_FOR_US: Final = HOUR_US
REST_US: Final = 3 * HOUR_US
"""What is unusual again after a longer rest is another spike."""

CALM_AFTER_US: Final = DAY_US
"""A day: the busy hours at which a crisis began come round once more before anything is learned."""

APART_US: Final = 3 * DAY_US
"""Signs further apart belong to two crises."""

WEEK_US: Final = 7 * DAY_US
WEEKS: Final = 4
STEADY: Final = 2.0
"""The loudest of steady weeks is at most so many times the quietest."""

TURNED: Final = frozenset({"negative", "own_reply", "own_post"})
"""The reasons that say that the crowd has turned (:mod:`monitor.incidents.severity`)."""

FIRM: Final = 2.0
"""Weight of such a reason when there is hardly a doubt about it."""


class Freezing(msgspec.Struct, array_like=True):
    """What is remembered of the last spike and of the last crisis. Times are starts of minutes, -1 for never.

    Attributes
    ----------
    rose_us, high_us
        The first and the last minute of the spike.
    first_us, last_us
        The first and the last minute that gave a sign of the crisis. `first_us` goes along with `weeks`.
    alarmed_us
        The last that gave it by an incident.
    weeks
        Mentions in the minutes that gave a sign, week by week from `first_us` on; the last week is not over.
    settled, settled_us
        Mentions in such minutes of a week that are how people speak of the brand now, 0 while that is not known; and
        when it was found.
    """

    rose_us: int = -1
    high_us: int = -1
    first_us: int = -1
    last_us: int = -1
    alarmed_us: int = -1
    weeks: list[int] = msgspec.field(default_factory=list)
    settled: float = 0.0
    settled_us: int = -1

    def hear(self, start_us: int, verdicts: Sequence[Verdict], context: Context, levels: Levels, mentions: int) -> None:
        """Take in what the tests say of a minute, be it by repeating themselves.

        Parameters
        ----------
        start_us
            Start of the minute, not before that of the call before.
        context
            With that minute added.
        mentions
            How many there were in it.
        """
        is_high = any(verdict.p_value <= levels.opening(verdict.detector) for verdict in verdicts)
        if is_high:
            if self.high_us < 0 or start_us - self.high_us >= REST_US:
                self.rose_us = start_us
            self.high_us = start_us
        is_crisis = self.is_crisis(start_us)
        times = STILL_UNUSUAL if is_crisis else 1.0
        if mentions and (is_high or is_crisis) and has_turned(verdicts, context, levels, times):
            self._sign(start_us, mentions)

    def hear_incident(self, start_us: int, alarm: Severity, reasons: Sequence[Reason], mentions: int) -> None:
        """Take in what is unusual about that minute, if anything, when an incident is open, and how bad that is."""
        least = FIRM if alarm == "watch" else 0.0
        if any(reason.name in TURNED and reason.weight >= least for reason in reasons):
            self._sign(start_us, mentions)
            self.alarmed_us = start_us

    def is_spike(self, start_us: int) -> bool:
        """Tell whether the minute that starts at `start_us` is within an hour of the spike, and not of a new level."""
        return self.high_us >= 0 and start_us - self.high_us < HIGH_FOR_US and start_us - self.rose_us < FREEZES_FOR_US

    def is_crisis(self, start_us: int) -> bool:
        """Tell whether a crisis lasts in the minute that starts at `start_us`, or has not been over for long."""
        if self.last_us < 0 or self.settled:
            return False
        is_loud = start_us - self.high_us < HIGH_FOR_US
        return start_us - self.last_us < (APART_US if is_loud else CALM_AFTER_US)

    def sleeps(self, start_us: int) -> bool:
        """Tell whether a crisis that alarmed may come back: less than a day has passed since, however quiet it is."""
        return not self.settled and self.alarmed_us >= 0 and start_us - self.alarmed_us < CALM_AFTER_US

    def _sign(self, start_us: int, mentions: int) -> None:
        if start_us == self.last_us:  # both gave it
            return
        if self.last_us < 0 or start_us - self.last_us >= APART_US:
            self._begin(start_us)
        self.last_us = start_us
        while start_us - self.first_us >= len(self.weeks) * WEEK_US:
            self._end_week(start_us)
        self.weeks[-1] += mentions
        if self.settled and self.weeks[-1] > STEADY * self.settled:
            self._begin(start_us)

    def _begin(self, start_us: int) -> None:
        self.first_us, self.weeks, self.settled = start_us, [0], 0.0

    def _end_week(self, start_us: int) -> None:
        """Ask whether the last weeks were alike, and begin another."""
        over = self.weeks[-WEEKS:]
        if len(over) == WEEKS:
            if not self.settled and max(over) <= STEADY * min(over):
                self.settled, self.settled_us = sum(over) / WEEKS, start_us
            self.first_us += WEEK_US
            del self.weeks[0]
        self.weeks.append(0)
