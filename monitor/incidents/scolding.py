"""Do those who answer the brand scold it? A launch draws answers too, applause and questions, and so does a contest.

They do when two things hold beyond doubt, that is, by the lower end of the exact interval of Clopper and Pearson:

* answers without praise are in the majority; one without any tone, such as a question, says half as much as a sour one,
  and so does one that may be ironic: its tone is uncertain;
* more are sour than would be if nobody scolded: of neutral posts one in five is read as negative.

References
----------
.. [1] C. J. Clopper, E. S. Pearson, The use of confidence or fiducial limits illustrated in the case of the binomial,
   Biometrika 26 (1934) 404-413.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

from monitor.signals.negative_share import NEGATIVE
from monitor.stats.negative_binomial import log_tail
from monitor.topics import Match

__all__ = ["is_scolding", "tones_of"]

DOUBT: Final = 0.05
MISREAD: Final = 0.2
"""Share of neutral posts that are read as negative (``python -m tests.benchmarks.tone``: 19 % in either language)."""
LARGEST_SAMPLE: Final = 500  # beyond it the shares say it all; the sample is scaled, which errs on the side of doubt


def tones_of(answers: Iterable[Match]) -> tuple[int, int, int]:
    """Return how many are sour, how many toneless (or perhaps ironic), and how many glad."""
    tones = [0.0 if match.is_ironic else match.tone for match in answers]
    sour, glad = sum([tone < NEGATIVE for tone in tones]), sum([tone > -NEGATIVE for tone in tones])
    return sour, len(tones) - sour - glad, glad


def is_scolding(sour: int, toneless: int, glad: int) -> bool:
    """Tell whether so many answers, by their tone, are scolding.

    Examples
    --------
    >>> is_scolding(5, 0, 0), is_scolding(1, 4, 0), is_scolding(0, 30, 0)
    (True, False, False)
    >>> is_scolding(20, 0, 10), is_scolding(20, 30, 10), is_scolding(20, 60, 10)
    (True, True, False)
    """
    cool, answers = sour + toneless / 2, sour + toneless + glad
    if cool <= glad or _chance_of_majority(*_scaled(cool, glad)) > DOUBT:
        return False
    return _chance_misread(*_scaled(sour, answers - sour)) <= DOUBT


def _scaled(these: float, those: float) -> tuple[float, float]:
    """Return as many of either, in the same proportion, as a sample of the largest size holds."""
    scale = min(1.0, LARGEST_SAMPLE / max(1.0, these + those))
    return these * scale, those * scale


def _chance_misread(sour: float, others: float) -> float:
    """Return the chance that so many or more of the answers are read as sour though nobody scolds.

    That is, that so many are heard before more than `others`: a tail of the binomial distribution written as one of
    the negative binomial, which needs no whole numbers.
    """
    return math.exp(log_tail(sour, (others + 1) * MISREAD / (1.0 - MISREAD), 1.0 / (others + 1)))


def _chance_of_majority(these: float, those: float) -> float:
    """Return the chance that `these` are heard before more than `those`, were both equally usual."""
    return -math.expm1(log_tail(those + 1, these, 1.0 / these))
