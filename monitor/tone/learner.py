"""What people's corrections teach: a hashed linear model in front of which the lexicon stands.

A correction says that a post is negative, neutral or positive. In logits, the corrected tone is the lexicon's plus a
weight for each word and pair of words of the post (:mod:`monitor.tone.features`). Weights start at zero and are learned
by river's logistic regression (AdaGrad, L2), in which the lexicon's logit stands for the intercept. So without
corrections, and for texts none of whose words were ever corrected, the tone *is* the lexicon's, exactly.

People click by mistake, disagree and play. So the two are experts whose advice is mixed in proportion to how well each
has foretold the corrections so far, before learning from them (Bayes' mixture of experts [1]_), separately where the
lexicon says negative, positive and nothing much. Whatever is fed back, in whatever order, the total log-loss of the
mixture on the corrections exceeds the lexicon's by at most ``ln(1 / (1 - PRIOR))`` = 0.22 in each of the three places:
about a third of the cost of one coin toss.

That bounds the harm by what was fed back, not by the truth: who calls every fire "positive" is right by their own
corrections. So no correction takes back an alarm. Where the lexicon calls a post negative for a word of complaint,
outrage, boycott, law or safety, the second expert may say that it is worse, but never better than ``CALLED``, and
learns of such a post no more than that.

.. [1] Cesa-Bianchi & Lugosi, Prediction, Learning, and Games, 2006, section 3.3 (exponentially weighted averages of
   experts under an exp-concave loss; log-loss is one, for targets between 0 and 1 too).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from river import linear_model, optim

from monitor.tone import Correction

__all__ = ["ToneLearner"]

PRIOR: Final = 0.2  # how far the corrections are believed before they have foretold anything
RATE: Final = 0.1  # of AdaGrad; the better of 0.1, 0.3 and 1 on the earlier half of the airline complaints
SHRINKAGE: Final = 0.01  # L2, towards the lexicon
SURE: Final = 0.98  # the lexicon is never taken to be surer than this
LOUD: Final = 0.25  # beyond this tone the lexicon says negative, or positive
CALLED: Final = -0.26  # just negative; what corrections make of an alarm at best
MOST: Final = 30.0  # nats one expert may be ahead: nothing is beyond recovering


class LearnerState(msgspec.Struct, array_like=True):
    """All a learner remembers: at most 65,536 weights with AdaGrad's sums of squared gradients, and four numbers."""

    learned: int
    weights: dict[int, float]
    squares: dict[int, float]
    ahead: list[float]


class ToneLearner:
    """Adjusts the lexicon's tone by what people corrected.

    The same corrections in the same order give the same adjustments. What was learned cannot be unlearned one by one:
    when a correction must be forgotten, learn the others afresh.

    Examples
    --------
    >>> learner = ToneLearner()
    >>> learner.adjusted(0.1, (7, 8))
    0.1
    >>> for number in range(20):
    ...     learner.learn(Correction(number, "acme", 0, "negative", 0.1, (7, 8)))
    >>> learner.adjusted(0.1, (7, 9)) < 0 < learner.adjusted(0.1, (1, 2))
    True
    """

    def __init__(self) -> None:
        # River ships no types. The intercept is the lexicon's, set before each use; it is never learned.
        self._model: Any = linear_model.LogisticRegression(optim.AdaGrad(RATE), l2=SHRINKAGE, intercept_lr=0.0)
        self._ahead = [0.0, 0.0, 0.0]
        self.learned = 0

    def adjusted(self, lexicon: float, features: Sequence[int], *, is_alarming: bool = False) -> float:
        """Return the tone of a text, -1 to 1.

        Parameters
        ----------
        lexicon
            What the lexicon says, -1 to 1.
        features
            Of the text.
        is_alarming
            The lexicon found words of alarm: what it calls negative stays so.
        """
        learned = self._learned(features) if self.learned else 0.0
        if learned == 0.0:
            return lexicon
        before, after = _chance(lexicon), min(_moved(lexicon, learned), _most(lexicon, is_alarming=is_alarming))
        trust = _trust(self._ahead[_place(lexicon)])
        return 2.0 * (before + trust * (after - before)) - 1.0

    def learn(self, correction: Correction) -> None:
        """Compare what both experts foretold, then learn."""
        if not correction.features:
            return
        wanted = {"negative": 0.0, "neutral": 0.5, "positive": 1.0}[correction.said]
        place = _place(correction.lexicon)
        most = _most(correction.lexicon, is_alarming=correction.is_alarming)
        after = min(_moved(correction.lexicon, self._learned(correction.features)), most)
        gain = _loss(_chance(correction.lexicon), wanted) - _loss(after, wanted)
        self._ahead[place] = max(-MOST, min(MOST, self._ahead[place] + gain))
        self._model.intercept = _logit(_chance(correction.lexicon))
        vector = dict.fromkeys(correction.features, 1.0)
        lesson = min(wanted, most)
        for said, weight in ((True, lesson), (False, 1.0 - lesson)):  # some of each: river's loss knows yes and no
            if weight:
                self._model.learn_one(vector, said, weight)
        self._model.intercept = 0.0
        self.learned += 1

    def snapshot(self) -> bytes:
        """Return the whole state as msgpack."""
        squares = {bucket: float(square) for bucket, square in sorted(self._model.optimizer.g2.items())}
        weights = dict(sorted(self._model.weights.items()))
        return msgspec.msgpack.encode(LearnerState(self.learned, weights, squares, self._ahead))

    def restore(self, state: bytes) -> None:
        """Take back a state that :meth:`snapshot` returned."""
        found = msgspec.msgpack.decode(state, type=LearnerState)
        self.learned, self._ahead = found.learned, found.ahead
        self._model = linear_model.LogisticRegression(optim.AdaGrad(RATE), l2=SHRINKAGE, intercept_lr=0.0)
        self._model.optimizer.g2.update(found.squares)
        for bucket, weight in found.weights.items():
            self._model._weights[bucket] = weight  # noqa: SLF001 (river offers no other way)

    def _learned(self, features: Sequence[int]) -> float:
        """Return the sum of the features' weights: what the model adds to the lexicon's logit."""
        added: float = self._model.predict_proba_one(dict.fromkeys(features, 1.0))[True]
        return _logit(added)


def _chance(tone: float) -> float:
    return max(1.0 - SURE, min(SURE, (1.0 + tone) / 2.0))


def _logit(chance: float) -> float:
    return math.log(chance / (1.0 - chance))


def _moved(lexicon: float, learned: float) -> float:
    """Return the chance of praise that the model sees."""
    return 1.0 / (1.0 + math.exp(-_logit(_chance(lexicon)) - learned))


def _place(lexicon: float) -> int:
    return 0 if lexicon < -LOUD else 2 if lexicon > LOUD else 1


def _most(lexicon: float, *, is_alarming: bool) -> float:
    """Return the greatest chance of praise that corrections can give."""
    return _chance(max(lexicon, CALLED)) if is_alarming and lexicon < -LOUD else 1.0


def _trust(ahead: float) -> float:
    return PRIOR / (PRIOR + (1.0 - PRIOR) * math.exp(-ahead))


def _loss(chance: float, wanted: float) -> float:
    chance = max(1e-12, min(1.0 - 1e-12, chance))
    return -wanted * math.log(chance) - (1.0 - wanted) * math.log1p(-chance)
