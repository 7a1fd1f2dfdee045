"""What a network, a feed or a table calls a language -> the short code we use."""

from __future__ import annotations

from typing import Final

__all__ = ["language_code"]

_NAMES: Final = {
    "english": "en",
    "anglais": "en",
    "french": "fr",
    "français": "fr",
    "francais": "fr",
    "german": "de",
    "spanish": "es",
    "italian": "it",
    "portuguese": "pt",
    "dutch": "nl",
    "russian": "ru",
    "arabic": "ar",
    "und": None,
    "unknown": None,
}


def language_code(declared: str | None) -> str | None:
    """Return the ISO 639 code of a declared language, without its region; ``None`` when nothing is said.

    Examples
    --------
    >>> [language_code(declared) for declared in ("fr", "fr-CA", "EN_us", "French", "und", "", None)]
    ['fr', 'fr', 'en', 'fr', None, None, None]
    """
    if not declared:
        return None
    folded = declared.strip().lower()
    if folded in _NAMES:
        return _NAMES[folded]
    return folded.replace("_", "-").partition("-")[0][:8] or None
