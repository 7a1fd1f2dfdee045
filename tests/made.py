"""Small values for tests: times typed by hand, posts and matches with sensible defaults."""

from __future__ import annotations

import re
from random import Random
from typing import Any

from monitor.clock import from_datetime
from monitor.mentions import Author, Mention, mention_key
from monitor.topics import Account, Match, Topic


def at(clock: str, day: str = "2026-01-15") -> int:
    """``at("09:15")`` or ``at("09:15:30")`` on a Thursday, UTC, in microseconds."""
    from datetime import datetime

    return from_datetime(datetime.fromisoformat(f"{day}T{clock}+00:00"))


def mention(identifier: str, clock: str | int, text: str = "Acme again", **changes: Any) -> Mention:
    fields: dict[str, Any] = {
        "network": "x",
        "id": identifier,
        "kind": "post",
        "published_us": at(clock) if isinstance(clock, str) else clock,
        "author": Author(id=f"author-of-{identifier}", followers=120),
        "text": text,
    }
    return Mention(**{**fields, **changes})


OWN_WORDS = (
    "parcel",
    "queue",
    "clerk",
    "refund",
    "invoice",
    "street",
    "garden",
    "phone",
    "lunch",
    "train",
    "cable",
    "lamp",
)


def own_words(random: Random) -> str:
    """Five words for a post to be in words of its own: copies count no more than usual towards a page."""
    return " ".join(random.sample(OWN_WORDS, 5))


def match(identifier: str, clock: str | int, topic: str = "acme", **changes: Any) -> Match:
    key = mention_key("x", identifier)
    fields: dict[str, Any] = {
        "topic": topic,
        "key": key,
        "id": identifier,
        "published_us": at(clock) if isinstance(clock, str) else clock,
        "network": "x",
        "kind": "post",
        "author": mention_key("author", identifier),
        "followers": 120,
        "root": key,
        "root_id": identifier,
        "tone": 0.0,
    }
    return Match(**{**fields, **changes})


def topic(identifier: str = "acme", query: str = "acme", **changes: Any) -> Topic:
    fields: dict[str, Any] = {"name": identifier.title(), "accounts": (Account("acme"),), "time_zone": "UTC"}
    return Topic(id=identifier, query=query, **{**fields, **changes})


def may_break_before_a_sign(french: str) -> bool:
    """Whether a line of a French text could begin with a sign, end in an opening quote, or tear a number apart."""
    return re.search(r" [:;!?»%]|« |\d \d{3}", french) is not None
