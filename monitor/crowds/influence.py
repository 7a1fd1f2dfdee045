"""How many people an account's next post on this topic would plausibly reach: a prior on exposure, not fame.

``expected`` people are reached twice over: the account's own followers, and those of whoever passes the post on. Every
step is a formula that can be read, and every input stands beside the result.

1. Of ``F`` followers a share ``f(F)`` sees a post: 15 % up to 100,000 followers, 6 % above ten million, on a straight
   line between [1]_. No network publishes better; the interval takes half and twice of it.
2. Its reposts are a count whose rate is learnt from the topic: the prior is what accounts of the same size of audience
   draw, those vouched for (verified, press, public office) apart where there are enough of them; an account's own posts
   move it away from there (Gamma-Poisson shrinkage [2]_). A recent post counts for as much as reposts of its age are
   usually in (SEISMIC's memory kernel [3]_).
3. Each repost is seen by the share ``f`` of a typical resharer's followers. Audiences overlap: of ``N`` people,
   audiences that sum to ``S`` reach ``N (1 - exp(-S / N))``. Within a community that is soon exhausted, ``N`` being the
   community's part of the population; so whoever is passed on in several communities reaches more than within one.

Large cascades come from large audiences and past reposts, and yet nobody can tell which post it will be [4]_; hence the
interval. Followers alone say little [5]_.

What is only shown, and not in the sum: the h-index of an account's reposts, and the reach of the hashtags it uses, for
that audience belongs to others too.

References
----------
.. [1] Sprinklr, earned impressions (published help page).
.. [2] Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.7 (Poisson rates with a Gamma prior).
.. [3] Zhao et al., SEISMIC, KDD 2015.
.. [4] Bakshy et al., Everyone's an influencer, WSDM 2011.
.. [5] Cha et al., Measuring user influence in Twitter: the million follower fallacy, ICWSM 2010.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import Final

import msgspec

from monitor.stats.negative_binomial import log_mass, quantile
from monitor.topics import Role

__all__ = ["POPULATION", "Influence", "Rates", "Speaker", "h_index", "influences", "reach", "ripeness", "seen_share"]

POPULATION: Final = 50_000_000
"""People who use the networks in one country, in order of magnitude; it matters only for the very largest sums."""

COVERAGE: Final = 0.8
EITHER_WAY: Final = 2.0

GROUP_POSTS: Final = 20.0
"""What accounts of one size draw is believed as much as the topic's average once so many posts of theirs were seen."""

LEAST_RATE: Final = 1e-6

SCATTERS: Final = tuple(
    (between, within) for between in (1.0, 2.0, 4.0, 8.0, 16.0) for within in (0.5, 1.0, 2.0, 4.0, 8.0)
)
USUAL_SCATTER: Final = (2.0, 1.0)
FEWEST_FITTED: Final = 30
MOST_FITTED: Final = 300
"""How much accounts of a kind differ, and posts of an account: the pair that would have foretold the newest posts of
some hundred accounts best, and a usual one where fewer than thirty wrote twice."""

_SMALL: Final = 100_000.0
_SHARE_SMALL: Final = 0.15
_LARGE: Final = 10_000_000.0
_SHARE_LARGE: Final = 0.06

_FLAT_SECONDS: Final = 300.0
_FLAT_RATE: Final = 6.265725e-4
_TAIL: Final = 0.2314843


