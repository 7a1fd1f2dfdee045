"""The shape of a cascade of which only the root is known to each reshare: what to expect, online, in constant memory.

Networks such as X say which post was reshared, not through whom it was found. Who found it through whom is then a
chance: reshare `i` passes on `j`, an earlier reshare or the root, with a probability in proportion to the audience of
`j` and to how readily people react that long after, which is the responsibility of `j` in SEISMIC [1]_:

    P(parent of i is j)  =  n_j phi(t_i - t_j) / sum over all earlier k of n_k phi(t_i - t_k)

No tree is drawn. The expectations of everything of interest follow a recursion, since what is expected of a new
reshare is the mean of what is expected of its possible parents, weighted as above: its depth, the chance that it stands
at depth g, and C(i, j), how many posts below the root are above (or are) both `i` and `j`. The distance of two posts is
depth(i) + depth(j) - 2 C(i, j), so that the expected Wiener index needs no more. The kernel phi being a sum of
exponentials, each of these means is a sum over exponentials of a quantity that is added to once a reshare:

    weights  E_k = sum n_j e_k(j)             heights  H_k = sum n_j e_k(j) depth_j
    levels   D_kg = sum n_j e_k(j) P(depth_j = g)
    shared   M_kl = sum over j and i of n_j n_i e_k(j) e_l(i) C(i, j)
    rows     Q_k = sum n_j e_k(j) R_j,        R_j = sum over i of C(i, j)

with e_k(j) = exp(-(t - t_j) / tau_k). They are exact: a test adds up all trees a small cascade may be. The depth of a
whole cascade is not such a mean; it is the deepest level occupied with probability one half, were the number of posts
there Poisson.

The intervals are those of experience, not of the recursion, whose chances are only as good as the audiences and the
kernel: eight in ten of 150 recorded cascades with true parents, looked at with 10, 30, 100, 300 reshares and at their
end, were between these multiples of what was expected. There no audience of a resharer was known; where they are, no
recording says who passed on whom. ``python -m tests.benchmarks.bench_attribution FOLDER`` measures it on others.

References
----------
.. [1] Q. Zhao et al., SEISMIC: a self-exciting point process model for predicting tweet popularity, KDD 2015,
   doi:10.1145/2783258.2783401.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from math import ceil, exp, log
from operator import mul
from typing import Final

import msgspec

from monitor.cascades.tree import KnownTree, Shape
from monitor.clock import SECOND_US

__all__ = ["LikelyTree"]

# The kernel of monitor.cascades.pulse, whose time constants are powers of six apart: one exponential gives all four.
_LONGEST_S: Final = 129_600.0
_W0: Final = 9.812714e-7
_W1: Final = 5.723235e-6
_W2: Final = 5.732030e-5
_W3: Final = 6.007000e-4

_REBASE_S: Final = 100_000.0  # the sums are held undecayed as of a base time, moved before they grow beyond a float
_STEPS_OF_AGE: Final = 8
_FORGOTTEN_S: Final = 2_592_000.0  # a longer silence counts as thirty days: somebody must still be the parent
_DEEPEST: Final = 24  # levels are told apart up to here, and all deeper ones counted there
_TRACE: Final = 3e-3  # a level is opened for this many posts
_LIKELY: Final = log(2)  # posts expected at a level that is occupied with probability one half
_DEPTH_SPREAD: Final = (0.4, 2.0)  # multiples of the expected that hold eight in ten
_VIRALITY_SPREAD: Final = (0.65, 1.5)

_Four = tuple[float, float, float, float]
_NONE: Final[_Four] = (0.0, 0.0, 0.0, 0.0)


class LikelyTree(msgspec.Struct, array_like=True, gc=False):
    """Expectations over the trees a cascade may be; a msgpack encoding of the whole struct is the snapshot.

    Create it with the instant of the root in seconds and its audience, and add reshares in order of time. Audiences
    are follower counts, or 1 for all where they are unknown; at least 1.

    Attributes
    ----------
    root_s, base_s
        Instant of the root, and the instant the sums are held as of.
    posts
        Posts, the root included.
    depths
        Expected sum of all depths.
    common
        Expected sum of C(i, j) over all i and j.
    """

    root_s: float
    base_s: float
    posts: int
    depths: float
    common: float
    weights: _Four
    heights: _Four
    rows: _Four
    shared: tuple[_Four, _Four, _Four, _Four]
    levels: list[_Four]
    """By depth, the root's own first; without the decay until `base_s`, as all sums."""
    crowd: list[float]
    """Posts expected at each depth."""

    are_alike: bool = False
    """No audience of a resharer is known: all count as 1."""
    step: tuple[int, int, int, float, float] = (0, 0, 0, 0.0, 0.0)
    """Reshares not yet added: first and end of their span in microseconds, how many, their audience, its squares."""

    @classmethod
    def of(cls, root_s: float, audience: float, *, are_alike: bool = False) -> LikelyTree:
        """Return the tree of a root alone."""
        audience = float(audience)
        root = (audience, audience, audience, audience)
        none = (_NONE, _NONE, _NONE, _NONE)
        return cls(root_s, root_s, 1, 0.0, 0.0, root, _NONE, _NONE, none, [root], [1.0], are_alike)

    def place_root(self, root_s: float, followers: int | None) -> None:
        """Correct what is known of the root; reshares already added keep their likely parents."""
        before = self.levels[0]
        passed = max(self.base_s - root_s, 0.0)
        x = exp(-min(passed, _FORGOTTEN_S) / _LONGEST_S)
        y = x**6
        z = y**6
        if followers is None or self.are_alike:
            thought = exp(-min(self.base_s - self.root_s, _FORGOTTEN_S) / _LONGEST_S)
            audience = before[0] / thought
        else:
            audience = max(followers, 1.0)
        levels = self.levels
        levels[0] = (audience * x, audience * y, audience * z, audience * z**6)
        a, b, c, d = (sum(sums) for sums in zip(*levels, strict=True))
        self.weights = (a, b, c, d)
        self.root_s = root_s

    def add_all(self, instants_us: Sequence[int], audiences: Sequence[int | None], usual: float) -> None:
        """Add reshares in order of time; those within a second, or an eighth of the cascade's age, as made at once.

        The last of these spans is added once the next begins.

        Parameters
        ----------
        instants_us, audiences
            When each was made, and the followers of who made it.
        usual
            What unknown followers count for.
        """
        first_us, until_us, count, audience, squares = self.step
        if self.are_alike:
            weights: Sequence[float] = (1,) * len(instants_us)
        elif all(audiences):
            weights = audiences  # type: ignore[assignment]
        else:
            weights = [usual if followers is None else followers or 1 for followers in audiences]
        done = 0
        while done < len(weights):
            at_us = instants_us[done]
            if at_us >= until_us:
                if count:
                    self.add(first_us / SECOND_US, count, audience, squares)
                first_us = at_us
                until_us = at_us + max((at_us - round(self.root_s * SECOND_US)) // _STEPS_OF_AGE, SECOND_US)
                count, audience, squares = 0, 0.0, 0.0
            until = bisect_left(instants_us, until_us, done)
            count += until - done
            some = weights[done:until]
            audience = sum(some, audience)
            squares = sum(map(mul, some, some), squares)
            done = until
        self.step = (first_us, until_us, count, audience, squares)

    def add(self, at_s: float, count: int, audience: float, squares: float) -> None:  # noqa: PLR0915 (unrolled)
        """Add reshares made at one instant; none of them has another of them for a parent.

        Parameters
        ----------
        at_s
            The instant; not before that of the call before.
        count, audience, squares
            How many, the sum of their audiences, and the sum of the squares of these.
        """
        if at_s - self.base_s > _REBASE_S:
            self._rebase(at_s)
        # Decay rates are 1, 6, 36, 216 over the longest time constant; sums are multiplied by e_k only when read.
        x0 = exp((at_s - self.base_s) / _LONGEST_S)
        x1 = x0**6
        x2 = x1**6
        x3 = x2**6
        e0, e1, e2, e3 = self.weights
        p0, p1, p2, p3 = _W0 / x0, _W1 / x1, _W2 / x2, _W3 / x3
        scale = p0 * e0 + p1 * e1 + p2 * e2 + p3 * e3
        p0, p1, p2, p3 = p0 / scale, p1 / scale, p2 / scale, p3 / scale
        h0, h1, h2, h3 = self.heights
        q0, q1, q2, q3 = self.rows
        (m00, m01, m02, m03), (m10, m11, m12, m13), (m20, m21, m22, m23), (m30, m31, m32, m33) = self.shared
        depth = 1.0 + p0 * h0 + p1 * h1 + p2 * h2 + p3 * h3
        row = p0 * q0 + p1 * q1 + p2 * q2 + p3 * q3  # common with all before, of one new reshare
        v0 = p0 * m00 + p1 * m01 + p2 * m02 + p3 * m03  # common with all before, weighted by each exponential
        v1 = p0 * m10 + p1 * m11 + p2 * m12 + p3 * m13
        v2 = p0 * m20 + p1 * m21 + p2 * m22 + p3 * m23
        v3 = p0 * m30 + p1 * m31 + p2 * m32 + p3 * m33
        pair = p0 * v0 + p1 * v1 + p2 * v2 + p3 * v3  # common of two new ones
        own = row + (count - 1) * pair + depth
        self.common += count * (2 * row + depth + (count - 1) * pair)
        x0, x1, x2, x3 = audience * x0, audience * x1, audience * x2, audience * x3
        self.weights = (e0 + x0, e1 + x1, e2 + x2, e3 + x3)
        self.heights = (h0 + x0 * depth, h1 + x1 * depth, h2 + x2 * depth, h3 + x3 * depth)
        self.rows = (
            q0 + count * v0 + x0 * own, q1 + count * v1 + x1 * own,
            q2 + count * v2 + x2 * own, q3 + count * v3 + x3 * own,
        )  # fmt: skip
        # Among the new ones: with themselves, their depth; with each other, `pair`.
        new = pair + (depth - pair) * squares / (audience * audience)
        m01 = m01 + x0 * (v1 + x1 * new) + x1 * v0
        m02 = m02 + x0 * (v2 + x2 * new) + x2 * v0
        m03 = m03 + x0 * (v3 + x3 * new) + x3 * v0
        m12 = m12 + x1 * (v2 + x2 * new) + x2 * v1
        m13 = m13 + x1 * (v3 + x3 * new) + x3 * v1
        m23 = m23 + x2 * (v3 + x3 * new) + x3 * v2
        self.shared = (
            (m00 + x0 * (2 * v0 + x0 * new), m01, m02, m03),
            (m01, m11 + x1 * (2 * v1 + x1 * new), m12, m13),
            (m02, m12, m22 + x2 * (2 * v2 + x2 * new), m23),
            (m03, m13, m23, m33 + x3 * (2 * v3 + x3 * new)),
        )
        self._place(count, (p0, p1, p2, p3), (x0, x1, x2, x3))
        self.posts += count
        self.depths += count * depth

    def shape(self) -> Shape:
        """Return the shape to be expected; nothing is shallower than a broadcast.

        The reshares of the last span are not among it, unless there are no others.
        """
        posts = self.posts
        if posts == 1:
            return KnownTree.star(self.step[2]).shape()
        # Over pairs, depth(i) + depth(j) adds up to (posts - 1) depths, and C(i, j) to (common - depths) / 2.
        virality = (posts * self.depths - self.common) / (posts * (posts - 1) / 2)
        crowd = self.crowd
        depth = max(level for level, there in enumerate(crowd) if there >= _LIKELY or level < 2)
        least, most = _DEPTH_SPREAD
        low, high = _VIRALITY_SPREAD
        return Shape(
            depth,
            max(int(depth * least), 1),
            min(ceil(depth * most), posts - 1),
            round(max(crowd[1:])),
            virality,
            max(virality * low, 2 - 2 / posts),
            virality * high,
        )

    def _place(self, count: int, parents: _Four, audience: _Four) -> None:
        """Spread new reshares over the depths: each stands one below what it may pass on."""
        levels, crowd = self.levels, self.crowd
        p0, p1, p2, p3 = parents
        x0, x1, x2, x3 = audience
        left = 1.0
        last = len(levels) - 1
        a, b, c, d = levels[0]
        for depth in range(1, last + 1):
            share = a * p0 + b * p1 + c * p2 + d * p3
            if depth == last and (left - share) * count < _TRACE:
                share = left
            left -= share
            a, b, c, d = levels[depth]
            levels[depth] = (a + x0 * share, b + x1 * share, c + x2 * share, d + x3 * share)
            crowd[depth] += count * share
        if left > 0.0:
            if last < _DEEPEST:
                levels.append((x0 * left, x1 * left, x2 * left, x3 * left))
                crowd.append(count * left)
            else:
                a, b, c, d = levels[last]
                levels[last] = (a + x0 * left, b + x1 * left, c + x2 * left, d + x3 * left)
                crowd[last] += count * left

    def _rebase(self, at_s: float) -> None:
        """Decay all sums to a new base time."""
        x = exp(-min(at_s - self.base_s, _FORGOTTEN_S) / _LONGEST_S)
        y = x**6
        z = y**6
        faded = (x, y, z, z**6)

        def decayed(sums: _Four) -> _Four:
            a, b, c, d = sums
            return a * faded[0], b * faded[1], c * faded[2], d * faded[3]

        self.weights = decayed(self.weights)
        self.heights = decayed(self.heights)
        self.rows = decayed(self.rows)
        self.levels = [decayed(level) for level in self.levels]
        a, b, c, d = (decayed(sums) for sums in self.shared)
        self.shared = tuple(  # type: ignore[assignment]
            [tuple([one * fade for one in sums]) for sums, fade in zip((a, b, c, d), faded, strict=True)]
        )
        self.base_s = at_s
