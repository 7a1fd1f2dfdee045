"""The lexicon, and on top of it what people corrected in this deployment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from monitor.tone import Correction, Tone
from monitor.tone.features import Features
from monitor.tone.learner import ToneLearner
from monitor.tone.scorer import ToneScorer

__all__ = ["TaughtScorer"]

DECIMALS: Final = 4  # as many as the lexicon gives


class TaughtScorer:
    """Scores tone as the lexicon does until somebody corrects it.

    The words that name a topic are in all its posts, wrong and right, so nothing is learned of them: people correct
    what is wrong, and would else teach that the brand itself sounds bad.

    Parameters
    ----------
    secret
        The deployment's, at most 64 bytes.
    names
        Of each topic, all words that name it, such as its name and query.
    """

    def __init__(self, secret: bytes, names: Mapping[str, str]) -> None:
        self._lexicon = ToneScorer()
        self._features = Features(secret)
        self._learner = ToneLearner()
        self._names = names
        self._named: dict[str, frozenset[int]] = {}

    def score(self, text: str, lang: str | None, topics: Iterable[str]) -> Tone:
        """Score a text about some topics; see :meth:`monitor.tone.scorer.ToneScorer.score`."""
        tone = self._lexicon.score(text, lang)
        if not self._learner.learned:
            return tone
        telling = self._telling(self._features.of(text), topics)
        value = self._learner.adjusted(tone.value, telling, is_alarming=bool(tone.alarm_words))
        return msgspec.structs.replace(tone, value=round(value, DECIMALS))

    def heed(self, corrections: Iterable[Correction]) -> None:
        """Learn from corrections, in order."""
        for one in corrections:
            self._learner.learn(msgspec.structs.replace(one, features=self._telling(one.features, [one.topic])))

    def unlearn(self) -> None:
        """Forget every correction."""
        self._learner = ToneLearner()

    def _telling(self, features: Sequence[int], topics: Iterable[str]) -> tuple[int, ...]:
        """Leave out the words that name the topics."""
        named = frozenset[int]().union(*map(self._words_of, topics))
        return tuple([bucket for bucket in features if bucket not in named])

    def _words_of(self, topic: str) -> frozenset[int]:
        found = self._named.get(topic)
        if found is None:
            found = self._named[topic] = frozenset(self._features.of(self._names.get(topic, "")))
        return found
