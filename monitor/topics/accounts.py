"""Whose words a mention carries, whom it answers, and to which topics these accounts belong."""

from __future__ import annotations

from collections.abc import Sequence, Set

from monitor.mentions import Author, Mention
from monitor.topics import Topic

__all__ = ["OwnAccounts", "speaker_names"]


def speaker_names(mention: Mention) -> tuple[str, ...]:
    """Return the case-folded handle and id of whoever said the words: for a repost, the author of its root."""
    if mention.kind != "repost":
        return _names(mention.author.handle, mention.author.id)
    if mention.root_author is not None:
        return _names(mention.root_author.handle, mention.root_author.id)
    return _names(mention.parent_author_handle, mention.parent_author_id)


def _names(*names: str | None) -> tuple[str, ...]:
    return tuple([name.casefold() for name in names if name])


class OwnAccounts:
    """The own and support accounts of all topics, found by name.

    Parameters
    ----------
    topics
        Elsewhere referred to by their place in this sequence.
    """

    def __init__(self, topics: Sequence[Topic]) -> None:
        self._owners: dict[str, list[tuple[str | None, int, str]]] = {}
        for place, topic in enumerate(topics):
            for account in (*topic.accounts, *topic.support_accounts):
                shown = account.handle if ":" in account.handle else f"@{account.handle}"
                self._owners.setdefault(account.handle.casefold(), []).append((account.network, place, shown))

    def published(self, mention: Mention) -> dict[int, str]:
        """Return the topics whose accounts published or reposted it: place -> account."""
        return self.of_author(mention.author, mention.network)

    def of_author(self, author: Author, network: str) -> dict[int, str]:
        """Return the topics to whose accounts an author belongs: place -> account."""
        return self._of(network, _names(author.handle, author.id))

    @property
    def names(self) -> Set[str]:
        """Case-folded handles and ids of all own accounts."""
        return self._owners.keys()

    def named(self, network: str, *names: str | None) -> list[int]:
        """Return the topics one of whose accounts has one of these handles or ids: their places, in order."""
        owners = self._owners
        found = [entry for name in names if name for entry in owners.get(name.casefold(), ())]
        return sorted({place for wanted, place, _ in found if wanted is None or wanted == network})

    def said(self, mention: Mention) -> dict[int, str]:
        """Return the topics whose accounts said its words: place -> account."""
        return self._of(mention.network, speaker_names(mention))

    def answered(self, mention: Mention) -> dict[int, str]:
        """Return the topics whose accounts it answers or quotes: place -> account."""
        if mention.kind not in {"reply", "quote"}:
            return {}
        return self._of(mention.network, _names(mention.parent_author_handle, mention.parent_author_id))

    def concerned(self, mentions: Sequence[Mention]) -> list[int]:
        """Return the positions of the mentions that any own account may have published, said or been answered by."""
        if not self._owners:
            return []
        owners = self._owners
        return [
            position
            for position, m in enumerate(mentions)
            if m.author.id.casefold() in owners
            or (m.author.handle and m.author.handle.casefold() in owners)
            or (m.parent_author_handle and m.parent_author_handle.casefold() in owners)
            or (m.parent_author_id and m.parent_author_id.casefold() in owners)
            or (m.kind == "repost" and not owners.keys().isdisjoint(speaker_names(m)))
        ]

    def _of(self, network: str, names: tuple[str, ...]) -> dict[int, str]:
        return {
            place: shown
            for name in reversed(names)  # the handle comes first, and has the last word
            for wanted, place, shown in self._owners.get(name, ())
            if wanted is None or wanted == network
        }
