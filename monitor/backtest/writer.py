"""Plan -> Mention: who says it, in which words, with the fields that network would send."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from random import Random

from monitor.backtest.brands import Brand
from monitor.backtest.crowd import item_id, network_and_language, passer_by, regular
from monitor.backtest.phrasebook import phrasebook
from monitor.backtest.plans import Plan
from monitor.clock import SECOND_US
from monitor.mentions import Author, Engagement, Mention

__all__ = ["Writer"]

_HASHTAG = re.compile(r"#(\w+)")
_MENTIONED = re.compile(r"@(\w+)")
_LINK = re.compile(r"https?://\S+")
_SHOWS = ("#LesNuitsDuRire", "#TopCuisto", "#EnqueteSurLaTwo", "#LaGrandeQuestion")
_PRODUCTS = ("la Box Aurore", "le Forfait Libre+", "la Box Néo 7", "AuroraBox", "Fibre Max")
_TRAILING_SHARE = 0.4  # of people who add a word or two that change nothing
_SILENT_ENGAGEMENT = Engagement(0, 0, 0, 0)


class Writer:
    """Puts plans into words.

    Parameters
    ----------
    brands
        All brands of the simulation: each is the others' rival.
    """

    def __init__(self, brands: Sequence[Brand]) -> None:
        self._places = {brand.topic: place for place, brand in enumerate(brands)}
        self._slots = {brand.topic: _slots(brand, _rival(brand, brands)) for brand in brands}
        self._names = {brand.topic: (*brand.names, f"@{brand.account}", f"@{brand.support}") for brand in brands}

    def write(self, rng: Random, plan: Plan, at_us: int, serial: int) -> Mention:
        """Return the post that `plan` becomes at `at_us`, to the millisecond."""
        author, network, lang = self._speaker(rng, plan)
        identifier = item_id(network, author, at_us, serial)
        received_us = at_us + SECOND_US // 3 + int(rng.expovariate(1.2) * SECOND_US)
        if plan.kind == "repost" and plan.target is not None:
            return _repost(plan.target, identifier, author, at_us, received_us)
        text = plan.text or self._words(rng, plan, lang, network, is_person=plan.author is None)
        target = plan.target
        return Mention(
            network=network,
            id=identifier,
            kind=plan.kind,
            published_us=at_us,
            author=author,
            text=text,
            lang=lang,
            hashtags=tuple(_HASHTAG.findall(text)) if "#" in text else (),
            links=(*_LINK.findall(text), *plan.links) if "http" in text else plan.links,
            mentioned=tuple(_MENTIONED.findall(text)) if "@" in text else (),
            parent_id=target.id if target else None,
            parent_author_id=target.author.id if target else None,
            # Bluesky's stream names authors by their permanent identifier only.
            parent_author_handle=target.author.handle if target and network != "bluesky" else None,
            root_id=_root_of(plan.kind, target),
            quoted_text=target.text if target and plan.kind == "quote" and network != "bluesky" else None,
            engagement=_engagement(rng, network),
            url=identifier if network in {"feed", "mastodon"} else None,
            received_us=received_us,
        )

    def phrase(self, rng: Random, brand: Brand, register: str, lang: str) -> str:
        """Return a text of a register about a brand."""
        choices = self._slots[brand.topic]
        return phrasebook(lang, brand.sector).say(rng, register, choices[int(rng.random() * len(choices))])

    def _speaker(self, rng: Random, plan: Plan) -> tuple[Author, str, str]:
        target = plan.target
        if plan.author is not None:
            network = target.network if target else plan.network or "x"
            return plan.author, network, plan.lang or (target and target.lang) or "fr"
        network, lang = network_and_language(rng)
        if target is not None:
            network = target.network
            if target.lang and rng.random() < 0.85:  # people mostly answer in the language they are spoken to
                lang = target.lang
        network, lang = plan.network or network, plan.lang or lang
        if plan.is_new_crowd:
            return passer_by(rng, network, lang), network, lang
        return regular(rng, self._places[plan.brand.topic], network, lang), network, lang

    def _words(self, rng: Random, plan: Plan, lang: str, network: str, *, is_person: bool) -> str:
        topic = plan.brand.topic
        text = self.phrase(rng, plan.brand, plan.register, lang)
        target = plan.target
        is_answer = target is not None and plan.kind == "reply"
        # Whoever speaks to nobody in particular names the brand; the hashtag of the anger does not.
        calm = text.replace(plan.brand.rage, "")
        if is_person and not is_answer and not any(name in calm for name in self._names[topic]):
            text += f" @{plan.brand.account}"
        if is_person:
            if rng.random() < _TRAILING_SHARE:
                text += " " + phrasebook(lang).word(rng, "tail")
            text = _carelessly(rng, text)
        return _address(plan.brand, target, network) + text if target is not None and is_answer else text


def _rival(brand: Brand, brands: Sequence[Brand]) -> str:
    return next((other.names[0] for other in brands if other.topic != brand.topic), "la concurrence")


def _slots(brand: Brand, rival: str) -> tuple[Mapping[str, str], ...]:
    """Ways to fill a brand's slots; a name is written several ways, the usual ones more often."""
    written = (*brand.names * 3, brand.names[-1], f"@{brand.account}", f"#{brand.tag}")
    common = {"de": brand.of, "at": f"@{brand.account}", "help": f"@{brand.support}", "tag": f"#{brand.tag}"}
    common |= {"rage": f"#{brand.rage}", "rival": rival, "new": _PRODUCTS[len(brand.topic) % len(_PRODUCTS)]}
    common["show"] = _SHOWS[len(brand.topic) % len(_SHOWS)]
    return tuple({**common, "b": name} for name in written)


def _carelessly(rng: Random, text: str) -> str:
    """Write as people do: one in twelve without capitals, one in twenty without accents, a few shouting."""
    chance = rng.random()
    if chance < 0.08:
        return text.lower()
    if chance < 0.13:
        return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().strip() or text
    if chance < 0.145 and "http" not in text:
        return text.upper()
    return text


def _address(brand: Brand, target: Mention, network: str) -> str:
    """Return the handles a reply begins with: X and Mastodon put those of the conversation there."""
    if network == "bluesky" or not target.author.handle:
        return ""
    others = [handle for handle in (brand.support, brand.account) if handle in target.mentioned]
    return "".join(f"@{handle} " for handle in dict.fromkeys((target.author.handle, *others)))


def _root_of(kind: str, target: Mention | None) -> str | None:
    if target is None:
        return None
    return (target.root_id or target.id) if kind == "reply" and target.kind == "reply" else target.id


def _engagement(rng: Random, network: str) -> Engagement | None:
    """Interactions seconds after publication, for the networks that count them in their stream."""
    if network in {"feed", "bluesky"}:
        return None
    likes = int(rng.expovariate(1.1))
    return Engagement(int(likes > 3), int(likes > 2), 0, likes) if likes else _SILENT_ENGAGEMENT


def _repost(target: Mention, identifier: str, author: Author, at_us: int, received_us: int) -> Mention:
    return Mention(
        network=target.network,
        id=identifier,
        kind="repost",
        published_us=at_us,
        author=author,
        text=target.text,
        lang=target.lang,
        hashtags=target.hashtags,
        links=target.links,
        mentioned=target.mentioned,
        parent_id=target.id,
        parent_author_id=target.author.id,
        parent_author_handle=target.author.handle,
        root_id=target.id,
        root_author=target.author,
        received_us=received_us,
    )
