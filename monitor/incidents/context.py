"""What an incident wants to know about a topic's last hour beside the verdicts: evidence, and who takes part.

Keeps the posts of the last hour with the largest audience, those of the brand's own that draw answers, and how many
mentions come from influential accounts, or from those who never spoke on the topic before, against what is usual.
Whether the crowd has turned is judged by detectors (:mod:`monitor.anomalies.negative_share`,
:mod:`monitor.anomalies.own_replies`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from monitor.approval import Approval
from monitor.clock import DAY_US, MINUTE_US
from monitor.incidents.jumps import Jumps, JumpsState
from monitor.incidents.own_posts import OwnPosts, OwnPostsState
from monitor.incidents.proof import Proof, ProofState
from monitor.incidents.scolding import tones_of
from monitor.stats.binomial import beta_binomial_upper_tail
from monitor.topics import Match

__all__ = ["INFLUENTIAL_FOLLOWERS", "NOTHING_BESIDE", "SHARES", "Beside", "Context", "ContextState", "ShareTest"]

NOTHING: Final[Mapping[int, int]] = {}

INFLUENTIAL_FOLLOWERS: Final = 10_000
"""From here on an account is an influential one; the usual border between micro and mid-tier accounts."""

HALF_LIFE_US: Final = 14 * DAY_US
"""How long the usual shares remember: two weeks, so that each weekday counts."""

PRIOR_MENTIONS: Final = 40.0
"""Weight of the prior shares, in mentions: a new topic is judged by them until it has as many of its own."""

SHARES: Final[dict[str, float]] = {
    "influential": 0.05,
    "alarming": 0.05,
    "arguing": 0.30,
    "new_authors": 0.90,
}
"""The shares kept, with their prior before a topic has any history: what general brand chatter looks like.

