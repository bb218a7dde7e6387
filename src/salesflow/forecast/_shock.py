"""What all deals share: a shock to their odds that leaves each one's chance what it is.

This module needs numpy.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from salesflow.forecast._risks import Real
from salesflow.forecast._uniforms import RANGE, Drawn, normals

_STEP, _REACH = 0.25, 32
_NEWTON = 8
_HALF = 0.5
_BATCH = 4_096


class Shock:
    """The shock of each draw, and what it makes of a chance.

    **Definition**: in a draw, the odds that a deal is won by any day are multiplied by one and the
    same number for all deals, exp(strength × Z), for a normal Z with mean 0 and variance 1. What
    they are multiplied from is such that the mean over all shocks is the chance F of the deal: the
    odds exp(d) for which F is the mean of 1 ÷ (1 + exp(-d - strength × Z)). So a shock makes deals
    go together, and changes the chance of none.

    Means over Z are sums over steps of 1/4 from -8 to 8, which are as good as exact.

    Args:
        strength: how strong it is. [0 or more]

    References:
        P. J. Heagerty, "Marginally specified logistic-normal models for longitudinal binary data",
        Biometrics 55 (1999).
    """

    def __init__(self, strength: float) -> None:
        self.strength = strength
        steps = _STEP * np.arange(-_REACH, _REACH + 1) if strength else np.zeros(1)
        shares = np.exp(-(steps**2) / 2)
        self.shares = shares / shares.sum()
        """How likely each level is."""
        self.levels: Real = np.exp(-strength * steps)
        """What the odds are divided by in shocks that stand for all."""

    def divisors(self, drawn: Drawn) -> Real:
        """What the odds are divided by in each draw."""
        if not self.strength:
            return np.ones(len(drawn))
        return np.exp(-self.strength * normals(drawn))

    def middle(self, chances: Real) -> Real:
        """The chances in a draw that multiplies odds by 1."""
        flat = chances.reshape(-1)
        parts = [
            self._middle(flat[start : start + _BATCH]) for start in range(0, len(flat), _BATCH)
        ]
        return np.concatenate([*parts, flat[:0]]).reshape(chances.shape)

    def shifted(self, middles: Real, divisors: Any) -> Real:
        """The chances under shocks, from those where odds are multiplied by 1."""
        if not self.strength:
            return middles
        found: Real = (1.0 - middles) * divisors
        found += middles
        np.divide(middles, found, out=found)
        return found

    def is_below(self, drawn: Drawn, middles: Real, divisors: Any) -> NDArray[np.bool_]:
        """Whether numbers that were drawn are below the chances under shocks."""
        if not self.strength:
            return drawn < middles * RANGE
        # As `shifted`, without the quotient, which is the slowest part.
        scaled: Real = (1.0 - middles) * divisors
        scaled += middles
        scaled *= drawn
        return scaled < middles * RANGE

    def undone(self, chances: Real, divisors: Real) -> Real:
        """The chances over all shocks, from those under some; neither is 0 or 1."""
        if not self.strength:
            return chances
        odds = chances / (1.0 - chances) * divisors
        return self._mean(odds)

    def _mean(self, odds: Real) -> Real:
        """The chances over all shocks, from the odds that they multiply."""
        found: Real = (odds[:, None] / (odds[:, None] + self.levels)) @ self.shares
        return found

    def _middle(self, chances: Real) -> Real:
        if not self.strength:
            return chances
        # Shocks are symmetric, and a chance near 0 has more digits than one near 1.
        is_high = chances > _HALF
        low = np.where(is_high, 1.0 - chances, chances)
        is_open = low > 0
        wanted = np.log(low[is_open]) - np.log1p(-low[is_open])
        logits = wanted.copy()
        for _ in range(_NEWTON):
            under = 1.0 / (1.0 + np.exp(-logits)[:, None] * self.levels)
            mean, slope = under @ self.shares, (under * (1.0 - under)) @ self.shares
            error = np.log(mean) - np.log1p(-mean) - wanted
            logits -= error * mean * (1.0 - mean) / slope
        low[is_open] = 1.0 / (1.0 + np.exp(-logits))
        found: Real = np.where(is_high, 1.0 - low, low)
        return found
