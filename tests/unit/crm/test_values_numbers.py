"""Columns of amounts and other numbers: which style is settled, and what is read in it."""

from decimal import Decimal
from enum import IntEnum

import numpy as np
import pandas as pd
import pytest

from salesflow.crm._blanks import blank_words
from salesflow.crm._cells import BadCell
from salesflow.crm._numbers import AmountColumn, NumberColumn
from salesflow.errors import AmbiguousColumnError

POINT, COMMA = "1,234.56", "1.234,56"


def settled(column, cells):
    half = len(cells) // 2
    column.observe(1, cells[:half])
    column.observe(1 + half, cells[half:])
    column.settle()
    return column


def amounts(*cells, **options):
    return settled(AmountColumn("Amount", **options), cells).read(cells)[0]


def priced(*cells, **options):
    found, currencies = settled(AmountColumn("Amount", **options), cells).read(cells)
    return list(zip(found, currencies, strict=True))


def numbers(*cells, **options):
    return settled(NumberColumn("Number", **options), cells).read(cells)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("22700", "22700"),
        ("22700.00", "22700.00"),
        ("22,700.00", "22700.00"),
        ("1,234,567", "1234567"),
        ("12,34,567.00", "1234567.00"),
        ("1,23,45,678", "12345678"),
        ("1 234.56", "1234.56"),
        ("1\u00a0234.56", "1234.56"),
        ("1\u202f234\u202f567.5", "1234567.5"),
        ("1'234.50", "1234.50"),
        ("1\u2019234\u2019567.50", "1234567.50"),
        ("0.234", "0.234"),
        ("007", "7"),
        (".5", "0.5"),
        ("1234.567", "1234.567"),
        ("1.2345", "1.2345"),
        ("1.2e3", "1200"),
        ("12E-1", "1.2"),
        ("-5.5", "-5.5"),
        ("+5.5", "5.5"),
        ("- 5.5", "-5.5"),
        ("\u22125.5", "-5.5"),
        ("1,234.5-", "-1234.5"),
        ("(1,234.00)", "-1234"),
        ("($5.5)", "-5.5"),
        ("$(5.5)", "-5.5"),
        ("-$5.5", "-5.5"),
        ("$-5.5", "-5.5"),
        ("$.50", "0.5"),
        ("  5.5\t", "5.5"),
        ("-0", "0"),
        ("-0.00", "0"),
        ("(0.0)", "0"),
    ],
)
def test_with_a_decimal_point(text, amount):
    (found,) = amounts(text, style=POINT)
    assert found == Decimal(amount)
    assert found or not found.is_signed()


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("22700", "22700"),
        ("22700,00", "22700.00"),
        ("22.700,00", "22700.00"),
        ("1.234.567", "1234567"),
        ("1.234", "1234"),
        ("1 234,56", "1234.56"),
        ("1\u202f234\u202f567,5", "1234567.5"),
        ("1'234,50", "1234.50"),
        ("0,234", "0.234"),
        (",5", "0.5"),
        ("1,2e3", "1200"),
        ("-1.234,56 €", "-1234.56"),
        ("(1.234,56)", "-1234.56"),
    ],
)
def test_with_a_decimal_comma(text, amount):
    assert amounts(text, style=COMMA) == [Decimal(amount)]


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("5", None),
        ("USD 1,200.00", "USD"),
        ("1,200.00 EUR", "EUR"),
        ("eur 5", "EUR"),
        ("KWD5", "KWD"),
        ("€5", "EUR"),
        ("5 €", "EUR"),
        ("£5", "GBP"),
        ("₹12,34,567", "INR"),
        ("US$5", "USD"),
        ("R$ 5", "BRL"),
        ("A$5", "AUD"),
        ("C$5", "CAD"),
        ("5 zł", "PLN"),
        ("5 Kč", "CZK"),
        ("R 5", "ZAR"),
        ("$5", None),
        ("¥5", None),
        ("￥5", None),
        ("5 kr", None),
        ("kr. 5", None),
        ("Rs.5", None),
        ("$5 USD", "USD"),
        ("CAD $5", "CAD"),
        ("kr 5 SEK", "SEK"),
        ("-CAD $5", "CAD"),
        ("€5 EUR", "EUR"),
    ],
)
def test_currencies(text, currency):
    ((found, named),) = priced(text, style=POINT)
    assert isinstance(found, Decimal)
    assert named == currency


