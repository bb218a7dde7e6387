"""Rates: dated, into one base, and unknown rather than 1."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from salesflow import Money, Rates
from salesflow.errors import (
    AmountError,
    FloatAmountError,
    RateError,
    UnknownCurrencyError,
    UnknownZoneError,
)

JAN_1, FEB_1 = date(2026, 1, 1), date(2026, 2, 1)


@pytest.fixture
def rates() -> Rates:
    return Rates("BRL", {"USD": "1.5", "EUR": {FEB_1: "2.5", JAN_1: 2}})


@pytest.mark.parametrize(
    ("on", "rate"),
    [
        (date.min, None),
        (date(2025, 12, 31), None),
        (JAN_1, "2"),
        (date(2026, 1, 31), "2"),
        (FEB_1, "2.5"),
        (date.max, "2.5"),
    ],
)
def test_the_rate_of_a_day_is_the_last_on_or_before_it(rates, on, rate):
    assert rates.rate("EUR", on) == (rate and Decimal(rate))


def test_a_single_rate_is_that_of_all_days(rates):
    assert rates.rate("USD", date.min) == rates.rate("USD", date.max) == Decimal("1.5")


def test_the_base_is_worth_one_on_every_day(rates):
    assert rates.rate("BRL", date.min) == 1


def test_without_a_rate_it_is_unknown_and_never_one(rates):
    assert rates.rate("GBP", JAN_1) is None
    assert rates.convert(Money(50, "GBP"), JAN_1) is None
    assert rates.convert(Money(50, "EUR"), date(2025, 12, 31)) is None


def test_a_currency_with_an_empty_table_has_no_rate():
    assert Rates("BRL", {"EUR": {}}).rate("EUR", JAN_1) is None


def test_two_currencies_become_one_total(rates):
    dollars, euros = Money(50, "USD"), Money(50, "EUR")
    total = rates.convert(dollars, JAN_1) + rates.convert(euros, JAN_1)
    assert total == Money(175, "BRL"), "50 x 1.5 + 50 x 2.0"


def test_converted_amounts_are_rounded_half_up():
    # 0.333 x 1.5 = 0.4995, and 0.67 x 1.5 = 1.005
    rates = Rates("EUR", {"USD": "1.5"})
    assert rates.convert(Money("0.333", "USD"), JAN_1) == Money("0.50", "EUR")
    assert rates.convert(Money("0.67", "USD"), JAN_1) == Money("1.01", "EUR")


def test_rounding_is_to_the_minor_unit_of_the_base():
    assert Rates("JPY", {"EUR": "160.55"}).convert(Money("10", "EUR"), JAN_1).amount == 1606
    assert Rates("BHD", {"EUR": "0.4"}).convert(Money("0.0125", "EUR"), JAN_1).amount == Decimal(
        "0.005"
    )


def test_the_base_itself_stays_as_it_is(rates):
    assert rates.convert(Money("0.125", "BRL"), JAN_1) == Money("0.125", "BRL")


@pytest.mark.usefixtures("hostile_context")
def test_the_callers_decimal_context_changes_no_conversion():
    # 1234567.12 x 1.23456 = 1524147.1836672
    rates = Rates("EUR", {"USD": "1.23456"})
    converted = rates.convert(Money("1234567.12", "USD"), JAN_1)
    assert repr(converted) == "Money('1524147.18', 'EUR')"


def test_a_conversion_past_the_limits_of_money_is_refused():
    with pytest.raises(AmountError, match="too many digits"):
        Rates("EUR", {"USD": 10}).convert(Money("9" * 24, "USD"), JAN_1)


@pytest.mark.parametrize("rate", [0, "-1", "1e12", "0.0000000000001"])
def test_rates_out_of_range_are_refused(rate):
    with pytest.raises(RateError, match="of USD: it is not between 1e-12 and 1e12") as caught:
        Rates("EUR", {"USD": rate})
    assert (caught.value.currency, caught.value.rate) == ("USD", rate)


def test_the_smallest_and_the_largest_rate():
    rates = Rates("EUR", {"USD": "0.000000000001", "GBP": "999999999999"})
    assert rates.rate("USD", JAN_1) == Decimal("1e-12")
    assert rates.rate("GBP", JAN_1) == 999_999_999_999


@pytest.mark.parametrize(("rate", "error"), [(1.5, FloatAmountError), ("1,5", AmountError)])
def test_rates_are_read_as_amounts_are(rate, error):
    with pytest.raises(error, match="cannot"):
        Rates("EUR", {"USD": {JAN_1: rate}})


def test_a_rate_for_the_base_is_refused():
    with pytest.raises(RateError, match="it is the base, worth 1 on every day") as caught:
        Rates("EUR", {"EUR": "1"})
    assert caught.value.hint == "leave it out."


@pytest.mark.parametrize("day", ["2026-01-01", datetime(2026, 1, 1, tzinfo=UTC), 20260101, None])
def test_rates_are_dated_by_days(day):
    with pytest.raises(RateError, match=r"cannot date a rate of USD by .*: it is no date"):
        Rates("EUR", {"USD": {day: "1.1"}})


@pytest.mark.parametrize(("base", "other"), [("eur", "USD"), ("EUR", "usd"), ("EUR", None)])
def test_unknown_currencies_are_refused(base, other):
    with pytest.raises(UnknownCurrencyError, match="ISO 4217 does not list it"):
        Rates(base, {other: "1.1"})


def test_an_unknown_zone_is_refused():
    with pytest.raises(UnknownZoneError, match="cannot use time zone 'Mars'"):
        Rates("EUR", {}, zone="Mars")


@pytest.mark.parametrize(("zone", "day"), [("UTC", 31), ("Asia/Seoul", 1)])
def test_an_instant_becomes_a_day_in_the_zone_of_the_rates(zone, day):
    # R38: a deal that closes at 23:30 UTC on the 31st closes on the 1st in Seoul.
    instant = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
    assert Rates("EUR", {}, zone=zone).day_of(instant).day == day


def test_currencies_with_the_base_first(rates):
    assert rates.currencies == ("BRL", "USD", "EUR")


def test_equal_tables_are_equal(rates):
    assert rates == Rates("BRL", {"USD": Decimal("1.50"), "EUR": {JAN_1: "2", FEB_1: "2.50"}})
    assert rates != Rates("BRL", {"USD": "1.5"})
    assert rates != Rates("BRL", {"USD": "1.5", "EUR": {FEB_1: "2.5", JAN_1: 2}}, zone="Asia/Seoul")
    assert rates != "BRL"


def test_a_table_is_no_key():
    with pytest.raises(TypeError, match="unhashable"):
        hash(Rates("EUR", {}))


def test_the_repr_names_the_currencies(rates):
    assert repr(rates) == "Rates('BRL', USD, EUR)"
    assert repr(Rates("EUR", {})) == "Rates('EUR', no other currency)"


def test_rates_cannot_change(rates):
    with pytest.raises(AttributeError):
        rates.base = "EUR"
