"""Every word the war room says, in English and French, which are equals.

A phrase that counts something has a second form, ``<phrase>_one``, for one of it.
"""

from __future__ import annotations

from typing import Final

from dashboards.words import about, everywhere, figures, incident, posts, topic
from monitor.incidents.words import Language, languages, typeset

__all__ = ["CATALOGUE"]

_PARTS: Final = (everywhere.WORDS, posts.WORDS, figures.WORDS, topic.WORDS, incident.WORDS, about.WORDS)

CATALOGUE: Final[dict[Language, dict[str, str]]] = {
    language: {key: typeset(phrase, language) for part in _PARTS for key, phrase in part[language].items()}
    for language in languages()
}