@pytest.mark.parametrize(
    ("cell", "fact"),
    [
        ("12k", "'12k' is no amount: 'k' is no currency"),
        ("XBT 5", "'XBT 5' is no amount: 'XBT' is no currency"),
        ("$5 EUR", "'$5 EUR' is no amount: '$' and 'EUR' are two currencies"),
        ("€5 $", "'€5 $' is no amount: '€' and '$' are two currencies"),
        ("5%", "'5%' is no amount, but a percentage"),
        ("abc", "'abc' is no number"),
        ("1,23", "'1,23' is no number like 1,234.56, as its column is written"),
        ("1.234,56", "'1.234,56' is no number like 1,234.56, as its column is written"),
        ("12,345,67", "'12,345,67' is no number"),
        ("1 234'567", '"1 234\'567" is no number'),
        ("1..2", "'1..2' is no number"),
        ("$1.5.", "'$1.5.' is no number"),
        ("1'200.-", '"1\'200.-" is no number'),
        ("(5", "'(5' is no number"),
        ("(-5)", "'(-5)' is no number"),
        ("--5", "'--5' is no number"),
        ("5 + 5", "'5 + 5' is no number"),
        ("0x1F", "'0x1F' is no number"),
        ("1_000", "'1_000' is no number"),
        ("\u0665", "'\u0665' is no number"),
        ("=5", "'=5' is no number"),
        ("%5", "'%5' is no amount: '%' is no currency"),
        ("inf", "'inf' is no number"),
        (
            "1" * 25,
            f"'{'1' * 25}' has more than 24 digits before the decimal point, or 40 after it",
        ),
        ("1e24", "'1e24' has more than 24 digits before the decimal point, or 40 after it"),
        ("1e-41", "'1e-41' has more than 24 digits before the decimal point, or 40 after it"),
        ("5" + " " * 70 + "x", f"{'5' + ' ' * 39!r}… is no number"),
        (True, "True is no number"),
        (float("inf"), "inf is no number"),
        (Decimal("-Infinity"), "-Infinity is no number"),
        (5e-324, "5e-324 has more than 24 digits before the decimal point, or 40 after it"),
        (10**24, f"{10**24} has more than 24 digits before the decimal point, or 40 after it"),
        ([5], "<list> is no number"),
        ({}, "<dict> is no number"),
        (np.int64(5), "<int64> is no number"),
    ],
    ids=lambda value: None if isinstance(value, int) else repr(value),
)
def test_no_amount(cell, fact):
    assert priced(cell, style=POINT) == [(BadCell(fact), None)]


def test_a_number_of_thousands_of_digits_is_none():
    assert amounts(10**5000) == [BadCell("<int too long to show> is no number")]


class _Count(IntEnum):
    TWO = 2


def test_numbers_of_programs_are_what_they_are():
    cells = [5, -5, 0, 2**70, 0.1, -22700.5, 0.0, 1e-7, 1e16, Decimal("1.50"), Decimal("-0")]
    assert amounts(*cells, style=COMMA) == [
        *(Decimal(5), Decimal(-5), Decimal(0), Decimal(2**70)),
        *(Decimal("0.1"), Decimal("-22700.5"), Decimal(0), Decimal("1e-7"), Decimal("1e16")),
        *(Decimal("1.50"), Decimal(0)),
    ]
    assert amounts(np.float64(0.1), np.str_("1.5"), _Count.TWO) == [
        *(Decimal("0.1"), Decimal("1.5"), Decimal(2)),
    ]


def test_what_is_unknown():
    cells = ["", " ", "Select", "n/a", "NA", "-", "\u2014", "NULL", "nan", None, float("nan")]
    cells += [Decimal("NaN"), Decimal("sNaN"), pd.NA, pd.NaT]
    assert amounts(*cells) == [None] * 15
    assert numbers(*cells) == [None] * 15


def test_cents():
    assert amounts(50000, "50000", "1,234.5", 0.5, "", "$100", cents=True) == [
        *(Decimal("500.00"), Decimal("500.00"), Decimal("12.345"), Decimal("0.005")),
        *(None, Decimal("1.00")),
    ]
    assert isinstance(amounts("1e-40", cents=True)[0], BadCell)  # 42 digits after the point


def test_one_cell_settles_the_style_of_all():
    column = settled(AmountColumn("Amount"), ["1.234", "500", "1.234,5"])
    assert column.read(["1.234", "5"])[0] == [Decimal(1234), Decimal(5)]
    assert column.notes == ("read as 1.234,56",)
    column = settled(AmountColumn("Amount"), ["1.234", "500", "12.50"])
    assert column.read(["1.234", "1,234"])[0] == [Decimal("1.234"), Decimal(1234)]
    assert column.notes == ("read as 1,234.56",)


