"""What the brand's own posts draw: answers and quotes against reshares, as usual for the account that published them.

Many answers alone are no backlash: a popular post is reshared more than it is answered, and a help desk is answered
and never reshared. So a post is *contested* when three things hold:

* more accounts answered or quoted it than that account's posts usually draw (Gamma-Poisson with learned scatter, that
  is a negative binomial tail);
* its answers outweigh its likes and reshares, or do so more than the account's do (a beta-binomial tail); where its
  likes are not known, its reshares alone;
* those who answered scold, most of them beyond doubt (:mod:`monitor.incidents.scolding`).

In an incident the post that is contested first, by most answers beyond the usual, is the one the anger is about. What
the brand publishes later, such as an apology, draws answers because of that: it is told apart, with how many of those
are negative, and whether that is less than under the first (a beta-binomial tail).

What is usual is learned from each post a day after it was published, by account, shrunk towards what is usual of
brands' accounts in general; apart for what was weighed with likes and for what was weighed without, which are never
compared. Likes are as of the latest count the network sent (:mod:`monitor.approval`): a post that nobody answers or
passes on any more may have more by now. A recording made by searching sends counts as of the search.

References
----------
.. [1] Johnson, Kemp, Kotz, Univariate Discrete Distributions, 3rd ed. 2005, sections 5.3 and 6.2.2.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from monitor.approval import Approval
from monitor.clock import DAY_US, HOUR_US
from monitor.incidents import Reason
from monitor.incidents.fired import CONTESTED_POST
from monitor.incidents.scolding import is_scolding, tones_of
from monitor.incidents.words import say
from monitor.stats.binomial import beta_binomial_upper_tail
from monitor.stats.negative_binomial import interval, log_tail
from monitor.stats.scatter import Scatter
from monitor.stats.shares import UsualShare
from monitor.topics import Match

__all__ = ["FEWEST", "Answered", "News", "OwnPosts", "OwnPostsState"]

FEWEST: Final = 5
"""Fewer accounts than these are never a backlash."""

FEWEST_LATER: Final = 10
"""Of a later post nothing is said before so many answered it."""

COMPARABLE: Final = 0.5
"""Of several contested posts the first is named, if its answers beyond the usual are half of the most, or more."""

KINDER: Final = 0.05

LIKELY: Final = 0.01
FIRM: Final = 1e-4
MOST_POSTS: Final = 200
MOST_NAMED: Final = 3  # in one incident
MOST_ACCOUNTS: Final = 24
MOST_ANSWERERS: Final = 32  # beyond them every answer counts, even if its author answered before
AUTHOR_MASK: Final = (1 << 32) - 1  # half a pseudonym is enough to know somebody again
KEEP: Final = 0.99  # what a post taught weighs half after seventy later ones
CLIP: Final = 4.0  # an outlier is learned as a count so many standard deviations above what was expected
CURRENT_US: Final = HOUR_US  # a post that was not answered for so long is no news

# Before anything was seen of an account: one answer a post, with the weight of two posts; two reactions in five are
# answers, one in ten where likes are reactions too, with the weight of twenty reactions. These are assumptions.
PRIOR_ANSWERS: Final = 1.0
PRIOR_POSTS: Final = 2.0
PRIOR_SHARE: Final = 0.4
PRIOR_LIKED_SHARE: Final = 0.1
PRIOR_REACTIONS: Final = 20.0
MOST_APPROVAL: Final = 1_000_000  # more likes and reposts than that say nothing more


class _Post(msgspec.Struct, array_like=True):
    evidence: str
    published_us: int
    account: int
    answered_us: int = 0  # last
    answers: int = 0
    reshares: int = 0
    sour: int = 0
    glad: int = 0
    answerers: list[int] = []
    likes: Approval | None = None

    @property
    def approval(self) -> int | None:
        """Likes and reposts; ``None`` when its likes are not known."""
        known = None if self.likes is None else self.likes.likes(self.published_us)
        if self.likes is None or known is None:
            return None
        return min(MOST_APPROVAL, known + max(self.reshares, self.likes.reposts))


class _Account(msgspec.Struct, array_like=True):
    """What an account's posts usually draw."""

    share: UsualShare = msgspec.field(default_factory=lambda: UsualShare(PRIOR_SHARE, PRIOR_REACTIONS))
    liked_share: UsualShare = msgspec.field(default_factory=lambda: UsualShare(PRIOR_LIKED_SHARE, PRIOR_REACTIONS))
    answers: float = 0.0
    posts: float = 0.0
    scatter: Scatter = msgspec.field(default_factory=Scatter)

    @property
    def mean(self) -> float:
        """Answers a post."""
        return (self.answers + PRIOR_ANSWERS) / (self.posts + PRIOR_POSTS)

    @property
    def spread(self) -> float:
        """Scatter (1/k) of the answers to a post, doubt about their mean included."""
        bunching, wandering = self.scatter.fit()
        return wandering + bunching / self.mean + 1.0 / (self.answers + PRIOR_ANSWERS)

    def learn(self, post: _Post) -> None:
        mean = self.mean
        held = min(float(post.answers), mean + CLIP * math.sqrt(mean + self.spread * mean * mean))
        self.scatter.learn(mean, (held - mean) ** 2 - mean, 1, KEEP)
        self.answers = KEEP * self.answers + held
        self.posts = KEEP * self.posts + 1.0
        self.share.fade(KEEP)
        self.share.learn(post.answers, post.answers + post.reshares)
        approval = post.approval
        if approval is not None:
            self.liked_share.fade(KEEP)
            self.liked_share.learn(post.answers, post.answers + approval)


