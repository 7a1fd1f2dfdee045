"""The same thing on a second network: a link, an image, a hashtag or nearly the same words, with both times.

Stories break out of the network they began on before they are large, and what reaches the press there is read by
those who never look at any of them. For each topic the latest links, images, hashtags and texts are remembered with
where they were first seen. What everybody uses every day is on all networks already and is told once, long before any
incident; a hashtag or a text counts only when it is new to the topic and several posts held it. An article's own
address counts as a link to it. Reposts say nothing new, and the brand's own posts, published everywhere at once, are no
jump. What came late stands where it was published: if that was before anybody else had it, the story began there.

Images are known by the distinctive name of their file, by the description their author wrote, or by their looks where
somebody looked (:mod:`monitor.topics.images` says what that misses). Like hashtags they count only when new to the
topic, and what comes along with a link that jumped is told as the link.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from operator import itemgetter
from typing import Final, TypeVar
from zlib import crc32

import msgspec

from monitor.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from monitor.stats.calendar import local_seconds
from monitor.topics import Match
from monitor.topics.fingerprint import hashes
from monitor.topics.images import FINGERPRINT_BITS, bits_apart, is_description, is_look

__all__ = ["LOOK_BACK_US", "Jump", "Jumps", "JumpsState"]

LOOK_BACK_US: Final = HOUR_US
"""An incident tells of the jumps of the hour before it began, too."""

PRESS, LINK, HASHTAG, TEXT, IMAGE, DESCRIBED, LOOK = 0, 1, 2, 3, 4, 5, 6
LONGEST_US: Final = {
    LINK: DAY_US,
    HASHTAG: DAY_US,
    TEXT: 6 * HOUR_US,
    IMAGE: DAY_US,
    DESCRIBED: DAY_US,
    LOOK: DAY_US,
}
"""What was first seen longer ago has not jumped; it was carried."""

FEWEST: Final = {LINK: 1, HASHTAG: 3, TEXT: 10, IMAGE: 1, DESCRIBED: 1, LOOK: 1}
"""Posts that must hold a thing before its arrival on another network means anything: short phrases are alike."""

MOST: Final = {LINK: 512, HASHTAG: 256, TEXT: 256, IMAGE: 256, DESCRIBED: 256, LOOK: 128}
"""Things remembered of each kind: the latest. A hundred bytes each."""

MOST_RECENT: Final = 32
MOST_TOLD: Final = {PRESS: 6, LINK: 6, HASHTAG: 3, TEXT: 2, IMAGE: 3, DESCRIBED: 3, LOOK: 3}
"""Lines on one incident's timeline."""

ALIKE: Final = 3  # of the four hashes of a sketch
NETWORKS: Final = {"x": 1, "bluesky": 2, "mastodon": 3, "feed": 4}
"""Numbers of the networks in facts; 0 is any other."""

_BYTES: Final = FINGERPRINT_BITS // 8 + 1
_Key = TypeVar("_Key", int, bytes)


