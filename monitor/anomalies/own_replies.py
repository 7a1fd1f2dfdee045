"""Does the brand's own word draw fire? The share of mentions that answer or quote the brand's own posts without praise.

Every account has its own usual ratio of answers: a help desk is always answered, a shop window never. So the share is
compared with what is usual on the topic, whose own accounts these are. Applause under a launch is no fire: answers that
sound glad do not count, unless they bear signs of irony.
"""

from __future__ import annotations

from typing import ClassVar

from monitor.anomalies.share import ShareDetector
from monitor.signals import Signal
from monitor.topics import Topic

__all__ = ["OwnReplies", "detector"]


class OwnReplies(ShareDetector):
    """Counts mentions that reply to or quote one of the brand's own accounts and do not sound glad."""

    name: ClassVar[str] = "own_replies"
    prior: ClassVar[float] = 0.15
    fewest: ClassVar[int] = 3

    def count(self, signal: Signal) -> tuple[int, int]:
        """Return (mentions that answer the brand without praise, mentions)."""
        return round(signal.measures.get("cool_answers_share", 0.0) * signal.mentions), signal.mentions


def detector(_topic: Topic) -> OwnReplies:
    """Return a fresh detector for a topic."""
    return OwnReplies()