class OwnPostsState(msgspec.Struct):
    """All that is remembered: the posts of the last day by key, and the accounts by pseudonym, least recent first."""

    posts: dict[int, _Post] = {}
    accounts: dict[int, _Account] = {}


class Answered(msgspec.Struct, frozen=True):
    """A post of the brand's own, and what it draws.

    Attributes
    ----------
    evidence
        ``network:id``.
    count, reshares
        Accounts that answered or quoted it, and its reposts.
    expected, lower, upper
        Answers that a post of this account usually draws in a day, with the central 95 % interval.
    approval
        Its likes and reposts; ``None`` when its likes are not known.
    sour
        How many of the answers are negative.
    share, usual
        Answers among answers and likes and reposts (where likes are not known, among answers and reshares), and how
        much that usually is for this account; 0 to 1.
    p_value
        Chance that a post of this account draws so many answers.
    is_contested
        See the module.
    """

    evidence: str
    published_us: int
    count: int
    reshares: int
    expected: float
    lower: float
    upper: float
    share: float
    usual: float
    p_value: float
    is_contested: bool
    approval: int | None = None
    sour: int = 0

    @property
    def excess(self) -> float:
        """Answers beyond the usual."""
        return self.count - self.expected

    def facts(self) -> dict[str, float]:
        """Return what a sentence about it is made from."""
        known = {} if self.approval is None else {"approval": float(self.approval)}
        return known | {
            "count": float(self.count),
            "reshares": float(self.reshares),
            "lower": self.lower,
            "upper": self.upper,
            "share": self.share,
            "usual": self.usual,
            "expected": self.expected,
            "rarity": self.p_value,
            "sour": float(self.sour),
        }

    def is_kinder(self, first: Answered) -> bool:
        """Tell whether fewer of its answers are negative than of those to another post, beyond doubt."""
        others, sour = first.count - first.sour + 0.5, first.sour + 0.5
        return beta_binomial_upper_tail(self.count - self.sour, self.count, others, sour) <= KINDER

    def later_facts(self, first: Answered) -> dict[str, float]:
        """Return what is said of it when the anger is about another: a share of negative answers here, and there."""
        return {
            "count": float(self.count),
            "share": self.sour / max(1, self.count),
            "first": first.sour / max(1, first.count),
        }

    @classmethod
    def told(cls, facts: Mapping[str, float]) -> Answered:
        """Return the contested post that these facts speak of, without its name."""
        return cls(
            evidence="",
            published_us=0,
            count=int(facts["count"]),
            reshares=int(facts["reshares"]),
            expected=facts["expected"],
            lower=int(facts["lower"]),
            upper=int(facts["upper"]),
            share=facts["share"],
            usual=facts["usual"],
            p_value=facts["rarity"],
            is_contested=True,
            approval=int(facts["approval"]) if "approval" in facts else None,
            sour=int(facts["sour"]),
        )

    def reason(self) -> Reason:
        """Return it as a reason; of weight 1, or 2 when a post of this account hardly ever draws so much."""
        facts = self.facts()
        return Reason(
            name="own_post",
            text=say("own_post", facts),
            observed=facts["count"],
            expected=self.expected,
            lower=facts["lower"],
            upper=facts["upper"],
            unit="answers",
            weight=2.0 if self.p_value <= FIRM else 1.0,
            facts=facts,
            tests=(CONTESTED_POST,),
        )


class News(NamedTuple):
    """A line for an incident's timeline about one of the brand's own posts."""

    at_us: int
    kind: str
    facts: dict[str, float]
    evidence: str


