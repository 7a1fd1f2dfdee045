"""Has a share of the voices changed? The shared part of every detector that judges "so many of so many".

A member is a file with a subclass of :class:`ShareDetector` that names itself, says what it counts in a signal
(:meth:`ShareDetector.count`), what is usual before anything is known, and from how many on it speaks; and a function
``detector(topic)``. Two tests run side by side, each held to half of the detector's budget:

* *windows*: over the last quarter of an hour, half hour and hour, the beta-binomial chance of at least so many. For
  turns that come at once.
* *evidence*: a cumulative sum of beta-binomial log-likelihood ratios, half hour by half hour, of "two and a half
  times the usual odds" against "the usual odds". For turns so slow that no window shows them. The chance that the sum
  stands above ``h`` while nothing has changed is at most ``exp(-h)``, as in :mod:`monitor.anomalies.slow_burn`.

Both are then calibrated on the topic's own past half days (:mod:`monitor.anomalies.episodes`), which may find either
too cautious: a window that slides, or a sum that stands, looks so for long. Verdicts have the unit ``share``: observed
and expected lie in [0, 1]. Their factors say the numbers behind them: ``count`` of ``voices``, ``usual``,
``wandering``, ``nominal`` (the -log10 of the chance of this window by itself), and which test spoke (``is_slow``).

References
----------
.. [1] N. L. Johnson, A. W. Kemp, S. Kotz, Univariate Discrete Distributions, 3rd ed. 2005, section 6.2.2.
"""

from __future__ import annotations

import math
from typing import ClassVar, Final, NamedTuple

import msgspec

from monitor.anomalies import Verdict
from monitor.anomalies.episodes import Episodes, EpisodesState, recomputed
from monitor.anomalies.pooled import EVIDENCE_OF_SHARES, WINDOWS_OF_SHARES
from monitor.clock import DAY_US, MINUTE_US
from monitor.signals import Signal
from monitor.stats.binomial import beta_binomial_upper_tail
from monitor.stats.block_maxima import ExtremeValues
from monitor.stats.shares import UsualShare, log_likelihood_ratio

__all__ = ["UNIT", "ShareDetector"]

UNIT: Final = "share"
BIN: Final = 5  # minutes; windows slide by so many
SPANS: Final = (15, 30, 60)  # minutes
BLOCK: Final = 30  # minutes: what is learned, and what adds evidence, is taken by the half hour
HALF_LIFE_BLOCKS: Final = 14 * DAY_US // MINUTE_US / BLOCK  # two weeks, so that each weekday counts
PRIOR_VOICES: Final = 40.0
WEAK_VOICES: Final = 4.0  # what the prior weighs in the reading of a first day that grants the topic most
DAY: Final = 1440  # minutes
GRACE: Final = 180  # minutes must be seen, and as many voices as the prior weighs; hours differ little in shares
REMARKABLE: Final = 1e-3  # p-value: on the first day, only what is less likely is said at all
# Windows that are fewer standard deviations than these above the usual share are not looked into.
UNREMARKABLE: Final = 1.5
ODDS: Final = 2.5
MOST: Final = 2.0  # nats that one half hour may add: one loud burst is the windows' business
CAP_P: Final = 1e-5  # enough to spend a usual watch budget; beyond it the sum would only take longer to come down
EARNED: Final = 1.0  # decades; see tests/benchmarks/claimed_chances.py
WINDOW_PRIOR: Final = ExtremeValues(1.3, 0.6, 0.05)
EVIDENCE_PRIOR: Final = ExtremeValues(0.6, 0.45, 0.1)  # largest of a half day if not even the volume is known
LN10: Final = math.log(10.0)


class _State(msgspec.Struct, array_like=True):
    usual: UsualShare
    windows: EpisodesState
    evidences: EpisodesState
    begun: int = -1  # the first minute heard of
    cursor: int = -1  # the first minute not accounted for
    bins: list[tuple[int, int, int]] = []  # (number, count, voices), oldest first; the last hour
    judged: int = -1  # the minute last judged, part of bins and block only when the next one comes
    judged_count: int = 0
    judged_voices: int = 0
    window: float = 0.0  # nominal statistics of the minute last judged
    slow: float = 0.0
    block: int = -1
    count: int = 0  # of the open block, judged; and learned
    voices: int = 0
    learned_count: int = 0
    learned_voices: int = 0
    learned_block: int = -1
    evidence: float = 0.0  # nats, of the blocks that are over
    since: int = -1  # first minute of the present rise, and what it held
    rise_count: int = 0
    rise_voices: int = 0
    heard: int = 0  # voices in all


