"""Money: exact, in one currency, never a float."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from salesflow import Money
from salesflow.errors import (
    AmountError,
    FloatAmountError,
    MixedCurrencyError,
    UnknownCurrencyError,
)
from salesflow.money import EXACT, divide, minor_unit

LONGEST = "9" * 24 + "." + "9" * 40


class Count:
    """An integer of another library, as numpy's are."""

    def __index__(self) -> int:
        return 7


class Priced(BaseModel):
    """A user's own model that holds Money."""

    price: Money


@pytest.mark.parametrize(
    ("given", "amount"),
    [
        ("12.50", "12.50"),
        ("-0.01", "-0.01"),
        ("+3", "3"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1e3", "1000"),
        (12, "12"),
        (-(10**23), "-" + "1" + "0" * 23),
        (Decimal("0.1"), "0.1"),
        (Count(), "7"),
        (LONGEST, LONGEST),
    ],
)
def test_takes_texts_integers_and_decimals(given, amount):
    assert Money(given, "EUR").amount == Decimal(amount)


def test_a_negative_zero_is_zero():
    assert str(Money("-0.00", "EUR").amount) == "0.00"


@pytest.mark.parametrize("amount", [12.5, 0.0, float("nan"), float("inf"), -1e300])
def test_a_float_is_refused_and_the_text_of_it_hinted(amount):
    with pytest.raises(FloatAmountError, match=r"a float is not exact\n\nHint: .*'.*'\.") as caught:
        Money(amount, "EUR")
    assert caught.value.hint == f"give a string or a Decimal: '{amount}'."
    assert caught.value.amount is amount


@pytest.mark.parametrize(
    "amount",
    [
        "1,234.50",
        "1.234,50",
        "",
        " 1",
        "1 ",
        "1_000",
        "١٢",
        "NaN",
        "Infinity",
        "0x1",
        "1e1000",
        "€5",
    ],
)
def test_other_texts_are_refused(amount):
    with pytest.raises(AmountError, match="it is no plain decimal number") as caught:
        Money(amount, "EUR")
    assert caught.value.hint == "write digits with a decimal point, like '1234.50'."


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_decimals_that_are_no_numbers_are_refused(amount):
    with pytest.raises(AmountError, match=f"cannot take amount {amount}: it is not a finite"):
        Money(Decimal(amount), "EUR")


@pytest.mark.parametrize("amount", [True, None, b"1", [], 1j, Money(1, "EUR")])
def test_what_is_no_number_is_refused(amount):
    with pytest.raises(AmountError, match="is not a decimal number") as caught:
        Money(amount, "EUR")
    assert caught.value.hint == "give a str, an int or a Decimal."


@pytest.mark.parametrize("amount", ["1e24", "9" * 25, 10**24, "1e-41", "0." + "0" * 40 + "1"])
def test_amounts_beyond_the_limits_are_refused(amount):
    with pytest.raises(AmountError, match=r"too many digits\n\nHint: at most 24 digits before"):
        Money(amount, "EUR")


def test_a_currency_in_small_letters_hints_at_the_code():
    with pytest.raises(UnknownCurrencyError, match="cannot use currency 'eur'") as caught:
        Money(1, "eur")
    assert caught.value.hint.startswith("did you mean 'EUR'")
    assert caught.value.currency == "eur"


@pytest.mark.parametrize("code", ["EURO", "ZZZ", "", None, 978, ["EUR"]])
def test_codes_that_iso_does_not_list_are_refused(code):
    with pytest.raises(UnknownCurrencyError, match="ISO 4217 does not list it"):
        Money(1, code)


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("1234567.5", "JPY", "1234568"),
        ("0.5", "JPY", "1"),
        ("0.4999", "JPY", "0"),
        ("0.125", "EUR", "0.13"),
        ("0.135", "EUR", "0.14"),
        ("-0.125", "EUR", "-0.13"),
        ("0.12499", "EUR", "0.12"),
        ("1.2345", "BHD", "1.235"),
        ("1.23445", "BHD", "1.234"),
        ("0.00005", "CLF", "0.0001"),
        ("1.23456789", "XXX", "1.23456789"),
        ("1.23456789", "XAU", "1.23456789"),
        (LONGEST.replace("9", "4"), "EUR", "4" * 24 + ".44"),
    ],
)
def test_rounds_half_up_to_the_minor_unit(amount, currency, rounded):
    assert str(Money(amount, currency).round().amount) == rounded


