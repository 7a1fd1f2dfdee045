"""What is remembered of one cascade: constant in size, constant work a reshare.

Counters are exact at once; whatever is inferred waits. Reshares that only estimates ask for are laid by, about
`WAITING` of them at most, and estimates are renewed when the cascade has become half as large or half as old again, or
when somebody asks; of one that is reshared ten times in a minute, when it has grown by a quarter. So a reshare costs a
few additions, however many roots are reshared side by side.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from math import ceil, inf
from operator import attrgetter
from typing import Final

import msgspec
from msgspec.structs import replace

from monitor.cascades import Cascade
from monitor.cascades.audience import estimated_reach, views
from monitor.cascades.forecast import Forecaster
from monitor.cascades.lessons import LESSON_POSTS, RUNGS_S, Lesson
from monitor.cascades.likely_tree import LikelyTree
from monitor.cascades.pulse import Pulse
from monitor.cascades.sharers import LastHour, Reshare, SavedSharers, Sharers, few_sharers, last_hour
from monitor.cascades.tree import KnownTree, Shape, shaped
from monitor.clock import MINUTE_US, SECOND_US
from monitor.topics import Match

__all__ = ["ROOT_ALIKE", "TOLD_FROM", "Estimates", "Root", "Saved", "Tally"]

TOLD_FROM: Final = 10
"""Nothing is inferred of a cascade with fewer reshares: they are kept as they are, and that is enough."""

NAMES_PARENTS: Final = frozenset({"bluesky"})
"""Networks whose reposts say through which other repost they were found; others are believed once they do."""

NAMES_ROOTS: Final = frozenset({"x"})
"""Networks that never do."""

# How many times the mean audience of resharers a root has that we know nothing of: medians of recorded cascades. Where
# no audience is known at all, resharers count alike; 1,000 gives the depths of cascades whose true parents are known.
_ROOT_AUDIENCES: Final = 6.0
ROOT_ALIKE: Final = 1_000.0

WAITING: Final = 64  # reshares laid by before they are taken in together
_OLDER: Final = 1.5  # estimates hold until the cascade is so many times older or larger,
_FAST: Final = 10  # or, where a minute brings so many reshares,
_FAST_LARGER: Final = 1.25  # larger


class Root(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a root post tells its cascade."""

    published_us: int
    tone: float
    followers: int | None


