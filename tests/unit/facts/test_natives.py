"""One frame from columns of values, of each library."""

import sys
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from salesflow.errors import ColumnError, MissingExtraError, OptionError
from salesflow.facts.engines import engine_of
from salesflow.facts.natives import BACKENDS, frame_of
from tests.frames import columns_of, types_of

TYPES = {
    "text": "str",
    "count": "int",
    "share": "float",
    "flag": "bool",
    "seen_at": "instant",
    "due_on": "date",
    "amount": "decimal",
}
ROWS: dict[str, list[Any]] = {
    "text": ["Łódź 日本 <b>\n", None, ""],
    "count": [2**63 - 1, None, -(2**63)],
    "share": [0.1, None, -0.0],
    "flag": [True, None, False],
    "seen_at": [
        datetime(2026, 3, 1, 23, 59, 59, 999999, tzinfo=UTC),
        None,
        datetime(1971, 1, 1, tzinfo=UTC),
    ],
    "due_on": [date(2026, 2, 28), None, date(1, 1, 1)],
    "amount": [Decimal("12345678901234567890123456789012345.678"), None, Decimal("-1E+3")],
}
DTYPES = {
    "pandas": {
        "text": "object",
        "count": "Int64",
        "share": "float64",
        "flag": "boolean",
        "seen_at": "datetime64[us, UTC]",
        "due_on": "object",
        "amount": "object",
    },
    "pandas[pyarrow]": {
        "text": "string[pyarrow]",
        "count": "int64[pyarrow]",
        "share": "double[pyarrow]",
        "flag": "bool[pyarrow]",
        "seen_at": "timestamp[us, tz=UTC][pyarrow]",
        "due_on": "date32[day][pyarrow]",
        "amount": "decimal128(38, {scale})[pyarrow]",
    },
    "polars": {
        "text": "String",
        "count": "Int64",
        "share": "Float64",
        "flag": "Boolean",
        "seen_at": "Datetime(time_unit='us', time_zone='UTC')",
        "due_on": "Date",
        "amount": "Decimal(precision=38, scale={scale})",
    },
    "pyarrow": {
        "text": "string",
        "count": "int64",
        "share": "double",
        "flag": "bool",
        "seen_at": "timestamp[us, tz=UTC]",
        "due_on": "date32[day]",
        "amount": "decimal128(38, {scale})",
    },
    "duckdb": {
        "text": "VARCHAR",
        "count": "BIGINT",
        "share": "DOUBLE",
        "flag": "BOOLEAN",
        "seen_at": "TIMESTAMP WITH TIME ZONE",
        "due_on": "DATE",
        "amount": "DECIMAL(38,{scale})",
    },
    "pyspark": {
        "text": "string",
        "count": "bigint",
        "share": "double",
        "flag": "boolean",
        "seen_at": "timestamp",
        "due_on": "date",
        "amount": "decimal(38,{scale})",
    },
}
DTYPES["polars[lazy]"] = DTYPES["polars"]


def expected_types(backend: str, scale: int) -> dict[str, str]:
    return {name: kind.format(scale=scale) for name, kind in DTYPES[backend].items()}


def test_values_come_back_as_they_were(backend):
    frame = frame_of(ROWS, TYPES, backend)
    assert columns_of(frame) == ROWS
    assert types_of(frame) == expected_types(backend, 3)


@pytest.mark.parametrize("n", [0, 2], ids=["empty", "all unknown"])
def test_without_a_value_the_types_stay(backend, n):
    frame = frame_of({name: [None] * n for name in TYPES}, TYPES, backend)
    assert columns_of(frame) == {name: [None] * n for name in TYPES}
    # numpy types hold what is wholly known, and nothing is.
    is_numpy = backend == "pandas" and n == 0
    plain = {"Int64": "int64", "boolean": "bool"} if is_numpy else {}
    types = {name: plain.get(k, k) for name, k in expected_types(backend, 0).items()}
    assert types_of(frame) == types


def test_a_frame_is_of_the_library_asked_for(backend):
    frame = frame_of({"n": [1]}, {"n": "int"}, backend)
    assert engine_of(frame) == backend.partition("[")[0]
    assert (type(frame).__name__ == "LazyFrame") == (backend == "polars[lazy]")


def test_where_all_is_known_pandas_needs_no_nullable_types():
    frame = frame_of({"n": [1], "flag": [True]}, {"n": "int", "flag": "bool"}, "pandas")
    assert types_of(frame) == {"n": "int64", "flag": "bool"}


def test_an_instant_of_another_zone_is_the_same_instant(backend):
    local = datetime(2026, 1, 1, 3, tzinfo=timezone(timedelta(hours=9)))
    frame = frame_of({"seen_at": [local]}, {"seen_at": "instant"}, backend)
    assert columns_of(frame) == {"seen_at": [datetime(2025, 12, 31, 18, tzinfo=UTC)]}


