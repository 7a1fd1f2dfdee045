"""What is usual on a topic beside its volume, and how the last hour compares.

Volume alone cannot tell a crisis from a success. For each topic this keeps long-run shares (how many mentions sound
negative, answer the brand's own posts, are reshares, come from influential accounts) and the same counts over the last
hour, so that each can be tested on its own and become a separate reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import msgspec

from monitor.clock import DAY_US, MINUTE_US
from monitor.stats.binomial import beta_binomial_upper_tail
from monitor.topics import Match

__all__ = ["INFLUENTIAL_FOLLOWERS", "NEGATIVE_TONE", "SHARES", "AnsweredPost", "Context", "ContextState", "ShareTest"]

NEGATIVE_TONE: Final = -0.25
"""A mention sounds negative below this tone."""

INFLUENTIAL_FOLLOWERS: Final = 10_000
"""From here on an account is an influential one; the usual border between micro and mid-tier accounts."""

HALF_LIFE_US: Final = 14 * DAY_US
"""How long the usual shares remember: two weeks, so that each weekday counts."""

PRIOR_MENTIONS: Final = 40.0
"""Weight of the prior shares, in mentions: a new topic is judged by them until it has as many of its own."""

SHARES: Final[dict[str, float]] = {
    "negative": 0.20,
    "answers_own": 0.15,
    "reshare": 0.35,
    "influential": 0.05,
}
"""The shares kept, with their prior before a topic has any history: what general brand chatter looks like."""

MOST_ANSWERED: Final = 3
MOST_OWN_POSTS: Final = 200

SPAN_MINUTES: Final = 60
"""The 'last hour'."""


class MinuteCounts(msgspec.Struct, gc=False):
    """One minute, counted."""

    start_us: int
    mentions: int
    shares: tuple[int, ...]
    candidates: tuple[tuple[int, str], ...]
    answered: tuple[tuple[str, int], ...] = ()  # posts answered or quoted, with how often; the most frequent


class ContextState(msgspec.Struct):
    """All a context remembers."""

    first_us: int = 0
    at_us: int = 0
    weight: float = 0.0
    sums: list[float] = msgspec.field(default_factory=lambda: [0.0] * len(SHARES))
    recent: list[MinuteCounts] = []
    own_posts: dict[str, int] = {}  # network:id -> published_us of the brand's latest posts


class ShareTest(msgspec.Struct, frozen=True):
    """One share over the last minutes against what is usual.

    Attributes
    ----------
    count, mentions
        Mentions with the property, and all of them.
    usual
        The usual share, in (0, 1).
    p_value
        Chance of at least `count` when nothing has changed, in (0, 1].
    """

    count: int
    mentions: int
    usual: float
    p_value: float

    @property
    def share(self) -> float:
        """The observed share, in [0, 1]."""
        return self.count / self.mentions if self.mentions else 0.0


class AnsweredPost(msgspec.Struct, frozen=True):
    """A post of the brand's own, and how often it was answered or quoted in the last hour."""

    evidence: str
    published_us: int
    count: int


