"""`PaymentTerms`: when the amount of a deal is paid, and in which parts."""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NoReturn

import attrs

from salesflow.errors import AmountError, OptionError, PeriodError, shown
from salesflow.forecast._numbers import is_whole
from salesflow.forecast._schedules import Schedules
from salesflow.money import Money, to_amount

Share = Fraction | Decimal | int | str
"""A part of 1: ``"0.3"``, ``Decimal("0.3")``, ``"1/3"`` or ``Fraction(1, 3)``; never a float."""

_MONTHS_A_YEAR = 12
_MOST_MONTHS, _MOST_DAYS = 1_200, 36_500  # a hundred years
_RATIO = re.compile(r"\d{1,9}/\d{1,9}", re.ASCII)


def _to_share(value: object) -> Fraction:
    """A share of more than 0 and at most 1, exact."""
    try:
        if isinstance(value, Fraction):
            share = value
        elif isinstance(value, str) and _RATIO.fullmatch(value):
            share = Fraction(value)
        else:
            share = Fraction(to_amount(value))
    except (AmountError, ZeroDivisionError):
        hint = "give a Decimal, a Fraction or a text: '0.3', '1/3'."
        _refuse_part("share", value, "no exact number", hint)
    if not 0 < share <= 1:
        fact = "not above 0 and up to 1"
        _refuse_part("share", value, fact, "write '0.3' for 30 %.")
    return share


def _share_field(share: Share) -> Fraction:
    return _to_share(share)


def _refuse_part(parameter: str, value: object, fact: str, hint: str = "give one.") -> NoReturn:
    msg = f"cannot take {parameter}={shown(value)} of a payment: it is {fact}"
    raise OptionError(msg, hint=hint, parameter=parameter, value=value)


def _check_count(parameter: str, value: object, least: int, most: int) -> None:
    if not is_whole(value) or not least <= value <= most:
        _refuse_part(parameter, value, f"no whole number from {least} to {most}")


@attrs.frozen
class Payment:
    """Which part is paid, and when?

    Made by `at_signing`, `after`, `monthly` and `on`.

    Attributes:
        share: the part of the amount. [above 0, up to 1]
        after_days: how many days after the signing it is due; None where months or a date tell.
        months: how many equal parts it is paid in, a month apart; None for one.
        first_month: how many months after the signing the first of them is due.
        due_on: the day it is due, where that is fixed.
    """

    share: Fraction = attrs.field(converter=_share_field)
    after_days: int | None = attrs.field(default=None, kw_only=True)
    months: int | None = attrs.field(default=None, kw_only=True)
    first_month: int = attrs.field(default=0, kw_only=True)
    due_on: date | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        """Refuse what is no payment."""
        if sum(one is not None for one in (self.after_days, self.months, self.due_on)) != 1:
            msg = "cannot make a payment: it is due after days, monthly or on a day"
            hint = "use Payment.at_signing, after, monthly or on."
            raise OptionError(msg, hint=hint, parameter="payment", value=None)
        if self.after_days is not None:
            _check_count("after_days", self.after_days, 0, _MOST_DAYS)
        if self.months is not None:
            _check_count("months", self.months, 1, _MOST_MONTHS)
        _check_count("first_month", self.first_month, 0, _MOST_MONTHS)
        if self.first_month and self.months is None:
            hint = "use Payment.monthly, or leave it out."
            _refuse_part("first_month", self.first_month, "of one that is not monthly", hint)
        day: object = self.due_on
        if day is not None and (isinstance(day, datetime) or not isinstance(day, date)):
            _refuse_part("due_on", day, "no date", "give a datetime.date.")

    @staticmethod
    def at_signing(share: Share = 1) -> "Payment":
        """A part on the day that the deal is won.

        Raises:
            OptionError: for a share that is not exact, or does not lie above 0 and up to 1.
        """
        return Payment(_to_share(share), after_days=0)

    @staticmethod
    def after(days: int, share: Share = 1) -> "Payment":
        """A part so many days later: ``after(30)`` is net 30.

        Raises:
            OptionError: for a share as above, and for days that are no whole number from 0 to
                36,500.
        """
        return Payment(_to_share(share), after_days=days)

    @staticmethod
    def monthly(months: int, share: Share = 1, *, first_month: int = 0) -> "Payment":
        """A part in equal parts, one a month, each on the day of the month of the signing.

        In a month that lacks that day it is due on the last one, and in the next one on its day
        again: signed on 31 January, on 28 February, 31 March, 30 April.

        Args:
            months: how many. [1 to 1,200]
            share: the part of the amount that they are together.
            first_month: how many months after the signing the first is due; at the signing unless
                given. [0 to 1,200]

        Raises:
            OptionError: for a share as above, and for months out of bounds.
        """
        return Payment(_to_share(share), months=months, first_month=first_month)

    @staticmethod
    def on(day: date, share: Share = 1) -> "Payment":
        """A part on a fixed day; at the signing of a deal that is won later than that.

        Raises:
            OptionError: for a share as above, and for what is no date.
        """
        return Payment(_to_share(share), due_on=day)

    def dues(self, signed_on: date) -> Iterator[tuple[date, Fraction]]:
        """The days it is due on, and the share of each."""
        if self.due_on is not None:
            yield max(self.due_on, signed_on), self.share
        elif self.after_days is not None:
            yield _days_after(signed_on, self.after_days), self.share
        else:
            count = self.months or 1
            for number in range(count):
                yield months_after(signed_on, self.first_month + number), self.share / count


