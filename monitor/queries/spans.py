"""One topic over a span of event time: how loud against usual, who, what, and how it spreads."""

from __future__ import annotations

from collections import Counter
from typing import Final

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from monitor.cascades import Cascade
from monitor.clock import HOUR_US, MINUTE_US
from monitor.queries.expectation import SUMS, Bucket, late_mentions, sums_of, usual
from monitor.queries.posts import POST_COLUMNS, Post, post_of, rows_of_keys
from monitor.store.rows import cascade_of
from monitor.store.schema import cascades, mentions, signals, state, topics
from monitor.topics import Topic

__all__ = [
    "AudienceBand",
    "CascadeRow",
    "Hashtag",
    "PublicAuthor",
    "Voices",
    "audience_bands",
    "authors_who_matter",
    "hashtags",
    "leading_cascades",
    "observed_and_expected",
    "own_posts",
    "sparkline",
    "top_posts",
    "topic",
    "voices",
]

NEGATIVE_TONE: Final = -0.25
"""A mention sounds negative below this tone."""

RESHARES: Final = ("repost", "quote")
"""Kinds of mention that pass a post on."""

NOTABLE: Final = 3
"""Fewer reshares in an hour make no cascade faster than another."""

AUDIENCES: Final = (10_000, 1_000, 100)
"""Lower bounds of the bands private accounts are counted in."""


class PublicAuthor(msgspec.Struct, frozen=True):
    """A public figure who spoke.

    Attributes
    ----------
    responses
        What their posts drew on this topic in the span: replies, quotes, reposts.
    answered
        The brand posted in a conversation they began.
    """

    handle: str
    network: str
    verified: bool
    followers: int | None
    mentions: int
    responses: int
    first_us: int
    answered: bool


class AudienceBand(msgspec.Struct, frozen=True):
    """Everybody else, by audience: `at_least` followers and fewer than the next band; ``None`` when unknown."""

    at_least: int | None
    accounts: int
    mentions: int


class Hashtag(msgspec.Struct, frozen=True):
    """A hashtag (hostile text, without ``#``), in the span and in the equally long span before."""

    tag: str
    mentions: int
    before: int


class CascadeRow(msgspec.Struct, frozen=True):
    """A cascade, its root where that is stored, and the reshares seen in the hour before the watermark.

    The cascade is as of its last reshare, so that its own growth may be long past.
    """

    cascade: Cascade
    root: Post | None
    recent: int


class Voices(msgspec.Struct, frozen=True):
    """How a span sounds and what it is made of.

    Attributes
    ----------
    tone
        Mean, from -1 to 1; ``None`` when nobody spoke.
    alarming
        Mentions with words of complaint, outrage, boycott, law or safety.
    ironic
        Mentions with signs of irony, so that their tone is uncertain.
    """

    mentions: int
    authors: int
    negative: int
    answers_own: int
    reshares: int
    late: int
    tone: float | None
    alarming: int = 0
    ironic: int = 0

    def share(self, count: int) -> float:
        """Return `count` over all mentions, in [0, 1]."""
        return count / self.mentions if self.mentions else 0.0


def topic(connection: Connection, identifier: str) -> Topic | None:
    """Return a topic that is or was watched, or ``None``."""
    body = connection.execute(select(topics.c.body).where(topics.c.id == identifier)).scalar()
    return None if body is None else msgspec.json.decode(body, type=Topic)