class Context:
    """Usual shares of one topic and its last hour. Constant memory: at most sixty minutes of counts."""

    def __init__(self) -> None:
        self._state = ContextState()

    def add(self, start_us: int, matches: Sequence[Match]) -> None:
        """Take in one closed minute."""
        heard = [match for match in matches if not match.is_own]
        counts = (
            sum(match.tone < NEGATIVE_TONE for match in heard),
            sum(match.answers_own for match in heard),
            sum(match.kind in ("repost", "quote") for match in heard),
            sum((match.followers or 0) >= INFLUENTIAL_FOLLOWERS for match in heard),
        )
        candidates = sorted((-(match.followers or 0), match.evidence) for match in heard if match.kind != "repost")[:3]
        answered = Counter(f"{match.network}:{match.root_id}" for match in heard if match.answers_own)
        minute = MinuteCounts(
            start_us,
            len(heard),
            counts,
            tuple((-weight, name) for weight, name in candidates),
            tuple(sorted(answered.items(), key=lambda item: (-item[1], item[0]))[:MOST_ANSWERED]),
        )
        self._remember_own(matches)
        recent = self._state.recent
        recent.append(minute)
        oldest = start_us - SPAN_MINUTES * MINUTE_US
        while recent[0].start_us <= oldest:
            del recent[0]

    def _remember_own(self, matches: Sequence[Match]) -> None:
        own = self._state.own_posts
        for match in matches:
            if match.is_own and match.kind != "repost":
                own[match.evidence] = match.published_us
        while len(own) > MOST_OWN_POSTS:
            del own[next(iter(own))]

    def most_answered_own_post(self) -> AnsweredPost | None:
        """Return the brand's own post that drew most answers and quotes in the last hour, if it was seen."""
        answers: Counter[str] = Counter()
        for minute in self._state.recent:
            answers.update(dict(minute.answered))
        own = self._state.own_posts
        known = [(-count, name) for name, count in answers.items() if name in own]
        if not known:
            return None
        count, name = min(known)
        return AnsweredPost(name, own[name], -count)

    def learn(self) -> None:
        """Let the newest minute count towards what is usual."""
        state = self._state
        minute = state.recent[-1]
        state.first_us = state.first_us or minute.start_us
        decay = 0.5 ** (max(0, minute.start_us - state.at_us) / HALF_LIFE_US) if state.at_us else 1.0
        state.at_us = minute.start_us
        state.weight = state.weight * decay + minute.mentions
        for index, count in enumerate(minute.shares):
            state.sums[index] = state.sums[index] * decay + count

    @property
    def is_seasoned(self) -> bool:
        """Whether what is usual was learned from the topic itself: a day of it, and more mentions than the prior."""
        state = self._state
        newest_us = state.recent[-1].start_us if state.recent else 0
        return bool(state.first_us) and newest_us - state.first_us >= DAY_US and state.weight >= PRIOR_MENTIONS

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
        window = [minute for minute in recent if minute.start_us > since]
        count = sum(minute.shares[index] for minute in window)
        mentions = sum(minute.mentions for minute in window)
        prior = SHARES[share]
        usual = (self._state.sums[index] + prior * PRIOR_MENTIONS) / (self._state.weight + PRIOR_MENTIONS)
        strength = min(self._state.weight + PRIOR_MENTIONS, 10 * PRIOR_MENTIONS)
        p_value = beta_binomial_upper_tail(count, mentions, usual * strength, (1 - usual) * strength)
        return ShareTest(count, mentions, usual, p_value)

    def mentions(self, minutes: int) -> int:
        """Return the mentions of the last `minutes` (1 to 60) up to the newest minute."""
        recent = self._state.recent
        since = recent[-1].start_us - minutes * MINUTE_US if recent else 0
        return sum(minute.mentions for minute in recent if minute.start_us > since)

    def best_evidence(self, since_us: int, limit: int) -> list[str]:
        """Return ``network:id`` of the posts of the last hour with the largest direct audience, largest first."""
        candidates = [
            (-weight, minute.start_us, name)
            for minute in self._state.recent
            if minute.start_us >= since_us
            for weight, name in minute.candidates
        ]
        return [name for _, _, name in sorted(candidates)[:limit]]

    def first_evidence(self, since_us: int) -> str | None:
        """Return ``network:id`` of the first remembered post at or after `since_us`."""
        for minute in self._state.recent:
            if minute.start_us >= since_us and minute.candidates:
                return minute.candidates[0][1]
        return None

    def snapshot(self) -> ContextState:
        """Return the state, to be encoded at once."""
        return self._state

    def restore(self, state: ContextState) -> None:
        """Take back a state that :meth:`snapshot` returned."""
        self._state = state
