"""From an amount and its terms to what is due on which day."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from salesflow.money import EXACT, minor_unit

if TYPE_CHECKING:
    from salesflow.forecast.terms import PaymentTerms

_LEAST_PLACES = 2  # of a currency without a minor unit

Share = tuple[int, int]
"""A share as numerator and denominator, which are quicker to compute with than a fraction."""


class Plan(NamedTuple):
    """The days on which something is due, and the share that is paid by each; the last is 1."""

    days: tuple[date, ...]
    shares: tuple[Share, ...]


class Schedules:
    """The days on which deals of any terms are paid, each found once."""

    def __init__(self) -> None:
        self._known: dict[tuple[PaymentTerms, date], Plan] = {}

    def plan(self, terms: "PaymentTerms", signed_on: date) -> Plan:
        """The days in their order.

        Raises:
            PeriodError: if one lies after the year 9999.
        """
        key = (terms, signed_on)
        if key not in self._known:
            dues: dict[date, Fraction] = {}
            for payment in terms.payments:
                for day, share in payment.dues(signed_on):
                    dues[day] = dues.get(day, Fraction(0)) + share
            days = sorted(dues)
            paid = accumulate(dues[day] for day in days)
            self._known[key] = Plan((*days,), (*(share.as_integer_ratio() for share in paid),))
        return self._known[key]

    def parts(
        self, terms: "PaymentTerms", signed_on: date, amount: Decimal, currency: str
    ) -> Iterator[tuple[date, Decimal]]:
        """What is due of an amount, by day; nothing that comes to 0."""
        plan = self.plan(terms, signed_on)
        finest, step = unit_of(amount, currency)
        units = split(to_units(amount, finest), step, plan.shares)
        return (
            (day, from_units(part, finest))
            for day, part in zip(plan.days, units, strict=True)
            if part
        )


def unit_of(amount: Decimal, currency: str) -> tuple[int, int]:
    """How many decimals make an amount whole, and how many of these units its parts are whole in.

    Parts are whole minor units of the currency; an amount may have more decimals.
    """
    own = max(0, -int(amount.as_tuple().exponent))
    minor = minor_unit(currency)
    places = max(own, _LEAST_PLACES) if minor is None else minor
    finest = max(own, places)
    return finest, 10 ** (finest - places)


def to_units(amount: Decimal, places: int) -> int:
    """An amount in units of its last decimal."""
    return int(EXACT.scaleb(amount, places))


def from_units(units: int, places: int) -> Decimal:
    """The amount that so many units are."""
    return EXACT.scaleb(Decimal(units), -places)


def split(units: int, step: int, shares: Iterable[Share]) -> list[int]:
    """The parts of an amount, from the shares paid by each day.

    By each day its share is paid, rounded half up to whole steps, and by the last one all is.
    """
    whole = abs(units)
    twice = 2 * whole
    paid = []
    for numerator, denominator in shares:
        below = denominator * step
        paid.append((twice * numerator + below) // (2 * below) * step)
    paid[-1] = whole
    parts = [later - before for before, later in zip([0, *paid], paid, strict=False)]
    return parts if units >= 0 else [-part for part in parts]
