"""Dividing money by money, formatting it, and what rates and factors are not."""

import operator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from salesflow import Money, Rates
from salesflow.errors import AmountError, MixedCurrencyError, PeriodError, RateError


def test_money_by_money_is_a_number():
    assert Money("3", "EUR") / Money("4", "EUR") == Decimal("0.75")


def test_money_by_money_of_another_currency_is_refused():
    with pytest.raises(MixedCurrencyError, match="cannot divide EUR and USD"):
        _ = Money("3", "EUR") / Money("4", "USD")


def test_money_by_no_money_is_a_division_by_zero():
    with pytest.raises(ZeroDivisionError):
        _ = Money("3", "EUR") / Money("0", "EUR")


@pytest.mark.parametrize("operation", [operator.mul, operator.truediv])
def test_a_text_is_no_factor(operation):
    with pytest.raises(AmountError, match="it is a text"):
        operation(Money("3", "EUR"), "2")


def test_a_width_is_kept_when_formatting():
    assert f"{Money('3', 'EUR'):>12}" == "    EUR 3.00"


@pytest.mark.parametrize("table", [[("USD", "1.5")], "USD", None, 5])
def test_rates_are_a_mapping(table):
    with pytest.raises(RateError, match="they are no mapping"):
        Rates("EUR", table)


@pytest.mark.parametrize(
    "instant",
    [
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=9))),
        datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-9))),
    ],
)
def test_a_day_beyond_the_calendar_is_refused(instant):
    with pytest.raises(PeriodError, match="beyond the calendar"):
        Rates("EUR", {}).day_of(instant)


def test_an_instant_has_the_day_of_the_zone_of_the_rates():
    late = datetime(2026, 1, 1, 20, tzinfo=UTC)  # 05:00 of the 2nd in Seoul
    assert Rates("EUR", {}, zone="Asia/Seoul").day_of(late).day == 2
