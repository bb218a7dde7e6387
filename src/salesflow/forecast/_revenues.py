"""What may bring revenue in a period: what is won already, open deals, and those like new ones."""

from collections import Counter
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from salesflow.errors import MixedCurrencyError, OptionError
from salesflow.forecast._comings import Coming, comings
from salesflow.forecast._schedules import to_units, unit_of
from salesflow.metrics._objects import DealRows
from salesflow.metrics.evaluate import rank_part
from salesflow.metrics.options import Call
from salesflow.models import Deal
from salesflow.models.durations import MICROSECONDS_A_DAY
from salesflow.models.past import Cut
from salesflow.money import XXX, Money
from salesflow.periods import Period

if TYPE_CHECKING:
    from salesflow.metrics.stats import Key

Priced = tuple[Deal, Decimal]
"""A deal, and its amount in the currency of its group."""

PricedComing = tuple[Coming, Decimal]
"""One time that a deal came, and its amount."""

T = TypeVar("T")

Pricer = Callable[[Deal], Money | None]
"""What tells the price of a deal that has no amount."""

_LOOK_BACK = 365 * MICROSECONDS_A_DAY
_LEAST = 28 * MICROSECONDS_A_DAY
_LEAST_PLACES = 2


@attrs.define
class Group:
    """The deals of a group.

    Attributes:
        currency: that of their amounts; empty without any.
        won: those won in the period already.
        open: the open ones.
        new: each time that one came lately, whatever became of it.
        left_out: the deals that are none of these though they might be, by reason.
    """

    currency: str = ""
    won: list[Priced] = attrs.field(factory=list)
    open: list[Priced] = attrs.field(factory=list)
    new: list[PricedComing] = attrs.field(factory=list)
    left_out: Counter[str] = attrs.field(factory=Counter)

    @cached_property
    def places(self) -> int:
        """How many decimals make all their amounts whole."""
        amounts = [amount for some in (self.won, self.open, self.new) for _, amount in some]
        currency = self.currency or XXX
        return max((unit_of(amount, currency)[0] for amount in amounts), default=_LEAST_PLACES)


def units_of(priced: Iterable[tuple[object, Decimal]], places: int) -> tuple[int, ...]:
    """Amounts in units of a last decimal."""
    return tuple(to_units(amount, places) for _, amount in priced)


class Revenues:
    """The deals of a call, by group.

    Args:
        data: the deals.
        call: the options of the call.
        period: the period.
        pricer: what tells the price of a deal that has no amount.
        has_new: whether deals are to come.

    Attributes:
        deals: all of them, as of the instant.
        groups: those of each key, in the order of the keys.
        currency: that of a group without amounts: the one of all others, if they have one.
        look_back: how far back deals are counted that came; None if no deal is to come.
            [microseconds]
        coming_ages: how long ago each of them came. [microseconds]

    Raises:
        MixedCurrencyError: if the amounts of a group are in several currencies.
        OptionError: if deals are to come and nobody knows how many.
    """

    def __init__(
        self, data: object, call: Call, period: Period, pricer: Pricer, *, has_new: bool
    ) -> None:
        assert call.as_of is not None  # noqa: S101 - it is the model's
        table = DealRows(data, call)
        self._call, self._pricer, self._period = call, pricer, period
        self._cut = Cut(call.as_of)
        self.deals: list[Deal] = [*table.root.rows]
        self.look_back = self._look_back() if has_new else None
        self.coming_ages: list[int] = []
        readers = [table.key_reader(name, at_opening=False) for name in call.by]
        found: dict[Key, Group] = {}
        for deal, amount in zip(self.deals, table.root.column("amount"), strict=True):
            group = found.setdefault(tuple(read(deal) for read in readers), Group())
            if deal.outcome != "lost":
                self._add(group, deal, amount)
            if self.look_back is not None:
                self._add_new(group, deal, amount, self.look_back)
        ranked = sorted(found, key=lambda key: [*map(rank_part, key)])
        self.groups = {key: found[key] for key in ranked}
        currencies = {group.currency for group in found.values()} - {""}
        known = currencies or {*table.root.column("currency")} - {None}
        self.currency: str = known.pop() if len(known) == 1 else XXX
        if call.rates is not None:
            self.currency = call.rates.base

    @property
    def per_day(self) -> float | None:
        """How often each of ``new`` comes again; None if no deal is to come. [a day]."""
        return None if self.look_back is None else MICROSECONDS_A_DAY / self.look_back

    def _look_back(self) -> int:
        """Over how many microseconds deals that are created are counted."""
        moments = ((deal.created_at, deal.created_precision) for deal in self.deals)
        ages = (self._cut.microseconds_since(*moment) for moment in moments)
        span = min(max((age for age in ages if age is not None), default=0), _LOOK_BACK)
        if span < _LEAST:
            msg = "cannot learn how many deals come: no deal was created 28 days ago or earlier"
            hint = "leave new_deals out, or give deals with created_at."
            raise OptionError(msg, hint=hint, parameter="new_deals", value=True)
        return span

    def _add(self, group: Group, deal: Deal, amount: Decimal | None) -> None:
        if deal.outcome == "open":
            self._put(group, group.open, deal, self._worth(deal, amount))
        elif deal.closed_at is None:
            group.left_out["no_closed_at"] += 1
        elif self._is_in_period(deal):
            self._put(group, group.won, deal, self._own(deal, amount), "won_")

    def _add_new(self, group: Group, deal: Deal, amount: Decimal | None, span: int) -> None:
        for coming in comings(deal, self._cut):
            if coming.age is not None:
                if coming.age >= span:
                    continue
                self.coming_ages.append(coming.age)
            worth = coming.lacks or self._worth(deal, amount)
            self._put(group, group.new, coming, worth, "new_")

    def _is_in_period(self, deal: Deal) -> bool:
        closed = deal.closed_at
        assert closed is not None  # noqa: S101 - others are left out
        return (closed.date() if deal.closed_precision == "day" else closed) in self._period

    @staticmethod
    def _put(
        group: Group,
        place: list[tuple[T, Decimal]],
        what: T,
        worth: tuple[Decimal, str] | str,
        prefix: str = "",
    ) -> None:
        if isinstance(worth, str):
            group.left_out[prefix + worth] += 1
            return
        amount, currency = worth
        group.currency = group.currency or currency
        if group.currency != currency:
            currencies = tuple(sorted((group.currency, currency)))
            msg = f"cannot add amounts in {' and '.join(currencies)}: they are several currencies"
            hint = "give rates=Rates(…), or by='currency'."
            raise MixedCurrencyError(msg, hint=hint, currencies=currencies)
        place.append((what, amount))

    def _own(self, deal: Deal, amount: Decimal | None) -> tuple[Decimal, str] | str:
        """The amount of a deal and its currency, or why it has none."""
        if deal.amount is None:
            return "no_amount"
        if amount is None:
            return "no_rate"
        rates = self._call.rates
        return amount, deal.amount.currency if rates is None else rates.base

    def _worth(self, deal: Deal, amount: Decimal | None) -> tuple[Decimal, str] | str:
        """The same, by its price where it has no amount."""
        price = self._pricer(deal) if deal.amount is None else None
        if price is None:
            return self._own(deal, amount)
        rates = self._call.rates
        if rates is None:
            return price.amount, price.currency
        day = rates.day_of(self._cut.at)
        converted: Any = rates.convert_amount(price.amount, price.currency, day)
        return "no_rate" if converted is None else (converted, rates.base)
