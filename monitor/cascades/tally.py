"""What is remembered of one cascade: constant in size, constant work a reshare."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from math import inf, log1p
from typing import Final

import msgspec

from monitor.cascades import Edges
from monitor.cascades.audience import SMALL, views
from monitor.cascades.forecast import Forecast, Forecaster
from monitor.cascades.lessons import LESSON_POSTS, RUNGS_S, Lesson
from monitor.cascades.likely_tree import LikelyTree
from monitor.cascades.pulse import Pulse
from monitor.cascades.tree import KnownTree, Shape
from monitor.clock import MINUTE_US, SECOND_US
from monitor.stats.distinct import SAMPLE_SIZE, DistinctCounter
from monitor.topics import Match

__all__ = ["ROOT_ALIKE", "SPAN_MINUTES", "TOLD_FROM", "Prediction", "Root", "Saved", "Tally"]

SPAN_MINUTES: Final = 60
HALF_SPAN_MINUTES: Final = SPAN_MINUTES // 2

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

_LARGER, _OLDER = 1.4, 1.5  # a forecast holds until the cascade is so many times larger or older


class Root(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a root post tells its cascade."""

    published_us: int
    tone: float
    followers: int | None


class Prediction(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Reshares in the end, as forecast when the cascade had `size` of them, at `age_s`."""

    size: int
    age_s: float
    final: int
    low: int
    high: int


class Saved(msgspec.Struct, frozen=True, array_like=True):
    """A tally as it is stored."""

    network: str
    root_id: str
    started_us: int
    is_dated: bool
    tone: float | None
    root_audience: int | None
    knows_crowd: bool
    updated_us: int
    size: int
    exact_size: int
    exact_reach: int
    exact_views: int
    followers: int
    views: int
    newcomers: int
    authors: bytes
    minutes: list[tuple[int, int]]
    early: list[tuple[int, int | None]]
    pulse: Pulse | None
    known: KnownTree | None
    likely: LikelyTree | None
    prediction: Prediction | None
    lessons: list[Lesson]
    rung: int
    is_taught: bool


class Tally:
    """Counters of one cascade.

    Parameters
    ----------
    knows_crowd
        Whether the topic was followed long enough to say who is new to it.
    """

    __slots__ = (
        "authors",
        "early",
        "exact_reach",
        "exact_size",
        "exact_views",
        "followers",
        "is_dated",
        "is_taught",
        "known",
        "knows_crowd",
        "lessons",
        "likely",
        "minutes",
        "network",
        "newcomers",
        "prediction",
        "pulse",
        "root_audience",
        "root_id",
        "rung",
        "size",
        "started_us",
        "tone",
        "updated_us",
        "views",
    )

    def __init__(self, network: str, root_id: str, started_us: int, *, knows_crowd: bool) -> None:
        self.network = network
        self.root_id = root_id
        self.started_us = started_us
        self.is_dated = False  # until the root itself is seen, its first reshare dates it
        self.tone: float | None = None
        self.root_audience: int | None = None
        self.knows_crowd = knows_crowd
        self.updated_us = started_us
        self.size = 0
        self.exact_size = 0  # reshares, followers and views of distinct authors, while authors were counted exactly
        self.exact_reach = 0
        self.exact_views = 0
        self.followers = 0  # of all reshares after that
        self.views = 0
        self.newcomers = 0
        self.authors = DistinctCounter()
        self.minutes: dict[int, int] = {}  # minute since the epoch -> reshares; the last sixty
        self.early: list[tuple[int, int | None]] = []  # instants and followers of the first reshares
        self.pulse: Pulse | None = None
        self.known: KnownTree | None = KnownTree() if network in NAMES_PARENTS else None
        self.likely: LikelyTree | None = None
        self.prediction: Prediction | None = None
        self.lessons: list[Lesson] = []  # the cascade as it was at the ages that teach, until it is finished
        self.rung = 0  # place of the next of these ages
        self.is_taught = False

    @classmethod
    def of(cls, saved: Saved) -> Tally:
        """Return the tally that was saved."""
        tally = cls(saved.network, saved.root_id, saved.started_us, knows_crowd=saved.knows_crowd)
        for name in Saved.__struct_fields__:
            if name not in {"authors", "minutes"}:
                setattr(tally, name, getattr(saved, name))
        tally.authors.restore(saved.authors)
        tally.minutes = dict(saved.minutes)
        return tally

    def state(self) -> Saved:
        """Return what is to be stored; only between minutes."""
        return Saved(
            network=self.network,
            root_id=self.root_id,
            started_us=self.started_us,
            is_dated=self.is_dated,
            tone=self.tone,
            root_audience=self.root_audience,
            knows_crowd=self.knows_crowd,
            updated_us=self.updated_us,
            size=self.size,
            exact_size=self.exact_size,
            exact_reach=self.exact_reach,
            exact_views=self.exact_views,
            followers=self.followers,
            views=self.views,
            newcomers=self.newcomers,
            authors=self.authors.snapshot(),
            minutes=list(self.minutes.items()),
            early=self.early,
            pulse=self.pulse,
            known=self.known,
            likely=self.likely,
            prediction=self.prediction,
            lessons=self.lessons,
            rung=self.rung,
            is_taught=self.is_taught,
        )

    def date(self, root: Root | None) -> bool:
        """Take time, tone and audience from the root itself; tell whether that was news."""
        if root is None or self.is_dated:
            return False
        moved_s = (self.started_us - root.published_us) / SECOND_US
        self.started_us, self.tone, self.root_audience = root.published_us, root.tone, root.followers
        self.is_dated = True
        if self.pulse is not None:
            _move(self.pulse, round(moved_s))
            self.pulse.root_audience = root.followers
            self.lessons = []  # of another age than was thought
        if self.likely is not None:
            self.likely.place_root(root.published_us / SECOND_US, root.followers)
        return True

    def take(self, matches: Sequence[Match], newcomers: int, forecaster: Forecaster) -> None:
        """Count the reshares of a minute, in canonical order, so many of them by authors new to the topic."""
        self.newcomers += newcomers
        self.updated_us = max(self.updated_us, matches[-1].published_us)
        if self.tone is None:  # a repost has its root's
            self.tone = next((match.tone for match in matches if match.kind == "repost"), None)
        self._connect(matches)
        self._count_authors(matches)
        self._count_minute(matches[0].published_us // MINUTE_US, len(matches))
        instants_us = [match.published_us for match in matches]
        followers = [match.followers for match in matches]
        pulse = self.pulse
        if pulse is None:
            self.early += zip(instants_us, followers, strict=True)
            if self.size < TOLD_FROM:
                return
            instants_us, followers = [at_us for at_us, _ in self.early], [one for _, one in self.early]
            self.early = []
            pulse = self.pulse = Pulse(root_audience=self.root_audience)
        self._observe(pulse, instants_us, followers, forecaster)
        if self.known is None:
            self._infer(pulse, instants_us, followers)
        before = self.prediction
        age_s = self.age_s(self.updated_us)
        if before is None or self.size >= _LARGER * before.size or age_s >= _OLDER * before.age_s:
            self.prediction = self.predicted(self.updated_us, forecaster)

    def predicted(self, as_of_us: int, forecaster: Forecaster) -> Prediction | None:
        """Return what is forecast as of an instant not before the last reshare."""
        if self.pulse is None:
            return None
        age_s = self.age_s(as_of_us)
        forecast = forecaster.forecast(forecaster.lesson(self.pulse, age_s, as_of_us / SECOND_US))
        return _prediction(forecast, self.size, age_s)

    def teach(self, as_of_us: int, forecaster: Forecaster) -> None:
        """Let the forecaster learn from this cascade, which is finished."""
        if self.pulse is not None:
            self._look(self.pulse, self.age_s(as_of_us), forecaster)
            forecaster.learn(self.lessons, self.size + 1)
        self.lessons, self.rung, self.is_taught = [], len(RUNGS_S), True

    def shape(self) -> Shape | None:
        """Return how the cascade spread; ``None`` where it must be inferred from too little."""
        tree = self.known or self.likely
        return tree.shape() if tree is not None else None

    @property
    def edges(self) -> Edges | None:
        """Whether who passed on whom is known or inferred; ``None`` where neither is said."""
        if self.known is not None:
            return "measured"
        return "inferred" if self.likely is not None else None

    def recent(self, as_of_us: int) -> tuple[int, float]:
        """Return the reshares of the last hour, and how those of its halves compare (:class:`Cascade`)."""
        now = as_of_us // MINUTE_US
        growth = recent = 0
        for minute, count in self.minutes.items():
            if minute > now - SPAN_MINUTES:
                growth += count
                if minute > now - HALF_SPAN_MINUTES:
                    recent += count
        return growth, (recent + 1) / (growth - recent + 1)

    def age_s(self, as_of_us: int) -> float:
        """Return the age of the root in seconds."""
        return (as_of_us - self.started_us) / SECOND_US

    def audience(self) -> tuple[int, int, int]:
        """Return distinct resharing authors, and followers and views of them and of the root's author."""
        followers, seen = self.root_audience or 0, views(self.root_audience or 0)
        if self.authors.is_exact:
            return self.authors.estimate(), followers + self.exact_reach, seen + self.exact_views
        later = self.size - self.exact_size
        authors = min(max(self.authors.estimate(), SAMPLE_SIZE), SAMPLE_SIZE + later)
        new = authors - SAMPLE_SIZE
        later = max(later, 1)
        return (
            authors,
            followers + self.exact_reach + self.followers * new // later,
            seen + self.exact_views + self.views * new // later,
        )

    def new_author_share(self, authors: int) -> float | None:
        """Return the share of authors who had never spoken on the topic; ``None`` while it is new itself."""
        return min(self.newcomers / authors, 1.0) if self.knows_crowd and authors else None

    def _count_authors(self, matches: Sequence[Match]) -> None:
        """Count who reshared, and their followers; whoever reshares their own post brings no new ones."""
        authors = self.authors
        later = 0
        while authors.is_exact and later < len(matches):
            # As many as there is room for, new or not, cannot end exactness before the last.
            some = matches[later : later + SAMPLE_SIZE - authors.estimate()]
            for match in some:
                if authors.add(match.author) and match.followers and match.author != match.root_author:
                    self.exact_reach += match.followers
                    self.exact_views += views(match.followers)
            later += len(some)
            self.exact_size = self.size + later
        followers = seen = 0
        if later:
            matches = matches[later:]
        authors.add_all([match.author for match in matches])
        for match in matches:
            brought = match.followers
            if brought:
                followers += brought
                seen += brought * 3 // 20 if brought <= SMALL else views(brought)
        self.followers += followers
        self.views += seen
        self.size += later + len(matches)

    def _count_minute(self, minute: int, count: int) -> None:
        minutes = self.minutes
        minutes[minute] = minutes.get(minute, 0) + count
        if len(minutes) > SPAN_MINUTES:
            oldest = minute - SPAN_MINUTES
            self.minutes = {seen: count for seen, count in minutes.items() if seen > oldest}

    def _connect(self, matches: Sequence[Match]) -> None:
        """Place reshares below the posts they name."""
        if self.known is None:
            if self.network in NAMES_ROOTS or not any(match.parent not in (None, match.root) for match in matches):
                return
            # A network that names other parents after all: those before passed on the root.
            self.known, self.likely = KnownTree.star(self.size), None
        add = self.known.add
        for match in matches:
            add(match.key, None if match.parent == match.root else match.parent)

    def _observe(
        self, pulse: Pulse, instants_us: Sequence[int], followers: Sequence[int | None], forecaster: Forecaster
    ) -> None:
        """Take in reshares, and how the cascade was at each age that teaches something before them."""
        done, started_us = 0, self.started_us
        while done < len(instants_us):
            self._look(pulse, self.age_s(instants_us[done]), forecaster)
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


def _prediction(forecast: Forecast, size: int, age_s: float) -> Prediction:
    """Return a forecast, which counts the root, in reshares."""
    final, low, high = (max(round(posts) - 1, size) for posts in (forecast.final_size, forecast.low, forecast.high))
    return Prediction(size, age_s, final, low, high)


def _move(pulse: Pulse, seconds: int) -> None:
    """Date a root so many seconds earlier than was thought."""
    seconds = max(seconds, -pulse.last_s)
    mean = pulse.age_sum / pulse.reshares
    pulse.last_s += seconds
    pulse.age_sum += seconds * pulse.reshares
    # The mean of logarithms is not known for another root; it moves about as much as the logarithm of the mean.
    pulse.age_log_sum += pulse.reshares * (log1p(max(mean + seconds, 0.0)) - log1p(mean))