class Jump(msgspec.Struct, frozen=True, array_like=True):
    """Something that was on one network and came to another.

    Attributes
    ----------
    what
        1 for a link, 2 for a hashtag, 3 for nearly the same words, 4 for an image, 5 for an image by its description,
        6 for an image by its looks.
    origin, first_us, network, at_us
        Where and when it was seen first, and where and when then.
    evidence
        ``network:id`` of both posts.
    """

    what: int
    origin: str
    first_us: int
    network: str
    at_us: int
    evidence: tuple[str, str]

    @property
    def group(self) -> int:
        """What kind of line it is counted as: `PRESS` if it reached the press, else what jumped."""
        return PRESS if self.network == "feed" else self.what

    @property
    def kind(self) -> str:
        """Kind of the timeline entry."""
        if self.network == "feed":
            return "jump_to_press"
        return "jump_from_press" if self.origin == "feed" and self.what == LINK else "jump"

    def facts(self, time_zone: str) -> dict[str, float]:
        """Return what the sentence is made from; `clock` is the minute of the day on local clocks."""
        return {
            "thing": float(self.what),
            "origin": float(NETWORKS.get(self.origin, 0)),
            "there": float(NETWORKS.get(self.network, 0)),
            "lag": (self.at_us - self.first_us) / MINUTE_US,
            "clock": float(local_seconds(time_zone, self.at_us // SECOND_US) % 86_400 // 60),
        }


class _Sighting(msgspec.Struct, array_like=True):
    first_us: int
    evidence: str
    networks: list[str]
    posts: int = 0


class JumpsState(msgspec.Struct):
    """All that is remembered; of each kind of thing the one least recently seen comes first."""

    begun_us: int = 0
    links: dict[int, _Sighting] = {}
    hashtags: dict[int, _Sighting] = {}
    texts: dict[int, _Sighting] = {}
    images: dict[int, _Sighting] = {}
    descriptions: dict[int, _Sighting] = {}
    looks: dict[bytes, _Sighting] = {}  # msgpack holds no larger integers than of 64 bits
    recent: list[Jump] = []


class Jumps:
    """Notices what comes to a second network, for one topic. Bounded memory."""

    def __init__(self) -> None:
        self._state = JumpsState()
        self._alike: dict[tuple[int, ...], int] = {}  # three hashes of a remembered sketch -> the sketch
        self._looks: dict[int, bytes] = {}  # remembered, as a number to be compared and as the key it is kept under

    def add(self, matches: Sequence[Match]) -> None:
        """Take in one minute's matches, in canonical order, or what came late by then."""
        state = self._state
        for match in matches:
            if match.kind == "repost" or match.is_own:
                continue
            state.begun_us = state.begun_us or match.published_us
            is_told = False
            for link in match.links:
                is_told |= self._see(state.links, LINK, link, match)
            for image in match.images:
                if is_look(image):
                    is_told |= self._see(state.looks, LOOK, self._nearest_look(image), match, is_told=is_told)
                else:
                    is_text = is_description(image)
                    table, what = (state.descriptions, DESCRIBED) if is_text else (state.images, IMAGE)
                    is_told |= self._see(table, what, image, match, is_told=is_told)
            for hashtag in match.hashtags:
                self._see(state.hashtags, HASHTAG, crc32(hashtag.encode("utf-8", "replace")), match)
            if match.fingerprint:
                self._see(state.texts, TEXT, self._nearest(match.fingerprint), match)

    def take(self, since_us: int, told: list[int]) -> list[Jump]:
        """Return the jumps that an incident which began at `since_us` has not told yet; they are not returned again.

        Parameters
        ----------
        told
            The groups of those it has told; those returned are added.
        """
        recent, self._state.recent = self._state.recent, []
        found = []
        for jump in recent:
            is_of_it = jump.at_us >= since_us - LOOK_BACK_US and jump.first_us >= since_us - DAY_US
            if is_of_it and told.count(jump.group) < MOST_TOLD[jump.group]:
                told.append(jump.group)
                found.append(jump)
        return found

    def _see(self, table: dict[_Key, _Sighting], what: int, key: _Key, match: Match, *, is_told: bool = False) -> bool:
        """Note one use of a thing; tell whether it is the first on another network, and say so unless `is_told`."""
        seen = table.pop(key, None)
        has_jumped = False
        if seen is None:
            seen = _Sighting(match.published_us, match.evidence, [match.network])
            self._learn(key, what)
        elif match.network not in seen.networks and seen.posts >= FEWEST[what]:
            has_jumped = self._is_jump(what, seen, match)
            if has_jumped and not is_told:
                there = (match.published_us, match.network, match.evidence)
                first, then = sorted([(seen.first_us, seen.networks[0], seen.evidence), there], key=itemgetter(0))
                self._state.recent.append(Jump(what, first[1], first[0], then[1], then[0], (first[2], then[2])))
                del self._state.recent[:-MOST_RECENT]
            seen.networks.append(match.network)
        if match.published_us < seen.first_us:
            seen.first_us, seen.evidence = match.published_us, match.evidence
            seen.networks[:] = sorted(seen.networks, key=match.network.__ne__)
            if seen.networks[0] != match.network:
                seen.networks.insert(0, match.network)
        seen.posts += 1
        table[key] = seen
        if len(table) > MOST[what]:
            oldest = next(iter(table))
            del table[oldest]
            self._forget(oldest, what)
        return has_jumped

    def _is_jump(self, what: int, seen: _Sighting, match: Match) -> bool:
        if abs(match.published_us - seen.first_us) > LONGEST_US[what]:
            return False
        # Until a day has been heard nobody knows which hashtags, phrases and images are the everyday ones.
        return what == LINK or seen.first_us - self._state.begun_us >= DAY_US

    def _nearest(self, sketch: int) -> int:
        """Return the remembered sketch that this one is nearly the same as; itself if there is none."""
        if sketch in self._state.texts:
            return sketch
        return next((self._alike[part] for part in _parts(sketch) if part in self._alike), sketch)

    def _nearest_look(self, image: int) -> bytes:
        """Return the remembered look of which this one is a copy; its own if there is none.

        Of several the nearest, then the smallest: never what the order of memory tells.
        """
        near = [(far, look) for look in self._looks if (far := bits_apart(look, image)) is not None]
        return self._looks[min(near)[1]] if near else image.to_bytes(_BYTES)

    def _learn(self, key: int | bytes, what: int) -> None:
        """Make a text or a look known to what searches for near ones."""
        if isinstance(key, bytes):
            self._looks[int.from_bytes(key)] = key
        elif what == TEXT:
            self._alike.update(dict.fromkeys(_parts(key), key))

    def _forget(self, key: int | bytes, what: int) -> None:
        if isinstance(key, bytes):
            del self._looks[int.from_bytes(key)]
        elif what == TEXT:
            for part in _parts(key):
                if self._alike.get(part) == key:
                    del self._alike[part]

    def snapshot(self) -> JumpsState:
        """Return the state, to be encoded at once."""
        return self._state

    def restore(self, state: JumpsState) -> None:
        """Take back a state that :meth:`snapshot` returned."""
        self._state = state
        self._alike = {}
        for sketch in sorted(state.texts, key=lambda sketch: (state.texts[sketch].first_us, sketch)):
            self._learn(sketch, TEXT)
        self._looks = {int.from_bytes(look): look for look in state.looks}


def _parts(sketch: int) -> Iterator[tuple[int, ...]]:
    """Yield every three of a sketch's hashes; nothing for a text of too few words to be nearly the same as another."""
    return combinations(sorted(hashes(sketch)), ALIKE)
