"""Do more people who matter speak than usual? Ten of them may be a crisis while the volume hardly moves.

Influential accounts, the press, public offices and the bridges between circles (:class:`monitor.signals.Voice`) are
counted over the last quarter of an hour, hour and three hours, each account once and exactly. Those of one circle, who
pass on the same words, count as one: ten accounts that reshare one post are its spread, ten that speak by themselves
are news. Two counts are judged: everybody, and those who never spoke about this topic before, who are rarer and
therefore tell more. Who is heard late counts at the time when they spoke: an outage that is filled in at once looks
like the hours it lasted.

What to expect is learned by window as a Gamma-Poisson rate, once by time and once by how many people speak at all;
the larger of both is expected, so that a television evening explains its celebrities. How far counts scatter around it
is learned too (:mod:`monitor.stats.scatter`). A count ``k`` that a window of ``w`` minutes reaches with chance ``P`` is
reached *anew* about ``P k / w`` times a minute (``rate x P[k - 1]`` for a Poisson stream [1]_, the same for small
means). The -log10 of this chance is ``nominal``; it is then calibrated on the topic's own past half days like every
other statistic (:mod:`monitor.anomalies.episodes`), which may find it too cautious by a decade and no more.

References
----------
.. [1] J. I. Naus, Approximations for distributions of scan statistics, J. Am. Stat. Assoc. 77 (1982) 177-183.
.. [2] A. C. Cameron, P. K. Trivedi, Regression Analysis of Count Data, 2nd ed. 2013, section 4.2 (Gamma-Poisson).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import ClassVar, Final, NamedTuple

import msgspec

from monitor.anomalies import Verdict
from monitor.anomalies.episodes import Episodes, recomputed
from monitor.anomalies.voices_state import Block, Rate, Speaker, VoicesState
from monitor.clock import DAY_US, MINUTE_US
from monitor.signals import Late, Signal, Voice
from monitor.signals.negative_share import NEGATIVE
from monitor.stats.block_maxima import ExtremeValues
from monitor.stats.negative_binomial import interval, log_tail
from monitor.topics import Topic

__all__ = ["UNIT", "Voices", "detector"]

UNIT: Final = "voices"
SPANS: Final = (15, 60, 180)  # minutes
BIN: Final = 5  # minutes, for counting how many people speak at all
FEWEST: Final = 3  # fewer circles than these are never news
GRACE: Final = 2880  # minutes; for two days everybody is new
MOST_SPEAKERS: Final = 200  # within three hours; beyond it the oldest are forgotten, and the count stays there
MOST_FAMILIAR: Final = 400
FAMILIAR_MASK: Final = (1 << 32) - 1  # half a pseudonym is enough to know somebody again
LONGEST_SILENCE: Final = 60 * DAY_US // MINUTE_US  # more of it teaches nothing more
# Largest nominal of a half day on a topic without history, as simulated quiet topics showed.
PRIOR: Final = ExtremeValues(1.6, 0.45, 0.05)
# The arithmetic is cautious: the larger of two expectations is believed, and three windows count as if they had nothing
# in common. History may say that it is so by up to a decade, as it did on simulated and on recorded streams.
CAUTION: Final = 1.0
# So long after the last of them was heard the windows still hold them all, but they are no news any more.
FRESH: Final = 30  # minutes
NOTABLE: Final = 1e-2  # below this p-value the verdict speaks of the window that stands out, otherwise of the hour
LN10: Final = math.log(10.0)

IS_NEW: Final = 1
IS_OFFICIAL: Final = 2
IS_NEGATIVE: Final = 4
IS_POSITIVE: Final = 8
POSITIVE: Final = -NEGATIVE


class _Window(NamedTuple):
    """What one span that ends with the present minute held. `circles` are those counted, new ones if `is_new`."""

    span: int
    is_new: bool
    circles: int
    mean: float
    scatter: float
    nominal: float


class Voices:
    """Judges how many circles of people who matter speak about one topic."""

    name: ClassVar[str] = "voices"
    judges_silence: ClassVar[bool] = False

    def __init__(self) -> None:
        self._episodes = Episodes(PRIOR, has_theory=False)
        rates = [Rate(span) for span in SPANS for _ in range(2)]
        self._state = VoicesState(self._episodes.state, rates, [Block() for _ in SPANS])

    def score(self, signal: Signal) -> Verdict:
        """Judge a minute before learning it."""
        self._present(signal)
        state = self._state
        found = self._least_likely()
        state.nominal = found.nominal
        p_value = 1.0
        if state.judged - state.begun >= GRACE and found.nominal > 0.0:
            p_value = max(self._episodes.p_value(found.nominal), 10.0 ** -(found.nominal + CAUTION))
        return self._verdict(p_value, found if p_value < NOTABLE else self._window(1, is_new=False))

    def recompute(self, verdict: Verdict) -> float:
        """Return the p-value of a verdict from its factors."""
        factors = verdict.factors
        statistic = factors["statistic"]
        if _calibrated(statistic, factors) < NOTABLE:  # otherwise it speaks of the hour
            statistic = _nominal(verdict.observed, verdict.expected, factors["scatter"], verdict.span_minutes)
        return _calibrated(statistic, factors)

    def supposing(self, verdict: Verdict, count: int) -> Verdict | None:
        """Return the verdict had `count` circles spoken in its window."""
        factors = verdict.factors
        if _calibrated(factors["statistic"], factors) >= NOTABLE:
            return None
        nominal = 0.0
        if count >= FEWEST and count > verdict.expected:
            nominal = _nominal(count, verdict.expected, factors["scatter"], verdict.span_minutes)
        return msgspec.structs.replace(
            verdict,
            observed=float(count),
            p_value=_calibrated(nominal, factors),
            factors={**factors, "nominal": nominal, "statistic": nominal},
        )

    def learn(self, signal: Signal) -> None:
        """Take the minute just scored into what is normal."""
        minute = signal.start_us // MINUTE_US
        state = self._state
        if minute < state.cursor:
            return
        if state.judged != minute:
            self._present(signal)
            state.nominal = 0.0
        self._episodes.learn(minute, state.nominal)
        state.cursor = minute + 1

    def skip(self, start_us: int, end_us: int) -> None:
        """Account for [start_us, end_us) as unseen: neither score it nor learn it as silence.

        Who was judged in it has spoken nevertheless, and is no newcomer later.
        """
        state = self._state
        first, end = start_us // MINUTE_US, -(-end_us // MINUTE_US)
        self._pass_silence(first)
        if state.judged == first == state.cursor and state.nominal > 0.0:
            self._episodes.onset(first, state.nominal)
        if state.cursor < end:
            self._advance(first)
            for block, span in zip(state.blocks, SPANS, strict=True):
                last = max(block.number, (end - 1) // span)
                if last != block.number:
                    block.number, block.crowd = last, 0.0
                block.is_unseen = True
            state.cursor = end

    def snapshot(self) -> bytes:
        """Return the whole state as msgpack."""
        return msgspec.msgpack.encode(self._state)

    def restore(self, state: bytes) -> None:
        """Take back a state that :meth:`snapshot` returned."""
        self._state = msgspec.msgpack.decode(state, type=VoicesState)
        self._episodes.restore(self._state.episodes)

    # -- time passes

    def _present(self, signal: Signal) -> None:
        """Move to a minute, and take in who spoke in it; one of the past holds nothing any more."""
        state = self._state
        minute = signal.start_us // MINUTE_US
        self._pass_silence(minute)
        self._advance(minute)
        if minute < state.judged:
            return
        if signal.late and minute > state.judged:
            self._hear_late(minute, signal.late)
        state.judged = minute
        state.judged_crowd = signal.measures.get("distinct_authors", float(signal.mentions))
        for voice in signal.voices:
            self._hear(minute, voice, minute)
        while len(state.speakers) > MOST_SPEAKERS:
            self._recognise(next(iter(state.speakers)))

    def _hear_late(self, minute: int, late: Sequence[Late]) -> None:
        """Put those who were heard in a minute and spoke before it among the speakers and the crowd of then."""
        state = self._state
        crowds = dict(state.bins)
        for one in late:
            then = one.start_us // MINUTE_US
            for voice in one.voices:
                self._hear(then, voice, minute)
            crowds[then // BIN] = crowds.get(then // BIN, 0.0) + one.people
            for block, span in zip(state.blocks, SPANS, strict=True):
                if then // span == block.number:
                    block.crowd += one.people
        state.bins = sorted(crowds.items())
        state.speakers = dict(sorted(state.speakers.items(), key=lambda entry: entry[1].minute))

    def _hear(self, minute: int, voice: Voice, heard: int) -> None:
        """Put an account last among the speakers, with what was known of it; it may have spoken since."""
        state = self._state
        flags = voice.is_official * IS_OFFICIAL
        flags |= IS_NEGATIVE if voice.tone < NEGATIVE else IS_POSITIVE if voice.tone > POSITIVE else 0
        before = state.speakers.pop(voice.author, None)
        if before is not None:
            flags |= before.flags
        elif voice.author & FAMILIAR_MASK not in state.familiar:
            flags |= IS_NEW
        if before is not None and before.minute > minute:
            state.speakers[voice.author] = Speaker(before.minute, before.circle, flags, heard)
        else:
            state.speakers[voice.author] = Speaker(minute, voice.circle, flags, heard)

    def _recognise(self, author: int) -> None:
        """Let an account go that has not spoken for three hours; it will be known again."""
        state = self._state
        del state.speakers[author]
        state.familiar.pop(author & FAMILIAR_MASK, None)
        state.familiar[author & FAMILIAR_MASK] = None
        if len(state.familiar) > MOST_FAMILIAR:
            del state.familiar[next(iter(state.familiar))]

    def _pass_silence(self, minute: int) -> None:
        state = self._state
        if state.begun < 0:
            state.begun = state.cursor = minute
        if state.cursor < minute:
            self._episodes.learn(state.cursor, 0.0, minute - state.cursor)
            state.cursor = minute

    def _advance(self, minute: int) -> None:
        """Settle the minute last judged if time has moved on; close windows that are over, forget the long silent."""
        state = self._state
        if 0 <= state.judged < minute and state.judged_crowd:
            number = state.judged // BIN
            crowd = state.judged_crowd
            if state.bins and state.bins[-1][0] == number:
                crowd += state.bins.pop()[1]
            state.bins.append((number, crowd))
            for block in state.blocks:
                block.crowd += state.judged_crowd
            state.judged_crowd = 0.0
        for place, span in enumerate(SPANS):
            if minute // span > state.blocks[place].number:
                self._close(place, span, minute // span)
        while state.bins and state.bins[0][0] <= minute // BIN - SPANS[-1] // BIN:
            del state.bins[0]
        while state.speakers:
            author = next(iter(state.speakers))
            if state.speakers[author].minute > minute - SPANS[-1]:
                break
            self._recognise(author)

    def _close(self, place: int, span: int, number: int) -> None:
        """Learn the window that is over, and the silent ones after it; begin the present one."""
        state = self._state
        block = state.blocks[place]
        everybody, newcomers = state.rates[2 * place : 2 * place + 2]
        if block.number >= 0:
            if not block.is_unseen:
                everybody.learn(self._circles_since(block.number * span, new_only=False), block.crowd)
                newcomers.learn(self._circles_since(block.number * span, new_only=True), block.crowd)
            for _ in range(min(number - block.number - 1, LONGEST_SILENCE // span)):
                everybody.learn(0, 0.0)
                newcomers.learn(0, 0.0)
        state.blocks[place] = Block(number)

    # -- judging

    def _circles(self, place: int, *, new_only: bool) -> int:
        """Return how many circles spoke in a span that ends with the present minute."""
        return self._circles_since(self._state.judged - SPANS[place] + 1, new_only=new_only)

    def _circles_since(self, minute: int, *, new_only: bool) -> int:
        speakers = [speaker for speaker in self._state.speakers.values() if speaker.minute >= minute]
        return len({speaker.circle for speaker in speakers if speaker.flags & IS_NEW or not new_only})

    def _least_likely(self) -> _Window:
        """Return the window whose circles are least likely; the last hour's if none stands out."""
        state = self._state
        found = self._window(1, is_new=False)
        if not any(speaker.heard > state.judged - FRESH for speaker in state.speakers.values()):
            return found._replace(nominal=0.0)
        most = 0.0
        for place in range(len(SPANS)):
            for is_new in (False, True):
                if self._circles(place, new_only=is_new) < FEWEST:
                    break  # there are no more newcomers than people
                window = self._window(place, is_new=is_new)
                if window.nominal > most:
                    found, most = window, window.nominal
        return found

    def _window(self, place: int, *, is_new: bool) -> _Window:
        """Return what a span that ends with the present minute held: everybody's circles, or those of newcomers."""
        state = self._state
        span = SPANS[place]
        circles = self._circles(place, new_only=is_new)
        oldest = state.judged // BIN - span // BIN
        crowd = state.judged_crowd + sum([held for number, held in state.bins if number > oldest])
        rate = state.rates[2 * place + is_new]
        mean = rate.mean(crowd)
        scatter = rate.spread(mean)
        nominal = 0.0
        if circles >= FEWEST and circles > mean:
            begins = log_tail(circles, mean, scatter) + math.log(len(SPANS) * circles / span)
            nominal = max(0.0, -begins / LN10)
        return _Window(span, is_new, circles, mean, scatter, nominal)

    def _verdict(self, p_value: float, window: _Window) -> Verdict:
        state = self._state
        since = state.judged - window.span + 1
        heard = [speaker.flags for speaker in state.speakers.values() if speaker.minute >= since]
        newcomers = [flags for flags in heard if flags & IS_NEW]
        lower, upper = _interval(round(window.mean, 2), round(window.scatter, 1))
        early = {} if state.judged - state.begun >= GRACE else {"is_early": 1.0}
        return Verdict(
            detector=self.name,
            p_value=p_value,
            observed=float(window.circles),
            expected=window.mean,
            lower=float(lower),
            upper=float(upper),
            span_minutes=window.span,
            unit=UNIT,
            factors={
                "accounts": float(len(heard)),
                "newcomers": float(len(newcomers)),
                "new_officials": float(sum(flags & IS_OFFICIAL > 0 for flags in newcomers)),
                "new_negative": float(sum(flags & IS_NEGATIVE > 0 for flags in newcomers)),
                "new_positive": float(sum(flags & IS_POSITIVE > 0 for flags in newcomers)),
                "is_of_newcomers": float(window.is_new),
                "scatter": window.scatter,
                "nominal": window.nominal,
                "statistic": state.nominal,
                **self._episodes.factors,
                **early,
            },
            drivers=("influence",),
        )


def _nominal(circles: float, mean: float, scatter: float, span: int) -> float:
    """Return -log10 of the chance a minute that a window of `span` minutes begins to hold so many circles."""
    begins = log_tail(circles, mean, scatter) + math.log(len(SPANS) * circles / span)
    return max(0.0, -begins / LN10)


@lru_cache(maxsize=1_024)
def _interval(mean: float, scatter: float) -> tuple[float, float]:
    return interval(mean, scatter)


def _calibrated(nominal: float, factors: dict[str, float]) -> float:
    """Return the p-value of a statistic from the factors of a verdict."""
    if nominal <= 0.0 or "is_early" in factors:
        return 1.0
    return max(recomputed(nominal, factors), math.pow(10.0, -(nominal + CAUTION)))


def detector(_topic: Topic) -> Voices:
    """Return a fresh detector for a topic."""
    return Voices()
