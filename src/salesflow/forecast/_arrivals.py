"""`Arrivals`: deals that may still come, and what they draw.

This module needs numpy.
"""

from collections.abc import Iterator
from itertools import groupby
from math import log1p, sqrt

import attrs
import numpy as np

from salesflow.forecast._draws import Draws
from salesflow.forecast._risks import Real, Whole
from salesflow.forecast._uniforms import RANGE, Drawn, normals

MOST_AT_ONCE = 1_000_000
"""More deals like one that came before are never won in one draw: 32 bits draw no such number."""


@attrs.frozen(eq=False)
class Arrivals:
    """Deals that may still come: each is like one that came before, and comes as often as that did.

    Of deals that come at a rate of r a day from now on, each won within x days with a chance of
    F(x), the wins in the period are a process of Poisson, and their mean is r times the sum of F(x)
    over the days x from the beginning of the period to its end. How often one comes that came once
    in D days is itself uncertain: r has an exponential distribution of the mean 1 ÷ D, so that the
    wins have a geometric one. All rates together are then as uncertain as their number says, and
    so is the mean of their amounts: it is the Bayesian bootstrap of those that came.

    In each draw all rates are multiplied by one and the same number, whose mean is 1: as the number
    of deals that come differs from time to time by more than chance.

    Attributes:
        names: what those before are called.
        amounts: their amounts, in units.
        kinds: which of the curves each follows; ascending.
        moments: days from now on: the beginning of the period, its days, and its end.
        curves: the chance of each kind that one is won within so many days, where odds are
            multiplied by 1. [kind, moment]
        per_day: how often each of them comes again. [a day]
        spread: the standard deviation of what all rates are multiplied by.

    References:
        D. B. Rubin, "The Bayesian bootstrap", Annals of Statistics 9 (1981).
    """

    names: tuple[str, ...]
    amounts: tuple[int, ...]
    kinds: tuple[int, ...]
    moments: Real
    curves: Real
    per_day: float
    spread: float

    def expected(self, kind: int, draws: Draws) -> Real:
        """How often deals like one of a kind are expected to be won in the period, by draw.

        As if rates were multiplied by 1.
        """
        found = np.zeros(len(draws))
        earlier = draws.chances(self.curves[kind, :1])[0]
        for day in range(1, len(self.moments)):
            later = draws.chances(self.curves[kind, day : day + 1])[0]
            found += (self.moments[day] - self.moments[day - 1]) * (earlier + later) / 2
            earlier = later
        return self.per_day * found

    def won(self, draws: Draws) -> Iterator[tuple[int, Whole]]:
        """How often each is won in the period, by draw."""
        factors = self._factors(draws)
        for kind, rows in self._by_kind():
            means = factors * self.expected(kind, draws)
            for row in rows:
                yield row, _counts(draws.uniforms(f"new:{self.names[row]}"), means)

    def revenue(self, draws: Draws) -> tuple[Real, Real]:
        """The revenue expected in each draw, and its variance there."""
        mean, variance = np.zeros((2, len(draws)))
        for kind, rows in self._by_kind():
            amounts = [float(self.amounts[row]) for row in rows]
            means = self.expected(kind, draws)
            mean += sum(amounts) * means
            squares = (1.0 + self.spread**2) * means**2
            variance += sum(amount**2 for amount in amounts) * (means + squares)
        return mean, variance + (self.spread * mean) ** 2

    def wins(self, draws: Draws) -> Iterator[tuple[Whole, Whole, Real]]:
        """The wins of each kind: the rows, the draws, and the days they come.

        Within a draw, wins come as often as the chance says that a deal is won within so many
        days; each has a number of its own, which is the share of them that comes before it.
        """
        for kind, some in groupby(self.won(draws), key=lambda found: self.kinds[found[0]]):
            rows, columns, drawn = [], [], []
            for row, counts in some:
                for number in range(int(counts.max(initial=0))):
                    places = np.flatnonzero(counts > number)
                    rows.append(np.full(len(places), row))
                    columns.append(places)
                    drawn.append(draws.uniforms(f"new:{self.names[row]}:{number}")[places])
            if rows:
                where = np.concatenate(columns)
                shares = (np.concatenate(drawn).astype(np.float64) + 0.5) / RANGE
                moments = self._moments(kind, draws, where, shares)
                yield np.concatenate(rows), where, moments

    def _factors(self, draws: Draws) -> Real:
        """What rates are multiplied by in each draw: lognormal numbers, whose mean is 1."""
        variance = log1p(self.spread**2)
        steps = sqrt(variance) * normals(draws.uniforms("inflow"))
        found: Real = np.exp(steps - variance / 2)
        return found

    def _by_kind(self) -> Iterator[tuple[int, Iterator[int]]]:
        yield from groupby(range(len(self.names)), key=self.kinds.__getitem__)

    def _moments(self, kind: int, draws: Draws, columns: Whole, shares: Real) -> Real:
        """When a share of the wins of each of some draws has come."""
        some = attrs.evolve(draws, divisors=draws.divisors[columns])
        chances = some.chances(self.curves[kind]) + np.zeros(len(columns))
        lasts = np.diff(self.moments)[:, None]
        so_far = np.cumsum(lasts * (chances[1:] + chances[:-1]) / 2, axis=0)
        wanted = shares * so_far[-1]
        step = (so_far < wanted).sum(axis=0).clip(max=len(lasts) - 1)
        before = np.vstack((np.zeros(len(columns)), so_far))
        every = np.arange(len(columns))
        begun, done = before[step, every], before[step + 1, every]
        found: Real = self.moments[step] + lasts[step, 0] * (wanted - begun) / (done - begun)
        return found


def _counts(drawn: Drawn, means: Real) -> Whole:
    """Numbers of the geometric distribution: as many as its shares add up to what was drawn."""
    shares = drawn / RANGE
    once_more = means / (1.0 + means)
    beyond, counts = once_more, np.zeros(len(drawn), np.int64)
    while (more := shares >= 1.0 - beyond).any():
        counts += more
        beyond = beyond * once_more
    return counts