def _days_after(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        raise _beyond(day) from None


def months_after(day: date, months: int) -> date:
    """The same day of the month some months later; the last one of a month that lacks it."""
    year, zero_based = divmod(day.year * _MONTHS_A_YEAR + day.month - 1 + months, _MONTHS_A_YEAR)
    if year > date.max.year:
        raise _beyond(day)
    return date(year, zero_based + 1, min(day.day, monthrange(year, zero_based + 1)[1]))


def _beyond(day: date) -> PeriodError:
    msg = f"cannot pay what was signed on {day.isoformat()}: it would be due after the year 9999"
    return PeriodError(msg, hint="check the date.", value=day)


def _to_payments(payments: object) -> tuple[Payment, ...]:
    if isinstance(payments, Payment):
        return (payments,)
    if not isinstance(payments, Iterable) or isinstance(payments, str):
        _refuse(payments, f"{shown(payments)} is no list of payments")
    found = tuple(payments)
    for payment in found:
        if not isinstance(payment, Payment):
            _refuse(payment, f"{shown(payment)} is no payment")
    total = sum((payment.share for payment in found), Fraction(0))
    if total != 1:
        _refuse(payments, f"their shares add up to {total}, not to 1")
    return found


def _refuse(value: object, fact: str) -> NoReturn:
    msg = f"cannot make payment terms: {fact}"
    hint = "give a list such as [Payment.at_signing('0.3'), Payment.after(30, '0.7')]."
    raise OptionError(msg, hint=hint, parameter="payments", value=value)


@attrs.frozen
class Due:
    """What is due on a day.

    Attributes:
        due_on: the day.
        amount: how much.
    """

    due_on: date
    amount: Money


@attrs.frozen(cache_hash=True)
class PaymentTerms:
    """When is the amount of a deal paid, and in which parts?

    Args:
        payments: the parts, whose shares add up to 1, exactly; all at the signing unless given.

    Raises:
        OptionError: for what is no payment, and for shares that add up to anything else.

    Example:
        >>> terms = PaymentTerms([Payment.at_signing("0.3"), Payment.monthly(2, "0.7")])
        >>> for due in terms.schedule(Money(100, "EUR"), date(2026, 1, 31)):
        ...     print(due.due_on, due.amount)
        2026-01-31 EUR 65.00
        2026-02-28 EUR 35.00
    """

    payments: tuple[Payment, ...] = attrs.field(
        default=(Payment(Fraction(1), after_days=0),), converter=_to_payments
    )

    def schedule(self, amount: Money, signed_on: date) -> tuple[Due, ...]:
        """What is due of an amount, and when?

        **Definition**: by each day it is due to pay the amount × the shares up to that day, rounded
        half up to the minor unit; a day takes what is not paid by then, the last one the rest. So
        each part is at most a minor unit off its share, and all add up to the amount, whatever it
        is. Of a currency without a minor unit, it is the last decimal of the amount, or 0.01 if
        that is less.

        Args:
            amount: the amount.
            signed_on: the day the deal is won.

        Returns:
            A `Due` for each day, in their order; those that come to nothing are left out.

        Raises:
            PeriodError: if a day lies after the year 9999.
            OptionError: for what is no Money, or no date.

        Example:
            >>> dues = PaymentTerms(Payment.monthly(3)).schedule(
            ...     Money(100, "EUR"), date(2026, 1, 1)
            ... )
            >>> [str(due.amount.amount) for due in dues]
            ['33.33', '33.34', '33.33']
        """
        day: object = signed_on
        if isinstance(day, datetime) or not isinstance(day, date):
            msg = f"cannot take signed_on={shown(signed_on)}: it is no date"
            hint = "give a datetime.date."
            raise OptionError(msg, hint=hint, parameter="signed_on", value=signed_on)
        given: object = amount
        if not isinstance(given, Money):
            msg = f"cannot take amount={shown(amount)}: it is no Money"
            raise OptionError(msg, hint="give Money(…).", parameter="amount", value=amount)
        parts = Schedules().parts(self, signed_on, amount.amount, amount.currency)
        return tuple(Due(day, Money(part, amount.currency)) for day, part in parts)
