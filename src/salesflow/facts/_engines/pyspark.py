"""Frames of Spark."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from salesflow.facts._engines import _sql
from salesflow.facts._engines.columns import LARGEST, Raw

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


LARGEST_EXACT = LARGEST
"""Medians are floats, and Spark has no other exact way: larger ones are refused."""


def kind_of(frame: "DataFrame", column: str) -> str | None:
    """What a column holds whose type narwhals does not tell."""
    return "unknown" if frame.schema[column].dataType.typeName() == "void" else None


def prepare(frame: "DataFrame", columns: Sequence[Raw]) -> "DataFrame":
    """The columns, read."""
    for parts in _sql.read(columns, _sql.Dialect(_quote, _instant, _day, _places)):
        frame = frame.selectExpr(*(f"{sql} as {_quote(name)}" for name, sql in parts))
    return frame


def _quote(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _day(column: str) -> str:
    return f"unix_date(cast({column} as date))"


def _instant(column: str, zone: str | None) -> str:
    if zone is None:
        return f"unix_micros({column})"
    # A time without a zone must not pass through the zone of the session.
    told = column if zone == "UTC" else f"convert_timezone('{zone}', 'UTC', {column})"
    hours = f"unix_date(to_date({told})) * 24L + hour({told})"
    seconds = f"(({hours}) * 60L + minute({told})) * 60L"
    return f"({seconds}) * 1000000L + cast(extract(second from {told}) * 1000000 as bigint)"


def _places(column: str, few: Mapping[str, int]) -> str:
    codes = ((n, [code for code, places in few.items() if places == n]) for n in set(few.values()))
    texts = ((n, ", ".join(f"'{code}'" for code in listed)) for n, listed in codes)
    cases = (f"when {column} in ({listed}) then {n}" for n, listed in texts)
    return f"case {' '.join(cases)} end"


def share(frame: "DataFrame") -> "DataFrame":
    """The rows; what parts of the query share is not kept, as nothing must run yet."""
    return frame


def numbers(frame: "DataFrame", n: int) -> "DataFrame":
    """The numbers from 0 on, as a frame of one column."""
    return frame.sparkSession.range(n).withColumnRenamed("id", "number")


def middles(frame: "DataFrame", keys: Sequence[str], column: str, *, is_large: bool) -> "DataFrame":
    """The two values in the middle of each group; Spark has them as floats."""
    del is_large
    from pyspark.sql import functions as spark

    name = _quote(column)
    low = spark.expr(f"percentile_disc(0.5) within group (order by {name})")
    high = spark.expr(f"percentile_disc(0.5) within group (order by {name} desc)")
    found = frame.groupBy(*map(_quote, keys)).agg(low.alias("low"), high.alias("high"))
    return found.filter("low is not null")


def fetch(frame: "DataFrame") -> list[tuple[Any, ...]]:
    """The rows of the answer."""
    return [tuple(row) for row in frame.collect()]