def test_rounding_past_the_largest_amount_is_refused():
    with pytest.raises(AmountError, match="too many digits"):
        Money(LONGEST, "EUR").round()


@pytest.mark.parametrize(
    ("currency", "digits"), [("JPY", 0), ("EUR", 2), ("BHD", 3), ("XXX", None)]
)
def test_minor_units(currency, digits):
    assert minor_unit(currency) == digits


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money("1234567", "JPY"), "JPY 1,234,567"),
        (Money(12, "EUR"), "EUR 12.00"),
        (Money("0.125", "EUR"), "EUR 0.125"),
        (Money("-1234.5", "BHD"), "BHD -1,234.500"),
        (Money("1e3", "EUR"), "EUR 1,000.00"),
        (Money(5, "XXX"), "XXX 5"),
    ],
)
def test_prints_the_exact_amount(money, text):
    assert str(money) == text


def test_the_repr_makes_the_money_again():
    assert repr(Money("1e3", "EUR")) == "Money('1000', 'EUR')"
    assert repr(Money("0.1", "EUR")) == "Money('0.1', 'EUR')"


def test_arithmetic():
    ten, three = Money(10, "EUR"), Money("3.50", "EUR")
    assert ten + three == Money("13.50", "EUR")
    assert ten - three == Money("6.5", "EUR")
    assert 3 * three == three * 3 == Money("10.5", "EUR")
    assert three * Decimal("0.1") == Money("0.35", "EUR")
    assert ten / 4 == Money("2.5", "EUR")
    assert -three == Money("-3.5", "EUR")
    assert abs(-three) == three
    assert sum([ten, three], Money.zero("EUR")) == Money("13.5", "EUR")


def test_a_quotient_has_28_digits_rounded_half_up():
    assert (Money(2, "EUR") / 3).amount == Decimal("0." + "6" * 27 + "7")


def test_a_tiny_quotient_has_at_most_28_decimals():
    assert (Money("1e-20", "EUR") / 3).amount == Decimal("3.3333333e-21")
    assert str(divide(Decimal("1e-40"), Decimal(3))) == "0E-28"


def test_a_quotient_is_rounded_once():
    # 206.24133005 / 7460 = 0.0276462908914209115281501340 48257...; rounded to 28 digits first,
    # it would end in 13405, and then in 1341.
    quotient = Money("206.24133005", "EUR") / 7460
    assert str(quotient.amount) == "0.0276462908914209115281501340"


@pytest.mark.parametrize("amount", [1, 0, -1])
def test_dividing_by_zero_is_the_error_of_any_number(amount):
    with pytest.raises(ZeroDivisionError, match=f"cannot divide {amount} by zero"):
        Money(amount, "EUR") / 0


def test_comparison():
    small, large = Money("1.0", "EUR"), Money(2, "EUR")
    assert small < large
    assert small <= Money("1.00", "EUR")
    assert large > small
    assert large >= large  # noqa: PLR0124 - equal amounts
    assert not large < small
    assert not large <= small


def test_equal_amounts_are_equal_and_hash_alike_whatever_their_zeros():
    assert Money("1.0", "EUR") == Money("1.00", "EUR")
    assert hash(Money("1.0", "EUR")) == hash(Money("1.00", "EUR"))
    assert Money(1, "EUR") != Money(1, "USD")
    assert Money(1, "EUR") != 1


OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "compare": lambda a, b: a < b,
    "compare two": lambda a, b: a <= b,
}


@pytest.mark.parametrize("verb", OPERATIONS)
def test_two_currencies_never_mix(verb):
    fact = f"cannot {verb.split()[0]} EUR and USD: they are two currencies"
    with pytest.raises(MixedCurrencyError, match=fact) as caught:
        OPERATIONS[verb](Money(50, "EUR"), Money(50, "USD"))
    assert caught.value.currencies == ("EUR", "USD")
    assert "Rates.convert" in caught.value.hint


@pytest.mark.parametrize("verb", OPERATIONS)
@pytest.mark.parametrize("other", [1, Decimal(1), "1.0", None])
def test_money_and_a_bare_number_never_mix(verb, other):
    with pytest.raises(TypeError, match=r"not supported|unsupported operand"):
        OPERATIONS[verb](Money(1, "EUR"), other)


@pytest.mark.parametrize("factor", [0.5, float("nan")])
def test_a_float_factor_is_refused(factor):
    with pytest.raises(FloatAmountError, match="a float is not exact"):
        Money(1, "EUR") * factor
    with pytest.raises(FloatAmountError, match="a float is not exact"):
        Money(1, "EUR") / factor


