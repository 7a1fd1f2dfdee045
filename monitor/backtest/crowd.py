"""Who speaks: ordinary people, the press, influencers, bots and the brands themselves. All are made up.

An ordinary person is a number; everything else about them follows from it, so that millions of people need no
memory and the same person always looks the same.
"""

from __future__ import annotations

from functools import lru_cache
from random import Random
from typing import Final, NamedTuple

from xxhash import xxh3_64_intdigest

from monitor.backtest.brands import Brand
from monitor.backtest.laws import followers
from monitor.clock import DAY_US
from monitor.mentions import Author

__all__ = [
    "LEAST_FOLLOWERS",
    "NETWORKS",
    "PRESS",
    "Outlet",
    "bot",
    "brand_account",
    "item_id",
    "network_and_language",
    "outlet",
    "passer_by",
    "person",
    "regular",
    "star",
]

# Where ordinary people write, cumulated: our choice, X first as in France; the press has its feeds on top.
NETWORKS: Final = (("x", 0.64), ("bluesky", 0.86), ("mastodon", 1.0))
_PLACES: Final = {name: place for place, (name, _) in enumerate(NETWORKS)}
_FRENCH: Final = 0.7
LEAST_FOLLOWERS: Final = 40.0  # puts the median at about 80
_MOST_FOLLOWERS: Final = 200_000.0
_WELL_FOLLOWED: Final = 10_000
_BIOS: Final = {
    "presse": "Journaliste, enquêtes économiques. Mes messages n'engagent que moi.",
    "elu": "Conseillère régionale, présidente de la commission consommation.",
    "expert": "Conseil en sécurité informatique.",
    "star": "Vidéos tous les mardis.",
}
_ORDINARY_BIOS: Final = ("Photos et voyages.", "Cuisine maison.", None, "Jeux vidéo.", "Maman de trois.", None)
_EPOCH_2009: Final = 1_230_768_000_000_000
_SPAN_2009_2025: Final = 6_200 * DAY_US
_BASE32: Final = "234567abcdefghijklmnopqrstuvwxyz"
_NAMES: Final = (
    *("lucie", "karim", "elodie", "yann", "sophie", "mehdi", "ines", "paul", "chloe", "hugo", "nora", "theo"),
    *("emma", "owen", "jade", "louis", "lea", "adam", "zoe", "malik", "anna", "jules", "maya", "simon"),
)
_MASK: Final = (1 << 64) - 1


class Outlet(NamedTuple):
    """A made-up newspaper: its handle, its name, its readers, its language."""

    handle: str
    title: str
    followers: int
    lang: str


PRESS: Final = (
    Outlet("sim_gazetteondes", "La Gazette des Ondes", 41_000, "fr"),
    Outlet("sim_ponant_eco", "Ponant Éco", 9_000, "fr"),
    Outlet("sim_courrier_nat", "Le Courrier National", 380_000, "fr"),
    Outlet("sim_journal_quai", "Le Journal du Quai", 64_000, "fr"),
    Outlet("sim_harbourpost", "The Harbour Post", 120_000, "en"),
)


def _mix(number: int) -> int:
    """Scramble 64 bits (the finaliser of SplitMix64, Steele et al., OOPSLA 2014)."""
    number = (number + 0x9E3779B97F4A7C15) & _MASK
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & _MASK
    return number ^ (number >> 31)


@lru_cache(maxsize=65_536)
def person(network: str, lang: str, number: int) -> Author:
    """Return ordinary person `number` of a network and language."""
    bits = _mix(number * 8 + _PLACES[network] * 2 + (lang == "fr"))
    handle = f"sim_{_NAMES[bits % len(_NAMES)]}{_base32(2 * number + (lang == 'fr'), 5)}"
    uniform = ((bits >> 11) % 1_000_003 + 1) / 1_000_003
    joined = _EPOCH_2009 + _SPAN_2009_2025 * (_mix(bits) % 100_000) // 100_000
    audience = followers(uniform, LEAST_FOLLOWERS, _MOST_FOLLOWERS)
    return Author(
        id=_account_id(network, handle, bits),
        handle=handle,
        followers=None if network == "bluesky" else audience,
        created_us=None if network == "bluesky" else joined,
        verified=None if network != "x" else bits % 61 == 0,
        bio=None if network == "bluesky" else _bio(bits, audience),
    )


