"""What `cash` and `cash_bands` give: cash by the day, week, month or longer that it is due in."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

import attrs

from salesflow.errors import OptionError, closest, one_of, shown
from salesflow.metrics import Breakdown, Result
from salesflow.money import Money

Span = Literal["day", "week", "month", "quarter", "half", "year"]
"""What a curve of cash has a row for."""

BandSpan = Literal["week", "month", "quarter", "half", "year"]
"""What bands have a row for."""


@attrs.frozen
class CashPayment:
    """One part of the amount of a deal.

    Attributes:
        deal_id: whose it is.
        outcome: ``won``, or ``open`` where it is only expected.
        due_on: the day it is due.
        amount: how much; of an open deal by its chance.
    """

    deal_id: str
    outcome: Literal["won", "open"]
    due_on: date
    amount: Money


@attrs.frozen
class CashFlow(Result):
    """What is due in a span of time.

    Attributes:
        won: from deals that are won.
        expected: from open ones, each by its chance.
        total: both together.
        cumulated: the total of all spans up to this one.
        n_payments: how many payments that are.
    """

    won: Money
    expected: Money
    total: Money
    cumulated: Money
    n_payments: int


@attrs.frozen(eq=False, repr=False)
class CashCurve(Breakdown[CashFlow]):
    """A `CashFlow` for each span in which something is due, in order.

    The keys are periods, those in which nothing is due among them; by day, dates on which something
    is. With ``by``, the group stands before them: ``found["EUR", month]``.

    Attributes:
        payments: every `CashPayment`, in the order of the deals; of one, by day.
    """

    payments: tuple[CashPayment, ...] = attrs.field(kw_only=True)
    _behind: Mapping[Any, tuple[CashPayment, ...]] = attrs.field(kw_only=True)

    def behind(self, key: Any) -> tuple[CashPayment, ...]:
        """Which payments are behind a row; they add up to it.

        Raises:
            OptionError: for a row that there is not.
        """
        if not self._has(key):
            msg = f"cannot list the payments behind {shown(key)}: the curve has no such row"
            by_text = [str(known) for known in self]
            near = closest(shown(key), by_text) if by_text else ()
            hint = f"there is {one_of(near)}." if near else None
            raise OptionError(msg, hint=hint, parameter="key", value=key)
        return self._behind.get(key, ())

    @property
    def won(self) -> Money:
        """What is due from won deals, all together.

        Raises:
            MixedCurrencyError: if the rows are in several currencies.
        """
        return self._sum("won")

    @property
    def expected(self) -> Money:
        """What is due from open deals, each by its chance, all together; raises as ``won``."""
        return self._sum("expected")

    @property
    def total(self) -> Money:
        """All that is due; raises as ``won``."""
        return self._sum("total")

    def _has(self, key: Any) -> bool:
        try:
            return key in self
        except TypeError:  # what cannot be hashed is no key
            return False

    def _sum(self, name: str) -> Money:
        amounts = [getattr(flow, name) for flow in self.values()]
        return sum(amounts[1:], amounts[0]) if amounts else Money.zero(self.currency)


@attrs.frozen
class CashBand(Result):
    """What is due in a span of time, in many simulated futures.

    Attributes:
        mean: the mean of them, rounded half up to the minor unit.
        quantiles: by share, the least amount that at least so many of them do not exceed.
        cumulated_mean: the mean of what is due in all spans up to this one.
        cumulated: the quantiles of that, which are not the sums of the others.
    """

    mean: Money
    quantiles: Mapping[float, Money]
    cumulated_mean: Money
    cumulated: Mapping[float, Money]

    def to_dict(self) -> dict[str, Any]:
        """Its values by name, each quantile under one of its own: ``q10``, ``cumulated_q10`` …."""
        found: dict[str, Any] = {}
        for name, value in super().to_dict().items():
            if name == "quantiles":
                found |= {f"q{share * 100:g}": money for share, money in value.items()}
            elif name == "cumulated":
                found |= {f"cumulated_q{share * 100:g}": money for share, money in value.items()}
            else:
                found[name] = value
        return found


@attrs.frozen(eq=False, repr=False)
class CashBands(Breakdown[CashBand]):
    """A `CashBand` for each period, from the first in which something is due to the last.

    Attributes:
        n_draws: how many futures they are made of.
    """

    n_draws: int = attrs.field(kw_only=True)

    def _shown_notes(self) -> list[str]:
        return [*super()._shown_notes(), f"of {self.n_draws} draws"]