def test_money_times_money_is_refused():
    with pytest.raises(AmountError, match="Money is not a decimal number"):
        Money(2, "EUR") * Money(2, "EUR")


def test_sums_and_products_past_the_limits_are_refused_not_rounded():
    with pytest.raises(AmountError, match="too many digits"):
        Money("9" * 24, "EUR") + Money(1, "EUR")
    with pytest.raises(AmountError, match="too many digits"):
        Money(LONGEST, "EUR") * Decimal(LONGEST)
    with pytest.raises(AmountError, match="too many digits"):
        Money("0." + "3" * 40, "EUR") * Decimal("0.3")


def test_money_cannot_change():
    with pytest.raises(AttributeError):
        Money(1, "EUR").amount = Decimal(2)


@pytest.mark.usefixtures("hostile_context")
class TestUnderAHostileContext:
    """The caller's decimal context changes no number."""

    def test_sums(self):
        total = Money("1234567.123456", "EUR") + Money("0.000001", "EUR")
        assert repr(total) == "Money('1234567.123457', 'EUR')"
        assert repr(total - Money("0.000007", "EUR")) == "Money('1234567.123450', 'EUR')"

    def test_products_and_quotients(self):
        assert repr(Money("1234567.891", "EUR") * 3) == "Money('3703703.673', 'EUR')"
        assert repr(Money(2, "EUR") / 3) == f"Money('0.{'6' * 27}7', 'EUR')"

    def test_rounding(self):
        assert repr(Money("123456.7895", "BHD").round()) == "Money('123456.790', 'BHD')"

    def test_signs_and_zeros(self):
        assert repr(-Money("1234567.891", "EUR")) == "Money('-1234567.891', 'EUR')"
        assert repr(abs(Money("-1234567.891", "EUR"))) == "Money('1234567.891', 'EUR')"
        assert repr(Money("-0.000000", "EUR")) == "Money('0.000000', 'EUR')"

    def test_comparison(self):
        assert Money("1234567.123456", "EUR") < Money("1234567.123457", "EUR")

    def test_printing(self):
        assert str(Money("1234567.123456", "EUR")) == "EUR 1,234,567.123456"

    def test_json(self):
        money = Money("1234567.123456", "EUR")
        text = '{"price":{"amount":"1234567.123456","currency":"EUR"}}'
        assert Priced(price=money).model_dump_json() == text


def test_our_own_context_traps_a_lost_digit():
    assert EXACT.prec >= 128, "a product of two amounts of 64 digits"


class TestInModels:
    """Money inside a user's pydantic model."""

    def test_from_json(self):
        loaded = Priced.model_validate_json('{"price": {"amount": "12.50", "currency": "EUR"}}')
        assert loaded.price == Money("12.50", "EUR")

    def test_from_money(self):
        price = Money(1, "EUR")
        assert Priced(price=price).price is price

    @pytest.mark.parametrize("amount", ["1e3", "-.5", "100000000000000000000000"])
    def test_json_has_plain_digits(self, amount):
        dumped = Priced(price=Money(amount, "EUR")).model_dump(mode="json")
        assert dumped["price"]["amount"].strip("-").replace(".", "").isdigit()
        assert Priced.model_validate(dumped) == Priced(price=Money(amount, "EUR"))

    @pytest.mark.parametrize(
        "price",
        [
            12,
            "12 EUR",
            None,
            ["1", "EUR"],
            {},
            {"amount": "1"},
            {"amount": "1", "currency": "EUR", "vat": "0"},
        ],
    )
    def test_other_shapes_are_refused(self, price):
        with pytest.raises(ValidationError, match="Money, or an object of exactly amount and"):
            Priced.model_validate({"price": price})

    @pytest.mark.parametrize(
        ("amount", "currency", "code"),
        [
            (1.5, "EUR", "float-amount"),
            ("1,5", "EUR", "invalid-amount"),
            (None, "EUR", "invalid-amount"),
            ("1", "eur", "unknown-currency"),
        ],
    )
    def test_faults_have_our_codes(self, amount, currency, code):
        with pytest.raises(ValidationError, match="cannot") as caught:
            Priced.model_validate({"price": {"amount": amount, "currency": currency}})
        assert caught.value.errors()[0]["type"] == code

    def test_json_schema(self):
        shape = Priced.model_json_schema()["properties"]["price"]
        assert shape["properties"].keys() == {"amount", "currency"}
        assert shape["required"] == ["amount", "currency"]
        assert shape["additionalProperties"] is False
