"""Money and exchange rates.

`Money`
    an exact decimal amount in one ISO 4217 currency. Amounts of different currencies never add.
`Rates`
    dated exchange rates into one base currency.

All arithmetic runs in contexts of our own, so a caller's ``decimal`` context changes no number.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping
from datetime import date, datetime
from decimal import (
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
)
from functools import lru_cache
from operator import index
from typing import TYPE_CHECKING, Any, Self, SupportsIndex, overload

import attrs

from salesflow.errors import (
    AmountError,
    FloatAmountError,
    MixedCurrencyError,
    PeriodError,
    RateError,
    UnknownCurrencyError,
    closest,
    one_of,
    shown,
)

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

_ERRORS = [InvalidOperation, DivisionByZero, Overflow]

# A product of two numbers within the limits below has at most 128 digits, a sum of any number of
# amounts fewer, so nothing is ever rounded in here; the trap holds that.
EXACT = Context(prec=130, rounding=ROUND_HALF_UP, traps=[*_ERRORS, Inexact])
# Quotients: as many digits as Python's own default.
QUOTIENT = Context(prec=28, rounding=ROUND_HALF_UP, traps=_ERRORS)
# Like EXACT, where a last digit may be lost: on the way to given places.
_PLACES = Context(prec=130, rounding=ROUND_HALF_UP, traps=_ERRORS)

_MAX_DIGITS_BEFORE_POINT = 24
_MAX_DIGITS_AFTER_POINT = 40
_MAX_RATE_DIGITS = 12
_NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?"

XXX = "XXX"
"""ISO 4217's code for amounts whose currency nobody said."""


def to_amount(value: object) -> Decimal:
    """A finite decimal within Money's limits, never made from a float."""
    if isinstance(value, str):
        if not re.fullmatch(_NUMBER, value, re.ASCII):
            hint = "write digits with a decimal point, like '1234.50'."
            msg = f"cannot read amount {value[:40]!r}: it is no plain decimal number"
            raise AmountError(msg, hint=hint, amount=value)
        value = Decimal(value)
    elif isinstance(value, float):
        hint = f"give a string or a Decimal: '{value!r}'."
        msg = f"cannot take amount {value!r}: a float is not exact"
        raise FloatAmountError(msg, hint=hint, amount=value)
    elif not isinstance(value, Decimal):
        value = _from_integer(value)
    elif type(value) is not Decimal:
        value = Decimal(value)  # what a subclass adds is no part of an amount
    if not value.is_finite():
        msg = f"cannot take amount {value}: it is not a finite number"
        raise AmountError(msg, hint="leave an unknown amount out (None).", amount=value)
    exponent = int(value.as_tuple().exponent)
    if value.adjusted() >= _MAX_DIGITS_BEFORE_POINT or exponent < -_MAX_DIGITS_AFTER_POINT:
        msg = f"cannot take amount {value:.5e}: too many digits"
        hint = "at most 24 digits before the decimal point and 40 after it."
        raise AmountError(msg, hint=hint, amount=value)
    return value or value.copy_abs()


def _from_integer(value: object) -> Decimal:
    if isinstance(value, SupportsIndex) and not isinstance(value, bool):
        return Decimal(index(value))
    msg = f"cannot take amount {value!r}: {type(value).__name__} is not a decimal number"
    raise AmountError(msg, hint="give a str, an int or a Decimal.", amount=value)


@lru_cache(maxsize=1)
def _minor_units() -> dict[str, int | None]:
    # Imported at first use: the package parses an XML file when it is imported.
    from iso4217 import Currency

    return {currency.code: currency.exponent for currency in Currency}


def to_currency(code: object) -> str:
    """The code, if ISO 4217 lists it."""
    # Looked up as plain text: an enumeration's hash is that of its name.
    if isinstance(code, str) and (text := str.__str__(code)) in _minor_units():
        return text
    near = closest(shown(code).strip("'").upper(), _minor_units())
    msg = f"cannot use currency {shown(code)}: ISO 4217 does not list it"
    raise UnknownCurrencyError(msg, hint=f"did you mean {one_of(near)}?", currency=code)


def minor_unit(currency: str) -> int | None:
    """How many decimals the currency has; None for one without a minor unit."""
    return _minor_units()[currency]


