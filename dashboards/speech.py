"""Saying things to people: words of the catalogue, numbers, spans and times, in their language and time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from dashboards.inert import inert
from dashboards.words import CATALOGUE
from monitor.clock import to_datetime
from monitor.incidents import Reason, TimelineEntry
from monitor.incidents.words import Language, say
from monitor.queries import Band

__all__ = ["Speech"]

_NETWORKS: Final = {"x": "X", "bluesky": "Bluesky", "mastodon": "Mastodon"}


@dataclass(frozen=True)
class Speech:
    """Speaks one language, and tells the time in one zone."""

    language: Language = "en"
    zone: str = "Europe/Paris"

    def __call__(self, key: str, **facts: object) -> str:
        """Return a phrase of the catalogue with its blanks filled."""
        return CATALOGUE[self.language][key].format_map(facts)

    def count(self, key: str, count: int) -> str:
        """Return a phrase that counts something: its singular for one, in French for none as well.

        Examples
        --------
        >>> Speech("en").count("accounts", 1), Speech("en").count("accounts", 0), Speech("fr").count("accounts", 0)
        ('1 account', '0 accounts', '0 compte')
        """
        is_one = count == 1 or (count == 0 and self.language == "fr")
        return self(f"{key}_one" if is_one else key, count=self.number(count))

    def network(self, name: str) -> str:
        """Return the name of a network as people write it; one we do not know as it names itself, made inert.

        Examples
        --------
        >>> Speech("fr").network("x"), Speech("fr").network("feed"), Speech("fr").network("forum")
        ('X', 'la presse', 'forum')
        """
        return self("network_feed") if name == "feed" else _NETWORKS.get(name) or inert(name, 20)

    def number(self, value: float, decimals: int = 0) -> str:
        """Return a number as people of this language write it.

        Examples
        --------
        >>> Speech("en").number(41000), Speech("fr").number(2.5, 1)
        ('41,000', '2,5')
        """
        text = f"{value:,.{decimals}f}"
        # U+202F, the narrow no-break space, groups digits in French.
        return text.replace(",", "\u202f").replace(".", ",") if self.language == "fr" else text

    def percent(self, share: float) -> str:
        """Return a share in [0, 1] as a percentage."""
        return f"{share:.0%}" if self.language == "en" else f"{100 * share:.0f}\u202f%"

    def duration(self, span_us: int) -> str:
        """Return a span in its two largest units.

        Examples
        --------
        >>> Speech("en").duration(12_000_000), Speech("fr").duration(93_600_000_000)
        ('12 s', '1 j 2 h')
        """
        seconds = max(0, span_us) // 1_000_000
        day = "d" if self.language == "en" else "j"
        if seconds < 60:
            return f"{seconds} s"
        if seconds < 3_600:
            return f"{seconds // 60} min"
        large, small = (86_400, 3_600) if seconds >= 86_400 else (3_600, 60)
        whole, rest = seconds // large, seconds % large // small
        names = (day, "h") if large == 86_400 else ("h", "min")
        return f"{whole} {names[0]} {rest} {names[1]}" if rest else f"{whole} {names[0]}"

    def local(self, instant_us: int) -> datetime:
        """Return an instant on the clock of the zone."""
        return to_datetime(instant_us).astimezone(ZoneInfo(self.zone))

    def time(self, instant_us: int) -> str:
        """Return hour and minute on the clock of the zone."""
        return f"{self.local(instant_us):%H:%M}"

    def moment(self, instant_us: int) -> str:
        """Return day, hour and minute on the clock of the zone."""
        pattern = "%d %b %H:%M" if self.language == "en" else "%d/%m %H:%M"
        # U+00A0, so that a moment is never broken over two lines.
        return format(self.local(instant_us), pattern).replace(" ", "\u00a0")

    def usual(self, band: Band | None) -> str:
        """Say a usual range in whole mentions."""
        if band is None:
            return self("usual_unknown")
        lower, upper = round(band.lower), round(band.upper)
        return self("usually", lower=self.number(lower), upper=self.number(upper)) if upper else self("usually_none")

    def sentence(self, said: Reason | TimelineEntry) -> str:
        """Say a reason or a line of a timeline in this language; as it was written where that cannot be done."""
        kind = said.name if isinstance(said, Reason) else said.kind
        try:
            return say(kind, said.facts, self.language)
        except KeyError:
            return said.text
