"""Posts that two camps pass on, and the name of somebody private among them."""

from __future__ import annotations

from monitor.clock import DAY_US, SECOND_US
from monitor.mentions import Author, Mention
from tests.made import mention
from tests.service.rig import NOON

PRIVATE = "a_private_person"
STAR = Author(id="star", handle="the_gazette", followers=41_000, verified=True, bio="Daily newspaper")
SMALL = Author(id="small", handle=f"{PRIVATE}_0", followers=1_234)


def carried() -> list[Mention]:
    """Two camps around a public figure and a private person; one account passes on both."""
    start_us = NOON - DAY_US + 60 * SECOND_US
    roots = [
        mention("r0", start_us, "Acme parcels lost", author=STAR, hashtags=("parcels",)),
        mention("r1", start_us, "Acme shops closed", author=SMALL, hashtags=("shops",)),
    ]
    fans = [
        mention(
            f"r{camp}-{fan}",
            start_us + (10 + fan) * SECOND_US,
            root.text,
            kind="repost",
            author=Author(id="both" if fan == 0 else f"fan{camp}-{fan}", handle=f"{PRIVATE}_{camp}{fan}", followers=99),
            root_id=root.id,
            root_author=root.author,
            hashtags=root.hashtags,
        )
        for camp, root in enumerate(roots)
        for fan in range(12)
    ]
    return [*roots, *fans]
