"""Hostile text made harmless to show: what cannot be seen is made visible, what could act is not linked."""

from __future__ import annotations

import unicodedata
from typing import Final
from urllib.parse import urlsplit

__all__ = ["inert", "safe_link"]

KEPT: Final = frozenset("\n\u200d\u200c")
"""Line breaks, and the joiners that emoji and some scripts are written with."""


def inert(text: str, limit: int = 1_000) -> str:
    r"""Return `text` with control and direction characters shown by name, cut to `limit` characters.

    A terminal sequence, a right-to-left override or a lone surrogate must neither act on the page nor hide what was
    written. The result is still text: give it to ``st.text``, or escape it, never to Markdown.

    Examples
    --------
    >>> inert("ok \u202efdp.exe \x1b[31mred")
    'ok ⟨U+202E⟩fdp.exe ⟨U+001B⟩[31mred'
    """
    shown = "".join(_shown(character) for character in text[:limit])
    return shown + "…" if len(text) > limit else shown


def _shown(character: str) -> str:
    # Cc, Cf, Cs, Co, Cn: control, format (bidi, zero width, tags), surrogates, private use, unassigned.
    if character in KEPT or unicodedata.category(character)[0] != "C":
        return character
    return f"⟨U+{ord(character):04X}⟩"


def safe_link(url: str | None) -> str | None:
    """Return `url` if a person may be offered to follow it: absolute http(s), a host, nothing invisible in it.

    Examples
    --------
    >>> safe_link("https://x.com/i/status/1")
    'https://x.com/i/status/1'
    >>> safe_link("javascript:alert(1)"), safe_link("https://user:pw@evil.example/")
    (None, None)
    """
    if url is None or inert(url) != url or any(character.isspace() for character in url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc else None
