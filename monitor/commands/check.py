"""``badbuzz check``: what is wrong with the watchlists, and what they would have caught."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence, Sized
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Annotated, Final

import typer

from monitor.clock import rfc3339
from monitor.commands.options import known_format
from monitor.errors import InputRefused
from monitor.mentions import Mention
from monitor.sources.recordings import open_recording
from monitor.topics import Policy, Topic
from monitor.topics.anchors import anchors_of, usage_of
from monitor.topics.folding import fold
from monitor.topics.located import Problem
from monitor.topics.marking import marked_spans
from monitor.topics.matcher import Matcher
from monitor.topics.parser import QueryInvalid, parse_query
from monitor.topics.query import Node
from monitor.topics.watchlist import Watchlist, inspect_watchlists

__all__ = ["check", "inert"]

_TRIED: Final = "query"
"""Id of the topic that ``--query`` makes."""
_MOST_SHOWN: Final = 8
_WIDEST: Final = 160
_JOINER: Final = "\u200d"  # harmless, and holds emoji together
Mark = tuple[str, str]
"""What is written before and after a word that was found."""
_ON_A_TERMINAL: Final[Mark] = ("\x1b[7m", "\x1b[27m")
_ELSEWHERE: Final[Mark] = ("[", "]")
_DAYS: Final = ("", "mon", "tue", "wed", "thu", "fri", "sat", "sun")


def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(readable=False, help="Watchlists, or folders of them.", metavar="PATH...")
    ] = None,
    posts: Annotated[
        list[str] | None, typer.Option(help="Recording to try the queries on; may be repeated; - is standard input.")
    ] = None,
    query: Annotated[str | None, typer.Option(help="A query to try beside the watchlists, or alone.")] = None,
    examples: Annotated[int, typer.Option(min=0, help="Posts to show for each topic.")] = 3,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after so many posts of each recording.")] = None,
    format: Annotated[  # noqa: A002 - the option's name
        str, typer.Option(help="Name of the recordings' format, or auto.", callback=known_format)
    ] = "auto",
) -> None:
    """Validate watchlists, and show which recorded posts their queries would have caught."""
    if not paths and query is None:
        message = "nothing to check; name a watchlist, a folder of them, or give --query"
        raise InputRefused(message)
    watchlist = inspect_watchlists(paths or [])
    if query is not None:
        _add_query(watchlist, query)
    if watchlist.problems:
        _print_problems(watchlist.problems)
        raise typer.Exit(1)
    print("\n".join(_summary(watchlist)))
    if posts:
        trial = _Trial(watchlist.topics, examples)
        for name in posts:
            trial.read(name, format, limit)
        print("\n".join(trial.report(_ON_A_TERMINAL if sys.stdout.isatty() else _ELSEWHERE)))


def _add_query(watchlist: Watchlist, query: str) -> None:
    try:
        parse_query(query)
    except QueryInvalid as error:
        watchlist.problems.append(Problem("--query", 0, str(error), error.picture))
    else:
        watchlist.topics.append(Topic(id=_TRIED, name="the query given", query=query))
        watchlist.places[_TRIED] = "--query"


def _print_problems(problems: Sequence[Problem]) -> None:
    for problem in problems:
        print(problem, file=sys.stderr)
        for line in problem.picture.splitlines():
            print(f"    {line}", file=sys.stderr)
    plural = "s" if len(problems) > 1 else ""
    print(f"{len(problems)} problem{plural}; nothing was changed", file=sys.stderr)


def _summary(watchlist: Watchlist) -> Iterator[str]:
    """Say what each topic listens to, when it is answered, and how often it may alarm."""
    trees = {topic.id: parse_query(topic.query) for topic in watchlist.topics}
    usage = usage_of(trees.values())
    for topic in watchlist.topics:
        anchors = anchors_of(trees[topic.id], usage)
        found = sorted(anchors.words | anchors.links | anchors.accounts) if anchors else []
        yield f"{topic.id} · {topic.name} · {topic.side} · {watchlist.places[topic.id]}"
        yield f"  listens to    {trees[topic.id]}"
        yield f"  found by      {', '.join(found[:_MOST_SHOWN])}{_more(found)} ({_count(len(found), 'anchor')})"
        if topic.id != _TRIED:
            yield f"  own accounts  {_accounts(topic)}"
            yield f"  open          {_hours(topic)}"
            yield f"  false alarms  {_budget(topic.policy)}"
    yield f"{_count(len(watchlist.topics), 'topic')}, no problem"


def _more(items: Sized) -> str:
    return " ..." if len(items) > _MOST_SHOWN else ""


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _accounts(topic: Topic) -> str:
    accounts = (*topic.accounts, *topic.support_accounts)
    shown = [f"{account.network + ':' if account.network else ''}{account.handle}" for account in accounts]
    return ", ".join(shown) or "none: answers to the brand are not recognised; add accounts: and support:"


def _hours(topic: Topic) -> str:
    spans = [
        f"{_days(hours.weekdays)} {hours.opens:%H:%M}-"
        f"{'24:00' if hours.closes == time.max else f'{hours.closes:%H:%M}'}"
        for hours in topic.opening_hours
    ]
    return f"{', '.join(spans) or 'hours not given'}; {topic.time_zone}"


def _days(weekdays: tuple[int, ...]) -> str:
    is_run = weekdays == tuple(range(weekdays[0], weekdays[-1] + 1))
    if is_run and len(weekdays) > 1:
        return f"{_DAYS[weekdays[0]]}-{_DAYS[weekdays[-1]]}"
    return " ".join(_DAYS[day] for day in weekdays)


def _budget(policy: Policy) -> str:
    def rate(every: float, at_night: float | None) -> str:
        return f"{every:g}" if at_night is None else f"{every:g} (at night {at_night:g})"

    return (
        f"at most {rate(policy.watches_per_day, policy.watches_at_night)} watch a day, "
        f"{rate(policy.warnings_per_month, policy.warnings_at_night)} warning and "
        f"{rate(policy.pages_per_month, policy.pages_at_night)} critical a month; pages from: {policy.page_from}"
    )


@dataclass(slots=True)
class _Caught:
    """What one topic caught."""

    posts: int = 0
    terms: Counter[str] = field(default_factory=Counter)
    examples: dict[str, Mention] = field(default_factory=dict)
    """By folded text: the same words many times over teach nothing."""


class _Trial:
    """Recorded posts held against the topics. Every post is judged by its own words, reposts too."""

    def __init__(self, topics: Sequence[Topic], most_examples: int) -> None:
        self._topics = {topic.id: topic for topic in topics}
        self._matcher = Matcher(topics)
        self._most_examples = most_examples
        self._caught = {topic.id: _Caught() for topic in topics}
        self._posts = self._matched = self._malformed = 0

    def read(self, name: str, kind: str, limit: int | None) -> None:
        """Hold a recording against the topics, or its first `limit` posts."""
        left = limit
        with open_recording(name, format=kind) as recording:
            for decoded, _ in recording.batches():
                mentions = [item for item in decoded.items if isinstance(item, Mention)][:left]
                self._malformed += len(decoded.malformed)
                self._add(mentions)
                if left is not None:
                    left -= len(mentions)
                    if not left:
                        break

    def _add(self, mentions: Sequence[Mention]) -> None:
        hits = self._matcher.match(mentions)
        self._posts += len(mentions)
        self._matched += len({hit.index for hit in hits})
        for hit in hits:
            caught = self._caught[hit.topic]
            caught.posts += 1
            caught.terms[hit.term] += 1
            if len(caught.examples) < self._most_examples:
                mention = mentions[hit.index]
                caught.examples.setdefault(fold(mention.text), mention)

    def report(self, mark: Mark) -> Iterator[str]:
        """Say what each topic caught, the loudest first, with examples; then which caught nothing."""
        yield f"{_count(self._posts, 'post')} read, {_count(self._malformed, 'broken record')} passed over"
        loudest = sorted(self._caught.items(), key=lambda item: (-item[1].posts, item[0]))
        for identifier, caught in loudest:
            if caught.posts:
                share = 100 * caught.posts / self._posts
                yield f"{identifier} would have caught {_count(caught.posts, 'post')}, {float(f'{share:.2g}'):g} %"
                terms = [f"{term} ({number:,})" for term, number in _most_common(caught.terms)]
                yield f"  by {', '.join(terms)}{_more(caught.terms)}"
                tree = parse_query(self._topics[identifier].query)
                for mention in caught.examples.values():
                    yield f"  {rfc3339(mention.published_us)} {_marked(tree, mention, mark)}"
        silent = [identifier for identifier, caught in self._caught.items() if not caught.posts]
        if silent:
            yield f"caught nothing: {', '.join(silent)}"


def _most_common(terms: Counter[str]) -> list[tuple[str, int]]:
    return sorted(terms.items(), key=lambda item: (-item[1], item[0]))[:_MOST_SHOWN]


def _marked(tree: Node, mention: Mention, mark: Mark) -> str:
    """Return a post on one line, cut around the first word that was found, the words found marked."""
    text = mention.text
    spans = marked_spans(tree, mention)
    start = max(0, spans[0][0] - _WIDEST // 3) if spans else 0
    end = start + _WIDEST
    pieces = ["... " if start else ""]
    for first, last in spans:
        if start <= first < end:
            pieces += (inert(text[start:first]), mark[0], inert(text[first:last]), mark[1])
            start = last
    pieces += (inert(text[start : max(start, end)]), " ..." if end < len(text) else "")
    return "".join(pieces)


def inert(text: str) -> str:
    r"""Return hostile text as one line that can do nothing to a terminal.

    Control characters, escape sequences, direction marks and other unprintable characters become ``.``, white space
    becomes one blank.

    Examples
    --------
    >>> inert("a\x1b[31mb\u202ec\n d")
    'a.[31mb.c d'
    """
    text = re.sub(r"\s+", " ", text)
    return "".join([c if c.isprintable() or c == _JOINER else "." for c in text])
