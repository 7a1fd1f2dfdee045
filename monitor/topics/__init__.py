"""Mention -> Match: what we listen for, and where it was heard.

A :class:`Topic` is a named query and its settings, read from a YAML watchlist. The matcher finds, for a batch of
mentions, which topics each is about. A :class:`Match` is what travels on: one mention on one topic, reduced to
what the measures need, with its author behind a pseudonym.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import Literal

import msgspec

from monitor.mentions import Kind

__all__ = ["Account", "Match", "OpeningHours", "PlannedEvent", "Policy", "Reading", "Role", "Side", "Topic"]

Side = Literal["ours", "competitor"]
Role = Literal["press", "office"]
"""What a profile says its owner does: works for the press, or holds a public office."""


class Account(msgspec.Struct, frozen=True):
    """An account of the brand itself. `network` ``None`` means the handle is ours on every network."""

    handle: str
    network: str | None = None


class OpeningHours(msgspec.Struct, frozen=True):
    """When the brand answers: ISO weekday numbers (1 = Monday) and local times [opens, closes)."""

    weekdays: tuple[int, ...]
    opens: time
    closes: time


class PlannedEvent(msgspec.Struct, frozen=True):
    """Something planned that makes people talk: it shifts what is expected, and is judged all the same.

    Attributes
    ----------
    name
        As people say it.
    kind
        ``launch``, ``match``, ``sale`` or any other word; past events of a kind teach what the next one brings.
    start, end
        When, on the topic's own clocks, without a zone; both or neither.
    weekly
        When it recurs.
    times
        How many times the usual mentions are expected meanwhile; ``None`` to learn it from past events of the kind.
        Positive.
    """

    name: str
    kind: str = "other"
    start: datetime | None = None
    end: datetime | None = None
    weekly: tuple[OpeningHours, ...] = ()
    times: float | None = None


class Policy(msgspec.Struct, frozen=True):
    """How often this topic may bother people; nobody picks a threshold.

    Attributes
    ----------
    watches_per_day, warnings_per_month, pages_per_month
        The most *false* incidents of each severity (watch, warning, critical) one should expect, by day and by night
        together. Positive.
    watches_at_night, warnings_at_night, pages_at_night
        How many of these may fall outside the opening hours (outside 08:00 to 22:00 where none are given), on the
        topic's own clock, in the same unit; ``None`` for as they come, that is in proportion to the hours. Positive,
        and less than the whole.
    page_from
        The least severity that pages.
    """

    watches_per_day: float = 1.0
    warnings_per_month: float = 2.0
    pages_per_month: float = 2.0
    watches_at_night: float | None = None
    warnings_at_night: float | None = None
    pages_at_night: float | None = None
    page_from: Literal["watch", "warning", "critical", "never"] = "critical"


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """One thing we listen for.

    Attributes
    ----------
    id
        ``[a-z0-9_-]{1,40}``; appears in labels, files and URLs, never changes.
    name
        As people say it.
    query
        What to match, in the query language of :mod:`monitor.topics.query`.
    side
        Ours or a competitor's.
    accounts, support_accounts
        The brand's own accounts: what they publish is never a complaint, and what answers them is always ours.
    opening_hours, time_zone
        When the brand is there to answer; the zone also sets what "3 a.m." means. IANA name.
    languages
        Languages expected; empty for any.
    events
        What is planned.
    policy
        How often the topic may bother people.
    owner
        Who is responsible, as a team or role.
    labels
        Copied to every alert, for routing.
    """

    id: str
    name: str
    query: str
    side: Side = "ours"
    accounts: tuple[Account, ...] = ()
    support_accounts: tuple[Account, ...] = ()
    opening_hours: tuple[OpeningHours, ...] = ()
    time_zone: str = "Europe/Paris"
    languages: tuple[str, ...] = ()
    events: tuple[PlannedEvent, ...] = ()
    policy: Policy = Policy()
    owner: str | None = None
    labels: dict[str, str] = {}


class Reading(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What the words of a post told; found once, inherited by every repost.

    Attributes
    ----------
    tone
        From -1 (indignant) to 1 (delighted).
    alarm_words
        How many words of complaint, outrage, boycott, law or safety it holds.
    is_ironic
        Signs of irony were found, so that `tone` is uncertain.
    fingerprint
        Sketch of the words, alike for nearly identical texts (:mod:`monitor.topics.fingerprint`); 0 when there are
        too few words to tell.
    links
        Keys of the pages it links to (:func:`monitor.topics.fingerprint.link_key`), at most four.
    """

    tone: float
    alarm_words: int = 0
    is_ironic: bool = False
    fingerprint: int = 0
    links: tuple[int, ...] = ()


class Match(msgspec.Struct, frozen=True, gc=False):
    """One mention on one topic, reduced to what is measured.

    Attributes
    ----------
    topic
        Topic id.
    key, id
        The mention's 64-bit key (:func:`monitor.mentions.mention_key`) and the network's own identifier.
    published_us
        Event time, microseconds since the Unix epoch.
    network, kind
        As on the mention.
    author
        The author's pseudonym (:func:`monitor.mentions.author_key`).
    followers
        The author's follower count; ``None`` when unknown.
    root, root_id
        Key and network identifier of the root of the cascade (repost or quote) or conversation (reply) this
        belongs to; its own when it is a root.
    root_author
        Pseudonym of the root's author; ``None`` when the network does not name them.
    tone
        From -1 (indignant) to 1 (delighted); a repost has its root's.
    hashtags
        Folded (lower case, no accents), without ``#``.
    is_own
        Published by one of the brand's own accounts.
    answers_own
        A reply to, or quote of, one of the brand's own accounts.
    term
        The term or rule that matched, for people.
    parent
        Key of the item it directly answers, quotes or reposts, where the network names one.
    account_created_us
        Start of the day (UTC) on which the author's account was opened; ``None`` when unknown.
    verified
        Whether the network vouches for the author; ``None`` when it does not say.
    role
        What the author's profile says they do, where that matters.
    alarm_words, is_ironic, fingerprint, links
        As on the root's :class:`Reading`.
    images
        Keys of what it shows (:func:`monitor.topics.images.image_keys`), up to 257 bits; none for a repost.
    """

    topic: str
    key: int
    id: str
    published_us: int
    network: str
    kind: Kind
    author: int
    followers: int | None
    root: int
    root_id: str
    tone: float
    root_author: int | None = None
    hashtags: tuple[str, ...] = ()
    is_own: bool = False
    answers_own: bool = False
    term: str = ""
    parent: int | None = None
    account_created_us: int | None = None
    verified: bool | None = None
    role: Role | None = None
    alarm_words: int = 0
    is_ironic: bool = False
    fingerprint: int = 0
    links: tuple[int, ...] = ()
    images: tuple[int, ...] = ()

    @property
    def evidence(self) -> str:
        """The mention as evidence: ``network:id``."""
        return f"{self.network}:{self.id}"