def _bio(bits: int, audience: int) -> str | None:
    """Return what a well-followed person's profile says: one in four works for the press or holds an office."""
    if audience < _WELL_FOLLOWED:
        return None
    return (_BIOS["presse"], _BIOS["elu"], *_ORDINARY_BIOS)[(bits >> 5) % 8]


def _account_id(network: str, handle: str, bits: int) -> str:
    if network == "x":
        return str(10**18 + bits % (8 * 10**17))
    if network == "bluesky":
        return "did:plc:sim" + _base32(bits, 21)
    return f"https://mastodon.example/users/{handle}"


def _base32(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        digits.append(_BASE32[number & 31])
        number = (number >> 5) | ((number & 31) << 59)
    return "".join(reversed(digits))


def regular(rng: Random, place: int, network: str, lang: str) -> Author:
    """Draw somebody who speaks of the brand at `place` now and then; few speak often, many once."""
    return person(network, lang, place * 50_000 + int(50_000 * rng.random() ** 2))


def passer_by(rng: Random, network: str, lang: str) -> Author:
    """Draw somebody out of four million who never had a word for the brand before."""
    return person(network, lang, 1_000_000 + int(rng.random() * 4_000_000))


def network_and_language(rng: Random) -> tuple[str, str]:
    """Draw where an ordinary person writes, and in which language: seven in ten in French."""
    share = rng.random()
    network = next(name for name, upto in NETWORKS if share < upto)
    return network, "fr" if rng.random() < _FRENCH else "en"


def brand_account(brand: Brand, network: str, *, is_support: bool) -> Author:
    """Return a brand's own account."""
    handle = brand.support if is_support else brand.account
    bits = xxh3_64_intdigest(handle.encode())
    audience = None if network == "bluesky" else 85_000 if handle == brand.account else 18_000
    return Author(
        _account_id(network, handle, bits), handle, audience, _EPOCH_2009 + 900 * DAY_US, network == "x" or None
    )


def outlet(paper: Outlet, network: str) -> Author:
    """Return a newspaper's account on a network; on ``feed`` it is the feed itself."""
    if network == "feed":
        return Author(f"https://{paper.handle[4:].replace('_', '-')}.example/rss", paper.title)
    bits = _mix(paper.followers)
    return Author(
        _account_id(network, paper.handle, bits),
        paper.handle,
        paper.followers,
        _EPOCH_2009,
        network == "x" or None,
        bio="Le quotidien d'information." if paper.lang == "fr" else "Daily newspaper.",
    )


def star(rng: Random, least: int, most: int, role: str) -> Author:
    """Draw somebody very followed on X, between two counts; `role` goes into the handle and shapes the profile."""
    number = int(rng.random() * 1000)
    audience = followers(1.0 - rng.random(), least, most)
    bits = _mix(number + audience)
    return Author(
        _account_id("x", "", bits),
        f"sim_{role}_{number}",
        audience,
        _EPOCH_2009 + 400 * DAY_US,
        verified=True,
        bio=_BIOS.get(role),
    )


def bot(number: int, now_us: int) -> Author:
    """Return automated account `number`: opened days ago, followed by nobody, on X."""
    bits = _mix(number + (1 << 40))
    opened = now_us - (1 + bits % 20) * DAY_US
    return Author(_account_id("x", "", bits), f"sim_user{bits % 10**8:08d}", bits % 40, opened, verified=False)


def item_id(network: str, author: Author, at_us: int, serial: int) -> str:
    """Return the identifier the network would give an item: it sorts by time and never repeats.

    Parameters
    ----------
    serial
        A number that no other item of the same millisecond has, modulo 2^22.
    """
    if network == "x":
        return str((at_us // 1000 - 1_288_834_974_657) << 22 | serial & 0x3FFFFF)  # X's own epoch
    if network == "bluesky":
        return f"at://{author.id}/app.bsky.feed.post/{_base32((at_us << 10 | serial & 1023) & _MASK, 13)}"
    if network == "mastodon":
        return f"{author.id}/statuses/{at_us // 1000 << 16 | serial & 0xFFFF}"
    return f"{author.id.removesuffix('rss')}{at_us // 1_000_000}-{serial}"