class OwnPosts:
    """The brand's own posts of the last day on one topic. Bounded memory."""

    def __init__(self) -> None:
        self._state = OwnPostsState()

    def add(self, start_us: int, matches: Sequence[Match]) -> None:
        """Take in the minute that starts at `start_us`, in canonical order."""
        state = self._state
        posts = state.posts
        for match in matches:
            if match.is_own:
                if match.kind != "repost":
                    posts[match.key] = _Post(match.evidence, match.published_us, match.author)
            elif match.kind == "repost":
                if match.root in posts:
                    posts[match.root].reshares += 1
            elif match.answers_own and match.parent in posts:
                self._answer(posts[match.parent], match)
        while posts:
            oldest = next(iter(posts))
            if len(posts) <= MOST_POSTS and posts[oldest].published_us > start_us - DAY_US:
                break
            self._retire(posts.pop(oldest))

    def approve(self, approvals: Sequence[tuple[int, Approval]]) -> None:
        """Take in what became known of likes, in order of time: keys of posts, and what of them."""
        posts = self._state.posts
        for key, approval in approvals:
            if key in posts:
                post = posts[key]
                post.likes = post.likes or Approval()
                post.likes.add(approval)

    def _answer(self, post: _Post, match: Match) -> None:
        author = match.author & AUTHOR_MASK
        post.answered_us = max(post.answered_us, match.published_us)
        if author in post.answerers:
            return
        if len(post.answerers) < MOST_ANSWERERS:
            post.answerers.append(author)
        post.answers += 1
        sour, _, glad = tones_of((match,))
        post.sour += sour
        post.glad += glad

    def _retire(self, post: _Post) -> None:
        """Learn from a post that is a day old, unless it was contested: a crisis is not what is usual."""
        accounts = self._state.accounts
        account = accounts.pop(post.account, None) or _Account()
        accounts[post.account] = account
        if not self._judge(post).is_contested:
            account.learn(post)
        if len(accounts) > MOST_ACCOUNTS:
            del accounts[next(iter(accounts))]

    def contested(self, now_us: int) -> Answered | None:
        """Return the contested post that was answered in the last hour; of several the one the anger is about."""
        found = [answered for answered in self._current(now_us, FEWEST) if answered.is_contested]
        most = max([answered.excess for answered in found], default=0.0)
        likely = [answered for answered in found if answered.excess >= COMPARABLE * most]
        return min(likely, key=lambda answered: (answered.published_us, answered.evidence), default=None)

    def news(self, now_us: int, opened_us: int, named: list[str]) -> list[News]:
        """Return what is to be told of an incident's own posts, each once.

        Parameters
        ----------
        opened_us
            When the incident opened: what is published after that, when another post is already named, is a later one,
            and is told whether those who answer scold or not.
        named
            Those that were told of, the one the anger is about first; what is returned is added.
        """
        found: list[News] = []
        first = next((self._judge(post) for post in self._state.posts.values() if post.evidence in named[:1]), None)
        if first is not None:
            later = [one for one in self._current(now_us, FEWEST_LATER) if one.published_us > opened_us]
            for one in sorted(later, key=lambda answered: (answered.published_us, answered.evidence)):
                kind = "own_post_later_kinder" if one.is_kinder(first) else "own_post_later"
                found.append(News(now_us, kind, one.later_facts(first), one.evidence))
        blamed = self.contested(now_us)
        if blamed is not None and (not named or blamed.published_us <= opened_us):
            found.append(News(blamed.published_us, "own_post_answered", blamed.facts(), blamed.evidence))
        found = [one for one in found if one.evidence not in named][: max(0, MOST_NAMED - len(named))]
        named += [one.evidence for one in found]
        return found

    def _current(self, now_us: int, fewest: int) -> list[Answered]:
        """Return what was answered in the last hour by so many accounts at least, and more than usual."""
        judged = [
            self._judge(post)
            for post in self._state.posts.values()
            if post.answers >= fewest and now_us - CURRENT_US < post.answered_us <= now_us
        ]
        return [answered for answered in judged if answered.p_value <= LIKELY]

    def _judge(self, post: _Post) -> Answered:
        account = self._state.accounts.get(post.account) or _Account()
        mean, spread = account.mean, account.spread
        approval = post.approval
        usual = account.share if approval is None else account.liked_share
        reactions = post.answers + (post.reshares if approval is None else approval)
        p_value = math.exp(log_tail(post.answers, mean, spread))
        outweighs = 2 * post.answers >= reactions
        if not outweighs:
            outweighs = beta_binomial_upper_tail(post.answers, reactions, *usual.beta()) <= LIKELY
        lower, upper = interval(mean, spread)
        return Answered(
            evidence=post.evidence,
            published_us=post.published_us,
            count=post.answers,
            reshares=post.reshares,
            expected=mean,
            lower=lower,
            upper=upper,
            share=post.answers / reactions if reactions else 0.0,
            usual=usual.mean,
            p_value=p_value,
            approval=approval,
            sour=post.sour,
            is_contested=post.answers >= FEWEST
            and p_value <= LIKELY
            and outweighs
            and is_scolding(post.sour, post.answers - post.sour - post.glad, post.glad),
        )

    def snapshot(self) -> OwnPostsState:
        """Return the state, to be encoded at once."""
        return self._state

    def restore(self, state: OwnPostsState) -> None:
        """Take back a state that :meth:`snapshot` returned."""
        self._state = state