@lru_cache(maxsize=1)
def currencies_by_places() -> dict[int | None, tuple[str, ...]]:
    """The currencies of each number of decimals; under None those without a minor unit."""
    found: dict[int | None, list[str]] = {}
    for code, places in _minor_units().items():
        found.setdefault(places, []).append(code)
    return {places: tuple(codes) for places, codes in found.items()}


def round_amount(amount: Decimal, currency: str) -> Decimal:
    """An amount rounded half up to its currency's minor unit."""
    places = minor_unit(currency)
    if places is None:
        return amount
    return _PLACES.quantize(amount, Decimal((0, (1,), -places)))


def divide(amount: Decimal, divisor: Decimal) -> Decimal:
    """A quotient with 28 significant digits, and at most as many decimals."""
    if not divisor:
        # decimal calls 0 / 0 an invalid operation, which is no ZeroDivisionError.
        msg = f"cannot divide {amount:f} by zero"
        raise ZeroDivisionError(msg)
    # Rounded once, from enough digits that no other quotient is this near to a half.
    quotient = _PLACES.divide(amount, divisor)
    rounded = QUOTIENT.plus(quotient)
    if int(rounded.as_tuple().exponent) < -QUOTIENT.prec:
        return _PLACES.quantize(quotient, Decimal((0, (1,), -QUOTIENT.prec)))
    return rounded


def _to_factor(value: object) -> Decimal:
    if isinstance(value, str):
        msg = f"cannot multiply or divide money by {value!r}: it is a text"
        raise AmountError(msg, hint="give an int or a Decimal.", amount=value)
    return to_amount(value)


def _amount_field(value: Decimal | str | int) -> Decimal:
    return to_amount(value)


def _currency_field(code: str) -> str:
    return to_currency(code)


_new = object.__new__


@attrs.frozen(order=False, repr=False)
class Money:
    """How much is it, and in which currency?

    An amount is finite, has at most 24 digits before the decimal point and 40 after it, and is
    given as ``str``, ``int`` or ``Decimal``. Adding, subtracting and comparing need one currency;
    multiplying and dividing take ``int`` or ``Decimal``. Sums and products are exact; a quotient
    has 28 significant digits, rounded half up.

    Args:
        amount: how much, in the currency's main unit.
        currency: an ISO 4217 code, in capitals.

    Raises:
        FloatAmountError: for a float.
        AmountError: for anything else that is not such a number.
        UnknownCurrencyError: for a code that ISO 4217 does not list.

    Example:
        >>> Money("12000", "EUR") + Money("0.50", "EUR")
        Money('12000.50', 'EUR')
        >>> print(Money("1234567.5", "JPY").round())
        JPY 1,234,568
    """

    amount: Decimal = attrs.field(converter=_amount_field)
    currency: str = attrs.field(converter=_currency_field)

    @classmethod
    def _of_checked(cls, amount: Decimal, currency: str) -> Self:
        """Money of an amount and a code that were checked as `Money` checks them."""
        new = _new(cls)
        _put_amount(new, amount)
        _put_currency(new, currency)
        return new

    @classmethod
    def zero(cls, currency: str) -> Self:
        """Nothing, in a currency: the start value for ``sum``.

        Example:
            >>> sum([Money(1, "EUR"), Money(2, "EUR")], Money.zero("EUR"))
            Money('3', 'EUR')
        """
        return cls(Decimal(0), currency)

    def round(self) -> Self:
        """The amount rounded half up to the currency's minor unit.

        A currency without a minor unit (XXX, gold) is left as it is.

        Example:
            >>> Money("0.125", "EUR").round()
            Money('0.13', 'EUR')
        """
        return attrs.evolve(self, amount=round_amount(self.amount, self.currency))

    def _same(self, other: "Money", verb: str) -> None:
        if self.currency != other.currency:
            msg = f"cannot {verb} {self.currency} and {other.currency}: they are two currencies"
            raise MixedCurrencyError(
                msg,
                hint="convert one of them first with Rates.convert.",
                currencies=(self.currency, other.currency),
            )

    def __add__(self, other: "Money") -> "Money":
        if not isinstance(other, Money):
            return NotImplemented
        self._same(other, "add")
        return Money(EXACT.add(self.amount, other.amount), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        if not isinstance(other, Money):
            return NotImplemented
        self._same(other, "subtract")
        return Money(EXACT.subtract(self.amount, other.amount), self.currency)

    def __mul__(self, factor: int | Decimal) -> "Money":
        return Money(EXACT.multiply(self.amount, _to_factor(factor)), self.currency)

    __rmul__ = __mul__

    @overload
    def __truediv__(self, divisor: "Money") -> Decimal: ...
    @overload
    def __truediv__(self, divisor: int | Decimal) -> "Money": ...
    def __truediv__(self, divisor: "Money | int | Decimal") -> "Money | Decimal":
        """By a number, money; by money of the same currency, a number.

        By 0 it is a ``ZeroDivisionError``, as for any number.
        """
        if isinstance(divisor, Money):
            self._same(divisor, "divide")
            return divide(self.amount, divisor.amount)
        return Money(divide(self.amount, _to_factor(divisor)), self.currency)

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __neg__(self) -> "Money":
        return Money(EXACT.minus(self.amount), self.currency)

    def __abs__(self) -> "Money":
        return Money(EXACT.abs(self.amount), self.currency)

    def __lt__(self, other: "Money") -> bool:
        if not isinstance(other, Money):
            return NotImplemented
        self._same(other, "compare")
        return self.amount < other.amount

    def __le__(self, other: "Money") -> bool:
        if not isinstance(other, Money):
            return NotImplemented
        self._same(other, "compare")
        return self.amount <= other.amount

    def __repr__(self) -> str:
        return f"Money('{self.amount:f}', '{self.currency}')"

    def __str__(self) -> str:
        """The exact amount, with at least the decimals of the currency's minor unit."""
        places = minor_unit(self.currency) or 0
        shown = max(places, -int(self.amount.as_tuple().exponent))
        return f"{self.currency} {self.amount:,.{shown}f}"

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, __: "GetCoreSchemaHandler") -> "CoreSchema":
        """Let pydantic models hold Money: ``{"amount": "12.50", "currency": "EUR"}`` in JSON."""
        from pydantic_core import core_schema as cs

        number = cs.str_schema(pattern=r"^[+-]?\d+(\.\d+)?$")
        code = cs.str_schema(pattern=r"^[A-Z]{3}$")
        fields = {"amount": cs.typed_dict_field(number), "currency": cs.typed_dict_field(code)}
        shape = cs.typed_dict_schema(fields, extra_behavior="forbid")
        return cs.no_info_plain_validator_function(
            _validate,
            json_schema_input_schema=shape,
            serialization=cs.plain_serializer_function_ser_schema(
                _dump, return_schema=shape, when_used="json"
            ),
        )


