"""Do steered accounts that look like people wake anybody, or keep anybody from being woken?

Run ``python -m tests.benchmarks.floods 301 306``. For each seed one made brand has six ordinary days. Then 1,200 posts
come within an hour, by accounts of years in a dozen texts, or each in other words on a network that tells nothing of
accounts: angry ones alone, which must not page; and praise that begins twenty minutes before 180 people complain about
a brand that is often complained about, which must not delay the page. Printed are the pages of the first, and by how
many minutes the second moved the page, never being a day.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import msgspec

from monitor.clock import DAY_US, MINUTE_US
from monitor.mentions import Mention
from tests.made_crowds import EVENT, chatter, crisis
from tests.test_floods import ANGRY, GLAD, aged, first_page_us, pages, play

COUNT = 1_200
HEAD_START_US = 20 * MINUTE_US


def grumbling(seed: int) -> list[Mention]:
    """Return further ordinary days on which everybody complains a little."""
    return [
        msgspec.structs.replace(post, id=f"g{post.id}", text=f"{post.text} terrible")
        for post in chatter(seed=seed)[::3]
    ]


def minutes_to_page(*posts: Sequence[Mention]) -> float:
    """Return the minutes from the beginning of the crisis to the page; those of a day if there is none."""
    told = play(*posts)
    return (first_page_us(told) - EVENT if pages(told) else DAY_US) / MINUTE_US


def main(seeds: Sequence[int]) -> None:
    """Print everything."""
    for seed in seeds:
        people, others, complaints = chatter(seed=seed), grumbling(seed + 7), crisis(seed=seed + 50)
        alone = minutes_to_page(people, others, complaints)
        for kind in ("copies", "silent"):
            flood = aged(kind, ANGRY, EVENT, COUNT, seed)
            praise = aged(kind, GLAD, EVENT - HEAD_START_US, COUNT, seed)
            moved = minutes_to_page(people, others, complaints, praise) - alone
            print(f"seed {seed}, {kind}: {len(pages(play(people, flood)))} pages, crisis moved {moved:+.0f} minutes")


if __name__ == "__main__":
    main(range(int(sys.argv[1]), int(sys.argv[2]) + 1))
