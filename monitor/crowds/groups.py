"""Posts that say nearly the same, and reposts of the same post: groups whose accounts may or may not be steered.

A post joins by the sketch of its words (:mod:`monitor.topics.fingerprint`), a repost by its root. What was said once is
remembered in a few numbers; from the second time on it is a :class:`monitor.crowds.group.Group`.
"""

from __future__ import annotations

from typing import Final

import msgspec

from monitor.clock import DAY_US
from monitor.crowds.group import Group

__all__ = ["Groups", "GroupsState", "Single", "group_of_root"]

PARTNERS_KEPT: Final = 8
SINGLES_KEPT: Final = 256
GROUPS_KEPT: Final = 64
JOINERS_KEPT: Final = 512
IDLE_US: Final = DAY_US

_POSITIVE: Final = (1 << 63) - 1
_SKETCH_BITS: Final = 15
_HASH: Final = (1 << _SKETCH_BITS) - 1
_LONG: Final = 3 * _SKETCH_BITS  # a sketch of four hashes is longer
_MANY_WORDS: Final = 1 << 14
"""Below this even the largest of the four smallest hashes is small, because there were some eight word pairs or more.
Then two in common are enough: a word or two was changed. Of few pairs any three words share two, so three are asked."""

PAIRS_KEPT: Final = 4_096

Single = tuple[int, int, int, int]
"""A post nobody has repeated: (author, published_us, followers, account_created_us), -1 for unknown."""


def group_of_root(root: int) -> int:
    """Return the key of the group of those who repost a root: negative, so that it is never that of a text."""
    return -1 - (root & _POSITIVE)


class GroupsState(msgspec.Struct):
    """All that is remembered of groups.

    Attributes
    ----------
    joined
        The last two groups an account joined promptly.
    pairs
        Pairs of hashes, and the key of the latest text that had them.
    prompt, together
        Prompt joins of late, and those by accounts that had promptly joined another group; reset by the reader.
    """

    singles: dict[int, Single] = {}
    groups: dict[int, Group] = {}
    joined: dict[int, tuple[int, ...]] = {}
    pairs: dict[int, int] = {}
    prompt: int = 0
    together: int = 0


class Groups:
    """Puts posts into groups. At most 256 posts said once, 64 groups and 512 accounts are remembered."""

    def __init__(self) -> None:
        self.state = GroupsState()

    def key_of(self, sketch: int) -> int:
        """Return the key of the group a text belongs to: one that shares most of the four hashes, or its own."""
        state = self.state
        if sketch in state.singles or sketch in state.groups or not sketch >> _LONG:
            return sketch  # of texts with fewer hashes only equal ones are alike
        pairs = state.pairs
        found = [key for pair in _pairs(sketch) if (key := pairs.get(pair)) is not None]
        for key in found:
            is_alike = sketch & _HASH < _MANY_WORDS or found.count(key) >= 3
            if is_alike and (key in state.singles or key in state.groups):
                return key
        return sketch

    def join(self, key: int, post: Single, *, is_text: bool) -> Group | None:
        """Put a post into its group; ``None`` when it is the only one so far."""
        state = self.state
        group = state.groups.get(key)
        if group is None:
            first = state.singles.pop(key, None)
            if first is None:
                self._remember(key, post, is_text=is_text)
                return None
            group = state.groups[key] = Group(is_text, first[1])
            self._add(key, group, first)
        self._add(key, group, post)
        return group

    def _remember(self, key: int, post: Single, *, is_text: bool) -> None:
        state = self.state
        state.singles[key] = post
        if is_text and key >> _LONG:
            for pair in _pairs(key):
                state.pairs[pair] = key
        if len(state.singles) > SINGLES_KEPT:
            del state.singles[next(iter(state.singles))]
        if len(state.pairs) > PAIRS_KEPT:
            singles, groups = state.singles, state.groups
            state.pairs = {pair: one for pair, one in state.pairs.items() if one in singles or one in groups}

    def _add(self, key: int, group: Group, post: Single) -> None:
        if not group.add(*post):
            return
        group.prompt += 1
        joined = self.state.joined
        author = post[0]
        before = joined.pop(author, ())
        self.state.prompt += 1
        self.state.together += bool(before)
        if before:
            group.stepping.add(author)
        for other in before:
            if other != key and (other in group.partners or len(group.partners) < PARTNERS_KEPT):
                group.partners[other] = group.partners.get(other, 0) + 1
        joined[author] = (*before[-1:], key)
        if len(joined) > JOINERS_KEPT:
            del joined[next(iter(joined))]

    def forget(self, now_us: int) -> None:
        """Let go what has been idle for a day, and the most idle groups when there are too many."""
        groups = self.state.groups
        if len(groups) <= GROUPS_KEPT:
            return
        idle = [key for key, group in groups.items() if group.last_us < now_us - IDLE_US]
        surplus = len(groups) - len(idle) - GROUPS_KEPT * 3 // 4
        if surplus > 0:
            rest = groups.keys() - idle
            idle += sorted(rest, key=lambda key: (groups[key].is_aside, groups[key].last_us, key))[:surplus]
        for key in idle:
            del groups[key]

    def restore(self, state: GroupsState) -> None:
        """Take back a state."""
        self.state = state


def _pairs(sketch: int) -> tuple[int, int, int, int, int, int]:
    """Return the six pairs of the hashes of a sketch."""
    a, b = sketch >> _LONG, sketch >> 2 * _SKETCH_BITS & _HASH
    c, d = sketch >> _SKETCH_BITS & _HASH, sketch & _HASH
    a, e = a << _SKETCH_BITS, b << _SKETCH_BITS
    return a | b, a | c, a | d, e | c, e | d, c << _SKETCH_BITS | d
