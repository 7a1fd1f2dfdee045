"""Real or made? Which mentions of a topic are likely coordinated, minute by minute, and what is left without them.

Three things are looked for, each by its likelihood ratio (:mod:`monitor.crowds.likelihood`) against what is usual on
the topic:

* *groups* that say nearly the same or repost the same, whose accounts are not such as usually speak here, act in step
  across several texts or roots, or keep a steady beat (:mod:`monitor.crowds.groups`);
* *few hands*: accounts that publish again and again within the hour;
* *traits* far more common than usual, whatever is said: accounts opened within a month, accounts that nearly nobody
  follows, and reposts by accounts of which nothing is known (:mod:`monitor.crowds.traits`).

What is more likely made than real is set aside, so that all measures and tests are of the rest: a lower bound. When a
suspicion is raised (or dropped) the last hour is recounted. Nothing is said to be coordinated below a probability of
nine in ten. A joke that many people copy, a petition's button and a viral post pass: their accounts look as usual.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import Final

import msgspec

from monitor.clock import DAY_US, MINUTE_US
from monitor.crowds import likelihood, traits
from monitor.crowds.authenticity import ENOUGH, Authenticity, Found, Way, authenticity_of
from monitor.crowds.group import FEWEST_POSTS, MOST_LOUD, Group
from monitor.crowds.groups import Groups, GroupsState, group_of_root
from monitor.crowds.hour import Beat, Lesson
from monitor.crowds.usual import MOST_COPIES, MOST_REPEATS, Usual, beta_of, fortnight_of, odds_beside
from monitor.topics import Match

__all__ = ["Cleaned", "Coordination", "CoordinationState"]

HOUR: Final = 60  # minutes
BLOCK: Final = 30  # minutes: what is usual is learned by the half hour
HALF_LIFE_BLOCKS: Final = 14 * DAY_US // MINUTE_US / BLOCK

SURE: Final = log(9.0)
"""Nine in ten: from here on we say so. From even odds on it is set aside."""

FEW_HANDS_ODDS: Final = log(0.05 / 0.95)
BY_FEW: Final = (4.0, 1.0)
"""Beta distribution of the share of repeats when few hands write: four in five."""

RARE: Final = 8
"""When fewer than one in so many is a repeat, nothing is weighed."""

HEAVY: Final = 2
"""Few hands: those who published so often within the hour, once few hands are suspected."""

AUTHORS_KEPT: Final = 512
POSTS_KEPT: Final = 64


class Cleaned(msgspec.Struct):
    """A minute's matches without those set aside.

    Attributes
    ----------
    kept, aside
        In the order they came; the brand's own posts are always kept.
    recounts
        (start of an earlier minute, change of its count of kept mentions), where a suspicion changed.
    copies
        Keys of the matches that say nearly what another said by the end of the minute, kept or not; one of those
        that repeat something for the first time with the minute in which that was said, all others with -1.
    """

    kept: Sequence[Match]
    aside: list[Match] = []
    recounts: list[tuple[int, int]] = []
    copies: dict[int, int] = {}


class CoordinationState(msgspec.Struct):
    """All that is remembered of one topic."""

    usual: Usual
    groups: GroupsState
    beats: list[Beat] = []
    authors: dict[int, list[int]] = {}
    few_hands: float = FEW_HANDS_ODDS
    traits: list[float] = msgspec.field(default_factory=lambda: [traits.ODDS] * len(traits.TRAITS))
    hour: Beat = msgspec.field(default_factory=lambda: Beat(-1))  # the sum of the beats
    block: int = -1
    lesson: Lesson = msgspec.field(default_factory=Lesson)


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(CoordinationState)


class Coordination:
    """Sets aside what is likely coordinated on one topic. Bounded memory, saved with the topic's state."""

    def __init__(self) -> None:
        self._groups = Groups()
        self._state = CoordinationState(Usual(), self._groups.state)

    def clean(self, start_us: int, matches: Sequence[Match]) -> Cleaned:
        """Take in one closed minute's matches, in canonical order, and say which are to be set aside."""
        minute = start_us // MINUTE_US
        self._forget(minute)
        beat = Beat(minute)
        recounts: dict[int, int] = {}
        others = [match for match in matches if not match.is_own] if matches else []
        copies: dict[int, int] = {}
        rest = self._unexplained(beat, others, recounts, copies) if others else others
        self._count(minute, rest, beat)
        state, hour = self._state, self._state.hour
        state.beats.append(beat)
        beat.raw = len(others)
        hour.add(beat)
        if hour.repeats or state.few_hands >= 0.0:
            self._judge_hands(minute, recounts)
        self._judge_traits(minute, recounts)
        aside: list[Match] = []
        kept: Sequence[Match] = matches
        if len(rest) < beat.raw or state.few_hands >= 0.0 or max(state.traits) >= 0.0:
            allowed = {match.key for match in rest if not self._is_suspect(match)}
            aside = [match for match in others if match.key not in allowed]
            if aside:
                kept = [match for match in matches if match.is_own or match.key in allowed]
                beat.aside = len(aside)
                hour.aside += len(aside)
        return Cleaned(kept, aside, self._recount(recounts) if recounts else [], copies)

    def _unexplained(
        self, beat: Beat, others: list[Match], recounts: dict[int, int], copies: dict[int, int]
    ) -> list[Match]:
        """Put the minute's matches into their groups, judge those, and return what no group has to be set aside for."""
        join = self._join
        keys = [join(match) for match in others]
        known = self._groups.state.groups
        groups = {key: known[key] for key in keys if key in known}
        if not groups:
            return others
        pairs = list(zip(others, keys, strict=True))
        for match, key in pairs:
            group = groups.get(key)
            if group is not None and group.is_text:
                copies[match.key] = group.take_first(beat.minute)
        beat.copies = len(copies)
        loudness = self._loudness(beat, len(others))
        is_any_aside = False
        for group in groups.values():
            self._judge(group, beat.minute, loudness, recounts)
            is_any_aside = is_any_aside or group.is_aside
        if not is_any_aside:
            return others
        return [match for match, key in pairs if not (key in groups and groups[key].made(match))]

    def learn(self, start_us: int, kept: Sequence[Match]) -> None:
        """Let the newest minute count towards what is usual, unless something of its half hour was set aside."""
        state = self._state
        minute = start_us // MINUTE_US
        if minute // BLOCK != state.block:
            self._close_block(minute // BLOCK)
        beat = state.beats[-1] if state.beats else None
        if beat is None or beat.minute != minute:
            return
        lesson, usual = state.lesson, state.usual
        lesson.is_spoilt = lesson.is_spoilt or beat.aside > 0
        if lesson.is_spoilt:
            return
        lesson.add(beat)
        for match in kept:
            created = match.account_created_us
            if created is not None:
                usual.add_opening(fortnight_of(min(max(0, created), match.published_us)))

    def is_aside(self, root: int) -> bool:
        """Tell whether the reposts of a root are set aside."""
        group = self._groups.state.groups.get(group_of_root(root))
        return group is not None and group.is_aside

    def aside_within(self, minutes: int) -> int:
        """Return how many mentions of the last `minutes` (1 to 60), the newest minute included, are set aside."""
        beats = self._state.beats
        if not beats:
            return 0
        since = beats[-1].minute - minutes
        return sum(beat.aside for beat in beats if beat.minute > since)

    def kept_within(self, minutes: int) -> int:
        """Return how many mentions of the last `minutes` (1 to 60), the newest minute included, are not set aside."""
        beats = self._state.beats
        since = beats[-1].minute - minutes if beats else 0
        return sum(beat.raw - beat.aside for beat in beats if beat.minute > since)

    def allowance(self) -> tuple[float, float]:
        """Return how many mentions that repeat another, and by accounts nothing is known of, come with one other.

        However usual they are: what is expected was learned with them. Of the latter as many as in a half hour that has
        more of them than most: networks have their hours.
        """
        usual = self._state.usual
        return odds_beside(usual.copies), odds_beside(usual.silent, deviations=2.0)

    @property
    def aside_within_hour(self) -> int:
        """How many mentions of the last hour are set aside."""
        return self._state.hour.aside

    def authenticity(self) -> Authenticity:
        """Say of the last hour whether it is real or made; quick when nothing is suspected."""
        state = self._state
        raw, suspected = state.hour.raw, state.hour.aside
        if not suspected:
            return Authenticity(verdict="organic" if raw >= ENOUGH else "cannot tell", mentions=raw)
        return authenticity_of(raw, suspected, self._found(SURE), self._found(0.0))

    def _found(self, least: float) -> Found:
        """Return what is made with at least these log odds."""
        state = self._state
        first = state.beats[-1].minute - HOUR + 1
        aside = [group for group in self._groups.state.groups.values() if group.is_aside]
        groups = [(group.is_text, group, group.made_within(first)) for group in aside if group.log_odds >= least]
        by_traits: dict[Way, int] = {
            trait.name: trait.counted(state.hour)[0]
            for trait, odds in zip(traits.TRAITS, state.traits, strict=True)
            if odds >= least
        }
        if state.few_hands < least:
            return Found(groups, by_traits=by_traits)
        heavy = self._heavy()
        # Of each account only the latest posts are remembered.
        others = traits.held(state.hour, state.traits) + sum(group.telling_within(first) for group in aside)
        by_hands = max(sum(map(len, heavy.values())), state.hour.aside - others)
        return Found(groups, frozenset(heavy), by_hands, by_traits)

    def snapshot(self) -> bytes:
        """Return the whole state as msgpack."""
        return _encoder.encode(self._state)

    def restore(self, state: bytes) -> None:
        """Take back a state that :meth:`snapshot` returned."""
        self._state = _decoder.decode(state)
        self._groups.restore(self._state.groups)

    # -- a minute comes in

    def _forget(self, minute: int) -> None:
        beats, hour = self._state.beats, self._state.hour
        while beats and beats[0].minute <= minute - HOUR:
            hour.take(beats.pop(0))
        self._groups.forget(minute * MINUTE_US)

    def _join(self, match: Match) -> int:
        """Put a match into its group, if it belongs to one; return the group's key, 0 for none."""
        is_text = match.kind != "repost"
        if is_text:
            if not match.fingerprint:
                return 0
            key = self._groups.key_of(match.fingerprint)
        else:
            key = group_of_root(match.root)
        followers, created = match.followers, match.account_created_us
        post = (
            match.author,
            match.published_us,
            -1 if followers is None else followers,
            -1 if created is None else created,
        )
        self._groups.join(key, post, is_text=is_text)
        return key

    def _loudness(self, beat: Beat, mentions: int) -> float:
        """Return the evidence of how much of the hour says what another said, in however many texts."""
        hour = self._state.hour
        copies = hour.copies + beat.copies
        if copies < FEWEST_POSTS:
            return 0.0
        return likelihood.share(
            copies, max(hour.raw + mentions, copies), beta_of(self._state.usual.copies, MOST_COPIES)
        )

    def _judge(self, group: Group, minute: int, loudness: float, recounts: dict[int, int]) -> None:
        # Few posts need not be judged, unless they are one text of many that are copied.
        if group.within(minute - HOUR + 1) < FEWEST_POSTS and not (group.is_text and loudness >= MOST_LOUD):
            return
        telling = group.telling if group.is_aside else 0.0
        group.look(self._state.usual, loudness)
        group.is_aside = group.log_odds >= 0.0
        if group.is_aside != (telling > 0.0):
            sign = 1.0 if group.is_aside else -1.0
            group.recount(recounts, minute, sign * max(telling, group.telling))

    def _count(self, minute: int, rest: Sequence[Match], beat: Beat) -> None:
        """Count what groups do not explain: repeats of accounts that published within the hour, and their traits."""
        authors = self._state.authors
        traits.count(beat, rest)
        for match in rest:
            if match.kind != "reply":
                beat.published += 1
                posts = authors.pop(match.author, None)
                if posts is None:
                    posts = [minute]
                else:
                    while posts and posts[0] <= minute - HOUR:
                        del posts[0]
                    beat.repeats += bool(posts)
                    posts.append(minute)
                    if len(posts) > POSTS_KEPT:
                        del posts[0]
                authors[match.author] = posts
        while len(authors) > AUTHORS_KEPT:
            del authors[next(iter(authors))]

    def _judge_hands(self, minute: int, recounts: dict[int, int]) -> None:
        state = self._state
        published, repeats = state.hour.published, state.hour.repeats
        before = state.few_hands >= 0.0
        state.few_hands = FEW_HANDS_ODDS
        if published >= FEWEST_POSTS and repeats * RARE >= published:
            usual = beta_of(state.usual.repeats, MOST_REPEATS)
            state.few_hands += likelihood.share(min(repeats, published - 1), published - 1, usual, BY_FEW)
        after = state.few_hands >= 0.0
        if before != after:
            for posts in self._heavy().values():
                for at in posts:
                    if at < minute:
                        recounts[at] = recounts.get(at, 0) + (-1 if after else 1)
        elif after:
            self._take_new_hands(minute, recounts)

    def _take_new_hands(self, minute: int, recounts: dict[int, int]) -> None:
        """Recount the earlier posts of those who became heavy in this minute."""
        for posts in reversed(self._state.authors.values()):  # those of this minute come last
            if posts[-1] != minute:
                break
            earlier = [at for at in posts if at < minute]
            if len(posts) >= HEAVY > len(earlier):
                for at in earlier:
                    recounts[at] = recounts.get(at, 0) - 1

    def _judge_traits(self, minute: int, recounts: dict[int, int]) -> None:
        state = self._state
        before, state.traits = state.traits, traits.weigh(state.hour, state.usual)
        if max(*before, *state.traits) < 0.0:
            return
        for beat in state.beats:
            if beat.minute < minute:
                change = traits.held(beat, before) - traits.held(beat, state.traits)
                if change:
                    recounts[beat.minute] = recounts.get(beat.minute, 0) + change

    def _heavy(self) -> dict[int, list[int]]:
        """Return the accounts that published so often within the hour, with the minutes of their posts."""
        first = self._state.beats[-1].minute - HOUR + 1
        found = {}
        for author, posts in self._state.authors.items():
            if len(posts) >= HEAVY and posts[-HEAVY] >= first:
                found[author] = [at for at in posts if at >= first]
        return found

    def _is_suspect(self, match: Match) -> bool:
        """Tell whether a match that no group explains is set aside."""
        state = self._state
        if any(odds >= 0.0 and trait.shows(match) for trait, odds in zip(traits.TRAITS, state.traits, strict=True)):
            return True
        if state.few_hands < 0.0 or match.kind == "reply":
            return False
        posts = state.authors.get(match.author, ())
        return len(posts) >= HEAVY and posts[-HEAVY] > posts[-1] - HOUR

    def _recount(self, recounts: dict[int, int]) -> list[tuple[int, int]]:
        """Apply the changes to the minutes of the last hour; none can hold less than nothing, or more than it had."""
        found = []
        state = self._state
        for beat in state.beats:
            change = recounts.get(beat.minute, 0)
            if change:
                aside = min(beat.raw, max(0, beat.aside - change))
                if aside != beat.aside:
                    found.append((beat.minute * MINUTE_US, beat.aside - aside))
                    state.hour.aside += aside - beat.aside
                    beat.aside = aside
        return found

    # -- what is usual

    def _close_block(self, block: int) -> None:
        """Learn the half hour that is over, and begin the next."""
        state = self._state
        groups = self._groups.state
        if state.block >= 0 and not state.lesson.is_spoilt:
            keep = 0.5 ** (max(1, block - state.block) / HALF_LIFE_BLOCKS)
            state.usual.learn(state.lesson, groups.together, groups.prompt, keep)
        groups.prompt = groups.together = 0
        state.block, state.lesson = block, Lesson()
