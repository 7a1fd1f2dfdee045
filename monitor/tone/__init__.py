"""Text -> Tone: how a short French or English post sounds, offline."""

from __future__ import annotations

import msgspec

__all__ = ["Tone"]


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
