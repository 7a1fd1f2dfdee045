"""Made-up crowds: people who talk of a brand, people who are angry at it, and accounts that somebody steers."""

from __future__ import annotations

from random import Random

from monitor.clock import DAY_US, HOUR_US, MINUTE_US
from monitor.mentions import Author, Mention
from tests.made import at, mention

START = at("00:00", "2026-01-05")
DAYS = 6
EVENT = START + DAYS * DAY_US + 14 * HOUR_US
_THINGS = ("hello", "bonjour", "shop", "delivery", "phone", "contract", "box", "garden", "street", "lunch")
_ANGRY = (
    *("terrible", "awful", "shame", "scandal", "disgrace", "worst", "horrible", "angry", "broken", "useless"),
    *("lying", "thieves"),
)


def person(number: int) -> Author:
    """Somebody with an account of years, followed by some."""
    return Author(id=f"p{number}", followers=20 + number % 900, created_us=START - (100 + number % 4_000) * DAY_US)


def chatter(days: float = DAYS + 1.0, seed: int = 1) -> list[Mention]:
    """Some ten posts an hour in people's own words."""
    random = Random(seed)
    posts: list[Mention] = []
    moment = float(START)
    while moment < START + days * DAY_US:
        moment += random.expovariate(1 / (6 * MINUTE_US))
        words = " ".join(random.sample(_THINGS, 4))
        posts.append(mention(f"q{len(posts)}", int(moment), f"Acme {words}", author=person(random.randrange(4_000))))
    return posts


def crisis(start_us: int = EVENT, count: int = 180, seed: int = 2) -> list[Mention]:
    """Within an hour many different people complain in their own words."""
    random = Random(seed)
    posts = []
    for number in range(count):
        words = " ".join(random.sample(_ANGRY, 4) + random.sample(_THINGS, 2))
        moment = start_us + random.randrange(HOUR_US)
        posts.append(mention(f"c{number}", moment, f"Acme {words}", author=person(5_000 + random.randrange(90_000))))
    return posts


def flood(kind: str, start_us: int = EVENT, count: int = 1_800, seed: int = 3, span_us: int = HOUR_US) -> list[Mention]:
    """Steered accounts that complain.

    Parameters
    ----------
    kind
        ``texts``: 600 new accounts say one of three texts; ``newcomers``: the same accounts, each time in other words;
        ``few_hands``: twelve old accounts in ever other words; ``unknown``: one of three texts on a network that says
        nothing of accounts; ``reposts``: the new accounts repost one old post; ``nobodies``: accounts of years that
        nobody follows, each time in other words; ``unknown_reposts``: as many accounts as posts repost one old post on
        a network that says nothing of accounts.
    """
    random = Random(seed)
    posts = []
    for number in range(count):
        text = f"Acme is a scandal and a shame, boycott those awful thieves version {'abc'[number % 3] * 4}"
        if kind in {"newcomers", "few_hands", "nobodies"}:
            text = f"Acme {' '.join(random.sample(_ANGRY, 5) + random.sample(_THINGS, 2))}"
        name = random.randrange(600)
        author = Author(id=f"b{name}", followers=name % 5, created_us=START - name % 12 * DAY_US)
        if kind == "few_hands":
            author = Author(id=f"h{number % 12}", followers=150, created_us=START - 900 * DAY_US)
        elif kind == "unknown":
            author = Author(id=f"b{name}")
        elif kind == "unknown_reposts":
            author = Author(id=f"b{number}")
        elif kind == "nobodies":
            author = Author(id=f"b{name}", followers=name % 5, created_us=START - (100 + 7 * name) * DAY_US)
        fields = {"kind": "repost", "root_id": "rumour"} if kind.endswith("reposts") else {}
        posts.append(mention(f"f{number}", start_us + random.randrange(span_us), text, author=author, **fields))
    return posts


def handful(start_us: int = EVENT) -> list[Mention]:
    """Three new accounts say the same within the same minute, every ten minutes for three hours."""
    return [
        mention(
            f"h{beat}-{number}",
            start_us + beat * 10 * MINUTE_US + number * 15_000_000,
            f"Acme phone box contract, everybody in town has to see this and pass it on {'abc'[beat % 3] * 4}",
            author=Author(id=f"h{number}", followers=number, created_us=start_us - (number + 1) * DAY_US),
        )
        for beat in range(18)
        for number in range(3)
    ]
