"""What narwhals does wrong, or does not do, in ways that we go round.

Each test asserts the right behaviour and is expected to fail. One that passes says that the fault
is mended upstream, and with it the reason to go round it: look for it in DESIGN's traps of the
engines, and in `salesflow.facts`.
"""

import warnings
from datetime import UTC, datetime
from typing import Any

import pytest

from salesflow._narwhals import nw
from tests.libraries import connection, spark

TWO = {"deal": ["A", "A", "B"], "kind": ["won", "lost", "won"], "n": [1, 2, 4]}
TIMES = {
    "at": [datetime(2026, 1, 5, 9, 30, tzinfo=UTC)],
    "since": [datetime(2026, 1, 5, tzinfo=UTC)],
}


def fault(reason: str) -> Any:
    return pytest.mark.xfail(strict=True, reason=f"narwhals 2.29: {reason}")


def frame(library: str, data: dict[str, list[Any]]) -> Any:
    """A narwhals frame of a library."""
    pa = pytest.importorskip("pyarrow")
    table = pa.table(data)
    if library == "pandas":
        return nw.from_native(table.to_pandas())
    if library == "pandas-numpy":
        return nw.from_native(pytest.importorskip("pandas").DataFrame(data))
    if library == "duckdb":
        return nw.from_native(connection().from_arrow(table))
    if library == "pyspark":
        return nw.from_native(spark().createDataFrame(table))
    return nw.from_native(table)


def values(result: Any, name: str, by: str | None = None) -> list[Any]:
    """A column, in the order of another one."""
    found = result.collect("pyarrow") if isinstance(result, nw.LazyFrame) else result
    return list((found if by is None else found.sort(by))[name].to_list())


class TestInsideOfAGroupedAggregation:
    @fault("when/then inside of it is left out, silently: 3 for A")
    @pytest.mark.parametrize("library", ["pandas", "pyarrow"])
    def test_when_then(self, library):
        won = nw.when(nw.col("kind") == "won").then(nw.col("n")).otherwise(0).sum().alias("n")
        assert values(frame(library, TWO).group_by("deal").agg(won), "n", "deal") == [1, 4]

    @fault("PyArrow refuses a filter inside of it")
    def test_filter_of_pyarrow(self):
        won = nw.col("n").filter(nw.col("kind") == "won").sum()
        assert values(frame("pyarrow", TWO).group_by("deal").agg(won), "n", "deal") == [1, 4]

    @fault("PyArrow refuses arithmetic inside of it")
    def test_arithmetic_of_pyarrow(self):
        product = (nw.col("n") * nw.col("n")).sum().alias("n")
        assert values(frame("pyarrow", TWO).group_by("deal").agg(product), "n", "deal") == [5, 16]

    @fault("pandas takes a Python call for each group, and warns of it")
    def test_filter_of_pandas(self):
        won = nw.col("n").filter(nw.col("kind") == "won").sum()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = frame("pandas", TWO).group_by("deal").agg(won)
        assert values(found, "n", "deal") == [1, 4]


class TestPyArrow:
    @fault("PyArrow has no shift within a group")
    def test_shift_within_a_group(self):
        before = nw.col("n").shift(1).over("deal", order_by="n")
        assert values(frame("pyarrow", TWO).with_columns(x=before), "x") == [None, 1, None]

    @fault("PyArrow has no rank within a group")
    def test_rank_within_a_group(self):
        rank = nw.col("n").rank("ordinal").over("deal")
        assert values(frame("pyarrow", TWO).with_columns(x=rank), "x") == [1, 2, 1]

    @fault("the median of a group is an approximation")
    def test_median_of_a_group(self):
        data = {"deal": ["A"] * 2, "n": [1, 2]}
        found = frame("pyarrow", data).group_by("deal").agg(nw.col("n").median())
        assert values(found, "n") == [1.5]


class TestTime:
    @fault("dt.total_seconds is missing on Spark")
    def test_seconds_of_a_duration_on_spark(self):
        span = (nw.col("at") - nw.col("since")).dt.total_seconds().alias("x")
        assert values(frame("pyspark", TIMES).select(span), "x") == [34_200]

    @fault("dt.timestamp is missing")
    @pytest.mark.parametrize("library", ["duckdb", "pyspark"])
    def test_timestamp(self, library):
        stamp = nw.col("at").dt.timestamp("us").alias("x")
        assert values(frame(library, TIMES).select(stamp), "x") == [1_767_605_400_000_000]

    @fault("a cast of an instant to an integer gives seconds, not the microseconds of its type")
    def test_cast_on_spark(self):
        cast = nw.col("at").cast(nw.Int64).alias("x")
        assert values(frame("pyspark", TIMES).select(cast), "x") == [1_767_605_400_000_000]

    @fault("other zones than UTC are refused")
    @pytest.mark.parametrize("library", ["duckdb", "pyspark"])
    def test_conversion_to_a_zone(self, library):
        there = nw.col("at").dt.convert_time_zone("Asia/Seoul").dt.hour().alias("x")
        assert values(frame(library, TIMES).select(there), "x") == [18]

    @fault("days of another zone than UTC are refused")
    @pytest.mark.parametrize("library", ["duckdb", "pyspark"])
    def test_truncation_in_a_zone(self, library):
        day = nw.col("at").dt.convert_time_zone("Asia/Seoul").dt.truncate("1d").alias("x")
        [found] = values(frame(library, TIMES).select(day), "x")
        assert found == datetime(2026, 1, 4, 15, tzinfo=UTC)


@fault("replace_strict without a default is refused")
@pytest.mark.parametrize("library", ["duckdb", "pyspark"])
def test_replace_strict_without_a_default(library):
    outcomes = frame(library, {"kind": ["Won", "Lost"]})
    kinds = nw.col("kind").replace_strict({"Won": "won", "Lost": "lost"})
    assert values(outcomes.with_columns(x=kinds), "x", "kind") == ["lost", "won"]


class TestTypes:
    @fault("numpy-backed pandas cannot cast a gap to Int64")
    def test_a_gap_among_whole_numbers_of_pandas(self):
        data = frame("pandas-numpy", {"n": [1.0, None]})
        cast = data.select(nw.col("n").cast(nw.Int64))
        assert [*cast["n"].is_null()] == [False, True]

    @fault("DuckDB returns the sum of integers as Decimal")
    def test_sum_of_integers_of_duckdb(self):
        [found] = values(frame("duckdb", TWO).select(nw.col("n").sum()), "n")
        assert type(found) is int
