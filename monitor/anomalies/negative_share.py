"""Has the crowd turned? The share of voices that complain, against what is usual on the topic."""

from __future__ import annotations

from typing import ClassVar

from monitor.anomalies.share import ShareDetector
from monitor.signals import Signal
from monitor.topics import Topic

__all__ = ["NegativeShareTest", "detector"]


class NegativeShareTest(ShareDetector):
    """Counts accounts, each once a minute: a flood of one account is one voice, a repost is another who agrees."""

    name: ClassVar[str] = "negative_share"
    prior: ClassVar[float] = 0.2
    fewest: ClassVar[int] = 3

    def count(self, signal: Signal) -> tuple[int, int]:
        """Return (accounts that complain, accounts)."""
        voices = round(signal.measures.get("distinct_authors", 0.0))
        return round(signal.measures.get("negative_share", 0.0) * voices), voices


def detector(_topic: Topic) -> NegativeShareTest:
    """Return a fresh detector for a topic."""
    return NegativeShareTest()
