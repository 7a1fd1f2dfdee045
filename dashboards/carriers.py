"""Rows -> HTML, pure: who carries an incident. Public figures go by their handle, everybody else by their audience."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from dashboards.panels import table
from dashboards.speech import Speech
from dashboards.strips import plain
from monitor.crowds.export import Who, coarse
from monitor.crowds.influence import Influence
from monitor.crowds.naming import Topicality
from monitor.queries import Spread

__all__ = ["communities", "influences", "rankings", "who"]

COMMUNITIES: Final = 6
LISTED: Final = 5


def who(account: int, found: Spread, speech: Speech) -> str:
    """Say who an account is, escaped: a private person is an account with about so many followers."""
    person = found.people.get(account, Who())
    if person.is_own:
        name = speech("our_account")
    elif person.handle is not None:
        name = f"@{plain(person.handle, 40)}"
    elif person.followers is not None:
        name = speech.count("account_followers", coarse(person.followers))
    else:
        name = speech("account_unknown")
    signs = [speech("verified")] if person.verified else []
    signs += [speech(f"role_{person.role}")] if person.role else []
    return f'{name} <span class="bb-small">{", ".join(signs)}</span>' if signs else name


def communities(found: Spread, speech: Speech) -> str:
    """Return the largest communities: what they go by, how many they are, whom they pass on most."""
    heads = ("col_community", "col_accounts", "col_share", "col_leader")
    rows = [
        (
            _name(name, speech),
            speech.number(len(part.accounts)),
            speech.percent(len(part.accounts) / found.graph.accounts),
            who(part.leader, found, speech),
        )
        for part, name in list(zip(found.graph.communities, found.names, strict=True))[:COMMUNITIES]
    ]
    return table([speech(head) for head in heads], rows)


def _name(name: Topicality, speech: Speech) -> str:
    tags = " ".join(f"#{plain(tag, 40)}" for tag in name.hashtags)
    words = ", ".join(plain(word, 30) for word in name.words)
    return " · ".join(part for part in (tags, words) if part) or speech("community_unnamed")


def rankings(found: Spread, speech: Speech) -> str:
    """Return who joins communities, who passed it on first, and through whom others came in."""
    graph = found.graph
    bridges = [(one.account, speech("bridge_ties", ties=speech.number(one.value))) for one in graph.bridges]
    first = [(one.account, speech.moment(int(one.value))) for one in graph.first_movers]
    brought = [(one.account, speech("brought_in", count=speech.number(one.in_all))) for one in graph.reached]
    lists = ("bridges", bridges), ("first_movers", first), ("brought", brought)
    return f'<div class="bb-lists">{"".join(_list(title, rows, found, speech) for title, rows in lists)}</div>'


def _list(title: str, rows: Iterable[tuple[int, str]], found: Spread, speech: Speech) -> str:
    lines = "".join(
        f'<li>{who(account, found, speech)} <span class="bb-small">· {said}</span></li>'
        for account, said in list(rows)[:LISTED]
    )
    return f"<section><h4>{speech(title)}</h4>" + (f"<ol>{lines}</ol>" if lines else speech("nobody")) + "</section>"


def influences(found: Spread, speech: Speech) -> str:
    """Return whose next post would reach most, and what that is made of."""
    heads = ("col_account", "col_reach", "col_own_audience", "col_reposts", "col_record", "col_hashtags")

    def row(one: Influence) -> tuple[str, ...]:
        low, high = one.repost_bounds
        return (
            who(one.account, found, speech),
            f"<b>{_about(one.expected, speech)}</b> ({_about(one.lower, speech)}–{_about(one.upper, speech)})",
            _about(one.direct, speech),
            f"{_about(one.reposts, speech)} ({speech.number(low)}–{speech.number(high)})",
            speech("record", posts=speech.number(one.posts), h=speech.number(one.h_index)),
            _about(one.hashtag_reach, speech) if one.hashtag_reach else "–",
        )

    return table([speech(head) for head in heads], map(row, found.influences))


def _about(count: float, speech: Speech) -> str:
    """Return a count to two digits: an estimate must not look like a measurement."""
    return speech.number(coarse(round(count)))
