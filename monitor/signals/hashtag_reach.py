"""How large an audience the leading hashtag had."""

from __future__ import annotations

from typing import ClassVar

from monitor.signals import Minute

__all__ = ["HashtagReach"]


class HashtagReach:
    """The audience of the one hashtag that was shown to most people.

    For each hashtag, the followers of its distinct authors are summed (each author once, however often they used it);
    the largest sum is the measure. It says how far a banner such as ``#BoycottAcme`` was carried; summing over
    hashtags would count an author again for every further hashtag of the same post.

    Notes
    -----
    An upper bound: audiences overlap. Undefined when no author's followers are known.
    """

    name: ClassVar[str] = "hashtag_reach"
    meaning: ClassVar[str] = (
        "Followers of the distinct accounts that used the hashtag with the largest audience; 0 when nobody used any."
    )

    def __call__(self, minute: Minute) -> float | None:
        """Measure one window."""
        if not minute.known_followers:
            return None
        followers = minute.followers
        audiences = (sum(followers[author] or 0 for author in authors) for authors in minute.hashtag_authors.values())
        return float(max(audiences, default=0))
