"""What matching costs per post, for 10, 1,000 and 10,000 topics.

Run ``python -m tests.benchmarks.bench_matcher``. Posts are made up, 233 characters on average, half English and
half French with accents, a third with a link, a few with emoji; one in five is about a topic. Each figure is the
best of several rounds, in microseconds of processor time a post.
"""

from __future__ import annotations

import json
import random
import resource
import time

from monitor.mentions import Author, Mention
from monitor.topics import Account, Topic
from monitor.topics.matcher import Matcher

SYLLABLES = (
    "ba be bi bo bu ca ce co da de di fa fe fi ga go la le li lo ma me mi na no pa pe ra re ri sa se ti to ze zo"
)
FRENCH = (
    "le la les réseau de la société est encore coupé à Genève c'est très énervant et le service après-vente ne répond "
    "jamais déjà trois heures d’attente où êtes-vous passés merci bravo pour rien j'ai été débité deux fois"
)
ENGLISH = (
    "the network is down again in London and nobody answers the phone three hours waiting what a shame really please "
    "help thanks for nothing great service as always why do I even pay for this every month"
)
BATCH = 2_000
ROUNDS = 5


def brands(count: int, rng: random.Random) -> list[str]:
    """Return distinct invented names of three to five syllables."""
    names: dict[str, None] = {}
    while len(names) < count:
        names["".join(rng.choices(SYLLABLES.split(), k=rng.randint(3, 5)))] = None
    return list(names)


def topic(name: str) -> Topic:
    """Return a topic as people write them: a phrase, a hashtag, a handle, an exclusion, two accounts."""
    return Topic(
        id=name,
        name=name,
        query=f'({name} OR "{name} télécom" OR #{name}fr OR @{name}) -"{name} emploi"',
        accounts=(Account(name), Account(f"{name}.fr", "bluesky")),
    )


def post(number: int, names: list[str], rng: random.Random) -> Mention:
    """Return a post, one in five of them about a brand."""
    words: list[str] = []
    while sum(map(len, words)) + len(words) < 215:
        words.append(rng.choice((FRENCH if number % 2 else ENGLISH).split()))
    if number % 3 == 0:
        words.append(f"https://t.co/{rng.getrandbits(50):x}")
    if number % 10 == 0:
        words.append(rng.choice("😡😂❤👍"))
    tags: tuple[str, ...] = ()
    if number % 5 == 0:
        name = rng.choice(names)
        words[rng.randrange(len(words))] = rng.choice([name.title(), f"#{name}", f"@{name}", f"{name} Télécom"])
        tags = tuple(word[1:] for word in words if word.startswith("#"))
    is_reply = number % 4 == 0
    return Mention(
        network="x",
        id=str(number),
        kind="reply" if is_reply else "post",
        published_us=number,
        author=Author(str(number), f"user_{number}"),
        text=" ".join(words),
        hashtags=tags,
        parent_author_id="77" if is_reply else None,
        parent_author_handle="somebody" if is_reply else None,
    )


def measure(topics: int) -> dict[str, float]:
    """Return the cost of building a matcher and of matching with it."""
    rng = random.Random(7)
    names = brands(topics, rng)
    posts = [post(number, names, rng) for number in range(BATCH)]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    matcher = Matcher([topic(name) for name in names])
    built = time.process_time() - start
    best = float("inf")
    hits = []
    for _ in range(ROUNDS):
        start = time.process_time()
        hits = matcher.match(posts)
        best = min(best, time.process_time() - start)
    return {
        "topics": topics,
        "us_per_post": round(best / BATCH * 1e6, 2),
        "posts_per_second": round(BATCH / best),
        "matched_share": round(len({hit.index for hit in hits}) / BATCH, 3),
        "characters_per_post": round(sum(len(post.text) for post in posts) / BATCH),
        "build_seconds": round(built, 2),
        "memory_mb": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) // 1024,
    }


if __name__ == "__main__":
    for count in (10, 1_000, 10_000):
        print(json.dumps(measure(count)))