class _Window(NamedTuple):
    minutes: int
    held: int
    voices: int


class ShareDetector:
    """Judges a share of one topic's voices, minute by minute. See the module for what a member adds."""

    name: ClassVar[str]
    judges_silence: ClassVar[bool] = False
    bin_minutes: ClassVar[int] = BIN
    prior: ClassVar[float]
    """The usual share before anything is known, in (0, 1)."""
    fewest: ClassVar[int]
    """Fewer voices with the property than these are never a matter of shares."""

    def __init__(self) -> None:
        self._beta: tuple[float, float] | None = None
        self._windows = Episodes(WINDOW_PRIOR, earned=EARNED, pool=(WINDOWS_OF_SHARES, self._voices_a_day))
        self._evidences = Episodes(EVIDENCE_PRIOR, earned=EARNED, pool=(EVIDENCE_OF_SHARES, self._voices_a_day))
        usual = UsualShare(self.prior, PRIOR_VOICES)
        self._state = _State(usual, self._windows.state, self._evidences.state)

    def count(self, signal: Signal) -> tuple[int, int]:
        """Return (how many had the property, of how many) in one minute with mentions; 0 <= the first <= the second."""
        raise NotImplementedError

    def score(self, signal: Signal) -> Verdict:
        """Judge a minute before learning it."""
        self._present(signal)
        state = self._state
        window, nominal = self._least_likely()
        slow = self._slow_nominal()
        state.window, state.slow = (nominal, slow) if state.judged_voices else (0.0, 0.0)
        p_value, is_slow = 1.0, False
        if state.judged_voices and self._is_seasoned():
            at_once, slowly = 2.0 * self._windows.p_value(state.window), 1.0
            if state.rise_count + state.count + state.judged_count >= self.fewest:
                slowly = 2.0 * self._evidences.p_value(state.slow)
            p_value, is_slow = min(1.0, at_once, slowly), slowly < at_once
            if state.judged - state.begun < DAY and p_value > REMARKABLE:
                p_value, is_slow = 1.0, False
        return self._verdict(p_value, self._rise() if is_slow else window, is_slow=is_slow)

    def recompute(self, verdict: Verdict) -> float:
        """Return the p-value of a verdict from its factors."""
        factors = verdict.factors
        statistic = factors["statistic"]
        if statistic > 0.0 and not factors["is_slow"]:
            nominal = _nominal(factors["count"], factors)
            statistic = statistic if math.isclose(nominal, statistic, rel_tol=1e-9) else nominal
        return min(1.0, 2.0 * recomputed(statistic, factors))

    def supposing(self, verdict: Verdict, count: int) -> Verdict | None:
        """Return the verdict had `count` voices had the property; an unlikely slow one rests on when they did: nothing.

        Of a likely slow one only the chance of the window by itself changes: at most as unlikely as it would have been.
        """
        factors = verdict.factors
        voices = factors["voices"]
        if (factors["is_slow"] and factors["statistic"] > 0.0) or not 0 <= count <= voices:
            return None
        nominal = _nominal(count, factors) if count >= self.fewest else 0.0
        usual, wandering = factors["usual"], factors["wandering"]
        spread = usual * (1.0 - usual) * voices * (1.0 + (voices - 1.0) * wandering)
        is_remarkable = not factors["is_slow"] and count - voices * usual > UNREMARKABLE * math.sqrt(spread)
        statistic = nominal if is_remarkable else 0.0
        return msgspec.structs.replace(
            verdict,
            observed=count / max(1.0, voices),
            p_value=min(1.0, 2.0 * recomputed(statistic, factors)),
            factors={**factors, "count": float(count), "nominal": nominal, "statistic": statistic},
        )

    def adds(self, signal: Signal) -> dict[str, int]:
        """Return what a minute adds to what a verdict counts."""
        return dict(zip(("count", "voices"), self.count(signal), strict=True))

    def learn(self, signal: Signal) -> None:
        """Take the minute just scored into what is normal."""
        minute = signal.start_us // MINUTE_US
        state = self._state
        if minute < state.cursor:
            return
        if state.judged != minute:
            self._present(signal)
            state.window = state.slow = 0.0
        state.learned_count += state.judged_count
        state.learned_voices += state.judged_voices
        self._windows.learn(minute, state.window)
        self._evidences.learn(minute, state.slow)
        state.cursor = minute + 1

    def skip(self, start_us: int, end_us: int) -> None:
        """Account for [start_us, end_us) as unseen: neither score it nor learn it as silence.

        What was judged in it stays in the windows and in the evidence, because every minute is judged while an
        incident is open; what is usual does not change.
        """
        state = self._state
        first = start_us // MINUTE_US
        self._pass_silence(first)
        if state.judged == first == state.cursor:
            if state.window > 0.0:
                self._windows.onset(first, state.window)
            if state.slow > 0.0:
                self._evidences.onset(first, state.slow)
        state.cursor = max(state.cursor, -(-end_us // MINUTE_US))

    def snapshot(self) -> bytes:
        """Return the whole state as msgpack."""
        return msgspec.msgpack.encode(self._state)

    def restore(self, state: bytes) -> None:
        """Take back a state that :meth:`snapshot` returned."""
        self._state = msgspec.msgpack.decode(state, type=_State)
        self._beta = None
        self._windows.restore(self._state.windows)
        self._evidences.restore(self._state.evidences)

    # -- time passes

    def _present(self, signal: Signal) -> None:
        """Move to a minute, and take in what it held; one of the past holds nothing any more."""
        state = self._state
        minute = signal.start_us // MINUTE_US
        block_end = (state.block + 1) * BLOCK
        if 0 < block_end < minute:  # close it when it ended: what is capped then rests on what was known then
            self._pass_silence(block_end)
            self._settle(block_end)
        self._pass_silence(minute)
        self._settle(minute)
        self._learn_block(minute // BLOCK)
        held = self.count(signal) if signal.mentions and minute >= state.judged else (0, 0)
        state.judged, (state.judged_count, state.judged_voices) = max(minute, state.judged), held

    def _pass_silence(self, minute: int) -> None:
        state = self._state
        if state.begun < 0:
            state.begun = state.cursor = minute
        if state.cursor < minute:
            for episodes in (self._windows, self._evidences):
                episodes.learn(state.cursor, 0.0, minute - state.cursor)
            state.cursor = minute

    def _settle(self, minute: int) -> None:
        """Take the minute last judged into its bin and block, if time has moved on; close the block if it is over."""
        state = self._state
        if 0 <= state.judged < minute:
            if state.judged_voices:
                number = state.judged // BIN
                count, voices = state.judged_count, state.judged_voices
                if state.bins and state.bins[-1][0] == number:
                    _, more_count, more_voices = state.bins.pop()
                    count, voices = count + more_count, voices + more_voices
                state.bins.append((number, count, voices))
                state.count += state.judged_count
                state.voices += state.judged_voices
                state.heard += state.judged_voices
            state.judged_count = state.judged_voices = 0
        oldest = minute // BIN - SPANS[-1] // BIN
        while state.bins and state.bins[0][0] <= oldest:
            del state.bins[0]
        if minute // BLOCK != state.block:
            self._close_block(minute // BLOCK)

    def _close_block(self, block: int) -> None:
        """Add the evidence of the block that is over, and begin the next."""
        state = self._state
        evidence = self._evidence(state.count, state.voices)
        if not state.voices:  # silence says nothing about shares
            state.block = block
            return
        if evidence > 0.0 and self._is_seasoned():  # what is usual was only assumed before
            state.evidence = min(evidence, LN10 * self._evidences.nominal(CAP_P))
            state.since = state.block * BLOCK if state.since < 0 else state.since
            state.rise_count += state.count
            state.rise_voices += state.voices
        else:
            state.evidence, state.since, state.rise_count, state.rise_voices = 0.0, -1, 0, 0
        state.block, state.count, state.voices = block, 0, 0

    def _learn_block(self, block: int) -> None:
        """Take the block last learned from into what is usual, once another begins."""
        state = self._state
        if block <= state.learned_block:
            return
        if state.learned_block >= 0:
            state.usual.learn(state.learned_count, state.learned_voices)
            state.usual.fade(0.5 ** ((block - state.learned_block) / HALF_LIFE_BLOCKS))
            self._beta = None
        state.learned_block, state.learned_count, state.learned_voices = block, 0, 0

    def _voices_a_day(self, until_us: int) -> float:
        state = self._state
        days = (until_us // MINUTE_US - state.begun) / DAY
        return (state.heard + state.judged_voices) / max(1.0, days)

    # -- judging

    def _share(self) -> tuple[float, float]:
        """Return the parameters of the Beta distribution of the usual share."""
        if self._beta is None:
            state = self._state
            alpha, beta = state.usual.beta()
            if state.learned_block * BLOCK - state.begun < DAY:  # or the pool would call a topic sour that always was
                share, strength = max(alpha / (alpha + beta), state.usual.own(WEAK_VOICES)), alpha + beta
                alpha, beta = share * strength, (1.0 - share) * strength
            self._beta = alpha, beta
        return self._beta

    def _is_seasoned(self) -> bool:
        """Whether what is usual was learned from the topic itself."""
        state = self._state
        return state.judged - state.begun >= GRACE and state.usual.voices >= PRIOR_VOICES

    def _least_likely(self) -> tuple[_Window, float]:
        """Return the window whose count is least likely, and its -log10 of the chance."""
        alpha, beta = self._share()
        usual, strength = alpha / (alpha + beta), alpha + beta
        sums = self._sums()
        found, most = sums[1], 0.0  # half an hour, unless another stands out
        for minutes, count, voices in sums:
            if count < self.fewest:
                continue
            spread = usual * (1.0 - usual) * voices * (strength + voices) / (strength + 1.0)
            if count - voices * usual <= UNREMARKABLE * math.sqrt(spread):
                continue
            nominal = -math.log10(beta_binomial_upper_tail(count, voices, alpha, beta))
            if nominal > most:
                found, most = _Window(minutes, count, voices), nominal
        return found, most

    def _sums(self) -> list[_Window]:
        """Return what each span that ends with the present minute held."""
        state = self._state
        present = state.judged // BIN
        count, voices = state.judged_count, state.judged_voices
        found: list[_Window] = []
        place = len(state.bins) - 1
        for span in SPANS:
            oldest = present - span // BIN
            while place >= 0 and state.bins[place][0] > oldest:
                count += state.bins[place][1]
                voices += state.bins[place][2]
                place -= 1
            found.append(_Window(span, count, voices))
        return found

    def _evidence(self, count: int, voices: int) -> float:
        """Return the sum with the open block's log-likelihood ratio added, in nats."""
        state = self._state
        if not voices:
            return state.evidence
        alpha, beta = self._share()
        ratio = log_likelihood_ratio(count, voices, alpha / (alpha + beta), 1.0 / (alpha + beta + 1.0), ODDS)
        return state.evidence + min(MOST, ratio)

    def _slow_nominal(self) -> float:
        state = self._state
        evidence = self._evidence(state.count + state.judged_count, state.voices + state.judged_voices)
        return max(0.0, evidence) / LN10

    def _rise(self) -> _Window:
        """Return the whole present rise."""
        state = self._state
        since = state.since if state.since >= 0 else state.block * BLOCK
        count = state.rise_count + state.count + state.judged_count
        voices = state.rise_voices + state.voices + state.judged_voices
        return _Window(max(1, state.judged + 1 - since), count, voices)

    def _verdict(self, p_value: float, window: _Window, *, is_slow: bool) -> Verdict:
        alpha, beta = self._share()
        usual, strength = alpha / (alpha + beta), alpha + beta
        side = 1.96 * math.sqrt(usual * (1.0 - usual) * (strength / max(1, window.voices) + 1.0) / (strength + 1.0))
        nominal = 0.0
        if window.held >= self.fewest and window.held > usual * window.voices:
            nominal = -math.log10(beta_binomial_upper_tail(window.held, window.voices, alpha, beta))
        told = self._evidences if is_slow else self._windows
        known = self._state.judged - self._state.begun
        early = {"known_minutes": float(known)} if known < DAY else {}
        if not self._is_seasoned():
            early["is_early"] = 1.0
        return Verdict(
            detector=self.name,
            p_value=p_value,
            observed=window.held / window.voices if window.voices else usual,
            expected=usual,
            lower=max(0.0, usual - side),
            upper=min(1.0, usual + side),
            span_minutes=window.minutes,
            unit=UNIT,
            factors={
                "count": float(window.held),
                "voices": float(window.voices),
                "usual": usual,
                "wandering": 1.0 / (strength + 1.0),
                "nominal": nominal,
                "statistic": 0.0 if p_value == 1.0 else self._state.slow if is_slow else self._state.window,
                "is_slow": float(is_slow),
                "evidence_nats": self._state.slow * LN10,
                **told.factors,
                **early,
            },
            drivers=(self.name,),
        )


def _nominal(count: float, factors: dict[str, float]) -> float:
    """Return -log10 of the chance of `count` or more, of as many voices and the same usual share."""
    strength = 1.0 / factors["wandering"] - 1.0
    usual, voices = factors["usual"], int(factors["voices"])
    return -math.log10(beta_binomial_upper_tail(int(count), voices, usual * strength, (1.0 - usual) * strength))
