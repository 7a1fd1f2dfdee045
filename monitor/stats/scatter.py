"""How far counts scatter around their expectation: clustering (retweets come in bunches) and unsteadiness.

The squared miss of a window with expectation ``M`` is modelled as ``E[(Y - M)^2] = M + c M + a M^2``: chance alone
gives ``M``, arrivals in bunches multiply it by ``1 + c``, and a rate that wanders adds ``a M^2``. Both are fitted
online by weighted least squares with exponential forgetting. Seen as a negative binomial, a window of expectation M
has scatter ``a + c / M``: the quiet of the night is relatively rougher than the day.

References
----------
.. [1] A. C. Cameron, P. K. Trivedi, Regression Analysis of Count Data, 2nd ed. 2013, section 3.3 (NB1 and NB2).
"""

from __future__ import annotations

from typing import Final

import msgspec

__all__ = ["Scatter"]

# Before anything was seen, with the weight of twenty windows: bunches of one and a half on average, and a rate that
# wanders by seven tenths of itself (0.7^2 = 0.5; recorded counts of brands lie between 0.2 and 1.8).
PRIOR_BUNCHING: Final = 0.5
PRIOR_WANDERING: Final = 0.5
PRIOR_WEIGHT: Final = 20.0


class Scatter(msgspec.Struct, array_like=True):
    """Normal equations of the two-parameter fit.

    A window weighs ``1 / (M (1 + M)^3)``, about the inverse variance of its squared miss: ``M`` where counts are
    rare, ``M^4`` where they are many.
    """

    s11: float = 0.0
    s12: float = 0.0
    s22: float = 0.0
    t1: float = 0.0
    t2: float = 0.0

    def learn(self, mean: float, excess: float, windows: int, keep: float) -> None:
        """Take `windows` windows of expectation `mean`, over which ``(Y - M)^2 - M`` added up to `excess`."""
        damped = 1.0 / (1.0 + mean) ** 3
        self.s11 = keep * self.s11 + windows * mean * damped
        self.s12 = keep * self.s12 + windows * mean * mean * damped
        self.s22 = keep * self.s22 + windows * mean * mean * mean * damped
        self.t1 = keep * self.t1 + excess * damped
        self.t2 = keep * self.t2 + excess * mean * damped

    def fade(self, keep: float) -> None:
        """Forget, as windows that held nothing and should have held nothing would let forget."""
        self.s11 *= keep
        self.s12 *= keep
        self.s22 *= keep
        self.t1 *= keep
        self.t2 *= keep

    def fit(self) -> tuple[float, float]:
        """Return (c, a), neither negative.

        Examples
        --------
        >>> Scatter().fit()
        (0.5, 0.5)
        """
        s11 = self.s11 + PRIOR_WEIGHT / 8.0  # twenty windows of expectation one
        s22 = self.s22 + PRIOR_WEIGHT
        t1 = self.t1 + PRIOR_BUNCHING * PRIOR_WEIGHT / 8.0
        t2 = self.t2 + PRIOR_WANDERING * PRIOR_WEIGHT
        determinant = s11 * s22 - self.s12 * self.s12
        c = (t1 * s22 - t2 * self.s12) / determinant
        a = (t2 * s11 - t1 * self.s12) / determinant
        if c < 0.0:
            return 0.0, max(0.0, t2 / s22)
        if a < 0.0:
            return max(0.0, t1 / s11), 0.0
        return c, a
