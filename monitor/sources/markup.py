"""HTML -> words: what a reader would see, and where its links and pictures are. Linear, whatever the markup."""

from __future__ import annotations

import re
from html import unescape
from typing import Final

__all__ = ["images_in", "links_in", "plain_text"]

_HIDDEN: Final = re.compile(r"<(script|style|!--)", re.IGNORECASE)
_END: Final = {
    "script": re.compile(r"</script[^<>]*>", re.IGNORECASE),
    "style": re.compile(r"</style[^<>]*>", re.IGNORECASE),
    "!--": re.compile(r"-->"),
}
_BREAK: Final = re.compile(r"<(?:br|/?(?:p|div|li|ul|ol|blockquote|h[1-6]|tr))\b[^<>]*>", re.IGNORECASE)
_TAG: Final = re.compile(r"</?[a-z!?][^<>]*>", re.IGNORECASE)
_ANCHOR: Final = re.compile(r"<a\s[^<>]*>", re.IGNORECASE)
_HREF: Final = re.compile(r"""\bhref\s*=\s*["']?([^"'\s<>]+)""", re.IGNORECASE)
_IMAGE: Final = re.compile(r"<img\s[^<>]*>", re.IGNORECASE)
_SOURCE: Final = re.compile(r"""\bsrc\s*=\s*["']?([^"'\s<>]+)""", re.IGNORECASE)
_ALTERNATIVE: Final = re.compile(r"""\balt\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)')""", re.IGNORECASE)
_BLANKS: Final = re.compile(r"[^\S\n]+")
_LINES: Final = re.compile(r"\s*\n\s*")


def plain_text(markup: str) -> str:
    r"""Return the visible words, one line a paragraph.

    Examples
    --------
    >>> plain_text('<p>Bonjour&nbsp;<b>Lyon</b> &amp; co<br>1 &lt; 2</p><script>x("<p>")</script><p>Fin</p>')
    'Bonjour Lyon & co\n1 < 2\nFin'
    """
    if "<" in markup:
        markup = _TAG.sub("", _BREAK.sub("\n", _without_hidden(markup)))
    if "&" in markup:
        markup = unescape(markup)
    return _LINES.sub("\n", _BLANKS.sub(" ", markup)).strip()


def links_in(markup: str) -> tuple[str, ...]:
    """Return where the links lead, except those on hashtags and on people.

    Examples
    --------
    >>> links_in('<a href="https://a.example/?x=1&amp;y=2">a</a> <a class="mention hashtag" href="https://b.example">#b</a>')
    ('https://a.example/?x=1&y=2',)
    """
    found = []
    for anchor in _ANCHOR.findall(markup):
        target = None if "mention" in anchor else _HREF.search(anchor)
        if target:
            found.append(unescape(target[1]))
    return tuple(found)


def images_in(markup: str) -> tuple[tuple[str | None, str | None], ...]:
    """Return where the pictures lie, and how they are described.

    Examples
    --------
    >>> images_in('<img src="https://a.example/1.jpg" alt="Un bus en feu &amp; de la fum\u00e9e"><img class=x>')
    (('https://a.example/1.jpg', 'Un bus en feu & de la fum\u00e9e'), (None, None))
    """
    found = []
    for image in _IMAGE.findall(markup):
        source, alternative = _SOURCE.search(image), _ALTERNATIVE.search(image)
        address = unescape(source[1]) if source else None
        found.append((address, unescape(alternative[1] or alternative[2] or "") or None if alternative else None))
    return tuple(found)


def _without_hidden(markup: str) -> str:
    """Leave out scripts, styles and comments; one that never ends hides everything after it."""
    kept = []
    start = 0
    while hidden := _HIDDEN.search(markup, start):
        kept.append(markup[start : hidden.start()])
        end = _END[hidden[1].lower()].search(markup, hidden.end())
        if end is None:
            return "".join(kept)
        start = end.end()
    return "".join((*kept, markup[start:]))
