"""`Prospects`: open deals, and what they draw.

This module needs numpy.
"""

import attrs
import numpy as np
from numpy.typing import NDArray

from salesflow.forecast._draws import Draws
from salesflow.forecast._risks import Real, Whole
from salesflow.forecast._uniforms import RANGE, Drawn


@attrs.frozen(eq=False)
class Prospects:
    """Open deals.

    Attributes:
        names: their ids.
        amounts: their amounts, in units.
        before: the chance that each is won before the period, where a shock multiplies its odds by
            1. [deal]
        by_end: the same by the end of the period. [deal]
        curves: the chance that it is won by the end of each day. [deal, day from 0 on]
    """

    names: tuple[str, ...]
    amounts: tuple[int, ...]
    before: Real
    by_end: Real
    curves: NDArray[np.float32]

    def in_period(self, rows: range, draws: Draws) -> Real:
        """The chances of some deals to be won in the period, in each draw.

        [deal, draw]
        """
        where = slice(rows.start, rows.stop)
        return draws.chances(self.by_end[where]) - draws.chances(self.before[where])

    def won(self, rows: range, draws: Draws) -> tuple[Drawn, NDArray[np.bool_]]:
        """The number that each of some deals draws, and whether it wins in the period by it.

        It does if the number is below its chance by the end, and not below the one before; so one
        with a better chance wins wherever it did with a worse one. [deal, draw]
        """
        drawn = np.empty((len(rows), len(draws)), np.uint32)
        for place, row in enumerate(rows):
            drawn[place] = draws.uniforms(f"deal:{self.names[row]}")
        where = slice(rows.start, rows.stop)
        is_won = draws.is_below(drawn, self.by_end[where])
        before = self.before[where]
        if before.any():
            is_won &= ~draws.is_below(drawn, before)
        return drawn, is_won

    def moments(self, rows: Whole, drawn: Drawn, draws: Draws, columns: Whole) -> Real:
        """When wins come that were drawn, in days: where the deal's curve reaches the number."""
        shares = draws.shock.undone(
            (drawn.astype(np.float64) + 0.5) / RANGE, draws.divisors[columns]
        )
        curves = self.curves[rows]
        days = np.clip((curves < shares[:, None]).sum(axis=1), 1, curves.shape[1] - 1)
        every = np.arange(len(rows))
        below, above = curves[every, days - 1], curves[every, days]
        part = (shares - below) / np.where(above > below, above - below, 1.0)
        found: Real = days - 1 + np.clip(part, 0.0, 1.0)
        return found