def test_an_integer_is_taken_for_a_float(backend):
    frame = frame_of({"x": [1, 0.5]}, {"x": "float"}, backend)
    assert columns_of(frame) == {"x": [1.0, 0.5]}


def test_decimals_are_those_of_the_value_with_the_most(backend):
    values = [Decimal("1.50"), Decimal("2E+2"), Decimal("0.001")]
    frame = frame_of({"amount": values}, {"amount": "decimal"}, backend)
    assert columns_of(frame) == {"amount": values}
    assert types_of(frame)["amount"] == expected_types(backend, 3)["amount"]


@pytest.mark.parametrize(
    ("name", "kind", "values", "fact"),
    [
        ("n", "int", [1, 2**63], "9223372036854775808 does not fit 64 bits"),
        ("n", "int", [-(2**63) - 1], "-9223372036854775809 does not fit 64 bits"),
        ("text", "str", ["a", "\ud800"], r"'\ud800' is no Unicode text"),
        ("amount", "decimal", [Decimal(10**38)], f"{10**38} does not fit 38 digits"),
        (
            "amount",
            "decimal",
            [Decimal(10**36), None, Decimal("0.01")],
            f"{10**36}, with 2 decimals as others have, does not fit 38 digits",
        ),
        ("amount", "decimal", [Decimal("1E-39")], "39 decimals do not fit 38 digits"),
    ],
    ids=["large", "small", "surrogate", "39 digits", "37 and 2", "39 decimals"],
)
def test_what_a_type_cannot_hold_is_refused_by_name(name, kind, values, fact):
    for backend in BACKENDS:
        with pytest.raises(ColumnError) as caught:
            frame_of({name: values}, {name: kind}, backend)
        assert caught.value.message == f"cannot make column '{name}': {fact}"
        assert (caught.value.column, caught.value.faults) == (name, (fact,))


def test_38_digits_fit(backend):
    values = [Decimal(10**38 - 1), Decimal(0)]
    assert columns_of(frame_of({"a": values}, {"a": "decimal"}, backend)) == {"a": values}
    tiny = [Decimal("1E-38"), Decimal(0)]
    assert columns_of(frame_of({"a": tiny}, {"a": "decimal"}, backend)) == {"a": tiny}


@pytest.mark.parametrize("caseless", ["duckdb", "pyspark"])
def test_names_that_a_library_takes_for_one_are_refused(caseless):
    with pytest.raises(ColumnError, match=r"'custom\.Size'") as caught:
        frame_of(
            {"custom.Size": ["a"], "custom.size": ["b"]},
            {"custom.Size": "str", "custom.size": "str"},
            caseless,
        )
    assert caught.value.known == ("custom.Size", "custom.size")
    assert f"{caseless} takes it for column 'custom.Size'" in caught.value.message


def test_other_libraries_tell_them_apart():
    columns = {"Size": ["a"], "size": ["b"]}
    assert columns_of(frame_of(columns, dict.fromkeys(columns, "str"), "polars")) == columns


@pytest.mark.parametrize("backend", ["panda", None, 5, "pandas "], ids=str)
def test_an_unknown_backend_is_refused(backend):
    with pytest.raises(OptionError, match="cannot make a frame for backend") as caught:
        frame_of({}, {}, backend)
    assert (caught.value.parameter, caught.value.value) == ("backend", backend)
    assert "'pandas'" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("backend", "missing", "hint"),
    [
        ("pandas", "pandas", "pip install pandas"),
        ("pandas[pyarrow]", "pandas", "pip install pandas pyarrow"),
        ("pandas[pyarrow]", "pyarrow", "pip install pandas pyarrow"),
        ("polars", "polars", "pip install polars"),
        ("polars[lazy]", "polars", "pip install polars"),
        ("pyarrow", "pyarrow", "pip install pyarrow"),
        ("duckdb", "duckdb", "pip install duckdb pyarrow"),
        ("duckdb", "pyarrow", "pip install duckdb pyarrow"),
        ("pyspark", "pyspark", "pip install pyspark"),
    ],
)
def test_a_library_that_is_missing_is_named(monkeypatch, backend, missing, hint):
    monkeypatch.setitem(sys.modules, missing, None)
    monkeypatch.delitem(sys.modules, "pyspark.sql", raising=False)
    with pytest.raises(MissingExtraError, match=f"{missing} is not installed") as caught:
        frame_of({"n": [1]}, {"n": "int"}, backend)
    assert (caught.value.hint, caught.value.library) == (hint, missing)
    with pytest.raises(ImportError):
        raise caught.value


def test_spark_without_a_session_is_refused(monkeypatch):
    from pyspark.sql import SparkSession

    monkeypatch.setattr(SparkSession, "getActiveSession", lambda: None)
    with pytest.raises(OptionError, match="no Spark session is active") as caught:
        frame_of({"n": [1]}, {"n": "int"}, "pyspark")
    assert (caught.value.parameter, caught.value.value) == ("backend", "pyspark")
    assert "SparkSession.builder" in str(caught.value.hint)
