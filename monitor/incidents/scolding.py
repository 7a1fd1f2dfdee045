"""Do those who answer the brand scold it? A launch draws answers too: applause and questions.

They do when answers without praise are in the majority beyond doubt, that is, when the lower end of the exact interval
of Clopper and Pearson of their share lies above one half. An answer without any tone, such as a question, says half as
much as a sour one, and so does one that may be ironic: its tone is uncertain.

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
from monitor.topics import Match

__all__ = ["is_scolding", "tones_of"]

DOUBT: Final = 0.05
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
    (True, False, True)
    >>> is_scolding(20, 0, 10), is_scolding(0, 20, 10)
    (True, False)
    """
    cool = sour + toneless / 2
    scale = min(1.0, LARGEST_SAMPLE / max(1.0, cool + glad))
    return cool > glad and _chance_of_majority(cool * scale, int(glad * scale)) <= DOUBT


def _chance_of_majority(these: float, those: int) -> float:
    """Return the chance that `these` are heard before more than `those`, were both equally usual."""
    term = total = math.pow(2.0, -these)
    for number in range(1, those + 1):
        term *= (these + number - 1) / number / 2
        total += term
    return total