def observed_and_expected(
    connection: Connection, identifier: str, start_us: int, end_us: int, minutes: int
) -> list[Bucket]:
    """Return the topic's mentions in buckets of `minutes` up to `end_us`, each with what was usual.

    Buckets are counted back from `end_us` until `start_us` is covered, so that all are complete and the newest
    minute always shows.
    """
    width_us = minutes * MINUTE_US
    length = -(-(end_us - start_us) // width_us)
    first_us = end_us - length * width_us
    place = ((signals.c.start_us - first_us) // width_us).label("place")
    query = (
        select(place, *SUMS)
        .where(signals.c.topic == identifier, signals.c.start_us >= first_us, signals.c.start_us < end_us)
        .group_by("place")
    )
    sums = {row.place: sums_of(row) for row in connection.execute(query)}
    late = late_mentions(connection, [identifier], first_us, end_us, width_us)
    return usual(sums, first_us, length, minutes, late.get(identifier, {}))


def sparkline(connection: Connection, identifier: str, end_us: int) -> list[Bucket]:
    """Return the day before `end_us` in half hours."""
    return observed_and_expected(connection, identifier, end_us - 1440 * MINUTE_US, end_us, 30)


def own_posts(connection: Connection, identifier: str, start_us: int, end_us: int) -> list[int]:
    """Return when the brand itself published in [start_us, end_us)."""
    query = (
        select(mentions.c.published_us)
        .where(_within(identifier, start_us, end_us), mentions.c.is_own)
        .order_by(mentions.c.published_us)
    )
    return list(connection.execute(query).scalars())


def top_posts(connection: Connection, identifier: str, start_us: int, end_us: int, limit: int = 8) -> list[Post]:
    """Return the posts that drew most in [start_us, end_us): replies, quotes and reposts seen, then followers.

    Notes
    -----
    Networks stop counting when a post is recorded, usually seconds after it was published; what we saw since is the
    honest measure. A root published before the span counts by what it drew within.
    """
    drawn = (
        select(mentions.c.root, func.count().label("responses"))
        .where(_within(identifier, start_us, end_us), mentions.c.key != mentions.c.root)
        .group_by(mentions.c.root)
        .order_by(func.count().desc(), mentions.c.root)
        .limit(4 * limit)
    )
    responses = {row.root: row.responses for row in connection.execute(drawn)}
    rows = [row for row in rows_of_keys(connection, identifier, responses) if row.text is not None]
    if len(rows) < limit:
        loud = (
            select(*POST_COLUMNS)
            .where(_within(identifier, start_us, end_us), mentions.c.text.is_not(None), ~mentions.c.is_own)
            .order_by(func.coalesce(mentions.c.followers, 0).desc(), mentions.c.published_us.desc())
            .limit(2 * limit)
        )
        seen = {row.key for row in rows}
        rows += [row for row in connection.execute(loud) if row.key not in seen]
    posts = [post_of(row, responses.get(row.key, 0)) for row in rows]
    return sorted(posts, key=lambda post: (-post.responses, -(post.followers or 0), post.published_us))[:limit]


def authors_who_matter(
    connection: Connection, identifier: str, start_us: int, end_us: int, limit: int = 15
) -> list[PublicAuthor]:
    """Return the public figures who spoke in [start_us, end_us), largest audience first.

    Only accounts whose handle is stored, which is those of public figures. Private persons are never ranked; see
    :func:`audience_bands`.
    """
    within = _within(identifier, start_us, end_us)
    speakers = (
        select(
            mentions.c.author,
            func.max(mentions.c.handle).label("handle"),
            func.min(mentions.c.network).label("network"),
            func.max(case((mentions.c.verified, 1), else_=0)).label("verified"),
            func.max(mentions.c.followers).label("followers"),
            func.count().label("mentions"),
            func.min(mentions.c.published_us).label("first_us"),
        )
        .where(within, mentions.c.handle.is_not(None), ~mentions.c.is_own)
        .group_by(mentions.c.author)
        .order_by(func.coalesce(func.max(mentions.c.followers), 0).desc(), func.max(mentions.c.handle))
        .limit(limit)
    )
    rows = connection.execute(speakers).all()
    drawn = (
        select(
            mentions.c.root_author,
            func.sum(case((mentions.c.is_own, 0), else_=1)).label("responses"),
            func.max(case((mentions.c.is_own, 1), else_=0)).label("answered"),
        )
        .where(
            within,
            mentions.c.root_author.in_([row.author for row in rows]),
            mentions.c.author != mentions.c.root_author,
        )
        .group_by(mentions.c.root_author)
    )
    responses = {row.root_author: row for row in connection.execute(drawn)}
    return [
        PublicAuthor(
            handle=row.handle,
            network=row.network,
            verified=bool(row.verified),
            followers=row.followers,
            mentions=row.mentions,
            responses=int(responses[row.author].responses) if row.author in responses else 0,
            first_us=row.first_us,
            answered=row.author in responses and bool(responses[row.author].answered),
        )
        for row in rows
    ]


def audience_bands(connection: Connection, identifier: str, start_us: int, end_us: int) -> list[AudienceBand]:
    """Count everybody who is not a public figure by size of audience, largest first, unknown last."""
    bounds = [(mentions.c.followers >= bound, bound) for bound in AUDIENCES]
    at_least = case(*bounds, (mentions.c.followers.is_not(None), 0), else_=None).label("at_least")
    query = (
        select(at_least, func.count(mentions.c.author.distinct()).label("accounts"), func.count().label("mentions"))
        .where(_within(identifier, start_us, end_us), mentions.c.handle.is_(None), ~mentions.c.is_own)
        .group_by("at_least")
    )
    bands = [AudienceBand(row.at_least, row.accounts, row.mentions) for row in connection.execute(query)]
    return sorted(bands, key=lambda band: -1 if band.at_least is None else band.at_least, reverse=True)


def hashtags(connection: Connection, identifier: str, start_us: int, end_us: int, limit: int = 12) -> list[Hashtag]:
    """Return the hashtags used most in [start_us, end_us), with their use in the equally long span before."""
    is_now = case((mentions.c.published_us >= start_us, 1), else_=0)
    query = (
        select(mentions.c.hashtags, func.sum(is_now).label("now"), func.count().label("both"))
        .where(_within(identifier, 2 * start_us - end_us, end_us), mentions.c.hashtags != "", ~mentions.c.is_own)
        .group_by(mentions.c.hashtags)
    )
    now: Counter[str] = Counter()
    before: Counter[str] = Counter()
    for row in connection.execute(query):
        for tag in set(row.hashtags.split()):
            now[tag] += int(row.now)
            before[tag] += row.both - int(row.now)
    leading = sorted((tag for tag in now if now[tag]), key=lambda tag: (-now[tag], tag))[:limit]
    return [Hashtag(tag, now[tag], before[tag]) for tag in leading]


def leading_cascades(
    connection: Connection, identifier: str, start_us: int, end_us: int, limit: int = 6
) -> list[CascadeRow]:
    """Return what was reshared in [start_us, end_us): what moves fastest at its end first, then by reshares within.

    If there is room left, what was answered there and not reshared at all follows, by replies.
    """
    last_hour = func.sum(case((mentions.c.published_us >= end_us - HOUR_US, 1), else_=0))
    reshared = (
        select(mentions.c.root)
        .where(_within(identifier, start_us, end_us), mentions.c.kind.in_(RESHARES))
        .group_by(mentions.c.root)
        .order_by((last_hour // NOTABLE).desc(), func.count().desc(), mentions.c.root)
        .limit(limit)
    )
    roots = list(connection.execute(reshared).scalars())
    followed = select(cascades).where(cascades.c.topic == identifier, cascades.c.root.in_(roots))
    found = {row["root"]: cascade_of(row) for row in connection.execute(followed).mappings()}
    answered = (
        select(cascades)
        .where(cascades.c.topic == identifier, cascades.c.updated_us >= start_us, cascades.c.updated_us < end_us)
        .where(cascades.c.size == 0)
        .order_by(cascades.c.replies.desc(), cascades.c.root)
        .limit(limit - len(roots))
    )
    talked = [cascade_of(row) for row in connection.execute(answered).mappings()] if len(roots) < limit else []
    found |= {one.root: one for one in talked}
    roots += [one.root for one in talked]
    now_us = connection.execute(select(state.c.watermark_us)).scalar() or end_us
    recently = (
        select(mentions.c.root, func.count().label("times"))
        .where(mentions.c.root.in_(roots), mentions.c.topic == identifier, mentions.c.kind.in_(RESHARES))
        .where(mentions.c.published_us >= now_us - HOUR_US)
        .group_by(mentions.c.root)
    )
    recent: dict[int, int] = {row.root: row.times for row in connection.execute(recently)}
    posts = {row.key: post_of(row) for row in rows_of_keys(connection, identifier, roots)}
    return [CascadeRow(found[root], posts.get(root), recent.get(root, 0)) for root in roots if root in found]


def voices(connection: Connection, identifier: str, start_us: int, end_us: int) -> Voices:
    """Return how [start_us, end_us) sounds, the brand's own posts left out."""

    def counted(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    query = select(
        func.count().label("mentions"),
        func.count(mentions.c.author.distinct()).label("authors"),
        counted(mentions.c.tone < NEGATIVE_TONE).label("negative"),
        counted(mentions.c.answers_own).label("answers_own"),
        counted(mentions.c.kind.in_(RESHARES)).label("reshares"),
        counted(mentions.c.is_late).label("late"),
        counted(mentions.c.alarm_words > 0).label("alarming"),
        counted(mentions.c.is_ironic).label("ironic"),
        func.avg(mentions.c.tone).label("tone"),
    ).where(_within(identifier, start_us, end_us), ~mentions.c.is_own)
    row = connection.execute(query).one()
    return Voices(
        mentions=row.mentions,
        authors=row.authors,
        negative=int(row.negative),
        answers_own=int(row.answers_own),
        reshares=int(row.reshares),
        late=int(row.late),
        tone=row.tone,
        alarming=int(row.alarming),
        ironic=int(row.ironic),
    )


def _within(identifier: str, start_us: int, end_us: int) -> ColumnElement[bool]:
    """Select one run of the clustered rows."""
    return and_(mentions.c.topic == identifier, mentions.c.published_us >= start_us, mentions.c.published_us < end_us)