@pytest.mark.parametrize(
    "cells", [["1.234"], ["500", "1.234"], ["22,700", "1,054", ""], ["1.234 €", 1.5]], ids=repr
)
def test_numbers_that_fit_both_styles_are_a_question(cells):
    with pytest.raises(AmbiguousColumnError) as caught:
        settled(AmountColumn("Amount"), cells)
    assert caught.value.formats == (POINT, COMMA)
    assert caught.value.hint == (
        "say which it is: Formats(numbers={'Amount': '1,234.56'})"
        " or Formats(numbers={'Amount': '1.234,56'})."
    )
    for style in (POINT, COMMA):
        assert settled(AmountColumn("Amount", style=style), cells).notes == (f"read as {style}",)


def test_numbers_that_mean_the_same_in_both_styles_are_none():
    column = settled(AmountColumn("Amount"), ["500", "1 234", "1'234", "$5", 1.5, "", "abc"])
    assert column.notes == ()


def test_where_rows_contradict_each_other_the_style_of_most_is_taken():
    column = settled(AmountColumn("Amount"), ["1,5", "1.5", "2.5", "1.234"])
    # a point fits the last three, a comma the first and the last
    assert column.read(["1,5", "1.234"])[0] == [
        BadCell("'1,5' is no number like 1,234.56, as its column is written"),
        Decimal("1.234"),
    ]
    assert column.notes == ("read as 1,234.56, which 3 of 4 cells fit",)


def test_a_blank_of_the_caller_may_be_a_number():
    words = blank_words(["999999", "?"])
    assert amounts("999999", "5", "?", blanks=words) == [None, Decimal(5), None]
    assert numbers("999999", "5", "?", blanks=words) == [None, Decimal(5), None]


def test_plain_numbers():
    assert numbers("60", "1,234.5", "60%", 0.5, "$5", "x", "1.5 %") == [
        *(Decimal(60), Decimal("1234.5"), Decimal("0.60"), Decimal("0.5")),
        BadCell("'$5' is no plain number, but an amount of money"),
        BadCell("'x' is no number"),
        Decimal("0.015"),
    ]
    assert numbers("1.234,5", "7,5%") == [Decimal("1234.5"), Decimal("0.075")]


def test_numbers_in_percent():
    found = numbers("60", "60%", 0.5, "", 1000, percent=True)
    assert found == [Decimal("0.6"), Decimal("0.6"), Decimal("0.005"), None, Decimal(10)]


def test_the_scale_is_settled_for_the_column():
    column = settled(NumberColumn("Chance", percent=None), ["1", "60", "0", "5%", "", 100])
    assert column.read(["1", "60", "0", "5%", "0.5"]) == [
        *(Decimal("0.01"), Decimal("0.6"), Decimal(0), Decimal("0.05")),
        BadCell("'0.5' is not a percentage, from 1 to 100, as its column holds"),
    ]
    assert column.notes == ("read as a percentage, from 1 to 100",)
    column = settled(NumberColumn("Chance", percent=None), ["1", "0.6", 0.25, "", "x"])
    assert column.read(["1", "0.6", "60"]) == [
        *(Decimal(1), Decimal("0.6")),
        BadCell("'60' is not a share, from 0 to 1, as its column holds"),
    ]


def test_a_column_of_0_and_1_is_a_question():
    with pytest.raises(AmbiguousColumnError) as caught:
        settled(NumberColumn("Chance", percent=None), ["0", "1"])
    assert caught.value.formats == ("percent", "share")
    assert caught.value.rows == (2,)
    assert "Formats(percentages={'Chance': 'percent'})" in caught.value.hint


def test_the_scale_of_numbers_with_a_decimal_comma():
    column = settled(NumberColumn("Chance", percent=None), ["0,5", "12,5%", "0,25", "1.5"])
    assert column.read(["0,5", "1.5"]) == [
        Decimal("0.5"),
        BadCell("'1.5' is no number like 1.234,56, as its column is written"),
    ]


@pytest.mark.usefixtures("hostile_context")
def test_no_context_of_the_caller_changes_a_number():
    assert amounts("1,234,567.891", 12345678, 0.1234567, "$1,234.5") == [
        *(Decimal("1234567.891"), Decimal(12345678), Decimal("0.1234567"), Decimal("1234.5")),
    ]
    assert amounts(123456789, cents=True) == [Decimal("1234567.89")]
    assert numbers("12.3456789%") == [Decimal("0.123456789")]
