"""The pulse of one cascade: a few numbers, kept online, that say how fast it goes and whether it feeds itself.

Nothing is kept of a reshare but what decays: how many there were, and how large their audiences, seen through windows
of 100 seconds to 36 hours that forget exponentially. Sums of exponentials need neither a list nor an order: a reshare
that comes late is added as if it had come in time, two pulses of one root add up, and any later age can be asked for.

The reproduction number is how many further reshares one reshare brings about: above 1 a cascade feeds itself. People
react to what they see with the delays of SEISMIC [1]_: evenly for five minutes, then ever more rarely, like
``s ** -1.23``. That memory kernel is replaced by a sum of exponentials, which makes the estimate O(1).

* Where follower counts are known, each reshare exposes its followers. The rate at which the exposed reshare is that
  of SEISMIC: reshares in a recent window, over those expected in it had everybody exposed reshared. Times the mean
  audience of the resharers that is the reproduction number. Its uncertainty is that of a count, a gamma distribution
  with as many events as the window really holds, and that of the mean audience.
* Where they are not, every reshare is taken to expose as many people, and the root an unknown multiple of that. Both
  unknowns, how many reshares the root brings and how many each reshare brings, follow from two counts, that of a recent
  window and that of all reshares, tempered by a weak prior since young cascades cannot tell the two apart.

References
----------
.. [1] Q. Zhao et al., SEISMIC: a self-exciting point process model for predicting tweet popularity, KDD 2015,
   doi:10.1145/2783258.2783401.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from math import exp, expm1, log1p, sqrt
from typing import Final, Literal

import msgspec
import numpy as np

__all__ = ["AUDIENCE_CEILING", "MEMORIES_S", "Growth", "Pulse"]

MEMORIES_S: Final = (100.0, 200.0, 600.0, 1_200.0, 3_600.0, 7_200.0, 21_600.0, 129_600.0)
"""Time constants of the windows, in seconds."""

AUDIENCE_CEILING: Final = 1_000_000
"""Followers beyond this add nothing: a single account must not explain a whole cascade by itself."""

# The memory kernel of SEISMIC as a sum of exponentials: time constant's place in MEMORIES_S, and weight per second.
# Fitted by non-negative least squares on the relative error over 1 s .. 4 days, which is 7 % in the mean; it integrates
# to 0.82 over four days, the kernel itself to 0.84.
_KERNEL: Final = (
    (2, 6.007000e-4),
    (4, 5.732030e-5),
    (6, 5.723235e-6),
    (7, 9.812714e-7),
)
_WINDOWS: Final = (1, 3, 5)  # places in MEMORIES_S of the recent windows; the one before each half as long
_WITHIN: Final = {  # of the kernel, seen through each of these windows
    place: tuple([weight / (1 / MEMORIES_S[place] - 1 / MEMORIES_S[kernel]) for kernel, weight in _KERNEL])
    for place in _WINDOWS
}
_MASSES: Final = tuple([(kernel, MEMORIES_S[kernel], weight * MEMORIES_S[kernel]) for kernel, weight in _KERNEL])
_WINDOW_EVENTS: Final = 5.0  # a window with fewer is left for a longer one, as in the reference implementation
_TAIL: Final = 1.2815515655446004  # standard normal quantile of 0.9: intervals are central 80 %
_PRIOR_MEAN: Final = 0.6  # of the reproduction number without follower counts: most cascades die out
_PRIOR_SD: Final = 1.0
_UNEQUAL: Final = 2.0  # audiences have long tails: estimates scatter more than their samples say
_LEAST_RATE: Final = 1e-9  # below this a number is none
_NONE: Final = (0.0,) * len(MEMORIES_S)

# Sums are held undecayed as of a base time, so that a reshare only adds to them, and moved on once in so many seconds.
_STEP_S: Final = 1_024
_FEW: Final = 16  # reshares are added one by one; more are faster added together
_WEIGHTS: Final = np.exp(np.arange(_STEP_S)[:, None] / np.array(MEMORIES_S))  # of a reshare, by seconds after the base
_ROWS: Final[list[tuple[float, ...]]] = list(map(tuple, _WEIGHTS.tolist()))


class Growth(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How a cascade grows at an instant.

    Attributes
    ----------
    per_hour
        Reshares an hour, over a recent window as long as the age of the cascade warrants (3 minutes to 2 hours).
    doubling_s
        In how many seconds the number of posts doubles if this rate holds; None if nothing came recently.
    reproduction, reproduction_low, reproduction_high
        Further reshares that one reshare brings about, and its central 80 % interval; above 1 it feeds itself.
    by
        "audience" where follower counts are known, "count" where every reshare is taken to have the same audience.
    """

    per_hour: float
    doubling_s: float | None
    reproduction: float
    reproduction_low: float
    reproduction_high: float
    by: Literal["audience", "count"]


