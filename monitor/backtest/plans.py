"""What is going to be said, and what is known to be true about it: the vocabulary of scenarios."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import msgspec

from monitor.backtest.brands import Brand
from monitor.clock import MINUTE_US, rfc3339
from monitor.mentions import Author, Kind, Mention

__all__ = ["Event", "Milestone", "Plan", "Reaction", "Spread", "TopicTruth", "Truth"]

_QUARTER_US: Final = 15 * MINUTE_US


class Reaction(msgspec.Struct, frozen=True):
    """One way of reacting to a post: its kind, the register it is written in, and how usual it is."""

    kind: Kind
    register: str
    weight: float


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """How a post makes others speak.

    Attributes
    ----------
    reactions
        What people do.
    reproduction
        Mean reactions that each reaction brings in turn, at an instant of event time. Above one it grows.
    deep_share
        Share of the reactions to a reply or quote that answer *it*; the others answer what it answered.
    is_new_crowd
        Whether those who react never spoke of the brand before (a firestorm) or are its usual public.
    within_us
        Only reactions quicker than this.
    """

    reactions: tuple[Reaction, ...]
    reproduction: Callable[[int], float]
    deep_share: float = 0.25
    is_new_crowd: bool = False
    within_us: int | None = None


class Milestone(msgspec.Struct, frozen=True):
    """A step of a story as it was planted: when, what, and the post that was it (``network:id``)."""

    at: str
    what: str
    post: str | None = None


class TopicTruth(msgspec.Struct, frozen=True, kw_only=True):
    """What was planted on one topic; times are RFC 3339 in UTC, ``None`` where nothing was planted.

    Attributes
    ----------
    onset, peak, end
        When it began, the start of its busiest quarter of an hour, and when 95 % of its posts were out.
    posts
        Posts that exist because of it.
    """

    id: str
    is_crisis: bool
    kind: str
    onset: str | None = None
    peak: str | None = None
    end: str | None = None
    posts: int = 0
    milestones: tuple[Milestone, ...] = ()


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """What a simulation planted; `posts` and `reposts` count distinct posts, `duplicates` those delivered again."""

    scenario: str
    seed: int
    volume: float
    strength: float = 1.0
    start: str
    end: str
    posts: int
    reposts: int
    duplicates: int
    gaps: tuple[tuple[str, str, str], ...]
    topics: tuple[TopicTruth, ...]


@dataclass(slots=True)
class Event:
    """Something planted on a topic, which keeps count of the posts it causes.

    Attributes
    ----------
    limit
        After so many posts it brings no further reactions.
    """

    topic: str
    kind: str
    is_crisis: bool
    onset_us: int
    limit: int = 20_000
    posts: int = 0
    quarters: Counter[int] = field(default_factory=Counter)
    milestones: list[Milestone] = field(default_factory=list)

    def count(self, published_us: int) -> None:
        """Count a post caused by this event."""
        self.posts += 1
        self.quarters[published_us // _QUARTER_US] += 1

    def mark(self, at_us: int, what: str, post: Mention | None = None) -> None:
        """Remember a step of the story."""
        self.milestones.append(Milestone(rfc3339(at_us), what, f"{post.network}:{post.id}" if post else None))

    def truth(self) -> TopicTruth:
        """Return what became of it."""
        if not self.posts:
            return TopicTruth(
                id=self.topic, is_crisis=self.is_crisis, kind=self.kind, onset=rfc3339(self.onset_us),
                milestones=tuple(self.milestones),
            )  # fmt: skip
        busiest = min(self.quarters, key=lambda quarter: (-self.quarters[quarter], quarter))
        seen = 0
        last = busiest
        for last in sorted(self.quarters):
            seen += self.quarters[last]
            if seen >= 0.95 * self.posts:
                break
        return TopicTruth(
            id=self.topic,
            is_crisis=self.is_crisis,
            kind=self.kind,
            onset=rfc3339(self.onset_us),
            peak=rfc3339(max(self.onset_us, busiest * _QUARTER_US)),
            end=rfc3339((last + 1) * _QUARTER_US),
            posts=self.posts,
            milestones=tuple(self.milestones),
        )


@dataclass(slots=True)
class Plan:
    """A post to come.

    Attributes
    ----------
    register
        What is said: a register of the phrasebooks. Ignored for a repost, which has its target's words.
    author
        Who says it; ``None`` for an ordinary person.
    network, lang
        Empty to be drawn (or to follow the target's).
    target
        What is answered, quoted or reposted.
    spread
        How it makes others speak; ``None`` for not at all.
    reactions
        Mean direct reactions beside the spread's reproduction: how much the post itself provokes.
    then
        Called with the post once it is out, for what follows from it.
    text
        The very words; empty to have them put together from the register.
    links
        Pages it links to beside those in its words.
    """

    brand: Brand
    register: str
    kind: Kind = "post"
    author: Author | None = None
    network: str = ""
    lang: str = ""
    target: Mention | None = None
    spread: Spread | None = None
    reactions: float = 0.0
    event: Event | None = None
    is_new_crowd: bool = False
    then: Callable[[Mention], None] | None = None
    text: str = ""
    links: tuple[str, ...] = ()