# Its slots, filled without a look at its class, as `models._base` does.
_put_amount, _put_currency = (vars(Money)[slot].__set__ for slot in ("amount", "currency"))


def _validate(value: object) -> Money:
    """Money from Money, or from its JSON, with our codes in pydantic's errors."""
    from pydantic_core import PydanticCustomError

    if isinstance(value, Money):
        return value
    if not isinstance(value, Mapping) or value.keys() != {"amount", "currency"}:
        code, text = "money-type", "Money, or an object of exactly amount and currency, is expected"
        raise PydanticCustomError(code, text)
    try:
        return Money(value["amount"], value["currency"])
    except (AmountError, UnknownCurrencyError) as error:
        facts = {"message": error.message, "hint": error.hint}
        raise PydanticCustomError(error.code, "{message} ({hint})", facts) from None


def _dump(money: Money) -> dict[str, str]:
    return {"amount": f"{money.amount:f}", "currency": money.currency}


RateTable = Mapping[str, "Decimal | str | int | Mapping[date, Decimal | str | int]"]


@attrs.frozen(init=False, eq=False, repr=False)
class Rates:
    """What was one currency worth in another, on a day?

    The rate of a day is the last one dated on or before it. Before the first one there is none:
    `rate` and `convert` then give None, never 1. The base currency is worth 1 on every day.

    Args:
        base: the currency that everything is converted into.
        table: for each currency, one rate for all days, or rates by the day they begin on
            (units of base for one unit of the currency).
        zone: the zone in which an instant becomes a day.

    Raises:
        RateError: for a rate that is not a positive number.
        UnknownCurrencyError: for a code that ISO 4217 does not list.

    Example:
        >>> rates = Rates("BRL", {"USD": "1.5", "EUR": {date(2026, 1, 1): "2.0"}})
        >>> rates.convert(Money(50, "EUR"), on=date(2026, 3, 1))
        Money('100.00', 'BRL')
        >>> rates.convert(Money(50, "EUR"), on=date(2025, 12, 31)) is None
        True
    """

    base: str
    zone: str
    _days: dict[str, list[date]]
    _rates: dict[str, list[Decimal]]

    def __init__(self, base: str, table: RateTable, *, zone: str = "UTC") -> None:
        """Check and sort the table; see the class for the arguments."""
        from salesflow.periods import get_zone

        get_zone(zone)
        base = to_currency(base)
        days: dict[str, list[date]] = {base: [date.min]}
        rates: dict[str, list[Decimal]] = {base: [Decimal(1)]}
        for code, given in _to_table(base, table).items():
            currency = to_currency(code)
            if currency == base:
                msg = f"cannot take a rate for {base}: it is the base, worth 1 on every day"
                raise RateError(msg, hint="leave it out.", currency=code, rate=given)
            dated = given if isinstance(given, Mapping) else {date.min: given}
            ordered = sorted((_to_day(code, day), rate) for day, rate in dated.items())
            days[currency] = [day for day, _ in ordered]
            rates[currency] = [_to_rate(code, rate) for _, rate in ordered]
        self.__attrs_init__(base=base, zone=zone, days=days, rates=rates)

    @property
    def currencies(self) -> tuple[str, ...]:
        """The currencies that have a rate, the base first."""
        return tuple(self._days)

    def day_of(self, instant: datetime) -> date:
        """The calendar day of an aware datetime in the rates' zone.

        Raises:
            NaiveDatetimeError: for a datetime without a zone.
            PeriodError: for one that is no day there, at the ends of the calendar.
        """
        from salesflow.periods import get_zone, require_aware

        try:
            return require_aware(instant, "instant").astimezone(get_zone(self.zone)).date()
        except OverflowError:
            msg = f"cannot tell the day of {instant} in {self.zone}: it is beyond the calendar"
            raise PeriodError(msg, value=instant) from None

    def rate(self, currency: str, on: date) -> Decimal | None:
        """Units of the base for one unit of the currency on a day, or None if unknown."""
        position = bisect_right(self._days.get(currency, ()), _to_day(currency, on))
        return self._rates[currency][position - 1] if position else None

    def convert(self, money: Money, on: date) -> Money | None:
        """The money in the base currency, or None without a rate.

        What is converted is rounded half up to the base's minor unit; money in the base stays.
        """
        amount = self.convert_amount(money.amount, money.currency, on)
        return None if amount is None else Money(amount, self.base)

    def convert_amount(self, amount: Decimal, currency: str, on: date) -> Decimal | None:
        """As `convert`, over a bare amount."""
        if currency == self.base:
            return amount
        rate = self.rate(currency, on)
        return None if rate is None else round_amount(EXACT.multiply(amount, rate), self.base)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Rates):
            return NotImplemented
        return (self.base, self.zone, self._days, self._rates) == (
            other.base,
            other.zone,
            other._days,
            other._rates,
        )

    __hash__ = None  # type: ignore[assignment]  # it holds a table

    def __repr__(self) -> str:
        return f"Rates({self.base!r}, {', '.join(self.currencies[1:]) or 'no other currency'})"


def _to_table(base: str, table: Any) -> RateTable:
    if isinstance(table, Mapping):
        return table
    msg = f"cannot take rates {table!r}: they are no mapping"
    raise RateError(msg, hint="give rates by currency.", currency=base, rate=table)


def _to_day(currency: str, day: object) -> date:
    if isinstance(day, date) and not isinstance(day, datetime):
        return day
    msg = f"cannot date a rate of {currency} by {day!r}: it is no date"
    raise RateError(msg, hint="give a datetime.date.", currency=currency, rate=day)


def _to_rate(currency: str, rate: object) -> Decimal:
    value = to_amount(rate)
    exponent = int(value.as_tuple().exponent)
    if value <= 0 or value.adjusted() >= _MAX_RATE_DIGITS or exponent < -_MAX_RATE_DIGITS:
        msg = f"cannot use rate {rate!r} of {currency}: it is not between 1e-12 and 1e12"
        hint = "give units of the base for one unit of the currency, with at most 12 decimals."
        raise RateError(msg, hint=hint, currency=currency, rate=rate)
    return value
