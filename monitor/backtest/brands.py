"""The brands people talk about in a simulation: how they are named, who speaks for them, how loud they are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import msgspec

from monitor.topics import Topic

__all__ = ["EXAMPLE_BRANDS", "Brand", "brands_of"]


class Brand(msgspec.Struct, frozen=True, kw_only=True):
    """One brand as people write about it.

    Attributes
    ----------
    topic
        Id of the topic that watches it.
    names
        Ways to write it inside a sentence, the usual one first.
    account, support
        Handles without ``@``; the two may be the same.
    sector
        Its trade: ``telecom``, ``rail`` or ``cosmetics``; decides what people complain about.
    share
        Mentions relative to the first brand of a simulation.
    """

    topic: str
    names: tuple[str, ...]
    account: str
    support: str
    sector: str = "telecom"
    share: float = 1.0

    @property
    def tag(self) -> str:
        """The brand's hashtag, without ``#``."""
        return _one_word(self.names[0])

    @property
    def rage(self) -> str:
        """The hashtag people make up when they are angry, without ``#``."""
        return f"{_one_word(self.account).title()}NonMerci"

    @property
    def of(self) -> str:
        """``de`` and the name, elided before a vowel as French does."""
        name = self.names[0]
        return f"d'{name}" if _one_word(name)[:1].lower() in set("aeiouyh") else f"de {name}"


def _one_word(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"\W+", "", plain) or "Marque"


# The brands of rules/topics/example.yaml; all fictitious.
EXAMPLE_BRANDS = (
    Brand(topic="acme", names=("Acme Télécom", "Acme"), account="acme", support="acme_aide"),
    Brand(topic="zenphone", names=("ZenPhone",), account="zenphone", support="zenphone", share=0.5),
    Brand(topic="raileo", names=("Railéo",), account="raileo", support="raileo_info", sector="rail", share=0.25),
    Brand(
        topic="lumiseve", names=("Lumisève",), account="lumiseve", support="lumiseve", sector="cosmetics", share=0.15
    ),
)
_SHARES = (1.0, 0.5, 0.25, 0.15)


def brands_of(topics: Sequence[Topic]) -> tuple[Brand, ...]:
    """Return the brands that a watchlist watches, so that a simulation speaks of them.

    A topic's name is how people write it; its first account and support account answer. The first topic is the
    loudest, the others follow at 0.5, 0.25 and 0.15 of it. A topic of the example watchlist is the example's brand;
    others are spoken of as a telephone operator is.
    """
    return tuple(_brand_of(topic, _SHARES[min(place, 3)]) for place, topic in enumerate(topics))


def _brand_of(topic: Topic, share: float) -> Brand:
    known = next((brand for brand in EXAMPLE_BRANDS if (brand.topic, brand.names[0]) == (topic.id, topic.name)), None)
    if known is not None:
        return msgspec.structs.replace(known, share=share)
    handles = [account.handle for account in topic.accounts] or [topic.id]
    support = [account.handle for account in topic.support_accounts] or handles
    return Brand(topic=topic.id, names=(topic.name,), account=handles[0], support=support[0], share=share)