class Pulse(msgspec.Struct, array_like=True, gc=False):
    """What is remembered of one cascade: constant size, encodable as it is, the same for any order of reshares.

    Create it with ``Pulse(root_audience=followers)`` or, if they are unknown, ``Pulse()``; set `root_audience` whenever
    it becomes known. Every field is needed to go on; a msgpack encoding of the whole struct is the snapshot.

    Attributes
    ----------
    reshares
        Reshares observed; the root is not counted.
    root_audience
        Followers of the root's author; None if unknown.
    last_s
        The greatest age observed.
    known, known_audience
        Reshares whose followers are known, and the sum of these followers.
    age_sum, age_log_sum
        Sum over reshares of their age in seconds, and of log(1 + age).
    counts, exposed
        Reshares, and followers of resharers, seen through each of `MEMORIES_S`; each by what it counts at `base_s`.
    base_s
        An age up to 17 minutes before `last_s`.
    known_squares
        Sum of the squares of the followers that `known_audience` adds up: how unequal audiences are.

    Notes
    -----
    Ages are whole seconds since the root; below zero counts as zero. 0.2 to 2 microseconds a reshare, about 0.9 kB.
    """

    reshares: int = 0
    root_audience: int | None = None
    last_s: int = 0
    known: int = 0
    known_audience: int = 0
    age_sum: int = 0
    age_log_sum: float = 0.0
    counts: tuple[float, ...] = _NONE
    exposed: tuple[float, ...] = _NONE
    base_s: int = 0
    known_squares: float = 0.0

    def observe(self, age_s: float, followers: int | None = None) -> None:
        """Add one reshare, made `age_s` seconds after the root by an account with so many followers."""
        age = int(age_s) if age_s > 0 else 0
        if age < self.base_s:
            self._observe_late(age, followers)
        else:
            self.observe_all((age,), (followers,))

    def observe_all(self, ages_s: Sequence[int], followers: Sequence[int | None]) -> None:
        """Add reshares at whole seconds, in order: to the last bit what :meth:`observe` does one by one, but faster."""
        done = 0
        while done < len(ages_s):
            age = ages_s[done]
            if age < self.base_s:
                self._observe_late(age, followers[done])
                done += 1
                continue
            if age - self.base_s >= _STEP_S:
                self._move(age)
            until = len(ages_s)
            if ages_s[-1] - self.base_s >= _STEP_S:
                until = bisect_left(ages_s, self.base_s + _STEP_S, done)
            self._add(ages_s[done:until], followers[done:until])
            done = until

    def merge(self, other: Pulse) -> None:
        """Add the reshares of another pulse of the same root, counted elsewhere."""
        self.last_s = max(self.last_s, other.last_s)
        if self.last_s - self.base_s >= _STEP_S:
            self._move(self.last_s)
        moved = _faded(other.counts, self.base_s - other.base_s), _faded(other.exposed, self.base_s - other.base_s)
        self.counts = tuple([mine + theirs for mine, theirs in zip(self.counts, moved[0], strict=True)])
        self.exposed = tuple([mine + theirs for mine, theirs in zip(self.exposed, moved[1], strict=True)])
        self.reshares += other.reshares
        self.known += other.known
        self.known_audience += other.known_audience
        self.known_squares += other.known_squares
        self.age_sum += other.age_sum
        self.age_log_sum += other.age_log_sum
        if self.root_audience is None:
            self.root_audience = other.root_audience

    def backdate(self, seconds: int) -> None:
        """Date the root so many seconds earlier than was thought; later, if negative. Something must be observed."""
        seconds = max(seconds, -self.last_s)
        mean = self.age_sum / self.reshares
        self.last_s += seconds
        self.base_s += seconds
        self.age_sum += seconds * self.reshares
        # The mean of logarithms is not known for another root; it moves about as much as the logarithm of the mean.
        self.age_log_sum += self.reshares * (log1p(max(mean + seconds, 0.0)) - log1p(mean))

    def mean_audience(self) -> float | None:
        """Return the mean followers of resharers, each at most `AUDIENCE_CEILING`; None if none is known."""
        return self.known_audience / self.known if self.known else None

    def mean_log_age(self) -> float:
        """Return the mean over reshares of log(1 + age in seconds); 0 without reshares."""
        return self.age_log_sum / self.reshares if self.reshares else 0.0

    def counts_at(self, age_s: float) -> tuple[float, ...]:
        """Return the reshares seen through each of `MEMORIES_S` at an age not before the last reshare."""
        return _faded(self.counts, age_s - self.base_s)

    def exposed_at(self, age_s: float) -> tuple[float, ...]:
        """Return the followers of resharers, seen through each of `MEMORIES_S`, at such an age."""
        return _faded(self.exposed, age_s - self.base_s)

    def growth(self, age_s: float) -> Growth:
        """Describe the growth at an age, in seconds since the root; before the last reshare counts as at it."""
        age = max(float(age_s), float(self.last_s), 1.0)
        counts = self.counts_at(age)
        place = _window(age, counts)
        per_second = counts[place] / (MEMORIES_S[place] * -expm1(-age / MEMORIES_S[place]))
        doubling_s = (self.reshares + 1) / per_second if per_second > _LEAST_RATE else None
        if self.known_audience and self.root_audience is not None:
            middle, low, high = self._by_audience(age, place, counts)
            by: Literal["audience", "count"] = "audience"
        else:
            middle, low, high = self._by_count(age, place, counts)
            by = "count"
        return Growth(
            per_hour=per_second * 3600,
            doubling_s=doubling_s,
            reproduction=middle,
            reproduction_low=low,
            reproduction_high=high,
            by=by,
        )

    def unexposed(self, age_s: float) -> float:
        """Return the followers, of root and resharers, who have yet to react, as far as they ever will.

        The remaining mass of the memory kernel of each audience, added up. Unknown followers count as none.
        """
        exposed = self.exposed_at(age_s)
        root = min(self.root_audience or 0, AUDIENCE_CEILING)
        return sum(
            weight * MEMORIES_S[place] * (exposed[place] + root * exp(-age_s / MEMORIES_S[place]))
            for place, weight in _KERNEL
        )

    def _by_audience(self, age: float, place: int, counts: tuple[float, ...]) -> tuple[float, float, float]:
        """SEISMIC's estimate: reshares in the window over reshares expected of all who were exposed."""
        exposed = self.exposed_at(age)
        root = min(self.root_audience or 0, AUDIENCE_CEILING)
        seen = max(_through(place, exposed) + root * _root_through(place, age), _LEAST_RATE)
        events = _events(place, counts)
        share = counts[place] / events if events else 1.0  # an event at the edge of the window counts less
        audience = self.known_audience / self.known
        due = seen / (audience * share)  # reshares expected in the window were each to bring one
        shape, rate = (_PRIOR_MEAN / _PRIOR_SD) ** 2, _PRIOR_MEAN / _PRIOR_SD**2
        scatter = max(self.known_squares / audience**2 / self.known - 1.0, 0.0)
        worth = 1 / (1 / (events + shape) + _UNEQUAL * scatter / self.known)  # the mean audience is an estimate too
        low, high = (_gamma(worth, tail) / worth for tail in (-_TAIL, _TAIL))
        middle = (events + shape) / (due + rate)
        return middle, low * middle, high * middle

    def _by_count(self, age: float, place: int, counts: tuple[float, ...]) -> tuple[float, float, float]:
        """Split reshares between the root, of unknown audience, and reshares, all of the same one.

        ``N = m F + R S`` for all reshares and ``A = m f + R s`` for those in the window, with F, f what the root and
        S, s what the reshares would bring were each to bring one; solved for R, and tempered by the prior.
        """
        of_root, of_all = 0.0, 0.0
        for kernel, memory, mass in _MASSES:
            of_root += mass * -expm1(-age / memory)
            of_all += mass * (self.reshares - counts[kernel])
        recent_root, recent = _root_through(place, age), _through(place, counts)
        # The error of A F - N f, were both counts Poisson: the window is part of the whole.
        squares = counts[place - 1] + 0.25
        error = (
            of_root**2 * squares + recent_root**2 * (self.reshares + 0.5) - 2 * of_root * recent_root * counts[place]
        )
        slope = max(recent * of_root - of_all * recent_root, 0.0)
        value = counts[place] * of_root - self.reshares * recent_root
        error = max(_UNEQUAL * error, _LEAST_RATE)
        precision = slope**2 / error
        prior = _PRIOR_SD**-2
        middle = (value * slope / error + _PRIOR_MEAN * prior) / (precision + prior)
        spread = _TAIL / sqrt(precision + prior)
        middle = max(middle, 0.0)
        return middle, max(middle - spread, 0.0), middle + spread

    def _move(self, age: int) -> None:
        """Move the base time to less than a step before an age."""
        passed = (age - self.base_s) // _STEP_S * _STEP_S
        self.counts, self.exposed = _faded(self.counts, passed), _faded(self.exposed, passed)
        self.base_s += passed

    def _add(self, ages_s: Sequence[int], followers: Sequence[int | None]) -> None:
        """Add reshares in order, all within a step of the base time: sums of the same parts in the same order."""
        self.reshares += len(ages_s)
        self.age_sum += sum(ages_s)
        logarithms = self.age_log_sum
        for one in map(log1p, ages_s):
            logarithms += one
        self.age_log_sum = logarithms
        self.last_s = max(self.last_s, ages_s[-1])
        if len(ages_s) < _FEW:
            self._add_few(ages_s, followers)
            return
        parts = np.empty((1 + len(ages_s), len(MEMORIES_S)))
        parts[0] = self.counts
        np.take(_WEIGHTS, np.array(ages_s) - self.base_s, axis=0, out=parts[1:], mode="clip")
        self.counts = tuple(np.add.reduce(parts).tolist())
        known = len(followers) - followers.count(None)
        if known:
            brought = np.array(followers if known == len(followers) else [one or 0 for one in followers])
            brought = np.minimum(brought, AUDIENCE_CEILING)
            self.known += known
            self.known_audience += int(brought.sum())
            self.known_squares += int(brought @ brought)
            parts[0] = self.exposed
            parts[1:] *= brought[:, None]
            self.exposed = tuple(np.add.reduce(parts).tolist())

    def _add_few(self, ages_s: Sequence[int], followers: Sequence[int | None]) -> None:
        base_s = self.base_s
        a, b, c, d, e, f, g, h = self.counts
        s, t, u, v, w, x, y, z = self.exposed
        known, audience, squares = self.known, self.known_audience, self.known_squares
        for age, brought in zip(ages_s, followers, strict=True):
            i, j, k, m, n, o, p, q = _ROWS[age - base_s]
            a, b, c, d, e, f, g, h = a + i, b + j, c + k, d + m, e + n, f + o, g + p, h + q
            if brought is not None:
                r = brought if brought < AUDIENCE_CEILING else AUDIENCE_CEILING
                known += 1
                audience += r
                squares += r * r
                s, t, u, v = s + r * i, t + r * j, u + r * k, v + r * m
                w, x, y, z = w + r * n, x + r * o, y + r * p, z + r * q
        self.counts = (a, b, c, d, e, f, g, h)
        self.exposed = (s, t, u, v, w, x, y, z)
        self.known, self.known_audience, self.known_squares = known, audience, squares

    def _observe_late(self, age: int, followers: int | None) -> None:
        """Take in a reshare made before the base time."""
        one = _faded((1.0,) * len(MEMORIES_S), self.base_s - age)
        self.reshares += 1
        self.age_sum += age
        self.age_log_sum += log1p(age)
        self.counts = tuple([before + part for before, part in zip(self.counts, one, strict=True)])
        if followers is not None:
            audience = min(followers, AUDIENCE_CEILING)
            self.known += 1
            self.known_audience += audience
            self.known_squares += audience * audience
            self.exposed = tuple([before + audience * part for before, part in zip(self.exposed, one, strict=True)])


