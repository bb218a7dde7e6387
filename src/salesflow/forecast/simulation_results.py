"""What `simulate` and `what_if` give: revenue as many draws, and which deals matter in it."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import floor
from typing import Any

import attrs

from salesflow.errors import MixedCurrencyError, OptionError, shown
from salesflow.forecast._numbers import is_number
from salesflow.forecast._schedules import from_units, mean_of
from salesflow.forecast.cash_bands import rank
from salesflow.metrics import Breakdown, Result
from salesflow.money import Money
from salesflow.periods import Period

_QUANTILES = (0.05, 0.5, 0.95)
_COVERAGE = 0.9
_HIDDEN = ("units", "places", "_futures")
_SHARED = ("period", "n_draws", "seed", "shock", "places", "as_of", "currency", "left_out")


def mean_money(units: Sequence[int], places: int, currency: str) -> Money:
    """The mean of amounts, rounded half up to the minor unit."""
    return Money(mean_of(sum(units), len(units), places, currency), currency)


@attrs.frozen(kw_only=True)
class DealInfluence(Result):
    """How much an open deal matters to the revenue of the period.

    Attributes:
        amount: what it brings if it is won.
        chance: that it is won in the period. [0..1]
        expected: amount × chance, rounded half up to the minor unit.
        variance_share: its share of the variance of the total, of which deals to come may have one
            too; None if the total does not vary.
    """

    amount: Money
    chance: float
    expected: Money
    variance_share: float | None


@attrs.frozen(kw_only=True)
class _Spread(Result):
    """Amounts of many draws.

    Attributes:
        period: the period.
        mean: the mean of all draws, rounded half up to the minor unit.
        n_draws: how many there are.
        seed: what they were drawn with.
        shock: how strong the shock is that deals share.
        units: what each draw brings, in units of the last decimal.
        places: how many decimals that is.
    """

    period: Period
    mean: Money
    n_draws: int
    seed: int
    shock: float
    units: tuple[int, ...] = attrs.field(repr=False)
    places: int = attrs.field(repr=False)

    def quantile(self, q: float) -> Money:
        """How much is it, with a chance of q that it is no more?

        **Definition**: the least amount that at least the share q of the draws does not exceed; it
        is the amount of one of them.

        Args:
            q: the share. [above 0, up to 1]

        Raises:
            OptionError: for a share that is none.
        """
        given: object = q
        if not is_number(given) or not 0 < given <= 1:
            msg = f"cannot take quantile {shown(q)}: it is no share above 0 and up to 1"
            raise OptionError(msg, hint="such as 0.9.", parameter="q", value=q)
        return self._money(self._ordered[rank(q, self.n_draws) - 1])

    def interval(self, coverage: float = _COVERAGE) -> tuple[Money, Money]:
        """Between which amounts is it, with a chance of ``coverage``?

        **Definition**: the quantiles that leave out as many draws below as above.

        Args:
            coverage: the share of draws in between. [above 0, below 1]

        Raises:
            OptionError: for a share that is none.
        """
        given: object = coverage
        if not is_number(given) or not 0 < given < 1:
            msg = f"cannot take coverage={shown(coverage)}: it is no share above 0 and below 1"
            raise OptionError(msg, hint="such as 0.9.", parameter="coverage", value=coverage)
        # As decimals, or the share below would be another than it is written.
        below = (1 - Decimal(repr(float(coverage)))) / 2
        return self.quantile(float(below)), self.quantile(float(1 - below))

    def chance_of(self, amount: Money) -> float:
        """How likely is it that this amount is reached, such as a quota?

        **Definition**: the share of draws that bring as much, or more.

        Args:
            amount: the amount.

        Raises:
            OptionError: for anything but Money.
            MixedCurrencyError: for Money of another currency.
        """
        given: object = amount
        if not isinstance(given, Money):
            msg = f"cannot tell the chance of {shown(amount)}: it is no Money"
            hint = f"give Money(100000, '{self.currency}') or so."
            raise OptionError(msg, hint=hint, parameter="amount", value=amount)
        if amount.currency != self.currency:
            msg = f"cannot tell the chance of {amount}: the revenue is in {self.currency}"
            currencies = (amount.currency, self.currency)
            hint = f"give it in {self.currency}."
            raise MixedCurrencyError(msg, hint=hint, currencies=currencies)
        n_less = bisect_left(self._ordered, amount, key=self._money)
        return (self.n_draws - n_less) / self.n_draws

    def to_dict(self) -> dict[str, Any]:
        """Its values by name, three of its quantiles among them: ``q05``, ``q50`` and ``q95``."""
        found: dict[str, Any] = {}
        for name, value in super().to_dict().items():
            if name not in _HIDDEN:
                found[name] = value
            if name == "mean":
                found |= {f"q{share * 100:02g}": self.quantile(share) for share in _QUANTILES}
        return found

    @cached_property
    def _ordered(self) -> list[int]:
        return sorted(self.units)

    def _money(self, units: int) -> Money:
        return Money(from_units(units, self.places), self.currency)


@attrs.frozen(kw_only=True)
class Simulation(_Spread):
    """The revenue of a period in many draws: what is won already, and what may be.

    Attributes:
        period: the period.
        mean: the mean of all draws, rounded half up to the minor unit.
        won: what is won already; it is in every draw.
        n_won: how many deals that is.
        n_open: how many open deals are drawn.
        new_per_day: how many deals come in a day, new and reopened; None unless they are drawn.
        inflow_spread: the standard deviation of how many come, beyond chance, as a share of their
            mean; None unless they are drawn.
        shock: how strong the shock is that deals share: the standard deviation of the logarithm of
            what their odds are multiplied by.
        n_draws: how many draws there are.
        seed: what they were drawn with.
        units: what each draw brings, in units of the last decimal.
        places: how many decimals that is.
    """

    won: Money
    n_won: int
    n_open: int
    new_per_day: float | None
    inflow_spread: float | None
    _futures: Any = attrs.field(eq=False, repr=False)

    def influences(self) -> Breakdown[DealInfluence]:
        """Which open deals matter most?

        **Definition**: those whose winning or not moves the total most: by their share of its
        variance, the covariance of a deal's revenue and the total ÷ the variance of the total. The
        shares of all deals, and of those to come, are 1 together. They are computed from the
        chances, not from the draws.

        Returns:
            A `DealInfluence` for each open deal that was drawn, by its id; the largest share first.

        References:
            D. Tasche, "Risk contributions and performance measurement" (1999): the contributions of
            the parts of a sum, which is Euler's division of its variance.
        """
        weights, prospects = self._futures.weights(), self._futures.prospects
        columns = (prospects.names, prospects.amounts, weights.chances, weights.covariances)
        found = [
            (name, self._influence(units, float(chance), float(covariance), weights.variance))
            for name, units, chance, covariance in zip(*columns, strict=True)
        ]
        found.sort(key=lambda named: -(named[1].variance_share or 0.0))
        blank = self._influence(0, 0.0, 0.0, 0.0)
        about: Any = {"as_of": self.as_of, "currency": self.currency, "left_out": self.left_out}
        return Breakdown(("deal_id",), dict(found), **about, blank=blank)

    def closings(self) -> Iterator[list[tuple[date, Money]]]:
        """Which wins come when, draw by draw?

        **Definition**: the wins that `mean` and `quantile` are made of, but those won already: each
        as the day it comes on, in the zone of the period, and its amount. They are drawn anew.

        Yields:
            For each draw the wins in it; what `cash_bands` takes.

        Example:
            >>> from salesflow import datasets
            >>> from salesflow.forecast import StageModel, cash_bands, simulate
            >>> data = datasets.make_deals(400, seed=1)
            >>> model = StageModel.fit(data.deals, as_of=data.as_of)
            >>> found = simulate(data.deals, model, Period.quarter(2026, 1), n=100, seed=7)
            >>> bands = cash_bands(found.closings(), as_of=data.as_of)
            >>> [str(month) for month in bands], bands.n_draws
            (['2026-01', '2026-02', '2026-03'], 100)
        """
        known: dict[int, Money] = {}
        for draw in self._futures.closings():
            yield [
                (day, known.get(units) or known.setdefault(units, self._money(units)))
                for day, units in draw
            ]

    def _influence(
        self, units: int, chance: float, covariance: float, variance: float
    ) -> DealInfluence:
        return DealInfluence(
            amount=self._money(units),
            chance=chance,
            expected=self._money(floor(units * Fraction(chance) + Fraction(1, 2))).round(),
            variance_share=units * covariance / variance if variance else None,
            as_of=self.as_of,
            currency=self.currency,
        )


@attrs.frozen(kw_only=True)
class WhatIf(_Spread):
    """How a change of the process changes the revenue of a period, draw by draw.

    Attributes:
        period: the period.
        mean: the mean change, rounded half up to the minor unit.
        before: the revenue as things are.
        after: the revenue with the change.
        shock: how strong the shock is that deals share.
        n_draws: how many draws there are.
        seed: what they were drawn with.
        units: the change in each draw, in units of the last decimal.
        places: how many decimals that is.
    """

    before: Simulation
    after: Simulation

    @classmethod
    def between(cls, before: Simulation, after: Simulation) -> "WhatIf":
        """What two simulations of the same deals, period and seed differ by, draw by draw."""
        pairs = zip(before.units, after.units, strict=True)
        units = tuple(later - earlier for earlier, later in pairs)
        return cls(
            mean=mean_money(units, before.places, before.currency),
            units=units,
            before=before,
            after=after,
            **{name: getattr(before, name) for name in _SHARED},
        )

    def to_dict(self) -> dict[str, Any]:
        """Its values by name, and of the revenue before and after the mean."""
        found = super().to_dict()
        means = {"before": self.before.mean, "after": self.after.mean}
        names = (name for name in found if not name.startswith(("before.", "after.")))
        return {**{name: found[name] for name in names}, **means}
