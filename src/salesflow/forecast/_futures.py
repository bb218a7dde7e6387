"""`Futures`: what becomes of the deals of a group, in many draws.

This module needs numpy.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, NamedTuple

import attrs
import numpy as np

from salesflow.forecast._arrivals import MOST_AT_ONCE, Arrivals
from salesflow.forecast._draws import Draws, in_chunks, in_parts
from salesflow.forecast._prospects import Prospects
from salesflow.forecast._risks import Real
from salesflow.forecast._shock import Shock
from salesflow.forecast._uniforms import Uniforms
from salesflow.forecast._window import Window


class Weights(NamedTuple):
    """How much each open deal matters."""

    chances: Real
    """That it is won in the period."""
    covariances: Real
    """Of whether it is won, and the total. [units]"""
    variance: float
    """Of the total. [units²]"""


@attrs.frozen(eq=False)
class Futures:
    """The deals of a group, and all it takes to draw what becomes of them."""

    prospects: Prospects
    arrivals: Arrivals
    shock: Shock
    window: Window
    seed: int
    n_draws: int

    def totals(self, tick: Callable[[int], None]) -> tuple[int, ...]:
        """The revenue of each draw, in units: exact sums of whole numbers.

        Args:
            tick: is told how many deals were drawn.
        """
        exact = self._exact()
        sums: Any = np.zeros(self.n_draws, exact)
        amounts, new = (np.array(of.amounts, exact) for of in (self.prospects, self.arrivals))
        draws = Draws.of(self.seed, self.shock, 0, self.n_draws)
        for rows in in_chunks(len(amounts), self.n_draws):
            _, is_won = self.prospects.won(rows, draws)
            sums += amounts[rows.start : rows.stop] @ is_won
            tick(len(rows))
        for row, counts in self.arrivals.won(draws):
            sums += counts.astype(exact) * new[row]
            tick(1)
        return tuple(sums.tolist())

    def closings(self) -> Iterator[list[tuple[date, int]]]:
        """The day and the amount of each win, draw by draw."""
        n_deals = len(self.prospects.amounts) + len(self.arrivals.amounts)
        for start, stop in in_parts(self.n_draws, n_deals):
            draws = Draws.of(self.seed, self.shock, start, stop)
            found: list[list[tuple[date, int]]] = [[] for _ in range(len(draws))]
            for wins in self._wins(draws):
                for amount, column, moment in zip(*wins, strict=True):
                    found[column].append((self.window.date_at(moment), amount))
            yield from found

    def weights(self) -> Weights:
        """How much each open deal matters, by the chances themselves: no draw has a part in it."""
        n = len(self.prospects.amounts)
        amounts = np.array([float(amount) for amount in self.prospects.amounts])
        draws = Draws(self.shock, self.shock.levels, 0, Uniforms(self.seed))
        shares = self.shock.shares
        new, new_variances = self.arrivals.revenue(draws)
        means = new
        for rows in in_chunks(n, len(draws)):
            means = means + amounts[rows.start : rows.stop] @ self.prospects.in_period(rows, draws)
        means = means - means @ shares
        varies = bool(new_variances.any())
        chances, covariances = np.zeros((2, n))
        for rows in in_chunks(n, len(draws)):
            where = slice(rows.start, rows.stop)
            found = self.prospects.in_period(rows, draws)
            chances[where] = np.minimum(found @ shares, 1.0)
            alone = (found * (1.0 - found)) @ shares
            varies |= bool(alone.any())
            covariances[where] = amounts[where] * alone + (found * means) @ shares
        variance = float(amounts @ covariances + (new_variances + new * means) @ shares)
        return Weights(chances, covariances, variance if varies else 0.0)

    def _exact(self) -> Any:
        """The type that holds any sum of the amounts: 64 bits, or else Python's own integers."""
        most = sum(map(abs, self.prospects.amounts))
        most += MOST_AT_ONCE * sum(map(abs, self.arrivals.amounts))
        return np.int64 if most < 2**63 else object

    def _wins(self, draws: Draws) -> Iterator[tuple[list[int], list[int], list[float]]]:
        """The amounts of wins, the places of their draws, and when they come."""
        for rows in in_chunks(len(self.prospects.amounts), len(draws)):
            drawn, is_won = self.prospects.won(rows, draws)
            places, columns = np.nonzero(is_won)
            which = places + rows.start
            moments = self.prospects.moments(which, drawn[places, columns], draws, columns)
            amounts = [self.prospects.amounts[row] for row in which.tolist()]
            yield amounts, columns.tolist(), moments.tolist()
        for which, columns, moments in self.arrivals.wins(draws):
            amounts = [self.arrivals.amounts[row] for row in which.tolist()]
            yield amounts, columns.tolist(), moments.tolist()
