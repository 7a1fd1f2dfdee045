"""Hostile text made harmless to show: what cannot be seen is made visible, what could act is not linked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set
from typing import Final
from urllib.parse import urlsplit

from monitor.topics import Topic

__all__ = ["inert", "own_handles", "post_number", "safe_link", "unnamed"]

KEPT: Final = frozenset("\n\u200d\u200c")
"""Line breaks, and the joiners that emoji and some scripts are written with."""


_HANDLE: Final = re.compile(r"(?<![\w@＠])[@＠]+([\w.-]*\w)(?:@[\w.-]*\w)?")
"""Somebody addressed, as X, Bluesky and Mastodon write it; not the middle of an e-mail address."""


def own_handles(topic: Topic) -> Set[str]:
    """Return the handles that a topic is about: the brand's own accounts, and those its query names."""
    accounts = {account.handle for account in (*topic.accounts, *topic.support_accounts)}
    return {handle.lstrip("@").casefold() for handle in accounts | set(_HANDLE.findall(topic.query))}


def unnamed(text: str, named: Set[str]) -> str:
    """Return `text` without the handles of those it addresses, but for `named` (case-folded, without ``@``).

    A post of the brand's own begins with the customer it answers, and a page may end up on a slide.

    Examples
    --------
    >>> unnamed("@maya23 @Acme bonjour ! (@lou.bsky.social, moi@mail.fr)", {"acme"})
    '@… @Acme bonjour ! (@…, moi@mail.fr)'
    """
    return _HANDLE.sub(lambda found: found[0] if found[1].casefold() in named else "@…", text)


def post_number(identifier: str) -> str:
    """Return the last part of a post's identifier: on Mastodon the address before it names who wrote it.

    Examples
    --------
    >>> post_number("https://mastodon.example/users/maya23/statuses/114"), post_number("1998")
    ('114', '1998')
    """
    return identifier.rstrip("/").rpartition("/")[2]


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
