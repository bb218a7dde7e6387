"""Laws of money, held against exact fractions."""

from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow import Account, Money, Rates
from salesflow.money import divide, minor_unit
from tests.strategies import days, decimals, monies

CURRENCIES = ["JPY", "EUR", "BHD", "CLF", "XXX"]


def exact(money: Money) -> Fraction:
    return Fraction(money.amount)


def half_up(value: Fraction, places: int) -> Fraction:
    """Rounded to places, halves away from zero."""
    scaled = floor(abs(value) * 10**places + Fraction(1, 2))
    return Fraction(scaled if value >= 0 else -scaled, 10**places)


@given(st.lists(monies(), max_size=30))
def test_a_sum_is_exact_in_any_order(amounts):
    total = sum(amounts, Money.zero("EUR"))
    assert exact(total) == sum(map(exact, amounts))
    assert total == sum(reversed(amounts), Money.zero("EUR"))


@given(monies(), monies())
def test_what_was_added_can_be_taken_away(one, other):
    assert (one + other) - other == one
    assert one - other == -(other - one)
    assert abs(one) in (one, -one)


@given(monies(digits=10, places=15), decimals(10, 15))
def test_a_product_is_exact(money, factor):
    assert exact(money * factor) == exact(money) * Fraction(factor)


@given(monies(digits=20), decimals(4, 4).filter(bool))
def test_a_quotient_is_within_half_of_its_last_digit(money, divisor):
    quotient = (money / divisor).amount
    error = abs(Fraction(quotient) - exact(money) / Fraction(divisor))
    last = max(quotient.adjusted() - 27, -28)
    assert error <= Fraction(1, 2) * Fraction(10) ** last


@given(decimals(24, 40), decimals(24, 40).filter(bool))
def test_a_quotient_has_at_most_28_digits_and_decimals(amount, divisor):
    quotient = divide(amount, divisor).as_tuple()
    assert len(quotient.digits) <= 28
    assert quotient.exponent >= -28


@pytest.mark.parametrize("currency", CURRENCIES)
@given(amount=decimals(20, 8))
def test_rounding_is_half_up_and_settles(currency, amount):
    money = Money(amount, currency)
    places = minor_unit(currency)
    expected = Fraction(amount) if places is None else half_up(Fraction(amount), places)
    assert exact(money.round()) == expected
    assert money.round().round() == money.round()


@given(monies(digits=5, places=3), monies(digits=5, places=3))
def test_order_is_that_of_the_numbers(one, other):
    assert (one < other) == (exact(one) < exact(other))
    assert (one <= other) == (exact(one) <= exact(other))
    assert (one == other) == (exact(one) == exact(other))
    assert one != other or hash(one) == hash(other)


@given(monies(digits=24))
def test_printing_loses_nothing(money):
    printed = str(money).removeprefix("EUR ").replace(",", "")
    assert Decimal(printed) == money.amount
    assert eval(repr(money), {"Money": Money}) == money  # noqa: S307 - our own repr


@given(monies(digits=24))
def test_json_loses_nothing(money):
    account = Account(id="A", name="Acme", annual_revenue=money)
    back = Account.model_validate_json(account.model_dump_json()).annual_revenue
    assert repr(back) == repr(money)


@given(
    st.dictionaries(days(), decimals(6, 6).filter(lambda rate: rate > 0), max_size=6),
    days(),
    decimals(12, 4),
)
def test_the_rate_of_a_day_is_the_last_on_or_before_it(table, on, amount):
    rates = Rates("EUR", {"USD": table})
    known = [day for day in table if day <= on]
    converted = rates.convert(Money(amount, "USD"), on)
    if not known:
        assert converted is None
    else:
        rate = table[max(known)]
        assert exact(converted) == half_up(Fraction(amount) * Fraction(rate), 2)
