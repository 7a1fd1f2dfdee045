"""The last hour of a topic, minute by minute, as counts that tell whether it is real or made."""

from __future__ import annotations

import msgspec

__all__ = ["Beat", "Lesson"]


class Beat(msgspec.Struct, array_like=True):
    """One minute, counted, or the sum of several.

    Attributes
    ----------
    raw, aside, copies
        Mentions; those set aside; those that say what another said.
    published, repeats, dated, young
        Of what no group explains: mentions that are no answers; those by accounts that had published within the hour;
        those by accounts whose opening date is known; and by accounts opened within a month.
    known, low, heard, unknown, silent
        Of the same: mentions by accounts whose followers are known; by accounts nearly nobody follows; all; reposts by
        accounts of which nothing is known; and other mentions by such, newspapers' feeds left out.
    """

    minute: int
    raw: int = 0
    aside: int = 0
    copies: int = 0
    published: int = 0
    repeats: int = 0
    dated: int = 0
    young: int = 0
    known: int = 0
    low: int = 0
    heard: int = 0
    unknown: int = 0
    silent: int = 0

    def add(self, beat: Beat) -> None:
        """Add another minute."""
        self.raw += beat.raw
        self.aside += beat.aside
        self.copies += beat.copies
        self.published += beat.published
        self.repeats += beat.repeats
        self.dated += beat.dated
        self.young += beat.young
        self.known += beat.known
        self.low += beat.low
        self.heard += beat.heard
        self.unknown += beat.unknown
        self.silent += beat.silent

    def take(self, beat: Beat) -> None:
        """Take away a minute that was added, as it is now."""
        self.raw -= beat.raw
        self.aside -= beat.aside
        self.copies -= beat.copies
        self.published -= beat.published
        self.repeats -= beat.repeats
        self.dated -= beat.dated
        self.young -= beat.young
        self.known -= beat.known
        self.low -= beat.low
        self.heard -= beat.heard
        self.unknown -= beat.unknown
        self.silent -= beat.silent


class Lesson(msgspec.Struct, array_like=True):
    """What the open half hour is going to teach, unless something of it is set aside: sums of beats."""

    mentions: int = 0
    copies: int = 0
    published: int = 0
    repeats: int = 0
    dated: int = 0
    young: int = 0
    known: int = 0
    low: int = 0
    heard: int = 0
    unknown: int = 0
    silent: int = 0
    is_spoilt: bool = False

    def add(self, beat: Beat) -> None:
        """Add a minute's counts."""
        self.mentions += beat.raw
        self.copies += beat.copies
        self.published += beat.published
        self.repeats += beat.repeats
        self.dated += beat.dated
        self.young += beat.young
        self.known += beat.known
        self.low += beat.low
        self.heard += beat.heard
        self.unknown += beat.unknown
        self.silent += beat.silent