Who is known after two days speaks often; nearly everybody else is new for weeks.
"""

UNKNOWN: Final = -1
"""In place of a count, when nobody can tell yet."""

SPAN_MINUTES: Final = 60
"""The 'last hour'."""


class Beside(NamedTuple):
    """What became known in a minute beside its posts and what was judged of them.

    Attributes
    ----------
    approvals
        Of the likes of the brand's own posts: key of the post, and what of it; in order of time.
    copies, first_words
        Which of the matches say nearly what another said, or are by newcomers, as in :meth:`Context.add`.
    late
        What was heard in it and published before it.
    """

    approvals: Sequence[tuple[int, Approval]] = ()
    copies: Mapping[int, int] = NOTHING
    first_words: Collection[int] | None = ()
    late: Sequence[Match] = ()


NOTHING_BESIDE: Final = Beside()


class MinuteCounts(msgspec.Struct, gc=False):
    """One minute, counted."""

    start_us: int
    mentions: int
    shares: tuple[int, ...]
    answers: tuple[int, int, int]
    candidates: tuple[tuple[int, str], ...]


class ContextState(msgspec.Struct):
    """All a context remembers."""

    at_us: int = 0
    weight: float = 0.0
    sums: list[float] = msgspec.field(default_factory=lambda: [0.0] * len(SHARES))
    recent: list[MinuteCounts] = []
    own_posts: OwnPostsState = msgspec.field(default_factory=OwnPostsState)
    jumps: JumpsState = msgspec.field(default_factory=JumpsState)
    proof: ProofState = msgspec.field(default_factory=ProofState)


class ShareTest(msgspec.Struct, frozen=True):
    """One share over the last minutes against what is usual.

    Attributes
    ----------
    count, mentions
        Mentions with the property, and all of them.
    usual
        The usual share, in (0, 1).
    strength
        From how many mentions that is taken to be known, at least.
    """

    count: int
    mentions: int
    usual: float
    strength: float

    @property
    def p_value(self) -> float:
        """Chance of at least `count` when nothing has changed, in (0, 1]: beta-binomial."""
        alpha, beta = self.usual * self.strength, (1 - self.usual) * self.strength
        return beta_binomial_upper_tail(self.count, self.mentions, alpha, beta)

    @property
    def share(self) -> float:
        """The observed share, in [0, 1]."""
        return self.count / self.mentions if self.mentions else 0.0


class Context:
    """Usual shares of one topic and its last hour. Constant memory: at most sixty minutes of counts.

    Attributes
    ----------
    own_posts
        What the brand's own posts of the last day draw.
    jumps
        What came to a second network.
    proof
        What a page may rest on.
    """

    def __init__(self) -> None:
        self._state = ContextState()
        self.own_posts = OwnPosts()
        self.jumps = Jumps()
        self.proof = Proof()

    def hear(self, start_us: int, matches: Sequence[Match], beside: Beside = NOTHING_BESIDE) -> None:
        """Take in one closed minute, empty or not, and what else became known in it."""
        self.jumps.add(beside.late)
        if matches:
            self.add(start_us, matches, beside.copies, beside.first_words)
        self.own_posts.approve(beside.approvals)

    def add(
        self,
        start_us: int,
        matches: Sequence[Match],
        copies: Mapping[int, int] = NOTHING,
        first_words: Collection[int] | None = (),
    ) -> None:
        """Take in one closed minute; `copies` as in :meth:`monitor.incidents.proof.Proof.add`.

        `first_words` are the keys of those whose authors never spoke on the topic before; ``None`` if nobody knows.
        """
        heard = [match for match in matches if not match.is_own]
        counts = (
            sum((match.followers or 0) >= INFLUENTIAL_FOLLOWERS for match in heard),
            sum(match.alarm_words > 0 for match in heard),
            sum(match.kind == "reply" or match.kind == "quote" for match in heard),  # noqa: PLR1714 - as in the tracker
            UNKNOWN if first_words is None else sum(match.key in first_words for match in heard),
        )
        candidates = sorted((-(match.followers or 0), match.evidence) for match in heard if match.kind != "repost")[:3]
        minute = MinuteCounts(
            start_us,
            len(heard),
            counts,
            tones_of(match for match in heard if match.answers_own),
            tuple((-weight, name) for weight, name in candidates),
        )
        self.own_posts.add(start_us, matches)
        self.jumps.add(matches)
        self.proof.add(start_us, heard, copies)
        recent = self._state.recent
        recent.append(minute)
        oldest = start_us - SPAN_MINUTES * MINUTE_US
        while recent[0].start_us <= oldest:
            del recent[0]

    @property
    def end_us(self) -> int:
        """End of the newest minute; 0 before the first."""
        recent = self._state.recent
        return recent[-1].start_us + MINUTE_US if recent else 0

    def learn(self) -> None:
        """Let the newest minute count towards what is usual."""
        state = self._state
        minute = state.recent[-1]
        decay = 0.5 ** (max(0, minute.start_us - state.at_us) / HALF_LIFE_US) if state.at_us else 1.0
        state.at_us = minute.start_us
        state.weight = state.weight * decay + minute.mentions
        for index, (count, prior) in enumerate(zip(minute.shares, SHARES.values(), strict=True)):
            found = count if count != UNKNOWN else prior * minute.mentions
            state.sums[index] = state.sums[index] * decay + found

    def test(self, share: str, minutes: int) -> ShareTest:
        """Test one of :data:`SHARES` over the last `minutes` (1 to 60) against what is usual.

        Notes
        -----
        One-sided beta-binomial test. The usual share is a Beta posterior; its weight is capped at ten priors, because
        the share itself wanders from day to day and a month of mentions would make the test trust it too much.
        """
        index = list(SHARES).index(share)
        recent = self._state.recent
        since = recent[-1].start_us - minutes * MINUTE_US if recent else 0
        window = [minute for minute in recent if minute.start_us > since and minute.shares[index] != UNKNOWN]
        count = sum(minute.shares[index] for minute in window)
        mentions = sum(minute.mentions for minute in window)
        prior = SHARES[share]
        usual = (self._state.sums[index] + prior * PRIOR_MENTIONS) / (self._state.weight + PRIOR_MENTIONS)
        strength = min(self._state.weight + PRIOR_MENTIONS, 10 * PRIOR_MENTIONS)
        return ShareTest(count, mentions, usual, strength)

    def answers(self, minutes: int) -> tuple[int, int, int]:
        """Return the sour, the toneless and the glad answers to the brand of the last `minutes` (1 to 60)."""
        recent = self._state.recent
        since = recent[-1].start_us - minutes * MINUTE_US if recent else 0
        counted = [minute.answers for minute in recent if minute.start_us > since]
        sour, toneless, glad = (sum(column) for column in zip(*counted, strict=True)) if counted else (0, 0, 0)
        return sour, toneless, glad

    def by_minute(self) -> list[tuple[int, ...]]:
        """Return the minutes of the last hour with any matches (since the epoch), each with its mentions, in order."""
        return [(minute.start_us // MINUTE_US, minute.mentions) for minute in self._state.recent]

    def mentions(self, since_us: int) -> int:
        """Return the mentions of the last hour since an instant."""
        return sum(minute.mentions for minute in self._state.recent if minute.start_us >= since_us)

    def best_evidence(self, since_us: int, limit: int) -> list[str]:
        """Return ``network:id`` of the posts of the last hour with the largest direct audience, largest first."""
        candidates = [
            (-weight, minute.start_us, name)
            for minute in self._state.recent
            if minute.start_us >= since_us
            for weight, name in minute.candidates
        ]
        return [name for _, _, name in sorted(candidates)[:limit]]

    def first_evidence(self, since_us: int) -> tuple[int, str] | None:
        """Return the minute and ``network:id`` of the first remembered post at or after `since_us`."""
        for minute in self._state.recent:
            if minute.start_us >= since_us and minute.candidates:
                return minute.start_us, minute.candidates[0][1]
        return None

    def snapshot(self) -> ContextState:
        """Return the state, to be encoded at once."""
        self._state.own_posts = self.own_posts.snapshot()
        self._state.jumps = self.jumps.snapshot()
        self._state.proof = self.proof.snapshot()
        return self._state

    def restore(self, state: ContextState) -> None:
        """Take back a state that :meth:`snapshot` returned."""
        self._state = state
        self.own_posts.restore(state.own_posts)
        self.jumps.restore(state.jumps)
        self.proof.restore(state.proof)
