"""Who usually passes on whom about a topic: a repost graph that fades, and the circles it falls into.

The graph of an incident (:mod:`monitor.crowds.graph`) is read from the store when somebody looks. This one is
kept beside the topic, small enough to be carried for weeks, so that a detector can ask at any minute whether those
who speak come from one circle or from several.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from monitor.clock import MINUTE_US
from monitor.crowds.circles import circles_of, participation
from monitor.topics import Match

__all__ = ["ACCOUNTS_KEPT", "EDGES_KEPT", "HALF_LIFE", "Neighbourhood"]

ACCOUNTS_KEPT: Final = 2_000
EDGES_KEPT: Final = 8_000
HALF_LIFE: Final = 7 * 1_440
"""Minutes after which a reshare counts half: a week; after a month it counts a twentieth."""

FADED: Final = 1 / 16
"""An edge that weighs less than a single reshare of four weeks ago is forgotten."""

NEW_EDGES: Final = 64
NEW_SHARE: Final = 0.5
MERGED_EVERY: Final = 1_440
"""New edges join the graph once there are so many and at least half as many as it has, or after so many minutes:
what that costs is then spread over as many reshares, whatever the size of the graph."""

SMALLEST_CIRCLE: Final = 3
BRIDGING: Final = 0.3
FEWEST_TIES: Final = 3
"""A bridge has at least three ties, and a participation coefficient of 0.3: that of Guimerà & Amaral's connectors."""


class Neighbourhood:
    """The fading repost graph of one topic, in bounded memory.

    Reposts and quotes whose root's author is known are edges, weighed by how often, halved every week. When there
    are too many, the lightest edges go first, then the accounts with the lightest ties. Circles are drawn when
    somebody asks after the graph has changed; until new edges join it, a newcomer belongs where the account belongs
    that it passes on. The same reshares in the same order always give the same answers, however they are cut into
    calls, wherever a snapshot was taken and whatever was asked in between.

    Parameters
    ----------
    accounts_kept, edges_kept
        How much to remember. Positive; at most 65,535 accounts. Up to half as many new edges, and their accounts, are
        let in before any goes.

    Notes
    -----
    In the graph an edge takes eight bytes and an account eight; a new edge takes some 220 until it joins, and once
    drawn, an account in a circle takes 110 to 170. In all at most 1.2 MB a topic, and 190 kB in a snapshot. A reshare
    takes one to two microseconds, drawing the circles of a full graph ten milliseconds
    (``python -m tests.benchmarks.bench_graph``).

    References
    ----------
    .. [1] Cormode et al., Forward decay, ICDE 2009: weights grow with time instead of being aged one by one.
    .. [2] Guimerà & Amaral, Functional cartography of complex metabolic networks, 2005 (participation coefficient).
    """

    def __init__(self, accounts_kept: int = ACCOUNTS_KEPT, edges_kept: int = EDGES_KEPT) -> None:
        self._accounts_kept = accounts_kept
        self._edges_kept = edges_kept
        self._graph = _NOBODY
        self._merged = 0  # the minute that weights are as of; event time, since the epoch
        self._newest = 0
        self._new: dict[tuple[int, int], float] = {}  # edges since then; later reshares weigh more than one
        self._drawn: _Drawn | None = None

    def __len__(self) -> int:
        """Return how many accounts the graph has, those of new edges left out."""
        return len(self._graph.accounts)

    @property
    def edges(self) -> int:
        """How many edges are remembered."""
        return len(self._graph.weights) + len(self._new)

    def add(self, matches: Sequence[Match]) -> None:
        """Take in a minute's matches.

        Parameters
        ----------
        matches
            All matches of one minute of this topic, ordered by (published_us, key).
        """
        gain, minute, new = 0.0, -1, self._new
        for match in matches:
            if match.kind == "repost" or match.kind == "quote":  # noqa: PLR1714 - a set costs a third more here
                author, root_author = match.author, match.root_author
                if root_author is None or root_author == author:
                    continue
                if match.published_us // MINUTE_US != minute:
                    # To the minute: dearer precision would tell nobody anything.
                    minute = match.published_us // MINUTE_US
                    self._advance(minute)
                    gain = 2.0 ** ((minute - self._merged) / HALF_LIFE)
                    new = self._new
                pair = (author, root_author)
                if pair in new:
                    new[pair] += gain
                    continue
                new[pair] = gain
                if len(new) >= NEW_EDGES and len(new) >= NEW_SHARE * len(self._graph.weights):
                    self._merge()
                    minute = -1

    def community(self, author: int) -> int | None:
        """Return the circle an account belongs to, or ``None`` when it is not known to belong to any.

        A circle has three accounts or more and goes by the account it passes on most, so that it usually keeps its
        name when it is drawn again.
        """
        return self._draw().circles.get(author)

    def is_bridge(self, author: int) -> bool:
        """Tell whether an account has ties to several circles; those of new edges do not count yet."""
        return author in self._draw().bridges

    def _advance(self, minute: int) -> None:
        if minute > self._newest:
            self._newest = minute
            self._merged = self._merged or minute
        if self._newest - self._merged >= MERGED_EVERY:
            self._merge()

    def _merge(self) -> None:
        """Take the new edges into the graph, and forget what faded or is too much."""
        fading = 2.0 ** ((self._merged - self._newest) / HALF_LIFE)
        joined = self._graph.joined(self._new, fading)
        self._graph = joined.lightened(self._accounts_kept, self._edges_kept).packed()
        self._merged = self._newest
        self._new = {}
        self._drawn = None

    def _draw(self) -> _Drawn:
        drawn = self._drawn
        if drawn is None:
            drawn = self._drawn = self._graph.drawn()
        if drawn.newcomers < len(self._new):
            circles = drawn.circles
            for author, root_author in islice(self._new, drawn.newcomers, None):
                if author in circles:
                    circles.setdefault(root_author, circles[author])
                elif root_author in circles:
                    circles[author] = circles[root_author]
            drawn.newcomers = len(self._new)
        return drawn

    def snapshot(self) -> bytes:
        """Return the whole state as msgpack: empty when nothing was seen."""
        if not self._newest:
            return b""
        graph = self._graph
        state = _State(
            merged=self._merged,
            newest=self._newest,
            accounts=graph.accounts.astype("<i8").tobytes(),
            sources=graph.sources.astype("<u2").tobytes(),
            targets=graph.targets.astype("<u2").tobytes(),
            weights=graph.weights.astype("<f4").tobytes(),
            new=[(*pair, weight) for pair, weight in self._new.items()],
        )
        return msgspec.msgpack.encode(state)

    def restore(self, state: bytes) -> None:
        """Take back a state that :meth:`snapshot` returned."""
        saved = msgspec.msgpack.decode(state, type=_State) if state else _State()
        self._merged, self._newest = saved.merged, saved.newest
        self._graph = _Graph(
            np.frombuffer(saved.accounts, "<i8").astype(np.int64),
            np.frombuffer(saved.sources, "<u2").astype(np.uint16),
            np.frombuffer(saved.targets, "<u2").astype(np.uint16),
            np.frombuffer(saved.weights, "<f4").astype(np.float32),
        )
        self._new = {(author, root_author): weight for author, root_author, weight in saved.new}
        self._drawn = None


