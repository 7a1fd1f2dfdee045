"""Text -> Tone: how a short French or English post sounds, offline."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

__all__ = ["SAID", "Correction", "Said", "Tone"]

Said = Literal["negative", "neutral", "positive"]

SAID: Final[dict[Said, float]] = {"negative": -0.5, "neutral": 0.0, "positive": 0.5}
"""The tone of a post of which a person said so."""


class Tone(msgspec.Struct, frozen=True, gc=False):
    """How a text sounds.

    Attributes
    ----------
    value
        From -1 (indignant) to 1 (delighted); 0 when nothing was recognised.
    alarm_words
        Recognised words of complaint, outrage, boycott, law or safety, folded.
    is_ironic
        Signs of irony were found, so that `value` is uncertain.
    """

    value: float
    alarm_words: tuple[str, ...] = ()
    is_ironic: bool = False


class Correction(msgspec.Struct, frozen=True, gc=False):
    """What a person said of a post, as it is kept: no text.

    Attributes
    ----------
    number
        Place among all corrections, ascending.
    topic
        What the person judged it about.
    key
        Of the post (:func:`monitor.mentions.mention_key`).
    said
        What the person said.
    lexicon
        What the lexicon says, from -1 to 1.
    features
        Of the post (:class:`monitor.tone.features.Features`).
    is_alarming
        The lexicon found words of alarm.
    """

    number: int
    topic: str
    key: int
    said: Said
    lexicon: float
    features: tuple[int, ...]
    is_alarming: bool = False
