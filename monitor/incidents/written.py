"""How the numbers of a sentence are written: counts, durations, shares, chances. French and English are equals."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from monitor.incidents.words import Language

__all__ = ["odds", "times", "written"]

_NETWORKS: Final[dict[Language, tuple[str, ...]]] = {
    "en": ("another network", "X", "Bluesky", "Mastodon", "the press"),
    "fr": ("un autre réseau", "X", "Bluesky", "Mastodon", "la presse"),
}
_THINGS: Final[dict[Language, tuple[str, ...]]] = {
    "en": (
        "",
        "the same link",
        "the same hashtag",
        "nearly the same words",
        "the same image",
        "the same image, by its description",
        "the same image, by its looks",
    ),
    "fr": (
        "",
        "le même lien",
        "le même mot-dièse",
        "presque les mêmes mots",
        "la même image",
        "la même image, d'après sa description",
        "la même image, d'après son aspect",
    ),
}
"""What jumped, and between which networks, by the numbers of :mod:`monitor.incidents.jumps`."""

_EVENTS: Final[dict[Language, tuple[str, ...]]] = {
    "en": ("an event", "a launch", "a match", "a sale"),
    "fr": ("un événement", "un lancement", "un match", "des soldes"),
}
"""What is planned, by the numbers of :data:`monitor.anomalies.planned.KINDS`."""

LEAST: Final = 0.01
"""Of what is expected: less is written as that, and compared with as that."""


def written(name: str, value: float, language: Language) -> str:
    """Write a fact as its name wants it; most as whole numbers."""
    return _BY_NAME.get(name, number)(value, language)


def number(value: float, language: Language, decimals: int = 0) -> str:
    """Format a count; small ones may keep a decimal, and those that would read as nothing at all a digit."""
    text = f"{value:,.{decimals}f}" if decimals and value < 10 and value != int(value) else f"{value:,.0f}"
    if decimals and 0 < value < 0.05:
        text = f"{max(value, LEAST):.1g}"
    return text.replace(",", " ").replace(".", ",") if language == "fr" else text


def _clock(minutes: float, language: Language) -> str:
    hours, rest = divmod(int(minutes), 60)
    return f"{hours}:{rest:02d}" if language == "en" else f"{hours} h {rest:02d}"


def _percent(share: float, language: Language) -> str:
    return f"{share:.0%}" if language == "en" else f"{share:.0%}".replace("%", " %")


def times(observed: float, expected: float, language: Language) -> str:
    """Write how many times what was expected was observed."""
    ratio = observed / max(expected, LEAST)
    return number(ratio, language, decimals=1) + (" times" if language == "en" else " fois")


def _approval(count: float, language: Language) -> str:
    if count < 1:
        return "not one like or repost" if language == "en" else "aucun j'aime ni partage"
    if count < 2:
        return "one like or repost" if language == "en" else "un seul j'aime ou partage"
    words = "likes and reposts" if language == "en" else "j'aime et partages"
    return f"{number(count, language)} {words}"


def odds(share: float, language: Language) -> str:
    """Write how many answers come to how many likes and reposts, one of the two being 1."""
    share = min(max(share, 1e-6), 1 - 1e-6)
    likes = number(max(1.0, (1 - share) / share), language, decimals=1)
    answers = number(max(1.0, share / (1 - share)), language, decimals=1)
    return f"{answers} for {likes}" if language == "en" else f"{answers} pour {likes}"


def _duration(minutes: float, language: Language) -> str:
    if minutes < 1.5:
        return "one minute" if language == "en" else "une minute"
    if minutes < 120:
        return f"{minutes:.0f} minutes"
    if minutes < 48 * 60:
        return f"{minutes / 60:.0f} hours" if language == "en" else f"{minutes / 60:.0f} heures"
    return f"{minutes / 1440:.0f} days" if language == "en" else f"{minutes / 1440:.0f} jours"


def _pace(acceleration: float, language: Language) -> str:
    if acceleration >= 1.5:
        return "accelerating" if language == "en" else "accélère"
    return "steady" if language == "en" else "garde son rythme"


def _rarity(p_value: float, language: Language) -> str:
    """Turn the chance per minute into how often a normal topic does this."""
    days = 1 / (max(p_value, 1e-9) * 1440)  # a chance too small to be written down as a number is 0
    english = language == "en"
    if days < 1.5:
        return "about once a day or more" if english else "une fois par jour ou plus"
    if days < 14:
        return f"about once in {days:.0f} days" if english else f"environ une fois tous les {days:.0f} jours"
    if days < 45:
        return "about once a month" if english else "environ une fois par mois"
    if days < 700:
        return f"about once in {days / 30:.0f} months" if english else f"environ une fois tous les {days / 30:.0f} mois"
    return "less than once in two years" if english else "moins d'une fois en deux ans"


_BY_NAME: Final[dict[str, Callable[[float, Language], str]]] = {
    "span": _duration,
    "known": _duration,
    "quiet": _duration,
    "lag": _duration,
    "share": _percent,
    "usual": _percent,
    "first": _percent,
    "clock": _clock,
    "there": lambda number, language: _NETWORKS[language][int(number)],
    "origin": lambda number, language: _NETWORKS[language][int(number)],
    "thing": lambda number, language: _THINGS[language][int(number)],
    "rarity": _rarity,
    "pace": _pace,
    "event": lambda kind, language: _EVENTS[language][int(kind)],
    "planned": lambda times, language: number(times, language, decimals=1),
    "approval": _approval,
    "expected": lambda value, language: number(value, language, decimals=1),
}
"""How a fact of each name is written; all others as whole numbers."""
