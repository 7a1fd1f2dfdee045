"""How well reposts of an account's next posts are foretold, on recorded posts.

Run ``python -m tests.benchmarks.influence --data DIR``, where DIR (or BADBUZZ_RECORDINGS) holds ``stocknet/``. Posts
are in order of time; what accounts drew in the first part tells what those of the next part draw. The second and
third quarter were looked at while the formula was made; only the last is a test.

The stream is a sample of about one post in a hundred, so most posts show no repost at all: it can tell whether the
expectation and its interval are right on average and rank accounts, not how large a cascade grows. Nothing recorded
says how many people saw a post, so the reach itself cannot be checked.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, NamedTuple

from monitor.clock import SECOND_US
from monitor.crowds.influence import Rates, Speaker
from monitor.sources.dates import twitter_us
from monitor.stats.negative_binomial import quantile


class Post(NamedTuple):
    seconds: float
    author: str
    followers: int | None
    reposts: int


def load(path: Path) -> list[Post]:
    """Return every post seen itself or through a repost, oldest first."""
    posts: dict[str, tuple[float, str, int | None]] = {}
    reposts: Counter[str] = Counter()
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            status: dict[str, Any] = json.loads(line)
            root = status.get("retweeted_status")
            post = root or status
            reposts[post["id_str"]] += root is not None
            when = twitter_us(post["created_at"]) / SECOND_US
            posts.setdefault(post["id_str"], (when, post["user"]["id_str"], post["user"].get("followers_count")))
    return sorted(Post(*post, reposts[name]) for name, post in posts.items())


def foretold(posts: list[Post], start: float, end: float) -> dict[str, float]:
    """Learn from the posts before `start` (a share of all), and foretell those up to `end`."""
    first, last = int(start * len(posts)), int(end * len(posts))
    now = posts[first].seconds
    history: dict[str, list[tuple[int, float]]] = defaultdict(list)
    followers: dict[str, int | None] = {}
    for post in posts[:first]:
        history[post.author].append((post.reposts, now - post.seconds))
        followers[post.author] = post.followers
    speakers = {
        author: Speaker(account=number, followers=followers[author], posts=tuple(drawn))
        for number, (author, drawn) in enumerate(history.items())
    }
    rates = Rates(list(speakers.values()))
    rows = []
    for post in posts[first:last]:
        speaker = speakers.get(post.author) or Speaker(account=-1, followers=post.followers)
        mean, scatter = rates.next_post(speaker)
        low, high = quantile(0.1, mean, scatter), quantile(0.9, mean, scatter)
        rows.append((mean, post.reposts, low <= post.reposts <= high, post.followers or 0))
    ordered = sorted(rows, key=lambda row: -row[0])
    famous = sorted(rows, key=lambda row: -row[3])
    tenth = len(rows) // 10
    drawn = sum(row[1] for row in rows)
    return {
        "posts": len(rows),
        "reposts_a_post": round(drawn / len(rows), 3),
        "expected_a_post": round(sum(row[0] for row in rows) / len(rows), 3),
        "within_80_percent_bounds": round(sum(row[2] for row in rows) / len(rows), 3),
        "reposts_of_top_tenth_by_expectation": round(sum(row[1] for row in ordered[:tenth]) / drawn, 3),
        "reposts_of_top_tenth_by_followers": round(sum(row[1] for row in famous[:tenth]) / drawn, 3),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("BADBUZZ_RECORDINGS"))
    folder = parser.parse_args().data
    if folder is None:
        sys.exit("no --data and no BADBUZZ_RECORDINGS")
    recorded = load(Path(folder) / "stocknet" / "tweets_v11.jsonl.gz")
    for name, span in {"development": (0.5, 0.75), "test": (0.75, 1.0)}.items():
        print(json.dumps({"part": name} | foretold(recorded, *span)))