class Speaker(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen of an account on a topic.

    Attributes
    ----------
    account
        Its pseudonym.
    followers
        ``None`` when unknown.
    verified, role
        Whether the network vouches for it; what its profile says it does.
    posts
        Of each thing it wrote (no reposts): how often it was reposted, and how many seconds ago it was written.
    passed_on_in
        By community, how often accounts of it passed on something theirs.
    """

    account: int
    followers: int | None = None
    verified: bool = False
    role: Role | None = None
    posts: tuple[tuple[int, float], ...] = ()
    passed_on_in: Mapping[int, int] = {}

    @property
    def is_vouched_for(self) -> bool:
        """Whether the network or a role vouches for it."""
        return self.verified or self.role is not None


class Influence(msgspec.Struct, frozen=True, kw_only=True):
    """An account's expected exposure and what it is made of.

    Attributes
    ----------
    expected, lower, upper
        People its next post on this topic would reach, and an interval: the central 80 % of its reposts, and half to
        twice the share of followers who see a post.
    direct
        How many of those `expected` are its own followers.
    audience
        Decimal logarithm of its followers and one.
    reposts
        Expected of its next post; `repost_bounds` holds the central 80 %.
    posts, h_index
        Things it wrote on this topic; so many of them were reposted at least so often.
    communities
        In how many communities it was passed on.
    hashtag_reach
        People its hashtags reach (:func:`reach` over the distinct authors who use them), once somebody has looked.
        Not in the sum.
    """

    account: int
    followers: int | None
    verified: bool
    role: Role | None
    expected: float
    lower: float
    upper: float
    direct: float
    audience: float
    reposts: float
    repost_bounds: tuple[int, int]
    posts: int
    h_index: int
    communities: int
    hashtag_reach: float = 0.0


def seen_share(followers: float) -> float:
    """Return the share of an account's followers that sees one of its posts.

    Examples
    --------
    >>> seen_share(500), round(seen_share(5_000_000), 3), seen_share(80_000_000)
    (0.15, 0.105, 0.06)
    """
    slope = (_SHARE_LARGE - _SHARE_SMALL) / (_LARGE - _SMALL)
    return _SHARE_SMALL + slope * (min(max(followers, _SMALL), _LARGE) - _SMALL)


def reach(audiences: Iterable[float], population: float = POPULATION) -> float:
    """Return how many different people several audiences hold together, were each drawn at random from `population`.

    Examples
    --------
    >>> round(reach([1_000, 2_000])), round(reach([60_000_000, 60_000_000]))
    (3000, 45464102)
    """
    return -population * math.expm1(-sum(audiences) / population)


def ripeness(age_seconds: float) -> float:
    """Return the share of a post's direct reposts that usually came by this age, from SEISMIC's memory kernel.

    Examples
    --------
    >>> round(ripeness(3_600), 2), round(ripeness(86_400), 2)
    (0.54, 0.78)
    """
    if age_seconds <= _FLAT_SECONDS:
        return _FLAT_RATE * max(age_seconds, 0.0)
    return 1.0 - _FLAT_RATE * _FLAT_SECONDS / _TAIL * math.pow(age_seconds / _FLAT_SECONDS, -_TAIL)


def h_index(reposts: Iterable[int]) -> int:
    """Return the largest h such that h posts were reposted at least h times.

    Examples
    --------
    >>> h_index([25, 8, 5, 3, 3]), h_index([1_000]), h_index([])
    (3, 1, 0)
    """
    ranked = sorted(reposts, reverse=True)
    return sum(count >= place for place, count in enumerate(ranked, 1))


def influences(
    speakers: Sequence[Speaker],
    resharers: Sequence[int],
    sizes: Mapping[int, int],
    *,
    wanted: Set[int],
    most: int,
    population: float = POPULATION,
) -> list[Influence]:
    """Return the accounts whose next post would reach most, the largest expected exposure first.

    Parameters
    ----------
    speakers
        Everybody who wrote on the topic: the rates are learnt from all.
    resharers
        Followers of those who passed things on, as far as known.
    sizes
        Accounts of each community.
    wanted, most
        Accounts to return, and at most how many.
    """
    rates = Rates(speakers)
    typical = _typical(resharers)
    each = typical * seen_share(typical)

    def people(speaker: Speaker, reposts: float, shown: float = 1.0) -> float:
        passed_on = _among(speaker.passed_on_in, reposts * each * shown, sizes, population)
        return reach((_direct(speaker) * shown, passed_on), population)

    expected = {
        speaker.account: (people(speaker, rates.next_post(speaker)[0]), speaker)
        for speaker in speakers
        if speaker.account in wanted
    }
    ranked = sorted(expected.values(), key=lambda entry: (-entry[0], entry[1].account))[:most]
    return [_influence(speaker, figure, rates, people) for figure, speaker in ranked]


def _direct(speaker: Speaker) -> float:
    followers = speaker.followers or 0
    return followers * seen_share(followers)


def _influence(
    speaker: Speaker, expected: float, rates: Rates, people: Callable[[Speaker, float, float], float]
) -> Influence:
    mean, scatter = rates.next_post(speaker)
    side = (1.0 - COVERAGE) / 2.0
    fewest, most = quantile(side, mean, scatter), quantile(1.0 - side, mean, scatter)
    return Influence(
        account=speaker.account,
        followers=speaker.followers,
        verified=speaker.verified,
        role=speaker.role,
        expected=expected,
        lower=people(speaker, fewest, 1.0 / EITHER_WAY),
        upper=people(speaker, most, EITHER_WAY),
        direct=_direct(speaker),
        audience=math.log10(1 + (speaker.followers or 0)),
        reposts=mean,
        repost_bounds=(fewest, most),
        posts=len(speaker.posts),
        h_index=h_index(count for count, _ in speaker.posts),
        communities=len(speaker.passed_on_in),
    )


def _among(passed_on_in: Mapping[int, int], seen: float, sizes: Mapping[int, int], population: float) -> float:
    """Return how many people reposts reach that `seen` would see without overlap, community by community."""
    everybody = sum(sizes.values())
    shares = {circle: count for circle, count in passed_on_in.items() if sizes.get(circle)}
    if not shares:
        return reach((seen,), population)
    total = sum(shares.values())
    return sum(
        reach((seen * count / total,), population * sizes[circle] / everybody) for circle, count in shares.items()
    )


def _typical(resharers: Sequence[int]) -> float:
    """Return the mean followers of a resharer, the largest hundredth counted as the next largest: one star is luck."""
    if not resharers:
        return 0.0
    ranked = sorted(resharers)
    most = ranked[-1 - len(ranked) // 100]
    return sum(min(followers, most) for followers in ranked) / len(ranked)


class Rates:
    """How often posts on a topic are reposted, learnt from everybody's.

    Reposts of one post are negative binomial around its group's mean. Their scatter is part between accounts, which
    what an account drew before tells about the next post, and part from post to post, which nothing tells.
    """

    def __init__(self, speakers: Iterable[Speaker]) -> None:
        groups: dict[tuple[int, bool], list[tuple[float, float]]] = {}
        drawn: list[tuple[Speaker, float, float]] = []
        for speaker in speakers:
            if speaker.posts:
                reposts, worth = _record(speaker.posts)
                drawn.append((speaker, reposts, worth))
                groups.setdefault(_group(speaker), []).append((reposts, worth))
        bands: dict[int, list[tuple[float, float]]] = {}
        for (band, _), records in groups.items():
            bands.setdefault(band, []).extend(records)
        self._mean = _pooled([record for records in bands.values() for record in records], 0.0, 0.0)
        self._bands = {band: _pooled(records, self._mean, GROUP_POSTS) for band, records in bands.items()}
        self._vouched = {
            group: _pooled(records, self._bands[group[0]], GROUP_POSTS) / max(self._bands[group[0]], 1e-6)
            for group, records in groups.items()
        }
        self._between, self._within = self._fitted([speaker for speaker, _, _ in drawn if len(speaker.posts) > 1])

    def _fitted(self, repeated: list[Speaker]) -> tuple[float, float]:
        """Return the scatters under which everybody's newest post would have been least of a surprise."""
        chosen = sorted(repeated, key=lambda speaker: (-len(speaker.posts), speaker.account))[:MOST_FITTED]
        if len(chosen) < FEWEST_FITTED:
            return USUAL_SCATTER
        split = [(speaker, _split(speaker)) for speaker in chosen]

        def surprise(scatters: tuple[float, float]) -> float:
            self._between, self._within = scatters
            total = 0.0
            for speaker, (before, count, ripe) in split:
                mean, scatter = self._next(self._prior(speaker), *before)
                total -= log_mass(count, mean * ripe, scatter)
            return total

        return min(SCATTERS, key=surprise)

    def _prior(self, speaker: Speaker) -> float:
        """Return what such accounts draw: on a straight line, in logarithms, between neighbouring bands."""
        band, vouched = _group(speaker)
        rate = self._bands.get(band, self._mean)
        if speaker.followers is not None:
            place = math.log10(1 + speaker.followers) - 0.5  # a band's mean belongs to its middle
            low = max(math.floor(place), 0)
            below, above = self._bands.get(low, rate), self._bands.get(low + 1, rate)
            if below > 0.0 and above > 0.0:
                rate = below * (above / below) ** min(max(place - low, 0.0), 1.0)
        return max(rate * self._vouched.get((band, vouched), 1.0), LEAST_RATE)

    def next_post(self, speaker: Speaker) -> tuple[float, float]:
        """Return the mean and scatter (:mod:`monitor.stats.negative_binomial`) of the next post's reposts."""
        return self._next(self._prior(speaker), *_record(speaker.posts))

    def _next(self, prior: float, reposts: float, worth: float) -> tuple[float, float]:
        shape = 1.0 / self._between
        # What one post tells is blurred by the scatter from post to post.
        blur = 1.0 + self._within * prior
        mean = (shape + reposts / blur) / (shape / prior + worth / blur)
        return mean, 1.0 / (shape + reposts / blur) + self._within


def _group(speaker: Speaker) -> tuple[int, bool]:
    band = -1 if speaker.followers is None else int(math.log10(1 + speaker.followers))
    return band, speaker.is_vouched_for


def _record(posts: Sequence[tuple[int, float]]) -> tuple[float, float]:
    """Return reposts seen, and how many posts that is worth."""
    return float(sum(count for count, _ in posts)), sum(max(ripeness(age), 1e-3) for _, age in posts)


def _split(speaker: Speaker) -> tuple[tuple[float, float], int, float]:
    """Return the record before the newest post, and its reposts and ripeness."""
    posts = sorted(speaker.posts, key=lambda post: (-post[1], post[0]))
    count, age = posts.pop()
    return _record(posts), count, max(ripeness(age), 1e-3)


def _pooled(records: Sequence[tuple[float, float]], prior: float, weight: float) -> float:
    reposts = sum(count for count, _ in records) + prior * weight
    worth = sum(posts for _, posts in records) + weight
    return reposts / worth if worth else 0.0