def _faded(sums: tuple[float, ...], passed: float) -> tuple[float, ...]:
    """Return sums as they count so many seconds later; their powers follow from the longest memory."""
    day = exp(-passed / 129_600.0)
    half = day * day * day
    six = half * half
    two = six * six * six
    hour = two * two
    twenty = hour * hour * hour
    ten = twenty * twenty
    three = ten * ten * ten
    a, b, c, d, e, f, g, h = sums
    return a * three * three, b * three, c * ten, d * twenty, e * hour, f * two, g * six, h * day


def _window(age: float, counts: tuple[float, ...]) -> int:
    """Return the place of the recent window: about a sixth of the age, longer if that holds too few reshares."""
    for place in _WINDOWS:
        if MEMORIES_S[place] >= age / 12 and _events(place, counts) >= _WINDOW_EVENTS:
            return place
    return _WINDOWS[-1]


def _events(place: int, counts: tuple[float, ...]) -> float:
    """Return how many reshares a window is worth: the square of their weights' sum over the sum of their squares."""
    squares = counts[place - 1]
    return counts[place] ** 2 / squares if squares > _LEAST_RATE else 0.0


def _through(place: int, sums: tuple[float, ...]) -> float:
    """Return what these audiences would bring within the window, were all who are exposed to reshare."""
    a, b, c, d = _WITHIN[place]
    _, _, ten, _, hour, _, six, day = sums
    own = sums[place]
    return a * (ten - own) + b * (hour - own) + c * (six - own) + d * (day - own)


def _root_through(place: int, age: float) -> float:
    a, b, c, d = _WITHIN[place]
    own = exp(-age / MEMORIES_S[place])
    return (
        a * (exp(-age / 600.0) - own)
        + b * (exp(-age / 3_600.0) - own)
        + c * (exp(-age / 21_600.0) - own)
        + d * (exp(-age / 129_600.0) - own)
    )


def _gamma(shape: float, tail: float) -> float:
    """Return a quantile of the gamma distribution of unit scale, by Wilson and Hilferty's cube root (1931)."""
    ninth = 1 / (9 * shape)
    return shape * max(1 - ninth + tail * sqrt(ninth), 0.0) ** 3