class _State(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    merged: int = 0
    newest: int = 0
    accounts: bytes = b""
    sources: bytes = b""
    targets: bytes = b""
    weights: bytes = b""
    new: list[tuple[int, int, float]] = []


class _Drawn(msgspec.Struct):
    """Account -> the account its circle passes on most; who joins circles; how many new edges were looked at."""

    circles: dict[int, int]
    bridges: frozenset[int]
    newcomers: int = 0


@dataclass(frozen=True, slots=True)
class _Graph:
    """Accounts in ascending order, and edges in order of author and root's author, which are places among them."""

    accounts: NDArray[np.int64]
    sources: NDArray[np.integer[Any]]
    targets: NDArray[np.integer[Any]]
    weights: NDArray[np.floating[Any]]

    def packed(self) -> _Graph:
        """Return this graph in eight bytes an edge and eight an account."""
        return _Graph(
            self.accounts,
            self.sources.astype(np.uint16),
            self.targets.astype(np.uint16),
            self.weights.astype(np.float32),
        )

    def joined(self, new: dict[tuple[int, int], float], fading: float) -> _Graph:
        """Return this graph with the new edges, all weights multiplied by `fading`."""
        pairs = np.array(list(new), np.int64).reshape(-1, 2)
        sources = np.concatenate((self.accounts[self.sources], pairs[:, 0]))
        targets = np.concatenate((self.accounts[self.targets], pairs[:, 1]))
        accounts, places = np.unique(np.concatenate((sources, targets)), return_inverse=True)
        links = places[: len(sources)] * len(accounts) + places[len(sources) :]
        links, which = np.unique(links, return_inverse=True)
        weights = np.bincount(which, np.concatenate((self.weights, np.fromiter(new.values(), float, len(new)))))
        sources, targets = np.divmod(links, len(accounts))
        return _Graph(accounts, sources, targets, weights * fading)

    def lightened(self, accounts_kept: int, edges_kept: int) -> _Graph:
        """Return this graph without what faded, and without the lightest of what is too much."""
        keep = self.weights >= FADED
        if np.count_nonzero(keep) > edges_kept:
            keep[np.argsort(-self.weights, kind="stable")[edges_kept:]] = False
        graph = self.kept(keep)
        size = len(graph.accounts)
        if size <= accounts_kept:
            return graph
        strength = np.bincount(graph.sources, graph.weights, size) + np.bincount(graph.targets, graph.weights, size)
        stays = np.zeros(size, bool)
        stays[np.argsort(-strength, kind="stable")[:accounts_kept]] = True
        return graph.kept(stays[graph.sources] & stays[graph.targets])

    def kept(self, keep: NDArray[np.bool_]) -> _Graph:
        """Return these edges, and the accounts that have any."""
        if keep.all():
            return self
        sources, targets = self.sources[keep], self.targets[keep]
        used, places = np.unique(np.concatenate((sources, targets)), return_inverse=True)
        sources, targets = np.split(places, [len(sources)])
        return _Graph(self.accounts[used], sources, targets, self.weights[keep])

    def drawn(self) -> _Drawn:
        """Return who belongs to which circle, and who joins several."""
        size = len(self.accounts)
        if not size:
            return _Drawn({}, frozenset())
        labels = circles_of(self.sources, self.targets, self.weights, size)
        passed_on = np.bincount(self.targets, self.weights, size)
        order = np.lexsort((-passed_on, labels))  # stable: of equals, the first account leads
        heads = order[np.flatnonzero(np.diff(labels[order], prepend=-1))]
        leaders = np.zeros(size, np.int64)
        leaders[labels[heads]] = self.accounts[heads]
        belongs = np.bincount(labels, minlength=size)[labels] >= SMALLEST_CIRCLE
        spread = participation(self.sources, self.targets, self.weights, labels)
        joins = belongs & (spread.coefficient >= BRIDGING) & (spread.ties >= FEWEST_TIES)
        circles = dict(zip(self.accounts[belongs].tolist(), leaders[labels[belongs]].tolist(), strict=True))
        return _Drawn(circles, frozenset(self.accounts[joins].tolist()))


_NOBODY: Final = _Graph(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)).packed()
