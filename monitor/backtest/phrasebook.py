"""What people write: short posts put together from templates, in French and in English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from random import Random

import yaml

__all__ = ["LANGUAGES", "Phrasebook", "phrasebook"]

LANGUAGES = ("fr", "en")
_SLOT = re.compile(r"\{(\w+)\}")


class Phrasebook:
    """Templates of one language and trade, by register: what is said, from ``chatter`` to ``boycott``.

    Parameters
    ----------
    words
        Choices for each slot of a template.
    registers
        Templates by register.
    """

    def __init__(self, words: Mapping[str, list[str]], registers: Mapping[str, list[str]]) -> None:
        self._words = words
        self._templates = {name: [_cut(text) for text in texts] for name, texts in registers.items()}

    @property
    def registers(self) -> frozenset[str]:
        """Names of the registers."""
        return frozenset(self._templates)

    def say(self, rng: Random, register: str, given: Mapping[str, str]) -> str:
        """Return one text of a register.

        Parameters
        ----------
        given
            Values of the slots that are not words of the language, such as the brand's name.
        """
        templates = self._templates[register]
        parts = []
        for literal, slot in templates[int(rng.random() * len(templates))]:
            parts.append(literal)
            if slot:
                parts.append(given.get(slot) or self.word(rng, slot))
        text = " ".join("".join(parts).split())
        return text[:1].upper() + text[1:]

    def word(self, rng: Random, slot: str) -> str:
        """Return one choice for a slot."""
        choices = self._words[slot]
        return choices[int(rng.random() * len(choices))]


def _cut(template: str) -> list[tuple[str, str]]:
    pieces = _SLOT.split(template)
    return list(zip(pieces[0::2], [*pieces[1::2], ""], strict=True))


@cache
def phrasebook(lang: str, sector: str = "telecom") -> Phrasebook:
    """Return the phrasebook of ``fr`` or ``en`` for a trade; an unknown one speaks as of a telephone operator."""
    source = files("monitor.backtest") / "phrases" / f"{lang}.yaml"
    content = yaml.safe_load(source.read_text(encoding="utf-8"))
    own = content["sectors"].get(sector, {"words": {}, "registers": {}})
    return Phrasebook({**content["words"], **own["words"]}, {**content["registers"], **own["registers"]})
