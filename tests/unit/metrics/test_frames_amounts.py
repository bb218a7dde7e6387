"""Money in frames: exact whatever type holds it, or refused."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesflow import Money, metrics
from salesflow.errors import ColumnError, MixedCurrencyError, UnknownCurrencyError
from tests.shorthand import NOW
from tests.tables import FRAMES, framed

D = Decimal

every_frame = pytest.mark.parametrize("kind", FRAMES)

TOO_LONG = "column 'amount' holds amounts of too many digits, in {} rows"
TOO_LONG_ONE = "column 'amount' holds amounts of too many digits, in 1 row"
ROUNDED = "{} amounts have digits beyond the minor unit, and are rounded half up to it"
ROUNDED_ONE = "1 amount has digits beyond the minor unit, and is rounded half up to it"


def won(amounts, kind=None, **columns):
    import pyarrow as pa

    n = len(amounts)
    held = pa.array(amounts, kind) if kind is not None else amounts
    return {"outcome": ["won"] * n, "closed_at": [date(2026, 1, 5)] * n, "amount": held, **columns}


def size(columns, kind, **options):
    return metrics.average_deal_size(framed(columns, kind), **options)


def refused(columns, kind):
    with pytest.raises(ColumnError) as caught:
        size(columns, kind)
    assert caught.value.column == "amount"
    return caught.value.faults


# Decimals and integers.


@every_frame
@pytest.mark.parametrize(
    ("digits", "scale", "amounts"),
    [
        (5, 2, ["1.25", "100.00", "-3.50"]),
        (18, 3, ["1.005", "2.1", "999999999999999.999"]),
        (18, 18, ["0.000000000000000001", "0.5"]),
        (10, 10, ["0.0000000001", "0.5"]),
        (38, 0, ["100000000000000000", "-100000000000000000", "3"]),
        (38, 2, ["1000000000000000.00", "9999999999999999.99"]),
        (38, 18, ["1.25", "2.1", "0.000001"]),
        (38, 18, ["123456789012.123456", "-0.5"]),
    ],
)
def test_decimals_are_added_up_as_they_are(kind, digits, scale, amounts):
    import pyarrow as pa

    decimals = [*map(D, amounts)]
    found = size(won([*decimals, None], pa.decimal128(digits, scale)), kind)
    assert found.total.amount == sum(decimals)
    assert (found.n_priced, found.n_unpriced, found.notes) == (len(amounts), 1, ())
    ordered = sorted(decimals)
    middle = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    assert found.median.amount == middle


@every_frame
def test_a_decimal_that_would_lose_digits_is_refused(kind):
    import pyarrow as pa

    long = pa.decimal128(38, 18)
    assert refused(won([D("1.000000000000000001"), D(2)], long), kind) == (TOO_LONG_ONE,)
    assert refused(won([D(10) ** 19, D(10) ** 19], pa.decimal128(38, 0)), kind) == (
        TOO_LONG.format(2),
    )
    # 18 digits are read, and no more.
    largest = D(10) ** 18 - 1
    assert size(won([largest, -largest], pa.decimal128(38, 0)), kind).total.amount == 0


@every_frame
@pytest.mark.parametrize("kind_of", ["int8", "int16", "int32", "int64", "uint8", "uint64"])
def test_integers_are_added_up_as_they_are(kind, kind_of):
    import pyarrow as pa

    found = size(won([100, 27, 100], getattr(pa, kind_of)()), kind)
    assert (found.total.amount, found.median.amount, found.notes) == (227, 100, ())
    with_none = size(won([100, None, 27], getattr(pa, kind_of)()), kind)
    assert (with_none.total.amount, with_none.n_unpriced) == (127, 1)


@every_frame
def test_integers_of_more_than_18_digits_are_refused(kind):
    import pyarrow as pa

    assert refused(won([2**62, 2**62, 5], pa.int64()), kind) == (TOO_LONG.format(2),)
    assert refused(won([2**63 + 1, 5], pa.uint64()), kind) == (TOO_LONG_ONE,)
    fine = 10**18 - 1
    assert size(won([fine, -fine, fine]), kind).total.amount == fine


@every_frame
def test_sums_leave_64_bits_exactly(kind):
    import pyarrow as pa

    n, amount = 300, 9 * 10**16 + 7
    assert n * amount > 2**63
    found = size(won([amount] * n, pa.decimal128(18, 0)), kind)
    assert found.total.amount == n * amount
    assert size(won([amount] * n), kind).total.amount == n * amount
    cents = [D("8999999999999999.99")] * n
    found = size(won(cents, pa.decimal128(18, 2)), kind)
    assert (found.total.amount, found.median.amount) == (n * cents[0], cents[0])


@every_frame
@settings(max_examples=25)
@given(st.lists(st.integers(-(10**18) + 1, 10**18 - 1), min_size=1, max_size=7), st.integers(0, 18))
def test_any_decimals_are_added_up_exactly(kind, units, scale):
    import pyarrow as pa

    amounts = [D(unit).scaleb(-scale) for unit in units]
    found = size(won(amounts, pa.decimal128(18, scale)), kind)
    assert found.total.amount == sum(map(D, units)).scaleb(-scale)
    ordered = sorted(units)
    n = len(ordered)
    assert found.median.amount == D(ordered[(n - 1) // 2] + ordered[n // 2]).scaleb(-scale) / 2


# Floats.


@every_frame
def test_floats_become_minor_units_rounded_half_up(kind):
    found = size(won([1.005, 2.675, 0.125, -0.125, -1.0, 3.0, None]), kind, currency="EUR")
    # 1.01 + 2.68 + 0.13 - 0.13 - 1.00 + 3.00; as floats, 1.005 and 2.675 are a little less
    assert found.total == Money("5.69", "EUR")
    assert found.notes == (ROUNDED.format(4),)
    assert found.n_priced == 6


@every_frame
def test_binary_noise_is_no_digit(kind):
    found = size(won([0.1 + 0.2, 1.1 * 3, 4.35 * 100]), kind, currency="EUR")
    assert (found.total, found.notes) == (Money("438.60", "EUR"), ())


@every_frame
@pytest.mark.parametrize(
    ("currency", "total", "n_rounded"),
    [
        ("EUR", "6.25", 2),  # 1.50 + 2.13 + 2.62 of 2.625, half up of 2.63
        ("JPY", "7", 3),  # 2 + 2 + 3
        ("KWD", "6.250", 0),  # 1.500 + 2.125 + 2.625
        (None, "6.25", 2),
        ("XAU", "6.25", 2),  # gold has no minor unit: hundredths, as where nobody says
    ],
)
def test_the_minor_unit_is_that_of_the_currency(kind, currency, total, n_rounded):
    expected = D(total) if currency != "EUR" and n_rounded != 2 else D("6.26")
    found = size(won([1.5, 2.125, 2.625]), kind, currency=currency)
    assert found.total == Money(expected, currency or "XXX")
    assert found.notes == ((ROUNDED.format(n_rounded),) if n_rounded else ())


@every_frame
def test_the_minor_unit_of_each_currency_where_a_column_tells_it(kind):
    codes = ["JPY", "KWD", "EUR", "CLF", None, "JPY"]
    columns = won([1.5, 1.0015, 2.555, 3.12345, 0.005, None], currency=codes)
    found = metrics.average_deal_size(framed(columns, kind), by="currency")
    totals = {"JPY": "2", "KWD": "1.002", "EUR": "2.56", "CLF": "3.1235", None: "0.01"}
    assert {key: one.total for key, one in found.items()} == {
        key: Money(total, key or "XXX") for key, total in totals.items()
    }
    assert found.notes == (ROUNDED.format(5),)
    assert found["JPY"].n_unpriced == 1


@every_frame
def test_an_amount_of_no_currency_has_that_of_the_call(kind):
    yen = size(won([1.5, 2.0], currency=["JPY", None]), kind, currency="JPY")
    assert (yen.total, yen.notes) == (Money(4, "JPY"), (ROUNDED_ONE,))
    nobody = size(won([1.5, 2.0], currency=[None, None]), kind, currency="JPY")
    assert nobody.total == Money(4, "JPY")
    import pyarrow as pa

    blank = size(won([1.5, 2.0], currency=pa.nulls(2)), kind, currency="KWD")
    assert (blank.total, blank.notes) == (Money("3.5", "KWD"), ())
    assert size(won([1.5], currency=[None]), kind).total == Money("1.5", "XXX")


@every_frame
def test_currencies_are_not_added_up(kind):
    import pyarrow as pa

    columns = won([1, 2, 3], currency=pa.array(["EUR", "USD", "EUR"]).dictionary_encode())
    with pytest.raises(MixedCurrencyError, match="EUR and USD"):
        size(columns, kind)
    found = metrics.average_deal_size(framed(columns, kind), by="currency")
    assert {key: one.total for key, one in found.items()} == {
        "EUR": Money(4, "EUR"),
        "USD": Money(2, "USD"),
    }
    with pytest.raises(UnknownCurrencyError, match="'eur'"):
        size(won([1], currency=["eur"]), kind)


@every_frame
def test_nan_is_unknown_and_inf_is_refused(kind):
    found = size(won([float("nan"), None, 1.0]), kind)
    assert (found.total.amount, found.n_priced, found.n_unpriced) == (1, 1, 2)
    for amounts in ([float("inf"), 1.0], [1.0, float("-inf")], [1e14, 1.0], [1e300, 1.0]):
        assert refused(won(amounts), kind) == (TOO_LONG_ONE,)


@every_frame
def test_large_floats_are_exact_or_refused(kind):
    # 2**52 cents: beyond, a cent and a half is no float.
    cents = [2**52 - 1, 2**52 - 2, -(2**52) + 1, 2**51 + 1]
    found = size(won([cent / 100 for cent in cents]), kind)
    assert (found.total.amount, found.notes) == (D(sum(cents)) / 100, ())
    assert refused(won([(2**52 + 1) / 100, 1.0]), kind) == (TOO_LONG_ONE,)


@every_frame
def test_short_floats(kind):
    import pyarrow as pa

    found = size(won([0.5, 100.25, None], pa.float32()), kind, currency="EUR")
    assert (found.total, found.notes) == (Money("100.75", "EUR"), ())


@every_frame
def test_zero_and_negative_amounts_count(kind):
    import pyarrow as pa

    for held in (None, pa.decimal128(10, 2), pa.float64()):
        found = size(won([-5, 0, 1], held), kind)
        assert (found.total.amount, found.median.amount, found.n_priced) == (-4, 0, 3)


# Objects of Python in pandas.


def of_objects(*amounts):
    import pandas as pd

    frame = pd.DataFrame({"outcome": ["won"] * len(amounts)})
    days = pd.Series([date(2026, 1, 5)] * len(amounts), dtype=object)
    return frame.assign(closed_at=days, amount=pd.Series([*amounts], dtype=object))


@pytest.mark.parametrize(
    ("amounts", "total", "n_priced"),
    [
        ((D("1.5"), D("NaN"), None, float("nan"), D("1E+3")), "1001.5", 2),
        ((D("0.000000000000000001"), D("0.5")), "0.500000000000000001", 2),
        ((1, None, 10**17), "100000000000000001", 2),
        ((1, None, 1.5), "2.50", 2),
        ((None, None), "0", 0),
        ((D(0), D("-0.00")), "0", 2),
    ],
)
def test_amounts_that_are_objects(amounts, total, n_priced):
    found = metrics.average_deal_size(of_objects(*amounts))
    assert (found.total.amount, found.n_priced) == (D(total), n_priced)


@pytest.mark.parametrize(
    "amounts",
    [(D("1.5"), D("Infinity")), (D("1.5"), D("1E+30")), (1, 10**20), (D("1E-19"), D(1))],
)
def test_objects_of_too_many_digits_are_refused(amounts):
    with pytest.raises(ColumnError) as caught:
        metrics.average_deal_size(of_objects(*amounts))
    assert caught.value.faults == (TOO_LONG_ONE,)


@pytest.mark.parametrize("amounts", [(D("1.5"), 1, 2.5), ("1", "2"), (True, False), ([1], [2])])
def test_objects_that_are_no_numbers_are_refused(amounts):
    with pytest.raises(ColumnError, match=r"column 'amount' holds .*, no numbers"):
        metrics.average_deal_size(of_objects(*amounts))


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "int64[pyarrow]", "double[pyarrow]"])
def test_nullable_types_of_pandas(dtype):
    import pandas as pd

    frame = of_objects(None, None, None).assign(amount=pd.Series([1, None, 3], dtype=dtype))
    found = metrics.average_deal_size(frame)
    assert (found.total.amount, found.n_priced, found.median.amount) == (4, 2, 2)


# Weighing.


@every_frame
def test_weights_are_rounded_to_the_minor_unit_row_by_row(kind):
    columns = {
        "outcome": ["open"] * 4,
        "created_at": [date(2026, 1, 1)] * 4,
        "closed_at": [None] * 4,
        "amount": [D("0.05"), D("0.05"), D("-0.05"), D("3.00")],
        "probability": [0.5, 0.1, 0.5, 1 / 3],
        "expected_close_on": [date(2026, 1, 9)] * 4,
    }
    import pyarrow as pa

    columns["closed_at"] = pa.array([None] * 4, pa.date32())
    found = metrics.weighted_pipeline(framed(columns, kind), as_of=NOW, currency="EUR")
    # 0.03 of 0.025, 0.01 of 0.005, -0.03 of -0.025, 1.00 of 3 × 0.333333
    assert found.total == Money("1.01", "EUR")
    yen = framed(columns | {"amount": [5, 5, -5, 3]}, kind)
    # 3 of 2.5, 1 of 0.5, -3 of -2.5, 1 of 0.999999
    assert metrics.weighted_pipeline(yen, as_of=NOW, currency="JPY").total == Money(2, "JPY")


@every_frame
def test_amounts_too_large_to_weigh_are_refused(kind):
    import pyarrow as pa

    columns = {
        "outcome": ["open"],
        "created_at": [date(2026, 1, 1)],
        "closed_at": pa.array([None], pa.date32()),
        "amount": [10**17],
        "probability": [0.5],
        "expected_close_on": [date(2026, 1, 9)],
    }
    with pytest.raises(ColumnError, match="'amount' holds amounts too large to weigh, in 1 row"):
        metrics.weighted_pipeline(framed(columns, kind), as_of=NOW)