class Estimates(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What was inferred of a cascade when it was last looked at; the fields are those of :class:`Cascade`."""

    rate_per_hour: float
    doubling_s: float | None
    reproduction: float
    reproduction_low: float
    reproduction_high: float
    final_size: int
    final_low: int
    final_high: int
    shape: Shape | None


class Saved(msgspec.Struct, array_like=True):
    """A tally as it is stored."""

    network: str
    root_id: str
    started_us: int
    is_dated: bool
    tone: float | None
    root_audience: int | None
    root_author: int | None
    knows_crowd: bool
    updated_us: int
    size: int
    newcomers: int
    sharers: SavedSharers | None
    hour: LastHour | None
    few: list[Reshare]
    waiting: tuple[list[int], list[int | None]]
    pulse: Pulse | None
    known: KnownTree | None
    likely: LikelyTree | None
    estimates: Estimates | None
    due_size: tuple[int, int]
    due_us: int
    lessons: list[Lesson]
    rung: int
    is_taught: bool


_FIELDS: Final = attrgetter(*Saved.__struct_fields__)


class Tally:
    """Counters of one cascade.

    Parameters
    ----------
    knows_crowd
        Whether the topic was followed long enough to say who is new to it.
    """

    __slots__ = (*Saved.__struct_fields__, "_template")

    def __init__(self, network: str, root_id: str, started_us: int, *, knows_crowd: bool) -> None:
        self.network = network
        self.root_id = root_id
        self.started_us = started_us
        self.is_dated = False  # until the root itself is seen, its first reshare dates it
        self.tone: float | None = None
        self.root_audience: int | None = None
        self.root_author: int | None = None
        self.knows_crowd = knows_crowd
        self.updated_us = started_us
        self.size = 0
        self.newcomers = 0
        self.sharers: Sharers | None = None
        self.hour: LastHour | None = None
        self.few: list[Reshare] = []  # all reshares, as long as nothing is inferred
        self.waiting: tuple[list[int], list[int | None]] = ([], [])  # instants and followers of reshares laid by
        self.pulse: Pulse | None = None
        self.known: KnownTree | None = KnownTree() if network in NAMES_PARENTS else None
        self.likely: LikelyTree | None = None
        self.estimates: Estimates | None = None
        self.due_size = (0, 0)  # at which estimates are renewed: of a slow, and of a fast cascade
        self.due_us = 0  # the instant at which they are
        self.lessons: list[Lesson] = []  # the cascade as it was at the ages that teach, until it is finished
        self.rung = 0  # place of the next of these ages
        self.is_taught = False
        self._template: Cascade | None = None

    @classmethod
    def of(cls, saved: Saved) -> Tally:
        """Return the tally that was saved."""
        tally = cls(saved.network, saved.root_id, saved.started_us, knows_crowd=saved.knows_crowd)
        for name in Saved.__struct_fields__:
            setattr(tally, name, getattr(saved, name))
        tally.sharers = None if saved.sharers is None else Sharers.of(saved.sharers)
        return tally

    def state(self) -> Saved:
        """Return what is to be stored; only between minutes."""
        saved = Saved(*_FIELDS(self))
        saved.sharers = None if self.sharers is None else self.sharers.state()
        return saved

    def date(self, root: Root | None, forecaster: Forecaster) -> bool:
        """Take time, tone and audience from the root itself; tell whether that was news."""
        if root is None or self.is_dated:
            return False
        pulse = self.pulse
        if pulse is not None:
            self._absorb(pulse, forecaster)
        moved_s = (self.started_us - root.published_us) / SECOND_US
        self.started_us, self.tone, self.root_audience = root.published_us, root.tone, root.followers
        self.is_dated = True
        self._template = None
        if self.likely is not None:
            self.likely.place_root(root.published_us / SECOND_US, root.followers)
        if pulse is not None:
            pulse.backdate(round(moved_s))
            pulse.root_audience = root.followers
            self.lessons = []  # of another age than was thought
            self._renew(pulse, forecaster)
        return True

    def take(self, matches: Sequence[Match], newcomers: int, forecaster: Forecaster) -> None:
        """Count the reshares of a minute, in canonical order, so many of them by authors new to the topic."""
        count, last_us = len(matches), matches[-1].published_us
        self.newcomers += newcomers
        self.size += count
        self.updated_us = max(self.updated_us, last_us)
        if self.tone is None:  # a repost has its root's
            self.tone = next((match.tone for match in matches if match.kind == "repost"), None)
            self._template = None
        if self.network not in NAMES_ROOTS:
            self._connect(matches)
        pulse, sharers, hour = self.pulse, self.sharers, self.hour
        if pulse is None or sharers is None or hour is None:
            self.few += [(match.published_us, match.author, match.followers) for match in matches]
            self.root_author = matches[0].root_author
            if self.size >= TOLD_FROM:
                self._begin(forecaster)
            return
        instants_us, followers = self.waiting
        before = len(instants_us)
        authors: list[int] = []
        for match in matches:
            instants_us.append(match.published_us)
            authors.append(match.author)
            followers.append(match.followers)
        sharers.count(authors, followers[before:] if before else followers, self.root_author)
        hour.add(last_us // MINUTE_US, count)
        if self.updated_us >= self.due_us or self.size >= self.due_size[count >= _FAST]:
            self._renew(pulse, forecaster)
        elif before + count > WAITING:
            self._absorb(pulse, forecaster)

    def told(self, topic: str, root: int, as_of_us: int, estimates: Estimates | None = None) -> Cascade:
        """Describe the cascade as of an instant not before its last reshare.

        Parameters
        ----------
        estimates
            What is inferred of it; by default what was when it was last looked at.
        """
        template = self._template if estimates is None else self._described(topic, root, estimates)
        if template is None:
            template = self._template = self._described(topic, root, self.estimates)
        if self.hour is None or self.sharers is None:
            early, late = last_hour(self.few, as_of_us)
            authors, brought, seen = few_sharers(self.few, self.root_author)
        else:
            early, late = self.hour.at(as_of_us // MINUTE_US)
            authors, brought, seen = self.sharers.told()
        size, own = self.size, self.root_audience or 0
        final_size, final_low, final_high = template.final_size, template.final_low, template.final_high
        if final_low is not None and final_low < size:
            final_size, final_low, final_high = max(final_size or 0, size), size, max(final_high or 0, size)
        cascade = replace(
            template,
            updated_us=as_of_us,
            size=size,
            authors=authors,
            potential_reach=own + brought,
            growth_per_hour=early + late,
            acceleration=(late + 1) / (early + 1),
            final_size=final_size,
            final_low=final_low,
            final_high=final_high,
            estimated_reach=estimated_reach(views(own) + seen, self.network),
            new_author_share=min(self.newcomers / authors, 1.0) if self.knows_crowd and authors else None,
        )
        return cascade if self.known is None else shaped(cascade, "measured", self.known.shape())

    def estimated(self, as_of_us: int, forecaster: Forecaster) -> Estimates | None:
        """Infer anew, as of an instant not before the last reshare; ``None`` where there are too few of them."""
        pulse = self.pulse
        if pulse is None:
            return None
        self._absorb(pulse, forecaster)
        age_s = self._age_s(as_of_us) // 1.0
        growth = pulse.growth(age_s)
        forecast = forecaster.forecast(forecaster.lesson(pulse, age_s, as_of_us / SECOND_US, growth))
        # A forecast counts the root.
        final, low, high = [
            max(round(posts) - 1, self.size) for posts in (forecast.final_size, forecast.low, forecast.high)
        ]
        return Estimates(
            growth.per_hour,
            growth.doubling_s,
            growth.reproduction,
            growth.reproduction_low,
            growth.reproduction_high,
            final,
            low,
            high,
            None if self.likely is None else self.likely.shape(),
        )

    def teach(self, as_of_us: int, forecaster: Forecaster) -> None:
        """Let the forecaster learn from this cascade, which is finished."""
        if self.pulse is not None:
            self._absorb(self.pulse, forecaster)
            self._look(self.pulse, self._age_s(as_of_us), forecaster)
            forecaster.learn(self.lessons, self.size + 1)
        self.lessons, self.rung, self.is_taught = [], len(RUNGS_S), True

    def recent(self, as_of_us: int) -> tuple[int, int]:
        """Return the reshares of the earlier and of the later half of the hour up to an instant."""
        return last_hour(self.few, as_of_us) if self.hour is None else self.hour.at(as_of_us // MINUTE_US)

    def _described(self, topic: str, root: int, estimates: Estimates | None) -> Cascade:
        """Return all of a cascade but what every reshare changes."""
        cascade = Cascade(
            topic=topic,
            network=self.network,
            root=root,
            root_id=self.root_id,
            started_us=self.started_us,
            updated_us=0,
            size=0,
            authors=0,
            potential_reach=0,
            growth_per_hour=0,
            acceleration=1.0,
            tone=self.tone or 0.0,
        )
        if estimates is None:
            return cascade
        cascade = replace(
            cascade,
            rate_per_hour=estimates.rate_per_hour,
            doubling_s=estimates.doubling_s,
            reproduction=estimates.reproduction,
            reproduction_low=estimates.reproduction_low,
            reproduction_high=estimates.reproduction_high,
            final_size=estimates.final_size,
            final_low=estimates.final_low,
            final_high=estimates.final_high,
        )
        return cascade if estimates.shape is None else shaped(cascade, "inferred", estimates.shape)

    def _begin(self, forecaster: Forecaster) -> None:
        """Begin to infer: there are enough reshares."""
        few, self.few = self.few, []
        pulse = self.pulse = Pulse(root_audience=self.root_audience)
        sharers, hour = self.sharers, self.hour = Sharers(), LastHour()
        self.waiting = ([at_us for at_us, _, _ in few], [followers for _, _, followers in few])
        sharers.count([author for _, author, _ in few], self.waiting[1], self.root_author)
        for at_us, _, _ in few:
            hour.add(at_us // MINUTE_US, 1)
        self._renew(pulse, forecaster)

    def _renew(self, pulse: Pulse, forecaster: Forecaster) -> None:
        """Infer anew, and say when to do so again."""
        self.estimates = self.estimated(self.updated_us, forecaster)
        self.due_size = (ceil(_OLDER * self.size), ceil(_FAST_LARGER * self.size))
        self.due_us = self.started_us + round(_OLDER * (self.updated_us - self.started_us))
        self._template = None

    def _absorb(self, pulse: Pulse, forecaster: Forecaster) -> None:
        """Take in the reshares that were laid by."""
        instants_us, followers = self.waiting
        if not instants_us:
            return
        self.waiting = ([], [])
        self._observe(pulse, instants_us, followers, forecaster)
        if self.known is None:
            self._infer(pulse, instants_us, followers)

    def _connect(self, matches: Sequence[Match]) -> None:
        """Place reshares below the posts they name."""
        root = matches[0].root
        parents = [match.parent for match in matches]
        if self.known is None:
            if all(parent is None or parent == root for parent in parents):
                return
            # A network that names other parents after all: those before passed on the root.
            self.known, self.likely = KnownTree.star(self.size - len(matches)), None
        self.known.add_all([match.key for match in matches], parents, root)

    def _observe(
        self, pulse: Pulse, instants_us: Sequence[int], followers: Sequence[int | None], forecaster: Forecaster
    ) -> None:
        """Take in reshares, and how the cascade was at each age that teaches something before them."""
        done, started_us = 0, self.started_us
        if started_us <= instants_us[0] and instants_us[-1] < self._next_us():
            pulse.observe_all([(at_us - started_us) // SECOND_US for at_us in instants_us], followers)
            return
        while done < len(instants_us):
            self._look(pulse, self._age_s(instants_us[done]), forecaster)
            until = bisect_left(instants_us, self._next_us(), done)
            ages_s = [(at_us - started_us) // SECOND_US for at_us in instants_us[done:until]]
            if ages_s[0] < 0:
                ages_s = [max(age_s, 0) for age_s in ages_s]
            pulse.observe_all(ages_s, followers[done:until])
            done = until

    def _next_us(self) -> float:
        """Return the next instant at which the cascade is looked at for what it teaches."""
        return self.started_us + RUNGS_S[self.rung] * SECOND_US if self.rung < len(RUNGS_S) else inf

    def _look(self, pulse: Pulse, age_s: float, forecaster: Forecaster) -> None:
        """Remember the cascade as it was at all the ages up to this one that teach something."""
        while self.rung < len(RUNGS_S) and RUNGS_S[self.rung] <= age_s:
            rung_s = RUNGS_S[self.rung]
            if pulse.reshares + 1 >= LESSON_POSTS and pulse.last_s <= rung_s:
                self.lessons.append(forecaster.lesson(pulse, rung_s, self.started_us / SECOND_US + rung_s))
            self.rung += 1

    def _age_s(self, as_of_us: int) -> float:
        """Return the age of the root in seconds."""
        return (as_of_us - self.started_us) / SECOND_US

    def _infer(self, pulse: Pulse, instants_us: Sequence[int], followers: Sequence[int | None]) -> None:
        """Place reshares below those they may have passed on."""
        mean = pulse.mean_audience()
        if self.likely is None:
            if mean is None:
                root = ROOT_ALIKE
            elif self.root_audience is None:
                root = _ROOT_AUDIENCES * mean
            else:
                root = float(self.root_audience)
            self.likely = LikelyTree.of(self.started_us / SECOND_US, max(root, 1.0), are_alike=mean is None)
        self.likely.add_all(instants_us, followers, mean or 1.0)
