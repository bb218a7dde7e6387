"""From an amount and its terms to what is due on which day."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, repeat
from math import lcm
from typing import TYPE_CHECKING, NamedTuple

from salesflow.money import EXACT, divide, minor_unit

if TYPE_CHECKING:
    from salesflow.forecast.terms import PaymentTerms

_LEAST_PLACES = 2  # of a currency without a minor unit
_MOST_KEPT = 10_000  # parts that a splitter keeps, some hundred kilobytes

Share = tuple[int, int]
"""A share as numerator and denominator, which are quicker to compute with than a fraction."""


class Plan(NamedTuple):
    """The days on which something is due, and the share that is paid by each; the last is 1."""

    days: tuple[date, ...]
    shares: tuple[Share, ...]


def plan_of(terms: "PaymentTerms", signed_on: date) -> Plan:
    """The days on which a deal is paid, in their order.

    Raises:
        PeriodError: if one lies after the year 9999.
    """
    dues: dict[date, Fraction] = {}
    for payment in terms.payments:
        for day, share in payment.dues(signed_on):
            dues[day] = dues.get(day, Fraction(0)) + share
    days = sorted(dues)
    paid = accumulate(dues[day] for day in days)
    return Plan((*days,), (*(share.as_integer_ratio() for share in paid),))


class Schedules:
    """What is due of deals of any terms; each plan is made once."""

    def __init__(self) -> None:
        self._known: dict[tuple[PaymentTerms, date], Plan] = {}

    def parts(
        self, terms: "PaymentTerms", signed_on: date, amount: Decimal, currency: str
    ) -> Iterator[tuple[date, Decimal]]:
        """What is due of an amount, by day; nothing that comes to 0.

        Raises:
            PeriodError: if a day lies after the year 9999.
        """
        key = (terms, signed_on)
        if key not in self._known:
            self._known[key] = plan_of(terms, signed_on)
        plan = self._known[key]
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


def all_to_units(amounts: Iterable[Decimal], places: int) -> list[int]:
    """Many amounts in units of a last decimal; multiplying is quicker than shifting."""
    factor = Decimal((0, (1,), places))
    return [*map(int, map(EXACT.multiply, amounts, repeat(factor)))]


def from_units(units: int, places: int) -> Decimal:
    """The amount that so many units are."""
    return EXACT.scaleb(Decimal(units), -places)


def mean_of(total: int, n: int, places: int, currency: str) -> Decimal:
    """The mean of n amounts that are so many units together, rounded half up to the minor unit.

    It is rounded once, however large the total is. Of a currency without a minor unit, it is the
    quotient.
    """
    minor = minor_unit(currency)
    if minor is None:
        return divide(from_units(total, places), Decimal(n))
    finer = max(places, minor)
    mean = _whole_steps(abs(total) * 10 ** (finer - places), 1, n * 10 ** (finer - minor))
    return from_units(mean if total >= 0 else -mean, minor)


def split(units: int, step: int, shares: Iterable[Share]) -> list[int]:
    """The parts of an amount, from the shares paid by each day.

    By each day its share is paid, rounded half up to whole steps, and by the last one all is.
    """
    whole = abs(units)
    paid = [
        _whole_steps(whole, numerator, denominator * step) * step
        for numerator, denominator in shares
    ]
    paid[-1] = whole
    parts = [later - before for before, later in zip([0, *paid], paid, strict=False)]
    return parts if units >= 0 else [-part for part in parts]


def _whole_steps(units: int, numerator: int, denominator: int) -> int:
    """The fraction of so many units, rounded half up."""
    return (2 * units * numerator + denominator) // (2 * denominator)


class Splitter(dict[int, list[int]]):
    """Parts many amounts by the same shares; the parts of small ones are kept.

    A multiple of what all shares part without rounding (the *cycle*: of thirds, three steps) adds
    as many times its parts. So only the rest of an amount is parted, and of rests there are few.
    """

    def __init__(self, shares: Sequence[Share], step: int) -> None:
        self._shares, self._step = shares, step
        self._cycle = step * lcm(*(denominator for _, denominator in shares))
        self._cycle_parts = split(self._cycle, step, shares)

    def sums(self, amounts: Sequence[int]) -> list[int]:
        """What is due by each share of all amounts together, each of them parted alone."""
        cycle = self._cycle
        rests = [units % cycle for units in amounts] if min(amounts) >= 0 else amounts
        n_cycles = (sum(amounts) - sum(rests)) // cycle
        sums = map(sum, zip(*map(self.__getitem__, rests), strict=True))
        return [n_cycles * part + rest for part, rest in zip(self._cycle_parts, sums, strict=True)]

    def __missing__(self, units: int) -> list[int]:
        parts = split(units, self._step, self._shares)
        if len(self) * len(parts) < _MOST_KEPT:
            self[units] = parts
        return parts
